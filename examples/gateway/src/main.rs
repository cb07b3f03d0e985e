// SPDX-License-Identifier: Apache-2.0

//! A tiny gateway that evaluates, dispatches, closes and exports.

fn main() {}
