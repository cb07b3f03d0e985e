// SPDX-License-Identifier: Apache-2.0

//! The workflow evidence file beside an export, and its descriptor in the export's manifest.
//!
//! ```text
//! manifest.sibling_artifacts.workflow_evidence            schema keel.vanta.workflow_evidence/v1
//!                           .workflow_evidence            the descriptor
//!     content_hash    sha256:<hex> over the bytes of the file
//!     signature       over that text, by the export key active at signed_at
//!     public_key      compared with the trusted key as text
//! ```

use permit_canonical_json::{Budget, JsonPointer, Sha256Digest, Value, read};
use permit_claims::Claim;
use permit_failure_codes::{Reason, ReasonClass};
use permit_keys::{KeyPurpose, KeyRequest, TrustedKey, verify_workflow_sibling};
use permit_types::{Artifact, Finding, Location};

use crate::{
    document::{WORKFLOW_EVIDENCE_SCHEMA, verify_workflow_document},
    fault::{WorkflowFault, WorkflowFaultKind as Kind},
    history::{HistoryLimits, WorkflowHistory},
    proof::{SiblingIntact, WorkflowOutcome, WorkflowProof},
    record::{read_instant, shown, strip},
    sibling_path::{SiblingSearch, StatedPaths},
    trust::{ExportKeySource, WorkflowTrust, verdict_of},
};

/// The descriptor of a workflow evidence file, found in a manifest and not judged.
#[derive(Clone, Copy, Debug)]
pub struct SiblingDescriptor<'m> {
    manifest: &'m Value<'m>,
    entry: &'m Value<'m>,
    descriptor: &'m Value<'m>,
}

/// A workflow evidence file that is what its descriptor describes and holds what it should.
#[derive(Clone, Debug)]
pub struct SiblingEvidence {
    intact: SiblingIntact,
    history: WorkflowHistory,
    notices: Vec<Finding>,
}

impl<'m> SiblingDescriptor<'m> {
    /// The descriptor in a manifest; nothing, if the manifest speaks of no workflow evidence.
    ///
    /// # Errors
    /// If it speaks of some and does not describe it in a way that is known here.
    pub fn of(manifest: &'m Value<'m>) -> Result<Option<Self>, WorkflowFault> {
        let entry = manifest.get("sibling_artifacts").and_then(|all| all.get("workflow_evidence"));
        let Some(entry) = entry.filter(|entry| entry.as_object().is_some()) else {
            return Ok(None);
        };
        let fault = |member, summary, expected| {
            let (value, pointer) = (entry.get(member), entry_pointer().member(member));
            let range = value.map_or(entry.range(), Value::range);
            let at = Location::value(Artifact::Manifest, pointer, range);
            let fault = WorkflowFault::new(Kind::SiblingForm, at, summary);
            Err(fault.with(|finding| finding.values(expected, shown(value))))
        };
        if entry.get("schema").and_then(Value::as_str) != Some(WORKFLOW_EVIDENCE_SCHEMA) {
            let summary = "the manifest describes workflow evidence of a schema not known here";
            return fault("schema", summary, WORKFLOW_EVIDENCE_SCHEMA);
        }
        match entry.get("workflow_evidence").filter(|value| value.as_object().is_some()) {
            Some(descriptor) => Ok(Some(Self { manifest, entry, descriptor })),
            None => fault(
                "workflow_evidence",
                "the manifest has workflow evidence without a descriptor",
                "an object",
            ),
        }
    }

    /// Where the file may be.
    #[must_use]
    pub fn search(&self) -> SiblingSearch {
        let text = |value: &'m Value<'m>, name: &str| value.get(name).and_then(Value::as_str);
        let paths = StatedPaths {
            workflow_evidence_file: text(self.entry, "workflow_evidence_file"),
            bundle_dir: text(self.entry, "bundle_dir"),
            file_name: text(self.descriptor, "file_name").unwrap_or(DEFAULT_FILE_NAME),
            export_id: text(self.manifest, "export_id"),
        };
        paths.search()
    }

