//! `actions/checkout`, with real git.

use std::path::{Component, Path, PathBuf};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use workflow::permissions::Access;

use super::{Answer, Call, StandIn, Unsupported};
use crate::workflow_run::event::Reference;
use crate::workflow_run::source::git;

/// The stand-in. It takes `ref`, `path` (a folder below the workspace), `fetch-depth` (1 unless it is given; 0 is everything, with all branches and tags),
/// `persist-credentials` (true unless it is given) and `token` (its README). The repository counts as private: a
/// token that may not read contents is told what GitHub tells strangers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checkout;

#[async_trait]
impl StandIn for Checkout {
    async fn run(&self, call: &Call<'_>) -> Result<Answer, Unsupported> {
        call.only(&["ref", "path", "fetch-depth", "persist-credentials", "token"])?;
        let depth = match call.input("fetch-depth") {
            "" => 1,
            text => match text.parse::<u32>() {
                Ok(depth) => depth,
                Err(_) => return Err(Unsupported(format!("fetch-depth: {text}"))),
            },
        };
        let persist = match call.input("persist-credentials") {
            "" | "true" => true,
            "false" => false,
            other => return Err(Unsupported(format!("persist-credentials: {other}"))),
        };
        if !matches!(call.input("token"), token if token.is_empty() || token == call.token) {
            return Err(Unsupported("a token other than the job's".to_owned()));
        }
        let wanted = Wanted::of(call)?;
        let mut work = Work { call, folder: folder(call)?, log: Vec::new() };
        let failure = work.check_out(&wanted, depth, persist).await.err();
        let mut answer = Answer { log: work.log, failure, ..Answer::default() };
        if answer.failure.is_none() {
            match work_head(&work.folder).await {
                Ok(commit) => answer.outputs.insert("commit".to_owned(), commit),
                Err(said) => answer.failure.replace(said),
            };
            answer.outputs.insert("ref".to_owned(), call.input("ref").to_owned());
        }
        Ok(answer)
    }
}

/// What is to be checked out.
enum Wanted {
    /// The commit of the event, under the event's ref.
    Event,
    /// A commit.
    Commit(String),
    /// A branch or a tag, as it is now.
    Named(Reference),
}

impl Wanted {
    /// `ref` as actions/checkout reads it (`ref-helper.ts`): nothing, a full name, or a commit of 40 digits. A
    /// short name, which it looks for among branches and then tags, is not done here.
    fn of(call: &Call<'_>) -> Result<Self, Unsupported> {
        let text = call.input("ref");
        if text.is_empty() {
            return Ok(Self::Event);
        }
        if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::Commit(text.to_owned()));
        }
        if let Some(name) = text.strip_prefix("refs/heads/") {
            return Ok(Self::Named(Reference::Branch(name.to_owned())));
        }
        match text.strip_prefix("refs/tags/") {
            Some(name) => Ok(Self::Named(Reference::Tag(name.to_owned()))),
            None => Err(Unsupported(format!("ref: {text} (a full ref or a commit of 40 digits is known)"))),
        }
    }
}

/// `path`, which must stay below the workspace (actions/checkout, `input-helper.ts`).
fn folder(call: &Call<'_>) -> Result<PathBuf, Unsupported> {
    let path = Path::new(call.input("path"));
    match path.components().all(|part| matches!(part, Component::Normal(_))) {
        true => Ok(call.workspace.join(path)),
        false => Err(Unsupported(format!("path: {}", path.display()))),
    }
}

struct Work<'a> {
    call: &'a Call<'a>,
    /// Where it is checked out.
    folder: PathBuf,
    log: Vec<String>,
}

