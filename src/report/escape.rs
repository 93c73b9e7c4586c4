//! Names from evidence, shown so that none of them can move the cursor, hide text or forge a line.

use std::fmt::Write as _;

/// A name as one line of plain text. Backslash, control and format characters, what turns the direction of text, and
/// bytes that are not UTF-8 stand as `\\`, `\n`, `\u{202e}` or `\xff`; everything else stands for itself.
pub fn escape(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                // Writing into a string does not fail.
                _ if is_hidden(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
                _ => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// A message that may quote names from anywhere: what a terminal would obey is shown as in [`escape`], lines after the
/// first are indented so that none can be forged, and all else stands for itself.
pub fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\n  "),
            '\t' => out.push(c),
            _ if is_hidden(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

/// JSON text in which such characters, that can only stand in its strings, are written as `\\u` escapes: it says the same,
/// and is safe to look at.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_hidden(c) || c == '\n' {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// Characters that a terminal obeys, or that cannot be seen: controls, separators of lines, and format characters
/// (Unicode general categories Cc, Zl, Zp, Cf and the like).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2 | 0x115f..=0x1160 | 0x180e
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfeff | 0xfff9..=0xfffb
            | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_can_neither_colour_a_message_nor_forge_a_line_of_it() {
        assert_eq!(message("cannot read a\x1b[31m\nhint: b\\c"), "cannot read a\\u{1b}[31m\n  hint: b\\c");
    }

    #[test]
    fn json_says_the_same_without_a_character_that_is_hidden() {
        let name = "a\u{9b}2J\u{202e}b\u{7f}\u{e0001}\u{1f480}\\\"";
        let text = serde_json::to_string(name).unwrap();
        let shown = json(&text);
        assert!(!shown.chars().any(is_hidden));
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), name);
    }

    #[test]
    fn no_name_can_move_the_cursor_hide_text_or_forge_a_line() {
        for (name, shown) in [
            (&b"plain name"[..], "plain name"),
            ("tin nhắn.txt".as_bytes(), "tin nhắn.txt"),
            (b"a\nb\x1b[2Jc\x7f", "a\\nb\\u{1b}[2Jc\\u{7f}"),
            (b"a\xffb", "a\\xffb"),
            ("gpj.\u{202e}exe".as_bytes(), "gpj.\\u{202e}exe"),
            ("zero\u{200b}width\u{feff}".as_bytes(), "zero\\u{200b}width\\u{feff}"),
            (b"\\n", "\\\\n"),
        ] {
            assert_eq!(escape(name), shown);
        }
    }
}
