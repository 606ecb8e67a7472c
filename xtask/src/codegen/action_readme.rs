//! `README.md` beside an `action.yml`: what a person who writes workflows needs to know.

use super::HEADER;
use crate::definition::{BIN_DIR, Definition, Secret};
use crate::table::Table;

/// The whole file.
pub(crate) fn text(definition: &Definition, repository: &str) -> String {
    let Definition { name, about, guide, .. } = definition;
    let mut text = format!("<!-- {HEADER} -->\n\n# {name}\n\n{}.\n\n", escaped(about.trim_end_matches('.')));
    text += &fenced("text", guide);
    text += "\n## In a workflow\n\n";
    text += &fenced("yaml", &example(definition, repository));
    text +=
        "\nPin the whole commit SHA: it fixes this file, and with it the digest of the binary that runs.\n";
    text += &format!("\n## Inputs\n\n{}", inputs(definition).markdown());
    if !definition.secrets.is_empty() {
        text += &format!("\n## Secrets\n\n{}", secrets(definition).markdown());
        text += "\nGive a secret as the input or as the variable of the job; the input wins.\n";
    }
    text += &format!("\n## Outputs\n\n{}", outputs(definition).markdown());
    text += "\nThey are set when the step fails, too, as far as they are known by then.\n";
    text
}

/// A step that uses it: what must be given, and what a typical one gives beside that.
fn example(definition: &Definition, repository: &str) -> String {
    let Definition { name, inputs, secrets, example, .. } = definition;
    let is_shown = |name: &str| example.iter().any(|given| given.name == name);
    let required = inputs.iter().filter(|input| input.required && !is_shown(&input.name));
    let mut given: Vec<String> = required.map(|input| format!("{}: <{}>", input.name, input.name)).collect();
    given.extend(example.iter().map(|given| format!("{}: {}", given.name, scalar(&given.value))));
    let secrets = secrets.iter().filter(|secret| secret.required && !is_shown(&secret.input));
    given.extend(secrets.map(|secret| format!("{}: ${{{{ secrets.{} }}}}", secret.input, secret.variable)));

    let mut step = format!("- id: {name}\n  uses: {repository}/actions/{name}@<commit SHA>\n");
    step += if given.is_empty() { "" } else { "  with:\n" };
    given.iter().for_each(|line| step += &format!("    {line}\n"));
    step
}

/// A value of the step: as it is, or a block of lines.
fn scalar(value: &str) -> String {
    let is_block = value.contains('\n');
    if is_block { format!("|\n      {}", value.replace('\n', "\n      ")) } else { value.to_owned() }
}

fn inputs(definition: &Definition) -> Table {
    let mut table = Table::new(&["input", "default", "description"]);
    for input in &definition.inputs {
        let default = match &input.default {
            Some(default) => code(default),
            None if input.required => "**required**".to_owned(),
            None => String::new(),
        };
        let mut description = escaped(&input.description);
        if input.leaves_a_value_unexplained() {
            let values: Vec<String> = input.values.iter().map(|value| code(value)).collect();
            description = format!("{}. One of {}", description.trim_end_matches('.'), values.join(", "));
        }
        table.row([code(&input.name), default, description]);
    }
    table.row([
        code(BIN_DIR),
        String::new(),
        "Folder with local binaries to run instead of the pinned release".to_owned(),
    ]);
    table
}

fn secrets(definition: &Definition) -> Table {
    let mut table = Table::new(&["input", "variable of the job", "needed", "description"]);
    for secret in &definition.secrets {
        let needed = if secret.required { "yes" } else { "no" };
        let Secret { input, variable, description, .. } = secret;
        table.row([code(input), code(variable), needed.to_owned(), escaped(description)]);
    }
    table
}

fn outputs(definition: &Definition) -> Table {
    let mut table = Table::new(&["output", "description"]);
    for output in &definition.outputs {
        table.row([code(&output.name), escaped(&output.description)]);
    }
    table
}

/// Plain text as Markdown: nothing in it is markup, except that `code` stays code.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    // Odd parts stand between two backticks; one without a partner is a character like any other.
    let parts: Vec<&str> = text.split('`').collect();
    let pairs = (parts.len() - 1) / 2;
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 1 && index < pairs * 2 {
            out += &code(part);
        } else {
            out += if index > pairs * 2 { "\\`" } else { "" };
            out += &markup_escaped(part);
        }
    }
    out
}

fn markup_escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '<' => out += "&lt;",
            '&' => out += "&amp;",
            '*' | '_' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

/// Inline code, whatever it contains.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::tests::sample;

    #[test]
    fn the_whole_file() {
        let definition = Definition::parse("kv-bind", &sample().to_string()).unwrap();
        assert_eq!(text(&definition, "o/r"), include_str!("action_readme/kv-bind.md"));
    }

    #[test]
    fn text_is_never_markup_but_code_stays_code() {
        assert_eq!(escaped("a <b> of `x_y*` and *c_d*"), "a &lt;b> of `x_y*` and \\*c\\_d\\*");
        assert_eq!(escaped("one ` alone"), "one \\` alone");
        assert_eq!(escaped("`a` and ` alone"), "`a` and \\` alone");
    }

    #[test]
    fn code_may_hold_backticks() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(fenced("text", "```\nx  "), "````text\n```\nx\n````\n");
    }
}
