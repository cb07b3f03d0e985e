// SPDX-License-Identifier: Apache-2.0

//! Rules that no test of code can show, each with its reason.
//!
//! The list is for duties of people and of texts. A rule that code here keeps or breaks is not
//! exempt for want of a test. An exempt rule that a test cites is a fault: one of the two is wrong.

/// The exempt rules.
pub(super) const EXEMPT: &[(&str, &str)] = &[];
