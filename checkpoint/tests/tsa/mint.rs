// SPDX-License-Identifier: Apache-2.0

//! Authorities, certificates and tokens that can be bent at will.
//!
//! The [`World`] as it is made is valid: a root issued an intermediate, that issued a signer, and
//! the signer stamped a composite hash. Tests change one thing and everything is sealed anew, so that
//! exactly one thing is wrong.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::{Sha256Digest, Value};
use permit_checkpoint::{
    CaBundle, ReceiptTrust, TsaLimits, TsaProblem, TsaReceipt, verify_receipts,
};

use crate::{
    der::{
        algorithm, bits, boolean, explicit, generalized_time, in_order, integer, null, octets, oid,
        seq, set, tlv, unsigned, utf8,
    },
    keys::{Hash, Key, Scheme},
};

/// What a certificate says.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) subject: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) key: Key,
    /// The `SubjectPublicKeyInfo`, if it is another one.
    pub(crate) public: Option<Vec<u8>>,
    pub(crate) issuer_key: Key,
    pub(crate) scheme: Scheme,
    /// The algorithm named inside, if it is another one.
    pub(crate) inner_scheme: Option<Scheme>,
    pub(crate) not_before: &'static str,
    pub(crate) not_after: &'static str,
    /// `cA` and the length of paths below.
    pub(crate) basic_constraints: Option<(bool, Option<u8>)>,
    /// The bits, digital signature first, with the number of unused bits.
    pub(crate) key_usage: Option<(u8, u8)>,
    /// Critical or not, and the purposes.
    pub(crate) extended_key_usage: Option<(bool, Vec<&'static str>)>,
    pub(crate) subject_key: Option<Vec<u8>>,
    pub(crate) authority_key: Option<Vec<u8>>,
    pub(crate) more: Vec<(&'static str, bool, Vec<u8>)>,
    pub(crate) broken_signature: bool,
}

/// A distinguished name of one common name.
pub(crate) fn name(common: &str) -> Vec<u8> {
    name_of(&utf8(common))
}

pub(crate) fn name_of(text: &[u8]) -> Vec<u8> {
    seq(&[&set(&[seq(&[&oid("2.5.4.3"), text])])])
}

impl Certificate {
    fn authority(subject: &str, key: Key, issuer: &str, issuer_key: Key) -> Self {
        Self {
            subject: name(subject),
            issuer: name(issuer),
            serial: vec![0x0a, 0x01],
            key,
            public: None,
            issuer_key,
            scheme: issuer_key.scheme(),
            inner_scheme: None,
            not_before: "20200101000000Z",
            not_after: "20400101000000Z",
            basic_constraints: Some((true, None)),
            key_usage: Some(KEY_CERT_SIGN),
            extended_key_usage: None,
            subject_key: None,
            authority_key: None,
            more: Vec::new(),
            broken_signature: false,
        }
    }

    fn signer(subject: &str, key: Key, issuer: &str, issuer_key: Key) -> Self {
        Self {
            serial: vec![0x0b, 0x02],
            not_before: "20250101000000Z",
            not_after: "20270101000000Z",
            basic_constraints: Some((false, None)),
            key_usage: Some(DIGITAL_SIGNATURE),
            extended_key_usage: Some((true, vec![TIME_STAMPING])),
            ..Self::authority(subject, key, issuer, issuer_key)
        }
    }

    /// Changes who issues it.
    pub(crate) fn issued_by(&mut self, issuer: &Self) {
        self.issuer = issuer.subject.clone();
        self.issuer_key = issuer.key;
        self.scheme = issuer.key.scheme();
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let named = self.scheme.identifier();
        let inner = self.inner_scheme.map_or(named.clone(), Scheme::identifier);
        let validity =
            seq(&[&generalized_time(self.not_before), &generalized_time(self.not_after)]);
        let body = seq(&[
            &explicit(0, &integer(&[2])),
            &unsigned(&self.serial),
            &inner,
            &self.issuer,
            &validity,
            &self.subject,
            &self.public.clone().unwrap_or_else(|| self.key.public()),
            &explicit(3, &seq(&[&self.extensions()])),
        ]);
        let mut signature = self.issuer_key.sign(self.scheme, &body);
        if self.broken_signature {
            // Behind what ECDSA has as structure.
            let last = signature.len() - 1;
            signature[last] ^= 1;
        }
        seq(&[&body, &named, &bits(&signature)])
    }

    fn extensions(&self) -> Vec<u8> {
        let mut extensions = Vec::new();
        let mut add = |id: &str, critical: bool, value: &[u8]| {
            let critical = if critical { boolean(true) } else { Vec::new() };
            extensions.extend(seq(&[&oid(id), &critical, &octets(value)]));
        };
        if let Some((ca, length)) = self.basic_constraints {
            let ca = if ca { boolean(true) } else { Vec::new() };
            let length = length.map_or(Vec::new(), |length| unsigned(&[length]));
            add("2.5.29.19", true, &seq(&[&ca, &length]));
        }
        if let Some((byte, unused)) = self.key_usage {
            add("2.5.29.15", true, &tlv(0x03, &[&[unused, byte]]));
        }
        if let Some((critical, purposes)) = &self.extended_key_usage {
            let purposes: Vec<u8> = purposes.iter().flat_map(|purpose| oid(purpose)).collect();
            add("2.5.29.37", *critical, &seq(&[&purposes]));
        }
        if let Some(id) = &self.subject_key {
            add("2.5.29.14", false, &octets(id));
        }
        if let Some(id) = &self.authority_key {
            add("2.5.29.35", false, &seq(&[&tlv(0x80, &[id])]));
        }
        for (id, critical, value) in &self.more {
            add(id, *critical, value);
        }
        extensions
    }
}

/// How a token says whose certificate its signer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    IssuerAndSerial,
    SubjectKey,
}

