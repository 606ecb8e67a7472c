//! What environments give, and whom they refuse.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rehearsal::workflow_run::Conclusion::{Failure, Skipped, Success};
use rehearsal::workflow_run::{Environment, Grant, RefPolicy, Reference, Review, Tokens};
use workflow::permissions::Access;

use super::{HEAD, Scene, push, said};

const CANARY: &str = "sk-canary-0123456789";

/// With one secret and one variable.
fn environment(refs: RefPolicy) -> Environment {
    Environment {
        secrets: BTreeMap::from([("KEY".to_owned(), CANARY.to_owned())]),
        variables: BTreeMap::from([("PLACE".to_owned(), "inner".to_owned())]),
        refs,
        review: None,
    }
}

fn tags(pattern: &str) -> RefPolicy {
    RefPolicy::Selected { branches: Vec::new(), tags: vec![pattern.to_owned()] }
}

#[tokio::test]
async fn secrets_and_variables_reach_only_the_jobs_of_their_environment() {
    let mut scene = Scene::of_jobs(
        r#"
  inside:
    runs-on: ubuntu-latest
    environment: Production
    outputs: {leak: "${{ steps.leak.outputs.key }}"}
    env: {KEY: "${{ secrets.KEY }}"}
    steps:
      - run: '[ "${#KEY} $PLACE" = "20 inner" ]'
        env: {PLACE: "${{ vars.PLACE }}"}
      - id: leak
        run: |
          echo "the key is $KEY"; echo "the key is $KEY" >&2; echo "::error title=a::the key is $KEY"
          echo "key=$KEY" >>"$GITHUB_OUTPUT"; echo "key $KEY" >>"$GITHUB_STEP_SUMMARY"
          echo "${{ secrets.KEY }}"
      - name: named ${{ secrets.KEY }}
        run: exit 1
        env: {AGAIN: "${{ steps.leak.outputs.key }}"}
        continue-on-error: true
  outside:
    needs: inside
    runs-on: ubuntu-latest
    steps:
      - run: '[ "[${{ secrets.KEY }}] ${{ vars.PLACE }} [${{ needs.inside.outputs.leak }}]" = "[] outer []" ]'
"#,
    );
    scene.settings.environments.insert("production".to_owned(), environment(RefPolicy::Any));
    scene.settings.variables.insert("PLACE".to_owned(), "outer".to_owned());
    let run = scene.run().await;
    assert_eq!(run.conclusion, Success, "{run:#?}");
    let inside = run.job("inside").unwrap();
    assert_eq!(inside.environment.as_deref(), Some("Production"));
    assert_eq!(said(inside), ["Skip output 'leak' since it may contain secret."]);
    let leak = inside.step("leak").unwrap();
    assert_eq!((leak.summary.as_str(), leak.output("key")), ("key ***\n", "***"));
    assert_eq!(leak.log.matches("the key is ***").count(), 3, "on both streams and as an annotation");
    assert!(leak.log.contains("\n  KEY: ***\n"), "{}", leak.log);
    assert!(inside.step("named ***").is_some());
    let (printed, left): (Vec<_>, Vec<_>) =
        inside.leaks.iter().partition(|leak| leak.starts_with("the output of the step 2, line "));
    assert_eq!((printed.len(), left.len()), (4, 3), "{:#?}", inside.leaks);
    for file in ["set_output_", "step_summary_", ".sh"] {
        assert!(left.iter().any(|leak| leak.contains(file)), "{file}: {left:?}");
    }
    assert!(run.job("outside").unwrap().leaks.is_empty());
    assert!(!format!("{run:?}{scene:?}", scene = scene.settings).contains(CANARY));
}

