//! Tells which targets a change affects, by the deploy manifest (ADR-053 D3).
//!
//! Two commits are compared, every path that differs is looked up in the
//! manifest, and coupled targets are added. An error never looks like "no
//! target": the output `targets` is then absent, on which `fromJSON` fails.

mod base;
mod inputs;
mod source;
mod summary;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use action::{Context, Done, Effect, Failure, Primitive, Secret};
use bstr::BStr;
use git::{CommitId, GitError, Repository};
use manifest::{Manifest, Outcome, Owners, Selection, TargetName};

use crate::base::{Base, Bases};
pub use crate::inputs::{Inputs, Job, OnMissingBase, Unowned};
use crate::source::Source;
use crate::summary::Report;

/// git's name for the commit that is checked out.
const CHECKED_OUT: &str = "HEAD";

/// The primitive.
#[derive(Debug)]
pub struct ManifestResolve;

action::outputs! {
    /// What a change affects.
    pub struct ResolveOutputs {
        /// Affected targets: a sorted JSON list of names such as `["api","workers"]`, for `contains(fromJSON(..), 'api')`; absent after an error
        targets: "targets" => String,
        /// `true` if there is at least one affected target, else `false`; absent after an error
        any: "any" => bool,
        /// Full SHA of the commit that was compared with; empty when there was none, or with `bases`
        base: "base" => CommitId,
        /// Full SHA of the commit that `head` means
        head: "head" => CommitId,
    }
}

impl Primitive for ManifestResolve {
    const NAME: &'static str = "manifest-resolve";
    const ABOUT: &'static str = "Tell which deploy targets a change affects, by the deploy manifest";
    const GUIDE: &'static str = "\
The manifest says which paths belong to which target:

