//! Bytes of a stream, cut into lines as the real runner reads them.

/// Cuts a byte stream into lines.
///
/// The runner reads with .NET's `StreamReader.ReadLine`, for which `\n`, `\r\n` and also a lone `\r` end a line
/// (.NET API reference, `TextReader.ReadLine`). So text behind a `\r` stands at the start of a line, where a
/// workflow command works. Bytes that are not UTF-8 become U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pending: Vec<u8>,
    after_cr: bool,
}

impl Lines {
    /// Takes the next bytes; returns the lines that they complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut complete = Vec::new();
        for byte in bytes {
            let ends_crlf = *byte == b'\n' && self.after_cr;
            self.after_cr = *byte == b'\r';
            match byte {
                _ if ends_crlf => {}
                b'\n' | b'\r' => complete.push(self.take()),
                other => self.pending.push(*other),
            }
        }
        complete
    }

    /// The stream ended; returns what was left without a line end.
    pub(super) fn finish(&mut self) -> Option<String> {
        (!self.pending.is_empty()).then(|| self.take())
    }

    fn take(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.pending)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once_also_across_chunks() {
        let mut lines = Lines::default();
        assert_eq!(lines.feed(b"a\nb\r\nc\rd\r"), ["a", "b", "c", "d"]);
        assert_eq!(lines.feed(b"\ne\n\nf"), ["e", ""]);
        assert_eq!(lines.finish().as_deref(), Some("f"));
        assert_eq!(lines.finish(), None);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(Lines::default().feed(b"\xff\xc3\xa9\n"), ["\u{fffd}é"]);
    }
}
