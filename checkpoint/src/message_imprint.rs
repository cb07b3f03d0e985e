// SPDX-License-Identifier: Apache-2.0

//! What a time-stamp token stamps, found without looking at who made the token.
//!
//! ```text
//! SEM-03  ContentInfo SEQUENCE
//!           second child, a context tag           one child, SignedData SEQUENCE
//!             third child, encapContentInfo SEQUENCE
//!               after its first child [0]          one child, OCTET STRING that holds
//!                 TSTInfo SEQUENCE
//!                   third child, messageImprint SEQUENCE
//!                     first child hashAlgorithm, second child hashedMessage OCTET STRING
//! ```
//!
//! Only this path is walked, from the outside in, each level once: the time it takes grows with the
//! token's length and with nothing else. Lengths are definite and as short as DER wants them.

use der::{Decode, Reader, SliceReader, Tag, TagNumber, Tagged, asn1::AnyRef};

/// The imprint of a token: what it says was stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageImprint<'t> {
    /// Whether the token says that the imprint is a SHA-256 digest. The recipe does not ask.
    pub(crate) names_sha256: bool,
    /// The bytes that were stamped.
    pub(crate) hashed_message: &'t [u8],
}

/// A part of a token on the way to its imprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenPart {
    /// The whole.
    ContentInfo,
    /// The signed data in it.
    SignedData,
    /// The content that is signed.
    EncapsulatedContent,
    /// What the authority states.
    TstInfo,
    /// What it states about the stamped bytes.
    MessageImprint,
}

impl TokenPart {
    /// The name in the standards.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContentInfo => "ContentInfo",
            Self::SignedData => "SignedData",
            Self::EncapsulatedContent => "encapContentInfo",
            Self::TstInfo => "TSTInfo",
            Self::MessageImprint => "messageImprint",
        }
    }
}

impl core::fmt::Display for TokenPart {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why there is no imprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoImprint {
    /// These bytes are a response that has a token in it.
    WholeResponse,
    /// This part is not there, not DER, or not what it has to be.
    In(TokenPart),
}

/// Walks a token to its imprint.
pub(crate) fn message_imprint(token: &[u8]) -> Result<MessageImprint<'_>, NoImprint> {
    let content_info = Part::whole(token, TokenPart::ContentInfo)?;
    let content = content_info.child(1)?;
    if is_response(&content_info, &content) {
        return Err(NoImprint::WholeResponse);
    }
    let signed_data = content.only_child_of_context(TokenPart::SignedData)?;
    let content = signed_data.child(2)?.sequence(TokenPart::EncapsulatedContent)?;
    let octets =
        content.first_context_0()?.only_child_of_context(TokenPart::EncapsulatedContent)?;
    let tst_info = Part::whole(octets.octets()?, TokenPart::TstInfo)?;
    let imprint = tst_info.child(2)?.sequence(TokenPart::MessageImprint)?;
    let algorithm = imprint.child(0)?.node;
    let hashed_message = imprint.child(1)?.octets()?;
    Ok(MessageImprint { names_sha256: names_sha256(algorithm), hashed_message })
}

/// A node of the token, and what part it is on the way.
#[derive(Clone, Copy)]
struct Part<'t> {
    node: AnyRef<'t>,
    part: TokenPart,
}

impl<'t> Part<'t> {
    /// The SEQUENCE that these bytes are, and nothing else.
    fn whole(bytes: &'t [u8], part: TokenPart) -> Result<Self, NoImprint> {
        let node = only_node(bytes).ok_or(NoImprint::In(part))?;
        Self { node, part }.sequence(part)
    }

    fn sequence(self, part: TokenPart) -> Result<Self, NoImprint> {
        match self.node.tag() {
            Tag::Sequence => Ok(Self { part, ..self }),
            _ => Err(NoImprint::In(part)),
        }
    }

    fn octets(self) -> Result<&'t [u8], NoImprint> {
        match self.node.tag() {
            Tag::OctetString => Ok(self.node.value()),
            _ => Err(NoImprint::In(self.part)),
        }
    }

    /// The child at this index; all children have to be DER.
    fn child(self, index: usize) -> Result<Self, NoImprint> {
        self.find(|at, _| at == index)
    }

    /// Behind the first child, the first one that is tagged `[0]`.
    fn first_context_0(self) -> Result<Self, NoImprint> {
        let zero = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
        self.find(|at, node| at > 0 && node.tag() == zero)
    }

    /// The one child of a node with a context tag, which is the part of this name.
    fn only_child_of_context(self, part: TokenPart) -> Result<Self, NoImprint> {
        let in_context = matches!(self.node.tag(), Tag::ContextSpecific { constructed: true, .. });
        let child = only_node(self.node.value()).filter(|_| in_context);
        let node = child.ok_or(NoImprint::In(self.part))?;
        match part {
            // What stands in encapContentInfo is looked at by whoever reads it.
            TokenPart::EncapsulatedContent => Ok(Self { node, part }),
            _ => Self { node, part }.sequence(part),
        }
    }

    fn find(self, wanted: impl Fn(usize, AnyRef<'t>) -> bool) -> Result<Self, NoImprint> {
        let fault = NoImprint::In(self.part);
        let mut reader = SliceReader::new(self.node.value()).map_err(|_| fault)?;
        let (mut found, mut index) = (None, 0);
        while !reader.is_finished() {
            let node = next_node(&mut reader).ok_or(fault)?;
            if found.is_none() && wanted(index, node) {
                found = Some(node);
            }
            index += 1;
        }
        found.map(|node| Self { node, ..self }).ok_or(fault)
    }
}

/// The one node that these bytes are.
fn only_node(bytes: &[u8]) -> Option<AnyRef<'_>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    next_node(&mut reader).filter(|_| reader.is_finished())
}

/// The next node; none if it is damaged, or its tag takes more than one octet.
fn next_node<'t>(reader: &mut SliceReader<'t>) -> Option<AnyRef<'t>> {
    let node = AnyRef::decode(reader).ok()?;
    let number = match node.tag() {
        Tag::Application { number, .. }
        | Tag::ContextSpecific { number, .. }
        | Tag::Private { number, .. } => number,
        _ => TagNumber(0),
    };
    (number.value() < LONG_TAG).then_some(node)
}

/// Whether this is a `TimeStampResp`: a status, which is a SEQUENCE, and behind it the token.
fn is_response(outer: &Part<'_>, second: &Part<'_>) -> bool {
    let is_sequence = |part: &Part<'_>| part.node.tag() == Tag::Sequence;
    let status = outer.child(0).is_ok_and(|first| is_sequence(&first));
    let token = second.child(0).is_ok_and(|oid| oid.node.tag() == Tag::ObjectIdentifier);
    status && is_sequence(second) && token
}

fn names_sha256(algorithm: AnyRef<'_>) -> bool {
    let algorithm = Part { node: algorithm, part: TokenPart::MessageImprint };
    let oid = algorithm.sequence(TokenPart::MessageImprint).and_then(|part| part.child(0));
    oid.is_ok_and(|oid| oid.node.tag() == Tag::ObjectIdentifier && oid.node.value() == SHA_256)
}

/// The first number of a tag that takes more than one octet.
const LONG_TAG: u32 = 31;

/// 2.16.840.1.101.3.4.2.1
const SHA_256: [u8; 9] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
