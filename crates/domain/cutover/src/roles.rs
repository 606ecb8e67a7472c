//! Where the public names point -> which colour is live.

use std::collections::BTreeMap;

use crate::colour::Colour;
use crate::group::{Pair, Target};
use crate::problem::Problem;

/// Where public names point: host name -> content of its CNAME.
pub type Pointing = BTreeMap<String, String>;

/// Which colour of a group is live; `None` for a group in which nothing has colours.
/// The names of all its targets with colours must agree, and those without a name
/// follow them.
///
/// # Errors
/// Every [`Problem`] that keeps it from being known; at least one.
pub fn live(group: &[&Target], pointing: &Pointing) -> Result<Option<Colour>, Vec<Problem>> {
    let paired: Vec<(&Target, &Pair)> =
        group.iter().filter_map(|target| Some((*target, target.pair.as_ref()?))).collect();
    if paired.is_empty() {
        return Ok(None);
    }
    let mut problems: Vec<Problem> = paired.iter().flat_map(|(target, pair)| of_pair(target, pair)).collect();
    let mut named: BTreeMap<Colour, Vec<String>> = BTreeMap::new();
    for (target, pair) in &paired {
        for host in &target.hostnames {
            match colour_of(host, target, pair, pointing) {
                Some(Ok(colour)) => named.entry(colour).or_default().push(host.clone()),
                Some(Err(problem)) => problems.push(problem),
                // An origin is missing, which was said.
                None => {}
            }
        }
    }
    let targets = || paired.iter().map(|(target, _)| target.name.clone()).collect();
    if paired.iter().all(|(target, _)| target.hostnames.is_empty()) {
        problems.push(Problem::NoName { targets: targets() });
    }
    let mut on = |colour| named.remove(&colour).unwrap_or_default();
    let (blue, green) = (on(Colour::Blue), on(Colour::Green));
    if !blue.is_empty() && !green.is_empty() {
        problems.push(Problem::Disagree { targets: targets(), blue, green });
        return Err(problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Some(if green.is_empty() { Colour::Blue } else { Colour::Green }))
}

/// Whether two host names mean the same: case and the dot at the end do not count
/// (RFC 4343; RFC 1034, section 3.1).
#[must_use]
pub fn same_host(one: &str, other: &str) -> bool {
    let bare = |host| str::strip_suffix(host, ".").unwrap_or(host);
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// What is wrong with a pair wherever names point.
fn of_pair(target: &Target, pair: &Pair) -> Vec<Problem> {
    let name = || target.name.clone();
    let mut problems = Vec::new();
    if pair.blue.service == pair.green.service {
        problems.push(Problem::SameService { target: name(), service: pair.blue.service.clone() });
    }
    if let (Some(blue), Some(green)) = (&pair.blue.host, &pair.green.host)
        && same_host(blue, green)
    {
        problems.push(Problem::SameOrigin { target: name(), host: blue.clone() });
    }
    if !target.hostnames.is_empty() {
        let without = Colour::BOTH.into_iter().filter(|colour| pair.of(*colour).host.is_none());
        problems.extend(without.map(|colour| Problem::NoOrigin { target: name(), colour }));
    }
    problems
}

/// Which colour a public name leads to; `None` if an origin is missing.
fn colour_of(
    host: &str,
    target: &Target,
    pair: &Pair,
    pointing: &Pointing,
) -> Option<Result<Colour, Problem>> {
    let (blue, green) = (pair.blue.host.as_deref()?, pair.green.host.as_deref()?);
    let known = pointing.iter().find(|(name, _)| same_host(name, host));
    let Some((_, found)) = known else {
        return Some(Err(Problem::NoCname { host: host.to_owned(), target: target.name.clone() }));
    };
    let colour = if same_host(found, blue) {
        Ok(Colour::Blue)
    } else if same_host(found, green) {
        Ok(Colour::Green)
    } else {
        Err(Problem::Neither {
            host: host.to_owned(),
            target: target.name.clone(),
            found: found.clone(),
            blue: blue.to_owned(),
            green: green.to_owned(),
        })
    };
    Some(colour)
}
