//! Looking ahead: the next manifest line after a segment. The line of a file that goes on into later segments stands in
//! the one where it ends, and a segment's end can be judged only by what comes next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::Context;
use super::line_check::read_line;
use super::lines::Lines;
use super::members::Cancelled;
use crate::format::digest::Digest;
use crate::format::line::Line;
use crate::format::member::MemberName;
use crate::tree::leaf_hash;

/// How many answers are kept: segments are verified in about their order, so old ones are not asked for again.
/// Few, because each may hold a line of any length.
const KEPT: usize = 8;

/// A line that was looked up ahead.
pub(super) struct AheadLine {
    /// The line.
    pub line: Line,
    /// Its leaf hash, by which it is recognised when its own segment has been verified.
    pub leaf: Digest,
}

/// What comes after some segment, as far as lines are concerned.
#[derive(Clone)]
pub(super) enum Following {
    /// A line.
    Line(Arc<AheadLine>),
    /// No further line.
    Nothing,
    /// It cannot be told, because a manifest part before it is damaged.
    Unknown,
}

/// Answers by the segment in which the line was found, or could not be: the first segment for which the answer holds,
/// and the answer.
type Answers = BTreeMap<u64, (u64, Following)>;

/// A cache of answers that all workers share.
#[derive(Default)]
pub(super) struct Ahead(Mutex<Answers>);

impl Ahead {
    /// The first line of the segments from `from` on.
    pub fn first_line(&self, context: &Context<'_>, from: u64) -> Result<Following, Cancelled> {
        // Held while searching, so that a long run of segments without lines is walked through once.
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = from;
        let (last, found) = loop {
            if at >= context.segment_count() {
                return Ok(Following::Nothing);
            }
            if let Some((&last, (first, answer))) = answers.range(at..).next()
                && *first <= at
            {
                break (last, answer.clone());
            }
            match line_of(context, at)? {
                Following::Nothing => at += 1,
                found => break (at, found),
            }
        };
        let first = answers.get(&last).map_or(from, |&(first, _)| first.min(from));
        answers.insert(last, (first, found.clone()));
        if answers.len() > KEPT {
            answers.pop_first();
        }
        Ok(found)
    }
}

/// The first line of one manifest part, if it has any.
fn line_of(context: &Context<'_>, segment: u64) -> Result<Following, Cancelled> {
    // A part that is damaged, or ends before its first line does, hides no line if the index part says that it is empty.
    let unread = || {
        let is_empty = context.proven_index(segment).is_some_and(|index| index.lines == 0);
        if is_empty { Following::Nothing } else { Following::Unknown }
    };
    let Some(bytes) = context.open_proven(&MemberName::Manifest(segment))? else { return Ok(unread()) };
    let mut lines = Lines::new(bytes, context.limits.frame());
    Ok(match lines.advance() {
        Ok(Some(bytes)) => match read_line(context, bytes) {
            Ok(line) => Following::Line(Arc::new(AheadLine { line, leaf: leaf_hash(bytes) })),
            Err(_) => Following::Unknown,
        },
        Ok(None) => Following::Nothing,
        Err(_) => unread(),
    })
}
