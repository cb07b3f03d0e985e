// SPDX-License-Identifier: Apache-2.0

//! What each recipe does, in steps: a description of the code that is selected by it.
//!
//! Nobody executes these texts. They are for people who want to know what a hash in a pack stands
//! for, and for other teams who implement the same.

use permit_canonical_json::Value;
use permit_claims::SemanticArtifact as A;
use permit_closure::ClosureFormat;
use permit_decision::Slot;

use super::constants;

/// One recipe.
pub(super) struct Recipe {
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    /// The package that does it.
    pub(super) implemented_by: &'static str,
    /// The rules of the specification that it follows.
    pub(super) rules: &'static [&'static str],
    pub(super) constants: Value<'static>,
    pub(super) steps: &'static [&'static str],
    /// What it does not show.
    pub(super) limits: &'static [&'static str],
}

/// The recipe of an artifact; the two registries have formats of their own.
pub(super) fn recipe(artifact: A) -> Option<Recipe> {
    Some(match artifact {
        A::ClaimRegistry | A::AuthorityEnvelope => return None,
        A::ExportManifestIntegrity => export_manifest(),
        A::ChainRecordHash => record_hash(),
        A::EventIntegrityDigest => integrity_digest(),
        A::ClosureFormatV1 => closure_format(ClosureFormat::V1),
        A::ClosureFormatV2 => closure_format(ClosureFormat::V2),
        A::ClosureDigestRules => digest_rules(),
        A::PermitBindingRequest => canonical_request(),
        A::WorkflowCanonicalization => workflow(),
        A::WorkflowSibling => workflow_sibling(),
        A::IncidentBundleManifest => incident(),
        A::CheckpointCompositeHash => composite_hash(),
        A::CheckpointSignature => checkpoint_signature(),
        A::CheckpointTsaImprint => tsa_imprint(),
        A::ScopeStateMerkle => merkle(),
        A::ScopeStateSidecar => sidecar(),
        A::ExportScopeFaithfulness => faithfulness(),
        A::PermitDecision => decision(),
        A::PermitRevokedEvent => revoked_event(),
        A::DispatchAbsence => dispatch_absence(),
        A::OperatorApproval => slot(Slot::OperatorApproval),
        A::CounterSignature => slot(Slot::CounterSignature),
        A::AuditAttestation => slot(Slot::AuditAttestation),
    })
}

fn export_manifest() -> Recipe {
    Recipe {
        kind: "signed_file",
        title: "How an export and its manifest belong together",
        implemented_by: "permit-verifier",
        rules: &[
            "BUNDLE-06",
            "BUNDLE-07",
            "BUNDLE-08",
            "BUNDLE-09",
            "BUNDLE-13",
            "BUNDLE-14",
            "BUNDLE-19",
        ],
        constants: constants::export_manifest(),
        steps: &[
            "Hash the export's bytes as they are stored, compressed if they are compressed.",
            "Compare with content_hash; if they differ, stop: disproved.",
            "Find the key by key_id and purpose, active at signed_at; a public_key in the manifest \
             has to be the same key.",
            "Verify the signature over the text of content_hash, never over the manifest.",
            "Compare each identity member that is there with the export.",
        ],
        limits: &[
            "Shows which bytes were signed, not that what they say happened.",
            "The manifest itself is covered by no signature.",
        ],
    }
}

fn record_hash() -> Recipe {
    Recipe {
        kind: "digest",
        title: "The hash of a chain entry, and the walk along a chain",
        implemented_by: "permit-chain",
        rules: &[
            "CHAIN-01", "CHAIN-02", "CHAIN-03", "CHAIN-04", "CHAIN-05", "CHAIN-06", "CHAIN-07",
            "CHAIN-08", "CHAIN-09", "CHAIN-10", "CHAIN-11", "CHAIN-12", "CHAIN-13", "CHAIN-14",
            "CHAIN-16", "CHAIN-19", "CHAIN-23",
        ],
        constants: constants::record_hash(),
        steps: &[
            "Stop at an entry whose format version is unknown, before hashing anything of it.",
            "Join the parts in order with the separator; null is the empty text, nothing is trimmed.",
            "Write created_at in UTC with exactly six digits of fraction and without a zone.",
            "SHA-256 over the UTF-8 bytes, lowercase hex; compare with record_hash.",
            "Take the entries of each scope together, sorted by sequence number; a number that comes \
             twice, or an order that had to be changed, is a fault.",
            "From the second entry of a scope on, prev_hash is the record_hash before it.",
        ],
        limits: &[
            "payload_json, chain_scope and chain_format_version are not hashed.",
            "Says nothing of entries before, behind or between those that were supplied with links \
             that hold.",
        ],
    }
}

