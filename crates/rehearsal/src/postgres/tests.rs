use super::*;

#[test]
fn a_server_starts_answers_and_leaves_nothing_behind() {
    let postgres = Postgres::with_ledger().unwrap();
    assert_eq!(postgres.value("select count(*) from core.deployments").unwrap(), "0");
    let folder = postgres.home.data();
    assert!(folder.is_dir());
    let dsn = postgres.dsn();
    drop(postgres);
    assert!(!folder.exists());
    assert!(client::query(&dsn, "select 1").is_err());
}

#[test]
fn two_servers_share_nothing() {
    let (one, other) = (Postgres::with_ledger().unwrap(), Postgres::start().unwrap());
    assert_ne!(one.port(), other.port());
    assert_eq!(other.value("select to_regclass('core.deployments')").unwrap(), "");
}

#[test]
fn a_relay_strikes_once_at_the_statement_that_it_waits_for() {
    let postgres = Postgres::start().unwrap();
    postgres.execute("create table t (n int)").unwrap();
    let relay = postgres.relay().unwrap();
    let insert = "insert into t values (1)";
    relay.strike("INSERT INTO", Strike::Before);
    relay.strike("INSERT INTO", Strike::After);
    assert!(client::query(&relay.dsn(), insert).is_err());
    assert_eq!(postgres.value("select count(*) from t").unwrap(), "0");
    assert!(client::query(&relay.dsn(), insert).is_err());
    assert_eq!(postgres.value("select count(*) from t").unwrap(), "1");
    assert!(client::query(&relay.dsn(), insert).is_ok());
    relay.refuse(true);
    assert!(client::query(&relay.dsn(), insert).is_err());
    assert_eq!((postgres.value("select count(*) from t").unwrap().as_str(), relay.pending()), ("2", 0));
    assert_eq!(relay.connections(), 4);
}

#[test]
fn logins_may_need_a_password() {
    let postgres = Postgres::start().unwrap();
    postgres.execute("create role visitor login password 'another'").unwrap();
    postgres.set_logins("host all all 127.0.0.1/32 scram-sha-256").unwrap();
    let refused = client::query(&postgres.dsn_of("visitor"), "select 1").unwrap_err();
    assert!(format!("{refused:#}").contains("visitor"), "{refused:#}");
    assert_eq!(postgres.value("select 1").unwrap(), "1");
}

#[test]
fn a_server_that_somebody_else_started_on_the_port_is_not_taken_for_one_s_own() {
    let (one, other) = (Postgres::start().unwrap(), Postgres::start().unwrap());
    assert!(process::is_of(&one.home, one.port()));
    assert!(!process::is_of(&one.home, other.port()));
}

#[test]
fn a_relay_lists_what_is_committed_over_it() {
    let postgres = Postgres::start().unwrap();
    let (relay, effects) = (postgres.relay().unwrap(), crate::effects::Effects::default());
    relay.report_to(&effects);
    let ask = |sql: &str| client::query(&relay.dsn(), sql);
    ask("create table t (n int)").unwrap();
    ask("begin; insert into t values (1); rollback").unwrap();
    ask("update t set n = 2").unwrap();
    ask("insert into t values (1)").unwrap();
    assert!(ask("insert into t values ('x')").is_err());
    assert_eq!(ask("select n from t").unwrap(), [[Some("1".to_owned())]]);
    let names: Vec<_> = effects.list().into_iter().map(|effect| effect.name).collect();
    assert_eq!(names, ["ledger: create table t", "ledger: insert into t values"]);
}
