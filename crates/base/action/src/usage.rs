//! Words that the parser does not take: what is wrong, and what to write instead.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::failure::Failure;
use crate::inputs;

/// What to tell about `error`, with which `command` refused `words`.
///
/// A word that stands where no word can stand may be a secret that somebody
/// pasted, so it is never shown.
pub(crate) fn failure(name: &str, command: &Command, words: &[OsString], error: &clap::Error) -> Failure {
    let failure = match unexpected(error) {
        Some(word) if !is_flag(word) => stray(command, words, word),
        _ => Failure::invalid(message(error)),
    };
    failure
        .hint("`--x` is the action's input `x`; an empty input counts as absent")
        .hint(format!("`{name} --help` explains every input"))
}

/// The word that clap did not expect, if that is what is wrong.
fn unexpected(error: &clap::Error) -> Option<&str> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => Some(word),
        _ => None,
    }
}

/// Whether a word can only be the name of a flag: `--two-words`, `-x`.
fn is_flag(word: &str) -> bool {
    let is_letter = |char: char| char.is_ascii_lowercase() || char == '-' || char == '_';
    match word.strip_prefix("--") {
        Some(name) => name.starts_with(|char: char| char.is_ascii_lowercase()) && name.chars().all(is_letter),
        None => word.starts_with('-') && word.chars().count() == 2,
    }
}

fn stray(command: &Command, words: &[OsString], word: &str) -> Failure {
    let failure = Failure::invalid("a word without a flag, which is not shown since it may be a secret");
    let before = words.windows(2).find(|pair| pair[1] == OsStr::new(word)).and_then(|pair| pair[0].to_str());
    match before.and_then(|flag| flag.strip_prefix("--")).filter(|flag| takes_only_equals(command, flag)) {
        // Shown only if it is what such a flag takes.
        Some(flag) if inputs::boolean(word).is_ok() || inputs::duration(word).is_ok() => {
            failure.hint(format!("write `--{flag}={word}`"))
        }
        Some(flag) => failure.hint(format!("write `--{flag}=<value>`, without a blank")),
        None => failure.hint("write every input as `--name=value`"),
    }
}

/// Whether the flag alone has a meaning, so that its value must stand behind an equals sign.
fn takes_only_equals(command: &Command, flag: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_long() == Some(flag) && Arg::is_require_equals_set(arg))
}

/// clap's message without its colours, its usage line and its own `error:`.
fn message(error: &clap::Error) -> String {
    let text = error.to_string();
    let message = text.trim_start_matches("error: ");
    let message = message.split("\n\nUsage:").next().unwrap_or(message);
    let message = message.split("\n\nFor more information").next().unwrap_or(message);
    message.trim().to_owned()
}
