// SPDX-License-Identifier: Apache-2.0

//! Times: the text that was signed, and the instant it names.
//!
//! ```text
//! Rfc3339   what the specification wants on the wire; text kept verbatim beside the instant
//! Instant   a point in time, read leniently from trust roots and signing times; never written back
//! ```
//!
//! Two times are compared as instants, never as text; what was hashed is never formatted anew.

use alloc::string::{String, ToString};
use core::fmt;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time.
///
/// All times of four-digit years are points in time here, the last second of the year 9999
/// included, which many trust roots write for "never"; timestamps of libraries end before it.
// The date and time in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(civil::DateTime);

impl Instant {
    /// Reads a time as a careful person would: RFC 3339, or the same without a
    /// zone (taken as UTC), or a date alone (its first moment, UTC).
    ///
    /// For validity windows and signing times, whose writers vary. Anything else
    /// gives nothing, and the caller fails closed (KEY-07).
    ///
    /// ```
    /// use permit_types::Instant;
    ///
    /// let utc = Instant::parse("2026-05-07T12:00:00Z");
    /// assert!(utc.is_some());
    /// assert_eq!(utc, Instant::parse("2026-05-07 14:00:00+02:00"));
    /// assert_eq!(utc, Instant::parse("2026-05-07T12:00:00"));
    /// assert_eq!(Instant::parse("soon"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(parts) = WrittenTime::split(text) {
            return parts.instant();
        }
        let midnight = [text, "T00:00:00Z"].concat();
        WrittenTime::split(&midnight)?.instant()
    }

    /// The instant as a `jiff` timestamp. The last day of the year 9999 has none after 22:00 UTC:
    /// there, it is the last timestamp that there is.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::tz::Offset::UTC.to_timestamp(self.0).unwrap_or(jiff::Timestamp::MAX)
    }

    /// The date and the time of day in UTC.
    #[must_use]
    pub fn to_utc(self) -> civil::DateTime {
        self.0
    }
}

impl From<jiff::Timestamp> for Instant {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(jiff::tz::Offset::UTC.to_datetime(timestamp))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.0)
    }
}

/// The zone that a written time names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// `Z`, or an offset of zero.
    Utc,
    /// An offset other than zero, in seconds east of UTC.
    Offset(i32),
    /// None is written.
    Missing,
}

/// A time taken apart without losing how it was written.
///
/// ```
/// use permit_types::{WrittenTime, Zone};
///
/// let time = WrittenTime::split("2026-05-07T12:00:00.5Z").unwrap();
/// assert_eq!((time.fraction(), time.zone()), ("5", Zone::Utc));
/// assert!(WrittenTime::split("2026-02-30T12:00:00Z").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenTime<'a> {
    date_time: civil::DateTime,
    /// `2026-05-07`
    date_text: &'a str,
    /// `12:00:00`
    time_text: &'a str,
    separator: char,
    fraction: &'a str,
    zone: Zone,
}

impl<'a> WrittenTime<'a> {
    /// Takes apart `YYYY-MM-DD`, a `T`, `t` or space, `HH:MM:SS`, an optional
    /// fraction and an optional zone. The date and the time must exist. A small `z` is no zone:
    /// the reference refuses it, and who accepts it calls evidence good that others reject.
    #[must_use]
    pub fn split(text: &'a str) -> Option<Self> {
        let (date_text, rest) = text.split_at_checked(10)?;
        let (separator, rest) = rest.split_at_checked(1)?;
        let (time_text, rest) = rest.split_at_checked(8)?;
        let separator = separator.chars().next().filter(|c| matches!(c, 'T' | 't' | ' '))?;
        let date = date_text.as_bytes();
        let time = time_text.as_bytes();
        if [date.get(4), date.get(7)] != [Some(&b'-'); 2]
            || [time.get(2), time.get(5)] != [Some(&b':'); 2]
        {
            return None;
        }
        let year = number(date_text, 0, 4)?;
        let date_time = civil::DateTime::new(
            i16::try_from(year).ok().filter(|year| *year > 0)?,
            i8::try_from(number(date_text, 5, 7)?).ok()?,
            i8::try_from(number(date_text, 8, 10)?).ok()?,
            i8::try_from(number(time_text, 0, 2)?).ok()?,
            i8::try_from(number(time_text, 3, 5)?).ok()?,
            i8::try_from(number(time_text, 6, 8)?).ok()?,
            0,
        )
        .ok()?;
        let (fraction, zone_text) = match rest.strip_prefix('.') {
            None => ("", rest),
            Some(rest) => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 {
                    return None;
                }
                rest.split_at_checked(digits)?
            }
        };
        let zone = read_zone(zone_text)?;
        Some(Self { date_time, date_text, time_text, separator, fraction, zone })
    }

    /// The date as it was written.
    #[must_use]
    pub fn date_text(&self) -> &'a str {
        self.date_text
    }

    /// The time of day as it was written, down to seconds.
    #[must_use]
    pub fn time_text(&self) -> &'a str {
        self.time_text
    }

    /// The digits of the fraction of a second; empty if there is none.
    #[must_use]
    pub fn fraction(&self) -> &'a str {
        self.fraction
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// Whether this is a `date-time` of RFC 3339: with `T` and a zone.
    #[must_use]
    pub fn is_rfc3339(&self) -> bool {
        self.separator != ' ' && self.zone != Zone::Missing
    }

    /// The instant; a missing zone means UTC, digits beyond nanoseconds do not count.
    #[must_use]
    pub fn instant(&self) -> Option<Instant> {
        let mut nanoseconds = 0_i32;
        for place in 0..9 {
            let digit = self.fraction.as_bytes().get(place).map_or(0, |digit| digit - b'0');
            nanoseconds = nanoseconds * 10 + i32::from(digit);
        }
        let seconds = match self.zone {
            Zone::Utc | Zone::Missing => 0,
            Zone::Offset(seconds) => seconds,
        };
        let exact = self.date_time.with().subsec_nanosecond(nanoseconds).build().ok()?;
        let east = jiff::SignedDuration::from_secs(i64::from(seconds));
        Some(Instant(exact.checked_sub(east).ok()?))
    }
}

