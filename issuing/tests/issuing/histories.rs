// SPDX-License-Identifier: Apache-2.0

//! Any sequence of acts: what a naive model allows is done, what it forbids is refused and changes nothing, and
//! what comes out verifies.

use std::{collections::BTreeMap, io::Cursor, path::Path};

use permit_canonical_json::{Budget, Value, from_value, read_text};
use permit_closure::StreamingDigest;
use permit_issuing::{
    Access, Chains, Closing, EventInput, ExportForm, ExportRequest, Issuer, IssuingError, Project,
    ProjectStore, RevocationInput, write_export,
};
use permit_keys::{
    EntryDraft, ExportSigning, KeyManifest, KeyManifestDraft, KeyPurpose, PermitBindingSigning,
    PurposeKey, SoftwareKey,
};
use permit_types::{
    ActorId, ActorKind, ClosureStatus, NonEmptyText, Permit, PermitId, ProjectId,
    RevocationReasonCode, Rfc3339,
};
use permit_verifier::{
    ExportEvidence, ExportOptions, Layers, NamedFile, Trust, Verdict, verify_export,
};
use proptest::prelude::*;

use crate::support::{ACTOR, PROJECT, id};

#[derive(Clone, Copy, Debug)]
enum Act {
    Issue { permit: u32, decision: &'static str, bind: bool },
    Bind { permit: u32 },
    Dispatch { permit: u32, right: bool },
    Close { permit: u32, status: ClosureStatus, provider: bool, client: bool },
    Revoke { permit: u32 },
    Append { permit: u32 },
}

fn act() -> impl Strategy<Value = Act> {
    let permit = 0_u32..4;
    let decision = prop::sample::select(vec!["allow", "allow", "allow", "deny", "challenge"]);
    let status = prop::sample::select(ClosureStatus::ALL.to_vec());
    prop_oneof![
        4 => (permit.clone(), decision, any::<bool>())
            .prop_map(|(permit, decision, bind)| Act::Issue { permit, decision, bind }),
        3 => permit.clone().prop_map(|permit| Act::Bind { permit }),
        4 => (permit.clone(), prop::bool::weighted(0.9)).prop_map(|(permit, right)| Act::Dispatch { permit, right }),
        5 => (permit.clone(), status, any::<bool>(), any::<bool>())
            .prop_map(|(permit, status, provider, client)| Act::Close { permit, status, provider, client }),
        1 => permit.clone().prop_map(|permit| Act::Revoke { permit }),
        2 => permit.prop_map(|permit| Act::Append { permit }),
    ]
}

/// A permit as somebody would keep track of it on paper.
#[derive(Clone, Copy, Debug, Default)]
struct Paper {
    allowed: bool,
    bound: bool,
    sent: bool,
    closed: bool,
    revoked: bool,
}

/// Whether the act is allowed; `None` if it is refused and recorded.
fn model(papers: &mut BTreeMap<u32, Paper>, act: Act) -> Option<bool> {
    if let Act::Issue { permit, decision, bind } = act {
        let new = !papers.contains_key(&permit);
        if new {
            let allowed = decision == "allow";
            papers.insert(permit, Paper { allowed, bound: allowed && bind, ..Paper::default() });
        }
        return Some(new);
    }
    let (Act::Bind { permit }
    | Act::Dispatch { permit, .. }
    | Act::Close { permit, .. }
    | Act::Revoke { permit }
    | Act::Append { permit }
    | Act::Issue { permit, .. }) = act;
    let Some(paper) = papers.get_mut(&permit) else { return Some(false) };
    let open = !paper.closed && !paper.revoked;
    Some(match act {
        Act::Issue { .. } => false,
        Act::Append { .. } => true,
        Act::Bind { .. } => {
            let good = open && paper.allowed && !paper.bound;
            paper.bound |= good;
            good
        }
        Act::Dispatch { right, .. } => {
            let good = open && paper.bound && !paper.sent;
            if good && !right {
                return None;
            }
            paper.sent |= good;
            good
        }
        Act::Close { status, provider, client, .. } => {
            let sent = paper.sent;
            let digests = match status {
                ClosureStatus::Closed => sent && provider && client,
                ClosureStatus::ProviderError => sent,
                ClosureStatus::ClientDisconnected | ClosureStatus::Timeout => sent || !provider,
                ClosureStatus::DispatchError => !sent && !provider,
                ClosureStatus::ProviderDigestMissing => sent && !provider,
                ClosureStatus::ClientDigestMissing => sent && provider && !client,
                ClosureStatus::MissingClosure => !provider && !client,
            };
            let good = paper.allowed && !paper.closed && (sent || !paper.revoked) && digests;
            paper.closed |= good;
            good
        }
        Act::Revoke { .. } => {
            paper.revoked |= open;
            open
        }
    })
}

fn request() -> Value<'static> {
    read_text(r#"{"model":"m","prompt":"p"}"#, &Budget::default()).unwrap()
}

fn permit(number: u32, decision: &str, at: &Rfc3339) -> Permit {
    let text = format!(
        r#"{{"id":"{}","project_id":"{PROJECT}","decision":"{decision}","reason":"r","actions_json":[],
        "subject_type":"agent","subject_id":"a","action_name":"x","resource_provider":"p","resource_model":"m",
        "estimated_input_tokens":0,"estimated_output_tokens":0,"idempotency_key":"k{number}","policy_id":"p",
        "policy_version":"1","created_at":"{at}",
        "request_fingerprint":"00000000000000000000000000000000000000000000000000000000000000aa"}}"#,
        id(number)
    );
    from_value(&read_text(&text, &Budget::default()).unwrap()).unwrap()
}

