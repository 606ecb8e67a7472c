//! The namespace: found, or created once.

use std::time::Duration;

use action::{Context, Failure, Permit};
use cloudflare::{Cloudflare, Namespace, code};
use http::{Error, Outcome};
use wait::{Created, EnsureError, Ensured, Fault, Look, Schedule};

/// How long a namespace whose creation had no answer is looked for.
const SEARCH: Schedule = Schedule {
    deadline: Duration::from_secs(60),
    cadence: Duration::from_secs(10),
    first: Duration::from_secs(1),
};

/// Which namespace is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The one of this id.
    Id(String),
    /// The one of this title.
    Title {
        /// Exactly.
        title: String,
        /// Whether it may be created.
        create: bool,
    },
}

impl Wanted {
    /// Finds it; nothing when it is still to be created.
    ///
    /// # Errors
    /// Refused when there is none and none may be created, or when several share
    /// the title.
    pub(crate) async fn find(&self, api: &Cloudflare, account: &str) -> Result<Option<Namespace>, Failure> {
        match self {
            Self::Id(id) => {
                api.kv_namespace(account, id).await.map(Some).map_err(|error| unknown_id(error, id))
            }
            Self::Title { title, create } => {
                let all = api.kv_namespaces(account).await.map_err(unlisted)?;
                let found = only_one(title, all)?;
                if found.is_none() && !create {
                    return Err(Failure::refused(format!(
                        "the account has no KV namespace called `{title}`"
                    ))
                    .hint("`create: true` creates it; check the title for letter case and blanks")
                    .hint("nothing has been changed"));
                }
                Ok(found)
            }
        }
    }
}

/// Creates the namespace `title`, at most once, or finds the one that somebody
/// else or an earlier attempt has created meanwhile.
///
/// # Errors
/// Cloudflare's refusal, or the last that was seen while looking for it.
pub(crate) async fn ensure(
    context: &Context,
    api: &Cloudflare,
    account: &str,
    title: &str,
    permit: &Permit,
) -> Result<Ensured<Namespace>, Failure> {
    let once = api.once();
    let find = async || match once.kv_namespaces(account).await {
        Ok(all) => Ok(match only_one(title, all)? {
            Some(namespace) => Look::Done(namespace),
            None => Look::NotYet("not in the list"),
        }),
        Err(error) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
        Err(error) => Err(unlisted(error)),
    };
    let create = async || {
        context.leaves_behind(format!(
            "the KV namespace `{title}` may have been created; it is not bound, and a second run finds it"
        ));
        match api.create_kv_namespace(account, title, permit).await {
            Ok(namespace) => Ok(Created::Made(namespace)),
            Err(error) if error.outcome() == Outcome::Unknown => Ok(Created::Unclear(error.to_string())),
            Err(error) if error.code() == Some(code::NAMESPACE_EXISTS) => {
                Ok(Created::Unclear("somebody else created it just now".to_owned()))
            }
            Err(error) => Err(Failure::from(error)
                .context(format!("create the KV namespace `{title}`"))
                .hint("nothing has been changed")),
        }
    };
    let what = format!("KV namespace `{title}`");
    wait::ensure(context.clock(), SEARCH, &what, find, create).await.map_err(|error| match error {
        EnsureError::Failed(failure) => failure,
        EnsureError::Unseen(search) => {
            Failure::unreachable(format!("whether the {what} exists cannot be seen: {search}"))
                .hint("nothing has been changed; run again")
        }
        EnsureError::Unclear { attempt, search } => Failure::unreachable(format!(
            "whether the {what} was created cannot be seen: {attempt}; {search}"
        ))
        .hint("it was asked for once and may still appear; run again: a second run finds it"),
    })
}

/// The namespace of exactly this title.
fn only_one(title: &str, all: Vec<Namespace>) -> Result<Option<Namespace>, Failure> {
    let mut found: Vec<Namespace> = all.into_iter().filter(|namespace| namespace.title == title).collect();
    // A list that shifts between two pages shows a row twice.
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup();
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().map(|namespace| namespace.id.as_str()).collect();
        return Err(Failure::refused(format!(
            "the account has {} KV namespaces called `{title}`: {}",
            found.len(),
            ids.join(", ")
        ))
        .hint("give the id of the one that you mean")
        .hint("nothing has been changed"));
    }
    Ok(found.pop())
}

fn unlisted(error: Error) -> Failure {
    Failure::from(error).context("list the KV namespaces").hint("nothing has been changed")
}

fn unknown_id(error: Error, id: &str) -> Failure {
    Failure::from(error)
        .context(format!("read the KV namespace {id}"))
        .hint("32 hexadecimal digits are taken for an id, anything else for a title")
        .hint("nothing has been changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace(id: &str, title: &str) -> Namespace {
        Namespace { id: id.into(), title: title.into() }
    }

    #[test]
    fn only_the_exact_title_counts_and_only_once() {
        let all = || vec![namespace("1", "Content"), namespace("2", "content"), namespace("3", "content-2")];
        assert_eq!(only_one("content", all()), Ok(Some(namespace("2", "content"))));
        assert_eq!(only_one("conten", all()), Ok(None));
        let mut twice_the_same = all();
        twice_the_same.insert(1, namespace("2", "content"));
        assert_eq!(only_one("content", twice_the_same), Ok(Some(namespace("2", "content"))));
        let mut two = all();
        two.push(namespace("4", "content"));
        let refusal = only_one("content", two).unwrap_err();
        assert_eq!(refusal.message(), "the account has 2 KV namespaces called `content`: 2, 4");
    }
}
