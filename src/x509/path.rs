//! Paths from a certificate to a root, as of a moment that is never now by itself. They are searched here, within bounds, and
//! judged by the library one by one: its own search can be led around for minutes by certificates of one name.

use der::Encode as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, RevocationOptions, VerifiedPath};

use super::{Certificate, Root};
use crate::format::time::Instant;

/// Most paths that are tried.
const PATH_COUNT_MAX: usize = 8;
/// Most certificates between one and a root.
const BETWEEN_COUNT_MAX: usize = 6;
/// Most steps of a search.
const STEP_COUNT_MAX: usize = 512;

/// A certificate, what stands between it and a root, and the root: they name each other, and nothing was verified.
pub struct Path<'a> {
    leaf: &'a [u8],
    between: Vec<&'a [u8]>,
    root: &'a Root,
    second: Instant,
}

/// The first paths from a certificate through others to roots that were good in that second.
pub fn paths<'a>(leaf: &'a [u8], others: &'a [Vec<u8>], roots: &'a [Root], second: Instant) -> Vec<Path<'a>> {
    let Some(issuer) = Certificate::parse(leaf).and_then(|it| it.content().issuer().to_der().ok()) else {
        return Vec::new();
    };
    let link = |bytes: &'a Vec<u8>| {
        let certificate = Certificate::parse(bytes).filter(|it| it.bytes != leaf && it.can_certify())?;
        let content = certificate.content();
        Some(Link { bytes, subject: content.subject().to_der().ok()?, issuer: content.issuer().to_der().ok()? })
    };
    let links: Vec<_> = others.iter().filter_map(link).collect();
    let mut search = Search { leaf, links, roots, second, paths: Vec::new(), steps: 0 };
    search.from(&issuer, &mut Vec::new());
    search.paths
}

struct Link<'a> {
    bytes: &'a [u8],
    subject: Vec<u8>,
    issuer: Vec<u8>,
}

struct Search<'a> {
    leaf: &'a [u8],
    links: Vec<Link<'a>>,
    roots: &'a [Root],
    second: Instant,
    paths: Vec<Path<'a>>,
    steps: usize,
}

impl Search<'_> {
    /// Goes on from what this issuer signed; `taken` are the links on the way.
    fn from(&mut self, issuer: &[u8], taken: &mut Vec<usize>) {
        self.steps += 1;
        for root in self.roots.iter().filter(|root| root.may_begin(issuer, taken.len(), self.second)) {
            if self.paths.len() < PATH_COUNT_MAX {
                let between = taken.iter().map(|&i| self.links[i].bytes).collect();
                self.paths.push(Path { leaf: self.leaf, between, root, second: self.second });
            }
        }
        for i in 0..self.links.len() {
            let is_over = self.paths.len() == PATH_COUNT_MAX || self.steps == STEP_COUNT_MAX;
            if is_over || taken.len() == BETWEEN_COUNT_MAX {
                return;
            }
            if self.links[i].subject == issuer && !taken.contains(&i) {
                let next = self.links[i].issuer.clone();
                taken.push(i);
                self.from(&next, taken);
                taken.pop();
            }
        }
    }
}

/// The first of these paths that holds, as `verify` says.
///
/// # Errors
/// What the library says of the last one.
pub fn first_path<'a>(
    leaf: &'a [u8],
    others: &'a [Vec<u8>],
    roots: &'a [Root],
    second: Instant,
    verify: impl Fn(&Path<'_>) -> Result<(), Error>,
) -> Result<Path<'a>, Error> {
    let mut why = Error::UnknownIssuer;
    for path in paths(leaf, others, roots, second) {
        match verify(&path) {
            Ok(()) => return Ok(path),
            Err(error) => why = error,
        }
    }
    Err(why)
}

impl Path<'_> {
    /// Whether it holds, all certificates being valid in its second; then `read` reads it.
    ///
    /// # Errors
    /// What the library says.
    pub fn verify<T>(
        &self,
        usage: impl ExtendedKeyUsageValidator,
        revocation: Option<RevocationOptions<'_>>,
        read: impl FnOnce(&VerifiedPath<'_>) -> T,
    ) -> Result<T, Error> {
        let seconds = u64::try_from(self.second.seconds()).unwrap_or(0);
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let leaf = CertificateDer::from(self.leaf);
        let leaf = EndEntityCert::try_from(&leaf)?;
        let between: Vec<_> = self.between.iter().map(|der| CertificateDer::from(*der)).collect();
        let anchors: Vec<_> = self.root.anchor().into_iter().collect();
        let path = leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &between, time, usage, revocation, None)?;
        Ok(read(&path))
    }
}

/// Why there is no path, in words of bounded length: certificates of anybody lead to them.
pub fn words(error: &Error) -> String {
    match error {
        // A root of the same name with another key is another root.
        Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => {
            "it leads to no root that you trust, or to none that was valid then".to_owned()
        }
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
            "a certificate between it and a root that you trust was not valid then".to_owned()
        }
        other => {
            let said = format!("{other:?}");
            let kind = said.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            format!("between it and a root that you trust: {kind}")
        }
    }
}
