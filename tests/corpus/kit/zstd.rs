//! Zstandard frames written by hand (RFC 8878): blocks as they are, and a header that can be wrong.

use crate::reference::zstd_frame;

pub struct Header {
    /// The window is 2^this bytes; none for a frame that is its own window.
    pub window_log: Option<u8>,
    pub has_checksum: bool,
    /// The content size that the header declares, in four bytes.
    pub size: Option<u32>,
    pub dictionary: Option<u8>,
    pub reserved: bool,
}

impl Header {
    /// A sound one over this content.
    pub fn over(plain: &[u8]) -> Self {
        Self {
            window_log: Some(10),
            has_checksum: true,
            size: Some(plain.len() as u32),
            dictionary: None,
            reserved: false,
        }
    }

    /// The frame.
    pub fn frame(&self, plain: &[u8]) -> Vec<u8> {
        let mut descriptor = 0;
        descriptor |= if self.size.is_some() { 2 << 6 } else { 0 };
        descriptor |= if self.window_log.is_none() { 1 << 5 } else { 0 };
        descriptor |=
            u8::from(self.reserved) << 3 | u8::from(self.has_checksum) << 2 | u8::from(self.dictionary.is_some());
        let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, descriptor];
        out.extend(self.window_log.map(|log| (log - 10) << 3));
        out.extend(self.dictionary);
        out.extend(self.size.map(u32::to_le_bytes).into_iter().flatten());
        // No block is longer than the smallest window.
        let blocks: Vec<_> = plain.chunks(1024).collect();
        for (i, block) in blocks.iter().enumerate() {
            let is_last = u32::from(i + 1 == blocks.len());
            out.extend_from_slice(&((block.len() as u32) << 3 | is_last).to_le_bytes()[..3]);
            out.extend_from_slice(block);
        }
        if self.has_checksum {
            // The same content has the same checksum, whoever compresses it.
            let whole = zstd_frame(plain, 1);
            out.extend_from_slice(&whole[whole.len() - 4..]);
        }
        out
    }
}
