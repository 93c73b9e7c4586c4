//! Single members, for what is added to a bundle.

use std::io;

use super::bundle::Bundle;
use super::bytes::read_exact_at;
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::hash::sha256;
use crate::limits::{ENVELOPE_LEN_MAX, STATEMENT_LEN_MAX};

/// Why a member cannot be had.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WholeError {
    #[error("{name} cannot be read")]
    Io { name: MemberName, source: io::Error },
    #[error("{name} is not there, or longer than it may be")]
    Missing { name: MemberName },
    #[error("the statement is not the one that was verified")]
    Other,
}

/// The bytes of the statement that has this digest.
///
/// # Errors
/// If it is not there any more.
pub fn read_statement(bundle: &dyn Bundle, digest: Option<Digest>) -> Result<Vec<u8>, WholeError> {
    let bytes = read(bundle, &MemberName::Statement, STATEMENT_LEN_MAX)?;
    if Some(sha256(&bytes)) == digest { Ok(bytes) } else { Err(WholeError::Other) }
}

/// The bytes of a grown member.
///
/// # Errors
/// If it is not there.
pub fn read_grown(bundle: &dyn Bundle, name: &MemberName) -> Result<Vec<u8>, WholeError> {
    read(bundle, name, ENVELOPE_LEN_MAX)
}

fn read(bundle: &dyn Bundle, name: &MemberName, len_max: u64) -> Result<Vec<u8>, WholeError> {
    let missing = || WholeError::Missing { name: name.clone() };
    let failed = |source| WholeError::Io { name: name.clone(), source };
    let place = bundle.members().iter().position(|member| member.kind.as_ref() == Some(name)).ok_or_else(missing)?;
    let content = bundle.open(place).map_err(failed)?;
    let len = usize::try_from(content.len_bytes()).ok().filter(|&len| len as u64 <= len_max).ok_or_else(missing)?;
    let mut bytes = vec![0; len];
    read_exact_at(&*content, &mut bytes, 0).map_err(failed)?;
    Ok(bytes)
}
