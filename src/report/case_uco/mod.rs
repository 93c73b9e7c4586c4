//! What a bundle holds and what happened to it, in CASE 1.5.0 and UCO 1.5.0 (<https://caseontology.org>), as JSON-LD that needs no
//! context from elsewhere. It is derived: what counts is the bundle.

mod id;
mod entry;
mod investigation;

use std::io::{self, Write};

use serde_json::{Value, json};

pub use id::Ids;
pub use investigation::Told;

use crate::format::line::Line;

/// A document that grows node by node: a bundle can have a million entries.
pub struct Document<W> {
    out: W,
    ids: Ids,
    entry_count: u64,
}

impl<W: Write> Document<W> {
    /// Begins one.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn begin(mut out: W, ids: Ids) -> io::Result<Self> {
        write!(out, "{{\"@context\":{},\"@graph\":[", context())?;
        Ok(Self { out, ids, entry_count: 0 })
    }

    /// Adds an entry; `is_proven` says whether all its content is what was sealed.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn entry(&mut self, line: &Line, is_proven: bool) -> io::Result<()> {
        let node = entry::node(self.ids, line, is_proven);
        if self.entry_count > 0 {
            self.out.write_all(b",")?;
        }
        self.entry_count += 1;
        write!(self.out, "\n{node}")
    }

    /// Adds all else, and ends it. What was written comes back.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn end(mut self, told: &Told<'_>) -> io::Result<W> {
        for (i, node) in investigation::nodes(self.ids, told).into_iter().enumerate() {
            let comma = if self.entry_count > 0 || i > 0 { "," } else { "" };
            write!(self.out, "{comma}\n{node}")?;
        }
        self.record(told)?;
        self.out.write_all(b"\n]}\n")?;
        Ok(self.out)
    }

    /// The record of provenance, which names every entry.
    fn record(&mut self, told: &Told<'_>) -> io::Result<()> {
        let mut node = investigation::record(self.ids, told).to_string();
        // An object ends with a brace; what is written for each entry stands before it.
        node.pop();
        write!(self.out, ",\n{node},\"uco-core:object\":[")?;
        let statement = reference(self.ids.of("statement")).to_string();
        self.out.write_all(statement.as_bytes())?;
        for n in 0..self.entry_count {
            write!(self.out, ",{}", reference(self.ids.of(&entry::key(n))))?;
        }
        self.out.write_all(b"]}")
    }
}

fn reference(id: String) -> Value {
    json!({"@id": id})
}

fn hash(ids: Ids, what: &str, method: &str, hex: &str) -> Value {
    json!({
        "@id": ids.of(&format!("{what}/hash/{method}")),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        // The canonical form of xsd:hexBinary.
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": hex.to_ascii_uppercase()},
    })
}

fn moment(text: impl ToString) -> Value {
    json!({"@type": "xsd:dateTime", "@value": text.to_string()})
}

fn context() -> Value {
    let uco = |name: &str| format!("https://ontology.unifiedcyberontology.org/uco/{name}/");
    json!({
        "case-investigation": "https://ontology.caseontology.org/case/investigation/",
        "uco-action": uco("action"), "uco-core": uco("core"), "uco-identity": uco("identity"),
        "uco-location": uco("location"), "uco-observable": uco("observable"), "uco-tool": uco("tool"),
        "uco-types": uco("types"), "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}
