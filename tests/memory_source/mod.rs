//! A source whose entries and bytes are in memory, so that every byte of metadata is known beforehand.
#![allow(dead_code)]

use std::collections::VecDeque;
use std::io;

use scelle::format::entry::{Changed, Entry, Kind};
use scelle::format::path::EntryPath;
use scelle::format::time::Timestamp;
use scelle::read::{Content, Found, Source};

/// One entry with its content.
#[derive(Clone, Debug)]
pub struct Item {
    pub entry: Entry,
    pub content: Option<Vec<u8>>,
}

impl Item {
    pub fn new(path: &[u8], kind: Kind) -> Self {
        let path = EntryPath::new(path.to_vec()).expect("a path");
        let mut entry = Entry::bare(path, kind);
        entry.mode = if kind == Kind::Dir { 0o755 } else { 0o644 };
        entry.mtime = Timestamp::new(1_700_000_000, 0).expect("a time");
        Self { entry, content: None }
    }

    pub fn dir(path: &[u8]) -> Self {
        Self::new(path, Kind::Dir)
    }

    pub fn file(path: &[u8], content: Vec<u8>) -> Self {
        let mut item = Self::new(path, Kind::File);
        item.entry.size = Some(content.len() as u64);
        item.content = Some(content);
        item
    }

    pub fn symlink(path: &[u8], target: &[u8]) -> Self {
        let mut item = Self::new(path, Kind::Symlink);
        item.entry.link = Some(target.to_vec());
        item
    }
}

/// Gives its items in order.
pub struct MemorySource(pub VecDeque<Item>);

impl MemorySource {
    pub fn new(items: &[Item]) -> Self {
        Self(items.iter().cloned().collect())
    }
}

impl Source for MemorySource {
    fn next(&mut self) -> Option<Found> {
        let Item { entry, content } = self.0.pop_front()?;
        Some(Found { entry, content: content.map(|bytes| Box::new(MemoryContent(bytes)) as Box<dyn Content>) })
    }
}

struct MemoryContent(Vec<u8>);

impl Content for MemoryContent {
    fn read_at(&mut self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset_bytes).ok().and_then(|offset| self.0.get(offset..)).unwrap_or_default();
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn changed(&mut self) -> Option<Changed> {
        None
    }
}
