// SPDX-License-Identifier: Apache-2.0

//! Incident archives, read from memory and without faith in them.
//!
//! ```text
//! member 1 | member 2 | … | directory | end record          nothing before, between or behind
//! ```
//!
//! The crate `zip` reads the directory, unpacks and checks sums. This module sees to it that there is
//! only one way to read the bytes: it walks over the members and the directory itself, compares the
//! names byte by byte, and leaves everything alone that is not on the list of [`IncidentMember`].
//! Nothing is ever written to a disk.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read},
};

use permit_canonical_json::Excerpt;
use zip::{
    CompressionMethod, ZipArchive,
    read::{ArchiveOffset, Config, ZipFile},
};

use crate::{archive_fault::ArchiveFault, incident_member::IncidentMember, sibling_path::down};

/// How far an archive may unfold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveLimits {
    /// Members, known ones or not. Default 1,024; ten are known.
    pub members: u64,
    /// Bytes of one known member, unpacked. Default 1 GiB.
    pub member_bytes: u64,
    /// Bytes of all known members, unpacked. Default 4 GiB.
    pub total_bytes: u64,
    /// Unpacked bytes for one packed byte of a known member. Default 200.
    pub ratio: u64,
    /// Unpacked bytes of a member for which the ratio does not matter. Default 16 MiB.
    pub always: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            members: 1_024,
            member_bytes: 1024 * 1024 * 1024,
            total_bytes: 4 * 1024 * 1024 * 1024,
            ratio: 200,
            always: 16 * 1024 * 1024,
        }
    }
}

/// Whether a file is a ZIP archive, by its first bytes and its last 65,557 (or all there are).
///
/// The reference goes by the end alone, so that an archive behind other data is one as well.
/// Reading refuses such a one, but it is not taken for something else.
#[must_use]
pub fn is_archive(start: &[u8], end: &[u8]) -> bool {
    start.starts_with(LOCAL_HEADER)
        || start.starts_with(END_RECORD)
        || end.windows(END_RECORD.len()).any(|window| window == END_RECORD)
}

/// The end of a file in which [`is_archive`] looks for an archive.
pub const ARCHIVE_END_BYTES: usize = 22 + 65_535;

/// An archive with one way to read it.
#[derive(Debug)]
pub struct IncidentArchive<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    members: BTreeMap<IncidentMember, usize>,
    others: Vec<String>,
    others_left_out: u64,
    limits: ArchiveLimits,
}

impl<'a> IncidentArchive<'a> {
    /// Opens an archive.
    ///
    /// # Errors
    /// If there is more than one way to read it, it is damaged, or it is beyond the limits.
    pub fn open(bytes: &'a [u8], limits: &ArchiveLimits) -> Result<Self, ArchiveFault> {
        let end = EndRecord::read(bytes, limits)?;
        end.walk_directory(bytes)?;
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let mut archive = ZipArchive::with_config(config, Cursor::new(bytes))
            .map_err(|_| ArchiveFault::Directory)?;
        if archive.has_duplicate_names() {
            return Err(ArchiveFault::DuplicateName);
        }
        if archive.len() != usize::from(end.members)
            || archive.central_directory_start() != end.directory_start
        {
            return Err(ArchiveFault::Directory);
        }
        archive.validate_header_consistency().map_err(|_| ArchiveFault::Headers)?;
        let mut opened = Self {
            archive,
            members: BTreeMap::new(),
            others: Vec::new(),
            others_left_out: 0,
            limits: *limits,
        };
        opened.check_members(bytes, end.directory_start)?;
        Ok(opened)
    }

    /// Whether the archive has a member.
    #[must_use]
    pub fn has(&self, member: IncidentMember) -> bool {
        self.members.contains_key(&member)
    }

    /// The names of members that are not known here and are not read; of very many the first ones.
    #[must_use]
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// Number of members that are not known here.
    #[must_use]
    pub fn other_count(&self) -> u64 {
        let named = u64::try_from(self.others.len()).unwrap_or(u64::MAX);
        named.saturating_add(self.others_left_out)
    }

