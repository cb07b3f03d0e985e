// SPDX-License-Identifier: Apache-2.0

//! When a record says it was signed, and the texts that its payload may say it with.

use std::borrow::Cow;

use permit_canonical_json::Value;
use permit_types::Instant;

use crate::record::{is_falsy, read_instant, strip};

/// The texts that `issued_at` of a signed payload may be: the record's own, and its UTC form.
///
/// Issuers keep times in databases that give them back in other words than were signed.
/// Both texts are the same instant.
#[must_use]
pub fn issued_at_texts<'v>(time: &'v Value<'_>) -> Vec<Cow<'v, str>> {
    let Some(text) = time.as_str().map(strip).filter(|text| !text.is_empty()) else {
        return Vec::new();
    };
    let mut texts = vec![Cow::Borrowed(text)];
    if let Some(utc) = read_instant(text).map(utc_text).filter(|utc| utc != text) {
        texts.push(Cow::Owned(utc));
    }
    texts
}

/// The time that a payload put together from the record states: the first of these members that does
/// not count as absent, even if it is no time.
pub(crate) fn signing_time<'v>(record: &'v Value<'v>, names: &[&str]) -> Option<&'v Value<'v>> {
    names.iter().find_map(|name| record.get(name).filter(|value| !is_falsy(value)))
}

/// `2026-05-07T12:00:00.500000+00:00`: six digits of a fraction, or none if it is zero.
pub(crate) fn utc_text(instant: Instant) -> String {
    let time = instant.to_utc();
    let seconds = time.strftime("%Y-%m-%dT%H:%M:%S");
    match time.subsec_nanosecond() / 1_000 {
        0 => format!("{seconds}+00:00"),
        micros => format!("{seconds}.{micros:06}+00:00"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_own_text_and_that_of_utc() {
        for (text, texts) in [
            ("2026-05-07T12:00:00+00:00", vec!["2026-05-07T12:00:00+00:00"]),
            (
                " 2026-05-07T14:00:00.5+02:00 ",
                vec!["2026-05-07T14:00:00.5+02:00", "2026-05-07T12:00:00.500000+00:00"],
            ),
            (
                "2026-05-07T12:00:00.1234567Z",
                vec!["2026-05-07T12:00:00.1234567Z", "2026-05-07T12:00:00.123456+00:00"],
            ),
            ("2026-05-07", vec!["2026-05-07", "2026-05-07T00:00:00+00:00"]),
            ("0001-01-01T00:00:00Z", vec!["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"]),
            (
                "1960-01-01T00:00:00.1Z",
                vec!["1960-01-01T00:00:00.1Z", "1960-01-01T00:00:00.100000+00:00"],
            ),
            ("soon", vec!["soon"]),
            (" ", vec![]),
        ] {
            assert_eq!(issued_at_texts(&Value::from(text)), texts, "{text:?}");
        }
        assert!(issued_at_texts(&Value::from(3)).is_empty());
    }
}
