//! Where a sealing writes its members: hashed on the way, with the chain values that the index needs.

use std::path::{Path, PathBuf};

use super::SealError;
use crate::format::digest::{ChainValue, Digest};
use crate::format::journal::DoneMember;
use crate::format::member::MemberName;
use crate::format::zip::Record;
use crate::hash::ChainedSha256;
use crate::output::{Form, Writer};

/// A member that was written to its end.
#[derive(Debug)]
pub struct Written {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Chain values of that SHA-256 at each multiple of the chunk length.
    pub chain: Vec<ChainValue>,
}

/// A bundle in the making. Members are written one after another. Dropped before [`Output::commit`] it leaves nothing.
pub struct Output {
    writer: Writer,
    member: MemberHasher,
    chunk_len: u64,
    /// Name of the member that is being written.
    name: String,
    /// Members since [`Output::sync`].
    done: Vec<DoneMember>,
}

/// Digest and chain values of the member that is being written.
#[derive(Default)]
struct MemberHasher {
    len: u64,
    hasher: ChainedSha256,
    chain: Vec<ChainValue>,
}

impl Output {
    /// Creates the temporary file or directory beside `path`. `chunk_len` is that of the parameters, in bytes.
    pub fn create(path: &Path, form: Form, chunk_len: u64) -> Result<Self, SealError> {
        Ok(Self::over(Writer::create(path, form)?, chunk_len))
    }

    /// Goes on with an unfinished bundle, after these members.
    pub fn reopen(
        partial: PathBuf,
        path: &Path,
        form: Form,
        chunk_len: u64,
        members: &[DoneMember],
    ) -> Result<Self, SealError> {
        let record = |member: &DoneMember| {
            let DoneMember { name, len, crc, offset, .. } = member.clone();
            Record { name, crc, len, offset }
        };
        Ok(Self::over(Writer::reopen(partial, path, form, members.iter().map(record).collect())?, chunk_len))
    }

    fn over(writer: Writer, chunk_len: u64) -> Self {
        Self { writer, member: MemberHasher::default(), chunk_len, name: String::new(), done: Vec::new() }
    }

    /// What was written is on the medium when this returns. Gives the members since it was called last.
    pub fn sync(&mut self) -> Result<Vec<DoneMember>, SealError> {
        self.writer.sync()?;
        Ok(std::mem::take(&mut self.done))
    }

    /// What was written stays, whatever comes after it.
    pub fn keep(&mut self) {
        self.writer.keep();
    }

    /// Begins a member. One of 2^32-1 bytes or more must say its length beforehand, for its local header to have room.
    pub fn start(&mut self, name: MemberName, len_known: Option<u64>) -> Result<(), SealError> {
        self.name = name.to_string();
        self.writer.start(&self.name, len_known)?;
        self.member = MemberHasher::default();
        self.member.chain.extend(self.member.hasher.chain_value());
        Ok(())
    }

    /// Appends to the member that was begun.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SealError> {
        self.writer.write(bytes)?;
        self.member.take(bytes, self.chunk_len);
        Ok(())
    }

    /// Ends the member.
    pub fn finish(&mut self) -> Result<Written, SealError> {
        let crc = self.writer.finish()?;
        let mut member = std::mem::take(&mut self.member);
        // A chain value at the very end starts no interval, except in an empty member.
        if member.len > 0 && member.len.is_multiple_of(self.chunk_len) {
            member.chain.pop();
        }
        let (len, offset, digest) = (member.len, self.writer.last_offset(), member.hasher.finish());
        self.done.push(DoneMember { name: std::mem::take(&mut self.name), len, crc, offset, sha256: digest });
        Ok(Written { digest, chain: member.chain })
    }

    /// Writes a member that is in memory.
    pub fn member(&mut self, name: MemberName, bytes: &[u8]) -> Result<Written, SealError> {
        self.start(name, Some(bytes.len() as u64))?;
        self.write(bytes)?;
        self.finish()
    }

    /// Where the bundle is being written.
    pub fn temporary_path(&self) -> &Path {
        self.writer.temporary_path()
    }

    /// Bytes of members written so far.
    pub fn written_len(&self) -> u64 {
        self.writer.written_len()
    }

    /// Makes the bundle whole and gives it its name, which must still be free. Returns the final path.
    pub fn commit(self) -> Result<PathBuf, SealError> {
        Ok(self.writer.commit()?)
    }
}

impl MemberHasher {
    /// Hashes what was written, stopping at each chunk's start for its chain value.
    fn take(&mut self, mut bytes: &[u8], chunk_len: u64) {
        while !bytes.is_empty() {
            let left = chunk_len - self.len % chunk_len;
            let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            self.hasher.update(&bytes[..take]);
            self.len += take as u64;
            if self.len.is_multiple_of(chunk_len) {
                self.chain.extend(self.hasher.chain_value());
            }
            bytes = &bytes[take..];
        }
    }
}
