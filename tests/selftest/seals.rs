use serde_json::{Value, json};

use super::{SEED, bare, fake_sign, file, hard_link, inputs, noise, small_params, with};
use crate::reference::{
    Entry, Sealed, bundle_id, case_nonce, hex, json_bytes, list_text, manifest_line, nonce, pae, seal, sha256,
    tar_stream, tree_head, zstd_frame,
};

fn tree() -> Vec<Entry> {
    let gaps = json!([{"attempts": 3, "cause": "EIO", "len": 512, "offset": 0}]);
    let target = with(file(b"d/a", &[vec![0; 512], noise(5000, 1)].concat()), "gaps", gaps);
    let link = hard_link(b"d/b", &target);
    let locked = with(with(bare(b"d/c", "file"), "unreadable", json!("EACCES")), "size", json!(77));
    let changed = with(file(b"d/e", b"x"), "changed_while_reading", json!({"size": 2}));
    vec![bare(b"d", "dir"), target, link, locked, bare(b"d/d", "socket"), changed]
}

fn sealed() -> Sealed {
    seal(&tree(), &small_params(), &inputs(&fake_sign))
}

fn member<'a>(sealed: &'a Sealed, name: &str) -> &'a [u8] {
    &sealed.members.iter().find(|member| member.0 == name).expect(name).1
}

#[test]
fn members_stand_in_their_order() {
    let sealed = sealed();
    let names: Vec<&str> = sealed.members.iter().map(|member| member.0.as_str()).collect();
    let envelope = format!("seal/{}.dsse.json", &hex(&sha256(b"key"))[..16]);
    let mut expected = vec!["mimetype", "nonce", "VERIFY.txt"];
    let segments: Vec<String> = (0..4)
        .flat_map(|s| {
            [format!("payload/{s:08}.tar.zst"), format!("manifest/{s:08}.jsonl.zst"), format!("index/{s:08}.bin")]
        })
        .collect();
    expected.extend(segments.iter().map(String::as_str));
    expected.extend(["SHA256SUMS.zst", "case.json", "SEALED.sha256", "statement.json", &envelope]);
    assert_eq!(names, expected);
}

#[test]
fn the_nonces_follow_from_the_seed() {
    let sealed = sealed();
    assert_eq!(member(&sealed, "nonce"), format!("{}\n", hex(&nonce(&SEED))).as_bytes());
    let case: Value = serde_json::from_slice(member(&sealed, "case.json")).unwrap();
    assert_eq!(case["nonce"], json!(hex(&case_nonce(&SEED))));
    assert_eq!(case["case"]["id"], "K-1");
}

#[test]
fn the_statement_names_list_case_root_and_counts() {
    let sealed = sealed();
    let statement: Value = serde_json::from_slice(member(&sealed, "statement.json")).unwrap();
    let digest = |name: &str| hex(&sha256(member(&sealed, name)));
    assert_eq!(
        statement["subject"],
        json!([
            {"name": "SEALED.sha256", "digest": {"sha256": digest("SEALED.sha256")}},
            {"name": "case.json", "digest": {"sha256": digest("case.json")}},
        ])
    );
    let entries = tree();
    let leaves: Vec<Vec<u8>> = (0..entries.len()).map(|n| manifest_line(n, &entries, &small_params(), &SEED)).collect();
    assert_eq!(statement["predicate"]["root"], json!(hex(&tree_head(&leaves))));
    assert_eq!(
        statement["predicate"]["counts"],
        json!({
            "bytes": 5513, "changed": 1, "entries": 6, "files": 2, "gapBytes": 512, "gaps": 1, "segments": 4,
            "tarBytes": tar_stream(&entries).len(), "unreadable": 1,
        })
    );
    assert_eq!(sealed.seal_digest, digest("statement.json"));
}

