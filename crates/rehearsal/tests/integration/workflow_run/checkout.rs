//! The stand-in of `actions/checkout`.

use rehearsal::workflow_run::Conclusion::{Failure, Success};
use rehearsal::workflow_run::Reference;

use super::{Scene, push};

/// One job that checks out with these inputs and says what it sees.
fn scene(with: &str) -> Scene {
    let scene = Scene::of_jobs(&format!(
        r#"
  j:
    runs-on: ubuntu-latest
    permissions: {{contents: read}}
    steps:
      - {{id: checkout, uses: actions/checkout@v6, with: {with}}}
      - id: see
        run: |
          echo "head=$(git rev-parse HEAD) $(cat file)" >>"$GITHUB_OUTPUT"
          echo "count=$(git rev-list --count HEAD)" >>"$GITHUB_OUTPUT"
          echo "branch=$(git symbolic-ref --short -q HEAD || echo detached)" >>"$GITHUB_OUTPUT"
          echo "refs=$(git for-each-ref --format='%(refname)' | tr '\n' ' ')" >>"$GITHUB_OUTPUT"
          echo "credentials=$(git config --get-all http.https://github.com/.extraheader | wc -l)" >>"$GITHUB_OUTPUT"
"#
    ));
    for revision in ["one", "two"] {
        scene.repository.write("file", revision).unwrap();
        scene.repository.commit(revision).unwrap();
    }
    scene.repository.git(&["tag", "--annotate", "--message", "x", "v1", "HEAD~1"]).unwrap();
    scene.repository.git(&["branch", "side", "HEAD~1"]).unwrap();
    scene
}

/// Pushes a ref, lets `main` move on, and gives what the job saw.
async fn seen(scene: &Scene, reference: Reference) -> impl Fn(&str) -> String {
    let handle = scene.service().push(&reference).await.unwrap().remove(0);
    let run = handle.finish().await.unwrap();
    let job = run.job("j").unwrap().clone();
    assert_eq!(job.conclusion, Success, "{job:#?}");
    move |output| job.step("see").unwrap().output(output).to_owned()
}

fn commit(scene: &Scene, name: &str) -> String {
    scene.repository.git(&["rev-parse", &format!("{name}^{{commit}}")]).unwrap().trim().to_owned()
}

#[tokio::test]
async fn the_commit_of_the_event_alone_unless_more_is_asked_for() {
    let scene = scene("{persist-credentials: false}");
    let see = seen(&scene, super::main()).await;
    assert_eq!(see("head"), format!("{} two", commit(&scene, "main")));
    assert_eq!(
        (see("count"), see("branch"), see("credentials")),
        ("1".to_owned(), "main".to_owned(), "0".to_owned())
    );
    let see = seen(&scene, Reference::Tag("v1".to_owned())).await;
    assert_eq!(see("head"), format!("{} one", commit(&scene, "v1")));
    assert_eq!((see("count"), see("branch")), ("1".to_owned(), "detached".to_owned()));
}

#[tokio::test]
async fn everything_with_depth_zero() {
    let scene = scene("{fetch-depth: 0}");
    let see = seen(&scene, super::main()).await;
    assert_eq!(
        (see("count"), see("branch"), see("credentials")),
        ("3".to_owned(), "main".to_owned(), "1".to_owned())
    );
    assert_eq!(
        see("refs"),
        "refs/heads/main refs/remotes/origin/main refs/remotes/origin/side refs/tags/v1 "
    );
}

#[tokio::test]
async fn another_ref_or_commit() {
    for reference in ["refs/heads/side", "refs/tags/v1"] {
        let scene = scene(&format!("{{ref: {reference}, persist-credentials: false}}"));
        let see = seen(&scene, super::main()).await;
        assert_eq!(see("head"), format!("{} one", commit(&scene, "side")));
    }
    let scene = scene("{ref: '${{ vars.COMMIT }}', persist-credentials: false}");
    let wanted = commit(&scene, "side");
    let service = scene.service();
    service.change(|settings| drop(settings.variables.insert("COMMIT".to_owned(), wanted.clone())));
    let run = push(&service).await.finish().await.unwrap();
    let job = run.job("j").unwrap();
    assert_eq!(job.step("see").unwrap().output("head"), format!("{wanted} one"));
    assert_eq!(job.step("checkout").unwrap().output("commit"), wanted);
}

#[tokio::test]
async fn a_folder_of_its_own_beside_what_is_there() {
    let scene = Scene::of_jobs(
        r#"
  j:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    steps:
      - {uses: actions/checkout@v6}
      - {uses: actions/checkout@v6, with: {ref: refs/tags/v1, path: other/one}}
      - id: see
        run: echo "files=$(cat file) $(cat other/one/file)" >>"$GITHUB_OUTPUT"
"#,
    );
    for revision in ["one", "two"] {
        scene.repository.write("file", revision).unwrap();
        scene.repository.commit(revision).unwrap();
    }
    scene.repository.git(&["tag", "v1", "HEAD~1"]).unwrap();
    let see = seen(&scene, super::main()).await;
    assert_eq!(see("files"), "two one");
    let outside = Scene::of_jobs(
        "  j: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v6, with: {path: ../x}}]}\n",
    );
    let error = push(&outside.service()).await.finish().await.unwrap_err().to_string();
    assert!(error.contains("path: ../x"), "{error}");
}

#[tokio::test]
async fn the_branch_may_have_moved_on_since_the_event() {
    let scene = scene("{fetch-depth: 0, persist-credentials: false}");
    let service = scene.service();
    let first = push(&service).await.finish().await.unwrap();
    scene.repository.write("file", "three").unwrap();
    scene.repository.commit("three").unwrap();
    let again = service.rerun(first.id).unwrap().finish().await.unwrap();
    let head = again.job("j").unwrap().step("see").unwrap().output("head").to_owned();
    assert_eq!(head, format!("{} two", first.event.commit));
}

#[tokio::test]
async fn a_token_that_may_not_read_finds_no_repository() {
    let scene = Scene::of_jobs("  j: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v6}]}\n");
    let run = scene.run().await;
    let step = &run.job("j").unwrap().steps[0];
    assert_eq!(step.outcome, Failure);
    assert_eq!(
        step.annotations[0].message,
        "fatal: repository 'https://github.com/octo-org/octo-repo/' not found"
    );
}
