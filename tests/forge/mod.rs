//! A signer who lies: takes a sound bundle apart, changes one fact, and puts everything outside of it right again.
#![allow(dead_code)]

use data_encoding::BASE64;
use scelle::format::index::{Frame, IndexPart};
use scelle::sign::SigningKey;
use serde_json::{Value, json};

use crate::memory_source::Item;
use crate::reference;
use crate::sealed::{Shape, reference_of, test_key};

pub struct Forge {
    pub members: Vec<(String, Vec<u8>)>,
    pub statement: Value,
    /// Who signs, in this order.
    pub keys: Vec<SigningKey>,
    pub chunk: u64,
    pub frame: u64,
}

fn digest(bytes: &[u8]) -> Value {
    json!(reference::hex(&reference::sha256(bytes)))
}

/// The plain frames of a member.
pub fn frames_of(mut stored: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while !stored.is_empty() {
        let len = zstd_safe::find_frame_compressed_size(stored).expect("a frame");
        let plain_len = zstd_safe::get_frame_content_size(stored).expect("a header").expect("a size");
        let mut plain = Vec::with_capacity(plain_len as usize);
        zstd_safe::decompress(&mut plain, &stored[..len]).expect("a sound frame");
        frames.push(plain);
        stored = &stored[len..];
    }
    frames
}

impl Forge {
    pub fn of(items: &[Item], shape: &Shape) -> Self {
        Self::of_sealed(&reference_of(items, shape), vec![test_key()], shape.limits.0, shape.limits.1)
    }

    /// Of any bundle of the reference; `keys` will sign.
    pub fn of_sealed(sealed: &reference::Sealed, keys: Vec<SigningKey>, chunk: u64, frame: u64) -> Self {
        let at = sealed.members.iter().position(|(name, _)| name == "statement.json").expect("a statement");
        let statement = serde_json::from_slice(&sealed.members[at].1).expect("json");
        let members = sealed.members[..at].to_vec();
        Self { members, statement, keys, chunk, frame }
    }

    pub fn member(&mut self, name: &str) -> &mut Vec<u8> {
        &mut self.members.iter_mut().find(|member| member.0 == name).expect(name).1
    }

    pub fn segment_count(&self) -> usize {
        self.members.iter().filter(|(name, _)| name.starts_with("index/")).count()
    }

    pub fn predicate(&mut self) -> &mut Value {
        &mut self.statement["predicate"]
    }

    pub fn index(&mut self, segment: usize) -> IndexPart {
        IndexPart::parse(self.member(&format!("index/{segment:08}.bin"))).expect("an index part")
    }

    pub fn change_index(&mut self, segment: usize, change: impl FnOnce(&mut IndexPart)) {
        let mut part = self.index(segment);
        change(&mut part);
        *self.member(&format!("index/{segment:08}.bin")) = part.to_bytes().expect("bincode");
    }

    pub fn lines(&mut self, segment: usize) -> Vec<String> {
        let text = frames_of(self.member(&format!("manifest/{segment:08}.jsonl.zst"))).concat();
        String::from_utf8(text).expect("JSON").split_terminator('\n').map(str::to_owned).collect()
    }

    /// Writes the lines of a segment, and puts the index part's count and the root right.
    pub fn set_lines(&mut self, segment: usize, lines: &[String]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.set_manifest_text(segment, text.as_bytes());
        let count = lines.len() as u64;
        self.change_index(segment, |part| part.lines = count);
    }

    pub fn set_manifest_text(&mut self, segment: usize, text: &[u8]) {
        let frames = reference::zstd_frames(&reference::text_frames(text, self.frame), 3);
        *self.member(&format!("manifest/{segment:08}.jsonl.zst")) = frames.concat();
        self.put_root_right();
    }

    /// Changes each line for which the change gives another.
    pub fn change_lines(&mut self, change: impl Fn(&mut Value)) {
        for segment in 0..self.segment_count() {
            let lines = self.lines(segment).into_iter().map(|line| {
                let mut value: Value = serde_json::from_str(&line).expect("a line");
                change(&mut value);
                String::from_utf8(reference::json_bytes(&value)).expect("text")
            });
            let lines: Vec<_> = lines.collect();
            self.set_lines(segment, &lines);
        }
    }

    /// Changes the text of one line, whatever it becomes.
    pub fn change_line_text(&mut self, path: &str, change: impl Fn(&str) -> String) {
        let key = format!("\"path\":\"{path}\"");
        for segment in 0..self.segment_count() {
            let mut lines = self.lines(segment);
            if let Some(line) = lines.iter_mut().find(|line| line.contains(&key)) {
                *line = change(line);
                return self.set_lines(segment, &lines);
            }
        }
        panic!("no line of {path}");
    }

