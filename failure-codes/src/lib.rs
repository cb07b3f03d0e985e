// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![no_std]

mod failure_code;
mod reason;
mod reason_class;
mod unknown_word;

pub use failure_code::{FailureCode, Layer, VerdictWord};
pub use reason::Reason;
pub use reason_class::{Origin, ReasonClass};
pub use unknown_word::UnknownWord;
