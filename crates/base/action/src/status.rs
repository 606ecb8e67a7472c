//! The last line of a terminal: what is being waited for, with a spinner.
//!
//! Only a terminal gets one; a runner's log would keep every frame.

use std::sync::{Mutex, PoisonError};

const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

/// Back to the start of the line, and clear it.
const CLEAR: &str = "\r\x1b[2K";

/// What the last line says.
#[derive(Debug, Default)]
pub(crate) struct Status(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    text: String,
    frame: usize,
    drawn: bool,
}

impl Status {
    /// Sets the text; an empty one takes the line away.
    pub(crate) fn set(&self, text: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone_into(&mut state.text);
    }

    /// The bytes that draw the next frame, if there is anything to draw.
    pub(crate) fn next_frame(&self) -> Option<String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.text.is_empty() {
            return None;
        }
        state.frame += 1;
        state.drawn = true;
        Some(format!("{CLEAR}{} {}", FRAMES[state.frame % FRAMES.len()], state.text))
    }

    /// The bytes that make room for an ordinary line.
    pub(crate) fn make_room(&self) -> &'static str {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut state.drawn) { CLEAR } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_first_clears_what_was_drawn() {
        let status = Status::default();
        assert_eq!((status.next_frame(), status.make_room()), (None, ""));
        status.set("building");
        assert_eq!(status.next_frame().as_deref(), Some("\r\x1b[2K/ building"));
        assert_eq!((status.make_room(), status.make_room()), (CLEAR, ""));
        status.set("");
        assert_eq!(status.next_frame(), None);
    }
}
