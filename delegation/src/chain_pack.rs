// SPDX-License-Identifier: Apache-2.0

//! A pack with a permit chain, looked at once.
//!
//! ```text
//! permits                        the permits
//! manifest.project_id            the one project that chains stay in                          PCHAIN-36
//! manifest.export_scope          {permit_ids}: what may be asked about                        PCHAIN-31
//! comparator_registry            inline, or by manifest.comparator_registry_hash              PCHAIN-08
//! events                         events of issuance, execution and revocation
//! receipts                       execution receipts                                           PCHAIN-25
//! policy_bundles                 resolved policies, addressed by their canonical hash         PCHAIN-16
//! usage_limit_states             usage states, addressed by their canonical hash              PCHAIN-27
//! manifest.revocations_complete_through   up to when no revocation of the listed permits is left out
//! claim                          {claim_type, claim_scope}                                    PCHAIN-28
//! ```
//!
//! The last three before `claim`, and the name of the hash member, are ours: the document says that
//! such evidence has to be there and not how it is carried.

use std::collections::{BTreeMap, BTreeSet};

use permit_canonical_json::{DigestSink, JsonPointer, Object, Profile, Sha256Digest, Value};
use permit_types::{Artifact, Instant, Location, Rfc3339};

use crate::event_view::{EventView, elements_of};

/// A pack, borrowed from the document it was read from.
#[derive(Debug)]
pub struct ChainPack<'v> {
    document: &'v Value<'v>,
    /// By id in lower case, since UUIDs are compared without regard to case.
    permits: BTreeMap<String, PackedPermit<'v>>,
    listed: Option<BTreeSet<String>>,
    events: Option<Vec<EventView<'v>>>,
}

/// A permit of a pack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedPermit<'v> {
    pub(crate) id: &'v str,
    pub(crate) permit: &'v Value<'v>,
    index: u64,
    /// Whether another permit of the pack has the same id and says something else.
    pub(crate) contradicted: bool,
}

impl<'v> ChainPack<'v> {
    /// Looks at a document. What it lacks is found out when a claim needs it.
    #[must_use]
    pub fn of(document: &'v Value<'v>) -> Self {
        let mut pack = Self { document, permits: BTreeMap::new(), listed: None, events: None };
        let permits = document.get("permits").and_then(Value::as_array).unwrap_or_default();
        for (permit, index) in permits.iter().zip(0_u64..) {
            pack.add_permit(permit, index);
        }
        pack.listed = pack.read_listed();
        let events = document.get("events").and_then(Value::as_array);
        pack.events = events.map(|events| elements_of(Some("events"), events));
        pack
    }

    fn add_permit(&mut self, permit: &'v Value<'v>, index: u64) {
        let Some(id) = permit.get("id").and_then(Value::as_str) else { return };
        let packed = PackedPermit { id, permit, index, contradicted: false };
        let first = self.permits.entry(key(id)).or_insert(packed);
        if first.index != index && first.permit != permit {
            first.contradicted = true;
        }
    }

    fn read_listed(&self) -> Option<BTreeSet<String>> {
        let ids = self.manifest()?.get("export_scope")?.get("permit_ids")?.as_array()?;
        ids.iter().map(|id| id.as_str().map(key)).collect()
    }

    pub(crate) fn manifest(&self) -> Option<&'v Object<'v>> {
        self.document.get("manifest")?.as_object()
    }

    /// A member of the pack that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'v Value<'v>> {
        self.document.get(name).filter(|value| !value.is_null())
    }

    /// A member of the manifest that is there and not null.
    pub(crate) fn stated(&self, name: &str) -> Option<&'v Value<'v>> {
        self.manifest()?.get(name).filter(|value| !value.is_null())
    }

    /// The ids that the export is about, in lower case.
    pub(crate) fn listed(&self) -> Option<&BTreeSet<String>> {
        self.listed.as_ref()
    }

    pub(crate) fn permit(&self, id: &str) -> Option<&PackedPermit<'v>> {
        self.permits.get(&key(id))
    }

    pub(crate) fn events(&self) -> Option<&[EventView<'v>]> {
        self.events.as_deref()
    }

    /// Up to when no revocation of the listed permits is left out, as the issuer states it.
    pub(crate) fn revocations_complete_through(&self) -> Option<Instant> {
        let text = self.stated("revocations_complete_through")?.as_str()?;
        Some(Rfc3339::parse(text)?.instant())
    }

    /// The canonical hashes of the elements of an array of the pack.
    pub(crate) fn hashes_of(&self, array: &str) -> BTreeSet<Sha256Digest> {
        let elements = self.get(array).and_then(Value::as_array).unwrap_or_default();
        let hashes = elements.iter().filter_map(|element| {
            let mut sink = DigestSink::new();
            Profile::Payload.write(element, &mut sink).ok()?;
            Some(sink.finish())
        });
        hashes.collect()
    }

    /// The place of a member of the pack, or of the pack if it has no such member.
    pub(crate) fn location(&self, name: &str) -> Location {
        match self.document.get(name) {
            Some(value) => {
                let pointer = JsonPointer::root().member(name);
                Location::value(Artifact::ClaimEvidence, pointer, value.range())
            }
            None => {
                Location::value(Artifact::ClaimEvidence, JsonPointer::root(), self.document.range())
            }
        }
    }
}

impl<'v> PackedPermit<'v> {
    /// A member that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'v Value<'v>> {
        self.permit.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'v str> {
        self.get(name)?.as_str()
    }

    /// The place of a member, or of the permit if it has no such member.
    pub(crate) fn location(&self, name: &str) -> Location {
        let pointer = JsonPointer::root().member("permits").index(self.index);
        match self.permit.get(name) {
            Some(value) => {
                Location::value(Artifact::ClaimEvidence, pointer.member(name), value.range())
            }
            None => Location::value(Artifact::ClaimEvidence, pointer, self.permit.range()),
        }
    }
}

/// The form in which ids are looked up.
pub(crate) fn key(id: &str) -> String {
    id.to_ascii_lowercase()
}
