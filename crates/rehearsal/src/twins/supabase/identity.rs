//! References, UUIDs and time stamps in Supabase's forms, and passwords.

use std::time::SystemTime;

/// Odd, so that no two of the first 2^64 numbers give the same.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A project's reference: 20 lower-case letters.
pub(super) fn reference(serial: u64) -> String {
    let mut rest = u128::from(serial.wrapping_mul(SPREAD)) | (u128::from(serial) << 64);
    let letter = |_| {
        let digit = u8::try_from(rest % 26).unwrap_or_default();
        rest /= 26;
        char::from(b'a' + digit)
    };
    (0..20).map(letter).collect()
}

/// A UUID of version 4.
pub(super) fn uuid(serial: u64) -> String {
    let spread = serial.wrapping_mul(SPREAD);
    let (high, low) = (spread >> 32, spread & 0xffff);
    format!("{high:08x}-{low:04x}-4{:03x}-8{:03x}-{:012x}", serial & 0xfff, low & 0xfff, serial)
}

/// The id of a run, in the form of the API reference's example.
pub(super) fn run(serial: u64) -> String {
    format!("run_{:026x}", u128::from(serial.wrapping_mul(SPREAD)) << 16 | u128::from(serial))
}

/// The password of a database: one that must be escaped in an address.
pub(super) fn password(reference: &str) -> String {
    format!("pw:{reference}/@#?")
}

/// RFC 3339 to the second, as in recorded answers.
pub(super) fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn identities_have_the_vendor_s_form_and_differ() {
        let references: BTreeSet<_> = (0..500).map(reference).collect();
        assert_eq!(references.len(), 500);
        assert!(
            references
                .iter()
                .all(|found| found.len() == 20 && found.bytes().all(|byte| byte.is_ascii_lowercase()))
        );
        assert_eq!((0..500).map(uuid).collect::<BTreeSet<_>>().len(), 500);
        assert!((0..500).map(uuid).all(|found| found.len() == 36), "{}", uuid(7));
        assert_eq!((0..500).map(run).collect::<BTreeSet<_>>().len(), 500);
    }
}
