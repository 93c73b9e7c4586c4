//! `scelle report`: what a verification found, as a page that a court can read.

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::check::facts;
use super::clock::now;
use super::request::open_request;
use super::small_file::write_new;
use super::treaty::open_treaty;
use super::trusted::{TrustArgs, Trusted};
use super::verify::{Confined, exit_of, verified_confined};
use super::{Exit, Failure, interrupt, message};
use crate::format::digest::Digest;
use crate::format::line::Line;
use crate::hash::PlainSha256;
use crate::new_file::write_new_by;
use crate::profile::{Profile, evaluate};
use crate::report::escape::escape;
use crate::report::html::{Exhibit, Exhibits, ROW_COUNT_MAX, Rules, Source, page};
use crate::text::{Language, Texts};
use crate::verify::proven::{Proven, open_proven};
use crate::verify::{Bundle, Cancelled};

/// Anybody may read the list.
const LIST_MODE: u32 = 0o644;

/// Write a report on a bundle that people can read, as one page of HTML
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The page to write; must not exist. A bundle of more than 10,000 entries gets a list of all beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Language: en, ar, zh, fr, ru, es or vi [default: by LC_ALL, LC_MESSAGES or LANG, else English]
    #[arg(long, value_name = "TAG")]
    lang: Option<String>,
    /// The signed request that the bundle answers
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Directory that holds the custody log, if it is kept beside the bundle
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

/// The list of all entries cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}", path = path.display())]
struct ListError {
    path: PathBuf,
    source: io::Error,
}

/// Runs the command. The exit code is that of `scelle verify`: a report of a refuted bundle is written too.
pub fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let texts = Texts::of(language(args.lang.as_deref())?);
    let trusted = args.trust.open()?;
    let request = args.request.as_deref().map(|path| open_request(path, &trusted)).transpose()?;
    let treaty = open_treaty(None, &[])?;
    let profile = Profile::of("uncc").map_err(|error| Failure::new(Exit::Usage, error))?;
    let list = args.out.with_extension("entries.tsv");
    for path in [&args.out, &list] {
        require_free(path)?;
    }
    let Confined { bundle, name, verification } =
        verified_confined(&args.bundle, args.log.as_deref(), &trusted, &args.out)?;
    let at = now();
    let facts = facts(&*bundle, &verification, &treaty, request.as_ref(), (at, !trusted.is_nobody()));
    let evaluation = evaluate(&profile, &facts);
    let exhibits = exhibits(&*bundle, &trusted, &list)?;
    let rules = Rules { profile: &profile, facts: &facts, evaluation: &evaluation };
    let source = Source { name: &name, verification: &verification, exhibits: &exhibits, rules, at };
    write_new(&args.out, page(&source, &texts).as_bytes()).inspect_err(|_| {
        // A list without its page would be in the way of the next one.
        if exhibits.list.is_some() {
            let _ = std::fs::remove_file(&list);
        }
    })?;
    message(&format!("wrote {}", args.out.display()));
    if exhibits.list.is_some() {
        message(&format!("wrote {}: all {} entries", list.display(), exhibits.count));
    }
    Ok(exit_of(verification.verdict))
}

fn require_free(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => {
            Err(Failure::new(Exit::Usage, format!("{} exists already", escape(path.as_os_str().as_encoded_bytes())))
                .hint("a report is never written over; name a file that is not there yet"))
        }
    }
}

/// The language that the user names, or that of their locale.
fn language(tag: Option<&str>) -> Result<Language, Failure> {
    if let Some(tag) = tag {
        let known: Vec<_> = Language::ALL.iter().map(|language| language.tag()).collect();
        return Language::of(tag).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("--lang {tag:?} is no language of this program"))
                .hint(format!("one of: {}", known.join(", ")))
        });
    }
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    Ok(locale.and_then(|locale| Language::of(&locale)).unwrap_or(Language::English))
}

/// What it holds, as far as its lists are those that were sealed.
fn exhibits(bundle: &dyn Bundle, trusted: &Trusted, list: &Path) -> Result<Exhibits, Failure> {
    let cancel: &AtomicBool = interrupt::flag();
    let interrupted = || Failure::new(Exit::Interrupted, Cancelled);
    let opened = open_proven(bundle, &trusted.signers, cancel).map_err(|Cancelled| interrupted())?;
    let mut found = Exhibits::default();
    let Ok(content) = &opened.content else { return Ok(found) };
    found.is_whole = content.all_lines(&mut |line, _| {
        found.count += 1;
        if found.rows.len() < ROW_COUNT_MAX {
            found.rows.push(exhibit(&line));
        }
        !cancel.load(Ordering::Relaxed)
    });
    if cancel.load(Ordering::Relaxed) {
        return Err(interrupted());
    }
    if found.count > found.rows.len() as u64 {
        let written = write_list(content, list, cancel);
        if cancel.load(Ordering::Relaxed) {
            return Err(interrupted());
        }
        let digest =
            written.map_err(|source| Failure::new(Exit::CouldNot, ListError { path: list.to_owned(), source }))?;
        let name = list.file_name().map(|name| escape(name.as_encoded_bytes())).unwrap_or_default();
        found.list = Some((name, digest));
    }
    Ok(found)
}

/// Every entry as a line: number, kind, size, digest, time, path; columns are parted by tabs. Nothing stays of one that is
/// interrupted.
fn write_list(content: &Proven<'_>, list: &Path, cancel: &AtomicBool) -> io::Result<Digest> {
    let mut hasher = PlainSha256::default();
    write_new_by(list, LIST_MODE, |file| {
        let (mut out, mut result) = (BufWriter::new(file), Ok(()));
        // Parts that are not as they were sealed were told of already.
        content.all_lines(&mut |line, _| {
            let it = exhibit(&line);
            let size = it.size_bytes.map_or_else(String::new, |size| size.to_string());
            let digest = it.sha256.map_or_else(String::new, |digest| digest.to_string());
            let row = format!("{}\t{}\t{size}\t{digest}\t{}\t{}\n", it.n, it.kind, it.changed, escape(&it.path));
            hasher.update(row.as_bytes());
            result = out.write_all(row.as_bytes());
            result.is_ok() && !cancel.load(Ordering::Relaxed)
        });
        if cancel.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        result.and_then(|()| out.flush())
    })?;
    Ok(hasher.finish())
}

fn exhibit(line: &Line) -> Exhibit {
    let entry = &line.entry;
    let time = jiff::Timestamp::from_second(entry.mtime.seconds());
    Exhibit {
        n: line.n,
        path: entry.path.as_bytes().to_vec(),
        kind: entry.kind.word(),
        size_bytes: entry.size,
        sha256: line.sha256,
        changed: time.map_or_else(|_| entry.mtime.to_string(), |time| time.to_string()),
    }
}
