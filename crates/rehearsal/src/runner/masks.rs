//! What a log may not show.

/// The values that a job has asked to hide, and how the runner hides them.
///
/// The real runner also hides encoded forms (base64, JSON, URI, XML and some shells' escapes). This one hides
/// exact values only, so a masked log here shows at least as much as the real one would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Masks(Vec<String>);

impl Masks {
    /// Hides a value and each of its lines, as `::add-mask::` does (actions/runner, `AddMaskCommandExtension`).
    /// Blank values are refused by the caller; blank lines are skipped here.
    pub(super) fn add(&mut self, value: &str) {
        let lines = value.split(['\r', '\n']).map(str::trim);
        for part in std::iter::once(value).chain(lines).filter(|part| !part.is_empty()) {
            if !self.0.iter().any(|known| known == part) {
                self.0.push(part.to_owned());
            }
        }
    }

    /// Every hidden value, in the order in which it became known.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.0
    }

    /// The text as a log shows it: each stretch of hidden values, also overlapping or touching ones, becomes
    /// one `***` (actions/runner, `SecretMasker.MaskSecrets`).
    ///
    /// A job's output whose masked form differs is dropped by the real runner ("Skip output ... may contain
    /// secret"), so comparing both forms tells whether an output would arrive.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let mut found: Vec<(usize, usize)> =
            self.0.iter().flat_map(|value| occurrences(text, value)).collect();
        found.sort_unstable();
        let (mut shown, mut done, mut stretches) = (String::new(), 0, found.into_iter().peekable());
        while let Some((start, mut end)) = stretches.next() {
            while let Some((_, next)) = stretches.next_if(|(start, _)| *start <= end) {
                end = end.max(next);
            }
            shown.push_str(&text[done..start]);
            shown.push_str("***");
            done = end;
        }
        shown + &text[done..]
    }
}

/// Every place where `value` begins, overlapping ones too.
fn occurrences<'a>(text: &'a str, value: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter(move |at| text[*at..].starts_with(value)).map(move |at| (at, at + value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(values: &[&str]) -> Masks {
        let mut masks = Masks::default();
        values.iter().for_each(|value| masks.add(value));
        masks
    }

    #[test]
    fn values_and_each_of_their_lines_are_hidden() {
        let masks = masks(&["top\r\n  secret \n\n"]);
        assert_eq!(masks.hide("top of the secret: top\r\n  secret \n\n."), "*** of the ***: ***.");
    }

    #[test]
    fn overlapping_and_touching_values_become_one_stretch() {
        assert_eq!(masks(&["abc", "cde"]).hide("xabcdey"), "x***y");
        assert_eq!(masks(&["ab", "cd"]).hide("xabcdy"), "x***y");
        assert_eq!(masks(&["ab", "cd"]).hide("ab cd"), "*** ***");
        assert_eq!(masks(&["aa"]).hide("aaab"), "***b");
    }

    #[test]
    fn text_without_a_hidden_value_is_left_alone() {
        assert_eq!(masks(&["geheim"]).hide("größe ☃"), "größe ☃");
        assert_eq!(masks(&[]).hide("anything"), "anything");
    }
}
