// SPDX-License-Identifier: Apache-2.0

//! Chain heads, and the hash over all of them.
//!
//! ```text
//! SEM-01  one line for each scope, by code point of the scope's name:
//!             <scope>:<sequence number>:<last record hash>
//!         composite hash = SHA-256 of the lines with LF between them; without heads of no bytes
//! ```
//!
//! Nothing is escaped in a line. So that two different sets of heads never give the same lines,
//! names of scopes have no LF here, and record hashes neither LF nor `:`. The reference lets
//! them in: there, one signature can be moved from two honest heads to a single head that
//! has a line of the other in its name.

use core::fmt;

use permit_canonical_json::{
    ByteRange, DigestSink, Excerpt, JsonPointer, Kind, Member, Sha256Digest, Sink, Value,
};

/// The heads of a checkpoint by their scopes.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_checkpoint::ChainHeads;
///
/// let heads = read(br#"{"p1": {"sequence_number": 3, "last_record_hash": "ab"}}"#, &Budget::default())?;
/// let heads = ChainHeads::read(Some(&heads))?;
/// assert_eq!(heads.get("p1").unwrap().sequence_number(), 3);
/// assert_eq!(heads.composite_hash(), permit_canonical_json::Sha256Digest::of(b"p1:3:ab"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChainHeads<'v> {
    /// By code point of the scope; no two have the same.
    heads: Vec<ChainHeadRef<'v>>,
}

/// The head of one scope as a checkpoint states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHeadRef<'v> {
    scope: &'v str,
    sequence_number: u64,
    last_record_hash: &'v str,
}

impl<'v> ChainHeads<'v> {
    /// Reads the member `chain_heads` of a checkpoint; all members of a head but two are left alone.
    ///
    /// # Errors
    /// If there is no such member, it is not an object of heads, or its lines could be read in two ways.
    pub fn read(chain_heads: Option<&'v Value<'v>>) -> Result<Self, ChainHeadsError> {
        let value = chain_heads.ok_or_else(ChainHeadsError::missing)?;
        let Some(object) = value.as_object() else {
            let kind = ChainHeadsErrorKind::NotAnObject { found: value.kind() };
            return Err(ChainHeadsError::new(kind, all_heads(), value.range()));
        };
        let heads: Result<Vec<_>, _> = object.members().iter().map(read_head).collect();
        let mut heads = heads?;
        heads.sort_unstable_by_key(|head| head.scope);
        Ok(Self { heads })
    }

    /// The heads by code point of their scopes.
    #[must_use]
    pub fn heads(&self) -> &[ChainHeadRef<'v>] {
        &self.heads
    }

    /// The head of a scope.
    #[must_use]
    pub fn get(&self, scope: &str) -> Option<&ChainHeadRef<'v>> {
        let at = self.heads.binary_search_by(|head| head.scope.cmp(scope)).ok()?;
        self.heads.get(at)
    }

    /// The hash that a checkpoint of these heads is signed over (SEM-01).
    #[must_use]
    pub fn composite_hash(&self) -> Sha256Digest {
        let mut sink = DigestSink::new();
        for (index, head) in self.heads.iter().enumerate() {
            if index > 0 {
                sink.put("\n");
            }
            sink.put(head.scope);
            sink.put(":");
            sink.put(&head.sequence_number.to_string());
            sink.put(":");
            sink.put(head.last_record_hash);
        }
        sink.finish()
    }
}

impl<'v> ChainHeadRef<'v> {
    /// The scope.
    #[must_use]
    pub fn scope(&self) -> &'v str {
        self.scope
    }

    /// The number of the scope's last entry.
    #[must_use]
    pub fn sequence_number(&self) -> u64 {
        self.sequence_number
    }

    /// The hash of the scope's last entry as the checkpoint has it. No form is demanded of it.
    #[must_use]
    pub fn last_record_hash(&self) -> &'v str {
        self.last_record_hash
    }
}

fn read_head<'v>(member: &'v Member<'v>) -> Result<ChainHeadRef<'v>, ChainHeadsError> {
    let (scope, value) = (member.name(), member.value());
    let reader = HeadReader { scope, value };
    if scope.contains('\n') {
        return Err(reader.error(ChainHeadsErrorKind::ScopeWithLineBreak { scope: scope.into() }));
    }
    if value.as_object().is_none() {
        let found = value.kind();
        return Err(
            reader.error(ChainHeadsErrorKind::HeadNotAnObject { scope: scope.into(), found })
        );
    }
    let sequence_number = reader.member("sequence_number", Value::as_u64)?;
    let last_record_hash = reader.member("last_record_hash", Value::as_str)?;
    if last_record_hash.contains(['\n', ':']) {
        let kind = ChainHeadsErrorKind::HashWithSeparator { scope: scope.into() };
        return Err(reader.error_in("last_record_hash", kind));
    }
    Ok(ChainHeadRef { scope, sequence_number, last_record_hash })
}

