//! SSH signatures over the statement (SPEC.md section 25), as `ssh-keygen -Y` makes and verifies them (OpenSSH's PROTOCOL.sshsig).

use data_encoding::BASE64;
use sha2::{Digest as _, Sha512};

use super::spki::{PublicKey, SignatureError};
use super::ssh::{
    SshError, blob_of_key, blob_of_signature, end, key_of_blob, put_string, signature_of_blob, take_string, take_u32,
};

/// What the signature is for (SSH-2): one made for something else does not count.
pub const NAMESPACE: &str = "seal@scelle";
/// Longest file that is read, in bytes; one by a key that bundles have is under 400.
pub const SSH_SIGNATURE_LEN_MAX: u64 = 16 * 1024;

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
const HASH: &[u8] = b"sha512";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----";
/// Columns of the base64 text.
const COLUMNS: usize = 70;

/// An SSH signature. Nothing is proven until [`Self::verify`] passes.
#[derive(Clone, Debug, PartialEq)]
pub struct SshSignature {
    /// By which key it is said to be.
    pub public: PublicKey,
    /// In the form that bundles have (SPEC.md ENV-4).
    signature: Vec<u8>,
}

/// Why a file is no SSH signature over a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SshSignatureError {
    /// Not the text form.
    #[error("not an SSH signature: `-----BEGIN SSH SIGNATURE-----`, base64, and its end")]
    Armor,
    /// Another version.
    #[error("an SSH signature of version {0}, where 1 is known")]
    Version(u32),
    /// Made for something else.
    #[error("an SSH signature for another purpose: its namespace is not {NAMESPACE}")]
    Namespace,
    /// Another digest.
    #[error("an SSH signature with another digest than sha512")]
    Hash,
    /// Its key or signature, or how they are put together.
    #[error("its content cannot be used")]
    Content(#[from] SshError),
}

impl SshSignature {
    /// With a signature over [`to_be_signed`] in the form that bundles have.
    pub fn new(public: PublicKey, signature: Vec<u8>) -> Self {
        Self { public, signature }
    }

    /// Parses the text form, with LF or CRLF.
    ///
    /// # Errors
    /// If it is not in this form, by a key of another algorithm, or for another purpose (SSH-2, SSH-3).
    pub fn parse(text: &[u8]) -> Result<Self, SshSignatureError> {
        use SshSignatureError as E;
        let text = std::str::from_utf8(text).map_err(|_| E::Armor)?.replace("\r\n", "\n");
        let base64 = text.strip_prefix(BEGIN).and_then(|rest| rest.trim_end_matches('\n').strip_suffix(END));
        let base64 = base64.ok_or(E::Armor)?.replace('\n', "");
        let bytes = BASE64.decode(base64.as_bytes()).map_err(|_| E::Armor)?;
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(E::Armor)?;
        let version = take_u32(&mut rest)?;
        if version != VERSION {
            return Err(E::Version(version));
        }
        let key = take_string(&mut rest)?;
        let (namespace, reserved) = (take_string(&mut rest)?, take_string(&mut rest)?);
        let (hash, signature) = (take_string(&mut rest)?, take_string(&mut rest)?);
        end(rest)?;
        if namespace != NAMESPACE.as_bytes() {
            return Err(E::Namespace);
        }
        if hash != HASH {
            return Err(E::Hash);
        }
        // Whoever makes one leaves it empty, and what stands there is not signed.
        end(reserved)?;
        let public = key_of_blob(key)?;
        let signature = signature_of_blob(public.algorithm(), signature)?;
        Ok(Self { public, signature })
    }

    /// The text form.
    ///
    /// # Errors
    /// If the signature is not in the form of its algorithm.
    pub fn to_text(&self) -> Result<String, SshSignatureError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        let signature = blob_of_signature(self.public.algorithm(), &self.signature)?;
        for part in [&blob_of_key(&self.public)[..], NAMESPACE.as_bytes(), b"", HASH, &signature] {
            put_string(&mut bytes, part);
        }
        let mut text = BEGIN.to_owned();
        for line in BASE64.encode(&bytes).as_bytes().chunks(COLUMNS) {
            text.extend(line.iter().copied().map(char::from));
            text.push('\n');
        }
        Ok(text + END + "\n")
    }

    /// Whether it is by its key over this statement.
    ///
    /// # Errors
    /// If it is not.
    pub fn verify(&self, statement: &[u8]) -> Result<(), SignatureError> {
        self.public.verify(&to_be_signed(statement), &self.signature)
    }
}

/// The bytes that are signed for a statement.
pub fn to_be_signed(statement: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for part in [NAMESPACE.as_bytes(), b"", HASH, &Sha512::digest(statement)] {
        put_string(&mut bytes, part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::ssh::put_string;
    use super::*;
    use crate::format::spki::Algorithm;
    use crate::sign::SigningKey;

    fn signature(algorithm: Algorithm, statement: &[u8]) -> SshSignature {
        let key = SigningKey::generate(algorithm).unwrap();
        SshSignature::new(key.public(), key.sign(&to_be_signed(statement)).unwrap())
    }

    /// SSH-1, SSH-2: what is written is read the same and holds over its statement alone, whatever the numbers in it.
    #[test]
    fn what_is_written_is_read_the_same_and_holds_over_its_statement_alone() {
        for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
            for n in 0..32_u8 {
                let made = signature(algorithm, &[n]);
                let text = made.to_text().unwrap();
                assert!(text.lines().all(|line| line.len() <= COLUMNS));
                for text in [text.clone(), text.replace('\n', "\r\n")] {
                    let read = SshSignature::parse(text.as_bytes()).unwrap();
                    assert_eq!(read, made);
                    assert_eq!(read.verify(&[n]), Ok(()));
                    assert_eq!(read.verify(&[n, 0]), Err(SignatureError::Mismatch));
                }
            }
        }
    }

    /// SSH-2, SSH-3: another version, namespace or digest, something reserved, bytes after the last.
    #[test]
    fn signatures_for_anything_else_are_refused() {
        use SshSignatureError as E;
        let made = signature(Algorithm::Ed25519, b"{}");
        let blob = blob_of_signature(Algorithm::Ed25519, &made.signature).unwrap();
        let with = |version: u32, namespace: &[u8], reserved: &[u8], hash: &[u8], after: &[u8]| {
            let mut bytes = MAGIC.to_vec();
            bytes.extend_from_slice(&version.to_be_bytes());
            for part in [&blob_of_key(&made.public)[..], namespace, reserved, hash, &blob] {
                put_string(&mut bytes, part);
            }
            bytes.extend_from_slice(after);
            SshSignature::parse(format!("{BEGIN}{}\n{END}\n", BASE64.encode(&bytes)).as_bytes())
        };
        let ours = NAMESPACE.as_bytes();
        assert!(with(1, ours, b"", HASH, b"").is_ok());
        assert_eq!(with(2, ours, b"", HASH, b""), Err(E::Version(2)));
        assert_eq!(with(1, b"file", b"", HASH, b""), Err(E::Namespace));
        assert_eq!(with(1, ours, b"", b"sha256", b""), Err(E::Hash));
        assert_eq!(with(1, ours, b"x", HASH, b""), Err(E::Content(SshError::Form)));
        assert_eq!(with(1, ours, b"", HASH, b"x"), Err(E::Content(SshError::Form)));
        for text in ["", BEGIN, "-----BEGIN SSH SIGNATURE-----\n!\n-----END SSH SIGNATURE-----\n"] {
            assert_eq!(SshSignature::parse(text.as_bytes()), Err(E::Armor), "{text:?}");
        }
    }
}