fn integrity_digest() -> Recipe {
    Recipe {
        kind: "digest",
        title: "The digest that covers what record hashes leave out",
        implemented_by: "permit-delegation",
        rules: &["SEM-04", "CLAIM-23"],
        constants: constants::integrity_digest(),
        steps: &[
            "Make an object of the covered members of the event; those that are absent are null, an \
             absent payload is an empty object.",
            "Hash its canonical bytes, nothing stripped: the hash of the event.",
            "List id, type and hash of every covered event in the order of the digest event, and hash \
             the canonical bytes of the list: the batch hash.",
            "covered_event_count is the length of the list.",
            "resource_id of the digest event, if it has one, is the beginning of the batch hash.",
        ],
        limits: &["Covers the events that it lists and no others."],
    }
}

fn closure_format(format: ClosureFormat) -> Recipe {
    let (title, rules): (_, &[&str]) = match format {
        ClosureFormat::V1 => (
            "Closures without a digest of what was dispatched",
            &[
                "CLOSE-01", "CLOSE-02", "CLOSE-03", "CLOSE-04", "CLOSE-16", "CLOSE-17", "CLOSE-18",
                "CLOSE-19",
            ],
        ),
        ClosureFormat::V2 => (
            "Closures with a digest of what was dispatched",
            &[
                "CLOSE-01", "CLOSE-02", "CLOSE-04", "CLOSE-12", "CLOSE-16", "CLOSE-17", "CLOSE-18",
                "CLOSE-19",
            ],
        ),
    };
    Recipe {
        kind: "signed_record",
        title,
        implemented_by: "permit-closure",
        rules,
        constants: constants::closure_format(format),
        steps: &[
            "Stop at a binding_version that is not the one of this format.",
            "Take the signed members from the closure, all of them, and those that are signed if they \
             are there.",
            "Hash their canonical bytes, nothing stripped; compare with the first canonical hash \
             member that is stated.",
            "Find the key by binding_key_id, active at the signing time; the id is the beginning of \
             the hash of the key.",
            "Verify the signature over the characters of the hash.",
            "A label is the stated text or null; the status is one of the list.",
        ],
        limits: &["Shows who stated the outcome and when, not that the outcome was so."],
    }
}

fn digest_rules() -> Recipe {
    Recipe {
        kind: "rules",
        title: "Which digests a closure has, and what they are compared with",
        implemented_by: "permit-closure",
        rules: &[
            "CLOSE-05", "CLOSE-06", "CLOSE-07", "CLOSE-08", "CLOSE-10", "CLOSE-20", "CLAIM-15",
        ],
        constants: constants::digest_rules(),
        steps: &[
            "Look at the matrix: a digest that is required and absent is missing.",
            "Compare a response digest with the same member of the listed events of the same permit; \
             one equal value is enough.",
            "No such event or no value in it: the counterpart is missing. Values, and none equal: \
             they differ.",
            "Compare the dispatch digest with the hash that the permit binds.",
        ],
        limits: &[
            "Response digests are over raw bytes: the same content in other bytes differs.",
            "The client digest says what was handed to a writer, not what arrived.",
        ],
    }
}

fn canonical_request() -> Recipe {
    Recipe {
        kind: "canonical_form",
        title: "The bytes of a request that are both hashed and sent",
        implemented_by: "permit-canonical-json",
        rules: &[
            "CANON-01", "CANON-02", "CANON-03", "CANON-04", "CANON-06", "CANON-07", "CANON-08",
            "CANON-11", "CANON-12",
        ],
        constants: constants::canonical_request(),
        steps: &[
            "Leave out every member whose name, brought into name_form, is in one of the lists, at \
             every depth and inside arrays.",
            "Sort members by code point, write no blanks, keep text as UTF-8.",
            "SHA-256 over exactly the bytes that are sent, lowercase hex.",
        ],
        limits: &["What was stripped is not bound by the hash."],
    }
}

fn workflow() -> Recipe {
    Recipe {
        kind: "canonical_form",
        title: "How workflow declarations, amendments and their effective intent are hashed",
        implemented_by: "permit-workflow",
        rules: &["SEM-07", "SEM-08", "PERMIT-19"],
        constants: constants::workflow(),
        steps: &[
            "Workflow form: leave out members that are null at every depth, keep places in arrays, \
             then canonical bytes, nothing stripped.",
            "Effective intent: SHA-256 over the form of the intent and the forms of the amendments, \
             one behind the other, in the order of created_at and id.",
            "For a moment, leave out amendments at or after it.",
            "Verify the signature of each record over the characters of the hash of its payload.",
        ],
        limits: &["Shows what was declared and when, not that the calls kept to it."],
    }
}

