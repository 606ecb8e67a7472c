//! Whether an ELF file needs a dynamic loader (the ELF specification, "Program Header").

/// A program header of this type names the loader.
const PT_INTERP: u32 = 3;

/// Whether the 64-bit little-endian ELF file `bytes` asks for a loader; false for anything else.
pub(super) fn wants_interpreter(bytes: &[u8]) -> bool {
    const CLASS_64_LITTLE: &[u8] = b"\x7fELF\x02\x01";
    if !bytes.starts_with(CLASS_64_LITTLE) {
        return false;
    }
    let headers = || {
        let offset = usize::try_from(u64::from_le_bytes(field(bytes, 32)?)).ok()?;
        let size = usize::from(u16::from_le_bytes(field(bytes, 54)?));
        let count = usize::from(u16::from_le_bytes(field(bytes, 56)?));
        Some((0..count).filter_map(move |index| field(bytes, offset.checked_add(index * size)?)))
    };
    headers().is_some_and(|mut types| types.any(|kind| u32::from_le_bytes(kind) == PT_INTERP))
}

fn field<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..offset.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn this_test_is_linked_dynamically() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(wants_interpreter(&bytes));
    }

    #[test]
    fn only_a_header_of_that_type_counts() {
        let mut file = vec![0; 64 + 2 * 56];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[32] = 64; // offset of the headers
        file[54] = 56; // size of one
        file[56] = 2; // their number
        assert!(!wants_interpreter(&file));
        file[64 + 56] = 3;
        assert!(wants_interpreter(&file));
        assert!(!wants_interpreter(&file[..100]));
        assert!(!wants_interpreter(b"#!/bin/sh\n"));
    }
}
