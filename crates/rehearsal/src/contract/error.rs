//! Why the contract layer could not be set up.

use std::io;
use std::path::PathBuf;

use super::Vendor;

/// Why the contract layer could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// The folder is not there.
    #[error("find the contracts folder {}\nhint: set GREENROOM_CONTRACTS to the folder with the vendors' OpenAPI documents", .0.display())]
    NoFolder(PathBuf),
    /// The layer is on, but this vendor's document is not in the folder.
    #[error("find {}.json in the contracts folder {}", .vendor.name(), .folder.display())]
    NoDocument {
        /// Whose document is missing.
        vendor: Vendor,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A document could not be read.
    #[error("read the contract {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A document is not JSON, or not an OpenAPI document.
    #[error("understand the contract {}: {what}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The project's own overlay is malformed.
    #[error("understand overlay.json")]
    Overlay(#[source] serde_json::Error),
    /// A schema does not compile after the rewrite.
    #[error("compile a schema of {operation}: {what}")]
    Schema {
        /// The operation whose schema it is.
        operation: String,
        /// What the compiler says.
        what: String,
    },
}
