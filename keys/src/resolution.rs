// SPDX-License-Identifier: Apache-2.0

//! From what an artifact says about its key to a key that may be relied on.
//!
//! ```text
//! purpose, id  →  entries       without an id all of the purpose
//! mode         →  test keys or all others (KEY-05)
//! time         →  entries whose window contains it (KEY-01, KEY-03, KEY-07)
//! standing     →  entries whose key is neither compromised nor revoked by then (KEY-04)
//! one key      →  or nothing tells which of them signed
//! ```
//!
//! The reference leaves out time and standing if the artifact names its key, so that
//! whoever finds an old key can go on signing with it.

use alloc::{boxed::Box, collections::BTreeSet, vec::Vec};

use permit_types::Instant;

use crate::{
    key_entry::Revocation,
    key_id::BindingKeyId,
    key_manifest::{Candidate, KeyManifest, PurposeKeys},
    key_problem::KeyProblem,
    key_purpose::KeyPurpose,
    trusted_key::{Mode, TrustedKey},
    validity_window::WindowFault,
};

/// What an artifact says about the key that signed it.
///
/// ```
/// use permit_keys::KeyRequest;
/// use permit_types::Instant;
///
/// let request = KeyRequest::new().key_id("6a3803d5f059902a").signed_at(Instant::parse("2026-05-07T12:00:00Z"));
/// assert_eq!(request.key_id, Some("6a3803d5f059902a"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct KeyRequest<'a> {
    /// The id it names.
    pub key_id: Option<&'a str>,
    /// When it says it was signed; none if it does not say so or it cannot be read.
    pub signed_at: Option<Instant>,
    /// Who has to hold the key (permit format v2).
    pub holder: Option<KeyHolder<'a>>,
}

/// Whose key it has to be, as the slots of permit format v2 say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHolder<'a> {
    /// The account, compared with the entry's first of `account_id`, `organization_id`,
    /// `org_id`, `tenant_id` and `project_id`.
    pub account_id: &'a str,
    /// The signer, compared with the entry's first of `signer_id`, `operator_id` and
    /// `buyer_principal_id`.
    pub signer_id: &'a str,
}

impl<'a> KeyRequest<'a> {
    /// A request that says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the key.
    #[must_use]
    pub fn key_id(mut self, key_id: impl Into<Option<&'a str>>) -> Self {
        self.key_id = key_id.into();
        self
    }

    /// Says when it signed, if that is known.
    #[must_use]
    pub fn signed_at(mut self, signed_at: impl Into<Option<Instant>>) -> Self {
        self.signed_at = signed_at.into();
        self
    }

    /// Says whose key it has to be.
    #[must_use]
    pub fn holder(mut self, holder: KeyHolder<'a>) -> Self {
        self.holder = Some(holder);
        self
    }
}

impl KeyManifest {
    /// The key for a purpose that an artifact asks for, judged at the time it was signed (KEY-01).
    ///
    /// With an id: the entries of this id and purpose. If they are several, those active at the
    /// time count, and they have to hold one key. Without an id the same goes for all
    /// entries of the purpose. If the time is not known, the window of the key has to be open
    /// at both ends, and no second key may come into question.
    ///
    /// # Errors
    /// Why there is no such key.
    pub fn resolve(
        &self,
        purpose: KeyPurpose,
        request: &KeyRequest<'_>,
        mode: Mode,
    ) -> Result<TrustedKey, KeyProblem> {
        let search = Search { purpose, key_id: request.key_id, signed_at: request.signed_at, mode };
        let held = |candidate: &&Candidate| request.holder.is_none_or(|h| candidate.is_held_by(h));
        let candidates: Vec<_> = self.candidates(purpose, request.key_id).filter(held).collect();
        if candidates.is_empty() {
            return Err(self.unknown(purpose, request.key_id));
        }
        search.one_of(&candidates)
    }