/// An attribute that ties the signature to the signer's certificate.
#[derive(Clone, Debug)]
pub(crate) enum Tie {
    V1,
    /// With the hash function written out, or left out where it is SHA-256.
    V2(Hash),
    /// With issuer and serial number beside the digest.
    V2WithIssuer {
        issuer: Vec<u8>,
        serial: Vec<u8>,
    },
    /// Of the signer's and of another certificate.
    V2AndMore(Vec<u8>),
    /// Of another certificate.
    V2Other(Vec<u8>),
}

/// What a token says.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) version: Vec<u8>,
    pub(crate) imprint: Vec<u8>,
    pub(crate) imprint_algorithm: Vec<u8>,
    pub(crate) gen_time: Vec<u8>,
    /// What stands behind `genTime`.
    pub(crate) rest: Vec<u8>,
    pub(crate) content_info_type: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) named: Named,
    pub(crate) scheme: Scheme,
    pub(crate) digest: Hash,
    /// The identifier of the signature's algorithm, if it is another one than the scheme's.
    pub(crate) algorithm: Option<Vec<u8>>,
    pub(crate) signed_content_type: Option<&'static str>,
    pub(crate) message_digest: Option<Vec<u8>>,
    pub(crate) without_message_digest: bool,
    pub(crate) ties: Vec<Tie>,
    pub(crate) more_attributes: Vec<Vec<u8>>,
    pub(crate) without_attributes: bool,
    pub(crate) signers: usize,
    pub(crate) broken_signature: bool,
    /// The signature, if it is another one.
    pub(crate) signature: Option<Vec<u8>>,
    pub(crate) unsigned_attributes: bool,
    pub(crate) key: Option<Key>,
}

/// A root, an intermediate, a signer and what it stamped.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) root: Certificate,
    pub(crate) intermediate: Certificate,
    pub(crate) signer: Certificate,
    pub(crate) token: Token,
    /// Which certificates come along beside the signer's.
    pub(crate) carries_intermediate: bool,
    pub(crate) carries_signer: bool,
    pub(crate) also_carried: Vec<Vec<u8>>,
    /// Certificates in the bundle, in place of the root.
    pub(crate) bundle: Option<Vec<Vec<u8>>>,
    pub(crate) limits: TsaLimits,
}

/// The hash that is stamped.
pub(crate) fn stamped() -> Sha256Digest {
    Sha256Digest::of(b"project:p1:3:ab")
}

impl World {
    /// Keys of elliptic curves, which are fast.
    pub(crate) fn new() -> Self {
        Self::with_keys(Key::P384(1), Key::P256(2), Key::P256(3))
    }

