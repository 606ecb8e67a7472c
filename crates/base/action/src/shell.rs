//! Text for a person to paste into a shell.

/// One word for bash that means exactly `text`, line ends and quotes included: `$'...'`
/// (Bash manual, ANSI-C quoting).
#[must_use]
pub fn bash_word(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
    format!("$'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_word_for_bash() {
        for text in ["plain", "two lines\nhere", "it's a \"comment\" \\n $HOME `x`", ""] {
            let script = format!("printf %s {}", bash_word(text));
            let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
