//! Inputs: from `INPUT_*` variables and flags to one clap struct.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Arg, ArgAction, Command};

use crate::environment::Environment;

/// Words for clap: one `--flag=value` for each `INPUT_*` that is not empty, then
/// `argv`, which wins.
///
/// Not through clap's own `env`: there an empty variable would satisfy
/// `required`, override a default and break a number.
pub(crate) fn words(
    command: &Command,
    environment: &Environment,
    argv: impl IntoIterator<Item = OsString>,
) -> Vec<OsString> {
    let mut words = vec![OsString::from(command.get_name())];
    for flag in command.get_arguments().filter_map(Arg::get_long) {
        if let Some(value) = environment.get_os(&variable(flag)) {
            let mut word = OsString::from(format!("--{flag}="));
            word.push(value);
            words.push(word);
        }
    }
    words.extend(argv);
    words
}

/// The variable that carries an input: `service-id` is `INPUT_SERVICE_ID`.
#[must_use]
pub fn variable(input: &str) -> String {
    format!("INPUT_{}", input.to_uppercase().replace('-', "_"))
}

/// Gives every `bool` of a derived command GitHub's meaning: `--x` alone is
/// true, `--x=false` and the input `x: false` are false.
pub(crate) fn with_yaml_booleans(command: Command) -> Command {
    command.mut_args(|arg| {
        if !matches!(arg.get_action(), ArgAction::SetTrue) || arg.get_id() == "describe" {
            return arg;
        }
        arg.action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_value("false")
            .default_missing_value("true")
            .hide_possible_values(true)
            .value_name("BOOL")
            .value_parser(boolean)
    })
}

/// A YAML 1.2 boolean, as `@actions/core` reads them.
///
/// # Errors
/// Anything but `true`, `True`, `TRUE` and their opposites.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// A duration with its unit: `90s`, `25m`, `1h 30m`.
///
/// # Errors
/// A number without a unit, or text that is no duration.
pub fn duration(text: &str) -> Result<Duration, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("a duration needs its unit, such as {text}s or {text}m"));
    }
    humantime::parse_duration(text).map_err(|error| error.to_string())
}

/// The items of a list input: one a line, CRLF and blank lines tolerated.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::*;

    #[derive(Args, Debug, PartialEq)]
    struct Sample {
        #[arg(long)]
        service_id: String,
        #[arg(long, default_value = "25m", value_parser = duration)]
        timeout: Duration,
        #[arg(long)]
        force: bool,
    }

    fn parse(environment: &[(&str, &str)], argv: &[&str]) -> Result<Sample, clap::Error> {
        let command = Sample::augment_args(Command::new("sample").args_override_self(true));
        let command = with_yaml_booleans(command);
        let environment = environment.iter().copied().collect();
        let words = words(&command, &environment, argv.iter().map(OsString::from));
        Sample::from_arg_matches(&command.try_get_matches_from(words)?)
    }

    #[test]
    fn empty_means_absent() {
        let sample =
            parse(&[("INPUT_SERVICE_ID", "srv-1"), ("INPUT_TIMEOUT", ""), ("INPUT_FORCE", "")], &[]).unwrap();
        assert_eq!(
            sample,
            Sample { service_id: "srv-1".into(), timeout: Duration::from_secs(1500), force: false }
        );
        assert!(parse(&[("INPUT_SERVICE_ID", "")], &[]).is_err());
    }

    #[test]
    fn argv_wins_over_the_environment() {
        let environment = [("INPUT_SERVICE_ID", "srv-1"), ("INPUT_FORCE", "true")];
        let sample = parse(&environment, &["--service-id=srv-2", "--force=false"]).unwrap();
        assert_eq!((sample.service_id.as_str(), sample.force), ("srv-2", false));
    }

    #[test]
    fn a_value_that_looks_like_a_flag_is_a_value() {
        let sample = parse(&[("INPUT_SERVICE_ID", "--force")], &[]).unwrap();
        assert_eq!((sample.service_id.as_str(), sample.force), ("--force", false));
    }

    #[test]
    fn booleans_are_yaml_words() {
        for (word, value) in [("--force", true), ("--force=True", true), ("--force=FALSE", false)] {
            assert_eq!(parse(&[("INPUT_SERVICE_ID", "x")], &[word]).unwrap().force, value);
        }
        for word in ["--force=yes", "--force=1", "--force="] {
            assert!(parse(&[("INPUT_SERVICE_ID", "x")], &[word]).is_err(), "{word}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("90"), Err("a duration needs its unit, such as 90s or 90m".into()));
        assert!(duration("-5m").is_err());
    }

    #[test]
    fn lists_tolerate_windows_and_trailing_line_ends() {
        assert_eq!(lines("a\r\nb \n\n").collect::<Vec<_>>(), ["a", "b "]);
    }
}
