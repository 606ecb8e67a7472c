//! Whole workflow files, executed: small ones, written for the test, with real git and real bash.

mod checkout;
mod endings;
mod environments;
mod jobs;
mod queues;
mod refusals;
mod reruns;
mod steps;
mod wrangler;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rehearsal::repository::Repository;
use rehearsal::runner::Timing;
use rehearsal::workflow_run::{
    Builder, Handle, Hooks, Job, Reference, Run, Service, Settings, WorkflowRunError,
};

/// What stands before the jobs of a file that a test writes.
const HEAD: &str = "on: {push: {branches: [main], tags: ['*']}}\npermissions: {}\njobs:\n";

/// A repository with one workflow file and its settings; and a folder that jobs meet in, as `vars.MEET`.
struct Scene {
    repository: Repository,
    settings: Settings,
    meet: tempfile::TempDir,
}

impl Scene {
    /// One whose file has these jobs, written with two blanks before each.
    fn of_jobs(jobs: &str) -> Self {
        Self::of(&format!("{HEAD}{jobs}"))
    }

    /// One with this file.
    fn of(file: &str) -> Self {
        let repository = Repository::new().unwrap();
        repository.write(".github/workflows/test.yml", file).unwrap();
        repository.commit("Write a workflow").unwrap();
        let mut settings = Settings::new("octo-org/octo-repo");
        let meet = tempfile::tempdir().unwrap();
        settings.variables.insert("MEET".to_owned(), meet.path().display().to_string());
        // Where a test ends something, it has no minute to wait.
        settings.minute = Duration::from_secs(1);
        settings.timing = Timing {
            interrupt: Duration::from_secs(2),
            terminate: Duration::from_secs(1),
            drain: Duration::from_millis(500),
            grace: Duration::from_millis(100),
        };
        Self { repository, settings, meet }
    }

    fn builder(&self) -> Builder {
        Service::builder(self.settings.clone(), self.repository.path()).unwrap()
    }

    fn service(&self) -> Service {
        self.builder().build()
    }

    /// Pushes `main`, which starts one run, and waits for its end.
    async fn run(&self) -> Run {
        push(&self.service()).await.finish().await.unwrap()
    }

    /// As [`Self::run`], with hooks.
    async fn run_with(&self, hooks: Arc<dyn Hooks>) -> Run {
        push(&self.builder().hooks(hooks).build()).await.finish().await.unwrap()
    }

    /// What a push of `main` is refused for.
    async fn refusal(&self) -> String {
        self.service().push(&main()).await.unwrap_err().to_string()
    }

    /// A file in the folder that jobs meet in.
    fn met(&self, name: &str) -> PathBuf {
        self.meet.path().join(name)
    }
}

fn main() -> Reference {
    Reference::Branch("main".to_owned())
}

/// The one run that a push of `main` starts.
async fn push(service: &Service) -> Handle {
    let mut started = service.push(&main()).await.unwrap();
    assert_eq!(started.len(), 1);
    started.remove(0)
}

/// Why a run cannot be executed at all.
async fn broken(scene: &Scene) -> WorkflowRunError {
    push(&scene.service()).await.finish().await.unwrap_err()
}

/// The messages of a job's own annotations.
fn said(job: &Job) -> Vec<&str> {
    job.annotations.iter().map(|annotation| annotation.message.as_str()).collect()
}

/// Waits until a file is there, for at most half a minute.
async fn file_appears(path: &std::path::Path) {
    for _ in 0..3000 {
        if path.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} never came", path.display());
}

/// A script that waits for a file, for at most half a minute.
fn wait_for(name: &str) -> String {
    format!(
        "for _ in $(seq 3000); do [ -e \"$MEET/{name}\" ] && break; sleep 0.01; done; [ -e \"$MEET/{name}\" ]"
    )
}