    /// The key of a closure, by the id that the key itself gives (CLOSE-19).
    ///
    /// The id that the key manifest gives the entry does not count. So two keys that are
    /// active at once are no obstacle here, though they are for the reference, which
    /// chooses by time alone.
    ///
    /// # Errors
    /// Why there is no such key.
    pub fn resolve_binding_key(
        &self,
        binding_key_id: &str,
        signed_at: Option<Instant>,
        mode: Mode,
    ) -> Result<TrustedKey, KeyProblem> {
        let purpose = KeyPurpose::PermitBindingSigning;
        let search = Search { purpose, key_id: Some(binding_key_id), signed_at, mode };
        let keys = self.purposes.get(&purpose);
        let named = keys
            .zip(BindingKeyId::parse(binding_key_id))
            .map(|(keys, id)| keys.at(keys.by_binding_id.get(&id)).collect::<Vec<_>>());
        match named.as_deref() {
            None | Some([]) => Err(self.unknown(purpose, Some(binding_key_id))),
            Some(candidates) => search.one_of(candidates),
        }
    }

    /// All keys of a purpose that were active at this time; at least one (REVOKE-10).
    ///
    /// For artifacts that may be signed by any of them and do not say by which.
    ///
    /// # Errors
    /// Why there is none.
    pub fn all_active(
        &self,
        purpose: KeyPurpose,
        at: Instant,
        mode: Mode,
    ) -> Result<Vec<TrustedKey>, KeyProblem> {
        let search = Search { purpose, key_id: None, signed_at: Some(at), mode };
        let candidates: Vec<_> = self.candidates(purpose, None).collect();
        if candidates.is_empty() {
            return Err(self.unknown(purpose, None));
        }
        let mut seen = BTreeSet::new();
        let eligible = search.eligible(&candidates)?;
        let active: Vec<_> = eligible
            .iter()
            .filter_map(|candidate| search.trusted(candidate).ok())
            .filter(|key| seen.insert(*key.public_key()))
            .collect();
        if active.is_empty() { Err(search.none_of(&eligible)) } else { Ok(active) }
    }

    fn candidates(
        &self,
        purpose: KeyPurpose,
        key_id: Option<&str>,
    ) -> impl Iterator<Item = &Candidate> {
        let keys = self.purposes.get(&purpose);
        let all = keys.filter(|_| key_id.is_none()).map(|keys| keys.candidates.iter());
        let named = keys.zip(key_id).map(|(keys, id)| keys.at(keys.by_key_id.get(id)));
        all.into_iter().flatten().chain(named.into_iter().flatten())
    }

    fn unknown(&self, purpose: KeyPurpose, key_id: Option<&str>) -> KeyProblem {
        let same_id = key_id.and_then(|id| self.first_by_key_id.get(id));
        let other_purpose = same_id.filter(|entry| !entry.has_purpose(purpose));
        KeyProblem::UnknownKey {
            purpose,
            key_id: key_id.map(Into::into),
            other_purpose: other_purpose.map(|entry| entry.index()),
        }
    }
}

impl PurposeKeys {
    fn at<'s>(&'s self, indices: Option<&'s Vec<usize>>) -> impl Iterator<Item = &'s Candidate> {
        indices.into_iter().flatten().filter_map(|index| self.candidates.get(*index))
    }
}

/// What is known about the key that is looked for.
struct Search<'a> {
    purpose: KeyPurpose,
    key_id: Option<&'a str>,
    signed_at: Option<Instant>,
    mode: Mode,
}

