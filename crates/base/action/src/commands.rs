//! Workflow commands of the runner (GitHub docs, workflow commands).

use crate::annotation::{Annotation, Severity};

/// One annotation as a workflow command, without a line end.
#[must_use]
pub(crate) fn annotation(severity: Severity, title: &str, message: &str) -> String {
    format!("::{} title={}::{}", severity.word(), escape_property(title), escape_data(message))
}

/// One annotation of a place in a file, or of none, as a workflow command, without a line end.
#[must_use]
pub(crate) fn annotation_at(at: &Annotation, message: &str) -> String {
    let Some(place) = &at.place else {
        return annotation(at.severity, &at.title, message);
    };
    let place = format!(
        "file={},line={},endLine={},col={},endColumn={}",
        escape_property(&place.file),
        place.line,
        place.end_line,
        place.column,
        place.end_column
    );
    format!("::{} {place},title={}::{}", at.severity.word(), escape_property(&at.title), escape_data(message))
}

/// The command that masks `value` in everything printed after it.
#[must_use]
pub(crate) fn add_mask(value: &str) -> String {
    format!("::add-mask::{}", escape_data(value))
}

/// Escapes a command's message as `@actions/core` does.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a command's property as `@actions/core` does.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::AnnotatedPlace;

    #[test]
    fn annotations_of_a_place_escape_what_would_end_them() {
        let at = Annotation {
            severity: Severity::Warning,
            place: Some(AnnotatedPlace {
                file: "a,b:c.sql".to_owned(),
                line: 2,
                column: 3,
                end_line: 4,
                end_column: 5,
            }),
            title: "drop-column".to_owned(),
            message: String::new(),
        };
        assert_eq!(
            annotation_at(&at, "50%\nnext"),
            "::warning file=a%2Cb%3Ac.sql,line=2,endLine=4,col=3,endColumn=5,title=drop-column::50%25%0Anext"
        );
        let nowhere = Annotation { place: None, ..at };
        assert_eq!(annotation_at(&nowhere, "next"), "::warning title=drop-column::next");
    }

    #[test]
    fn annotations_escape_what_would_end_them() {
        assert_eq!(
            annotation(Severity::Error, "a: b, c", "50%\r\nnext"),
            "::error title=a%3A b%2C c::50%25%0D%0Anext"
        );
    }
}