impl Work<'_> {
    async fn check_out(&mut self, wanted: &Wanted, depth: u32, persist: bool) -> Result<(), String> {
        let Call { repository, repository_name, server_url, permissions, event, .. } = *self.call;
        let origin = format!("{server_url}/{repository_name}");
        if permissions.on("contents") < Access::Read {
            return Err(format!("fatal: repository '{origin}/' not found"));
        }
        self.empty_workspace()?;
        self.git(&["init", "--quiet", "."]).await?;
        self.git(&["remote", "add", "origin", &origin]).await?;
        // The local repository takes the place of the server; through this form git counts depth as over a network.
        let local = format!("url.file://{}.insteadOf={origin}", repository.display());
        let mut fetch =
            vec!["-c", &local, "fetch", "--quiet", "--no-tags", "--prune", "--no-recurse-submodules"];
        let depth_option = format!("--depth={depth}");
        let (spec, target) = match wanted {
            Wanted::Event => {
                (format!("+{}:{}", event.commit, tracking(&event.reference)), Some(&event.reference))
            }
            Wanted::Named(reference) => (format!("+{reference}:{}", tracking(reference)), Some(reference)),
            Wanted::Commit(commit) => (commit.clone(), None),
        };
        if depth > 0 {
            fetch.extend([depth_option.as_str(), "origin", &spec]);
        } else {
            fetch.extend(["origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]);
        }
        self.git(&fetch).await?;
        if depth == 0 && matches!(wanted, Wanted::Event) {
            // The branch may have moved on since the event; what runs is the event's commit.
            self.git(&["-c", &local, "fetch", "--quiet", "--no-tags", "origin", &spec]).await?;
        }
        match (wanted, target) {
            (Wanted::Commit(commit), _) => {
                self.git(&["checkout", "--quiet", "--force", "--detach", commit]).await?
            }
            (_, Some(reference @ Reference::Branch(name))) => {
                self.git(&["checkout", "--quiet", "--force", "-B", name, &tracking(reference)]).await?;
            }
            (_, Some(reference)) => {
                self.git(&["checkout", "--quiet", "--force", "--detach", &reference.to_string()]).await?;
            }
            (_, None) => {}
        }
        if persist { self.persist_credentials().await } else { Ok(()) }
    }

    /// A workspace that holds something else is emptied first (`git-directory-helper.ts`).
    fn empty_workspace(&self) -> Result<(), String> {
        let failed = |e: std::io::Error| format!("empty the workspace: {e}");
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let removed =
                if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            removed.map_err(failed)?;
        }
        Ok(())
    }

    /// The token in a file beside the workspace that git's configuration names (actions/checkout 6, its README).
    async fn persist_credentials(&mut self) -> Result<(), String> {
        let Call { server_url, token, temp, .. } = *self.call;
        let basic = STANDARD.encode(format!("x-access-token:{token}"));
        let file = temp.join(format!("git-credentials-{:032x}.config", fastrand::u128(..)));
        let text = format!("[http \"{server_url}/\"]\n\textraheader = AUTHORIZATION: basic {basic}\n");
        std::fs::write(&file, text).map_err(|e| format!("write the credentials: {e}"))?;
        self.git(&["config", "--local", "include.path", &file.display().to_string()]).await
    }

    async fn git(&mut self, arguments: &[&str]) -> Result<(), String> {
        self.log.push(format!("[command]git {}", arguments.join(" ")));
        let output = git(&self.folder).args(arguments).output().await;
        let output = output.map_err(|e| format!("run git: {e}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        self.log.extend(said.lines().map(str::to_owned));
        if output.status.success() {
            return Ok(());
        }
        let code = output.status.code().unwrap_or(1);
        Err(format!("The process 'git' failed with exit code {code}: {}", said.trim()))
    }
}

/// Where a fetched ref is kept.
fn tracking(reference: &Reference) -> String {
    match reference {
        Reference::Branch(name) => format!("refs/remotes/origin/{name}"),
        Reference::Tag(_) => reference.to_string(),
    }
}

async fn work_head(workspace: &Path) -> Result<String, String> {
    let said =
        git(workspace).args(["rev-parse", "HEAD"]).output().await.map_err(|e| format!("run git: {e}"))?;
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}
