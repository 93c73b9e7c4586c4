//! SPEC.md shows what the code does: its appendices are made anew and compared.
//!
//! `SCELLE_WRITE_FIXTURES=1 cargo test --test spec` writes them.

mod memory_source;
mod reference;
mod sealed;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use memory_source::Item;
use sealed::SEED;

/// Replaces or compares what stands between two marks of SPEC.md.
fn assert_section(mark: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("SPEC.md");
    let spec = fs::read_to_string(&path).expect("SPEC.md");
    let (begin, end) = (format!("<!-- {mark}: begin -->\n"), format!("<!-- {mark}: end -->\n"));
    let (before, rest) = spec.split_once(&begin).expect("a first mark");
    let (found, after) = rest.split_once(&end).expect("a last mark");
    if std::env::var_os("SCELLE_WRITE_FIXTURES").is_some() && found != expected {
        fs::write(&path, format!("{before}{begin}{expected}{end}{after}")).expect("SPEC.md");
        return;
    }
    assert!(found == expected, "SPEC.md, {mark}: run with SCELLE_WRITE_FIXTURES=1 if this change is meant");
}

/// Sixteen bytes a line: offset, hex, text.
fn hex_dump(out: &mut String, offset: usize, bytes: &[u8]) {
    for (i, row) in bytes.chunks(16).enumerate() {
        let hex: String = row.iter().map(|b| format!("{b:02x} ")).collect();
        let text: String = row.iter().map(|&b| if (0x20..0x7f).contains(&b) { char::from(b) } else { '.' }).collect();
        writeln!(out, "{:06x}  {hex:48} |{text}|", offset + 16 * i).expect("a string");
    }
}

#[test]
fn appendix_a_is_the_text_that_bundles_carry() {
    assert_section("VERIFY.txt", &format!("```text\n{}```\n", scelle::format::VERIFY_TEXT));
}

#[test]
fn appendix_b_is_the_golden_tiny_bundle() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/tiny.scelle");
    let bundle = fs::read(path).expect("the golden bundle");
    let items = [Item::file(b"hello.txt", b"hello\n".to_vec())];
    let shape = sealed::Shape { limits: (1 << 18, 1 << 22, 1 << 28, 65_536), ..sealed::Shape::small() };
    let members = sealed::reference_of(&items, &shape).members;
    let mut out = String::from("```text\n");
    let mut offset = 0;
    for (name, bytes) in &members {
        let header = reference::zip_local_header(name, reference::crc32(bytes), bytes.len() as u64);
        writeln!(out, "-- {name}: local header, {} bytes; content, {} bytes", header.len(), bytes.len())
            .expect("a string");
        hex_dump(&mut out, offset, &header);
        offset += header.len();
        if name == "VERIFY.txt" {
            writeln!(out, "{offset:06x}  (the text of Appendix A)").expect("a string");
        } else {
            writeln!(out, "-- {}", note(name)).expect("a string");
            hex_dump(&mut out, offset, bytes);
        }
        offset += bytes.len();
    }
    out.push_str("-- central directory, ZIP64 end record, locator, end record\n");
    hex_dump(&mut out, offset, &bundle[offset..]);
    out.push_str("```\n");
    assert_section("tiny bundle", &out);
}

/// What the content of a member is.
fn note(name: &str) -> &'static str {
    match name.split('/').next().unwrap_or_default() {
        "mimetype" => "section 2",
        "nonce" => "section 15: HMAC(seed, 0x00 || \"nonce\") in hex",
        "payload" => "sections 3, 4, 12: one frame of hello.txt (header, content, padding), one of the end marker",
        "manifest" => "section 5: one frame of one line",
        "index" => "section 6: SCELIDX1, five numbers, two frames, one payload chain value, no files",
        "SHA256SUMS.zst" => "section 7: one frame of one line",
        "case.json" => "section 8",
        "SEALED.sha256" => "section 9",
        "statement.json" => "section 10",
        _ => "section 11: the envelope over statement.json, by the test key",
    }
}

