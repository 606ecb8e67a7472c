use action::{ExposeSecret as _, Failure};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::*;

const REF: &str = "abcdefghijklmnopqrst";
const CANARY: &str = "hunter2canary";

fn problem(text: &str) -> DsnProblem {
    match Dsn::parse(text) {
        Ok(dsn) => panic!("{text} was taken: {dsn:?}"),
        Err(problem) => problem,
    }
}

#[test]
fn good_addresses_are_read() {
    let pooler =
        format!("postgres://postgres.{REF}:p%40ss@aws-1-eu-west-1.pooler.supabase.com:5432/postgres");
    let dsn = Dsn::parse(&pooler).unwrap();
    assert_eq!(dsn.user, format!("postgres.{REF}"));
    assert_eq!(dsn.password.as_ref().unwrap().expose_secret(), "p@ss");
    assert_eq!((dsn.port, dsn.database.as_str(), dsn.ssl_mode), (5432, "postgres", SslMode::Require));
    assert!(dsn.is_pooler() && !dsn.is_direct_supabase());

    let direct = Dsn::parse(&format!("postgresql://postgres:x@db.{REF}.supabase.co/postgres")).unwrap();
    assert!(direct.is_direct_supabase());
    assert_eq!(direct.address(), format!("db.{REF}.supabase.co:5432"));

    let here =
        Dsn::parse("POSTGRES://me@LOCALHOST:6543/db?application_name=x%20y&connect_timeout=3").unwrap();
    assert_eq!((here.ssl_mode, here.port), (SslMode::Prefer, 6543));
    assert_eq!(here.application_name.as_deref(), Some("x y"));
    assert_eq!(Dsn::parse("postgres://me@[::1]:5432/db").unwrap().address(), "[::1]:5432");
}

#[test]
fn modes_mean_what_they_mean_to_libpq() {
    let mode =
        |query: &str| Dsn::parse(&format!("postgres://u:p@db.example.com/d?{query}")).unwrap().ssl_mode;
    assert_eq!(mode(""), SslMode::Require, "stricter than libpq, whose default is `prefer`");
    assert_eq!(mode("sslmode=prefer"), SslMode::Prefer);
    assert_eq!(mode("sslmode=disable"), SslMode::Disable);
    assert_eq!(mode("sslmode=require"), SslMode::Require);
    assert_eq!(mode("sslmode=require&sslrootcert=ca.pem"), SslMode::VerifyCa, "as libpq does");
    assert_eq!(mode("sslmode=verify-ca"), SslMode::VerifyCa);
    assert_eq!(mode("sslrootcert=ca.pem"), SslMode::VerifyFull);
    assert_eq!(mode("sslrootcert=system"), SslMode::VerifyFull);
}

