// SPDX-License-Identifier: Apache-2.0

//! The messages that get signed, byte for byte (AMB-09).
//!
//! ```text
//! kind                               purpose of the key        message                         text of the signature
//! export manifest, workflow sibling  export_signing            `sha256:<hex>`                  prefix optional
//! closure                            permit_binding_signing    `<hex>`                         prefix optional
//! permit decision                    permit_binding_signing    `<hex>`                         with prefix
//! workflow declaration, amendment    permit_binding_signing    `<hex>`                         prefix optional
//! revocation                         permit_binding_signing    `<hex>`                         without prefix
//! checkpoint                         integrity_checkpoint      `sha256:<hex>`                  prefix optional
//! scope state                        scope_state, or           the canonical bytes             with prefix
//!                                    integrity_checkpoint
//! operator approval                  permit_v2_operator        the canonical bytes             without prefix
//! counter signature, attestation     permit_v2_buyer_principal the canonical bytes             without prefix
//! ```
//!
//! Nothing in the bytes tells the kinds apart: a signature of a closure is one of a
//! revocation with the same hash. That is why the kind is part of what is
//! verified here, and why keys have purposes.

use alloc::sync::Arc;
use core::fmt;

use permit_canonical_json::Sha256Digest;

use crate::{key_purpose::KeyPurpose, signature::SignatureForm};

/// The kinds of messages that get signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// The hash of an export, in its manifest.
    ExportManifest,
    /// The hash of a workflow evidence document beside an export.
    WorkflowSibling,
    /// The hash of a closure's payload.
    Closure,
    /// The hash of a permit decision's payload.
    PermitDecision,
    /// The hash of a workflow declaration's payload.
    WorkflowDeclaration,
    /// The hash of a workflow amendment's payload.
    WorkflowAmendment,
    /// The hash of a `permit.revoked` event without its signature.
    Revocation,
    /// The composite hash of a checkpoint.
    Checkpoint,
    /// A scope-state sidecar without the value of its signature.
    ScopeState,
    /// The payload of an operator's approval, permit format v2.
    OperatorApproval,
    /// The payload of a buyer's counter signature, permit format v2.
    CounterSignature,
    /// The payload of a buyer's attestation of an audit batch, permit format v2.
    AuditAttestation,
}

impl MessageKind {
    /// All kinds.
    pub const ALL: &[Self] = &[
        Self::ExportManifest,
        Self::WorkflowSibling,
        Self::Closure,
        Self::PermitDecision,
        Self::WorkflowDeclaration,
        Self::WorkflowAmendment,
        Self::Revocation,
        Self::Checkpoint,
        Self::ScopeState,
        Self::OperatorApproval,
        Self::CounterSignature,
        Self::AuditAttestation,
    ];

    /// The kind in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExportManifest => "export manifest",
            Self::WorkflowSibling => "workflow sibling",
            Self::Closure => "closure",
            Self::PermitDecision => "permit decision",
            Self::WorkflowDeclaration => "workflow declaration",
            Self::WorkflowAmendment => "workflow amendment",
            Self::Revocation => "revocation",
            Self::Checkpoint => "checkpoint",
            Self::ScopeState => "scope state",
            Self::OperatorApproval => "operator approval",
            Self::CounterSignature => "counter signature",
            Self::AuditAttestation => "audit attestation",
        }
    }

    /// The purposes whose keys may sign it, the usual one first.
    #[must_use]
    pub fn purposes(self) -> &'static [KeyPurpose] {
        match self {
            Self::ExportManifest | Self::WorkflowSibling => &[KeyPurpose::ExportSigning],
            Self::Closure
            | Self::PermitDecision
            | Self::WorkflowDeclaration
            | Self::WorkflowAmendment
            | Self::Revocation => &[KeyPurpose::PermitBindingSigning],
            Self::Checkpoint => &[KeyPurpose::IntegrityCheckpoint],
            Self::ScopeState => &[KeyPurpose::ScopeState, KeyPurpose::IntegrityCheckpoint],
            Self::OperatorApproval => &[KeyPurpose::PermitV2Operator],
            Self::CounterSignature | Self::AuditAttestation => {
                &[KeyPurpose::PermitV2BuyerPrincipal]
            }
        }
    }

    /// How the text of its signature may begin.
    #[must_use]
    pub fn signature_form(self) -> SignatureForm {
        match self {
            Self::ExportManifest
            | Self::WorkflowSibling
            | Self::Closure
            | Self::WorkflowDeclaration
            | Self::WorkflowAmendment
            | Self::Checkpoint => SignatureForm::PrefixOptional,
            Self::PermitDecision | Self::ScopeState => SignatureForm::WithPrefix,
            Self::Revocation
            | Self::OperatorApproval
            | Self::CounterSignature
            | Self::AuditAttestation => SignatureForm::WithoutPrefix,
        }
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A message that gets signed, together with its kind.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
/// use permit_keys::SignedMessage;
///
/// let hash = Sha256Digest::of(b"");
/// assert_eq!(SignedMessage::closure(hash).as_bytes().len(), 64);
/// assert!(SignedMessage::checkpoint(hash).as_bytes().starts_with(b"sha256:e3b0c442"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SignedMessage {
    kind: MessageKind,
    bytes: MessageBytes,
}

impl SignedMessage {
    /// The message of an export's manifest: the hash of the exported file (BUNDLE-09).
    #[must_use]
    pub fn export_manifest(content_hash: Sha256Digest) -> Self {
        Self::prefixed_hex(MessageKind::ExportManifest, content_hash)
    }

