//! The axis of time: where a moment is, and which moments get a label.

use std::time::Duration;

/// How many labels an axis has at most.
const MOST: u64 = 12;

/// The steps between labels, in seconds.
const STEPS: [u64; 9] = [1, 2, 5, 10, 15, 30, 60, 120, 300];

/// An axis from 0 to the end of the rehearsal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis(Duration);

impl Axis {
    /// At least a second long, so that nothing is divided by zero.
    pub(super) fn new(lasted: Duration) -> Self {
        Self(lasted.max(Duration::from_secs(1)))
    }

    /// Where a moment is, in percent; what is later than the end is at the end.
    pub(super) fn percent(self, at: Duration) -> f64 {
        100.0 * (at.as_secs_f64() / self.0.as_secs_f64()).min(1.0)
    }

    /// The moments with labels, in seconds.
    pub(super) fn ticks(self) -> impl Iterator<Item = u64> {
        let all = self.0.as_secs();
        let fits = STEPS.into_iter().find(|step| all / step < MOST);
        (0..=all).step_by(usize::try_from(fits.unwrap_or(all.max(1))).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_few_and_moments_stay_inside() {
        for seconds in [0, 1, 9, 12, 47, 60, 3_601, 86_400] {
            let axis = Axis::new(Duration::from_secs(seconds));
            let ticks: Vec<_> = axis.ticks().collect();
            assert!(!ticks.is_empty() && ticks.len() <= 13, "{seconds}: {ticks:?}");
            assert!(axis.percent(Duration::from_secs(seconds + 5)) <= 100.0);
        }
    }
}
