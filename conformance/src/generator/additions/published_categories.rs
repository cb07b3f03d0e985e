// SPDX-License-Identifier: Apache-2.0

//! What the published categories lack, numbered from 51 on: above all what has to pass where the list
//! only has what fails, so that rejecting everything is nowhere enough.

use serde_json::{Value as Json, json};

use crate::generator::{
    case_draft::CaseDraft,
    document::{self, array_mut, at_mut, remove, set},
    fault::Fault,
    pack::{Pack, closed_record, permit_id, record_hash, zeros},
    test_keys::{self, BINDING, EXPORT, EXPORT_NEXT},
    vectors::{ALL_LAYERS, SEGMENT_LAYERS, segment, without},
};

const SEGMENT: &str = "cat-01-baseline/01-02-valid-chain-segment";
const EXPORTED: &str = "cat-01-baseline/01-01-valid-permit-export";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = chains()?;
    cases.extend(signatures()?);
    cases.extend(closures()?);
    Ok(cases)
}

fn chain(id: &str, title: &str, why: &str, clauses: &[&str]) -> CaseDraft {
    CaseDraft::vector(id, title, why, clauses)
        .layers(&SEGMENT_LAYERS, &[])
        .checks(&["walk_events"])
        .counts(2, 8, 0, 0)
}

/// The segment with every entry bent and everything sealed again.
fn bent(bend: impl Fn(u64, &mut Json) -> Result<(), Fault>) -> Result<Pack, Fault> {
    let mut pack = segment()?;
    for (pointer, number) in pack.entries().into_iter().zip(1_u64..) {
        bend(number, at_mut(&mut pack.document, &pointer)?)?;
    }
    pack.seal_chain(0)?;
    pack.sign_again()?;
    Ok(pack)
}

fn chains() -> Result<Vec<CaseDraft>, Fault> {
    let gaps = chain(
        "cat-02-tamper-chain/02-51-numbers-with-gaps",
        "Numbers with gaps, and links without",
        "Numbers need not be dense: other entries of the issuer may have had the numbers between. The links hold.",
        &["CHAIN-11"],
    )
    .decisions(&["AMB-14"]);
    let gaps = bent(|number, entry| set(entry, "/sequence_number", number.saturating_mul(number)))?
        .put_into(gaps)?;

    let scopes = chain(
        "cat-02-tamper-chain/02-52-two-scopes-that-take-turns",
        "Two scopes whose entries take turns",
        "Both scopes begin at 1. Numbers of one scope say nothing about those of another.",
        &["CHAIN-12", "CHAIN-18"],
    );
    let scopes = bent(|number, entry| {
        let scope = if number % 2 == 0 { "admin:global" } else { "project:of-the-shop" };
        set(entry, "/chain_scope", scope)?;
        set(entry, "/sequence_number", number.div_ceil(2))
    })?
    .put_into(scopes)?;

    let sentinel = chain(
        "cat-02-tamper-chain/02-53-another-first-link",
        "A chain that starts with zeros",
        "What the first entry links to is the issuer's choice.",
        &["CHAIN-16"],
    )
    .decisions(&["AMB-10"]);
    let mut started = segment()?;
    let first = started.entry_at(1)?;
    let entry = at_mut(&mut started.document, &first)?;
    set(entry, "/prev_hash", zeros())?;
    let hash = record_hash(entry)?;
    set(entry, "/record_hash", hash)?;
    started.seal_chain(2)?;
    started.sign_again()?;

    let times = chain(
        "cat-02-tamper-chain/02-54-times-spelt-otherwise",
        "UTC in two spellings, with and without fractions",
        "`Z` and `+00:00` are the same, and a fraction that is left out is zero.",
        &["CHAIN-04", "CHAIN-06"],
    );
    let times = bent(|number, entry| {
        let time = match number % 3 {
            0 => format!("2026-05-09T08:01:0{number}+00:00"),
            1 => format!("2026-05-09T08:01:0{number}Z"),
            _ => format!("2026-05-09T08:01:0{number}.5Z"),
        };
        set(entry, "/created_at", time)
    })?
    .put_into(times)?;

    let layer = "chain_sequence";
    let twice = chain(
        "cat-02-tamper-chain/02-55-one-number-twice",
        "Two entries of one number",
        "The last entry has the number of the one before it, and is linked to it. Which of them came first is anybody's guess.",
        &["CHAIN-07"],
    )
    .layers(&without(&SEGMENT_LAYERS, layer), &[layer])
    .fails("WALK_SEQUENCE_INVERSION", json!({ "type": "chain_entry", "id": null, "sequence": 7 }))
    .from(SEGMENT, "`sequence_number` of the last entry", &["its record hash", "manifest"]);
    let mut doubled = segment()?;
    let last = doubled.entry_at(8)?;
    let entry = at_mut(&mut doubled.document, &last)?;
    set(entry, "/sequence_number", 7)?;
    let hash = record_hash(entry)?;
    set(entry, "/record_hash", hash)?;
    doubled.sign_again()?;
    Ok(vec![gaps, scopes, started.put_into(sentinel)?, times, doubled.put_into(twice)?])
}

