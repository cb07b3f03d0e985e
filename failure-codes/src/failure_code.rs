// SPDX-License-Identifier: Apache-2.0

//! The taxonomy: one block per code, holding all that is known about it.

use core::{fmt, str::FromStr};

use crate::UnknownWord;

/// Makes [`FailureCode`] from a table, so that all about a code stands in one place.
macro_rules! failure_codes {
    ($($name:ident = $text:literal {
        layer: $layer:ident,
        since: $since:literal,
        trigger: $trigger:literal,
        rules: [$($rule:literal),+ $(,)?],
        must_report: [$($detail:literal),* $(,)?],
        $(verdict: $verdict:ident,)?
        remedy: $remedy:literal,
    })+) => {
        /// A failure code of the taxonomy, Permit spec 1.4.1.
        ///
        /// Codes are literal and never renamed, reused or removed (CODE-04); later versions
        /// may add some, hence `non_exhaustive`. Their order is that of the taxonomy.
        ///
        /// ```
        /// use permit_failure_codes::{FailureCode, Layer};
        ///
        /// let code: FailureCode = "WALK_PREV_HASH_DISCONTINUITY".parse()?;
        /// assert_eq!(code, FailureCode::WalkPrevHashDiscontinuity);
        /// assert_eq!(code.layer(), Layer::ChainEntry);
        /// assert_eq!(code.rules(), ["CHAIN-08"]);
        /// # Ok::<(), permit_failure_codes::UnknownWord>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FailureCode {
            $(
                #[doc = concat!("`", $text, "`: ", $trigger, ".")]
                $name,
            )+
        }

        impl FailureCode {
            /// All codes, in the order of the taxonomy.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code of this literal text; case and spaces count (CODE-02).
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)+
                    _ => None,
                }
            }

            const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$name => &Entry {
                        text: $text,
                        layer: Layer::$layer,
                        since: $since,
                        trigger: $trigger,
                        rules: &[$($rule),+],
                        must_report: &[$($detail),*],
                        verdict: failure_codes!(@verdict $($verdict)?),
                        remedy: $remedy,
                    },)+
                }
            }
        }
    };
    (@verdict) => { None };
    (@verdict $verdict:ident) => { Some(VerdictWord::$verdict) };
}

/// What the table says about one code.
struct Entry {
    text: &'static str,
    layer: Layer,
    since: &'static str,
    trigger: &'static str,
    rules: &'static [&'static str],
    must_report: &'static [&'static str],
    verdict: Option<VerdictWord>,
    remedy: &'static str,
}

impl FailureCode {
    /// The literal text of the code, the same in every form of output (CODE-02).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.entry().text
    }

    /// The part of the evidence that the code is about.
    #[must_use]
    pub const fn layer(self) -> Layer {
        self.entry().layer
    }

    /// The version of the specification whose taxonomy first listed the code.
    #[must_use]
    pub const fn since(self) -> &'static str {
        self.entry().since
    }

    /// What makes the code fire, in one sentence without a final stop.
    #[must_use]
    pub const fn trigger(self) -> &'static str {
        self.entry().trigger
    }

    /// The ids of the rules that the code answers: what the evidence breaks, the nearest first.
    #[must_use]
    pub const fn rules(self) -> &'static [&'static str] {
        self.entry().rules
    }

    /// The names of the details that a report of this code has to give (CODE-06).
    ///
    /// Empty where the taxonomy asks for nothing beyond the place. `artifact` is part of
    /// where a finding shows; all others are details by name.
    #[must_use]
    pub const fn must_report(self) -> &'static [&'static str] {
        self.entry().must_report
    }

    /// The verdict of a claim that fails with this code, where the taxonomy fixes it (CODE-07).
    ///
    /// None for the codes that only say what is wrong; there the claim decides.
    #[must_use]
    pub const fn verdict(self) -> Option<VerdictWord> {
        self.entry().verdict
    }

    /// What the reader of a report can do next, in one sentence without a final stop.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        self.entry().remedy
    }
}

