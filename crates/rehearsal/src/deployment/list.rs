//! The text of `--list`: the rehearsals of a place, each with its end and what it stands for.

use super::failures::stands_for;
use super::killed;
use super::scenario::{self, Place};

/// How wide the names are in lists; each is shorter.
pub(super) const NAME_WIDTH: usize = 20;

/// All of a place, and the one that is many plays.
pub(super) fn list(place: Place) -> String {
    let mut out = format!("Rehearsals of {}, each with its end:\n\n", place.word());
    for scenario in scenario::all().filter(|scenario| scenario.place == place) {
        out.push_str(&row(place, scenario.name, scenario.about, scenario.expected));
    }
    if place == Place::Production {
        out.push_str(&row(place, killed::NAME, killed::ABOUT, killed::EXPECTED));
    }
    out
}

fn row(place: Place, name: &str, about: &str, expected: &str) -> String {
    let indent = " ".repeat(NAME_WIDTH + 2);
    let stands_for = stands_for(place, name).map_or_else(String::new, |what| format!("{indent}({what})\n"));
    format!("  {name:<NAME_WIDTH$}{about}\n{indent}{expected}\n{stands_for}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_room() {
        for scenario in scenario::all() {
            assert!(scenario.name.len() < NAME_WIDTH, "{} is too long for a list", scenario.name);
        }
    }
}
