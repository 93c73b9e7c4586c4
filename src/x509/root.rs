//! Roots that the user trusts: of time-stamping authorities, and of those who certify signers' keys.

use data_encoding::BASE64;
use der::Encode as _;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use webpki::anchor_from_trusted_cert;

use super::certificate::Certificate;
use crate::format::time::Instant;

/// Certificate of a root, which says of itself from when to when it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    der: CertificateDer<'static>,
    /// Its name in DER.
    subject: Vec<u8>,
    path_len_max: Option<usize>,
    validity: (Instant, Instant),
}

/// Why bytes are no root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RootError {
    #[error("not base64")]
    Base64,
    #[error("no certificate in PEM or DER")]
    None,
    #[error("a certificate that cannot be read")]
    Certificate,
    #[error("a certificate that certifies no others")]
    NoAuthority,
}

impl Root {
    /// From DER.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn from_der(der: &[u8]) -> Result<Self, RootError> {
        let certificate = Certificate::parse(der).ok_or(RootError::Certificate)?;
        let validity = certificate.validity().ok_or(RootError::Certificate)?;
        // Whoever names an officer's certificate as a root would believe whatever its key signs to be a certificate.
        if !certificate.can_certify() {
            return Err(RootError::NoAuthority);
        }
        let subject = certificate.content().subject().to_der().map_err(|_| RootError::Certificate)?;
        let path_len_max = certificate.path_len_max();
        let der = CertificateDer::from(der.to_vec());
        anchor_from_trusted_cert(&der).map_err(|_| RootError::Certificate)?;
        Ok(Self { der, subject, path_len_max, validity })
    }

    /// From base64, as trust lists have it.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn from_base64(text: &str) -> Result<Self, RootError> {
        Self::from_der(&BASE64.decode(text.as_bytes()).map_err(|_| RootError::Base64)?)
    }

    /// All in a file, which is DER or holds certificates in PEM.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn parse_file(bytes: &[u8]) -> Result<Vec<Self>, RootError> {
        if bytes.first() == Some(&0x30) {
            return Ok(vec![Self::from_der(bytes)?]);
        }
        let found = CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>();
        let found = found.map_err(|_| RootError::None)?;
        if found.is_empty() {
            return Err(RootError::None);
        }
        found.iter().map(|der| Self::from_der(der)).collect()
    }

    /// Its bytes in DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Its name, as RFC 4514 writes it.
    pub fn subject(&self) -> String {
        Certificate::parse(&self.der).map_or_else(String::new, |it| it.subject())
    }

    /// From when to when it is good, both included.
    pub fn validity(&self) -> (Instant, Instant) {
        self.validity
    }

    /// Whether a path of so many others can begin with it in that second, by names.
    pub(super) fn may_begin(&self, issuer: &[u8], between_count: usize, second: Instant) -> bool {
        let (from, to) = self.validity;
        let is_short = self.path_len_max.is_none_or(|most| between_count <= most);
        self.subject == issuer && is_short && (from..=to).contains(&second)
    }

    /// As the library wants it.
    pub(super) fn anchor(&self) -> Option<TrustAnchor<'_>> {
        anchor_from_trusted_cert(&self.der).ok()
    }
}
