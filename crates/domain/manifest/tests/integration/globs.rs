//! What a pattern means, where the tables do not say.

use manifest::{Glob, Refusal};

use crate::matches;

fn refused(pattern: &str) -> (Refusal, String) {
    match Glob::parse(pattern) {
        Ok(_) => panic!("{pattern:?} was taken"),
        Err(error) => (error.refusal, error.offending),
    }
}

#[track_caller]
fn accepts(pattern: &str, yes: &[&str], no: &[&str]) {
    for path in yes {
        assert!(matches(pattern, path), "{pattern:?} must match {path:?}");
    }
    for path in no {
        assert!(!matches(pattern, path), "{pattern:?} must not match {path:?}");
    }
}

#[test]
fn globstar_stands_for_any_number_of_segments() {
    accepts("docs/**", &["docs", "docs/a", "docs/a/.b/c"], &["docsx", "a/docs"]);
    accepts("**/docs/**", &["docs", "a/docs", "a/b/docs/c"], &["a/docsx"]);
    accepts("a/**/b/**/c", &["a/b/c", "a/x/b/y/z/c"], &["a/c", "b/c"]);
    accepts("**/**", &["a", "a/b"], &[]);
    accepts("**/*/b", &["a/b", "a/x/b"], &["b"]);
}

#[test]
fn a_starred_directory_does_not_match_itself() {
    accepts("*/**", &["a/b", "a/b/c"], &["a"]);
    accepts("x/a*/**", &["x/ab/c"], &["x/ab"]);
    accepts("*/**/**", &["a/b"], &["a"]);
    accepts("*/{**,b}", &["a/b", "a/c/d"], &["a"]);
    accepts("?/**", &["a", "a/b"], &["ab"]);
    accepts("{a,b*}/**", &["a", "bc", "bc/d"], &["c"]);
}

#[test]
fn braces_are_patterns_written_out() {
    accepts("{**/*.md,docs/**}", &["a.md", "x/a.md", "docs", "docs/x"], &["x.txt"]);
    accepts("a/{b,c/d}/e", &["a/b/e", "a/c/d/e"], &["a/c/e"]);
    accepts("{a,{b,{c,d}}}x", &["ax", "bx", "cx", "dx"], &["x", "{c,d}x"]);
    accepts("src/{,test/}*.rs", &["src/a.rs", "src/test/a.rs"], &["src/x/a.rs"]);
    accepts("a{[,],b}c", &["a,c", "abc"], &["a]c"]);
    accepts("{[,],b}", &["{[,],b}"], &[]);
}

#[test]
fn braces_without_a_list_are_characters() {
    accepts("{a}.txt", &["{a}.txt"], &["a.txt"]);
    accepts("{{cookiecutter.name}}/**", &["{{cookiecutter.name}}/a"], &["cookiecutter.name/a"]);
    accepts("a{b", &["a{b"], &["ab"]);
    accepts("a}b/*", &["a}b/c"], &["ab/c"]);
    accepts("{a{b,c}", &["{ab", "{ac"], &["ab"]);
    accepts("{}", &["{}"], &[]);
    accepts("a,b", &["a,b"], &["a"]);
}

#[test]
fn brackets() {
    accepts("[", &["["], &["a"]);
    accepts("a[b/c", &["a[b/c"], &["ab/c"]);
    accepts("[]", &["[]"], &["]"]);
    accepts("[]-a]", &["]", "^", "a"], &["b"]);
    accepts("a[/]b", &["a/b", "a[/]b"], &["ab"]);
    accepts("a[+-9]b", &["a/b", "a1b"], &["aab"]);
    accepts("a[^b]c", &["axc", "a]c"], &["abc", "a/c"]);
    accepts(r"[\]]", &["]"], &["\\"]);
    accepts("[[]x", &["[x"], &["x"]);
    accepts("[!a]", &["!", "b", "[!a]"], &["a"]);
}

#[test]
fn a_plain_bracket_expression_also_matches_its_own_text() {
    accepts("app/[id]/**", &["app/[id]/page.tsx", "app/i/x", "app/[id]"], &["app/id/x"]);
    accepts("*[id]*.ts", &["x[id]y.ts", "xd.ts"], &["x.ts"]);
    accepts("app/[...slug]/**", &["app/s/x", "app/[...slug]/**"], &["app/[...slug]/x"]);
    accepts("[a-c]/x", &["a/x", "[a-c]/x"], &["d/x"]);
    accepts("[a-c]/*", &["a/x"], &["[a-c]/x"]);
}

#[test]
fn a_path_that_equals_the_text_matches() {
    accepts("app/[...slug]/page.tsx", &["app/[...slug]/page.tsx"], &[]);
    accepts("./app/[...slug]/page.tsx", &["app/[...slug]/page.tsx"], &[]);
    accepts(r"a\*b", &["a*b", r"a\*b"], &["axb"]);
    accepts("{a,b}", &["{a,b}", "a"], &["{a"]);
}

#[test]
fn escapes() {
    accepts(r"\!a", &["!a"], &["a"]);
    accepts(r"\(auth\)/**", &["(auth)/x"], &["auth/x"]);
    accepts(r"\@(a)", &["@(a)"], &["a"]);
    accepts(r"a\\b", &[r"a\b"], &["ab"]);
    accepts(r"\d", &["d"], &["1"]);
    accepts(r"a\/b", &["a/b"], &[]);
    accepts("a\\ ", &["a "], &["a"]);
    assert_eq!(Glob::parse(r"v\d[\w]").unwrap().needless_escapes(), ['d', 'w']);
    assert!(Glob::parse(r"\[a\]\ b\.c").unwrap().needless_escapes().is_empty());
}

