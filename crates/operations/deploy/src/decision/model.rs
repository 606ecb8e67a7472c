//! A small world with the truth in it: what each deploy really carries. Runs are
//! killed at any step and others deploy in between; whatever the rules then say
//! must be true.

use proptest::prelude::*;
use render::{Commit, DeployId};

use super::*;

/// What a run asks for: a commit, and the values of two variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ask {
    commit: u8,
    values: [u8; 2],
}

#[derive(Clone, Debug)]
struct Made {
    deploy: Deploy,
    values: [u8; 2],
}

/// What happens next.
#[derive(Clone, Debug)]
enum Act {
    /// A run, and how a deploy that it waits for ends.
    Run { ask: Ask, steps: Steps, ends: Status },
    /// Somebody else deploys a commit, by hand or through the API.
    Other { commit: u8, trigger: Trigger, ends: Status },
    /// Somebody rolls back to an earlier deploy.
    Rollback { to: usize },
    /// What is on its way ends.
    Settle { ends: Status },
}

/// How far a run comes, and who gets in between.
#[derive(Clone, Debug)]
struct Steps {
    /// It is killed after this many.
    left: usize,
    /// When this many are left somebody else deploys this commit.
    intruder: Option<(usize, u8, Trigger)>,
}

impl Steps {
    const ALL: Self = Self { left: usize::MAX, intruder: None };
    const NONE: Self = Self { left: 0, intruder: None };
}

struct World {
    values: [u8; 2],
    mark: Option<Mark>,
    made: Vec<Made>,
}

/// The run was killed.
struct Killed;

impl World {
    fn new() -> Self {
        let mut world = Self { values: [0, 0], mark: None, made: Vec::new() };
        world.make(0, [0, 0], Trigger::NewCommit);
        world.end(0, Status::Live);
        world
    }

    fn history(&self) -> History {
        History::new(self.made.iter().map(|made| made.deploy.clone()).collect())
    }

    fn make(&mut self, commit: u8, values: [u8; 2], trigger: Trigger) -> usize {
        let number = self.made.len() as u64;
        let deploy = crate::history::tests::deploy(number, &sha(commit), Status::BuildInProgress);
        self.made.push(Made { deploy: Deploy { trigger: Some(trigger), ..deploy }, values });
        self.made.len() - 1
    }

    /// One deploy at a time: whatever was on its way before has ended by then.
    fn end(&mut self, index: usize, ends: Status) {
        if !ends.is_terminal() {
            return;
        }
        for made in &mut self.made[..index] {
            if !made.deploy.status.is_terminal() {
                made.deploy.status = Status::Canceled;
            }
            if ends == Status::Live && made.deploy.status == Status::Live {
                made.deploy.status = Status::Deactivated;
            }
        }
        self.made[index].deploy.status = ends;
    }

    fn settle(&mut self, ends: &Status) {
        if let Some(newest) = self.made.iter().rposition(|made| !made.deploy.status.is_terminal()) {
            self.end(newest, ends.clone());
        }
    }

    fn find(&self, id: &DeployId) -> usize {
        self.made.iter().position(|made| made.deploy.id == *id).unwrap()
    }

    /// Before each effect of a run: it may be killed, and others do not wait.
    fn step(&mut self, steps: &mut Steps) -> Result<(), Killed> {
        if let Some((when, commit, trigger)) = steps.intruder.clone()
            && when == steps.left
        {
            self.make(commit, self.values, trigger);
        }
        steps.left = steps.left.checked_sub(1).ok_or(Killed)?;
        Ok(())
    }

    /// One run. Says whether it ended well.
    fn run(&mut self, ask: Ask, mut steps: Steps, ends: &Status) -> Result<bool, Killed> {
        let steps = &mut steps;
        let (target, own) = (Target::Commit(sha(ask.commit)), intent_of(ask));
        let wanted = Wanted { target: &target, has_variables: true, intent: &own, force: false };
        let stored = Stored { differs: self.values != ask.values, mark: self.mark.clone() };
        let index = match decide(&wanted, &stored, &self.history()) {
            Decision::Unchanged(deploy) => {
                self.assert_carries(&deploy, ask);
                assert_eq!(self.mark, None);
                return Ok(true);
            }
            Decision::Finish(deploy) | Decision::Attach(deploy) => {
                self.assert_carries(&deploy, ask);
                self.find(&deploy.id)
            }
            Decision::Search | Decision::Begin(_) => self.begin(ask, &own, steps)?,
        };
        self.step(steps)?;
        if !self.made[index].deploy.status.is_terminal() {
            self.end(index, ends.clone());
        }
        if self.made[index].deploy.status != Status::Live {
            return Ok(false);
        }
        self.step(steps)?;
        self.mark = None;
        Ok(true)
    }

