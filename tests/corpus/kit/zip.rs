//! The file form in its parts, so that each can be wrong.

use crate::reference::{crc32, zip_central_header, zip_end, zip_local_header};

/// Offsets of fields in a local header.
pub mod local {
    pub const VERSION: usize = 4;
    pub const FLAGS: usize = 6;
    pub const TIME: usize = 10;
    pub const CRC: usize = 14;
}

/// Offsets of fields in a central header.
pub mod central {
    pub const CRC: usize = 16;
    pub const PLAIN: usize = 24;
    pub const EXTERNAL: usize = 38;
}

/// Offsets of fields in the end records, which are 98 bytes.
pub mod end {
    pub const MEMBERS_64: usize = 24;
}

pub struct Zip {
    pub locals: Vec<Vec<u8>>,
    pub contents: Vec<Vec<u8>>,
    pub centrals: Vec<Vec<u8>>,
    pub end: Vec<u8>,
}

impl Zip {
    pub fn of(members: &[(String, Vec<u8>)]) -> Self {
        let mut zip = Self { locals: vec![], contents: vec![], centrals: vec![], end: vec![] };
        let mut offset = 0;
        for (name, bytes) in members {
            let (crc, size) = (crc32(bytes), bytes.len() as u64);
            zip.locals.push(zip_local_header(name, crc, size));
            zip.contents.push(bytes.clone());
            zip.centrals.push(zip_central_header(name, crc, size, offset));
            offset += (30 + name.len()) as u64 + size;
        }
        zip.end = zip_end(members.len() as u64, zip.centrals.concat().len() as u64, offset);
        zip
    }

    pub fn bytes(&self) -> Vec<u8> {
        let members: Vec<u8> = self.locals.iter().zip(&self.contents).flat_map(|(l, c)| [&l[..], c].concat()).collect();
        [members, self.centrals.concat(), self.end.clone()].concat()
    }

    /// With end records that fit the members and the directory as they are.
    pub fn with_end(mut self) -> Self {
        let offset: usize = self.locals.iter().chain(&self.contents).map(Vec::len).sum();
        self.end = zip_end(self.centrals.len() as u64, self.centrals.concat().len() as u64, offset as u64);
        self
    }
}

/// Where a member's local header begins.
pub fn place_of(members: &[(String, Vec<u8>)], name: &str) -> usize {
    members.iter().take_while(|member| member.0 != name).map(|(name, bytes)| 30 + name.len() + bytes.len()).sum()
}
