//! What a job's log makes of the lines that a step prints.

use std::collections::BTreeMap;

use super::command::{self, Command};
use super::masks::Masks;

/// Annotations of one kind that a step may have; further ones only stand in the log
/// (actions/runner, `ExecutionContext.cs`: `_maxCountPerIssueType`).
const MAX_ANNOTATIONS: usize = 10;
/// Characters that an annotation's text may have (`_maxIssueMessageLength`).
const MAX_MESSAGE: usize = 4096;

/// How much an annotation matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `::error::`
    Error,
    /// `::warning::`
    Warning,
    /// `::notice::`
    Notice,
}

impl Level {
    fn tag(self) -> &'static str {
        match self {
            Self::Error => "##[error]",
            Self::Warning => "##[warning]",
            Self::Notice => "##[notice]",
        }
    }

    fn of(command: &str) -> Option<Self> {
        match command {
            "error" => Some(Self::Error),
            "warning" => Some(Self::Warning),
            "notice" => Some(Self::Notice),
            _ => None,
        }
    }
}

/// One box on the page of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How much it matters.
    pub level: Level,
    /// Its text, unescaped and masked, at most 4096 characters.
    pub message: String,
    /// Its properties, unescaped, such as `title`, `file` and `line`. Not masked: the runner masks only texts.
    pub properties: BTreeMap<String, String>,
}

impl Annotation {
    /// Its `title`, empty when it has none.
    #[must_use]
    pub fn title(&self) -> &str {
        self.properties.get("title").map_or("", String::as_str)
    }
}

/// Follows a step's output line by line (actions/runner, `OutputManager.cs` and `ActionCommandManager.cs`).
#[derive(Debug, Default)]
pub(super) struct Console {
    /// The log, masked.
    pub(super) log: String,
    pub(super) masks: Masks,
    /// What the step's own commands asked for.
    pub(super) annotations: Vec<Annotation>,
    /// What the runner itself had to say.
    pub(super) complaints: Vec<Annotation>,
    /// Outputs set by the older command `set-output`, which still works.
    pub(super) outputs: Vec<(String, String)>,
    /// Set by a command that the runner cannot carry out: the step fails, whatever its exit code.
    pub(super) failed: bool,
    debug: bool,
    echo: bool,
    stopped: Option<String>,
}

impl Console {
    /// A console that knows some masks already; `debug` shows `::debug::` lines.
    pub(super) fn new(masks: Masks, debug: bool) -> Self {
        Self { masks, debug, ..Self::default() }
    }

    /// Forgets what ends with each of a composite's `run` steps; log, masks and annotations go on.
    pub(super) fn begin_step(&mut self) {
        self.failed = false;
        self.echo = false;
        self.stopped = None;
    }

    /// Takes one line that the step printed, on either stream.
    pub(super) fn line(&mut self, line: &str) {
        match Command::parse(line, self.stopped.as_deref()) {
            Some(command) => self.obey(&command, line),
            None => self.write(line),
        }
    }

    /// Puts a line into the log that comes from the runner, not from the step.
    pub(super) fn write(&mut self, line: &str) {
        self.log.push_str(&self.masks.hide(line));
        self.log.push('\n');
    }

    /// The runner itself complains, in the log and as an annotation.
    pub(super) fn complain(&mut self, level: Level, message: &str) {
        let annotation = self.issue(level, message, BTreeMap::new());
        self.complaints.push(annotation);
    }

    /// As [`Self::complain`], and the step fails.
    pub(super) fn refuse(&mut self, message: &str) {
        self.complain(Level::Error, message);
        self.failed = true;
    }

    fn obey(&mut self, command: &Command, line: &str) {
        if let Some(token) = &self.stopped {
            let resumes = token.eq_ignore_ascii_case(&command.name);
            self.write(line);
            if resumes {
                self.stopped = None;
            }
            return;
        }
        if let Some(level) = Level::of(&command.name) {
            return self.annotate(level, command);
        }
        if self.echo && !matches!(command.name.as_str(), "add-mask" | "debug") {
            self.write(line);
        }
        match command.name.as_str() {
            "add-mask" => self.mask(&command.data),
            "debug" if self.debug => self.write(&format!("##[debug]{}", command.data)),
            "debug" => {}
            "group" => self.write(&format!("##[group]{}", command.data)),
            "endgroup" => self.write("##[endgroup]"),
            "echo" => self.set_echo(&command.data),
            "stop-commands" => self.stop(&command.data, line),
            "set-output" => self.set_output(command),
            // Saved state is for a post step, and a composite has none.
            "save-state" => {}
            other => self.refuse(&format!(
                "Unable to process command '{line}' successfully: {other} is disabled, or not done by this stand-in"
            )),
        }
    }

    fn annotate(&mut self, level: Level, command: &Command) {
        let properties = command.properties.iter().map(|(key, value)| (key.to_lowercase(), value.clone()));
        let annotation = self.issue(level, &command.data, properties.collect());
        if self.annotations.iter().filter(|known| known.level == level).count() < MAX_ANNOTATIONS {
            self.annotations.push(annotation);
        }
    }

