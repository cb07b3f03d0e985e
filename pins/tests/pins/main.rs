// SPDX-License-Identifier: Apache-2.0

//! Pack pinning: rules, the order of the reference, its recorded answers, and what differs.

#[cfg(test)]
mod allow_list;
#[cfg(test)]
mod document;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod order;
#[cfg(test)]
mod pack;
#[cfg(test)]
mod peer_cases;
#[cfg(test)]
mod peer_functions;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod references;
#[cfg(test)]
mod required;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod writer;
