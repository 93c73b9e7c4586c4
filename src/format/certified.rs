//! Keys that are certified (X.509): the certificates of a signer, and whose certificates a trust list believes (SPEC.md STM-5,
//! TRU-6). Fields stand in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::case::Text;
use super::json::bytes_of_base64;

/// Most certificates of a signer.
pub const CERTIFICATE_COUNT_MAX: usize = 8;
/// Longest certificate, in bytes.
pub const CERTIFICATE_LEN_MAX: usize = 16_384;
/// Most rules of a party.
const RULE_COUNT_MAX: usize = 64;

/// The certificates of a signer: that of the key, then those above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Certificates(Vec<String>);

impl Certificates {
    /// Certificates in DER, that of the key first.
    pub fn new<'a>(ders: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self(ders.into_iter().map(|der| data_encoding::BASE64.encode(der)).collect())
    }

    /// What each is, if all are what certificates may be by their number and length. None is looked into.
    pub fn ders(&self) -> Option<Vec<Vec<u8>>> {
        let is_some = (1..=CERTIFICATE_COUNT_MAX).contains(&self.0.len());
        let ders: Option<Vec<_>> = self.0.iter().map(|text| bytes_of_base64(text)).collect();
        ders.filter(|ders| is_some && ders.iter().all(|der| (1..=CERTIFICATE_LEN_MAX).contains(&der.len())))
    }
}

/// Whose certificates are of a party: those by this root, to a subject of these names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRule {
    /// The root, a certificate in DER and base64.
    pub root: String,
    /// What the subject is called.
    pub subject: SubjectNames,
}

/// Attributes that a subject must have, each with this value: at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(missing_docs, reason = "X.520 names them so")]
pub struct SubjectNames {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub common_name: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization_identifier: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organizational_unit: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serial_number: Option<Text>,
}

impl SubjectNames {
    /// Words of the attributes, as a list has them, and their object identifiers (X.520, ETSI EN 319 412-1).
    pub const ATTRIBUTES: [(&'static str, &'static str); 6] = [
        ("commonName", "2.5.4.3"),
        ("country", "2.5.4.6"),
        ("organization", "2.5.4.10"),
        ("organizationIdentifier", "2.5.4.97"),
        ("organizationalUnit", "2.5.4.11"),
        ("serialNumber", "2.5.4.5"),
    ];

    /// The attribute that a word names.
    pub fn attribute(&mut self, word: &str) -> Option<&mut Option<Text>> {
        let place = Self::ATTRIBUTES.iter().position(|(known, _)| *known == word)?;
        let all = [
            &mut self.common_name,
            &mut self.country,
            &mut self.organization,
            &mut self.organization_identifier,
            &mut self.organizational_unit,
            &mut self.serial_number,
        ];
        all.into_iter().nth(place)
    }

    /// Those that are there: word, object identifier, value.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        let all = [
            &self.common_name,
            &self.country,
            &self.organization,
            &self.organization_identifier,
            &self.organizational_unit,
            &self.serial_number,
        ];
        Self::ATTRIBUTES
            .into_iter()
            .zip(all)
            .filter_map(|((word, id), value)| Some((word, id, value.as_ref()?.as_str())))
    }
}

/// Whether a party's rules have the form that they must have.
pub fn are_rules(rules: &[CertificateRule]) -> bool {
    let is_rule = |rule: &CertificateRule| {
        rule.subject.given().next().is_some() && bytes_of_base64(&rule.root).is_some_and(|der| !der.is_empty())
    };
    rules.len() <= RULE_COUNT_MAX && rules.iter().all(is_rule) && rules.is_sorted_by(|a, b| a.root <= b.root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_one_to_eight_of_bounded_length() {
        let of = |count: usize, len: usize| Certificates::new(vec![&vec![1; len][..]; count]).ders().is_some();
        assert!(of(1, 1) && of(CERTIFICATE_COUNT_MAX, CERTIFICATE_LEN_MAX));
        assert!(!of(0, 1) && !of(CERTIFICATE_COUNT_MAX + 1, 1) && !of(1, 0) && !of(1, CERTIFICATE_LEN_MAX + 1));
        assert_eq!(Certificates(vec!["AA=".into()]).ders(), None);
    }

    #[test]
    fn each_word_of_an_attribute_is_the_name_of_its_field() {
        for (word, id) in SubjectNames::ATTRIBUTES {
            let mut names = SubjectNames::default();
            *names.attribute(word).unwrap() = Some(crate::format::event::tests::text("x"));
            assert_eq!(serde_json::to_string(&names).unwrap(), format!("{{\"{word}\":\"x\"}}"));
            assert_eq!(names.given().collect::<Vec<_>>(), [(word, id, "x")]);
        }
        assert!(SubjectNames::default().attribute("title").is_none());
    }
}
