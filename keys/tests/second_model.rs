// SPDX-License-Identifier: Apache-2.0

//! The choice of keys, compared with a second and simple-minded version of the rules.

use permit_keys::{KeyPurpose, KeyRequest, Mode};
use proptest::prelude::*;
use support::{Entry, Question, instant, model, public, read};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_choose_the_same_key_or_name_the_same_code(
        entries in proptest::collection::vec(any_entry(), 0..5), question in any_question(),
    ) {
        let request =
            KeyRequest::new().key_id(question.id).signed_at(question.day.map(instant));
        let mode = if question.test { Mode::Test } else { Mode::Production };
        let purpose =
            [KeyPurpose::ExportSigning, KeyPurpose::IntegrityCheckpoint][question.purpose];
        let found = read(&entries).resolve(purpose, &request, mode);
        let found = found.map(|key| *key.public_key()).map_err(|problem| problem.code().as_str());
        prop_assert_eq!(found, model(&entries, &question).map(public));
    }
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let day = || proptest::option::weighted(0.5, 1..9_u8);
    let revoked = prop_oneof![4 => Just(None), 1 => Just(Some(None)), 2 => (1..9_u8).prop_map(|d| Some(Some(d)))];
    let rarely = || proptest::bool::weighted(0.15);
    (
        prop_oneof![Just("a"), Just("b")],
        0..2_usize,
        1..4_u8,
        day(),
        day(),
        revoked,
        rarely(),
        rarely(),
        rarely(),
    )
        .prop_map(|(id, purpose, seed, from, to, revoked, broken, compromised, test)| Entry {
            id,
            purpose,
            seed,
            from,
            to,
            revoked,
            broken,
            compromised,
            test,
        })
}

fn any_question() -> impl Strategy<Value = Question> {
    let id = prop_oneof![Just(None), Just(Some("a")), Just(Some("b"))];
    (id, 0..2_usize, proptest::option::weighted(0.8, 1..9_u8), proptest::bool::weighted(0.15))
        .prop_map(|(id, purpose, day, test)| Question { id, purpose, day, test })
}

#[cfg(test)]
mod support {
    use permit_canonical_json::Budget;
    use permit_keys::{KeyManifest, PublicKey, Signer, SoftwareKey};
    use permit_types::Instant;
    use serde_json::{Value, json};

    #[derive(Clone, Debug)]
    pub(crate) struct Entry {
        pub(crate) id: &'static str,
        pub(crate) purpose: usize,
        pub(crate) seed: u8,
        pub(crate) from: Option<u8>,
        pub(crate) to: Option<u8>,
        /// No day: nobody knows when.
        pub(crate) revoked: Option<Option<u8>>,
        /// The upper end of the window cannot be read.
        pub(crate) broken: bool,
        pub(crate) compromised: bool,
        pub(crate) test: bool,
    }

    #[derive(Clone, Debug)]
    pub(crate) struct Question {
        pub(crate) id: Option<&'static str>,
        pub(crate) purpose: usize,
        pub(crate) day: Option<u8>,
        pub(crate) test: bool,
    }

    const UNKNOWN: &str = "UNKNOWN_SIGNING_KEY";
    const EXPIRED: &str = "KEY_EXPIRED_AT_SIGNING_TIME";
    const REVOKED: &str = "SIGNING_KEY_REVOKED";

    pub(crate) fn model(all: &[Entry], question: &Question) -> Result<u8, &'static str> {
        let mut left: Vec<&Entry> = all.iter().collect();
        left.retain(|entry| entry.purpose == question.purpose);
        left.retain(|entry| question.id.is_none_or(|id| entry.id == id));
        left.retain(|entry| entry.test == question.test);
        if left.is_empty() {
            return Err(UNKNOWN);
        }
        let refused = |entry: &&Entry| is_refused(all, entry, question.day);
        let in_window = |entry: &&Entry| is_in_window(entry, question.day);
        let judge = |entry: &&Entry| {
            if refused(entry) {
                Err(REVOKED)
            } else if in_window(entry) {
                Ok(entry.seed)
            } else if entry.broken {
                // An entry whose window cannot be read is none (KEY-07).
                Err(UNKNOWN)
            } else {
                Err(EXPIRED)
            }
        };
        if left.len() == 1 {
            return judge(&left[0]);
        }
        let possible: Vec<&Entry> = match question.day {
            None => left.clone(),
            Some(_) => left.iter().copied().filter(|e| in_window(e) && !refused(e)).collect(),
        };
        match possible.first() {
            None if left.iter().any(in_window) => Err(REVOKED),
            None => Err(EXPIRED),
            Some(first) if possible.iter().any(|entry| entry.seed != first.seed) => Err(UNKNOWN),
            Some(first) => {
                possible.iter().find_map(|e| judge(e).ok()).ok_or_else(|| judge(first).unwrap_err())
            }
        }
    }

    fn is_refused(all: &[Entry], entry: &Entry, day: Option<u8>) -> bool {
        let same_key = || all.iter().filter(|other| other.seed == entry.seed);
        let by_then = |revoked: Option<u8>| match (revoked, day) {
            (None, _) | (_, None) => true,
            (Some(revoked), Some(day)) => day >= revoked,
        };
        same_key().any(|other| other.compromised)
            || same_key()
                .filter(|other| other.purpose == entry.purpose)
                .any(|other| other.revoked.is_some_and(by_then))
    }

    fn is_in_window(entry: &Entry, day: Option<u8>) -> bool {
        match day {
            _ if entry.broken => false,
            None => entry.from.is_none() && entry.to.is_none(),
            Some(day) => (entry.from.unwrap_or(0)..=entry.to.unwrap_or(99)).contains(&day),
        }
    }

    pub(crate) fn public(seed: u8) -> PublicKey {
        SoftwareKey::from_seed(&[seed; 32]).public_key()
    }

    fn date(day: u8) -> String {
        format!("2026-01-{day:02}T00:00:00Z")
    }

    pub(crate) fn instant(day: u8) -> Instant {
        Instant::parse(&date(day)).unwrap()
    }

    pub(crate) fn read(entries: &[Entry]) -> KeyManifest {
        let keys: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let to = if entry.broken { Some("never".to_owned()) } else { entry.to.map(date) };
                let mut written = json!({
                    "key_id": entry.id,
                    "purpose": (["export_signing", "integrity_checkpoint"][entry.purpose]),
                    "public_key": public(entry.seed).to_string(),
                    "valid_from": entry.from.map(date),
                    "valid_to": to,
                });
                match entry.revoked {
                    Some(Some(day)) => written["revoked_at"] = json!(date(day)),
                    Some(None) => written["status"] = json!("revoked"),
                    None => {}
                }
                if entry.compromised {
                    written["compromised_at"] = json!(date(1));
                }
                if entry.test {
                    written["environment"] = json!("test");
                }
                written
            })
            .collect();
        let text = json!({ "keys": keys }).to_string();
        KeyManifest::read(text.as_bytes(), &Budget::default()).unwrap()
    }
}
