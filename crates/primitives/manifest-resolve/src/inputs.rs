//! What a workflow passes, raw and validated.

use std::collections::BTreeMap;

use action::BadInput;
use git::CommitId;
use manifest::TargetName;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Path of the manifest, from the top of the repository; it is taken from the checked-out files if `head` is checked out, else from the commit `head`. An absolute path names a file as it is on disk
    #[arg(long, default_value = ".github/deploy-manifest.yml")]
    manifest: String,

    /// Commit to compare with: what is deployed now, as a SHA, tag or branch. Empty, or all zeros as GitHub sends it for a new branch, means that nothing is known to be deployed: every target is affected
    #[arg(long)]
    base: Option<String>,

    /// Commits to compare with, one for each target, instead of `base`: one `target sha` a line. Each target is compared with what is deployed of it; one without a line, or with all zeros, was never deployed and is affected
    #[arg(long)]
    bases: Option<String>,

    /// Commit to deploy: a SHA, tag or branch
    #[arg(long, default_value = "HEAD")]
    head: String,

    /// What to do when `base` cannot be had: `all` counts every target as affected and warns, `fail` refuses
    #[arg(long, value_enum, default_value_t = OnMissingBase::All)]
    on_missing_base: OnMissingBase,

    /// Whether a `base` that is not in the clone may be fetched from `origin`, alone and by its full SHA; so `fetch-depth: 1` of `actions/checkout` is enough
    #[arg(
        long,
        action = clap::ArgAction::Set,
        value_parser = action::boolean,
        value_name = "BOOL",
        default_value = "true",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true
    )]
    fetch: bool,

    /// What to do about changed paths that belong to no target and not to `non_deployed`: `error` refuses, `warn` reports them, `ignore` says nothing
    #[arg(long, value_enum, default_value_t = Unowned::Warn)]
    unowned: Unowned,
}

/// What to do without a base.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnMissingBase {
    /// Every target is affected.
    All,
    /// The run is refused.
    Fail,
}

/// What to do about paths that nobody owns.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unowned {
    /// The run is refused.
    Error,
    /// They are reported.
    Warn,
    /// Nothing.
    Ignore,
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    /// Without a leading `./`.
    pub(crate) manifest: String,
    /// `None` when nothing is known to be deployed.
    pub(crate) base: Option<String>,
    /// Each target's own, `None` for one that was never deployed.
    pub(crate) bases: BTreeMap<TargetName, Option<String>>,
    pub(crate) head: String,
    pub(crate) on_missing_base: OnMissingBase,
    pub(crate) fetch: bool,
    pub(crate) unowned: Unowned,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let base = inputs.base.filter(|text| !is_none(text));
        let bases = bases(inputs.bases.as_deref().unwrap_or_default())?;
        if base.is_some() && !bases.is_empty() {
            return Err(BadInput::new("bases", "`base` is given, too").hint("give one of the two"));
        }
        Ok(Self {
            manifest: manifest(&inputs.manifest)?,
            base: base.map(|text| revision("base", text)).transpose()?,
            bases,
            head: revision("head", inputs.head)?,
            on_missing_base: inputs.on_missing_base,
            fetch: inputs.fetch,
            unowned: inputs.unowned,
        })
    }
}

/// Whether it says that nothing is deployed.
fn is_none(text: &str) -> bool {
    text.is_empty() || CommitId::parse(text).is_some_and(|id| id.is_zero())
}

/// The lines `target sha`.
fn bases(text: &str) -> Result<BTreeMap<TargetName, Option<String>>, BadInput> {
    let mut all = BTreeMap::new();
    for line in action::lines(text) {
        let bad = |problem: &str| {
            BadInput::new("bases", format!("line {line:?}: {problem}"))
                .hint("write one `target sha` a line, such as `api 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90`")
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, commit] = words[..] else { return Err(bad("not two words")) };
        let name = TargetName::new(name).ok_or_else(|| bad("the first word is no name of a target"))?;
        let commit = if is_none(commit) { None } else { Some(revision("bases", commit.to_owned())?) };
        if all.insert(name, commit).is_some() {
            return Err(bad("this target has a line already"));
        }
    }
    Ok(all)
}

