//! From entries to frames: the tar is cut as SPEC.md section 3 says, filled straight from the sources, hashed and
//! compressed a frame at a time.
//!
//! [`Packer`] runs on the one thread that reads; [`FrameWorker`] on as many as there are. What ties them is a
//! [`PlainFrame`]: the bytes, and what is known of the entries that they hold.

mod compress;
mod frame;
mod packer;
mod pool;
mod worker;

pub use compress::{CompressError, FrameCompressor, compressor_name};
pub use frame::{Finished, LargePiece, Part, PlainFrame, SegmentStart};
pub use packer::{FrameSink, Packer, Stopped};
pub use pool::{Buffer, Pool};
pub use worker::{ChunkDigests, Compressed, Digests, DoneFrame, DoneLine, DonePart, FrameWorker};
