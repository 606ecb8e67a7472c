//! What is bound where, and whether one more binding fits in. Pure.

use std::collections::BTreeMap;

use action::Failure;
use cloudflare::Binding;
use serde_json::{Map, Value};

/// The kind of binding that this primitive is about, in words for people.
const KV: &str = "KV namespace";

/// The field of a Pages configuration that holds it.
const PAGES_KV: &str = "kv_namespaces";

/// Everything that is bound, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bindings(BTreeMap<String, Bound>);

/// What one name is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bound {
    /// The KV namespace of this id.
    Kv(String),
    /// Something else, of this kind.
    Other(String),
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is bound as wanted.
    Bound,
    /// It has to be bound; now the name holds this namespace, if any.
    Bind {
        /// The id of another namespace.
        instead_of: Option<String>,
    },
}

impl Bindings {
    /// Reads one environment of a Pages project. Each kind of binding is a field
    /// that maps names to objects, or to null for one that was deleted; all other
    /// fields are settings (API reference, "Pages projects").
    ///
    /// # Errors
    /// What makes no sense, in words.
    pub(crate) fn of_pages(config: &Map<String, Value>) -> Result<Self, String> {
        let mut found = BTreeMap::new();
        for (field, value) in config {
            let Value::Object(map) = value else { continue };
            let is_map_of_bindings = map.values().all(|value| value.is_object() || value.is_null());
            if !is_map_of_bindings {
                continue;
            }
            for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                let bound = if field == PAGES_KV {
                    let id = value.get("namespace_id").and_then(Value::as_str);
                    Bound::Kv(
                        id.ok_or_else(|| format!("binding {name} of a KV namespace has no id"))?.to_owned(),
                    )
                } else {
                    Bound::Other(field.clone())
                };
                found.insert(name.clone(), bound);
            }
        }
        Ok(Self(found))
    }

    /// Reads the bindings of a Worker.
    ///
    /// # Errors
    /// What makes no sense, in words.
    pub(crate) fn of_worker(bindings: &[Binding]) -> Result<Self, String> {
        let mut found = BTreeMap::new();
        for binding in bindings {
            let bound = match (binding.kind.as_str(), binding.namespace_id()) {
                ("kv_namespace", Some(id)) => Bound::Kv(id.to_owned()),
                ("kv_namespace", None) => {
                    return Err(format!("binding {} of a KV namespace has no id", binding.name));
                }
                (kind, _) => Bound::Other(kind.to_owned()),
            };
            found.insert(binding.name.clone(), bound);
        }
        Ok(Self(found))
    }

    /// Compares with what is wanted: `name` bound to the namespace `id`, or to one
    /// that is still to be created.
    ///
    /// # Errors
    /// Refused when another kind of binding has the name.
    pub(crate) fn judge(&self, name: &str, id: Option<&str>) -> Result<Verdict, Failure> {
        match self.0.get(name) {
            None => Ok(Verdict::Bind { instead_of: None }),
            Some(Bound::Kv(found)) if Some(found.as_str()) == id => Ok(Verdict::Bound),
            Some(Bound::Kv(found)) => Ok(Verdict::Bind { instead_of: Some(found.clone()) }),
            Some(Bound::Other(kind)) => {
                Err(Failure::refused(format!("{name} is bound already, as {kind}, not as a {KV}"))
                    .hint("choose another name, or remove that binding first")
                    .hint("nothing has been changed"))
            }
        }
    }

    /// The names, but for `own`, that are bound here and in `after` not at all, as
    /// another kind or to another namespace. Values of other kinds are not compared.
    pub(crate) fn missing_from(&self, after: &Self, own: &str) -> Vec<String> {
        let gone = |(name, bound): &(&String, &Bound)| *name != own && after.0.get(*name) != Some(*bound);
        let words = |(name, bound): (&String, &Bound)| match bound {
            Bound::Kv(_) => format!("{name} ({KV})"),
            Bound::Other(kind) => format!("{name} ({kind})"),
        };
        self.0.iter().filter(gone).map(words).collect()
    }
}

/// The KV bindings of a Pages configuration with one more, or another one.
pub(crate) fn with_pages_kv(config: &Map<String, Value>, name: &str, id: &str) -> Map<String, Value> {
    let mut kv = match config.get(PAGES_KV) {
        Some(Value::Object(map)) => map.clone(),
        _ => Map::new(),
    };
    kv.retain(|_, value| !value.is_null());
    kv.insert(name.to_owned(), serde_json::json!({"namespace_id": id}));
    kv
}

