//! One run of a primitive: what it said, and what it wrote.

use action::Ending;
use rehearsal::in_process;
use rehearsal::server::Entry;

use super::verdict::{Verdict, ensure, same};

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    /// What it said.
    pub(crate) told: in_process::Run,
    /// The requests by which it may have changed something, as far as they reached a
    /// server, in order.
    pub(crate) writes: Vec<Entry>,
}

impl Run {
    /// The output `result`.
    pub(crate) fn word(&self) -> &str {
        self.output("result")
    }

    /// An output; empty when it was not set.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.told.output(name)
    }

    /// Whether it says that the world is as asked.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self.told.ending, Ending::Done(_))
    }

    /// What the run says went wrong, with its hints; empty when nothing did.
    pub(crate) fn error(&self) -> String {
        self.told.error()
    }

    /// Whether the server carried out one of the writes of this method, whatever the
    /// client learnt of it.
    pub(crate) fn has_applied(&self, method: &str) -> bool {
        let is_success = |entry: &&Entry| entry.status.is_some_and(|status| status.is_success());
        self.writes.iter().filter(is_success).any(|entry| entry.method == method)
    }

    /// What holds for every run, whatever was done to it: a documented ending that
    /// is no defect, told alike by exit code, output and annotation.
    pub(crate) fn is_in_order(&self) -> Verdict {
        let ending = self.told.ending;
        ensure(Ending::ALL.contains(&ending), || format!("{ending:?} is not documented"))?;
        let fits = !matches!(ending, Ending::Bug | Ending::Invalid | Ending::Cancelled(_));
        ensure(fits, || format!("it ended as {ending}"))?;
        same("the output `result`", self.word(), ending.word())?;
        same("stdout", self.told.stdout.as_str(), "")?;
        let errors = self.told.stderr.lines().filter(|line| line.starts_with("::error ")).count();
        let went_well = matches!(ending, Ending::Done(_) | Ending::Planned);
        same("error annotations", errors, usize::from(!went_well))?;
        ensure(went_well || self.error().contains("\nhint: "), || "no hint says what to do".to_owned())
    }
}
