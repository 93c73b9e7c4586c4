//! What "the RFC 8785 form" means, told by another way than the types of the program.

use serde_json::Value;

/// Fails unless bytes that a parser accepted are the one form of their value: keys ascending and ASCII, numbers whole.
pub fn assert_canonical(bytes: &[u8]) {
    let value: Value = serde_json::from_slice(bytes).expect("what was accepted is JSON");
    // Its maps are sorted; a key given twice would be there once.
    assert!(serde_json::to_vec(&value).expect("JSON") == bytes, "accepted in another form than that of RFC 8785");
    assert_plain(&value);
}

fn assert_plain(value: &Value) {
    match value {
        Value::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            assert!(magnitude.is_some_and(|n| n < 1 << 53), "JSON-1: {number}");
        }
        Value::Array(items) => items.iter().for_each(assert_plain),
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            assert!(key.is_ascii(), "JSON-2: {key}");
            assert_plain(value);
        }),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
