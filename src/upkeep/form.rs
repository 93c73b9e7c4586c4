//! From directory form to file form and back (SPEC.md section 13). Both carry the same seal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::copy::{Copy, CopyError, Watch, open_member};
use super::whole::{Flaw, flaws, segment_count};
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::format::statement::Statement;
use crate::hash::PlainSha256;
use crate::limits::STATEMENT_LEN_MAX;
use crate::output::{Form, OutputError, Writer};
use crate::verify::{Bundle, check_structure, read_exact_at, rules};

/// Why a bundle has not got its other form.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FormError {
    #[error("{path} is not whole: {what}", path = path.display())]
    NotWhole { path: PathBuf, what: String, is_wrapper: bool },
    #[error("{member} of {path} does not have the CRC-32 that its header states", path = path.display())]
    Crc { path: PathBuf, member: String },
    #[error("cannot copy {path}", path = path.display())]
    Copy { path: PathBuf, source: CopyError },
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl FormError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotWhole { is_wrapper: true, .. } => {
                Some("`scelle repair` rebuilds what leads to the members".to_owned())
            }
            Self::NotWhole { .. } | Self::Crc { .. } => {
                Some("`scelle verify` says what is damaged; nothing unfinished was left behind".to_owned())
            }
            Self::Copy { source, .. } => source.hint(),
            Self::Output(error) => error.hint(),
        }
    }
}

/// A bundle that has got its other form.
#[derive(Debug)]
pub struct Reformed {
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of `statement.json`, as it stands there: nothing was verified.
    pub seal_digest: Digest,
    /// Number of its members.
    pub member_count: u64,
    /// Bytes of its members.
    pub stored_len: u64,
    /// Names of files in the directory form that are no members and were left out (SPEC.md DIR-2).
    pub foreign: Vec<Vec<u8>>,
}

/// Writes the bundle at `path` in the given form to `out`, which must not exist. Refuses a bundle that is not whole by
/// its names (step V-1); verifies nothing else. Leaves nothing behind if it fails.
pub fn change_form(
    bundle: &dyn Bundle,
    path: &Path,
    form: Form,
    out: &Path,
    watch: Watch<'_>,
) -> Result<Reformed, FormError> {
    let ledger = check_structure(bundle);
    if let Some(Flaw { what, is_wrapper }) = flaws(bundle, &ledger).into_iter().next() {
        return Err(FormError::NotWhole { path: path.to_owned(), what, is_wrapper });
    }
    let copy_error = |source| match source {
        CopyError::Output(error) => FormError::Output(error),
        source => FormError::Copy { path: path.to_owned(), source },
    };
    let total = bundle.members().iter().map(|member| member.len).fold(0, u64::saturating_add);
    let mut copy = Copy::new(Writer::create(out, form)?, total, watch);
    let mut seal_digest = PlainSha256::default();
    let order = file_order(bundle).map_err(copy_error)?;
    for &place in &order {
        let Some(member) = bundle.members().get(place) else { continue };
        let bytes = open_member(bundle, place).map_err(copy_error)?;
        let is_statement = member.kind == Some(MemberName::Statement);
        copy.member(&member.name, &*bytes, |piece| {
            if is_statement {
                seal_digest.update(piece);
            }
        })
        .map_err(copy_error)?;
        let crc = copy.writer.finish()?;
        if member.crc.is_some_and(|stated| stated != crc) {
            return Err(FormError::Crc { path: path.to_owned(), member: member.name.clone() });
        }
    }
    let foreign = ledger.details().iter().filter(|check| check.rule.id == rules::DIR_FOREIGN.id);
    let foreign = foreign.map(|check| check.object.clone()).collect();
    let stored_len = copy.writer.written_len();
    let path = copy.writer.commit()?;
    Ok(Reformed { path, seal_digest: seal_digest.finish(), member_count: order.len() as u64, stored_len, foreign })
}

/// Places of the members in the order in which they stand in the file form (SPEC.md MEM-1, ZIP-7).
fn file_order(bundle: &dyn Bundle) -> Result<Vec<usize>, CopyError> {
    let members = bundle.members().iter().enumerate();
    let mut places: BTreeMap<String, usize> = members.map(|(place, member)| (member.name.clone(), place)).collect();
    let sealed = MemberName::sealed(segment_count(bundle));
    let mut order: Vec<usize> = sealed.filter_map(|name| places.remove(&name.to_string())).collect();
    order.extend(first_envelope(bundle, &places)?.and_then(|name| places.remove(&name)));
    order.extend(places.into_values());
    Ok(order)
}

/// Of the envelopes of required signers the one whose name is the least, else of all envelopes.
fn first_envelope(bundle: &dyn Bundle, grown: &BTreeMap<String, usize>) -> Result<Option<String>, CopyError> {
    let required = match statement(bundle)? {
        Some(statement) => statement.predicate.required_signers.keys,
        None => Vec::new(),
    };
    let required = required.iter().map(|signer| MemberName::envelope_of(signer.keyid).to_string());
    let any = grown.keys().find(|name| matches!(MemberName::parse(name), Some(MemberName::Envelope(_))));
    Ok(required.filter(|name| grown.contains_key(name)).min().or(any.cloned()))
}

/// The statement, if it can be parsed; whether it is the signed one is not asked.
fn statement(bundle: &dyn Bundle) -> Result<Option<Statement>, CopyError> {
    let place = bundle.members().iter().position(|member| member.kind == Some(MemberName::Statement));
    let Some(place) = place else { return Ok(None) };
    let bytes = open_member(bundle, place)?;
    let Some(len) = usize::try_from(bytes.len_bytes()).ok().filter(|len| *len as u64 <= STATEMENT_LEN_MAX) else {
        return Ok(None);
    };
    let mut buf = vec![0; len];
    let read = read_exact_at(&*bytes, &mut buf, 0);
    read.map_err(|source| CopyError::Read { member: MemberName::Statement.to_string(), source })?;
    Ok(Statement::parse(&buf).ok())
}