    /// The fault for a file that is in none of these places.
    #[must_use]
    pub fn not_found(&self) -> WorkflowFault {
        let summary = "the workflow evidence that the manifest describes was not found";
        let fault = self.fault(Kind::SiblingMissing, "file_name", summary);
        let name = shown(self.descriptor.get("file_name"));
        fault.with(|finding| finding.detail("file_name", name))
    }

    /// Checks the file: its hash, the signature of the descriptor, and then what it holds.
    ///
    /// # Errors
    /// The first fault, and the claim that it is held against.
    pub fn verify(
        &self,
        file: &[u8],
        trust: &WorkflowTrust<'_>,
        budget: &Budget,
        limits: HistoryLimits,
    ) -> Result<SiblingEvidence, WorkflowFault> {
        let length = u64::try_from(file.len()).unwrap_or(u64::MAX);
        if length > budget.input_bytes {
            let at = Location::whole(Artifact::WorkflowEvidence);
            let summary =
                format!("the file is longer than the limit of {} bytes", budget.input_bytes);
            return Err(WorkflowFault::limit(Claim::WorkflowSibling, at, summary));
        }
        let intact = self.check_signature(self.check_hash(file)?, trust)?;
        let document = read(file, budget).map_err(|error| {
            let at = Location::value(Artifact::WorkflowEvidence, error.pointer(), error.at());
            let summary = format!("the workflow evidence cannot be read: {error}");
            if error.kind().is_limit() {
                return WorkflowFault::limit(Claim::WorkflowIntent, at, summary);
            }
            WorkflowFault::new(Kind::DocumentForm, at, summary)
        })?;
        let artifact = Artifact::WorkflowEvidence;
        let history = verify_workflow_document(&document, artifact, trust, limits)?;
        let notices = self.notices(&history);
        Ok(SiblingEvidence { intact, history, notices })
    }

    fn check_hash(&self, file: &[u8]) -> Result<Sha256Digest, WorkflowFault> {
        let computed = Sha256Digest::of(file);
        let expected = computed.prefixed().to_string();
        let stated = self.descriptor.get("content_hash");
        if stated.and_then(Value::as_str) == Some(&expected) {
            return Ok(computed);
        }
        let summary = "the workflow evidence is not the file that the manifest describes";
        let fault = self.fault(Kind::SiblingHash, "content_hash", summary);
        Err(fault.with(|finding| finding.values(expected, shown(stated))))
    }

    fn check_signature(
        &self,
        content_hash: Sha256Digest,
        trust: &WorkflowTrust<'_>,
    ) -> Result<SiblingIntact, WorkflowFault> {
        let signature = self.descriptor.get("signature").and_then(Value::as_str);
        let Some(signature) = signature.filter(|text| !strip(text).is_empty()) else {
            let summary = "the descriptor of the workflow evidence has no signature";
            return Err(self.fault(Kind::SiblingUnsigned, "signature", summary));
        };
        let key = self.key(trust)?;
        if let Some(own) = self.text("public_key")
            && !key.is_written_as(own)
        {
            let summary = "the descriptor carries another key than the one that is trusted";
            let fault = self.fault(Kind::SiblingKeyText, "public_key", summary);
            return Err(fault.with(|finding| finding.values(key.key_text(), own)));
        }
        match verify_workflow_sibling(content_hash, signature, &key) {
            Ok(signature) => Ok(SiblingIntact { content_hash, signature }),
            Err(problem) => {
                let fault = self.fault(Kind::SiblingSignature, "signature", problem.to_string());
                let key_id = key.key_id().unwrap_or("not named");
                Err(fault.with(|finding| finding.detail("key_id", key_id).help(problem.help())))
            }
        }
    }

