//! Members, statement, envelopes, and the whole bundle (sections 2, 8, 10, 11, 12).

use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::cuts::{Segment, cut, text_frames};
use super::digest::{hex, sha256};
use super::hmac::{bundle_id, case_nonce, nonce};
use super::index::index_part;
use super::json::json_bytes;
use super::lines::{kind_of, list_text, manifest_line, number_of, sums_text};
use super::tar::{has_tar_record, is_hard_link, is_unreadable, tar_stream};
use super::tree::tree_head;
use super::zip::zip_bytes;
use super::{Entry, Params};

/// Signs the pre-authentication encoding; gives the key id in hex and the signature.
pub type Sign<'a> = &'a dyn Fn(&[u8]) -> (String, Vec<u8>);

/// What a sealer is told or draws.
pub struct Inputs<'a> {
    pub seed: [u8; 32],
    /// Instants [TIME-2].
    pub start: String,
    pub end: String,
    pub seed_given: bool,
    pub time_given: bool,
    /// `predicate.clock`, as it is.
    pub clock: Value,
    /// `case.json` without its nonce.
    pub case: Value,
    /// `predicate.requiredSigners`, as it is.
    pub required_signers: Value,
    pub tool_name: String,
    pub tool_version: String,
    pub compressor: String,
    pub answers: Option<String>,
    pub verify_txt: &'a [u8],
    /// One envelope each, in this order.
    pub signers: Vec<Sign<'a>>,
}

pub struct Sealed {
    /// All members in order, envelopes included.
    pub members: Vec<(String, Vec<u8>)>,
    /// The file form.
    pub zip: Vec<u8>,
    /// SHA-256 of statement.json, in hex.
    pub seal_digest: String,
}

/// [ZST-1] One frame.
pub fn zstd_frame(plain: &[u8], level: i32) -> Vec<u8> {
    use zstd_safe::{CCtx, CParameter, compress_bound};
    let mut context = CCtx::create();
    for parameter in [
        CParameter::CompressionLevel(level),
        CParameter::ContentSizeFlag(true),
        CParameter::ChecksumFlag(true),
        CParameter::DictIdFlag(false),
    ] {
        context.set_parameter(parameter).expect("a zstd parameter");
    }
    let mut out = Vec::with_capacity(compress_bound(plain.len()));
    context.compress2(&mut out, plain).expect("zstd");
    out
}

pub fn zstd_frames(plain: &[Vec<u8>], level: i32) -> Vec<Vec<u8>> {
    plain.iter().map(|frame| zstd_frame(frame, level)).collect()
}

/// The compressed frames of a segment's payload.
pub fn payload_member(segment: &Segment, params: &Params) -> Vec<Vec<u8>> {
    zstd_frames(&segment.frames, params.level)
}

