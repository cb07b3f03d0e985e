// SPDX-License-Identifier: Apache-2.0

//! [`Value`]s out of typed structs.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde::ser::{
    self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct,
    SerializeStructVariant, SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
    Serializer,
};

use crate::{
    byte_range::ByteRange,
    python_number::write_float,
    value::{LexicalClass, Member, Node, Number, Object, Value},
};

/// Makes a [`Value`] of a typed value, members in the order of the type.
///
/// ```
/// use permit_canonical_json::{Profile, to_value};
///
/// #[derive(serde::Serialize)]
/// struct Head<'a> { sequence_number: u64, last_record_hash: &'a str }
///
/// let value = to_value(&Head { sequence_number: 3, last_record_hash: "ab" })?;
/// let text = Profile::Payload.to_text(&value)?;
/// assert_eq!(text, r#"{"last_record_hash":"ab","sequence_number":3}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If something has no form in JSON: a number that is not finite, or a map whose keys are no text.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value<'static>, NotJson> {
    value.serialize(ValueSerializer)
}

/// A typed value that has no form in JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no form in JSON: {reason}")]
pub struct NotJson {
    reason: String,
}

impl ser::Error for NotJson {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { reason: reason.to_string() }
    }
}

fn not_json(reason: &str) -> NotJson {
    NotJson { reason: reason.to_string() }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.node() {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::Number(number) => number.serialize(serializer),
            Node::String(text) => serializer.serialize_str(text),
            Node::Array(elements) => serializer.collect_seq(elements),
            Node::Object(object) => {
                let members = object.members().iter().map(|m| (m.name(), m.value()));
                serializer.collect_map(members)
            }
        }
    }
}

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.class() == LexicalClass::Integer && self.as_str() != "-0" {
            if let Some(value) = self.as_u64() {
                return serializer.serialize_u64(value);
            }
            if let Some(value) = self.as_i64() {
                return serializer.serialize_i64(value);
            }
        }
        serializer.serialize_newtype_struct(NUMBER, &NumberText(self))
    }
}

/// A number that only its text says exactly. Formats for people get the nearest
/// double instead, since few of them can carry the text as a number.
struct NumberText<'n, 'a>(&'n Number<'a>);

impl Serialize for NumberText<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_f64(self.0.to_f64())
        } else {
            serializer.serialize_str(self.0.as_str())
        }
    }
}

struct ValueSerializer;

impl Serializer for ValueSerializer {
    type Ok = Value<'static>;
    type Error = NotJson;
    type SerializeSeq = ArrayWriter;
    type SerializeTuple = ArrayWriter;
    type SerializeTupleStruct = ArrayWriter;
    type SerializeTupleVariant = Tagged<ArrayWriter>;
    type SerializeMap = ObjectWriter;
    type SerializeStruct = ObjectWriter;
    type SerializeStructVariant = Tagged<ObjectWriter>;

    fn serialize_bool(self, value: bool) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_i8(self, value: i8) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_i128(self, value: i128) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_u8(self, value: u8) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_u128(self, value: u128) -> Result<Value<'static>, NotJson> {
        Ok(value.into())
    }
    fn serialize_f32(self, value: f32) -> Result<Value<'static>, NotJson> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<Value<'static>, NotJson> {
        let mut text = String::new();
        if write_float(value, &mut |part| text.push_str(part)) {
            return Ok(Node::Number(Number::new(text, LexicalClass::Float)).into());
        }
        Err(not_json("a number that is not finite"))
    }

    fn serialize_char(self, value: char) -> Result<Value<'static>, NotJson> {
        Ok(value.to_string().into())
    }

    fn serialize_str(self, text: &str) -> Result<Value<'static>, NotJson> {
        Ok(text.to_string().into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value<'static>, NotJson> {
        Ok(Value::array(bytes.iter().copied()))
    }

    fn serialize_none(self) -> Result<Value<'static>, NotJson> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value<'static>, NotJson> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value<'static>, NotJson> {
        Ok(().into())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value<'static>, NotJson> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value<'static>, NotJson> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value<'static>, NotJson> {
        if name != NUMBER {
            return value.serialize(self);
        }
        let text = value.serialize(TextSerializer)?;
        let class = if text.contains(['.', 'e', 'E']) {
            LexicalClass::Float
        } else {
            LexicalClass::Integer
        };
        Ok(Node::Number(Number::new(text, class)).into())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value<'static>, NotJson> {
        Ok(Value::object([(variant, value.serialize(self)?)]))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ArrayWriter, NotJson> {
        Ok(ArrayWriter { elements: Vec::with_capacity(length.unwrap_or(0)) })
    }

    fn serialize_tuple(self, length: usize) -> Result<ArrayWriter, NotJson> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<ArrayWriter, NotJson> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<ArrayWriter>, NotJson> {
        Ok(Tagged { variant, inner: self.serialize_seq(Some(length))? })
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<ObjectWriter, NotJson> {
        Ok(ObjectWriter { members: Vec::new(), key: None })
    }

    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<ObjectWriter, NotJson> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<ObjectWriter>, NotJson> {
        Ok(Tagged { variant, inner: self.serialize_map(Some(length))? })
    }
}

