//! Holds the deploy manifest against the repository (ADR-053 D19): whatever is under its roots belongs to a target or
//! is known to be deployed nowhere, every pattern matches something, and every kind has what it needs.
//!
//! The tree is git's index, not a commit and not the file system: what is ignored or untracked is not in it, what was
//! just added is, and it is whole in a shallow, partial or sparse checkout.

#[cfg(test)]
mod example;
mod flaw;
mod inputs;
mod lists;
mod nearest;
mod place;
mod problems;
mod report;
mod roots;
mod rule;
mod rules;
mod source;
mod survey;

use action::{Context, Done, Effect, Failure, Primitive, Secret};
use bstr::BStr;
use findings::{Finding, Format};
use manifest::{Manifest, Owners};

use crate::flaw::{Flaw, MOST, counted};
pub use crate::inputs::{Inputs, Job, Lint};
use crate::lists::List;
use crate::report::Report;
use crate::roots::Roots;
pub use crate::rule::Rule;
use crate::source::Source;
use crate::survey::Compiled;

/// The primitive.
#[derive(Debug)]
pub struct ManifestLint;

action::outputs! {
    /// What was found.
    pub struct LintOutputs {
        /// `clean`, `warning` or `error`: the worst that was found
        verdict: "verdict" => String,
        /// How many findings there are, notices not counted
        findings: "findings" => usize,
        /// The findings as one line of JSON or SARIF, with `format: json` or `format: sarif`
        report: "report" => String,
    }
}

impl Primitive for ManifestLint {
    const NAME: &'static str = "manifest-lint";
    const ABOUT: &'static str =
        "Hold the deploy manifest against the repository, so that nothing is left out of it in silence";
    const GUIDE: &'static str = "\
A new directory that no target lists is never deployed, and nothing says so. This lint says so. Every
directory under the manifest's `roots` must belong to a target or to `non_deployed`:

  roots: [apps, \"src/*/*\"]     # apps stands for apps/*; these are the default, with apps/* written out

It belongs to a target if at least one file in it does; without any such file, every file in it must be
in `non_deployed`, or in `everything`, whose changes deploy all targets. What a pattern with a `!` takes
away belongs nowhere. Only what git tracks counts, as `git add` left it: no ignored file raises an alarm,
and a shallow or sparse checkout is enough.

  error    a directory that nothing deploys; a target that its exclusions shadow; a coupling of one; a
           pair without a service, an origin or a public name; a service or a name in two places: exit 1
  warning  a pattern or a root that matches nothing, files of a directory that are mentioned nowhere,
           a target with what its kind cannot use: exit 1 with `strict: true`
  notice   a `!` pattern that takes nothing away

Each finding names its line in the manifest, the nearest pattern and what to write. Each rule has a page:

  manifest-lint --explain uncovered-directory

A manifest that cannot be read at all ends the run as `invalid`, with the line.

Before a commit, on your machine, run it without any input. The program:

  cargo install --locked --git https://github.com/greenroom-actions/greenroom manifest-lint

Example:
  manifest-lint --manifest .github/deploy-manifest.yml --strict";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[("strict", "true")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = LintOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut LintOutputs) -> Result<Done, Failure> {
        let lint = match job {
            Job::Explain(rule) => {
                context.print(rule.page());
                return Ok(Done::Success);
            }
            Job::Lint(lint) => lint,
        };
        let source = Source::read(lint, context).await?;
        let text = String::from_utf8_lossy(&source.content);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        match Manifest::parse(&source.name, &source.content) {
            Ok(manifest) => {
                let report = judge(&source, text, &manifest).await?;
                tell(lint, context, outputs, &report);
                end(&report, lint.strict)
            }
            Err(error) => {
                let report = Report {
                    file: source.name.clone(),
                    findings: problems::findings(text, &error),
                    omitted: 0,
                    scope: "no directory was looked at, since it is refused".to_owned(),
                };
                tell(lint, context, outputs, &report);
                if problems::is_readable(&error) {
                    return end(&report, lint.strict);
                }
                Err(error.hints().into_iter().fold(Failure::invalid(error.to_string()), Failure::hint))
            }
        }
    }
}

/// Applies all rules to a manifest that can be read.
async fn judge(source: &Source, text: &str, manifest: &Manifest) -> Result<Report, Failure> {
    let roots = Roots::of(manifest).map_err(|error| Failure::invalid(format!("`roots`: {error}")))?;
    let lists = List::all(manifest);
    let own = source.is_inside.then(|| BStr::new(&source.name));
    let compiled = Compiled::new(Owners::new(manifest, own), &lists, &roots);
    let mut survey = compiled.survey();
    source.repository.tracked_paths(|path, kind| survey.add(path, kind)).await?;
    if survey.paths == 0 {
        return Err(Failure::failed("git tracks no file in this repository")
            .hint("check the repository out first (actions/checkout), or `git add` what belongs to it"));
    }
    let flaws = rules::all(manifest, &lists, &roots, &survey);
    let scope = format!(
        "{} under {}, {}",
        counted(survey.under_roots().len(), "directory", "directories"),
        roots.texts.join(", "),
        counted(survey.paths, "tracked path", "tracked paths")
    );
    Ok(placed(source, text, flaws, scope))
}

/// Finds the places of the worst, and sorts them by these.
fn placed(source: &Source, text: &str, mut flaws: Vec<Flaw>, scope: String) -> Report {
    flaws.sort_by_key(|flaw| flaw.rule);
    let omitted = flaws.len().saturating_sub(MOST);
    flaws.truncate(MOST);
    let mut findings: Vec<Finding> = flaws
        .into_iter()
        .map(|flaw| Finding {
            rule: flaw.rule.told(),
            level: flaw.rule.level(),
            file: source.name.clone(),
            place: Some(place::of(text, &flaw.at)),
            message: flaw.message,
            instead: Some(flaw.instead),
            covered: None,
        })
        .collect();
    findings.sort_by_key(|finding| finding.place);
    Report { file: source.name.clone(), findings, omitted, scope }
}

/// Tells a report in every way.
fn tell(lint: &Lint, context: &Context, outputs: &mut LintOutputs, report: &Report) {
    let format = Format::or_usual(lint.format, context);
    findings::tell(context, ManifestLint::NAME, &report.findings, format);
    if let Some(more) = report.more() {
        tracing::info!("{more}");
    }
    context.summarise(&report.summary());
    outputs.verdict = Some(report.verdict().to_owned());
    outputs.findings = Some(report.count());
    outputs.report = match format {
        Format::Json => Some(report.as_json().to_string()),
        Format::Sarif => Some(report.as_sarif(ManifestLint::NAME).to_string()),
        Format::Human | Format::Github => None,
    };
}

fn end(report: &Report, strict: bool) -> Result<Done, Failure> {
    let failing = report.failing(strict);
    let Some(first) = failing.first() else {
        tracing::info!("{}: {}", report.verdict(), report.scope);
        return Ok(Done::Success);
    };
    let failure = findings::refusal("refused", &failing);
    let failure = first.instead.iter().fold(failure, |failure, instead| failure.hint(instead.as_str()));
    Err(failure
        .hint(format!("`manifest-lint --explain {}` says why, and what to write instead", first.rule.name)))
}
