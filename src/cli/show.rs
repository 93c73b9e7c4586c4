//! `scelle show`: statement and case, for people.

use std::fmt::Write as _;

use clap::Args;

use super::content::{BundleArgs, OpenBundle};
use super::{Exit, Failure, interrupt, write_stdout};
use crate::cli::clock::host_clock_in_words;
use crate::format::block_device::{BlockDevice, How};
use crate::format::case::{CaseJson, Text};
use crate::format::clock::ClockSource;
use crate::format::json::{ByteCount, to_canonical};
use crate::format::partitions::TableKind;
use crate::format::statement::Statement;
use crate::report::escape::{escape, json};
use crate::report::quantity::{bytes, grouped};
use crate::verify::Signer;

/// Show the statement and the case of a bundle
#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    bundle: BundleArgs,
    /// Print both as one JSON object
    #[arg(long)]
    json: bool,
}

/// The statement cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{bundle} has no statement that can be read")]
struct NoStatement {
    bundle: String,
}

/// What `--json` prints.
#[derive(serde::Serialize)]
struct Shown<'a> {
    case: &'a Option<CaseJson>,
    seal_digest: Option<String>,
    statement: &'a Statement,
}

/// Runs the command.
pub fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    let cancel = interrupt::flag();
    let bundle = OpenBundle::open(&args.bundle, &[])?;
    let opened = bundle.proven(&args.bundle, cancel)?;
    let Some(statement) = &opened.statement else {
        let bundle = args.bundle.bundle.display().to_string();
        return Err(Failure::new(Exit::Refuted, NoStatement { bundle }).hint("`scelle verify` says what is damaged"));
    };
    let seal_digest = opened.seal_digest.map(|digest| digest.to_string());
    if args.json {
        let text = to_canonical(&Shown { case: &opened.case, seal_digest, statement });
        write_stdout(format!("{}\n", json(&String::from_utf8_lossy(&text))).as_bytes())?;
        return Ok(opened.exit());
    }
    let mut page = Page::default();
    page.heading("Seal");
    page.row("seal digest", &seal_digest.unwrap_or_default());
    statement_rows(&mut page, statement);
    page.heading("Signers");
    opened.signers.iter().for_each(|signer| page.row(&signer.key_id.to_string()[..16], &signer_text(signer)));
    match &opened.case {
        Some(case) => case_rows(&mut page, case),
        None => {
            page.heading("Case");
            page.row("case", "cannot be shown; `scelle verify` says why");
        }
    }
    write_stdout(page.0.as_bytes())?;
    Ok(opened.exit())
}

/// Rows of a name and a text.
#[derive(Default)]
struct Page(String);

impl Page {
    fn heading(&mut self, text: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        // Writing into a string does not fail.
        let _ = writeln!(self.0, "{gap}{text}");
    }

    fn row(&mut self, name: &str, text: &str) {
        let _ = writeln!(self.0, "  {name:<18} {}", escape(text.as_bytes()));
    }

    /// A source, by names that are bytes.
    fn names(&mut self, name: &[u8], from: &[u8]) {
        let _ = writeln!(self.0, "  {:<18} from {}", escape(name), escape(from));
    }

    fn optional(&mut self, name: &str, text: Option<&crate::format::case::Text>) {
        if let Some(text) = text {
            self.row(name, text.as_str());
        }
    }
}

fn statement_rows(page: &mut Page, statement: &Statement) {
    let predicate = &statement.predicate;
    let counts = &predicate.counts;
    page.row("bundle id", &predicate.bundle_id.to_string());
    page.row("sealed", &format!("{} to {}", predicate.acquisition.start, predicate.acquisition.end));
    let offset = predicate.clock.offset_ms.map(|ms| format!(", {ms} ms off"));
    let reference = predicate.clock.reference.as_ref().map(|text| format!(" against {text}"));
    let source = match predicate.clock.source {
        ClockSource::System => "the sealing system's",
        ClockSource::Given => "given by hand, not read from a clock",
    };
    let host = predicate.clock.host.as_ref().map(|host| format!("; {}", host_clock_in_words(host)));
    page.row(
        "clock",
        &[source.to_owned(), offset.unwrap_or_default(), reference.unwrap_or_default(), host.unwrap_or_default()]
            .concat(),
    );
    page.row("entries", &format!("{}, {} of them files", grouped(counts.entries), grouped(counts.files)));
    page.row("content", &bytes(counts.bytes));
    page.row("not opened", &grouped(counts.unreadable));
    page.row("not read", &format!("{} regions, {}", grouped(counts.gaps), bytes(counts.gap_bytes)));
    page.row("changed meanwhile", &grouped(counts.changed));
    page.row("tool", &format!("{} {}", predicate.tool.name, predicate.tool.version));
    let parameters = &predicate.parameters;
    page.row("compressor", &format!("{}, level {}", parameters.compressor, parameters.level));
    if parameters.seed_given {
        page.row("seed", "GIVEN: salts and nonces may be known to others");
    }
    page.row("root", &predicate.root.to_string());
}

