//! Validated inputs.

use action::{BadInput, Context, Failure};
use github::{Repository, State};

use crate::marker::Marker;
use crate::revision::Revision;
use crate::{Inputs, Mode, Verdict};

/// GitHub states it for deployment statuses; taken for commit statuses too.
const DESCRIPTION: usize = 140;

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    pub(crate) mode: Mode,
    pub(crate) revision: Revision,
    pub(crate) marker: Marker,
    pub(crate) branch: String,
    pub(crate) description: Option<String>,
    pub(crate) target_url: Option<String>,
    pub(crate) depth: u16,
    repository: Option<Repository>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let extra = [
            ("description", inputs.description.is_some()),
            ("target-url", inputs.target_url.is_some()),
            ("state", inputs.state.is_some()),
        ];
        if inputs.mode != Mode::Record
            && let Some((input, _)) = extra.into_iter().find(|(_, is_given)| *is_given)
        {
            return Err(BadInput::new(
                input,
                "only `mode: record` sets a status, so nothing would come of it",
            ));
        }
        if inputs.description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION) {
            return Err(BadInput::new("description", format!("longer than {DESCRIPTION} characters")));
        }
        if inputs.target_url.as_ref().is_some_and(|url| http::Address::parse(url).is_err()) {
            return Err(BadInput::new("target-url", "not the address of a page that is served over https"));
        }
        Ok(Self {
            mode: inputs.mode,
            revision: Revision::parse(&inputs.commit)?,
            marker: Marker {
                context: word("context", inputs.context)?,
                creator: word("creator", inputs.creator)?,
                state: match inputs.state.unwrap_or(Verdict::Success) {
                    Verdict::Success => State::Success,
                    Verdict::Pending => State::Pending,
                    Verdict::Failure => State::Failure,
                },
            },
            branch: word("branch", inputs.branch)?,
            description: inputs.description,
            target_url: inputs.target_url,
            depth: inputs.depth,
            repository: inputs.repository.as_deref().map(repository).transpose()?,
        })
    }
}

/// A text of one line that says something.
fn word(input: &'static str, text: String) -> Result<String, BadInput> {
    let is_one = !text.trim().is_empty() && !text.chars().any(char::is_control);
    if is_one {
        Ok(text.trim().to_owned())
    } else {
        Err(BadInput::new(input, "must be one line, and not empty"))
    }
}

fn repository(text: &str) -> Result<Repository, BadInput> {
    Repository::parse(text)
        .ok_or_else(|| BadInput::new("repository", format!("`{text}` is not of the form `owner/name`")))
}

impl Job {
    /// The repository that is asked about.
    pub(crate) fn repository(&self, context: &Context) -> Result<Repository, Failure> {
        const VARIABLE: &str = "GITHUB_REPOSITORY";
        if let Some(repository) = &self.repository {
            return Ok(repository.clone());
        }
        let Some(text) = context.variable(VARIABLE) else {
            return Err(Failure::invalid(format!("no repository: `{VARIABLE}` is not set"))
                .hint("outside a workflow give `repository: owner/name`"));
        };
        Repository::parse(&text).ok_or_else(|| {
            Failure::invalid(format!("`{VARIABLE}` holds `{text}`, which is not of the form `owner/name`"))
        })
    }

    /// Where a status leads to: the page of this run, when there is one.
    pub(crate) fn target_url(&self, context: &Context) -> Option<String> {
        let variable = |name: &str| context.variable(name);
        self.target_url.clone().or_else(|| {
            let (server, run) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_RUN_ID")?);
            Some(format!("{server}/{}/actions/runs/{run}", variable("GITHUB_REPOSITORY")?))
        })
    }
}
