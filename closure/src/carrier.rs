// SPDX-License-Identifier: Apache-2.0

//! The two ways in which a closure travels (AMB-02).
//!
//! ```text
//! Flat       the payload of a `permit.closed` event: the signed members, and beside them
//!            closure_canonical_hash (or binding_canonical_hash)
//!            closure_signature_b64  (or binding_signature)
//! Envelope   {payload, canonical_hash, signature, binding_key_id}
//! ```

use alloc::vec::Vec;

use permit_canonical_json::{ByteRange, Object, Value};

/// How a closure is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CarrierForm {
    /// Among the members of an event's payload.
    Flat,
    /// In an object of its own, with the signed members inside.
    Envelope,
}

/// A closure and what seals it, found but not judged.
#[derive(Clone, Copy, Debug)]
pub struct Carrier<'v> {
    form: CarrierForm,
    members: Option<&'v Object<'v>>,
    canonical_hash: Option<&'v Value<'v>>,
    signature: Option<&'v Value<'v>>,
    envelope_key_id: Option<&'v Value<'v>>,
    range: ByteRange,
}

impl<'v> Carrier<'v> {
    /// The closure that a value carries: an event's payload, or a file of its own.
    ///
    /// A value that is no object carries a closure without members.
    #[must_use]
    pub fn of(value: &'v Value<'v>) -> Self {
        let members = value.as_object();
        let envelope = members.and_then(|members| {
            let payload = members.get("payload")?.as_object()?;
            members.get("binding_version").is_none().then_some((members, payload))
        });
        if let Some((envelope, payload)) = envelope {
            return Self {
                form: CarrierForm::Envelope,
                members: Some(payload),
                canonical_hash: stated(envelope.get("canonical_hash")),
                signature: stated(envelope.get("signature")),
                envelope_key_id: envelope.get("binding_key_id"),
                range: value.range(),
            };
        }
        let first =
            |names: [&str; 2]| names.into_iter().find_map(|name| stated(members?.get(name)));
        Self {
            form: CarrierForm::Flat,
            members,
            canonical_hash: first(["closure_canonical_hash", "binding_canonical_hash"]),
            signature: first(["closure_signature_b64", "binding_signature"]),
            envelope_key_id: None,
            range: value.range(),
        }
    }

    /// How the closure is carried.
    #[must_use]
    pub fn form(&self) -> CarrierForm {
        self.form
    }

    /// A member of the signed payload.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'v Value<'v>> {
        self.members?.get(name)
    }

    /// The stated canonical hash: a text that is not blank.
    #[must_use]
    pub fn canonical_hash(&self) -> Option<&'v Value<'v>> {
        self.canonical_hash
    }

    /// The signature: a text that is not blank.
    #[must_use]
    pub fn signature(&self) -> Option<&'v Value<'v>> {
        self.signature
    }

    /// The key that the envelope names beside the payload.
    #[must_use]
    pub fn envelope_key_id(&self) -> Option<&'v Value<'v>> {
        self.envelope_key_id
    }

    /// The bytes of the whole carrier.
    #[must_use]
    pub fn range(&self) -> ByteRange {
        self.range
    }

    /// The members that the signature covers: of an envelope's payload all, of a
    /// flat carrier those of `names`, since others stand beside them.
    #[must_use]
    pub fn signed_members(&self, names: &[&str]) -> Vec<(&'v str, &'v Value<'v>)> {
        let all = self.members.into_iter().flat_map(|members| members.members());
        let signed = all
            .filter(|member| self.form == CarrierForm::Envelope || names.contains(&member.name()));
        signed.map(|member| (member.name(), member.value())).collect()
    }

    /// The path from the carrier to a member of the signed payload.
    pub(crate) fn path_to(
        &self,
        base: permit_canonical_json::JsonPointer,
        name: &str,
    ) -> permit_canonical_json::JsonPointer {
        match self.form {
            CarrierForm::Flat => base.member(name),
            CarrierForm::Envelope => base.member("payload").member(name),
        }
    }
}

/// A text that is there and not blank.
fn stated<'v>(value: Option<&'v Value<'v>>) -> Option<&'v Value<'v>> {
    value.filter(|value| value.as_str().is_some_and(|text| !text.trim().is_empty()))
}
