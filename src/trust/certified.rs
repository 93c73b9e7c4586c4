//! Keys that certificates vouch for: a path to a root that the list names, and a subject of the names that it asks for
//! (SPEC.md TRU-6).

use std::fmt;

use der::asn1::ObjectIdentifier;
use webpki::{Error, ExtendedKeyUsageValidator, KeyPurposeIdIter};

use crate::format::certified::{CertificateRule, SubjectNames};
use crate::format::party::PartyId;
use crate::format::statement::RequiredSigner;
use crate::format::time::Instant;
use crate::format::trust_list::Party;
use crate::x509::{Certificate, Root, first_path, signing, words};

/// Whose certificates count as whose.
#[derive(Debug)]
pub struct Rule {
    party: PartyId,
    root: Root,
    subject: SubjectNames,
}

/// A key that is believed by its certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// The party whose rule it fits.
    pub party: PartyId,
    /// The subject of its certificate. May hold any characters.
    pub subject: String,
}

impl fmt::Display for Certified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by the certificate of {}", self.party, self.subject)
    }
}

/// Why certificates do not vouch for a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCertified {
    /// The first one cannot be read.
    #[error("its certificate cannot be read")]
    Form,
    /// They are of something else.
    #[error("its certificate is of another key")]
    OtherKey,
    /// The key is not for signing data, or certifies others.
    #[error("its certificate is not for signing evidence")]
    Usage,
    /// It was not valid.
    #[error("the certificate of {subject} is not valid at {at}; that it signed when it was is not proven")]
    Validity {
        /// Whom it is of.
        subject: String,
        /// The moment for which it was judged.
        at: Instant,
    },
    /// No party has a rule for such a name.
    #[error("the certificate of {0} has not the names that the trust list asks for")]
    Names(String),
    /// Of those whose names fit, none has the root.
    #[error("the certificate of {subject}: {why}")]
    Path {
        /// Whom it is of.
        subject: String,
        /// Why, in words.
        why: String,
    },
}

/// The rules of a list. A root that is no certificate is none.
pub fn rules(parties: &[Party]) -> Vec<Rule> {
    let rule = |party: &Party, rule: &CertificateRule| {
        let root = Root::from_base64(&rule.root).ok()?;
        Some(Rule { party: party.id.clone(), root, subject: rule.subject.clone() })
    };
    parties.iter().flat_map(|party| party.certificates.iter().filter_map(move |it| rule(party, it))).collect()
}

/// Whether a signer's certificates vouch for its key at a moment; `None` if it has none.
pub fn certified(signer: &RequiredSigner, rules: &[Rule], at: Instant) -> Option<Result<Certified, NotCertified>> {
    let ders = signer.certificates.as_ref()?.ders().unwrap_or_default();
    Some(judge(signer, &ders, rules, at))
}

fn judge(signer: &RequiredSigner, ders: &[Vec<u8>], rules: &[Rule], at: Instant) -> Result<Certified, NotCertified> {
    let [first, others @ ..] = ders else { return Err(NotCertified::Form) };
    let leaf = Certificate::parse(first).ok_or(NotCertified::Form)?;
    let spki = leaf.public_key_der().ok_or(NotCertified::Form)?;
    if data_encoding::BASE64.encode(&spki) != signer.spki {
        return Err(NotCertified::OtherKey);
    }
    if leaf.is_of_authority() || !leaf.all_key_usages(|usage| !(usage.0 & signing()).is_empty()) {
        return Err(NotCertified::Usage);
    }
    let subject = leaf.subject();
    if !leaf.is_valid_at(at) {
        return Err(NotCertified::Validity { subject, at });
    }
    let mut why = NotCertified::Names(subject.clone());
    for rule in rules.iter().filter(|rule| fits(&leaf, &rule.subject)) {
        match leads_to(first, others, &rule.root, at) {
            Ok(()) => return Ok(Certified { party: rule.party.clone(), subject }),
            Err(error) => why = NotCertified::Path { subject: subject.clone(), why: words(&error) },
        }
    }
    Err(why)
}

fn fits(leaf: &Certificate<'_>, names: &SubjectNames) -> bool {
    let has = |id: &str, value: &str| ObjectIdentifier::new(id).is_ok_and(|id| leaf.subject_has(id, value));
    names.given().all(|(_, id, value)| has(id, value))
}

fn leads_to(leaf: &[u8], others: &[Vec<u8>], root: &Root, at: Instant) -> Result<(), Error> {
    first_path(leaf, others, std::slice::from_ref(root), at, |path| path.verify(AnyUse, None, |_| ())).map(|_| ())
}

/// Extended key usages are of protocols; what a key may sign as evidence, the names in the list say.
struct AnyUse;

impl ExtendedKeyUsageValidator for AnyUse {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}
