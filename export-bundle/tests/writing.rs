// SPDX-License-Identifier: Apache-2.0

//! Writing: what is written can be read again by the reader of this crate, whole and with the same
//! facts; what a writer refuses names its rule and changes nothing.

#![cfg(test)]

use std::io::{self, Write};

use permit_canonical_json::{
    Budget, DigestSink, Object, Sha256Digest, Value, from_value, read, read_text, to_value,
};
use permit_chain::{Appender, ChainHead, EventDraft};
use permit_export_bundle::{
    BundleEntries, BundleHead, BundleWriter, Entry, EventForm, EventWriter, ExportEnd, ExportFacts,
    ExportReader, ExportReaderOptions, ExportVisitor, ExportWriterOptions, Layout, Manifest,
    ManifestDraft, ManifestError, PayloadForm, StructureFault, WriteError, manifest_name,
};
use permit_keys::{ExportSigning, PurposeKey, SoftwareKey, verify_export_manifest};
use permit_pins::{Pin, PinWriter, RequestedClaim};
use permit_types::{
    AuditExportRecord, ChainEntry, ChainScope, ContentHash, Decision, EventId, EventType,
    ExportManifest, Instant, NonEmptyText, OpenObject, Permit, PermitId, ProjectId, RecordHash,
    Rfc3339,
};
use proptest::prelude::*;

const PROJECT: &str = "00000000-0000-4000-8000-0000000000a1";
const OTHER: &str = "00000000-0000-4000-8000-0000000000b2";

fn json(text: &str) -> Value<'static> {
    read_text(text, &Budget::default()).expect("the test writes JSON").into_owned()
}

fn time(text: &str) -> Rfc3339 {
    Rfc3339::parse(text).expect("a time")
}

fn project() -> ProjectId {
    ProjectId::parse(PROJECT).expect("an id")
}

fn head() -> BundleHead {
    BundleHead {
        project_id: project(),
        from: time("2026-05-07T00:00:00Z"),
        to: time("2026-05-08T00:00:00Z"),
        generated_at: time("2026-05-08T00:00:01Z"),
    }
}

fn permit(number: usize) -> Permit {
    from_value(&json(&format!(
        r#"{{"id": "00000000-0000-4000-8000-{number:012}", "project_id": "{PROJECT}",
        "decision": "allow", "reason": "é 漢 \u2028", "actions_json": [{{"n": 1e0, "type": "x"}}],
        "subject_type": "agent", "subject_id": "a", "action_name": "b", "resource_provider": "p",
        "resource_model": "m", "estimated_input_tokens": 1, "estimated_output_tokens": 2,
        "request_fingerprint": "{}", "idempotency_key": "k", "policy_id": "p",
        "policy_version": "1", "created_at": "2026-05-07T12:00:00Z"}}"#,
        Sha256Digest::of(b"request")
    )))
    .expect("a permit")
}

/// So many entries for each of so many records, in turns, so that the chain goes through all of them.
fn chain(records: usize, each: usize) -> Vec<Vec<ChainEntry>> {
    let mut chain = Appender::new(ChainHead::empty(ChainScope::new("project:a")));
    let mut entries = vec![Vec::new(); records];
    for step in 0..each {
        for (record, own) in entries.iter_mut().enumerate() {
            let mut payload = Object::default();
            payload.insert("note", "line\nbreak \u{85} \u{2029} é");
            let draft = EventDraft {
                event_id: EventId::new(format!("evt-{record}-{step}")),
                event_type: EventType::new("t"),
                resource_type: Some("permit".into()),
                resource_id: None,
                outcome: None,
                severity: "info".into(),
                payload_json: OpenObject::from(payload),
                created_at: Instant::parse("2026-05-07T12:00:00Z").expect("a time"),
            };
            own.push(chain.append(draft).expect("an honest event"));
        }
    }
    entries
}

fn records(count: usize, each: usize) -> Vec<AuditExportRecord> {
    let entries = chain(count, each).into_iter();
    let records = entries.enumerate();
    records.map(|(at, own)| AuditExportRecord::new(permit(at + 1)).with_entries(own)).collect()
}

