// SPDX-License-Identifier: Apache-2.0

//! Killed at any point, the store is either before or after, and its chains go on.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

use permit_canonical_json::Value;
use permit_chain::{AppendOutcome, Appender, ChainStore, EventDraft};
use permit_issuing::{Access, JournalError, ProjectStore, StoreError};
use permit_types::{ChainScope, EventId, EventType, Instant, OpenObject};
use permit_verifier::Layers;

use crate::support::{Folder, PROJECT, id};

const WALK: Layers = Layers { walk_events: true, verify_closure: false };

/// A store of which every byte of the last two commands is cut off once.
#[test]
fn cut_at_every_byte_it_is_before_or_after() {
    let folder = Folder::with_store();
    folder.executed(1);
    let start = folder.read("s/journal").len();
    folder.close(1, "timeout", &[]).done();
    folder.run(&["append", "--type", "note", "--permit", &id(1)]).done();
    let whole = folder.read("s/journal");
    let ends: Vec<usize> = whole
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(at, _)| at + 1)
        .collect();
    let store = folder.path("s");
    for length in start..=whole.len() {
        fs::write(folder.path("s/journal"), &whole[..length]).unwrap();
        let before = *ends.iter().rfind(|end| **end <= length).unwrap();
        let torn = u64::try_from(length - before).unwrap();
        let torn = Some(torn).filter(|torn| *torn > 0);
        // Who only reads says so, and changes nothing.
        let read = ProjectStore::open(&store, Access::WaitToRead).unwrap();
        assert_eq!((read.torn_tail(), read.bytes()), (torn, u64::try_from(before).unwrap()));
        assert_eq!(folder.read("s/journal").len(), length);
        drop(read);
        // Mending waits for the disk, so that not every length is mended; all are read.
        if length % 8 != 0 && torn.is_some_and(|torn| torn > 70) {
            continue;
        }
        let mut opened = ProjectStore::open(&store, Access::WaitToWrite).unwrap();
        assert_eq!(opened.torn_tail(), torn, "{length}");
        assert_eq!(folder.read("s/journal"), &whole[..before]);
        // And it goes on, by the trait that any appender works with.
        let mut chain = Appender::new(opened.head_of(&opened.chain_of(None)));
        let entry = chain.append_to(&mut opened, &draft("after")).unwrap();
        drop(opened);
        let again = ProjectStore::open(&store, Access::WaitToRead).unwrap();
        assert_eq!(again.torn_tail(), None);
        assert_eq!(
            again.head_of(&entry.chain_scope).last(),
            Some((entry.sequence_number, entry.record_hash))
        );
    }
    folder.run(&["export", "export.json", "--form", "events"]).done();
    assert!(folder.verify("export.json", WALK).passed());
}

#[test]
fn what_no_crash_leaves_behind_is_damage_and_stays_as_it_is() {
    let folder = Folder::with_store();
    folder.executed(1);
    let whole = folder.read("s/journal");
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let damaged = |bytes: &[u8]| {
        fs::write(folder.path("s/journal"), bytes).unwrap();
        for access in [Access::WaitToRead, Access::WaitToWrite] {
            let error = ProjectStore::open(&folder.path("s"), access).unwrap_err();
            assert!(matches!(error, StoreError::Journal(JournalError::Damaged { .. })), "{error}");
        }
        assert_eq!(folder.read("s/journal"), bytes, "it was touched");
    };
    for at in (0..whole.len()).step_by(7).filter(|at| *at != whole.len() - 1) {
        let mut edited = whole.clone();
        edited[at] ^= 1;
        damaged(&edited);
    }
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    damaged(&[&lines[..1], &lines[2..]].concat().concat());
    damaged(&[&lines[..2], &lines[1..]].concat().concat());
    damaged(&lines[1..].concat());
    damaged(b"");
    damaged(b"\n");
    damaged(&[&whole[..], b"\n"].concat());
    damaged(&[&whole[..], b"unfinished\nand finished\n"].concat());
    // Whereas this is what a crash leaves where lengths reach the disk before bytes do.
    let mut zeros = whole.clone();
    zeros[last + 100..].fill(0);
    for bytes in [
        zeros.clone(),
        [&zeros[..zeros.len() - 1], b"\n"].concat(),
        [&whole[..], &[0; 4096]].concat(),
    ] {
        fs::write(folder.path("s/journal"), &bytes).unwrap();
        let store = ProjectStore::open(&folder.path("s"), Access::WaitToWrite).unwrap();
        assert!(store.torn_tail().is_some());
    }
}

