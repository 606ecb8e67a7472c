//! A job's summary, from its Markdown to HTML that can do nothing.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::timeline::legible;

use super::html::Html;

/// An event without HTML of its own and without links to anything but the web.
pub(super) struct Harmless<'e>(Event<'e>);

impl<'e> Harmless<'e> {
    pub(super) fn into_event(self) -> Event<'e> {
        self.0
    }
}

/// Renders Markdown. Its HTML is shown as text, but for `<code>` and `<br>`, which
/// summaries of ours have; links lead to the web only, and images to their text.
pub(super) fn prose(markdown: &str) -> Html {
    let mut html = Html::default();
    let markdown = legible(markdown);
    let events = Parser::new_ext(&markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut filter = Filter::default();
    html.events(events.flat_map(|event| filter.pass(event)).map(Harmless));
    html
}

#[derive(Default)]
struct Filter {
    /// How many `<code>` are open in this block.
    codes: usize,
    /// For each open link, whether it is shown as one.
    links: Vec<bool>,
}

impl Filter {
    fn pass<'e>(&mut self, event: Event<'e>) -> Vec<Event<'e>> {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => vec![self.tag(text)],
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let is_web = dest_url.starts_with("https://") || dest_url.starts_with("http://");
                self.links.push(is_web);
                if is_web { vec![event] } else { Vec::new() }
            }
            Event::End(TagEnd::Link) => match self.links.pop() {
                Some(true) => vec![event],
                _ => Vec::new(),
            },
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock) => Vec::new(),
            Event::End(TagEnd::Image | TagEnd::HtmlBlock) => Vec::new(),
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                vec![Event::Start(Tag::Heading { level: below(level), id: None, classes, attrs })]
            }
            Event::End(end) => self.end(end),
            event => vec![event],
        }
    }

    /// What a block leaves open ends with it.
    fn end<'e>(&mut self, end: TagEnd) -> Vec<Event<'e>> {
        let inline = matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough);
        let open = if inline { 0 } else { std::mem::take(&mut self.codes) };
        let close = Event::InlineHtml(CowStr::Borrowed("</code>"));
        let end = match end {
            TagEnd::Heading(level) => TagEnd::Heading(below(level)),
            end => end,
        };
        let ends = std::iter::repeat_n(close, open).chain([Event::End(end)]);
        ends.collect()
    }

    fn tag<'e>(&mut self, text: CowStr<'e>) -> Event<'e> {
        match &*text {
            "<code>" => self.codes += 1,
            "</code>" if self.codes > 0 => self.codes -= 1,
            "<br>" => {}
            _ => return Event::Text(text),
        }
        Event::InlineHtml(text)
    }
}

/// Below the headings of the page, which end at the third level.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(markdown: &str) -> String {
        prose(markdown).finish()
    }

    #[test]
    fn what_a_summary_says_is_shown() {
        let table = "### Deploy\n\n| a | b |\n| --- | --- |\n| <code>x</code> | **y** &lt;z&gt; |\n";
        let html = shown(table);
        assert!(html.contains("<h5>Deploy</h5>") && html.contains("<code>x</code>"), "{html}");
        assert!(html.contains("<strong>y</strong> &lt;z&gt;"), "{html}");
        assert!(shown("[docs](https://example.com)").contains("href=\"https://example.com\""));
    }

    #[test]
    fn what_a_summary_could_do_is_not_done() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<!-- open\n\nand on",
            "<code onclick=x>",
            "[x](javascript:alert(1))",
            "![x](https://example.com/track.png)",
            "<div><style>*{display:none}</style>",
            "[x](<data:text/html,y>)",
        ] {
            let html = shown(hostile);
            for bad in [
                "<script",
                "<img",
                "<!--",
                "<code ",
                "href=\"javascript",
                "<style",
                "<div",
                "data:text/html\"",
            ] {
                assert!(!html.contains(bad), "{hostile}: {html}");
            }
        }
    }

    #[test]
    fn what_a_block_leaves_open_ends_with_it() {
        assert_eq!(shown("a <code>b\n\nc"), "<p>a <code>b</code></p>\n<p>c</p>\n");
        assert_eq!(shown("a </code>b"), "<p>a &lt;/code&gt;b</p>\n");
    }
}