    /// The message of a workflow sibling's descriptor: the hash of the document's file.
    #[must_use]
    pub fn workflow_sibling(content_hash: Sha256Digest) -> Self {
        Self::prefixed_hex(MessageKind::WorkflowSibling, content_hash)
    }

    /// The message of a closure: the canonical hash of its payload (CLOSE-16).
    #[must_use]
    pub fn closure(canonical_hash: Sha256Digest) -> Self {
        Self::hex(MessageKind::Closure, canonical_hash)
    }

    /// The message of a permit decision: the canonical hash of its payload.
    #[must_use]
    pub fn permit_decision(canonical_hash: Sha256Digest) -> Self {
        Self::hex(MessageKind::PermitDecision, canonical_hash)
    }

    /// The message of a workflow declaration: the canonical hash of its payload.
    #[must_use]
    pub fn workflow_declaration(canonical_hash: Sha256Digest) -> Self {
        Self::hex(MessageKind::WorkflowDeclaration, canonical_hash)
    }

    /// The message of a workflow amendment: the canonical hash of its payload.
    #[must_use]
    pub fn workflow_amendment(canonical_hash: Sha256Digest) -> Self {
        Self::hex(MessageKind::WorkflowAmendment, canonical_hash)
    }

    /// The message of a revocation: the canonical hash of the event without its signature.
    #[must_use]
    pub fn revocation(canonical_hash: Sha256Digest) -> Self {
        Self::hex(MessageKind::Revocation, canonical_hash)
    }

    /// The message of a checkpoint: its composite hash.
    #[must_use]
    pub fn checkpoint(composite_hash: Sha256Digest) -> Self {
        Self::prefixed_hex(MessageKind::Checkpoint, composite_hash)
    }

    /// The message of a scope-state sidecar: its canonical bytes (SIDE-06).
    #[must_use]
    pub fn scope_state(canonical: &[u8]) -> Self {
        Self::canonical(MessageKind::ScopeState, canonical)
    }

    /// The message of an operator's approval: the canonical bytes of the slot's payload.
    #[must_use]
    pub fn operator_approval(canonical: &[u8]) -> Self {
        Self::canonical(MessageKind::OperatorApproval, canonical)
    }

    /// The message of a counter signature: the canonical bytes of the slot's payload.
    #[must_use]
    pub fn counter_signature(canonical: &[u8]) -> Self {
        Self::canonical(MessageKind::CounterSignature, canonical)
    }

    /// The message of an audit attestation: the canonical bytes of the slot's payload.
    #[must_use]
    pub fn audit_attestation(canonical: &[u8]) -> Self {
        Self::canonical(MessageKind::AuditAttestation, canonical)
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.bytes {
            MessageBytes::Hex(text) => text,
            MessageBytes::PrefixedHex(text) => text,
            MessageBytes::Canonical(bytes) => bytes,
        }
    }

    fn hex(kind: MessageKind, hash: Sha256Digest) -> Self {
        Self { kind, bytes: MessageBytes::Hex(hex(hash)) }
    }

    fn prefixed_hex(kind: MessageKind, hash: Sha256Digest) -> Self {
        let mut text = *b"sha256:----------------------------------------------------------------";
        let digits = text.iter_mut().skip(7);
        digits.zip(hex(hash)).for_each(|(to, from)| *to = from);
        Self { kind, bytes: MessageBytes::PrefixedHex(text) }
    }

    fn canonical(kind: MessageKind, canonical: &[u8]) -> Self {
        Self { kind, bytes: MessageBytes::Canonical(canonical.into()) }
    }
}

impl fmt::Debug for SignedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = alloc::string::String::from_utf8_lossy(self.as_bytes());
        f.debug_tuple("SignedMessage").field(&self.kind).field(&text).finish()
    }
}

/// The forms a message has. All but the last need no memory of their own.
#[derive(Clone, PartialEq, Eq)]
enum MessageBytes {
    Hex([u8; 64]),
    PrefixedHex([u8; 71]),
    Canonical(Arc<[u8]>),
}

fn hex(hash: Sha256Digest) -> [u8; 64] {
    let mut text = [0; 64];
    let hex = hash.hex();
    text.iter_mut().zip(hex.as_str().bytes()).for_each(|(to, from)| *to = from);
    text
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn amb_09_the_three_forms_of_messages() {
        let hash = Sha256Digest::of(b"payload");
        let (bare, prefixed) = (hash.to_string(), hash.prefixed().to_string());
        for message in [
            SignedMessage::closure(hash),
            SignedMessage::permit_decision(hash),
            SignedMessage::workflow_declaration(hash),
            SignedMessage::workflow_amendment(hash),
            SignedMessage::revocation(hash),
        ] {
            assert_eq!(message.as_bytes(), bare.as_bytes(), "{message:?}");
        }
        for message in [
            SignedMessage::export_manifest(hash),
            SignedMessage::workflow_sibling(hash),
            SignedMessage::checkpoint(hash),
        ] {
            assert_eq!(message.as_bytes(), prefixed.as_bytes(), "{message:?}");
        }
        for message in [
            SignedMessage::scope_state(b"{}"),
            SignedMessage::operator_approval(b"{}"),
            SignedMessage::counter_signature(b"{}"),
            SignedMessage::audit_attestation(b"{}"),
        ] {
            assert_eq!(message.as_bytes(), b"{}", "{message:?}");
        }
        assert_ne!(SignedMessage::closure(hash), SignedMessage::revocation(hash));
    }
}
