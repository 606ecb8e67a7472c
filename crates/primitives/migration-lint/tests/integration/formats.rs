//! The report for programs.

use serde_json::{Value, json};

use crate::world::World;

const SQL: &str =
    "-- compat: breaking (reason: nobody reads nick)\nalter table public.customers drop column nick;\n";

fn report(format: &str) -> Value {
    let world = World::new();
    world.add("20260102000000_drop.sql", SQL);
    let run = world.lint(&["--format", format]);
    assert_eq!(run.code, 0, "{run:?}");
    serde_json::from_str(&run.outputs["report"]).unwrap()
}

#[test]
fn json_has_places_and_reasons() {
    assert_eq!(
        report("json"),
        json!({
            "version": 1,
            "verdict": "overridden",
            "overrides": [{ "file": "supabase/migrations/20260102000000_drop.sql", "line": 1, "reason": "nobody reads nick", "findings": 1 }],
            "findings": [{
                "rule": "drop-column",
                "level": "breaking",
                "file": "supabase/migrations/20260102000000_drop.sql",
                "line": 2, "column": 1, "endLine": 2, "endColumn": 46,
                "message": "the column public.customers.nick goes (42703)",
                "covered": "nobody reads nick",
            }],
        })
    );
}

#[test]
fn sarif_has_rules_regions_and_suppressions() {
    let sarif = report("sarif");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "drop-column");
    assert!(
        run["tool"]["driver"]["rules"][0]["help"]["markdown"].as_str().unwrap().starts_with("# drop-column")
    );
    let result = &run["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("drop-column"), &json!("error")));
    assert_eq!(
        result["locations"][0]["physicalLocation"]["region"],
        json!({ "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 46 })
    );
    assert_eq!(result["suppressions"], json!([{ "kind": "inSource", "justification": "nobody reads nick" }]));
}
