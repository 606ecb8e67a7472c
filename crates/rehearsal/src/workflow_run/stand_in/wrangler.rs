//! `cloudflare/wrangler-action`, as far as `pages deploy` goes.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Answer, Call, StandIn, Unsupported};

/// What is to be published.
#[derive(Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The folder with the files.
    pub directory: PathBuf,
    /// `--project-name`.
    pub project: String,
    /// `--branch`.
    pub branch: String,
    /// The account.
    pub account: String,
    /// The token that Cloudflare is asked with.
    pub token: String,
    /// The commit that the workspace is at, which wrangler tells Cloudflare; empty when it is no checkout.
    pub commit: String,
}

impl Debug for Deployment {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { directory, project, branch, account, commit, token: _ } = self;
        write!(f, "pages deploy {} to {account}/{project}@{branch} from {commit}", directory.display())
    }
}

/// Whoever takes deployments: the twin of Cloudflare.
#[async_trait]
pub trait PagesHost: Debug + Send + Sync {
    /// Publishes; gives the deployment's address.
    ///
    /// # Errors
    /// What Cloudflare says to a deployment that it refuses.
    async fn publish(&self, deployment: Deployment) -> Result<String, String>;
}

/// The stand-in. It takes `apiToken`, `accountId` and a `command` of the form
/// `pages deploy FOLDER --project-name=P --branch=B` (its README; wrangler's docs, "Pages deploy").
#[derive(Debug, Clone)]
pub struct Wrangler {
    host: Arc<dyn PagesHost>,
}

impl Wrangler {
    /// One that publishes there.
    #[must_use]
    pub fn new(host: Arc<dyn PagesHost>) -> Self {
        Self { host }
    }
}

#[async_trait]
impl StandIn for Wrangler {
    async fn run(&self, call: &Call<'_>) -> Result<Answer, Unsupported> {
        call.only(&["apitoken", "accountid", "command"])?;
        let (directory, project, branch) = command(call.input("command"))?;
        if call.input("apitoken").is_empty() {
            return Ok(Answer::failed(
                "In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable for wrangler to work.",
            ));
        }
        if call.input("accountid").is_empty() {
            return Ok(Answer::failed(
                "More than one account available but unable to select one in non-interactive mode.",
            ));
        }
        let directory = call.workspace.join(directory);
        if !directory.is_dir() {
            return Ok(Answer::failed(format!(
                "ENOENT: no such file or directory, scandir '{}'",
                directory.display()
            )));
        }
        let deployment = Deployment {
            directory,
            project,
            branch,
            account: call.input("accountid").to_owned(),
            token: call.input("apitoken").to_owned(),
            commit: commit(call).await,
        };
        Ok(match self.host.publish(deployment).await {
            Err(refusal) => Answer::failed(refusal),
            Ok(address) => Answer {
                log: vec![format!("Deployment complete! Take a peek over at {address}")],
                outputs: BTreeMap::from([("deployment-url".to_owned(), address)]),
                failure: None,
            },
        })
    }
}

/// The commit that the workspace is at.
async fn commit(call: &Call<'_>) -> String {
    let said = crate::workflow_run::source::git(call.workspace).args(["rev-parse", "HEAD"]).output().await;
    let said = said.ok().filter(|said| said.status.success());
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
}

/// Folder, project and branch.
fn command(text: &str) -> Result<(String, String, String), Unsupported> {
    let unsupported = |what: &str| Unsupported(format!("{what} in the command `{text}`"));
    let mut words = text.split_whitespace();
    if (words.next(), words.next()) != (Some("pages"), Some("deploy")) {
        return Err(unsupported("anything but `pages deploy`"));
    }
    let (mut directory, mut project, mut branch) = (None, None, None);
    for word in words {
        let (place, value) = match word.split_once('=') {
            Some(("--project-name", value)) => (&mut project, value),
            Some(("--branch", value)) => (&mut branch, value),
            _ if word.starts_with('-') => return Err(unsupported(&format!("the option `{word}`"))),
            _ => (&mut directory, word),
        };
        if place.replace(value.to_owned()).is_some() {
            return Err(unsupported(&format!("a second `{word}`")));
        }
    }
    match (directory, project, branch) {
        (Some(directory), Some(project), Some(branch)) => Ok((directory, project, branch)),
        _ => Err(unsupported("a missing folder, --project-name=P or --branch=B")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_of_one_command_is_known() {
        let known = command("pages deploy apps/a/dist --project-name=a  --branch=main").unwrap();
        assert_eq!(known, ("apps/a/dist".to_owned(), "a".to_owned(), "main".to_owned()));
        for (text, named) in [
            ("deploy", "`pages deploy`"),
            ("pages deploy d --project-name=a --branch=b --env=x", "`--env=x`"),
            ("pages deploy d e --project-name=a --branch=b", "a second `e`"),
            ("pages deploy d --project-name=a", "--branch=B"),
            ("pages deploy --project-name=a --branch=b", "a missing folder"),
        ] {
            let refused = command(text).unwrap_err();
            assert!(refused.0.contains(named), "{refused:?}");
        }
    }
}
