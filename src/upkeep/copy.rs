//! Copying members as they are, in bounded memory.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::output::{OutputError, Writer};
use crate::verify::{Bundle, Bytes, read_exact_at};

/// How much is copied at a time, in bytes.
const PIECE_LEN: usize = 1 << 20;

/// Who watches the work: told how far it has come, and may end it.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Set when the user wants to stop.
    pub cancel: &'a AtomicBool,
    /// Told of bytes that are done, and of all of them.
    pub progress: &'a dyn Fn(u64, u64),
}

/// Why a member was not copied.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CopyError {
    #[error("cannot read {member}")]
    Read { member: String, source: io::Error },
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error("interrupted")]
    Interrupted,
}

impl CopyError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("nothing unfinished was left behind".to_owned()),
            Self::Output(error) => error.hint(),
            Self::Interrupted => {
                Some("nothing unfinished was left behind; run the same command to start again".to_owned())
            }
        }
    }
}

/// Members on their way from one bundle to another.
pub(super) struct Copy<'a> {
    pub writer: Writer,
    watch: Watch<'a>,
    total: u64,
}

impl<'a> Copy<'a> {
    /// `total` is what will be copied, in bytes.
    pub fn new(writer: Writer, total: u64, watch: Watch<'a>) -> Self {
        Self { writer, watch, total }
    }

    /// Begins a member and copies all of its bytes; whoever called ends it. `each` is shown what is copied.
    pub fn member(&mut self, name: &str, bytes: &dyn Bytes, mut each: impl FnMut(&[u8])) -> Result<(), CopyError> {
        let len = bytes.len_bytes();
        self.writer.start(name, Some(len))?;
        let mut piece = vec![0; PIECE_LEN.min(usize::try_from(len).unwrap_or(PIECE_LEN))];
        let mut offset = 0;
        while offset < len {
            if self.watch.cancel.load(Ordering::Relaxed) {
                return Err(CopyError::Interrupted);
            }
            let piece_len = usize::try_from(len - offset).unwrap_or(usize::MAX).min(piece.len());
            let piece = &mut piece[..piece_len];
            read_exact_at(bytes, piece, offset)
                .map_err(|source| CopyError::Read { member: name.to_owned(), source })?;
            self.writer.write(piece)?;
            each(piece);
            offset += piece_len as u64;
            (self.watch.progress)(self.writer.written_len(), self.total);
        }
        Ok(())
    }
}

/// Opens a member of a bundle by its place.
pub(super) fn open_member(bundle: &dyn Bundle, place: usize) -> Result<Box<dyn Bytes + '_>, CopyError> {
    let member = || bundle.members().get(place).map(|member| member.name.clone()).unwrap_or_default();
    bundle.open(place).map_err(|source| CopyError::Read { member: member(), source })
}