fn perform(
    store: &mut ProjectStore,
    act: Act,
    at: &Rfc3339,
    draw: &mut u64,
    key: &PurposeKey<PermitBindingSigning>,
) -> Result<(), IssuingError> {
    let mut issuer = Issuer::new(store, at, || {
        *draw += 1;
        format!("evt-{draw}")
    })?;
    let of = |number| PermitId::parse(&id(number)).unwrap();
    match act {
        Act::Issue { permit: number, decision, bind } => {
            issuer.issue(permit(number, decision, at), Some(&request()).filter(|_| bind)).map(drop)
        }
        Act::Bind { permit } => issuer.bind(&of(permit), &request()).map(drop),
        Act::Dispatch { permit, right } => {
            let body: &[u8] = if right { br#"{"model":"m","prompt":"p"}"# } else { b"{}" };
            issuer.dispatch(&of(permit), body)
        }
        Act::Close { permit, status, provider, client } => {
            let mut response = StreamingDigest::new();
            response.update(b"response");
            let response = response.finish();
            let closing = Closing {
                provider: provider.then_some(response),
                client: client.then_some(response),
                ..Closing::new(status)
            };
            issuer.close(&of(permit), &closing, key).map(drop)
        }
        Act::Revoke { permit } => {
            let input = RevocationInput {
                permit_id: of(permit),
                actor_id: ActorId::parse(ACTOR).unwrap(),
                actor_kind: ActorKind::User,
                reason_code: RevocationReasonCode::parse("operator.requested").unwrap(),
            };
            issuer.revoke(&input, key).map(drop)
        }
        Act::Append { permit } => issuer
            .append(EventInput {
                event_id: None,
                event_type: "tool.called".to_owned(),
                permit_id: Some(of(permit)),
                resource_type: None,
                resource_id: None,
                outcome: None,
                severity: "info".to_owned(),
                payload: Default::default(),
            })
            .map(drop),
    }
}

fn time(minutes: usize) -> Rfc3339 {
    Rfc3339::parse(&crate::support::minute(u32::try_from(minutes).unwrap())).unwrap()
}

fn journal(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("journal")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_is_as_the_model_says_and_verifies(
        acts in prop::collection::vec(act(), 1..24),
        one_chain in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (binding, export) = (SoftwareKey::from_seed(&[2; 32]), SoftwareKey::from_seed(&[1; 32]));
        let binding = PurposeKey::<PermitBindingSigning>::new(binding);
        let export = PurposeKey::<ExportSigning>::new(export);
        let project = Project {
            project_id: ProjectId::parse(PROJECT).unwrap(),
            created_at: time(0),
            chains: if one_chain { Chains::One } else { Chains::PerPermit },
            sentinel: permit_chain::default_sentinel(),
        };
        ProjectStore::create(folder.path(), &project).unwrap();
        let mut store = ProjectStore::open(folder.path(), Access::WaitToWrite).unwrap();
        let (mut papers, mut draw) = (BTreeMap::new(), 0);
        for (minutes, act) in (1..).zip(&acts) {
            let before = journal(folder.path());
            let result = perform(&mut store, *act, &time(minutes), &mut draw, &binding);
            let after = journal(folder.path());
            match (model(&mut papers, *act), result) {
                (Some(true), result) => {
                    prop_assert!(result.is_ok(), "{act:?}: {result:?}");
                    prop_assert!(after.len() > before.len() && after.starts_with(&before));
                }
                (Some(false), Err(IssuingError::Refused(refusal))) => {
                    prop_assert!(!refusal.rule().is_empty() && refusal.recorded().is_none());
                    prop_assert_eq!(after, before);
                }
                (None, Err(IssuingError::Refused(refusal))) => {
                    prop_assert_eq!(refusal.rule(), "PERMIT-27");
                    prop_assert!(refusal.recorded().is_some() && after.starts_with(&before));
                }
                (allowed, result) => prop_assert!(false, "{act:?}: {allowed:?}, {result:?}"),
            }
            // A store that is opened again knows the same.
            if minutes % 5 == 0 {
                let known: Vec<_> = store.states().map(|state| format!("{state:?}")).collect();
                drop(store);
                store = ProjectStore::open(folder.path(), Access::WaitToWrite).unwrap();
                let again: Vec<_> = store.states().map(|state| format!("{state:?}")).collect();
                prop_assert_eq!(known, again);
            }
        }
        let at = time(acts.len() + 1);
        let request = ExportRequest {
            export_id: NonEmptyText::parse("export").unwrap(),
            form: ExportForm::Bundle,
            compressed: false,
            pretty: false,
            from: None,
            to: None,
            pins: Vec::new(),
            at,
            replace: false,
            key_manifest: None,
        };
        let path = folder.path().join("export.json");
        write_export(&store, &request, &path, &export, &mut |_, _| {}).unwrap();
        let report = verify(&path, &binding, &export);
        prop_assert!(report.passed(), "{:#?}", report.findings);
        for claim in &report.claims {
            prop_assert_eq!(claim.verdict, Verdict::Supported, "{:?}", claim);
        }
    }
}

fn verify(
    path: &Path,
    binding: &PurposeKey<PermitBindingSigning>,
    export: &PurposeKey<ExportSigning>,
) -> permit_verifier::Report {
    let mut keys = KeyManifestDraft::new();
    keys.add(EntryDraft::new(KeyPurpose::PermitBindingSigning, *binding.public_key())).unwrap();
    keys.add(EntryDraft::new(KeyPurpose::ExportSigning, *export.public_key())).unwrap();
    let keys: KeyManifest = keys.finish().unwrap();
    let manifest_name = "export.json.manifest.json";
    let manifest = std::fs::read(path.with_file_name(manifest_name)).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let closed = String::from_utf8_lossy(&bytes).contains("permit.closed");
    let entries = String::from_utf8_lossy(&bytes).contains("event_id");
    let evidence = ExportEvidence::new(
        "export.json",
        Cursor::new(bytes),
        NamedFile::new(manifest_name, manifest),
    );
    let mut options = ExportOptions::default();
    options.layers = Layers { walk_events: entries, verify_closure: closed };
    verify_export(evidence, &Trust::key_manifest(keys, "the keys of the test"), &options).unwrap()
}
