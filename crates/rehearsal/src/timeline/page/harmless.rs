//! Markdown that can do nothing, whoever wrote it.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// An event without HTML of its own and without links to anything but the web.
pub(super) struct Harmless<'e>(Event<'e>);

impl<'e> Harmless<'e> {
    pub(super) fn into_event(self) -> Event<'e> {
        self.0
    }
}

/// The events of Markdown. Its HTML becomes text, but for `<code>` and `<br>`, which
/// summaries of ours have; links lead to the web only, and images to their text.
pub(super) fn harmless(markdown: &str) -> impl Iterator<Item = Harmless<'_>> {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut filter = Filter::default();
    events.flat_map(move |event| filter.pass(event)).map(Harmless)
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
