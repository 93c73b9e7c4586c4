//! `case.toml`, which people write: to typed values, with everything that is wrong in it said at once.

mod error;
mod law;
mod reading;
mod template;

pub use crate::toml_file::{Problem, ProblemKind, check_text, list};
pub use error::CaseTomlError;
pub use law::Law;
pub use template::CaseTemplate;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::format::case::{
    Authority, CaseJson, CaseReference, CaseType, Device, Exhibit, LegalBasis, Operator, Scope, Text,
};
use crate::format::digest::Nonce;
use crate::limits::CASE_LEN_MAX;

/// A case file that can be sealed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// The authority that acts.
    pub authority: Authority,
    /// Which case.
    pub case: CaseReference,
    /// Which exhibit.
    pub exhibit: Exhibit,
    /// What the taking is based on.
    pub legal_basis: Option<LegalBasis>,
    /// Anything else.
    pub notes: Option<Text>,
    /// The person who seals.
    pub operator: Operator,
    /// Conditions and limits.
    pub safeguards: Option<Text>,
    /// The device or medium.
    pub source: Option<Device>,
    /// The sealing system's clock, if it was compared with another.
    pub clock: Option<ClockMeasured>,
    /// What the law asks for.
    pub law: Law,
}

/// How the sealing system's clock compared with another, as the operator found it (SPEC.md section 10, `clock`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockMeasured {
    /// System clock minus reference, in milliseconds; of absolute value below 2^53.
    pub offset_ms: i64,
    /// What it was compared with.
    pub reference: Text,
}

impl CaseFile {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self, CaseTomlError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(CASE_LEN_MAX + 1).read_to_end(&mut bytes))
            .map_err(|source| CaseTomlError::Read { path: path.to_owned(), source })?;
        if u64::try_from(bytes.len()).map_or(true, |len| len > CASE_LEN_MAX) {
            return Err(CaseTomlError::TooLong(path.to_owned()));
        }
        let text = String::from_utf8(bytes).map_err(|_| CaseTomlError::NotText(path.to_owned()))?;
        Self::parse(&text).map_err(|problems| CaseTomlError::Problems { path: path.to_owned(), problems })
    }

    /// Checks the text of a file. Gives every problem, ascending by line; what is missing comes last.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        reading::parse(text)
    }

    /// The content of `case.json`.
    pub fn into_case_json(self, nonce: Nonce, scope: Scope) -> CaseJson {
        let law = self.law;
        CaseJson {
            taking: law.taking,
            authorisation: law.authorisation,
            confidentiality: law.confidentiality,
            cooperation: law.cooperation,
            exculpatory: law.exculpatory,
            items: law.items,
            offence: law.offence,
            personal_data: law.personal_data,
            power: law.power,
            third_parties: law.third_parties,
            use_limits: law.use_limits,
            authority: self.authority,
            case: self.case,
            exhibit: self.exhibit,
            legal_basis: self.legal_basis,
            nonce,
            notes: self.notes,
            operator: self.operator,
            safeguards: self.safeguards,
            scope,
            source: self.source,
            document_type: CaseType::V1,
        }
    }
}
