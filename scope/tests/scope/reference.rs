// SPDX-License-Identifier: Apache-2.0

//! What the reference made and answered: its corpus, its command lines and calls of its functions.
//!
//! No recorded call or case shows a deliberate difference. The differences themselves are in the
//! other modules; their tests say so in their names or docs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use permit_canonical_json::Budget;
use permit_keys::{KeyManifest, Mode};
use permit_scope::{
    CheckpointEvidence, MembershipLeaf, MembershipTree, Predicate, ScopeAdjudication, ScopeBudget,
    ScopeEvidence, ScopeStateKeys, adjudicate_scope_faithfulness, scope_state_id,
};
use serde_json::{Value as Json, json};

use crate::pack::{Pack, asking, checkpoint_judge, json_of, seal_checkpoint, strict};

/// The files of one pack, as a verifier finds them.
struct PackFiles {
    document: Vec<u8>,
    manifest: Vec<u8>,
    checkpoint: Option<Vec<u8>>,
    keys: KeyManifest,
    sidecar: Option<PathBuf>,
    folder: PathBuf,
}

impl PackFiles {
    fn judge(&self) -> ScopeAdjudication {
        let document = json_of(&self.document);
        let manifest = json_of(&self.manifest);
        let judge = checkpoint_judge(Some(&self.keys), Mode::Production);
        let checkpoint = CheckpointEvidence::judge(self.checkpoint.as_deref(), &judge);
        let sidecars = |_: &str, uri: Option<&str>| self.sidecar(uri);
        adjudicate_scope_faithfulness(&ScopeEvidence {
            document: &document,
            manifest: Some(&manifest),
            checkpoint: &checkpoint,
            sidecars: &sidecars,
            keys: ScopeStateKeys::of(&self.keys, Mode::Production),
            budget: ScopeBudget::default(),
        })
    }

    /// The order in which the reference looks for a scope state.
    fn sidecar(&self, uri: Option<&str>) -> Option<Vec<u8>> {
        let parent = self.folder.parent().unwrap();
        let usual = "sidecars/checkpoint-scope-state-v1.json";
        let mut paths: Vec<PathBuf> = self.sidecar.iter().cloned().collect();
        paths.extend(uri.iter().flat_map(|uri| [self.folder.join(uri), parent.join(uri)]));
        paths.extend([self.folder.join(usual), parent.join(usual)]);
        paths.push(self.folder.join("checkpoint-scope-state-v1.json"));
        paths.iter().find_map(|path| fs::read(path).ok())
    }
}

/// Verdict and reason of the two claims, in the words of reports.
fn claims(scope: &ScopeAdjudication) -> BTreeMap<&'static str, (String, String)> {
    let mut claims = BTreeMap::new();
    let supported = |code: &str| ("supported".to_owned(), code.to_owned());
    let failed = |fault: &permit_claims::ClaimFault| {
        let verdict = permit_claims::Verdict::from(fault.verdict);
        (verdict.as_str().to_owned(), fault.reason().as_str().to_owned())
    };
    let mut states = scope.segments().filter_map(|segment| segment.scope_state.as_ref());
    if let Some(first) = states.next() {
        let fault = [first].into_iter().chain(states).find_map(|state| state.as_ref().err());
        let claim = fault.map_or(supported("CHECKPOINT_SCOPE_STATE_SUPPORTED"), failed);
        claims.insert("checkpoint.scope_state.v1", claim);
    }
    let claim = match scope.faithfulness() {
        Ok(_) => supported("EXPORT_SCOPE_FAITHFULNESS_SUPPORTED"),
        Err(fault) => failed(fault),
    };
    claims.insert("export.scope_faithfulness.v1", claim);
    claims
}

fn reference() -> Option<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference"));
    if folder.is_dir() {
        return Some(folder.to_owned());
    }
    eprintln!("skipped: the reference's data is not at {}", folder.display());
    None
}

