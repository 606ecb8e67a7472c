//! Worker scripts: their settings and bindings.

use axum::extract::{FromRequest, Multipart, Path, Request, State as Shared};
use serde_json::{Map, Value, json};

use super::Cloudflare;
use super::envelope::{Answer, Failure, read_json, success};

/// A script: its settings with its secrets.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) account: String,
    pub(super) name: String,
    pub(super) settings: Map<String, Value>,
    pub(super) bindings: Vec<Value>,
}

impl Worker {
    /// A script with these bindings, secrets (`secret_text` with `text`) included.
    pub(super) fn new(account: &str, name: &str, bindings: Vec<Value>) -> Self {
        let settings = json!({
            "compatibility_date": "2026-01-01",
            "compatibility_flags": [],
            "logpush": false,
            "usage_model": "standard",
        });
        let settings = settings.as_object().cloned().unwrap_or_default();
        Self { account: account.to_owned(), name: name.to_owned(), settings, bindings }
    }

    /// As the API shows it: secret values are left out (vendor's client library).
    fn shown(&self) -> Value {
        let mut shown = Value::Object(self.settings.clone());
        shown["bindings"] = self.bindings.iter().map(without_secret).collect();
        shown
    }
}

fn without_secret(binding: &Value) -> Value {
    let mut binding = binding.clone();
    if let Some(fields) = binding.as_object_mut() {
        match fields.get("type").and_then(Value::as_str) {
            Some("secret_text") => drop(fields.remove("text")),
            Some("secret_key") => {
                fields.remove("key_base64");
                fields.remove("key_jwk");
            }
            _ => {}
        }
    }
    binding
}

/// `GET /accounts/{account_id}/workers/scripts/{script_name}/settings`.
pub(super) async fn get(
    Shared(twin): Shared<Cloudflare>,
    Path((account, name)): Path<(String, String)>,
) -> Answer {
    twin.in_worker(&account, &name, |worker, _| Ok(success(worker.shown())))
}

/// `PATCH /accounts/{account_id}/workers/scripts/{script_name}/settings`: a form
/// with the JSON part `settings`.
///
/// `bindings` replaces the old list; `{type: "inherit", name}` keeps one, or
/// `old_name` under a new name (vendor's client library). That bindings left out
/// are lost, secrets too, is unverified. Other settings replace theirs; those
/// left out stay.
pub(super) async fn edit(
    Shared(twin): Shared<Cloudflare>,
    Path((account, name)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let changes = read(request).await?;
    twin.in_worker(&account, &name, |worker, known| {
        if let Some(bindings) = changes.get("bindings") {
            worker.bindings = replaced(&worker.bindings, bindings, known)?;
        }
        let others = changes.iter().filter(|(field, _)| *field != "bindings");
        worker.settings.extend(others.map(|(field, value)| (field.clone(), value.clone())));
        Ok(success(worker.shown()))
    })
}

/// The code of a body that is no such form is unverified.
async fn read(request: Request) -> Result<Map<String, Value>, Failure> {
    let refuse = || Failure::bad_request(10001, "a multipart form with the part settings is required");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| refuse())?;
    while let Some(part) = form.next_field().await.map_err(|_| refuse())? {
        if part.name() == Some("settings") {
            let settings = read_json(&part.bytes().await.map_err(|_| refuse())?)?;
            return settings.as_object().cloned().ok_or_else(refuse);
        }
    }
    Err(refuse())
}

fn replaced(old: &[Value], wanted: &Value, namespaces: &[String]) -> Result<Vec<Value>, Failure> {
    // Unverified: the codes of a malformed list and of an unknown name to inherit.
    let malformed = |why: String| Failure::bad_request(10021, why);
    let wanted = wanted.as_array().ok_or_else(|| malformed("bindings is not a list".to_owned()))?;
    let mut bindings: Vec<Value> = Vec::new();
    for binding in wanted {
        let name = binding["name"].as_str().ok_or_else(|| malformed("a binding has no name".to_owned()))?;
        if bindings.iter().any(|other| other["name"] == name) {
            return Err(malformed(format!("two bindings are called {name}")));
        }
        bindings.push(match binding["type"].as_str() {
            Some("inherit") => inherited(old, binding, name)
                .ok_or_else(|| malformed(format!("there is no binding {name} to inherit")))?,
            Some("kv_namespace") => known_namespace(binding, namespaces)?,
            Some(_) => binding.clone(),
            None => return Err(malformed(format!("the binding {name} has no type"))),
        });
    }
    Ok(bindings)
}

fn inherited(old: &[Value], binding: &Value, name: &str) -> Option<Value> {
    let old_name = binding["old_name"].as_str().unwrap_or(name);
    let mut kept = old.iter().find(|old| old["name"] == old_name)?.clone();
    kept["name"] = name.into();
    Some(kept)
}

/// 10042 as quoted in workers-sdk issue 14249; the status is unverified.
fn known_namespace(binding: &Value, namespaces: &[String]) -> Result<Value, Failure> {
    let id = binding["namespace_id"].as_str().unwrap_or_default();
    if namespaces.iter().any(|known| known == id) {
        return Ok(binding.clone());
    }
    let message =
        format!("KV namespace '{id}' is not valid. Please verify the namespace_id in your configuration.");
    Err(Failure::bad_request(10042, message))
}

impl Cloudflare {
    /// Runs `work` on a script and the ids of its account's namespaces; 404 with
    /// 10007 when there is none of that name (quoted in
    /// crowdsecurity/cs-cloudflare-worker-bouncer issue 44; the status is unverified).
    fn in_worker(
        &self,
        account: &str,
        name: &str,
        work: impl FnOnce(&mut Worker, &[String]) -> Answer,
    ) -> Answer {
        let mut state = self.lock();
        let namespaces = state.namespaces.iter().filter(|namespace| namespace.account == account);
        let namespaces: Vec<String> = namespaces.map(|namespace| namespace.id.clone()).collect();
        let mut workers = state.workers.iter_mut();
        match workers.find(|worker| worker.account == account && worker.name == name) {
            Some(worker) => work(worker, &namespaces),
            None => Err(Failure::not_found(10007, "This Worker does not exist on your account.")),
        }
    }
}