    fn key(&self, trust: &WorkflowTrust<'_>) -> Result<TrustedKey, WorkflowFault> {
        let purpose = KeyPurpose::ExportSigning;
        let given = |key: Result<TrustedKey, permit_keys::PublicKeyError>| {
            key.map_err(|error| self.fault(Kind::SiblingKey, "public_key", error.to_string()))
        };
        match (trust.export_key, trust.manifest) {
            (ExportKeySource::Pinned(text), _) => given(TrustedKey::pinned(text, purpose)),
            (ExportKeySource::SelfAttested, _) => match self.text("public_key") {
                Some(text) => given(TrustedKey::self_attested(text, purpose)),
                None => {
                    let summary = "the descriptor carries no key to be judged by";
                    Err(self.fault(Kind::SiblingKey, "public_key", summary))
                }
            },
            (ExportKeySource::Manifest, None) => {
                let summary = "there is no key manifest to verify the descriptor with";
                Err(self.fault(Kind::SiblingKey, "key_id", summary))
            }
            (ExportKeySource::Manifest, Some(keys)) => {
                let key_id = self.text("key_id");
                let signed_at = self.text("signed_at").and_then(read_instant);
                let request = KeyRequest::new().key_id(key_id).signed_at(signed_at);
                keys.resolve(purpose, &request, trust.mode).map_err(|problem| {
                    let summary =
                        format!("the key of the workflow evidence cannot be relied on: {problem}");
                    let class = ReasonClass::WorkflowSignatureInvalid;
                    let reason = Reason::ClassWithCode { class, code: problem.code() };
                    let fault = self.fault(Kind::SiblingKey, "key_id", summary);
                    fault.verdict(verdict_of(&problem, key_id.is_some())).with(|mut finding| {
                        finding.reason = reason;
                        finding
                            .rule(problem.rule())
                            .detail("key_id", problem.key_id().unwrap_or("not named"))
                            .help(problem.help())
                    })
                })
            }
        }
    }

    /// The counts of the descriptor describe; what is signed is the file.
    fn notices(&self, history: &WorkflowHistory) -> Vec<Finding> {
        let counts = [
            ("declaration_count", history.declarations()),
            ("amendment_count", history.amendments()),
        ];
        let wrong = counts.into_iter().filter(|(name, count)| {
            let stated = self.descriptor.get(name);
            stated.is_some_and(|value| value.as_u64() != Some(*count))
        });
        let notice = |(name, count): (&'static str, u64)| {
            let summary = format!("`{name}` of the descriptor is not that of the file");
            let stated = shown(self.descriptor.get(name));
            Finding::notice(
                ReasonClass::WorkflowEvidenceSchemaInvalid,
                self.location(name),
                summary,
            )
            .rule("SEM-07")
            .values(count.to_string(), stated)
        };
        wrong.map(notice).collect()
    }

    fn text(&self, name: &str) -> Option<&'m str> {
        self.descriptor.get(name).and_then(Value::as_str)
    }

    fn location(&self, member: &str) -> Location {
        let pointer = entry_pointer().member("workflow_evidence");
        let (pointer, range) = match self.descriptor.get(member) {
            Some(value) => (pointer.member(member), value.range()),
            None => (pointer, self.descriptor.range()),
        };
        Location::value(Artifact::Manifest, pointer, range)
    }

    fn fault(&self, kind: Kind, member: &str, summary: impl Into<String>) -> WorkflowFault {
        WorkflowFault::new(kind, self.location(member), summary)
    }
}

impl SiblingEvidence {
    /// The proof that the file is the one which was described and signed.
    #[must_use]
    pub fn intact(&self) -> &SiblingIntact {
        &self.intact
    }

    /// The history that snapshots are compared with.
    #[must_use]
    pub fn history(&self) -> &WorkflowHistory {
        &self.history
    }

    /// What the file proves by itself.
    #[must_use]
    pub fn outcome(&self) -> WorkflowOutcome {
        let mut proofs = vec![WorkflowProof::Sibling(self.intact.clone())];
        proofs.extend(self.history.proofs());
        let mut outcome = WorkflowOutcome::proved(proofs);
        outcome.notices.clone_from(&self.notices);
        outcome
    }
}

fn entry_pointer() -> JsonPointer {
    JsonPointer::root().member("sibling_artifacts").member("workflow_evidence")
}

const DEFAULT_FILE_NAME: &str = "workflow_evidence.json";
