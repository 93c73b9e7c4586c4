//! A certificate, for what is asked of it here.

use der::asn1::{ObjectIdentifier, PrintableStringRef, Utf8StringRef};
use der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};

use crate::format::time::Instant;

/// Longest name that is kept of a subject, in characters.
const SUBJECT_LEN: usize = 160;
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");

/// A certificate (RFC 5280), parsed.
pub struct Certificate<'a> {
    /// Its exact bytes.
    pub bytes: &'a [u8],
    parsed: x509_cert::Certificate,
}

impl<'a> Certificate<'a> {
    /// `None` if it is none.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { bytes, parsed: x509_cert::Certificate::from_der(bytes).ok()? })
    }

    /// What is signed in it.
    pub fn content(&self) -> &x509_cert::TbsCertificate {
        self.parsed.tbs_certificate()
    }

    /// Whom it is of, as RFC 4514 writes names, cut to a length that is shown: a bundle can have 10,000 time-stamps, and a
    /// name 2 MiB. May hold any characters.
    pub fn subject(&self) -> String {
        // A row of blanks could push the end of a name to where nobody looks.
        let name = self.content().subject().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        match name.char_indices().nth(SUBJECT_LEN) {
            Some((end, _)) => format!("{}...", &name[..end]),
            None => name,
        }
    }

    /// Whether its subject has this attribute with exactly this value, as UTF8String or PrintableString.
    pub fn subject_has(&self, attribute: ObjectIdentifier, value: &str) -> bool {
        self.content().subject().iter().filter(|it| it.oid == attribute).any(|it| {
            let utf8 = it.value.decode_as::<Utf8StringRef<'_>>().is_ok_and(|it| it.as_str() == value);
            utf8 || it.value.decode_as::<PrintableStringRef<'_>>().is_ok_and(|it| it.as_str() == value)
        })
    }

    /// The key that it is about, as a SubjectPublicKeyInfo in DER.
    pub fn public_key_der(&self) -> Option<Vec<u8>> {
        self.content().subject_public_key_info().to_der().ok()
    }

    /// From when to when it is valid, both included.
    pub fn validity(&self) -> Option<(Instant, Instant)> {
        let validity = self.content().validity();
        let instant =
            |time: x509_cert::time::Time| Instant::from_seconds(i64::try_from(time.to_unix_duration().as_secs()).ok()?);
        Some((instant(validity.not_before)?, instant(validity.not_after)?))
    }

    /// Whether it is valid in this second.
    pub fn is_valid_at(&self, second: Instant) -> bool {
        self.validity().is_some_and(|(from, to)| (from..=to).contains(&second))
    }

    /// The extensions of this kind: whether each is critical, and its value.
    pub fn extensions(&self, id: ObjectIdentifier) -> impl Iterator<Item = (bool, &[u8])> {
        let all = self.content().extensions().into_iter().flatten();
        all.filter(move |it| it.extn_id == id).map(|it| (it.critical, it.extn_value.as_bytes()))
    }

    /// Whether it says that it is of who certifies others; what cannot be read may say so.
    pub fn is_of_authority(&self) -> bool {
        self.extensions(BASIC_CONSTRAINTS).any(|(_, value)| BasicConstraints::from_der(value).map_or(true, |it| it.ca))
    }

    /// Whether it is of who certifies others: it says so, and its key usage, if it has one, is that (RFC 5280 section 4.2.1.9).
    pub fn can_certify(&self) -> bool {
        self.constraints().is_some_and(|it| it.ca) && self.all_key_usages(|usage| usage.key_cert_sign())
    }

    /// How many may stand between it and the last one, if it bounds that.
    pub fn path_len_max(&self) -> Option<usize> {
        self.constraints().and_then(|it| it.path_len_constraint).map(usize::from)
    }

    fn constraints(&self) -> Option<BasicConstraints> {
        let mut all = self.extensions(BASIC_CONSTRAINTS);
        let constraints = all.next().and_then(|(_, value)| BasicConstraints::from_der(value).ok());
        constraints.filter(|_| all.next().is_none())
    }

    /// Each of its key usages, if it has any, passes.
    pub fn all_key_usages(&self, passes: impl Fn(KeyUsage) -> bool) -> bool {
        self.extensions(KEY_USAGE).all(|(_, value)| KeyUsage::from_der(value).is_ok_and(&passes))
    }
}

/// What signs data: the usages of a key that does (RFC 5280 section 4.2.1.3).
pub fn signing() -> der::flagset::FlagSet<KeyUsages> {
    KeyUsages::DigitalSignature | KeyUsages::NonRepudiation
}
