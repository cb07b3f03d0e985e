// SPDX-License-Identifier: Apache-2.0

//! Writing the little DER that time-stamp tokens consist of.

use super::fault::Fault;

/// A tag, the length of all parts together, and the parts.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Result<Vec<u8>, Fault> {
    let value = parts.concat();
    let mut bytes = vec![tag];
    match u8::try_from(value.len()) {
        Ok(short @ 0..0x80) => bytes.push(short),
        _ => {
            let length = value.len().to_be_bytes();
            let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            bytes.push(0x80 | u8::try_from(length.len())?);
            bytes.extend(length);
        }
    }
    bytes.extend(value);
    Ok(bytes)
}

pub(crate) fn seq(parts: &[&[u8]]) -> Result<Vec<u8>, Fault> {
    tlv(0x30, parts)
}

/// A SET OF as DER wants it: its elements in order.
pub(crate) fn set(parts: &[Vec<u8>]) -> Result<Vec<u8>, Fault> {
    tlv(0x31, &[&in_order(parts)])
}

pub(crate) fn in_order(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort();
    parts.concat()
}

/// `[number]` around something.
pub(crate) fn explicit(number: u8, inner: &[u8]) -> Result<Vec<u8>, Fault> {
    tlv(0xa0 | number, &[inner])
}

pub(crate) fn octets(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    tlv(0x04, &[bytes])
}

pub(crate) fn bits(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    tlv(0x03, &[&[0], bytes])
}

/// An INTEGER of these bytes, whose highest bit is not set.
pub(crate) fn integer(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    tlv(0x02, &[bytes])
}

pub(crate) fn generalized_time(text: &str) -> Result<Vec<u8>, Fault> {
    tlv(0x18, &[text.as_bytes()])
}

/// An OBJECT IDENTIFIER from its numbers.
pub(crate) fn oid(text: &str) -> Result<Vec<u8>, Fault> {
    let mut arcs = Vec::new();
    for arc in text.split('.') {
        arcs.push(arc.parse::<u32>()?);
    }
    let [first, second, rest @ ..] = arcs.as_slice() else {
        return Err(Fault::new("an object identifier has two numbers at least"));
    };
    let mut bytes = base_128(first.saturating_mul(40).saturating_add(*second));
    rest.iter().for_each(|arc| bytes.extend(base_128(*arc)));
    tlv(0x06, &[&bytes])
}

fn base_128(mut arc: u32) -> Vec<u8> {
    let low = |arc: u32| arc.to_le_bytes().first().copied().unwrap_or_default() & 0x7f;
    let mut bytes = vec![low(arc)];
    while arc > 0x7f {
        arc >>= 7;
        bytes.push(0x80 | low(arc));
    }
    bytes.reverse();
    bytes
}

/// An `AlgorithmIdentifier` without parameters.
pub(crate) fn algorithm(id: &str) -> Result<Vec<u8>, Fault> {
    seq(&[&oid(id)?])
}
