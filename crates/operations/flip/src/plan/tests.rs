use cloudflare::{RecordPatch, RecordSettings};
use proptest::prelude::*;

use super::*;
use crate::lines;
use crate::marker::Marker;
use crate::ttl::Ttl;
use crate::zone::Limits;

const HOUR: Duration = Duration::from_secs(3_600);
const BLUE: &str = "api-blue.onrender.com";
const GREEN: &str = "api-green.onrender.com";

fn at(hours: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + HOUR * hours
}

fn stamp(time: SystemTime) -> String {
    humantime::format_rfc3339_micros(time).to_string()
}

fn zone() -> Facts {
    Facts {
        name: Host::parse("example.com").unwrap(),
        plan: "the plan free".into(),
        limits: Limits { batch: 200, comment: 100 },
        servers: vec![],
    }
}

fn rules<'a>(zone: &'a Facts, expect: &'a [Pointing]) -> Rules<'a> {
    Rules { zone, expect, ttl: 60, min_ttl_age: HOUR * 2, now: at(100) }
}

fn cname(host: &str, target: &str) -> Record {
    Record {
        id: format!("id of {host}"),
        name: host.into(),
        kind: "CNAME".into(),
        content: Some(target.into()),
        ttl: 60,
        proxied: false,
        comment: None,
        modified_on: Some(stamp(at(10))),
        settings: RecordSettings::default(),
    }
}

fn other(host: &str, kind: &str, content: &str) -> Record {
    Record { kind: kind.into(), ..cname(host, content) }
}

fn pointings(text: &str) -> Vec<Pointing> {
    lines::pointings("records", text).unwrap()
}

fn flips(text: &str) -> Vec<Wish> {
    pointings(text).into_iter().map(|pointing| Wish { pointing, fields: Fields::Short(60) }).collect()
}

fn restores(lines: &[Previous]) -> Vec<Wish> {
    let wish = |line: &Previous| Wish {
        pointing: line.pointing.clone(),
        fields: Fields::Exactly { ttl: line.ttl, comment: line.comment.clone() },
    };
    lines.iter().map(wish).collect()
}

/// The plan for one name, with the usual rules.
fn plan_one(record: Record) -> Result<Plan, Failure> {
    make(&flips(&format!("api.example.com {GREEN}")), &[vec![record]], &rules(&zone(), &[]))
}

fn patch(record: Record) -> Option<RecordPatch> {
    plan_one(record).unwrap().steps.remove(0).patch
}

/// What Cloudflare does with a patch.
fn apply(record: &mut Record, patch: &RecordPatch, now: SystemTime) {
    assert_eq!(record.id, patch.id);
    if let Some(content) = &patch.content {
        record.content = Some(content.clone());
    }
    if let Some(ttl) = patch.ttl {
        record.ttl = ttl;
    }
    if let Some(comment) = &patch.comment {
        record.comment = Some(comment.clone()).filter(|comment| !comment.is_empty());
    }
    record.modified_on = Some(stamp(now));
}

#[test]
fn a_name_moves_and_gets_the_marker() {
    let patch = patch(cname("API.example.com", "Api-Blue.OnRender.com.")).unwrap();
    assert_eq!(patch.content.as_deref(), Some(GREEN));
    assert_eq!(patch.ttl, None);
    assert_eq!(patch.comment.as_deref(), Some("[greenroom ttl60 since 1970-01-01T10:00:00Z]"));
}

#[test]
fn a_name_that_is_there_needs_nothing_in_any_spelling() {
    for target in [GREEN, "API-GREEN.onrender.com", "api-green.onrender.com."] {
        assert_eq!(patch(cname("api.example.com", target)), None, "{target}");
    }
    let mut short = cname("api.example.com", GREEN);
    short.ttl = 30;
    assert_eq!(patch(short), None, "shorter than wanted is good enough");
}

