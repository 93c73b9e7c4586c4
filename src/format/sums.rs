//! Lines of `SHA256SUMS` as coreutils prints them (SPEC.md SUM-1).

use super::digest::Digest;
use super::path::EntryPath;

/// Appends the line of one file.
pub fn push_line(out: &mut Vec<u8>, digest: Digest, path: &EntryPath) {
    let path = path.as_bytes();
    if path.iter().any(|b| matches!(b, b'\\' | b'\n' | b'\r')) {
        out.push(b'\\');
    }
    out.extend_from_slice(digest.to_string().as_bytes());
    out.extend_from_slice(b"  ");
    if path == b"-" {
        // Alone it would mean standard input to `sha256sum -c`.
        out.extend_from_slice(b"./");
    }
    for &byte in path {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &[u8]) -> String {
        let mut out = Vec::new();
        push_line(&mut out, Digest([0; 32]), &EntryPath::new(path.to_vec()).unwrap());
        String::from_utf8(out).unwrap().replace(&"0".repeat(64), "D")
    }

    #[test]
    fn names_are_escaped_as_coreutils_does() {
        assert_eq!(line(b"a b"), "D  a b\n");
        assert_eq!(line(b"-"), "D  ./-\n");
        assert_eq!(line(b"d/-"), "D  d/-\n");
        assert_eq!(line(b"a\\b\nc\rd"), "\\D  a\\\\b\\nc\\rd\n");
    }
}
