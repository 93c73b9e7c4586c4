//! Single members, for what is added to a bundle.

use super::bundle::Bundle;
use super::members::{ReadError, read_bounded};
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::hash::sha256;
use crate::limits::{ENVELOPE_LEN_MAX, STATEMENT_LEN_MAX};

/// Why a member cannot be had.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WholeError {
    #[error("{name}")]
    Read { name: MemberName, source: ReadError },
    #[error("{name} is not there")]
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
    let place = bundle.members().iter().position(|member| member.kind.as_ref() == Some(name));
    let place = place.ok_or_else(|| WholeError::Missing { name: name.clone() })?;
    read_bounded(bundle, place, len_max).map_err(|source| WholeError::Read { name: name.clone(), source })
}
