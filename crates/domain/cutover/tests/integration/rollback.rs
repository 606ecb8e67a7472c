//! The decision tree: what each world says, and what holds in all of them.

use cutover::Pointing;
use cutover::rollback::{
    Class, Closed, Decision, Effect, Former, FormerState, Migration, Names, Prior, PriorCode, Refusal, Stage,
    Step, Symptom, Work, World, classify, tags,
};

const GENERATION: u64 = 7;
const PRIOR: &str = "aaaa";
const COMMIT: &str = "bbbb";

/// Cut over a while ago, in its hold, and what served before still runs.
fn held() -> World {
    World {
        generation: GENERATION,
        commit: COMMIT.to_owned(),
        stage: Stage::CutOver { held: true, synced: false },
        flipping: false,
        names: Names::After,
        newer: None,
        open: None,
        beside: Vec::new(),
        serving: None,
        prior: Some(Prior { generation: 6, commit: PRIOR.to_owned(), code: PriorCode::There }),
        former: vec![former("api", FormerState::AsBefore), former("workers", FormerState::AsBefore)],
        since: Vec::new(),
        outbox: Work::default(),
    }
}

fn former(target: &str, state: FormerState) -> Former {
    Former { target: target.to_owned(), service: format!("srv-{target}"), state }
}

fn migration(effect: Effect) -> Migration {
    Migration { version: format!("2026{effect:?}"), effect }
}

fn tag() -> Step {
    Step::Tag { commit: PRIOR.to_owned() }
}

#[track_caller]
fn says(world: &World, symptom: Symptom, class: Class, steps: &[Step]) -> Decision {
    let decision = classify(world, symptom).unwrap();
    assert_eq!((decision.class, decision.steps.as_slice()), (class, steps));
    decision
}

#[track_caller]
fn refuses(world: &World, symptom: Symptom, told: &str) -> Refusal {
    let refusal = classify(world, symptom).unwrap_err();
    assert!(refusal.to_string().contains(told), "{refusal}");
    assert!(!refusal.hint().is_empty());
    refusal
}

#[test]
fn class_1_nothing_of_it_is_visible() {
    let allocated = World { stage: Stage::Allocated, names: Names::None, ..held() };
    says(&allocated, Symptom::Behaviour, Class::Incomplete, &[Step::Investigate]);
    let put_back = World { stage: Stage::Announced, names: Names::Before, ..held() };
    let decision = says(&put_back, Symptom::Behaviour, Class::Incomplete, &[Step::Close]);
    assert!(decision.closes() && !decision.flips_back());
    // What is seen is of what serves.
    for (world, step) in [(&allocated, Step::Investigate), (&put_back, Step::Close)] {
        let world = World { serving: Some(6), ..world.clone() };
        says(&world, Symptom::Behaviour, Class::Incomplete, &[step, Step::AskAgain { generation: 6 }]);
    }
    // The job that announced it may be about to move the names: nothing is recorded against it.
    let flipping = World { flipping: true, ..put_back.clone() };
    let decision = says(&flipping, Symptom::Behaviour, Class::Incomplete, &[Step::AwaitFlip]);
    assert!(!decision.closes() && !decision.flips_back());
    // A schema that older code cannot run on is no matter where nothing goes back.
    let contracted = World { since: vec![migration(Effect::Contracts)], ..allocated.clone() };
    says(&contracted, Symptom::Behaviour, Class::Incomplete, &[Step::Investigate]);
    for world in [&allocated, &put_back] {
        refuses(world, Symptom::Data, "the symptom `data` does not fit: nobody was served by generation 7");
        let refusal = refuses(world, Symptom::Migration, "the symptom `migration` does not fit");
        assert!(refusal.hint().contains("the schema only goes forward"));
    }
    let nameless = World { stage: Stage::Announced, names: Names::None, ..held() };
    refuses(&nameless, Symptom::Behaviour, "does not say which names");
}

#[test]
fn a_newer_flip_that_is_under_way_is_named_first() {
    let told = "the flip of generation 8, of names that generation 7 moved, is neither confirmed nor undone";
    let open = World { open: Some(8), ..held() };
    for symptom in Symptom::ALL {
        refuses(&open, symptom, told);
    }
    // What was cut over since lies over it for good.
    let newer = World { newer: Some(9), ..open.clone() };
    refuses(&newer, Symptom::Behaviour, "generation 9 was cut over since");
    let undone = World { stage: Stage::RolledBack, ..open };
    refuses(&undone, Symptom::Behaviour, "was rolled back already");
}

