//! Branches: made, found, reached, deleted.

use std::time::Duration;

use action::{ExposeSecret as _, SecretString};
use rehearsal::twins::supabase::{Creating, CreationEnd};
use supabase::{BranchStatus, NewBranch, ProjectStatus};

use crate::world::{World, id};

const TABLE: &[&str] = &["create table t (a int)", "insert into t values (1)"];

#[test]
fn a_branch_comes_up_with_the_schema_that_migrations_tell_and_nothing_else() {
    let world = World::new();
    world.twin.migrate(&world.production, "20260101000000_table", &["create table t (a int)"]).unwrap();
    let (project, twin, clock) = (id(&world.production), world.twin.clone(), world.clock.clone());
    world.with(async move |client, permit| {
        // Rows, and a table that no migration made.
        let rows = "insert into public.t values (1); create table public.by_hand (a int)";
        client.execute(&project, rows, &[], &permit).await.unwrap();
        let made = client.create_branch(&project, &NewBranch::preview("rehearse-1"), &permit).await.unwrap();
        assert_eq!((made.name.as_str(), &made.parent, made.persistent, made.with_data), ("rehearse-1", &project, false, false));
        assert_eq!((&made.status, &made.project_status), (&BranchStatus::CreatingProject, &Some(ProjectStatus::ComingUp)));
        let branch = made.reference.clone();
        assert_eq!(client.primary_pooler(&branch).await.unwrap(), None, "nothing to reach yet");
        assert!(client.once().read(&branch, "select 1", &[]).await.is_err());
        clock.advance(Duration::from_secs(60));
        let up = client.branch_named(&project, "rehearse-1").await.unwrap().unwrap();
        assert_eq!((up.status, up.project_status), (BranchStatus::RunningMigrations, Some(ProjectStatus::ActiveHealthy)));
        assert_eq!(client.history(&branch).await.unwrap(), [], "reachable, and not whole yet");
        clock.advance(Duration::from_secs(10));
        let whole = client.branch_named(&project, "rehearse-1").await.unwrap().unwrap();
        assert_eq!(whole.status, BranchStatus::FunctionsDeployed);
        let versions: Vec<_> = client.history(&branch).await.unwrap().into_iter().map(|row| row.version).collect();
        assert_eq!(versions, ["20260101000000"]);
        let found = "select (select count(*) from public.t)::int as rows, to_regclass('public.by_hand') is null as absent";
        let found = client.read(&branch, found, &[]).await.unwrap();
        assert_eq!((found[0]["rows"].as_i64(), found[0]["absent"].as_bool()), (Some(0), Some(true)));
        client.delete_branch(&branch, &permit).await.unwrap();
        client.delete_branch(&branch, &permit).await.expect("gone already");
        assert_eq!(client.branch_named(&project, "rehearse-1").await.unwrap(), None);
        assert_eq!(twin.effects().len(), 3, "{:?}", twin.effects());
    });
}

#[test]
fn a_branch_s_password_opens_its_pooler_and_is_never_shown() {
    let world = World::new();
    let branch = world.twin.add_persistent_branch(&world.production, "staging").unwrap();
    let password = world.twin.password_of(&branch).unwrap();
    let (address, shown) = (std::rc::Rc::new(std::cell::RefCell::default()), password.clone());
    let out = address.clone();
    world.with(async move |client, _| {
        let config = client.branch_config(&id(&branch)).await.unwrap();
        assert_eq!((config.status.word(), config.db_user.as_deref()), ("ACTIVE_HEALTHY", Some("postgres")));
        assert!(config.db_host.starts_with("db.") && config.db_port == 5432);
        let secret = config.password.clone().unwrap();
        assert_eq!(secret.expose_secret(), shown);
        let pooler = client.primary_pooler(&id(&branch)).await.unwrap().unwrap();
        assert_eq!(pooler.db_user, format!("postgres.{branch}"));
        for text in [format!("{config:?}"), format!("{pooler:?}")] {
            assert!(!text.contains(&shown), "{text}");
        }
        let wrong = pooler.session_address(&SecretString::from("wrong"));
        let right = pooler.session_address(&secret);
        *out.borrow_mut() = vec![right.expose_secret().to_owned(), wrong.expose_secret().to_owned()];
    });
    let addresses = address.borrow();
    let psql = rehearsal::postgres::Postgres::binaries().unwrap().join("psql");
    let log_in = |address: &String| {
        let mut command = std::process::Command::new(&psql);
        command.args([address, "-wAtc", "select current_user || 1"]).output().unwrap()
    };
    let right = log_in(&addresses[0]);
    assert_eq!(String::from_utf8_lossy(&right.stdout), "postgres1\n", "{right:?}");
    let wrong = log_in(&addresses[1]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("password authentication failed"), "{wrong:?}");
}

