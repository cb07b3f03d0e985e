// SPDX-License-Identifier: Apache-2.0

//! Making the manifest that goes with an export.
//!
//! ```text
//! BUNDLE-09  signed is the text of content_hash, and nothing else of the manifest
//! BUNDLE-15  its file is called as the export's, and `.manifest.json` behind it
//! BUNDLE-16  filters_hash commits to the filters that were asked for
//! BUNDLE-22  the key is one for exports, and signed_at the time of signing
//! BUNDLE-23  an issuer stamps its own version under its own name
//! CLAIM-07   what a pack pins is written as a whole
//! ```

use permit_canonical_json::{CanonicalError, HashedArtifact, NotJson, Value, to_value};
use permit_claims::to_pretty_text;
use permit_keys::{ExportSigning, PurposeKey, Signer, SignerError};
use permit_pins::PinBlocks;
use permit_types::{
    ChainIntegrity, ContentHash, ExportManifest, KeyId, NonEmptyText, OpenMembers,
    PrefixedPublicKeyText, PrefixedSignatureText, Rfc3339,
};

use crate::export_facts::ExportFacts;

/// A manifest that is not signed yet.
///
/// What it says about the export comes from the writer: there is no way to state another hash or
/// another number of records.
///
/// ```
/// use permit_export_bundle::{EventForm, EventWriter, ExportWriterOptions, ManifestDraft};
/// use permit_keys::{ExportSigning, PurposeKey, SoftwareKey};
/// use permit_types::{NonEmptyText, ProjectId, Rfc3339};
///
/// let project = ProjectId::parse("00000000-0000-4000-8000-0000000000a1").unwrap();
/// let options = ExportWriterOptions::default();
/// let writer = EventWriter::new(Vec::new(), &project, EventForm::Document, &options)?;
/// let (_bytes, facts) = writer.finish()?;
///
/// let key = PurposeKey::<ExportSigning>::new(SoftwareKey::from_seed(&[1; 32]));
/// let signed_at = Rfc3339::parse("2026-05-12T00:00:05Z").unwrap();
/// let draft = ManifestDraft::new(NonEmptyText::parse("export-7").unwrap(), facts.clone());
/// let manifest = draft.issuer_version("acme", "3.1")?.sign(&key, signed_at)?;
/// assert_eq!(manifest.manifest().content_hash, facts.content_hash);
/// assert!(manifest.manifest().other.get("acme_version").is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManifestDraft {
    export_id: NonEmptyText,
    facts: ExportFacts,
    chain_integrity: Option<ChainIntegrity>,
    filters_hash: Option<ContentHash>,
    other: OpenMembers,
}

impl ManifestDraft {
    /// The manifest of an export that was written.
    #[must_use]
    pub fn new(export_id: NonEmptyText, facts: ExportFacts) -> Self {
        let (chain_integrity, filters_hash, other) = (None, None, OpenMembers::new());
        Self { export_id, facts, chain_integrity, filters_hash, other }
    }

    /// States what the writer's walk found: that the entries hold, and how many there are (BUNDLE-18).
    #[must_use]
    pub fn chain_integrity(mut self, verified_at: Rfc3339) -> Self {
        self.chain_integrity = Some(ChainIntegrity {
            verified_at,
            chain_length: self.facts.entry_count,
            last_verified_hash: self.facts.last_record_hash,
            error: None,
        });
        self
    }

    /// Commits to the filters that were asked for (BUNDLE-16).
    ///
    /// # Errors
    /// If a number of the filters has no canonical form.
    pub fn filters(mut self, filters: &Value<'_>) -> Result<Self, CanonicalError> {
        self.filters_hash = Some(HashedArtifact::ExportFilters.profile().digest(filters)?.into());
        Ok(self)
    }

    /// Stamps the version of the issuer's software as `<issuer>_version` (BUNDLE-23).
    ///
    /// # Errors
    /// If manifests have a member of this name.
    pub fn issuer_version(self, issuer: &str, version: &str) -> Result<Self, ManifestError> {
        self.member(&format!("{issuer}_version"), version.to_owned())
    }

