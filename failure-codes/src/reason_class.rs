// SPDX-License-Identifier: Apache-2.0

//! Reason classes: the words beside the taxonomy, of the reference and of our own.

use core::{fmt, str::FromStr};

use crate::{FailureCode, UnknownWord};

/// Makes [`ReasonClass`] from a table, so that all about a class stands in one place.
macro_rules! reason_classes {
    ($($origin:ident $outcome:ident {
        $($name:ident = $text:literal {
            $(code: $code:ident,)?
            trigger: $trigger:literal,
            rules: [$($rule:literal),* $(,)?],
            remedy: $remedy:literal,
        })+
    })+) => {
        /// A word that a report gives as its reason and that is not in the taxonomy (AMB-19).
        ///
        /// Three groups: words of the reference for what is wrong, words of the reference for
        /// what holds, and our own words for what the taxonomy has no code for.
        ///
        /// ```
        /// use permit_failure_codes::{FailureCode, Origin, ReasonClass};
        ///
        /// let class: ReasonClass = "CONTENT_HASH_MISMATCH".parse()?;
        /// assert_eq!(class.code(), Some(FailureCode::ManifestHashMismatch));
        /// assert_eq!(class.origin(), Origin::Reference);
        /// # Ok::<(), permit_failure_codes::UnknownWord>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ReasonClass {
            $($(
                #[doc = concat!("`", $text, "`: ", $trigger, ".")]
                $name,
            )+)+
        }

        impl ReasonClass {
            /// All classes, group by group.
            pub const ALL: &[Self] = &[$($(Self::$name),+),+];

            /// The class of this literal word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($($text => Some(Self::$name),)+)+
                    _ => None,
                }
            }

            const fn entry(self) -> &'static Entry {
                match self {
                    $($(Self::$name => &Entry {
                        text: $text,
                        origin: Origin::$origin,
                        success: reason_classes!(@success $outcome),
                        code: reason_classes!(@code $($code)?),
                        trigger: $trigger,
                        rules: &[$($rule),*],
                        remedy: $remedy,
                    },)+)+
                }
            }
        }
    };
    (@success Failure) => { false };
    (@success Success) => { true };
    (@code) => { None };
    (@code $code:ident) => { Some(FailureCode::$code) };
}

/// What the table says about one class.
struct Entry {
    text: &'static str,
    origin: Origin,
    success: bool,
    code: Option<FailureCode>,
    trigger: &'static str,
    rules: &'static [&'static str],
    remedy: &'static str,
}

/// Who coined the word of a reason class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The reference verifier, `keel-verify` 2.5.1.
    Reference,
    /// This workspace, since neither the taxonomy nor the reference has a word for it.
    Ours,
}

impl Origin {
    /// The origin in a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Ours => "ours",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl ReasonClass {
    /// The literal word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.entry().text
    }

    /// The code of the taxonomy that means the same, or is nearest (CODE-03).
    ///
    /// None if there is none, and also if it depends on the place: a caller who knows the
    /// place then uses [`Reason::ClassWithCode`](crate::Reason::ClassWithCode). That is so for
    /// [`SignatureVerificationFailed`](Self::SignatureVerificationFailed), which the taxonomy
    /// calls `MANIFEST_SIGNATURE_INVALID` for exports and has no code for elsewhere.
    #[must_use]
    pub const fn code(self) -> Option<FailureCode> {
        self.entry().code
    }

    /// Whether the word says that something holds.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.entry().success
    }

    /// Who coined the word.
    #[must_use]
    pub const fn origin(self) -> Origin {
        self.entry().origin
    }

    /// What makes it fire, in one sentence without a final stop.
    #[must_use]
    pub const fn trigger(self) -> &'static str {
        self.entry().trigger
    }

    /// The ids of the rules that the word answers, the nearest first; empty if none speaks of it.
    ///
    /// For a word that says that something holds these are the rules that were found kept.
    #[must_use]
    pub const fn rules(self) -> &'static [&'static str] {
        self.entry().rules
    }

    /// What the reader of a report can do next, in one sentence without a final stop.
    ///
    /// For a word that says that something holds: what it does not prove, and how to learn that.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        self.entry().remedy
    }
}

impl FromStr for ReasonClass {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(UnknownWord::ReasonClass)
    }
}

impl fmt::Display for ReasonClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

