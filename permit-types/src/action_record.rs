// SPDX-License-Identifier: Apache-2.0

//! What else was done about a request.

use permit_canonical_json::{Object, Value};

use crate::{
    NonEmptyText,
    open_object::{OpenObject, open_objects},
};

open_objects! {
    /// One thing that was done about a request beside deciding it, such as writing a log line.
    ///
    /// ```text
    /// open object; members and types nobody knows are kept    PERMIT-08
    /// type, message    text, not empty where present          PERMIT-09
    /// ```
    ActionRecord;
}

impl ActionRecord {
    /// An action of this type, with a message for people.
    #[must_use]
    pub fn new(action_type: &NonEmptyText, message: &NonEmptyText) -> Self {
        let mut object = Object::default();
        object.insert("type", Value::from(action_type.as_str()).into_owned());
        object.insert("message", Value::from(message.as_str()).into_owned());
        OpenObject::from(object).into()
    }

    /// What was done, if the record says so in text.
    #[must_use]
    pub fn action_type(&self) -> Option<&str> {
        self.get("type")?.as_str()
    }

    /// What is told to people, if the record says so in text.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.get("message")?.as_str()
    }
}
