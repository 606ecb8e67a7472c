//! Who is let in, to do what, and what is said to those who are not.

use postgres::{Database, Error, Ledger};
use rehearsal::postgres::{PASSWORD, Postgres};

use crate::world::{context, ledger, new, permit, told};

#[tokio::test]
async fn a_password_is_proved_and_a_wrong_one_told_without_showing_it() {
    let postgres = Postgres::with_ledger().unwrap();
    postgres
        .execute(&format!(
            "create role deployer login password '{PASSWORD}'; create role stranger login password 'x';
             grant usage on schema core to deployer, stranger; grant select, insert on core.deployments to deployer"
        ))
        .unwrap();
    postgres.set_logins("host all all 127.0.0.1/32 scram-sha-256").unwrap();
    let deployer = ledger(&postgres.dsn_of("deployer"));
    deployer.allocate(&permit(), &new(1)).await.unwrap().unwrap();

    let before = postgres.log().matches("stranger").count();
    let told = told(ledger(&postgres.dsn_of("stranger")).deployed_bases().await.unwrap_err());
    assert!(told.starts_with("Denied the database at 127.0.0.1:"), "{told}");
    assert!(
        told.contains("refused the login: password authentication failed")
            && told.contains("do not simply run again"),
        "{told}"
    );
    let log = postgres.log();
    assert!(log.matches("stranger").count() > before);
    assert_eq!(log.matches("FATAL:  password authentication failed").count(), 1, "it was tried once");
}

#[tokio::test]
async fn a_missing_right_is_told_with_the_grant() {
    let postgres = Postgres::with_ledger().unwrap();
    postgres.execute("create role reader login; grant usage on schema core to reader; grant select on core.deployments to reader").unwrap();
    let reader = ledger(&postgres.dsn_of("reader"));
    assert!(reader.deployed_bases().await.unwrap().is_empty());
    for error in
        [reader.allocate(&permit(), &new(1)).await.unwrap_err(), reader.workers(1).await.unwrap_err()]
    {
        assert!(matches!(error, Error::Permission(_)), "{error:?}");
        let told = told(error);
        assert!(
            told.contains("permission denied for table") && told.contains("hint: grant the role"),
            "{told}"
        );
    }
    postgres.execute("create role nobody_here login").unwrap();
    let error = ledger(&postgres.dsn_of("nobody_here")).deployed_bases().await.unwrap_err();
    assert!(told(error).contains("permission denied for schema core"));
    // Another table, another grant.
    postgres.execute("create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text primary key)").unwrap();
    let database = Database::new(&context(""), &postgres.dsn_of("nobody_here").into()).unwrap();
    let told = told(database.migrations().await.unwrap_err());
    assert!(told.contains("grant select on supabase_migrations.schema_migrations to ROLE"), "{told}");
}

#[tokio::test]
async fn hidden_rows_are_an_error_and_never_none() {
    let postgres = Postgres::with_ledger().unwrap();
    postgres
        .execute(
            "create role tenant login; grant usage on schema core to tenant; grant select on core.deployments to tenant;
             alter table core.deployments enable row level security; create policy mine on core.deployments using (false)",
        )
        .unwrap();
    let error = ledger(&postgres.dsn_of("tenant")).deployed_bases().await.unwrap_err();
    assert!(matches!(error, Error::HiddenRows(_)), "{error:?}");
    assert!(told(error).contains("BYPASSRLS"));
}

#[tokio::test]
async fn unknown_roles_databases_and_replicas_are_told_apart() {
    let postgres = Postgres::with_ledger().unwrap();
    let told_of = async |dsn: String| told(ledger(&dsn).deployed_bases().await.unwrap_err());
    let role = told_of(postgres.dsn_of("who")).await;
    assert!(role.contains("role \"who\" does not exist") && role.contains("check the user"), "{role}");
    let database =
        told_of(format!("postgresql://postgres:{PASSWORD}@127.0.0.1:{}/other", postgres.port())).await;
    assert!(
        database.contains("has no such database") && database.contains("after the last slash"),
        "{database}"
    );

    postgres
        .execute(
            "create role watcher login superuser; alter role watcher set default_transaction_read_only = on",
        )
        .unwrap();
    let watcher = ledger(&postgres.dsn_of("watcher"));
    assert!(watcher.deployed_bases().await.is_ok());
    let error = watcher.allocate(&permit(), &new(1)).await.unwrap_err();
    assert!(matches!(error, Error::ReadOnly(_)), "{error:?}");
    assert!(told(error).contains("leads to a replica"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let mut postgres = Postgres::start().unwrap();
    let ledger = ledger(&postgres.dsn());
    postgres.crash();
    let error = ledger.deployed_bases().await.unwrap_err();
    assert!(matches!(error, Error::Unreached { .. }) && error.is_passing(), "{error:?}");
    assert!(told(error).starts_with("Unreachable the database at 127.0.0.1:"));
}

#[tokio::test]
async fn an_address_is_judged_before_anything_is_sent() {
    let open = |dsn: &str| Ledger::open(&context(dsn)).map(drop).map_err(told);
    let unset = open("").unwrap_err();
    assert!(unset.starts_with("Invalid no secret: `DATABASE_URL` is not set"), "{unset}");
    for (dsn, cause, fix) in [
        (
            "postgres://postgres.abcdefghijklmnopqrst:x@aws-0-eu.pooler.supabase.com:6543/postgres",
            "transaction pooler",
            "port 5432",
        ),
        (
            "postgres://postgres:x@aws-0-eu.pooler.supabase.com:5432/postgres",
            "lacks the project's reference",
            "postgres.<project reference>",
        ),
        ("postgres://u:[YOUR-PASSWORD]@h/d", "placeholder", "brackets included"),
        ("postgres://u:a@b@h/d", "holds `@` as it is", "%40"),
        (
            "postgres://u:x@h/d?sslmode=verify-full&sslrootcert=/nowhere.pem",
            "sslrootcert in DATABASE_URL names cannot be used",
            "PEM",
        ),
    ] {
        let told = open(dsn).unwrap_err();
        assert!(told.starts_with("Invalid ") && told.contains(cause) && told.contains(fix), "{dsn}: {told}");
    }
}