    /// The unpacked bytes of a member, if the archive has it. They count only once they were read
    /// to their end, since only there their sum is checked.
    ///
    /// # Errors
    /// If the member is packed by a method that is not known here.
    pub fn open_member(
        &mut self,
        member: IncidentMember,
    ) -> Result<Option<MemberRead<'_, 'a>>, ArchiveFault> {
        let Some(index) = self.members.get(&member).copied() else { return Ok(None) };
        let name = member.file_name();
        let file = self.archive.by_index(index).map_err(|_| ArchiveFault::Member { name })?;
        Ok(Some(MemberRead { left: file.size(), file, name }))
    }

    /// Checks each member by itself, and that they lie one behind the other up to the directory.
    fn check_members(&mut self, bytes: &[u8], directory_start: u64) -> Result<(), ArchiveFault> {
        let mut extents = Vec::with_capacity(self.archive.len());
        let mut total = 0_u64;
        for index in 0..self.archive.len() {
            let entry = self.archive.by_index_data(index).map_err(|_| ArchiveFault::Directory)?;
            let extent = Extent {
                start: entry.header_start(),
                packed: entry.compressed_size(),
                size: entry.size(),
                crc: entry.crc32(),
            };
            let header = LocalHeader::read(bytes, extent.start).ok_or(ArchiveFault::Headers)?;
            let name = entry.name_raw();
            if header.name != name {
                return Err(ArchiveFault::Headers);
            }
            let shown = String::from_utf8_lossy(name);
            check_name(name).ok_or_else(|| ArchiveFault::Name { name: shown.to_string() })?;
            if entry.encrypted() || header.flags & HIDING_FLAGS != 0 {
                return Err(ArchiveFault::Encrypted { name: shown.to_string() });
            }
            if entry.is_symlink() {
                return Err(ArchiveFault::Link { name: shown.to_string() });
            }
            match IncidentMember::of_name(name) {
                Some(member) => {
                    extent.check_size(member, entry.compression(), &self.limits)?;
                    total = total.saturating_add(extent.size);
                    self.members.insert(member, index);
                }
                None if self.others.len() < OTHERS_NAMED => {
                    self.others.push(Excerpt(&shown).to_string());
                }
                None => self.others_left_out = self.others_left_out.saturating_add(1),
            }
            extents.push((extent, header.data_start, header.has_descriptor()));
        }
        if total > self.limits.total_bytes {
            return Err(ArchiveFault::TotalSize { limit: self.limits.total_bytes });
        }
        check_layout(bytes, extents, directory_start)
    }
}

/// The unpacked bytes of one member.
#[derive(Debug)]
pub struct MemberRead<'r, 'a> {
    file: ZipFile<'r, Cursor<&'a [u8]>>,
    name: &'static str,
    /// Bytes that are to come if the member is as long as it says.
    left: u64,
}

impl MemberRead<'_, '_> {
    /// Reads what is left, so that the sum is checked.
    ///
    /// # Errors
    /// If the member is not what its header says.
    pub fn drain(mut self) -> Result<(), ArchiveFault> {
        let mut buffer = vec![0; DRAIN_BUFFER];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(_) => return Err(ArchiveFault::Member { name: self.name }),
            }
        }
    }
}

impl Read for MemberRead<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let damaged = || io::Error::other(ArchiveFault::Member { name: self.name });
        let length = self.file.read(buffer).map_err(|_| damaged())?;
        let taken = u64::try_from(length).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(taken).ok_or_else(damaged)?;
        if length == 0 && self.left > 0 {
            return Err(damaged());
        }
        Ok(length)
    }
}

impl ArchiveFault {
    /// The fault that an error of [`MemberRead`] carries.
    pub(crate) fn in_error(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref::<Self>().cloned()
    }
}

