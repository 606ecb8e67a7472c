//! The mark that an unfinished deploy leaves on its service.
//!
//! Render takes variables and deploys by separate requests, and a variable shows
//! nowhere when it was set or which deploy took it along. Killed in between, a
//! second run would find every variable as wanted and the commit live, and call
//! that `unchanged` while the old values still run. So a run that has variables to
//! write keeps one more on the service until its deploy is live:
//!
//! 1. `v1:INTENT:writing` before the first variable is written;
//! 2. `v1:INTENT:asked:DEPLOY` once all are written and before the deploy is asked
//!    for, where DEPLOY is the newest deploy at that moment, or `none`;
//! 3. deleted once the deploy is live.
//!
//! A deploy belongs to the written variables only if it is newer than the one in
//! the mark. That compares places in Render's own list of deploys, so nobody's
//! clock matters. The second step is there because somebody else's deploy may come
//! into being between two writes and take half of them.
//!
//! INTENT tells a mark of this very commit and these very variables from that of
//! another run. It is an HMAC-SHA-256 with the API key as its key: the mark stands
//! in plain sight, in the dashboard and in the service's own process, and from a
//! plain digest whoever sees it could guess a short secret by trying. A salt beside
//! the digest would not help against that; the key is known to nobody who cannot
//! read the variables themselves. After a change of the key an old mark counts as
//! that of another run, which is safe.

use std::fmt;

use action::{ExposeSecret as _, SecretString};
use hmac::{Hmac, KeyInit as _, Mac as _};
use render::{DeployId, ServiceId, Variable};
use sha2::Sha256;

use crate::target::Target;

/// The variable that holds the mark.
pub(crate) const KEY: &str = "GREENROOM_PENDING";

const VERSION: &str = "v1";
const WRITING: &str = "writing";
const ASKED: &str = "asked";
const NONE: &str = "none";

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Variables are being written; no deploy so far is known to have all of them.
    Writing(Intent),
    /// All variables are written, and a deploy is about to be asked for.
    Asked {
        /// What for.
        intent: Intent,
        /// The newest deploy before that.
        after: Newest,
    },
    /// Something that this version did not write.
    Unknown(String),
}

/// The newest deploy of a service at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Newest {
    /// There was none.
    Nothing,
    /// This one.
    Deploy(DeployId),
}

/// What a run is for: its service, commit or image, and variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intent(String);

impl Intent {
    /// `None` never happens: HMAC takes a key of any length.
    pub(crate) fn new(
        key: &SecretString,
        service: &ServiceId,
        target: &Target,
        variables: &[Variable],
    ) -> Option<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).ok()?;
        // Lengths first, so that no two lists of texts run into the same bytes.
        let mut add = |text: &str| {
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        };
        add(service.as_str());
        add(&target.to_string());
        let mut sorted: Vec<&Variable> = variables.iter().collect();
        sorted.sort_by(|one, other| one.key.cmp(&other.key));
        for variable in sorted {
            add(&variable.key);
            add(variable.value.expose_secret());
        }
        // Half of the bytes: enough to tell runs apart, and it stays readable.
        let half = &mac.finalize().into_bytes()[..16];
        Some(Self(half.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

impl Mark {
    /// Reads the variable's value.
    pub(crate) fn read(value: &str) -> Self {
        let parts: Vec<&str> = value.split(':').collect();
        let intent = |text: &str| {
            let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hex.then(|| Intent(text.to_owned()))
        };
        let read = match parts[..] {
            [VERSION, digest, WRITING] => intent(digest).map(Self::Writing),
            [VERSION, digest, ASKED, NONE] => {
                intent(digest).map(|intent| Self::Asked { intent, after: Newest::Nothing })
            }
            [VERSION, digest, ASKED, deploy] => intent(digest)
                .and_then(|intent| Some(Self::Asked { intent, after: Newest::Deploy(deploy.parse().ok()?) })),
            _ => None,
        };
        read.unwrap_or_else(|| Self::Unknown(value.to_owned()))
    }

    /// Whether an earlier run with the same commit and variables left it.
    pub(crate) fn is_of(&self, own: &Intent) -> bool {
        match self {
            Self::Writing(intent) | Self::Asked { intent, .. } => intent == own,
            Self::Unknown(_) => false,
        }
    }
}

impl fmt::Display for Mark {
    /// The variable's value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writing(Intent(digest)) => write!(f, "{VERSION}:{digest}:{WRITING}"),
            Self::Asked { intent: Intent(digest), after: Newest::Nothing } => {
                write!(f, "{VERSION}:{digest}:{ASKED}:{NONE}")
            }
            Self::Asked { intent: Intent(digest), after: Newest::Deploy(deploy) } => {
                write!(f, "{VERSION}:{digest}:{ASKED}:{deploy}")
            }
            Self::Unknown(value) => f.write_str(value),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn intent(digit: char) -> Intent {
        Intent(digit.to_string().repeat(32))
    }

    fn variable(key: &str, value: &str) -> Variable {
        Variable { key: key.into(), value: value.into() }
    }

    #[test]
    fn an_intent_tells_everything_apart_but_the_order_of_lines() {
        let service: ServiceId = "srv-1".parse().unwrap();
        let commit = Target::new(Some(&"a".repeat(40)), None).unwrap();
        let of = |key: &str, target: &Target, variables: &[Variable]| {
            Intent::new(&key.into(), &service, target, variables).unwrap()
        };
        let own = of("k", &commit, &[variable("A", "1"), variable("B", "2")]);
        assert_eq!(own, of("k", &commit, &[variable("B", "2"), variable("A", "1")]));
        for other in [
            of("k2", &commit, &[variable("A", "1"), variable("B", "2")]),
            of("k", &Target::Head, &[variable("A", "1"), variable("B", "2")]),
            of("k", &commit, &[variable("A", "1"), variable("B", "3")]),
            of("k", &commit, &[variable("A", "1B"), variable("", "2")]),
            of("k", &commit, &[variable("A", "1")]),
        ] {
            assert_ne!(own, other);
        }
        assert_eq!(own.0.len(), 32);
    }

    #[test]
    fn it_is_hmac_sha_256() {
        // RFC 4231, test case 2.
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        assert!(mac.verify_truncated_left(&[0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e]).is_ok());
    }

    #[test]
    fn what_is_written_is_read() {
        let after =
            |id: &str| Mark::Asked { intent: intent('b'), after: Newest::Deploy(id.parse().unwrap()) };
        let first = Mark::Asked { intent: intent('c'), after: Newest::Nothing };
        for mark in [Mark::Writing(intent('a')), after("dep-1"), first] {
            assert_eq!(Mark::read(&mark.to_string()), mark);
            assert!(!matches!(mark, Mark::Unknown(_)));
        }
    }

    proptest! {
        #[test]
        fn anything_else_is_unknown_and_nobodys(text in "(?s).{0,60}") {
            let mark = Mark::read(&text);
            prop_assert_eq!(mark.to_string(), text);
            prop_assert!(!mark.is_of(&intent('a')));
        }
    }
}