/// [ENV-1]
pub fn pae(statement: &[u8]) -> Vec<u8> {
    let mut out = b"DSSEv1 28 application/vnd.in-toto+json ".to_vec();
    out.extend_from_slice(statement.len().to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(statement);
    out
}

/// [ENV-2], [ENV-3]: name and bytes of an envelope.
fn envelope(statement: &[u8], sign: Sign) -> (String, Vec<u8>) {
    let (keyid, signature) = sign(&pae(statement));
    let name = format!("seal/{}.dsse.json", &keyid[..16]);
    let value = json!({
        "payload": BASE64.encode(statement),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": keyid, "sig": BASE64.encode(&signature)}],
    });
    (name, json_bytes(&value))
}

/// `predicate.counts` [STM-1].
fn counts(entries: &[Entry], segments: usize) -> Value {
    let (mut files, mut bytes, mut gaps, mut gap_bytes, mut changed, mut unreadable) = (0u64, 0, 0, 0, 0u64, 0u64);
    for entry in entries {
        if entry.meta.contains_key("changed_while_reading") {
            changed += 1;
        }
        if is_unreadable(entry) {
            unreadable += 1;
        }
        if !matches!(kind_of(entry), "file" | "disk") || is_unreadable(entry) || is_hard_link(entry) {
            continue;
        }
        assert!(has_tar_record(entry));
        files += 1;
        bytes += number_of(&entry.meta, "size").expect("size");
        if let Some(list) = entry.meta.get("gaps") {
            for gap in list.as_array().expect("an array") {
                gaps += 1;
                gap_bytes += gap["len"].as_u64().expect("len");
            }
        }
    }
    json!({
        "bytes": bytes, "changed": changed, "entries": entries.len(), "files": files, "gapBytes": gap_bytes,
        "gaps": gaps, "segments": segments, "tarBytes": tar_stream(entries).len(), "unreadable": unreadable,
    })
}

/// `statement.json` [STM-1].
pub fn statement(
    entries: &[Entry],
    params: &Params,
    inputs: &Inputs,
    segments: usize,
    list: &[u8],
    case: &[u8],
) -> Vec<u8> {
    let mut leaves = Vec::new();
    for n in 0..entries.len() {
        leaves.push(manifest_line(n, entries, params, &inputs.seed));
    }
    let mut predicate = json!({
        "acquisition": {"end": inputs.end, "start": inputs.start},
        "bundleId": hex(&bundle_id(&inputs.seed)),
        "clock": inputs.clock,
        "counts": counts(entries, segments),
        "critical": {},
        "extensions": {},
        "members": {
            "case": "json", "index": "bincode", "list": "sha256sums", "manifest": "jsonl+zstd",
            "payload": "tar+zstd", "sums": "sha256sums+zstd",
        },
        "parameters": {
            "chunkBytes": params.chunk, "compressor": inputs.compressor, "entriesPerSegment": params.entries,
            "frameBytes": params.frame, "level": params.level, "seedGiven": inputs.seed_given,
            "segmentBytes": params.segment, "timeGiven": inputs.time_given,
            "wholeFileDigest": params.whole_file_digest,
        },
        "requiredSigners": inputs.required_signers,
        "root": hex(&tree_head(&leaves)),
        "tool": {"name": inputs.tool_name, "version": inputs.tool_version},
    });
    if let Some(answers) = &inputs.answers {
        predicate["answers"] = json!(answers);
    }
    json_bytes(&json!({
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": predicate,
        "predicateType": "urn:scelle:seal:1",
        "subject": [
            {"digest": {"sha256": hex(&sha256(list))}, "name": "SEALED.sha256"},
            {"digest": {"sha256": hex(&sha256(case))}, "name": "case.json"},
        ],
    }))
}

/// The plain text of a segment's manifest part [MAN-1].
fn manifest_text(segment: &Segment, entries: &[Entry], params: &Params, seed: &[u8; 32]) -> Vec<u8> {
    let mut out = Vec::new();
    for n in &segment.lines {
        out.extend(manifest_line(*n, entries, params, seed));
        out.push(b'\n');
    }
    out
}

/// [CUT-8] A text as a member of Zstandard frames.
fn text_member(text: &[u8], params: &Params) -> Vec<u8> {
    zstd_frames(&text_frames(text, params.frame), params.level).concat()
}

/// Members 1 to 5 [MEM-1].
fn listed_members(entries: &[Entry], params: &Params, inputs: &Inputs, segments: &[Segment]) -> Vec<(String, Vec<u8>)> {
    let seed = &inputs.seed;
    let mut members = vec![
        ("mimetype".to_string(), b"application/vnd.scelle.bundle+zip".to_vec()),
        ("nonce".to_string(), format!("{}\n", hex(&nonce(seed))).into_bytes()),
        ("VERIFY.txt".to_string(), inputs.verify_txt.to_vec()),
    ];
    for (s, segment) in segments.iter().enumerate() {
        let stored = payload_member(segment, params);
        let manifest = text_member(&manifest_text(segment, entries, params, seed), params);
        let index = index_part(s as u64, segment, &stored, entries, params, seed);
        members.push((format!("payload/{s:08}.tar.zst"), stored.concat()));
        members.push((format!("manifest/{s:08}.jsonl.zst"), manifest));
        members.push((format!("index/{s:08}.bin"), index));
    }
    members.push(("SHA256SUMS.zst".to_string(), text_member(&sums_text(entries, params), params)));
    members
}

fn check_params(entries: &[Entry], params: &Params) {
    let Params { chunk, frame, segment, .. } = *params;
    assert!(chunk.is_power_of_two() && frame.is_power_of_two() && segment.is_power_of_two(), "[STM-2]");
    assert!((512..=262_144).contains(&chunk) && chunk <= frame && frame <= 4_194_304, "[STM-2]");
    assert!(frame <= segment && segment <= 268_435_456, "[STM-2]");
    assert!((1..=65_536).contains(&params.entries) && !entries.is_empty(), "[STM-2]");
}

/// The whole bundle.
pub fn seal(entries: &[Entry], params: &Params, inputs: &Inputs) -> Sealed {
    check_params(entries, params);
    let segments = cut(entries, params);
    let mut members = listed_members(entries, params, inputs, &segments);
    let list = list_text(&members);
    let mut case: Map<String, Value> = inputs.case.as_object().expect("case.json is an object").clone();
    case.insert("nonce".into(), json!(hex(&case_nonce(&inputs.seed))));
    let case = json_bytes(&Value::Object(case));
    let statement = statement(entries, params, inputs, segments.len(), &list, &case);
    let seal_digest = hex(&sha256(&statement));
    members.push(("case.json".to_string(), case));
    members.push(("SEALED.sha256".to_string(), list));
    members.push(("statement.json".to_string(), statement.clone()));
    for sign in &inputs.signers {
        members.push(envelope(&statement, *sign));
    }
    let zip = zip_bytes(&members);
    Sealed { members, zip, seal_digest }
}