    pub(crate) fn with_keys(root: Key, intermediate: Key, signer: Key) -> Self {
        Self {
            root: Certificate::authority("Root", root, "Root", root),
            intermediate: Certificate::authority("Intermediate", intermediate, "Root", root),
            signer: Certificate::signer("Stamps", signer, "Intermediate", intermediate),
            token: Token::new(signer),
            carries_intermediate: true,
            carries_signer: true,
            also_carried: Vec::new(),
            bundle: None,
            limits: TsaLimits::default(),
        }
    }

    pub(crate) fn token_der(&self) -> Vec<u8> {
        let mut carried = self.also_carried.clone();
        if self.carries_signer {
            carried.push(self.signer.der());
        }
        if self.carries_intermediate {
            carried.push(self.intermediate.der());
        }
        self.token.der(&self.signer, &carried)
    }

    pub(crate) fn bundle_pem(&self) -> String {
        pem(&self.bundle.clone().unwrap_or_else(|| vec![self.root.der()]))
    }

    pub(crate) fn judge(&self) -> ReceiptTrust {
        let bundle = CaBundle::read(self.bundle_pem().as_bytes(), &self.limits).unwrap();
        judge_token(&self.token_der(), &bundle, &self.limits)
    }

    /// Why the token is not valid.
    pub(crate) fn problem(&self) -> TsaProblem {
        let judged = self.judge();
        judged.problem().cloned().unwrap_or_else(|| panic!("valid: {judged:?}"))
    }
}

/// Judges the token as the only receipt of a checkpoint.
pub(crate) fn judge_token(token: &[u8], bundle: &CaBundle, limits: &TsaLimits) -> ReceiptTrust {
    let document = checkpoint_with(token);
    let receipts = TsaReceipt::all_of(&document);
    let judged = verify_receipts(&receipts, Some(stamped()), Ok(bundle), limits);
    assert_eq!(judged.len(), 1);
    judged.into_iter().next().unwrap()
}

pub(crate) fn checkpoint_with(token: &[u8]) -> Value<'static> {
    let receipt = Value::object([
        ("provider", "of tests".to_owned()),
        ("receipt_b64", STANDARD.encode(token)),
    ]);
    Value::object([("tsa", receipt)])
}

pub(crate) fn pem(certificates: &[Vec<u8>]) -> String {
    let block = |certificate: &Vec<u8>| {
        let text = STANDARD.encode(certificate);
        let (lines, last) = text.as_bytes().as_chunks::<64>();
        let mut block = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for line in lines.iter().map(<[u8; 64]>::as_slice).chain([last]) {
            block.push_str(str::from_utf8(line).unwrap());
            block.push('\n');
        }
        block + "-----END CERTIFICATE-----\n"
    };
    certificates.iter().map(block).collect()
}

impl Token {
    fn new(key: Key) -> Self {
        Self {
            version: integer(&[1]),
            imprint: stamped().as_bytes().to_vec(),
            imprint_algorithm: algorithm(Hash::Sha256.id(), Some(&null())),
            gen_time: generalized_time("20260507120000Z"),
            rest: Vec::new(),
            content_info_type: "1.2.840.113549.1.7.2",
            content_type: TST_INFO,
            named: Named::IssuerAndSerial,
            scheme: key.scheme(),
            digest: Hash::Sha256,
            algorithm: None,
            signed_content_type: Some(TST_INFO),
            message_digest: None,
            without_message_digest: false,
            ties: vec![Tie::V2(Hash::Sha256)],
            more_attributes: Vec::new(),
            without_attributes: false,
            signers: 1,
            broken_signature: false,
            signature: None,
            unsigned_attributes: false,
            key: None,
        }
    }

    fn tst_info(&self) -> Vec<u8> {
        seq(&[
            &self.version,
            &oid("1.3.6.1.4.1.99999.1"),
            &seq(&[&self.imprint_algorithm, &octets(&self.imprint)]),
            &unsigned(&[0x01, 0x02, 0x03]),
            &self.gen_time,
            &self.rest,
        ])
    }

