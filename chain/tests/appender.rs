// SPDX-License-Identifier: Apache-2.0

//! Issuing: whatever is appended by whomever, the walk of it holds.

#![cfg(test)]

use std::sync::Mutex;

use permit_chain::{
    AppendError, AppendOutcome, Appender, ChainHead, ChainStore, EventDraft, EventProblem,
    MemoryChainStore, default_sentinel,
};
use permit_types::{ChainScope, EventId, EventType, Instant, RecordHash, Rfc3339, SequenceNumber};
use proptest::prelude::*;

use support::{Flaky, draft, hashed_text, scope, taken_apart, walk, walk_entries};

#[test]
fn chain_01_the_published_vector_is_appended() {
    // Of the reference's vectors this is one that an issuer of ours can make.
    let head = ChainHead::empty(scope("s"))
        .sentinel(RecordHash::from_hex(&"0".repeat(64)).expect("64 digits"));
    let mut event = draft("evt_001");
    event.event_type = EventType::new("permit.created");
    event.resource_type = Some("permit".into());
    event.resource_id = Some("permit_001".into());
    event.outcome = Some("approved".into());
    event.created_at = Instant::parse("2026-05-07T12:34:56.789123Z").expect("a time");
    let entry = Appender::new(head).append(event).expect("an honest event");
    assert_eq!(
        entry.record_hash.to_string(),
        "649d339d4da8efbff5ffe9737d0acba8d58623111baeece16195d9b36cd2b7c1",
    );
    assert_eq!(entry.prev_hash.to_string(), "0".repeat(64));
}

#[test]
fn amb_10_the_default_sentinel_is_the_one_of_the_delegation_claim() {
    let hex = "b4f9ddb0e1cfb80310d7203a4bad5bc1ff29e931b21918c2fc4b01b26035d7c6";
    assert_eq!(default_sentinel().to_string(), hex);
    let entry = Appender::new(ChainHead::empty(scope("s"))).append(draft("e")).expect("an entry");
    assert_eq!(entry.prev_hash, default_sentinel());
}

#[test]
fn chain_15_the_sentinel_stands_in_the_first_entry_and_nowhere_else() {
    let sentinel = RecordHash::from_hex(&"ab".repeat(32)).expect("64 digits");
    let mut chain = Appender::new(ChainHead::empty(scope("s")).sentinel(sentinel));
    let first = chain.append(draft("1")).expect("an entry");
    assert_eq!((first.prev_hash, first.sequence_number), (sentinel, SequenceNumber::FIRST));
    let second = chain.append(draft("2")).expect("an entry");
    assert_eq!((second.prev_hash, second.sequence_number.get()), (first.record_hash, 2));
    // A stored head goes on the same, whatever sentinel is set afterwards.
    let again = Appender::new(ChainHead::after(&first).sentinel(default_sentinel()))
        .append(draft("2"))
        .expect("an entry");
    assert_eq!(again, second);
    assert!(walk_entries(&[first, second]).intact().is_some());
}

#[test]
fn chain_05_times_are_written_in_utc_with_six_digits() {
    for (given, written) in [
        ("2026-05-07T12:00:00Z", "2026-05-07T12:00:00.000000Z"),
        ("2026-05-07T12:00:00+05:30", "2026-05-07T06:30:00.000000Z"),
        ("2026-05-07T00:30:00.5+01:00", "2026-05-06T23:30:00.500000Z"),
        ("2026-05-07T12:00:00.123456789Z", "2026-05-07T12:00:00.123456Z"),
        ("2026-05-07T12:00:00.999999999Z", "2026-05-07T12:00:00.999999Z"),
        ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
    ] {
        let mut event = draft("e");
        event.created_at = Rfc3339::parse(given).expect("a time").instant();
        let entry = Appender::new(ChainHead::empty(scope("s"))).append(event).expect("an entry");
        assert_eq!(entry.created_at.as_str(), written, "{given}");
        let outcome = walk_entries(&[entry]);
        assert!(outcome.intact().is_some() && outcome.findings.is_empty(), "{given}");
    }
    let mut event = draft("e");
    // An hour before the year 1.
    event.created_at = Instant::parse("0001-01-01T00:00:00+01:00").expect("an instant");
    let refused = Appender::new(ChainHead::empty(scope("s"))).append(event);
    assert_eq!(refused, Err(EventProblem::TimeOutOfRange));
}

