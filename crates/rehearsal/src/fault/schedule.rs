//! When a rule strikes.

use fastrand::Rng;

/// Which of a route's calls are struck; the first call is number 1.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum When {
    /// Every call.
    Always,
    /// The nth call alone.
    Nth(u64),
    /// The first n calls.
    First(u64),
    /// The nth call and every one after it.
    From(u64),
    /// Calls n, 2n, 3n, ...; never for 0.
    Every(u64),
    /// Each call with this probability (0.0 to 1.0), the same sequence for the same seed.
    Chance {
        /// The probability of a strike.
        probability: f64,
        /// The seed of the sequence.
        seed: u64,
    },
}

/// A rule's own count of its route's calls.
#[derive(Debug)]
pub(crate) struct Schedule {
    when: When,
    calls: u64,
    dice: Rng,
}

impl Schedule {
    pub(crate) fn new(when: When) -> Self {
        let seed = match &when {
            When::Chance { seed, .. } => *seed,
            _ => 0,
        };
        Self { when, calls: 0, dice: Rng::with_seed(seed) }
    }

    /// Counts one more call and says whether it is struck.
    pub(crate) fn is_due(&mut self) -> bool {
        self.calls += 1;
        match self.when {
            When::Always => true,
            When::Nth(n) => self.calls == n,
            When::First(n) => self.calls <= n,
            When::From(n) => self.calls >= n,
            When::Every(n) => n != 0 && self.calls.is_multiple_of(n),
            When::Chance { probability, .. } => self.dice.f64() < probability,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(when: When) -> Vec<u64> {
        let mut schedule = Schedule::new(when);
        (1..=8).filter(|_| schedule.is_due()).collect()
    }

    #[test]
    fn each_kind_picks_its_calls() {
        assert_eq!(struck(When::Always).len(), 8);
        assert_eq!(struck(When::Nth(3)), [3]);
        assert_eq!(struck(When::First(2)), [1, 2]);
        assert_eq!(struck(When::From(7)), [7, 8]);
        assert_eq!(struck(When::Every(3)), [3, 6]);
        assert!(struck(When::Every(0)).is_empty());
    }

    #[test]
    fn a_seed_repeats_its_sequence() {
        let draw = |seed| struck(When::Chance { probability: 0.5, seed });
        assert_eq!(draw(7), draw(7));
        let sequences: std::collections::HashSet<_> = (0..20).map(draw).collect();
        assert!(sequences.len() > 10, "seeds make no difference");
    }
}
