//! Every refusal of a manifest, with its line and column.

use manifest::{MAX_BYTES, Manifest};

/// The refusal in one line each problem, without the file.
fn refusal(bytes: &[u8]) -> String {
    let error = Manifest::parse("m.yml", bytes).unwrap_err();
    assert!(!error.problems.is_empty());
    error.to_string().replace("m.yml:", "")
}

/// A manifest of one good target and something more at the end.
fn and(more: &str) -> String {
    format!("version: 1\ntargets:\n  api:\n    paths: [a]\n{more}")
}

#[test]
fn every_rule_has_a_place() {
    for (text, wanted) in [
        (String::new(), "1:1: `version` is missing"),
        ("- a".into(), "1:1: invalid type: sequence, expected a mapping with `version` and `targets`"),
        ("version: 1\n".into(), "1:1: missing field `targets`"),
        ("targets: {}\n".into(), "1:1: `version` is missing"),
        ("\n\nversion: 2\nstages: []\n".into(), "3:10: version 2 is not supported, only version 1 is"),
        (
            "version: '1'\n".into(),
            "1:10: version: invalid type: string \"1\", expected the number 1 without quotes",
        ),
        ("version: 1\ntargets: {}\n".into(), "2:10: `targets` has no target"),
        (
            "version: 1\ntargets:\n  Api: {paths: [a]}\n".into(),
            "3:3: target name \"Api\" does not match [a-z][a-z0-9-]*",
        ),
        (
            "version: 1\ntargets:\n  api:\n    paths: []\n".into(),
            "4:12: target `api` has no paths, so nothing could ever affect it",
        ),
        ("version: 1\ntargets:\n  api:\n".into(), "3:7: targets.api: missing field `paths`"),
        (
            "version: 1\ntargets:\n  api: 3\n".into(),
            "3:8: targets.api: invalid type: integer `3`, expected a target, with `paths`",
        ),
        (
            and("    path: b\n"),
            "5:5: targets.api: unknown field `path`, expected one of `paths`, `kind`, `hostnames`, `blue`, `green`, `schema`",
        ),
        (
            and("stages: []\n"),
            "5:1: unknown field `stages`, expected one of `version`, `targets`, `coupling`, `everything`, `non_deployed`, `roots`, `env`",
        ),
        (
            and("    kind: heroku\n"),
            "5:11: targets.api.kind: unknown variant `heroku`, expected one of `render-web`, `render-worker`, `render-cron`, `pages`, `container`",
        ),
        (and("    schema: 1\n"), "5:13: targets.api.schema: invalid type: integer `1`, expected a boolean"),
        (
            and("    blue: {service: x, colour: y}\n"),
            "5:24: targets.api.blue: unknown field `colour`, expected `service` or `origin`",
        ),
        (and("    blue: {service: ''}\n"), "5:21: \"\" is not a usable value: it is empty"),
        (
            and("    green:\n      service: x\n      origin: a b\n"),
            "7:15: \"a b\" is not a usable value: it has a blank or a control character in it",
        ),
        (and("    hostnames: [a.b, '*.c']\n"), "5:22: \"*.c\" is not a host name"),
        (and("    hostnames: [a.b, a.b]\n"), "5:22: \"a.b\" stands twice in this list"),
        (and("coupling:\n  - [api, workers]\n"), "6:11: unknown target \"workers\" in `coupling`"),
        (and("coupling:\n  - [api]\n"), "6:5: a coupling group needs two targets or more"),
        (and("everything: [b, /c]\n"), "5:17: pattern \"/c\": a leading `/`"),
        (
            and("non_deployed: ['!b', '!c']\n"),
            "5:15: pattern \"!b, !c\": a list of `!` patterns only, which nothing can match",
        ),
        (and("non_deployed:\n- ok\n- '! b'\n"), "7:3: pattern \" b\": surrounding blanks"),
        (and("non_deployed:\n- ok\n- '!!b'\n"), "7:3: pattern \"!b\": a `!` that negates nothing"),
        (and("roots: [x, ../y]\n"), "5:12: \"../y\" is not a directory path from the top of the repository"),
        (and("env: {group: [A], github: [B, A]}\n"), "5:31: \"A\" is in `env.group` already"),
        (and("env: {group: [A, A]}\n"), "5:18: \"A\" stands twice in this list"),
        (
            and("env: {group: [A-B]}\n"),
            "5:15: \"A-B\" is not the name of a variable: letters, digits and `_`, no digit first",
        ),
        (
            and("env: {groups: [A]}\n"),
            "5:7: env: unknown field `groups`, expected one of `per_service`, `group`, `image_baked`, `github`",
        ),
        (and("everything: [null]\n"), "5:13: everything: an entry is empty or `null`, expected a text"),
        (and("roots:\n-\n"), "6:1: roots: an entry is empty or `null`, expected a text"),
        (
            and("    blue: {service: null}\n"),
            "5:11: targets.api.blue: `service` is empty or `null`, expected a text",
        ),
        (
            and("everything: ['x/${{ vars.X }}/y']\n"),
            "5:14: pattern \"x/${{ vars.X }}/y\": an expression in a pattern, which nothing evaluates, in \"${{ vars.X }}\"",
        ),
        (and("everything: ['{a,../b}']\n"), "5:14: pattern \"{a,../b}\": a `.` or `..` segment, in \"..\""),
        (
            and("coupling: api\n"),
            "5:11: coupling: invalid type: string \"api\", expected a list: `- x` in lines of their own, or `[x]`",
        ),
        (
            and("coupling: null\n"),
            "5:11: coupling: invalid type: unit value, expected a list: `- x` in lines of their own, or `[x]`",
        ),
    ] {
        assert_eq!(refusal(text.as_bytes()), wanted, "{text}");
    }
}

