//! SHA-256 by FIPS 180-4, chunks and chain values (section 14).

/// The eight words that SHA-256 carries from block to block.
pub type State = [u32; 8];

/// FIPS 180-4, 5.3.3.
pub const INITIAL: State =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// FIPS 180-4, 4.2.2.
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

/// FIPS 180-4, 6.2.2: takes one block of 64 bytes into the state.
pub fn compress(state: &mut State, block: &[u8]) {
    assert_eq!(block.len(), 64);
    let mut w = [0u32; 64];
    for t in 0..16 {
        w[t] = u32::from_be_bytes([block[4 * t], block[4 * t + 1], block[4 * t + 2], block[4 * t + 3]]);
    }
    for t in 16..64 {
        let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
        let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
        w[t] = s1.wrapping_add(w[t - 7]).wrapping_add(s0).wrapping_add(w[t - 16]);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let big1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let ch = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(big1).wrapping_add(ch).wrapping_add(K[t]).wrapping_add(w[t]);
        let big0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let maj = (a & b) ^ (a & c) ^ (b & c);
        let t2 = big0.wrapping_add(maj);
        h = g;
        g = f;
        f = e;
        e = d.wrapping_add(t1);
        d = c;
        c = b;
        b = a;
        a = t1.wrapping_add(t2);
    }
    let worked = [a, b, c, d, e, f, g, h];
    for i in 0..8 {
        state[i] = state[i].wrapping_add(worked[i]);
    }
}

/// The eight words, big-endian [CHN-1].
pub fn state_bytes(state: &State) -> [u8; 32] {
    let mut out = [0u8; 32];
    for i in 0..8 {
        out[4 * i..4 * i + 4].copy_from_slice(&state[i].to_be_bytes());
    }
    out
}

/// FIPS 180-4, 5.1.1: the message, 0x80, zeros, the length in bits as u64 big-endian.
fn padded(message: &[u8]) -> Vec<u8> {
    let mut out = message.to_vec();
    out.push(0x80);
    while out.len() % 64 != 56 {
        out.push(0);
    }
    out.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    out
}

pub fn sha256(message: &[u8]) -> [u8; 32] {
    let mut state = INITIAL;
    for block in padded(message).chunks(64) {
        compress(&mut state, block);
    }
    state_bytes(&state)
}

/// Content in chunks of `chunk` bytes, the last with what is left.
pub fn chunks(content: &[u8], chunk: u64) -> Vec<&[u8]> {
    content.chunks(chunk as usize).collect()
}

/// The plain SHA-256 of each chunk.
pub fn chunk_digests(content: &[u8], chunk: u64) -> Vec<[u8; 32]> {
    chunks(content, chunk).into_iter().map(sha256).collect()
}

/// The chain value at the start of each chunk [CHN-1], [CHN-2]; for no content the one at offset 0,
/// which is the max(1, ceil(length / C)) values of [IDX-2].
pub fn chain_values(content: &[u8], chunk: u64) -> Vec<[u8; 32]> {
    assert!(chunk > 0 && chunk.is_multiple_of(64));
    let mut state = INITIAL;
    let mut values = vec![state_bytes(&state)];
    let mut offset = 0;
    while offset + 64 <= content.len() {
        compress(&mut state, &content[offset..offset + 64]);
        offset += 64;
        if (offset as u64).is_multiple_of(chunk) && offset < content.len() {
            values.push(state_bytes(&state));
        }
    }
    values
}

/// Lower case hex (section 1).
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        out.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        out.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
    }
    out
}
