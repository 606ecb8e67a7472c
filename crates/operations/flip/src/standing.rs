//! Where names stand, as fresh looks at their records show it.

use std::fmt;

use cloudflare::{Cloudflare, Record};
use http::Error;

use crate::host::Host;
use crate::step::Step;

/// Where one changed name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nobody has looked yet, or no look succeeded.
    Unseen,
    /// As the patch wants it.
    New,
    /// As it was.
    Old,
    /// Something else: somebody changed it, or it is gone.
    Elsewhere,
}

/// Where every changed name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing(Vec<One>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct One {
    host: Host,
    place: Place,
    record: String,
}

impl Standing {
    /// Nothing is known of these names.
    pub(crate) fn unseen(steps: &[&Step]) -> Self {
        let one = |step: &&Step| One {
            host: step.host.clone(),
            place: Place::Unseen,
            record: "was not seen".to_owned(),
        };
        Self(steps.iter().map(one).collect())
    }

    /// Looks at the names that are not where they are waited for, in turn, until a
    /// look fails; what was seen before that counts.
    ///
    /// # Errors
    /// See [`Error`].
    pub(crate) async fn look(
        &mut self,
        api: &Cloudflare,
        zone: &str,
        steps: &[&Step],
        arrived: impl Fn(Place) -> bool,
    ) -> Result<(), Error> {
        let pending = self.0.iter_mut().zip(steps).filter(|(one, _)| !arrived(one.place));
        for (one, step) in pending {
            let records = api.dns_records(zone, step.host.as_str()).await?;
            one.see(step, records.iter().find(|record| record.id == step.record.id));
        }
        Ok(())
    }

    /// Whether this holds for every name.
    pub(crate) fn all(&self, holds: impl Fn(Place) -> bool) -> bool {
        self.0.iter().all(|one| holds(one.place))
    }

    /// The names of which this holds.
    pub(crate) fn hosts(&self, holds: impl Fn(Place) -> bool) -> Vec<&Host> {
        self.0.iter().filter(|one| holds(one.place)).map(|one| &one.host).collect()
    }

    /// The names of which this holds, and where they point, in words.
    pub(crate) fn describe(&self, holds: impl Fn(Place) -> bool) -> String {
        let described = self.0.iter().filter(|one| holds(one.place));
        described.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl One {
    fn see(&mut self, step: &Step, record: Option<&Record>) {
        self.place = match record {
            Some(record) if step.is_done(record) => Place::New,
            Some(record) if step.is_as_before(record) => Place::Old,
            _ => Place::Elsewhere,
        };
        self.record = match record {
            Some(record) => format!("points at {}", record.content.as_deref().unwrap_or("nothing")),
            None => "is gone".to_owned(),
        };
    }
}

impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.host, self.record)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe(|_| true))
    }
}
