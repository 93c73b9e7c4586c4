//! Writing new key files: both halves or neither, durably, never over another file.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::iter;
use std::path::{Path, PathBuf};

use age::Encryptor;
use age::armor::{ArmoredWriter, Format};
use zeroize::Zeroizing;

use super::SigningKey;
use super::key_file::KeyFileError;
use super::passphrase::Passphrase;
use crate::dir;
use crate::new_file::NewFile;

/// scrypt work of new files as a power of two: 128 MiB and under half a second on a desktop of 2026.
const WORK_WRITTEN: u8 = 17;
/// Only the owner reads and writes the private half.
const PRIVATE_MODE: u32 = 0o600;
/// Anybody may read the public half.
const PUBLIC_MODE: u32 = 0o644;

/// The public half stands beside the private key under its name and `.pub`.
pub fn public_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    PathBuf::from(name)
}

/// Fails if either file of a new key is there already, or the directory is not: to be asked before a person is made to
/// think of a passphrase.
pub fn check_absent(path: &Path) -> Result<(), KeyFileError> {
    dir::holding(path).metadata().map_err(|source| KeyFileError::Write { path: path.to_owned(), source })?;
    for path in [path.to_owned(), public_path(path)] {
        match path.symlink_metadata() {
            Ok(_) => return Err(KeyFileError::Exists(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(KeyFileError::Write { path, source }),
        }
    }
    Ok(())
}

/// Writes a new key and its public half, both or neither, durably and never over another file. Without a passphrase the
/// private key is plain PKCS#8 PEM.
pub fn write_new(path: &Path, key: &SigningKey, passphrase: Option<&Passphrase>) -> Result<(), KeyFileError> {
    let pem = key.to_pkcs8_pem().map_err(|source| KeyFileError::Private { path: path.to_owned(), source })?;
    let private = match passphrase {
        None => Zeroizing::new(pem.as_bytes().to_vec()),
        Some(passphrase) => encrypt(pem.as_bytes(), passphrase)
            .map(Zeroizing::new)
            .map_err(|source| KeyFileError::Write { path: path.to_owned(), source })?,
    };
    let public_path = public_path(path);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path),
            _ => KeyFileError::Write { path, source },
        }
    };

    // Both names are taken before anything is written to either.
    let private_file = NewFile::create(path, PRIVATE_MODE).map_err(failed(path))?;
    let public_file = NewFile::create(&public_path, PUBLIC_MODE).map_err(failed(&public_path))?;
    let public_file = public_file.fill(key.public().to_pem().as_bytes()).map_err(failed(&public_path))?;
    let private_file = private_file.fill(&private).map_err(failed(path))?;
    dir::sync(dir::holding(path)).map_err(failed(path))?;
    public_file.keep();
    private_file.keep();
    Ok(())
}

fn encrypt(pem: &[u8], passphrase: &Passphrase) -> io::Result<Vec<u8>> {
    let mut recipient = age::scrypt::Recipient::new(passphrase.secret());
    recipient.set_work_factor(WORK_WRITTEN);
    let encryptor = Encryptor::with_recipients(iter::once(&recipient as _)).map_err(io::Error::other)?;
    let mut writer = encryptor.wrap_output(ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?)?;
    writer.write_all(pem)?;
    writer.finish()?.finish()
}