#[test]
fn naming_the_present_target_lowers_the_ttl_hours_ahead() {
    let mut record = cname("api.example.com", GREEN);
    record.ttl = 1;
    let lowered = patch(record.clone()).unwrap();
    assert_eq!((lowered.content.as_deref(), lowered.ttl), (None, Some(60)));
    apply(&mut record, &lowered, at(100));
    let zone = zone();
    let wishes = flips(&format!("api.example.com {BLUE}"));
    let later =
        |hours| make(&wishes, &[vec![record.clone()]], &Rules { now: at(hours), ..rules(&zone, &[]) });
    assert!(later(101).is_err());
    assert!(later(102).is_ok());
}

#[test]
fn anything_but_one_cname_is_refused_and_named() {
    let host = "api.example.com";
    let wishes = flips(&format!("{host} {GREEN}"));
    for (records, told) in [
        (vec![], "api.example.com has no record in the zone example.com"),
        (vec![cname("www.example.com", BLUE)], "api.example.com has no record"),
        (
            vec![other(host, "A", "192.0.2.1"), other(host, "AAAA", "2001:db8::1")],
            "api.example.com is not one CNAME but A 192.0.2.1, AAAA 2001:db8::1",
        ),
        (vec![cname(host, BLUE), cname(host, "x.y")], "has 2 CNAMEs: CNAME api-blue.onrender.com, CNAME x.y"),
        (vec![cname(host, BLUE), other(host, "A", "192.0.2.1")], "is not one CNAME but CNAME"),
        (vec![other(host, "TXT", "x")], "is not one CNAME but TXT x"),
    ] {
        let refusal = make(&wishes, &[records], &rules(&zone(), &[])).unwrap_err();
        assert!(refusal.message().contains(told), "{refusal}");
        assert_eq!(refusal.ending(), action::Ending::Refused);
    }
    let apex =
        vec![cname("example.com", BLUE), other("example.com", "MX", "m.x"), other("example.com", "TXT", "x")];
    let plan = make(&flips(&format!("example.com {GREEN}")), &[apex], &rules(&zone(), &[])).unwrap();
    assert_eq!(plan.steps[0].seen, (Seen::Flattened, Seen::Flattened));
}

#[test]
fn a_record_that_makes_no_sense_is_no_ground_for_a_flip() {
    for content in [None, Some(""), Some("192.0.2.1")] {
        let record = Record { content: content.map(str::to_owned), ..cname("api.example.com", BLUE) };
        assert_eq!(plan_one(record).unwrap_err().ending(), action::Ending::Unreachable);
    }
}

#[test]
fn a_world_that_moved_is_stale_and_the_goal_is_as_good_as_the_start() {
    let zone = zone();
    let expect = pointings(&format!("api.example.com {BLUE}"));
    let wishes = flips(&format!("api.example.com {GREEN}"));
    let with =
        |target: &str| make(&wishes, &[vec![cname("api.example.com", target)]], &rules(&zone, &expect));
    assert!(with(BLUE).is_ok());
    let stale = with("x.onrender.com").unwrap_err();
    assert_eq!(stale.ending(), action::Ending::Stale);
    assert_eq!(
        stale.message(),
        "api.example.com points at x.onrender.com, not at api-blue.onrender.com as expected"
    );
    let settled = with(GREEN).unwrap();
    assert_eq!(settled.changes().count(), 0);
    let line = settled.previous().remove(0).to_string();
    assert_eq!(line, "api.example.com api-blue.onrender.com", "a second run can be undone like the first");
}

