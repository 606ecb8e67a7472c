//! Writing HTML in which nothing but our own words is markup.

use std::fmt::{Display, Write as _};

use crate::timeline::legible;

use super::harmless::Harmless;

/// A piece of HTML. What is not `&'static str` is escaped on its way in.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Our own markup.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Anybody's words, for text and for attributes in double quotes alike.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for char in legible(text).chars() {
            match char {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(char),
            }
        }
        self
    }

    /// A number.
    pub(super) fn number(&mut self, number: impl Numeric) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{number}");
        self
    }

    /// A number with up to three decimals.
    pub(super) fn decimal(&mut self, number: f64) -> &mut Self {
        let text = format!("{number:.3}");
        self.0.push_str(text.trim_end_matches('0').trim_end_matches('.'));
        self
    }

    /// Another piece.
    pub(super) fn add(&mut self, piece: &Html) -> &mut Self {
        self.0.push_str(&piece.0);
        self
    }

    /// Events of Markdown from which HTML has been taken out.
    pub(super) fn events<'e>(&mut self, events: impl Iterator<Item = Harmless<'e>>) {
        pulldown_cmark::html::push_html(&mut self.0, events.map(Harmless::into_event));
    }

    /// All of it.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Numbers: they hold no markup.
pub(super) trait Numeric: Display {}
impl Numeric for u64 {}
impl Numeric for u32 {}
impl Numeric for usize {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_markup() {
        let mut html = Html::default();
        html.raw("<p>").text("<b a=\"1\" b='2'>&\u{202e}\u{1b}[0m").decimal(1.5).decimal(100.0).raw("</p>");
        let safe = "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;\u{fffd}\u{fffd}[0m1.5100";
        assert_eq!(html.finish(), format!("<p>{safe}</p>"));
    }
}
