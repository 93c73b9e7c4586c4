//! JSON in the form of RFC 8785, with the limits of section 1.

use serde_json::{Map, Value};

/// The one form of a value [JSON-3], without a final newline [JSON-4].
pub fn json_bytes(value: &Value) -> Vec<u8> {
    let mut out = String::new();
    write(value, &mut out);
    out.into_bytes()
}

fn write(value: &Value, out: &mut String) {
    match value {
        // No rule has one, but `extensions` may.
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let integer = number.as_i64().expect("[JSON-1] an integer");
            assert!(integer.unsigned_abs() < 1 << 53, "[JSON-1] below 2^53");
            out.push_str(&integer.to_string());
        }
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => write_object(map, out),
    }
}

/// RFC 8785, 3.2.3: members in ascending order of key; for ASCII keys [JSON-2] that is byte order.
fn write_object(map: &Map<String, Value>, out: &mut String) {
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    out.push('{');
    for (i, key) in keys.into_iter().enumerate() {
        assert!(key.is_ascii(), "[JSON-2]");
        if i > 0 {
            out.push(',');
        }
        write_string(key, out);
        out.push(':');
        write(&map[key], out);
    }
    out.push('}');
}

/// RFC 8785, 3.2.2.2.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
