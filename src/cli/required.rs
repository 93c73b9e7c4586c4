//! Whose signatures a statement requires, and what certifies their keys.

use std::path::{Path, PathBuf};

use clap::Args;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::clock::now;
use super::key_source::open_public_key;
use super::passphrase::PassphraseArgs;
use super::small_file::read_small;
use super::{Exit, Failure, text_argument, warning};
use crate::format::certified::{CERTIFICATE_COUNT_MAX, CERTIFICATE_LEN_MAX, Certificates};
use crate::format::spki::{PublicKey, SpkiError};
use crate::format::statement::{RequiredSigner, RequiredSigners, SIGNER_COUNT_MAX};
use crate::report::escape::escape;
use crate::x509::Certificate;

/// Longest file of certificates: those of a signer in PEM, with some text.
const FILE_LEN_MAX: u64 = 1 << 20;

/// Who must sign.
#[derive(Debug, Args)]
pub(super) struct RequiredArgs {
    /// Role of the signer, for the statement
    #[arg(long, default_value = "sealer")]
    role: String,
    /// Certificates of the key that signs, in PEM, its own first: they travel in the statement, for those who trust the root
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Public key of somebody who must sign too, with `scelle sign`, or their certificates in PEM (can be repeated)
    #[arg(long, value_name = "PUB")]
    signer_required: Vec<PathBuf>,
    /// How many of all required signers must sign [default: all]
    #[arg(long, value_name = "N", requires = "signer_required")]
    threshold: Option<u64>,
}

/// Certificates that cannot stand in a statement.
#[derive(Debug, thiserror::Error)]
enum CertificateError {
    #[error("{path} has {count} certificates; a signer has 1 to {CERTIFICATE_COUNT_MAX}", path = path.display())]
    Count { path: PathBuf, count: usize },
    #[error("a certificate in {path} cannot be read", path = path.display())]
    Form { path: PathBuf },
    #[error("a certificate in {path} is longer than {CERTIFICATE_LEN_MAX} bytes", path = path.display())]
    TooLong { path: PathBuf },
    #[error("the first certificate in {path} is not of a key that can sign bundles", path = path.display())]
    Key { path: PathBuf, source: SpkiError },
    #[error("the first certificate in {path} is not of the key that signs", path = path.display())]
    OtherKey { path: PathBuf },
}

impl RequiredArgs {
    /// Whoever seals, and whom the user names beside.
    pub(super) fn open(&self, key: &PublicKey) -> Result<RequiredSigners, Failure> {
        text_argument("--role", &self.role)?;
        let own = self.certificate.as_deref().map(open_certificates).transpose()?;
        if let (Some(path), Some((certified, _))) = (&self.certificate, &own)
            && certified != key
        {
            let error = CertificateError::OtherKey { path: path.clone() };
            return Err(Failure::new(Exit::Usage, error).hint("the file begins with the certificate of --key"));
        }
        let others = self.signer_required.iter().map(|path| open_required(path)).collect::<Result<Vec<_>, _>>()?;
        let mut keys: Vec<_> = others.into_iter().map(|(key, it)| signer(&key, "signer", it)).collect();
        keys.push(signer(key, &self.role, own.map(|(_, certificates)| certificates)));
        keys.sort_by_key(|signer| signer.keyid);
        if keys.windows(2).any(|two| two[0].keyid == two[1].keyid) {
            return Err(Failure::new(Exit::Usage, "--signer-required names a key twice, or the one that seals"));
        }
        let threshold = self.threshold.unwrap_or(keys.len() as u64);
        if (1..=keys.len() as u64).contains(&threshold) && keys.len() <= SIGNER_COUNT_MAX {
            return Ok(RequiredSigners { keys, threshold });
        }
        let text = format!("--threshold {threshold} of {} required signers", keys.len());
        Err(Failure::new(Exit::Usage, text)
            .hint(format!("1 to as many as there are, and at most {SIGNER_COUNT_MAX} signers")))
    }
}

fn signer(key: &PublicKey, role: &str, certificates: Option<Certificates>) -> RequiredSigner {
    RequiredSigner { certificates, keyid: key.key_id(), role: role.to_owned(), spki: key.to_spki() }
}

/// A public key, or one with its certificates.
fn open_required(path: &Path) -> Result<(PublicKey, Option<Certificates>), Failure> {
    let is_certificate = |bytes: &[u8]| bytes.windows(11).any(|it| it == b"CERTIFICATE");
    if is_certificate(&read_small(path, FILE_LEN_MAX)?) {
        return open_certificates(path).map(|(key, certificates)| (key, Some(certificates)));
    }
    open_public_key(path, &PassphraseArgs::default()).map(|key| (key, None))
}

/// The certificates in a file, and the key that the first one is of.
fn open_certificates(path: &Path) -> Result<(PublicKey, Certificates), Failure> {
    let usage = |error| Failure::new(Exit::Usage, error);
    let at = || path.to_owned();
    let bytes = read_small(path, FILE_LEN_MAX)?;
    let ders: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|_| usage(CertificateError::Form { path: at() }))?;
    if !(1..=CERTIFICATE_COUNT_MAX).contains(&ders.len()) {
        return Err(usage(CertificateError::Count { path: at(), count: ders.len() })
            .hint("certificates in PEM, that of the key first, then those above it without the root"));
    }
    if ders.iter().any(|der| der.len() > CERTIFICATE_LEN_MAX) {
        return Err(usage(CertificateError::TooLong { path: at() }));
    }
    let parsed: Option<Vec<_>> = ders.iter().map(|der| Certificate::parse(der)).collect();
    let form = || usage(CertificateError::Form { path: at() });
    let first = parsed.as_ref().and_then(|all| all.first()).ok_or_else(form)?;
    let spki = first.public_key_der().ok_or_else(form)?;
    let key =
        PublicKey::from_der(&spki).map_err(|source| usage(CertificateError::Key { path: at(), source }).hint(
            "bundles are signed by Ed25519 or ECDSA P-256 keys; another key can have the certificate for the same person",
        ))?;
    if !first.is_valid_at(now()) {
        let subject = escape(first.subject().as_bytes());
        warning(&format!("the certificate of {subject} is not valid now: nobody will believe the key by it"));
    }
    Ok((key, Certificates::new(ders.iter().map(|der| &der[..]))))
}
