//! Whether the authority of a time-stamp leads to a root that the user trusts, at the moment at which it stamped and never at
//! another one (SPEC.md TSP-9, TSP-10).

use rustls_pki_types::CertificateDer;
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, KeyUsage, RevocationCheckDepth,
    RevocationOptionsBuilder, UnknownStatusPolicy, VerifiedPath,
};

use super::examine::Sound;
use super::revocation::{self, Revoked};
use crate::format::time_stamp::Token;
use crate::x509::{Chain, Root, words};

/// Value of the identifier of id-kp-timeStamping, 1.3.6.1.5.5.7.3.8.
const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];

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
    let anchors: Vec<_> = roots.iter().filter_map(|root| root.anchor_at(sound.second())).collect();
    let others: Vec<CertificateDer<'_>> = token
        .certificates
        .iter()
        .filter(|bytes| **bytes != sound.certificate)
        .map(|bytes| CertificateDer::from(&bytes[..]))
        .collect();
    let leaf = CertificateDer::from(&sound.certificate[..]);
    let leaf = match EndEntityCert::try_from(&leaf) {
        Ok(leaf) => leaf,
        Err(error) => return Standing::Untrusted(words(&error)),
    };
    let judged = Judged { chain: Chain { leaf: &leaf, anchors: &anchors, others: &others }, sound };
    let path = match judged.path(None) {
        Ok(path) => path,
        Err(error) => return Standing::Untrusted(words(&error)),
    };
    let lists = token.revocation_lists.iter().filter_map(|der| revocation::parse(der));
    let gravest = lists.filter_map(|list| judged.revoked_by(&list, &path)).find(|it| !it.spares(sound.second()));
    gravest.map_or(Standing::Trusted, Standing::Revoked)
}

struct Judged<'a> {
    chain: Chain<'a>,
    sound: &'a Sound,
}

impl<'a> Judged<'a> {
    fn path(&self, list: Option<&CertRevocationList<'_>>) -> Result<VerifiedPath<'a>, Error> {
        let lists: Vec<_> = list.into_iter().collect();
        // A list from later says what is asked; whether a newer one would say more cannot be told offline.
        let options = RevocationOptionsBuilder::new(&lists).ok().map(|builder| {
            let builder = builder.with_depth(RevocationCheckDepth::Chain);
            let builder = builder.with_status_policy(UnknownStatusPolicy::Allow);
            builder.with_expiration_policy(ExpirationPolicy::Ignore).build()
        });
        // That the signer's own has it, and nothing else, was seen before; of others it is asked if they have any.
        let usage = KeyUsage::required_if_present(TIME_STAMPING);
        self.chain.path(self.sound.second(), usage, options)
    }

    /// What a list says of a certificate on the path, if it is genuine: the library knows that, and tells it by refusing.
    fn revoked_by(&self, list: &CertRevocationList<'_>, path: &VerifiedPath<'_>) -> Option<Revoked> {
        if !matches!(self.path(Some(list)), Err(Error::CertRevoked)) {
            return None;
        }
        let leaf = revocation::revoked(list, path.end_entity().issuer(), path.end_entity().serial());
        let on_path = path.intermediate_certificates();
        leaf.or_else(|| on_path.into_iter().find_map(|it| revocation::revoked(list, it.issuer(), it.serial())))
    }
}
