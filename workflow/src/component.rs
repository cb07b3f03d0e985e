// SPDX-License-Identifier: Apache-2.0

//! The canonical form of workflow records, and the parts that signed payloads are put together from.
//!
//! ```text
//! workflow form   members of objects whose value is null are left out at every depth, elements of
//!                 arrays keep their places; then the payload profile (SEM-07, AMB-55)
//! payload form    the payload profile alone, which the envelope of a signed payload has
//! ```
//!
//! Nothing is copied to leave members out: they are passed over while the rest is written.

use std::{borrow::Cow, collections::BTreeMap};

use permit_canonical_json::{
    CanonicalError, DigestSink, HashedArtifact, Member, Node, Profile, Sha256Digest, Sink, Value,
};

/// Writes a value in the workflow form.
///
/// # Errors
/// If a number has no canonical form (CANON-06).
pub fn write_workflow_form(value: &Value<'_>, sink: &mut impl Sink) -> Result<(), CanonicalError> {
    match value.node() {
        Node::Array(elements) => {
            sink.put("[");
            for (index, element) in elements.iter().enumerate() {
                put_comma(index, sink);
                write_workflow_form(element, sink)?;
            }
            sink.put("]");
            Ok(())
        }
        Node::Object(object) => {
            let members = stated_members(object.members());
            let mut sorted: Vec<_> = members.collect();
            sorted.sort_unstable_by_key(|member| member.name());
            sink.put("{");
            for (index, member) in sorted.into_iter().enumerate() {
                put_comma(index, sink);
                write_name(member.name(), sink)?;
                write_workflow_form(member.value(), sink)?;
            }
            sink.put("}");
            Ok(())
        }
        _ => profile().write(value, sink),
    }
}

/// The workflow form of a value as text.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_workflow::workflow_text;
///
/// let value = read(br#"{"a": [null, {"b": null}], "c": null, "d": {"e": null}}"#, &Budget::default())?;
/// assert_eq!(workflow_text(&value)?, r#"{"a":[null,{}],"d":{}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a number has no canonical form (CANON-06).
pub fn workflow_text(value: &Value<'_>) -> Result<String, CanonicalError> {
    let mut text = String::new();
    write_workflow_form(value, &mut text)?;
    Ok(text)
}

/// A part of what is hashed: taken from a record, or put together from its members.
#[derive(Clone, Debug)]
pub struct Component<'v>(Part<'v>);

#[derive(Clone, Debug)]
enum Part<'v> {
    /// A value in the payload form.
    Whole(&'v Value<'v>),
    /// A value in the workflow form.
    Stated(&'v Value<'v>),
    Text(Cow<'v, str>),
    Null,
    Object(BTreeMap<&'v str, Component<'v>>),
}

impl<'v> Component<'v> {
    /// A value with its null members.
    pub(crate) fn whole(value: &'v Value<'v>) -> Self {
        Self(Part::Whole(value))
    }

    /// A value without null members.
    pub(crate) fn stated(value: &'v Value<'v>) -> Self {
        Self(Part::Stated(value))
    }

    pub(crate) fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self(Part::Text(text.into()))
    }

    /// A value as it is, or null where there is none.
    pub(crate) fn whole_or_null(value: Option<&'v Value<'v>>) -> Self {
        value.map_or(Self(Part::Null), Self::whole)
    }

    /// An object. A later member replaces an earlier one of the same name.
    pub(crate) fn object(members: impl IntoIterator<Item = (&'v str, Self)>) -> Self {
        Self(Part::Object(members.into_iter().collect()))
    }

    /// Of the members `names` of a record those that are neither absent nor null.
    pub(crate) fn selection(record: &'v Value<'v>, names: &[&'v str]) -> Self {
        let stated = names.iter().filter_map(|name| {
            let value = record.get(name).filter(|value| !value.is_null())?;
            Some((*name, Self::stated(value)))
        });
        Self::object(stated)
    }

    /// The members in the form that this component writes them in; none unless it is an object.
    pub(crate) fn members(&self) -> Vec<(&'v str, Self)> {
        match &self.0 {
            Part::Object(members) => members.iter().map(|(name, c)| (*name, c.clone())).collect(),
            Part::Stated(value) => {
                let members = value.as_object().map(|object| object.members()).unwrap_or_default();
                stated_members(members)
                    .map(|member| (member.name(), Self::stated(member.value())))
                    .collect()
            }
            Part::Whole(_) | Part::Text(_) | Part::Null => Vec::new(),
        }
    }

    /// Whether it is an object without members.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.0, Part::Object(members) if members.is_empty())
    }

    /// Writes the canonical form.
    ///
    /// # Errors
    /// If a number has no canonical form (CANON-06).
    pub fn write(&self, sink: &mut impl Sink) -> Result<(), CanonicalError> {
        match &self.0 {
            Part::Whole(value) => profile().write(value, sink),
            Part::Stated(value) => write_workflow_form(value, sink),
            Part::Text(text) => profile().write(&Value::from(&**text), sink),
            Part::Null => {
                sink.put("null");
                Ok(())
            }
            Part::Object(members) => {
                sink.put("{");
                for (index, (name, component)) in members.iter().enumerate() {
                    put_comma(index, sink);
                    write_name(name, sink)?;
                    component.write(sink)?;
                }
                sink.put("}");
                Ok(())
            }
        }
    }

    /// The canonical form as text.
    ///
    /// # Errors
    /// If a number has no canonical form (CANON-06).
    pub fn to_text(&self) -> Result<String, CanonicalError> {
        let mut text = String::new();
        self.write(&mut text)?;
        Ok(text)
    }

    /// The digest of the canonical form.
    ///
    /// # Errors
    /// If a number has no canonical form (CANON-06).
    pub fn digest(&self) -> Result<Sha256Digest, CanonicalError> {
        let mut sink = DigestSink::new();
        self.write(&mut sink)?;
        Ok(sink.finish())
    }

    /// Whether both are the same data. What has no canonical form is equal to nothing.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        match (self.digest(), other.digest()) {
            (Ok(mine), Ok(theirs)) => mine == theirs,
            _ => false,
        }
    }
}

fn profile() -> Profile {
    HashedArtifact::WorkflowV1.profile()
}

fn stated_members<'m, 'v>(
    members: &'m [Member<'v>],
) -> impl Iterator<Item = &'m Member<'v>> + use<'m, 'v> {
    members.iter().filter(|member| !member.value().is_null())
}

fn write_name(name: &str, sink: &mut impl Sink) -> Result<(), CanonicalError> {
    profile().write(&Value::from(name), sink)?;
    sink.put(":");
    Ok(())
}

fn put_comma(index: usize, sink: &mut impl Sink) {
    if index > 0 {
        sink.put(",");
    }
}
