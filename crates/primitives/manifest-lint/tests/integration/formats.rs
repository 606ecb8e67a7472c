//! What a person, GitHub and a program get of the same findings.

use serde_json::{Value, json};

use crate::world::World;

/// Finds something at each level.
const MANIFEST: &str = r#"version: 1
targets:
  api:
    paths: ["apps/api/**", "!gone/**"]
    kind: render-web
    hostnames: [api.example.com]
    blue: { service: srv-1 }
    green: { service: srv-2, origin: api-green.example }
  worker:
    paths: [apps/worker/src/**]
non_deployed: [docs/**, .github/**]
"#;

fn world() -> World {
    World::with(MANIFEST, &["apps/api/a", "apps/worker/src/a", "apps/worker/b", "apps/new/a", "src/x/y/z"])
}

#[test]
fn lines_for_a_person() {
    let run = world().run(&[]);
    insta::assert_snapshot!(run.stderr, @r##"
    .github/deploy-manifest.yml:2:1: error [uncovered-directory] directory "src/x/y" (1 file) belongs to no target and not to `non_deployed`, and no pattern comes near it
      instead: add "src/x/y/**" to the `paths` of the target that is built from it, or to `non_deployed`
    .github/deploy-manifest.yml:4:13: error [uncovered-directory] directory "apps/new" (1 file) belongs to no target and not to `non_deployed`; the nearest pattern is "apps/api/**" of target `api`
      instead: add "apps/new/**" to the `paths` of the target that is built from it, or to `non_deployed`
    .github/deploy-manifest.yml:4:28: notice [idle-exclusion] pattern "!gone/**" of target `api` takes nothing away: no other pattern of the list matches what it matches
      instead: correct it, or take it out
    .github/deploy-manifest.yml:7:5: error [missing-origin] target `api` answers requests, and its `blue` has no origin
      instead: write `blue: { service: .., origin: NAME-blue.onrender.com }`
    .github/deploy-manifest.yml:10:13: warning [partly-covered-directory] 1 of the 2 files in directory "apps/worker" belongs to no target and not to `non_deployed`: "apps/worker/b"
      instead: write "apps/worker/**", or add what is missing to `non_deployed`
    .github/deploy-manifest.yml:11:16: warning [unmatched-pattern] pattern "docs/**" of `non_deployed` matches nothing that git tracks
      instead: correct it, or take it out
    error: refused: .github/deploy-manifest.yml:2:1: error [uncovered-directory] directory "src/x/y" (1 file) belongs to no target and not to `non_deployed`, and no pattern comes near it, and 2 more
    hint: add "src/x/y/**" to the `paths` of the target that is built from it, or to `non_deployed`
    hint: `manifest-lint --explain uncovered-directory` says why, and what to write instead
    "##);
}

#[test]
fn annotations_for_github() {
    let mut world = world();
    world.set("GITHUB_ACTIONS", "true");
    let run = world.run(&[]);
    insta::assert_snapshot!(run.stderr, @r##"
    ::error file=.github/deploy-manifest.yml,line=2,endLine=2,col=1,endColumn=8,title=uncovered-directory (error)::directory "src/x/y" (1 file) belongs to no target and not to `non_deployed`, and no pattern comes near it%0Ahint: add "src/x/y/**" to the `paths` of the target that is built from it, or to `non_deployed`%0Ahint: `manifest-lint --explain uncovered-directory` says what to do instead
    ::error file=.github/deploy-manifest.yml,line=4,endLine=4,col=13,endColumn=26,title=uncovered-directory (error)::directory "apps/new" (1 file) belongs to no target and not to `non_deployed`; the nearest pattern is "apps/api/**" of target `api`%0Ahint: add "apps/new/**" to the `paths` of the target that is built from it, or to `non_deployed`%0Ahint: `manifest-lint --explain uncovered-directory` says what to do instead
    ::error file=.github/deploy-manifest.yml,line=7,endLine=7,col=5,endColumn=9,title=missing-origin (error)::target `api` answers requests, and its `blue` has no origin%0Ahint: write `blue: { service: .., origin: NAME-blue.onrender.com }`%0Ahint: `manifest-lint --explain missing-origin` says what to do instead
    ::warning file=.github/deploy-manifest.yml,line=10,endLine=10,col=13,endColumn=31,title=partly-covered-directory (warning)::1 of the 2 files in directory "apps/worker" belongs to no target and not to `non_deployed`: "apps/worker/b"%0Ahint: write "apps/worker/**", or add what is missing to `non_deployed`%0Ahint: `manifest-lint --explain partly-covered-directory` says what to do instead
    ::warning file=.github/deploy-manifest.yml,line=11,endLine=11,col=16,endColumn=23,title=unmatched-pattern (warning)::pattern "docs/**" of `non_deployed` matches nothing that git tracks%0Ahint: correct it, or take it out%0Ahint: `manifest-lint --explain unmatched-pattern` says what to do instead
    ::notice file=.github/deploy-manifest.yml,line=4,endLine=4,col=28,endColumn=38,title=idle-exclusion (notice)::pattern "!gone/**" of target `api` takes nothing away: no other pattern of the list matches what it matches%0Ahint: correct it, or take it out%0Ahint: `manifest-lint --explain idle-exclusion` says what to do instead
    ::error title=manifest-lint::refused: .github/deploy-manifest.yml:2:1: error [uncovered-directory] directory "src/x/y" (1 file) belongs to no target and not to `non_deployed`, and no pattern comes near it, and 2 more%0Ahint: add "src/x/y/**" to the `paths` of the target that is built from it, or to `non_deployed`%0Ahint: `manifest-lint --explain uncovered-directory` says why, and what to write instead
    "##);
}

#[test]
fn the_summary() {
    insta::assert_snapshot!(world().run(&[]).summary, @r##"
    ### Deploy manifest: error

    <code>.github/deploy-manifest.yml</code>: 4 directories under apps/\*, src/\*/\*, 6 tracked paths.

    | Where | Level | Rule | What is the matter | Instead |
    | --- | --- | --- | --- | --- |
    | <code>.github/deploy-manifest.yml:2:1</code> | error | <code>uncovered-directory</code> | directory "src/x/y" (1 file) belongs to no target and not to \`non\_deployed\`, and no pattern comes near it | add "src/x/y/\*\*" to the \`paths\` of the target that is built from it, or to \`non\_deployed\` |
    | <code>.github/deploy-manifest.yml:4:13</code> | error | <code>uncovered-directory</code> | directory "apps/new" (1 file) belongs to no target and not to \`non\_deployed\`; the nearest pattern is "apps/api/\*\*" of target \`api\` | add "apps/new/\*\*" to the \`paths\` of the target that is built from it, or to \`non\_deployed\` |
    | <code>.github/deploy-manifest.yml:4:28</code> | notice | <code>idle-exclusion</code> | pattern "\!gone/\*\*" of target \`api\` takes nothing away: no other pattern of the list matches what it matches | correct it, or take it out |
    | <code>.github/deploy-manifest.yml:7:5</code> | error | <code>missing-origin</code> | target \`api\` answers requests, and its \`blue\` has no origin | write \`blue: { service: .., origin: NAME-blue.onrender.com }\` |
    | <code>.github/deploy-manifest.yml:10:13</code> | warning | <code>partly-covered-directory</code> | 1 of the 2 files in directory "apps/worker" belongs to no target and not to \`non\_deployed\`: "apps/worker/b" | write "apps/worker/\*\*", or add what is missing to \`non\_deployed\` |
    | <code>.github/deploy-manifest.yml:11:16</code> | warning | <code>unmatched-pattern</code> | pattern "docs/\*\*" of \`non\_deployed\` matches nothing that git tracks | correct it, or take it out |
    ### manifest-lint refused

    refused: .github/deploy-manifest.yml:2:1: error \[uncovered-directory\] directory "src/x/y" (1 file) belongs to no target and not to \`non\_deployed\`, and no pattern comes near it, and 2 more

    - add "src/x/y/\*\*" to the \`paths\` of the target that is built from it, or to \`non\_deployed\`
    - \`manifest-lint --explain uncovered-directory\` says why, and what to write instead
    "##);
    insta::assert_snapshot!(World::usual().run(&[]).summary, @r##"
    ### Deploy manifest: clean

    <code>.github/deploy-manifest.yml</code>: 2 directories under apps/\*, src/\*/\*, 5 tracked paths.

    Every directory belongs to a target, or is known to be deployed nowhere.
    "##);
}

#[test]
fn json_for_programs() {
    let run = world().run(&["--format=json"]);
    run.ended(1, "refused", Some("error"));
    let report: Value = serde_json::from_str(&run.outputs["report"]).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r##"
    {
      "findings": [
        {
          "column": 1,
          "covered": null,
          "endColumn": 8,
          "endLine": 2,
          "file": ".github/deploy-manifest.yml",
          "instead": "add \"src/x/y/**\" to the `paths` of the target that is built from it, or to `non_deployed`",
          "level": "error",
          "line": 2,
          "message": "directory \"src/x/y\" (1 file) belongs to no target and not to `non_deployed`, and no pattern comes near it",
          "rule": "uncovered-directory"
        },
        {
          "column": 13,
          "covered": null,
          "endColumn": 26,
          "endLine": 4,
          "file": ".github/deploy-manifest.yml",
          "instead": "add \"apps/new/**\" to the `paths` of the target that is built from it, or to `non_deployed`",
          "level": "error",
          "line": 4,
          "message": "directory \"apps/new\" (1 file) belongs to no target and not to `non_deployed`; the nearest pattern is \"apps/api/**\" of target `api`",
          "rule": "uncovered-directory"
        },
        {
          "column": 28,
          "covered": null,
          "endColumn": 38,
          "endLine": 4,
          "file": ".github/deploy-manifest.yml",
          "instead": "correct it, or take it out",
          "level": "notice",
          "line": 4,
          "message": "pattern \"!gone/**\" of target `api` takes nothing away: no other pattern of the list matches what it matches",
          "rule": "idle-exclusion"
        },
        {
          "column": 5,
          "covered": null,
          "endColumn": 9,
          "endLine": 7,
          "file": ".github/deploy-manifest.yml",
          "instead": "write `blue: { service: .., origin: NAME-blue.onrender.com }`",
          "level": "error",
          "line": 7,
          "message": "target `api` answers requests, and its `blue` has no origin",
          "rule": "missing-origin"
        },
        {
          "column": 13,
          "covered": null,
          "endColumn": 31,
          "endLine": 10,
          "file": ".github/deploy-manifest.yml",
          "instead": "write \"apps/worker/**\", or add what is missing to `non_deployed`",
          "level": "warning",
          "line": 10,
          "message": "1 of the 2 files in directory \"apps/worker\" belongs to no target and not to `non_deployed`: \"apps/worker/b\"",
          "rule": "partly-covered-directory"
        },
        {
          "column": 16,
          "covered": null,
          "endColumn": 23,
          "endLine": 11,
          "file": ".github/deploy-manifest.yml",
          "instead": "correct it, or take it out",
          "level": "warning",
          "line": 11,
          "message": "pattern \"docs/**\" of `non_deployed` matches nothing that git tracks",
          "rule": "unmatched-pattern"
        }
      ],
      "omitted": 0,
      "verdict": "error",
      "version": 1
    }
    "##);
}

#[test]
fn sarif_for_code_scanning() {
    let run = world().run(&["--format=sarif"]);
    let sarif: Value = serde_json::from_str(&run.outputs["report"]).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&sarif["runs"][0]["results"]).unwrap(), @r##"
    [
      {
        "level": "error",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": ".github/deploy-manifest.yml"
              },
              "region": {
                "endColumn": 8,
                "endLine": 2,
                "startColumn": 1,
                "startLine": 2
              }
            }
          }
        ],
        "message": {
          "text": "directory \"src/x/y\" (1 file) belongs to no target and not to `non_deployed`, and no pattern comes near it; instead: add \"src/x/y/**\" to the `paths` of the target that is built from it, or to `non_deployed`"
        },
        "ruleId": "uncovered-directory"
      },
      {
        "level": "error",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": ".github/deploy-manifest.yml"
              },
              "region": {
                "endColumn": 26,
                "endLine": 4,
                "startColumn": 13,
                "startLine": 4
              }
            }
          }
        ],
        "message": {
          "text": "directory \"apps/new\" (1 file) belongs to no target and not to `non_deployed`; the nearest pattern is \"apps/api/**\" of target `api`; instead: add \"apps/new/**\" to the `paths` of the target that is built from it, or to `non_deployed`"
        },
        "ruleId": "uncovered-directory"
      },
      {
        "level": "note",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": ".github/deploy-manifest.yml"
              },
              "region": {
                "endColumn": 38,
                "endLine": 4,
                "startColumn": 28,
                "startLine": 4
              }
            }
          }
        ],
        "message": {
          "text": "pattern \"!gone/**\" of target `api` takes nothing away: no other pattern of the list matches what it matches; instead: correct it, or take it out"
        },
        "ruleId": "idle-exclusion"
      },
      {
        "level": "error",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": ".github/deploy-manifest.yml"
              },
              "region": {
                "endColumn": 9,
                "endLine": 7,
                "startColumn": 5,
                "startLine": 7
              }
            }
          }
        ],
        "message": {
          "text": "target `api` answers requests, and its `blue` has no origin; instead: write `blue: { service: .., origin: NAME-blue.onrender.com }`"
        },
        "ruleId": "missing-origin"
      },
      {
        "level": "warning",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": ".github/deploy-manifest.yml"
              },
              "region": {
                "endColumn": 31,
                "endLine": 10,
                "startColumn": 13,
                "startLine": 10
              }
            }
          }
        ],
        "message": {
          "text": "1 of the 2 files in directory \"apps/worker\" belongs to no target and not to `non_deployed`: \"apps/worker/b\"; instead: write \"apps/worker/**\", or add what is missing to `non_deployed`"
        },
        "ruleId": "partly-covered-directory"
      },
      {
        "level": "warning",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": ".github/deploy-manifest.yml"
              },
              "region": {
                "endColumn": 23,
                "endLine": 11,
                "startColumn": 16,
                "startLine": 11
              }
            }
          }
        ],
        "message": {
          "text": "pattern \"docs/**\" of `non_deployed` matches nothing that git tracks; instead: correct it, or take it out"
        },
        "ruleId": "unmatched-pattern"
      }
    ]
    "##);
    // What SARIF 2.1.0 (OASIS, sections 3.13, 3.14, 3.18, 3.19, 3.27, 3.30) and GitHub's code scanning require.
    assert_eq!((&sarif["version"], sarif["runs"].as_array().unwrap().len()), (&json!("2.1.0"), 1));
    assert_eq!(sarif["$schema"], "https://json.schemastore.org/sarif-2.1.0.json");
    let driver = &sarif["runs"][0]["tool"]["driver"];
    assert_eq!(driver["name"], "manifest-lint");
    let rules: Vec<&str> = driver["rules"].as_array().unwrap().iter().map(id_of_a_whole_rule).collect();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 3);
    for result in results {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()), "{result}");
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()), "{result}");
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], ".github/deploy-manifest.yml");
        let number = |key: &str| place["region"][key].as_u64().unwrap();
        assert!(number("startLine") >= 1 && number("endLine") >= number("startLine"), "{result}");
        assert!(number("startColumn") >= 1 && number("endColumn") > number("startColumn"), "{result}");
    }
}

fn id_of_a_whole_rule(rule: &Value) -> &str {
    assert!(rule["shortDescription"]["text"].as_str().unwrap().ends_with('.'), "{rule}");
    let id = rule["id"].as_str().unwrap();
    for form in ["text", "markdown"] {
        assert!(rule["help"][form].as_str().unwrap().starts_with(&format!("# {id}\n")), "{rule}");
    }
    id
}
