// SPDX-License-Identifier: Apache-2.0

//! Where tables live: shared across threads if there is a standard library, owned or absent if not.

#[cfg(not(feature = "std"))]
mod disabled;
#[cfg(feature = "std")]
mod enabled;

#[cfg(not(feature = "std"))]
pub(crate) use disabled::{BaseTable, KeyTable};
#[cfg(feature = "std")]
pub(crate) use enabled::{BaseTable, KeyTable};
