//! Manifests that can be read and others, and values that can be resolved and others.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::sync::Arc;

use action::{Context, Failure, SimClock};
use manifest::{MAX_BYTES, Manifest};
use manifest_file::{Origin, Resolved, Values, path, read};
use tempfile::TempDir;

const MANIFEST: &str = r#"
version: 1
targets:
  api:
    paths: [api/**]
    blue: { service: "${{ vars.BLUE }}", origin: "${{ vars.BLUE_ORIGIN }}" }
    green: { service: srv-green, origin: API-green.onrender.com }
  workers:
    paths: [workers/**]
    blue: { service: "${{ vars.WORKERS }}" }
    green: { service: srv-workersgreen }
"#;

fn context(variables: &[(&'static str, &str)]) -> Context {
    Context::detached(variables.iter().copied().collect(), Arc::new(SimClock::default()))
}

/// How it ends, what it says and its hints.
fn told(failure: &Failure) -> String {
    format!("{:?} {failure}", failure.ending())
}

/// A file of this content, read from where it lies.
fn reading(content: &[u8]) -> Result<Manifest, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.yml"), content).unwrap();
    read_in(&folder, "manifest.yml")
}

fn read_in(folder: &TempDir, name: &str) -> Result<Manifest, String> {
    let place = folder.path().join(name).display().to_string();
    read(&context(&[]), &place).map_err(|failure| told(&failure))
}

#[test]
fn the_path_of_a_manifest_is_one_line_that_says_something() {
    assert_eq!(path("manifest", "a b/deploy.yml").unwrap(), "a b/deploy.yml");
    for text in ["", " ", "\t", "a\nb", "a\u{7}", "a\0"] {
        let problem = told(&Failure::from(path("manifest", text).unwrap_err()));
        assert!(problem.contains("is not the path of a file"), "{text:?}: {problem}");
    }
}

#[test]
fn a_manifest_is_read_from_its_file() {
    assert_eq!(reading(MANIFEST.as_bytes()).unwrap().targets.len(), 2);
}

#[test]
fn a_manifest_that_is_not_there_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let told = read_in(&folder, "gone.yml").unwrap_err();
    assert!(
        told.starts_with("Invalid there is no manifest at ") && told.contains("actions/checkout"),
        "{told}"
    );
}

#[test]
fn what_is_no_file_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let told = read_in(&folder, "folder").unwrap_err();
    assert!(told.contains("cannot be read: it is not a file"), "{told}");
    // Opening a pipe that nobody writes to would wait for ever.
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let told = read_in(&folder, "pipe").unwrap_err();
    assert!(told.contains("cannot be read: it is not a file"), "{told}");
}

#[test]
fn a_manifest_that_is_too_long_is_refused_and_one_that_just_fits_is_read() {
    let padded = |length: usize| {
        let mut content = MANIFEST.as_bytes().to_vec();
        content.push(b'#');
        content.resize(length, b'x');
        content
    };
    assert_eq!(reading(&padded(MAX_BYTES)).unwrap().targets.len(), 2);
    let told = reading(&padded(MAX_BYTES + 1)).unwrap_err();
    assert!(told.starts_with("Invalid ") && told.contains("the file is larger than"), "{told}");
}

#[test]
fn a_manifest_that_breaks_a_rule_is_told_with_its_hints() {
    for content in [&b"targets: ["[..], b"version: 2", b"\xff\xfe", b""] {
        let told = reading(content).unwrap_err();
        assert!(told.starts_with("Invalid ") && told.contains("manifest.yml"), "{told}");
    }
}

/// Both colours of a target, and whether everything could be resolved.
fn resolved(target: &str, variables: &[(&'static str, &str)]) -> (Vec<Option<Resolved>>, Result<(), String>) {
    let manifest = reading(MANIFEST.as_bytes()).unwrap();
    let target = &manifest.targets[target];
    let context = context(variables);
    let mut values = Values::new(&context);
    let services = target.blue.iter().chain(&target.green).map(|service| values.service(service)).collect();
    (services, values.finish().map_err(|failure| told(&failure)))
}

#[test]
fn variables_and_words_are_resolved_alike() {
    let variables = [("BLUE", "srv-blue"), ("BLUE_ORIGIN", "https://api-blue.onrender.com")];
    let (services, finished) = resolved("api", &variables);
    let service = |colour: &str| {
        let host = format!("api-{colour}.onrender.com");
        let origin = Origin { url: format!("https://{host}"), host };
        Some(Resolved { service: format!("srv-{colour}"), origin: Some(origin) })
    };
    assert_eq!((services, finished), (vec![service("blue"), service("green")], Ok(())));
    let (workers, finished) = resolved("workers", &[("WORKERS", "srv-w")]);
    assert_eq!(workers[0], Some(Resolved { service: "srv-w".to_owned(), origin: None }));
    assert_eq!(finished, Ok(()));
}

#[test]
fn every_variable_that_is_not_set_is_named_and_an_empty_one_is_not_set() {
    let (services, finished) = resolved("api", &[("BLUE", "")]);
    assert_eq!(services[0], None);
    let told = finished.unwrap_err();
    assert!(
        told.starts_with("Invalid the manifest names variables that are not set: BLUE, BLUE_ORIGIN"),
        "{told}"
    );
    assert!(told.contains("put them into the job's env, `BLUE: ${{ vars.BLUE }}`"), "{told}");
    // One of two is enough for there to be no service at all.
    let (services, finished) = resolved("api", &[("BLUE", "srv-blue")]);
    assert_eq!(services[0], None);
    assert!(finished.unwrap_err().contains("not set: BLUE_ORIGIN\n"));
}

#[test]
fn an_origin_that_is_none_is_refused_and_its_service_is_no_service_without_it() {
    for origin in ["https://a.example.com/path", "api", "a b.example.com", "ftp://a.example.com"] {
        let (services, finished) = resolved("api", &[("BLUE", "srv-blue"), ("BLUE_ORIGIN", origin)]);
        assert_eq!(services[0], None, "{origin}");
        let told = finished.unwrap_err();
        assert!(told.starts_with(&format!("Invalid the manifest's origin {origin:?} is neither")), "{told}");
    }
}

#[test]
fn a_host_name_has_no_more_than_dns_allows() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
    assert_eq!(Origin::parse(&longest).unwrap().host, longest);
    for host in [
        format!("{longest}a"),
        format!("{label}a.example.com"),
        "localhost".to_owned(),
        "https://intranet".to_owned(),
    ] {
        assert_eq!(Origin::parse(&host), None, "{host}");
    }
}
