//! Hard links repeat what is known of their target, which is known in full only when the target's digests are.

use std::collections::HashMap;

use super::SealError;
use crate::format::digest::Digest;
use crate::format::entry::{FurtherDigests, Gap, Hole};
use crate::format::line::Line;
use crate::format::path::EntryPath;
use crate::pack::Finished;

/// What is known of files that have further names still to come.
#[derive(Default)]
pub struct LinkTargets(HashMap<EntryPath, Target>);

struct Target {
    links_left: u64,
    size: Option<u64>,
    sha256: Option<Digest>,
    chunks_root: Option<Digest>,
    holes: Vec<Hole>,
    gaps: Vec<Gap>,
    also: Option<FurtherDigests>,
}

impl LinkTargets {
    /// Remembers a line if further names of the same file may follow.
    pub fn remember(&mut self, line: &Line) {
        let entry = &line.entry;
        let Some(links_left) = entry.nlink.filter(|_| entry.hard_link.is_none()) else { return };
        let target = Target {
            links_left: links_left - 1,
            size: entry.size,
            sha256: line.sha256,
            chunks_root: line.chunks_root,
            holes: entry.holes.clone(),
            gaps: entry.gaps.clone(),
            also: entry.also.clone(),
        };
        self.0.insert(entry.path.clone(), target);
    }

    /// Takes note of a further name that was sealed before.
    pub fn met(&mut self, path: &EntryPath) {
        if let Some(target) = self.0.get_mut(path) {
            target.links_left = target.links_left.saturating_sub(1);
            if target.links_left == 0 {
                self.0.remove(path);
            }
        }
    }

    /// Completes the line of a hard link (SPEC.md MAN-5), also with what need not be repeated. Returns what its digests are.
    pub fn complete(&mut self, link: &mut Finished) -> Result<(Option<Digest>, Option<Digest>), SealError> {
        const UNKNOWN: SealError = SealError::Internal("a hard link came before its target");
        let path = link.entry.hard_link.as_ref().ok_or(UNKNOWN)?.clone();
        let target = self.0.get(&path).ok_or(UNKNOWN)?;
        link.entry.size = target.size;
        link.entry.holes = target.holes.clone();
        link.entry.gaps = target.gaps.clone();
        link.entry.also = target.also.clone();
        let digests = (target.sha256, target.chunks_root);
        self.met(&path);
        Ok(digests)
    }
}
