//! Merges are written down before they are asked for, one at a time.

use postgres::Ledger;
use postgres::ledger::{Begun, MergeEnd, NewSchemaMerge, Recorded, SchemaMerge};
use rehearsal::postgres::{Postgres, Strike};

use crate::world::{SHA, ledger, permit};

const ONE: &str = "20260101000000";
const TWO: &str = "20260102000000";
const THREE: &str = "20260103000000";

fn versions(found: &[&str]) -> Vec<String> {
    found.iter().map(|&version| version.to_owned()).collect()
}

fn merge(run_id: u64) -> NewSchemaMerge {
    let (before, pending) = (versions(&[ONE]), versions(&[TWO, THREE]));
    NewSchemaMerge { run_id, sha: SHA.to_owned(), before, pending }
}

async fn begun(ledger: &Ledger, run_id: u64) -> SchemaMerge {
    match ledger.begin_schema_merge(&permit(), &merge(run_id)).await.unwrap() {
        Begun::New(merge) => merge,
        Begun::Open(open) => panic!("{open:?} is open"),
    }
}

fn count(postgres: &Postgres) -> String {
    postgres.value("select count(*) from core.schema_merges").unwrap()
}

#[tokio::test]
async fn a_merge_begins_and_ends_once() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    assert_eq!(ledger.open_schema_merge().await.unwrap(), None);
    let new = begun(&ledger, 7).await;
    assert_eq!(
        (new.run_id, &*new.sha, &new.before, &new.pending),
        (7, SHA, &merge(7).before, &merge(7).pending)
    );
    assert_eq!((new.ended_at, &new.applied, new.acknowledged_at), (None, &None, None));

    let some = versions(&[TWO]);
    let note = async || ledger.note_schema_merge(&permit(), new.id, &some).await;
    assert_eq!(note().await, Ok(Recorded::New));
    assert_eq!(note().await, Ok(Recorded::Already));
    let open = ledger.open_schema_merge().await.unwrap().unwrap();
    assert_eq!((open.id, open.began_at, &open.applied), (new.id, new.began_at, &Some(some.clone())));

    let end = async |end| ledger.end_schema_merge(&permit(), new.id, &new.pending, end).await;
    assert_eq!(end(MergeEnd::Clear).await, Ok(Recorded::New));
    assert_eq!(end(MergeEnd::Acknowledged).await, Ok(Recorded::Already));
    assert_eq!(note().await, Ok(Recorded::Already), "what is ended stays as it is");
    assert_eq!(ledger.open_schema_merge().await.unwrap(), None);
    let row =
        "select array_to_string(applied, ' ') || ' ' || (acknowledged_at is null) from core.schema_merges";
    assert_eq!(postgres.value(row).unwrap(), format!("{TWO} {THREE} true"));

    let next = begun(&ledger, 8).await;
    ledger.end_schema_merge(&permit(), next.id, &some, MergeEnd::Acknowledged).await.unwrap();
    let acknowledged = "select count(*) from core.schema_merges where acknowledged_at = ended_at";
    assert_eq!((count(&postgres), postgres.value(acknowledged).unwrap()), ("2".into(), "1".into()));
}

#[tokio::test]
async fn while_one_is_open_no_other_begins_not_even_the_same() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let first = begun(&ledger, 7).await;
    for run_id in [7, 8] {
        let second = ledger.begin_schema_merge(&permit(), &merge(run_id)).await.unwrap();
        assert!(matches!(&second, Begun::Open(open) if open.id == first.id), "{second:?}");
    }
    assert_eq!(count(&postgres), "1");
}

#[tokio::test]
async fn of_many_at_once_one_merge_begins() {
    let postgres = Postgres::with_ledger().unwrap();
    let (here, mut callers) = (tokio::task::LocalSet::new(), tokio::task::JoinSet::new());
    for run_id in 1..=8 {
        let ledger = ledger(&postgres.dsn());
        let begin = async move { ledger.begin_schema_merge(&permit(), &merge(run_id)).await.unwrap() };
        callers.spawn_local_on(begin, &here);
    }
    let answers = here.run_until(callers.join_all()).await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Begun::New(_))).count(), 1, "{answers:?}");
    assert_eq!(count(&postgres), "1");
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_row_and_is_no_other_s_merge() {
    for statement in
        ["pg_advisory_xact_lock", "from core.schema_merges m", "insert into core.schema_merges", "COMMIT\0"]
    {
        for strike in [Strike::Before, Strike::After] {
            let postgres = Postgres::with_ledger().unwrap();
            let relay = postgres.relay().unwrap();
            let ledger = ledger(&relay.dsn());
            relay.strike(statement, strike);
            let new = begun(&ledger, 7).await;
            assert_eq!(relay.pending(), 0, "{statement}: the strike never came");
            assert_eq!(count(&postgres), "1", "{statement}, {strike:?}");
            relay.strike("COMMIT\0", strike);
            ledger.end_schema_merge(&permit(), new.id, &[], MergeEnd::Clear).await.unwrap();
            assert_eq!(ledger.open_schema_merge().await.unwrap(), None);
        }
    }
}
