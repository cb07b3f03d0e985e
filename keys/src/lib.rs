// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod adaptive_key;
mod key_entry;
#[cfg(feature = "pkcs8")]
mod key_file;
mod key_id;
mod key_manifest;
mod key_manifest_draft;
mod key_problem;
mod key_purpose;
mod key_table;
mod key_text;
#[cfg(feature = "schema")]
mod manifest_schema;
mod pending_signature;
mod prepared_key;
mod public_key;
mod purpose_key;
mod resolution;
mod sign_request;
mod signature;
mod signature_check;
mod signed_message;
mod signer;
mod trusted_key;
mod validity_window;
mod window_table;

pub use adaptive_key::{AdaptiveKey, TableAllowance};
pub use key_entry::{KeyEntry, Revocation, UnusableKey};
#[cfg(feature = "pkcs8")]
pub use key_file::{KeyFileError, KeyFileForm};
pub use key_id::{BindingKeyId, ExportKeyId, is_test_key_id};
pub use key_manifest::{KeyManifest, KeyManifestError, KeyManifestErrorKind, KeyManifestNotice};
pub use key_manifest_draft::{CoverageGap, EntryDraft, KeyManifestDraft, KeyManifestDraftError};
pub use key_problem::KeyProblem;
pub use key_purpose::KeyPurpose;
#[cfg(feature = "schema")]
pub use manifest_schema::key_manifest_schema;
pub use pending_signature::PendingSignature;
pub use prepared_key::PreparedKey;
pub use public_key::{PublicKey, PublicKeyError};
pub use purpose_key::{
    BuyerPrincipal, ExportSigning, IntegrityCheckpoint, Operator, PermitBindingSigning, Purpose,
    PurposeKey, ScopeState,
};
pub use resolution::{KeyHolder, KeyRequest};
pub use sign_request::{SIGNER_PROTOCOL, SignRequest};
pub use signature::{
    BareSignature, PrefixedSignature, Signature, SignatureForm, SignatureTextError,
};
pub use signature_check::{
    SignatureChecked, SignatureProblem, verify_audit_attestation, verify_checkpoint,
    verify_closure, verify_counter_signature, verify_export_manifest, verify_operator_approval,
    verify_permit_decision, verify_revocation, verify_revocation_by_any, verify_scope_state,
    verify_workflow_amendment, verify_workflow_declaration, verify_workflow_sibling,
};
pub use signed_message::{MessageKind, SignedMessage};
pub use signer::{Signer, SignerError, SoftwareKey};
pub use trusted_key::{Mode, TrustChannel, TrustedKey};
pub use validity_window::{ValidityWindow, WindowBound, WindowFault};
