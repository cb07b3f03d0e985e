// SPDX-License-Identifier: Apache-2.0

//! Typed structs out of [`Value`]s, with the place of every mistake.

use alloc::{
    borrow::Cow,
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

use crate::{
    byte_range::ByteRange,
    pointer::{JsonPointer, PathStep},
    read_error::Excerpt,
    value::{LexicalClass, Member, Node, Number, Object, Value},
};

/// Makes a typed value of a [`Value`].
///
/// Types derive [`serde::Deserialize`]; members of type [`Value`] keep what they
/// are given, number text included. Use `#[serde(deny_unknown_fields)]` where the
/// specification closes an object.
///
/// ```
/// use permit_canonical_json::{Budget, ShapeErrorKind, from_value, read};
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Head { sequence_number: u64 }
///
/// let value = read(br#"{"heads": [{"sequence_number": 7, "x": 1}]}"#, &Budget::default())?;
/// let error = from_value::<std::collections::BTreeMap<String, Vec<Head>>>(&value).unwrap_err();
/// assert_eq!(error.pointer().to_string(), "/heads/0/x");
/// assert!(matches!(error.kind(), ShapeErrorKind::UnknownMember { .. }));
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
///
/// # Errors
/// The first member that does not fit, and where it stands.
pub fn from_value<'de, T: de::Deserialize<'de>>(value: &'de Value<'_>) -> Result<T, ShapeError> {
    T::deserialize(ValueDeserializer { value, keep_numbers: false })
}

/// A value that is good JSON but not what a type wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ShapeErrorKind,
    at: Option<ByteRange>,
    /// From the innermost value outwards.
    path: Vec<PathStep>,
}

/// The ways in which a value can fail to fit a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeErrorKind {
    /// A closed object has a member that it may not have.
    #[error("member `{}` is not allowed here", Excerpt(name))]
    UnknownMember {
        /// The name of the member.
        name: String,
    },
    /// A required member is absent.
    #[error("required member `{name}` is missing")]
    MissingMember {
        /// The name of the member.
        name: &'static str,
    },
    /// A value is of the wrong kind.
    #[error("found {found} where {expected} belongs")]
    WrongKind {
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A value is of the right kind but not allowed.
    #[error("{found} is not {expected}")]
    WrongValue {
        /// What was found.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A value is none of the words that are allowed.
    #[error("`{}` is none of {}", Excerpt(found), Words(expected))]
    UnknownWord {
        /// What was found.
        found: String,
        /// The words that are allowed.
        expected: &'static [&'static str],
    },
    /// An array has the wrong number of elements.
    #[error("found {found} elements where {expected} belong")]
    WrongLength {
        /// How many there are.
        found: usize,
        /// How many belong there.
        expected: String,
    },
    /// A rule of the type itself is broken.
    #[error("{rule}")]
    RuleBroken {
        /// The rule, in words.
        rule: String,
    },
}

impl ShapeError {
    fn new(kind: ShapeErrorKind) -> Self {
        Self { inner: Box::new(Inner { kind, at: None, path: Vec::new() }) }
    }

    /// What does not fit.
    #[must_use]
    pub fn kind(&self) -> &ShapeErrorKind {
        &self.inner.kind
    }

    /// The bytes of the value that does not fit.
    #[must_use]
    pub fn at(&self) -> ByteRange {
        self.inner.at.unwrap_or_default()
    }

    /// The path to the value that does not fit, from the value that was to become a type.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        JsonPointer::from_innermost(self.inner.path.clone())
    }

    fn placed(mut self, at: ByteRange) -> Self {
        self.inner.at.get_or_insert(at);
        self
    }

    fn inside(mut self, step: PathStep) -> Self {
        self.inner.path.push(step);
        self
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner.kind)?;
        let pointer = self.pointer();
        if pointer.is_root() { Ok(()) } else { write!(f, " at `{pointer}`") }
    }
}

impl core::error::Error for ShapeError {}

