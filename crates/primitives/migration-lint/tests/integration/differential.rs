//! The cases of the rules, run on a real PostgreSQL: what running code did before the pending files and what it gets
//! after them must agree with what the lint says.

use migrations::{Migration, Report, Rule, Verdict, assess};
use rehearsal::postgres::Postgres;
use serde::Deserialize;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// A file of cases.
#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

/// One case; the rules' own tests read the rest of it.
#[derive(Deserialize)]
struct Case {
    id: String,
    verdict: String,
    base: String,
    sql: Files,
    #[serde(default)]
    old: Option<Vec<String>>,
    reality: Option<String>,
    #[serde(default)]
    norun: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Files {
    One(String),
    Several(Vec<String>),
}

/// What running code gets.
#[derive(Debug, PartialEq)]
enum Outcome {
    Rows(Vec<Vec<Option<String>>>),
    Refused { why: String, sqlstate: Option<String> },
}

/// What the pending files do to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reality {
    Same,
    Broken,
}

impl Case {
    fn files(&self) -> Vec<&str> {
        match &self.sql {
            Files::One(text) => vec![text],
            Files::Several(texts) => texts.iter().map(String::as_str).collect(),
        }
    }

    fn report(&self) -> Report {
        let base = Migration { path: "base.sql", text: &self.base };
        let pending: Vec<Migration<'_>> =
            self.files().into_iter().map(|text| Migration { path: "pending.sql", text }).collect();
        assess(&[base], &pending, &[])
    }

    fn verdict(&self) -> Verdict {
        self.report().verdict()
    }

    /// Whether a page of a rule that speaks of this case names an SQLSTATE. Where the migration itself fails, a trigger
    /// does, or nobody knows what happens, none is promised.
    fn is_told(&self, sqlstate: &str) -> bool {
        let findings = self.report().findings;
        let tells = |rule: Rule| {
            let any = [Rule::MigrationFails, Rule::DynamicSql, Rule::UnknownStatement, Rule::AddTrigger];
            any.contains(&rule) || rule.page().contains(sqlstate)
        };
        findings.is_empty() || findings.iter().any(|finding| tells(finding.rule))
    }

    /// What must be seen for the case to be right; `None` where it is about what SQL does not show.
    fn wanted(&self) -> Option<Reality> {
        match (self.verdict.as_str(), self.reality.as_deref()) {
            (_, Some("breaking")) | ("breaking", None) => Some(Reality::Broken),
            (_, Some("ok-in-sql")) | ("not_breaking", None) => Some(Reality::Same),
            _ => None,
        }
    }

    /// Whether it writes rows or defaults that old code reads, and is meant to: that is seen, and is no break.
    fn shows_values(&self) -> bool {
        let text = self.files().join("\n").to_lowercase();
        ["insert into public.customers", "set default"].iter().any(|words| text.contains(words))
    }

    /// Whether it must have a database of its own: it ends transactions, or its session is not that of old code.
    fn is_apart(&self) -> bool {
        let words = [
            "begin",
            "commit",
            "rollback",
            "concurrently",
            "add value",
            "temp ",
            "search_path",
            "publication",
        ];
        let text = self.files().join("\n").to_lowercase();
        words.iter().any(|word| text.contains(word))
    }
}

/// Two cases of one schema, the one's files before the other's: what old code of both gets.
fn pair(one: &Case, other: &Case) -> Option<(Case, String)> {
    let old = |case: &Case| {
        let fit = !case.norun && !case.is_apart() && !case.shows_values();
        case.old.clone().filter(|old| !old.is_empty() && fit)
    };
    let (first, second) = (old(one)?, old(other)?);
    let files = one.files().into_iter().chain(other.files()).map(ToOwned::to_owned).collect();
    // Code of one session at a time: a role that the first takes on is given back.
    let old = format!("{};\nreset role;\n{}", first.join(";\n"), second.join(";\n"));
    let both = Case {
        id: format!("{} + {}", one.id, other.id),
        verdict: String::new(),
        base: one.base.clone(),
        sql: Files::Several(files),
        old: None,
        reality: None,
        norun: false,
    };
    Some((both, old))
}

async fn connect(dsn: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(dsn, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn ask(client: &Client, sql: &str) -> Outcome {
    match client.simple_query(sql).await {
        Ok(messages) => Outcome::Rows(messages.iter().filter_map(row).collect()),
        Err(error) => Outcome::Refused {
            why: error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string),
            sqlstate: error.code().map(|state| state.code().to_owned()),
        },
    }
}

fn row(message: &SimpleQueryMessage) -> Option<Vec<Option<String>>> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
}

async fn done(client: &Client, sql: &str) {
    if let Outcome::Refused { why, .. } = ask(client, sql).await {
        panic!("{why}: {sql}");
    }
}

/// What old code gets before and after, each in a transaction that leaves nothing: not even a sequence's next value,
/// since the sequence is made in it.
async fn together(client: &Client, case: &Case, old: &str) -> (Outcome, Outcome) {
    done(client, "begin").await;
    done(client, &case.base).await;
    let before = ask(client, old).await;
    done(client, "rollback").await;
    done(client, "begin").await;
    done(client, &case.base).await;
    let mut after = Outcome::Rows(Vec::new());
    for file in case.files() {
        after = ask(client, file).await;
        if matches!(after, Outcome::Refused { .. }) {
            break;
        }
    }
    if matches!(after, Outcome::Rows(_)) {
        after = ask(client, old).await;
    }
    done(client, "rollback").await;
    (before, after)
}

