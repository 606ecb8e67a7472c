//! Which records a list shows, and in which order.

use super::super::page::Query;
use super::record::Record;

/// The records that the query asks for.
///
/// Filters are joined by `match` (`all`, the default, or `any`); names are
/// compared without case (API reference, list DNS records). An unknown
/// parameter is ignored, as the API does.
pub(super) fn select<'a>(records: impl Iterator<Item = &'a Record>, query: &Query) -> Vec<&'a Record> {
    let any = query.get("match").is_some_and(|how| how == "any");
    let shown = |record: &&Record| {
        let mut verdicts = query.iter().filter_map(|(name, value)| verdict(record, name, value)).peekable();
        if verdicts.peek().is_none() {
            return true;
        }
        if any { verdicts.any(|fits| fits) } else { verdicts.all(|fits| fits) }
    };
    let mut selected: Vec<&Record> = records.filter(shown).collect();
    sort(&mut selected, query);
    selected
}

/// Whether a record fits one filter; `None`: the parameter is no filter.
fn verdict(record: &Record, parameter: &str, wanted: &str) -> Option<bool> {
    let (field, how) = parameter.split_once('.').unwrap_or((parameter, "exact"));
    let fits = match field {
        "name" => compare(&record.name, how, wanted)?,
        "content" => compare(&record.content, how, wanted)?,
        "comment" => match (how, &record.comment) {
            ("present", comment) => comment.is_some(),
            ("absent", comment) => comment.is_none(),
            (_, Some(comment)) => compare(comment, how, wanted)?,
            (_, None) => false,
        },
        "tag" => tag_fits(record, how, wanted)?,
        "type" => record.kind == wanted,
        "proxied" => record.proxied.to_string() == wanted,
        "search" => {
            let wanted = wanted.to_lowercase();
            let comment = record.comment.as_deref().unwrap_or_default();
            let places = [record.name.as_str(), record.content.as_str(), comment];
            places.iter().any(|place| place.to_lowercase().contains(&wanted))
        }
        _ => return None,
    };
    Some(fits)
}

fn compare(value: &str, how: &str, wanted: &str) -> Option<bool> {
    let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
    Some(match how {
        "exact" => value == wanted,
        "contains" => value.contains(&wanted),
        "startswith" => value.starts_with(&wanted),
        "endswith" => value.ends_with(&wanted),
        _ => return None,
    })
}

/// `tag.present=name` and `tag.exact=name:value`, say.
fn tag_fits(record: &Record, how: &str, wanted: &str) -> Option<bool> {
    let name_of = |tag: &str| tag.split(':').next().unwrap_or_default().to_lowercase();
    let has_name = || record.tags.iter().any(|tag| name_of(tag) == wanted.to_lowercase());
    match how {
        "present" => Some(has_name()),
        "absent" => Some(!has_name()),
        "exact" => Some(record.tags.iter().any(|tag| tag == wanted)),
        _ => {
            let (name, wanted) = wanted.split_once(':')?;
            let values = record.tags.iter().filter_map(|tag| tag.split_once(':'));
            let mut values = values.filter(|(given, _)| given.eq_ignore_ascii_case(name));
            values.find_map(|(_, value)| compare(value, how, wanted).filter(|fits| *fits)).or(Some(false))
        }
    }
}

fn sort(records: &mut [&Record], query: &Query) {
    match query.get("order").map(String::as_str) {
        Some("name") => records.sort_by_key(|record| record.name.clone()),
        Some("type") => records.sort_by_key(|record| record.kind.clone()),
        Some("content") => records.sort_by_key(|record| record.content.clone()),
        Some("ttl") => records.sort_by_key(|record| record.ttl),
        Some("proxied") => records.sort_by_key(|record| record.proxied),
        _ => {}
    }
    if query.get("direction").is_some_and(|direction| direction == "desc") {
        records.reverse();
    }
}