    fn der(&self, signer: &Certificate, carried: &[Vec<u8>]) -> Vec<u8> {
        let content = self.tst_info();
        let info = self.signer_info(signer, &content);
        let infos: Vec<_> = std::iter::repeat_n(info, self.signers).collect();
        let certificates = match carried {
            [] => Vec::new(),
            _ => tlv(0xa0, &[&in_order(carried)]),
        };
        let signed = seq(&[
            &integer(&[3]),
            &set(&[algorithm(self.digest.id(), Some(&null()))]),
            &seq(&[&oid(self.content_type), &explicit(0, &octets(&content))]),
            &certificates,
            &set(&infos),
        ]);
        seq(&[&oid(self.content_info_type), &explicit(0, &signed)])
    }

    fn signer_info(&self, signer: &Certificate, content: &[u8]) -> Vec<u8> {
        let attributes = in_order(&self.attributes(signer, content));
        let key = self.key.unwrap_or(signer.key);
        let made = || key.sign(self.scheme, &tlv(0x31, &[&attributes]));
        let mut signature = self.signature.clone().unwrap_or_else(made);
        if self.broken_signature {
            let last = signature.len() - 1;
            signature[last] ^= 1;
        }
        let identifier = match self.named {
            Named::IssuerAndSerial => seq(&[&signer.issuer, &unsigned(&signer.serial)]),
            Named::SubjectKey => tlv(0x80, &[signer.subject_key.as_deref().unwrap_or(b"none")]),
        };
        let signed = if self.without_attributes { Vec::new() } else { tlv(0xa0, &[&attributes]) };
        let unsigned = if self.unsigned_attributes {
            tlv(0xa1, &[&attribute("1.2.3.4", &[null()])])
        } else {
            Vec::new()
        };
        seq(&[
            &integer(&[1]),
            &identifier,
            &algorithm(self.digest.id(), Some(&null())),
            &signed,
            &self.algorithm.clone().unwrap_or_else(|| self.scheme.identifier()),
            &octets(&signature),
            &unsigned,
        ])
    }

    fn attributes(&self, signer: &Certificate, content: &[u8]) -> Vec<Vec<u8>> {
        let mut attributes = self.more_attributes.clone();
        if let Some(id) = self.signed_content_type {
            attributes.push(attribute("1.2.840.113549.1.9.3", &[oid(id)]));
        }
        if !self.without_message_digest {
            let digest = self.message_digest.clone();
            let digest = digest.unwrap_or_else(|| self.digest.digest(content));
            attributes.push(attribute("1.2.840.113549.1.9.4", &[octets(&digest)]));
        }
        attributes.extend(self.ties.iter().map(|tie| tie.attribute(&signer.der())));
        attributes
    }
}

pub(crate) fn attribute(id: &str, values: &[Vec<u8>]) -> Vec<u8> {
    seq(&[&oid(id), &set(values)])
}

impl Tie {
    fn attribute(&self, signer: &[u8]) -> Vec<u8> {
        let listed = match self {
            Self::V1 => seq(&[&octets(&Hash::Sha1.digest(signer))]),
            Self::V2(hash) => id_v2(*hash, signer),
            Self::V2WithIssuer { issuer, serial } => {
                // GeneralNames of one directoryName.
                let issuer = seq(&[&explicit(4, issuer)]);
                let issuer = seq(&[&issuer, &unsigned(serial)]);
                seq(&[&octets(&Hash::Sha256.digest(signer)), &issuer])
            }
            Self::V2AndMore(other) => {
                [id_v2(Hash::Sha256, signer), id_v2(Hash::Sha256, other)].concat()
            }
            Self::V2Other(other) => id_v2(Hash::Sha256, other),
        };
        let id = match self {
            Self::V1 => "1.2.840.113549.1.9.16.2.12",
            _ => "1.2.840.113549.1.9.16.2.47",
        };
        attribute(id, &[seq(&[&seq(&[&listed])])])
    }
}

fn id_v2(hash: Hash, certificate: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Sha256 => Vec::new(),
        _ => algorithm(hash.id(), None),
    };
    seq(&[&algorithm, &octets(&hash.digest(certificate))])
}

pub(crate) const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
pub(crate) const DIGITAL_SIGNATURE: (u8, u8) = (0x80, 7);
pub(crate) const KEY_CERT_SIGN: (u8, u8) = (0x04, 2);