#[test]
fn every_refusal_is_told_and_the_gravest_leads() {
    let zone = zone();
    let expect = pointings(&format!("b.example.com {BLUE}"));
    let wishes = flips(&format!("a.example.com {GREEN}\nb.example.com {GREEN}\nc.example.com {GREEN}"));
    let found = [vec![], vec![cname("b.example.com", "x.y")], vec![]];
    let refusal = make(&wishes, &found, &rules(&zone, &expect)).unwrap_err();
    assert_eq!(refusal.ending(), action::Ending::Stale);
    let text = refusal.to_string();
    for told in [
        "b.example.com points at x.y",
        "also: a.example.com has no",
        "also: c.example.com has no",
        "no name has been moved",
    ] {
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn a_ttl_that_was_long_a_moment_ago_is_refused_with_the_way_out() {
    let young = Record { modified_on: Some(stamp(at(99))), ..cname("api.example.com", BLUE) };
    let text = plan_one(young.clone()).unwrap_err().to_string();
    assert!(
        text.starts_with("api.example.com is known to have a TTL of at most 60 s for 1h only, not for 2h"),
        "{text}"
    );
    assert!(text.contains("hint: pass `min-ttl-age: 0s`"), "{text}");

    let long = Record { ttl: 1, ..cname("api.example.com", BLUE) };
    let text = plan_one(long.clone()).unwrap_err().to_string();
    assert!(text.starts_with("api.example.com has a TTL of 300 s, not 60 s for 2h"), "{text}");
    assert!(text.contains("hint: set it to 60 now"), "{text}");

    let zone = zone();
    let rules = Rules { min_ttl_age: Duration::ZERO, ..rules(&zone, &[]) };
    for record in [young, long] {
        let plan = make(&flips(&format!("api.example.com {GREEN}")), &[vec![record]], &rules).unwrap();
        assert_eq!(plan.changes().count(), 1);
    }
}

#[test]
fn the_marker_of_an_earlier_flip_proves_the_age() {
    let comment = "owner: web [greenroom ttl60 since 1970-01-02T00:00:00Z], ask first";
    let flipped = Record {
        comment: Some(comment.into()),
        modified_on: Some(stamp(at(99))),
        ..cname("api.example.com", BLUE)
    };
    let patch = patch(flipped.clone()).unwrap();
    assert_eq!(patch.comment, None, "it says what it said");
    let foreign = Record { comment: Some(comment.replace("ttl60", "ttl300")), ..flipped };
    assert!(plan_one(foreign).is_err());
}

#[test]
fn a_comment_without_room_is_kept_and_told() {
    let full = Record { comment: Some("x".repeat(60)), ..cname("api.example.com", BLUE) };
    let plan = plan_one(full).unwrap();
    assert_eq!(plan.steps[0].patch.as_ref().unwrap().comment, None);
    assert!(plan.warnings[0].contains("the comment of api.example.com has no room"), "{:?}", plan.warnings);
}

#[test]
fn a_proxied_name_moves_without_ttl_and_comment() {
    let record =
        Record { proxied: true, ttl: 1, modified_on: Some(stamp(at(100))), ..cname("api.example.com", BLUE) };
    let plan = plan_one(record).unwrap();
    let patch = plan.steps[0].patch.as_ref().unwrap();
    assert_eq!((patch.content.as_deref(), patch.ttl, &patch.comment), (Some(GREEN), None, &None));
    assert!(plan.notes[0].contains("is proxied"), "{:?}", plan.notes);
    assert_eq!(plan.steps[0].seen.1, Seen::Proxied);
}

#[test]
fn what_servers_cannot_show_is_known_before() {
    let host = |text: &str| Host::parse(text).unwrap();
    let seen = |record: &Record, target: &str| {
        Seen::of(record, &host(&record.name), &host(target), &host("example.com"))
    };
    let plain = cname("api.example.com", BLUE);
    assert_eq!(seen(&plain, GREEN), Seen::Cname);
    assert_eq!(seen(&plain, "green.example.com"), Seen::Flattened);
    let flat = Record { settings: RecordSettings { flatten_cname: Some(true) }, ..plain.clone() };
    assert_eq!(seen(&flat, GREEN), Seen::Flattened);
}

#[test]
fn a_half_flipped_group_is_completed() {
    let wishes = flips(&format!("a.example.com {GREEN}\nb.example.com {GREEN}"));
    let found = [vec![cname("a.example.com", GREEN)], vec![cname("b.example.com", BLUE)]];
    let zone = zone();
    let expect = pointings(&format!("a.example.com {BLUE}\nb.example.com {BLUE}"));
    let plan = make(&wishes, &found, &rules(&zone, &expect)).unwrap();
    assert_eq!(plan.changes().map(|step| step.host.as_str()).collect::<Vec<_>>(), ["b.example.com"]);
    let lines: Vec<String> = plan.previous().iter().map(ToString::to_string).collect();
    assert_eq!(lines, [format!("a.example.com {BLUE}"), format!("b.example.com {BLUE} ttl=60 comment=\"\"")]);
}

#[test]
fn more_than_a_batch_holds_is_refused_whole() {
    let hosts: Vec<String> = (0..201).map(|n| format!("h{n}.example.com")).collect();
    let text: String = hosts.iter().map(|host| format!("{host} {GREEN}\n")).collect();
    let found: Vec<Vec<Record>> = hosts.iter().map(|host| vec![cname(host, BLUE)]).collect();
    let zone = zone();
    let refusal = make(&flips(&text), &found, &rules(&zone, &[])).unwrap_err();
    assert_eq!(refusal.message(), "201 records are more than one batch may change: 200 on the plan free");
    let mut one_is_there = found.clone();
    one_is_there[7] = vec![cname("h7.example.com", GREEN)];
    assert!(make(&flips(&text), &one_is_there, &rules(&zone, &[])).is_ok());
    let paid = Facts { limits: Limits { batch: 3_500, comment: 500 }, ..zone };
    assert!(make(&flips(&text), &found, &rules(&paid, &[])).is_ok());
}

#[test]
fn a_host_of_another_zone_is_an_input_s_fault() {
    let refusal = check_hosts(&flips(&format!("api.other.com {GREEN}")), &zone()).unwrap_err();
    assert_eq!(refusal.ending(), action::Ending::Invalid);
    assert_eq!(refusal.message(), "api.other.com is not in the zone example.com");
}

#[test]
fn a_restore_warns_where_a_flip_refuses() {
    let zone = zone();
    let young = Record {
        ttl: 300,
        comment: Some("x [greenroom ttl60 since 1970-01-02T00:00:00Z]".into()),
        ..cname("api.example.com", GREEN)
    };
    let line = Previous {
        pointing: pointings(&format!("api.example.com {BLUE}")).remove(0),
        ttl: Some(120),
        comment: Some("x".into()),
    };
    let plan = make(&restores(&[line]), &[vec![young]], &rules(&zone, &[])).unwrap();
    let step = &plan.steps[0];
    let patch = step.patch.as_ref().unwrap();
    assert_eq!(
        (patch.content.as_deref(), patch.ttl, patch.comment.as_deref()),
        (Some(BLUE), Some(120), Some("x"))
    );
    assert!(plan.warnings[0].contains("restoring all the same"), "{:?}", plan.warnings);
    assert!(plan.notes[0].contains("needs `min-ttl-age: 0s`"), "{:?}", plan.notes);
    let undo = step.undo.as_ref().unwrap();
    assert_eq!(undo.comment.as_deref(), Some("x [greenroom ttl60 since 1970-01-02T00:00:00Z]"));
}

/// A record with the note that its TTL is 60 s since hour 24, restored to a line that has another comment and `ttl`.
fn restored(ttl: u32, now: Record) -> (Option<String>, Plan) {
    let line = Previous {
        pointing: pointings(&format!("api.example.com {BLUE}")).remove(0),
        ttl: Some(ttl),
        comment: Some("of the web team".into()),
    };
    let note = Some("x [greenroom ttl60 since 1970-01-02T00:00:00Z]".into());
    let now = Record { comment: note, ..now };
    let plan = make(&restores(&[line]), &[vec![now]], &rules(&zone(), &[])).unwrap();
    let comment = plan.steps[0].patch.as_ref().unwrap().comment.clone();
    (comment, plan)
}

#[test]
fn a_restore_keeps_the_note_while_it_stays_true() {
    let marked = || cname("api.example.com", GREEN);
    for ttl in [30, 60] {
        let (comment, plan) = restored(ttl, marked());
        let kept = "of the web team [greenroom ttl60 since 1970-01-02T00:00:00Z]";
        assert_eq!((comment.as_deref(), plan.notes.len()), (Some(kept), 0), "{ttl}");
    }
    // A TTL that gets longer, or already was, makes it untrue; 1 is automatic.
    for (ttl, now) in [(1, 60), (61, 60), (300, 60), (60, 1), (60, 300)] {
        let (comment, plan) = restored(ttl, Record { ttl: now, ..marked() });
        assert_eq!((comment.as_deref(), plan.notes.len()), (Some("of the web team"), 1), "{ttl} after {now}");
        assert!(plan.notes[0].contains("needs `min-ttl-age: 0s`"), "{:?}", plan.notes);
    }
    let (comment, plan) = restored(1, Record { proxied: true, ttl: 1, ..marked() });
    assert_eq!((comment.as_deref(), plan.notes.len()), (Some("of the web team"), 0));
}

#[test]
fn a_restored_comment_without_room_loses_the_note_and_says_so() {
    let line = Previous {
        pointing: pointings(&format!("api.example.com {BLUE}")).remove(0),
        ttl: None,
        comment: Some("x".repeat(90)),
    };
    let marked = Record {
        comment: Some("x [greenroom ttl60 since 1970-01-02T00:00:00Z]".into()),
        ..cname("api.example.com", GREEN)
    };
    let plan = make(&restores(std::slice::from_ref(&line)), &[vec![marked]], &rules(&zone(), &[])).unwrap();
    assert_eq!(plan.steps[0].patch.as_ref().unwrap().comment, line.comment);
    assert!(plan.notes[0].contains("needs `min-ttl-age: 0s`"), "{:?}", plan.notes);
}

#[test]
fn a_restore_that_kept_the_note_is_done() {
    let (comment, plan) = restored(60, cname("api.example.com", GREEN));
    let mut record = plan.steps[0].record.clone();
    apply(&mut record, plan.steps[0].patch.as_ref().unwrap(), at(101));
    assert_eq!(record.comment, comment);
    let line = Previous {
        pointing: pointings(&format!("api.example.com {BLUE}")).remove(0),
        ttl: Some(60),
        comment: Some("of the web team".into()),
    };
    let again = make(&restores(&[line]), &[vec![record]], &rules(&zone(), &[])).unwrap();
    assert_eq!(again.changes().count(), 0);
}

#[test]
fn a_bare_line_restores_the_target_alone() {
    let marked = Record {
        comment: Some("x [greenroom ttl60 since 1970-01-02T00:00:00Z]".into()),
        ..cname("api.example.com", GREEN)
    };
    let line = Previous {
        pointing: pointings(&format!("api.example.com {BLUE}")).remove(0),
        ttl: None,
        comment: None,
    };
    let plan = make(&restores(&[line]), &[vec![marked]], &rules(&zone(), &[])).unwrap();
    let patch = plan.steps[0].patch.as_ref().unwrap();
    assert_eq!((patch.content.as_deref(), patch.ttl, &patch.comment), (Some(BLUE), None, &None));
    assert_eq!(plan.notes, [] as [&str; 0]);
}

#[test]
fn what_is_done_is_told_from_what_is_not() {
    let plan = plan_one(cname("api.example.com", BLUE)).unwrap();
    let step = &plan.steps[0];
    let mut record = step.record.clone();
    assert!(step.is_untouched(&record) && !step.is_done(&record));
    apply(&mut record, step.patch.as_ref().unwrap(), at(101));
    assert!(step.is_done(&record) && !step.is_untouched(&record));
    record.comment = Some("trimmed by the vendor".into());
    assert!(step.is_done(&record), "no name is put back for a note");
    record.content = Some("x.y".into());
    assert!(!step.is_done(&record));
    record.id = "another".into();
    record.content = Some(GREEN.into());
    assert!(!step.is_done(&record), "a record that was created anew is another one");
}

prop_compose! {
    fn any_record(host: &'static str)(
        target in prop_oneof![Just(BLUE), Just(GREEN), Just("x.onrender.com")],
        ttl in prop_oneof![Just(1_u32), Just(30), Just(60), Just(61), Just(300)],
        proxied in any::<bool>(),
        modified in proptest::option::of(0_u32..110),
        comment in prop_oneof![
            Just(None),
            "[ -~]{1,70}".prop_map(Some),
            (0_u32..110, prop_oneof![Just(30_u32), Just(60), Just(120)]).prop_map(|(hours, ttl)| {
                Some(format!("x {} y", Marker { ttl, since: at(hours) }))
            }),
        ],
    ) -> Record {
        Record {
            ttl: if proxied { 1 } else { ttl },
            proxied,
            comment,
            modified_on: modified.map(|hours| stamp(at(hours))),
            ..cname(host, target)
        }
    }
}

proptest! {
    /// Whatever is there: a plan that is made keeps to the rules, is complete once
    /// it is applied, and is undone exactly by its own lines.
    #[test]
    fn plans_keep_the_rules_and_can_be_undone(
        first in any_record("a.example.com"),
        second in any_record("b.example.com"),
        strict in any::<bool>(),
        expecting in any::<bool>(),
    ) {
        let zone = zone();
        let expect = if expecting { pointings(&format!("a.example.com {BLUE}")) } else { vec![] };
        let min_ttl_age = if strict { HOUR * 2 } else { Duration::ZERO };
        let rules = Rules { min_ttl_age, ..rules(&zone, &expect) };
        let wishes = flips(&format!("a.example.com {GREEN}\nb.example.com {GREEN}"));
        let before = [vec![first], vec![second]];
        let planned = make(&wishes, &before, &rules);
        let Ok(plan) = planned else {
            let refusal = planned.unwrap_err();
            prop_assert!(strict || refusal.ending() == action::Ending::Stale, "{refusal}");
            return Ok(());
        };
        let mut after = before.clone();
        for (step, records) in plan.steps.iter().zip(&mut after) {
            let record = &mut records[0];
            let old = Ttl::of(record, 60);
            if step.moves() && strict && !record.proxied {
                prop_assert!(old.age(rules.now).is_some_and(|age| age >= min_ttl_age));
            }
            if let Some(patch) = &step.patch {
                apply(record, patch, rules.now);
                prop_assert!(step.is_done(record));
                prop_assert!(record.comment.as_deref().unwrap_or_default().chars().count() <= 100);
            }
            prop_assert_eq!(record.content.as_deref().map(|text| Host::parse(text).unwrap()), Some(step.to.clone()));
            prop_assert!(record.proxied || Ttl::of(record, 60) != Ttl::Long(record.ttl));
        }
        let again = make(&wishes, &after, &rules).unwrap();
        prop_assert_eq!(again.changes().count(), 0);

        let mut undone = after.clone();
        for (step, records) in plan.steps.iter().zip(&mut undone) {
            if let Some(undo) = &step.undo {
                apply(&mut records[0], undo, rules.now);
                prop_assert_eq!(&records[0].content, &step.record.content);
                prop_assert_eq!(records[0].ttl, step.record.ttl);
            }
        }

        let lines: Vec<Previous> = plan.previous().into_iter().filter(|line| line.ttl.is_some()).collect();
        let mut restored = after;
        for record in restored.iter_mut().flatten() {
            let Some(line) = lines.iter().find(|line| line.pointing.host.as_str() == record.name) else { continue };
            let plan = make(&restores(std::slice::from_ref(line)), &[vec![record.clone()]], &Rules { expect: &[], ..rules.clone() });
            if let Some(patch) = &plan.unwrap().steps[0].patch {
                apply(record, patch, rules.now);
            }
        }
        for (was, is) in before.iter().flatten().zip(restored.iter().flatten()) {
            prop_assert_eq!(&was.content, &is.content);
            prop_assert_eq!(was.ttl, is.ttl);
            // The note that the flip wrote stays behind what was there, and only where it stays true.
            let note = text(is).strip_prefix(text(was)).unwrap_or_else(|| panic!("{:?} {:?}", text(was), text(is)));
            prop_assert!(note.is_empty() || Marker::find(note).is_some_and(|note| is.ttl != 1 && is.ttl <= note.ttl));
        }
    }
}
