//! Digests of files as lines that `sha256sum -c` and its like read, and as JSON for programs.

use serde_json::{Value, json};

pub use super::json::put_name;
use crate::inventory::FileDigests;
use crate::read::FileError;

/// Appends the lines of one file: `<64 hex>  <path>`, then for each other digest the tagged form `MD5 (<path>) = <hex>`.
///
/// `sha256sum -c`, `md5sum -c` and `sha1sum -c` each take the lines that are theirs, and only warn of others. As they
/// write it, a path with a backslash, LF or CR has them as `\\`, `\n`, `\r`, and its line begins with a backslash. Other
/// bytes stand as they are.
pub fn push_lines(out: &mut Vec<u8>, file: &FileDigests) {
    let (mark, path) = escaped(file.path.to_bytes());
    out.extend_from_slice(mark);
    out.extend_from_slice(file.sha256.to_string().as_bytes());
    out.extend_from_slice(b"  ");
    out.extend_from_slice(&path);
    out.push(b'\n');
    for other in &file.others {
        out.extend_from_slice(mark);
        out.extend_from_slice(other.algorithm.name().to_ascii_uppercase().as_bytes());
        out.extend_from_slice(b" (");
        out.extend_from_slice(&path);
        out.extend_from_slice(format!(") = {other}\n").as_bytes());
    }
}

/// Appends the line of one chunk: `<64 hex>  <offset> <length>  <path>`, the path written as in [`push_lines`].
pub fn push_chunk_line(out: &mut Vec<u8>, chunk: &FileDigests) {
    let (mark, path) = escaped(chunk.path.to_bytes());
    out.extend_from_slice(mark);
    let offset = chunk.offset_bytes.unwrap_or(0);
    out.extend_from_slice(format!("{}  {offset} {}  ", chunk.sha256, chunk.len_bytes).as_bytes());
    out.extend_from_slice(&path);
    out.push(b'\n');
}

/// What stands before the line of a path, and the path in that line.
fn escaped(path: Vec<u8>) -> (&'static [u8], Vec<u8>) {
    if !path.iter().any(|byte| matches!(byte, b'\\' | b'\n' | b'\r')) {
        return (b"", path);
    }
    let mut out = Vec::with_capacity(path.len() + 8);
    for byte in path {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
    (b"\\", out)
}

/// The object of a file or chunk.
pub fn file(file: &FileDigests, known: Option<bool>) -> Value {
    let mut value = json!({});
    put_name(&mut value, "path", &file.path.to_bytes());
    if let Some(offset) = file.offset_bytes {
        value["offset"] = offset.into();
    }
    value[if file.offset_bytes.is_some() { "len" } else { "size" }] = file.len_bytes.into();
    value["sha256"] = file.sha256.to_string().into();
    for other in &file.others {
        value[other.algorithm.name()] = other.to_string().into();
    }
    if let Some(known) = known {
        value["known"] = known.into();
    }
    value
}

/// The object of a path that has no digest, and why: `error` or `skipped`.
pub fn without_digest(path: &[u8], key: &str, why: &str) -> Value {
    let mut value = json!({});
    put_name(&mut value, "path", path);
    value[key] = why.into();
    value
}

/// Why a file has no digest, with the causes.
pub fn why(error: &FileError) -> String {
    crate::causes::with_causes(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_break_a_line_is_escaped() {
        assert_eq!(escaped(b"a b\xff*".to_vec()), (&b""[..], b"a b\xff*".to_vec()));
        assert_eq!(escaped(b"a\nb\\c\rd".to_vec()), (&b"\\"[..], b"a\\nb\\\\c\\rd".to_vec()));
    }
}