fn load(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn keys(path: &Path) -> KeyManifest {
    KeyManifest::read(&fs::read(path).unwrap(), &Budget::default()).unwrap()
}

#[test]
fn the_scope_faithfulness_corpus_gives_its_verdicts_and_codes() {
    let Some(folder) = reference() else { return };
    let folder = folder.join("keel/scope-faithfulness-corpus");
    let corpus = load(&folder.join("corpus.json"));
    let records = corpus["records"].as_array().unwrap();
    assert_eq!(records.len(), 19);
    for record in records {
        let path = |name: &str| folder.join(record["pack"][name].as_str().unwrap());
        let pack = PackFiles {
            document: fs::read(path("export_file")).unwrap(),
            manifest: fs::read(path("manifest")).unwrap(),
            checkpoint: fs::read(path("checkpoint_file")).ok(),
            keys: keys(&path("key_manifest")),
            sidecar: None,
            folder: path("export_file").parent().unwrap().to_owned(),
        };
        let id = record["id"].as_str().unwrap();
        let claims = claims(&pack.judge());
        let (verdict, reason) = &claims["export.scope_faithfulness.v1"];
        assert_eq!(Some(verdict.as_str()), record["expected_verdict"].as_str(), "{id}: {reason}");
        if let Some(code) = record["expected_code"].as_str() {
            assert_eq!(reason, code, "{id}");
        }
    }
}

#[test]
fn the_recorded_command_lines_give_their_verdicts_and_codes() {
    let Some(folder) = reference() else { return };
    let mut cases = 0;
    for case in fs::read_dir(folder.join("peer-cases")).unwrap() {
        let case = case.unwrap().path();
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("scope-faithfulness__") && !name.starts_with("scope-state__") {
            continue;
        }
        cases += 1;
        let expected = load(&case.join("case.json"));
        let argv: Vec<&str> =
            expected["argv"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        let flag = |flag: &str| {
            let at = argv.iter().position(|word| *word == flag)?;
            Some(case.join(argv[at + 1]))
        };
        let export = flag("--export-file").unwrap_or_else(|| case.join(argv[1]));
        let manifest = flag("--manifest").unwrap_or_else(|| case.join(argv[2]));
        let folder = export.parent().unwrap().to_owned();
        let checkpoint = flag("--checkpoint").unwrap_or_else(|| folder.join("checkpoint.json"));
        let pack = PackFiles {
            document: fs::read(&export).unwrap(),
            manifest: fs::read(manifest).unwrap(),
            checkpoint: fs::read(checkpoint).ok(),
            keys: keys(&flag("--key-manifest").unwrap()),
            sidecar: flag("--sidecar"),
            folder,
        };
        let report = &expected["expected"]["json"];
        let report = if report["report"].is_object() { &report["report"] } else { report };
        let mut told = BTreeMap::new();
        for claim in report["claims"].as_array().unwrap() {
            let text = |name: &str| claim[name].as_str().unwrap_or_default().to_owned();
            if text("reason_code") != "REQUIRED_CLAIM_NOT_ADJUDICATED" {
                told.insert(text("name"), (text("verdict"), text("reason_code")));
            }
        }
        let ours = claims(&pack.judge());
        for claim in ["checkpoint.scope_state.v1", "export.scope_faithfulness.v1"] {
            assert_eq!(ours.get(claim), told.get(claim), "{name}: {claim}");
        }
    }
    assert_eq!(cases, 42);
}

/// The recorded calls of the absence claim have segments of four members and a scope state of one, and
/// are told that the scope holds. Completed to what a whole pack has, they give the same.
#[test]
fn the_recorded_calls_of_the_absence_claim_completed() {
    let Some(folder) = reference() else { return };
    let calls = fs::read_to_string(folder.join("peer-functions/permit.jsonl")).unwrap();
    let calls = calls.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let name = "adjudicate_permit_dispatch_absence_after_revocation_v1";
    let calls: Vec<Json> = calls.filter(|call| call["function"] == name).collect();
    assert_eq!(calls.len(), 4);
    for call in &calls {
        let expected = &call["result"]["returns"]["$ClaimVerdict"];
        let text = |name: &str| expected[name].as_str().unwrap();
        let (verdict, reason) = completed(call).absence_claim();
        assert_eq!(
            (verdict.as_str(), reason),
            (text("verdict"), text("reason_code")),
            "{}",
            call["id"]
        );
    }
}

/// A whole pack around what a recorded call has. The scope state commits to what is disclosed.
fn completed(call: &Json) -> Pack {
    let stated = &call["args"]["export_document"];
    let segment = &stated["scope_faithfulness"]["segments"][0];
    let file = |end: &str| {
        let files = call["files"].as_object().unwrap();
        let file = files.iter().find(|(name, _)| name.ends_with(end)).map(|(_, file)| file)?;
        Some(serde_json::from_str::<Json>(file["utf8"].as_str().unwrap()).unwrap())
    };
    let event = &stated["revocation_event"]["event"];
    let word = |value: &Json| value.as_str().unwrap().to_owned();
    let scope = format!("project:{}", word(&event["project_id"]));
    let start = (1, format!("{:064}", 1));
    let disclosed = segment["chain_evidence"]["disclosure_records"].as_array().unwrap();
    let bridges = segment["chain_evidence"]["proof_bridge_records"].as_array().unwrap();
    let last = disclosed.iter().chain(bridges).next_back();
    let (number, hash) = last.map_or(start, |record| {
        (record["sequence_number"].as_u64().unwrap(), word(&record["record_hash"]))
    });
    let checkpoint_id = "40000000-0000-4000-8000-000000000001";

    let mut pack = Pack::of(&[asking()]);
    let mut checkpoint = pack.checkpoint.take().unwrap();
    checkpoint["computed_at"] = file("checkpoint.json").unwrap()["computed_at"].clone();
    let head = json!({ "sequence_number": number, "last_record_hash": hash });
    checkpoint["chain_heads"] = json!({ scope.as_str(): head });
    seal_checkpoint(&mut checkpoint);
    pack.checkpoint = Some(checkpoint);
    pack.revocation =
        (word(&event["permit_id"]), word(&event["project_id"]), word(&event["effective_at"]));

    // The predicate as the test around the call writes it where it is not about the predicate.
    let mut committed = segment["declared_scope"]["predicate"].clone();
    committed["equals"]["event_type"] = json!("dispatch.egress_bound");
    let predicate = Predicate::read(&strict(&committed)).unwrap();
    let mut tree = MembershipTree::new(predicate.hash());
    for record in disclosed {
        let (event_id, record_hash) = (word(&record["event_id"]), word(&record["record_hash"]));
        let sequence_number = record["sequence_number"].as_u64().unwrap();
        let leaf =
            MembershipLeaf { sequence_number, event_id: &event_id, record_hash: &record_hash };
        tree.add(&leaf).unwrap();
    }
    let range = disclosed.first().map(|record| record["sequence_number"].clone());
    let own = pack.segment(0);
    own["segment_id"] = segment["segment_id"].clone();
    own["declared_scope"]["predicate"] = segment["declared_scope"]["predicate"].clone();
    own["declared_scope"]["chain_scope"] = json!(scope);
    own["declared_start"] = json!({
        "kind": "predecessor_proof", "chain_scope": scope, "predecessor_sequence_number": 1,
        "predecessor_record_hash": format!("{:064}", 1),
        "first_evidence_sequence_number": 2,
    });
    own["declared_end"]["chain_scope"] = json!(scope);
    own["declared_end"]["sequence_number"] = json!(number);
    own["declared_end"]["last_record_hash"] = json!(hash);
    own["chain_evidence"] = segment["chain_evidence"].clone();
    if last.is_none() {
        own["declared_start"] = json!({
            "kind": "genesis", "chain_scope": scope, "sequence_number": 1,
            "genesis_prev_hash": "0",
        });
    }
    let pack = pack.bent_state(|it| {
        it["chain_scope"] = json!(scope);
        it["scope_state_id"] = json!(scope_state_id(&scope, checkpoint_id));
        let commitment = &mut it["scope_commitments"][0];
        commitment["predicate_value"] = committed.clone();
        commitment["predicate_value_hash"] = json!(predicate.hash().to_string());
        commitment["matching_count"] = json!(tree.leaves());
        commitment["membership_root_hash"] = json!(tree.root().to_string());
        commitment["first_matching_sequence"] = json!(range);
        commitment["last_matching_sequence"] = json!(range);
    });
    // The call about the shape of the predicate has none either, and does not come to it.
    let is_about_the_file = call["source_test"].as_str().unwrap().contains("missing_sidecar");
    let sidecars = if is_about_the_file { vec![None] } else { pack.sidecars.clone() };
    Pack { sidecars, ..pack }
}
