// SPDX-License-Identifier: Apache-2.0

//! What the evidence says about one permit, as small as it can be kept.

use alloc::{
    boxed::Box,
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};

use permit_canonical_json::Sha256Digest;

use crate::digest_matrix::DigestField;

/// A permit's id as a key: 16 bytes for a UUID in its usual form, else the text, and of a text
/// that is longer than any honest id its digest and its start.
///
/// Two ids are equal if their texts are (a UUID in upper case is another text).
///
/// ```
/// use permit_closure::PermitKey;
///
/// let id = "00000000-0000-4000-8000-00000000000a";
/// assert_eq!(PermitKey::of(id), PermitKey::of(id));
/// assert_ne!(PermitKey::of(id), PermitKey::of(&id.to_uppercase()));
/// assert_eq!(PermitKey::of(id).to_string(), id);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermitKey(Key);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Uuid([u8; 16]),
    Text(Box<str>),
    /// Closures that wait keep the key, so that its size must not be up to the issuer.
    Long(Box<LongId>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct LongId {
    digest: Sha256Digest,
    start: Box<str>,
}

impl PermitKey {
    /// The key of an id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        if let Some(bytes) = uuid_bytes(id) {
            return Self(Key::Uuid(bytes));
        }
        if id.len() <= LONGEST_TEXT {
            return Self(Key::Text(Box::from(id)));
        }
        let start = id.char_indices().take_while(|(at, _)| *at < LONGEST_TEXT);
        let start = start.map(|(_, character)| character).collect();
        Self(Key::Long(Box::new(LongId { digest: Sha256Digest::of(id.as_bytes()), start })))
    }
}

impl core::fmt::Display for PermitKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match &self.0 {
            Key::Text(text) => f.write_str(text),
            Key::Long(id) => write!(f, "{}…", id.start),
            Key::Uuid(bytes) => {
                for (index, byte) in bytes.iter().enumerate() {
                    let before = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
                    write!(f, "{before}{byte:02x}")?;
                }
                Ok(())
            }
        }
    }
}

/// The bytes of a UUID in lower case with its four hyphens.
fn uuid_bytes(id: &str) -> Option<[u8; 16]> {
    let text = id.as_bytes();
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut digits = 0_usize;
    for (index, character) in text.iter().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if *character != b'-' {
                return None;
            }
            continue;
        }
        let nibble = match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => return None,
        };
        let byte = bytes.get_mut(digits / 2)?;
        *byte = (*byte << 4) | nibble;
        digits += 1;
    }
    Some(bytes)
}

/// What was seen of one permit.
#[derive(Clone, Debug, Default)]
pub(crate) struct PermitFacts {
    /// Whether a record of the evidence is about it.
    pub(crate) known: bool,
    /// What records say is its `binding_request_hash`.
    pub(crate) request_hash: Statements,
    /// What events say about the responses.
    pub(crate) responses: ResponseFacts,
    /// Closures that came before the permit's record.
    pub(crate) waiting: Vec<u64>,
}

/// What events say about the responses of an execution.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResponseFacts {
    provider: Statements,
    client: Statements,
}

impl ResponseFacts {
    /// What events say about a field; nothing about the dispatch, which is the permit's.
    pub(crate) fn get(&self, field: DigestField) -> Option<&Statements> {
        match field {
            DigestField::Dispatch => None,
            DigestField::Provider => Some(&self.provider),
            DigestField::Client => Some(&self.client),
        }
    }

    /// Takes what an event says about a field. Returns whether it needed memory.
    pub(crate) fn add(&mut self, field: DigestField, statement: Statement) -> bool {
        match field {
            DigestField::Dispatch => false,
            DigestField::Provider => self.provider.add(statement),
            DigestField::Client => self.client.add(statement),
        }
    }

    /// Takes all that other events say. Returns for how many digests memory was needed.
    pub(crate) fn add_all(&mut self, other: Self) -> usize {
        self.provider.add_all(other.provider) + self.client.add_all(other.client)
    }
}

/// What the evidence says about one digest, perhaps in several places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statements {
    digests: Digests,
    /// Whether something stands where a digest belongs and is none.
    unreadable: bool,
}

/// What one place says about a digest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Statement {
    Digest(Sha256Digest),
    /// Something that is no digest, so that no closure can agree with it.
    Unreadable,
}