/// The record at the end of an archive.
struct EndRecord {
    members: u16,
    directory_start: u64,
    directory_end: u64,
}

impl EndRecord {
    /// Reads the last 22 bytes. An end record anywhere else would have something behind it.
    fn read(bytes: &[u8], limits: &ArchiveLimits) -> Result<Self, ArchiveFault> {
        if !bytes.starts_with(LOCAL_HEADER) && !bytes.starts_with(END_RECORD) {
            let is_one = is_archive(bytes, last(bytes, ARCHIVE_END_BYTES));
            return Err(if is_one { ArchiveFault::LeadingData } else { ArchiveFault::Directory });
        }
        let record = last(bytes, END_RECORD_BYTES);
        if !record.starts_with(END_RECORD) || u16_at(record, 20) != Some(0) {
            let is_cut = !is_archive(&[], last(bytes, ARCHIVE_END_BYTES));
            return Err(if is_cut { ArchiveFault::Directory } else { ArchiveFault::TrailingData });
        }
        let fields = (
            u16_at(record, 4),
            u16_at(record, 6),
            u16_at(record, 8),
            u16_at(record, 10),
            u32_at(record, 12),
            u32_at(record, 16),
        );
        let (Some(disk), Some(first_disk), Some(here), Some(members), Some(size), Some(start)) =
            fields
        else {
            return Err(ArchiveFault::Directory);
        };
        if members == u16::MAX || size == u32::MAX || start == u32::MAX {
            return Err(ArchiveFault::Zip64);
        }
        let directory_start = u64::from(start);
        let directory_end = directory_start.saturating_add(u64::from(size));
        let record_start = offset(bytes.len().saturating_sub(END_RECORD_BYTES));
        if (disk, first_disk) != (0, 0) || here != members || directory_end != record_start {
            return Err(ArchiveFault::Directory);
        }
        if u64::from(members) > limits.members {
            return Err(ArchiveFault::TooManyMembers { limit: limits.members });
        }
        Ok(Self { members, directory_start, directory_end })
    }

    /// Walks over the directory: it has as many entries as it says, and nothing else.
    fn walk_directory(&self, bytes: &[u8]) -> Result<(), ArchiveFault> {
        let mut at = self.directory_start;
        for _ in 0..self.members {
            let header = slice_from(bytes, at).filter(|rest| rest.starts_with(DIRECTORY_HEADER));
            let lengths = header.and_then(|header| {
                let (name, extra) = (u16_at(header, 28)?, u16_at(header, 30)?);
                Some([name, extra, u16_at(header, 32)?])
            });
            let lengths = lengths.ok_or(ArchiveFault::Directory)?;
            let variable: u64 = lengths.into_iter().map(u64::from).sum();
            at = at.saturating_add(DIRECTORY_HEADER_BYTES).saturating_add(variable);
        }
        if at == self.directory_end { Ok(()) } else { Err(ArchiveFault::Directory) }
    }
}

/// The header that stands before a member.
struct LocalHeader<'a> {
    flags: u16,
    name: &'a [u8],
    data_start: u64,
}

impl<'a> LocalHeader<'a> {
    fn read(bytes: &'a [u8], start: u64) -> Option<Self> {
        let header = slice_from(bytes, start).filter(|rest| rest.starts_with(LOCAL_HEADER))?;
        let (name, extra) = (u16_at(header, 26)?, u16_at(header, 28)?);
        let name = header.get(LOCAL_HEADER_BYTES..)?.get(..usize::from(name))?;
        let variable = offset(name.len()).saturating_add(u64::from(extra));
        let data_start = start.saturating_add(offset(LOCAL_HEADER_BYTES)).saturating_add(variable);
        Some(Self { flags: u16_at(header, 6)?, name, data_start })
    }

    fn has_descriptor(&self) -> bool {
        self.flags & DESCRIPTOR_FLAG != 0
    }
}

