// SPDX-License-Identifier: Apache-2.0

//! Category 12: compressed exports and archives that two programs could read in two ways.

use serde_json::Value as Json;

use crate::generator::{
    case_draft::CaseDraft,
    document::{at, canonical, remove, set},
    fault::Fault,
    golden::gzip,
    pack::{PROJECT, Pack},
    vectors::segment,
    workflow_pack::{archive, incident_pack, workflow},
};

const CHAIN: &str = "governance_chain.local_continuity.v1";
const INCIDENT: &str = "incident.bundle_manifest.v1";
const GZIP: &str = "cat-12-archives/12-01-compressed-lines";
const ZIP: &str = "cat-12-archives/12-20-incident-archive";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = compressed()?;
    cases.extend(archives()?);
    Ok(cases)
}

/// An export of compressed lines, and what it is before it is compressed.
fn lines() -> Result<Vec<u8>, Fault> {
    let pack = segment()?;
    let mut lines = Vec::new();
    for pointer in pack.entries() {
        let mut event = at(&pack.document, &pointer)?.clone();
        let time = remove(&mut event, "/created_at")?;
        set(&mut event, "/occurred_at", time)?;
        set(&mut event, "/project_id", PROJECT)?;
        lines.extend(canonical(&event)?);
        lines.push(b'\n');
    }
    Ok(lines)
}

fn export(bytes: Vec<u8>) -> Result<Pack, Fault> {
    let mut pack = segment()?;
    pack.export_name = "governance_events.jsonl.gz";
    pack.bytes = Some(bytes);
    for (name, value) in [
        ("export_type", Json::from("governance_events")),
        ("format", "jsonl".into()),
        ("compressed", true.into()),
        ("record_count", 8.into()),
    ] {
        set(&mut pack.manifest, &format!("/{name}"), value)?;
    }
    pack.sign_again()?;
    Ok(pack)
}

fn rejected_stream(id: &str, title: &str, why: &str, change: &str) -> CaseDraft {
    CaseDraft::claims(
        &format!("cat-12-archives/{id}"),
        title,
        why,
        &["BUNDLE-13", "BUNDLE-14"],
        "export",
        &[(CHAIN, "unverifiable_scope")],
    )
    .checks(&["walk_events"])
    .decisions(&["DIFF-15"])
    .outcome_fails(&["EXPORT_STRUCTURE_INVALID"])
    .from(GZIP, change, &["manifest"])
}

fn compressed() -> Result<Vec<CaseDraft>, Fault> {
    let good = gzip(&lines()?)?;
    let parent = CaseDraft::claims(
        GZIP,
        "Compressed lines",
        "One gzip member, and nothing behind it. The hash of the manifest is over the compressed bytes.",
        &["BUNDLE-13"],
        "export",
        &[(CHAIN, "supported")],
    )
    .checks(&["walk_events"]);
    let mut cases = vec![export(good.clone())?.put_into(parent)?];
    let second = gzip(b"{\"event_id\":\"more\",\"event_type\":\"permit.evaluated\"}\n")?;
    let half = good.len() / 2;
    let mut damaged = good.clone();
    // The checksum stands before the length, which has the last four bytes.
    if let Some(byte) = damaged.iter_mut().rev().nth(5) {
        *byte ^= 1;
    }
    for (draft, bytes) in [
        (
            rejected_stream("12-02-two-members", "Two gzip members", "Some programs read the first member, others all of them: they would not see the same events.", "a second member behind the first")
                .set("reference", "reads all members"),
            [good.as_slice(), &second].concat(),
        ),
        (
            rejected_stream("12-03-trailing-bytes", "Bytes behind the stream", "What stands behind the stream is signed and in no event.", "eight bytes behind the stream"),
            [good.as_slice(), b"trailing"].concat(),
        ),
        (
            rejected_stream("12-04-trailing-zeros", "Zeros behind the stream", "Padding is a place to hide things as well.", "eight zeros behind the stream")
                .set("reference", "skips zeros"),
            [good.as_slice(), &[0; 8]].concat(),
        ),
        (
            rejected_stream("12-05-cut-off", "Half of a stream", "The second half is not there.", "the second half is cut off"),
            good.get(..half).unwrap_or_default().to_vec(),
        ),
        (
            rejected_stream("12-06-damaged", "A checksum that is wrong", "The stream does not unfold to what was compressed.", "one bit of the checksum"),
            damaged,
        ),
    ] {
        cases.push(export(bytes)?.put_into(draft)?);
    }
    Ok(cases)
}