impl FromStr for FailureCode {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(UnknownWord::FailureCode)
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Makes an enum of plain words, in the order of the specification.
macro_rules! words {
    ($(#[$about:meta])* $type:ident, $what:literal, $unknown:ident {
        $($(#[$doc:meta])* $name:ident = $text:literal,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$doc])* $name,)+
        }

        impl $type {
            #[doc = concat!("Every ", $what, ", in the order of the specification.")]
            pub const ALL: &[Self] = &[$(Self::$name),+];

            #[doc = concat!("The ", $what, " in words.")]
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            #[doc = concat!("The ", $what, " of this text.")]
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)+
                    _ => None,
                }
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text).ok_or(UnknownWord::$unknown)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// The part of the evidence that a code is about.
    #[non_exhaustive]
    Layer, "layer", Layer {
        /// Entries of a hash chain and the links between them.
        ChainEntry = "chain entry",
        /// Signed closures and the digests they commit to.
        Closure = "closure",
        /// The permit itself.
        Permit = "permit",
        /// The manifest that commits to the bytes of an export.
        Manifest = "manifest",
        /// The keys that signatures are judged by.
        KeyManifest = "key manifest",
        /// Delegation from permit to permit.
        PermitChain = "permit chain",
        /// The signed decision of a permit.
        PermitDecision = "permit decision",
        /// The signed revocation of a permit.
        PermitRevoked = "permit revoked",
        /// The scope-state sidecar of a checkpoint.
        CheckpointScopeState = "checkpoint scope state",
        /// The scope that an export declares, and its proof.
        ExportScope = "export scope",
    }
}

words! {
    /// One of the four verdicts on a claim.
    ///
    /// Exhaustive on purpose: code that handles verdicts should break when one is added.
    VerdictWord, "verdict", Verdict {
        /// The meaning is known and the evidence is complete and valid.
        Supported = "supported",
        /// The meaning is known and the evidence contradicts the claim.
        Disproved = "disproved",
        /// Something that is needed is absent or does not resolve.
        InsufficientEvidence = "insufficient_evidence",
        /// The claim asks for something that the verifier may not judge.
        UnverifiableScope = "unverifiable_scope",
    }
}

failure_codes! {
    WalkRecordHashMismatch = "WALK_RECORD_HASH_MISMATCH" {
        layer: ChainEntry,
        since: "1.0",
        trigger: "the hash over the nine hashed members of a chain entry differs from its \
            `record_hash`, or cannot be computed",
        rules: ["CHAIN-09", "CHAIN-01", "CHAIN-02", "CHAIN-03", "CHAIN-04", "CHAIN-17"],
        must_report: ["event_id", "chain_scope", "sequence_number"],
        remedy: "treat the entry as changed after it was sealed, and compare its nine hashed \
            members one by one with the issuer's original, since the hash does not tell which of \
            them differs",
    }
    WalkPrevHashDiscontinuity = "WALK_PREV_HASH_DISCONTINUITY" {
        layer: ChainEntry,
        since: "1.0",
        trigger: "the `prev_hash` of a chain entry differs from the `record_hash` of the entry \
            before it in the same scope",
        rules: ["CHAIN-08"],
        must_report: ["chain_scope", "sequence_number", "boundary"],
        remedy: "ask the issuer for the signed entries on both sides of the break, since one was \
            removed, inserted or replaced there, and rely on nothing behind it until the links \
            hold",
    }
    WalkSequenceInversion = "WALK_SEQUENCE_INVERSION" {
        layer: ChainEntry,
        since: "1.0",
        trigger: "two entries of a scope have the same sequence number, entries arrive out of \
            order, or a number is not an integer",
        rules: ["CHAIN-07", "CHAIN-13"],
        must_report: ["chain_scope", "sequence_numbers"],
        remedy: "compare the entries with the conflicting numbers: exact copies or a shuffled \
            order point to a faulty export that can be made anew, differing entries to one that \
            was slipped in",
    }
    WalkUnknownChainFormat = "WALK_UNKNOWN_CHAIN_FORMAT" {
        layer: ChainEntry,
        since: "1.0",
        trigger: "the `chain_format_version` of a chain entry is missing, or none that applies in \
            this run",
        rules: ["CHAIN-10"],
        must_report: ["event_id", "chain_format_version"],
        remedy: "find out whether the issuer writes a newer chain format and verify with a release \
            that knows it, or whether the pack's pins leave the format out",
    }
    WalkClosureSignatureInvalid = "WALK_CLOSURE_SIGNATURE_INVALID" {
        layer: Closure,
        since: "1.0",
        trigger: "the canonical hash of a closure is wrong, its binding key does not resolve for \
            the time of signing, or its signature does not verify",
        rules: ["CLOSE-18", "CLOSE-17", "CLOSE-19", "CLOSE-16"],
        must_report: ["permit_id", "key_id", "sub_failure"],
        remedy: "start from the sub-failure: a wrong hash means an edited closure, an unresolved \
            key a trust root without the binding key of that day, a bad signature a foreign key or \
            other bytes",
    }
    WalkClosureDigestMissing = "WALK_CLOSURE_DIGEST_MISSING" {
        layer: Closure,
        since: "1.0",
        trigger: "a digest that the status of a closure requires is absent, or nothing in the \
            evidence confirms one that is present",
        rules: ["CLOSE-06", "CLOSE-05"],
        must_report: ["permit_id", "closure_status", "missing_fields"],
        remedy: "ask the issuer for the fields named and for the response events of this permit; \
            if the execution did not complete, the status should say so instead of `closed`",
    }
    WalkClosureDigestMismatch = "WALK_CLOSURE_DIGEST_MISMATCH" {
        layer: Closure,
        since: "1.0",
        trigger: "a response digest of a closure differs from what the chain events of the permit \
            record, or its semantics label is not the pinned one",
        rules: ["CLOSE-07", "CLOSE-10", "CLOSE-12"],
        must_report: ["permit_id", "field", "closure_digest", "event_digest"],
        remedy: "hash the stored response bytes, if you can get them, to learn which side is \
            wrong, and check that closure and event belong to the same execution",
    }
    WalkClosureDispatchDigestMismatch = "WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH" {
        layer: Closure,
        since: "1.0",
        trigger: "the dispatch digest of a closure differs from the `binding_request_hash` of its \
            permit",
        rules: ["CLOSE-08", "PERMIT-07", "CLOSE-11"],
        must_report: ["permit_id", "closure_digest", "binding_request_hash"],
        remedy: "assume that another request than the approved one was sent until the issuer shows \
            the dispatched bytes, and compare their hash with both values",
    }
    WalkClosureOrphan = "WALK_CLOSURE_ORPHAN" {
        layer: Closure,
        since: "1.3",
        trigger: "a closure names a permit that is not in the verified evidence",
        rules: ["CLOSE-22"],
        must_report: ["permit_id"],
        remedy: "ask for an export whose time range takes in the creation of this permit, or for \
            the reason why the permit was left out",
    }
    WalkUnknownClosureFormat = "WALK_UNKNOWN_CLOSURE_FORMAT" {
        layer: Closure,
        since: "1.0",
        trigger: "the `binding_version` of a closure is none that applies in this run",
        rules: ["CLOSE-02"],
        must_report: ["permit_id", "binding_version"],
        remedy: "verify with a release that knows this closure format, and if the pack pins its \
            semantics, check that the pins cover it",
    }
    WalkPermitDispatchBindingMismatch = "WALK_PERMIT_DISPATCH_BINDING_MISMATCH" {
        layer: Permit,
        since: "1.3",
        trigger: "the dispatched request bytes at hand do not hash to the `binding_request_hash` \
            of the permit",
        rules: ["CANON-11", "CANON-04", "PERMIT-26", "PERMIT-27"],
        must_report: ["permit_id"],
        remedy: "canonicalize the dispatched body once more without its volatile and sensitive \
            keys; if the hash still differs, what was executed is not what was approved",
    }
    ManifestParseError = "MANIFEST_PARSE_ERROR" {
        layer: Manifest,
        since: "1.3",
        trigger: "the manifest is not a JSON object",
        rules: ["BUNDLE-10"],
        must_report: ["artifact"],
        remedy: "fetch the manifest again from the issuer, and check that it is the \
            `.manifest.json` of this bundle and not a web page, an archive or the bundle itself",
    }
    ManifestHashMismatch = "MANIFEST_HASH_MISMATCH" {
        layer: Manifest,
        since: "1.3",
        trigger: "the `content_hash` of the manifest is not the hash of the file's bytes as they \
            are stored",
        rules: ["BUNDLE-06", "BUNDLE-13", "BUNDLE-14"],
        must_report: ["artifact"],
        remedy: "hash the very file that was delivered, still compressed and never saved anew; if \
            it differs, the file was changed or the manifest belongs to another one",
    }
    ManifestSignatureMissing = "MANIFEST_SIGNATURE_MISSING" {
        layer: Manifest,
        since: "1.3",
        trigger: "the manifest has no signature",
        rules: ["BUNDLE-08", "CONF-04"],
        must_report: ["artifact"],
        remedy: "ask the issuer for the signed manifest: without a signature, whoever changes the \
            file can change its hash as well",
    }
    ManifestSignatureInvalid = "MANIFEST_SIGNATURE_INVALID" {
        layer: Manifest,
        since: "1.3",
        trigger: "the signature of the manifest does not verify over the text of its \
            `content_hash` under the trusted key",
        rules: ["BUNDLE-08", "BUNDLE-09"],
        must_report: ["artifact", "key_id"],
        remedy: "fetch the manifest again and compare its key with the one that the issuer \
            publishes; if both are right, the hash or the signature was altered or somebody else \
            signed it",
    }
    UnknownSigningKey = "UNKNOWN_SIGNING_KEY" {
        layer: KeyManifest,
        since: "1.3",
        trigger: "the key that signed does not resolve in the trust root by its id and purpose",
        rules: ["BUNDLE-07", "KEY-01", "KEY-05", "KEY-07"],
        must_report: ["key_id"],
        remedy: "get the issuer's current key manifest over a channel you trust and look for this \
            key id with the right purpose; never take the key from the evidence itself",
    }
    KeyExpiredAtSigningTime = "KEY_EXPIRED_AT_SIGNING_TIME" {
        layer: KeyManifest,
        since: "1.3",
        trigger: "the time of signing lies outside the validity window of the key",
        rules: ["KEY-03", "BUNDLE-07", "KEY-07"],
        must_report: ["key_id", "signed_at"],
        remedy: "check the time of signing and the key's window with the issuer: a key in use \
            outside its window may have been kept or stolen, and only a signature by a current key \
            mends that",
    }
    SigningKeyRevoked = "SIGNING_KEY_REVOKED" {
        layer: KeyManifest,
        since: "1.3",
        trigger: "the key that signed is marked as revoked or compromised in the trust root",
        rules: ["KEY-04"],
        must_report: ["key_id"],
        remedy: "ask when the key was compromised and for the same evidence under a new key or an \
            earlier time stamp, since whoever took the key can sign anything with any date",
    }
    WalkPermitChainEnvelopeViolation = "WALK_PERMIT_CHAIN_ENVELOPE_VIOLATION" {
        layer: PermitChain,
        since: "1.3",
        trigger: "the authority envelope of a child permit allows something that its parent's does \
            not",
        rules: ["PCHAIN-12", "PCHAIN-03"],
        must_report: ["parent_permit_id", "child_permit_id", "field", "extra_members"],
        remedy: "treat the members listed as never granted: review what was done with them under \
            the child permit, and have the issuer replace it by one within its parent",
    }
    WalkPermitChainExpiryViolation = "WALK_PERMIT_CHAIN_EXPIRY_VIOLATION" {
        layer: PermitChain,
        since: "1.3",
        trigger: "the authority of a child permit expires after that of its parent",
        rules: ["PCHAIN-13"],
        must_report: [
            "parent_permit_id", "child_permit_id", "parent_expires_at", "child_expires_at",
        ],
        remedy: "treat all that was done under the child permit after its parent's expiry as \
            unauthorized, and have the issuer cap the child's `expires_at`",
    }
    WalkPermitChainUnknownEnvelopeVersion = "WALK_PERMIT_CHAIN_UNKNOWN_ENVELOPE_VERSION" {
        layer: PermitChain,
        since: "1.3",
        trigger: "the `authority_envelope_version` of a permit is not among the supported ones",
        rules: ["PCHAIN-07", "PCHAIN-06"],
        must_report: ["permit_id", "authority_envelope_version"],
        remedy: "use a verifier that supports this envelope version; comparing by the rules of \
            another could call a broader envelope a narrower one",
    }
    WalkPermitChainMissingComparator = "WALK_PERMIT_CHAIN_MISSING_COMPARATOR" {
        layer: PermitChain,
        since: "1.3",
        trigger: "the comparator registry for the envelope version does not resolve from the \
            evidence pack",
        rules: ["PCHAIN-09", "PCHAIN-08"],
        must_report: ["requirement"],
        remedy: "ask the issuer to put the comparator registry into the pack, inline or by hash, \
            and in the second case supply the file with that hash",
    }
    WalkPermitChainEnvelopeInconsistent = "WALK_PERMIT_CHAIN_ENVELOPE_INCONSISTENT" {
        layer: PermitChain,
        since: "1.3",
        trigger: "the `expires_at` of a permit and that of its authority envelope are different \
            instants",
        rules: ["PCHAIN-04"],
        must_report: ["permit_id"],
        remedy: "ask the issuer which expiry the policy decided, and until then count the \
            authority as ended at the earlier of the two",
    }
    WalkPermitChainReceiptMissing = "WALK_PERMIT_CHAIN_RECEIPT_MISSING" {
        layer: PermitChain,
        since: "1.3",
        trigger: "a claim needs an execution receipt and the evidence has none",
        rules: ["PCHAIN-38", "PCHAIN-25"],
        must_report: ["claim", "execution_id"],
        remedy: "ask for the `permit.execution_*` events of this execution with their receipt; \
            until then the lineage can be judged, but not whether the execution was allowed",
    }
    WalkPermitChainAncestorMissing = "WALK_PERMIT_CHAIN_ANCESTOR_MISSING" {
        layer: PermitChain,
        since: "1.3",
        trigger: "the lineage of a permit does not reach a root, and no completeness checkpoint \
            covers the gap",
        rules: ["PCHAIN-38", "PCHAIN-33"],
        must_report: ["permit_id"],
        remedy: "ask for the ancestors of this permit up to the one without a parent, or for a \
            checkpoint whose completeness covers them",
    }
    PermitDecisionSignatureInvalid = "PERMIT_DECISION_SIGNATURE_INVALID" {
        layer: PermitDecision,
        since: "1.4",
        trigger: "the signature over the decision of a permit does not verify under its binding \
            key",
        rules: ["SEM-05"],
        must_report: [],
        verdict: Disproved,
        remedy: "do not rely on the decision, and compare its canonical hash and its binding key \
            with the issuer's records to learn whether the text or the key is the wrong one",
    }
    PermitDecisionCanonicalPayloadMismatch = "PERMIT_DECISION_CANONICAL_PAYLOAD_MISMATCH" {
        layer: PermitDecision,
        since: "1.4",
        trigger: "the canonical payload of a decision does not hash to its binding hash, or holds \
            another decision than the one in question",
        rules: ["SEM-06", "SEM-05"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for the payload as it was at issuance: a current database row, with its later \
            status and usage, is no substitute for what was signed",
    }
    PermitDecisionKeyNotTrusted = "PERMIT_DECISION_KEY_NOT_TRUSTED" {
        layer: PermitDecision,
        since: "1.4",
        trigger: "no trusted binding key was active when the decision was signed",
        rules: ["SEM-05", "KEY-01"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "add the issuer's `permit_binding_signing` key for the time of issuance to the \
            trust root, from a source other than this evidence",
    }
    PermitRevokedSignatureInvalid = "PERMIT_REVOKED_SIGNATURE_INVALID" {
        layer: PermitRevoked,
        since: "1.4",
        trigger: "the signature over a revocation does not verify under any trusted binding key \
            that was active then",
        rules: ["REVOKE-05"],
        must_report: [],
        verdict: Disproved,
        remedy: "count the permit as not provably revoked, and ask the issuer for the revocation \
            event exactly as it was signed",
    }
    PermitRevokedProjectIdMismatch = "PERMIT_REVOKED_PROJECT_ID_MISMATCH" {
        layer: PermitRevoked,
        since: "1.4",
        trigger: "a signed revocation belongs to another project than the one in question",
        rules: ["REVOKE-03"],
        must_report: [],
        verdict: Disproved,
        remedy: "look for a revocation signed for this project: one that was taken from another \
            project revokes nothing here, even if the permit ids agree",
    }
    PermitRevokedEffectiveAtNotEqualRevokedAt = "PERMIT_REVOKED_EFFECTIVE_AT_NOT_EQUAL_REVOKED_AT" {
        layer: PermitRevoked,
        since: "1.4",
        trigger: "a revocation is to take effect at another time than it was made",
        rules: ["REVOKE-02"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask the issuer for a revocation that takes effect at once, since version 1 cannot \
            schedule one and neither of the two times can be relied on",
    }
    PermitRevokedActorPiiDetected = "PERMIT_REVOKED_ACTOR_PII_DETECTED" {
        layer: PermitRevoked,
        since: "1.4",
        trigger: "the actor of a revocation is no opaque identifier but text that may name a \
            person",
        rules: ["REVOKE-04"],
        must_report: [],
        verdict: Disproved,
        remedy: "keep this evidence from wider circulation, since the personal data is inside the \
            signed bytes, and have the issuer revoke again with an opaque UUID as the actor",
    }
    ExportScopePredicateOutOfGrammar = "EXPORT_SCOPE_PREDICATE_OUT_OF_GRAMMAR" {
        layer: ExportScope,
        since: "1.4",
        trigger: "a scope predicate uses an operator or a range shape outside the grammar, such as \
            a list of values or an open range",
        rules: ["ABSENT-04", "ABSENT-03", "ABSENT-01", "PRED-02"],
        must_report: [],
        verdict: UnverifiableScope,
        remedy: "ask for the scope as a conjunction of equalities and ranges bounded at both ends, \
            in several segments if it has alternatives",
    }
    ExportScopeBridgeRecordMatchesPredicate = "EXPORT_SCOPE_BRIDGE_RECORD_MATCHES_PREDICATE" {
        layer: ExportScope,
        since: "1.4",
        trigger: "a record that serves only as bridge or proof satisfies the declared predicate",
        rules: ["ABSENT-06", "SFE-03"],
        must_report: [],
        verdict: Disproved,
        remedy: "read the record that is named: it belongs into the disclosure, so the scope holds \
            at least one record more than the export admits",
    }
    CheckpointScopeStateMissing = "CHECKPOINT_SCOPE_STATE_MISSING" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the scope-state sidecar of the checkpoint is absent",
        rules: ["SIDE-12", "ABSENT-07"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "place the sidecar file beside the pack, or ask the issuer for it: nothing else \
            ties the declared scope to the checkpoint",
    }
    CheckpointScopeStateSchemaInvalid = "CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "a member of the sidecar is missing, unknown or not of the form that its strict \
            schema wants",
        rules: ["SIDE-01", "SIDE-02", "SIDE-03", "SIDE-05", "SIDE-08"],
        must_report: [],
        verdict: Disproved,
        remedy: "compare the sidecar with its schema at the place named and have the issuer sign a \
            corrected one, since an edit by hand breaks the signature",
    }
    CheckpointScopeStateSignatureMissing = "CHECKPOINT_SCOPE_STATE_SIGNATURE_MISSING" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the sidecar has no signature block, or no value in it",
        rules: ["SIDE-06"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "obtain the signed sidecar from the issuer: the counts and roots of an unsigned \
            one are the word of whoever sent it",
    }
    CheckpointScopeStateSignatureInvalid = "CHECKPOINT_SCOPE_STATE_SIGNATURE_INVALID" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the signature of the sidecar does not verify over its other members",
        rules: ["SIDE-06"],
        must_report: [],
        verdict: Disproved,
        remedy: "fetch the sidecar again from where the issuer stores it; if it is the same, its \
            counts and roots were changed after signing and settle nothing",
    }
    CheckpointScopeStateKeyUnresolved = "CHECKPOINT_SCOPE_STATE_KEY_UNRESOLVED" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the key id of the sidecar is not in the trust root for the purpose that the \
            sidecar declares",
        rules: ["SIDE-07", "KEY-01"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "add the issuer's key with this id to the trust root, under the purpose that the \
            sidecar's `trust_root_reference` names",
    }
    CheckpointScopeStateKeyNotActive = "CHECKPOINT_SCOPE_STATE_KEY_NOT_ACTIVE" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the key of the sidecar was not active at the sidecar's `signed_at`",
        rules: ["SIDE-07"],
        must_report: [],
        verdict: Disproved,
        remedy: "compare `signed_at` with the key's window in the issuer's key manifest, and ask \
            for a sidecar signed by the key that was active then",
    }
    CheckpointScopeStateCheckpointMissing = "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISSING" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the checkpoint that the sidecar refers to is not in the evidence",
        rules: ["ABSENT-07"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "supply the checkpoint file whose `checkpoint_id` the sidecar names, since the \
            sidecar alone does not show where the chain ended",
    }
    CheckpointScopeStateCheckpointMismatch = "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISMATCH" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the sidecar refers to another checkpoint than the one supplied, or that one does \
            not verify",
        rules: ["SEM-01", "SEM-02"],
        must_report: [],
        verdict: Disproved,
        remedy: "verify the checkpoint by itself first; if it holds, compare its `checkpoint_id` \
            with the sidecar's and supply the two files that belong together",
    }
    CheckpointScopeStateChainScopeNotInCheckpoint = "CHECKPOINT_SCOPE_STATE_CHAIN_SCOPE_NOT_IN_CHECKPOINT" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the chain scope of the sidecar is not among the chain heads of the checkpoint",
        rules: ["SIDE-11", "SFE-08"],
        must_report: [],
        verdict: Disproved,
        remedy: "check the spelling of the scope, which is compared byte by byte, or supply a \
            checkpoint taken after the scope got its first entry",
    }
    CheckpointScopeStateLastSequenceAfterCheckpoint = "CHECKPOINT_SCOPE_STATE_LAST_SEQUENCE_AFTER_CHECKPOINT" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "a commitment of the sidecar reaches past the head of the chain, or has a range \
            although it counts nothing",
        rules: ["SIDE-11", "SIDE-05"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for a sidecar made for this very checkpoint, since the commitment speaks of \
            entries that the checkpoint had not seen",
    }
    CheckpointScopeStateGrammarUnsupported = "CHECKPOINT_SCOPE_STATE_GRAMMAR_UNSUPPORTED" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the sidecar uses a predicate grammar or a kind of predicate that this verifier \
            does not know",
        rules: ["SIDE-15", "PRED-02", "SIDE-04"],
        must_report: [],
        verdict: UnverifiableScope,
        remedy: "use a verifier that knows this grammar, or ask for a sidecar whose predicates \
            keep to `keel.scope_predicate.v1`",
    }
    CheckpointScopeStateCommitmentProfileUnknown = "CHECKPOINT_SCOPE_STATE_COMMITMENT_PROFILE_UNKNOWN" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "the commitment profile of the sidecar is not on the allow-list",
        rules: ["SIDE-15"],
        must_report: [],
        verdict: UnverifiableScope,
        remedy: "use a verifier that allows this profile, or ask for commitments under \
            `keel.scope_state.merkle.v1`, since a root means nothing without the recipe of its \
            tree",
    }
    CheckpointScopeStatePredicateHashMismatch = "CHECKPOINT_SCOPE_STATE_PREDICATE_HASH_MISMATCH" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "a predicate in the sidecar does not have the hash that its commitment states",
        rules: ["SIDE-09", "PRED-09"],
        must_report: [],
        verdict: Disproved,
        remedy: "hash the canonical predicate yourself and find the commitment with that hash; if \
            there is none, count and root belong to another scope than the one written",
    }
    CheckpointScopeStateCommitmentPredicateDuplicate = "CHECKPOINT_SCOPE_STATE_COMMITMENT_PREDICATE_DUPLICATE" {
        layer: CheckpointScopeState,
        since: "1.3.1",
        trigger: "two commitments of one sidecar are for the same predicate",
        rules: ["SIDE-10"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for a sidecar with one commitment per predicate, since with two the sender \
            could choose the answer that suits the disclosure",
    }
    ExportScopeDeclarationMissing = "EXPORT_SCOPE_DECLARATION_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the signed payload has no scope declaration, or no segment in it",
        rules: ["SFE-01", "SFE-06"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for an export with a `scope_faithfulness` block inside the signed payload, \
            since a block in the manifest does not count",
    }
    ExportScopeDeclarationSchemaInvalid = "EXPORT_SCOPE_DECLARATION_SCHEMA_INVALID" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the scope declaration, or one of its segments, breaks the strict schema",
        rules: ["SFE-06"],
        must_report: [],
        verdict: Disproved,
        remedy: "compare the segment with the schema at the place named and have the issuer export \
            again, since a correction of your own changes the signed bytes",
    }
    ExportScopePredicateUnsupported = "EXPORT_SCOPE_PREDICATE_UNSUPPORTED" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a scope predicate names a grammar version or a kind outside version 1",
        rules: ["PRED-06", "PRED-02", "PRED-08", "SFE-06"],
        must_report: [],
        verdict: UnverifiableScope,
        remedy: "ask for a scope in terms of the fourteen supported kinds, since `subject_id`, \
            `model`, `requested_by`, `incident_id` and issuer namespaces cannot be judged",
    }
    ExportScopePredicateMalformed = "EXPORT_SCOPE_PREDICATE_MALFORMED" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a scope predicate claims version 1 and breaks its syntax",
        rules: ["PRED-03", "PRED-01", "ABSENT-04"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for a predicate of exactly `version`, `operator`, `equals` and `ranges`, with \
            both maps present even if they are empty",
    }
    ExportScopePredicateViolated = "EXPORT_SCOPE_PREDICATE_VIOLATED" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a disclosed record does not match the declared predicate",
        rules: ["SFE-04", "PRED-04", "PRED-05"],
        must_report: [],
        verdict: Disproved,
        remedy: "compare the record that is named with the predicate: either the scope is declared \
            too narrowly, or records from elsewhere fill up the count",
    }
    ExportPresentationPolicyUnsupported = "EXPORT_PRESENTATION_POLICY_UNSUPPORTED" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the presentation policy of a segment has an unknown version or kind",
        rules: ["PRED-10"],
        must_report: [],
        verdict: UnverifiableScope,
        remedy: "ask what the policy hides, or for an export under the policy `none`, since an \
            unknown redaction may remove the members that the predicate looks at",
    }
    ExportScopeChainScopeMismatch = "EXPORT_SCOPE_CHAIN_SCOPE_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the parts of a segment, or its records, name different chain scopes",
        rules: ["SFE-02"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for one segment per chain scope, each with a sidecar of its own, and check \
            that no record of another scope is mixed in",
    }
    ExportBoundaryStartMissing = "EXPORT_BOUNDARY_START_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a segment does not declare where it starts",
        rules: ["SFE-09", "SFE-06"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for a start at the genesis, behind a named predecessor or at an anchor, since \
            without one the first records can be left out unseen",
    }
    ExportBoundaryStartMismatch = "EXPORT_BOUNDARY_START_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the first record supplied is not the one that the declared start leads to",
        rules: ["SFE-09"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for the records from the declared start on, since those between it and the \
            first one supplied are missing or were exchanged",
    }
    ExportBoundaryStartAfterEnd = "EXPORT_BOUNDARY_START_AFTER_END" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the declared start of a segment lies after its declared end",
        rules: ["SFE-10"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask the issuer for the bounds it meant, which may be swapped, and do not take the \
            empty stretch for an absence of records",
    }
    ExportBoundaryEndMissing = "EXPORT_BOUNDARY_END_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a segment does not declare where it ends",
        rules: ["SFE-08", "SFE-06"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for a segment that ends at a named checkpoint, since without an end the last \
            records can be left off unseen",
    }
    ExportBoundaryEndNotCheckpoint = "EXPORT_BOUNDARY_END_NOT_CHECKPOINT" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the declared end of a segment does not name a checkpoint",
        rules: ["SFE-08"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for a segment that ends at the head of a signed checkpoint, since a bare \
            sequence number proves no end",
    }
    ExportBoundaryCheckpointMismatch = "EXPORT_BOUNDARY_CHECKPOINT_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the declared end of a segment differs from the head that the checkpoint or the \
            sidecar states",
        rules: ["SFE-08"],
        must_report: [],
        verdict: Disproved,
        remedy: "compare checkpoint id, scope, sequence number and record hash of the end with the \
            head, and supply the checkpoint that the segment was made for",
    }
    ExportBoundaryStaleCheckpoint = "EXPORT_BOUNDARY_STALE_CHECKPOINT" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a segment claims to end at the latest checkpoint although a later one existed at \
            export",
        rules: ["SFE-11"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for an export up to the later checkpoint, and look at what happened between \
            the two",
    }
    ExportBoundaryFreshnessEvidenceMissing = "EXPORT_BOUNDARY_FRESHNESS_EVIDENCE_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a segment claims to end at the latest checkpoint and nothing shows that it was \
            the latest",
        rules: ["SFE-11"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for the checkpoints that the issuer observed at export, or for a segment that \
            names an explicit checkpoint instead",
    }
    ExportScopeStateReferenceMissing = "EXPORT_SCOPE_STATE_REFERENCE_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a segment does not refer to a sidecar",
        rules: ["SFE-12", "SFE-06"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for a segment with a `scope_state_reference` that carries the hash of the \
            sidecar file, so that no other sidecar can take its place",
    }
    ExportScopeStateReferenceMismatch = "EXPORT_SCOPE_STATE_REFERENCE_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the sidecar that is supplied does not have the hash, the id or the checkpoint \
            that the segment refers to",
        rules: ["SFE-12"],
        must_report: [],
        verdict: Disproved,
        remedy: "supply the sidecar byte for byte as it was at export, since even a reformatted \
            copy has another hash",
    }
    ExportRawFiltersMissing = "EXPORT_RAW_FILTERS_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the raw filters of a segment are absent",
        rules: ["SFE-07"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for the filters that were requested, since `filters_hash` alone does not tell \
            which records were asked for",
    }
    ExportRawFiltersHashMismatch = "EXPORT_RAW_FILTERS_HASH_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the raw filters of a segment do not hash to its `filters_hash`",
        rules: ["SFE-07", "BUNDLE-16"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask which filters were applied: the ones shown are not the ones committed to, so \
            the export may answer another question than yours",
    }
    ExportChainProofMissing = "EXPORT_CHAIN_PROOF_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the records or bridges that prove the continuity of a segment are absent",
        rules: ["SFE-06"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for the disclosure and the bridge records of the segment, since without the \
            bridges a record left out between them goes unseen",
    }
    ExportChainProofDiscontinuity = "EXPORT_CHAIN_PROOF_DISCONTINUITY" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the disclosure and bridge records of a segment do not link up",
        rules: ["CHAIN-08", "CHAIN-07"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask for the records on both sides of the break, since one is missing, doubled or \
            replaced at the place named",
    }
    ExportProofBridgeMisclassified = "EXPORT_PROOF_BRIDGE_MISCLASSIFIED" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "a bridge record counts as part of the scope, or a disclosed record is marked as \
            a bridge",
        rules: ["SFE-03"],
        must_report: [],
        verdict: Disproved,
        remedy: "have the issuer sort the record that is named as the predicate does, and compare \
            the counts again before reading anything into them",
    }
    ExportScopeCommitmentMissing = "EXPORT_SCOPE_COMMITMENT_MISSING" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the sidecar holds no commitment for the declared predicate",
        rules: ["SFE-13", "ABSENT-07"],
        must_report: [],
        verdict: InsufficientEvidence,
        remedy: "ask for a sidecar that commits to exactly this predicate at this checkpoint, \
            since the commitment for another scope says nothing about it",
    }
    ExportScopeCardinalityMismatch = "EXPORT_SCOPE_CARDINALITY_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the number of disclosed records is not the committed `matching_count`",
        rules: ["SFE-13"],
        must_report: [],
        verdict: Disproved,
        remedy: "compare the two counts: if fewer are disclosed, ask for the rest, and if more \
            are, find out which of them the checkpoint does not cover",
    }
    ExportScopeMembershipRootMismatch = "EXPORT_SCOPE_MEMBERSHIP_ROOT_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the Merkle root over the disclosed records is not the committed one",
        rules: ["SFE-13"],
        must_report: [],
        verdict: Disproved,
        remedy: "ask the issuer for the leaves of the tree and compare them with the disclosure, \
            since the root covers id, number and hash of each record and one was exchanged",
    }
    ExportScopeRangeMismatch = "EXPORT_SCOPE_RANGE_MISMATCH" {
        layer: ExportScope,
        since: "1.3.1",
        trigger: "the first or the last sequence number of the disclosed records is not the \
            committed one",
        rules: ["SFE-13"],
        must_report: [],
        verdict: Disproved,
        remedy: "look at the two ends of the disclosure: a record is missing there, or one from \
            outside the committed range was added",
    }
}
