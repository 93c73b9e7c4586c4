//! Public keys as other tools read them: a line of OpenSSH (RFC 4253, RFC 5656, RFC 8709), and a C2SP verifier key (signed-note).

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};

use super::spki::{Algorithm, PublicKey};
use super::ssh;

/// Signature type of Ed25519 in C2SP signed-note.
const NOTE_ED25519: u8 = 0x01;

/// Why a key has no such text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicTextError {
    /// A verifier key's name is not empty and has neither spaces nor `+`.
    #[error("a verifier key's name must not be empty, and have no spaces, control characters or `+`")]
    NoteName,
    /// A comment in an OpenSSH line stays on its line.
    #[error("an OpenSSH comment must not have control characters")]
    Comment,
    /// signed-note defines no ECDSA.
    #[error("only Ed25519 keys have the form of a C2SP verifier key")]
    NoteAlgorithm,
}

/// A line for `authorized_keys` and `allowed_signers`, without LF; an empty comment is left out.
pub fn openssh_line(key: &PublicKey, comment: &str) -> Result<String, PublicTextError> {
    if comment.chars().any(char::is_control) {
        return Err(PublicTextError::Comment);
    }
    let blob = ssh::blob_of_key(key);
    let name = ssh::name_of(key.algorithm());
    let line = format!("{name} {}", BASE64.encode(&blob));
    Ok(if comment.is_empty() { line } else { format!("{line} {comment}") })
}

/// A verifier key `name+hash+key`: hash is the first 4 bytes of SHA-256(name || LF || 0x01 || key) in hex, key the base64
/// of 0x01 || key.
pub fn verifier_key(key: &PublicKey, name: &str) -> Result<String, PublicTextError> {
    if key.algorithm() != Algorithm::Ed25519 {
        return Err(PublicTextError::NoteAlgorithm);
    }
    if name.is_empty() || name.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control()) {
        return Err(PublicTextError::NoteName);
    }
    let typed = [&[NOTE_ED25519], &key.raw()[..]].concat();
    let hash = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(&typed).finalize();
    Ok(format!("{name}+{}+{}", HEXLOWER.encode(&hash[..4]), BASE64.encode(&typed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of golang.org/x/mod/sumdb/note's documentation, which fixed the format.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn key_of(vkey: &str) -> PublicKey {
        let typed = BASE64.decode(vkey.splitn(3, '+').nth(2).unwrap().as_bytes()).unwrap();
        let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        PublicKey::from_der(&[&prefix[..], &typed[1..]].concat()).unwrap()
    }

    #[test]
    fn a_verifier_key_is_that_of_the_format_s_own_example() {
        assert_eq!(verifier_key(&key_of(VKEY), "PeterNeumann").unwrap(), VKEY);
    }

    #[test]
    fn a_verifier_key_s_name_could_not_be_taken_for_more_than_a_name() {
        for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", "a\0"] {
            assert_eq!(verifier_key(&key_of(VKEY), name), Err(PublicTextError::NoteName), "{name:?}");
        }
    }

    #[test]
    fn a_comment_cannot_begin_a_second_line() {
        assert_eq!(openssh_line(&key_of(VKEY), "a\nssh-ed25519 AAAA"), Err(PublicTextError::Comment));
    }
}
