//! The names of one directory in the order of a bundle: all of them in one block of memory, each ended by a 0 byte.

use std::ffi::CStr;
use std::os::fd::BorrowedFd;

use rustix::fs::RawDir;
use rustix::io::Errno;

/// Bytes that the kernel is asked for at a time.
const BLOCK_LEN: usize = 256 * 1024;

/// The names of one directory, ascending by raw bytes, to be taken one by one.
#[derive(Default)]
pub(super) struct Listing {
    names: Vec<u8>,
    /// Where each name starts, in the order of a bundle.
    starts: Vec<usize>,
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
    pub(super) fn read(dir: BorrowedFd<'_>, block: &mut Block, name_len_max: usize) -> (Self, Option<Errno>) {
        let mut listing = Self::default();
        let mut missing = None;
        let mut entries = RawDir::new(dir, block.0.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => match listing.add(entry.file_name(), name_len_max) {
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
        listing.sort();
        (listing, missing)
    }

    fn add(&mut self, name: &CStr, name_len_max: usize) -> Result<(), Errno> {
        let bytes = name.to_bytes();
        match bytes {
            b"." | b".." => Ok(()),
            // No sound file system lists these, and no name may lead out of its directory.
            b"" => Err(Errno::IO),
            _ if bytes.contains(&b'/') => Err(Errno::IO),
            _ if bytes.len() > name_len_max => Err(Errno::NAMETOOLONG),
            _ => {
                self.starts.push(self.names.len());
                self.names.extend_from_slice(name.to_bytes_with_nul());
                Ok(())
            }
        }
    }

    fn sort(&mut self) {
        let Self { names, starts, .. } = self;
        // Whole tails may be compared: two names differ at the 0 byte of the shorter one at the latest.
        starts.sort_unstable_by(|&a, &b| names[a..].cmp(&names[b..]));
        // A name that is listed twice, as may happen while others write, is still one entry.
        starts.dedup_by(|&mut a, &mut b| name_at(names, a) == name_at(names, b));
        names.shrink_to_fit();
        starts.shrink_to_fit();
    }

    /// The next name.
    pub(super) fn next(&mut self) -> Option<&CStr> {
        let start = *self.starts.get(self.taken)?;
        self.taken += 1;
        name_at(&self.names, start)
    }
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
            listing.add(name, 5).unwrap();
        }
        listing.sort();
        std::iter::from_fn(|| listing.next().map(|name| name.to_bytes().to_vec())).collect()
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
        assert_eq!(listing.add(c"..", 5), Ok(()));
        assert_eq!(listing.add(c"a/b", 5), Err(Errno::IO));
        assert_eq!(listing.add(c"", 5), Err(Errno::IO));
        assert_eq!(listing.add(c"sixsix", 5), Err(Errno::NAMETOOLONG));
        assert!(listing.next().is_none());
    }
}