/// The bindings of a Worker with one more, or another one. All others are
/// inherited from the version that there is: so no value passes through here, and
/// what cannot be read back, as a secret's value, stays too.
pub(crate) fn with_worker_kv(bindings: &[Binding], name: &str, id: &str) -> Vec<Binding> {
    let others = bindings.iter().filter(|binding| binding.name != name);
    others.map(|binding| Binding::inherit(&binding.name)).chain([Binding::kv_namespace(name, id)]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pages(config: Value) -> Map<String, Value> {
        serde_json::from_value(config).unwrap()
    }

    fn worker(bindings: Value) -> Vec<Binding> {
        serde_json::from_value(bindings).unwrap()
    }

    fn config() -> Map<String, Value> {
        pages(json!({
            "kv_namespaces": {"CONTENT": {"namespace_id": "n1"}, "GONE": null},
            "env_vars": {"KEY": {"type": "secret_text", "value": ""}, "OLD": null},
            "r2_buckets": {"FILES": {"name": "files", "new": {"deep": [1]}}},
            "a_kind_of_tomorrow": {"NEW": {"id": 1}},
            "placement": {"mode": "smart"},
            "limits": {"cpu_ms": 10},
            "compatibility_flags": ["nodejs_compat"],
            "d1_databases": null,
        }))
    }

    #[test]
    fn a_pages_configuration_is_read_whatever_it_holds() {
        let bindings = Bindings::of_pages(&config()).unwrap();
        let judged = |name: &str, id: &str| bindings.judge(name, Some(id));
        assert_eq!(judged("CONTENT", "n1"), Ok(Verdict::Bound));
        assert_eq!(judged("CONTENT", "n2"), Ok(Verdict::Bind { instead_of: Some("n1".into()) }));
        for free in ["FREE", "GONE", "OLD", "mode", "cpu_ms"] {
            assert_eq!(judged(free, "n1"), Ok(Verdict::Bind { instead_of: None }), "{free}");
        }
        for (taken, kind) in [("KEY", "env_vars"), ("FILES", "r2_buckets"), ("NEW", "a_kind_of_tomorrow")] {
            let refusal = judged(taken, "n1").unwrap_err();
            assert_eq!(
                refusal.message(),
                format!("{taken} is bound already, as {kind}, not as a KV namespace")
            );
        }
        assert_eq!(bindings.judge("CONTENT", None), Ok(Verdict::Bind { instead_of: Some("n1".into()) }));
    }

    #[test]
    fn a_worker_s_list_is_read() {
        let list = worker(json!([
            {"name": "CONTENT", "type": "kv_namespace", "namespace_id": "n1"},
            {"name": "KEY", "type": "secret_text"},
        ]));
        let bindings = Bindings::of_worker(&list).unwrap();
        assert_eq!(bindings.judge("CONTENT", Some("n1")), Ok(Verdict::Bound));
        assert!(bindings.judge("KEY", Some("n1")).unwrap_err().message().contains("as secret_text"));
    }

    #[test]
    fn a_kv_binding_without_an_id_makes_no_sense() {
        assert!(Bindings::of_pages(&pages(json!({"kv_namespaces": {"A": {}}}))).is_err());
        assert!(Bindings::of_worker(&worker(json!([{"name": "A", "type": "kv_namespace"}]))).is_err());
    }

    #[test]
    fn what_is_written_keeps_all_others() {
        let kv = with_pages_kv(&config(), "MORE", "n2");
        assert_eq!(
            Value::Object(kv),
            json!({"CONTENT": {"namespace_id": "n1"}, "MORE": {"namespace_id": "n2"}})
        );
        let kv = with_pages_kv(&pages(json!({"kv_namespaces": null})), "MORE", "n2");
        assert_eq!(Value::Object(kv), json!({"MORE": {"namespace_id": "n2"}}));

        let list = worker(json!([
            {"name": "CONTENT", "type": "kv_namespace", "namespace_id": "n1"},
            {"name": "KEY", "type": "secret_text"},
            {"name": "TEXT", "type": "plain_text", "text": "x"},
        ]));
        assert_eq!(
            serde_json::to_value(with_worker_kv(&list, "CONTENT", "n2")).unwrap(),
            json!([
                {"name": "KEY", "type": "inherit"},
                {"name": "TEXT", "type": "inherit"},
                {"name": "CONTENT", "type": "kv_namespace", "namespace_id": "n2"},
            ])
        );
    }

    #[test]
    fn what_went_missing_is_named() {
        let mut config = config();
        config["kv_namespaces"]["SAME"] = json!({"namespace_id": "n1"});
        config["kv_namespaces"]["OWN"] = json!({"namespace_id": "n1"});
        let before = Bindings::of_pages(&config).unwrap();
        let after = Bindings::of_pages(&pages(json!({
            "kv_namespaces": {"MORE": {"namespace_id": "n2"}, "SAME": {"namespace_id": "n2"}, "OWN": {"namespace_id": "n2"}},
            "env_vars": {"KEY": {"type": "plain_text", "value": "x"}},
            "a_kind_of_tomorrow": {"NEW": {"id": 2}},
        })));
        assert_eq!(
            before.missing_from(&after.unwrap(), "OWN"),
            ["CONTENT (KV namespace)", "FILES (r2_buckets)", "SAME (KV namespace)"]
        );
        assert_eq!(before.missing_from(&before, "OWN"), [] as [&str; 0]);
    }
}
