//! From words to a job, without looking at the world.

use action::BadInput;
use cloudflare::Environment;

use crate::namespace::Wanted;
use crate::target::Target;
use crate::{Inputs, PagesEnvironment};

/// Our own bound, in bytes: longer text is no title but a mistake.
const LONGEST_TITLE: usize = 512;

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    pub(crate) account: String,
    pub(crate) wanted: Wanted,
    pub(crate) binding: String,
    pub(crate) target: Target,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        Ok(Self {
            account: account(&inputs.account_id)?,
            wanted: wanted(&inputs)?,
            target: target(&inputs)?,
            binding: binding(inputs.binding)?,
        })
    }
}

fn account(text: &str) -> Result<String, BadInput> {
    if is_id(text) {
        return Ok(text.to_owned());
    }
    Err(BadInput::new("account-id", format!("{text:?} is no account id"))
        .hint("it is 32 hexadecimal digits, in the address of the account's dashboard"))
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn wanted(inputs: &Inputs) -> Result<Wanted, BadInput> {
    let text = &inputs.namespace;
    match (is_id(text), inputs.create) {
        (true, false) => Ok(Wanted::Id(text.to_ascii_lowercase())),
        (true, true) => Err(BadInput::new("create", "a namespace cannot be created with an id")
            .hint("give its title, or leave `create` out: an id names a namespace that exists")),
        (false, create) => {
            let odd = text.chars().any(char::is_control) || text.trim() != text;
            if odd || text.is_empty() || text.len() > LONGEST_TITLE {
                return Err(BadInput::new("namespace", format!("{text:?} is no title of a namespace")));
            }
            Ok(Wanted::Title { title: text.clone(), create })
        }
    }
}

fn target(inputs: &Inputs) -> Result<Target, BadInput> {
    match (&inputs.pages_project, &inputs.worker_script, inputs.environment) {
        (Some(project), None, environment) => Ok(Target::Pages {
            project: plain("pages-project", project.clone())?,
            environment: match environment {
                None | Some(PagesEnvironment::Production) => Environment::Production,
                Some(PagesEnvironment::Preview) => Environment::Preview,
            },
        }),
        (None, Some(script), None) => Ok(Target::Worker { script: plain("worker-script", script.clone())? }),
        (None, Some(_), Some(_)) => Err(BadInput::new("environment", "only a Pages project has one").hint(
            "an environment of a Worker is a script of its own, such as `api-production`: name that one",
        )),
        (Some(_), Some(_), _) => {
            Err(BadInput::new("worker-script", "`pages-project` is given too; a run binds to one of them"))
        }
        (None, None, _) => Err(BadInput::new("pages-project", "nothing to bind to")
            .hint("give `pages-project` or `worker-script`")),
    }
}

/// What a variable may be called in JavaScript, as far as ASCII goes.
fn binding(text: String) -> Result<String, BadInput> {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$';
    let goes_on = |byte: u8| starts(byte) || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    if bytes.first().is_some_and(|first| starts(*first)) && bytes.iter().all(|byte| goes_on(*byte)) {
        return Ok(text);
    }
    Err(BadInput::new("binding", format!("{text:?} is no name of a variable"))
        .hint("letters, digits, `_` and `$`, and no digit first"))
}

fn plain(input: &'static str, text: String) -> Result<String, BadInput> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !text.is_empty() && text.bytes().all(fine) {
        return Ok(text);
    }
    Err(BadInput::new(input, format!("{text:?} holds more than letters, digits, `-` and `_`")))
}

#[cfg(test)]
mod tests {
    use action::Failure;

    use super::*;

    fn inputs() -> Inputs {
        Inputs {
            account_id: "023e105f4ecef8ad9ca31a8372d0c353".into(),
            namespace: "content".into(),
            create: false,
            binding: "CONTENT".into(),
            pages_project: Some("docs".into()),
            worker_script: None,
            environment: None,
        }
    }

    fn refusal(inputs: Inputs) -> String {
        Failure::from(Job::try_from(inputs).unwrap_err()).to_string()
    }

    #[test]
    fn a_title_and_an_id_are_told_apart() {
        let wanted = |namespace: &str| {
            Job::try_from(Inputs { namespace: namespace.into(), ..inputs() }).unwrap().wanted
        };
        assert_eq!(wanted("content"), Wanted::Title { title: "content".into(), create: false });
        assert_eq!(
            wanted("0F2AC74B498B48028CB68387C421E279"),
            Wanted::Id("0f2ac74b498b48028cb68387c421e279".into())
        );
        assert!(matches!(wanted("0f2ac74b498b48028cb68387c421e27g"), Wanted::Title { .. }));
    }

    #[test]
    fn production_is_the_default() {
        let target = Job::try_from(inputs()).unwrap().target;
        assert_eq!(target, Target::Pages { project: "docs".into(), environment: Environment::Production });
        let preview = Inputs { environment: Some(PagesEnvironment::Preview), ..inputs() };
        let target = Job::try_from(preview).unwrap().target;
        assert_eq!(target, Target::Pages { project: "docs".into(), environment: Environment::Preview });
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let id = "0f2ac74b498b48028cb68387c421e279".to_owned();
        for (inputs, told) in [
            (Inputs { account_id: "a/b".into(), ..inputs() }, "input `account-id`"),
            (Inputs { account_id: "x".into(), ..inputs() }, "input `account-id`"),
            (Inputs { namespace: id, create: true, ..inputs() }, "cannot be created with an id"),
            (Inputs { namespace: " content".into(), ..inputs() }, "no title"),
            (Inputs { namespace: "con\ntent".into(), ..inputs() }, "no title"),
            (Inputs { namespace: "x".repeat(513), ..inputs() }, "no title"),
            (Inputs { binding: "1A".into(), ..inputs() }, "no name of a variable"),
            (Inputs { binding: "A-B".into(), ..inputs() }, "no name of a variable"),
            (Inputs { binding: "Ä".into(), ..inputs() }, "no name of a variable"),
            (Inputs { pages_project: None, ..inputs() }, "nothing to bind to"),
            (Inputs { worker_script: Some("w".into()), ..inputs() }, "one of them"),
            (
                Inputs {
                    pages_project: None,
                    worker_script: Some("w".into()),
                    environment: Some(PagesEnvironment::Preview),
                    ..inputs()
                },
                "only a Pages project has one",
            ),
            (Inputs { pages_project: Some("a b".into()), ..inputs() }, "input `pages-project`"),
        ] {
            let text = refusal(inputs);
            assert!(text.contains(told), "{text}");
        }
    }
}
