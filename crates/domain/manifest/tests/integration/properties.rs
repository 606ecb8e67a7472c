//! What holds for every pattern, path and manifest.

use bstr::BStr;
use manifest::{Glob, GlobSet, Manifest, Owners, Ownership, PatternList, Selection};
use proptest::prelude::*;

use crate::matches;

/// Texts that look like patterns, many of them wrong ones.
fn wild_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-c./]",
        4 => prop::sample::select(vec!["*", "**", "?", "[", "]", "{", "}", ",", "!", "\\", "-", "^", "(", ")", "..", "//", " ", "é", "😀", "\0", "[:alpha:]", "@(", "+", "|"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Patterns that are always taken.
fn pattern() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        Just("**".to_owned()),
        "[ab]{1,2}",
        "[ab*?]{1,2}".prop_map(|text| text.replace("**", "*")),
        Just("[ab]".to_owned()),
        Just("[!a]".to_owned()),
        Just("{a,b*}".to_owned()),
    ];
    prop::collection::vec(segment, 1..4).prop_map(|segments| segments.join("/"))
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec("[abc.]{1,3}", 1..5).prop_map(|segments| segments.join("/"))
}

fn list() -> impl Strategy<Value = Vec<String>> {
    let entry = (pattern(), prop::bool::weighted(0.3))
        .prop_map(|(pattern, negative)| if negative { format!("!{pattern}") } else { pattern });
    prop::collection::vec(entry, 0..5).prop_map(|mut entries| {
        entries.push("a/**".to_owned());
        entries
    })
}

/// The rule of lists, written down a second time, one glob after the other.
fn belongs(list: &[String], path: &str) -> bool {
    let any = |wanted: bool| {
        list.iter()
            .filter(|entry| entry.starts_with('!') == wanted)
            .any(|entry| matches(entry.trim_start_matches('!'), path))
    };
    any(false) && !any(true)
}

proptest! {
    #[test]
    fn parsing_a_pattern_never_panics(text in wild_text()) {
        if let Ok(glob) = Glob::parse(&text) {
            prop_assert_eq!(glob.text(), text.as_str());
            let own = text.strip_prefix("./").unwrap_or(&text);
            prop_assert!(matches(&text, own), "a path equal to the text matches");
        }
        let _ = PatternList::parse(&[text]);
    }

    #[test]
    fn parsing_a_manifest_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[ -~\n]{0,200}") {
        let _ = Manifest::parse("m.yml", &bytes);
        let _ = Manifest::parse("m.yml", text.as_bytes());
        let near = format!("version: 1\ntargets:\n  a:\n    paths: [a]\n{text}");
        let _ = Manifest::parse("m.yml", near.as_bytes());
    }

    #[test]
    fn a_pattern_of_any_text_survives_yaml(text in wild_text()) {
        let quoted = serde_json::to_string(&text).unwrap();
        let yaml = format!("version: 1\ntargets:\n  a:\n    paths: [b, {quoted}]\n");
        let parsed = Manifest::parse("m.yml", yaml.as_bytes());
        prop_assert_eq!(parsed.is_ok(), PatternList::parse(&["b", &text]).is_ok());
    }

    #[test]
    fn a_set_says_what_each_of_its_globs_says(patterns in prop::collection::vec(pattern(), 1..6), mut paths in prop::collection::vec(path(), 1..8), sorted: bool) {
        if sorted {
            paths.sort();
        }
        let globs: Vec<Glob> = patterns.iter().map(|p| Glob::parse(p).unwrap()).collect();
        let set = GlobSet::new(&globs);
        let mut matcher = set.matcher();
        for path in &paths {
            let one_by_one: Vec<usize> = (0..globs.len()).filter(|&i| matches(&patterns[i], path)).collect();
            prop_assert_eq!(matcher.matches(path.as_bytes()), one_by_one, "{}", path);
        }
    }

    #[test]
    fn ownership_follows_the_precedence(lists in prop::collection::vec(list(), 1..4), everything in list(), non_deployed in list(), paths in prop::collection::vec(path(), 1..8)) {
        let json = |list: &Vec<String>| serde_json::to_string(list).unwrap();
        let mut text = format!("version: 1\neverything: {}\nnon_deployed: {}\ntargets:\n", json(&everything), json(&non_deployed));
        for (index, list) in lists.iter().enumerate() {
            text += &format!("  t{index}:\n    paths: {}\n", json(list));
        }
        let manifest = crate::manifest(&text);
        let owners = Owners::new(&manifest, None);
        let mut classifier = owners.classifier();
        for path in &paths {
            let targets: Vec<usize> = (0..lists.len()).filter(|&i| belongs(&lists[i], path)).collect();
            let wanted = if belongs(&everything, path) {
                Ownership::Everything
            } else if !targets.is_empty() {
                Ownership::Targets(&targets)
            } else if belongs(&non_deployed, path) {
                Ownership::NonDeployed
            } else {
                Ownership::Unowned
            };
            prop_assert_eq!(classifier.classify(BStr::new(path)), wanted, "{}\n{}", path, text);
        }
    }

    #[test]
    fn comparisons_with_equal_bases_agree_with_one(lists in prop::collection::vec(list(), 1..5), split: u8, everything in list(), paths in prop::collection::btree_set(path(), 0..8)) {
        let json = |list: &Vec<String>| serde_json::to_string(list).unwrap();
        let coupling = if lists.len() > 2 { "[[t0, t2]]" } else { "[]" };
        let mut text = format!("version: 1\neverything: {}\ncoupling: {coupling}\ntargets:\n", json(&everything));
        for (index, list) in lists.iter().enumerate() {
            text += &format!("  t{index}:\n    paths: {}\n", json(list));
        }
        let manifest = crate::manifest(&text);
        let owners = Owners::new(&manifest, None);
        let mut one = Selection::new(&manifest, &owners);
        let mut several = Selection::of_several(&manifest, &owners);
        paths.iter().for_each(|path| one.add(BStr::new(path)));
        for half in [0, 1] {
            several.begin(|name| {
                let index: u8 = name.as_str()[1..].parse().unwrap();
                (split >> index) & 1 == half
            });
            paths.iter().for_each(|path| several.add(BStr::new(path)));
        }
        prop_assert_eq!(one.finish(), several.finish());
    }
}
