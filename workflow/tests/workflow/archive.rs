// SPDX-License-Identifier: Apache-2.0

//! Archives that can be read in two ways, are damaged, or unfold too far.

use std::io::Read;

use permit_claims::Unsupported;
use permit_workflow::{
    ARCHIVE_END_BYTES, ArchiveFault, ArchiveLimits, IncidentArchive, IncidentMember,
    WorkflowFaultKind as Kind, is_archive,
};

use crate::incident::{judged, manifest, members};

/// A member and how its two headers describe it.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    pub(crate) name: Vec<u8>,
    pub(crate) local_name: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) size: u32,
    pub(crate) local_size: u32,
    pub(crate) crc: u32,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) attributes: u32,
    pub(crate) extra: Vec<u8>,
    pub(crate) local_extra: Vec<u8>,
    pub(crate) before: Vec<u8>,
    pub(crate) behind: Vec<u8>,
}

impl Packed {
    /// A member that is stored as it is.
    pub(crate) fn new(name: &str, data: &[u8]) -> Self {
        let size = u32::try_from(data.len()).unwrap();
        Self {
            name: name.into(),
            local_name: name.into(),
            data: data.into(),
            size,
            local_size: size,
            crc: crc_of(data),
            method: 0,
            flags: 0,
            attributes: 0o100_644 << 16,
            extra: Vec::new(),
            local_extra: Vec::new(),
            before: Vec::new(),
            behind: Vec::new(),
        }
    }
}

