//! Amounts as people read them.

/// `1 entry`, `2,000 entries`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `512 bytes`, `1.5 MiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let Some(unit) = (number.max(1).ilog2() / 10).checked_sub(1) else {
        return count(number, "byte", "bytes");
    };
    // Tenths of the unit, rounded; in integers, since 2^53 bytes are not beyond this format.
    let tenths = (u128::from(number) * 10 + (1 << (10 * unit + 9))) >> (10 * unit + 10);
    let (unit, tenths) = if tenths >= 10_240 { (unit + 1, 10) } else { (unit, tenths) };
    let name = usize::try_from(unit).ok().and_then(|unit| UNITS.get(unit)).unwrap_or(&"EiB");
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// Digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well_at_every_size() {
        for (number, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            ((1 << 20) - 1, "1.0 MiB"),
            (1 << 20, "1.0 MiB"),
            (5 << 40, "5.0 TiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(bytes(number), text, "{number}");
        }
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(1_234_567, "entry", "entries"), "1,234,567 entries");
    }
}
