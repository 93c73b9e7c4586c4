//! Paths from a certificate to a root, as of a moment that is never now by itself.

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, RevocationOptions, VerifiedPath};

use crate::format::time::Instant;

/// A certificate, and what may stand between it and a root.
pub struct Chain<'a> {
    /// The one that is judged.
    pub leaf: &'a EndEntityCert<'a>,
    /// Roots that were good then.
    pub anchors: &'a [TrustAnchor<'a>],
    /// Others that came along.
    pub others: &'a [CertificateDer<'a>],
}

impl<'a> Chain<'a> {
    /// A path to one of the roots by certificates that were all valid in that second.
    ///
    /// # Errors
    /// What the library says.
    pub fn path(
        &self,
        second: Instant,
        usage: impl ExtendedKeyUsageValidator,
        revocation: Option<RevocationOptions<'_>>,
    ) -> Result<VerifiedPath<'a>, Error> {
        let seconds = u64::try_from(second.seconds()).unwrap_or(0);
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        self.leaf.verify_for_usage(ALL_VERIFICATION_ALGS, self.anchors, self.others, time, usage, revocation, None)
    }
}

/// Why there is no path, in words.
pub fn words(error: &Error) -> String {
    match error {
        // A root of the same name with another key is another root.
        Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => {
            "it leads to no root that you trust, or to none that was valid then".to_owned()
        }
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
            "a certificate between it and a root that you trust was not valid then".to_owned()
        }
        other => format!("between it and a root that you trust: {other:?}"),
    }
}