impl Statements {
    /// Takes a statement. Returns whether it is a second different digest or a later one, which
    /// needs memory.
    pub(crate) fn add(&mut self, statement: Statement) -> bool {
        match statement {
            Statement::Digest(digest) => self.digests.insert(digest),
            Statement::Unreadable => {
                self.unreadable = true;
                false
            }
        }
    }

    /// Takes all that was said elsewhere. Returns for how many digests memory was needed.
    pub(crate) fn add_all(&mut self, other: Self) -> usize {
        self.unreadable |= other.unreadable;
        match other.digests {
            Digests::None => 0,
            Digests::One(only) => usize::from(self.digests.insert(only)),
            Digests::Many(many) => many.into_iter().filter(|one| self.digests.insert(*one)).count(),
        }
    }

    /// Whether nothing was said.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self.digests, Digests::None) && !self.unreadable
    }

    /// Whether different things were said.
    pub(crate) fn is_contradictory(&self) -> bool {
        match self.digests {
            Digests::None => false,
            Digests::One(_) => self.unreadable,
            Digests::Many(_) => true,
        }
    }

    /// Whether some place states this digest.
    pub(crate) fn contains(&self, digest: Sha256Digest) -> bool {
        match &self.digests {
            Digests::None => false,
            Digests::One(only) => *only == digest,
            Digests::Many(digests) => digests.contains(&digest),
        }
    }

    /// Some of what was said, in words.
    pub(crate) fn shown(&self) -> String {
        match &self.digests {
            Digests::None if self.unreadable => "something that is no digest".to_string(),
            Digests::None => "nothing".to_string(),
            Digests::One(only) => only.to_string(),
            Digests::Many(digests) => {
                let first = digests.first().map(ToString::to_string).unwrap_or_default();
                format!("{first} and {} more", digests.len() - 1)
            }
        }
    }
}

/// A few different digests; mostly one.
#[derive(Clone, Debug, Default)]
enum Digests {
    #[default]
    None,
    One(Sha256Digest),
    Many(BTreeSet<Sha256Digest>),
}

impl Digests {
    /// Adds a digest. Returns whether it is the second or a later one.
    fn insert(&mut self, digest: Sha256Digest) -> bool {
        match self {
            Self::None => {
                *self = Self::One(digest);
                false
            }
            Self::One(only) if *only == digest => false,
            Self::One(only) => {
                *self = Self::Many(BTreeSet::from([*only, digest]));
                true
            }
            Self::Many(digests) => digests.insert(digest),
        }
    }
}

/// Bytes of an id that are kept as they are. A UUID has 36.
const LONGEST_TEXT: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_equal_if_their_texts_are() {
        let uuid = "00000000-0000-4000-8000-00000000000a";
        let long = "é".repeat(64);
        let longer = long.clone() + "b";
        let ids = [
            uuid,
            &uuid.to_uppercase(),
            &uuid.replace('-', ""),
            &uuid.replace("-4", "04"),
            "",
            "permit_123",
            &long,
            &longer,
            &(long.clone() + "c"),
        ];
        for (at, one) in ids.iter().enumerate() {
            for (other_at, other) in ids.iter().enumerate() {
                assert_eq!(PermitKey::of(one) == PermitKey::of(other), at == other_at);
            }
        }
        assert_eq!(PermitKey::of(&long).to_string(), long);
        assert_eq!(PermitKey::of(&longer).to_string(), long + "…");
        assert!(core::mem::size_of::<PermitKey>() <= 24);
    }

    #[test]
    fn statements_that_differ_contradict_each_other() {
        let digest = |byte: u8| Statement::Digest(Sha256Digest::of(&[byte]));
        for (said, contradictory, further) in [
            (&[][..], false, 0),
            (&[digest(1), digest(1)], false, 0),
            (&[digest(1), digest(2), digest(2), digest(3)], true, 2),
            (&[Statement::Unreadable, Statement::Unreadable], false, 0),
            (&[Statement::Unreadable, digest(1)], true, 0),
        ] {
            let mut statements = Statements::default();
            let memory = said.iter().filter(|one| statements.add(**one)).count();
            assert_eq!((statements.is_contradictory(), memory), (contradictory, further));
            assert_eq!(statements.is_silent(), said.is_empty());
            let mut merged = Statements::default();
            assert_eq!(merged.add_all(statements.clone()), further);
            assert_eq!(merged.shown(), statements.shown());
        }
    }
}
