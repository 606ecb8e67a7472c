//! Groups and roles: cases, and properties over every shape of group.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests may panic")]

mod rollback;

use cutover::{Colour, Pair, Place, Pointing, Problem, Target, groups, live, same_host};
use proptest::prelude::*;

fn place(name: &str, colour: Colour, answers: bool) -> Place {
    let host = format!("{name}-{colour}.onrender.com");
    Place { service: format!("srv-{name}{colour}"), host: answers.then_some(host) }
}

/// A target with so many public names, with colours or without.
fn target(name: &str, names: usize, coloured: bool) -> Target {
    let hostnames = (0..names).map(|number| format!("{name}{number}.example.com")).collect();
    let of = |colour| place(name, colour, names > 0);
    let pair = coloured.then(|| Pair { blue: of(Colour::Blue), green: of(Colour::Green) });
    Target { name: name.to_owned(), hostnames, pair }
}

/// All names of these targets on the colour that `choose` gives each.
fn pointing(targets: &[Target], mut choose: impl FnMut(&str) -> Colour) -> Pointing {
    let mut pointing = Pointing::new();
    for target in targets {
        let Some(pair) = &target.pair else { continue };
        for host in &target.hostnames {
            let content = pair.of(choose(host)).host.clone().unwrap();
            pointing.insert(host.clone(), content);
        }
    }
    pointing
}

fn refs(targets: &[Target]) -> Vec<&Target> {
    targets.iter().collect()
}

fn names(groups: &[Vec<&Target>]) -> Vec<Vec<String>> {
    groups.iter().map(|group| group.iter().map(|target| target.name.clone()).collect()).collect()
}

#[test]
fn coupled_targets_are_one_group_and_the_others_stand_alone() {
    let targets = ["a", "b", "c", "d", "e"].map(|name| target(name, 1, true));
    let coupling = |groups: &[&[&str]]| -> Vec<Vec<String>> {
        groups.iter().map(|group| group.iter().map(|name| (*name).to_owned()).collect()).collect()
    };
    let of = |lists: &[&[&str]]| names(&groups(&targets, &coupling(lists)));
    assert_eq!(of(&[]), [["a"], ["b"], ["c"], ["d"], ["e"]]);
    assert_eq!(of(&[&["d", "a"]]), [vec!["a", "d"], vec!["b"], vec!["c"], vec!["e"]]);
    assert_eq!(of(&[&["a", "b"], &["d", "e"], &["e", "b"]]), [vec!["a", "b", "d", "e"], vec!["c"]]);
    assert_eq!(of(&[&["a", "unknown"], &["unknown", "b"]])[0], ["a", "b"]);
}

#[test]
fn a_worker_follows_what_it_is_coupled_to() {
    let targets = [target("api", 1, true), target("workers", 0, true)];
    for colour in Colour::BOTH {
        assert_eq!(live(&refs(&targets), &pointing(&targets, |_| colour)), Ok(Some(colour)));
    }
    let alone = [target("workers", 0, true)];
    let problem = Problem::NoName { targets: vec!["workers".to_owned()] };
    assert_eq!(live(&refs(&alone), &Pointing::new()), Err(vec![problem.clone()]));
    assert!(problem.hint().contains("couple it"));
    // A Pages project lends nobody its name.
    let with_pages = [target("docs", 1, false), target("workers", 0, true)];
    assert!(live(&refs(&with_pages), &Pointing::new()).is_err());
    assert_eq!(live(&refs(&[target("docs", 1, false)]), &Pointing::new()), Ok(None));
}

#[test]
fn what_cannot_be_known_is_named() {
    let api = target("api", 2, true);
    let group = [&api];
    let mut points = pointing(std::slice::from_ref(&api), |_| Colour::Blue);
    points.remove("api1.example.com");
    points.insert("api0.example.com".to_owned(), "old.herokuapp.com".to_owned());
    let problems: Vec<String> = live(&group, &points).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "api0.example.com points at old.herokuapp.com, which is neither blue (api-blue.onrender.com) \
             nor green (api-green.onrender.com) of target api",
            "api1.example.com (target api) has no CNAME",
        ]
    );
    let points = pointing(std::slice::from_ref(&api), |host| {
        if host == "api0.example.com" { Colour::Blue } else { Colour::Green }
    });
    let problems = live(&group, &points).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "the public names of api disagree: api0.example.com on blue, api1.example.com on green"
    );
}

#[test]
fn a_pair_that_is_none_is_refused_wherever_names_point() {
    let mut api = target("api", 1, true);
    let points = pointing(std::slice::from_ref(&api), |_| Colour::Blue);
    let good = api.pair.clone().unwrap();
    api.pair = Some(Pair { blue: good.blue.clone(), green: good.blue.clone() });
    let problems = live(&[&api], &points).unwrap_err();
    assert!(
        matches!(&problems[..], [Problem::SameService { .. }, Problem::SameOrigin { .. }]),
        "{problems:?}"
    );
    api.pair = Some(Pair { green: Place { host: None, ..good.green.clone() }, blue: good.blue });
    let problems = live(&[&api], &points).unwrap_err();
    assert_eq!(problems, [Problem::NoOrigin { target: "api".to_owned(), colour: Colour::Green }]);
    assert!(problems.iter().all(Problem::is_of_the_manifest));
}

