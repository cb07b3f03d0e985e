// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod budget;
mod byte_range;
mod digest;
mod pointer;
mod profile;
mod python_number;
mod read_error;
mod reader;
mod serde_read;
mod serde_write;
#[cfg(feature = "std")]
mod stream;
mod value;
mod wire_body;

pub use budget::Budget;
pub use byte_range::ByteRange;
pub use digest::{DigestSink, HexDigest, PrefixedDigest, Sha256Digest, Sink};
pub use pointer::{JsonPointer, PathStep};
pub use profile::{CanonicalError, HashedArtifact, Profile, write_selected};
pub use read_error::{Excerpt, ReadError, ReadErrorKind};
pub use reader::{read, read_text};
pub use serde_read::{ShapeError, ShapeErrorKind, from_value};
pub use serde_write::{NotJson, to_value};
#[cfg(feature = "std")]
pub use stream::{StreamError, StreamReader};
pub use value::{Kind, LexicalClass, Member, Node, Number, Object, Value};
pub use wire_body::{StrippedKeys, WireBody};
