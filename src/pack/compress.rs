//! One Zstandard frame at a time, in the one form that SPEC.md ZST-1 allows.

use zstd_safe::{CCtx, CParameter, ErrorCode, compress_bound};

use crate::format::zstd_frame::allocated;
use crate::hash::is_zeros;

/// A reusable compression context.
pub struct FrameCompressor {
    context: CCtx<'static>,
    /// The frame of so many zeros: most frames of a disk are alike.
    zeros: Option<(usize, Vec<u8>)>,
}

/// The compressor could not do it: it ran out of memory, or the level is not one of its levels.
#[derive(Debug, thiserror::Error)]
#[error("zstd: {}", zstd_safe::get_error_name(self.0))]
pub struct CompressError(ErrorCode);

impl FrameCompressor {
    /// At a level of zstd's own scale.
    pub fn new(level: i32) -> Result<Self, CompressError> {
        let mut context = allocated(CCtx::try_create());
        let parameters = [
            CParameter::CompressionLevel(level),
            CParameter::ContentSizeFlag(true),
            CParameter::ChecksumFlag(true),
            CParameter::DictIdFlag(false),
        ];
        for parameter in parameters {
            context.set_parameter(parameter).map_err(CompressError)?;
        }
        Ok(Self { context, zeros: None })
    }

    /// Appends the frame of these bytes, at least an empty one.
    pub fn append(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        if !is_zeros(plain) {
            return self.compress(plain, out);
        }
        if let Some((len, frame)) = &self.zeros
            && *len == plain.len()
        {
            out.extend_from_slice(frame);
            return Ok(());
        }
        let start = out.len();
        self.compress(plain, out)?;
        self.zeros = Some((plain.len(), out[start..].to_vec()));
        Ok(())
    }

    fn compress(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let start = out.len();
        out.reserve(compress_bound(plain.len()));
        let mut frame = zstd_safe::OutBuffer::around_pos(out, start);
        let mut input = zstd_safe::InBuffer::around(plain);
        self.context.set_pledged_src_size(Some(plain.len() as u64)).map_err(CompressError)?;
        // With room for the worst case, one call with `e_end` finishes the frame.
        let left = self
            .context
            .compress_stream2(&mut frame, &mut input, zstd_safe::zstd_sys::ZSTD_EndDirective::ZSTD_e_end)
            .map_err(CompressError)?;
        debug_assert_eq!(left, 0);
        Ok(())
    }
}

/// Name and version of the compressor, for the statement's parameters.
pub fn compressor_name() -> String {
    format!("zstd {}", zstd_safe::version_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::zstd_frame;

    #[test]
    fn the_frame_of_zeros_is_the_same_whether_remembered_or_not() {
        let mut compressor = FrameCompressor::new(3).unwrap();
        for len in [100_000, 100_000, 5000, 100_000, 0] {
            let zeros = vec![0; len];
            let (mut out, mut fresh) = (b"before".to_vec(), b"before".to_vec());
            compressor.append(&zeros, &mut out).unwrap();
            FrameCompressor::new(3).unwrap().append(&zeros, &mut fresh).unwrap();
            assert_eq!(out, fresh, "{len} zeros");
            compressor.append(b"something else", &mut out).unwrap();
        }
    }

    #[test]
    fn frames_follow_one_another_and_declare_their_size() {
        let mut compressor = FrameCompressor::new(3).unwrap();
        let mut out = Vec::new();
        compressor.append(b"", &mut out).unwrap();
        let first_len = out.len();
        compressor.append(&[5; 100_000], &mut out).unwrap();
        assert_eq!(zstd_frame::content_len(&out), Ok(0));
        assert_eq!(zstd_frame::content_len(&out[first_len..]), Ok(100_000));
        assert_eq!(zstd::decode_all(&out[..]).unwrap(), vec![5; 100_000]);
    }
}