fn rejected_archive(id: &str, title: &str, why: &str, change: &str) -> CaseDraft {
    CaseDraft::claims(
        &format!("cat-12-archives/{id}"),
        title,
        why,
        &["SEM-09"],
        "export",
        &[(INCIDENT, "disproved")],
    )
    .checks(&["verify_workflows"])
    .outcome_fails(&["INCIDENT_MANIFEST_SCHEMA_INVALID"])
    .from(ZIP, change, &["manifest"])
}

fn archives() -> Result<Vec<CaseDraft>, Fault> {
    let files = workflow()?.incident()?;
    let parent = CaseDraft::claims(
        ZIP,
        "An incident archive",
        "All required files, one after the other, none twice, none elsewhere.",
        &["SEM-09"],
        "export",
        &[(INCIDENT, "supported")],
    )
    .checks(&["verify_workflows"]);
    let mut cases = vec![incident_pack(&files, None)?.put_into(parent)?];
    let good = archive(&files)?;
    let more = |name: &'static str| {
        let mut files = files.clone();
        files.push((name, b"{}\n".to_vec()));
        archive(&files)
    };
    // Two members of one name: one is written under a name as long, and renamed in both places.
    let renamed = |from: &'static str, to: &str| {
        Ok::<_, Fault>(replaced(&more(from)?, from.as_bytes(), to.as_bytes()))
    };
    let in_header = |from: &[u8], to: &[u8]| {
        let mut bytes = good.clone();
        if let Some(place) = bytes.windows(from.len()).position(|window| window == from) {
            bytes.iter_mut().skip(place).zip(to).for_each(|(at, byte)| *at = *byte);
        }
        bytes
    };
    for (draft, bytes) in [
        (
            rejected_archive("12-21-one-name-twice", "Two members of one name", "One program unpacks the first, another the last: what one verifies is not what the other shows.", "a second `permits.jsonl`")
                .set("reference", "reads the last one"),
            renamed("permits.jsonX", "permits.jsonl")?,
        ),
        (
            rejected_archive("12-22-name-that-leads-out", "A member that leads out of the archive", "Whoever unpacks it writes where the archive wants.", "a member `../x.txt`")
                .set("reference", "does not look at members that it does not need"),
            renamed("../x.txX", "../x.txt")?,
        ),
        (
            rejected_archive("12-23-absolute-name", "A member with an absolute name", "Whoever unpacks it writes where the archive wants.", "a member `/tmp/x.txt`")
                .set("reference", "does not look at members that it does not need"),
            renamed("/tmp/x.txX", "/tmp/x.txt")?,
        ),
        (
            rejected_archive("12-24-data-before", "Data before the archive", "Programs that search from the end read the archive, others read what stands before it.", "text before the first member")
                .set("reference", "searches from the end"),
            [b"#!/bin/sh\n".as_slice(), &good].concat(),
        ),
        (
            rejected_archive("12-25-data-behind", "Data behind the archive", "What stands behind the archive is signed and in no member.", "text behind the directory")
                .set("reference", "searches from the end"),
            [good.as_slice(), b"trailing"].concat(),
        ),
        (
            rejected_archive("12-26-headers-disagree", "A member with two names", "The header at the member and the directory at the end name it differently.", "the name in the header of `permits.jsonl`"),
            in_header(b"permits.jsonl", b"Permits.jsonl"),
        ),
    ] {
        let mut pack = incident_pack(&files, None)?;
        pack.bytes = Some(bytes);
        pack.sign_again()?;
        cases.push(pack.put_into(draft)?);
    }
    Ok(cases)
}

/// Bytes with every occurrence of a text replaced by another one of the same length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from)
        .map(|(place, _)| place)
        .collect();
    for place in places {
        bytes.iter_mut().skip(place).zip(to).for_each(|(at, byte)| *at = *byte);
    }
    bytes
}
