//! Revocation lists that are kept in a token (SPEC.md TSP-10), judged by what they say of the moment of the time-stamp.

use std::fmt;

use rustls_pki_types::UnixTime;
use webpki::{BorrowedCertRevocationList, BorrowedRevokedCert, CertRevocationList, RevocationReason};

use crate::format::time::Instant;

/// That a certificate was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// As of when.
    pub at: Instant,
    /// Why, if the list says it.
    pub reason: Option<RevocationReason>,
}

impl Revoked {
    /// Whether what was signed in this second stands: only if it came before, and the reason says that the key was not lost
    /// (RFC 3161 section 4: with no reason, or another one, nothing stands that was ever signed).
    pub fn spares(&self, second: Instant) -> bool {
        use RevocationReason::{AffiliationChanged, CessationOfOperation, Superseded, Unspecified};
        let is_harmless =
            matches!(self.reason, Some(Unspecified | AffiliationChanged | Superseded | CessationOfOperation));
        is_harmless && second < self.at
    }
}

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Some(reason) => write!(f, "revoked as of {} ({reason:?})", self.at),
            None => write!(f, "revoked as of {}, without a reason", self.at),
        }
    }
}

/// Parses a list; `None` if it is none, of a kind that says nothing by itself (a delta), or has an entry that cannot be read:
/// the library would pass such a list over whenever it comes to that entry.
pub(super) fn parse(der: &[u8]) -> Option<CertRevocationList<'_>> {
    let list = BorrowedCertRevocationList::from_der(der).ok()?;
    let is_whole = list.into_iter().all(|entry| entry.is_ok());
    is_whole.then(|| CertRevocationList::from(list))
}

/// Whether bytes are a list that says something by itself.
pub fn is_revocation_list(der: &[u8]) -> bool {
    parse(der).is_some()
}

/// All that a list says of a certificate of this issuer and number: one can be listed twice.
pub(super) fn revoked(list: &CertRevocationList<'_>, issuer: &[u8], serial: &[u8]) -> Vec<Revoked> {
    let CertRevocationList::Borrowed(entries) = list else { return Vec::new() };
    if list.issuer() != issuer {
        return Vec::new();
    }
    let of_it = entries.into_iter().flatten().filter(|entry| entry.serial_number == serial);
    let revoked = |entry: BorrowedRevokedCert<'_>| {
        // What became invalid earlier than it was taken back was invalid then.
        let at = entry.invalidity_date.map_or(entry.revocation_date, |date| date.min(entry.revocation_date));
        Revoked { at: instant(at), reason: entry.reason_code }
    };
    of_it.map(revoked).collect()
}

fn instant(time: UnixTime) -> Instant {
    i64::try_from(time.as_secs()).ok().and_then(Instant::from_seconds).unwrap_or(Instant::LAST)
}
