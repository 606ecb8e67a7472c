//! What to do, in words and as lines to run.

use action::{Failure, bash_word};
use cutover::rollback::{Decision, PriorCode, Step, Symptom};

use crate::Mode;
use crate::command_line::command_line;
use crate::job::Job;
use crate::look::Found;

/// The steps of a decision.
#[derive(Debug)]
pub(crate) struct Steps(Vec<Told>);

/// One step.
#[derive(Debug)]
pub(crate) struct Told {
    /// A sentence.
    pub(crate) sentence: String,
    /// Lines for bash, which may be none.
    pub(crate) commands: Vec<String>,
}

/// The commit that serves once all is done: what served before, or today's where there
/// is nothing to go back to.
pub(crate) fn commit(decision: &Decision, found: &Found) -> Option<String> {
    let goes_back = decision.flips_back() || decision.commit_to_tag().is_some();
    let prior = found.around.prior.as_ref().filter(|_| goes_back)?;
    Some(prior.sha.clone())
}

impl Steps {
    pub(crate) fn new(decision: &Decision, found: &Found, job: &Job, tag: Option<&str>) -> Self {
        Self(decision.steps.iter().map(|step| told(step, found, job, tag)).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Told> {
        self.0.iter()
    }

    /// Everything to run; what only a person can do is a comment.
    pub(crate) fn commands(&self) -> Vec<String> {
        let of = |told: &Told| match told.commands[..] {
            [] => vec![format!("# {}", told.sentence)],
            _ => told.commands.clone(),
        };
        self.0.iter().flat_map(of).collect()
    }

    /// The flip is recorded as undone, which is not what `flip-back` was asked for: no name was led anywhere.
    pub(crate) fn closed(&self, generation: u64) -> Failure {
        let failure = Failure::stale(format!(
            "no name of generation {generation} was led back: they are where they were before it; that its flip is undone is recorded now"
        ));
        // The first of the steps is done.
        self.0.iter().skip(1).fold(failure, |failure, told| failure.hint(&told.sentence))
    }

    /// The mode is not what the decision asks for.
    pub(crate) fn other(&self, decision: &Decision, mode: Mode) -> Failure {
        let what = match mode {
            Mode::Tag => "no tag is to be pushed",
            Mode::Plan | Mode::FlipBack => "the names are not to go back",
        };
        let why: Vec<String> = decision.instead.iter().map(ToString::to_string).collect();
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
        let class = decision.class.number();
        let failure = Failure::stale(format!("this is class {class}, in which {what}{why}"));
        let failure = self
            .commands()
            .into_iter()
            .fold(failure, |failure, line| failure.hint(format!("do instead: {line}")));
        failure.hint("nothing was changed")
    }
}

fn told(step: &Step, found: &Found, job: &Job, tag: Option<&str>) -> Told {
    let generation = found.world.generation;
    let (sentence, commands) = match step {
        Step::Investigate => (
            format!(
                "nothing of generation {generation} is visible and nothing is to be undone: find out why it failed, fix it, push a new tag"
            ),
            vec![],
        ),
        Step::Close => (
            format!(
                "record that the flip of generation {generation} did not take place; then find out why, and push a new tag"
            ),
            vec![format!("cutover-record --mode rolled-back --generation {generation}")],
        ),
        Step::AwaitFlip => (await_flip(found, job), vec![]),
        Step::FlipBack => (
            format!("lead the names of generation {generation} back to what served before"),
            vec![command_line(Mode::FlipBack, generation, job, &job.manifest)],
        ),
        Step::AskAgain { generation } => (ask_again(*generation, found, job), vec![]),
        Step::EmptyOutbox => (
            format!(
                "wait until core.outbox holds nothing any more that generations below {generation} have left behind (rows: {}): until then the hold stops the next cutover",
                found.world.outbox.below
            ),
            vec![],
        ),
        Step::TakesAlong { generations } => (takes_along(generations, found), vec![]),
        Step::Tag { commit } => {
            let tag = tag.unwrap_or_default();
            (
                format!(
                    "deploy {commit} again as a new generation: push the tag {tag}, as a person or with the token of an app"
                ),
                vec![
                    format!("git tag {} {}", bash_word(tag), bash_word(commit)),
                    format!("git push origin {}", bash_word(&format!("refs/tags/{tag}"))),
                ],
            )
        }
        Step::Drain => (
            format!(
                "once what comes back serves, drain what generation {generation} leaves behind (rows not done: {}); while its own workers run they do it, and a drain is refused",
                found.world.outbox.own
            ),
            vec![format!("gh workflow run drain-legacy-generation.yml -f target_generation={generation}")],
        ),
        Step::MigrateForward => (
            "mend the schema by a migration of its own: none that is applied is ever taken back".to_owned(),
            vec![],
        ),
        Step::DeclareDisaster { lost } => (disaster(lost, found), vec![]),
    };
    Told { sentence, commands }
}

/// No line to run with the others: what is to be run next depends on how the run ends.
fn await_flip(found: &Found, job: &Job) -> String {
    let row = &found.around.row;
    let left = job.flip_limit.saturating_sub(row.since_intent.unwrap_or_default());
    format!(
        "no name of generation {} has moved yet, and run {} may be about to move them: cancel it or see it end, then ask again; if none has moved in {}, its flip can be recorded as undone",
        row.generation,
        row.run_id,
        // Rounded up, so that it is over by then.
        humantime::format_duration(std::time::Duration::from_secs(left.as_secs() + 1))
    )
}

/// No line to run with the others: it is for one of two cases.
fn ask_again(generation: u64, found: &Found, job: &Job) -> String {
    let targets = found.serving().map(|row| row.targets.join(", ")).unwrap_or_default();
    format!(
        "generation {generation} ({targets}) is the newest that serves; if that is the trouble, ask about it: {}",
        again(generation, job.symptom, job.symptom == Symptom::Behaviour)
    )
}

/// The line that asks about another generation.
pub(crate) fn again(generation: u64, symptom: Symptom, flip_back: bool) -> String {
    let flip_back = if flip_back { " -f flip-back=true" } else { "" };
    format!(
        "gh workflow run rollback.yml -f symptom={} -f generation={generation}{flip_back}",
        symptom.word()
    )
}

fn takes_along(generations: &[u64], found: &Found) -> String {
    let name = |generation: &u64| {
        let row = found.around.beyond.iter().find(|row| row.generation == *generation);
        format!("{generation} ({})", row.map(|row| row.targets.join(", ")).unwrap_or_default())
    };
    let newer = generations.iter().map(name).collect::<Vec<_>>().join(", ");
    format!(
        "know that the commit of this tag is older than generation {newer}, which serves and which the tag takes back too; where that is to stay, revert the change on the main branch instead and push a usual tag"
    )
}

fn disaster(lost: &PriorCode, found: &Found) -> String {
    let sha = found.around.prior.as_ref().map_or("the commit from before", |prior| prior.sha.as_str());
    let (what, mend) = match lost {
        PriorCode::NoDeploy(targets) => (
            format!("Render lists no deploy of what {} ran before any more", targets.join(", ")),
            "a build of it may no longer come out the same".to_owned(),
        ),
        PriorCode::NoCommit | PriorCode::There => (
            format!("{sha} is in the repository no more"),
            format!(
                "whoever still has it can push it again (git push origin {sha}:refs/heads/rescue) and ask once more"
            ),
        ),
    };
    format!(
        "declare disaster recovery (ADR-040), for {what}: {mend}; generation {} goes on serving, and a fix of its code can go forward with a new tag",
        found.world.generation
    )
}
