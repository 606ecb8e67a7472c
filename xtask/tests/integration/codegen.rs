//! What is generated is fresh, so that `cargo test` alone proves it.

use super::{own_root, printed, xtask};

#[test]
fn generated_files_are_fresh() {
    let output = xtask(own_root(), &["codegen", "--check"]);
    assert!(output.status.success(), "{}", printed(&output));
}
