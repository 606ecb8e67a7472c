//! Names for a person.

/// So many that a person reads them.
const SHOWN: usize = 20;

/// `a, b and 3 more`: at most 20 names, in the order given; `none` when there is none.
#[must_use]
pub fn list(names: &[String]) -> String {
    let shown = names.get(..SHOWN).unwrap_or(names).join(", ");
    match names.len() {
        0 => "none".to_owned(),
        count if count > SHOWN => format!("{shown} and {} more", count - SHOWN),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_cut_and_counted() {
        let names = |count: usize| (1..=count).map(|number| number.to_string()).collect::<Vec<_>>();
        assert_eq!(list(&names(0)), "none");
        assert_eq!(list(&names(2)), "1, 2");
        assert!(list(&names(20)).ends_with("19, 20"));
        assert!(list(&names(23)).ends_with("19, 20 and 3 more"));
    }
}