reason_classes! {
    // What the reference finds wrong, or cannot judge.
    Reference Failure {
        ManifestJsonInvalid = "MANIFEST_JSON_INVALID" {
            code: ManifestParseError,
            trigger: "the manifest is not UTF-8 text that holds one JSON object",
            rules: ["BUNDLE-10"],
            remedy: "look for a byte order mark, another encoding or a cut end in the manifest, \
                and fetch it again without opening it in an editor",
        }
        ContentHashMismatch = "CONTENT_HASH_MISMATCH" {
            code: ManifestHashMismatch,
            trigger: "the bytes of the export do not have the hash that the manifest states",
            rules: ["BUNDLE-06", "BUNDLE-13", "BUNDLE-14"],
            remedy: "compare size and hash of the file with the issuer's copy, since a download \
                that was unpacked, re-encoded or pretty-printed on the way has other bytes",
        }
        TrustRootUnresolvable = "TRUST_ROOT_UNRESOLVABLE" {
            code: UnknownSigningKey,
            trigger: "the trust root cannot be read, or does not hold exactly one key for this id, \
                purpose and time",
            rules: ["BUNDLE-07", "KEY-01"],
            remedy: "check that the trust root is the issuer's current key manifest, and that it \
                lists one key, not none or several, for this id and purpose",
        }
        ManifestPublicKeyMismatch = "MANIFEST_PUBLIC_KEY_MISMATCH" {
            code: ManifestSignatureInvalid,
            trigger: "the public key written in the manifest is not the trusted key",
            rules: ["BUNDLE-08"],
            remedy: "ask the issuer over another channel which key is right: the manifest was made \
                with a foreign one, or the trust root is out of date",
        }
        SignatureVerificationFailed = "SIGNATURE_VERIFICATION_FAILED" {
            trigger: "the signature of an export or of a checkpoint does not verify under the \
                trusted key",
            rules: ["BUNDLE-08", "SEM-02"],
            remedy: "fetch the signed file again and compare the key with the one that the issuer \
                publishes; if both are right, the signed hash was altered",
        }
        ExportScopeIdentityIncomplete = "EXPORT_SCOPE_IDENTITY_INCOMPLETE" {
            trigger: "the manifest has some of the six members that identify an export, and lacks \
                others",
            rules: [],
            remedy: "ask for a manifest with `export_id`, `project_id`, `export_type`, `format`, \
                `compressed` and `record_count`, so that one export cannot pass for another",
        }
        ExportScopeIdentityUnverifiable = "EXPORT_SCOPE_IDENTITY_UNVERIFIABLE" {
            trigger: "the payload has no readable `records` to compare with the identity in the \
                manifest",
            rules: [],
            remedy: "take the manifest's project and count as the signer's word, or ask for the \
                same evidence as a JSON bundle with `records`",
        }
        ExportScopeRecordCountMismatch = "EXPORT_SCOPE_RECORD_COUNT_MISMATCH" {
            trigger: "the number of records is not the `record_count` of the manifest",
            rules: ["BUNDLE-05"],
            remedy: "ask the issuer which count is right: the bytes are the signed ones, so \
                records were lost or added before the export was signed",
        }
        ExportScopeProjectIdMismatch = "EXPORT_SCOPE_PROJECT_ID_MISMATCH" {
            trigger: "the manifest and the payload name different projects",
            rules: [],
            remedy: "check for which project the evidence was asked, and do not use it for the \
                other one",
        }
        ExportStructureInvalid = "EXPORT_STRUCTURE_INVALID" {
            trigger: "the payload cannot be read as the JSON that a layer needs, for it is a \
                table, an archive or damaged",
            rules: ["BUNDLE-01"],
            remedy: "ask for the export as a JSON bundle with chain entries, since other formats \
                carry no evidence of chains and closures",
        }
        VerificationFailed = "VERIFICATION_FAILED" {
            trigger: "a layer fails for a cause that the reference has no word for",
            rules: [],
            remedy: "read the message and the place of the finding; if the bundle has schema \
                version 1, which holds no chain entries, ask for version 2",
        }
        WalkNoEvaluableSubjects = "WALK_NO_EVALUABLE_SUBJECTS" {
            trigger: "the export holds no chain entry to walk",
            rules: [],
            remedy: "ask for the export with `include_chain_entries`, since a walk over nothing \
                proves nothing",
        }
        ClosureNoEvaluableSubjects = "CLOSURE_NO_EVALUABLE_SUBJECTS" {
            trigger: "the export holds no closure to check",
            rules: [],
            remedy: "ask for the `permit.closed` events of the permits, or make sure that none of \
                them was ever dispatched",
        }
        WorkflowEvidenceSchemaInvalid = "WORKFLOW_EVIDENCE_SCHEMA_INVALID" {
            trigger: "workflow evidence does not have the form, the counts or the file hash that \
                it states",
            rules: ["SEM-07"],
            remedy: "look at the member named: a wrong count or hash means that the file was \
                exchanged after it was described, anything else that the exporter made it wrongly",
        }
        WorkflowSignatureInvalid = "WORKFLOW_SIGNATURE_INVALID" {
            trigger: "a workflow declaration, an amendment or the file with them has no valid \
                signature of a trusted key",
            rules: ["SEM-07"],
            remedy: "compare the record with its signed payload and its key id with the trust \
                root, and let no unsigned amendment raise a limit",
        }
        WorkflowAmendmentOrderInvalid = "WORKFLOW_AMENDMENT_ORDER_INVALID" {
            trigger: "amendments are out of order, skip a version or belong to no known \
                declaration",
            rules: ["SEM-07"],
            remedy: "ask for all amendments of the declaration in the order they were applied, \
                since a gap can hide a change of its limits",
        }
        WorkflowEffectiveIntentHashMismatch = "WORKFLOW_EFFECTIVE_INTENT_HASH_MISMATCH" {
            trigger: "an effective intent, or the snapshot of it in a permit, does not have the \
                hash that it states",
            rules: ["SEM-07", "SEM-08", "PERMIT-19"],
            remedy: "rebuild the intent from the declaration and the amendments before that time \
                to see which of them was altered, added or left out",
        }
        IncidentManifestSchemaInvalid = "INCIDENT_MANIFEST_SCHEMA_INVALID" {
            trigger: "an incident archive lacks a required file, or states a wrong schema for one",
            rules: ["SEM-09"],
            remedy: "ask for the whole archive again, and check that it holds all eight required \
                files",
        }
        IncidentUnknownManifestVersion = "INCIDENT_UNKNOWN_MANIFEST_VERSION" {
            trigger: "the manifest of an incident archive has a version other than 1 and 2",
            rules: ["SEM-09"],
            remedy: "use a verifier that knows this version of the archive, since nothing inside \
                was judged",
        }
        PermitDecisionEvidenceMissing = "PERMIT_DECISION_EVIDENCE_MISSING" {
            trigger: "a signed decision, or a member that its signature covers, is absent",
            rules: ["SEM-05"],
            remedy: "ask for the `permit_decision_binding` object of this permit with every member \
                of its canonical payload",
        }
        PermitDecisionUntrustedKey = "PERMIT_DECISION_UNTRUSTED_KEY" {
            code: PermitDecisionKeyNotTrusted,
            trigger: "the key id of a decision is not in the trust root as a binding key",
            rules: ["SEM-05", "KEY-01"],
            remedy: "look up the key id in the key manifest that the issuer publishes, and check \
                that its purpose there is `permit_binding_signing`",
        }
        PermitDecisionTrustRootUnresolvable = "PERMIT_DECISION_TRUST_ROOT_UNRESOLVABLE" {
            code: PermitDecisionKeyNotTrusted,
            trigger: "the trust root for a decision cannot be read, or the key in it cannot be \
                used",
            rules: ["SEM-05", "KEY-01"],
            remedy: "check that the trust root is a readable key manifest and its binding key 32 \
                bytes long; the decision itself was not judged",
        }
        PermitDecisionSchemaInvalid = "PERMIT_DECISION_SCHEMA_INVALID" {
            trigger: "a decision has a wrong type, an extra member, an unknown decision word or a \
                signature of the wrong form",
            rules: ["SEM-05", "SEM-06"],
            remedy: "have the issuer export the decision as `permit.decision.v1` and no more, \
                since a member that is not signed could be taken for signed",
        }
        PermitDecisionCanonicalHashMismatch = "PERMIT_DECISION_CANONICAL_HASH_MISMATCH" {
            code: PermitDecisionCanonicalPayloadMismatch,
            trigger: "the canonical payload of a decision does not hash to its \
                `binding_canonical_hash`",
            rules: ["SEM-05"],
            remedy: "compare the payload with the issuer's record from the time of issuance, \
                looking for members that a later export filled in or formatted anew",
        }
        PermitDecisionKeyIdMismatch = "PERMIT_DECISION_KEY_ID_MISMATCH" {
            trigger: "the key id of a decision is not derived from the trusted key of that id",
            rules: ["SEM-05"],
            remedy: "ask the issuer to correct the key manifest or the decision, since a binding \
                key id is the first sixteen hex digits of the key's hash",
        }
        PermitDecisionUnsupportedBindingVersion = "PERMIT_DECISION_UNSUPPORTED_BINDING_VERSION" {
            trigger: "the `binding_version` of a decision is missing or not `v1`",
            rules: ["SEM-05"],
            remedy: "use a verifier that knows this binding version, since its payload has other \
                members and the rules of `v1` say nothing about them",
        }
        PermitRevokedEvidenceMissing = "PERMIT_REVOKED_EVIDENCE_MISSING" {
            trigger: "a signed revocation, or a member that it needs, is absent",
            rules: ["REVOKE-07", "REVOKE-06"],
            remedy: "ask for the signed `permit.revoked` event, since a permit that merely has the \
                status `revoked` does not show when or by whom",
        }
        PermitRevokedTrustRootUnresolvable = "PERMIT_REVOKED_TRUST_ROOT_UNRESOLVABLE" {
            code: UnknownSigningKey,
            trigger: "the trust root holds no binding key that was active at the time of the \
                revocation",
            rules: ["REVOKE-07", "KEY-01"],
            remedy: "add the issuer's `permit_binding_signing` key of that time to the trust root; \
                until then the revocation is neither proven nor refuted",
        }
        PermitRevokedSchemaInvalid = "PERMIT_REVOKED_SCHEMA_INVALID" {
            trigger: "a revocation has an extra member, or one of the wrong form",
            rules: ["REVOKE-01", "REVOKE-09"],
            remedy: "ask for the revocation with its eight members alone and a reason code in \
                place of free text",
        }
        PermitRevokedPermitIdMismatch = "PERMIT_REVOKED_PERMIT_ID_MISMATCH" {
            trigger: "a signed revocation belongs to another permit than the one in question",
            rules: ["REVOKE-03"],
            remedy: "look for the revocation of this very permit, since the one supplied leaves it \
                in force",
        }
        PermitRevokedEffectiveAtMismatch = "PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH" {
            code: PermitRevokedEffectiveAtNotEqualRevokedAt,
            trigger: "the `effective_at` of a revocation is not the same text as its `revoked_at`",
            rules: ["REVOKE-02"],
            remedy: "compare the two texts: one instant in two spellings is a slip of the issuer, \
                two instants are a delayed revocation, and both need a new event",
        }
        PermitRevokedActorKindUnsupported = "PERMIT_REVOKED_ACTOR_KIND_UNSUPPORTED" {
            trigger: "the `actor_kind` of a revocation is none of the four known ones",
            rules: ["REVOKE-08"],
            remedy: "ask the issuer to name the actor as `user`, `service_account`, `system` or \
                `api_key`, or use a verifier that knows the other kind",
        }
        ExportScopePostRevocationDispatchPresent = "EXPORT_SCOPE_POST_REVOCATION_DISPATCH_PRESENT" {
            trigger: "the declared scope holds a dispatch under the permit after its revocation",
            rules: ["ABSENT-05", "ABSENT-02"],
            remedy: "read the dispatch that is named: the permit was used after it was revoked, so \
                find out what was sent and why the gateway let it pass",
        }
        PayloadTypeMismatch = "PAYLOAD_TYPE_MISMATCH" {
            trigger: "a signature slot, or the payload that it signs, has the payload type of \
                something else",
            rules: [],
            remedy: "find out for which slot the signature was made, since one that was given for \
                another purpose must not count here",
        }
        PermitOperatorApprovalInvalid = "PERMIT_OPERATOR_APPROVAL_INVALID" {
            trigger: "an operator's approval is absent, malformed, outside the validity of the \
                permit or not validly signed",
            rules: [],
            remedy: "have the operator approve the permit again within its validity, over its \
                present canonical hash",
        }
        PermitCounterSignatureInvalid = "PERMIT_COUNTER_SIGNATURE_INVALID" {
            trigger: "a counter signature is absent, malformed, outside the validity of the \
                permit, after its revocation or not validly signed",
            rules: [],
            remedy: "have the buyer sign again while the permit is valid, and if it was revoked, \
                treat it as not accepted",
        }
        PermitAuditAttestationInvalid = "PERMIT_AUDIT_ATTESTATION_INVALID" {
            trigger: "an audit attestation is absent, malformed, older than the permit or not \
                validly signed",
            rules: [],
            remedy: "ask the attesting party for a new attestation over the permit's present \
                canonical hash, dated after its issuance",
        }
        PermitOperatorApprovalSignerMismatch = "PERMIT_OPERATOR_APPROVAL_SIGNER_MISMATCH" {
            trigger: "the operator in the signed payload of an approval is not the signer of its \
                slot",
            rules: [],
            remedy: "take only the operator inside the signed payload as proven, and ask the \
                issuer why the slot names another one",
        }
        PermitCounterSignatureSignerMismatch = "PERMIT_COUNTER_SIGNATURE_SIGNER_MISMATCH" {
            trigger: "the buyer in the signed payload of a counter signature is not the signer of \
                its slot",
            rules: [],
            remedy: "ask the buyer that the slot names whether it ever signed, since the signature \
                is about another one",
        }
        PermitAuditAttestationSignerMismatch = "PERMIT_AUDIT_ATTESTATION_SIGNER_MISMATCH" {
            trigger: "the party in the signed payload of an audit attestation is not the signer of \
                its slot",
            rules: [],
            remedy: "count the attestation for neither party until the issuer has supplied the \
                slot and the payload that belong together",
        }
        PermitCounterSignatureIntentMismatch = "PERMIT_COUNTER_SIGNATURE_INTENT_MISMATCH" {
            trigger: "the intent hash in the slot of a counter signature is not the signed one",
            rules: [],
            remedy: "compare both hashes with the request that was executed, since the buyer \
                agreed to the signed one alone",
        }
        PermitAuditAttestationBatchMismatch = "PERMIT_AUDIT_ATTESTATION_BATCH_MISMATCH" {
            trigger: "the batch in the slot of an audit attestation is not the signed one, or not \
                in the evidence",
            rules: [],
            remedy: "ask for the batch that the signed attestation names, and check that this \
                permit is in it",
        }
        PermitOperatorApprovalKeyNotTrusted = "PERMIT_OPERATOR_APPROVAL_KEY_NOT_TRUSTED" {
            trigger: "the registry holds no single active operator key for the key id, signer and \
                account of an approval",
            rules: [],
            remedy: "register the operator's key with account, signer id and validity window, and \
                check that the slot states the same",
        }
        PermitCounterSignatureKeyNotTrusted = "PERMIT_COUNTER_SIGNATURE_KEY_NOT_TRUSTED" {
            trigger: "the registry holds no single active buyer key for the key id, signer and \
                account of a counter signature",
            rules: [],
            remedy: "register the buyer's key for its account and the time of signing, and check \
                that the permit or the manifest names that account",
        }
        PermitAuditAttestationKeyNotTrusted = "PERMIT_AUDIT_ATTESTATION_KEY_NOT_TRUSTED" {
            trigger: "the registry holds no single active key for the key id, signer and account \
                of an audit attestation",
            rules: [],
            remedy: "register the attesting party's key under a buyer or attestation purpose, \
                valid at the time of the attestation",
        }
        CheckpointCompositeHashMissing = "CHECKPOINT_COMPOSITE_HASH_MISSING" {
            trigger: "a checkpoint has no `composite_hash`, or one without `sha256:` in front",
            rules: ["SEM-01"],
            remedy: "fetch the checkpoint again from the issuer, since without its composite hash \
                neither heads nor signature can be judged",
        }
        CheckpointChainHeadsInvalid = "CHECKPOINT_CHAIN_HEADS_INVALID" {
            trigger: "the chain heads of a checkpoint are not an object of sequence numbers and \
                record hashes",
            rules: ["SEM-01"],
            remedy: "compare the head that is named with the checkpoint format, and ask the issuer \
                for the file as it was signed",
        }
        CheckpointCompositeHashRecomputeFailed = "CHECKPOINT_COMPOSITE_HASH_RECOMPUTE_FAILED" {
            trigger: "the composite hash cannot be computed, since its recipe is not pinned or the \
                name of a scope is no valid text",
            rules: ["SEM-01"],
            remedy: "add `keel.checkpoint.composite_hash.v1` to the pins of the checkpoint, and \
                look for lone surrogates in the names of its scopes",
        }
        CheckpointCompositeHashMismatch = "CHECKPOINT_COMPOSITE_HASH_MISMATCH" {
            trigger: "the chain heads of a checkpoint do not hash to its `composite_hash`",
            rules: ["SEM-01"],
            remedy: "rely on none of the heads, and compare them with the issuer's neighbouring \
                checkpoints to see which was changed",
        }
        CheckpointSignatureMissing = "CHECKPOINT_SIGNATURE_MISSING" {
            trigger: "a checkpoint has no signature",
            rules: ["SEM-02"],
            remedy: "ask for the signed checkpoint, since whoever edits the heads can compute the \
                hash anew",
        }
        CheckpointPublicKeyInvalid = "CHECKPOINT_PUBLIC_KEY_INVALID" {
            trigger: "the key expected for a checkpoint is not written with `ed25519:` in front",
            rules: ["SEM-02"],
            remedy: "give the expected key as `ed25519:` and its base64, exactly as the issuer \
                publishes it",
        }
        CheckpointPublicKeyMismatch = "CHECKPOINT_PUBLIC_KEY_MISMATCH" {
            trigger: "the public key written in a checkpoint is not the trusted key",
            rules: ["SEM-02"],
            remedy: "compare both keys with the issuer's key manifest, since a checkpoint that \
                brings its own key vouches only for itself",
        }
        CheckpointTsaImprintMismatch = "CHECKPOINT_TSA_IMPRINT_MISMATCH" {
            trigger: "a time-stamp receipt of a checkpoint cannot be read, or stamps another hash",
            rules: ["SEM-03"],
            remedy: "ask for the bare time-stamp token over this composite hash, since a whole \
                response or the token of another checkpoint does not count",
        }
        ClaimRegistryUnresolved = "CLAIM_REGISTRY_UNRESOLVED" {
            trigger: "the claim set is malformed, its registry does not resolve, or it names a \
                claim that the registry lacks",
            rules: ["CLAIM-16", "CLAIM-08"],
            remedy: "compare the id, hash and version in `claim_set` with a released registry, and \
                every claim name with its list",
        }
        SemanticPinMissing = "SEMANTIC_PIN_MISSING" {
            trigger: "the pins lack an artifact that a requested claim needs",
            rules: ["PIN-02", "CLAIM-02"],
            remedy: "ask the issuer to pin the artifact that is named by id and hash, since a \
                verifier must not put its own version in its place",
        }
        SemanticPinUnresolved = "SEMANTIC_PIN_UNRESOLVED" {
            trigger: "a pinned artifact cannot be found, decoded or read as what its id says",
            rules: ["PIN-02", "PIN-05"],
            remedy: "supply the exact bytes of the artifact in the pack, inline or at the path \
                that the pin gives",
        }
        SemanticPinHashMismatch = "SEMANTIC_PIN_HASH_MISMATCH" {
            trigger: "the bytes of a pinned artifact do not have the hash that the pin states",
            rules: ["PIN-03", "CLAIM-12", "PIN-01"],
            remedy: "put the artifact into the pack byte for byte as it was released, since a \
                reformatted copy has another hash",
        }
        SemanticPinNotAllowlisted = "SEMANTIC_PIN_NOT_ALLOWLISTED" {
            trigger: "the id and hash of a pinned artifact are not a pair that this verifier knows",
            rules: ["PIN-04", "CLAIM-12"],
            remedy: "check whether the pair belongs to a release newer than this verifier and \
                update it; a meaning that comes with the evidence alone is not to be trusted",
        }
        RequiredClaimNotAdjudicated = "REQUIRED_CLAIM_NOT_ADJUDICATED" {
            trigger: "a claim that the pack requires was not judged in this run",
            rules: ["PIN-08"],
            remedy: "deal with the failure that ended the run first; if there is none, supply the \
                evidence that this claim needs",
        }
        SemanticProfileUnresolved = "SEMANTIC_PROFILE_UNRESOLVED" {
            trigger: "the profile that stands for several pins does not resolve",
            rules: ["PIN-05"],
            remedy: "supply the profile with the stated hash in the pack, or pin its components \
                one by one",
        }
        RequiredClaimUnverifiableScope = "REQUIRED_CLAIM_UNVERIFIABLE_SCOPE" {
            trigger: "a claim that the pack requires is outside what the verifier may judge",
            rules: ["PIN-08"],
            remedy: "use a verifier that knows the pinned meaning of this claim, or leave the \
                claim open in your assessment",
        }
    }
    // What the reference finds to hold.
    Reference Success {
        ExportIntegritySupported = "EXPORT_INTEGRITY_SUPPORTED" {
            trigger: "the bytes of the export have the signed hash, and the signature verifies \
                under a trusted key",
            rules: ["BUNDLE-06", "BUNDLE-07", "BUNDLE-08"],
            remedy: "go on to chains and closures, since this shows who signed the bytes and not \
                that they are true or complete",
        }
        ContentHashMatch = "CONTENT_HASH_MATCH" {
            trigger: "the bytes of the export have the hash that the manifest states",
            rules: ["BUNDLE-06"],
            remedy: "look at the signature next, since a hash that matches proves nothing unless \
                it is signed",
        }
        ExportScopeIdentitySupported = "EXPORT_SCOPE_IDENTITY_SUPPORTED" {
            trigger: "the project and the record count of the manifest agree with the payload",
            rules: ["BUNDLE-05"],
            remedy: "compare export id and project with what you asked for, since the pass does \
                not show that the issuer has no other export",
        }
        WalkEventsSupported = "WALK_EVENTS_SUPPORTED" {
            trigger: "every chain entry supplied has its hash, its link and its place in the order",
            rules: ["CHAIN-07", "CHAIN-08", "CHAIN-09", "CHAIN-10", "CHAIN-19"],
            remedy: "ask for an anchored checkpoint if entries outside the window matter, and look \
                to the manifest or an integrity digest for payloads, which the record hash leaves \
                out",
        }
        ClosureSignatureSupported = "CLOSURE_SIGNATURE_SUPPORTED" {
            trigger: "every closure has the hash that it states and a valid signature of a trusted \
                key",
            rules: ["CLOSE-17", "CLOSE-18", "CLOSE-19"],
            remedy: "look at the digests as well, since a signature shows who recorded the outcome \
                and not that it agrees with the events",
        }
        ClosureDigestConsistencySupported = "CLOSURE_DIGEST_CONSISTENCY_SUPPORTED" {
            trigger: "the response digests of the closures agree with the events of their permits",
            rules: ["CLOSE-06", "CLOSE-07", "CLOSE-15"],
            remedy: "keep the response bytes if you have to show what they were, and do not read \
                the digests as proof that a client received them",
        }
        ClosureDispatchBindingSupported = "CLOSURE_DISPATCH_BINDING_SUPPORTED" {
            trigger: "the dispatch digests of the closures equal the hashes that their permits \
                bind",
            rules: ["CLOSE-08", "PERMIT-07"],
            remedy: "hash the dispatched bytes if you can get them, since both values compared \
                here come from the issuer",
        }
        WorkflowDeclarationSignatureSupported = "WORKFLOW_DECLARATION_SIGNATURE_SUPPORTED" {
            trigger: "every workflow declaration has the hash that it states and a valid signature \
                of a trusted key",
            rules: ["SEM-07"],
            remedy: "look at the amendments before relying on its limits, and at the signed \
                payload before relying on its other members",
        }
        WorkflowAmendmentSignatureSupported = "WORKFLOW_AMENDMENT_SIGNATURE_SUPPORTED" {
            trigger: "every workflow amendment has the hash that it states and a valid signature \
                of a trusted key",
            rules: ["SEM-07"],
            remedy: "look at the effective intent hash as well, since valid signatures do not show \
                that no amendment is missing",
        }
        WorkflowEffectiveIntentHashSupported = "WORKFLOW_EFFECTIVE_INTENT_HASH_SUPPORTED" {
            trigger: "the effective intents follow from the declarations and their amendments",
            rules: ["SEM-07"],
            remedy: "compare the snapshots in the permits with it to learn under which limits each \
                decision was made",
        }
        WorkflowPermitSnapshotSupported = "WORKFLOW_PERMIT_SNAPSHOT_SUPPORTED" {
            trigger: "the workflow snapshots in the permits agree with the history at the time of \
                decision",
            rules: ["SEM-08", "PERMIT-19"],
            remedy: "look at the closures next, since a snapshot shows what was known at the \
                decision and not what was executed",
        }
        WorkflowSiblingIntegritySupported = "WORKFLOW_SIBLING_INTEGRITY_SUPPORTED" {
            trigger: "the workflow file beside the export has the signed hash and the stated \
                counts",
            rules: [],
            remedy: "judge the declarations and amendments in the file by their own signatures",
        }
        IncidentBundleManifestSupported = "INCIDENT_BUNDLE_MANIFEST_SUPPORTED" {
            trigger: "the incident archive holds every required file under its schema",
            rules: ["SEM-09"],
            remedy: "check the contents separately, since this looks at names and schemas and \
                hashes no single file",
        }
        CheckpointCompositeHashSupported = "CHECKPOINT_COMPOSITE_HASH_SUPPORTED" {
            trigger: "the chain heads of the checkpoint hash to its composite hash",
            rules: ["SEM-01"],
            remedy: "look at the signature over the hash, which covers the heads but neither the \
                id nor the time of the checkpoint",
        }
        CheckpointSignatureSupported = "CHECKPOINT_SIGNATURE_SUPPORTED" {
            trigger: "the composite hash of the checkpoint is signed by a trusted key",
            rules: ["SEM-02"],
            remedy: "ask for a time-stamp receipt if the time matters, since `computed_at` is the \
                issuer's word",
        }
        CheckpointTsaImprintSupported = "CHECKPOINT_TSA_IMPRINT_SUPPORTED" {
            trigger: "the time-stamp receipts of the checkpoint stamp its composite hash",
            rules: ["SEM-03"],
            remedy: "verify the receipts against the certificates of their authority, since the \
                imprint alone does not prove the time",
        }
        CheckpointScopeStateSupported = "CHECKPOINT_SCOPE_STATE_SUPPORTED" {
            trigger: "the sidecar is signed by a trusted key and fits its checkpoint",
            rules: ["SIDE-06", "SIDE-07", "SIDE-09", "SIDE-11"],
            remedy: "compare its commitments with the disclosed records, since the sidecar only \
                fixes what those have to be",
        }
        ExportScopeFaithfulnessSupported = "EXPORT_SCOPE_FAITHFULNESS_SUPPORTED" {
            trigger: "every segment discloses exactly the records that its sidecar commits to",
            rules: ["SFE-13", "SFE-14"],
            remedy: "hold the pass to the declared scope and checkpoint, since it does not show \
                that all that happened was recorded",
        }
        PermitDecisionSupported = "PERMIT_DECISION_SUPPORTED" {
            trigger: "the decision at issuance is validly signed",
            rules: ["SEM-05", "SEM-06"],
            remedy: "look for a revocation and for the closure, since the decision says nothing \
                about what became of the permit",
        }
        PermitRevokedSupported = "PERMIT_REVOKED_SUPPORTED" {
            trigger: "the permit was validly revoked, with effect at once",
            rules: ["REVOKE-02", "REVOKE-03", "REVOKE-05"],
            remedy: "ask for the absence claim if it matters that the permit was not used \
                afterwards",
        }
        PermitDispatchAbsenceAfterRevocationSupported = "PERMIT_DISPATCH_ABSENCE_AFTER_REVOCATION_SUPPORTED" {
            trigger: "the declared scope holds no dispatch under the permit between its revocation \
                and the checkpoint",
            rules: ["ABSENT-05", "ABSENT-09"],
            remedy: "claim no more than that, since what lies outside the scope, after the \
                checkpoint or unrecorded is not covered",
        }
        PermitOperatorApprovalSupported = "PERMIT_OPERATOR_APPROVAL_SUPPORTED" {
            trigger: "the operator's approval of the permit is validly signed",
            rules: [],
            remedy: "check in the registry who the operator is and whether that person may approve \
                such permits",
        }
        PermitCounterSignatureSupported = "PERMIT_COUNTER_SIGNATURE_SUPPORTED" {
            trigger: "the buyer's counter signature on the permit is valid",
            rules: [],
            remedy: "compare the signed intent hash with the dispatched request to see whether the \
                buyer's consent was kept",
        }
        PermitAuditAttestationSupported = "PERMIT_AUDIT_ATTESTATION_SUPPORTED" {
            trigger: "the audit attestation of the permit is validly signed",
            rules: [],
            remedy: "ask how the attesting party examined the batch, since the signature shows who \
                attests and not what was looked at",
        }
    }
    // Conditions that neither the taxonomy nor the reference has a word for.
    Ours Failure {
        ArtifactUnreadable = "ARTIFACT_UNREADABLE" {
            trigger: "an artifact cannot be read without doubt: it is not strict JSON or UTF-8, \
                has a member twice or bytes after its end, or its compression is damaged",
            rules: [],
            remedy: "fetch the artifact again and look at the place named; if a member stands \
                there twice, have the issuer export anew, since two readers can see two values",
        }
        BudgetExceeded = "BUDGET_EXCEEDED" {
            trigger: "a limit of the reader was reached, so the artifact was not judged",
            rules: [],
            remedy: "raise the limit that is named, if you trust the source with the time and \
                memory, and verify again; nothing is known about the evidence so far",
        }
        ObjectFormInvalid = "OBJECT_FORM_INVALID" {
            trigger: "an object departs from its closed schema, with a member missing, unknown or \
                of the wrong type",
            rules: [
                "CONF-01", "CONF-02", "PERMIT-01", "PERMIT-03", "PERMIT-04", "PERMIT-09",
                "CHAIN-17", "CLOSE-12", "BUNDLE-01", "BUNDLE-02", "BUNDLE-03",
            ],
            remedy: "compare the member that is named with the published schema, and check first \
                whether the issuer writes a newer version of the format",
        }
        PermitSemanticsInvalid = "PERMIT_SEMANTICS_INVALID" {
            trigger: "members of a permit contradict each other, such as a denial that binds a \
                request",
            rules: ["PERMIT-06", "PERMIT-10", "PERMIT-05", "PERMIT-18"],
            remedy: "ask the issuer which of the contradicting members holds, and act on neither \
                until then",
        }
        BundleSemanticsInvalid = "BUNDLE_SEMANTICS_INVALID" {
            trigger: "a bundle contradicts itself, in its record count, its version, its flags or \
                its time range",
            rules: ["BUNDLE-17", "BUNDLE-04", "BUNDLE-05"],
            remedy: "ask for a fresh export and compare the two, since this one was miscounted or \
                altered before it was signed",
        }
        ClosureStatusUnknown = "CLOSURE_STATUS_UNKNOWN" {
            trigger: "the `closure_status` of a closure is none of the eight",
            rules: ["CLOSE-04"],
            remedy: "have the issuer use one of the eight statuses, since an invented one decides \
                nothing about which digests may be absent",
        }
        TimestampForm = "TIMESTAMP_FORM" {
            trigger: "a time is not written in the form that is specified for it, such as RFC 3339 \
                in UTC",
            rules: ["PERMIT-33", "CHAIN-05"],
            remedy: "have the issuer write the time in UTC, ending in `Z`, since a reader that \
                drops an offset hashes and orders another instant",
        }
        ReservedNameUsed = "RESERVED_NAME_USED" {
            trigger: "an object has a member whose name is reserved for a later version",
            rules: ["PERMIT-30", "CHAIN-20", "PCHAIN-35", "BUNDLE-21"],
            remedy: "ask the issuer what the member is meant to say, and rely on it for nothing, \
                since this version gives it no meaning",
        }
        IssuerReportedError = "ISSUER_REPORTED_ERROR" {
            trigger: "the `chain_integrity` of the manifest holds an error that the issuer's own \
                check found",
            rules: ["BUNDLE-18"],
            remedy: "ask the issuer what its check found and how it was settled, since the walk of \
                this run covers only the entries supplied",
        }
        DispatchDigestAbsent = "DISPATCH_DIGEST_ABSENT" {
            trigger: "a closure of an execution that ended abnormally has no dispatch digest",
            rules: ["CLOSE-09"],
            remedy: "ask whether the request left the gateway: if it did, its digest should be \
                here, and without it nothing ties the sent bytes to the permit",
        }
        LineageMalformed = "LINEAGE_MALFORMED" {
            trigger: "the parents of a permit form a cycle, leave the project or have depths that \
                do not grow by one",
            rules: ["PERMIT-22", "PERMIT-23", "PCHAIN-36"],
            remedy: "follow the parents from the permit that is named to find the wrong one, and \
                accept no delegated authority along that line",
        }
        TrustRootNotConfigured = "TRUST_ROOT_NOT_CONFIGURED" {
            trigger: "no trust root was given, so no signature can be judged",
            rules: ["KEY-06"],
            remedy: "name a trust root that you got from the issuer over a channel you trust, \
                since none is built in and the evidence cannot vouch for itself",
        }
    }
}
