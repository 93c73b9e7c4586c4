//! Writes bundles that were changed on the way or forged by their signer, the same ones for the same seed number:
//! `mutants DIRECTORY SEED COUNT`. Beside them stand the public keys that are to be trusted.

use std::fs;
use std::path::PathBuf;

use scelle_fuzz::sealed::{test_key, test_key_p256};
use scelle_fuzz::targets::hostile::hostile;
use scelle_fuzz::targets::mutation::mutant;
use scelle_fuzz::targets::{Script, golden};

/// Bytes of one script.
const SCRIPT_LEN: usize = 96;

fn main() {
    let mut args = std::env::args_os().skip(1);
    let dir = PathBuf::from(args.next().expect("a directory"));
    let mut number = || args.next().and_then(|arg| arg.to_str()?.parse::<u64>().ok()).expect("a number");
    let (seed, count) = (number(), number());
    for (name, key) in [("ed25519.pub", test_key()), ("p256.pub", test_key_p256())] {
        fs::write(dir.join(name), key.public().to_pem()).expect("a key");
    }
    for i in 0..count {
        let (kind, zip) = mutant_of(seed, i);
        fs::write(dir.join(format!("{seed}-{i:06}-{kind}.scelle")), zip).expect("a bundle");
    }
}

/// The same bundle for the same two numbers.
fn mutant_of(seed: u64, i: u64) -> (&'static str, Vec<u8>) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ i);
    let mut script: Vec<u8> = (0..SCRIPT_LEN / 8).flat_map(|_| random.next().to_le_bytes()).collect();
    // One change is told apart best; several at once are tried more seldom.
    let many = random.next() % 4 == 0;
    match random.next() % 8 {
        0 => ("sound", golden::all()[usize::from(script[0]) % golden::all().len()].zip.to_vec()),
        1..=4 => {
            if !many {
                script[1] = if random.next() % 2 == 0 { 0x01 } else { 0x10 };
            }
            ("changed", mutant(&mut Script(&script)).zip)
        }
        _ => {
            script[1] = if many { script[1] } else { 0 };
            ("forged", hostile(&mut Script(&script)))
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
