// SPDX-License-Identifier: Apache-2.0

//! When a key may be used.

use permit_types::Instant;

/// The time in which a key may sign, both ends included (KEY-08, AMB-27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidityWindow {
    /// The first instant.
    pub from: WindowBound,
    /// The last instant.
    pub to: WindowBound,
}

/// One end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowBound {
    /// There is no limit.
    Open,
    /// The limit, which is part of the window.
    At(Instant),
    /// Something stands there that cannot be read, so that the window holds nothing (KEY-07).
    Unreadable,
}

/// Why a key may not have signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowFault {
    /// An end of the window cannot be read.
    Unreadable,
    /// It is not known when it signed, and the window has an end.
    TimeUnknown,
    /// It signed before the window or after it.
    Outside,
}

impl ValidityWindow {
    /// Whether a key with this window may have signed at this time.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, signed_at: Option<Instant>) -> Result<(), WindowFault> {
        use WindowBound::{At, Open, Unreadable};
        match (self.from, self.to, signed_at) {
            (Unreadable, _, _) | (_, Unreadable, _) => Err(WindowFault::Unreadable),
            (Open, Open, _) => Ok(()),
            (_, _, None) => Err(WindowFault::TimeUnknown),
            (from, to, Some(at)) => {
                let early = matches!(from, At(from) if at < from);
                let late = matches!(to, At(to) if to < at);
                if early || late { Err(WindowFault::Outside) } else { Ok(()) }
            }
        }
    }
}

impl WindowBound {
    /// The instant, if there is one.
    #[must_use]
    pub fn instant(self) -> Option<Instant> {
        match self {
            Self::At(instant) => Some(instant),
            Self::Open | Self::Unreadable => None,
        }
    }

    /// Of two upper ends, the one that both agree to.
    pub(crate) fn or_earlier(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unreadable, _) | (_, Self::Unreadable) => Self::Unreadable,
            (Self::At(one), Self::At(two)) => Self::At(one.min(two)),
            (Self::At(only), Self::Open) | (Self::Open, Self::At(only)) => Self::At(only),
            (Self::Open, Self::Open) => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> WindowBound {
        WindowBound::At(Instant::parse(text).unwrap())
    }

    #[test]
    fn key_08_both_ends_belong_to_the_window() {
        let window = ValidityWindow { from: at("2026-01-01"), to: at("2026-02-01") };
        for (time, expected) in [
            ("2025-12-31T23:59:59.999999999Z", Err(WindowFault::Outside)),
            ("2026-01-01T00:00:00Z", Ok(())),
            ("2026-01-01T01:00:00+01:00", Ok(())),
            ("2026-02-01T00:00:00Z", Ok(())),
            ("2026-02-01T00:00:00.000000001Z", Err(WindowFault::Outside)),
        ] {
            assert_eq!(window.check(Instant::parse(time)), expected, "{time}");
        }
        assert_eq!(window.check(None), Err(WindowFault::TimeUnknown));
    }

    #[test]
    fn key_07_an_end_that_cannot_be_read_excludes() {
        use WindowBound::{Open, Unreadable};
        let now = Instant::parse("2026-01-15");
        for (from, to, expected) in [
            (Open, Open, Ok(())),
            (Unreadable, Open, Err(WindowFault::Unreadable)),
            (Open, Unreadable, Err(WindowFault::Unreadable)),
            (at("2026-01-01"), Open, Ok(())),
            (Open, at("2026-01-01"), Err(WindowFault::Outside)),
        ] {
            assert_eq!(ValidityWindow { from, to }.check(now), expected, "{from:?} {to:?}");
        }
        let open = ValidityWindow { from: Open, to: Open };
        assert_eq!(open.check(None), Ok(()));
    }

    #[test]
    fn the_earlier_of_two_ends_counts() {
        let (soon, late) = (at("2026-01-01"), at("2026-02-01"));
        assert_eq!(soon.or_earlier(late), soon);
        assert_eq!(late.or_earlier(soon), soon);
        assert_eq!(late.or_earlier(WindowBound::Open), late);
        assert_eq!(WindowBound::Open.or_earlier(WindowBound::Open), WindowBound::Open);
        assert_eq!(soon.or_earlier(WindowBound::Unreadable), WindowBound::Unreadable);
    }
}
