//! Log lines of a service, and lines that do harm to whoever prints them.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::clock::Skew;
use super::time::stamp;

/// Who wrote a line: the values of `type` that Render's API reference names, as
/// far as deploys need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogType {
    /// The build and Render's own notes on the deploy.
    Build,
    /// The running process.
    App,
}

impl LogType {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::App => "app",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) at: SystemTime,
    pub(super) kind: LogType,
    pub(super) level: &'static str,
    pub(super) instance: String,
    pub(super) message: String,
}

impl Line {
    /// Its JSON, the shape of a log in Render's API reference.
    pub(super) fn json(&self, service: &str, skew: Skew) -> Value {
        json!({
            "id": self.id,
            "message": self.message,
            "timestamp": stamp(skew.shown(self.at)),
            "labels": [
                {"name": "resource", "value": service},
                {"name": "instance", "value": self.instance},
                {"name": "level", "value": self.level},
                {"name": "type", "value": self.kind.word()},
            ],
        })
    }
}

/// The lines of one service, oldest first, no two at the same microsecond:
/// callers page through logs by time alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Log(Vec<Line>);

impl Log {
    pub(super) fn push(&mut self, mut line: Line) {
        if let Some(last) = self.0.last() {
            line.at = line.at.max(last.at + Duration::from_micros(1));
        }
        self.0.push(line);
    }

    pub(super) fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.0.iter()
    }
}

/// Log lines as a broken or malicious build writes them: commands to a CI runner
/// (both spellings that GitHub's runner obeys, also in the middle of a line),
/// colours and cursor moves, a carriage return, Markdown and HTML, other
/// control and direction-changing characters, a line of 300,000 characters, and
/// `secret` itself.
#[must_use]
pub fn hostile_lines(secret: &str) -> Vec<String> {
    let escape = '\u{1b}';
    let mut lines: Vec<String> = [
        "::error title=forged::this line did not come from the runner",
        "::warning file=a.rs,line=1::%0A::error::smuggled",
        "::add-mask::e",
        "::set-output name=deploy-id::dep-forged",
        "::set-env name=PATH::/tmp/forged",
        "::save-state name=forged::1",
        "::stop-commands::forged-token",
        "  ::group::indented",
        "progress 10% ##[error]in the middle of a line",
        "##[add-mask]a",
        "##vso[task.setvariable variable=PATH]/tmp/forged",
        "overwritten\r::error::after a carriage return",
        "two\nlines ::error::in one",
        "nothing\u{0}hidden\u{7}\u{8}",
        "right\u{202e}tfel ot\u{2066}isolated\u{2069} zero\u{200b}width\u{feff}",
        "</details><script>alert(1)</script><img src=x onerror=alert(1)>",
        "```\n# a heading in somebody else's summary",
        "| a | table | row |",
        "$(touch /tmp/forged) `touch /tmp/forged` ${{ secrets.FORGED }}",
        "EOF",
        "",
    ]
    .map(String::from)
    .into();
    lines.push(format!("{escape}[31mred{escape}[0m {escape}[2J{escape}[1;1Hat the top"));
    lines.push(format!("{escape}]0;a new window title\u{7}"));
    lines.push(format!("{escape}]8;;http://forged.invalid{escape}\\a link{escape}]8;;{escape}\\"));
    lines.push(format!("echo token={secret}"));
    lines.push(format!("Authorization: Bearer {secret}"));
    lines.push("long ".repeat(60_000));
    lines
}