    /// The order of effects in `crate::begin`.
    fn begin(&mut self, ask: Ask, own: &Intent, steps: &mut Steps) -> Result<usize, Killed> {
        if self.values != ask.values {
            self.step(steps)?;
            self.mark = Some(Mark::Writing(own.clone()));
            for place in 0..2 {
                self.step(steps)?;
                self.values[place] = ask.values[place];
            }
        }
        if self.mark.is_some() {
            self.step(steps)?;
            self.mark = Some(Mark::Asked { intent: own.clone(), after: self.history().newest() });
        }
        self.step(steps)?;
        Ok(self.make(ask.commit, self.values, Trigger::Api))
    }

    fn assert_carries(&self, deploy: &Deploy, ask: Ask) {
        let made = &self.made[self.find(&deploy.id)];
        assert_eq!(made.values, ask.values, "{deploy:?}");
        assert_eq!(made.deploy.commit, Some(Commit { id: sha(ask.commit) }));
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Run { ask, steps, ends } => {
                let _ = self.run(ask, steps, &ends);
            }
            Act::Other { commit, trigger, ends } => {
                let index = self.make(commit, self.values, trigger);
                self.end(index, ends);
            }
            Act::Rollback { to } => {
                let Made { deploy, values } = self.made[to % self.made.len()].clone();
                let commit = deploy.commit.unwrap().id;
                let commit = commit.as_bytes()[0] - b'a';
                let index = self.make(commit, values, Trigger::Rollback);
                self.end(index, Status::Live);
            }
            Act::Settle { ends } => self.settle(&ends),
        }
    }
}

fn sha(commit: u8) -> String {
    char::from(b'a' + commit).to_string().repeat(40)
}

fn intent_of(ask: Ask) -> Intent {
    let [one, other] = ask.values;
    let digit = char::from_digit(u32::from(ask.commit * 4 + one * 2 + other), 16).unwrap();
    crate::mark::tests::intent(digit)
}

fn asks() -> impl Strategy<Value = Ask> {
    (0..2_u8, 0..2_u8, 0..2_u8).prop_map(|(commit, one, other)| Ask { commit, values: [one, other] })
}

fn ends() -> impl Strategy<Value = Status> {
    prop_oneof![
        3 => Just(Status::Live),
        1 => Just(Status::BuildFailed),
        1 => Just(Status::Canceled),
        1 => Just(Status::Queued),
    ]
}

fn triggers() -> impl Strategy<Value = Trigger> {
    prop_oneof![Just(Trigger::Manual), Just(Trigger::Api)]
}

fn steps() -> impl Strategy<Value = Steps> {
    let intruder = prop::option::of((0..9_usize, 0..2_u8, triggers()));
    (0..9_usize, intruder).prop_map(|(left, intruder)| Steps { left, intruder })
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (asks(), steps(), ends()).prop_map(|(ask, steps, ends)| Act::Run { ask, steps, ends }),
        2 => (0..2_u8, triggers(), ends()).prop_map(|(commit, trigger, ends)| Act::Other { commit, trigger, ends }),
        1 => (0..8_usize).prop_map(|to| Act::Rollback { to }),
        1 => ends().prop_map(|ends| Act::Settle { ends }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever came before: no decision claims what is not so, a run that is left
    /// alone ends with its commit and its variables live and no mark, and the next
    /// one changes nothing.
    #[test]
    fn runs_converge_and_never_lie(acts in prop::collection::vec(acts(), 0..12), last in asks()) {
        let mut world = World::new();
        for act in acts {
            world.act(act);
        }
        world.settle(&Status::Live);
        prop_assert!(matches!(world.run(last, Steps::ALL, &Status::Live), Ok(true)));
        let live = world.history().live().cloned().unwrap();
        world.assert_carries(&live, last);
        prop_assert_eq!(&world.mark, &None);
        let deploys = world.made.len();
        prop_assert!(matches!(world.run(last, Steps::NONE, &Status::Live), Ok(true)), "the next run writes");
        prop_assert_eq!(world.made.len(), deploys);
    }
}