#[test]
fn characters_are_not_bytes() {
    accepts("?", &["a", "é", "日", "😀", "\u{301}"], &["e\u{301}", "ab"]);
    accepts("[😀é]", &["😀", "é"], &["e"]);
    accepts("[à-ü]", &["é"], &["e"]);
    accepts("[!é]", &["e", "😀"], &["é"]);
    accepts("a?c", &["a\nc"], &["a/c"]);
}

#[test]
fn bytes_that_are_not_text_are_characters_too() {
    assert!(matches("api/*", b"api/\xff\xfe"));
    assert!(matches("api/**", b"api/\xff/x"));
    assert!(matches("?", b"\xff"));
    assert!(!matches("?", b"\xff\xfe"));
    assert!(matches("?", b"\xe2\x82"), "a truncated character is one");
    assert!(matches("[!a]", b"\xff"));
    assert!(!matches("[a-\u{10ffff}]", b"\xff"));
    assert!(!matches("[\u{fffd}]", b"\xff"));
    assert!(matches("[\u{fffd}]", "\u{fffd}"));
    assert!(matches("é*", b"\xc3\xa9\xff"));
}

#[test]
fn matching_stays_cheap_for_hostile_patterns() {
    let stars = "*a".repeat(200);
    assert!(!matches(&stars, "a".repeat(199)));
    assert!(matches(&stars, "a".repeat(200)));
    let depths = "**/a/".repeat(100) + "b";
    assert!(!matches(&depths, "a/".repeat(300) + "c"));
    assert!(matches(&depths, "a/".repeat(300) + "b"));
    let classes = "*[ab]".repeat(100) + "c";
    assert!(!matches(&classes, "ab".repeat(100)));
}

#[test]
fn refusals_name_the_text_at_fault() {
    for (pattern, refusal, offending) in [
        ("", Refusal::Empty, ""),
        ("./", Refusal::Empty, "./"),
        ("{,}", Refusal::Empty, "{,}"),
        ("a?(b|c)d", Refusal::Extglob, "?(b|c)"),
        ("a/@(b(c)d)e", Refusal::Extglob, "@(b(c)d)"),
        ("**(a)", Refusal::Extglob, "*(a)"),
        ("!(a", Refusal::Extglob, "!(a"),
        ("x/a**/b", Refusal::GlobstarInSegment, "a**"),
        ("x/***/b", Refusal::GlobstarInSegment, "***"),
        ("{a,b}**", Refusal::GlobstarInSegment, "a**"),
        ("a{/,}**", Refusal::GlobstarInSegment, "a**"),
        ("{**}", Refusal::GlobstarInSegment, "{**}"),
        ("a/{1..3}/b", Refusal::Range, "{1..3}"),
        ("{a,b..c}", Refusal::Range, "{a,b..c}"),
        ("x[[:alpha:]]", Refusal::PosixClass, "[[:alpha:]]"),
        ("[[:alpha:]x", Refusal::PosixClass, "[[:alpha:]"),
        ("x[z-a]", Refusal::BackwardsRange, "[z-a]"),
        ("/a", Refusal::Absolute, "/a"),
        ("//a", Refusal::Absolute, "/"),
        ("{/a,b}", Refusal::Absolute, "/a"),
        ("a//b", Refusal::EmptySegment, "a//b"),
        ("x/{,a}/b", Refusal::EmptySegment, "x//b"),
        ("a/./b", Refusal::DotSegment, "."),
        ("././a", Refusal::DotSegment, "."),
        ("../a", Refusal::DotSegment, ".."),
        (r"a/\./b", Refusal::DotSegment, "."),
        (" a", Refusal::SurroundingBlanks, " a"),
        ("a\t", Refusal::SurroundingBlanks, "a\t"),
        ("a\\\\ ", Refusal::SurroundingBlanks, "a\\\\ "),
        ("a\0b", Refusal::Nul, "a\0b"),
        ("x{a,b", Refusal::UnclosedBrace, "{a,b"),
        ("x{a,{b}", Refusal::UnclosedBrace, "{a,{b}"),
        ("a\\", Refusal::TrailingBackslash, "\\"),
        ("!a", Refusal::Negation, "!a"),
        ("./!a", Refusal::Negation, "./!a"),
    ] {
        assert_eq!(refused(pattern), (refusal, offending.to_owned()), "{pattern:?}");
    }
}

#[test]
fn size_is_bounded() {
    assert_eq!(refused(&"a".repeat(4097)).0, Refusal::TooLong);
    assert_eq!(refused(&"{a,b}".repeat(10)).0, Refusal::TooManyAlternatives);
    assert_eq!(refused(&"{a,b}".repeat(800)).0, Refusal::TooManyAlternatives);
    let long = format!("{{{}}}{}", ["a"; 900].join(","), "b".repeat(2000));
    assert_eq!(refused(&long).0, Refusal::TooManyAlternatives);
    assert_eq!(refused(&("{a,".repeat(17) + &"}".repeat(17))).0, Refusal::NestedTooDeep);
    assert_eq!(refused(&"{".repeat(4000)).0, Refusal::NestedTooDeep);
    assert!(matches(&"{a,b}".repeat(9), "abababaab"));
    assert!(matches(&"[Aa]".repeat(500), "aA".repeat(250)));
    assert!(matches(&("{a,".repeat(16) + &"}".repeat(16)), "a"));
}

#[test]
fn an_error_reads_as_a_sentence() {
    let error = Glob::parse("src/a**/b").unwrap_err();
    assert_eq!(error.to_string(), "pattern \"src/a**/b\": `**` inside a segment, in \"a**\"");
    let error = Glob::parse("/a").unwrap_err();
    assert_eq!(error.to_string(), "pattern \"/a\": a leading `/`");
}