#[test]
fn texts_that_would_hash_like_others_are_refused() {
    type Set = fn(&mut EventDraft, &str);
    let members: [(&str, Set, bool); 6] = [
        ("event_id", |e, text| e.event_id = EventId::new(text), false),
        ("event_type", |e, text| e.event_type = EventType::new(text), false),
        ("resource_type", |e, text| e.resource_type = Some(text.into()), false),
        ("resource_id", |e, text| e.resource_id = Some(text.into()), true),
        ("outcome", |e, text| e.outcome = Some(text.into()), false),
        ("severity", |e, text| e.severity = text.into(), false),
    ];
    for (member, set, may_separate) in members {
        let mut chain = Appender::new(ChainHead::empty(scope("s")));
        let before = chain.head().clone();
        let mut append = |text: &str| {
            let mut event = draft("e");
            set(&mut event, text);
            chain.append(event).map(drop)
        };
        assert_eq!(append(""), Err(EventProblem::Empty { member }), "CHAIN-02, CHAIN-17");
        for control in ["a\nb", "\u{0}", "a\u{7f}", "\u{85}"] {
            let refused = append(control);
            assert!(
                matches!(refused, Err(EventProblem::ControlCharacter { member: m, .. }) if m == member)
            );
        }
        let separated = append("a|b");
        if may_separate {
            assert_eq!(separated, Ok(()));
        } else {
            assert_eq!(separated, Err(EventProblem::Separator { member }));
            assert_eq!(chain.head(), &before, "a refused event moves nothing");
        }
    }
    let message = EventProblem::ControlCharacter { member: "outcome", character: "U+000A".into() };
    assert_eq!(message.to_string(), "`outcome` contains the control character U+000A");
}

#[test]
fn chain_17_18_an_entry_has_the_one_scope_of_its_chain() {
    let mut chain = Appender::new(ChainHead::empty(scope("tenant|a")));
    assert_eq!(chain.append(draft("e")).expect("an entry").chain_scope, scope("tenant|a"));
    for (name, problem) in [
        ("", EventProblem::Empty { member: "chain_scope" }),
        (
            "a\tb",
            EventProblem::ControlCharacter { member: "chain_scope", character: "U+0009".into() },
        ),
    ] {
        let refused = Appender::new(ChainHead::empty(scope(name))).append(draft("e"));
        assert_eq!(refused, Err(problem));
    }
}

#[test]
fn chain_20_an_entry_has_the_thirteen_members_and_no_others() {
    let entry = Appender::new(ChainHead::empty(scope("s"))).append(draft("e")).expect("an entry");
    let value = permit_canonical_json::to_value(&entry).expect("an object");
    let members = value.as_object().expect("an object").members();
    assert_eq!(members.len(), 13);
    assert!(members.iter().all(|member| !["signature", "record_hash_v2"].contains(&member.name())));
}

#[test]
fn a_full_chain_takes_no_more() {
    let last = SequenceNumber::new(u64::MAX).expect("not zero");
    let head = ChainHead::stored(scope("s"), last, default_sentinel());
    assert_eq!(Appender::new(head).append(draft("e")), Err(EventProblem::ChainFull));
}

#[test]
fn a_writer_with_an_old_head_goes_on_where_the_chain_ends() {
    let mut store = MemoryChainStore::new();
    let mut one = Appender::new(ChainHead::empty(scope("s")));
    let mut two = one.clone();
    for event in ["1", "2", "3"] {
        one.append_to(&mut store, &draft(event)).expect("stored");
    }
    let late = two.append_to(&mut store, &draft("4")).expect("stored");
    assert_eq!(late.sequence_number.get(), 4);
    assert_eq!(two.head(), &ChainHead::after(&late));
    assert_eq!(one.append_to(&mut store, &draft("5")).expect("stored").prev_hash, late.record_hash);
    assert!(walk(&store).intact().is_some());
}

#[test]
fn an_entry_that_was_made_without_the_store_does_not_fork_it() {
    let mut store = MemoryChainStore::new();
    let mut chain = Appender::new(ChainHead::empty(scope("s")));
    chain.append_to(&mut store, &draft("1")).expect("stored");
    chain.append(draft("2")).expect("made and never stored");
    let refused = chain.append_to(&mut store, &draft("3"));
    assert_eq!(refused, Err(AppendError::Forked { known: 2, found: 1 }));
    assert_eq!(
        AppendError::<core::convert::Infallible>::Forked { known: 2, found: 1 }.to_string(),
        "the stored chain ends with entry 1 and lacks the entry 2 that was in it",
    );
}