fn manifest(text: &str) -> Result<String, BadInput> {
    let path = text.strip_prefix("./").unwrap_or(text);
    let is_text = !path.contains(char::is_control);
    if path.starts_with('/') && is_text {
        return Ok(path.to_owned());
    }
    if !is_text || path.split('/').any(|segment| ["", ".", ".."].contains(&segment)) {
        return Err(BadInput::new(
            "manifest",
            format!("{text:?} is not the path of a file in the repository"),
        )
        .hint("write it from the top of the repository, such as `.github/deploy-manifest.yml`"));
    }
    Ok(path.to_owned())
}

/// One commit, in one of the ways in which git names one. A range, an option or
/// a pasted sentence is none.
fn revision(input: &'static str, text: String) -> Result<String, BadInput> {
    let doubtful = |c: char| c.is_whitespace() || c.is_control();
    if text.is_empty() || text.contains(doubtful) || text.contains("..") || text.starts_with(['-', '^', ':'])
    {
        return Err(BadInput::new(input, format!("{text:?} does not name one commit"))
            .hint("give a full SHA, such as `${{ github.event.before }}`, or a tag or branch"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(base: &str, head: &str, manifest: &str) -> Result<Job, BadInput> {
        Job::try_from(Inputs {
            manifest: manifest.to_owned(),
            base: Some(base.to_owned()),
            bases: None,
            head: head.to_owned(),
            on_missing_base: OnMissingBase::All,
            fetch: true,
            unowned: Unowned::Warn,
        })
    }

    #[test]
    fn zeros_mean_no_base() {
        assert_eq!(job(&"0".repeat(40), "HEAD", "m").unwrap().base, None);
        assert_eq!(job(&"0".repeat(64), "HEAD", "m").unwrap().base, None);
        assert_eq!(job("", "HEAD", "m").unwrap().base, None);
        assert_eq!(job("0000", "HEAD", "m").unwrap().base.as_deref(), Some("0000"));
    }

    #[test]
    fn lines_of_bases() {
        let sha = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";
        let read = bases(&format!("api {sha}\r\n\n  web\t{}\n", "0".repeat(40))).unwrap();
        let read: Vec<_> = read.iter().map(|(name, commit)| (name.as_str(), commit.as_deref())).collect();
        assert_eq!(read, [("api", Some(sha)), ("web", None)]);
        assert!(bases(" \n").unwrap().is_empty());
        for text in ["api", "api a b", "Api a", "api a..b", "api -x", "api a\napi b", "api=a"] {
            assert!(bases(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_of_one_commit() {
        for name in ["HEAD~1", "v1.2.3^{}", "origin/main", "main@{1}", "3fc271e", "feature/ü"] {
            assert_eq!(job(name, name, "m").unwrap().head, name);
        }
        for name in ["", "a b", "a..b", "a...b", "--all", "-", "^main", ":/fix", "a\n", "main\u{7}"] {
            assert!(job("HEAD", name, "m").is_err(), "{name:?}");
            assert!(name.is_empty() || job(name, "HEAD", "m").is_err(), "{name:?}");
        }
    }

    #[test]
    fn paths_of_a_manifest() {
        for (path, wanted) in [("./a/b", "a/b"), ("a", "a"), ("/a/../b", "/a/../b"), ("a b/[c]*", "a b/[c]*")]
        {
            assert_eq!(job("HEAD", "HEAD", path).unwrap().manifest, wanted);
        }
        for path in ["", "./", "../a", "a/../b", "a//b", "a/", "././a", "a\0", "/a\n"] {
            assert!(job("HEAD", "HEAD", path).is_err(), "{path:?}");
        }
    }
}
