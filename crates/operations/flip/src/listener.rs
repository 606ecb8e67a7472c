//! Who is told what is learnt of a flip, as it is learnt.

use action::{Failure, Plan};

/// Hears of a flip. Whoever needs nothing of it implements nothing.
pub trait Listener {
    /// What the names are now, as lines that a later restore takes. Nothing has changed.
    fn planned(&mut self, previous: String) {
        let _ = previous;
    }

    /// Adds what the caller is about to change besides, so that a dry run shows all of it.
    fn plan(&mut self, plan: &mut Plan) {
        let _ = plan;
    }

    /// The first name is about to move. Whoever wants to keep what was planned must do so
    /// now: the run may be killed before the next call.
    ///
    /// # Errors
    /// It could not be kept; the run ends with this, and nothing has moved.
    fn begins(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether records are changed now; nothing when nobody can say.
    fn ended(&mut self, changed: Option<bool>) {
        let _ = changed;
    }
}
