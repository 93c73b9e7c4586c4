//! Step V-11 for `SHA256SUMS.zst`: its text, segment by segment, against what the lines imply.

use super::check::{Check, Ledger};
use super::context::Context;
use super::frames::{TextFrames, WalkError, judge};
use super::rules;
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::hash::PlainSha256;

/// The text of the sums, read along with the segments.
pub(super) struct SumsCheck<'a> {
    name: String,
    listed: Digest,
    /// `None` if the member is lost, or once the place in it is.
    frames: Option<TextFrames<'a>>,
    used: usize,
    /// Something has been said of it that is not a pass.
    is_reported: bool,
}

impl<'a> SumsCheck<'a> {
    /// `proven` says whether the member has its digest.
    pub fn new(context: &Context<'a>, proven: bool, listed: Digest) -> Self {
        let name = MemberName::Sums.to_string();
        let bytes = if proven { context.open(&MemberName::Sums).and_then(Result::ok) } else { None };
        let frames = bytes.map(|bytes| TextFrames::new(bytes, context.limits.frame()));
        Self { name, listed, frames, used: 0, is_reported: false }
    }

    /// Compares the next `len` bytes, by their digest.
    pub fn segment(&mut self, segment: u64, len: u64, expected: Digest, ledger: &mut Ledger) {
        let Some(frames) = &mut self.frames else {
            return self.lost("it is lost, or its place in the lines is", ledger);
        };
        let (mut hasher, mut left) = (PlainSha256::default(), len);
        while left > 0 {
            let rest = frames.plain().get(self.used..).unwrap_or_default();
            let take = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
            hasher.update(&rest[..take]);
            self.used += take;
            left -= take as u64;
            if left > 0 {
                self.used = 0;
                match frames.advance() {
                    Ok(true) => {}
                    Ok(false) => return self.failed(format!("ends in the lines of segment {segment}"), ledger),
                    Err(error) => return self.broken(&error, ledger),
                }
            }
        }
        let found = hasher.finish();
        if found == expected {
            ledger.pass(&rules::SUMS);
        } else {
            let check = Check::failed(&rules::SUMS, &self.name).expected(expected).actual(found);
            ledger.add(check.note(format!("digest of the {len} bytes for the lines of segment {segment}")));
            self.is_reported = true;
        }
    }

    /// Lines are not known, so the place of the next ones is not.
    pub fn lose_place(&mut self, ledger: &mut Ledger) {
        self.frames = None;
        self.lost("lines before it are lost", ledger);
    }

    /// The text must end here.
    pub fn finish(mut self, ledger: &mut Ledger) {
        let Some(frames) = &mut self.frames else { return };
        if self.used < frames.plain().len() {
            return self.failed("goes on after the last line".to_owned(), ledger);
        }
        match frames.advance() {
            // An empty text is one frame of no content, which nothing has asked for yet.
            Ok(true) if frames.plain().is_empty() => {}
            Ok(true) => return self.failed("goes on after the last line".to_owned(), ledger),
            Ok(false) => {}
            Err(error) => return self.broken(&error, ledger),
        }
        if let Some(check) = judge(&rules::SUMS, &self.name, self.listed, frames.digest(), None) {
            ledger.add(check);
        }
    }

    fn failed(&mut self, note: String, ledger: &mut Ledger) {
        self.frames = None;
        self.is_reported = true;
        ledger.add(Check::failed(&rules::SUMS, &self.name).note(note));
    }

    fn broken(&mut self, error: &WalkError, ledger: &mut Ledger) {
        let Some(mut frames) = self.frames.take() else { return };
        self.is_reported = true;
        if let Some(check) = judge(&rules::SUMS, &self.name, self.listed, frames.digest(), Some(error.into())) {
            ledger.add(check);
        }
    }

    fn lost(&mut self, note: &str, ledger: &mut Ledger) {
        if !self.is_reported {
            self.is_reported = true;
            ledger.add(Check::cannot_tell(&rules::SUMS, &self.name).note(note));
        }
    }
}
