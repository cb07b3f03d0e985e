// SPDX-License-Identifier: Apache-2.0

//! Making entries: each linked to the one before, none to be mistaken for another.
//!
//! ```text
//! CHAIN-05  created_at is written in UTC, with six digits of fraction
//! CHAIN-15  the first entry names the issuer's sentinel
//! CHAIN-18  every entry is in exactly one scope, the appender's
//! CHAIN-20  reserved names are not used: an entry has the members of its type and no others
//! ```
//!
//! The record hash joins nine texts by `|` and escapes nothing, so that the end of one text can be
//! moved into the next without changing the hash: event `a` of type `b|c` and event `a|b`
//! of type `c` hash alike. Time, hash and number cannot contain a `|`. Of the six texts before
//! them, five are refused if they contain one; then the joined text can be taken apart from both
//! ends, and what is left in the middle is the sixth, `resource_id`, which others
//! choose and which may be anything. For the same reason a text that may be null is never
//! written empty: both hash alike (CHAIN-02).

use alloc::{
    format,
    string::{String, ToString},
};

use permit_types::{
    ChainEntry, ChainFormatVersion, EventId, EventType, Instant, OpenObject, RecordHash, Rfc3339,
    WrittenTime,
};

use crate::{
    chain_head::ChainHead,
    chain_store::{AppendOutcome, ChainStore},
    record_hash::{RecordHashInputs, record_hash_v1},
};

/// Something that happened, before it has its place in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// The event; an id that no other event has, in any chain. Nothing here can check that.
    pub event_id: EventId,
    /// What kind of event it is.
    pub event_type: EventType,
    /// The kind of thing it is about.
    pub resource_type: Option<String>,
    /// The thing it is about. The one text that may contain `|`.
    pub resource_id: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// How grave it is, such as `info`.
    pub severity: String,
    /// What else there is to say. The record hash does not cover it (AMB-11).
    pub payload_json: OpenObject,
    /// When it happened. Digits beyond microseconds are not written: the hash has no place for
    /// them, and nobody could check them.
    pub created_at: Instant,
}

/// Appends to one chain.
///
/// It knows the head of the chain and moves it with each entry. Where it is the only writer and
/// entries go straight into a file, [`append`](Self::append) is all there is to it:
///
/// ```
/// use permit_chain::{Appender, ChainHead, EventDraft};
/// use permit_types::{ChainScope, EventId, EventType, Instant, OpenObject};
///
/// let mut chain = Appender::new(ChainHead::empty(ChainScope::new("project:1")));
/// let entry = chain.append(EventDraft {
///     event_id: EventId::new("evt_001"),
///     event_type: EventType::new("permit.created"),
///     resource_type: Some("permit".to_string()),
///     resource_id: Some("permit_001".to_string()),
///     outcome: None,
///     severity: "info".to_string(),
///     payload_json: OpenObject::default(),
///     created_at: Instant::parse("2026-05-07T14:34:56.789123+02:00").unwrap(),
/// })?;
/// assert_eq!(entry.created_at.as_str(), "2026-05-07T12:34:56.789123Z");
/// assert_eq!(chain.head(), &ChainHead::after(&entry));
/// # Ok::<(), permit_chain::EventProblem>(())
/// ```
///
/// Everything else has a [`ChainStore`], several writers or a restart between two entries:
/// then use [`append_to`](Self::append_to).
#[derive(Clone, Debug)]
pub struct Appender {
    head: ChainHead,
}

impl Appender {
    /// An appender that goes on where the chain ends.
    #[must_use]
    pub fn new(head: ChainHead) -> Self {
        Self { head }
    }

    /// The end of the chain, as far as this appender knows.
    #[must_use]
    pub fn head(&self) -> &ChainHead {
        &self.head
    }

    /// Makes the next entry and moves the head. The caller has to keep the entry: what
    /// follows is linked to it.
    ///
    /// # Errors
    /// If a text of the event cannot stand in a chain, or the chain is full. The head stays.
    pub fn append(&mut self, event: EventDraft) -> Result<ChainEntry, EventProblem> {
        let entry = self.next_entry(&event)?;
        self.head = ChainHead::after(&entry);
        Ok(entry)
    }

    /// Makes the next entry and stores it, if no other writer was faster; makes it anew where the
    /// chain ends then, up to 100 times.
    ///
    /// A chain that ends before the entry that this appender knows as its last has lost entries,
    /// which may have been exported. Appending to it would make a fork, and is refused.
    ///
    /// # Errors
    /// If the event cannot stand in a chain, the store fails, the chain was forked or cut, or
    /// other writers are always faster. If the store fails, it is not known whether the
    /// entry was stored: ask for the head before going on.
    pub fn append_to<S: ChainStore>(
        &mut self,
        store: &mut S,
        event: &EventDraft,
    ) -> Result<ChainEntry, AppendError<S::Error>> {
        for _ in 0..ATTEMPTS {
            let entry = self.next_entry(event)?;
            match store.append_if(&self.head, &entry).map_err(AppendError::Store)? {
                AppendOutcome::Appended => {
                    self.head = ChainHead::after(&entry);
                    return Ok(entry);
                }
                AppendOutcome::HeadMoved { head } => self.follow(head)?,
            }
        }
        Err(AppendError::AlwaysTooLate { attempts: ATTEMPTS })
    }

