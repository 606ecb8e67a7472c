//! What a primitive says of itself: the JSON of `--describe`, read and checked.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::workspace;

/// The action's input that names a folder of local binaries; the launcher reads it, the program does not.
pub(crate) const BIN_DIR: &str = "bin-dir";

/// The misspelt input that an action which changes things declares, so that the program can refuse it.
pub(crate) const MISSPELT_DRY_RUN: &str = "dry_run";

/// One primitive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) guide: String,
    /// What a typical step gives, beside what is required.
    pub(crate) example: Vec<Given>,
    /// Whether it changes anything, so that it takes `dry-run`.
    pub(crate) changes: bool,
    pub(crate) inputs: Vec<Input>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) outputs: Vec<Output>,
}

/// One input of the typical step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// One input: the flag `--name`, the variable `INPUT_NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
    /// The only values that are allowed, or none when any text is.
    pub(crate) values: Vec<String>,
    pub(crate) boolean: bool,
}

/// One secret: an input of the action, else the job's own variable of the same meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    pub(crate) variable: String,
    pub(crate) input: String,
    pub(crate) description: String,
    pub(crate) required: bool,
}

/// One output.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) description: String,
}

/// The definitions of these primitives, as their executables give them.
///
/// # Errors
/// When the workspace does not build, an executable is missing, or a definition is not usable.
pub(crate) fn load(names: &[String]) -> Result<Vec<Definition>> {
    let executables = rehearsal::executables::executables()?;
    names.iter().map(|name| Definition::of(name, executables.path(name)?)).collect()
}

impl Input {
    /// Whether there are fixed values and the description passes over one of them.
    pub(crate) fn leaves_a_value_unexplained(&self) -> bool {
        self.values.iter().any(|value| !self.description.contains(&format!("`{value}`")))
    }
}

impl Definition {
    /// Asks one executable.
    ///
    /// # Errors
    /// When it does not answer, answers something else, or describes itself badly.
    pub(crate) fn of(name: &str, executable: &Path) -> Result<Self> {
        // No variable of ours is its business, least of all an `INPUT_*` or a secret.
        let json = workspace::read(Command::new(executable).arg("--describe").env_clear())?;
        Self::parse(name, &json)
    }

    /// Reads and checks the JSON of the primitive `name`.
    pub(crate) fn parse(name: &str, json: &str) -> Result<Self> {
        let definition: Self =
            serde_json::from_str(json).with_context(|| format!("read the definition of {name}"))?;
        let faults = definition.faults(name);
        if !faults.is_empty() {
            bail!("use the definition of {name}:\n  {}", faults.join("\n  "));
        }
        Ok(definition)
    }

    fn faults(&self, folder: &str) -> Vec<String> {
        let mut faults = Vec::new();
        if self.name != folder {
            faults.push(format!("it is called {}, its folder {folder}", self.name));
        }
        for (what, text) in self.texts() {
            faults.extend(text_fault(&what, text));
        }
        let names = self.inputs.iter().map(|input| &input.name).chain(self.secrets.iter().map(|s| &s.input));
        faults.extend(name_faults("input", names.clone()));
        let unknown = |given: &&Given| !names.clone().any(|name| *name == given.name);
        faults.extend(
            self.example
                .iter()
                .filter(unknown)
                .map(|given| format!("its example gives `{}`, which is no input", given.name)),
        );
        faults.extend(name_faults("output", self.outputs.iter().map(|output| &output.name)));
        faults.extend(
            names
                .filter(|name| *name == BIN_DIR)
                .map(|name| format!("input `{name}` is the launcher's, give it another name")),
        );
        if self.changes && !self.inputs.iter().any(|input| input.name == "dry-run" && input.boolean) {
            faults.push("it changes things and has no boolean input `dry-run`".to_owned());
        }
        faults
    }

    /// Every text that a person will read, and what it belongs to.
    fn texts(&self) -> Vec<(String, &str)> {
        let mut texts = vec![("the primitive's `ABOUT`".to_owned(), self.about.as_str())];
        texts.extend(self.inputs.iter().map(|i| (format!("input `{}`", i.name), i.description.as_str())));
        texts.extend(
            self.secrets.iter().map(|s| (format!("secret `{}`", s.variable), s.description.as_str())),
        );
        texts.extend(self.outputs.iter().map(|o| (format!("output `{}`", o.name), o.description.as_str())));
        let defaults = self.inputs.iter().filter(|input| !input.default.as_deref().unwrap_or("").is_empty());
        texts.extend(
            defaults.map(|i| (format!("the default of `{}`", i.name), i.default.as_deref().unwrap_or(""))),
        );
        texts
    }
}

/// What is wrong with a description. GitHub's template reader looks for expressions in every text of an
/// action.yml, and an action.yml with one where no context is allowed does not load (`actions/runner`,
/// `action_yaml.json` and `TemplateReader.cs`).
fn text_fault(what: &str, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some(format!("{what} has no description"));
    }
    if text.contains("${{") {
        return Some(format!(
            "{what} contains `${{{{`, which GitHub would evaluate: say it without, or in the guide"
        ));
    }
    None
}