#[test]
fn every_mistake_has_its_own_name() {
    use DsnProblem as P;
    let pooler = "aws-0-eu-west-1.pooler.supabase.com";
    let cases = [
        ("", P::Empty),
        (" \n", P::Empty),
        ("\"postgres://u:p@h/d\"", P::Quoted),
        ("DATABASE_URL=postgres://u:p@h/d", P::Assignment),
        ("export X=postgres://u:p@h/d", P::Assignment),
        ("psql postgres://u:p@h/d", P::Command),
        ("host=h user=u password=p dbname=d", P::Keywords),
        ("u:p@h/d", P::NoScheme),
        (&format!("https://{REF}.supabase.co"), P::WebAddress),
        ("jdbc:postgresql://h/d?user=u", P::DriverScheme),
        ("postgresql+asyncpg://u:p@h/d", P::DriverScheme),
        ("mysql://u:p@h/d", P::Scheme),
        ("postgres://u:p q@h/d", P::Whitespace),
        ("postgres://u:p\n@h/d", P::Whitespace),
        (&format!("postgres://postgres.{REF}:[YOUR-PASSWORD]@{pooler}:5432/postgres"), P::Placeholder),
        (&format!("postgres://postgres.{REF}:[YOUR-PASSWORD]@{pooler}:6543/postgres"), P::Placeholder),
        ("postgres://postgres:%5BYOUR-PASSWORD%5D@h/d", P::Placeholder),
        ("postgres://postgres.[ref]:x@h/d", P::Placeholder),
        ("postgres://u:${PASSWORD}@h/d", P::Placeholder),
        ("postgres://u:p@ss@h/d", P::Unescaped('@')),
        ("postgres://u:p/ss@h/d", P::Unescaped('/')),
        ("postgres://u:p?ss@h/d", P::Unescaped('?')),
        ("postgres://u:p#ss@h/d", P::Unescaped('#')),
        ("postgres://u:p:ss@h/d", P::Unescaped(':')),
        ("postgres://u:p[s@h/d", P::Unescaped('[')),
        ("postgres://u:p@s/s@h/d", P::Unescaped('@')),
        ("postgres://u:100%@h/d", P::BadEscape),
        ("postgres://u:%zz@h/d", P::BadEscape),
        ("postgres://u:%ff@h/d", P::BadEscape),
        ("postgres://u:%00@h/d", P::BadEscape),
        ("postgres://h/d", P::NoUser),
        ("postgres://:p@h/d", P::NoUser),
        ("postgres://u@h/d", P::NoPassword),
        ("postgres://u:@h/d", P::NoPassword),
        ("postgres:///d", P::NoHost),
        ("postgres://u:p@/d", P::NoHost),
        ("postgres://u:p@h_!/d", P::BadHost),
        ("postgres://u:p@[::x]/d", P::BadHost),
        ("postgres://u:p@a,b/d", P::SeveralHosts),
        ("postgres://u:p@%2Ftmp/d", P::Socket),
        ("postgres://u:p@h:0/d", P::BadPort),
        ("postgres://u:p@h:+5/d", P::BadPort),
        ("postgres://u:p@h:65536/d", P::BadPort),
        ("postgres://u:p@h:5432", P::NoDatabase),
        ("postgres://u:p@h:5432/", P::NoDatabase),
        ("postgres://u:p@h:5432?sslmode=require", P::NoDatabase),
        ("postgres://u:p@h/a/b", P::BadDatabase('/')),
        (&format!("postgres://postgres.{REF}:p@{pooler}:6543/postgres"), P::TransactionPooler),
        (&format!("postgres://postgres:p@db.{REF}.supabase.co:6543/postgres"), P::TransactionPooler),
        ("postgres://u:p@h/d?pgbouncer=true", P::TransactionPooler),
        (&format!("postgres://postgres:p@{pooler}:5432/postgres"), P::NoProjectReference),
        (&format!("postgres://postgres.short:p@{pooler}:5432/postgres"), P::NoProjectReference),
        (&format!("postgres://postgres.{REF}:p@db.{REF}.supabase.co/postgres"), P::NeedlessProjectReference),
        (&format!("postgres://postgres:p@{REF}.supabase.co/postgres"), P::ApiHost),
        ("postgres://postgres:p@db.short.supabase.co/postgres", P::BadReference),
        ("postgres://u:p@h/d?sslmode=yes", P::SslMode),
        ("postgres://u:p@h/d?sslmode=allow", P::SslModeAllow),
        ("postgres://u:p@h/d?sslmode=require&sslrootcert=system", P::WeakSystemRoots),
        ("postgres://u:p@h/d?sslcert=x", P::Unsupported("sslcert")),
        ("postgres://u:p@h/d?schema=public", P::UnknownParameter),
        ("postgres://u:p@h/d?sslmode", P::UnknownParameter),
        ("postgres://u:p@h/d?connect_timeout=0", P::BadValue("connect_timeout")),
        ("postgres://u:p@h/d?sslmode=require&sslmode=disable", P::Twice("sslmode")),
    ];
    let (mut kinds, mut told) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for (text, expected) in cases {
        assert_eq!(problem(text), expected, "{text}");
        kinds.insert(format!("{expected:?}").split('(').next().unwrap().to_owned());
        told.insert(expected.to_string());
        assert!(!expected.fix().is_empty());
    }
    assert_eq!(kinds.len(), 34, "{kinds:?}");
    assert_eq!(told.len(), 39, "{told:#?}");
}

