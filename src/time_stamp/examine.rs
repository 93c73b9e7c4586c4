//! What can be said of a time-stamp without trusting anybody (SPEC.md TSP-3 to TSP-8).

use der::asn1::ObjectIdentifier;

use super::certificate::{UsageError, of_signer};
use super::signature::{self, SignatureError};
use crate::format::time::Instant;
use crate::format::time_stamp::{
    CertificateId, GenTime, Imprint, InfoError, Response, SignerInfo, Status, TST_INFO, Token, TstInfo,
};
use crate::x509::Certificate;

/// What is wrong with a time-stamp, whomever one trusts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Problem {
    #[error("the authority refused, with status {number}{}{text}", if text.is_empty() { "" } else { ": " })]
    Refused { number: u8, text: String },
    #[error("there is no token in it")]
    NoToken,
    #[error("its content is {0}, not a TSTInfo")]
    InnerType(ObjectIdentifier),
    #[error("its content")]
    Info(#[from] InfoError),
    #[error("it has {0} signers; it must have one")]
    Signers(usize),
    #[error("nothing is signed beside the content: it has no signed attributes")]
    NoAttributes,
    #[error("the signed content type is not exactly one, that of a TSTInfo")]
    ContentType,
    #[error("its digest is by an algorithm that is unknown or weaker than SHA-256")]
    Digest,
    #[error("the signed digest is not exactly one, that of the content")]
    MessageDigest,
    #[error("the certificate of its signer is not in it")]
    NoCertificate,
    #[error("which certificate is the signer's is not signed (ESSCertID)")]
    NoCertificateId,
    #[error("the certificate is not the one that is signed as the signer's (ESSCertID)")]
    CertificateId,
    #[error("the signature")]
    Signature(#[from] SignatureError),
    #[error("the certificate of its signer")]
    Usage(#[from] UsageError),
    #[error("the certificate of its signer was not valid then: {0}")]
    Validity(String),
    #[error("it is over a digest by an algorithm that is unknown or weaker than SHA-256")]
    WeakImprint,
    #[error("it is over another file: {0}")]
    Imprint(String),
}

/// A time-stamp of which everything holds that does not depend on trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// What it says.
    pub info: TstInfo,
    /// The certificate of who signed, in DER.
    pub(super) certificate: Vec<u8>,
    /// Whom that is of.
    pub authority: String,
}

impl Sound {
    /// When it was made, by its authority.
    pub fn time(&self) -> GenTime {
        self.info.time
    }

    /// In which second.
    pub(super) fn second(&self) -> Instant {
        self.info.time.second()
    }
}

/// Examines an answer as a time-stamp over a file. Everything that is wrong is told, not only the first.
///
/// # Errors
/// All that is wrong; at least one.
pub fn examine(response: &Response, file: &[u8]) -> Result<Sound, Vec<Problem>> {
    examine_over(response, |imprint| imprint.hash().digest(file) == imprint.digest())
}

/// The same, of a file whose digests somebody else has: `is_over` says whether an imprint is one of them.
///
/// # Errors
/// All that is wrong; at least one.
pub fn examine_over(response: &Response, is_over: impl FnOnce(&Imprint) -> bool) -> Result<Sound, Vec<Problem>> {
    let mut problems = Vec::new();
    if let Status::Refused(number) = response.status {
        problems.push(Problem::Refused { number, text: response.text.clone() });
    }
    let Some(token) = &response.token else {
        if problems.is_empty() {
            problems.push(Problem::NoToken);
        }
        return Err(problems);
    };
    if token.inner_type != TST_INFO {
        problems.push(Problem::InnerType(token.inner_type));
    }
    let info = TstInfo::parse(&token.content).map_err(|error| problems.push(error.into())).ok();
    if let Some(info) = &info {
        problems.extend(imprint_problem(info, is_over));
    }
    let certificate = match &token.signers[..] {
        [signer] => signer_certificate(token, signer, info.as_ref(), &mut problems),
        signers => {
            problems.push(Problem::Signers(signers.len()));
            None
        }
    };
    match (info, certificate) {
        (Some(info), Some(certificate)) if problems.is_empty() => {
            Ok(Sound { info, authority: certificate.subject(), certificate: certificate.bytes.to_vec() })
        }
        _ => Err(problems),
    }
}

fn imprint_problem(info: &TstInfo, is_over: impl FnOnce(&Imprint) -> bool) -> Option<Problem> {
    match &info.imprint {
        None => Some(Problem::WeakImprint),
        Some(imprint) if is_over(imprint) => None,
        Some(imprint) => Some(Problem::Imprint(imprint.to_string())),
    }
}

/// The certificate of the signer, and all that is wrong with it and with what it signed.
fn signer_certificate<'a>(
    token: &'a Token,
    signer: &SignerInfo,
    info: Option<&TstInfo>,
    problems: &mut Vec<Problem>,
) -> Option<Certificate<'a>> {
    let Some(attributes) = &signer.attributes else {
        problems.push(Problem::NoAttributes);
        return None;
    };
    if attributes.content_types != [TST_INFO] {
        problems.push(Problem::ContentType);
    }
    match signer.hash {
        None => problems.push(Problem::Digest),
        Some(hash) if attributes.message_digests == [hash.digest(&token.content)] => {}
        Some(_) => problems.push(Problem::MessageDigest),
    }
    let ids = &attributes.certificate_ids;
    if ids.is_empty() {
        problems.push(Problem::NoCertificateId);
    }
    let Some(certificate) = of_signer(token, &signer.signer, ids) else {
        problems.push(Problem::NoCertificate);
        return None;
    };
    check_certificate(&certificate, ids, info, problems);
    if let Some(hash) = signer.hash {
        let checked = signature::verify(signer, hash, &attributes.to_be_signed, certificate.bytes);
        problems.extend(checked.err().map(Problem::from));
    }
    Some(certificate)
}

fn check_certificate(
    certificate: &Certificate<'_>,
    ids: &[CertificateId],
    info: Option<&TstInfo>,
    problems: &mut Vec<Problem>,
) {
    if !ids.iter().all(|id| certificate.is_identified_by(id)) {
        problems.push(Problem::CertificateId);
    }
    problems.extend(certificate.check_usage().err().map(Problem::from));
    if let Some(second) = info.map(|info| info.time.second()).filter(|&second| !certificate.is_valid_at(second)) {
        let validity = certificate.validity().map(|(from, to)| format!("{from} to {to}, and it stamped at {second}"));
        problems.push(Problem::Validity(validity.unwrap_or_else(|| "never".to_owned())));
    }
}