#[tokio::test]
async fn a_ref_that_may_not_deploy_is_refused_before_the_job_starts() {
    let mut scene = Scene::of_jobs(
        "  gate: {runs-on: ubuntu-latest, environment: production, steps: [{run: 'touch ${{ vars.MEET }}/$GITHUB_REF_NAME'}]}\n  \
         after: {needs: gate, runs-on: ubuntu-latest, steps: [{run: 'true'}]}\n",
    );
    scene.settings.environments.insert("production".to_owned(), environment(tags("prod-*")));
    scene.repository.git(&["tag", "prod-1"]).unwrap();
    scene.repository.git(&["tag", "test-1"]).unwrap();
    let service = scene.service();
    let run = push(&service).await.finish().await.unwrap();
    let gate = run.job("gate").unwrap();
    assert_eq!(
        said(gate),
        ["Branch \"main\" is not allowed to deploy to production due to environment protection rules."]
    );
    assert_eq!((gate.conclusion, gate.started, gate.steps.len()), (Failure, None, 0));
    assert_eq!(run.job("after").unwrap().conclusion, Skipped);
    for (tag, expected) in [("test-1", Failure), ("prod-1", Success)] {
        let handle = service.push(&Reference::Tag(tag.to_owned())).await.unwrap().remove(0);
        assert_eq!(handle.finish().await.unwrap().conclusion, expected, "{tag}");
    }
    assert!(scene.met("prod-1").exists() && !scene.met("main").exists() && !scene.met("test-1").exists());
}

#[tokio::test]
async fn a_reviewer_says_yes_or_no() {
    let mut scene = Scene::of_jobs(
        "  approval: {runs-on: ubuntu-latest, environment: approval, steps: [{run: 'true'}]}\n  \
         after: {needs: approval, runs-on: ubuntu-latest, steps: [{run: 'true'}]}\n",
    );
    for (review, expected) in [(Review::Approve, [Success, Success]), (Review::Reject, [Failure, Skipped])] {
        let approval = Environment { review: Some(review), ..Environment::default() };
        scene.settings.environments.insert("approval".to_owned(), approval);
        let run = scene.run().await;
        let ends = ["approval", "after"].map(|id| run.job(id).unwrap().conclusion);
        assert_eq!(ends, expected, "{review:?}");
    }
}

/// Remembers what it issued.
#[derive(Debug, Default)]
struct Book(Mutex<(Vec<Grant>, Vec<String>)>);

impl Tokens for Book {
    fn issue(&self, grant: &Grant) -> String {
        self.0.lock().unwrap().0.push(grant.clone());
        format!("token-of-{}", grant.job)
    }

    fn revoke(&self, token: &str) {
        self.0.lock().unwrap().1.push(token.to_owned());
    }
}

#[tokio::test]
async fn each_job_has_a_token_with_exactly_its_scopes_while_it_lasts() {
    let jobs = r#"
  own: {runs-on: ubuntu-latest, permissions: {statuses: write, contents: read}, steps: [{run: 'test "$A $B" = "token-of-own token-of-own"; echo $A', env: {A: "${{ github.token }}", B: "${{ secrets.GITHUB_TOKEN }}"}}]}
  none: {needs: own, runs-on: ubuntu-latest, steps: [{run: 'true'}]}
"#;
    let book = Arc::new(Book::default());
    let scene = Scene::of(&format!("{HEAD}{jobs}"));
    let run = push(&scene.builder().tokens(book.clone()).build()).await.finish().await.unwrap();
    assert_eq!(run.conclusion, Success, "{run:#?}");
    assert!(run.job("own").unwrap().steps[0].log.ends_with("\n***\n"), "a token is hidden");
    let (grants, revoked) = book.0.lock().unwrap().clone();
    let scopes = |grant: &Grant| grant.permissions.0.clone();
    assert_eq!(
        scopes(&grants[0]),
        BTreeMap::from([("contents".to_owned(), Access::Read), ("statuses".to_owned(), Access::Write)])
    );
    assert_eq!((grants[1].job.as_str(), scopes(&grants[1])), ("none", BTreeMap::new()));
    assert_eq!((grants[0].run, grants[0].repository.as_str()), (run.id, "octo-org/octo-repo"));
    assert_eq!(revoked, ["token-of-own", "token-of-none"]);

    // Where no file says anything, the repository's settings do.
    let scene = Scene::of(
        "on: {push: {branches: [main]}}\njobs: {j: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}}\n",
    );
    let book = Arc::new(Book::default());
    push(&scene.builder().tokens(book.clone()).build()).await.finish().await.unwrap();
    let grants = book.0.lock().unwrap().0.clone();
    assert_eq!(scopes(&grants[0]).into_keys().collect::<Vec<_>>(), ["contents", "packages"]);
}
