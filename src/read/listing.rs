//! The names of one directory in order: all of them in one block of memory, each ended by a 0 byte.

use std::ffi::CStr;
use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, RawDir};
use rustix::io::Errno;

use super::open::{file_type as type_of, stat_at};

/// Bytes that the kernel is asked for at a time.
const BLOCK_LEN: usize = 256 * 1024;

/// The order of the names of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// By raw bytes of the names: the order of a bundle.
    Names,
    /// By raw bytes of the paths of all files below: a directory stands where its name followed by `/` does.
    Paths,
}

/// The names of one directory, to be taken one by one.
#[derive(Default)]
pub(super) struct Listing {
    names: Vec<u8>,
    /// Where each name starts, and what the directory says it is, in order.
    starts: Vec<(usize, FileType)>,
    taken: usize,
}

/// Memory for what the kernel hands over, to be used for one directory after the other.
pub(super) struct Block(Vec<u8>);

impl Block {
    /// An empty block.
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(BLOCK_LEN))
    }
}

impl Listing {
    /// Lists a directory, leaving out names of more than `name_len_max` bytes. The names as far as they could be
    /// listed, and why some are missing.
    pub(super) fn read(
        dir: BorrowedFd<'_>,
        block: &mut Block,
        name_len_max: usize,
        order: Order,
    ) -> (Self, Option<Errno>) {
        let mut listing = Self::default();
        let mut missing = None;
        let mut entries = RawDir::new(dir, block.0.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => match listing.add(entry.file_name(), entry.file_type(), name_len_max) {
                    Ok(()) => {}
                    Err(why) => missing = missing.or(Some(why)),
                },
                Err(Errno::INTR) => {}
                Err(why) => {
                    missing = Some(why);
                    break;
                }
            }
        }
        if order == Order::Paths {
            listing.ask_for_types(dir);
        }
        listing.sort(order);
        (listing, missing)
    }

    fn add(&mut self, name: &CStr, file_type: FileType, name_len_max: usize) -> Result<(), Errno> {
        let bytes = name.to_bytes();
        match bytes {
            b"." | b".." => Ok(()),
            // No sound file system lists these, and no name may lead out of its directory.
            b"" => Err(Errno::IO),
            _ if bytes.contains(&b'/') => Err(Errno::IO),
            _ if bytes.len() > name_len_max => Err(Errno::NAMETOOLONG),
            _ => {
                self.starts.push((self.names.len(), file_type));
                self.names.extend_from_slice(name.to_bytes_with_nul());
                Ok(())
            }
        }
    }

    /// Asks for the types that the directory did not tell, which the order of paths depends on.
    fn ask_for_types(&mut self, dir: BorrowedFd<'_>) {
        let Self { names, starts, .. } = self;
        for (start, file_type) in starts.iter_mut().filter(|(_, file_type)| *file_type == FileType::Unknown) {
            if let Some(Ok(stat)) = name_at(names, *start).map(|name| stat_at(dir, name)) {
                *file_type = type_of(&stat);
            }
        }
    }

    fn sort(&mut self, order: Order) {
        let Self { names, starts, .. } = self;
        match order {
            // Whole tails may be compared: two names differ at the 0 byte of the shorter one at the latest.
            Order::Names => starts.sort_unstable_by(|&(a, _), &(b, _)| names[a..].cmp(&names[b..])),
            Order::Paths => starts.sort_unstable_by(|&a, &b| path_bytes(names, a).cmp(path_bytes(names, b))),
        }
        // A name that is listed twice, as may happen while others write, is still one entry.
        starts.dedup_by(|a, b| name_at(names, a.0) == name_at(names, b.0));
        names.shrink_to_fit();
        starts.shrink_to_fit();
    }

    /// The next name, and what the directory says it is; many file systems do not say.
    pub(super) fn next(&mut self) -> Option<(&CStr, FileType)> {
        let &(start, file_type) = self.starts.get(self.taken)?;
        self.taken += 1;
        Some((name_at(&self.names, start)?, file_type))
    }
}

/// What the paths below a name have in common.
fn path_bytes(names: &[u8], (start, file_type): (usize, FileType)) -> impl Iterator<Item = u8> {
    let name = name_at(names, start).unwrap_or_default().to_bytes();
    name.iter().copied().chain((file_type == FileType::Directory).then_some(b'/'))
}

fn name_at(names: &[u8], start: usize) -> Option<&CStr> {
    CStr::from_bytes_until_nul(names.get(start..)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(names: &[&CStr]) -> Vec<Vec<u8>> {
        let mut listing = Listing::default();
        for name in names {
            listing.add(name, FileType::RegularFile, 5).unwrap();
        }
        taken(listing, Order::Names)
    }

    fn taken(mut listing: Listing, order: Order) -> Vec<Vec<u8>> {
        listing.sort(order);
        std::iter::from_fn(|| listing.next().map(|(name, _)| name.to_bytes().to_vec())).collect()
    }

    #[test]
    fn in_the_order_of_paths_a_directory_stands_where_its_children_do() {
        let mut listing = Listing::default();
        for (name, file_type) in [
            (c"a", FileType::Directory),
            (c"a-b", FileType::RegularFile),
            (c"a.b", FileType::RegularFile),
            (c"a0", FileType::RegularFile),
            (c"A", FileType::RegularFile),
        ] {
            listing.add(name, file_type, 5).unwrap();
        }
        assert_eq!(taken(listing, Order::Paths), [&b"A"[..], b"a-b", b"a.b", b"a", b"a0"]);
    }

    #[test]
    fn names_ascend_by_raw_bytes_and_a_prefix_stands_first() {
        assert_eq!(
            listed(&[c"b", c"ab", c"a", c"a.b", c"a-b", c"\xff", c"A", c"\x01"]),
            [&b"\x01"[..], b"A", b"a", b"a-b", b"a.b", b"ab", b"b", b"\xff"]
        );
    }

    #[test]
    fn a_name_listed_twice_is_one_entry() {
        assert_eq!(listed(&[c"b", c"a", c"b", c"bb", c"a"]), [&b"a"[..], b"b", b"bb"]);
    }

    #[test]
    fn names_that_could_lead_elsewhere_are_left_out() {
        let mut listing = Listing::default();
        assert_eq!(listing.add(c"..", FileType::Unknown, 5), Ok(()));
        assert_eq!(listing.add(c"a/b", FileType::Unknown, 5), Err(Errno::IO));
        assert_eq!(listing.add(c"", FileType::Unknown, 5), Err(Errno::IO));
        assert_eq!(listing.add(c"sixsix", FileType::Unknown, 5), Err(Errno::NAMETOOLONG));
        assert!(listing.next().is_none());
    }
}
