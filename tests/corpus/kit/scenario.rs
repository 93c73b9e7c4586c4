//! A scenario: a bundle, and what a verifier must say of it. Expectations are written by hand, from SPEC.md.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::authority::Certificate;
use super::layout::{self, payload};
use super::{Key, Members, MembersExt, Plan};
use crate::reference;

/// What stands in the corpus.
pub enum Stored {
    File(Vec<u8>),
    Directory(Vec<(String, Node)>),
}

/// What stands in a directory.
pub enum Node {
    File(Vec<u8>),
    Link(&'static str),
}

/// Size of an entry, and what of it is not proven.
type Lost = (u64, Vec<(u64, u64)>);

pub struct Scenario {
    pub name: &'static str,
    pub what: &'static str,
    pub clauses: Vec<&'static str>,
    pub stored: Stored,
    pub signers: Vec<Key>,
    fixity: bool,
    strict: bool,
    level: u8,
    pub receipts: Vec<Vec<u8>>,
    pub trust: Option<Trusted>,
    /// Roots of time-stamping authorities that the user trusts.
    pub time_roots: Vec<Certificate>,
    /// Steps that must fail.
    fails: Vec<&'static str>,
    /// The result of an area that does not follow from the steps that fail.
    areas: BTreeMap<&'static str, &'static str>,
    seal_digest: Option<String>,
    is_bundle: bool,
    is_incomplete: bool,
    ranges: Vec<Value>,
    lost: BTreeMap<Vec<u8>, Lost>,
    members: Members,
}

/// A list, whose roots the user trusts, and the moment.
pub struct Trusted {
    pub list: Vec<u8>,
    pub roots: Vec<Key>,
    pub at: &'static str,
}

/// A bundle that is verified with the first key, unless more is said of it.
pub fn scenario(name: &'static str, clauses: &'static str, what: &'static str) -> Scenario {
    Scenario {
        name,
        what,
        clauses: clauses.split_whitespace().collect(),
        stored: Stored::File(Vec::new()),
        signers: vec![Key::Ed25519],
        fixity: false,
        strict: false,
        level: 1,
        receipts: Vec::new(),
        trust: None,
        time_roots: Vec::new(),
        fails: Vec::new(),
        areas: BTreeMap::new(),
        seal_digest: None,
        is_bundle: true,
        is_incomplete: false,
        ranges: Vec::new(),
        lost: BTreeMap::new(),
        members: Vec::new(),
    }
}

/// The bundle.
impl Scenario {
    /// These members in file form.
    pub fn members(mut self, members: Members) -> Self {
        self.stored = Stored::File(reference::zip_bytes(&members));
        self.with(members)
    }

    /// These bytes, which were made of these members.
    pub fn file(mut self, members: Members, bytes: Vec<u8>) -> Self {
        self.stored = Stored::File(bytes);
        self.with(members)
    }

    /// These members in directory form, and other files.
    pub fn directory(mut self, members: Members, others: Vec<(&str, Node)>) -> Self {
        let files = members.iter().map(|(name, bytes)| (name.clone(), Node::File(bytes.clone())));
        let others = others.into_iter().map(|(name, node)| (name.to_owned(), node));
        self.stored = Stored::Directory(files.chain(others).collect());
        self.with(members)
    }

    /// What it is made of.
    pub fn own_members(&self) -> &Members {
        &self.members
    }

    fn with(mut self, members: Members) -> Self {
        self.seal_digest = members.seal_digest();
        self.members = members;
        self
    }

    /// With one more rule that it is about.
    pub fn clause(mut self, clause: &'static str) -> Self {
        self.clauses.push(clause);
        self
    }

    pub fn signers(mut self, signers: &[Key]) -> Self {
        self.signers = signers.to_vec();
        self
    }

    pub fn fixity(mut self) -> Self {
        self.fixity = true;
        self
    }

    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// With a receipt that the user kept.
    pub fn receipt(mut self, receipt: Vec<u8>) -> Self {
        self.receipts.push(receipt);
        self
    }

    /// Judged by a trust list instead of keys.
    pub fn trust(mut self, list: Vec<u8>, roots: &[Key], at: &'static str) -> Self {
        self.trust = Some(Trusted { list, roots: roots.to_vec(), at });
        self
    }

