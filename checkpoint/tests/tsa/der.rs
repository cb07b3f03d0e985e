// SPDX-License-Identifier: Apache-2.0

//! Writing DER by hand, so that anything can be written, right or wrong.

/// A tag, the length of all parts together, and the parts.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let mut bytes = vec![tag];
    match value.len() {
        short @ 0..0x80 => bytes.push(u8::try_from(short).unwrap()),
        long => {
            let length = long.to_be_bytes();
            let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            bytes.push(0x80 | u8::try_from(length.len()).unwrap());
            bytes.extend(length);
        }
    }
    bytes.extend(value);
    bytes
}

pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// A SET OF as DER wants it: its elements in order.
pub(crate) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &[&in_order(parts)])
}

pub(crate) fn in_order(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort();
    parts.concat()
}

/// `[number]` around something.
pub(crate) fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, &[inner])
}

pub(crate) fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, &[bytes])
}

pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes])
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[&[if value { 0xff } else { 0 }]])
}

/// An INTEGER of these bytes, which have to be as short as they can be.
pub(crate) fn integer(bytes: &[u8]) -> Vec<u8> {
    tlv(0x02, &[bytes])
}

/// An INTEGER that is not negative.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let short: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    match short.first() {
        None => integer(&[0]),
        Some(0x80..) => integer(&[&[0], short.as_slice()].concat()),
        Some(_) => integer(&short),
    }
}

pub(crate) fn null() -> Vec<u8> {
    tlv(0x05, &[])
}

pub(crate) fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, &[text.as_bytes()])
}

pub(crate) fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, &[text.as_bytes()])
}

pub(crate) fn generalized_time(text: &str) -> Vec<u8> {
    tlv(0x18, &[text.as_bytes()])
}

/// An OBJECT IDENTIFIER from its numbers.
pub(crate) fn oid(text: &str) -> Vec<u8> {
    let arcs: Vec<u64> = text.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut bytes = base_128(arcs[0] * 40 + arcs[1]);
    arcs[2..].iter().for_each(|arc| bytes.extend(base_128(*arc)));
    tlv(0x06, &[&bytes])
}

fn base_128(mut arc: u64) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(arc & 0x7f).unwrap()];
    while arc > 0x7f {
        arc >>= 7;
        bytes.push(0x80 | u8::try_from(arc & 0x7f).unwrap());
    }
    bytes.reverse();
    bytes
}

/// An `AlgorithmIdentifier`.
pub(crate) fn algorithm(id: &str, parameters: Option<&[u8]>) -> Vec<u8> {
    seq(&[&oid(id), parameters.unwrap_or_default()])
}