/// An array in the making.
#[derive(Debug)]
struct ArrayWriter {
    elements: Vec<Value<'static>>,
}

impl SerializeSeq for ArrayWriter {
    type Ok = Value<'static>;
    type Error = NotJson;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotJson> {
        self.elements.push(value.serialize(ValueSerializer)?);
        Ok(())
    }

    fn end(self) -> Result<Value<'static>, NotJson> {
        Ok(self.elements.into())
    }
}

impl SerializeTuple for ArrayWriter {
    type Ok = Value<'static>;
    type Error = NotJson;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotJson> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value<'static>, NotJson> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for ArrayWriter {
    type Ok = Value<'static>;
    type Error = NotJson;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotJson> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value<'static>, NotJson> {
        SerializeSeq::end(self)
    }
}

/// An object in the making.
#[derive(Debug)]
struct ObjectWriter {
    members: Vec<Member<'static>>,
    key: Option<String>,
}

impl ObjectWriter {
    fn put<T: Serialize + ?Sized>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: &T,
    ) -> Result<(), NotJson> {
        let value = value.serialize(ValueSerializer)?;
        self.members.push(Member::new(name.into(), ByteRange::default(), value));
        Ok(())
    }

    /// The object, unless two members have one name.
    fn finish(self) -> Result<Value<'static>, NotJson> {
        let mut names: Vec<&str> = self.members.iter().map(Member::name).collect();
        names.sort_unstable();
        if names.is_sorted_by(|a, b| a < b) {
            return Ok(Object::from_members(self.members).into());
        }
        Err(not_json("two members of one name"))
    }
}

impl SerializeMap for ObjectWriter {
    type Ok = Value<'static>;
    type Error = NotJson;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotJson> {
        self.key = Some(key.serialize(TextSerializer)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotJson> {
        let key = self.key.take().ok_or_else(|| not_json("a value before its key"))?;
        self.put(key, value)
    }

    fn end(self) -> Result<Value<'static>, NotJson> {
        self.finish()
    }
}

impl SerializeStruct for ObjectWriter {
    type Ok = Value<'static>;
    type Error = NotJson;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotJson> {
        self.put(name, value)
    }

    fn end(self) -> Result<Value<'static>, NotJson> {
        self.finish()
    }
}

/// A variant with a content of its own: an object with the variant's name as its only member.
#[derive(Debug)]
struct Tagged<W> {
    variant: &'static str,
    inner: W,
}

impl SerializeTupleVariant for Tagged<ArrayWriter> {
    type Ok = Value<'static>;
    type Error = NotJson;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotJson> {
        SerializeSeq::serialize_element(&mut self.inner, value)
    }

    fn end(self) -> Result<Value<'static>, NotJson> {
        Ok(Value::object([(self.variant, SerializeSeq::end(self.inner)?)]))
    }
}

impl SerializeStructVariant for Tagged<ObjectWriter> {
    type Ok = Value<'static>;
    type Error = NotJson;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotJson> {
        self.inner.put(name, value)
    }

    fn end(self) -> Result<Value<'static>, NotJson> {
        Ok(Value::object([(self.variant, SerializeMap::end(self.inner)?)]))
    }
}

/// Accepts text and nothing else: keys of maps, and the text of numbers.
struct TextSerializer;

macro_rules! refuse {
    ($($method:ident($($argument:ty),*);)*) => {$(
        fn $method(self $(, _: $argument)*) -> Result<String, NotJson> {
            Err(not_json("a key that is no text"))
        }
    )*};
}

impl Serializer for TextSerializer {
    type Ok = String;
    type Error = NotJson;
    type SerializeSeq = Impossible<String, NotJson>;
    type SerializeTuple = Impossible<String, NotJson>;
    type SerializeTupleStruct = Impossible<String, NotJson>;
    type SerializeTupleVariant = Impossible<String, NotJson>;
    type SerializeMap = Impossible<String, NotJson>;
    type SerializeStruct = Impossible<String, NotJson>;
    type SerializeStructVariant = Impossible<String, NotJson>;

    fn is_human_readable(&self) -> bool {
        // Asks a number for its text; see `NumberText`.
        false
    }

    fn serialize_str(self, text: &str) -> Result<String, NotJson> {
        Ok(text.to_string())
    }

    fn serialize_char(self, value: char) -> Result<String, NotJson> {
        Ok(value.to_string())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<String, NotJson> {
        Ok(variant.to_string())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<String, NotJson> {
        value.serialize(self)
    }

    refuse! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, NotJson> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<String, NotJson> {
        Err(not_json("a key that is no text"))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Self::SerializeSeq, NotJson> {
        Err(not_json("a key that is no text"))
    }

    fn serialize_tuple(self, _length: usize) -> Result<Self::SerializeTuple, NotJson> {
        Err(not_json("a key that is no text"))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleStruct, NotJson> {
        Err(not_json("a key that is no text"))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, NotJson> {
        Err(not_json("a key that is no text"))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Self::SerializeMap, NotJson> {
        Err(not_json("a key that is no text"))
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStruct, NotJson> {
        Err(not_json("a key that is no text"))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, NotJson> {
        Err(not_json("a key that is no text"))
    }
}

/// The name under which a number offers its text.
const NUMBER: &str = "$permit_canonical_json::Number";
