//! No order of kills, lost answers, partial merges and further runs leads to a merge
//! on top of another, to a second merge of what is applied, or to a false success.
//!
//! The model is a small Supabase with a small ledger: runs look, decide and act as the
//! primitive does, and a script of bytes says what becomes of each act.

use proptest::prelude::*;

use super::tests::set;
use super::*;

const FILES: &str = "abcd";

/// What the script says about a request for a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It began, and the caller knows.
    Told,
    /// It began, and the caller does not know.
    Lost,
    /// It did not begin, and the caller does not know.
    Nothing,
    /// It did not begin, and the caller knows.
    Refused,
}

/// A merge on its way.
#[derive(Clone, Debug)]
struct Running {
    left: Vec<String>,
}

#[derive(Debug, Default)]
struct Model {
    production: Versions,
    branch: Versions,
    open: Option<Open>,
    running: Option<Running>,
    /// Looks since the merge was written down.
    looks: u32,
    /// The looks that have to pass before the merge on its way shows among the runs.
    hidden: u32,
    /// What a merge added that did not add all, until a person has said that they know.
    owed: Versions,
    merges: u32,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Success,
    Stopped,
    Refused,
    Killed,
    TimedOut,
}

/// The script: each question takes a byte; when there is none left, all goes well.
struct Script<'s>(std::slice::Iter<'s, u8>);

impl Script<'_> {
    fn ask(&mut self, choices: u8) -> u8 {
        self.0.next().map_or(0, |byte| byte % choices)
    }

    fn is_killed(&mut self) -> bool {
        self.ask(6) == 5
    }

    fn answer(&mut self) -> Answer {
        match self.ask(6) {
            3 => Answer::Lost,
            4 => Answer::Nothing,
            5 => Answer::Refused,
            _ => Answer::Told,
        }
    }
}

impl Model {
    fn traffic(&self) -> Traffic {
        match &self.running {
            Some(_) if self.hidden == 0 => Traffic::Running,
            _ if self.looks < 3 => Traffic::MayCome,
            _ => Traffic::None,
        }
    }

    /// Time passes: the merge on its way applies one more, or ends, perhaps before its time.
    fn advance(&mut self, script: &mut Script<'_>) {
        self.looks += 1;
        if self.hidden > 0 {
            self.hidden -= 1;
            return;
        }
        let Some(running) = &mut self.running else { return };
        if running.left.is_empty() || script.ask(5) == 4 {
            self.running = None;
            self.owe();
            return;
        }
        // Now and then one is left out.
        let next = running.left.remove(0);
        if script.ask(8) != 7 {
            self.production.insert(next);
        }
    }

    /// A merge that is over and added only some leaves a question.
    fn owe(&mut self) {
        let delta = self.open.as_ref().map(|open| Delta::of(open, &self.production));
        self.owed =
            delta.filter(|delta| !delta.missing.is_empty()).map(|delta| delta.gained()).unwrap_or_default();
    }

    /// What Supabase does when it is asked.
    fn merge(&mut self, hidden: u32) -> Result<(), TestCaseError> {
        prop_assert!(self.owed.is_empty(), "a merge after one that added only {:?}", self.owed);
        prop_assert!(self.running.is_none(), "a merge on top of another");
        let open = self.open.as_ref().expect("written down first");
        let again: Vec<_> = open.pending.intersection(&self.production).collect();
        prop_assert!(again.is_empty(), "a second merge of {again:?}");
        self.merges += 1;
        // It skips what is applied (deployment runbook, recovery of step 4).
        let left = self.branch.difference(&self.production).cloned().collect();
        self.running = Some(Running { left });
        self.hidden = hidden;
        Ok(())
    }

    /// One run, to its end.
    fn run(&mut self, acknowledged: &Versions, script: &mut Script<'_>) -> Result<End, TestCaseError> {
        let (mut asked, mut left) = (Asked::NotYet, 12 + script.ask(40));
        loop {
            if script.is_killed() {
                return Ok(End::Killed);
            }
            let world = World {
                files: set(FILES),
                production: self.production.clone(),
                project: self.production.clone(),
                branch: self.branch.clone(),
                drift: Vec::new(),
                unfit: Vec::new(),
                open: self.open.clone(),
                traffic: self.traffic(),
                acknowledged: acknowledged.clone(),
                asked,
            };
            match decide(&world) {
                Next::Done => return Ok(End::Success),
                Next::Refuse(_) => return Ok(End::Refused),
                Next::Stop(_) => return Ok(End::Stopped),
                Next::End(_) | Next::Forget => self.open = None,
                Next::Acknowledge(gained) => {
                    prop_assert_eq!(&gained, acknowledged);
                    prop_assert_eq!(&gained, &self.owed);
                    (self.open, self.owed) = (None, Versions::new());
                }
                Next::Wait if left == 0 => return Ok(End::TimedOut),
                Next::Wait => {
                    left -= 1;
                    self.advance(script);
                }
                Next::Merge(pending) => {
                    self.open = Some(Open { before: self.production.clone(), pending });
                    self.looks = 0;
                    if script.is_killed() {
                        return Ok(End::Killed);
                    }
                    asked = Asked::Once;
                    match script.answer() {
                        Answer::Told => self.merge(0)?,
                        Answer::Lost => self.merge(script.ask(3).into())?,
                        Answer::Nothing => {}
                        Answer::Refused => {
                            self.open = None;
                            return Ok(End::Refused);
                        }
                    }
                }
            }
        }
    }

    fn check(&self, end: End) -> Result<(), TestCaseError> {
        if end == End::Success {
            prop_assert!(set(FILES).is_subset(&self.production), "a false success: {self:?}");
            prop_assert!(
                self.open.is_none() && self.running.is_none(),
                "a success with loose ends: {self:?}"
            );
        }
        Ok(())
    }

    /// What a careful person acknowledges after a run has stopped.
    fn gained(&self) -> Versions {
        self.open.as_ref().map(|open| Delta::of(open, &self.production).gained()).unwrap_or_default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_it_converges_and_never_merges_twice(
        script in proptest::collection::vec(any::<u8>(), 0..400),
        applied in 0..3_usize,
        careless in any::<bool>(),
    ) {
        let has = FILES.get(..applied).expect("letters");
        let mut model = Model { production: set(has), branch: set(FILES), ..Model::default() };
        let mut script = Script(script.iter());
        let mut acknowledged = Versions::new();
        for _ in 0..20 {
            let end = model.run(&acknowledged, &mut script)?;
            model.check(end)?;
            acknowledged = if end == End::Stopped && !careless { model.gained() } else { Versions::new() };
            // Between two runs time passes too.
            for _ in 0..script.ask(4) {
                model.advance(&mut script);
            }
        }
        // From here on nobody interferes, and the person looks.
        let mut calm = Script([].iter());
        for _ in 0..5 {
            acknowledged = model.gained();
            let end = model.run(&acknowledged, &mut calm)?;
            model.check(end)?;
        }
        prop_assert_eq!(&model.production, &set(FILES));
        let merges = model.merges;
        prop_assert_eq!(model.run(&Versions::new(), &mut calm)?, End::Success);
        prop_assert_eq!(model.merges, merges, "nothing is merged when nothing is pending");
    }
}
