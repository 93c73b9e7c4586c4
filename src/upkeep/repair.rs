//! Repairing the ZIP wrapper: the directory, and local headers, made anew from the members that are found. Always into
//! another file; sealed bytes are copied as they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bounds::unproven;
use super::copy::{Copy, CopyError, Watch};
use super::survey::{Lost, Survey, survey};
use super::whole::flaws;
use crate::causes::with_causes;
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::hash::PlainSha256;
use crate::output::{Form, OutputError, Writer};
use crate::verify::{Bytes, Part, ZipFile, check_structure};

/// Why nothing was repaired.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RepairError {
    #[error("no member is left in {path}", path = path.display())]
    NothingLeft { path: PathBuf },
    #[error("cannot read {path}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot copy {path}", path = path.display())]
    Copy { path: PathBuf, source: CopyError },
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl RepairError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NothingLeft { .. } => Some("nothing was written: there is nothing to lead to".to_owned()),
            Self::Read { .. } => None,
            Self::Copy { source, .. } => source.hint(),
            Self::Output(error) => error.hint(),
        }
    }
}

/// What a repair did.
#[derive(Debug)]
pub struct Repaired {
    /// The new file.
    pub path: PathBuf,
    /// SHA-256 of `statement.json` as it stands there, if it does: nothing was verified.
    pub seal_digest: Option<Digest>,
    /// The directory was made anew.
    pub directory_remade: bool,
    /// Number of members that were kept.
    pub kept_count: u64,
    /// Those whose local header was made anew.
    pub headers_remade: Vec<String>,
    /// Those whose bytes do not have the CRC-32 that their header states. Both are kept as they were.
    pub crc_wrong: Vec<String>,
    /// What was left out.
    pub lost: Vec<Lost>,
    /// What `scelle verify` will refute in the new file, by its wrapper and names alone.
    pub refuted: Vec<String>,
}

/// Repairs the wrapper of the bundle at `path` into `out`, which must not exist. `None`, and nothing written, if it is
/// sound. Leaves nothing behind if it fails.
pub fn repair(
    bytes: &Arc<dyn Bytes>,
    path: &Path,
    out: &Path,
    watch: Watch<'_>,
) -> Result<Option<Repaired>, RepairError> {
    let read_error = |source| RepairError::Read { path: path.to_owned(), source };
    let survey = survey(&**bytes).map_err(read_error)?;
    if survey.is_sound() {
        return Ok(None);
    }
    if survey.members.is_empty() {
        return Err(RepairError::NothingLeft { path: path.to_owned() });
    }
    rebuild(bytes, path, survey, out, watch).map(Some)
}

/// Copies what the survey found into a new wrapper.
fn rebuild(
    bytes: &Arc<dyn Bytes>,
    path: &Path,
    survey: Survey,
    out: &Path,
    watch: Watch<'_>,
) -> Result<Repaired, RepairError> {
    let copy_error = |source| match source {
        CopyError::Output(error) => RepairError::Output(error),
        source => RepairError::Copy { path: path.to_owned(), source },
    };
    let total = survey.members.iter().map(|member| member.len).fold(0, u64::saturating_add);
    let mut copy = Copy::new(Writer::create(out, Form::Zip)?, total, watch);
    let (mut crc_wrong, mut headers_remade, mut seal_digest) = (Vec::new(), Vec::new(), None);
    let mut directory_remade = !survey.directory_sound;
    // Where these begin and end was inferred, and no CRC-32 bears it out.
    let mut unstated = BTreeMap::new();
    for member in &survey.members {
        let is_statement = member.name == MemberName::Statement.to_string();
        let is_unstated = member.local.is_none() && member.central.is_none();
        let mut hasher = PlainSha256::default();
        let content = Part::new(Arc::clone(bytes), member.content_offset, member.len);
        copy.member(&member.name, &content, |piece| {
            if is_statement || is_unstated {
                hasher.update(piece);
            }
        })
        .map_err(copy_error)?;
        let crc = copy.writer.finish_stating(|crc| member.header_for(crc).1)?;
        let header = Some(member.header_for(crc));
        if member.local != header {
            headers_remade.push(member.name.clone());
        }
        directory_remade |= member.central != header;
        if member.header_for(crc).1 != crc {
            crc_wrong.push(member.name.clone());
        }
        let digest = hasher.finish();
        if is_statement && seal_digest.is_none() {
            seal_digest = Some(digest);
        }
        if is_unstated && member.crc_left != Some(crc) {
            unstated.insert(member.name.clone(), digest);
        }
    }
    let path = copy.writer.commit()?;
    // It has its name by now: that it cannot be read back is told, but is no failure to write it.
    let mut refuted =
        refuted(&path, &unstated).unwrap_or_else(|error| vec![format!("not known: {}", with_causes(&error))]);
    // Bundles may lie within evidence: what was found after a hole need not belong to this one.
    let last_found = survey.members.last().map_or(0, |member| member.content_offset);
    for lost in survey.lost.iter().filter(|lost| lost.offset < last_found) {
        refuted.push(format!("what was found after the {} bytes at offset {} that are lost", lost.len, lost.offset));
    }
    Ok(Repaired {
        refuted,
        path,
        seal_digest,
        directory_remade,
        kept_count: survey.members.len() as u64,
        headers_remade,
        crc_wrong,
        lost: survey.lost,
    })
}

/// What step V-1 refutes in the file that was just written, and members that were cut out of the old one wrongly.
fn refuted(path: &Path, unstated: &BTreeMap<String, Digest>) -> Result<Vec<String>, RepairError> {
    let read_error = |source| RepairError::Read { path: path.to_owned(), source };
    let bytes = crate::verify::open_file(path).map_err(|error| read_error(std::io::Error::other(error)))?;
    let bundle = ZipFile::open(bytes).map_err(read_error)?;
    let flaws = flaws(&bundle, &check_structure(&bundle));
    let unproven = if unstated.is_empty() { Vec::new() } else { unproven(&bundle, unstated).map_err(read_error)? };
    let words =
        |name| format!("{name}: its header is lost, and nothing in the bundle bears out where it begins and ends");
    Ok(flaws.into_iter().map(|flaw| flaw.what).chain(unproven.into_iter().map(words)).collect())
}
