//! Keys and signatures as SSH has them: strings with their length before them (RFC 4251 section 5), of Ed25519 (RFC 8709) and
//! ECDSA on P-256 (RFC 5656).

use data_encoding::BASE64_NOPAD;
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::spki::{Algorithm, P256_SIGNATURE_LEN, PublicKey, SpkiError, p256_der_of_raw, p256_raw_of_der};

const ED25519: &str = "ssh-ed25519";
const P256: &str = "ecdsa-sha2-nistp256";
/// Name of the curve in keys of [`P256`].
const P256_CURVE: &[u8] = b"nistp256";
/// Longest name of an algorithm, in bytes (RFC 4251 section 6).
const NAME_LEN_MAX: usize = 64;

/// Why bytes are not a key or signature of SSH that is of use here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SshError {
    /// A string that is longer than what is there, bytes after the last, or a number that is not in its one form.
    #[error("not in the form that SSH has for it")]
    Form,
    /// Another algorithm, with its name if that can be shown.
    #[error("of the algorithm {0}, where Ed25519 or ECDSA P-256 is needed")]
    Algorithm(String),
    /// No point of its curve.
    #[error("not a key")]
    Key(#[from] SpkiError),
}

/// What SSH calls keys of an algorithm, and signatures by them.
pub fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Ed25519 => ED25519,
        Algorithm::P256 => P256,
    }
}

/// Appends a string: its length as 4 bytes, most significant first, and its bytes. No caller has 4 GiB; what were longer
/// would get a length that no reader takes.
pub fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Takes a string from the front.
pub fn take_string<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], SshError> {
    let mut rest = *bytes;
    let len = usize::try_from(take_u32(&mut rest)?).map_err(|_| SshError::Form)?;
    let (string, rest) = rest.split_at_checked(len).ok_or(SshError::Form)?;
    *bytes = rest;
    Ok(string)
}

/// Takes a number of 4 bytes from the front, most significant first.
pub fn take_u32(bytes: &mut &[u8]) -> Result<u32, SshError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(SshError::Form)?;
    *bytes = rest;
    Ok(u32::from_be_bytes(*number))
}

/// Nothing may be left.
pub fn end(bytes: &[u8]) -> Result<(), SshError> {
    if bytes.is_empty() { Ok(()) } else { Err(SshError::Form) }
}

fn take_name(bytes: &mut &[u8]) -> Result<String, SshError> {
    let name = take_string(bytes)?;
    let is_name = !name.is_empty() && name.len() <= NAME_LEN_MAX && name.iter().all(u8::is_ascii_graphic);
    if is_name { Ok(String::from_utf8_lossy(name).into_owned()) } else { Err(SshError::Form) }
}

/// A public key as a blob (RFC 4253 section 6.6).
pub fn blob_of_key(key: &PublicKey) -> Vec<u8> {
    let mut blob = Vec::new();
    put_string(&mut blob, name_of(key.algorithm()).as_bytes());
    if key.algorithm() == Algorithm::P256 {
        put_string(&mut blob, P256_CURVE);
    }
    put_string(&mut blob, &key.raw());
    blob
}

/// The public key in a blob.
///
/// # Errors
/// If it is of another algorithm (certificates and keys in FIDO tokens are too), or not in the one form.
pub fn key_of_blob(mut blob: &[u8]) -> Result<PublicKey, SshError> {
    let name = take_name(&mut blob)?;
    let algorithm = match name.as_str() {
        ED25519 => Algorithm::Ed25519,
        P256 => Algorithm::P256,
        _ => return Err(SshError::Algorithm(name)),
    };
    if algorithm == Algorithm::P256 && take_string(&mut blob)? != P256_CURVE {
        return Err(SshError::Form);
    }
    let raw = take_string(&mut blob)?;
    end(blob)?;
    Ok(PublicKey::from_raw(algorithm, raw)?)
}

/// The fingerprint of a key, whatever its algorithm, as `ssh-keygen -l` shows it.
pub fn fingerprint(blob: &[u8]) -> Fingerprint {
    Fingerprint(Digest(Sha256::digest(blob).into()))
}

/// SHA-256 of a key's blob; in text `SHA256:` and base64 without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// Parses what `ssh-keygen -l` shows.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_NOPAD.decode(text.strip_prefix("SHA256:")?.as_bytes()).ok()?;
        Some(Self(Digest(bytes.try_into().ok()?)))
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SHA256:{}", BASE64_NOPAD.encode(&self.0.0))
    }
}

/// A signature as SSH has it, from one as bundles have it (SPEC.md ENV-4).
///
/// # Errors
/// If it is not in the form of its algorithm.
pub fn blob_of_signature(algorithm: Algorithm, signature: &[u8]) -> Result<Vec<u8>, SshError> {
    let mut blob = Vec::new();
    put_string(&mut blob, name_of(algorithm).as_bytes());
    match algorithm {
        Algorithm::Ed25519 => put_string(&mut blob, signature),
        Algorithm::P256 => {
            let raw = p256_raw_of_der(signature).ok_or(SshError::Form)?;
            let (r, s) = raw.split_at(P256_SIGNATURE_LEN / 2);
            let mut numbers = Vec::new();
            put_number(&mut numbers, r);
            put_number(&mut numbers, s);
            put_string(&mut blob, &numbers);
        }
    }
    Ok(blob)
}

/// A signature as bundles have it, from one as SSH has it; of P-256 with the lower s, whichever it had. Nothing is verified.
///
/// # Errors
/// If it is of another algorithm, or not in its form.
pub fn signature_of_blob(algorithm: Algorithm, mut blob: &[u8]) -> Result<Vec<u8>, SshError> {
    let name = take_name(&mut blob)?;
    if name != name_of(algorithm) {
        return Err(SshError::Algorithm(name));
    }
    let mut inner = take_string(&mut blob)?;
    end(blob)?;
    match algorithm {
        Algorithm::Ed25519 => Ok(inner.to_vec()),
        Algorithm::P256 => {
            let (r, s) = (take_number(&mut inner)?, take_number(&mut inner)?);
            end(inner)?;
            p256_der_of_raw(&[r, s].concat()).ok_or(SshError::Form)
        }
    }
}

/// Appends an `mpint` (RFC 4251 section 5) that is not negative: without zeros before it, except for a bit that were a sign.
fn put_number(out: &mut Vec<u8>, number: &[u8]) {
    let start = number.iter().position(|&byte| byte != 0).unwrap_or(number.len());
    let number = &number[start..];
    let sign: &[u8] = if number.first().is_some_and(|&byte| byte >= 0x80) { &[0] } else { &[] };
    put_string(out, &[sign, number].concat());
}

/// Takes an `mpint` of at most 32 bytes, in its one form.
fn take_number(bytes: &mut &[u8]) -> Result<[u8; P256_SIGNATURE_LEN / 2], SshError> {
    let told = take_string(bytes)?;
    let number = match told {
        [0, rest @ ..] if rest.first().is_some_and(|&byte| byte >= 0x80) => rest,
        [first, ..] if *first == 0 || *first >= 0x80 => return Err(SshError::Form),
        number => number,
    };
    let mut padded = [0; P256_SIGNATURE_LEN / 2];
    let start = padded.len().checked_sub(number.len()).ok_or(SshError::Form)?;
    padded[start..].copy_from_slice(number);
    Ok(padded)
}