#[test]
fn appendix_c_is_worked_out_by_the_reference() {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("a string");
    let hex = |bytes: &[u8]| reference::hex(bytes);
    let leaves: Vec<Vec<u8>> = (0..5u8).map(|i| vec![b'a' + i]).collect();
    line("**Tree heads** over the leaves `a`, `b`, `c`, ... of one byte each:\n\n| leaves | head |\n|---|---|".into());
    for count in 0..=5 {
        line(format!("| {count} | `{}` |", hex(&reference::tree_head(&leaves[..count]))));
    }
    let content: Vec<u8> = (0..=250).cycle().take(1300).collect();
    line(
        "\n**Chunks and chain values**, C = 512, of 1,300 bytes 0, 1, ... 250, 0, 1, ... The blind is 32 bytes 0x2a:\n"
            .into(),
    );
    line("| chunk | bytes | SHA-256 of the chunk | chain value at its start |\n|---|---|---|---|".into());
    let digests = reference::chunk_digests(&content, 512);
    for (i, (digest, value)) in digests.iter().zip(reference::chain_values(&content, 512)).enumerate() {
        let end = content.len().min(512 * (i + 1));
        line(format!("| {i} | {} to {} | `{}` | `{}` |", 512 * i, end - 1, hex(digest), hex(&value)));
    }
    let blind_0 = &reference::hmac_sha256(&[0x2a; 32], &0u64.to_le_bytes())[..16];
    line(format!(
        "\n- SHA-256 of all, where the last interval ends with its padding: `{}`",
        hex(&reference::sha256(&content))
    ));
    line(format!("- blind_0 = HMAC(blind, 00 00 00 00 00 00 00 00)[..16] = `{}`", hex(blind_0)));
    line(format!("- `chunks_root` = `{}`", hex(&reference::chunks_root(&content, 512, &[0x2a; 32]))));
    line("\n**Derived values** of the seed of 32 bytes 0x5e and the path `hello.txt`:\n".into());
    line(format!("- `salt` = `{}`", hex(&reference::salt_of(&SEED, b"hello.txt"))));
    line(format!("- `blind` = `{}`", hex(&reference::blind_of(&SEED, b"hello.txt"))));
    line(format!("- `nonce` = `{}`", hex(&reference::nonce(&SEED))));
    line(format!("- nonce of case.json = `{}`", hex(&reference::case_nonce(&SEED))));
    line(format!("- `bundleId` = `{}`", hex(&reference::bundle_id(&SEED))));
    line("\n**Pax records.** A `path` of 101 bytes `a` makes `111 path=aaa...a` and LF. A `uid` of 2,097,152 makes `15 uid=2097152` and LF.".into());
    line(
        "\n**Cuts**, C = 512, F = 1,024, S = 4,096, E = 5: a directory, then files of 600, 4,500 and 10 bytes.\n"
            .into(),
    );
    line("| segment | frame | tar bytes | holds |\n|---|---|---|---|".into());
    cut_table(&mut line);
    assert_section("worked examples", &out);
}

fn cut_table(line: &mut impl FnMut(String)) {
    let file = |path: &[u8], len: usize| Item::file(path, vec![7; len]);
    let items = [Item::dir(b"d"), file(b"d/a", 600), file(b"d/b", 4500), file(b"d/c", 10)];
    let entries: Vec<_> = items.iter().map(sealed::reference_entry).collect();
    let params =
        reference::Params { chunk: 512, frame: 1024, segment: 4096, entries: 5, level: 3, whole_file_digest: true };
    let holds = [
        "`d`",
        "`d/a` with its padding",
        "headers of `d/b`: 4,500 bytes are 4,096 or more, so a segment starts (CUT-4 c)",
        "bytes 0 to 1,023 of `d/b`",
        "1,024 to 2,047",
        "2,048 to 3,071",
        "3,072 to 4,095: with them the first segment would pass 4,096 (CUT-4 a)",
        "4,096 to 4,499 and padding; `d/c` with padding would pass 1,024",
        "`d/c` with its padding",
        "the end marker",
    ];
    let mut notes = holds.iter();
    for (s, segment) in reference::cut(&entries, &params).iter().enumerate() {
        for (f, frame) in segment.frames.iter().enumerate() {
            line(format!("| {s} | {f} | {} | {} |", frame.len(), notes.next().expect("a note for each frame")));
        }
    }
    assert_eq!(notes.next(), None, "a frame for each note");
}
