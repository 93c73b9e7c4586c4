//! Bytes at rest that can be read at any offset and are never changed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// Bytes at rest: a file, a part of one, or memory.
pub trait Bytes: Send + Sync {
    /// Length in bytes, as it was when they were opened.
    fn len_bytes(&self) -> u64;

    /// Reads at an offset, like `pread`: fewer bytes than asked for are not an error, 0 is the end.
    fn read_at(&self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize>;
}

/// Fills the buffer from an offset. An end before that is an error of kind `UnexpectedEof`: callers ask only for bytes
/// that were there when the bundle was opened, so the file has been cut since.
pub fn read_exact_at(bytes: &dyn Bytes, mut buf: &mut [u8], mut offset_bytes: u64) -> io::Result<()> {
    while !buf.is_empty() {
        match bytes.read_at(buf, offset_bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                buf = buf.get_mut(n..).unwrap_or_default();
                offset_bytes += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Bytes for Vec<u8> {
    fn len_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset_bytes).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let len = buf.len().min(rest.len());
        buf[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
}

/// An open file.
pub struct FileBytes {
    file: File,
    len: u64,
}

impl FileBytes {
    /// Takes the length that the file has now.
    pub fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }

    /// The file again.
    pub fn into_file(self) -> File {
        self.file
    }
}

impl Bytes for FileBytes {
    fn len_bytes(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        self.file.read_at(buf, offset_bytes)
    }
}

/// A part of other bytes: a member of the file form.
pub struct Part {
    whole: Arc<dyn Bytes>,
    offset: u64,
    len: u64,
}

impl Part {
    /// The `len` bytes from `offset` on.
    pub fn new(whole: Arc<dyn Bytes>, offset: u64, len: u64) -> Self {
        Self { whole, offset, len }
    }
}

impl Bytes for Part {
    fn len_bytes(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let rest = self.len.saturating_sub(offset_bytes);
        let len = usize::try_from(rest).unwrap_or(usize::MAX).min(buf.len());
        let offset = self.offset.checked_add(offset_bytes).ok_or(io::ErrorKind::InvalidInput)?;
        self.whole.read_at(&mut buf[..len], offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_where_it_ends() {
        let part = Part::new(Arc::new(b"0123456789".to_vec()), 2, 5);
        let mut buf = [0; 5];
        read_exact_at(&part, &mut buf, 0).unwrap();
        assert_eq!(&buf, b"23456");
        assert_eq!(part.read_at(&mut buf, 3).unwrap(), 2);
        assert_eq!(part.read_at(&mut buf, 9).unwrap(), 0);
        let error = read_exact_at(&part, &mut buf, 1).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