fn signer_text(signer: &Signer) -> String {
    let role = signer.role.as_deref().map_or("not required by the statement".to_owned(), |role| format!("as {role}"));
    let state = signer.signature.words();
    let trust = if signer.is_trusted { "trusted by you" } else { "not among the keys that you gave" };
    format!("{role}; {state}; {trust}")
}

fn case_rows(page: &mut Page, case: &CaseJson) {
    page.heading("Case");
    page.row("case", case.case.id.as_str());
    page.optional("title", case.case.title.as_ref());
    page.row("exhibit", case.exhibit.id.as_str());
    page.optional("description", case.exhibit.description.as_ref());
    page.optional("seized at", case.exhibit.seized_at.as_ref());
    page.optional("seized place", case.exhibit.seized_place.as_ref());
    page.row("authority", &format!("{} ({})", case.authority.name.as_str(), case.authority.state));
    page.row("operator", case.operator.name.as_str());
    page.optional("role", case.operator.role.as_ref());
    page.optional("contact", case.operator.contact.as_ref());
    if let Some(basis) = &case.legal_basis {
        page.row("legal basis", basis.instrument.as_str());
        page.optional("article", basis.article.as_ref());
        page.optional("reference", basis.reference.as_ref());
    }
    if let Some(device) = &case.source {
        page.optional("make", device.make.as_ref());
        page.optional("model", device.model.as_ref());
        page.optional("serial", device.serial.as_ref());
        page.optional("write protection", device.write_protection.as_ref());
    }
    page.optional("safeguards", case.safeguards.as_ref());
    page.optional("notes", case.notes.as_ref());
    page.heading("Scope");
    for source in &case.scope.sources {
        page.names(&source.name, &source.path);
        if let Some(device) = &source.device {
            device_rows(page, device);
        }
    }
    case.scope.exclude.iter().for_each(|glob| page.row("left out", glob.as_str()));
    page.row("one file system", if case.scope.one_file_system { "yes" } else { "no" });
    if case.scope.mounted_ok.is_some() {
        page.row("mounted devices", "ALLOWED: a device may have been written to while it was sealed");
    }
    page.optional("sealed on host", case.scope.host.as_ref());
}

/// What is known of a device, below its name.
fn device_rows(page: &mut Page, device: &BlockDevice) {
    let size = |count: Option<ByteCount>| count.map(|count| bytes(count.get()));
    let mut row = |name: &str, text: Option<String>| text.into_iter().for_each(|text| page.row(name, &text));
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.as_str().to_owned());
    row("  size", size(device.size_bytes));
    row("  sectors", sectors(device));
    row("  vendor", text(&device.vendor));
    row("  model", text(&device.model));
    row("  serial", text(&device.serial));
    row("  wwid", text(&device.wwid));
    row("  backing file", device.backing_file.as_ref().map(|path| String::from_utf8_lossy(path).into_owned()));
    row("  read-only", device.read_only.map(|read_only| if read_only { "yes" } else { "no" }.to_owned()));
    if device.uses.as_ref().is_some_and(Vec::is_empty) {
        row("  in use", Some("no".to_owned()));
    }
    for found in device.uses.iter().flatten() {
        let how = match &found.how {
            How::Mount(path) => format!("mounted at {}", String::from_utf8_lossy(path)),
            How::Swap => "as swap space".to_owned(),
            How::Unknown => "by the system, which did not say for what".to_owned(),
        };
        let access = if found.read_only { "read-only" } else { "READ-WRITE" };
        row("  in use", Some(format!("{}: {how}, {access}", found.device.as_str())));
    }
    if let Some(table) = &device.partition_table {
        let kind = match table.kind {
            TableKind::Gpt => "GPT",
            TableKind::Mbr => "MBR",
            TableKind::None => "none",
        };
        let id = table.id.as_ref().map(|id| format!(" {}", id.as_str())).unwrap_or_default();
        row("  partition table", Some(format!("{kind}{id}")));
        row("  problem", text(&table.problem));
        for part in &table.partitions {
            let name = part.name.as_ref().map(|name| format!(", {}", name.as_str())).unwrap_or_default();
            let (start, len) = (grouped(part.start_bytes.get()), bytes(part.length_bytes.get()));
            row(
                &format!("  partition {}", part.number),
                Some(format!("{len} from byte {start}, type {}{name}", part.partition_type)),
            );
        }
    }
}

fn sectors(device: &BlockDevice) -> Option<String> {
    let (logical, physical) = (device.logical_sector_bytes?.get(), device.physical_sector_bytes?.get());
    Some(format!("{logical} bytes logical, {physical} physical"))
}
