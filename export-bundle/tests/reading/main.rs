// SPDX-License-Identifier: Apache-2.0

//! Reading exports of every form, whole and broken, from sources of every kind.

#![cfg(test)]

mod bounds;
mod forms;
mod gzip;
mod layout;
mod recorded;
mod second_model;
mod sources;
mod support;
mod truncation;
mod unreadable;
