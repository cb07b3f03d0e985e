// SPDX-License-Identifier: Apache-2.0

//! How much faster does one key check many signatures once it has a table?
//!
//! Each iteration checks 256 signatures of different closures by one key, so that tables are
//! read as they are in use and not from the same few places.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ed25519_dalek::Verifier as _;
use permit_canonical_json::Sha256Digest;
use permit_keys::{PreparedKey, Signature, SignedMessage, Signer, SignerError, SoftwareKey};

fn signed() -> Result<Vec<(SignedMessage, Signature)>, SignerError> {
    let key = SoftwareKey::from_seed(&[1; 32]);
    let one = |number: u32| {
        let message = SignedMessage::closure(Sha256Digest::of(&number.to_be_bytes()));
        let signature = key.sign(message.as_bytes())?;
        Ok((message, signature))
    };
    (0..256).map(one).collect()
}

fn verify(criterion: &mut Criterion) {
    let public = SoftwareKey::from_seed(&[1; 32]).public_key();
    let (Ok(dalek), Ok(signed)) =
        (ed25519_dalek::VerifyingKey::from_bytes(public.as_bytes()), signed())
    else {
        return;
    };
    let prepared = PreparedKey::new(&public);
    let together: Vec<_> = signed.iter().map(|(m, s)| (m.as_bytes(), s)).collect();

    let mut group = criterion.benchmark_group("verify");
    group.throughput(Throughput::Elements(256));
    group.bench_function("plain", |b| {
        b.iter(|| {
            let holds = |(message, signature): &(SignedMessage, Signature)| {
                let signature = ed25519_dalek::Signature::from_bytes(&signature.to_bytes());
                dalek.verify(message.as_bytes(), &signature).is_ok()
            };
            black_box(&signed).iter().all(holds)
        });
    });
    group.bench_function("prepared", |b| {
        b.iter(|| black_box(&signed).iter().all(|(m, s)| prepared.verify(m.as_bytes(), s)));
    });
    group.bench_function("prepared, together", |b| {
        b.iter(|| prepared.verify_each(black_box(&together)).into_iter().all(|holds| holds));
    });
    group.finish();

    let mut group = criterion.benchmark_group("table");
    group.bench_function("make", |b| b.iter(|| PreparedKey::new(black_box(&public))));
    group.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