fn crc_of(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Writes an archive, byte by byte as it is told.
pub(crate) fn pack(members: &[Packed]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    let short = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let long = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    for member in members {
        bytes.extend_from_slice(&member.before);
        let start = bytes.len();
        let sizes = |size: u32| [long(member.data.len()), size.to_le_bytes()].concat();
        let described = member.flags & 8 != 0;
        let common = |local: bool| {
            let (crc, sizes) = match described && local {
                true => (0, vec![0; 8]),
                false => (member.crc, sizes(if local { member.local_size } else { member.size })),
            };
            [
                short(20).as_slice(),
                &member.flags.to_le_bytes(),
                &member.method.to_le_bytes(),
                &[0, 0, 0x21, 0],
                &crc.to_le_bytes(),
                &sizes,
            ]
            .concat()
        };
        let local = [
            b"PK\x03\x04".as_slice(),
            &common(true),
            &short(member.local_name.len()),
            &short(member.local_extra.len()),
            &member.local_name,
            &member.local_extra,
            &member.data,
            &member.behind,
        ];
        bytes.extend_from_slice(&local.concat());
        let central = [
            b"PK\x01\x02".as_slice(),
            &(0x0300_u16 | 20).to_le_bytes(),
            &common(false),
            &short(member.name.len()),
            &short(member.extra.len()),
            &[0; 6],
            &member.attributes.to_le_bytes(),
            &long(start),
            &member.name,
            &member.extra,
        ];
        directory.extend_from_slice(&central.concat());
    }
    let start = bytes.len();
    bytes.extend_from_slice(&directory);
    let end = [
        b"PK\x05\x06\0\0\0\0".as_slice(),
        &short(members.len()),
        &short(members.len()),
        &long(directory.len()),
        &long(start),
        &[0, 0],
    ];
    bytes.extend_from_slice(&end.concat());
    bytes
}

fn open(bytes: &[u8]) -> Result<Vec<String>, ArchiveFault> {
    let mut archive = IncidentArchive::open(bytes, &ArchiveLimits::default())?;
    let mut texts = Vec::new();
    for member in IncidentMember::REQUIRED {
        let name = member.file_name();
        if let Some(mut source) = archive.open_member(member)? {
            let mut text = String::new();
            source.read_to_string(&mut text).map_err(|_| ArchiveFault::Member { name })?;
            texts.push(text);
        }
    }
    Ok(texts)
}

fn permits(text: &str) -> Packed {
    Packed::new("permits.jsonl", text.as_bytes())
}

#[test]
fn plain_archives_are_read() {
    assert_eq!(open(&pack(&[permits("{}\n")])).unwrap(), ["{}\n"]);
    assert_eq!(open(&pack(&[])).unwrap(), Vec::<String>::new());
    let folder = Packed { attributes: 0o040_755 << 16 | 0x10, ..Packed::new("folder/", b"") };
    assert_eq!(open(&pack(&[folder, permits("{}")])).unwrap(), ["{}"]);
    let timed = Packed { extra: b"UT\x05\0\x01\0\0\0\0".into(), ..permits("{}") };
    assert_eq!(open(&pack(&[timed])).unwrap(), ["{}"]);
    let long = Packed {
        local_extra: [b"\x01\0\x10\0".as_slice(), &2_u64.to_le_bytes(), &2_u64.to_le_bytes()]
            .concat(),
        ..permits("{}")
    };
    assert_eq!(open(&pack(&[long])).unwrap(), ["{}"]);
}

#[test]
fn sums_and_sizes_may_stand_behind_a_member() {
    let data = permits("{}\n");
    let size = 3_u32.to_le_bytes();
    let long = 3_u64.to_le_bytes();
    let crc = data.crc.to_le_bytes();
    let signature = b"PK\x07\x08".as_slice();
    for behind in [
        [signature, &crc, &size, &size].concat(),
        [crc.as_slice(), &size, &size].concat(),
        [signature, &crc, &long, &long].concat(),
        [crc.as_slice(), &long, &long].concat(),
    ] {
        let streamed = Packed { flags: 8, behind, ..data.clone() };
        assert_eq!(open(&pack(&[streamed, Packed::new("x", b"")])).unwrap(), ["{}\n"]);
    }
    for behind in [
        vec![],
        [signature, &crc, &size].concat(),
        [signature, &crc, &size, &4_u32.to_le_bytes()].concat(),
        [signature, &[0; 4], &size, &size].concat(),
        [signature, &crc, &size, &size, b"x"].concat(),
    ] {
        let streamed = Packed { flags: 8, behind, ..data.clone() };
        let fault = open(&pack(&[streamed, Packed::new("x", b"")])).unwrap_err();
        assert!(matches!(fault, ArchiveFault::Layout | ArchiveFault::Headers), "{fault:?}");
    }
}

#[test]
fn nothing_stands_before_between_or_behind() {
    let good = pack(&[permits("{}"), Packed::new("x", b"1")]);
    let leading = [b"junk".as_slice(), &good].concat();
    assert_eq!(open(&leading), Err(ArchiveFault::LeadingData));
    assert_eq!(open(&[good.as_slice(), b"junk"].concat()), Err(ArchiveFault::TrailingData));
    // Behind another archive, with and without offsets that say so.
    assert_eq!(open(&[good.as_slice(), &good].concat()), Err(ArchiveFault::Directory));
    let shifted = pack(&[Packed { before: b"PK\x03\x04junk".into(), ..permits("{}") }]);
    assert_eq!(open(&shifted), Err(ArchiveFault::LeadingData));
    let gap = pack(&[permits("{}"), Packed { before: b"gap".into(), ..Packed::new("x", b"") }]);
    assert_eq!(open(&gap), Err(ArchiveFault::Layout));
    let hidden = pack(&[permits("{}")]);
    let hidden_start = &hidden[..hidden.len() - 22 - 46 - 13];
    let unlisted =
        pack(&[permits("{}"), Packed { before: hidden_start.into(), ..Packed::new("x", b"") }]);
    assert!(matches!(open(&unlisted), Err(ArchiveFault::Layout | ArchiveFault::Headers)));
    let before_directory = pack(&[Packed { behind: b"junk".into(), ..permits("{}") }]);
    assert_eq!(open(&before_directory), Err(ArchiveFault::Layout));
    let mut comment = good.clone();
    let length = comment.len();
    comment[length - 2] = 4;
    comment.extend_from_slice(b"text");
    assert_eq!(open(&comment), Err(ArchiveFault::TrailingData));
}

#[test]
fn the_directory_holds_its_entries_and_nothing_else() {
    let good = pack(&[permits("{}")]);
    let end = good.len() - 22;
    let mut bytes = [&good[..end], b"junk", &good[end..]].concat();
    bytes[end + 4 + 12] += 4;
    assert_eq!(open(&bytes), Err(ArchiveFault::Directory));
}

#[test]
fn no_two_members_have_one_name() {
    let twice = pack(&[permits("{}"), permits("{}")]);
    assert_eq!(open(&twice), Err(ArchiveFault::DuplicateName));
    let others = pack(&[Packed::new("x", b"1"), Packed::new("x", b"2")]);
    assert_eq!(open(&others), Err(ArchiveFault::DuplicateName));
}

#[test]
fn both_headers_say_the_same() {
    let good = permits("{}");
    for bad in [
        Packed { local_name: b"permitz.jsonl".into(), ..good.clone() },
        Packed { local_name: b"x".into(), ..good.clone() },
        Packed { local_size: 3, ..good.clone() },
        // A second name, which some programs prefer to the first.
        unicode_path(good.clone(), b"permits.jsonl", b"PERMITS.JSONL", b"permits.jsonl"),
        unicode_path(good.clone(), b"permits.jsonl", b"x", b"permits.jsonl"),
    ] {
        let fault = open(&pack(std::slice::from_ref(&bad))).unwrap_err();
        assert!(
            matches!(fault, ArchiveFault::Headers | ArchiveFault::Directory),
            "{fault:?} {bad:?}"
        );
    }
    let mut bytes = pack(std::slice::from_ref(&good));
    bytes[8] = 8;
    assert_eq!(open(&bytes), Err(ArchiveFault::Headers), "another method in the local header");
    let mut bytes = pack(std::slice::from_ref(&good));
    bytes[14] ^= 1;
    assert_eq!(open(&bytes), Err(ArchiveFault::Headers), "another sum in the local header");
}

fn unicode_path(mut member: Packed, _name: &[u8], stored: &[u8], unicode: &[u8]) -> Packed {
    let length = u16::try_from(unicode.len() + 5).unwrap();
    let field =
        [b"up".as_slice(), &length.to_le_bytes(), &[1], &crc_of(stored).to_le_bytes(), unicode]
            .concat();
    member.name = stored.into();
    member.local_name = stored.into();
    member.extra = field.clone();
    member.local_extra = field;
    member
}

#[test]
fn names_stay_below_the_archive() {
    for name in [
        "../x",
        "a/../../x",
        "/etc/passwd",
        "~/x",
        "C:\\x",
        "c:x",
        "a\\b",
        "a\0b",
        "a//b",
        "./a",
        "",
        "/",
        "a/./b",
        "\u{7f}",
    ] {
        let fault = open(&pack(&[permits("{}"), Packed::new(name, b"")])).unwrap_err();
        assert!(
            matches!(
                fault,
                ArchiveFault::Name { .. } | ArchiveFault::Headers | ArchiveFault::Directory
            ),
            "{name:?} {fault:?}"
        );
    }
    let not_text = Packed { name: b"\xff".into(), local_name: b"\xff".into(), ..permits("") };
    assert!(matches!(open(&pack(&[not_text])), Err(ArchiveFault::Name { .. })));
}

#[test]
fn nothing_is_encrypted_linked_or_packed_in_unknown_ways() {
    for flags in [1, 1 << 5, 1 << 6, 1 | 1 << 6, 1 << 13] {
        let fault = open(&pack(&[Packed { flags, ..permits("{}") }])).unwrap_err();
        assert!(matches!(fault, ArchiveFault::Encrypted { .. }), "{flags} {fault:?}");
    }
    let link = Packed { attributes: 0o120_777 << 16, ..Packed::new("x", b"permits.jsonl") };
    assert!(matches!(open(&pack(&[permits("{}"), link])), Err(ArchiveFault::Link { .. })));
    for method in [1, 9, 12, 14, 93, 99] {
        let fault = open(&pack(&[Packed { method, ..permits("{}") }])).unwrap_err();
        assert_eq!(fault, ArchiveFault::Method { name: "permits.jsonl" }, "{method}");
        let other = Packed { method, ..Packed::new("x", b"1") };
        assert!(open(&pack(&[permits("{}"), other])).is_ok(), "{method}");
    }
}

#[test]
fn an_archive_that_is_packed_in_an_unknown_way_is_not_judged() {
    let all = members().0;
    let packed = all.iter().map(|(name, text)| Packed::new(name, text.as_bytes()));
    let packed: Vec<_> = packed.map(|member| Packed { method: 12, ..member }).collect();
    let fault = judged(&pack(&packed), &manifest()).fault.unwrap();
    assert_eq!(
        (fault.kind, fault.fault.verdict),
        (Kind::IncidentMethod, Unsupported::UnverifiableScope)
    );
    assert_eq!(fault.fault.reason().as_str(), "INCIDENT_MANIFEST_SCHEMA_INVALID");
}

#[test]
fn sums_are_checked() {
    let damaged = Packed { crc: 7, ..permits("{}") };
    assert_eq!(open(&pack(&[damaged])), Err(ArchiveFault::Member { name: "permits.jsonl" }));
    let longer = Packed { size: 7, local_size: 7, ..permits("{}") };
    assert!(open(&pack(&[longer])).is_err());
    let shorter = Packed { size: 1, local_size: 1, ..permits("{}") };
    assert!(open(&pack(&[shorter])).is_err());
    // A member that is not looked into is unpacked all the same.
    let mut packed: Vec<_> =
        members().0.iter().map(|(name, text)| Packed::new(name, text.as_bytes())).collect();
    packed[0] = Packed { crc: 1, ..Packed::new("admin_actions.jsonl", b"{}") };
    let fault = judged(&pack(&packed), &manifest()).fault.unwrap();
    assert_eq!((fault.kind, fault.fault.verdict), (Kind::IncidentArchive, Unsupported::Disproved));
}

#[test]
fn a_damaged_directory_is_a_finding() {
    let good = members().zip();
    for (name, bytes) in [
        ("cut in the middle", good[..good.len() / 2].to_vec()),
        ("cut at the end", good[..good.len() - 1].to_vec()),
        ("no end record", good[..good.len() - 22].to_vec()),
        ("header alone", b"PK\x03\x04".to_vec()),
        ("end record alone, cut", b"PK\x05\x06\0\0".to_vec()),
    ] {
        let fault = judged(&bytes, &manifest()).fault.unwrap();
        assert_eq!(fault.fault.reason().as_str(), "INCIDENT_MANIFEST_SCHEMA_INVALID", "{name}");
        let expected = match fault.kind {
            Kind::IncidentDamaged => Unsupported::InsufficientEvidence,
            Kind::IncidentArchive => Unsupported::Disproved,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(fault.fault.verdict, expected, "{name}");
    }
    let cut = judged(&good[..good.len() - 22], &manifest()).fault.unwrap();
    assert_eq!(cut.kind, Kind::IncidentDamaged);
    // The directory says more, less or something else than there is.
    let end = good.len() - 22;
    for (at, byte) in [(4, 1), (6, 1), (8, 7), (10, 9), (12, 1), (16, 1), (17, 0xee)] {
        let mut bytes = good.clone();
        bytes[end + at] = byte;
        assert!(open(&bytes).is_err(), "{at}");
    }
    let directory = good.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let mut bytes = good.clone();
    bytes[directory + 2] = 7;
    assert_eq!(open(&bytes), Err(ArchiveFault::Directory));
}

#[test]
fn archives_of_the_long_form_are_not_judged() {
    let good = members().zip();
    let end = good.len() - 22;
    for range in [8..12, 12..16, 16..20] {
        let mut bytes = good.clone();
        bytes[end + range.start..end + range.end].fill(0xff);
        assert_eq!(open(&bytes), Err(ArchiveFault::Zip64));
        let fault = judged(&bytes, &manifest()).fault.unwrap();
        assert!(fault.is_limit());
        assert_eq!(fault.fault.verdict, Unsupported::UnverifiableScope);
    }
}

#[test]
fn a_member_that_unfolds_too_far_is_not_unpacked() {
    use permit_workflow::IncidentDraft;
    let note = "a".repeat(40 * 1024 * 1024);
    let action = crate::bench::open(crate::bench::json(&format!("{{\"note\":\"{note}\"}}")));
    let draft = IncidentDraft { admin_actions: vec![action], ..IncidentDraft::default() };
    let bomb = draft.to_archive().unwrap();
    assert!(bomb.len() < 200_000);
    let limits = |change: fn(&mut ArchiveLimits)| {
        let mut limits = ArchiveLimits::default();
        change(&mut limits);
        IncidentArchive::open(&bomb, &limits).map(|_| ())
    };
    let name = "admin_actions.jsonl";
    assert_eq!(limits(|_| {}), Err(ArchiveFault::Ratio { name, ratio: 200 }));
    assert_eq!(limits(|limits| limits.ratio = 2_000), Ok(()));
    assert_eq!(limits(|limits| limits.always = 1 << 30), Ok(()));
    assert_eq!(
        limits(|limits| limits.member_bytes = 1 << 20),
        Err(ArchiveFault::MemberSize { name, limit: 1 << 20 })
    );
    assert_eq!(
        limits(|limits| {
            limits.ratio = 2_000;
            limits.total_bytes = 1 << 20;
        }),
        Err(ArchiveFault::TotalSize { limit: 1 << 20 })
    );
    assert_eq!(limits(|limits| limits.members = 7), Err(ArchiveFault::TooManyMembers { limit: 7 }));
}

#[test]
fn a_member_cannot_unfold_further_than_it_says() {
    use permit_workflow::IncidentDraft;
    let note = "a".repeat(1024 * 1024);
    let action = crate::bench::open(crate::bench::json(&format!("{{\"note\":\"{note}\"}}")));
    let draft = IncidentDraft { admin_actions: vec![action], ..IncidentDraft::default() };
    let mut bytes = draft.to_archive().unwrap();
    // Both headers say that it unpacks to ten bytes.
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    for at in [22, directory + 24] {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert_eq!(open(&bytes), Err(ArchiveFault::Member { name: "admin_actions.jsonl" }));
}

#[test]
fn archives_are_known_by_their_start_and_their_end() {
    let good = pack(&[permits("{}")]);
    let end = |bytes: &[u8]| bytes[bytes.len().saturating_sub(ARCHIVE_END_BYTES)..].to_vec();
    assert!(is_archive(&good, &end(&good)));
    let behind = [vec![b' '; 70_000], good.clone()].concat();
    assert!(is_archive(&behind, &end(&behind)));
    let before = [good, vec![b' '; 70_000]].concat();
    assert!(is_archive(&before, &end(&before)));
    for other in [b"".as_slice(), b"{}", b"PK", b"PK\x07\x08", b"\x1f\x8b"] {
        assert!(!is_archive(other, other));
    }
}
