//! How each group stands: whether its standby is due to be synced.

use std::fmt;
use std::time::Duration;

use action::Failure;
use cutover::Target;
use humantime::format_duration;
use postgres::Ledger;
use postgres::ledger::Deployment;

/// A group of coupled targets that have two colours.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) targets: Vec<String>,
    pub(crate) standing: Standing,
}

/// What the newest flip of a group allows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    /// There never was one.
    Never,
    /// It is unfinished.
    Open(Box<Deployment>),
    /// Its names were put back: what stands by is what failed, and the next cutover replaces it.
    RolledBack(Box<Deployment>),
    /// Its standby is the same already.
    Synced(Box<Deployment>),
    /// Its hold runs this much longer.
    Held(Box<Deployment>, Duration),
    /// Its standby is to be made the same.
    Due(Box<Deployment>),
}

impl Standing {
    /// How it stands with `flip`, the newest one.
    pub(crate) fn of(flip: Option<Deployment>, hold: Duration) -> Self {
        let Some(flip) = flip else { return Self::Never };
        let (flip, since) = (Box::new(flip.clone()), flip.since_cut_over);
        match since {
            _ if flip.rolled_back_at.is_some() => Self::RolledBack(flip),
            None => Self::Open(flip),
            Some(_) if flip.synced_at.is_some() => Self::Synced(flip),
            Some(since) if since < hold => Self::Held(flip, hold - since),
            Some(_) => Self::Due(flip),
        }
    }

    /// The flip, when it is due.
    pub(crate) const fn due(&self) -> Option<&Deployment> {
        match self {
            Self::Due(flip) => Some(flip),
            _ => None,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never cut over"),
            Self::Open(flip) => write!(f, "the flip of {} by run {} is unfinished", name(flip), flip.run_id),
            Self::RolledBack(flip) => write!(f, "{} was rolled back", name(flip)),
            Self::Synced(flip) => write!(f, "{} is synced", name(flip)),
            Self::Held(flip, left) => {
                let left = Duration::from_secs(left.as_secs());
                write!(f, "the hold of {} runs for another {}", name(flip), format_duration(left))
            }
            Self::Due(flip) => write!(f, "{} is due", name(flip)),
        }
    }
}

/// `generation 42 (prod-7)`.
pub(crate) fn name(flip: &Deployment) -> String {
    format!("generation {} ({})", flip.generation, flip.tag.as_deref().unwrap_or(&flip.reference))
}

/// How every group stands.
///
/// # Errors
/// Those of the database.
pub(crate) async fn of_all(
    groups: &[Vec<Target>],
    ledger: &Ledger,
    hold: Duration,
) -> Result<Vec<Group>, Failure> {
    let mut found = Vec::new();
    for group in groups {
        let targets: Vec<String> = group.iter().map(|target| target.name.clone()).collect();
        let flip = ledger.newest_flip(&targets).await?;
        found.push(Group { standing: Standing::of(flip, hold), targets });
    }
    Ok(found)
}

/// Refuses targets that were asked for by name and are not due.
///
/// # Errors
/// `invalid`: one has no colours; `stale`: one is not due, nor synced already.
pub(crate) fn refuse_what_is_not_due(named: &[String], groups: &[Group]) -> Result<(), Failure> {
    for target in named {
        let Some(group) = groups.iter().find(|group| group.targets.contains(target)) else {
            return Err(Failure::invalid(format!("input `targets`: {target} has no two colours"))
                .hint("only what has `blue` and `green` in the manifest stands by"));
        };
        let hint = match &group.standing {
            Standing::Due(_) | Standing::Synced(_) => continue,
            Standing::Never => "a sync follows the hold of a cutover; there was none",
            Standing::Open(_) => "finish the flip or undo it first; color-resolve says how",
            Standing::RolledBack(_) => {
                "what stands by is what was rolled back; it stays until the next cutover replaces it"
            }
            Standing::Held(..) => "what stands by is the way back until then; wait, or cut over again",
        };
        return Err(Failure::stale(format!("{target} is not due: {}", group.standing))
            .hint(hint)
            .hint("nothing has been changed"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn flip(ago: Option<Duration>) -> Deployment {
        let now = SystemTime::UNIX_EPOCH;
        Deployment {
            generation: 7,
            reference: "refs/tags/prod-7".into(),
            tag: None,
            sha: "a".repeat(40),
            targets: vec!["api".into()],
            run_id: 70,
            created_at: now,
            intent_at: Some(now),
            cut_over_at: ago.map(|_| now),
            synced_at: None,
            rolled_back_at: None,
            previous_cnames: None,
            since_intent: ago,
            since_cut_over: ago,
        }
    }

    #[test]
    fn each_standing_by_an_example() {
        let now = Some(SystemTime::UNIX_EPOCH);
        let old = flip(Some(DAY));
        let told = |flip| Standing::of(flip, DAY).to_string();
        assert_eq!(told(None), "never cut over");
        assert_eq!(
            told(Some(flip(None))),
            "the flip of generation 7 (refs/tags/prod-7) by run 70 is unfinished"
        );
        assert_eq!(
            told(Some(flip(Some(DAY - Duration::from_secs(90))))),
            "the hold of generation 7 (refs/tags/prod-7) runs for another 1m 30s"
        );
        assert_eq!(told(Some(old.clone())), "generation 7 (refs/tags/prod-7) is due", "the moment it ends");
        let synced = Deployment { synced_at: now, ..old.clone() };
        assert_eq!(told(Some(synced.clone())), "generation 7 (refs/tags/prod-7) is synced");
        for undone in [old, synced, flip(None)] {
            let undone = Deployment { rolled_back_at: now, ..undone };
            assert_eq!(told(Some(undone)), "generation 7 (refs/tags/prod-7) was rolled back");
        }
    }
}