/// Names that are not kebab-case, or that would share one variable.
fn name_faults<'a>(kind: &str, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeMap::new();
    for name in names {
        if !is_kebab_case(name) {
            faults.push(format!("{kind} `{name}` is not in kebab-case"));
        }
        if seen.insert(name.as_str(), ()).is_some() {
            faults.push(format!("{kind} `{name}` is there twice"));
        }
    }
    faults
}

/// Whether `name` is made of lower-case words and digits joined by single hyphens, a letter first.
pub(crate) fn is_kebab_case(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('-').all(word)
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A definition with one of everything.
    pub(crate) fn sample() -> Value {
        json!({
            "name": "kv-bind",
            "about": "Bind a namespace",
            "guide": "Example:\n  kv-bind --namespace <title>",
            "example": [{"name": "note", "value": "by ${{ github.actor }}\nat night"}],
            "changes": true,
            "inputs": [
                {"name": "namespace", "description": "Title: or \"id\"", "required": true, "default": null, "values": [], "boolean": false},
                {"name": "mode", "description": "What to do", "required": false, "default": "flip", "values": ["flip", "check"], "boolean": false},
                {"name": "ttl", "description": "Seconds", "required": false, "default": "60", "values": [], "boolean": false},
                {"name": "note", "description": "Any text", "required": false, "default": null, "values": [], "boolean": false},
                {"name": "dry-run", "description": "Only say", "required": false, "default": "false", "values": [], "boolean": true}
            ],
            "secrets": [{"variable": "CLOUDFLARE_API_TOKEN", "input": "api-token", "description": "Edits KV", "required": true}],
            "outputs": [{"name": "namespace-id", "description": "Its id"}, {"name": "result", "description": "How it ended"}]
        })
    }

    fn parse(change: impl FnOnce(&mut Value)) -> Result<Definition> {
        let mut json = sample();
        change(&mut json);
        Definition::parse("kv-bind", &json.to_string())
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> String {
        format!("{:#}", parse(change).unwrap_err())
    }

    #[test]
    fn a_complete_definition_is_taken() {
        assert_eq!(parse(|_| ()).unwrap().inputs.len(), 5);
    }

    #[test]
    fn a_missing_description_is_named() {
        assert!(refusal(|d| d["inputs"][0]["description"] = json!(" ")).contains("input `namespace` has no"));
        assert!(
            refusal(|d| d["outputs"][0]["description"] = json!("")).contains("output `namespace-id` has no")
        );
        let secret = refusal(|d| d["secrets"][0]["description"] = json!(""));
        assert!(secret.contains("secret `CLOUDFLARE_API_TOKEN` has no"), "{secret}");
        assert!(refusal(|d| d["about"] = json!("")).contains("`ABOUT` has no"));
    }

    #[test]
    fn an_expression_in_a_description_is_refused() {
        let refusal = refusal(|d| d["inputs"][0]["description"] = json!("such as ${{ vars.NAME }}"));
        assert!(refusal.contains("input `namespace` contains `${{`"), "{refusal}");
    }

    #[test]
    fn values_that_are_explained_need_no_list() {
        let input =
            |about: &str| parse(|d| d["inputs"][1]["description"] = json!(about)).unwrap().inputs[1].clone();
        assert!(input("`flip` moves").leaves_a_value_unexplained());
        assert!(!input("`flip` moves, `check` looks").leaves_a_value_unexplained());
        assert!(!parse(|_| ()).unwrap().inputs[0].leaves_a_value_unexplained());
    }

    #[test]
    fn names_are_checked() {
        assert!(refusal(|d| d["name"] = json!("kv-bin")).contains("it is called kv-bin, its folder kv-bind"));
        assert!(refusal(|d| d["inputs"][0]["name"] = json!("name_space")).contains("not in kebab-case"));
        assert!(refusal(|d| d["secrets"][0]["input"] = json!("ttl")).contains("input `ttl` is there twice"));
        assert!(refusal(|d| d["inputs"][0]["name"] = json!("bin-dir")).contains("the launcher's"));
        assert!(refusal(|d| d["inputs"][4]["name"] = json!("dryrun")).contains("no boolean input `dry-run`"));
    }

    #[test]
    fn an_example_gives_inputs_that_there_are() {
        let refusal = refusal(|d| d["example"][0]["name"] = json!("remark"));
        assert!(refusal.contains("its example gives `remark`, which is no input"), "{refusal}");
        let secret = |d: &mut Value| d["example"][0]["name"] = d["secrets"][0]["input"].clone();
        assert!(parse(secret).is_ok(), "a secret is an input, too");
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(refusal(|d| d["inputs"][0]["sensitive"] = json!(true)).contains("unknown field `sensitive`"));
    }

    #[test]
    fn kebab_case() {
        for name in ["url", "commit-sha", "k8s-2"] {
            assert!(is_kebab_case(name), "{name}");
        }
        for name in ["", "Url", "commit_sha", "-a", "a-", "a--b", "2a", "../x", "é"] {
            assert!(!is_kebab_case(name), "{name}");
        }
    }
}
