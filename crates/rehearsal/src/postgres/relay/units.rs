//! What a client says, cut where it waits for an answer (PostgreSQL docs, message formats).

/// The code of a request for TLS, where a version would stand.
const TLS_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// No message of these clients is longer; a length beyond it is none.
const LONGEST: usize = 1 << 24;

/// Everything that one client said and that has not been passed on.
#[derive(Debug, Default)]
pub(super) struct Units {
    bytes: Vec<u8>,
    /// Messages carry a type from the start of the session on.
    typed: bool,
    /// What cannot be understood is passed on as it is.
    raw: bool,
    /// The text that was prepared last: what is bound next runs it.
    prepared: String,
}

/// Messages after which the client waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) bytes: Vec<u8>,
    /// What is asked, in words; `None` for what is no statement.
    pub(super) told: Option<String>,
    pub(super) logs_in: bool,
}

impl Units {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next one that is complete.
    pub(super) fn next(&mut self) -> Option<Unit> {
        if self.raw {
            let bytes = std::mem::take(&mut self.bytes);
            return (!bytes.is_empty()).then_some(Unit { bytes, told: None, logs_in: false });
        }
        if !self.typed {
            return self.first();
        }
        let (mut end, mut told) = (0, None);
        loop {
            let kind = *self.bytes.get(end)?;
            let Some(length) = self.length(end + 1)? else { return self.next() };
            let body = self.bytes.get(end + 5..end + 1 + length)?.to_vec();
            end += 1 + length;
            match kind {
                b'Q' => told = Some(text(&body)),
                b'P' => {
                    // The statement's own name comes first.
                    let sql = body.splitn(2, |byte| *byte == 0).nth(1).unwrap_or_default();
                    self.prepared = text(sql);
                    told = Some(format!("prepare {}", self.prepared));
                }
                b'B' => told = Some(format!("run {}", self.prepared)),
                _ => {}
            }
            // A query, the end of extended ones, a password, good-bye: then it waits.
            if matches!(kind, b'Q' | b'S' | b'p' | b'X') {
                let bytes = self.bytes.drain(..end).collect();
                return Some(Unit { bytes, told, logs_in: false });
            }
        }
    }

    /// A request for TLS, or the beginning of a session.
    fn first(&mut self) -> Option<Unit> {
        let Some(length) = self.length(0)? else { return self.next() };
        let asks = self.bytes.get(4..length)?.starts_with(&TLS_REQUEST);
        self.typed = !asks;
        let told = self.typed.then(|| "log in".to_owned());
        Some(Unit { bytes: self.bytes.drain(..length).collect(), told, logs_in: self.typed })
    }

    /// The length that stands at a place; the inner `None` when it is none.
    fn length(&mut self, at: usize) -> Option<Option<usize>> {
        let bytes: [u8; 4] = self.bytes.get(at..at + 4)?.try_into().ok()?;
        let length = u32::from_be_bytes(bytes) as usize;
        self.raw = !(4..LONGEST).contains(&length);
        Some((!self.raw).then_some(length))
    }
}

/// A text up to its zero byte, on one line.
fn text(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A simple query.
pub(super) fn query(sql: &str) -> Vec<u8> {
    message(b'Q', &[sql.as_bytes(), &[0]].concat())
}

/// The error with which a server turns a client away.
pub(super) fn refusal(code: &str, words: &str) -> Vec<u8> {
    message(b'E', format!("SFATAL\0VFATAL\0C{code}\0M{words}\0\0").as_bytes())
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or_default().to_be_bytes();
    [&[kind], &length[..], body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(units: &mut Units, bytes: &[u8]) -> Vec<Option<String>> {
        units.push(bytes);
        std::iter::from_fn(|| units.next()).map(|unit| unit.told).collect()
    }

    #[test]
    fn a_session_is_cut_where_the_client_waits_however_its_bytes_arrive() {
        let start = [&8_u32.to_be_bytes()[..], &TLS_REQUEST, &9_u32.to_be_bytes(), &[0, 3, 0, 0, 0]].concat();
        let extended = [
            message(b'P', b"s0\0select\n 1\0\0\0"),
            message(b'D', b"Ss0\0"),
            message(b'S', b""),
            message(b'B', b"\0s0\0"),
            message(b'E', b"\0\0\0\0\0"),
            message(b'S', b""),
            message(b'C', b"Ss0\0"),
            message(b'S', b""),
        ];
        let all = [start, query("begin"), extended.concat(), query("commit")].concat();
        let word = |word: &str| Some(word.to_owned());
        let wanted = [
            None,
            word("log in"),
            word("begin"),
            word("prepare select 1"),
            word("run select 1"),
            None,
            word("commit"),
        ];
        assert_eq!(told(&mut Units::default(), &all), wanted);
        let mut bytewise = Units::default();
        let found: Vec<_> = all.iter().flat_map(|byte| told(&mut bytewise, &[*byte])).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_no_session_is_passed_on_as_it_is() {
        let mut units = Units::default();
        units.push(b"GET / HTTP/1.1\r\n");
        assert_eq!(units.next().unwrap().bytes, b"GET / HTTP/1.1\r\n");
        assert_eq!(units.next(), None);
    }
}
