// SPDX-License-Identifier: Apache-2.0

//! How the reference implementation writes numbers.
//!
//! ```text
//! integer   the digits, any number of them; -0 becomes 0
//! float     shortest digits d1 d2 … dn that read back as the same double, with exponent e
//!             -4 <= e < 16   fixed, always with a fraction        100000.0   0.0001
//!             otherwise      d1[.d2…]e±XX, two exponent digits    1e+16      1.5e-07
//! ```

use core::fmt::{self, Write as _};

use crate::value::{LexicalClass, Number};

/// Writes a number as the legacy profiles do.
///
/// Returns `false` if the number is too large for a double: it has no canonical form (CANON-06).
pub(crate) fn write_number(number: &Number<'_>, put: &mut impl FnMut(&str)) -> bool {
    match number.class() {
        LexicalClass::Integer => {
            put(if number.as_str() == "-0" { "0" } else { number.as_str() });
            true
        }
        LexicalClass::Float => write_float(number.to_f64(), put),
    }
}

/// Writes a double. Returns `false`, and writes nothing, if it is not finite.
pub(crate) fn write_float(value: f64, put: &mut impl FnMut(&str)) -> bool {
    if !value.is_finite() {
        return false;
    }
    let decimal = Decimal::of(value);
    put(decimal.sign);
    match decimal.exponent {
        FIXED_FROM..0 => write_below_one(&decimal, put),
        0..FIXED_BELOW => write_fixed(&decimal, put),
        _ => write_scientific(&decimal, put),
    }
    true
}

/// A finite double as significant digits and the exponent of the first of them.
///
/// The digits are the shortest that read back as the same double; of two such
/// the nearer one, and of two equally near the even one. The standard library
/// decides the last case otherwise, which is why `ryu` finds the digits.
struct Decimal {
    sign: &'static str,
    digits: Short,
    exponent: i32,
}

impl Decimal {
    fn of(value: f64) -> Self {
        let mut buffer = ryu::Buffer::new();
        let text = buffer.format_finite(value);
        let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
        let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut exponent = power.parse().unwrap_or(0) + length(whole) - 1;
        let mut digits = Short::default();
        for digit in whole.bytes().chain(fraction.bytes()) {
            if digits.length == 0 && digit == b'0' {
                exponent -= 1;
            } else {
                digits.push(digit);
            }
        }
        digits.trim_end(b'0');
        if digits.length == 0 {
            digits.push(b'0');
            exponent = 0;
        }
        Self { sign, digits, exponent }
    }

    /// The digits up to the one with exponent 0, and those behind it.
    fn split_at_point(&self) -> (&str, &str) {
        let places = usize::try_from(self.exponent).unwrap_or(0);
        let digits = self.digits.as_str();
        digits.split_at_checked(places.saturating_add(1)).unwrap_or((digits, ""))
    }
}

fn write_below_one(decimal: &Decimal, put: &mut impl FnMut(&str)) {
    put("0.");
    for _ in decimal.exponent..-1 {
        put("0");
    }
    put(decimal.digits.as_str());
}

fn write_fixed(decimal: &Decimal, put: &mut impl FnMut(&str)) {
    let (whole, fraction) = decimal.split_at_point();
    put(whole);
    for _ in length(whole)..=decimal.exponent {
        put("0");
    }
    put(".");
    put(if fraction.is_empty() { "0" } else { fraction });
}

fn write_scientific(decimal: &Decimal, put: &mut impl FnMut(&str)) {
    let digits = decimal.digits.as_str();
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    put(first);
    if !rest.is_empty() {
        put(".");
        put(rest);
    }
    let mut tail = Short::default();
    let sign = if decimal.exponent < 0 { '-' } else { '+' };
    let written = write!(tail, "e{sign}{:02}", decimal.exponent.unsigned_abs());
    debug_assert!(written.is_ok(), "an exponent needs at most five characters");
    put(tail.as_str());
}

fn length(digits: &str) -> i32 {
    i32::try_from(digits.len()).unwrap_or(i32::MAX)
}

/// A text of at most 32 bytes, on the stack.
#[derive(Default)]
struct Short {
    bytes: [u8; 32],
    length: usize,
}

impl Short {
    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    fn push(&mut self, character: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = character;
            self.length += 1;
        }
    }

    fn trim_end(&mut self, character: u8) {
        while self.length > 0 && self.bytes.get(self.length - 1) == Some(&character) {
            self.length -= 1;
        }
    }
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let target = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        target.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Smallest exponent that is written in fixed notation.
const FIXED_FROM: i32 = -4;
/// First exponent that is too large for fixed notation.
const FIXED_BELOW: i32 = 16;

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn python(value: f64) -> String {
        let mut text = String::new();
        assert!(write_float(value, &mut |part| text.push_str(part)));
        text
    }

    #[test]
    fn layout_follows_the_recorded_behaviour() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100_000.0, "100000.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1e22, "1e+22"),
            (12_345_678_901_234_567.8, "1.2345678901234568e+16"),
            (0.0001, "0.0001"),
            (0.000_123, "0.000123"),
            (0.00001, "1e-05"),
            (1e-7, "1e-07"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (123_456_789.123_456_79, "123456789.12345679"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            // …568.25 and …740.25: two shortest forms are equally near, the even one is taken.
            (3_042_367_697_478_273.0 / 4.0, "760591924369568.2"),
            (2_871_708_542_110_961.0 / 4.0, "717927135527740.2"),
        ] {
            assert_eq!(python(value), expected);
        }
    }

    #[test]
    fn what_is_not_finite_is_not_written() {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let mut written = false;
            assert!(!write_float(value, &mut |_| written = true));
            assert!(!written);
        }
    }
}
