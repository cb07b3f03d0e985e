// SPDX-License-Identifier: Apache-2.0

//! How fast are reading, writing and hashing, in bytes of the document per second?

use std::{fmt::Write as _, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use permit_canonical_json::{Budget, Profile, Sha256Digest, StreamReader, read_text};

/// About 1 MiB of records as an audit export has them.
fn document() -> String {
    let mut text = String::from("{\"records\":[");
    for index in 0..1_000 {
        let comma = if index == 0 { "" } else { "," };
        let hash = Sha256Digest::of(&[u8::try_from(index % 251).unwrap_or(0)]);
        let written = write!(
            text,
            r#"{comma}{{"severity":"info","sequence_number":{index},"record_hash":"{hash}","prev_hash":"{hash}","payload_json":{{"permit_id":"00000000-0000-4000-8000-{index:012}","reason":"matched rule \"spend < 5 €\"","risk":{{"score":0.{index},"labels":["routine","responses.create"]}},"latency_ms":{index}.25,"provider_response_digest_v1":"{hash}","bytes":{index}}},"outcome":"success","event_type":"provider.response.received","event_id":"evt-{index}","created_at":"2026-05-07T12:00:00.{index:06}Z","chain_scope":"project:1","chain_format_version":"v1","resource_id":null,"resource_type":null}}"#
        );
        debug_assert!(written.is_ok(), "strings take all text");
    }
    text + "]}"
}

fn canonical_json(criterion: &mut Criterion) {
    let text = document();
    let budget = Budget::default();
    let Ok(value) = read_text(&text, &budget) else { return };
    let mut group = criterion.benchmark_group("canonical-json");
    group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap_or(0)));
    group.bench_function("read", |b| b.iter(|| read_text(black_box(&text), &budget).is_ok()));
    group.bench_function("stream", |b| {
        b.iter(|| {
            let mut reader = StreamReader::new(black_box(text.as_bytes()), budget);
            let read = (|| {
                reader.enter_object()?;
                reader.next_member()?;
                reader.enter_array()?;
                while reader.next_element()? {
                    reader.skip_value()?;
                }
                reader.next_member()?;
                reader.finish()
            })();
            read.is_ok()
        });
    });
    group.bench_function("write", |b| b.iter(|| Profile::Payload.to_text(black_box(&value))));
    group.bench_function("digest", |b| b.iter(|| Profile::Payload.digest(black_box(&value))));
    group.finish();
}

criterion_group!(benches, canonical_json);
criterion_main!(benches);
