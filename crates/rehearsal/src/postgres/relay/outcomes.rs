//! What a server answers, cut where the client may go on, and what has been committed by then (PostgreSQL docs,
//! message formats and message flow).

/// The first words of tags of commands that change nothing. A command that is not here counts as a change.
const READING: [&str; 20] = [
    "SELECT",
    "SHOW",
    "SET",
    "RESET",
    "BEGIN",
    "START",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT",
    "RELEASE",
    "DECLARE",
    "FETCH",
    "MOVE",
    "CLOSE",
    "LOCK",
    "LISTEN",
    "UNLISTEN",
    "PREPARE",
    "DEALLOCATE",
    "DISCARD",
];

/// The answers of one session that have not been passed on. A `SELECT` that writes, in a `WITH` or a function of
/// its own, is not noticed: the server's tag does not tell.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    bytes: Vec<u8>,
    /// So many of them have been looked at.
    end: usize,
    /// Before it the client is being let in, and waits for every single message.
    ready: bool,
    /// What is not committed yet.
    written: Vec<String>,
    /// The last command ended its transaction without it.
    undone: bool,
}

/// Messages after which the client may go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) bytes: Vec<u8>,
    /// What has been committed with it, in the words of `asked`.
    pub(super) committed: Vec<String>,
}

impl Outcomes {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next one that is complete; `asked` is the statement that is being answered.
    pub(super) fn next(&mut self, asked: &str) -> Option<Outcome> {
        loop {
            let kind = *self.bytes.get(self.end)?;
            let length: [u8; 4] = self.bytes.get(self.end + 1..self.end + 5)?.try_into().ok()?;
            let next = self.end + 1 + u32::from_be_bytes(length) as usize;
            let body = self.bytes.get(self.end + 5..next)?.to_vec();
            self.end = next;
            match kind {
                b'C' => self.completed(&body, asked),
                b'Z' => {
                    self.ready = true;
                    return Some(self.outcome(body.first() == Some(&b'I')));
                }
                _ if !self.ready => return Some(self.outcome(false)),
                _ => {}
            }
        }
    }

    fn completed(&mut self, tag: &[u8], asked: &str) {
        let tag = String::from_utf8_lossy(tag.split(|byte| *byte == 0).next().unwrap_or_default());
        let first = tag.split(' ').next().unwrap_or_default();
        let no_rows = tag.split(' ').next_back() == Some("0");
        // Also what a `COMMIT` is answered with that comes to nothing.
        self.undone = tag == "ROLLBACK";
        if !READING.contains(&first) && !no_rows {
            self.written.push(crate::effects::statement(asked));
        }
    }

    fn outcome(&mut self, idle: bool) -> Outcome {
        let bytes = self.bytes.drain(..std::mem::take(&mut self.end)).collect();
        let written = if idle { std::mem::take(&mut self.written) } else { Vec::new() };
        let committed = if self.undone { Vec::new() } else { written };
        Outcome { bytes, committed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], body].concat()
    }

    /// Each command with its tag and the state of the session behind it.
    fn committed(commands: &[(&str, &str, u8)]) -> Vec<Vec<String>> {
        let mut outcomes = Outcomes { ready: true, ..Outcomes::default() };
        let mut found = Vec::new();
        for (asked, tag, state) in commands {
            outcomes.push(&message(b'C', format!("{tag}\0").as_bytes()));
            assert_eq!(outcomes.next(asked), None);
            outcomes.push(&message(b'Z', &[*state]));
            found.push(outcomes.next(asked).unwrap().committed);
        }
        found
    }

    #[test]
    fn what_is_written_counts_when_it_is_committed() {
        let update = ("update t set n = 1", "UPDATE 1", b'T');
        let begin = ("begin", "BEGIN", b'T');
        let found = committed(&[begin, ("select 1", "SELECT 1", b'T'), update, ("commit", "COMMIT", b'I')]);
        assert_eq!(found, [vec![], vec![], vec![], vec!["update t set n".to_owned()]]);
        assert!(committed(&[begin, update, ("commit", "ROLLBACK", b'I')]).concat().is_empty());
        assert_eq!(committed(&[("delete from t", "DELETE 2", b'I')]).concat(), ["delete from t"]);
        assert!(committed(&[("delete from t", "DELETE 0", b'I')]).concat().is_empty());
        assert_eq!(committed(&[("create table u ()", "CREATE TABLE", b'I')]).concat(), ["create table u"]);
    }

    #[test]
    fn a_client_that_is_being_let_in_hears_every_message() {
        let mut outcomes = Outcomes::default();
        let asks = message(b'R', b"\0\0\0\x03");
        outcomes.push(&asks);
        assert_eq!(outcomes.next("").unwrap().bytes, asks);
        outcomes.push(&asks[..4]);
        assert_eq!(outcomes.next(""), None);
    }
}
