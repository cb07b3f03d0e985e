// SPDX-License-Identifier: Apache-2.0

//! JSON values that keep all that hashing and reporting need.

use alloc::{borrow::Cow, collections::BTreeMap, string::String, vec::Vec};

use crate::byte_range::ByteRange;

/// A JSON value together with the place it was read from.
///
/// Nothing of the input's meaning is lost: member order, the text of every
/// number and its lexical class, and the byte range of every value and name
/// are kept. Two values are equal if they hold the same data: the order of
/// members and the places do not count, the text of a number does.
#[derive(Clone, Debug)]
pub struct Value<'a> {
    node: Node<'a>,
    range: ByteRange,
}

/// The six kinds of JSON values.
#[derive(Clone, Debug)]
pub enum Node<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as text.
    Number(Number<'a>),
    /// A string with its escapes resolved.
    String(Cow<'a, str>),
    /// The elements of an array.
    Array(Vec<Value<'a>>),
    /// The members of an object.
    Object(Object<'a>),
}

/// A number as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    text: Cow<'a, str>,
    class: LexicalClass,
}

/// Whether a number was written as an integer (`1`) or not (`1.0`, `1e0`).
///
/// The legacy profiles write the two differently, so `1` and `1.0` are
/// different data (CANON, AMB-52).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LexicalClass {
    /// Digits with an optional minus sign.
    Integer,
    /// With a fraction, an exponent or both.
    Float,
}

/// The members of an object in document order; no two have the same name.
#[derive(Clone, Debug, Default)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    name: Cow<'a, str>,
    name_range: ByteRange,
    value: Value<'a>,
}

/// The name of a kind of value, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The kind in words, as a message uses it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

impl core::fmt::Display for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> Value<'a> {
    pub(crate) fn read(node: Node<'a>, range: ByteRange) -> Self {
        Self { node, range }
    }

    /// What the value is.
    #[must_use]
    pub fn node(&self) -> &Node<'a> {
        &self.node
    }

    /// Takes the value apart.
    #[must_use]
    pub fn into_node(self) -> Node<'a> {
        self.node
    }

    /// The bytes the value was read from.
    #[must_use]
    pub fn range(&self) -> ByteRange {
        self.range
    }

    /// The kind of the value.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.node {
            Node::Null => Kind::Null,
            Node::Bool(_) => Kind::Bool,
            Node::Number(_) => Kind::Number,
            Node::String(_) => Kind::String,
            Node::Array(_) => Kind::Array,
            Node::Object(_) => Kind::Object,
        }
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.node, Node::Null)
    }

    /// The truth value, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.node {
            Node::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.node {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number<'a>> {
        match &self.node {
            Node::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The integer, if this is a number written as one and it fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// The integer, if this is a number written as one, not negative, and it fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// The elements, if this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match &self.node {
            Node::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members, if this is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match &self.node {
            Node::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value of a member, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.as_object()?.get(name)
    }

    /// The same value, independent of the text it was read from.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        let node = match self.node {
            Node::Null => Node::Null,
            Node::Bool(value) => Node::Bool(value),
            Node::Number(number) => Node::Number(number.into_owned()),
            Node::String(text) => Node::String(Cow::Owned(text.into_owned())),
            Node::Array(elements) => {
                Node::Array(elements.into_iter().map(Value::into_owned).collect())
            }
            Node::Object(object) => Node::Object(object.into_owned()),
        };
        Value { node, range: self.range }
    }

    /// An object from names and values. A later member replaces an earlier one of the same name.
    pub fn object<N, V>(members: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<Cow<'a, str>>,
        V: Into<Value<'a>>,
    {
        members.into_iter().collect::<Object<'a>>().into()
    }

    /// An array from values.
    pub fn array<V: Into<Value<'a>>>(elements: impl IntoIterator<Item = V>) -> Self {
        Node::Array(elements.into_iter().map(Into::into).collect()).into()
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.node, &other.node) {
            (Node::Null, Node::Null) => true,
            (Node::Bool(a), Node::Bool(b)) => a == b,
            (Node::Number(a), Node::Number(b)) => a == b,
            (Node::String(a), Node::String(b)) => a == b,
            (Node::Array(a), Node::Array(b)) => a == b,
            (Node::Object(a), Node::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value<'_> {}

impl<'a> Number<'a> {
    pub(crate) fn new(text: impl Into<Cow<'a, str>>, class: LexicalClass) -> Self {
        Self { text: text.into(), class }
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it was written as an integer.
    #[must_use]
    pub fn class(&self) -> LexicalClass {
        self.class
    }

    /// The value, if the number was written as an integer and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.class {
            LexicalClass::Integer => self.text.parse().ok(),
            LexicalClass::Float => None,
        }
    }

    /// The value, if the number was written as an integer, is not negative and fits.
    ///
    /// `-0` is the integer 0.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self.class {
            LexicalClass::Integer if self.text == "-0" => Some(0),
            LexicalClass::Integer => self.text.parse().ok(),
            LexicalClass::Float => None,
        }
    }

    /// The nearest IEEE double; infinite if the number is too large for one.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.text.parse().unwrap_or(f64::NAN)
    }

    fn into_owned(self) -> Number<'static> {
        Number { text: Cow::Owned(self.text.into_owned()), class: self.class }
    }
}

impl<'a> Object<'a> {
    pub(crate) fn from_members(members: Vec<Member<'a>>) -> Self {
        Self { members }
    }

