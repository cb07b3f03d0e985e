// SPDX-License-Identifier: Apache-2.0

//! What comes into the program: files, standard input, the clock, randomness.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use permit_canonical_json::{Budget, Object, Sha256Digest, Value, from_value, read};
use permit_closure::StreamingDigest;
use permit_types::{PermitId, Rfc3339};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::{answer::Failure, args::Common};

/// The time to issue at.
pub(crate) fn time(common: &Common) -> Result<Rfc3339, Failure> {
    match &common.at {
        Some(text) => parse_time("--at", text),
        None => {
            // Truncated to microseconds, which is what entries can say.
            let now = format!("{:.6}", jiff::Timestamp::now());
            Rfc3339::parse(&now)
                .ok_or_else(|| Failure::error("the clock gives no time", "use --at"))
        }
    }
}

pub(crate) fn parse_time(flag: &str, text: &str) -> Result<Rfc3339, Failure> {
    Rfc3339::parse(text).ok_or_else(|| {
        let message = format!("{flag} is no time: `{}`", permit_canonical_json::Excerpt(text));
        Failure::error(message, "write it as in RFC 3339, such as 2026-05-11T08:14:02Z")
    })
}

pub(crate) fn optional_time(flag: &str, text: Option<&String>) -> Result<Option<Rfc3339>, Failure> {
    text.map(|text| parse_time(flag, text)).transpose()
}

pub(crate) fn permit_id(text: &str) -> Result<PermitId, Failure> {
    PermitId::parse(text)
        .ok_or_else(|| not_a("permit id", text, "it is a UUID of the form 8-4-4-4-12"))
}

pub(crate) fn not_a(what: &str, text: &str, help: &str) -> Failure {
    Failure::error(format!("`{}` is no {what}", permit_canonical_json::Excerpt(text)), help)
}

/// Bytes of a file, or of standard input.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|problem| unreadable(path, &problem))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_BYTES {
        return Err(unreadable(path, &io::Error::from(io::ErrorKind::FileTooLarge)));
    }
    Ok(bytes)
}

/// The digest of a file of any length.
pub(crate) fn digest(path: &Path) -> Result<Sha256Digest, Failure> {
    let mut source = open(path)?;
    let mut digest = StreamingDigest::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = source.read(&mut buffer).map_err(|problem| unreadable(path, &problem))?;
        match buffer.get(..length) {
            Some([]) | None => return Ok(digest.finish()),
            Some(bytes) => digest.update(bytes),
        }
    }
}

pub(crate) fn hex_digest(flag: &str, text: &str) -> Result<Sha256Digest, Failure> {
    Sha256Digest::from_hex(text).ok_or_else(|| {
        not_a("digest", text, &format!("{flag} takes 64 lowercase hexadecimal digits"))
    })
}

/// A JSON document, read strictly.
pub(crate) fn json(path: &Path) -> Result<Value<'static>, Failure> {
    json_of(&bytes(path)?, &path.display().to_string())
}

pub(crate) fn json_of(bytes: &[u8], name: &str) -> Result<Value<'static>, Failure> {
    let value = read(bytes, &Budget::default()).map_err(|error| {
        Failure::error(format!("`{name}` cannot be read: {error}"), "give one JSON document")
    })?;
    Ok(value.into_owned())
}

/// A JSON object.
pub(crate) fn object_of(value: Value<'static>, name: &str) -> Result<Object<'static>, Failure> {
    match value.as_object() {
        Some(object) => Ok(object.clone()),
        None => {
            let message = format!("`{name}` holds {}, not an object", value.kind());
            Err(Failure::error(message, "give one JSON object"))
        }
    }
}

/// A document of which every member is taken, and a flag wins over it.
#[derive(Debug)]
pub(crate) struct Members {
    object: Object<'static>,
    what: &'static str,
}

impl Members {
    /// The members of a file, or none.
    pub(crate) fn of_file(path: Option<&Path>, what: &'static str) -> Result<Self, Failure> {
        let object = match path {
            Some(path) => object_of(json(path)?, what)?,
            None => Object::default(),
        };
        Ok(Self { object, what })
    }

    pub(crate) fn new(object: Object<'static>, what: &'static str) -> Self {
        Self { object, what }
    }

    /// What there is to say; null says nothing.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value<'static>> {
        self.object.remove(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(
        &mut self,
        name: &str,
        flag: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        match (flag, self.take(name)) {
            (Some(flag), _) => Ok(Some(flag.clone())),
            (None, None) => Ok(None),
            (None, Some(value)) => match value.as_str() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(self.of_another_kind(name, &value, "a string")),
            },
        }
    }

    pub(crate) fn integer(
        &mut self,
        name: &str,
        flag: Option<i64>,
    ) -> Result<Option<i64>, Failure> {
        match (flag, self.take(name)) {
            (Some(flag), _) => Ok(Some(flag)),
            (None, None) => Ok(None),
            (None, Some(value)) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.of_another_kind(name, &value, "an integer")),
            },
        }
    }

    fn of_another_kind(&self, name: &str, value: &Value<'_>, wanted: &str) -> Failure {
        let message = format!("`{name}` of {} is {}, not {wanted}", self.what, value.kind());
        Failure::error(message, "mend the document")
    }

    /// That nothing was left over, which a typing mistake would have been.
    pub(crate) fn end(self, members: &str) -> Result<(), Failure> {
        match self.object.members().first() {
            None => Ok(()),
            Some(member) => {
                let name = permit_canonical_json::Excerpt(member.name()).to_string();
                let message = format!("{} has no member `{name}`", self.what);
                Err(Failure::error(message, format!("its members are {members}")))
            }
        }
    }
}

/// An object of the specification.
pub(crate) fn typed<T: DeserializeOwned>(value: &Value<'_>, what: &str) -> Result<T, Failure> {
    from_value(value).map_err(|error| {
        Failure::error(
            format!("the {what} has not its form: {error}"),
            "see the specification for its members; the flags of this command name some",
        )
    })
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(File::open(path).map_err(|problem| unreadable(path, &problem))?))
}

pub(crate) fn unreadable(path: &Path, problem: &io::Error) -> Failure {
    let message = format!("`{}` cannot be read: {problem}", path.display());
    Failure::error(message, "check the path and its permissions")
}

/// Draws ids: UUIDs of version 4, from one draw of randomness.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: Zeroizing<[u8; 32]>,
    drawn: u64,
}

impl Ids {
    /// Ids from randomness; or from a text and the state of the store, so that they come out the same and
    /// still differ from one command to the next.
    pub(crate) fn new(common: &Common, state: &str) -> Result<Self, Failure> {
        let seed = match &common.id_seed {
            Some(text) => {
                Zeroizing::new(*Sha256Digest::of(format!("{text}\n{state}").as_bytes()).as_bytes())
            }
            None => random()?,
        };
        Ok(Self { seed, drawn: 0 })
    }

    pub(crate) fn draw(&mut self) -> String {
        self.drawn += 1;
        let mut material = Zeroizing::new(self.seed.to_vec());
        material.extend_from_slice(&self.drawn.to_be_bytes());
        let hex = Sha256Digest::of(&material).to_string();
        let part = |from, to| hex.get(from..to).unwrap_or_default();
        let [a, b, c, d, e] = [part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32)];
        format!("{a}-{b}-4{c}-8{d}-{e}")
    }
}

/// 32 bytes that nobody can guess.
pub(crate) fn random() -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|problem| {
        Failure::error(format!("the system gives no randomness: {problem}"), "nothing was done")
    })?;
    Ok(bytes)
}

/// As much as a value of an export may have.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