/// What the directory says of a member.
struct Extent {
    start: u64,
    packed: u64,
    size: u64,
    crc: u32,
}

impl Extent {
    fn check_size(
        &self,
        member: IncidentMember,
        method: CompressionMethod,
        limits: &ArchiveLimits,
    ) -> Result<(), ArchiveFault> {
        let name = member.file_name();
        if method != CompressionMethod::Stored && method != CompressionMethod::Deflated {
            return Err(ArchiveFault::Method { name });
        }
        if self.size > limits.member_bytes {
            return Err(ArchiveFault::MemberSize { name, limit: limits.member_bytes });
        }
        let allowed = self.packed.saturating_mul(limits.ratio).max(limits.always);
        if self.size > allowed {
            return Err(ArchiveFault::Ratio { name, ratio: limits.ratio });
        }
        Ok(())
    }

    /// Whether these bytes behind a member repeat its sum and its sizes, in one of the four forms.
    fn is_described_by(&self, bytes: &[u8]) -> bool {
        let fields = bytes.strip_prefix(DESCRIPTOR).unwrap_or(bytes);
        let forms = [fields, bytes];
        forms.into_iter().any(|fields| {
            let crc = u32_at(fields, 0) == Some(self.crc);
            let sizes = match fields.len() {
                12 => (u32_at(fields, 4).map(u64::from), u32_at(fields, 8).map(u64::from)),
                20 => (u64_at(fields, 4), u64_at(fields, 12)),
                _ => (None, None),
            };
            crc && sizes == (Some(self.packed), Some(self.size))
        })
    }
}

fn check_layout(
    bytes: &[u8],
    mut extents: Vec<(Extent, u64, bool)>,
    directory_start: u64,
) -> Result<(), ArchiveFault> {
    extents.sort_unstable_by_key(|(extent, _, _)| extent.start);
    let starts: Vec<u64> = extents.iter().map(|(extent, _, _)| extent.start).collect();
    if starts.first().is_some_and(|first| *first > 0) {
        return Err(ArchiveFault::LeadingData);
    }
    let ends = starts.into_iter().skip(1).chain([directory_start]);
    for ((extent, data_start, has_descriptor), next) in extents.into_iter().zip(ends) {
        let data_end = data_start.saturating_add(extent.packed);
        let between = slice_from(bytes, data_end).zip(next.checked_sub(data_end));
        let between = between.and_then(|(rest, length)| rest.get(..usize::try_from(length).ok()?));
        let fits = between.is_some_and(|between| match has_descriptor {
            true => extent.is_described_by(between),
            false => between.is_empty(),
        });
        if !fits {
            return Err(ArchiveFault::Layout);
        }
    }
    Ok(())
}

/// A name that means the same file below the archive on every system.
fn check_name(name: &[u8]) -> Option<()> {
    let text = std::str::from_utf8(name).ok()?;
    let plain = text.strip_suffix('/').unwrap_or(text);
    (down(plain)? == plain).then_some(())
}

fn last(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(count)..).unwrap_or_default()
}

fn slice_from(bytes: &[u8], start: u64) -> Option<&[u8]> {
    bytes.get(usize::try_from(start).ok()?..)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn offset(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
const LOCAL_HEADER_BYTES: usize = 30;
const DIRECTORY_HEADER: &[u8] = b"PK\x01\x02";
const DIRECTORY_HEADER_BYTES: u64 = 46;
const END_RECORD: &[u8] = b"PK\x05\x06";
const END_RECORD_BYTES: usize = 22;
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Sum and sizes stand behind the member.
const DESCRIPTOR_FLAG: u16 = 1 << 3;
/// Encrypted, a patch, strongly encrypted, header masked.
const HIDING_FLAGS: u16 = 1 | 1 << 5 | 1 << 6 | 1 << 13;

/// Names of unknown members that are kept for a report.
const OTHERS_NAMED: usize = 16;
const DRAIN_BUFFER: usize = 64 * 1024;