    /// The members in document order.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// Takes the object apart, in document order.
    #[must_use]
    pub fn into_members(self) -> Vec<Member<'a>> {
        self.members
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of the member `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.member(name).map(Member::value)
    }

    /// The member `name`.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member<'a>> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Sets the member `name`, in its place if it exists, else at the end.
    ///
    /// Looks at all members; to bring many together, collect them.
    pub fn insert(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        let (name, value) = (name.into(), value.into());
        match self.members.iter_mut().find(|member| member.name == name) {
            Some(member) => member.value = value,
            None => self.members.push(Member { name, name_range: ByteRange::default(), value }),
        }
    }

    /// Removes the member `name` and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.members.iter().position(|member| member.name == name)?;
        Some(self.members.remove(at).value)
    }

    fn into_owned(self) -> Object<'static> {
        let owned = |member: Member<'a>| Member {
            name: Cow::Owned(member.name.into_owned()),
            name_range: member.name_range,
            value: member.value.into_owned(),
        };
        Object { members: self.members.into_iter().map(owned).collect() }
    }
}

/// A later member replaces an earlier one of the same name, in its place.
///
/// Many members are best brought together this way: each [`Object::insert`] looks at all that are
/// there, and what evidence says decides how many that are.
impl<'a, N: Into<Cow<'a, str>>, V: Into<Value<'a>>> FromIterator<(N, V)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        let mut object = Self::default();
        let mut places: BTreeMap<Cow<'a, str>, usize> = BTreeMap::new();
        for (name, value) in members {
            let (name, value) = (name.into(), value.into());
            let count = object.members.len();
            if count < FEW_MEMBERS {
                object.insert(name, value);
                continue;
            }
            if places.is_empty() {
                let names = object.members.iter().map(|member| member.name.clone());
                places.extend(names.zip(0..));
            }
            match places.get(&name).and_then(|place| object.members.get_mut(*place)) {
                Some(member) => member.value = value,
                None => {
                    places.insert(name.clone(), count);
                    object.members.push(Member { name, name_range: ByteRange::default(), value });
                }
            }
        }
        object
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.members.len() != other.members.len() {
            return false;
        }
        let (mine, theirs) = (sorted(&self.members), sorted(&other.members));
        mine.iter().zip(&theirs).all(|(a, b)| a.name == b.name && a.value == b.value)
    }
}

impl Eq for Object<'_> {}

/// The members by code point of their names.
pub(crate) fn sorted<'m, 'a>(members: &'m [Member<'a>]) -> Vec<&'m Member<'a>> {
    let mut sorted: Vec<&Member<'a>> = members.iter().collect();
    sorted.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    sorted
}

impl<'a> Member<'a> {
    pub(crate) fn new(name: Cow<'a, str>, name_range: ByteRange, value: Value<'a>) -> Self {
        Self { name, name_range, value }
    }

    /// The name with its escapes resolved.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes of the name, quotation marks included.
    #[must_use]
    pub fn name_range(&self) -> ByteRange {
        self.name_range
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value<'a> {
        &self.value
    }

    /// Takes the member apart.
    #[must_use]
    pub fn into_parts(self) -> (Cow<'a, str>, Value<'a>) {
        (self.name, self.value)
    }
}

impl<'a> From<Node<'a>> for Value<'a> {
    fn from(node: Node<'a>) -> Self {
        Self { node, range: ByteRange::default() }
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Node::Object(object).into()
    }
}

impl<'a> From<Vec<Value<'a>>> for Value<'a> {
    fn from(elements: Vec<Value<'a>>) -> Self {
        Node::Array(elements).into()
    }
}

impl From<()> for Value<'_> {
    fn from((): ()) -> Self {
        Node::Null.into()
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Node::Bool(value).into()
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Node::String(Cow::Borrowed(text)).into()
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Node::String(Cow::Owned(text)).into()
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(|| ().into(), Into::into)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Value<'_> {
            fn from(value: $integer) -> Self {
                let text = alloc::string::ToString::to_string(&value);
                Node::Number(Number::new(text, LexicalClass::Integer)).into()
            }
        }
    )*};
}

from_integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

/// Up to here it is cheaper to look at all members than to keep their places.
const FEW_MEMBERS: usize = 24;

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;

    use super::*;

    #[test]
    fn order_and_place_do_not_count_but_number_text_does() {
        let a = Value::object([("x", 1), ("y", 2)]);
        let b = Value::object([("y", 2), ("x", 1)]);
        assert_eq!(a, b);
        let float = Value::from(Node::Number(Number::new("1.0", LexicalClass::Float)));
        assert_ne!(Value::from(1), float);
    }

    #[test]
    fn minus_zero_is_an_integer() {
        let zero = Number::new("-0", LexicalClass::Integer);
        assert_eq!((zero.as_i64(), zero.as_u64()), (Some(0), Some(0)));
    }

    #[test]
    fn collecting_is_inserting_one_after_the_other() {
        for count in [0, 1, FEW_MEMBERS - 1, FEW_MEMBERS, FEW_MEMBERS + 1, 200] {
            let members = (0..count).map(|n| (alloc::format!("{}", n * 7 % 60), n));
            let mut inserted = Object::default();
            for (name, value) in members.clone() {
                inserted.insert(name, value);
            }
            let collected: Object<'_> = members.collect();
            let names = |o: &Object<'_>| {
                o.members().iter().map(|m| m.name().to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(names(&collected), names(&inserted), "{count}");
            assert_eq!(collected, inserted, "{count}");
        }
    }

    #[test]
    fn a_member_is_replaced_in_its_place() {
        let mut object = Object::default();
        object.insert("a", 1);
        object.insert("b", 2);
        object.insert("a", "new");
        assert_eq!(object.members()[0].name(), "a");
        assert_eq!(object.get("a").and_then(Value::as_str), Some("new"));
        assert_eq!(object.remove("b").and_then(|v| v.as_u64()), Some(2));
        assert_eq!(object.len(), 1);
    }
}
