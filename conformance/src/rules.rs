// SPDX-License-Identifier: Apache-2.0

//! The rules of the specification that a case may name.

/// Whether there is a rule of this id, such as `CHAIN-08`.
///
/// ```
/// assert!(permit_conformance::is_rule("CHAIN-08"));
/// assert!(!permit_conformance::is_rule("CHAIN-99") && !permit_conformance::is_rule("CHAIN-8"));
/// ```
#[must_use]
pub fn is_rule(id: &str) -> bool {
    let numbers = |prefix: &str| RULES.iter().find(|(one, _)| *one == prefix);
    id.rsplit_once('-').is_some_and(|(prefix, number)| {
        let known = numbers(prefix).map(|(_, ranges)| *ranges).unwrap_or_default();
        two_digits(number)
            .is_some_and(|n| known.iter().any(|(first, last)| (*first..=*last).contains(&n)))
    })
}

/// Whether this is the id of an open point (`AMB-52`) or of a difference (`DIFF-03`).
#[must_use]
pub(crate) fn is_decision(id: &str) -> bool {
    match id.split_once('-') {
        Some(("AMB", number)) => {
            two_digits(number).is_some_and(|n| (1..=LAST_OPEN_POINT).contains(&n))
        }
        Some(("DIFF", number)) => two_digits(number).is_some_and(|n| n > 0),
        _ => false,
    }
}

fn two_digits(text: &str) -> Option<u8> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

const LAST_OPEN_POINT: u8 = 57;

/// The first and the last of each run of numbers, by prefix.
const RULES: &[(&str, &[(u8, u8)])] = &[
    ("ABSENT", &[(1, 10)]),
    ("BUNDLE", &[(1, 23)]),
    ("CANON", &[(1, 18)]),
    ("CHAIN", &[(1, 23)]),
    ("CLAIM", &[(1, 16), (20, 24)]),
    ("CLOSE", &[(1, 24)]),
    ("CODE", &[(1, 7)]),
    ("CONF", &[(1, 7)]),
    ("CONFM", &[(1, 8)]),
    ("KEY", &[(1, 8)]),
    ("PCHAIN", &[(1, 38)]),
    ("PERMIT", &[(1, 33)]),
    ("PIN", &[(1, 9)]),
    ("PRED", &[(1, 12)]),
    ("REVOKE", &[(1, 10)]),
    ("SEM", &[(1, 9)]),
    ("SFE", &[(1, 15)]),
    ("SIDE", &[(1, 15)]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_prefix_and_two_digits() {
        for id in ["CLAIM-16", "CLAIM-20", "SEM-09", "CONFM-08", "KEY-01"] {
            assert!(is_rule(id), "{id}");
        }
        for id in
            ["CLAIM-17", "CLAIM-00", "SEM-9", "SEM-009", "", "-", "NO-01", "chain-08", "CHAIN-+1"]
        {
            assert!(!is_rule(id), "{id}");
        }
        for id in ["AMB-01", "AMB-57", "DIFF-20"] {
            assert!(is_decision(id), "{id}");
        }
        for id in ["AMB-58", "AMB-00", "DIFF-0", "CHAIN-08", "AMB"] {
            assert!(!is_decision(id), "{id}");
        }
    }
}