#[test]
fn creations_that_fail_say_so() {
    let world = World::new();
    world.twin.migrate(&world.production, "20260101000000_table", TABLE).unwrap();
    world.twin.migrate(&world.production, "20260102000000_more", &["alter table t add b int"]).unwrap();
    let (project, twin, clock) = (id(&world.production), world.twin.clone(), world.clock.clone());
    let quick = Creating { project: Duration::ZERO, migrations: Duration::ZERO, end: CreationEnd::Well };
    world.with(async move |client, permit| {
        twin.set_creating(Creating { end: CreationEnd::Refused, ..quick });
        let refused =
            client.once().create_branch(&project, &NewBranch::preview("a"), &permit).await.unwrap_err();
        assert_eq!((refused.status(), refused.outcome()), (Some(500), http::Outcome::Unknown));
        assert_eq!(client.branches(&project).await.unwrap(), []);
        twin.set_creating(Creating { end: CreationEnd::InitFailed, ..quick });
        client.create_branch(&project, &NewBranch::preview("b"), &permit).await.unwrap();
        twin.set_creating(Creating { end: CreationEnd::MigrationsFailed(1), ..quick });
        client.create_branch(&project, &NewBranch::preview("c"), &permit).await.unwrap();
        clock.advance(Duration::from_secs(1));
        let lost = client.branch_named(&project, "b").await.unwrap().unwrap();
        assert!(lost.project_status.unwrap().is_lost());
        let half = client.branch_named(&project, "c").await.unwrap().unwrap();
        assert_eq!(
            (half.status, half.project_status),
            (BranchStatus::MigrationsFailed, Some(ProjectStatus::ActiveHealthy))
        );
        assert_eq!(client.history(&half.reference).await.unwrap().len(), 1);
        let twice = client.create_branch(&project, &NewBranch::preview("c"), &permit).await.unwrap_err();
        assert_eq!(twice.status(), Some(400));
    });
}

#[test]
fn a_branch_whose_parent_s_migrations_do_not_replay_is_broken_by_itself() {
    let world = World::new();
    let address = world.twin.address(&world.production).unwrap();
    // The second migration needs what somebody made by hand.
    world.twin.migrate(&world.production, "20260101000000_table", TABLE).unwrap();
    let psql = rehearsal::postgres::Postgres::binaries().unwrap().join("psql");
    let by_hand = std::process::Command::new(psql)
        .args([&address, "-qc", "create table by_hand (a int)"])
        .output()
        .unwrap();
    assert!(by_hand.status.success(), "{by_hand:?}");
    world.twin.migrate(&world.production, "20260102000000_more", &["alter table by_hand add b int"]).unwrap();
    let (project, clock) = (id(&world.production), world.clock.clone());
    world.with(async move |client, permit| {
        let made = client.create_branch(&project, &NewBranch::preview("a"), &permit).await.unwrap();
        clock.advance(Duration::from_secs(600));
        let broken = client.branch_named(&project, "a").await.unwrap().unwrap();
        assert_eq!(broken.status, BranchStatus::MigrationsFailed);
        assert_eq!(client.history(&made.reference).await.unwrap().len(), 1);
    });
}

#[test]
fn a_persistent_branch_is_not_deleted() {
    let world = World::new();
    let branch = world.twin.add_persistent_branch(&world.production, "staging").unwrap();
    let reference = branch.clone();
    world.with(async move |client, permit| {
        let refused = client.delete_branch(&id(&reference), &permit).await.unwrap_err();
        assert_eq!(refused.status(), Some(422));
        assert!(refused.to_string().contains("Cannot delete persistent branch"), "{refused}");
        assert!(client.project(&id(&reference)).await.unwrap().status == ProjectStatus::ActiveHealthy);
    });
    assert_eq!(world.twin.branch_names(&world.production), ["staging"]);
}
