//! Roles follow from where the names point, group by group.

use serde_json::{Value, json};

use crate::world::{ALL, World};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn each_group_has_its_own_live_colour() {
    let world = World::new();
    let report = world.run(ALL);
    report.success();
    assert_eq!(report.output("flips"), r#"["api","dashboard","workers"]"#);
    assert_eq!(
        parsed(report.output("standby")),
        json!({
            "api": {"colour": "green", "service": "srv-apigreen", "origin": "https://api-green.onrender.com", "host": "api-green.onrender.com", "hostnames": ["api.example.com", "www.example.com"]},
            "dashboard": {"colour": "blue", "service": "srv-dashblue", "origin": "https://dash-blue.onrender.com", "host": "dash-blue.onrender.com", "hostnames": ["app.example.com"]},
            "workers": {"colour": "green", "service": "srv-workersgreen"},
        })
    );
    assert_eq!(
        parsed(report.output("live")),
        json!({
            "api": {"colour": "blue", "service": "srv-apiblue", "origin": "https://api-blue.onrender.com", "host": "api-blue.onrender.com", "hostnames": ["api.example.com", "www.example.com"]},
            "dashboard": {"colour": "green", "service": "srv-dashgreen", "origin": "https://dash-green.onrender.com", "host": "dash-green.onrender.com", "hostnames": ["app.example.com"]},
            "workers": {"colour": "blue", "service": "srv-workersblue"},
        })
    );
    assert_eq!(
        report.output("records"),
        "api.example.com api-green.onrender.com\nwww.example.com api-green.onrender.com\napp.example.com dash-blue.onrender.com"
    );
    assert_eq!(
        report.output("expect"),
        "api.example.com api-blue.onrender.com\nwww.example.com api-blue.onrender.com\napp.example.com dash-green.onrender.com"
    );
    assert_eq!(
        report.output("render-services"),
        "api-green.onrender.com srv-apigreen\ndash-blue.onrender.com srv-dashblue"
    );
    assert_eq!(report.output("live-services"), "srv-apiblue\nsrv-dashgreen\nsrv-workersblue");
    assert!(report.warned("DATABASE_URL is not set"), "{}", report.0.stderr);
    assert!(world.server.journal().writes().is_empty());
    insta::assert_snapshot!(report.0.summary, @r"
    ### Roles

    | Target | Live | Standby | Public names |
    | --- | --- | --- | --- |
    | <code>api</code> | blue <code>srv-apiblue</code> | green <code>srv-apigreen</code> | <code>api.example.com</code>, <code>www.example.com</code> |
    | <code>dashboard</code> | green <code>srv-dashgreen</code> | blue <code>srv-dashblue</code> | <code>app.example.com</code> |
    | <code>workers</code> | blue <code>srv-workersblue</code> | green <code>srv-workersgreen</code> | - |
    ");
}

#[test]
fn only_affected_groups_are_looked_at() {
    // The dashboard's name is lost, and nobody asks for it.
    let world = World::pointing(&[
        ("api.example.com", "api-green.onrender.com"),
        ("www.example.com", "API-GREEN.onrender.com"),
    ]);
    let report = world.run(r#"["workers","api"]"#);
    report.success();
    assert_eq!(report.output("flips"), r#"["api","workers"]"#);
    assert_eq!(report.output("live-services"), "srv-apigreen\nsrv-workersgreen");
    assert_eq!(world.server.journal().entries().len(), 2);
}

#[test]
fn nothing_with_colours_is_affected_and_nobody_is_asked() {
    let world = World::new();
    for targets in ["[]", r#"["docs"]"#] {
        let report = crate::world::run(world.look(targets).variable("CLOUDFLARE_API_TOKEN", ""));
        report.success();
        assert_eq!(
            (report.output("flips"), report.output("standby"), report.output("live")),
            ("[]", "{}", "{}")
        );
        assert_eq!((report.output("records"), report.output("live-services")), ("", ""));
    }
    assert!(world.server.journal().entries().is_empty());
}

#[test]
fn a_variable_of_a_target_that_is_not_affected_need_not_be_set() {
    let world = World::new();
    let report = crate::world::run(world.look(r#"["dashboard"]"#).variable("API_BLUE", ""));
    assert_eq!(report.success().output("flips"), r#"["dashboard"]"#);
}