#[test]
fn the_edges_of_the_rules() {
    use DsnProblem as P;
    let pooler = "aws-0-eu-west-1.pooler.supabase.com";
    for (text, expected) in [
        ("postgres://u:p@h/d\"", P::Quoted),
        ("'postgres://u:p@h/d", P::Quoted),
        ("postgres://u:p\u{7}@h/d", P::Whitespace),
        ("postgres://u:p@h/d#x", P::Unescaped('#')),
        ("postgres://u:p@h/d?sslmode=require#x", P::Unescaped('#')),
        ("postgres://u:p@x?y@h/d", P::Unescaped('?')),
        ("postgres://u:p@[::1]x/d", P::BadHost),
        (&format!("postgres://u:p@{}/d", "a".repeat(254)), P::BadHost),
        ("postgres://u:p@h/d:5", P::BadDatabase(':')),
        ("postgres://u:p@h/d?sslrootcert=", P::BadValue("sslrootcert")),
        ("postgres://u:p@h/d?connect_timeout=61", P::BadValue("connect_timeout")),
        (&format!("postgres://.{REF}:p@{pooler}:5432/postgres"), P::NoProjectReference),
    ] {
        assert_eq!(problem(text), expected, "{text}");
    }
    assert!(Dsn::parse(&format!("postgres://u:p@{}/d?connect_timeout=60", "a".repeat(253))).is_ok());
}

proptest! {
    #[test]
    fn no_text_shows_any_part_of_the_address(
        before in "[ -~]{0,20}", after in "[ -~]{0,30}", host in "[a-z@:/?#.%]{0,12}", scheme in "(postgres://|postgresql://u:|)"
    ) {
        let text = format!("{scheme}{before}{CANARY}{after}@{host}/db?{CANARY}=1");
        let shown = match Dsn::parse(&text) {
            Ok(dsn) => format!("{dsn:?}"),
            Err(problem) => format!("{problem} {problem:?} {} {:?}", problem.fix(), Failure::from(problem)),
        };
        // A host is no secret: what stands in its place after the last `@` may be shown.
        prop_assert!(!shown.contains(CANARY), "{shown}");
    }

    #[test]
    fn any_escaped_login_comes_back_as_it_was(user in "\\PC{1,20}", password in "\\PC{1,40}", database in "\\PC{1,20}") {
        let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let text = format!("postgres://{}:{}@db.example.com:5433/{}", escape(&user), escape(&password), escape(&database));
        let dsn = Dsn::parse(&text).unwrap();
        prop_assert_eq!(dsn.user, user);
        prop_assert_eq!(dsn.password.unwrap().expose_secret().to_owned(), password);
        prop_assert_eq!(dsn.database, database);
    }

    #[test]
    fn an_unescaped_character_never_moves_the_host(password in "[a-z0-9@/?#:%\\[\\]]{1,16}") {
        let text = format!("postgres://u:{password}@db.example.com:5433/d");
        if let Ok(dsn) = Dsn::parse(&text) {
            prop_assert_eq!(dsn.address(), "db.example.com:5433");
        }
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,80}") {
        let _ = Dsn::parse(&text);
        let _ = Dsn::parse(&format!("postgres://{text}"));
    }
}

#[test]
fn the_project_is_told_by_host_or_user_and_by_nothing_else() {
    let reference = "abcdefghijklmnopqrst";
    let pooler = "aws-0-eu-west-1.pooler.supabase.com:5432/postgres";
    for (address, project) in [
        (format!("postgresql://postgres:x@db.{reference}.supabase.co:5432/postgres"), Some(reference)),
        (format!("postgresql://postgres.{reference}:x@{pooler}"), Some(reference)),
        (format!("postgresql://postgres.{reference}:x@127.0.0.1:5432/postgres"), None),
        ("postgresql://postgres:x@db.example.com/postgres".to_owned(), None),
    ] {
        assert_eq!(Dsn::parse(&address).unwrap().supabase_project(), project, "{address}");
    }
}
