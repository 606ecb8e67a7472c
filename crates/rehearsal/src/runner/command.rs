//! Workflow commands: what a line of output may ask of the runner.
//!
//! The grammar is actions/runner's, `ActionCommand.cs`: `::name key=value,...::data` at the start of a line
//! (blanks before it are skipped), or the older `##[name key=value;...]data` *anywhere* in a line. A name that
//! the runner does not know is no command but text.

/// The runner's commands. `add-matcher` and `remove-matcher` exist too, but have no effect here.
const NAMES: &[&str] = &[
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// One command, unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// In small letters, since names ignore case.
    pub(super) name: String,
    pub(super) properties: Vec<(String, String)>,
    pub(super) data: String,
}

/// Escapes of each position, in the order in which the runner undoes them; `%25` comes last.
const DATA: &[(&str, &str)] = &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
const PROPERTY: &[(&str, &str)] = &[("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
const BRACKETED: &[(&str, &str)] = &[("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")];

impl Command {
    /// The command in a line, if there is one. `resume` is a further name that counts: the token that ends
    /// a stretch of `::stop-commands::`.
    pub(super) fn parse(line: &str, resume: Option<&str>) -> Option<Self> {
        Self::at_the_start(line, resume).or_else(|| Self::bracketed(line, resume))
    }

    /// A property's value; names ignore case.
    pub(super) fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn at_the_start(line: &str, resume: Option<&str>) -> Option<Self> {
        let (info, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        Some(Self {
            name: known(name, resume)?,
            properties: key_values(properties.trim(), ',', PROPERTY),
            data: unescape(data, DATA),
        })
    }

    /// Only the first `##[` of a line is looked at.
    fn bracketed(line: &str, resume: Option<&str>) -> Option<Self> {
        let (_, behind) = line.split_once("##[")?;
        let (info, data) = behind.split_once(']')?;
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        Some(Self {
            name: known(name, resume)?,
            properties: key_values(properties, ';', BRACKETED),
            data: unescape(data, BRACKETED),
        })
    }
}

/// Whether a name is one of the runner's own, which no stop token may be.
pub(super) fn is_registered(name: &str) -> bool {
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn known(name: &str, resume: Option<&str>) -> Option<String> {
    let resumes = resume.is_some_and(|token| token.eq_ignore_ascii_case(name));
    (resumes || is_registered(name)).then(|| name.to_ascii_lowercase())
}

/// Pairs without a name, without a value or without `=` are dropped.
fn key_values(text: &str, separator: char, escapes: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = text.split(separator).filter_map(|pair| pair.split_once('='));
    let whole = pairs.filter(|(key, value)| !key.is_empty() && !value.is_empty());
    whole.map(|(key, value)| (key.to_owned(), unescape(value, escapes))).collect()
}

fn unescape(text: &str, escapes: &[(&str, &str)]) -> String {
    escapes.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Command {
        Command::parse(line, None).unwrap_or_else(|| panic!("no command in {line:?}"))
    }

    fn is_text(line: &str) -> bool {
        Command::parse(line, None).is_none()
    }

    #[test]
    fn a_command_stands_at_the_start_of_a_line() {
        let error = command(" \t::error title=a%2Cb%3A%25,line=1::x%0Ay%25::z");
        assert_eq!((error.name.as_str(), error.data.as_str()), ("error", "x\ny%::z"));
        assert_eq!((error.property("title"), error.property("LINE")), (Some("a,b:%"), Some("1")));
        assert_eq!(command("::ERROR::").name, "error");
        assert!(is_text("x ::error::y"), "not in the middle of a line");
        assert!(is_text("::error:y"), "not without the second pair of colons");
        assert!(is_text("::unknown::y"), "not with a name that is not the runner's");
    }

    #[test]
    fn the_older_form_works_anywhere_in_a_line() {
        let warning = command("2 of 3 ##[warning title=a%3Bb%5D;x=1]rest%0A]");
        assert_eq!((warning.name.as_str(), warning.data.as_str()), ("warning", "rest\n]"));
        assert_eq!((warning.property("title"), warning.property("x")), (Some("a;b]"), Some("1")));
        assert!(is_text("##[nothing]##[error]x"), "only the first one counts");
        assert!(is_text("##[error"));
    }

    #[test]
    fn the_first_form_falls_back_to_the_second() {
        assert_eq!(command("::nothing::##[error]x").data, "x");
    }

    #[test]
    fn malformed_properties_are_dropped() {
        assert_eq!(
            command("::error title=,=x,y,line=2::z").properties,
            [("line".to_owned(), "2".to_owned())]
        );
    }

    #[test]
    fn a_stop_token_counts_while_it_is_wanted() {
        assert!(is_text("::token-1::"));
        assert_eq!(Command::parse("::Token-1::", Some("token-1")).unwrap().name, "token-1");
    }
}
