//! What the entries of a bundle say of its case: whether there is something that a pattern names, and whether a digest is one
//! of theirs.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::interrupt;
use crate::format::case::CaseJson;
use crate::format::case_law::CaseItem;
use crate::format::digest::Digest;
use crate::format::pattern::patterns;
use crate::verify::Bundle;
use crate::verify::proven::open_proven;

/// What was found in one pass.
pub(super) struct Entries {
    /// Of each item of the case: whether content that could be read matches its pattern.
    matched: Vec<bool>,
    /// Whether the source's digest by another tool is that of an entry.
    pub is_source_digest_found: bool,
}

impl Entries {
    /// Looks at all entries under the statement of this digest. `None` if they cannot all be looked at.
    pub fn of(bundle: &dyn Bundle, seal: Option<Digest>, case: &CaseJson) -> Option<Self> {
        let digest: Option<Digest> = case.taking.as_ref().and_then(|taking| taking.source_sha256);
        let globs: Vec<String> = case.items.iter().map(|item| item.paths.as_str().to_owned()).collect();
        // A pattern that is none, which only another sealer writes, names nothing.
        let sets: Vec<_> = globs.iter().map(|glob| patterns(std::slice::from_ref(glob)).ok()).collect();
        let mut it = Self { matched: vec![false; globs.len()], is_source_digest_found: false };
        let opened = open_proven(bundle, &[], interrupt::flag()).ok().filter(|opened| opened.seal_digest == seal)?;
        let content = opened.content().ok()?;
        let is_whole = content.all_lines(&mut |line, _| {
            it.is_source_digest_found |= digest.is_some() && line.sha256 == digest;
            let entry = &line.entry;
            if entry.content_is_known() {
                let path = std::path::Path::new(OsStr::from_bytes(entry.path.as_bytes()));
                for (matched, set) in it.matched.iter_mut().zip(&sets) {
                    *matched |= set.as_ref().is_some_and(|set| set.is_match(path));
                }
            }
            true
        });
        is_whole.then_some(it)
    }

    /// Whether there is something that an item of the case names.
    pub fn has(&self, case: &CaseJson, item: &CaseItem) -> bool {
        let at = case.items.iter().position(|other| std::ptr::eq(other, item));
        at.and_then(|at| self.matched.get(at)).copied().unwrap_or(false)
    }
}
