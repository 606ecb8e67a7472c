//! The contract layer: judges every exchange by the vendor's OpenAPI document.
//!
//! It stands between a client and a twin, inside the faults, so both are held to
//! the vendor's word: a client may not send what the vendor does not document,
//! and a twin may not answer what the vendor would not.
//!
//! It is off unless a folder with the documents is named: see
//! [`from_environment`]. The documents themselves are not part of this project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;

mod body;
mod document;
mod error;
mod operation;
mod overlay;
mod parameter;
mod reader;
mod redact;
mod rewrite;
mod schema;
mod tally;
mod vendor;
mod violation;

pub use error::ContractError;
pub use vendor::Vendor;
pub use violation::{Violation, Violations};

use document::Document;

/// The contracts of one folder.
#[derive(Debug)]
pub struct Contracts {
    folder: PathBuf,
    /// Whether its exchanges count in what is printed at the end.
    tallied: bool,
    documents: BTreeMap<Vendor, Arc<Document>>,
}

/// The contracts that the environment names, read once per process.
///
/// `GREENROOM_CONTRACTS` is a folder, or `required` (the default folder must be
/// there), or `off`. When it is not set, the default folder is used if it exists.
/// `None` means that the layer is off. Prints once, at the end of the process,
/// whether the layer was on and how many exchanges it judged.
///
/// # Errors
/// The folder is named or required and not there, or a document is malformed.
pub fn from_environment() -> Result<Option<&'static Contracts>, &'static ContractError> {
    static CONTRACTS: OnceLock<Result<Option<Contracts>, ContractError>> = OnceLock::new();
    let contracts = CONTRACTS.get_or_init(|| {
        let setting = std::env::var("GREENROOM_CONTRACTS").unwrap_or_default();
        let mut contracts = named_by(&setting, &default_folder())?;
        contracts.iter_mut().for_each(|contracts| contracts.tallied = true);
        tally::announce(contracts.as_ref().map(|contracts| contracts.folder.clone()));
        Ok(contracts)
    });
    contracts.as_ref().map(Option::as_ref)
}

/// A judge for `vendor` by [`from_environment`]; `None` when the layer is off.
///
/// # Errors
/// As [`from_environment`], and when the folder lacks this vendor's document.
pub fn judge(vendor: Vendor) -> anyhow::Result<Option<Judge>> {
    match from_environment()? {
        Some(contracts) => Ok(Some(contracts.judge(vendor)?)),
        None => Ok(None),
    }
}

fn named_by(setting: &str, default: &Path) -> Result<Option<Contracts>, ContractError> {
    match setting {
        "off" => Ok(None),
        "" if !default.is_dir() => Ok(None),
        "" | "required" => Contracts::load(default).map(Some),
        folder => Contracts::load(Path::new(folder)).map(Some),
    }
}

/// Beside the checkout, so that the documents are never committed with it.
fn default_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts");
    folder.canonicalize().unwrap_or(folder)
}

impl Contracts {
    /// Reads every known vendor's document in `folder`; those that are not there
    /// are missed only when a judge is asked for.
    ///
    /// # Errors
    /// The folder is not there, or a document is malformed.
    pub fn load(folder: &Path) -> Result<Self, ContractError> {
        if !folder.is_dir() {
            return Err(ContractError::NoFolder(folder.to_owned()));
        }
        let overlay = overlay::Overlay::load()?;
        let mut documents = BTreeMap::new();
        for vendor in Vendor::ALL {
            let path = folder.join(vendor.name()).with_extension("json");
            if path.is_file() {
                let document = Document::load(vendor, &path, &overlay)?;
                documents.insert(vendor, Arc::new(document));
            }
        }
        Ok(Self { folder: folder.to_owned(), tallied: false, documents })
    }

    /// A judge with no violations yet.
    ///
    /// # Errors
    /// The folder has no document of this vendor.
    pub fn judge(&self, vendor: Vendor) -> Result<Judge, ContractError> {
        let document = self.documents.get(&vendor).cloned();
        let document =
            document.ok_or_else(|| ContractError::NoDocument { vendor, folder: self.folder.clone() })?;
        Ok(Judge {
            vendor,
            document,
            violations: Arc::default(),
            judged: Arc::default(),
            tallied: self.tallied,
        })
    }

    /// Compiles every schema of every document, which is otherwise done at first
    /// use; returns how many.
    ///
    /// # Errors
    /// The first schema that does not compile.
    pub fn compile_all(&self) -> Result<usize, ContractError> {
        self.documents.values().map(|document| document.compile_all()).sum()
    }
}

/// Judges the exchanges of one twin; a handle, cheap to clone.
#[derive(Clone, Debug)]
pub struct Judge {
    vendor: Vendor,
    document: Arc<Document>,
    violations: Arc<Mutex<Vec<Violation>>>,
    judged: Arc<AtomicU64>,
    tallied: bool,
}

impl Judge {
    /// How many exchanges it has judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.judged.load(Ordering::Relaxed)
    }

    /// Hands over the violations so far and forgets them: for a test that breaks
    /// the contract on purpose.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        std::mem::take(&mut self.violations.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the judgement.
    ///
    /// # Errors
    /// All violations that were not taken before.
    pub fn finish(&self) -> Result<(), Violations> {
        let violations = self.take_violations();
        if violations.is_empty() {
            return Ok(());
        }
        Err(Violations { vendor: self.vendor, judged: self.judged(), violations })
    }

    /// Judges one exchange.
    pub(crate) async fn judge(&self, parts: &Parts, body: &Bytes, answer: &Response<Bytes>) {
        self.judged.fetch_add(1, Ordering::Relaxed);
        if self.tallied {
            tally::count(self.vendor);
        }
        let found = self.document.judge(parts, body, answer).await;
        self.violations.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_decides() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent");
        assert!(named_by("", &absent).unwrap().is_none());
        assert!(named_by("off", folder.path()).unwrap().is_none());
        assert!(named_by("", folder.path()).unwrap().is_some());
        assert!(named_by("required", folder.path()).unwrap().is_some());
        assert!(matches!(named_by("required", &absent), Err(ContractError::NoFolder(_))));
        assert!(matches!(named_by("/nowhere/at/all", &absent), Err(ContractError::NoFolder(_))));
        let named = named_by(folder.path().to_str().unwrap(), &absent).unwrap().unwrap();
        assert!(matches!(named.judge(Vendor::Render), Err(ContractError::NoDocument { .. })));
    }

    #[test]
    fn a_broken_document_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("render.json"), "{ \"paths\": [").unwrap();
        let error = Contracts::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("render.json"), "{error}");
        std::fs::write(folder.path().join("render.json"), "{}").unwrap();
        let error = Contracts::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("paths"), "{error}");
    }
}
