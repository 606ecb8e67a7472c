//! What a flip must know of the zone.

use action::Failure;
use cloudflare::Zone;

use crate::host::Host;

/// How many records a batch may change, and how long a comment may be, in
/// characters: on the Free plan, and on the others (Cloudflare docs, "Batch record
/// changes"; the lengths of comments are what the dashboard allows).
const FREE: Limits = Limits { batch: 200, comment: 100 };
const PAID: Limits = Limits { batch: 3_500, comment: 500 };

/// Limits of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Records in one batch.
    pub(crate) batch: usize,
    /// Characters in a comment.
    pub(crate) comment: usize,
}

/// The zone, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its domain.
    pub(crate) name: Host,
    /// Its plan, in words.
    pub(crate) plan: String,
    /// What the plan allows; the smaller limits when the plan is unknown.
    pub(crate) limits: Limits,
    /// Its authoritative name servers.
    pub(crate) servers: Vec<String>,
}

impl Facts {
    /// Reads them off the API's answer.
    pub(crate) fn of(zone: Zone) -> Result<Self, Failure> {
        let name = Host::parse(&zone.name).map_err(|rule| {
            Failure::unreachable(format!(
                "Cloudflare calls the zone `{}`, which is no domain: {rule}",
                zone.name
            ))
        })?;
        let (id, words) = match zone.plan {
            Some(plan) => (plan.legacy_id, plan.name),
            None => (None, None),
        };
        let known = |text: &Option<String>| {
            let first = text.as_deref()?.split_whitespace().next()?.to_ascii_lowercase();
            matches!(first.as_str(), "free" | "pro" | "business" | "enterprise").then_some(first)
        };
        let plan = known(&id).or_else(|| known(&words));
        let limits = match plan.as_deref() {
            None | Some("free") => FREE,
            Some(_) => PAID,
        };
        let plan = plan.map_or_else(|| "an unknown plan".to_owned(), |plan| format!("the plan {plan}"));
        Ok(Self { name, plan, limits, servers: zone.name_servers })
    }
}

#[cfg(test)]
mod tests {
    use cloudflare::Plan;

    use super::*;

    fn facts(plan: Option<(Option<&str>, Option<&str>)>) -> Facts {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Facts::of(Zone {
            name: "Example.com".into(),
            status: None,
            name_servers: vec!["a.ns.cloudflare.com".into()],
            plan: plan.map(|(id, name)| Plan { legacy_id: owned(id), name: owned(name) }),
        })
        .unwrap()
    }

    #[test]
    fn the_plan_is_told_by_its_id_or_by_its_name() {
        assert_eq!(facts(Some((Some("free"), None))).limits, FREE);
        assert_eq!(facts(Some((Some("pro"), Some("Free Website")))).limits, PAID);
        assert_eq!(facts(Some((None, Some("Business Website")))).limits, PAID);
        assert_eq!(facts(Some((None, Some("Enterprise Website")))).plan, "the plan enterprise");
        assert_eq!(facts(Some((None, Some("Free Website")))).limits, FREE);
    }

    #[test]
    fn an_unknown_plan_gets_the_smaller_limits() {
        for plan in [None, Some((None, None)), Some((Some("partners_x"), Some("")))] {
            assert_eq!(facts(plan).limits, FREE);
        }
        assert_eq!(facts(None).name.as_str(), "example.com");
    }
}
