//! Numbers as text and back, by the rules of ECMAScript, which GitHub's evaluator follows.

/// The number that a text means: white space around it is ignored, empty text is 0, anything else that is not a
/// decimal number, `Infinity`, or digits after `0x`, `0o` or `0b` is NaN (ECMA-262, "StringToNumber").
pub(crate) fn parse(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return 0.0;
    }
    if let Some((radix, digits)) = radix(text) {
        return parse_digits(digits, radix);
    }
    match text {
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ if is_decimal(text) => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

/// The shortest text that means this number (ECMA-262, "Number::toString").
pub(super) fn text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}Infinity");
    }
    let (digits, exponent) = digits(value.abs());
    format!("{sign}{}", laid_out(&digits, exponent))
}

/// The text of a number inside other text: at most 15 digits behind the point (npm `@actions/expressions`,
/// `NumberData.coerceString`, which is JavaScript's `toFixed(15)` without its zeros).
pub(super) fn rounded_text(value: f64) -> String {
    // From here on `toFixed` does not round.
    if !value.is_finite() || value.abs() >= 1e21 {
        return text(value);
    }
    let magnitude = value.abs();
    // Rust rounds a tie to the even digit, `toFixed` upwards. A tie has 16 binary digits behind the point.
    let scaled = magnitude * 65536.0;
    let is_tie = scaled.fract() == 0.0 && format!("{magnitude:.16}").ends_with('5');
    let nudged = if is_tie { f64::from_bits(magnitude.to_bits() + 1) } else { magnitude };
    let rounded: f64 = format!("{nudged:.15}").parse().unwrap_or(value);
    text(rounded.copysign(value))
}

/// White space and line terminators of ECMAScript: Unicode's without U+0085, with the byte order mark.
fn is_space(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{FEFF}'
}

fn radix(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(2..)?;
    match text.get(..2)? {
        "0x" | "0X" => Some((16, digits)),
        "0o" | "0O" => Some((8, digits)),
        "0b" | "0B" => Some((2, digits)),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "the conversion rounds as ECMAScript does")]
fn parse_digits(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return f64::NAN;
    }
    let sum = |sum: f64, digit: char| sum * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or(0));
    u128::from_str_radix(digits, radix).map_or_else(|_| digits.chars().fold(0.0, sum), |value| value as f64)
}

/// `1`, `1.`, `.1`, `1.1`, with a sign and an exponent or without; nothing that only Rust takes, such as `inf`.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    let is_exponent = |text: &str| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && all_digits(digits)
    };
    has_digits && all_digits(whole) && all_digits(fraction) && exponent.is_none_or(is_exponent)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The shortest digits of a positive number, and where the point stands behind the first.
fn digits(value: f64) -> (String, i32) {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn laid_out(digits: &str, exponent: i32) -> String {
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent + 1;
    if (length..=21).contains(&point) {
        return format!("{digits}{}", zeros(point - length));
    }
    if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        return format!("{whole}.{fraction}");
    }
    if (-5..=0).contains(&point) {
        return format!("0.{}{digits}", zeros(-point));
    }
    let (first, rest) = digits.split_at(1);
    let dot = if rest.is_empty() { "" } else { "." };
    format!("{first}{dot}{rest}e{exponent:+}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_numbers() {
        let cases = [
            ("", 0.0),
            (" \u{FEFF}\n7\t", 7.0),
            ("0x1f", 31.0),
            ("0O17", 15.0),
            ("0b101", 5.0),
            ("-.5e1", -5.0),
            ("5.", 5.0),
            ("1e400", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ];
        for (text, number) in cases {
            assert_eq!(parse(text), number, "{text:?}");
        }
        for text in ["inf", "nan", "infinity", "-0x1", "0x", "1_0", "1e", ".", "e5", "1 2", "\u{85}1", "é"] {
            assert!(parse(text).is_nan(), "{text:?}");
        }
    }

    #[test]
    fn numbers_as_text() {
        let cases = [
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (123.456, "123.456"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (-0.0, "0"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ];
        for (number, expected) in cases {
            assert_eq!(text(number), expected);
        }
    }

    #[test]
    fn inside_text_at_most_fifteen_digits_behind_the_point() {
        assert_eq!(rounded_text(0.1 + 0.2), "0.3");
        assert_eq!(rounded_text(1e-16), "0");
        assert_eq!(rounded_text(1.0 / 65536.0), "0.000015258789063", "a tie goes up");
        assert_eq!(rounded_text(-1.0 / 65536.0), "-0.000015258789063");
        assert_eq!(rounded_text(f64::NEG_INFINITY), "-Infinity");
    }
}
