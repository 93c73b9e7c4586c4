//! Keys and signatures that come from outside: public keys, private key files, passphrases.

use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use scelle::format::public_text::{openssh_line, verifier_key};
use scelle::format::spki::{Algorithm, PublicKey};
use scelle::sign::SigningKey;
use scelle::sign::key_file::{self, KeyFile, KeyFileError, LockedKey};
use scelle::sign::passphrase::{PASSPHRASE_LEN_MAX, Passphrase};

use super::script::Script;
use crate::sealed::{test_key, test_key_p256};

/// Most scrypt work that a run does, as a power of two; files that ask for more are refused for it or left closed.
const WORK_MAX: u32 = 4;
/// The passphrase of the locked seeds.
const PASSPHRASE: &[u8] = b"fuzz";

/// DER, or PEM if it begins with a dash.
pub fn public_key(data: &[u8]) {
    let pem = std::str::from_utf8(data).ok().and_then(|text| PublicKey::from_pem(text).ok());
    let der = PublicKey::from_der(data);
    if let Ok(key) = &der {
        assert!(key.to_der() == data, "another DER form was accepted");
    }
    let Some(key) = pem.or(der.ok()) else { return };
    assert_eq!(PublicKey::from_der(&key.to_der()).as_ref(), Ok(&key), "its own DER is refused");
    assert_eq!(PublicKey::from_pem(&key.to_pem()).as_ref(), Ok(&key), "its own PEM is refused");
    let comment = String::from_utf8_lossy(data);
    for comment in ["", comment.as_ref()] {
        if let Ok(line) = openssh_line(&key, comment) {
            assert!(!line.chars().any(char::is_control), "more than one line of OpenSSH");
            assert!(line.split(' ').nth(2).unwrap_or_default() == comment.split(' ').next().unwrap_or_default());
        }
    }
    match verifier_key(&key, &comment) {
        Ok(text) => {
            assert_eq!(text.split('+').count() - text.rsplit('+').next().map_or(0, |k| k.matches('+').count()), 3)
        }
        Err(_) => assert!(verifier_key(&key, "a").is_ok() == (key.algorithm() == Algorithm::Ed25519)),
    }
    assert!(key.verify(b"message", data).is_err(), "a signature that nobody made");
}

pub fn public_key_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let keys = [test_key().public(), test_key_p256().public()];
    let mut seeds: Vec<Vec<u8>> = keys.iter().map(PublicKey::to_der).collect();
    seeds.extend(keys.iter().map(|key| key.to_pem().into_bytes()));
    seeds.push(keys[0].to_pem().replace('\n', "\r\n").into_bytes());
    // A point of small order.
    seeds.push([&keys[0].to_der()[..12], &[1], &[0; 31]].concat());
    seeds
}

/// A signature over a fixed message, by a key that the first byte names: only the owner's own holds.
pub fn signature(data: &[u8]) {
    let mut script = Script(data);
    let key = if script.byte() & 1 == 0 { test_key() } else { test_key_p256() };
    let (message, signature) = (b"a fixed message".as_slice(), script.rest());
    if key.public().verify(message, signature).is_ok() {
        assert!(
            key.sign(message).expect("a signature") == signature,
            "a signature holds that the key's owner did not make"
        );
    }
}

pub fn signature_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let keys = [test_key(), test_key_p256()];
    keys.iter()
        .zip(0u8..)
        .map(|(key, which)| [vec![which], key.sign(b"a fixed message").expect("a signature")].concat())
        .collect()
}

/// A file in memory that has a path.
fn with_file<T>(bytes: &[u8], work: impl FnOnce(&std::path::Path) -> T) -> T {
    let handle = rustix::fs::memfd_create("key", rustix::fs::MemfdFlags::CLOEXEC).expect("memory");
    let mut file = std::fs::File::from(handle);
    file.write_all(bytes).expect("memory");
    work(&PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())))
}

pub fn key_file(data: &[u8]) {
    let Ok(found) = with_file(data, key_file::read) else { return };
    match found {
        KeyFile::Public(key) => assert_eq!(PublicKey::from_pem(&key.to_pem()), Ok(key)),
        KeyFile::Plain(key) => assert_signs(&key),
        KeyFile::Locked(locked) => assert_opens(&locked, data),
    }
}

/// The key makes signatures that its public half accepts, and comes back from its own file.
fn assert_signs(key: &SigningKey) {
    let public = key.public();
    assert_eq!(public.verify(b"m", &key.sign(b"m").expect("a signature")), Ok(()), "its signature does not hold");
    let pem = key.to_pkcs8_pem().expect("a key has a file");
    match with_file(pem.as_bytes(), key_file::read) {
        Ok(KeyFile::Plain(again)) => assert_eq!(again.public(), public, "another key came back"),
        other => panic!("its own file is refused: {other:?}"),
    }
}

fn assert_opens(locked: &LockedKey, data: &[u8]) {
    let Some(work) = scrypt_work(data) else { return };
    if (WORK_MAX + 1..=20).contains(&work) {
        return;
    }
    match locked.unlock(&Passphrase::new(PASSPHRASE).expect("a passphrase")) {
        Ok(key) => {
            assert!(work <= WORK_MAX, "more work was done than is allowed");
            assert_signs(&key);
        }
        Err(KeyFileError::TooMuchWork { work: told, .. }) => assert_eq!(u32::from(told), work),
        Err(_) => {}
    }
}

/// The most work that any scrypt stanza of the header asks for; 0 if none does. `None` if it cannot be told.
fn scrypt_work(data: &[u8]) -> Option<u32> {
    let mut head = Vec::new();
    let reader = age::armor::ArmoredReader::new(data);
    // Damage further on does not keep the header from being read.
    let _ = std::io::Read::read_to_end(&mut std::io::Read::take(reader, 1 << 16), &mut head);
    let mut most = 0;
    for line in head.split(|&b| b == b'\n').filter(|line| line.starts_with(b"-> scrypt")) {
        let last = line.rsplit(|&b| b == b' ').next()?;
        most = most.max(std::str::from_utf8(last).ok()?.parse().ok()?);
    }
    Some(most)
}

pub fn key_file_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let keys = [test_key(), test_key_p256()];
    let mut seeds: Vec<Vec<u8>> = keys.iter().map(|key| key.public().to_pem().into_bytes()).collect();
    seeds.extend(keys.iter().map(|key| key.to_pkcs8_pem().expect("a key").as_bytes().to_vec()));
    seeds.extend(super::locked::FILES.iter().map(|file| file.as_bytes().to_vec()));
    seeds.push(super::locked::binary());
    let begin = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n").into_bytes();
    seeds.extend(["EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"].map(begin));
    seeds
}

pub fn passphrase(data: &[u8]) {
    let Ok(passphrase) = Passphrase::new(data) else { return };
    let line = data.strip_suffix(b"\n").unwrap_or(data);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).expect("text");
    assert!(!text.is_empty() && text.len() <= PASSPHRASE_LEN_MAX && !text.chars().any(char::is_control));
    assert!(passphrase.same_as(&Passphrase::new(line).expect("without its line end")), "another passphrase");
    assert!(
        !passphrase.same_as(
            &Passphrase::new(&[line, b"x"].concat()).unwrap_or_else(|_| Passphrase::new(b"x y").expect("text"))
        )
    );
    let other = Passphrase::new(b"another").expect("text");
    assert_eq!(format!("{passphrase:?}"), format!("{other:?}"), "it is shown");
}

pub fn passphrase_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    ["correct horse", "a\n", "a\r\n", "\u{85}x", "đường"].map(|text| text.into()).into()
}