#[test]
fn class_2_the_names_go_back_while_what_served_before_still_runs() {
    says(&held(), Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
    // A flip back that was killed before it was recorded, even after the hold.
    for held_still in [true, false] {
        let stage = Stage::CutOver { held: held_still, synced: false };
        let world = World { stage, names: Names::Before, ..held() };
        says(&world, Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
    }
    // Flipped, and never confirmed.
    let unfinished = World { stage: Stage::Announced, ..held() };
    says(&unfinished, Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
    // Nothing older is needed for what still runs.
    says(&World { prior: None, ..held() }, Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
    let expanded = World { since: vec![migration(Effect::Expands)], ..held() };
    says(&expanded, Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
}

#[test]
fn a_closed_way_back_leads_to_class_3_and_says_why() {
    let over = Stage::CutOver { held: false, synced: false };
    let synced = Stage::CutOver { held: true, synced: true };
    let changed = |state| World { former: vec![former("api", state)], ..held() };
    for (world, why) in [
        (World { stage: over, ..held() }, "its hold is over"),
        (World { stage: synced, ..held() }, "the colour that served before was made the same since"),
        (World { names: Names::None, former: vec![], ..held() }, "it moved no name"),
        (changed(FormerState::Deploying), "srv-api, which served api before, is being deployed onto"),
        (changed(FormerState::Runs(Some("cccc".into()))), "srv-api, which served api before, runs cccc now"),
        (changed(FormerState::Runs(None)), "runs nothing that is known"),
        (changed(FormerState::Overtaken(8)), "may have been deployed onto for generation 8 since"),
        (changed(FormerState::Suspended), "is suspended"),
    ] {
        let decision = says(&world, Symptom::Behaviour, Class::Redeploy, &[tag(), Step::Drain]);
        let [closed] = &decision.instead[..] else { panic!("{:?}", decision.instead) };
        assert!(closed.to_string().contains(why), "{closed}");
    }
}

#[test]
fn class_3_and_4_deploy_the_code_from_before_again() {
    let decision = says(&held(), Symptom::Data, Class::Redeploy, &[tag(), Step::Drain]);
    assert_eq!((decision.commit_to_tag(), decision.flips_back()), (Some(PRIOR), false));
    let migrated = World { since: vec![migration(Effect::Expands)], ..held() };
    says(&migrated, Symptom::Migration, Class::Migration, &[tag(), Step::Drain, Step::MigrateForward]);
    refuses(&held(), Symptom::Migration, "generation 7 applied no migration that generation 6 does not know");
    // The gate of the hold would stop the tag.
    let busy = World { outbox: Work { own: 3, below: 2 }, ..held() };
    says(&busy, Symptom::Data, Class::Redeploy, &[Step::EmptyOutbox, tag(), Step::Drain]);
    let over = World { stage: Stage::CutOver { held: false, synced: false }, ..busy };
    says(&over, Symptom::Data, Class::Redeploy, &[tag(), Step::Drain]);
}

#[test]
fn a_tag_says_what_else_it_takes_back_and_a_flip_takes_nothing_else() {
    let besides = World { beside: vec![8, 9], ..held() };
    let along = Step::TakesAlong { generations: vec![8, 9] };
    says(&besides, Symptom::Data, Class::Redeploy, &[along, tag(), Step::Drain]);
    says(&besides, Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
}

#[test]
fn class_5_the_code_from_before_is_lost() {
    let lost = |code: PriorCode| {
        let prior = Prior { generation: 6, commit: PRIOR.to_owned(), code };
        World { prior: Some(prior), ..held() }
    };
    for code in [PriorCode::NoCommit, PriorCode::NoDeploy(vec!["api".to_owned()])] {
        let step = Step::DeclareDisaster { lost: code.clone() };
        says(&lost(code.clone()), Symptom::Data, Class::Disaster, std::slice::from_ref(&step));
        // What still runs needs no code to be deployed.
        says(&lost(code.clone()), Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
        let over = World { stage: Stage::CutOver { held: false, synced: false }, ..lost(code) };
        let decision = says(&over, Symptom::Behaviour, Class::Disaster, &[step]);
        assert_eq!(decision.instead, [Closed::HoldOver]);
    }
    // Without its commit nobody has compared the migrations: that is no reason to say that there are none.
    let step = Step::DeclareDisaster { lost: PriorCode::NoCommit };
    says(&lost(PriorCode::NoCommit), Symptom::Migration, Class::Disaster, &[step]);
    refuses(&lost(PriorCode::NoDeploy(vec![])), Symptom::Migration, "applied no migration");
}

#[test]
fn names_half_way_go_back_first() {
    let cut_over = World { names: Names::Between, ..held() };
    let announced = World { stage: Stage::Announced, since: vec![migration(Effect::Expands)], ..held() };
    for world in [cut_over, announced] {
        says(&world, Symptom::Behaviour, Class::FlipBack, &[Step::FlipBack]);
        says(&world, Symptom::Data, Class::Redeploy, &[Step::FlipBack, Step::Drain]);
        let gone = World { former: vec![former("api", FormerState::Suspended)], ..world };
        let refusal = refuses(&gone, Symptom::Data, "half way and cannot go back: srv-api");
        assert!(refusal.hint().contains("re-run the failed jobs"));
    }
    let migrated = World { stage: Stage::Announced, since: vec![migration(Effect::Expands)], ..held() };
    let steps = [Step::FlipBack, Step::Drain, Step::MigrateForward];
    says(&migrated, Symptom::Migration, Class::Migration, &steps);
}

#[test]
fn what_is_no_question_of_this_world_is_refused() {
    refuses(&World { stage: Stage::RolledBack, ..held() }, Symptom::Behaviour, "was rolled back already");
    refuses(&World { newer: Some(9), ..held() }, Symptom::Behaviour, "generation 9 was cut over since");
    let strangers = World { names: Names::Elsewhere(vec!["a points at b".to_owned()]), ..held() };
    refuses(&strangers, Symptom::Behaviour, "neither where it moved them nor where they were: a points at b");
    refuses(&World { prior: None, ..held() }, Symptom::Data, "nothing was cut over before generation 7");
    let same = World { commit: PRIOR.to_owned(), ..held() };
    refuses(&same, Symptom::Data, "is of the same commit");
    for symptom in Symptom::ALL {
        let since = vec![migration(Effect::Unknown), migration(Effect::Contracts)];
        let refusal = refuses(&World { since, ..held() }, symptom, "2026Contracts took away what it needs");
        assert!(refusal.is_of_the_schema());
        let unknown = World { since: vec![migration(Effect::Unknown)], ..held() };
        refuses(&unknown, symptom, "the text of 2026Unknown is not to be had");
    }
}

#[test]
fn names_stand_where_they_were_or_where_they_were_moved() {
    let pointing = |pairs: &[(&str, &str)]| -> Pointing {
        pairs.iter().map(|(host, target)| ((*host).to_owned(), (*target).to_owned())).collect()
    };
    let before = pointing(&[("a.x", "blue.y"), ("b.x", "blue.y")]);
    let after = pointing(&[("a.x", "green.y"), ("b.x", "green.y")]);
    let of = |now: &[(&str, &str)]| Names::of(&before, &pointing(now), &after);
    assert_eq!(of(&[("A.x", "blue.y."), ("b.x", "BLUE.y")]), Names::Before);
    assert_eq!(of(&[("a.x", "green.y"), ("b.x", "green.y")]), Names::After);
    assert_eq!(of(&[("a.x", "green.y"), ("b.x", "blue.y")]), Names::Between);
    assert_eq!(
        of(&[("a.x", "red.y"), ("b.x", "blue.y")]),
        Names::Elsewhere(vec!["a.x points at red.y".into()])
    );
    assert_eq!(of(&[("b.x", "blue.y")]), Names::Elsewhere(vec!["a.x has no CNAME".into()]));
    assert_eq!(Names::of(&Pointing::new(), &before, &after), Names::None);
}

#[test]
fn a_tag_keeps_its_lineage_and_is_never_used_twice() {
    let first = |tag: Option<&str>| tags(tag, 6).take(3).collect::<Vec<_>>().join(" ");
    let version = "v1.4.2-rollback v1.4.2-rollback.2 v1.4.2-rollback.3";
    for tag in ["v1.4.2", "v1.4.2-rollback", "v1.4.2-rollback.2"] {
        assert_eq!(first(Some(tag)), version);
    }
    assert_eq!(first(Some("prod-7")), "prod-7-rollback prod-7-rollback.2 prod-7-rollback.3");
    assert_eq!(tags(Some("v1.4.2-rc.1"), 6).next().unwrap(), "v1.4.2-rc.1-rollback");
    assert_eq!(tags(Some("v1.4.2-rollback.x"), 6).next().unwrap(), "v1.4.2-rollback.x-rollback");
    for tag in [None, Some("nightly"), Some("v1.4"), Some("prod-1/x")] {
        assert_eq!(tags(tag, 6).next().unwrap(), "prod-6-rollback", "{tag:?}");
    }
}

/// Every world, to the last combination.
fn worlds() -> impl Iterator<Item = World> {
    let cut_over =
        [true, false].map(|held| [true, false].map(|synced| Stage::CutOver { held, synced })).concat();
    let stages = [vec![Stage::Allocated, Stage::Announced, Stage::RolledBack], cut_over].concat();
    let names =
        [Names::None, Names::Before, Names::After, Names::Between, Names::Elsewhere(vec!["x".into()])];
    let codes = [PriorCode::There, PriorCode::NoCommit, PriorCode::NoDeploy(vec!["api".into()])];
    let commits = [PRIOR, COMMIT];
    let prior = |code: &PriorCode, commit: &str| {
        Some(Prior { generation: 6, commit: commit.to_owned(), code: code.clone() })
    };
    let some = codes.iter().flat_map(|code| commits.map(|commit| prior(code, commit)));
    let priors: Vec<_> = some.chain([None]).collect();
    let states = [
        FormerState::AsBefore,
        FormerState::Deploying,
        FormerState::Runs(None),
        FormerState::Overtaken(8),
        FormerState::Suspended,
    ];
    let formers: Vec<Vec<Former>> = states
        .iter()
        .map(|state| vec![former("api", FormerState::AsBefore), former("workers", state.clone())])
        .collect();
    let effects: Vec<Vec<Migration>> = (0..8_u8)
        .map(|bits| {
            let all = [Effect::Expands, Effect::Contracts, Effect::Unknown].into_iter().enumerate();
            all.filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, effect)| migration(effect)).collect()
        })
        .collect();
    let mut worlds = vec![held()];
    multiply(&mut worlds, &stages, |world, stage| world.stage = *stage);
    multiply(&mut worlds, &[false, true], |world, flipping| world.flipping = *flipping);
    multiply(&mut worlds, &names, |world, names| world.names = names.clone());
    multiply(&mut worlds, &[None, Some(9)], |world, newer| world.newer = *newer);
    multiply(&mut worlds, &[vec![], vec![8]], |world, beside| world.beside = beside.clone());
    multiply(&mut worlds, &priors, |world, prior| world.prior = prior.clone());
    multiply(&mut worlds, &formers, |world, former| world.former = former.clone());
    multiply(&mut worlds, &effects, |world, since| world.since = since.clone());
    multiply(&mut worlds, &[0, 2], |world, below| world.outbox.below = *below);
    worlds.into_iter()
}

fn multiply<T>(worlds: &mut Vec<World>, values: &[T], set: impl Fn(&mut World, &T)) {
    *worlds = worlds
        .iter()
        .flat_map(|world| {
            values.iter().map(|value| {
                let mut world = world.clone();
                set(&mut world, value);
                world
            })
        })
        .collect();
}

#[test]
fn in_every_world_a_decision_is_safe_and_a_refusal_has_its_reason() {
    let mut seen = [0_u32; 6];
    for world in worlds() {
        for symptom in Symptom::ALL {
            match classify(&world, symptom) {
                Ok(decision) => {
                    seen[usize::from(decision.class.number())] += 1;
                    is_safe(&world, symptom, &decision);
                }
                Err(refusal) => {
                    seen[0] += 1;
                    has_its_reason(&world, symptom, &refusal);
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

/// What must hold of a decision, said without the tree.
#[track_caller]
fn is_safe(world: &World, symptom: Symptom, decision: &Decision) {
    let case = || format!("{symptom:?} in {world:?}: {decision:?}");
    let cut_over = matches!(world.stage, Stage::CutOver { .. });
    let warm = world.former.iter().all(|former| former.state == FormerState::AsBefore);
    let works = world.since.iter().all(|migration| migration.effect == Effect::Expands);
    let visible = cut_over || world.stage == Stage::Announced && world.names != Names::Before;
    assert!(!decision.steps.is_empty(), "{}", case());
    assert!(world.newer.is_none() && world.stage != Stage::RolledBack, "{}", case());
    assert_eq!(
        decision.class == Class::Incomplete,
        !visible || world.stage == Stage::Allocated,
        "{}",
        case()
    );
    assert!(!(decision.closes() && world.flipping), "{}", case());
    if decision.flips_back() {
        assert!(warm && works && !matches!(world.stage, Stage::CutOver { synced: true, .. }), "{}", case());
        assert!(matches!(world.names, Names::Before | Names::After | Names::Between), "{}", case());
        let late = matches!(world.stage, Stage::CutOver { held: false, .. }) && world.names != Names::Before;
        assert!(!late && decision.commit_to_tag().is_none(), "{}", case());
    }
    if let Some(commit) = decision.commit_to_tag() {
        let prior = world.prior.as_ref().unwrap();
        assert!(
            prior.code == PriorCode::There && commit == prior.commit && commit != world.commit,
            "{}",
            case()
        );
        assert!(cut_over && works, "{}", case());
        assert!(matches!(world.names, Names::None | Names::Before | Names::After), "{}", case());
        assert!(decision.steps.contains(&Step::Drain), "{}", case());
        let along = Step::TakesAlong { generations: world.beside.clone() };
        assert_eq!(decision.steps.contains(&along), !world.beside.is_empty(), "{}", case());
    }
    let lost = world.prior.as_ref().is_some_and(|prior| prior.code != PriorCode::There);
    assert!(decision.class != Class::Disaster || cut_over && lost, "{}", case());
    let fits = match decision.class {
        Class::Incomplete | Class::FlipBack => symptom == Symptom::Behaviour,
        Class::Redeploy => symptom != Symptom::Migration,
        Class::Migration => symptom == Symptom::Migration && !(world.since.is_empty() && compared(world)),
        Class::Disaster => true,
    };
    assert!(fits, "{}", case());
    let slower =
        symptom == Symptom::Behaviour && !matches!(decision.class, Class::Incomplete | Class::FlipBack);
    assert_eq!(!decision.instead.is_empty(), slower, "{}", case());
}

/// Whether somebody could look for the migrations that the commit before does not know.
fn compared(world: &World) -> bool {
    world.prior.as_ref().is_some_and(|prior| prior.code != PriorCode::NoCommit)
}

#[track_caller]
fn has_its_reason(world: &World, symptom: Symptom, refusal: &Refusal) {
    let has = |effect| world.since.iter().any(|migration| migration.effect == effect);
    let announced = world.stage == Stage::Announced;
    let holds = match refusal {
        Refusal::RolledBack(_) => world.stage == Stage::RolledBack,
        Refusal::InBetween { newer, .. } => world.newer == Some(*newer),
        Refusal::Elsewhere { names, .. } => world.names == Names::Elsewhere(names.clone()),
        Refusal::NoNames(_) => announced && world.names == Names::None,
        Refusal::NeverSeen { symptom: told, .. } => {
            let before = announced && world.names == Names::Before;
            *told == symptom && symptom != Symptom::Behaviour && (before || world.stage == Stage::Allocated)
        }
        Refusal::NoMigration { .. } => {
            symptom == Symptom::Migration && world.since.is_empty() && compared(world)
        }
        Refusal::Contracted { .. } => has(Effect::Contracts),
        Refusal::Unjudged { .. } => has(Effect::Unknown),
        Refusal::NothingBefore(_) => world.prior.is_none(),
        Refusal::SameCode { .. } => world.prior.as_ref().is_some_and(|prior| prior.commit == world.commit),
        Refusal::Stuck { closed, .. } => !closed.is_empty() && (announced || world.names == Names::Between),
        other => panic!("{other:?}"),
    };
    assert!(holds, "{symptom:?} in {world:?}: {refusal:?}");
}