    /// Files that it needs beside the bundle, relative to the corpus.
    pub fn further_files(&self) -> Vec<(String, Vec<u8>)> {
        let receipts = self.receipts.iter().map(|bytes| (format!("keys/{}.receipt", self.name), bytes.clone()));
        let list = self.trust.iter().map(|trust| (format!("keys/{}.trust", self.name), trust.list.clone()));
        let roots = (!self.time_roots.is_empty()).then(|| {
            let pem: String = self.time_roots.iter().map(Certificate::to_pem).collect();
            (format!("keys/{}.roots.pem", self.name), pem.into_bytes())
        });
        receipts.chain(list).chain(roots).collect()
    }

    /// It is about custody or trust lists, which a verifier of level 1 does not look at.
    pub fn level_2(mut self) -> Self {
        self.level = 2;
        self
    }

    /// Time-stamps are looked at, and these roots trusted.
    pub fn time_roots(mut self, roots: &[Certificate]) -> Self {
        self.time_roots = roots.to_vec();
        let scenario = self.level_3();
        if scenario.fixity { scenario } else { scenario.time_passes() }
    }

    pub fn time_passes(mut self) -> Self {
        self.areas.insert("time", "passed");
        self
    }

    /// It is about time-stamps.
    pub fn level_3(mut self) -> Self {
        self.level = 3;
        self
    }
}

/// What is expected.
impl Scenario {
    pub fn fails(mut self, steps: &'static str) -> Self {
        self.fails.extend(steps.split_whitespace());
        self
    }

    /// The log was looked at, and holds.
    pub fn custody_passes(mut self) -> Self {
        self.areas.insert("custody", "passed");
        self
    }

    pub fn custody_is_not_checked(mut self) -> Self {
        self.areas.insert("custody", "not checked");
        self
    }

    /// Time is refuted beside what else is; a verifier of a lower level does not see that.
    pub fn time_fails(mut self) -> Self {
        self.areas.insert("time", "failed");
        self
    }

    pub fn cannot_tell(mut self, areas: &'static str) -> Self {
        self.areas.extend(areas.split_whitespace().map(|area| (area, "cannot be told")));
        self
    }

    /// VER-7: nothing else can be told.
    pub fn without_statement(self) -> Self {
        self.cannot_tell("content trust")
    }

    /// What was recorded at sealing makes it incomplete.
    pub fn incomplete(mut self) -> Self {
        self.is_incomplete = true;
        self
    }

    pub fn not_a_bundle(mut self) -> Self {
        (self.is_bundle, self.seal_digest) = (false, None);
        self
    }

    pub fn seal_digest(mut self, digest: Option<String>) -> Self {
        self.seal_digest = digest;
        self
    }

    pub fn range(mut self, member: &str, (offset, len): (u64, u64), frame: Option<usize>, cause: &str) -> Self {
        self.ranges.push(json!({"cause": cause, "frame": frame, "len": len, "member": member, "offset": offset}));
        self
    }

    /// VER-11 (a): listed members that do not have their digest.
    pub fn damaged(mut self, members: &[&str]) -> Self {
        for name in members {
            let len = self.members.bytes(name).len() as u64;
            self = self.range(name, (0, len), None, "damaged");
        }
        self
    }

    /// VER-11 (a): listed members that are not there.
    pub fn missing(mut self, members: &[&str]) -> Self {
        for name in members {
            self = self.range(name, (0, 0), None, "missing");
        }
        self
    }

    /// VER-11 (b), VER-12: frames of a segment, and what of the content is not proven without them.
    pub fn frames(mut self, plan: &Plan, segment: usize, frames: &[usize], cause: &str) -> Self {
        for (number, frame) in layout::frames(plan, segment).into_iter().enumerate() {
            if !frames.contains(&number) {
                continue;
            }
            self = self.range(&payload(segment), (frame.offset, frame.len), Some(number), cause);
            for content in frame.content {
                self = self.lost(&content.path, content.size, &[content.lost]);
            }
        }
        self
    }

