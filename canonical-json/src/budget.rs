// SPDX-License-Identifier: Apache-2.0

//! Limits on what a reader spends on one input.

/// What one input may cost. Going beyond a limit ends the reading with an error
/// that [`ReadErrorKind::is_limit`] tells from a fault of the input.
///
/// The defaults are those of the project's budget: generous for evidence that
/// honest issuers write, small enough that no input exhausts a machine.
///
/// [`ReadErrorKind::is_limit`]: crate::ReadErrorKind::is_limit
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Bytes of the whole input. Default 10 GiB, the largest export the project promises to read.
    pub input_bytes: u64,
    /// Containers inside each other. Default 128; the deepest object of the
    /// specification has about ten levels, the rest is left for opaque payloads.
    pub depth: u16,
    /// Bytes of one member name, after escapes are resolved. Default 64 KiB.
    pub name_bytes: usize,
    /// Bytes of the text of one number. Default 4,300, the digits after which the
    /// reference implementation refuses to read an integer.
    pub number_bytes: usize,
    /// Members of one object and elements of one array that is held in memory. Default 1,048,576.
    pub members: usize,
    /// Bytes of one value that is held in memory when a document is read piece by
    /// piece. Default 64 MiB: an export is streamed, one of its chain entries is not.
    pub value_bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            input_bytes: 10 * 1024 * 1024 * 1024,
            depth: 128,
            name_bytes: 64 * 1024,
            number_bytes: 4_300,
            members: 1024 * 1024,
            value_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Budget {
    /// The depth in force: what was asked for, but never so much that reading,
    /// writing or dropping a value could exhaust the stack.
    #[must_use]
    pub fn effective_depth(&self) -> u16 {
        self.depth.min(MAX_DEPTH)
    }
}

/// Values are read, written and dropped by recursion; this many levels fit into
/// a thread's stack of 1 MiB many times over.
const MAX_DEPTH: u16 = 512;
