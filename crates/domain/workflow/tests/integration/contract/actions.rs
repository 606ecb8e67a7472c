//! What the actions of this repository declare.

use yaml::Node;

/// One `actions/NAME/action.yml`.
pub(crate) struct Declared {
    /// Inputs, with their defaults.
    inputs: Vec<(String, Option<String>)>,
    required: Vec<String>,
    outputs: Vec<String>,
}

impl Declared {
    /// The action in `actions/NAME`.
    pub(crate) fn of(name: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../actions");
        let text = std::fs::read_to_string(format!("{folder}/{name}/action.yml")).unwrap();
        let node = Node::parse(&text).unwrap();
        let inputs = entries(&node, "inputs").iter().map(|(key, input)| (key.clone(), text_of(input)));
        let outputs = entries(&node, "outputs").iter().map(|(key, _)| key.clone());
        let is_required = |input: &Node| matches!(get(input, "required"), Some(Node::Bool(true)));
        let required = entries(&node, "inputs").iter().filter(|(_, input)| is_required(input));
        Self {
            inputs: inputs.collect(),
            required: required.map(|(key, _)| key.clone()).collect(),
            outputs: outputs.collect(),
        }
    }

    pub(crate) fn has_input(&self, name: &str) -> bool {
        self.inputs.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn has_output(&self, name: &str) -> bool {
        self.outputs.iter().any(|known| known == name)
    }

    /// The inputs that must be given.
    pub(crate) fn required(&self) -> &[String] {
        &self.required
    }

    pub(crate) fn default_of(&self, input: &str) -> Option<&str> {
        self.inputs.iter().find(|(known, _)| known == input)?.1.as_deref()
    }
}

fn entries<'n>(node: &'n Node, key: &str) -> &'n [(String, Node)] {
    match get(node, key) {
        Some(Node::Map(entries)) => entries,
        other => panic!("`{key}` is a mapping, not {other:?}"),
    }
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Node::Map(entries) = node else { return None };
    entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

fn text_of(input: &Node) -> Option<String> {
    match get(input, "default")? {
        Node::Text(text) => Some(text.clone()),
        other => panic!("a default is a text, not {other:?}"),
    }
}
