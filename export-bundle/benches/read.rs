// SPDX-License-Identifier: Apache-2.0

//! How fast is an export read, compared with what everybody has to do with its bytes anyway?
//!
//! Two yardsticks over the same bytes in the same run: SHA-256 of them, which the content hash
//! demands and which cannot be divided; and `serde_json` making a `Value` of them, which is how one
//! would start without this crate. The last lines say what the measured times are to each other.

use std::{
    fmt::Write as _,
    hint::black_box,
    io::Write as _,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::{Compression, write::GzEncoder};
use permit_canonical_json::Sha256Digest;
use permit_export_bundle::{
    ByteTap, Entry, ExportReader, ExportReaderOptions, ExportVisitor, StructureFault,
};

/// About 12 MB of entries as an audit export has them, six to a permit.
fn entries() -> Vec<String> {
    let entry = |index: u32| {
        let hash = Sha256Digest::of(&index.to_le_bytes());
        let permit = index / 6;
        format!(
            r#"{{"chain_format_version":"v1","chain_scope":"project:bb51e374-9194-40a2-a62d-d9f1aa1ef500","created_at":"2026-05-07T00:00:00.{index:06}Z","event_id":"00000000-0000-4000-8000-{index:012}","event_type":"provider.response.received","outcome":"success","payload_json":{{"decision":"allow","estimated_cost_micros":{index},"permit_id":"10000000-0000-4000-8000-{permit:012}","policy_snapshot_hash":"sha256:{hash}","policy_version":"2026-05-01","provider_response_digest_v1":"{hash}","reason":"matched rule \"spend < 5 €\"","risk":{{"labels":["routine","responses.create"],"score":0.{index}}}}},"prev_hash":"{hash}","record_hash":"{hash}","resource_id":"10000000-0000-4000-8000-{permit:012}","resource_type":"permit","sequence_number":{index},"severity":"info"}}"#
        )
    };
    (0..ENTRIES).map(entry).collect()
}

fn bundle(entries: &[String]) -> String {
    let mut text = String::from(
        r#"{"bundle_type":"audit_export_bundle","include_chain_entries":true,"project_id":"p","records":["#,
    );
    for (index, entries) in entries.chunks(6).enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let entries = entries.join(",");
        let written = write!(
            text,
            r#"{comma}{{"chain_entries":[{entries}],"permit":{{"id":"{index}","decision":"allow"}}}}"#
        );
        debug_assert!(written.is_ok(), "strings take all text");
    }
    text + r#"],"schema_version":2}"#
}

/// Counts, and keeps nothing.
#[derive(Default)]
struct Count(u64);

impl ExportVisitor for Count {
    fn entry(&mut self, entry: &Entry<'_>) {
        self.0 += u64::from(entry.fields.event_id.is_some());
    }
    fn structure_fault(&mut self, _: StructureFault) {}
}

/// A tap that leaves hashing out, to measure reading alone.
struct NoHash;

impl ByteTap for NoHash {
    fn bytes(&mut self, _: &[u8]) {}
}

fn read(bytes: &[u8]) -> u64 {
    let options = ExportReaderOptions::default();
    let read = ExportReader::new(&options, Count::default()).read(bytes, NoHash);
    read.map_or(0, |(_, count)| count.0)
}

fn serde_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn benches(criterion: &mut Criterion) {
    let entries = entries();
    let bundle = bundle(&entries);
    let lines = entries.join("\n");
    let packed = gzip(bundle.as_bytes());
    let whole = [bundle.as_bytes(), lines.as_bytes(), &packed].map(read);
    assert_eq!(whole, [u64::from(ENTRIES); 3], "every entry is read");
    let mut group = criterion.benchmark_group("export-bundle");
    group.throughput(Throughput::Bytes(bundle.len().try_into().unwrap_or(0))).sample_size(10);
    group.bench_function("read a bundle", |b| b.iter(|| read(black_box(bundle.as_bytes()))));
    group.bench_function("read lines", |b| b.iter(|| read(black_box(lines.as_bytes()))));
    group.bench_function("read a compressed bundle", |b| b.iter(|| read(black_box(&packed))));
    group.bench_function("serde_json Value", |b| {
        b.iter(|| serde_json(black_box(bundle.as_bytes())))
    });
    group.bench_function("SHA-256", |b| b.iter(|| Sha256Digest::of(black_box(bundle.as_bytes()))));
    group.finish();
    ratios(&bundle);
}

/// Reads, parses and hashes in turn, so that a busy machine slows all three down alike.
fn ratios(bundle: &str) {
    let bytes = bundle.as_bytes();
    let mut rounds: Vec<[Duration; 3]> = (0..ROUNDS)
        .map(|_| {
            [
                time(|| read(black_box(bytes)) > 0),
                time(|| serde_json(black_box(bytes))),
                time(|| Sha256Digest::of(black_box(bytes)).as_bytes().len() == 32),
            ]
        })
        .collect();
    let mut median = |of: fn(&[Duration; 3]) -> f64| {
        rounds.sort_by(|a, b| of(a).total_cmp(&of(b)));
        rounds.get(ROUNDS / 2).map_or(f64::NAN, of)
    };
    let to_serde = median(|[read, serde, _]| read.as_secs_f64() / serde.as_secs_f64());
    let to_hash = median(|[read, _, hash]| read.as_secs_f64() / hash.as_secs_f64());
    report(&format!("reading takes {to_serde:.2} times as long as serde_json::Value"));
    report(&format!("reading takes {to_hash:.2} times as long as SHA-256"));
}

fn time(work: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn report(line: &str) {
    // A bench that nobody can hear has still measured.
    let _ = writeln!(std::io::stdout(), "{line}");
}

const ENTRIES: u32 = 10_002;
const ROUNDS: usize = 11;

criterion_group!(reading, benches);
criterion_main!(reading);
