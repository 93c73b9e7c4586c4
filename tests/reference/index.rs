//! Index parts (section 6), byte by byte.

use super::cuts::{Piece, Segment};
use super::digest::{chain_values, chunk_digests, sha256};
use super::hmac::blind_of;
use super::tar::content_in_tar;
use super::{Entry, Params};

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_u32(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&u32::try_from(value).expect("a frame is shorter than 2^32").to_le_bytes());
}

/// A count, then the items.
fn put_arrays(out: &mut Vec<u8>, items: &[[u8; 32]]) {
    put_u64(out, items.len() as u64);
    for item in items {
        out.extend_from_slice(item);
    }
}

/// [IDX-1] FileChunks. A piece starts at a chunk, because F is a multiple of C [STM-2].
fn put_file(out: &mut Vec<u8>, piece: &Piece, entries: &[Entry], params: &Params, seed: &[u8; 32]) {
    let entry = &entries[piece.entry];
    let content = content_in_tar(entry);
    assert!(piece.start.is_multiple_of(params.chunk));
    let first = piece.start / params.chunk;
    let end = (piece.start + piece.len).div_ceil(params.chunk);
    let range = first as usize..end as usize;
    put_u64(out, piece.entry as u64);
    put_u64(out, first);
    out.extend_from_slice(&blind_of(seed, &entry.path));
    put_arrays(out, &chunk_digests(content, params.chunk)[range.clone()]);
    if params.whole_file_digest {
        put_arrays(out, &chain_values(content, params.chunk)[range]);
    } else {
        put_arrays(out, &[]);
    }
}

/// The member `index/NNNNNNNN.bin` of segment number `number` [IDX-1], [IDX-2].
/// `stored` are the compressed frames of its payload, in order.
pub fn index_part(
    number: u64,
    segment: &Segment,
    stored: &[Vec<u8>],
    entries: &[Entry],
    params: &Params,
    seed: &[u8; 32],
) -> Vec<u8> {
    let mut out = b"SCELIDX1".to_vec();
    put_u64(&mut out, number);
    put_u64(&mut out, segment.tar_offset);
    let (first_entry, skip) = segment.first.unwrap_or((entries.len(), 0));
    put_u64(&mut out, first_entry as u64);
    put_u64(&mut out, skip);
    put_u64(&mut out, segment.lines.len() as u64);
    assert_eq!(stored.len(), segment.frames.len());
    put_u64(&mut out, stored.len() as u64);
    for (stored, plain) in stored.iter().zip(&segment.frames) {
        put_u32(&mut out, stored.len());
        put_u32(&mut out, plain.len());
        out.extend_from_slice(&sha256(stored));
    }
    put_arrays(&mut out, &chain_values(&stored.concat(), params.chunk));
    let mut files: Vec<&Piece> = Vec::new();
    for piece in &segment.pieces {
        // A piece is of a file or disk that is not a hard link; it has chunks_root if it is longer than C.
        if content_in_tar(&entries[piece.entry]).len() as u64 > params.chunk {
            files.push(piece);
        }
    }
    put_u64(&mut out, files.len() as u64);
    for piece in files {
        put_file(&mut out, piece, entries, params, seed);
    }
    out
}
