//! Reading whole members: their SHA-256, and the CRC-32 that the wrapper states.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::bundle::Bundle;
use super::bytes::{Bytes, read_exact_at};
use super::check::{Check, Ledger};
use super::rules;
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::hash::PlainSha256;

/// How much is read at a time, in bytes.
const READ_LEN: usize = 1 << 20;

/// The user ended the verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Cancelled;

/// How far a verification has come, and whether it should go on.
pub(super) struct Pace<'a> {
    done: AtomicU64,
    total: u64,
    cancel: &'a AtomicBool,
    report: &'a (dyn Fn(u64, u64) + Sync),
}

impl<'a> Pace<'a> {
    pub fn new(bundle: &dyn Bundle, cancel: &'a AtomicBool, report: &'a (dyn Fn(u64, u64) + Sync)) -> Self {
        let total = bundle.members().iter().map(|member| member.len).fold(0, u64::saturating_add);
        Self { done: AtomicU64::new(0), total, cancel, report }
    }

    /// The same, for bytes that are read a second time and do not count.
    pub fn silent(&self) -> Pace<'a> {
        fn quiet(_: u64, _: u64) {}
        Pace { done: AtomicU64::new(0), total: 0, cancel: self.cancel, report: &quiet }
    }

    /// Reports that everything is done, also what was too little to be counted.
    pub fn complete(&self) -> Result<(), Cancelled> {
        self.advance(self.total)
    }

    /// Counts bytes that were checked.
    pub fn advance(&self, len: u64) -> Result<(), Cancelled> {
        let done = self.done.fetch_add(len, Ordering::Relaxed).saturating_add(len);
        (self.report)(done.min(self.total), self.total);
        if self.cancel.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }
}

/// What the bytes of a member came to.
pub(super) struct Summed {
    pub sha256: Digest,
    pub crc: u32,
}

/// Hashes bytes from start to end. The outer result is that of the user, the inner that of the disk.
pub(super) fn sum(bytes: &dyn Bytes, pace: &Pace<'_>) -> Result<io::Result<Summed>, Cancelled> {
    let len = bytes.len_bytes();
    let mut buf = vec![0; READ_LEN.min(usize::try_from(len).unwrap_or(READ_LEN))];
    let (mut sha256, mut crc, mut offset) = (PlainSha256::default(), crc32fast::Hasher::new(), 0);
    while offset < len {
        let piece_len = usize::try_from(len - offset).unwrap_or(usize::MAX).min(buf.len());
        let piece = &mut buf[..piece_len];
        if let Err(error) = read_exact_at(bytes, piece, offset) {
            return Ok(Err(error));
        }
        sha256.update(piece);
        crc.update(piece);
        offset += piece_len as u64;
        pace.advance(piece_len as u64)?;
    }
    Ok(Ok(Summed { sha256: sha256.finish(), crc: crc.finalize() }))
}

/// Compares the CRC-32 of a member with the one that the wrapper states, if it states one.
pub(super) fn check_crc(bundle: &dyn Bundle, member: usize, crc: u32, ledger: &mut Ledger) {
    let Some(member) = bundle.members().get(member) else { return };
    // Damage to evidence must not look like damage to the seal.
    let is_listed = member.kind.as_ref().is_some_and(MemberName::is_listed);
    let rule = if is_listed { &rules::MEMBER_CRC } else { &rules::ZIP_CRC };
    if let Some(stated) = member.crc {
        ledger.require(stated == crc, rule, || {
            Check::failed(rule, &member.name).expected(format!("{stated:08x}")).actual(format!("{crc:08x}"))
        });
    }
}

/// Compares the digest of a listed member (step V-5).
pub(super) fn check_digest(name: &str, listed: Digest, found: Digest, ledger: &mut Ledger) -> bool {
    ledger.require(listed == found, &rules::MEMBER_DIGEST, || {
        Check::failed(&rules::MEMBER_DIGEST, name).expected(listed).actual(found)
    })
}

/// Hashes one listed member and compares digest and CRC; `true` if it is proven.
pub(super) fn check_listed(
    bundle: &dyn Bundle,
    member: usize,
    listed: Digest,
    pace: &Pace<'_>,
    ledger: &mut Ledger,
) -> Result<bool, Cancelled> {
    let name = bundle.members().get(member).map_or("", |m| &m.name);
    let summed = match bundle.open(member) {
        Ok(bytes) => sum(&*bytes, pace)?,
        Err(error) => Err(error),
    };
    match summed {
        Ok(summed) => {
            check_crc(bundle, member, summed.crc, ledger);
            Ok(check_digest(name, listed, summed.sha256, ledger))
        }
        Err(error) => {
            ledger.add(unreadable(name, &error));
            Ok(false)
        }
    }
}

/// A listed member that could not be read.
pub(super) fn unreadable(name: &str, error: &io::Error) -> Check {
    Check::cannot_tell(&rules::MEMBER_DIGEST, name).note(format!("cannot be read: {error}"))
}

/// A listed member that is not there.
pub(super) fn missing(name: &str, listed: Digest) -> Check {
    Check::failed(&rules::MEMBER_DIGEST, name).expected(listed).note("missing")
}

/// Reads a member of bounded length into memory and compares its CRC.
pub(super) fn read_whole(
    bundle: &dyn Bundle,
    member: usize,
    len_max: u64,
    ledger: &mut Ledger,
) -> Result<Vec<u8>, ReadError> {
    let buf = read_bounded(bundle, member, len_max)?;
    check_crc(bundle, member, crc32fast::hash(&buf), ledger);
    Ok(buf)
}

/// Reads a member of bounded length into memory.
pub(super) fn read_bounded(bundle: &dyn Bundle, member: usize, len_max: u64) -> Result<Vec<u8>, ReadError> {
    read_all(&*bundle.open(member).map_err(ReadError::Io)?, len_max)
}

/// Reads bytes of bounded length into memory.
pub(super) fn read_all(bytes: &dyn Bytes, len_max: u64) -> Result<Vec<u8>, ReadError> {
    let len = bytes.len_bytes();
    if len > len_max {
        return Err(ReadError::TooLong { len, len_max });
    }
    let mut buf = vec![0; usize::try_from(len).map_err(|_| ReadError::TooLong { len, len_max })?];
    read_exact_at(bytes, &mut buf, 0).map_err(ReadError::Io)?;
    Ok(buf)
}

/// Why a member is not in memory.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// An error of input and output.
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// Longer than a reader need hold.
    #[error("{len} bytes; at most {len_max} are allowed")]
    TooLong {
        /// Its length in bytes.
        len: u64,
        /// The longest allowed.
        len_max: u64,
    },
}

impl ReadError {
    /// The check that could not be made, or failed because of this.
    pub fn check(&self, rule: &'static super::check::Rule, name: &str) -> Check {
        match self {
            Self::Io(_) => Check::cannot_tell(rule, name).note(self),
            Self::TooLong { .. } => Check::failed(rule, name).note(self),
        }
    }
}
