// SPDX-License-Identifier: Apache-2.0

//! How many entries are walked in a second?
//!
//! Once as a single writer delivers them, all in one array in order; once as 8 workers of one
//! project leave them behind: each record holds 6 entries of a permit, and between two of them stand
//! those of 7 other permits, so that nothing links inside a record.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use permit_canonical_json::{JsonPointer, Value, to_value};
use permit_chain::{
    Appender, ChainHead, EntryFields, EventDraft, WalkOptions, WalkOutcome, Walker,
};
use permit_types::{ChainScope, EventId, EventType, Instant, OpenObject};

/// A chain as it is written, each entry as it is read.
fn chain() -> Option<Vec<Value<'static>>> {
    let created_at = Instant::parse("2026-05-07T12:00:00.123456Z")?;
    let mut chain = Appender::new(ChainHead::empty(ChainScope::new("project:1")));
    let mut entry = |number: u32| {
        let event = EventDraft {
            event_id: EventId::new(format!("00000000-0000-4000-8000-{number:012}")),
            event_type: EventType::new("provider.response.received"),
            resource_type: Some("permit".to_owned()),
            resource_id: Some(format!("10000000-0000-4000-8000-{:012}", number / 6)),
            outcome: Some("success".to_owned()),
            severity: "info".to_owned(),
            payload_json: OpenObject::default(),
            created_at,
        };
        to_value(&chain.append(event).ok()?).ok()
    };
    (0..ENTRIES).map(&mut entry).collect()
}

/// The entries of 8 workers, 6 to a record.
fn interleaved(entries: &[Value<'static>]) -> Vec<Vec<Value<'static>>> {
    let records = |group: &[Value<'static>]| {
        let record = |worker: usize| group.iter().skip(worker).step_by(8).cloned().collect();
        (0..8).map(record).collect::<Vec<Vec<_>>>()
    };
    entries.chunks(48).flat_map(records).collect()
}

fn walk(arrays: &[Vec<Value<'_>>]) -> WalkOutcome {
    let mut walker = Walker::new(WalkOptions::default(), |place| {
        JsonPointer::root().index(place.array).index(place.index)
    });
    for (array, entries) in (0..).zip(arrays) {
        for (index, entry) in (0..).zip(entries) {
            if let Some(object) = entry.as_object() {
                walker.entry(&EntryFields::of_entry(object, entry.range()), array, index);
            }
        }
    }
    walker.finish()
}

fn benches(criterion: &mut Criterion) {
    let Some(entries) = chain() else { return };
    let mut group = criterion.benchmark_group("walk");
    group.throughput(Throughput::Elements(ENTRIES.into())).sample_size(20);
    for (name, arrays) in
        [("8 ways over records", interleaved(&entries)), ("in order", vec![entries])]
    {
        assert!(walk(&arrays).intact().is_some(), "the chain holds");
        group.bench_function(name, |b| b.iter(|| walk(black_box(&arrays)).intact()));
    }
    group.finish();
}

const ENTRIES: u32 = 100_000;

criterion_group!(walks, benches);
criterion_main!(walks);