    /// Takes over the head of a chain that others have gone on with.
    fn follow<E>(&mut self, moved: Option<ChainHead>) -> Result<(), AppendError<E>> {
        let known = self.head.last_number();
        match moved {
            Some(moved) if moved.chain_scope() != self.head.chain_scope() => {
                let found = moved.chain_scope().to_string();
                Err(AppendError::OtherScope { found })
            }
            Some(moved) if moved.last_number() > known => {
                self.head = moved;
                Ok(())
            }
            moved => {
                let found = moved.map_or(0, |moved| moved.last_number());
                Err(AppendError::Forked { known, found })
            }
        }
    }

    fn check_texts(&self, event: &EventDraft) -> Result<(), EventProblem> {
        for (member, text, may_separate) in [
            ("event_id", Some(event.event_id.as_str()), false),
            ("event_type", Some(event.event_type.as_str()), false),
            ("resource_type", event.resource_type.as_deref(), false),
            ("resource_id", event.resource_id.as_deref(), true),
            ("outcome", event.outcome.as_deref(), false),
            ("severity", Some(event.severity.as_str()), false),
            // No input of the hash, and still a name that people read.
            ("chain_scope", Some(self.head.chain_scope().as_str()), true),
        ] {
            let Some(text) = text else { continue };
            if text.is_empty() {
                return Err(EventProblem::Empty { member });
            }
            if text.contains('|') && !may_separate {
                return Err(EventProblem::Separator { member });
            }
            if let Some(character) = text.chars().find(|character| character.is_control()) {
                let character = format!("U+{:04X}", u32::from(character));
                return Err(EventProblem::ControlCharacter { member, character });
            }
        }
        Ok(())
    }

    /// The entry that this event becomes if it goes where the head is.
    fn next_entry(&self, event: &EventDraft) -> Result<ChainEntry, EventProblem> {
        self.check_texts(event)?;
        let sequence_number = self.head.next_number().ok_or(EventProblem::ChainFull)?;
        let prev_hash = self.head.prev_hash();
        let created_at = written_in_utc(event.created_at)?;
        let record_hash = {
            let prev_hash = prev_hash.to_string();
            let inputs = RecordHashInputs {
                event_id: event.event_id.as_str(),
                event_type: event.event_type.as_str(),
                resource_type: event.resource_type.as_deref().unwrap_or_default(),
                resource_id: event.resource_id.as_deref().unwrap_or_default(),
                outcome: event.outcome.as_deref().unwrap_or_default(),
                severity: &event.severity,
                created_at: WrittenTime::split(created_at.as_str())
                    .ok_or(EventProblem::TimeOutOfRange)?,
                prev_hash: &prev_hash,
                sequence_number: sequence_number.get(),
            };
            RecordHash::from(record_hash_v1(&inputs))
        };
        Ok(ChainEntry {
            event_id: event.event_id.clone(),
            event_type: event.event_type.clone(),
            resource_type: event.resource_type.clone(),
            resource_id: event.resource_id.clone(),
            outcome: event.outcome.clone(),
            severity: event.severity.clone(),
            chain_scope: self.head.chain_scope().clone(),
            sequence_number,
            record_hash,
            prev_hash,
            payload_json: event.payload_json.clone(),
            created_at,
            chain_format_version: ChainFormatVersion,
        })
    }
}

/// Why an event cannot become an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventProblem {
    /// A text is empty. Where there is nothing to say, it has to be null (CHAIN-02, CHAIN-17).
    #[error("`{member}` is empty")]
    Empty {
        /// The member.
        member: &'static str,
    },
    /// A text contains the character that the record hash joins texts by.
    #[error("`{member}` contains `|`, so that two different events would hash alike")]
    Separator {
        /// The member.
        member: &'static str,
    },
    /// A text contains a character that shows nothing and changes what is shown.
    #[error("`{member}` contains the control character {character}")]
    ControlCharacter {
        /// The member.
        member: &'static str,
        /// The character in the form `U+000A`.
        character: String,
    },
    /// The time is before the year 1 or behind the year 9999.
    #[error("the time of the event has no form in RFC 3339")]
    TimeOutOfRange,
    /// The last entry has the last number there is.
    #[error("the chain has no number left for another entry")]
    ChainFull,
}

/// Why an entry was not appended to a stored chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError<E> {
    /// The event cannot become an entry.
    #[error("the event cannot stand in a chain: {0}")]
    Event(#[from] EventProblem),
    /// The store could not do its work; whether the entry was stored is not known.
    #[error("the chain could not be stored: {0}")]
    Store(E),
    /// The store has lost entries that this appender knows of, or others in their place.
    #[error("the stored chain ends with entry {found} and lacks the entry {known} that was in it")]
    Forked {
        /// The number of the last entry that is known; 0 if there is none.
        known: u64,
        /// The number of the last entry that is stored; 0 if there is none.
        found: u64,
    },
    /// The store told the head of another chain.
    #[error("the store gave the head of the chain `{found}` instead")]
    OtherScope {
        /// The scope it told.
        found: String,
    },
    /// Other writers were always faster.
    #[error("other writers were faster {attempts} times in a row")]
    AlwaysTooLate {
        /// How often the entry was made.
        attempts: u32,
    },
}

/// The time as entries have it: UTC, always six digits of fraction (CHAIN-05).
fn written_in_utc(instant: Instant) -> Result<Rfc3339, EventProblem> {
    let text = format!("{:.6}Z", instant.to_utc());
    Rfc3339::parse(&text).ok_or(EventProblem::TimeOutOfRange)
}

/// How often an entry is made anew because others were faster. Whoever loses that often does
/// not compete with writers but with a loop.
const ATTEMPTS: u32 = 100;
