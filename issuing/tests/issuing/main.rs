// SPDX-License-Identifier: Apache-2.0

//! Issuing, by its command and by its library.

#![cfg(test)]

mod crash;
mod histories;
mod keys;
mod readme;
mod refusals;
mod signers;
mod story;
mod support;
