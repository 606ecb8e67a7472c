//! This project's own files, which are deployed from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// This project's root, as it was when the crate was compiled.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The text of one.
pub(super) fn read(file: &Path) -> Result<String> {
    let path = Path::new(PROJECT).join(file);
    fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
}

/// Copies `file` of `folder` to its place below `root`.
pub(super) fn copy(folder: &Path, file: &str, root: &Path) -> Result<()> {
    let (from, to) = (Path::new(PROJECT).join(folder).join(file), root.join(folder).join(file));
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    // The mode goes along: a launcher stays executable.
    fs::copy(&from, &to).with_context(|| format!("copy {}", from.display()))?;
    Ok(())
}

/// Copies all that is in `folder`, at any depth.
pub(super) fn copy_folder(folder: &Path, root: &Path) -> Result<()> {
    let from = Path::new(PROJECT).join(folder);
    for entry in fs::read_dir(&from).with_context(|| format!("list {}", from.display()))? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&folder.join(&name), root)?;
        } else if let Some(name) = name.to_str() {
            copy(folder, name, root)?;
        }
    }
    Ok(())
}
