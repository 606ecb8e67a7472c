//! Reads the deploy manifest of what is checked out, and resolves the services that
//! it names by variables of the workflow.

mod values;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use action::{BadInput, Context, Failure};
use manifest::{MAX_BYTES, Manifest};

pub use values::{Origin, Resolved, Values};

/// Where the manifest is unless told otherwise, from the top of the repository.
pub const USUAL: &str = ".github/deploy-manifest.yml";

/// Checks an input that names a manifest.
///
/// # Errors
/// It is empty or no text of one line.
pub fn path(input: &'static str, text: &str) -> Result<String, BadInput> {
    if text.trim().is_empty() || text.contains(char::is_control) {
        return Err(BadInput::new(input, format!("{text:?} is not the path of a file"))
            .hint(format!("write it from the working directory on, such as `{USUAL}`")));
    }
    Ok(text.to_owned())
}

/// Reads and judges the manifest at `path`, from the working directory on.
///
/// # Errors
/// `invalid`: there is none, it cannot be read, or it breaks a rule of manifests.
pub fn read(context: &Context, path: &str) -> Result<Manifest, Failure> {
    let content = content(&context.directory().join(path)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::invalid(format!("there is no manifest at {path}"))
            .hint("check the repository out first (actions/checkout), or say in `manifest` where it is"),
        _ => Failure::invalid(format!("the manifest {path} cannot be read: {error}"))
            .hint("it must be a file that this job may read"),
    })?;
    Manifest::parse(path, &content).map_err(|error| {
        let hints = error.hints();
        hints.into_iter().fold(Failure::invalid(error.to_string()), Failure::hint)
    })
}

/// Not more than it takes to see that it is too much, and nothing but a file.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}
