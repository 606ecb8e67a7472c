//! Judges the migrations of a pull request: does the code that runs now keep working against the schema that they
//! make (ADR-053 D5)? The rules are in the crate `migrations`; this reads files and tells what was found.

mod base;
mod elsewhere;
mod file;
mod formats;
mod inputs;
mod pattern;
mod source;
mod tell;

use action::{Context, Done, Effect, Failure, Primitive, Secret};
use findings::Format;
use migrations::{Finding, Level, Position, Report, Rule, Span, Verdict, assess, naming};

pub use crate::inputs::{Inputs, Job, Lint};
use crate::source::{Sources, borrowed};

/// The primitive.
#[derive(Debug)]
pub struct MigrationLint;

action::outputs! {
    /// What was found.
    pub struct LintOutputs {
        /// `compatible`, `overridden`, `needs-review` or `breaking`
        verdict: "verdict" => String,
        /// How many findings no marker covers, advisories not counted
        findings: "findings" => usize,
        /// How many files have a marker that covers something, so that a workflow can ask for a person
        overrides: "overrides" => usize,
        /// The findings as one line of JSON or SARIF, with `format: json` or `format: sarif`
        report: "report" => String,
    }
}

impl Primitive for MigrationLint {
    const NAME: &'static str = "migration-lint";
    const ABOUT: &'static str =
        "Tell whether the code that runs now keeps working under the pending database migrations";
    const GUIDE: &'static str = "\
While a deploy goes on, and after a rollback, old code runs against the new schema. This lint replays
the migrations that are deployed into a catalogue, then the pending ones, and judges the schema in
which they end, not each statement: what the pending set makes is unknown to running code; a function,
view, policy, trigger, index or constraint that is dropped and comes back the same is not gone; a
table that is dropped and made again has lost its rows; a new column without a default is a break
however many statements it takes. DO blocks, EXECUTE of constants, and functions that a migration
calls are read, too. A file that does not parse fails, pending or deployed: with one that is deployed and
cannot be read nobody knows the schema. Write what it did in SQL that parses, under the same name: it is
taken for the deployed one, with a warning, and no database runs it a second time.

  breaking      the old code fails or reads something else: exit 1
  needs-review  SQL goes on, but a driver, PostgREST, or what new code writes may not: a warning, or
                exit 1 with `strict: true`
  advisory      locks, views that read past row level security, odd names of what is deployed: a notice

Each rule has a page with the SQLSTATE that old code gets and the way to do it in steps:

  migration-lint --explain add-required-column

A rule that a repository does without is named in `exclude`: what it would have found is counted, no
more. What ADR-053 D5 rejects (drop-column, drop-table, type-incompatible, add-required-column,
add-unique) cannot be excluded, nor can what the other rules rest on: parsing, markers, file names.

A break that is meant gets a marker, a line comment anywhere in its file, with a real reason:

  -- compat: breaking (reason: clients before v41 are gone since May)

It covers that file, but no parse error. A comment that only looks like one is an error, one that
covers nothing a warning. Each that counts is a warning and counts in the output `overrides`. To have
a person agree, let a step fail after it, in a workflow that runs when labels change, too:

  on: { pull_request: { types: [opened, synchronize, reopened, labeled, unlabeled] } }

  - if: >-
      steps.migration-lint.outputs.overrides != '0'
      && !(github.event.action == 'labeled' && github.event.label.name == 'compat-reviewed')
    run: exit 1

The label counts in the run that setting it starts, for the commit of that run. It stays on when more
is pushed, so having it says nothing; to agree again, take it off and set it again.

Files are called <14 digits>_<name>.sql, later than every deployed one, and deployed ones stay as they
are. Links are followed within the repository. What is no file, no UTF-8 or has a NUL byte is refused.

What is deployed must be said: `base` takes a commit (`deployed-base` knows it), a tag or a branch, or
the versions that a database has applied:

  psql -Atc 'select version from supabase_migrations.schema_migrations' > applied.txt

For a pull request take HEAD^1, the first parent of the merge commit that `actions/checkout` takes with
`fetch-depth: 2`: what the change was merged with. The event's `base.sha` may be older, and then what was
merged since counts as pending. In a push it is `github.event.before`, with `fetch-depth: 0`.

What a base lacks is never passed over. An empty list of versions says that nothing is deployed, with a
notice. If a commit has none of the files, they are looked for by their names in all of it. Those that
stood in another folder were moved: they are deployed, and so is what stood beside them (a notice); two
folders with a file of one name are an error. If there are only migrations of other names, nothing is
taken as deployed, which is needs-review: `migrations` may be wrong. If there are none at all, these are
the first, and that is a notice.

Before a push, on your machine, as a hook of the pre-commit framework, in .pre-commit-config.yaml:

