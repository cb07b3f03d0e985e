// SPDX-License-Identifier: Apache-2.0

//! Looking at objects whose form is fixed, member by member.

use permit_canonical_json::{ByteRange, Excerpt, JsonPointer, Object, Value};

use crate::fault::shown;

/// A member of an object that is not of the form it must have.
#[derive(Clone, Debug)]
pub(crate) struct FormFault {
    /// From the object that was looked at.
    pub(crate) pointer: JsonPointer,
    pub(crate) at: ByteRange,
    pub(crate) summary: String,
    pub(crate) values: Option<(String, String)>,
}

impl FormFault {
    pub(crate) fn new(at: ByteRange, summary: impl Into<String>) -> Self {
        Self { pointer: JsonPointer::root(), at, summary: summary.into(), values: None }
    }

    /// The same fault, seen from the object around.
    pub(crate) fn inside(mut self, name: &str) -> Self {
        self.pointer = JsonPointer::root().member(name).join(&self.pointer);
        self
    }

    /// The same fault, seen from the array around.
    pub(crate) fn inside_element(mut self, index: usize) -> Self {
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        self.pointer = JsonPointer::root().index(index).join(&self.pointer);
        self
    }

    fn expected(mut self, expected: &str, actual: Option<&Value<'_>>) -> Self {
        self.values = Some((expected.to_owned(), shown(actual)));
        self
    }
}

/// An object of fixed form that is being looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'v> {
    object: &'v Object<'v>,
    range: ByteRange,
}

impl<'v> Form<'v> {
    /// Takes a value that has to be an object.
    pub(crate) fn of(value: &'v Value<'v>) -> Result<Self, FormFault> {
        let object = value.as_object().ok_or_else(|| {
            let fault = FormFault::new(value.range(), "an object belongs here");
            fault.expected("an object", Some(value))
        })?;
        Ok(Self { object, range: value.range() })
    }

    /// The bytes of the object.
    pub(crate) fn range(&self) -> ByteRange {
        self.range
    }

    /// The members of the object.
    pub(crate) fn object(&self) -> &'v Object<'v> {
        self.object
    }

    /// A member that is there and not null.
    pub(crate) fn given(&self, name: &str) -> Option<&'v Value<'v>> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// No other members than these.
    pub(crate) fn has_only(&self, members: &[&str]) -> Result<(), FormFault> {
        let mut all = self.object.members().iter();
        let foreign = all.find(|member| !members.contains(&member.name()));
        foreign.map_or(Ok(()), |member| {
            let summary = format!("there is no member `{}` here", Excerpt(member.name()));
            Err(FormFault::new(member.name_range(), summary).inside(member.name()))
        })
    }

    /// These members and no others.
    pub(crate) fn has_exactly(&self, members: &[&str]) -> Result<(), FormFault> {
        self.has_only(members)?;
        match members.iter().find(|name| self.object.get(name).is_none()) {
            Some(name) => Err(FormFault::new(self.range, format!("there is no `{name}`"))),
            None => Ok(()),
        }
    }

    pub(crate) fn fault(&self, name: &str, expected: &str) -> FormFault {
        let value = self.object.get(name);
        let at = value.map_or(self.range, Value::range);
        let summary = format!("`{name}` is {}, not {expected}", shown(value));
        FormFault::new(at, summary).expected(expected, value).inside(name)
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, name: &str) -> Result<&'v str, FormFault> {
        let text = self.object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| self.fault(name, "a text of at least one character"))
    }

    /// This text.
    pub(crate) fn constant(&self, name: &str, text: &str) -> Result<(), FormFault> {
        match self.object.get(name).and_then(Value::as_str) {
            Some(stated) if stated == text => Ok(()),
            _ => Err(self.fault(name, &format!("`{text}`"))),
        }
    }

    /// One of these texts.
    pub(crate) fn one_of<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        words: &str,
    ) -> Result<T, FormFault> {
        let stated = self.object.get(name).and_then(Value::as_str);
        stated.and_then(parse).ok_or_else(|| self.fault(name, words))
    }

    /// An integer of at least this.
    pub(crate) fn integer(&self, name: &str, least: u64) -> Result<u64, FormFault> {
        let number = self.object.get(name).and_then(Value::as_u64).filter(|n| *n >= least);
        number.ok_or_else(|| self.fault(name, &format!("an integer of at least {least}")))
    }

    /// An object below this one.
    pub(crate) fn form(&self, name: &str) -> Result<Form<'v>, FormFault> {
        let value = self.object.get(name).filter(|value| value.as_object().is_some());
        let value = value.ok_or_else(|| self.fault(name, "an object"))?;
        Form::of(value).map_err(|fault| fault.inside(name))
    }

    /// An array below this object.
    pub(crate) fn array(&self, name: &str) -> Result<&'v [Value<'v>], FormFault> {
        let array = self.object.get(name).and_then(Value::as_array);
        array.ok_or_else(|| self.fault(name, "an array"))
    }
}
