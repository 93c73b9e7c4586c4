//! The header of a Zstandard frame (RFC 8878 section 3.1.1), read before any decoder sees the frame (SPEC.md ZST-1).

use std::alloc::{Layout, handle_alloc_error};

use crate::limits::WINDOW_LEN_MAX;

const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
const CHECKSUM_FLAG: u8 = 0b100;
const SINGLE_SEGMENT_FLAG: u8 = 0b10_0000;

/// Why the header of a frame is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameHeaderError {
    /// It does not begin with the magic number.
    #[error("not a Zstandard frame")]
    Magic,
    /// Cut in the header.
    #[error("ends within its header")]
    Cut,
    /// A dictionary, a reserved bit, no checksum, or no content size.
    #[error("{0}")]
    Flags(&'static str),
    /// The decoder would need more memory than SPEC.md allows.
    #[error("a window of {0} bytes")]
    Window(u64),
}

/// About what a codec's context takes, in bytes; for the message only.
const CONTEXT_LEN: usize = 100 << 10;

/// A codec's context. If there is no memory for one, all ends as where any other allocation fails.
pub fn allocated<T>(context: Option<T>) -> T {
    context.unwrap_or_else(|| handle_alloc_error(Layout::new::<[u8; CONTEXT_LEN]>()))
}

/// Length of a frame's plain content in bytes, as its header declares it.
pub fn content_len(frame: &[u8]) -> Result<u64, FrameHeaderError> {
    let rest = frame.strip_prefix(&MAGIC).ok_or(FrameHeaderError::Magic)?;
    let (&descriptor, mut rest) = rest.split_first().ok_or(FrameHeaderError::Cut)?;
    let single_segment = descriptor & SINGLE_SEGMENT_FLAG != 0;
    if descriptor & 0b11 != 0 {
        return Err(FrameHeaderError::Flags("names a dictionary"));
    }
    if descriptor & CHECKSUM_FLAG == 0 {
        return Err(FrameHeaderError::Flags("has no checksum"));
    }
    if descriptor & 0b1_1000 != 0 {
        return Err(FrameHeaderError::Flags("has a reserved bit set"));
    }
    let mut window = None;
    if !single_segment {
        let (&byte, after) = rest.split_first().ok_or(FrameHeaderError::Cut)?;
        let base = 1u64 << (10 + (byte >> 3));
        window = Some(base + (base / 8) * u64::from(byte & 7));
        rest = after;
    }
    let len = match (descriptor >> 6, single_segment) {
        (0, false) => return Err(FrameHeaderError::Flags("does not say its content's size")),
        (0, true) => u64::from(u8::from_le_bytes(field(rest)?)),
        (1, _) => u64::from(u16::from_le_bytes(field(rest)?)) + 256,
        (2, _) => u64::from(u32::from_le_bytes(field(rest)?)),
        (_, _) => u64::from_le_bytes(field(rest)?),
    };
    match window.unwrap_or(len) {
        window if window > WINDOW_LEN_MAX => Err(FrameHeaderError::Window(window)),
        _ => Ok(len),
    }
}

fn field<const N: usize>(bytes: &[u8]) -> Result<[u8; N], FrameHeaderError> {
    bytes.first_chunk().copied().ok_or(FrameHeaderError::Cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compress(plain: &[u8], content_size: bool, checksum: bool) -> Vec<u8> {
        let mut cctx = zstd_safe::CCtx::create();
        cctx.set_parameter(zstd_safe::CParameter::ContentSizeFlag(content_size)).unwrap();
        cctx.set_parameter(zstd_safe::CParameter::ChecksumFlag(checksum)).unwrap();
        let mut out = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
        cctx.compress2(&mut out, plain).unwrap();
        out
    }

    #[test]
    fn every_width_of_content_size_is_read() {
        for len in [0, 1, 255, 256, 65_791, 65_792, 1 << 20] {
            assert_eq!(content_len(&compress(&vec![7; len], true, true)), Ok(len as u64));
        }
    }

    #[test]
    fn frames_without_size_checksum_or_with_trailing_flags_are_refused() {
        assert!(content_len(&compress(b"abc", false, true)).is_err());
        assert!(content_len(&compress(b"abc", true, false)).is_err());
        assert_eq!(content_len(b"\x50\x2a\x4d\x18\0\0\0\0"), Err(FrameHeaderError::Magic));
        let good = compress(b"abc", true, true);
        for len in 0..6 {
            assert!(content_len(&good[..len]).is_err());
        }
        let mut reserved = good.clone();
        reserved[4] |= 8;
        assert!(content_len(&reserved).is_err());
    }

    #[test]
    fn a_window_over_the_limit_is_refused_before_decoding() {
        let mut frame = MAGIC.to_vec();
        frame.extend_from_slice(&[0b1100_0100, 0xff]);
        frame.extend_from_slice(&[0; 8]);
        assert!(matches!(content_len(&frame), Err(FrameHeaderError::Window(_))));
    }

    /// LIM-14: 8 MiB, and the next window that a header can name.
    #[test]
    fn a_window_is_allowed_up_to_its_limit() {
        let windowed = |byte| content_len(&[&MAGIC[..], &[0b1000_0100, byte, 0, 0, 0, 0]].concat());
        assert_eq!(windowed(13 << 3), Ok(0));
        assert_eq!(windowed(13 << 3 | 1), Err(FrameHeaderError::Window(9 << 20)));
        let alone = |len: u32| content_len(&[&MAGIC[..], &[0b1010_0100], &len.to_le_bytes()].concat());
        assert_eq!(alone(8 << 20), Ok(8 << 20));
        assert_eq!(alone((8 << 20) + 1), Err(FrameHeaderError::Window((8 << 20) + 1)));
    }
}
