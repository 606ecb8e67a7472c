//! The job summary's size limit.

/// The runner uploads no summary larger than this many bytes
/// (`actions/runner`, `FileCommandManager.cs`: 1 MiB).
pub(crate) const LIMIT: usize = 1024 * 1024;

const NOTE: &str = "\n\n_Cut here: a job summary holds 1 MiB at most._\n";

/// Cuts `text` on a whole line so that it takes at most `room` bytes, and says so.
pub(crate) fn fit(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let Some(budget) = room.checked_sub(NOTE.len()) else {
        return String::new();
    };
    let kept =
        text.as_bytes()[..budget].iter().rposition(|&byte| byte == b'\n').map_or("", |end| &text[..=end]);
    // A fence that was cut open would swallow the note.
    let fence = kept
        .lines()
        .rev()
        .find(|line| line.starts_with("```"))
        .filter(|line| line.ends_with("text"))
        .map_or_else(String::new, |line| format!("{}\n", line.trim_end_matches("text")));
    let closed = format!("{kept}{fence}{NOTE}");
    if closed.len() <= room { closed } else { fit(text, room - fence.len()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_on_a_whole_line_and_closes_a_fence() {
        let text = format!("head\n```text\n{}\n", "line\n".repeat(100));
        let cut = fit(&text, 200);
        assert!(cut.len() <= 200);
        assert!(cut.ends_with(NOTE));
        assert!(cut.contains("line\n```\n"));
        assert!(
            cut.trim_end_matches(NOTE).lines().all(|line| ["head", "```text", "```", "line"].contains(&line))
        );
    }

    proptest! {
        #[test]
        fn never_exceeds_its_room(text in "[aé\\n`]{0,300}", room in 0_usize..300) {
            prop_assert!(fit(&text, room).len() <= room);
        }
    }
}