  # yaml-language-server: $schema=https://raw.githubusercontent.com/greenroom-actions/greenroom/main/crates/domain/manifest/deploy-manifest.schema.json
  version: 1
  targets:
    api:
      kind: render-web               # or render-worker, render-cron, pages, container
      paths: [\"services/api/**\", \"libs/**\", \"!**/*.md\"]
      hostnames: [api.example.com]   # the public names that a cutover moves
      blue: { service: \"${{ vars.API_BLUE_SERVICE }}\", origin: api-blue.example.com }
      green: { service: \"${{ vars.API_GREEN_SERVICE }}\", origin: api-green.example.com }
      schema: true                   # a deploy applies database migrations first
    workers: { paths: [\"services/workers/**\"] }
  coupling: [[api, workers]]         # always deployed together
  everything: [uv.lock]              # affects every target; so does the manifest itself
  non_deployed: [\"docs/**\"]          # known to affect none

Only `version`, `targets` and `paths` are required. The first line lets an editor complete and check
the file by its JSON Schema. A manifest with every key, also `roots` and `env`, each explained:

  https://github.com/greenroom-actions/greenroom/blob/main/crates/domain/manifest/examples/deploy-manifest.yml

`${{ vars.NAME }}` in a service or an origin names a variable that the workflow puts into `env`, since
GitHub evaluates no expression in a file; a pattern can have none.

Patterns: * within a name, ** for any depth, ? one character, [ab], {a,b}. Case counts, dotfiles are
like any other file. A path belongs to a list if a pattern matches it and no pattern with a ! does,
in any order. `everything` comes first, then targets, then `non_deployed`. Patterns whose meaning is
doubtful are refused, with line and column.

Every path that differs between the two commits counts: deleted, renamed (old name and new),
changed in mode or type, a submodule at another commit. Configuration of git changes nothing.

Targets that are deployed one by one are not all at the same commit. `bases` says what is deployed of
each, and each is then compared with its own:

  --bases 'api 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90
           web 9d2f0c4be1a7356880fd21c95b3e7a60c84f1d02'

A job then runs only for its target:

  if: contains(fromJSON(needs.changes.outputs.targets), 'api')

Example:
  manifest-resolve --base 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90 --head HEAD";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[("base", "${{ github.event.before }}")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = ResolveOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut ResolveOutputs) -> Result<Done, Failure> {
        let (repository, source) = Source::find(job, context).await?;
        let (head, checked_out, base) = tokio::join!(
            repository.commit(&job.head),
            checked_out(job, &repository),
            base::look_up(job, &repository)
        );
        let head = head?.ok_or_else(|| no_head(job))?;
        outputs.head = Some(head.clone());
        let is_checked_out = job.head == CHECKED_OUT || checked_out?.as_ref() == Some(&head);
        let (manifest, place) = source.read(&repository, &head, is_checked_out).await?;
        let bases = base::find_all(job, &manifest, &repository, base?).await?;
        if let Bases::Common(Base::Commit(base)) = &bases {
            outputs.base = Some(base.clone());
        }

        let owners = Owners::new(&manifest, source.path_in_repository());
        let compare = compare(&repository, &manifest, &owners, &bases, &head);
        let doubts = warnings::about(&manifest, &repository, &head);
        let (outcome, mut warnings) = tokio::try_join!(compare, doubts)?;
        warnings.extend(outcome.warnings.iter().map(ToString::to_string));
        warnings.extend(bases.warnings());

        let report = Report {
            manifest: &manifest,
            file: &job.manifest,
            place,
            bases: &bases,
            head: &head,
            outcome: &outcome,
        };
        context.summarise(&report.to_markdown(&warnings));
        warnings::annotate(context, &warnings);
        unowned(job.unowned, context, &outcome)?;

        let names: Vec<&str> = outcome.targets.keys().map(TargetName::as_str).collect();
        tracing::info!("{}", report.in_one_line());
        let targets = serde_json::to_string(&names).map_err(|error| Failure::bug(error.to_string()))?;
        outputs.any = Some(!names.is_empty());
        outputs.targets = Some(targets);
        Ok(Done::Success)
    }
}

fn no_head(job: &Job) -> Failure {
    Failure::invalid(format!("input `head`: this clone has no commit {:?}", job.head))
        .hint("check that commit out first, or leave `head` empty for the commit that is checked out")
}

/// The commit that is checked out; nobody asks if that is what `head` means.
async fn checked_out(job: &Job, repository: &Repository) -> Result<Option<CommitId>, GitError> {
    if job.head == CHECKED_OUT { Ok(None) } else { repository.commit(CHECKED_OUT).await }
}

async fn compare(
    repository: &Repository,
    manifest: &Manifest,
    owners: &Owners,
    bases: &Bases,
    head: &CommitId,
) -> Result<Outcome, Failure> {
    match bases {
        Bases::Common(Base::Commit(base)) => {
            let mut selection = Selection::new(manifest, owners);
            repository.changed_paths(base, head, |path: &BStr| selection.add(path)).await?;
            Ok(selection.finish())
        }
        Bases::Common(_) => Ok(Outcome::of_everything(manifest)),
        Bases::Own(bases) => {
            compare_each(repository, Selection::of_several(manifest, owners), bases, head).await
        }
    }
}

/// Compares every target with its own base: one diff for each base.
async fn compare_each(
    repository: &Repository,
    mut selection: Selection<'_>,
    bases: &BTreeMap<TargetName, Base>,
    head: &CommitId,
) -> Result<Outcome, Failure> {
    let mut deployed: BTreeMap<&str, (&CommitId, BTreeSet<&TargetName>)> = BTreeMap::new();
    for (name, base) in bases {
        if let Base::Commit(base) = base {
            deployed.entry(base.as_str()).or_insert_with(|| (base, BTreeSet::new())).1.insert(name);
        } else {
            selection.add_unknown(name);
        }
    }
    for (base, targets) in deployed.into_values() {
        selection.begin(|name| targets.contains(name));
        repository.changed_paths(base, head, |path: &BStr| selection.add(path)).await?;
    }
    Ok(selection.finish())
}

/// Applies `unowned`.
fn unowned(policy: Unowned, context: &Context, outcome: &Outcome) -> Result<(), Failure> {
    if outcome.unowned.count == 0 || policy == Unowned::Ignore {
        return Ok(());
    }
    let message = summary::unowned_in_words(&outcome.unowned);
    let hint = "add them to a target's `paths`, or to `non_deployed`";
    if policy == Unowned::Warn {
        context.warn(&format!("{message}\nhint: {hint}"));
        return Ok(());
    }
    Err(Failure::refused(message).hint(hint).hint("with `unowned: warn` they are only reported"))
}
