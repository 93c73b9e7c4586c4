//! The certificate of whoever signed a token: which one it is, and that it is for time-stamps and nothing else.

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use sha1::{Digest as _, Sha1};
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectKeyIdentifier};

use crate::format::time_stamp::{CertificateId, SignerId, Token};
use crate::x509::{Certificate, signing};

/// id-kp-timeStamping (RFC 3161 section 2.3).
pub(super) static TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const SUBJECT_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");

/// Why a certificate is not for time-stamps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    #[error("it has no extended key usage, or several")]
    NotOne,
    #[error("its extended key usage is not critical")]
    NotCritical,
    #[error("its extended key usage is not time-stamping alone")]
    NotAlone,
    #[error("its key usage is not signing alone")]
    KeyUsage,
}

impl Certificate<'_> {
    /// That it is for time-stamping alone, and says so as what must be understood (RFC 3161 section 2.3).
    pub fn check_usage(&self) -> Result<(), UsageError> {
        let usages: Vec<_> = self.extensions(EXTENDED_KEY_USAGE).collect();
        let &[(is_critical, value)] = &usages[..] else { return Err(UsageError::NotOne) };
        if !is_critical {
            return Err(UsageError::NotCritical);
        }
        match ExtendedKeyUsage::from_der(value) {
            Ok(usage) if usage.0 == [TIME_STAMPING] => {}
            _ => return Err(UsageError::NotAlone),
        }
        let is_signing = self.all_key_usages(|usage| !usage.0.is_empty() && (usage.0 & !signing()).is_empty());
        if is_signing { Ok(()) } else { Err(UsageError::KeyUsage) }
    }

    /// Whether it is the one that a signer names.
    pub fn is_named_by(&self, signer: &SignerId) -> bool {
        match signer {
            SignerId::IssuerSerial(issuer, serial) => self.has(issuer, serial),
            SignerId::KeyId(id) => {
                let mut ids = self.extensions(SUBJECT_KEY_ID);
                ids.any(|(_, value)| SubjectKeyIdentifier::from_der(value).is_ok_and(|it| it.0.as_bytes() == &id[..]))
            }
        }
    }

    /// Whether it is the one that was signed as the signer's (RFC 5035 section 4, RFC 5816).
    pub fn is_identified_by(&self, id: &CertificateId) -> bool {
        let digest = id.hash.map_or_else(|| Sha1::digest(self.bytes).to_vec(), |hash| hash.digest(self.bytes));
        digest == id.digest && id.issuer_serial.as_ref().is_none_or(|(issuer, serial)| self.has(issuer, serial))
    }

    fn has(&self, issuer: &[u8], serial: &[u8]) -> bool {
        let it = self.content();
        it.issuer().to_der().is_ok_and(|name| name == issuer)
            && trimmed(it.serial_number().as_bytes()) == trimmed(serial)
    }
}

/// The value of an INTEGER without the zero that only says that it is positive, which not every parser keeps.
fn trimmed(serial: &[u8]) -> &[u8] {
    match serial {
        [0, rest @ ..] if !rest.is_empty() => rest,
        _ => serial,
    }
}

/// The certificate of a token's signer, of those that came along: the one that is signed as such, if one is.
pub(super) fn of_signer<'a>(token: &'a Token, signer: &SignerId, ids: &[CertificateId]) -> Option<Certificate<'a>> {
    let all = token.certificates.iter().filter_map(|bytes| Certificate::parse(bytes));
    let mut named: Vec<_> = all.filter(|certificate| certificate.is_named_by(signer)).collect();
    let identified = named.iter().position(|it| ids.iter().all(|id| it.is_identified_by(id)));
    if named.is_empty() { None } else { Some(named.swap_remove(identified.unwrap_or(0))) }
}