impl Search<'_> {
    /// The one key that all entries left over hold. There is at least one candidate.
    fn one_of(&self, candidates: &[&Candidate]) -> Result<TrustedKey, KeyProblem> {
        let eligible = self.eligible(candidates)?;
        if let [only] = eligible.as_slice() {
            return self.trusted(only);
        }
        let possible = match self.signed_at {
            // If it is not known when, any of them may have signed.
            None => eligible.clone(),
            Some(_) => eligible.iter().copied().filter(|key| self.may_have_signed(key)).collect(),
        };
        let Some(first) = possible.first() else {
            return Err(self.none_of(&eligible));
        };
        if let Some(other) = possible.iter().find(|other| !first.is_same_key_as(other)) {
            return Err(KeyProblem::Ambiguous {
                purpose: self.purpose,
                key_id: self.key_id.map(Into::into),
                entry: first.entry.index(),
                other_entry: other.entry.index(),
            });
        }
        let first_good = possible.iter().find_map(|candidate| self.trusted(candidate).ok());
        first_good.map_or_else(|| self.trusted(first), Ok)
    }

    /// The candidates that the mode lets count; at least one.
    fn eligible<'c>(&self, candidates: &[&'c Candidate]) -> Result<Vec<&'c Candidate>, KeyProblem> {
        let wants_test = self.mode == Mode::Test;
        let eligible: Vec<_> =
            candidates.iter().copied().filter(|c| c.entry.is_test() == wants_test).collect();
        match (eligible.is_empty(), candidates.first()) {
            (false, _) => Ok(eligible),
            (true, Some(first)) => {
                let (key_id, entry) = (first.key_id(), first.entry.index());
                Err(match self.mode {
                    Mode::Production => KeyProblem::TestKeyInProduction { key_id, entry },
                    Mode::Test => KeyProblem::ProductionKeyInTest { key_id, entry },
                })
            }
            (true, None) => Err(self.none_of(&[])),
        }
    }

    /// Whether window and standing leave the possibility; a key that cannot be used counts too.
    fn may_have_signed(&self, candidate: &Candidate) -> bool {
        candidate.entry.window().check(self.signed_at).is_ok()
            && self.check_standing(candidate).is_ok()
    }

    /// The key of this candidate, if nothing speaks against it.
    fn trusted(&self, candidate: &Candidate) -> Result<TrustedKey, KeyProblem> {
        self.check_standing(candidate)?;
        self.check_window(candidate)?;
        match &candidate.entry.key {
            Ok(key) => Ok(TrustedKey::of_entry(&candidate.entry, key, self.purpose)),
            Err(why) => Err(KeyProblem::Unusable {
                key_id: candidate.key_id(),
                why: *why,
                entry: candidate.entry.index(),
            }),
        }
    }

    fn check_standing(&self, candidate: &Candidate) -> Result<(), KeyProblem> {
        let key_id = candidate.key_id();
        if let Some(entry) = candidate.compromised_by {
            return Err(KeyProblem::Compromised { key_id, entry });
        }
        let (signed_at, entry) = (self.signed_at, candidate.revoked_by);
        let revoked_at = match candidate.revocation {
            Revocation::None => return Ok(()),
            Revocation::From(revoked) if signed_at.is_some_and(|at| at < revoked) => return Ok(()),
            Revocation::From(revoked) => Some(revoked),
            Revocation::AtAnyTime => None,
        };
        Err(KeyProblem::Revoked { key_id, revoked_at, signed_at, entry })
    }

    fn check_window(&self, candidate: &Candidate) -> Result<(), KeyProblem> {
        let window = candidate.entry.window();
        let Err(fault) = window.check(self.signed_at) else { return Ok(()) };
        let (key_id, entry) = (candidate.key_id(), candidate.entry.index());
        Err(match (fault, self.signed_at) {
            (WindowFault::Unreadable, signed_at) => {
                KeyProblem::UnreadableWindow { key_id, signed_at, entry }
            }
            (WindowFault::Outside, Some(signed_at)) => KeyProblem::NotActive {
                key_id,
                signed_at,
                from: window.from.instant(),
                to: window.to.instant(),
                entry,
            },
            (WindowFault::TimeUnknown, _) | (WindowFault::Outside, None) => {
                KeyProblem::SigningTimeUnknown { key_id, entry }
            }
        })
    }

    /// Why none of several is left: what speaks against the first whose window fits, or that none fits.
    fn none_of(&self, eligible: &[&Candidate]) -> KeyProblem {
        let in_window = |c: &&&Candidate| c.entry.window().check(self.signed_at).is_ok();
        let only = eligible.first().filter(|_| eligible.len() == 1);
        let telling = only.or_else(|| eligible.iter().find(in_window));
        telling.and_then(|candidate| self.trusted(candidate).err()).unwrap_or_else(|| {
            KeyProblem::NoneActive {
                purpose: self.purpose,
                key_id: self.key_id.map(Into::into),
                signed_at: self.signed_at,
                entries: eligible.len(),
            }
        })
    }
}

impl Candidate {
    fn key_id(&self) -> Option<Box<str>> {
        self.entry.key_id().map(Into::into)
    }

    fn is_held_by(&self, holder: KeyHolder<'_>) -> bool {
        self.entry.account_id() == Some(holder.account_id)
            && self.entry.signer_id() == Some(holder.signer_id)
    }

    fn is_same_key_as(&self, other: &Self) -> bool {
        match (self.entry.public_key(), other.entry.public_key()) {
            (Ok(one), Ok(two)) => one == two,
            // What cannot be read may be any key.
            _ => self.entry.index() == other.entry.index(),
        }
    }
}
