//! What `--help` says below the inputs: how to use the primitive, and all that it reads and tells beside them.

use std::fmt::Write as _;

use crate::outputs::{OutputSpec, Outputs as _};
use crate::primitive::Primitive;

/// The last lines of every help: the contract of [`crate::exit`].
const EXIT_CODES: &str = "\
Exit codes, and the words of the output `result`:
  0 success, unchanged, planned   1 refused, failed   2 invalid   3 timed-out   4 denied
  5 unreachable   6 stale   70 bug   130, 143 cancelled";

/// The whole text.
pub(crate) fn guide<P: Primitive>() -> String {
    let mut text = P::GUIDE.trim_end().to_owned();
    if !P::SECRETS.is_empty() {
        text.push_str("\n\nSecrets, from the environment alone:");
        for secret in P::SECRETS {
            let needed = if secret.required { "" } else { " (optional)" };
            entry(&mut text, &format!("{}{needed}", secret.variable), secret.help);
        }
    }
    text.push_str("\n\nOutputs:");
    for OutputSpec { name, help } in P::Outputs::SPECS {
        entry(&mut text, name, help);
    }
    let _ = write!(text, "\n\n{EXIT_CODES}");
    text
}

fn entry(text: &mut String, name: &str, help: &str) {
    let _ = write!(text, "\n  {name}\n          {help}");
}