impl de::Error for ShapeError {
    fn custom<T: fmt::Display>(rule: T) -> Self {
        Self::new(ShapeErrorKind::RuleBroken { rule: rule.to_string() })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (shown(found), expected.to_string());
        Self::new(ShapeErrorKind::WrongKind { found, expected })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (shown(found), expected.to_string());
        Self::new(ShapeErrorKind::WrongValue { found, expected })
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        Self::new(ShapeErrorKind::WrongLength { found, expected: expected.to_string() })
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        Self::new(ShapeErrorKind::UnknownWord { found: found.to_string(), expected })
    }

    fn unknown_field(name: &str, _expected: &'static [&'static str]) -> Self {
        Self::new(ShapeErrorKind::UnknownMember { name: name.to_string() })
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(ShapeErrorKind::MissingMember { name })
    }

    fn duplicate_field(name: &'static str) -> Self {
        // Cannot happen: a value that was read has no two members of one name.
        Self::custom(format_args!("member `{name}` appears twice"))
    }
}

/// What was found, in the words of JSON.
fn shown(found: Unexpected<'_>) -> String {
    use alloc::format;
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("`{value}`"),
        Unexpected::Signed(value) => format!("`{value}`"),
        Unexpected::Float(value) => format!("`{value}`"),
        Unexpected::Str(text) => format!("`\"{}\"`", Excerpt(text)),
        Unexpected::Unit | Unexpected::Option => "null".to_string(),
        Unexpected::Seq => "an array".to_string(),
        Unexpected::Map | Unexpected::StructVariant => "an object".to_string(),
        other => other.to_string(),
    }
}

struct Words<'a>(&'a [&'a str]);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.iter().enumerate() {
            let before = if index == 0 { "" } else { ", " };
            write!(f, "{before}`{word}`")?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct ValueDeserializer<'de, 'a> {
    value: &'de Value<'a>,
    /// Whether numbers are handed over as text, for a [`Value`] that keeps them.
    keep_numbers: bool,
}

impl<'de> ValueDeserializer<'de, '_> {
    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        let result = match self.value.node() {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(*value),
            Node::Number(number) if self.keep_numbers => visitor.visit_enum(NumberText(number)),
            Node::Number(number) => visit_number(number, visitor),
            Node::String(text) => visitor.visit_borrowed_str(text),
            Node::Array(elements) => visitor.visit_seq(Elements {
                remaining: elements.iter().enumerate(),
                keep_numbers: self.keep_numbers,
            }),
            Node::Object(object) => visitor.visit_map(Members {
                remaining: object.members().iter(),
                current: None,
                keep_numbers: self.keep_numbers,
            }),
        };
        result.map_err(|error: ShapeError| error.placed(self.value.range()))
    }

    fn wrong_kind(&self, expected: &str) -> ShapeError {
        let (found, expected) = (self.value.kind().to_string(), expected.to_string());
        ShapeError::new(ShapeErrorKind::WrongKind { found, expected })
    }
}

fn visit_number<'de, V: Visitor<'de>>(
    number: &Number<'_>,
    visitor: V,
) -> Result<V::Value, ShapeError> {
    if let Some(value) = number.as_u64() {
        visitor.visit_u64(value)
    } else if let Some(value) = number.as_i64() {
        visitor.visit_i64(value)
    } else {
        visitor.visit_f64(number.to_f64())
    }
}

