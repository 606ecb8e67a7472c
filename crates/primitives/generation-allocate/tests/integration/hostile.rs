//! Databases that are not there, not ours, or not what they should be.

use action::Ending;
use rehearsal::postgres::{PASSWORD, Postgres};

use crate::world::{ask, rows, run};

#[tokio::test]
async fn every_wrong_address_has_its_cause_and_fix() {
    let reference = "abcdefghijklmnopqrst";
    let pooler = "aws-0-eu-west-1.pooler.supabase.com";
    let cases = [
        (format!("postgres://postgres.{reference}:{PASSWORD}@{pooler}:6543/postgres"), "transaction pooler"),
        (format!("postgres://postgres:{PASSWORD}@{pooler}:5432/postgres"), "lacks the project's reference"),
        (format!("postgres://postgres.{reference}:[YOUR-PASSWORD]@{pooler}:5432/postgres"), "placeholder"),
        (format!("postgres://u:{PASSWORD}@x@db.example.com/d"), "holds `@` as it is"),
        (format!("postgres://u:{PASSWORD}/x@db.example.com/d"), "holds `/` as it is"),
        (format!("postgres://u:{PASSWORD}@db.example.com"), "names no database"),
        (format!("mysql://u:{PASSWORD}@db.example.com/d"), "another scheme"),
        (format!("https://{reference}.supabase.co/{PASSWORD}"), "web page or an API"),
        (format!("\"postgres://u:{PASSWORD}@db.example.com/d\""), "quotation marks"),
        (format!("postgres://u:{PASSWORD}@db.example.com/d?sslmode=maybe"), "sslmode"),
    ];
    for (dsn, told) in cases {
        let run = run(ask(&dsn)).await;
        assert_eq!(run.ending, Ending::Invalid, "{told}: {}", run.stderr);
        assert!(run.error().contains(told) && run.error().contains("hint:"), "{told}: {}", run.error());
    }
}

#[tokio::test]
async fn missing_tables_come_with_the_statement() {
    let postgres = Postgres::start().unwrap();
    let run = run(ask(&postgres.dsn())).await;
    assert_eq!(run.ending, Ending::Denied, "{}", run.stderr);
    insta::assert_snapshot!(run.error(), @r"
    the database lacks core.deployments, core.workers, core.outbox, core.schema_merges
    hint: create it: create schema if not exists core; create table if not exists core.deployments (generation bigint generated always as identity primary key, reference text not null, tag text, sha text not null, targets text[] not null, run_id bigint not null, created_at timestamptz not null default now(), intent_at timestamptz, cut_over_at timestamptz, synced_at timestamptz, rolled_back_at timestamptz, previous_cnames jsonb);
    hint: create it: create schema if not exists core; create table if not exists core.workers (worker_id text primary key, generation bigint, state text, last_heartbeat timestamptz);
    hint: create it: create schema if not exists core; create table if not exists core.outbox (id bigint generated always as identity primary key, generation bigint, status text not null default 'pending');
    hint: create it: create schema if not exists core; create table if not exists core.schema_merges (id bigint generated always as identity primary key, run_id bigint not null, sha text not null, before text[] not null, pending text[] not null, began_at timestamptz not null default now(), ended_at timestamptz, applied text[], acknowledged_at timestamptz);
    hint: or DATABASE_URL leads to another database than that of the ledger
    ");
}

#[tokio::test]
async fn a_role_without_rights_is_refused() {
    let postgres = Postgres::with_ledger().unwrap();
    postgres
        .execute("create role reader login; grant usage on schema core to reader; grant select on core.deployments to reader")
        .unwrap();
    let run = run(ask(&postgres.dsn_of("reader"))).await;
    assert_eq!(run.ending, Ending::Denied, "{}", run.stderr);
    assert!(
        run.error().contains("permission denied for table deployments")
            && run.error().contains("grant select, insert")
    );
    assert_eq!(rows(&postgres), "0");
}

#[tokio::test]
async fn a_server_that_stays_away_is_unreachable() {
    let postgres = Postgres::with_ledger().unwrap();
    let relay = postgres.relay().unwrap();
    relay.refuse(true);
    let run = run(ask(&relay.dsn())).await;
    assert_eq!(run.ending, Ending::Unreachable, "{}", run.stderr);
    assert_eq!(rows(&postgres), "0");
}