fn signatures() -> Result<Vec<CaseDraft>, Fault> {
    let whole = |id: &str, title: &str, why: &str, clauses: &[&str]| {
        CaseDraft::vector(id, title, why, clauses)
            .layers(&ALL_LAYERS, &[])
            .checks(&["walk_events", "verify_closure"])
            .counts(1, 6, 1, 0)
    };
    let second = whole(
        "cat-03-tamper-signature/03-51-signed-by-the-second-key",
        "Signed with the second key of the trust root",
        "Two keys are trusted, and the manifest names the second.",
        &["KEY-01", "BUNDLE-07", "BUNDLE-08"],
    );
    let mut pack = Pack::closed_with_request()?;
    pack.trust = test_keys::trust_root(&[EXPORT, EXPORT_NEXT, BINDING]);
    pack.sign(EXPORT_NEXT)?;
    let second = pack.put_into(second)?;

    let unknown = whole(
        "cat-03-tamper-signature/03-52-members-of-the-issuer",
        "A manifest with members of the issuer's own",
        "Manifests are open. What the issuer adds is neither judged nor in the way.",
        &["BUNDLE-18", "BUNDLE-23"],
    );
    let pack = Pack::closed_with_request()?.bend_manifest(|manifest| {
        set(manifest, "/acme_version", "7.2")?;
        set(
            manifest,
            "/chain_integrity",
            json!({
                "chain_length": 6, "error": "the database was slow", "last_verified_hash": null,
                "verified_at": "2026-05-10T00:00:00Z",
            }),
        )
    })?;
    let unknown = pack.put_into(unknown)?;

    let layer = "manifest_signature";
    let over = whole(
        "cat-03-tamper-signature/03-53-signature-over-the-manifest",
        "A signature over the manifest",
        "The signature is one of the trusted key, and over the bytes of the manifest. What has to be signed is the text \
         of the content hash.",
        &["BUNDLE-09"],
    )
    .decisions(&["AMB-12"])
    .counts(0, 0, 0, 0)
    .layers(&without(&ALL_LAYERS, layer), &[layer])
    .fails("MANIFEST_SIGNATURE_INVALID", Json::Null)
    .from(EXPORTED, "the signature is over the manifest without it", &[]);
    let pack = Pack::closed_with_request()?.bend_manifest(|manifest| {
        remove(manifest, "/signature")?;
        let hash = document::digest(manifest)?;
        let signature = EXPORT.export().sign_export_manifest(hash)?.to_string();
        set(manifest, "/signature", signature)
    })?;
    Ok(vec![second, unknown, pack.put_into(over)?])
}

fn closures() -> Result<Vec<CaseDraft>, Fault> {
    let layers = without(&ALL_LAYERS, "permit_dispatch_binding");
    let vector = |id: &str, title: &str, why: &str, clauses: &[&str]| {
        CaseDraft::vector(id, title, why, clauses)
            .layers(&layers, &[])
            .checks(&["walk_events", "verify_closure"])
            .counts(1, 6, 1, 0)
    };
    let first = vector(
        "cat-04-closure-binding/04-51-closure-of-format-1",
        "A closure of format 1",
        "Format 1 does not state what was dispatched. It stays verifiable for ever.",
        &["CLOSE-01", "CONF-07"],
    );
    let mut record = closed_record(1)?;
    let payload = "/chain_entries/5/payload_json";
    for name in ["dispatch_request_digest_v1", "dispatch_request_digest_semantics"] {
        remove(&mut record, &format!("{payload}/{name}"))?;
    }
    set(&mut record, &format!("{payload}/binding_version"), "closure_v1")?;
    let first = Pack::of(vec![record])?.put_into(first)?;

    let several = vector(
        "cat-04-closure-binding/04-52-several-events-one-fits",
        "Several answers, and the closure names one of them",
        "A first try came back with another answer. The closure's digest has to be that of one of the events.",
        &["CLOSE-07"],
    );
    let mut pack = Pack::closed()?;
    let pointer = pack.entry_at(4)?;
    let mut earlier = document::at(&pack.document, &pointer)?.clone();
    set(&mut earlier, "/event_id", "evt-1-first-try")?;
    let other = crate::generator::pack::hex("the answer of a first try");
    set(&mut earlier, "/payload_json/provider_response_digest_v1", other)?;
    let entries = array_mut(&mut pack.document, "/records/0/chain_entries")?;
    entries.insert(3, earlier);
    for (entry, number) in entries.iter_mut().zip(1_u64..) {
        set(entry, "/sequence_number", number)?;
    }
    pack.seal_chain(1)?;
    pack.sign_again()?;
    let several = pack.put_into(several.counts(1, 7, 1, 0))?;

    let layer = "closure_provider_binding";
    let elsewhere = vector(
        "cat-04-closure-binding/04-53-event-of-another-permit",
        "The digest that fits is of another permit",
        "An event shows the digest that the closure states, and it is an event of another permit: nothing shows it for this one.",
        &["CLOSE-07"],
    )
    .decisions(&["AMB-05"])
    .layers(&without(&layers, layer), &[layer])
    .fails(
        "WALK_CLOSURE_DIGEST_MISSING",
        json!({ "type": "closure_record", "id": permit_id(1), "sequence": null }),
    )
    .from(EXPORTED, "`permit_id` of the event that shows the provider's digest", &["manifest"]);
    let mut pack = Pack::closed()?;
    let pointer = pack.entry_at(4)?;
    set(&mut pack.document, &format!("{pointer}/payload_json/permit_id"), permit_id(2))?;
    pack.sign_again()?;
    Ok(vec![first, several, pack.put_into(elsewhere)?])
}