    fn issue(&mut self, level: Level, message: &str, properties: BTreeMap<String, String>) -> Annotation {
        let message: String = self.masks.hide(message).chars().take(MAX_MESSAGE).collect();
        self.write(&format!("{}{message}", level.tag()));
        Annotation { level, message, properties }
    }

    fn mask(&mut self, value: &str) {
        if value.trim().is_empty() {
            return self
                .complain(Level::Warning, "Can't add secret mask for empty string in ##[add-mask] command.");
        }
        if self.echo {
            self.write("::add-mask::***");
        }
        self.masks.add(value);
    }

    fn set_echo(&mut self, value: &str) {
        match value.trim().to_ascii_lowercase().as_str() {
            "on" => self.echo = true,
            "off" => self.echo = false,
            _ => self.refuse("Invalid echo command value. Possible values can be: 'on', 'off'."),
        }
    }

    fn stop(&mut self, token: &str, line: &str) {
        if token.is_empty() || token.eq_ignore_ascii_case("pause-logging") || command::is_registered(token) {
            return self
                .refuse("You cannot use a endToken that is an empty string or another workflow command.");
        }
        if token.len() > 6 {
            self.masks.add(token);
        }
        self.write(line);
        self.stopped = Some(token.to_owned());
    }

    fn set_output(&mut self, command: &Command) {
        match command.property("name") {
            Some(name) => self.outputs.push((name.to_owned(), command.data.clone())),
            None => self.refuse("Required field 'name' is missing in ##[set-output] command."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console(lines: &[&str]) -> Console {
        let mut console = Console::default();
        lines.iter().for_each(|line| console.line(line));
        console
    }

    #[test]
    fn annotations_are_unescaped_and_stand_in_the_log() {
        let console = console(&["before", "::error title=no%2C never,file=a.rs::one%0Atwo", "##[notice]x"]);
        assert_eq!(console.log, "before\n##[error]one\ntwo\n##[notice]x\n");
        let [error, notice] = &console.annotations[..] else { panic!("{:?}", console.annotations) };
        assert_eq!(
            (error.level, error.title(), error.message.as_str()),
            (Level::Error, "no, never", "one\ntwo")
        );
        assert_eq!(error.properties["file"], "a.rs");
        assert_eq!((notice.level, notice.title()), (Level::Notice, ""));
        assert!(!console.failed && console.complaints.is_empty());
    }

    #[test]
    fn ten_annotations_of_a_kind_and_4096_characters() {
        let long = format!("::warning::{}", "é".repeat(5000));
        let console = console(&[long.as_str(); 12]);
        assert_eq!(console.annotations.len(), 10);
        assert_eq!(console.annotations[0].message.chars().count(), 4096);
        assert_eq!(console.log.lines().count(), 12);
    }

    #[test]
    fn masks_hide_what_comes_later_and_are_not_shown() {
        let console =
            console(&["a hush", "::add-mask::hush%0Aline", "a hush, a line", "::error title=hush::hush"]);
        assert_eq!(console.log, "a hush\na ***, a ***\n##[error]***\n");
        assert_eq!(console.masks.values(), ["hush\nline", "hush", "line"]);
        assert_eq!(console.annotations[0].title(), "hush", "the runner does not mask properties");
    }

    #[test]
    fn an_empty_mask_is_refused_with_a_warning() {
        let console = console(&["::add-mask::  "]);
        assert_eq!(console.complaints[0].level, Level::Warning);
        assert!(console.masks.values().is_empty() && !console.failed);
    }

    #[test]
    fn commands_rest_between_stop_and_token() {
        let console = console(&[
            "::stop-commands::tok",
            "::error::x",
            "##[set-output name=a]1",
            "::tok::",
            "::notice::y",
        ]);
        assert_eq!(console.annotations.len(), 1);
        assert!(console.outputs.is_empty());
        assert!(console.log.contains("::error::x"));
    }

    #[test]
    fn older_commands_still_set_outputs_and_others_fail_the_step() {
        let set = console(&["vendor says ##[set-output name=result]success"]);
        assert_eq!(set.outputs, [("result".to_owned(), "success".to_owned())]);
        for line in ["::set-env name=A::b", "::add-path::/x", "::echo::maybe", "::stop-commands::error"] {
            let console = console(&[line]);
            assert!(console.failed, "{line}");
            assert_eq!(console.complaints[0].level, Level::Error);
        }
    }

    #[test]
    fn debug_lines_show_only_when_asked_for() {
        assert_eq!(console(&["::debug::x"]).log, "");
        let mut console = Console::new(Masks::default(), true);
        console.line("::debug::x");
        assert_eq!(console.log, "##[debug]x\n");
    }

    #[test]
    fn echo_shows_commands_but_no_secret() {
        let console = console(&["::echo::on", "::add-mask::hush", "::set-output name=a::1"]);
        assert_eq!(console.log, "::add-mask::***\n::set-output name=a::1\n");
    }
}