#[test]
fn a_store_that_lost_entries_is_not_appended_to() {
    let mut store = MemoryChainStore::new();
    let mut chain = Appender::new(ChainHead::empty(scope("s")));
    chain.append_to(&mut store, &draft("1")).expect("stored");
    let mut backup = store.clone();
    chain.append_to(&mut store, &draft("2")).expect("stored");
    assert_eq!(
        chain.append_to(&mut backup, &draft("3")),
        Err(AppendError::Forked { known: 2, found: 1 }),
    );
    // Another writer has gone on from the backup: entry 2 is another one there.
    let mut other = Appender::new(ChainHead::empty(scope("s")));
    other.append_to(&mut backup, &draft("other")).expect("stored");
    assert_eq!(
        chain.append_to(&mut backup, &draft("3")),
        Err(AppendError::Forked { known: 2, found: 2 }),
    );
    let mut nothing = MemoryChainStore::new();
    assert_eq!(
        chain.append_to(&mut nothing, &draft("3")),
        Err(AppendError::Forked { known: 2, found: 0 }),
    );
    assert_eq!(chain.head().last().map(|(number, _)| number.get()), Some(2));
}

#[test]
fn a_store_that_never_accepts_ends_the_attempt() {
    /// Always has one entry more.
    struct Runaway(u64);

    impl ChainStore for Runaway {
        type Error = core::convert::Infallible;

        fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, Self::Error> {
            self.0 += 1;
            let number = SequenceNumber::new(self.0).expect("not zero");
            Ok(Some(ChainHead::stored(chain_scope.clone(), number, default_sentinel())))
        }

        fn append_if(
            &mut self,
            expected: &ChainHead,
            _: &permit_types::ChainEntry,
        ) -> Result<AppendOutcome, Self::Error> {
            Ok(AppendOutcome::HeadMoved { head: self.head(expected.chain_scope())? })
        }
    }

    let mut chain = Appender::new(ChainHead::empty(scope("s")));
    let refused = chain.append_to(&mut Runaway(0), &draft("e"));
    assert_eq!(refused, Err(AppendError::AlwaysTooLate { attempts: 100 }));
}

#[test]
fn a_store_that_answers_about_another_chain_is_not_believed() {
    struct Confused;

    impl ChainStore for Confused {
        type Error = core::convert::Infallible;

        fn head(&mut self, _: &ChainScope) -> Result<Option<ChainHead>, Self::Error> {
            Ok(Some(ChainHead::stored(scope("other"), SequenceNumber::FIRST, default_sentinel())))
        }

        fn append_if(
            &mut self,
            expected: &ChainHead,
            _: &permit_types::ChainEntry,
        ) -> Result<AppendOutcome, Self::Error> {
            Ok(AppendOutcome::HeadMoved { head: self.head(expected.chain_scope())? })
        }
    }

    let refused = Appender::new(ChainHead::empty(scope("s"))).append_to(&mut Confused, &draft("e"));
    assert_eq!(refused, Err(AppendError::OtherScope { found: "other".into() }));
}

#[test]
fn the_memory_store_takes_only_what_follows_its_end() {
    let mut store = MemoryChainStore::new();
    let empty = ChainHead::empty(scope("s"));
    let entry = Appender::new(empty.clone()).append(draft("1")).expect("an entry");
    let moved = AppendOutcome::HeadMoved { head: None };
    for expected in [
        ChainHead::after(&entry),
        ChainHead::empty(scope("other")),
        empty.clone().sentinel(entry.record_hash),
    ] {
        assert_eq!(store.append_if(&expected, &entry), Ok(moved.clone()), "{expected:?}");
    }
    assert_eq!(store.append_if(&empty, &entry), Ok(AppendOutcome::Appended));
    let head = Some(ChainHead::after(&entry));
    assert_eq!(store.append_if(&empty, &entry), Ok(AppendOutcome::HeadMoved { head }));
    assert_eq!(store.entries(&scope("s")), [entry]);
    assert_eq!(store.entries(&scope("other")), []);
}