    /// VER-12: ranges of an entry that are not proven.
    pub fn lost(mut self, path: impl AsRef<[u8]>, size: u64, ranges: &[(u64, u64)]) -> Self {
        let entry = self.lost.entry(path.as_ref().to_vec()).or_insert((size, Vec::new()));
        entry.1.extend_from_slice(ranges);
        self
    }
}

/// The side file.
impl Scenario {
    pub fn side(&self) -> Value {
        let signers: Vec<_> = self.signers.iter().map(|key| key.file()).collect();
        json!({
            "what": self.what,
            "clauses": self.clauses,
            "level": self.level,
            "options": self.options(signers),
            "found_by": self.fails,
            "expected": self.expected(),
        })
    }

    fn options(&self, signers: Vec<&str>) -> Value {
        let mut options = json!({"fixity": self.fixity, "signers": signers, "strict": self.strict});
        if !self.receipts.is_empty() {
            options["receipts"] = json!([format!("keys/{}.receipt", self.name)]);
        }
        if !self.time_roots.is_empty() {
            options["timestamp_roots"] = json!([format!("keys/{}.roots.pem", self.name)]);
        }
        if let Some(trust) = &self.trust {
            options["at"] = trust.at.into();
            options["trust"] = format!("keys/{}.trust", self.name).into();
            options["trust_roots"] = trust.roots.iter().map(|key| key.file()).collect::<Vec<_>>().into();
        }
        options
    }

    fn expected(&self) -> Value {
        if !self.is_bundle {
            return json!({"exit": 3, "seal_digest": null, "verdict": null});
        }
        let areas = self.area_results();
        let (verdict, exit) = self.verdict(&areas);
        json!({
            "areas": areas,
            "damage": {"entries": self.entries(), "ranges": self.ranges},
            "exit": exit,
            "seal_digest": self.seal_digest,
            "verdict": verdict,
        })
    }

    fn area_results(&self) -> Map<String, Value> {
        let failed = |area: &str| self.fails.iter().any(|step| area_of(step) == area);
        let one = |area: &&str| {
            let otherwise = match *area {
                "custody" | "time" => "not checked",
                "trust" if self.fixity => "not checked",
                _ => "passed",
            };
            let result = if failed(area) { "failed" } else { self.areas.get(area).copied().unwrap_or(otherwise) };
            ((*area).to_owned(), result.into())
        };
        ["content", "custody", "seal", "time", "trust"].iter().map(one).collect()
    }

    /// VER-1.
    fn verdict(&self, areas: &Map<String, Value>) -> (&'static str, u8) {
        let is = |area: &str, result: &str| areas[area] == result;
        if ["seal", "content", "custody", "time"].iter().any(|area| is(area, "failed")) {
            ("refuted", 1)
        } else if ["seal", "content", "custody", "trust"].iter().any(|area| is(area, "cannot be told")) {
            ("could not check", 2)
        } else if self.fixity {
            ("fixity ok", 0)
        } else if is("trust", "failed") {
            ("intact, not trusted", 4)
        } else if self.is_incomplete {
            ("incomplete", 1)
        } else {
            ("verified", 0)
        }
    }

    fn entries(&self) -> Vec<Value> {
        let one = |(path, (size, ranges)): (&Vec<u8>, &Lost)| {
            let lost = joined(ranges);
            let proven = size - lost.iter().map(|(start, end)| end - start).sum::<u64>();
            let mut entry = json!({"lost": lost, "proven_bytes": proven, "size": size});
            match std::str::from_utf8(path) {
                Ok(path) => entry["path"] = path.into(),
                Err(_) => entry["path_b64"] = BASE64.encode(path).into(),
            }
            entry
        };
        self.lost.iter().map(one).collect()
    }
}

/// The area of a step (SPEC.md section 17).
fn area_of(step: &str) -> &'static str {
    match step {
        "V-1" | "V-2" | "V-3" | "V-4" => "seal",
        "V-5" | "V-6" | "V-7" | "V-8" | "V-9" | "V-10" | "V-11" => "content",
        "V-12" | "V-14" => "trust",
        "V-13" => "custody",
        "V-15" => "time",
        other => panic!("no such step: {other}"),
    }
}

/// Ranges that touch nowhere, ascending.
fn joined(ranges: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<(u64, u64)> = Vec::new();
    for (start, end) in sorted {
        match out.last_mut() {
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}
