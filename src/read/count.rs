//! How much there is to read, counted beside the reading for the progress bar.

use std::collections::HashSet;
use std::ffi::CStr;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::fs::{FileType, Statx};
use rustix::io::Errno;

use super::ancestors::{Ancestors, Directory, child_name_len_max};
use super::listing::{Block, Listing, Order};
use super::open::{FileId, file_type, open_dir_traceless, stat_at, stat_of};
use super::scope::{Scope, SourceRoot};
use crate::format::path::EntryPath;

/// What was counted so far.
#[derive(Debug, Default)]
pub struct Totals {
    /// Files, each once however many names it has.
    pub files: AtomicU64,
    /// Bytes in them.
    pub bytes: AtomicU64,
    /// Whether everything was counted. Stays false if the count was cancelled, or if something could not be counted
    /// without leaving a trace (an access time that the reading is yet to record).
    pub done: AtomicBool,
}

/// Counts files and bytes of a scope until the end or until `cancel` is set.
pub fn count(scope: &Scope, totals: &Totals, cancel: &AtomicBool) {
    let mut counter = Counter { totals, linked: HashSet::new(), block: Block::new(), is_exact: true };
    for source in scope.sources() {
        let only_device = scope.one_file_system().then_some(source.id.device);
        if !counter.source(scope, source, only_device, cancel) {
            return;
        }
    }
    totals.done.store(counter.is_exact, Ordering::Release);
}

struct Counter<'a> {
    totals: &'a Totals,
    /// Files with several names, as far as met.
    linked: HashSet<FileId>,
    block: Block,
    is_exact: bool,
}

impl Counter<'_> {
    /// False if it was cancelled.
    fn source(
        &mut self,
        scope: &Scope,
        source: &SourceRoot,
        only_device: Option<(u32, u32)>,
        cancel: &AtomicBool,
    ) -> bool {
        let mut ancestors = Ancestors::default();
        let Some(path) = EntryPath::new(source.name().to_vec()) else { return true };
        self.disk(source);
        if let Some(root) = self.look(source.parent.as_fd(), &source.leaf, &path, only_device) {
            ancestors.push(root, source.name());
        }
        let mut name = Vec::new();
        while !ancestors.is_empty() {
            if cancel.load(Ordering::Relaxed) {
                return false;
            }
            if ancestors.next_name(&mut name).is_none() {
                ancestors.pop();
                continue;
            }
            let Ok(child) = CStr::from_bytes_with_nul(&name) else { continue };
            let Some(path) = ancestors.child_path(child.to_bytes()) else { continue };
            if scope.excludes(path.as_bytes()) {
                continue;
            }
            let Ok(dir) = ancestors.handle() else { continue };
            if let Some(directory) = self.look(dir, child, &path, only_device)
                && !ancestors.contains(directory.id)
            {
                ancestors.push(directory, child.to_bytes());
            }
        }
        true
    }

    /// Counts a block device that is a source, by what the kernel tells without opening it.
    fn disk(&self, source: &SourceRoot) {
        let Ok(stat) = stat_at(source.parent.as_fd(), &source.leaf) else { return };
        if file_type(&stat) == FileType::BlockDevice {
            let told =
                fs::read_to_string(format!("/sys/dev/block/{}:{}/size", stat.stx_rdev_major, stat.stx_rdev_minor));
            // In units of 512 bytes, whatever its sectors.
            let blocks: u64 = told.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            self.totals.files.fetch_add(1, Ordering::Relaxed);
            self.totals.bytes.fetch_add(blocks.saturating_mul(512), Ordering::Relaxed);
        }
    }

    /// Counts a file, or lists a directory.
    fn look(
        &mut self,
        dir: BorrowedFd<'_>,
        name: &CStr,
        path: &EntryPath,
        only_device: Option<(u32, u32)>,
    ) -> Option<Directory> {
        let stat = stat_at(dir, name).ok()?;
        match file_type(&stat) {
            FileType::RegularFile => {
                self.add(&stat);
                None
            }
            FileType::Directory if only_device.is_none_or(|device| device == FileId::of(&stat).device) => {
                let handle = match open_dir_traceless(dir, name) {
                    Ok(handle) => handle,
                    Err(why) => {
                        self.is_exact &= why != Errno::PERM;
                        return None;
                    }
                };
                let id = FileId::of(&stat_of(handle.as_fd()).ok()?);
                let (listing, _) =
                    Listing::read(handle.as_fd(), &mut self.block, child_name_len_max(path), Order::Names);
                Some(Directory { handle, id, listing })
            }
            _ => None,
        }
    }

    fn add(&mut self, stat: &Statx) {
        if stat.stx_nlink >= 2 && !self.linked.insert(FileId::of(stat)) {
            return;
        }
        self.totals.files.fetch_add(1, Ordering::Relaxed);
        self.totals.bytes.fetch_add(stat.stx_size, Ordering::Relaxed);
    }
}
