//! The certificate of whoever signed a token: which one it is, and that it is for time-stamps and nothing else.

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use sha1::{Digest as _, Sha1};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier};

use crate::format::time::Instant;
use crate::format::time_stamp::{CertificateId, SignerId, Token};

/// Longest name that is kept of an authority, in characters.
const SUBJECT_LEN: usize = 160;

/// id-kp-timeStamping (RFC 3161 section 2.3).
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const SUBJECT_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");

/// A certificate, parsed for what is asked here.
pub(super) struct Certificate<'a> {
    /// Its exact bytes.
    pub bytes: &'a [u8],
    parsed: x509_cert::Certificate,
}

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

impl<'a> Certificate<'a> {
    /// `None` if it is none.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { bytes, parsed: x509_cert::Certificate::from_der(bytes).ok()? })
    }

    /// Whom it is of, as RFC 4514 writes names, cut to a length that is shown: a bundle can have 10,000 time-stamps, and a
    /// name 2 MiB. May hold any characters.
    pub fn subject(&self) -> String {
        let name = self.parsed.tbs_certificate().subject().to_string();
        match name.char_indices().nth(SUBJECT_LEN) {
            Some((end, _)) => format!("{}...", &name[..end]),
            None => name,
        }
    }

    /// From when to when it is valid, both included.
    pub fn validity(&self) -> Option<(Instant, Instant)> {
        let validity = self.parsed.tbs_certificate().validity();
        let instant =
            |time: x509_cert::time::Time| Instant::from_seconds(i64::try_from(time.to_unix_duration().as_secs()).ok()?);
        Some((instant(validity.not_before)?, instant(validity.not_after)?))
    }

    /// Whether it is valid in this second.
    pub fn is_valid_at(&self, second: Instant) -> bool {
        self.validity().is_some_and(|(from, to)| (from..=to).contains(&second))
    }

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
        let signing = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation;
        let is_signing = |value| {
            let usage = KeyUsage::from_der(value).map(|usage| usage.0);
            usage.is_ok_and(|usage| !usage.is_empty() && (usage & !signing).is_empty())
        };
        if self.extensions(KEY_USAGE).all(|(_, value)| is_signing(value)) { Ok(()) } else { Err(UsageError::KeyUsage) }
    }

    fn extensions(&self, id: ObjectIdentifier) -> impl Iterator<Item = (bool, &[u8])> {
        let all = self.parsed.tbs_certificate().extensions().into_iter().flatten();
        all.filter(move |it| it.extn_id == id).map(|it| (it.critical, it.extn_value.as_bytes()))
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
        let it = self.parsed.tbs_certificate();
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
