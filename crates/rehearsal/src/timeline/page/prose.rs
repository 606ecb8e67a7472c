//! A job's summary, from its Markdown to HTML that can do nothing.

use crate::timeline::legible;

use super::harmless::harmless;
use super::html::Html;

/// Renders Markdown.
pub(super) fn prose(markdown: &str) -> Html {
    let mut html = Html::default();
    html.events(harmless(&legible(markdown)));
    html
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