#[test]
fn the_statement_says_what_the_sealer_was_told() {
    let sealed = sealed();
    let statement: Value = serde_json::from_slice(member(&sealed, "statement.json")).unwrap();
    let mut predicate = statement["predicate"].as_object().unwrap().clone();
    predicate.remove("counts");
    predicate.remove("root");
    let encodings = r#"{"case":"json","index":"bincode","list":"sha256sums","manifest":"jsonl+zstd","payload":"tar+zstd","sums":"sha256sums+zstd"}"#;
    assert_eq!(predicate.remove("members").unwrap().to_string(), encodings);
    let expected = json!({
        "acquisition": {"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T10:05:00Z"},
        "bundleId": hex(&bundle_id(&SEED)),
        "clock": {"source": "given"},
        "critical": {},
        "extensions": {},
        "parameters": {
            "chunkBytes": 512, "compressor": "zstd 1.5.7", "entriesPerSegment": 3, "frameBytes": 1024, "level": 3,
            "seedGiven": true, "segmentBytes": 4096, "timeGiven": true, "wholeFileDigest": true,
        },
        "requiredSigners": {"keys": [], "threshold": 1},
        "tool": {"name": "scelle", "version": "0.1.0"},
    });
    assert_eq!(Value::Object(predicate), expected);
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "urn:scelle:seal:1");
}

#[test]
fn the_list_has_every_member_before_case_json() {
    let sealed = sealed();
    let end = sealed.members.iter().position(|member| member.0 == "case.json").unwrap();
    assert_eq!(member(&sealed, "SEALED.sha256"), list_text(&sealed.members[..end]));
    let mimetype = hex(&sha256(b"application/vnd.scelle.bundle+zip"));
    assert!(member(&sealed, "SEALED.sha256").starts_with(format!("{mimetype}  mimetype\n").as_bytes()));
}

#[test]
fn an_envelope_signs_the_pre_authentication_encoding_of_the_statement() {
    assert_eq!(pae(b"{}"), b"DSSEv1 28 application/vnd.in-toto+json 2 {}");
    assert_eq!("application/vnd.in-toto+json".len(), 28);
    let sealed = sealed();
    let statement = member(&sealed, "statement.json");
    let base64 = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
    let expected = format!(
        r#"{{"payload":"{}","payloadType":"application/vnd.in-toto+json","signatures":[{{"keyid":"{}","sig":"{}"}}]}}"#,
        base64(statement),
        hex(&sha256(b"key")),
        base64(&sha256(&pae(statement)))
    );
    assert_eq!(sealed.members.last().unwrap().1, expected.as_bytes());
}

#[test]
fn answers_stand_in_the_statement_only_if_given() {
    let mut inputs = inputs(&fake_sign);
    let predicate = |sealed: &Sealed| -> Value {
        serde_json::from_slice::<Value>(member(sealed, "statement.json")).unwrap()["predicate"].clone()
    };
    assert_eq!(predicate(&seal(&tree(), &small_params(), &inputs)).get("answers"), None);
    inputs.answers = Some("ab".repeat(32));
    assert_eq!(predicate(&seal(&tree(), &small_params(), &inputs))["answers"], json!("ab".repeat(32)));
}

#[test]
fn every_json_member_is_the_one_form_of_its_value() {
    let sealed = sealed();
    for (name, bytes) in &sealed.members {
        if name.ends_with(".json") {
            let value: Value = serde_json::from_slice(bytes).unwrap();
            assert_eq!(json_bytes(&value), *bytes, "{name}");
        }
    }
}

#[test]
fn a_frame_says_its_size_and_has_a_checksum_and_no_dictionary() {
    for len in [0, 1, 255, 256, 70_000, 4_194_304 + 700_000] {
        for level in [1, 3, 19] {
            let frame = zstd_frame(&noise(len, 1), level);
            assert_eq!(frame[..4], [0x28, 0xb5, 0x2f, 0xfd]);
            let descriptor = frame[4];
            assert_eq!(descriptor & 0b100, 0b100, "checksum");
            assert_eq!(descriptor & 0b11, 0, "dictionary");
            assert_eq!(descriptor & 0b11000, 0, "unused and reserved bits");
            assert_eq!(zstd_safe::get_frame_content_size(&frame).unwrap(), Some(len as u64));
        }
    }
}
