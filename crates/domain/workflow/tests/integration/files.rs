//! The workflow files of this repository.

use workflow::Workflow;

/// The text of `.github/workflows/NAME`.
pub(crate) fn text(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.github/workflows/");
    std::fs::read_to_string(format!("{path}{name}")).unwrap()
}

/// The file, read.
pub(crate) fn workflow(name: &str) -> Workflow {
    Workflow::parse(&text(name)).unwrap_or_else(|problem| panic!("{name}:{problem}"))
}

#[test]
fn the_deploy_workflows_are_read() {
    for (name, jobs) in [
        ("deploy-staging.yml", 9),
        ("deploy-prod.yml", 17),
        ("drain-legacy-generation.yml", 1),
        ("sync-blue.yml", 1),
        ("rollback.yml", 1),
    ] {
        assert_eq!(workflow(name).jobs.len(), jobs, "{name}");
    }
}
