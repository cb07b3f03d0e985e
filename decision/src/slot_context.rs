// SPDX-License-Identifier: Apache-2.0

//! What stands around permits and is needed to judge their slots.

use std::collections::BTreeSet;

use permit_canonical_json::{Node, Object, Value};
use permit_revocation::{StatedEffect, StatedRevocations};

use crate::{
    loose_value::{is_uuid, resembles_uuid, stripped},
    slot::Slot,
};

/// What document, manifest and revocations say, gathered once for all permits of an export.
#[derive(Debug)]
pub struct SlotContext<'c> {
    document: &'c Object<'c>,
    batches: BTreeSet<&'c str>,
    account_id: Option<&'c str>,
    revocation: Option<StatedEffect>,
    revocations: &'c StatedRevocations,
}

impl<'c> SlotContext<'c> {
    /// Gathers what is needed. The document may lack its records and entries; all revocations that
    /// were found in these should have been noted before.
    #[must_use]
    pub fn new(
        document: &'c Object<'c>,
        manifest: Option<&'c Object<'c>>,
        revocations: &'c StatedRevocations,
    ) -> Self {
        let mut batches = BTreeSet::new();
        collect_batches(document, &mut batches);
        manifest.into_iter().for_each(|manifest| collect_batches(manifest, &mut batches));
        Self {
            document,
            batches,
            account_id: manifest.and_then(account_id),
            revocation: revocation_in(document),
            revocations,
        }
    }

    /// The payload that permit or document give for a slot: the first of four places that has one.
    pub(crate) fn signed_payload<'o>(
        &self,
        permit: &'o Object<'o>,
        slot: Slot,
    ) -> Option<&'o Object<'o>>
    where
        'c: 'o,
    {
        let of = |holder: &'o Object<'o>, name| holder.get(name)?.get(slot.as_str())?.as_object();
        let [first, second] = SIGNED_PAYLOADS;
        of(permit, first)
            .or_else(|| of(permit, second))
            .or_else(|| of(self.document, first))
            .or_else(|| of(self.document, second))
    }

    /// The account that the signer belongs to: the first of the names that is a UUID, in the
    /// permit and then in the manifest. One that is a UUID in another spelling ends the search,
    /// since it may be what the reference takes: no other account stands in for it.
    pub(crate) fn account_id<'o>(&'o self, permit: &'o Object<'_>) -> Option<&'o str> {
        account_id(permit).or(self.account_id).filter(|id| is_uuid(id))
    }

    /// From when on the permit may count as revoked, by whatever says the earliest time.
    pub(crate) fn revocation(&self, permit: &Object<'_>, permit_id: &str) -> Option<StatedEffect> {
        let stated = [revocation_in(permit), self.revocation, self.revocations.of(permit_id)];
        stated.into_iter().flatten().min()
    }

    /// Whether a batch is known, from the permit, the document or the manifest.
    pub(crate) fn knows_batch(&self, permit: &Object<'_>, batch_id: &str) -> bool {
        let mut own = BTreeSet::new();
        collect_batches(permit, &mut own);
        own.contains(batch_id) || self.batches.contains(batch_id)
    }
}

fn revocation_in(holder: &Object<'_>) -> Option<StatedEffect> {
    StatedEffect::read(holder.get("revocation")?.get("effective_at"))
}

fn account_id<'o>(holder: &'o Object<'_>) -> Option<&'o str> {
    let names = ["account_id", "organization_id", "org_id", "tenant_id", "project_id"];
    let texts = names.into_iter().filter_map(|name| holder.get(name).and_then(Value::as_str));
    let mut ids = texts.filter(|text| resembles_uuid(text));
    ids.next()
}

/// Gathers the ids of the batches that an object names. Goes down by a list and not by calls, so
/// that depth costs no stack.
fn collect_batches<'o>(holder: &'o Object<'_>, ids: &mut BTreeSet<&'o str>) {
    let mut open: Vec<&'o Value<'_>> = BATCHES.iter().filter_map(|name| holder.get(name)).collect();
    while let Some(value) = open.pop() {
        match value.node() {
            Node::String(text) => {
                ids.insert(stripped(text));
            }
            Node::Array(elements) => open.extend(elements),
            Node::Object(batch) => {
                let named = BATCH_IDS.iter().filter_map(|name| batch.get(name)?.as_str());
                ids.extend(named.map(stripped));
                open.extend(NESTED_BATCHES.iter().filter_map(|name| batch.get(name)));
            }
            Node::Null | Node::Bool(_) | Node::Number(_) => {}
        }
    }
}

const SIGNED_PAYLOADS: [&str; 2] = ["permit_v2_signed_payloads", "signature_payloads"];

const BATCHES: [&str; 4] = ["audit_batch", "audit_batches", "known_audit_batches", "batches"];

const NESTED_BATCHES: [&str; 3] = ["audit_batches", "known_audit_batches", "batches"];

const BATCH_IDS: [&str; 3] = ["batch_id", "id", "audit_batch_id"];
