//! The stand-in of `cloudflare/wrangler-action`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rehearsal::workflow_run::Conclusion::{Failure, Skipped, Success};
use rehearsal::workflow_run::{Deployment, Environment, PagesHost, Reference, Wrangler};

use super::{Scene, push};

/// Takes every deployment of the project `docs`, after a look at its files.
#[derive(Debug, Default)]
struct Host(Mutex<Vec<(Deployment, String)>>);

#[async_trait]
impl PagesHost for Host {
    async fn publish(&self, deployment: Deployment) -> Result<String, String> {
        if deployment.project != "docs" {
            return Err("Project not found. [code: 8000007]".to_owned());
        }
        let page = std::fs::read_to_string(deployment.directory.join("index.html")).unwrap();
        self.0.lock().unwrap().push((deployment, page));
        Ok("https://1234.docs.pages.dev".to_owned())
    }
}

fn scene(project: &str, token: &str) -> Scene {
    let mut scene = Scene::of_jobs(&format!(
        r#"
  j:
    runs-on: ubuntu-latest
    environment: staging
    permissions: {{contents: read}}
    steps:
      - uses: actions/checkout@v6
      - run: mkdir dist && echo hello >dist/index.html
      - id: deploy
        uses: cloudflare/wrangler-action@v3
        with:
          apiToken: ${{{{ secrets.{token} }}}}
          accountId: ${{{{ vars.ACCOUNT }}}}
          command: pages deploy dist --project-name={project} --branch=main
"#
    ));
    let secrets = BTreeMap::from([("TOKEN".to_owned(), "cf-canary-0123456789".to_owned())]);
    scene
        .settings
        .environments
        .insert("staging".to_owned(), Environment { secrets, ..Environment::default() });
    scene.settings.variables.insert("ACCOUNT".to_owned(), "acc-1".to_owned());
    scene
}

#[tokio::test]
async fn a_folder_is_handed_to_the_host_of_pages() {
    let (scene, host) = (scene("docs", "TOKEN"), Arc::new(Host::default()));
    let service =
        scene.builder().stand_in("Cloudflare/wrangler-action", Arc::new(Wrangler::new(host.clone()))).build();
    let run = push(&service).await.finish().await.unwrap();
    assert_eq!(run.conclusion, Success, "{run:#?}");
    let step = run.job("j").unwrap().step("deploy").unwrap();
    assert_eq!(step.output("deployment-url"), "https://1234.docs.pages.dev");
    let taken = host.0.lock().unwrap().remove(0);
    let Deployment { project, branch, account, token, commit, .. } = taken.0;
    assert_eq!((project.as_str(), branch.as_str(), account.as_str()), ("docs", "main", "acc-1"));
    assert_eq!(
        (token.as_str(), commit, taken.1.as_str()),
        ("cf-canary-0123456789", run.event.commit.clone(), "hello\n")
    );
    assert!(!format!("{run:?}").contains("cf-canary"));
}

#[tokio::test]
async fn a_refusal_and_a_missing_token_fail_the_step() {
    for (project, token, said) in [
        ("other", "TOKEN", "Project not found. [code: 8000007]"),
        ("docs", "NONE", "In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN"),
    ] {
        let (scene, host) = (scene(project, token), Arc::new(Host::default()));
        let service =
            scene.builder().stand_in("cloudflare/wrangler-action", Arc::new(Wrangler::new(host))).build();
        let run = push(&service).await.finish().await.unwrap();
        let step = run.job("j").unwrap().step("deploy").unwrap();
        assert!(step.outcome == Failure && step.annotations[0].message.starts_with(said), "{step:#?}");
    }
    let scene = scene("docs --commit-dirty", "TOKEN");
    let service = scene
        .builder()
        .stand_in("cloudflare/wrangler-action", Arc::new(Wrangler::new(Arc::new(Host::default()))));
    let error = push(&service.build()).await.finish().await.unwrap_err().to_string();
    assert!(error.contains("the option `--commit-dirty` in the command"), "{error}");
}

#[tokio::test]
async fn the_reference_workflows_are_understood_and_rest_until_they_are_switched_on() {
    let scene = Scene::of_jobs("  j: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}\n");
    scene.repository.git(&["rm", "--quiet", ".github/workflows/test.yml"]).unwrap();
    for file in ["deploy-staging.yml", "deploy-prod.yml"] {
        let path = format!(".github/workflows/{file}");
        let text = std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        scene.repository.write(&path, &text).unwrap();
    }
    scene.repository.commit("Take over the reference workflows").unwrap();
    scene.repository.git(&["tag", "prod-1"]).unwrap();
    let wrangler = Arc::new(Wrangler::new(Arc::new(Host::default())));
    let service = scene.builder().stand_in("cloudflare/wrangler-action", wrangler).build();
    for (reference, file) in
        [(super::main(), "deploy-staging.yml"), (Reference::Tag("prod-1".to_owned()), "deploy-prod.yml")]
    {
        let mut started = service.push(&reference).await.unwrap();
        assert_eq!(started.len(), 1);
        let run = started.remove(0).finish().await.unwrap();
        assert_eq!((run.file.as_str(), run.conclusion), (file, Skipped), "{run:#?}");
        assert!(run.jobs.len() > 8);
    }
}