struct HeadReader<'v> {
    scope: &'v str,
    value: &'v Value<'v>,
}

impl<'v> HeadReader<'v> {
    fn member<T>(
        &self,
        name: &'static str,
        read: fn(&'v Value<'v>) -> Option<T>,
    ) -> Result<T, ChainHeadsError> {
        let stated = self.value.get(name);
        stated.and_then(read).ok_or_else(|| {
            let found = stated.map(Value::kind);
            let scope = self.scope.into();
            self.error_in(name, ChainHeadsErrorKind::Member { scope, name, found })
        })
    }

    fn error(&self, kind: ChainHeadsErrorKind) -> ChainHeadsError {
        ChainHeadsError::new(kind, all_heads().member(self.scope), self.value.range())
    }

    fn error_in(&self, name: &str, kind: ChainHeadsErrorKind) -> ChainHeadsError {
        match self.value.get(name) {
            Some(value) => {
                let pointer = all_heads().member(self.scope).member(name);
                ChainHeadsError::new(kind, pointer, value.range())
            }
            None => self.error(kind),
        }
    }
}

fn all_heads() -> JsonPointer {
    JsonPointer::root().member("chain_heads")
}

/// Chain heads that no composite hash can be computed over, and the place that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHeadsError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ChainHeadsErrorKind,
    pointer: JsonPointer,
    at: ByteRange,
}

impl ChainHeadsError {
    fn new(kind: ChainHeadsErrorKind, pointer: JsonPointer, at: ByteRange) -> Self {
        Self { inner: Box::new(Inner { kind, pointer, at }) }
    }

    fn missing() -> Self {
        Self::new(ChainHeadsErrorKind::Missing, JsonPointer::root(), ByteRange::default())
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ChainHeadsErrorKind {
        &self.inner.kind
    }

    /// The path from the checkpoint's root to what is wrong.
    #[must_use]
    pub fn pointer(&self) -> &JsonPointer {
        &self.inner.pointer
    }

    /// The bytes that are wrong; empty if something is not there.
    #[must_use]
    pub fn at(&self) -> ByteRange {
        self.inner.at
    }

    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self.kind() {
            ChainHeadsErrorKind::Missing | ChainHeadsErrorKind::NotAnObject { .. } => {
                "ask the issuer for the checkpoint as it was signed; one over no scopes has an empty object"
            }
            ChainHeadsErrorKind::ScopeWithLineBreak { .. }
            | ChainHeadsErrorKind::HashWithSeparator { .. } => {
                "do not rely on this checkpoint: its signature fits other heads as well; no honest issuer writes such a head"
            }
            _ => {
                "compare the head with the issuer's chain, and ask for the checkpoint as it was signed"
            }
        }
    }
}

impl fmt::Display for ChainHeadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.kind.fmt(f)
    }
}

impl core::error::Error for ChainHeadsError {}

/// The ways in which chain heads can be of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainHeadsErrorKind {
    /// There is no member `chain_heads`.
    #[error("the checkpoint has no chain heads")]
    Missing,
    /// The member is no object.
    #[error("chain heads are an object, not {found}")]
    NotAnObject {
        /// What it is.
        found: Kind,
    },
    /// The head of a scope is no object.
    #[error("the chain head of `{}` is an object, not {found}", Excerpt(scope))]
    HeadNotAnObject {
        /// The scope.
        scope: Box<str>,
        /// What it is.
        found: Kind,
    },
    /// A head lacks a member that is hashed, or has it in a wrong form.
    #[error("the chain head of `{}` has {} as `{name}` where {} belongs", Excerpt(scope), Found(*found), wanted(name))]
    Member {
        /// The scope.
        scope: Box<str>,
        /// The member.
        name: &'static str,
        /// What stands there, if anything does.
        found: Option<Kind>,
    },
    /// The name of a scope would make two lines.
    #[error(
        "the name of the scope `{}` has a line break, so that its line could be read as two",
        Excerpt(scope)
    )]
    ScopeWithLineBreak {
        /// The scope.
        scope: Box<str>,
    },
    /// A record hash has a character that separates parts of lines.
    #[error(
        "the record hash of `{}` has a line break or a colon, so that its line could be read in two ways",
        Excerpt(scope)
    )]
    HashWithSeparator {
        /// The scope.
        scope: Box<str>,
    },
}

fn wanted(name: &str) -> &'static str {
    match name {
        "sequence_number" => "an integer from 0 on",
        _ => "a string",
    }
}

struct Found(Option<Kind>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.map_or("nothing", Kind::as_str))
    }
}