/// The number that the ASCII digits `from..to` of `text` write.
fn number(text: &str, from: usize, to: usize) -> Option<u16> {
    let digits = text.get(from..to)?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn read_zone(text: &str) -> Option<Zone> {
    match text {
        "" => return Some(Zone::Missing),
        "Z" => return Some(Zone::Utc),
        _ => {}
    }
    let (sign, digits) = text.split_at_checked(1)?;
    if digits.len() != 5 || digits.as_bytes().get(2) != Some(&b':') {
        return None;
    }
    let (hours, minutes) = (number(digits, 0, 2)?, number(digits, 3, 5)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    match sign {
        _ if !matches!(sign, "+" | "-") => None,
        _ if seconds == 0 => Some(Zone::Utc),
        "+" => Some(Zone::Offset(seconds)),
        _ => Some(Zone::Offset(-seconds)),
    }
}

/// A `date-time` of RFC 3339 on the wire: the text as it was written, and its instant.
///
/// Equality is that of the text, since the text is what hashes cover; compare
/// [`Rfc3339::instant`] for order and equality in time.
///
/// ```
/// use permit_types::Rfc3339;
///
/// let a = Rfc3339::parse("2026-05-10T00:00:00Z").unwrap();
/// let b = Rfc3339::parse("2026-05-10T02:00:00+02:00").unwrap();
/// assert_ne!(a, b);
/// assert_eq!(a.instant(), b.instant());
/// assert!(a.is_utc() && !b.is_utc());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rfc3339 {
    text: String,
    instant: Instant,
    utc: bool,
}

impl Rfc3339 {
    /// Reads a `date-time` of RFC 3339; its zone may be any.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts = WrittenTime::split(text).filter(WrittenTime::is_rfc3339)?;
        let instant = parts.instant()?;
        Some(Self { text: text.to_string(), instant, utc: parts.zone() == Zone::Utc })
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The point in time.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.instant
    }

    /// Whether the text says UTC (PERMIT-33).
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.utc
    }
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Rfc3339 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error as _, Unexpected};
        let text = alloc::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::invalid_value(Unexpected::Str(&text), &"a date-time of RFC 3339")
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Rfc3339 {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Rfc3339".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_do_not_exist_are_refused() {
        for bad in [
            "",
            "2026-05-07",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-05-07T24:00:00Z",
            "2026-05-07T12:60:00Z",
            "2026-05-07T12:00:60Z",
            "0000-01-01T00:00:00Z",
            "2026-5-7T12:00:00Z",
            "2026-05-07x12:00:00Z",
            "2026-05-07T12:00:00.Z",
            "2026-05-07T12:00:00,5Z",
            "2026-05-07T12:00:00+24:00",
            "2026-05-07T12:00:00+0530",
            "2026-05-07T12:00:00Z ",
            "2026-05-07T12:00:00z",
            "２026-05-07T12:00:00Z",
            "+026-05-07T12:00:00Z",
        ] {
            assert_eq!(WrittenTime::split(bad), None, "{bad}");
            assert!(Rfc3339::parse(bad).is_none(), "{bad}");
        }
        assert!(WrittenTime::split("2028-02-29T23:59:59.999999-23:59").is_some());
    }

    #[test]
    fn permit_33_only_a_zero_offset_is_utc() {
        for (text, utc) in [
            ("2026-05-07T12:00:00Z", true),
            ("2026-05-07T12:00:00+00:00", true),
            ("2026-05-07T12:00:00-00:00", true),
            ("2026-05-07T12:00:00+02:00", false),
            ("2026-05-07T12:00:00-00:01", false),
        ] {
            assert_eq!(Rfc3339::parse(text).map(|time| time.is_utc()), Some(utc), "{text}");
        }
        assert!(Rfc3339::parse("2026-05-07 12:00:00Z").is_none());
        assert!(Rfc3339::parse("2026-05-07T12:00:00").is_none());
    }

    #[test]
    fn instants_are_compared_in_time() {
        let at = |text| Instant::parse(text).unwrap();
        assert!(at("2026-05-07T12:00:00.1Z") < at("2026-05-07T12:00:00.11Z"));
        assert_eq!(at("2026-05-07T00:30:00+01:00"), at("2026-05-06T23:30:00Z"));
        assert_eq!(at(" 2026-05-07 "), at("2026-05-07T00:00:00Z"));
        assert_eq!(Instant::parse("2026-05-07T12"), None);
        assert_eq!(Instant::parse("9999-12-31T23:59:59-23:59"), None);
    }

    #[test]
    fn the_last_second_of_the_year_9999_is_an_instant() {
        let at = |text| Instant::parse(text).unwrap();
        let never = at("9999-12-31T23:59:59Z");
        assert!(at("9999-12-31T23:59:58.999999999Z") < never && at("2026-05-07T12:00:00Z") < never);
        assert_eq!(never, at("9999-12-31T22:59:59-01:00"));
        assert_eq!(never.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(never.to_jiff(), jiff::Timestamp::MAX);
        let noon = at("2026-05-07T12:00:00.5+02:00");
        assert_eq!(noon.to_string(), "2026-05-07T10:00:00.5Z");
        assert_eq!(Instant::from(noon.to_jiff()), noon);
    }
}
