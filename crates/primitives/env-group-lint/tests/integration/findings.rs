//! What is found, where, and that nothing is ever changed or shown.

use rehearsal::twins::render::NewService;

use crate::world::{MANIFEST, World, end, run};

#[test]
fn everything_in_its_place() {
    let world = World::new();
    let checked = world.run();
    assert_eq!(end(&checked), (0, "success"), "{}", checked.error());
    assert_eq!(
        (checked.output("services"), checked.output("groups"), checked.output("findings")),
        ("2", "1", "0")
    );
    assert_eq!(
        checked.summary,
        "### Variables of 2 services and 1 linked env group\n\nEach stands where it belongs.\n"
    );
    assert!(world.server.journal().writes().is_empty());
}

#[test]
fn one_table_names_everything_and_shows_no_value() {
    let world = World::new();
    world.set(&world.blue, "SENTRY_DSN");
    world.set(&world.blue, "SCHEMA_VERSION");
    world.set(&world.green, "RENDER_API_KEY");
    let own = world.link(&world.green, "tuning", &["HANDLER_MAX", "OWN", "cloudflare_api_token"]);
    let checked = world.run();
    assert_eq!(end(&checked), (1, "refused"));
    assert_eq!((checked.output("groups"), checked.output("findings")), ("2", "6"));
    let summary = world.stable(&checked.summary).replace(&own, "evg-own");
    let table = summary.split("### env-group-lint refused").next().unwrap();
    insta::assert_snapshot!(table.trim_end(), @r"
    ### Variables of 2 services and 2 linked env groups

    | Variable | Where | Finding | Fix |
    | --- | --- | --- | --- |
    | <code>SCHEMA\_VERSION</code> | service srv-blue (api-blue) | is baked into the image, and set as a variable | delete it: the image says it itself |
    | <code>SENTRY\_DSN</code> | service srv-blue (api-blue) | hides the value of env group shared | delete it on the service |
    | <code>RENDER\_API\_KEY</code> | service srv-green (api-green) | is a token of GitHub's side, and stands on Render | delete it, make a new token, and keep that as a secret of the GitHub environment |
    | <code>OWN</code> | service srv-green (api-green) | hides the value of env group tuning | delete it in one of the two places, and give it a class in the manifest |
    | <code>HANDLER\_MAX</code> | env group evg-own (tuning) | belongs on each service, and stands in a linked env group | set it on each service with its deploy (render-deploy's \`env\`), then delete it in the group |
    | <code>cloudflare\_api\_token</code> | env group evg-own (tuning) | is a token of GitHub's side, and stands on Render | delete it, make a new token, and keep that as a secret of the GitHub environment |
    ");
    assert!(checked.error().contains("and 1 more, see the summary"), "{}", checked.error());
    assert!(checked.error().contains("\nhint: nothing was changed"), "{}", checked.error());
    assert!(world.server.journal().writes().is_empty());
}

#[test]
fn groups_and_services_that_nobody_asked_for_do_not_count() {
    let world = World::new();
    let other = world
        .twin
        .add_service(&NewService::web("other").variable("SENTRY_DSN", "x").variable("RENDER_API_KEY", "x"));
    world.link(&other, "of-another", &["SPECTRAL_GENERATION"]);
    let _ = world.twin.add_env_group("of-nobody", [("SPECTRAL_GENERATION", "x")]);
    assert_eq!(end(&world.run()), (0, "success"));
    // Unless they are named.
    let checked = run(world.lint().with("services", &other));
    assert_eq!((end(&checked), checked.output("findings")), ((1, "refused"), "3"));
}

#[test]
fn the_groups_of_every_workspace_are_read() {
    let world = World::new();
    let other = world.twin.add_service(&NewService::web("partner").owner("tea-partner"));
    let group = world.link(&other, "of-the-partner", &["RENDER_API_KEY"]);
    world.twin.set_env_group_owner(&group, "tea-partner").unwrap();
    let both = format!("{}\n{other}", world.blue);
    let checked = run(world.lint().with("services", both));
    assert_eq!((end(&checked), checked.output("groups")), ((1, "refused"), "2"), "{}", checked.error());
    assert!(checked.error().contains("RENDER_API_KEY of env group"), "{}", checked.error());
}

#[test]
fn a_service_of_two_targets_is_read_and_told_once() {
    let world = World::new();
    world.set(&world.blue, "SENTRY_DSN");
    world.manifest(&MANIFEST.replace(
        "env:\n",
        "  jobs:\n    paths: [jobs/**]\n    blue: { service: \"${{ vars.API_BLUE }}\" }\n    green: { service: \"${{ vars.API_GREEN }}\" }\nenv:\n",
    ));
    let checked = world.run();
    assert_eq!((checked.output("services"), checked.output("findings")), ("2", "1"), "{}", checked.error());
}

#[test]
fn a_service_with_many_variables_is_read_to_its_last_page() {
    let world = World::new();
    for number in 0..150 {
        world.set(&world.blue, &format!("A_{number:03}"));
    }
    world.set(&world.blue, "RENDER_API_KEY");
    assert_eq!(world.run().output("findings"), "1");
}