#[test]
fn threads_that_write_at_once_make_one_chain() {
    struct Shared(Mutex<MemoryChainStore>);

    impl ChainStore for &Shared {
        type Error = core::convert::Infallible;

        fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, Self::Error> {
            self.0.lock().expect("no thread fails").head(chain_scope)
        }

        fn append_if(
            &mut self,
            expected: &ChainHead,
            entry: &permit_types::ChainEntry,
        ) -> Result<AppendOutcome, Self::Error> {
            self.0.lock().expect("no thread fails").append_if(expected, entry)
        }
    }

    let shared = Shared(Mutex::default());
    std::thread::scope(|threads| {
        for writer in 0..4 {
            let shared = &shared;
            threads.spawn(move || {
                let mut chain = Appender::new(ChainHead::empty(scope("s")));
                let mut written = 0;
                while written < 100 {
                    let event = draft(&format!("{writer}-{written}"));
                    match chain.append_to(&mut &*shared, &event) {
                        Ok(_) => written += 1,
                        // Nothing was stored, so that the event is still to be written.
                        Err(AppendError::AlwaysTooLate { .. }) => {}
                        Err(problem) => panic!("{problem}"),
                    }
                }
            });
        }
    });
    let store = shared.0.into_inner().expect("no thread failed");
    let outcome = walk(&store);
    assert_eq!(outcome.intact().map(|proof| proof.entries()), Some(400));
    assert_eq!((outcome.scopes[0].number_runs, outcome.scopes[0].segments), (1, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is appended by whichever of several writers, each with a head of its own: the
    /// walk holds, without a gap, and nothing that a writer was told is missing.
    #[test]
    fn whatever_is_appended_the_walk_holds(
        steps in proptest::collection::vec((0_usize..4, support::event()), 0..60),
    ) {
        let mut store = MemoryChainStore::new();
        // Two writers for each of two chains.
        let mut writers: Vec<_> = ["a", "a", "b", "b"]
            .map(|name| Appender::new(ChainHead::empty(scope(name))))
            .into();
        for (writer, event) in &steps {
            let entry = writers[*writer].append_to(&mut store, event).expect("stored");
            let stored = store.entries(&entry.chain_scope).last();
            prop_assert_eq!(stored, Some(&entry));
            prop_assert_eq!(&entry.payload_json, &event.payload_json);
        }
        let outcome = walk(&store);
        prop_assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
        prop_assert_eq!(outcome.intact().is_some(), !steps.is_empty());
        for scope in &outcome.scopes {
            prop_assert_eq!(scope.numbers, Some((1, scope.entries)));
            prop_assert_eq!((scope.number_runs, scope.segments), (1, 1));
        }
    }

    /// A store that fails, before or after it stored the entry, leaves a chain that holds.
    #[test]
    fn failures_of_the_store_make_no_fork(
        steps in proptest::collection::vec((0_usize..2, 0_u8..6), 1..60),
    ) {
        let mut store = Flaky::default();
        let mut writers = vec![Appender::new(ChainHead::empty(scope("s"))); 2];
        let mut told = 0;
        for (number, (writer, luck)) in steps.iter().enumerate() {
            store.luck = *luck;
            let chain = &mut writers[*writer];
            match chain.append_to(&mut store, &draft(&number.to_string())) {
                Ok(_) => told += 1,
                Err(AppendError::Store(support::OutOfOrder)) => {
                    let head = store.inner.head(&scope("s")).expect("memory does not fail");
                    *chain = Appender::new(head.unwrap_or_else(|| ChainHead::empty(scope("s"))));
                }
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
        let stored = store.inner.entries(&scope("s"));
        prop_assert!(stored.len() >= told);
        let outcome = walk(&store.inner);
        prop_assert_eq!(outcome.intact().is_some(), !stored.is_empty(), "{:?}", outcome.findings);
    }

    /// The text that is hashed can be taken apart again, so that no two accepted events share it.
    #[test]
    fn what_is_hashed_tells_the_event(event in support::event()) {
        let entry =
            Appender::new(ChainHead::empty(scope("s"))).append(event).expect("an entry");
        let text = hashed_text(&entry);
        let hash = permit_canonical_json::Sha256Digest::of(text.as_bytes());
        prop_assert_eq!(RecordHash::from(hash), entry.record_hash);
        let (event_id, event_type, resource_type, resource_id, outcome, severity) =
            taken_apart(&text);
        prop_assert_eq!(event_id, entry.event_id.as_str());
        prop_assert_eq!(event_type, entry.event_type.as_str());
        prop_assert_eq!(resource_type, entry.resource_type.as_deref().unwrap_or(""));
        prop_assert_eq!(resource_id, entry.resource_id.as_deref().unwrap_or(""));
        prop_assert_eq!(outcome, entry.outcome.as_deref().unwrap_or(""));
        prop_assert_eq!(severity, entry.severity.as_str());
    }
}

mod support {
    use permit_canonical_json::{JsonPointer, Node, Value, to_value};
    use permit_chain::{
        AppendOutcome, ChainHead, ChainStore, EntryFields, EventDraft, MemoryChainStore,
        WalkOptions, WalkOutcome, Walker,
    };
    use permit_types::{ChainEntry, ChainScope, EventId, EventType, Instant, OpenObject};
    use proptest::prelude::*;

    pub(super) fn scope(name: &str) -> ChainScope {
        ChainScope::new(name)
    }

    pub(super) fn draft(event_id: &str) -> EventDraft {
        EventDraft {
            event_id: EventId::new(event_id),
            event_type: EventType::new("permit.evaluated"),
            resource_type: None,
            resource_id: None,
            outcome: None,
            severity: "info".into(),
            payload_json: OpenObject::default(),
            created_at: Instant::parse("2026-05-07T12:00:00Z").expect("a time"),
        }
    }

    /// An event that may stand in a chain.
    pub(super) fn event() -> impl Strategy<Value = EventDraft> {
        let text = || "[a-c é:.]{1,4}";
        let perhaps = || proptest::option::of(text());
        let free = proptest::option::of("[a|]{1,6}");
        let second = -62_135_596_800_i64..253_402_300_799;
        (text(), text(), perhaps(), free, perhaps(), text(), second, 0_i32..1_000_000_000).prop_map(
            |(id, kind, resource_type, resource_id, outcome, severity, second, nanosecond)| {
                let time =
                    jiff::Timestamp::new(second, nanosecond).expect("in the years 1 to 9999");
                let payload = Value::object([("n", nanosecond)]);
                let Node::Object(payload) = payload.into_node() else { panic!("an object") };
                EventDraft {
                    event_id: EventId::new(id),
                    event_type: EventType::new(kind),
                    resource_type,
                    resource_id,
                    outcome,
                    severity,
                    payload_json: payload.into(),
                    created_at: time.into(),
                }
            },
        )
    }

    pub(super) fn walk(store: &MemoryChainStore) -> WalkOutcome {
        let arrays: Vec<&[ChainEntry]> = store.chains().map(|(_, entries)| entries).collect();
        walk_arrays(&arrays)
    }

    pub(super) fn walk_entries(entries: &[ChainEntry]) -> WalkOutcome {
        walk_arrays(&[entries])
    }

    fn walk_arrays(arrays: &[&[ChainEntry]]) -> WalkOutcome {
        let mut walker = Walker::new(WalkOptions::default(), |place| {
            JsonPointer::root().index(place.array).index(place.index)
        });
        for (array, entries) in (0..).zip(arrays) {
            for (index, entry) in (0..).zip(*entries) {
                let value = to_value(entry).expect("an object");
                let object = value.as_object().expect("an object");
                walker.entry(&EntryFields::of_entry(object, value.range()), array, index);
            }
        }
        walker.finish()
    }

    /// The text of the formula, written once more.
    pub(super) fn hashed_text(entry: &ChainEntry) -> String {
        [
            entry.event_id.as_str(),
            entry.event_type.as_str(),
            entry.resource_type.as_deref().unwrap_or(""),
            entry.resource_id.as_deref().unwrap_or(""),
            entry.outcome.as_deref().unwrap_or(""),
            &entry.severity,
            entry.created_at.as_str().trim_end_matches('Z'),
            &entry.prev_hash.to_string(),
            &entry.sequence_number.to_string(),
        ]
        .join("|")
    }

    /// The six texts of which the formula is made, found from both ends.
    pub(super) fn taken_apart(text: &str) -> (&str, &str, &str, &str, &str, &str) {
        let mut front = text.splitn(4, '|');
        let mut next = || front.next().expect("enough parts");
        let (event_id, event_type, resource_type, rest) = (next(), next(), next(), next());
        let back: Vec<&str> = rest.rsplitn(6, '|').collect();
        let [_, _, _, severity, outcome, resource_id] = back[..] else { panic!("enough parts") };
        (event_id, event_type, resource_type, resource_id, outcome, severity)
    }

    /// A store that fails now and then, before or after its work.
    #[derive(Debug, Default)]
    pub(super) struct Flaky {
        pub(super) inner: MemoryChainStore,
        /// 0 fails before, 1 after, anything else not at all.
        pub(super) luck: u8,
    }

    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct OutOfOrder;

    impl core::fmt::Display for OutOfOrder {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("out of order")
        }
    }

    impl ChainStore for Flaky {
        type Error = OutOfOrder;

        fn head(&mut self, chain_scope: &ChainScope) -> Result<Option<ChainHead>, OutOfOrder> {
            self.inner.head(chain_scope).map_err(|never| match never {})
        }

        fn append_if(
            &mut self,
            expected: &ChainHead,
            entry: &ChainEntry,
        ) -> Result<AppendOutcome, OutOfOrder> {
            if self.luck == 0 {
                return Err(OutOfOrder);
            }
            let outcome = self.inner.append_if(expected, entry).map_err(|never| match never {})?;
            if self.luck == 1 { Err(OutOfOrder) } else { Ok(outcome) }
        }
    }
}