    pub fn put_root_right(&mut self) {
        let mut leaves = Vec::new();
        for segment in 0..self.segment_count() {
            leaves.extend(self.lines(segment).into_iter().map(String::into_bytes));
        }
        self.predicate()["root"] = json!(reference::hex(&reference::tree_head(&leaves)));
    }

    pub fn tar(&mut self, segment: usize) -> Vec<Vec<u8>> {
        frames_of(self.member(&format!("payload/{segment:08}.tar.zst")))
    }

    /// Writes the frames of a segment, and puts frame table and payload chain right.
    pub fn set_tar(&mut self, segment: usize, plain: &[Vec<u8>]) {
        self.set_payload(segment, &reference::zstd_frames(plain, 3), plain);
    }

    pub fn set_payload(&mut self, segment: usize, stored: &[Vec<u8>], plain: &[Vec<u8>]) {
        let member = stored.concat();
        let chain = reference::chain_values(&member, self.chunk);
        let table = stored.iter().zip(plain).map(|(stored, plain)| Frame {
            stored_len: stored.len() as u32,
            plain_len: plain.len() as u32,
            sha256: reference::sha256(stored),
        });
        let table: Vec<_> = table.collect();
        self.change_index(segment, |part| {
            part.frames = table;
            part.payload_chain = chain;
        });
        *self.member(&format!("payload/{segment:08}.tar.zst")) = member;
    }

    /// Changes bytes of the tar where `find` is found first.
    pub fn change_tar(&mut self, find: &[u8], change: impl Fn(&mut [u8])) {
        for segment in 0..self.segment_count() {
            let mut frames = self.tar(segment);
            for frame in &mut frames {
                if let Some(at) = frame.windows(find.len()).position(|window| window == find) {
                    change(&mut frame[at..]);
                    return self.set_tar(segment, &frames);
                }
            }
        }
        panic!("not in the tar");
    }

    pub fn set_sums(&mut self, text: &[u8]) {
        let frames = reference::zstd_frames(&reference::text_frames(text, self.frame), 3);
        *self.member("SHA256SUMS.zst") = frames.concat();
    }

    pub fn sums(&mut self) -> Vec<u8> {
        frames_of(self.member("SHA256SUMS.zst")).concat()
    }

    /// The bundle, with list, subjects, statement and envelope made anew.
    pub fn members_sealed(&self) -> Vec<(String, Vec<u8>)> {
        let mut members = self.members.clone();
        let end = members.iter().position(|(name, _)| name == "case.json").expect("a case");
        let list = reference::list_text(&members[..end]);
        members.iter_mut().find(|(name, _)| name == "SEALED.sha256").expect("a list").1 = list;
        self.with_list(members)
    }

    /// The same with the list as it is.
    pub fn with_list(&self, members: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
        let statement = self.statement_over(&members);
        self.signed(members, reference::json_bytes(&statement))
    }

    /// The statement, with the subjects that these members make.
    fn statement_over(&self, members: &[(String, Vec<u8>)]) -> Value {
        let bytes_of = |name: &str| &members.iter().find(|member| member.0 == name).expect(name).1;
        let mut statement = self.statement.clone();
        statement["subject"] = json!([
            {"digest": {"sha256": digest(bytes_of("SEALED.sha256"))}, "name": "SEALED.sha256"},
            {"digest": {"sha256": digest(bytes_of("case.json"))}, "name": "case.json"},
        ]);
        statement
    }

    /// Members before the statement, any statement, and an envelope over it by each key.
    pub fn signed(&self, mut members: Vec<(String, Vec<u8>)>, statement: Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let envelopes: Vec<_> = self.keys.iter().map(|key| envelope_by(key, &statement)).collect();
        members.push(("statement.json".into(), statement));
        members.extend(envelopes);
        members
    }

    pub fn zip(&self) -> Vec<u8> {
        reference::zip_bytes(&self.members_sealed())
    }
}

/// An envelope over any bytes.
pub fn envelope_by(key: &SigningKey, statement: &[u8]) -> (String, Vec<u8>) {
    let keyid = key.public().key_id().to_string();
    let value = json!({
        "payload": BASE64.encode(statement),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": keyid, "sig": BASE64.encode(&key.sign(&reference::pae(statement)).expect("a signature"))}],
    });
    (format!("seal/{}.dsse.json", &keyid[..16]), reference::json_bytes(&value))
}
