//! `action.yml`: one step that runs the launcher, with every input mapped in its `env:`.
//!
//! Inputs reach the program only through variables, so no text of theirs is ever read by a shell. All are mapped,
//! empty ones too: a variable of the job would leak into the step otherwise.

use anyhow::Result;
use serde_yaml::{Mapping, Value};

use super::HEADER;
use crate::definition::{BIN_DIR, Definition, Input, MISSPELT_DRY_RUN, Output, Secret};

const BIN_DIR_HELP: &str = "Folder with local binaries to run instead of the pinned release: for self-tests and \
    for runners that cannot download. A notice gives the digest of the binary that ran.";

const MISSPELT_HELP: &str = "Not an input: the right name is `dry-run`. GitHub only warns about a misspelt input, \
    so this one is refused.";

/// The whole file.
pub(crate) fn text(definition: &Definition) -> Result<String> {
    let sections = [
        mapping([
            ("name", definition.name.as_str().into()),
            ("description", definition.about.as_str().into()),
        ]),
        mapping([("inputs", inputs(definition).into())]),
        mapping([("outputs", definition.outputs.iter().map(output).collect::<Mapping>().into())]),
        mapping([("runs", runs(definition).into())]),
    ];
    let mut text = format!("# {HEADER}\n");
    for (index, section) in sections.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text += &serde_yaml::to_string(section)?;
    }
    Ok(text)
}

fn inputs(definition: &Definition) -> Mapping {
    let mut inputs: Mapping = definition.inputs.iter().map(input).collect();
    inputs.extend(definition.secrets.iter().map(secret));
    inputs.extend([optional(BIN_DIR, BIN_DIR_HELP, "")]);
    if definition.changes {
        inputs.extend([optional(MISSPELT_DRY_RUN, MISSPELT_HELP, "")]);
    }
    inputs
}

fn input(input: &Input) -> (Value, Value) {
    let mut help = input.description.clone();
    if input.leaves_a_value_unexplained() {
        help = format!("{}. One of: {}", help.trim_end_matches('.'), input.values.join(", "));
    }
    if input.required && input.default.is_none() {
        return (
            input.name.as_str().into(),
            mapping([("description", help.into()), ("required", true.into())]).into(),
        );
    }
    optional(&input.name, &help, input.default.as_deref().unwrap_or(""))
}

/// A secret is never `required`: the job's own variable may hold it.
fn secret(secret: &Secret) -> (Value, Value) {
    let need = if secret.required { "Needed" } else { "Optional" };
    let help = format!(
        "{}. {need}; the variable {} of the job serves as well.",
        secret.description.trim_end_matches('.'),
        secret.variable
    );
    optional(&secret.input, &help, "")
}

fn optional(name: &str, help: &str, default: &str) -> (Value, Value) {
    (name.into(), mapping([("description", help.into()), ("default", default.into())]).into())
}

fn output(output: &Output) -> (Value, Value) {
    let value = format!("${{{{ steps.main.outputs.{} }}}}", output.name);
    (
        output.name.as_str().into(),
        mapping([("description", output.description.as_str().into()), ("value", value.into())]).into(),
    )
}

fn runs(definition: &Definition) -> Mapping {
    let launcher = "\"${GITHUB_ACTION_PATH:?}/../launch/launch.sh\"";
    // Both `exec`s matter: the runner signals one process id only.
    let run = format!("exec bash --noprofile --norc -p {launcher} {}", definition.name);
    let step = mapping([
        ("id", "main".into()),
        ("shell", "bash".into()),
        ("run", run.into()),
        ("env", environment(definition).into()),
    ]);
    mapping([("using", "composite".into()), ("steps", Value::Sequence(vec![step.into()]))])
}

fn environment(definition: &Definition) -> Mapping {
    let mut variables = Mapping::new();
    let mut set = |variable: &str, expression: String| {
        variables.insert(variable.into(), format!("${{{{ {expression} }}}}").into());
    };
    for Input { name, .. } in &definition.inputs {
        set(&action::variable(name), format!("inputs.{name}"));
    }
    for Secret { variable, input, .. } in &definition.secrets {
        set(variable, format!("inputs.{input} || env.{variable}"));
    }
    set("GREENROOM_BIN_DIR", format!("inputs.{BIN_DIR}"));
    if definition.changes {
        set(action::MISSPELT_DRY_RUN, format!("inputs.{MISSPELT_DRY_RUN}"));
    }
    variables
}

fn mapping<const N: usize>(entries: [(&str, Value); N]) -> Mapping {
    entries.into_iter().map(|(key, value)| (Value::from(key), value)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::definition::tests::sample;

    const WANTED: &str = include_str!("action_yml/kv-bind.yml");

    #[test]
    fn the_whole_file() {
        let definition = Definition::parse("kv-bind", &sample().to_string()).unwrap();
        assert_eq!(text(&definition).unwrap(), WANTED);
    }

    #[test]
    fn an_action_that_only_reads_has_no_misspelt_dry_run() {
        let mut json = sample();
        json["changes"] = json!(false);
        let text = text(&Definition::parse("kv-bind", &json.to_string()).unwrap()).unwrap();
        assert!(!text.contains("dry_run") && !text.contains("MISSPELT"), "{text}");
    }

    proptest! {
        /// YAML has many words and signs that mean something: none of them may change a text.
        #[test]
        fn any_text_survives(
            description in r#"[ -~äß\n]{0,60}|yes|no|null|~|0x1F|1e3|12:30:45|- a|a: b|# c|'|"|\||>|&a|\*a|!t|%d|@x|`y`"#,
            default in r#"[ -~]{0,20}|true|010|1_000|\.inf|=|<<"#,
        ) {
            prop_assume!(!description.trim().is_empty());
            prop_assume!(!description.contains("${{") && !default.contains("${{"));
            let mut json = sample();
            json["inputs"][2]["description"] = json!(description);
            json["inputs"][2]["default"] = json!(default);
            let text = text(&Definition::parse("kv-bind", &json.to_string()).unwrap()).unwrap();
            let read: Value = serde_yaml::from_str(&text).unwrap();
            prop_assert_eq!(&read["inputs"]["ttl"]["description"], &Value::from(description));
            prop_assert_eq!(&read["inputs"]["ttl"]["default"], &Value::from(default));
        }
    }
}
