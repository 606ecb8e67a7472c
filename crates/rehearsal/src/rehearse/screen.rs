//! What a person sees while it runs: lines, and on a terminal a last line that
//! counts visitors.

use std::io::{self, IsTerminal as _, Write as _};

use crate::visitors::Tally;

use super::report::{Row, seconds};

const CLEAR: &str = "\r\x1b[2K";

/// Prints to stdout, plainly when that is no terminal.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: bool,
}

/// Prints text as it is. A closed pipe is nobody's error.
pub(super) fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

impl Screen {
    pub(super) fn new() -> Self {
        Self { terminal: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    /// One or more lines.
    pub(super) fn say(&self, text: &str) {
        let clear = if self.terminal { CLEAR } else { "" };
        print(&format!("{clear}{text}\n"));
    }

    /// The head of a step.
    pub(super) fn step(&self, number: usize, action: &str, does: &str) {
        self.say(&format!("\n{} {does}", self.bold(&format!("{number} {action}"))));
    }

    /// What a step printed, without the commands that only the runner wants.
    pub(super) fn lines(&self, lines: &[String]) {
        for line in lines.iter().filter(|line| !line.starts_with("::")) {
            self.say(&format!("    {line}"));
        }
    }

    /// The end of a step.
    pub(super) fn ended(&self, row: &Row) {
        self.say(&format!("  = {} after {}: {}", self.bold(&row.ended), seconds(row.took), row.seen));
    }

    /// The last line of a terminal.
    pub(super) fn visitors(&self, tally: Tally) {
        if self.terminal {
            print(&format!(
                "{CLEAR}visitors: {} on blue, {} on green, {} failed",
                tally.blue, tally.green, tally.failed
            ));
            let _ = io::stdout().flush();
        }
    }

    fn bold(&self, text: &str) -> String {
        if self.terminal { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }
}