impl<'de> Deserializer<'de> for ValueDeserializer<'de, '_> {
    type Error = ShapeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        if name == VALUE {
            return Self { keep_numbers: true, ..self }.visit(visitor);
        }
        visitor.visit_newtype_struct(self).map_err(|error| error.placed(self.value.range()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        let result = match self.value.node() {
            Node::String(text) => {
                let word: de::value::BorrowedStrDeserializer<'_, ShapeError> =
                    de::value::BorrowedStrDeserializer::new(text);
                visitor.visit_enum(word)
            }
            _ => Err(self.wrong_kind("a string")),
        };
        result.map_err(|error| error.placed(self.value.range()))
    }

    /// Objects only: derived code would take an array for a struct, member by member in the
    /// order of the type, and the specification knows no such form.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        match self.value.node() {
            Node::Object(_) => self.visit(visitor),
            _ => Err(self.wrong_kind("an object").placed(self.value.range())),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Elements<'de, 'a> {
    remaining: core::iter::Enumerate<core::slice::Iter<'de, Value<'a>>>,
    keep_numbers: bool,
}

impl<'de> SeqAccess<'de> for Elements<'de, '_> {
    type Error = ShapeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ShapeError> {
        let Some((index, value)) = self.remaining.next() else { return Ok(None) };
        let deserializer = ValueDeserializer { value, keep_numbers: self.keep_numbers };
        let element = seed.deserialize(deserializer);
        element
            .map(Some)
            .map_err(|error| error.inside(PathStep::Index(crate::reader::offset(index))))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.remaining.len())
    }
}

struct Members<'de, 'a> {
    remaining: core::slice::Iter<'de, Member<'a>>,
    current: Option<&'de Member<'a>>,
    keep_numbers: bool,
}

impl<'de> MapAccess<'de> for Members<'de, '_> {
    type Error = ShapeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ShapeError> {
        self.current = self.remaining.next();
        let Some(member) = self.current else { return Ok(None) };
        let name: de::value::BorrowedStrDeserializer<'_, ShapeError> =
            de::value::BorrowedStrDeserializer::new(member.name());
        let key = seed.deserialize(name);
        key.map(Some).map_err(|error| error.placed(member.name_range()).inside(step(member)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ShapeError> {
        let Some(member) = self.current else {
            return Err(de::Error::custom("a member's value was asked for before its name"));
        };
        let value = member.value();
        let result = seed.deserialize(ValueDeserializer { value, keep_numbers: self.keep_numbers });
        result.map_err(|error| error.placed(value.range()).inside(step(member)))
    }
}

fn step(member: &Member<'_>) -> PathStep {
    PathStep::Member(member.name().to_string())
}

/// A number on its way into a [`Value`]. JSON has no enums, so that this cannot
/// be taken for anything that was in the input.
struct NumberText<'de, 'a>(&'de Number<'a>);

impl<'de> EnumAccess<'de> for NumberText<'de, '_> {
    type Error = ShapeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), ShapeError> {
        let text: de::value::BorrowedStrDeserializer<'_, ShapeError> =
            de::value::BorrowedStrDeserializer::new(self.0.as_str());
        Ok((seed.deserialize(text)?, self))
    }
}

impl<'de> VariantAccess<'de> for NumberText<'de, '_> {
    type Error = ShapeError;

    fn unit_variant(self) -> Result<(), ShapeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ShapeError> {
        seed.deserialize(().into_deserializer())
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        visitor.visit_unit()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        visitor.visit_unit()
    }
}

impl<'de> de::Deserialize<'de> for Value<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE, ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(().into())
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(().into())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        let mut text = String::new();
        if crate::python_number::write_float(value, &mut |part| text.push_str(part)) {
            return Ok(Node::Number(Number::new(text, LexicalClass::Float)).into());
        }
        Err(E::invalid_value(Unexpected::Float(value), &"a finite number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.to_string().into())
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = Vec::new();
        while let Some((name, value)) = members.next_entry::<String, Value<'static>>()? {
            object.push(Member::new(Cow::Owned(name), ByteRange::default(), value));
        }
        Ok(Object::from_members(object).into())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, number: A) -> Result<Self::Value, A::Error> {
        let (text, variant) = number.variant::<String>()?;
        variant.unit_variant()?;
        let class = if text.contains(['.', 'e', 'E']) {
            LexicalClass::Float
        } else {
            LexicalClass::Integer
        };
        Ok(Node::Number(Number::new(text, class)).into())
    }
}

/// The name under which a [`Value`] asks for numbers as text.
const VALUE: &str = "$permit_canonical_json::Value";