/// The same in a database of its own, a transaction for each file.
async fn apart(postgres: &Postgres, client: &Client, case: &Case, old: &str) -> (Outcome, Outcome) {
    let mut outcomes = Vec::new();
    for files in [Vec::new(), case.files()] {
        done(client, "create database apart").await;
        let own = connect(&in_database(postgres, "apart")).await;
        done(&own, &case.base).await;
        let mut outcome = Outcome::Rows(Vec::new());
        for file in files {
            let session = connect(&in_database(postgres, "apart")).await;
            outcome = ask(&session, file).await;
            if matches!(outcome, Outcome::Refused { .. }) {
                break;
            }
        }
        if matches!(outcome, Outcome::Rows(_)) {
            outcome = ask(&own, old).await;
        }
        outcomes.push(outcome);
        drop(own);
        done(client, "drop database apart with (force)").await;
        done(client, "drop role if exists anon, authenticated, guest, app, writer").await;
    }
    let after = outcomes.pop().unwrap();
    (outcomes.pop().unwrap(), after)
}

fn in_database(postgres: &Postgres, name: &str) -> String {
    let dsn = postgres.dsn();
    let (server, _) = dsn.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// What happens to old code, and the SQLSTATE that it gets, if it gets one.
async fn reality(postgres: &Postgres, client: &Client, case: &Case, old: &str) -> (Reality, Option<String>) {
    let (before, after) = if case.is_apart() {
        apart(postgres, client, case, old).await
    } else {
        together(client, case, old).await
    };
    assert!(
        matches!(before, Outcome::Rows(_)),
        "{}: old code fails before anything changed: {before:?}",
        case.id
    );
    let reality = if before == after { Reality::Same } else { Reality::Broken };
    match after {
        Outcome::Refused { sqlstate, .. } => (reality, sqlstate),
        Outcome::Rows(_) => (reality, None),
    }
}

/// Runs the cases; tells what does not agree, and how many were run.
async fn disagreements(text: &str) -> (Vec<String>, usize) {
    let cases = serde_json::from_str::<Cases>(text).unwrap().cases;
    let postgres = Postgres::start().unwrap();
    let client = connect(&postgres.dsn()).await;
    let (mut wrong, mut ran) = (Vec::new(), 0);
    for case in cases.iter().filter(|case| !case.norun) {
        let Some(old) = case.old.as_ref().filter(|old| !old.is_empty()) else { continue };
        let (seen, sqlstate) = reality(&postgres, &client, case, &old.join(";\n")).await;
        ran += 1;
        if case.wanted().is_some_and(|wanted| wanted != seen) {
            wrong.push(format!("{}: the case says {}, PostgreSQL {seen:?}", case.id, case.verdict));
        }
        if let Some(sqlstate) = sqlstate.filter(|sqlstate| !case.is_told(sqlstate)) {
            let rules: Vec<&str> = case.report().findings.iter().map(|finding| finding.rule.name()).collect();
            wrong.push(format!("{}: no page says {sqlstate}, of {}", case.id, rules.join(", ")));
        }
        let verdict = case.verdict();
        if seen == Reality::Broken && verdict == Verdict::Compatible {
            // A new default is another value, and no break (the case says so).
            if case.wanted() != Some(Reality::Same) {
                wrong.push(format!("{}: the lint says {verdict:?}, PostgreSQL {seen:?}", case.id));
            }
        }
    }
    (wrong, ran)
}

#[tokio::test]
async fn the_given_cases_agree_with_postgresql() {
    let (wrong, ran) =
        disagreements(include_str!("../../../../domain/migrations/tests/cases/given.json")).await;
    assert_eq!(wrong, Vec::<String>::new());
    assert!(ran > 80, "{ran}");
}

#[tokio::test]
async fn our_own_cases_agree_with_postgresql() {
    let (wrong, ran) =
        disagreements(include_str!("../../../../domain/migrations/tests/cases/own.json")).await;
    assert_eq!(wrong, Vec::<String>::new());
    assert!(ran > 250, "{ran}");
}

/// However changes are combined, none that breaks old code passes as compatible.
#[tokio::test]
async fn no_pair_of_changes_breaks_in_silence() {
    let own = include_str!("../../../../domain/migrations/tests/cases/own.json");
    let given = include_str!("../../../../domain/migrations/tests/cases/given.json");
    let read = |text: &str| serde_json::from_str::<Cases>(text).unwrap().cases;
    let cases: Vec<Case> = [read(own), read(given)].into_iter().flatten().collect();
    let all = cases.iter().flat_map(|one| cases.iter().map(move |other| (one, other)));
    let pairs: Vec<(&Case, &Case)> = all
        .filter(|(one, other)| one.base == other.base && one.id != other.id && !one.base.is_empty())
        .collect();
    let postgres = Postgres::start().unwrap();
    let client = connect(&postgres.dsn()).await;
    let (mut silent, mut ran, mut broke) = (Vec::new(), 0, 0);
    // A step that shares no factor with their number visits all kinds of them.
    for (one, other) in pairs.iter().step_by(STEP) {
        let Some((both, old)) = pair(one, other) else { continue };
        let (before, after) = together(&client, &both, &old).await;
        ran += 1;
        if matches!(before, Outcome::Rows(_)) && before != after {
            broke += 1;
            if both.verdict() == Verdict::Compatible {
                silent.push(format!("{}: {after:?}", both.id));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    assert!(ran > 300 && broke > 150, "{ran} pairs, {broke} broken");
}

/// Of the pairs every so many are run.
const STEP: usize = 23;