    /// Says which claims the export is to be judged by, and by which semantics.
    #[must_use]
    pub fn pins(mut self, blocks: &PinBlocks) -> Self {
        self.other.insert("claim_set", blocks.claim_set().clone());
        self.other.insert("semantics_pins", blocks.semantics_pins().clone());
        self
    }

    /// Adds a member of the issuer's own. It is not signed.
    ///
    /// # Errors
    /// If manifests have a member of this name, or this one has.
    pub fn member(
        mut self,
        name: &str,
        value: impl Into<Value<'static>>,
    ) -> Result<Self, ManifestError> {
        if OWN_MEMBERS.contains(&name) || self.other.get(name).is_some() {
            return Err(ManifestError::MemberTwice { name: name.to_owned() });
        }
        self.other.insert(name, value);
        Ok(self)
    }

    /// Signs the hash of the export. The window of the key has to contain `signed_at`.
    ///
    /// # Errors
    /// If the signer makes no signature, or one that does not verify.
    pub fn sign<S: Signer>(
        self,
        key: &PurposeKey<ExportSigning, S>,
        signed_at: Rfc3339,
    ) -> Result<SignedManifest, ManifestError> {
        let facts = self.facts;
        let signature = key.sign_export_manifest(facts.content_hash.digest())?;
        let malformed = |member| ManifestError::Malformed { member };
        let text = |text: &str| NonEmptyText::parse(text);
        let manifest = ExportManifest {
            export_id: self.export_id,
            project_id: Some(facts.project_id.into_string()),
            export_type: text(facts.export_type).ok_or_else(|| malformed("export_type"))?,
            format: text(facts.format).ok_or_else(|| malformed("format"))?,
            compressed: facts.compressed,
            record_count: facts.record_count,
            content_hash: facts.content_hash,
            signature: PrefixedSignatureText::parse(&signature.to_string())
                .ok_or_else(|| malformed("signature"))?,
            public_key: PrefixedPublicKeyText::parse(&key.public_key().to_string())
                .ok_or_else(|| malformed("public_key"))?,
            key_id: KeyId::parse(&key.key_id().to_string()).ok_or_else(|| malformed("key_id"))?,
            signed_at,
            keel_version: None,
            chain_integrity: self.chain_integrity,
            filters_hash: self.filters_hash,
            other: self.other,
        };
        let bytes = to_pretty_text(&to_value(&manifest)?).into_bytes();
        Ok(SignedManifest { manifest, bytes })
    }
}

/// A manifest that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedManifest {
    manifest: ExportManifest,
    bytes: Vec<u8>,
}

impl SignedManifest {
    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &ExportManifest {
        &self.manifest
    }

    /// The bytes of its file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The name of the manifest that goes with an export of this name (BUNDLE-15).
///
/// ```
/// assert_eq!(permit_export_bundle::manifest_name("may.json.gz"), "may.json.gz.manifest.json");
/// ```
#[must_use]
pub fn manifest_name(export: &str) -> String {
    format!("{export}.manifest.json")
}

/// Why there is no manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// There is no signature.
    #[error("the export was not signed: {0}")]
    Signer(#[from] SignerError),
    /// The manifest has no form in JSON.
    #[error("the manifest cannot be written: {0}")]
    NotJson(#[from] NotJson),
    /// A member that manifests have already.
    #[error("the manifest has a member `{name}` already")]
    MemberTwice {
        /// The member.
        name: String,
    },
    /// Something that the key gave has not the form of a member.
    #[error("the `{member}` of the manifest has not its form")]
    Malformed {
        /// The member.
        member: &'static str,
    },
}

/// The members that manifests have, two of which come from pins, and the one that is the reference's.
const OWN_MEMBERS: [&str; 16] = [
    "export_id",
    "project_id",
    "export_type",
    "format",
    "compressed",
    "record_count",
    "content_hash",
    "signature",
    "public_key",
    "key_id",
    "signed_at",
    "keel_version",
    "chain_integrity",
    "filters_hash",
    "claim_set",
    "semantics_pins",
];