#[test]
fn case_and_the_last_dot_do_not_count() {
    assert!(same_host("API-Blue.onrender.com.", "api-blue.onrender.com"));
    assert!(!same_host("api-blue.onrender.com", "api-blue.onrender.co") && !same_host("", "a"));
}

#[test]
fn a_record_is_found_by_its_name_however_it_is_written() {
    let api = target("api", 1, true);
    for written in ["API0.Example.com", "api0.example.com.", "API0.EXAMPLE.COM."] {
        let points = Pointing::from([(written.to_owned(), "api-green.onrender.com".to_owned())]);
        assert_eq!(live(&[&api], &points), Ok(Some(Colour::Green)), "{written}");
    }
}

/// Up to five targets with colours and up to three names each, at least one name in all.
fn group() -> impl Strategy<Value = Vec<Target>> {
    let counts = prop::collection::vec(0_usize..4, 1..6)
        .prop_filter("a name", |counts| counts.iter().any(|count| *count > 0));
    counts.prop_map(|counts| {
        let numbered = counts.into_iter().enumerate();
        numbered.map(|(number, names)| target(&format!("t{number}"), names, true)).collect()
    })
}

proptest! {
    #[test]
    fn names_that_agree_tell_and_a_flip_of_all_swaps_the_roles(targets in group(), green: bool) {
        let colour = if green { Colour::Green } else { Colour::Blue };
        prop_assert_eq!(live(&refs(&targets), &pointing(&targets, |_| colour)), Ok(Some(colour)));
        let flipped = pointing(&targets, |_| colour.other());
        prop_assert_eq!(live(&refs(&targets), &flipped), Ok(Some(colour.other())));
    }

    #[test]
    fn any_mixture_disagrees_and_names_every_host_once(targets in group(), dice in prop::collection::vec(any::<bool>(), 20)) {
        let mut dice = dice.into_iter().cycle();
        let mut sides = (Vec::new(), Vec::new());
        let points = pointing(&targets, |host| {
            let green = dice.next().unwrap();
            if green { sides.1.push(host.to_owned()) } else { sides.0.push(host.to_owned()) }
            if green { Colour::Green } else { Colour::Blue }
        });
        let found = live(&refs(&targets), &points);
        if sides.0.is_empty() || sides.1.is_empty() {
            prop_assert!(found.is_ok());
        } else {
            let Err(problems) = found else { panic!("a mixture passed") };
            let [Problem::Disagree { blue, green, .. }] = &problems[..] else { panic!("{problems:?}") };
            prop_assert_eq!((blue, green), (&sides.0, &sides.1));
        }
    }

    #[test]
    fn the_order_of_targets_and_the_case_of_contents_do_not_matter(targets in group(), green: bool) {
        let colour = if green { Colour::Green } else { Colour::Blue };
        let points: Pointing = pointing(&targets, |_| colour).into_iter()
            .map(|(host, content)| (host, content.to_uppercase() + ".")).collect();
        let mut turned = refs(&targets);
        turned.reverse();
        prop_assert_eq!(live(&turned, &points), Ok(Some(colour)));
    }

    #[test]
    fn a_name_that_nobody_knows_is_never_guessed(targets in group(), at in 0_usize..15) {
        let mut points = pointing(&targets, |_| Colour::Blue);
        let host = points.keys().nth(at % points.len()).unwrap().clone();
        points.remove(&host);
        prop_assert!(live(&refs(&targets), &points).is_err());
        points.insert(host, "elsewhere.example".to_owned());
        prop_assert!(live(&refs(&targets), &points).is_err());
    }

    #[test]
    fn every_target_is_in_exactly_one_group(count in 1_usize..8, pairs in prop::collection::vec((0_usize..8, 0_usize..8), 0..8)) {
        let targets: Vec<Target> = (0..count).map(|number| target(&number.to_string(), 0, true)).collect();
        let coupling: Vec<Vec<String>> = pairs.iter().map(|(a, b)| vec![a.to_string(), b.to_string()]).collect();
        let groups = groups(&targets, &coupling);
        let mut all: Vec<&str> = groups.iter().flatten().map(|target| target.name.as_str()).collect();
        all.sort_unstable();
        let mut wanted: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        wanted.sort();
        prop_assert_eq!(all, wanted);
        for (a, b) in pairs.iter().filter(|(a, b)| *a < count && *b < count) {
            let place = |number: &usize| groups.iter().position(|group| group.iter().any(|target| target.name == number.to_string()));
            prop_assert_eq!(place(a), place(b));
        }
    }
}
