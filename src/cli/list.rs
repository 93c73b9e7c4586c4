//! `scelle list`: what a bundle holds.

use std::io::{self, BufWriter, Write};
use std::sync::atomic::Ordering;

use clap::Args;

use super::content::{BundleArgs, OpenBundle};
use super::{Exit, Failure, interrupt, write_error};
use crate::format::entry::{Entry, Kind};
use crate::format::line::Line;
use crate::report::escape::{escape, json};
use crate::report::quantity::grouped;
use crate::tree::TreeHead;
use crate::verify::Cancelled;
use crate::verify::proven::PartError;

/// List the entries of a bundle
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    bundle: BundleArgs,
    /// Print the manifest lines, one JSON object a line; names are exact
    #[arg(long)]
    json: bool,
}

/// A manifest part that is not the sealed one.
#[derive(Debug, thiserror::Error)]
#[error("manifest part of segment {segment}")]
struct ManifestError {
    segment: u64,
    source: PartError,
}

/// Runs the command.
pub fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    let bundle = OpenBundle::open(&args.bundle, &[])?;
    let opened = bundle.proven(&args.bundle, cancel)?;
    let content = opened.content()?;
    let mut exit = opened.exit();
    let mut leaves = TreeHead::default();
    let mut out = BufWriter::new(io::stdout().lock());
    for segment in 0..content.segment_count() {
        let mut written = Ok(());
        let lines = content.lines(segment, &mut |line, bytes| {
            leaves.push(bytes);
            written = if args.json { print_json(&mut out, bytes) } else { print(&mut out, &line) };
            written.is_ok() && !cancel.load(Ordering::Relaxed)
        });
        if cancel.load(Ordering::Relaxed) {
            return Err(Failure::new(Exit::Interrupted, Cancelled));
        }
        if let Err(error) = written {
            return write_error(error).map(|_| exit);
        }
        if let Err(source) = lines {
            let found = if matches!(source, PartError::Io(_)) { Exit::CouldNot } else { Exit::Refuted };
            exit = Failure::new(found, ManifestError { segment, source }).report();
        }
    }
    if exit != Exit::Refuted && exit != Exit::CouldNot && !content.root_holds(&leaves) {
        exit = Failure::new(Exit::Refuted, "these entries are not those that the signed root is over").report();
    }
    match out.flush() {
        Ok(()) => Ok(exit),
        Err(error) => write_error(error).map(|_| exit),
    }
}

fn print_json(out: &mut impl Write, line: &[u8]) -> io::Result<()> {
    // A line of a manifest was parsed, so it is UTF-8.
    writeln!(out, "{}", json(&String::from_utf8_lossy(line)))
}

/// Kind and mode, owner, size, time, path; what is odd about it behind.
fn print(out: &mut impl Write, line: &Line) -> io::Result<()> {
    let entry = &line.entry;
    let size = entry.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
    let time = jiff::Timestamp::from_second(entry.mtime.seconds());
    let time = time.map_or_else(|_| entry.mtime.to_string(), |time| time.to_string());
    write!(
        out,
        "{}{} {:>5} {:>5} {size:>12} {time:>20} {}",
        letter(entry.kind),
        permissions(entry.mode),
        entry.uid,
        entry.gid,
        escape(entry.path.as_bytes())
    )?;
    writeln!(out, "{}", remarks(entry))
}

fn letter(kind: Kind) -> char {
    match kind {
        Kind::File => '-',
        Kind::Dir => 'd',
        Kind::Symlink => 'l',
        Kind::Fifo => 'p',
        Kind::Socket => 's',
        Kind::Chardev => 'c',
        Kind::Blockdev => 'b',
        Kind::Disk => 'D',
        Kind::Unknown => '?',
    }
}

/// As `ls -l` shows them.
fn permissions(mode: u16) -> String {
    let special = [(0o4000, 's', 'S'), (0o2000, 's', 'S'), (0o1000, 't', 'T')];
    let mut text = String::with_capacity(9);
    for (class, (bit, with_x, without_x)) in special.into_iter().enumerate() {
        let bits = mode >> (6 - 3 * class);
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, mode & bit != 0) {
            (true, true) => with_x,
            (false, true) => without_x,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

fn remarks(entry: &Entry) -> String {
    let mut text = String::new();
    match (&entry.hard_link, &entry.link) {
        (Some(target), _) => text.push_str(&format!(" link to {}", escape(target.as_bytes()))),
        (None, Some(target)) => text.push_str(&format!(" -> {}", escape(target))),
        (None, None) => {}
    }
    if let Some(cause) = &entry.unreadable {
        text.push_str(&format!(" [not opened: {}]", escape(cause.as_bytes())));
    }
    if !entry.gaps.is_empty() {
        text.push_str(&format!(
            " [{} not read]",
            crate::report::quantity::count(entry.gaps.len() as u64, "region", "regions")
        ));
    }
    if let Some(at) = entry.gone_at_bytes() {
        text.push_str(&format!(" [incomplete: medium went away at byte {}]", grouped(at)));
    }
    if entry.changed_while_reading.is_some() {
        text.push_str(" [changed while it was read]");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_read_as_ls_shows_them() {
        for (mode, text) in [
            (0o644, "rw-r--r--"),
            (0o4755, "rwsr-xr-x"),
            (0o2640, "rw-r-S---"),
            (0o1777, "rwxrwxrwt"),
            (0, "---------"),
        ] {
            assert_eq!(permissions(mode), text);
        }
    }
}