fn write(
    records: &[AuditExportRecord],
    options: &ExportWriterOptions,
) -> Result<(Vec<u8>, ExportFacts), WriteError> {
    let mut writer = BundleWriter::new(Vec::new(), &head(), BundleEntries::InRecords, options)?;
    for record in records {
        writer.record(record)?;
    }
    writer.finish()
}

/// What the reader of this crate sees.
#[derive(Default)]
struct Seen {
    members: Vec<(String, Value<'static>)>,
    entries: Vec<Value<'static>>,
    permits: Vec<Value<'static>>,
    faults: Vec<StructureFault>,
}

impl ExportVisitor for Seen {
    fn member(&mut self, name: &str, value: &Value<'_>) {
        self.members.push((name.to_owned(), value.clone().into_owned()));
    }

    fn record_member(&mut self, _index: u64, name: &str, value: &Value<'_>) {
        if name == "permit" {
            self.permits.push(value.clone().into_owned());
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        self.entries.push(Value::from(entry.object.clone()).into_owned());
    }

    fn structure_fault(&mut self, fault: StructureFault) {
        self.faults.push(fault);
    }
}

fn read_again(bytes: &[u8]) -> (ExportEnd, Seen, ContentHash) {
    let mut digest = DigestSink::new();
    let options = ExportReaderOptions::default();
    let reader = ExportReader::new(&options, Seen::default());
    let (end, seen) = reader.read(bytes, &mut digest).expect("memory can be read");
    assert!(end.unreadable.is_none(), "{:?}", end.unreadable);
    assert_eq!(seen.faults, []);
    (end, seen, digest.finish().into())
}

/// Every way to write.
fn options() -> Vec<ExportWriterOptions> {
    let plain = ExportWriterOptions::default();
    let pretty = plain.layout(Layout::Pretty);
    vec![plain, plain.compressed(), pretty, pretty.compressed()]
}

#[test]
fn bundle_05_06_13_what_is_written_is_read_again_with_the_same_facts() {
    for options in options() {
        for announced in [false, true] {
            for count in [0, 1, 5] {
                let records = records(count, 3);
                let number = u64::try_from(count).expect("few");
                let options = if announced { options.record_count(number) } else { options };
                let (bytes, facts) = write(&records, &options).expect("honest records");
                let (end, seen, hash) = read_again(&bytes);
                assert_eq!((end.form, end.records), (PayloadForm::AuditBundle, Some(number)));
                assert_eq!(end.compressed, options.compressed);
                assert_eq!(facts.content_hash, hash);
                assert_eq!(facts.stored_bytes, bytes.len() as u64);
                assert_eq!((facts.record_count, facts.entry_count), (number, 3 * number));
                let stated = seen.members.iter().find(|(name, _)| name == "record_count");
                assert_eq!(stated.map(|(_, value)| value.as_u64()), Some(Some(number)));
                let permits: Vec<_> =
                    records.iter().map(|record| to_value(&record.permit).expect("JSON")).collect();
                assert_eq!(seen.permits, permits);
                let last =
                    records.last().and_then(|it| it.chain_entries.as_ref()?.last()?.record_hash);
                assert_eq!(facts.last_record_hash, last);
            }
        }
    }
}

#[test]
fn a_bundle_has_the_members_of_its_schema_and_no_others() {
    let (bytes, _) = write(&records(2, 2), &ExportWriterOptions::default()).expect("honest");
    let value = read(&bytes, &Budget::default()).expect("JSON");
    let bundle: permit_types::AuditExportBundle = from_value(&value).expect("the closed form");
    assert_eq!(bundle.record_count, 2);
    assert_eq!(bundle.include_chain_entries, Some(true));
    assert_eq!(bundle.records, records(2, 2));
    // Numbers keep their text (AMB-52), and what others take for the end of a line is escaped.
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.contains(r#""n":1e0"#) && text.contains(r"\u2028") && !text.contains('\u{85}'));
}

#[test]
fn the_same_records_give_the_same_bytes() {
    for options in options() {
        let (once, again) = (write(&records(3, 2), &options), write(&records(3, 2), &options));
        assert_eq!(once.expect("honest").0, again.expect("honest").0);
    }
    let (bytes, _) =
        write(&records(1, 1), &ExportWriterOptions::default().compressed()).expect("honest");
    // No time, no name, no system.
    assert_eq!(bytes.get(..10), Some(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..]));
}

#[test]
fn a_pretty_bundle_with_a_known_count_is_the_pretty_text_of_its_value() {
    let options = ExportWriterOptions::default().layout(Layout::Pretty).record_count(2);
    let (bytes, _) = write(&records(2, 2), &options).expect("honest");
    let value = read(&bytes, &Budget::default()).expect("JSON");
    assert_eq!(
        String::from_utf8(bytes.clone()).expect("UTF-8"),
        permit_claims::to_pretty_text(&value)
    );
}

#[test]
fn bundle_04_version_1_has_no_entries() {
    let options = ExportWriterOptions::default();
    let mut writer =
        BundleWriter::new(Vec::new(), &head(), BundleEntries::None, &options).expect("memory");
    let refused = writer.record(&records(1, 1)[0]).expect_err("entries");
    assert_eq!(refused.rule().map(|rule| rule.as_str()), Some("BUNDLE-04"));
    assert!(writer.entry(&chain(1, 1)[0][0]).is_err());
    writer.record(&AuditExportRecord::new(permit(1))).expect("no entries");
    let (bytes, facts) = writer.finish().expect("honest");
    assert_eq!((facts.record_count, facts.entry_count), (1, 0));
    let value = read(&bytes, &Budget::default()).expect("JSON");
    assert_eq!(value.get("schema_version").and_then(Value::as_u64), Some(1));
    assert_eq!(value.get("include_chain_entries").and_then(Value::as_bool), Some(false));
}

#[test]
fn entries_of_the_bundle_follow_its_records() {
    let options = ExportWriterOptions::default();
    let mut writer =
        BundleWriter::new(Vec::new(), &head(), BundleEntries::AtBundle, &options).expect("memory");
    assert!(writer.record(&records(1, 1)[0]).is_err(), "entries in a record");
    writer.record(&AuditExportRecord::new(permit(1))).expect("no entries");
    for entry in &chain(1, 4)[0] {
        writer.entry(entry).expect("honest");
    }
    let late = writer.record(&AuditExportRecord::new(permit(2)));
    assert!(matches!(late, Err(WriteError::RecordsEnded)));
    writer.member("note", &json(r#"{"a": 1}"#)).expect("a new member");
    let twice = writer.member("note", &json("1")).expect_err("twice");
    assert_eq!(twice.rule().map(|rule| rule.as_str()), Some("BUNDLE-17"));
    assert!(matches!(writer.member("to", &json("1")), Err(WriteError::MemberTwice { .. })));
    assert!(matches!(writer.entry(&chain(1, 5)[0][4]), Err(WriteError::EntriesOutOfPlace)));
    let (bytes, facts) = writer.finish().expect("honest");
    let (_, seen, hash) = read_again(&bytes);
    assert_eq!((seen.entries.len(), facts.entry_count, facts.content_hash), (4, 4, hash));
    assert!(seen.members.iter().any(|(name, _)| name == "note"));
}

#[test]
fn what_is_refused_names_its_rule_and_changes_nothing() {
    type Bend = fn(&mut AuditExportRecord);
    let bends: [(Bend, &str); 8] = [
        (|it| it.permit.project_id = ProjectId::parse(OTHER).expect("an id"), "PCHAIN-36"),
        (|it| it.permit.created_at = time("2026-05-08T00:00:00Z"), "BUNDLE-01"),
        (|it| it.permit.created_at = time("2026-05-06T23:59:59Z"), "BUNDLE-01"),
        (|it| it.permit.created_at = time("2026-05-07T14:00:00+02:00"), "PERMIT-33"),
        (
            |it| {
                it.permit.decision = Decision::Deny;
                it.permit.binding_request_hash = Some(Sha256Digest::of(b"x"));
            },
            "PERMIT-06",
        ),
        (|it| it.chain_entries = None, "BUNDLE-03"),
        (|it| it.chain_entries.as_mut().expect("given")[0].record_hash = None, "CHAIN-17"),
        (|it| it.chain_entries.as_mut().expect("given")[0].sequence_number = None, "CHAIN-17"),
    ];
    let options = ExportWriterOptions::default();
    let good = records(1, 2);
    let (untouched, _) = write(&good, &options).expect("honest");
    for (bend, rule) in bends {
        let mut writer = BundleWriter::new(Vec::new(), &head(), BundleEntries::InRecords, &options)
            .expect("memory");
        let mut bad = good[0].clone();
        bend(&mut bad);
        let refused = writer.record(&bad).expect_err(rule);
        assert_eq!(refused.rule().map(|rule| rule.as_str()), Some(rule), "{refused}");
        let value = to_value(&bad).expect("JSON");
        let refused = writer.record_value(&value).expect_err(rule);
        assert_eq!(refused.rule().map(|rule| rule.as_str()), Some(rule), "{refused}");
        writer.record(&good[0]).expect("honest");
        assert_eq!(writer.finish().expect("honest").0, untouched);
    }
    let mut writer =
        BundleWriter::new(Vec::new(), &head(), BundleEntries::InRecords, &options).expect("memory");
    let unknown = json(r#"{"permit": {}, "extra": 1}"#);
    let refused = writer.record_value(&unknown).expect_err("no record");
    assert_eq!(refused.rule().map(|rule| rule.as_str()), Some("CONF-01"));
}

#[test]
fn amb_49_permit_33_a_head_that_contradicts_itself_begins_nothing() {
    let options = ExportWriterOptions::default();
    let begin = |head: &BundleHead| {
        BundleWriter::new(Vec::new(), head, BundleEntries::None, &options)
            .map(|_| ())
            .expect_err("bad")
    };
    let empty = BundleHead { to: head().from, ..head() };
    assert_eq!(begin(&empty).rule().map(|rule| rule.as_str()), Some("AMB-49"));
    let offset = BundleHead { to: time("2026-05-08T00:00:00+01:00"), ..head() };
    assert_eq!(begin(&offset).rule().map(|rule| rule.as_str()), Some("PERMIT-33"));
}

#[test]
fn bundle_05_another_number_than_announced_is_no_export() {
    let options = ExportWriterOptions::default().record_count(3);
    let refused = write(&records(2, 1), &options).expect_err("two");
    assert!(matches!(refused, WriteError::OtherCount { announced: 3, written: 2 }));
    assert_eq!(refused.rule().map(|rule| rule.as_str()), Some("BUNDLE-05"));
}

#[test]
fn chain_08_09_entries_that_do_not_hold_are_no_export() {
    type Bend = fn(&mut Vec<AuditExportRecord>);
    let other = || Some(RecordHash::from(Sha256Digest::of(b"other")));
    let bends: [(Bend, &str); 3] = [
        (|it| it[0].chain_entries.as_mut().expect("given")[0].severity = "x".into(), "CHAIN-09"),
        (|it| drop(it[0].chain_entries.as_mut().expect("given").remove(1)), "CHAIN-08"),
        (|it| it[0].chain_entries.as_mut().expect("given").swap(0, 1), "CHAIN-13"),
    ];
    for (bend, rule) in bends {
        let mut bad = records(2, 3);
        bend(&mut bad);
        let refused = write(&bad, &ExportWriterOptions::default()).expect_err(rule);
        assert_eq!(refused.rule().map(|rule| rule.as_str()), Some(rule), "{refused}");
        // Evidence of a broken chain can be exported by whoever says so.
        assert!(write(&bad, &ExportWriterOptions::default().unwalked()).is_ok());
    }
    assert!(other().is_some());
}

#[test]
fn events_are_read_again_in_both_forms() {
    let entries: Vec<_> = chain(1, 5).remove(0);
    for options in options() {
        for form in [EventForm::Document, EventForm::Lines] {
            let mut writer =
                EventWriter::new(Vec::new(), &project(), form, &options).expect("memory");
            for entry in &entries {
                writer.event(entry).expect("honest");
            }
            let (bytes, facts) = writer.finish().expect("honest");
            let (end, seen, hash) = read_again(&bytes);
            let (expected, format) = match form {
                EventForm::Document => (PayloadForm::GovernanceEvents, "json"),
                EventForm::Lines => (PayloadForm::EventLines, "jsonl"),
            };
            assert_eq!((end.form, end.records, facts.format), (expected, Some(5), format));
            assert_eq!(end.project_id.as_deref(), Some(PROJECT));
            assert_eq!((facts.record_count, facts.content_hash), (5, hash));
            assert_eq!(facts.last_record_hash, entries.last().map(|entry| entry.record_hash));
            let stated = |event: &Value<'_>, name: &str| {
                event.get(name).and_then(Value::as_str).map(str::to_owned)
            };
            for (event, entry) in seen.entries.iter().zip(&entries) {
                assert_eq!(stated(event, "event_id").as_deref(), Some(entry.event_id.as_str()));
                assert_eq!(
                    stated(event, "occurred_at").as_deref(),
                    Some(entry.created_at.as_str())
                );
                assert_eq!(event.get("created_at"), None);
            }
        }
    }
}

#[test]
fn a_line_of_events_is_never_alone() {
    let entries: Vec<_> = chain(1, 2).remove(0);
    for count in [0, 1] {
        let options = ExportWriterOptions::default();
        let writer = EventWriter::new(Vec::new(), &project(), EventForm::Lines, &options);
        let mut writer = writer.expect("memory");
        for entry in entries.iter().take(count) {
            writer.event(entry).expect("honest");
        }
        assert!(matches!(writer.member("a", &json("1")), Err(WriteError::NoDocument)));
        assert!(matches!(writer.finish(), Err(WriteError::TooFewLines { .. })));
    }
}

#[test]
fn chain_17_an_event_without_its_links_is_refused() {
    let entry = to_value(&chain(1, 1)[0][0]).expect("JSON");
    let object = entry.as_object().expect("an object");
    for name in ["event_id", "severity", "chain_scope", "record_hash", "prev_hash", "created_at"] {
        let options = ExportWriterOptions::default();
        let writer = EventWriter::new(Vec::new(), &project(), EventForm::Document, &options);
        let mut writer = writer.expect("memory");
        let mut event = object.clone();
        event.remove(name);
        let refused = writer.event_value(&event).expect_err(name);
        assert_eq!(refused.rule().map(|rule| rule.as_str()), Some("CHAIN-17"), "{name}");
        let mut event = object.clone();
        event.insert("project_id", OTHER);
        let refused = writer.event_value(&event).expect_err("of another project");
        assert_eq!(refused.rule().map(|rule| rule.as_str()), Some("PCHAIN-36"));
        writer.event_value(object).expect("honest");
        writer.member("note", &json("1")).expect("a new member");
        assert!(matches!(writer.event_value(object), Err(WriteError::RecordsEnded)));
        assert_eq!(writer.finish().expect("honest").1.record_count, 1);
    }
}

/// Takes so many bytes and no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("no space"));
        }
        let taken = buffer.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_fails_ends_the_export_for_good() {
    let records = records(3, 3);
    let (bytes, _) = write(&records, &ExportWriterOptions::default()).expect("honest");
    for room in 0..bytes.len() {
        let options = ExportWriterOptions::default();
        let begun = BundleWriter::new(Full(room), &head(), BundleEntries::InRecords, &options);
        let Ok(mut writer) = begun else { continue };
        let mut failed = false;
        for record in &records {
            match writer.record(record) {
                Ok(()) => assert!(!failed),
                Err(WriteError::Io(_)) => {
                    assert!(!failed);
                    failed = true;
                }
                Err(WriteError::Broken) => assert!(failed),
                Err(other) => panic!("{other}"),
            }
        }
        assert!(writer.finish().is_err(), "{room} bytes are not enough");
    }
}

fn key() -> PurposeKey<ExportSigning> {
    PurposeKey::new(SoftwareKey::from_seed(&[7; 32]))
}

#[test]
fn bundle_08_09_15_16_23_the_manifest_says_what_was_written() {
    let options = ExportWriterOptions::default().compressed();
    let (bytes, facts) = write(&records(2, 2), &options).expect("honest");
    let filters = json(r#"{"b": 1, "a": "é"}"#);
    let requests = [RequestedClaim::new(permit_claims::Claim::ExportIntegrity, true)];
    let pins = PinWriter::for_claims(requests, Pin::at_released_path).write().expect("pinned");
    let signed = ManifestDraft::new(NonEmptyText::parse("e-1").expect("text"), facts.clone())
        .chain_integrity(time("2026-05-08T00:00:02Z"))
        .filters(&filters)
        .expect("no floats")
        .issuer_version("acme", "3.1")
        .expect("a new member")
        .pins(&pins)
        .member("note", "n")
        .expect("a new member")
        .sign(&key(), time("2026-05-08T00:00:03Z"))
        .expect("software keys sign");
    let manifest = Manifest::read(signed.bytes(), &Budget::default()).expect("a manifest");
    let read: ExportManifest = from_value(manifest.value()).expect("the form of manifests");
    assert_eq!(&read, signed.manifest());
    let hash = Sha256Digest::of(&bytes);
    assert_eq!(read.content_hash.digest(), hash);
    assert!(read.compressed && read.record_count == 2 && read.format.as_str() == "json");
    assert_eq!(read.project_id.as_deref(), Some(PROJECT));
    let integrity = read.chain_integrity.expect("given");
    assert_eq!((integrity.chain_length, integrity.error), (4, None));
    assert_eq!(integrity.last_verified_hash, facts.last_record_hash);
    let canonical = r#"{"a":"é","b":1}"#;
    assert_eq!(read.filters_hash, Some(Sha256Digest::of(canonical.as_bytes()).into()));
    assert_eq!(read.other.get("acme_version").and_then(Value::as_str), Some("3.1"));
    assert_eq!(read.keel_version, None);
    assert!(manifest.states("claim_set") && manifest.states("semantics_pins"));
    assert_eq!(manifest_name("may.json.gz"), "may.json.gz.manifest.json");
    let _ = verify_export_manifest;
}

#[test]
fn a_manifest_has_no_member_twice() {
    let (_, facts) = write(&[], &ExportWriterOptions::default()).expect("honest");
    let draft = ManifestDraft::new(NonEmptyText::parse("e-1").expect("text"), facts);
    for name in ["content_hash", "claim_set", "keel_version", "record_count"] {
        let refused = draft.clone().member(name, "x").expect_err(name);
        assert!(matches!(refused, ManifestError::MemberTwice { .. }));
    }
    assert!(draft.clone().issuer_version("keel", "1").is_err());
    let twice = draft.member("a", 1).expect("a new member").member("a", 2);
    assert!(twice.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever reads does so in pieces, and whoever writes does so record by record: both see one file.
    #[test]
    fn any_number_of_records_is_the_same_file_however_it_is_written(
        count in 0_usize..8,
        each in 0_usize..4,
        compressed in any::<bool>(),
        announced in any::<bool>(),
    ) {
        let mut options = ExportWriterOptions::default();
        if compressed {
            options = options.compressed();
        }
        if announced {
            options = options.record_count(count as u64);
        }
        let records = records(count, each);
        let (typed, facts) = write(&records, &options).expect("honest");
        let mut writer =
            BundleWriter::new(Vec::new(), &head(), BundleEntries::InRecords, &options).expect("memory");
        for record in &records {
            writer.record_value(&to_value(record).expect("JSON")).expect("honest");
        }
        let (loose, other) = writer.finish().expect("honest");
        prop_assert_eq!(&typed, &loose);
        prop_assert_eq!(&facts, &other);
        let (end, seen, hash) = read_again(&typed);
        prop_assert_eq!(end.records, Some(count as u64));
        prop_assert_eq!(seen.entries.len(), count * each);
        prop_assert_eq!(hash, facts.content_hash);
    }
}

#[test]
fn ids_are_compared_without_their_case() {
    let mut record = records(1, 1).remove(0);
    record.permit.project_id = ProjectId::parse(&PROJECT.to_uppercase()).expect("an id");
    record.permit.id = PermitId::parse(&OTHER.to_uppercase()).expect("an id");
    assert!(write(&[record], &ExportWriterOptions::default()).is_ok());
}
