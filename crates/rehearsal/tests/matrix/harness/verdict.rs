//! Whether something holds, and if not, why not in words.

/// `Err` says what does not hold.
pub(crate) type Verdict = Result<(), String>;

/// `holds`, or else what `why` says.
pub(crate) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

/// Both are the same.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Verdict {
    ensure(found == wanted, || format!("{what}: wanted {wanted:?}, found {found:?}"))
}