fn workflow_sibling() -> Recipe {
    Recipe {
        kind: "signed_file",
        title: "The workflow file beside an export",
        implemented_by: "permit-workflow",
        rules: &["BUNDLE-06", "KEY-01"],
        constants: constants::workflow_sibling(),
        steps: &[
            "Find the descriptor in the manifest; its schema is the one that is known.",
            "Hash the bytes of the file; compare with content_hash of the descriptor.",
            "Verify its signature by the export key that was active at signed_at.",
            "Count declarations and amendments; the descriptor states the same numbers.",
        ],
        limits: &["Says nothing of the declarations and amendments themselves."],
    }
}

fn incident() -> Recipe {
    Recipe {
        kind: "file_list",
        title: "The files of an incident archive",
        implemented_by: "permit-workflow",
        rules: &["SEM-09"],
        constants: constants::incident(),
        steps: &[
            "Read the directory of the archive; look only at the names that are known.",
            "Every required file is there, and listed under exactly its schema.",
            "The metadata document names its own schema.",
        ],
        limits: &["Judges whether files are there, not what is in them."],
    }
}

fn composite_hash() -> Recipe {
    Recipe {
        kind: "digest",
        title: "The composite hash of a checkpoint",
        implemented_by: "permit-checkpoint",
        rules: &["SEM-01"],
        constants: constants::composite_hash(),
        steps: &[
            "Write one line for every chain head, sorted by chain scope.",
            "Join them with the separator, none at the end; no heads at all are the empty text.",
            "SHA-256 over the UTF-8 bytes; compare with composite_hash as text.",
        ],
        limits: &["Ties chain heads together; says nothing of the chains behind them."],
    }
}

fn checkpoint_signature() -> Recipe {
    Recipe {
        kind: "signature",
        title: "The signature of a checkpoint",
        implemented_by: "permit-checkpoint",
        rules: &["SEM-02", "KEY-01"],
        constants: constants::checkpoint_signature(),
        steps: &[
            "Judge the composite hash first; without it there is nothing to sign.",
            "Find the key for its purpose, active when the checkpoint was computed; a key in the \
             checkpoint has to be the same.",
            "Verify the signature over the text of the composite hash.",
        ],
        limits: &["The time of the checkpoint is the issuer's own word."],
    }
}

fn tsa_imprint() -> Recipe {
    Recipe {
        kind: "time_stamp",
        title: "What a time stamp of a checkpoint stamps",
        implemented_by: "permit-checkpoint",
        rules: &["SEM-03"],
        constants: constants::tsa_imprint(),
        steps: &[
            "Take every receipt of the list; the old single member only where there is no list.",
            "Walk the path through the token, definite lengths only.",
            "The stamped bytes are the 32 bytes of the composite hash.",
        ],
        limits: &["Says what was stamped; who stamped it is another question."],
    }
}

fn merkle() -> Recipe {
    Recipe {
        kind: "commitment",
        title: "Commitments to the members of a scope",
        implemented_by: "permit-scope",
        rules: &["PRED-04", "PRED-05", "PRED-09", "PRED-12", "SIDE-05", "SFE-13"],
        constants: constants::merkle(),
        steps: &[
            "A record is a member if all conditions of the predicate hold; the first scalar of the \
             lookup counts, and a value that is nowhere does not match.",
            "Leaf: SHA-256 of the leaf prefix and the canonical bytes of the leaf's members.",
            "Node: SHA-256 of the node prefix and both children.",
            "Sort the leaves; split at the largest power of two below their number; double none.",
            "No leaves: the hash of nothing.",
        ],
        limits: &["Commits to what is in the chain, not to what should be."],
    }
}

fn sidecar() -> Recipe {
    Recipe {
        kind: "signed_record",
        title: "The scope state beside a checkpoint",
        implemented_by: "permit-scope",
        rules: &[
            "SIDE-01", "SIDE-02", "SIDE-03", "SIDE-04", "SIDE-05", "SIDE-06", "SIDE-07", "SIDE-08",
            "SIDE-09", "SIDE-10", "SIDE-11", "SIDE-12", "SIDE-15",
        ],
        constants: constants::sidecar(),
        steps: &[
            "Look for grammar, profile and kinds that are unknown before looking at the form.",
            "Verify the signature by a key of the purpose that the sidecar names, active at signed_at.",
            "Verify the checkpoint that it names; its chain is among the heads.",
            "No range passes the head; every predicate hashes as stated, and none is there twice.",
            "A commitment without members has the empty root and no range.",
        ],
        limits: &["tree_size is signed and not looked at."],
    }
}