/// The command is killed after it has answered so many times. What it answered is stored.
#[test]
fn killed_while_it_appends_what_was_answered_is_there() {
    for answers in [1, 2, 5, 9] {
        let folder = Folder::with_store();
        let mut child = folder
            .command(&["append", "--lines", "--input", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for number in 0..20 {
            let event = format!(
                r#"{{"event_type": "note", "event_id": "n{number}", "payload": {{"n": {number}}}}}"#
            );
            writeln!(input, "{event}").unwrap();
        }
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let told: Vec<String> = output.by_ref().take(answers).map(Result::unwrap).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        let store = ProjectStore::open(&folder.path("s"), Access::WaitToWrite).unwrap();
        let stored = store.counts().entries;
        assert!(stored >= u64::try_from(answers).unwrap(), "{stored} of {answers}");
        let journal = String::from_utf8(folder.read("s/journal")).unwrap();
        for line in told {
            let answer = crate::support::json(line.as_bytes());
            let hash = answer.get("record_hash").and_then(Value::as_str).unwrap().to_owned();
            assert!(journal.contains(&hash));
        }
        drop((store, input));
        folder.run(&["append", "--type", "after"]).done();
        folder.run(&["export", "events.json", "--form", "events"]).done();
        assert!(folder.verify("events.json", WALK).passed());
    }
}

/// The same for commands that write files: killed whenever, there is a whole file or none.
#[test]
fn killed_while_it_exports_there_is_an_export_or_none() {
    let folder = Folder::with_store();
    let events: String = (0..200)
        .map(|n| format!("{{\"event_type\":\"note\",\"payload\":{{\"n\":{n}}}}}\n"))
        .collect();
    folder.run_with(&["append", "--lines", "--input", "-"], &events).done();
    let before = folder.read("s/journal");
    for _ in 0..5 {
        let mut child = folder
            .command(&["export", "e.json", "--form", "events"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(folder.read("s/journal"), before);
        if folder.path("e.json.manifest.json").exists() {
            assert!(folder.verify("e.json", WALK).passed());
        }
    }
    folder.run(&["export", "e.json", "--form", "events", "--force"]).done();
    assert!(folder.verify("e.json", WALK).passed());
}

#[test]
fn the_store_compares_before_it_appends() {
    let folder = Folder::with_store();
    let mut store = ProjectStore::open(&folder.path("s"), Access::WaitToWrite).unwrap();
    let scope = ChainScope::new(format!("project:{PROJECT}"));
    let empty = store.head_of(&scope);
    let first = Appender::new(empty.clone()).append(draft("one")).unwrap();
    assert_eq!(store.append_if(&empty, &first).unwrap(), AppendOutcome::Appended);
    let before = folder.read("s/journal");
    // The slower of two writers learns the head, and its entry is not stored.
    let fork = Appender::new(empty.clone()).append(draft("two")).unwrap();
    let head = store.head(&scope).unwrap();
    assert_eq!(
        store.append_if(&empty, &fork).unwrap(),
        AppendOutcome::HeadMoved { head: head.clone() }
    );
    // An entry that does not go where it says.
    assert_eq!(
        store.append_if(&head.clone().unwrap(), &fork).unwrap(),
        AppendOutcome::HeadMoved { head: head.clone() }
    );
    // An event is in one chain, once.
    let again = Appender::new(head.clone().unwrap()).append(draft("one")).unwrap();
    assert!(matches!(store.append_if(&head.unwrap(), &again), Err(StoreError::EventKnown { .. })));
    drop(store);
    assert_eq!(folder.read("s/journal"), before);
    let mut reader = ProjectStore::open(&folder.path("s"), Access::WaitToRead).unwrap();
    let head = reader.head_of(&scope);
    let third = Appender::new(head.clone()).append(draft("three")).unwrap();
    assert!(matches!(reader.append_if(&head, &third), Err(StoreError::ReadOnly)));
}

fn draft(event_id: &str) -> EventDraft {
    EventDraft {
        event_id: EventId::new(event_id),
        event_type: EventType::new("note"),
        resource_type: None,
        resource_id: None,
        outcome: None,
        severity: "info".to_owned(),
        payload_json: OpenObject::default(),
        created_at: Instant::parse("2026-05-11T12:00:00Z").unwrap(),
    }
}
