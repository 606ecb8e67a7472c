//! `on.schedule[*].cron`: POSIX cron, read strictly.

use std::fmt;

/// When a workflow is started by the clock, in UTC (GitHub docs, "Events that trigger workflows", `schedule`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cron(String);

/// One of the five fields.
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    /// Names that stand for `least` and the values after it.
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, names: &[] },
    Field { name: "hour", least: 0, most: 23, names: &[] },
    Field { name: "day of the month", least: 1, most: 31, names: &[] },
    Field { name: "month", least: 1, most: 12, names: &MONTHS },
    Field { name: "day of the week", least: 0, most: 6, names: &DAYS },
];
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    /// Reads five fields of `*`, values, ranges, lists and steps; GitHub takes no `@daily` and no sixth field.
    ///
    /// # Errors
    /// Which field is wrong, and why.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() != FIELDS.len() {
            return Err(format!(
                "`{text}` has {} fields, and a schedule has five: minute, hour, day, month, weekday",
                fields.len()
            ));
        }
        for (field, given) in FIELDS.iter().zip(&fields) {
            field.check(given).map_err(|why| format!("the {} `{given}` {why}", field.name))?;
        }
        Ok(Self(fields.join(" ")))
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field {
    fn check(&self, given: &str) -> Result<(), String> {
        given.split(',').try_for_each(|item| self.item(item))
    }

    /// `*`, `5`, `5-10`, each with or without `/2`.
    fn item(&self, item: &str) -> Result<(), String> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        if step.is_some_and(|step| !step.parse::<u8>().is_ok_and(|step| (1..=self.most).contains(&step))) {
            return Err(format!("has no step from 1 to {} behind the `/`", self.most));
        }
        if range == "*" {
            return Ok(());
        }
        match range.split_once('-') {
            None => self.value(range).map(drop),
            Some((from, to)) if self.value(from)? > self.value(to)? => Err("runs backwards".to_owned()),
            Some(_) => Ok(()),
        }
    }

    fn value(&self, text: &str) -> Result<u8, String> {
        let named = (self.least..).zip(self.names).find(|(_, name)| name.eq_ignore_ascii_case(text));
        let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let value = named.map(|(value, _)| value).or(number);
        let value = value.filter(|value| (self.least..=self.most).contains(value));
        value.ok_or_else(|| format!("is not from {} to {}", self.least, self.most))
    }
}

#[cfg(test)]
mod tests {
    use super::Cron;

    #[test]
    fn posix_cron_is_read() {
        for text in ["17 6 * * *", "*/15 * * * *", "0 9-17/2 1,15 JAN-mar MON-FRI", "5,35 0 * 12 0"] {
            assert_eq!(Cron::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Cron::parse(" 0  0 * * 6 ").unwrap().to_string(), "0 0 * * 6");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, why) in [
            ("@daily", "has 1 fields"),
            ("0 0 * * * *", "has 6 fields"),
            ("60 * * * *", "the minute `60` is not from 0 to 59"),
            ("+5 * * * *", "the minute `+5` is not from 0 to 59"),
            ("0 24 * * *", "the hour `24` is not from 0 to 23"),
            ("0 0 0 * *", "the day of the month `0` is not from 1 to 31"),
            ("0 0 * FOO *", "the month `FOO` is not from 1 to 12"),
            ("0 0 * * 7", "the day of the week `7` is not from 0 to 6"),
            ("0 17-9 * * *", "the hour `17-9` runs backwards"),
            ("*/0 * * * *", "the minute `*/0` has no step from 1 to 59"),
            ("1,,2 * * * *", "the minute `1,,2` is not from 0 to 59"),
        ] {
            let error = Cron::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