#[test]
fn equal_keys_anywhere() {
    for (text, wanted) in [
        (and("version: 1\n"), "5:1: duplicate key `version`"),
        (and("  api: {paths: [b]}\n"), "5:3: duplicate key `api`"),
        (and("    paths: [b]\n"), "5:5: duplicate key `paths`"),
        (and("    blue: {service: x, service: y}\n"), "5:24: duplicate key `service`"),
        (and("env: {group: [A], group: [B]}\n"), "5:19: duplicate key `group`"),
        (and("env:\n  ? {a: 1, a: 2}\n  : b\n"), "6:5: env: invalid type: map, expected a key"),
        (and("  'api': {paths: [b]}\n"), "5:3: duplicate key `api`"),
    ] {
        assert_eq!(refusal(text.as_bytes()), wanted, "{text}");
    }
}

#[test]
fn what_yaml_makes_of_patterns_without_quotes() {
    let unquoted = "quote patterns that begin with `*`, `!`, `{`, `[` or `&`: YAML gives these a meaning";
    for (item, position, hint) in [
        ("!docs/**", "6:3: `docs/**` is a YAML tag here", "put the pattern in quotes: \"!docs/**\""),
        ("*.md", "6:4: did not find expected alphabetic", unquoted),
        ("**/x", "6:4: did not find expected alphabetic", unquoted),
        ("{a,b}", "6:3: non_deployed[0]: invalid type: map, expected a string", unquoted),
        ("[ab]", "6:3: non_deployed[0]: invalid type: sequence, expected a string", unquoted),
    ] {
        let text = and(&format!("non_deployed:\n- {item}\n"));
        let error = Manifest::parse("m.yml", text.as_bytes()).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with(&format!("m.yml:{position}")), "{message}");
        assert_eq!(error.hints(), [hint], "{item}");
    }
}

#[test]
fn texts_that_are_no_manifest() {
    for (bytes, wanted) in [
        (&b"version: 1\nx: \xff"[..], "2:4: the file is not UTF-8 text"),
        (b"version: 1\n\ttargets: 2", "2:1: a tab stands here, where YAML takes only spaces"),
        (b"version: 1\ntargets:\n\tapi:\n", "3:1: a tab stands here, where YAML takes only spaces"),
        (
            b"version: 1\n---\nversion: 1",
            "1:1: deserializing from YAML containing more than one document is not supported",
        ),
        (
            b"version: 1\nx: \"\\ud800\"",
            "2:7: found invalid Unicode character escape code, while parsing a quoted scalar at line 2 column 4",
        ),
        (b"version: 1\nx: *gone", "2:4: unknown anchor"),
        (b"version: 1 # \xc3\xa9\x00", "1:15: the character '\\0' is not allowed in YAML"),
        (b"version: 1\n#\x1b[0m", "2:2: the character '\\u{1b}' is not allowed in YAML"),
    ] {
        assert_eq!(refusal(bytes), wanted, "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(refusal(&vec![b'#'; MAX_BYTES + 1]), "1:1: the file is larger than 1048576 bytes");
}

#[test]
fn documents_that_explode() {
    let mut bomb = "a0: &a0 [x]\n".to_owned();
    for level in 1..30 {
        let alias = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 9].join(","));
    }
    assert_eq!(refusal(bomb.as_bytes()), "1:1: repetition limit exceeded");
    assert!(refusal("[".repeat(100_000).as_bytes()).ends_with("recursion limit exceeded"));
    let wide = format!("{{{}}}", (0..900).map(|i| i.to_string()).collect::<Vec<_>>().join(","));
    let list = vec![format!("'{wide}/b'"); 200].join(", ");
    assert_eq!(
        refusal(and(&format!("everything: [{list}]\n")).as_bytes()),
        "3:3: the patterns of this manifest take too much room once their braces are written out"
    );
}

#[test]
fn all_broken_rules_are_told_in_the_order_of_the_file() {
    let text = and("everything: [a**, ok, '{1..3}']\nroots: [/x]\ncoupling: [[api, b]]\n");
    assert_eq!(
        refusal(text.as_bytes()).lines().collect::<Vec<_>>(),
        [
            "5:14: pattern \"a**\": `**` inside a segment",
            "5:23: pattern \"{1..3}\": brace ranges are not supported",
            "6:9: \"/x\" is not a directory path from the top of the repository",
            "7:18: unknown target \"b\" in `coupling`",
        ]
    );
    let many = vec!["'a**'"; 50].join(", ");
    assert_eq!(refusal(and(&format!("everything: [{many}]\n")).as_bytes()).lines().count(), 20);
}

#[test]
fn harmless_oddities_of_yaml() {
    for text in [
        "\u{feff}version: 1\ntargets: {a: {paths: [x]}}\n",
        "%YAML 1.2\n---\nversion: 1\ntargets: {a: {paths: [x]}}\n...\n",
        "version: 1\r\ntargets:\r\n  a:\r\n    paths: [x]\r\n",
        "version: 1\ntargets: {a: {paths: [x]}}\ncoupling:\neverything:\n",
        "version: 0x1\ntargets: {a: {paths: &p [x]}, b: {paths: *p}}\n",
        "{\"version\": 1, \"targets\": {\"a\": {\"paths\": [\"x\"]}}}",
    ] {
        crate::manifest(text);
    }
}