  - repo: local
    hooks:
      - id: migration-lint
        name: code that runs now keeps working
        language: system
        entry: migration-lint --migrations supabase/migrations --base origin/main
        files: ^supabase/migrations/
        pass_filenames: false
        stages: [pre-push]

or as .git/hooks/pre-push of git itself, which must be executable:

  #!/bin/sh
  exec migration-lint --migrations supabase/migrations --base origin/main

Both look at the files as they are on disk, and at origin/main as `git fetch` saw it last. The program:

  cargo install --locked --git https://github.com/greenroom-actions/greenroom migration-lint

The README of the action holds squawk's rules beside this lint, each with what is said of the same.

Example:
  migration-lint --migrations supabase/migrations --base 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[("base", "HEAD^1")];
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
        let sources = Sources::read(lint, context).await?;
        let mut report = assess(&borrowed(&sources.history), &borrowed(&sources.pending), &lint.excluded);
        names(&sources, &mut report);

        let format = Format::or_usual(lint.format, context);
        let findings = formats::all(&report, &sources);
        tracing::info!("{}", tell::compared(&sources));
        if let Some(excluded) = tell::excluded(&report) {
            tracing::info!("{excluded}");
        }
        tell::findings(context, &report, &findings, format);
        context.summarise(&tell::summary(&report, &findings, &sources));
        outputs.verdict = Some(report.verdict().word().to_owned());
        outputs.findings = Some(open(&report, Level::NeedsReview).count());
        outputs.overrides = Some(report.overrides.len());
        outputs.report = match format {
            Format::Json => Some(formats::as_json(&report, &findings).to_string()),
            Format::Sarif => Some(formats::as_sarif(&findings).to_string()),
            Format::Human | Format::Github => None,
        };
        end(report.verdict(), &findings, lint.strict)
    }
}

/// Adds what is wrong with names, deployed files that are not what they were, and what is odd about the base.
fn names(sources: &Sources, report: &mut Report) {
    let pending = |path: &str| sources.pending.iter().any(|file| file.path == path);
    for bad in naming::check(&sources.paths(), &sources.deployed) {
        let finding = if sources.deployed.contains(&bad.path) {
            // A version without a file, which belongs to the folder.
            of_a_file(sources.folder.clone(), bad.message, Level::Breaking)
        } else if pending(&bad.path) {
            of_a_file(bad.path, bad.message, Level::Breaking)
        } else {
            // Databases know it by this name: to give it another would break more than it mends.
            let message = format!("{}; it is deployed and keeps its name", bad.message);
            of_a_file(bad.path, message, Level::Advisory)
        };
        report.findings.push(finding);
    }
    for path in &sources.edited {
        let message = String::from("this migration is deployed, and what is changed in it never runs there");
        report.findings.push(of_a_file(path.clone(), message, Level::NeedsReview));
    }
    for path in &sources.absent {
        let message = String::from(
            "this migration is deployed but not in this tree: put it back, or bring the branch up to date",
        );
        report.findings.push(of_a_file(path.clone(), message, Level::NeedsReview));
    }
    for note in &sources.notes {
        report.findings.push(of_a_file(sources.folder.clone(), note.message.clone(), note.level));
    }
}

fn of_a_file(path: String, message: String, level: Level) -> Finding {
    let start = Position { line: 1, column: 1 };
    Finding {
        rule: Rule::Naming,
        level,
        path,
        span: Span::default(),
        start,
        end: start,
        message,
        covered: None,
    }
}

/// The findings of a level or a worse one that no marker covers.
fn open(report: &Report, least: Level) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(move |finding| finding.covered.is_none() && finding.level >= least)
}

fn end(verdict: Verdict, findings: &[findings::Finding], strict: bool) -> Result<Done, Failure> {
    let fails = verdict == Verdict::Breaking || (strict && verdict == Verdict::NeedsReview);
    if !fails {
        tracing::info!("{}", tell::in_words(verdict));
        return Ok(Done::Success);
    }
    let least = if verdict == Verdict::Breaking { Level::Breaking } else { Level::NeedsReview };
    let fails =
        |finding: &&findings::Finding| finding.covered.is_none() && finding.level.word == least.word();
    let failing: Vec<&findings::Finding> = findings.iter().filter(fails).collect();
    let failure = findings::refusal(verdict.word(), &failing);
    let Some(first) = failing.first() else { return Err(failure) };
    let page = format!("`migration-lint --explain {}` says", first.rule.name);
    if failing.iter().all(|finding| UNCOVERED.contains(&finding.rule.name)) {
        return Err(failure.hint(format!("{page} what is refused, and what to write instead")));
    }
    let failure = failure.hint(format!("{page} what old code gets, and how to do it in steps"));
    Err(failure.hint("where it is meant, say why in the file: -- compat: breaking (reason: <reason>)"))
}

/// Rules of findings that no marker covers.
const UNCOVERED: [&str; 4] =
    [Rule::ParseError.name(), Rule::MarkerInvalid.name(), Rule::MarkerUnused.name(), Rule::Naming.name()];