fn faithfulness() -> Recipe {
    Recipe {
        kind: "rules",
        title: "What makes an export faithful to its scope",
        implemented_by: "permit-scope",
        rules: &[
            "SFE-01", "SFE-02", "SFE-03", "SFE-04", "SFE-05", "SFE-06", "SFE-07", "SFE-08",
            "SFE-09", "SFE-10", "SFE-11", "SFE-12", "SFE-13", "SFE-14", "SFE-15",
        ],
        constants: constants::faithfulness(),
        steps: &[
            "The export is intact, and the declaration is inside its signed bytes.",
            "For every segment: its scope state holds, and is the one that it refers to.",
            "The raw filters hash as stated; one chain scope throughout.",
            "The end is the head of the checkpoint; the first record is where the start leads to.",
            "Disclosed records and bridges together link without a gap.",
            "Every disclosed record matches the predicate, no bridge does.",
            "Number, root and range of the disclosed records are those of the commitment.",
            "All segments hold, or the claim does not.",
        ],
        limits: &["Faithful to what was recorded; says nothing of what was never recorded."],
    }
}

fn decision() -> Recipe {
    Recipe {
        kind: "signed_record",
        title: "The signed decision of a permit",
        implemented_by: "permit-decision",
        rules: &["SEM-05", "SEM-06", "KEY-01"],
        constants: constants::decision(),
        steps: &[
            "The payload has exactly the listed members, null where nothing is known.",
            "Hash its canonical bytes, nothing stripped; compare with binding_canonical_hash.",
            "Find the key by binding_key_id, active at the signing time.",
            "Verify the signature over the characters of the hash.",
            "Permit, project and decision are those that were asked for.",
        ],
        limits: &["The decision when it was issued; never a later state of the permit."],
    }
}

fn revoked_event() -> Recipe {
    Recipe {
        kind: "signed_record",
        title: "The signed revocation of a permit",
        implemented_by: "permit-revocation",
        rules: &[
            "REVOKE-01",
            "REVOKE-02",
            "REVOKE-03",
            "REVOKE-04",
            "REVOKE-05",
            "REVOKE-06",
            "REVOKE-07",
            "REVOKE-08",
            "REVOKE-09",
        ],
        constants: constants::revoked_event(),
        steps: &[
            "All members are there and no others; the kind of actor is known.",
            "The actor is an opaque UUID, the reason a code.",
            "Permit and project are those in question; it takes effect when it is made.",
            "Hash the canonical bytes of everything but the signature.",
            "Verify the signature over the characters of the hash by a binding key that was active.",
        ],
        limits: &["Prospective: says nothing of what was dispatched before."],
    }
}

fn dispatch_absence() -> Recipe {
    Recipe {
        kind: "rules",
        title: "What shows that nothing was dispatched after a revocation",
        implemented_by: "permit-scope",
        rules: &[
            "ABSENT-01",
            "ABSENT-02",
            "ABSENT-03",
            "ABSENT-04",
            "ABSENT-05",
            "ABSENT-06",
            "ABSENT-07",
            "ABSENT-08",
            "ABSENT-09",
            "ABSENT-10",
        ],
        constants: constants::dispatch_absence(),
        steps: &[
            "The revocation of the permit is supported.",
            "The export is faithful to its scope.",
            "One segment asks exactly this: the listed equalities and the one range, nothing else.",
            "Its commitment has no members.",
            "No record at hand matches, disclosed or bridge.",
        ],
        limits: &[
            "The declared scope up to its checkpoint, and dispatches alone; a completion is none.",
        ],
    }
}

fn slot(slot: Slot) -> Recipe {
    let title = match slot {
        Slot::OperatorApproval => "An operator's approval of a permit",
        Slot::CounterSignature => "A buyer's signature before dispatch",
        Slot::AuditAttestation => "A buyer's attestation of an audit batch",
    };
    let limits: &[&str] = match slot {
        Slot::OperatorApproval => &["Says nothing of the operator's right to approve."],
        Slot::CounterSignature => &["Says nothing of what was executed in the end."],
        Slot::AuditAttestation => &["Says that the permit was seen, not that it was right."],
    };
    Recipe {
        kind: "signed_record",
        title,
        implemented_by: "permit-decision",
        rules: &["KEY-01", "CANON-13"],
        constants: constants::slot(slot),
        steps: &[
            "Slot and payload state the payload type, and agree in permit, signer, time and the \
             slot's own member.",
            "Hash the issuer's signature, and the permit without signatures and what came after \
             them; the payload states both.",
            "The time is inside the permit's.",
            "The key is registered for this role and this signer, and was trusted at signed_at.",
            "Verify the signature over the canonical bytes of the payload.",
        ],
        limits,
    }
}
