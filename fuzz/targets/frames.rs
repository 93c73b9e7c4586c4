//! Zstandard frames taken apart and made by the library that both sides trust, without the verifier.

/// The whole frames at the front, compressed; none if what is there is no frame.
pub fn split(mut stored: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Ok(len) = zstd_safe::find_frame_compressed_size(stored)
        && (1..=stored.len()).contains(&len)
    {
        frames.push(stored[..len].to_vec());
        stored = &stored[len..];
    }
    frames
}

/// What a frame holds, if it says how much and that is no more than `len_max`.
pub fn decode(frame: &[u8], len_max: usize) -> Option<Vec<u8>> {
    let len = zstd_safe::get_frame_content_size(frame).ok()??;
    let mut plain = Vec::with_capacity(usize::try_from(len).ok().filter(|len| *len <= len_max)?);
    zstd_safe::decompress(&mut plain, frame).ok()?;
    Some(plain)
}

/// What all frames of a member hold.
pub fn decode_all(stored: &[u8], len_max: usize) -> Option<Vec<u8>> {
    let frames = split(stored);
    let whole = frames.iter().map(Vec::len).sum::<usize>() == stored.len();
    let plain: Option<Vec<_>> = frames.iter().map(|frame| decode(frame, len_max)).collect();
    plain.filter(|_| whole).map(|plain| plain.concat())
}

/// A frame with, or without, what the format asks for.
pub fn encode(plain: &[u8], level: i32, content_size: bool, checksum: bool) -> Vec<u8> {
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::CompressionLevel(level)).expect("a level");
    context.set_parameter(zstd_safe::CParameter::ContentSizeFlag(content_size)).expect("a flag");
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(checksum)).expect("a flag");
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
    context.compress2(&mut out, plain).expect("room");
    out
}
