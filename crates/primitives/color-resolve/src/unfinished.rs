//! A flip that was announced and neither finished nor undone, as the ledger has it.

use std::collections::BTreeMap;

use action::{Context, Failure, bash_word, markdown};
use cutover::{Pointing, same_host};
use postgres::Ledger;
use postgres::ledger::{DATABASE_URL, Deployment};

use crate::inputs::Job;

/// The runner's own id of the run.
const RUN_ID: &str = "GITHUB_RUN_ID";

/// The unfinished flip.
#[derive(Debug)]
pub(crate) struct Open {
    generation: u64,
    run_id: u64,
    /// Where its names pointed before it.
    previous: Pointing,
}

/// The run that asks; none when neither input nor runner names one, and then no flip is its own.
///
/// # Errors
/// `invalid`: the runner's variable holds something else. Passed over, it would turn this run's own
/// flip into that of a stranger.
pub(crate) fn own_run(job: &Job, context: &Context) -> Result<Option<u64>, Failure> {
    if job.run_id.is_some() {
        return Ok(job.run_id);
    }
    let Some(text) = context.variable(RUN_ID) else { return Ok(None) };
    let number = text.parse().ok().filter(|&number| number > 0);
    number.map(Some).ok_or_else(|| {
        Failure::invalid(format!("input `run-id`: not given, and {RUN_ID} is no whole number from 1 on"))
            .hint(
                "GitHub's runner sets it; give `run-id`, or leave both out if no flip can be this run's own",
            )
    })
}

/// Asks the ledger, if there is one.
pub(crate) async fn find(context: &Context) -> Result<Option<Open>, Failure> {
    if context.optional_secret(DATABASE_URL).is_none() {
        context.warn("DATABASE_URL is not set: the ledger is not asked whether a flip is unfinished");
        return Ok(None);
    }
    match Ledger::open(context)?.open_deployment().await? {
        Some(deployment) => Open::of(deployment).map(Some),
        None => Ok(None),
    }
}

impl Open {
    fn of(deployment: Deployment) -> Result<Self, Failure> {
        let Deployment { generation, run_id, previous_cnames, .. } = deployment;
        let previous = match previous_cnames {
            None => Pointing::new(),
            Some(value) => serde_json::from_value::<BTreeMap<String, String>>(value).map_err(|_| {
                Failure::stale(format!("generation {generation} of the ledger has previous names of an unknown form"))
                    .hint("`previous_cnames` must be an object of host names and what they pointed at; mend the row, or record it as rolled back")
            })?,
        };
        Ok(Self { generation, run_id, previous })
    }

    /// The names that it was to move.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.previous.keys().map(String::as_str)
    }

    /// Where names pointed before it, if it is this run's own; nothing if none of them
    /// has moved and the flip of `flips`, the names of this run, closes it.
    ///
    /// # Errors
    /// `stale`, with the way to finish it and to undo it.
    pub(crate) fn judge(
        &self,
        job: &Job,
        own: Option<u64>,
        context: &Context,
        now: &Pointing,
        flips: &[&str],
    ) -> Result<Option<Pointing>, Failure> {
        let Self { generation, run_id, .. } = self;
        if own == Some(self.run_id) {
            tracing::info!(
                "this run announced the flip of generation {generation} before: the roles are those of before it"
            );
            let mut before = now.clone();
            before.extend(
                self.previous.iter().map(|(host, target)| (host.to_ascii_lowercase(), target.clone())),
            );
            return Ok(Some(before));
        }
        if !self.previous.is_empty() && self.moved(now).next().is_none() {
            self.is_closed_by(flips)?;
            context.warn(&format!(
                "run {run_id} announced the flip of generation {generation}, and its names are where they were before it: it did not take place, or was put back"
            ));
            return Ok(None);
        }
        Err(self.refusal(job, context, now))
    }

    /// The ledger closes a flip that did not take place with the next intent that tells where all of its names are.
    /// One that tells less is refused there, once everything is deployed: better here.
    fn is_closed_by(&self, flips: &[&str]) -> Result<(), Failure> {
        let others: Vec<&str> =
            self.hosts().filter(|host| !flips.iter().any(|flip| same_host(flip, host))).collect();
        if others.is_empty() {
            return Ok(());
        }
        let Self { generation, run_id, .. } = self;
        Err(Failure::stale(format!(
            "the flip of generation {generation} (run {run_id}) is unfinished; its names are where they were before it, and this run does not move all of them: {}",
            others.join(", ")
        ))
        .hint(format!("close it, then run this one again: cutover-record --mode rolled-back --generation {generation}")))
    }

    /// Its names that are not where they were, with where they are.
    fn moved<'a>(&'a self, now: &'a Pointing) -> impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)> {
        self.previous.iter().filter_map(|(host, was)| {
            let is = now.iter().find(|(name, _)| same_host(name, host)).map(|(_, is)| is.as_str());
            let stayed = is.is_some_and(|is| same_host(is, was));
            (!stayed).then_some((host.as_str(), was.as_str(), is))
        })
    }

    fn refusal(&self, job: &Job, context: &Context, now: &Pointing) -> Failure {
        let Self { generation, run_id, previous } = self;
        let moved: Vec<String> = self
            .moved(now)
            .map(|(host, was, is)| {
                format!("{host} points at {}, before it at {was}", is.unwrap_or("nothing"))
            })
            .collect();
        let moved = if moved.is_empty() {
            "the ledger does not say which names it was to move".to_owned()
        } else {
            moved.join(", ")
        };
        let lines =
            previous.iter().map(|(host, target)| format!("{host} {target}")).collect::<Vec<_>>().join("\n");
        let servers = job.nameserver.as_deref();
        let restore = format!(
            "cname-flip --mode restore --zone-id {} --previous {}{}",
            bash_word(&job.zone_id),
            bash_word(&lines),
            servers.map(|servers| format!(" --nameserver={}", bash_word(servers))).unwrap_or_default()
        );
        let roll_back = format!("cutover-record --mode rolled-back --generation {generation}");
        let commands =
            if previous.is_empty() { roll_back.clone() } else { format!("{restore}\n{roll_back}") };
        context.summarise(&format!(
            "### The flip of generation {generation} is unfinished\n\n\
             {}\n\n\
             To finish it: *Re-run failed jobs* of run {run_id}.\n\n\
             To undo it, run the actions of these lines, or the lines where their secrets are set:\n\n{}\n",
            markdown::text(&moved),
            markdown::block(&commands)
        ));
        let failure = Failure::stale(format!(
            "the flip of generation {generation} (run {run_id}) is unfinished: {moved}"
        ))
        .hint(format!("to finish it: re-run the failed jobs of run {run_id}{}", address(context, *run_id)));
        if previous.is_empty() {
            return failure
                .hint(format!("to undo it: see that its names point where they should, then {roll_back}"));
        }
        failure.hint(format!("to undo it: {restore}")).hint(format!("and then: {roll_back}"))
    }
}

/// The page of a run, when the runner says where that is.
fn address(context: &Context, run: u64) -> String {
    let known = context.variable("GITHUB_SERVER_URL").zip(context.variable("GITHUB_REPOSITORY"));
    known
        .map(|(server, repository)| format!(", {server}/{repository}/actions/runs/{run}"))
        .unwrap_or_default()
}
