//! Whether the authority of a time-stamp leads to a root that the user trusts, at the moment at which it stamped and never at
//! another one (SPEC.md TSP-9, TSP-10).

use webpki::{
    CertRevocationList, Error, ExpirationPolicy, KeyUsage, RevocationCheckDepth, RevocationOptionsBuilder,
    UnknownStatusPolicy, VerifiedPath,
};

use super::certificate::TIME_STAMPING;
use super::examine::Sound;
use super::revocation::{self, Revoked};
use crate::format::time::Instant;
use crate::format::time_stamp::Token;
use crate::x509::{Path, Root, first_path, words};

/// What trust says of a sound time-stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its authority leads to a trusted root.
    Trusted,
    /// The user trusts no root at all.
    NoRoots,
    /// It leads to none that was good then; why, in words.
    Untrusted(String),
    /// It does, but a certificate on the way was taken back, so that the time-stamp does not stand.
    Revoked(Revoked),
}

/// Judges the authority of a token that is sound.
pub fn standing(token: &Token, sound: &Sound, roots: &[Root]) -> Standing {
    if roots.is_empty() {
        return Standing::NoRoots;
    }
    let path =
        first_path(&sound.certificate, &token.certificates, roots, sound.second(), |path| verify(path, None, |_| ()));
    let path = match path {
        Ok(path) => path,
        Err(error) => return Standing::Untrusted(words(&error)),
    };
    let mut lists = token.revocation_lists.iter().filter_map(|der| revocation::parse(der));
    let revoked = lists.find_map(|list| revoked_by(&path, &list, sound.second()));
    revoked.map_or(Standing::Trusted, Standing::Revoked)
}

fn verify<T>(
    path: &Path<'_>,
    list: Option<&CertRevocationList<'_>>,
    read: impl FnOnce(&VerifiedPath<'_>) -> T,
) -> Result<T, Error> {
    let lists: Vec<_> = list.into_iter().collect();
    // A list from later says what is asked; whether a newer one would say more cannot be told offline.
    let options = RevocationOptionsBuilder::new(&lists).ok().map(|builder| {
        let builder = builder.with_depth(RevocationCheckDepth::Chain);
        let builder = builder.with_status_policy(UnknownStatusPolicy::Allow);
        builder.with_expiration_policy(ExpirationPolicy::Ignore).build()
    });
    // That the signer's own has it, and nothing else, was seen before; of others it is asked if they have any.
    path.verify(KeyUsage::required_if_present(TIME_STAMPING.as_bytes()), options, read)
}

/// What a list says of a certificate on the path so that a time-stamp of this second does not stand, if it is genuine: the
/// library knows that, and tells it by refusing.
fn revoked_by(path: &Path<'_>, list: &CertRevocationList<'_>, second: Instant) -> Option<Revoked> {
    if !matches!(verify(path, Some(list), |_| ()), Err(Error::CertRevoked)) {
        return None;
    }
    let named = verify(path, None, |path| {
        let others = path.intermediate_certificates().map(|it| (it.issuer().to_vec(), it.serial().to_vec()));
        let leaf = (path.end_entity().issuer().to_vec(), path.end_entity().serial().to_vec());
        std::iter::once(leaf).chain(others).collect::<Vec<_>>()
    });
    let named = named.unwrap_or_default();
    let mut all = named.iter().flat_map(|(issuer, serial)| revocation::revoked(list, issuer, serial));
    all.find(|it| !it.spares(second))
}
