//! Reading key files: a key in PEM, by itself or inside a passphrase-protected age file (age-encryption.org/v1).
//!
//! The plaintext of the age file is the same PKCS#8 PEM, so that `age -d` and `openssl` recover the key without scelle.

use std::fs::File;
use std::io::{self, Read as _};
use std::iter;
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use age::{DecryptError, Decryptor};
use pkcs8::SecretDocument;
use zeroize::Zeroizing;

use super::pair::PKCS8_LABEL;
use super::passphrase::Passphrase;
use super::{Pkcs8Error, SigningKey};
use crate::format::spki::{PEM_LABEL, PublicKey, SpkiError};

/// Most scrypt work that is done for a file: 1 GiB and some seconds. A hostile file cannot ask for more.
const WORK_READ_MAX: u8 = 20;
/// Longest key file, in bytes; the longest of use is under 1 KiB.
const FILE_LEN_MAX: u64 = 64 * 1024;
/// First line of an armored age file.
const AGE_ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// First line of a binary age file.
const AGE_BINARY: &[u8] = b"age-encryption.org/v1\n";

/// What a key file holds.
#[derive(Debug)]
pub enum KeyFile {
    /// A public key.
    Public(PublicKey),
    /// A private key that anyone who has the file can use.
    Plain(SigningKey),
    /// A private key that needs a passphrase.
    Locked(LockedKey),
}

/// A passphrase-protected private key, still closed.
#[derive(Debug)]
pub struct LockedKey {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// What went wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Could not be read.
    #[error("cannot read the key file {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Could not be written; nothing is left of it.
    #[error("cannot write the key file {path}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Is there already, and is never overwritten.
    #[error("{path} exists already", path = .0.display())]
    Exists(PathBuf),
    /// Too long, or none of the kinds of file that hold keys.
    #[error("{path} is not a key file", path = .0.display())]
    NotAKey(PathBuf),
    /// A private key of a kind that is not read, such as an OpenSSH key.
    #[error("{path} holds a key of a kind that is not read: {label}", path = path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// What its PEM says it is.
        label: &'static str,
        /// How to convert it.
        hint: &'static str,
    },
    /// The private key in it is not sound.
    #[error("{path} does not hold a private key to sign with", path = path.display())]
    Private {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Pkcs8Error,
    },
    /// The public key in it is not sound.
    #[error("{path} does not hold a public key to verify with", path = path.display())]
    Public {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SpkiError,
    },
    /// A public key where a private one is needed.
    #[error("{path} is a public key: the private key is needed", path = .0.display())]
    NotPrivate(PathBuf),
    /// The passphrase does not open it.
    #[error("wrong passphrase for {path}", path = .0.display())]
    WrongPassphrase(PathBuf),
    /// An age file for other recipients than a passphrase.
    #[error("{path} is an age file, but not protected by a passphrase", path = .0.display())]
    NotPassphrase(PathBuf),
    /// Its header asks for more work than is done.
    #[error("{path} asks for 2^{work} of scrypt work; at most 2^{WORK_READ_MAX} is done", path = path.display())]
    TooMuchWork {
        /// The file.
        path: PathBuf,
        /// The power of two that it asks for.
        work: u8,
    },
    /// Its age container is damaged.
    #[error("{path} is damaged: its age container does not hold", path = .0.display())]
    Damaged(PathBuf),
}

/// Kinds of private keys in PEM that are told apart to help, and how to make one that is read.
const OTHER_KINDS: [(&str, &str); 4] = [
    ("ENCRYPTED PRIVATE KEY", "openssl pkey -in FILE -out PLAIN, or make a new key with: scelle key new"),
    ("EC PRIVATE KEY", "openssl pkcs8 -topk8 -nocrypt -in FILE -out PLAIN"),
    ("OPENSSH PRIVATE KEY", "make a key with: scelle key new; its public half exports to OpenSSH"),
    ("RSA PRIVATE KEY", "bundles are signed with Ed25519 or ECDSA P-256; make a key with: scelle key new"),
];

/// Reads a key file of any kind: PKCS#8 PEM, an age file, or a public key in PEM.
pub fn read(path: &Path) -> Result<KeyFile, KeyFileError> {
    let bytes = read_bounded(path)?;
    if bytes.starts_with(AGE_ARMOR) || bytes.starts_with(AGE_BINARY) {
        return Ok(KeyFile::Locked(LockedKey { path: path.to_owned(), bytes: bytes.to_vec() }));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyFileError::NotAKey(path.to_owned()))?;
    if let Some((label, hint)) = OTHER_KINDS.into_iter().find(|(label, _)| text.contains(&begin(label))) {
        return Err(KeyFileError::Kind { path: path.to_owned(), label, hint });
    }
    if text.contains(&begin(PEM_LABEL)) {
        let public = PublicKey::from_pem(text).map_err(|source| KeyFileError::Public { path: path.to_owned(), source });
        return Ok(KeyFile::Public(public?));
    }
    if text.contains(&begin(PKCS8_LABEL)) {
        return Ok(KeyFile::Plain(parse_pem(path, text)?));
    }
    Err(KeyFileError::NotAKey(path.to_owned()))
}

fn begin(label: &str) -> String {
    format!("-----BEGIN {label}-----")
}

fn read_bounded(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    File::open(path)
        .and_then(|file| file.take(FILE_LEN_MAX + 1).read_to_end(&mut bytes))
        .map_err(|source| KeyFileError::Read { path: path.to_owned(), source })?;
    match u64::try_from(bytes.len()) {
        Ok(len) if len <= FILE_LEN_MAX => Ok(bytes),
        _ => Err(KeyFileError::NotAKey(path.to_owned())),
    }
}

fn parse_pem(path: &Path, pem: &str) -> Result<SigningKey, KeyFileError> {
    let failed = |source| KeyFileError::Private { path: path.to_owned(), source };
    match SecretDocument::from_pem(pem) {
        Ok((PKCS8_LABEL, der)) => SigningKey::from_pkcs8_der(der.as_bytes()).map_err(failed),
        _ => Err(failed(Pkcs8Error::Form)),
    }
}

impl LockedKey {
    /// Opens it. Takes as long as the file's scrypt work asks, which is bounded.
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<SigningKey, KeyFileError> {
        let mut identity = age::scrypt::Identity::new(passphrase.secret());
        identity.set_max_work_factor(WORK_READ_MAX);
        let decryptor = Decryptor::new(ArmoredReader::new(&self.bytes[..])).map_err(|_| self.damaged())?;
        if !decryptor.is_scrypt() {
            return Err(KeyFileError::NotPassphrase(self.path.clone()));
        }
        let reader = decryptor.decrypt(iter::once(&identity as _)).map_err(|error| match error {
            DecryptError::DecryptionFailed => KeyFileError::WrongPassphrase(self.path.clone()),
            DecryptError::ExcessiveWork { required, .. } => {
                KeyFileError::TooMuchWork { path: self.path.clone(), work: required }
            }
            _ => self.damaged(),
        })?;
        // As long as the file, so that it never grows and leaves copies behind.
        let mut pem = Zeroizing::new(Vec::with_capacity(self.bytes.len()));
        reader.take(FILE_LEN_MAX).read_to_end(&mut pem).map_err(|_| self.damaged())?;
        let text = std::str::from_utf8(&pem).map_err(|_| self.damaged())?;
        parse_pem(&self.path, text)
    }

    fn damaged(&self) -> KeyFileError {
        KeyFileError::Damaged(self.path.clone())
    }
}
