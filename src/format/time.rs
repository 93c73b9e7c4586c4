//! Times: nanosecond times of entries (SPEC.md TIME-1) and whole-second instants (TIME-2).

use std::fmt;

use jiff::{SignedDuration, civil};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::json::from_text;

/// Nanoseconds in a second.
const NANOS: u32 = 1_000_000_000;
/// Seconds lie between minus and plus this.
const SECONDS_MAX: i64 = 1 << 62;

/// A time as a file system keeps it: whole seconds since 1970, rounded down, and nanoseconds after that second.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// The first moment of 1970.
    pub const EPOCH: Self = Self { seconds: 0, nanos: 0 };

    /// From the two fields of a `timespec`; `None` out of range.
    pub fn new(seconds: i64, nanos: u32) -> Option<Self> {
        let in_range = nanos < NANOS && (-SECONDS_MAX..=SECONDS_MAX).contains(&seconds);
        in_range.then_some(Self { seconds, nanos })
    }

    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`Self::seconds`].
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// Sign, whole seconds and nanoseconds of the magnitude.
    fn magnitude(self) -> (bool, u64, u32) {
        if self.seconds >= 0 {
            (false, self.seconds.unsigned_abs(), self.nanos)
        } else if self.nanos == 0 {
            (true, self.seconds.unsigned_abs(), 0)
        } else {
            (true, self.seconds.unsigned_abs() - 1, NANOS - self.nanos)
        }
    }

    /// The form of a pax `mtime` record: no trailing zeros, no point without a fraction (SPEC.md TAR-5).
    pub fn to_pax(self) -> String {
        let full = self.to_string();
        match full.split_once('.') {
            Some((whole, "000000000")) => whole.to_owned(),
            _ => full.trim_end_matches('0').to_owned(),
        }
    }

    /// Parses the form of a manifest line.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.')?;
        let well_formed = fraction.len() == 9
            && !whole.is_empty()
            && (whole == "0" || !whole.starts_with('0'))
            && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if !well_formed {
            return None;
        }
        let seconds: i64 = whole.parse().ok()?;
        let nanos: u32 = fraction.parse().ok()?;
        match (negative, seconds, nanos) {
            (false, ..) => Self::new(seconds, nanos),
            (true, 0, 0) => None,
            (true, _, 0) => Self::new(-seconds, 0),
            (true, ..) => Self::new(-seconds - 1, NANOS - nanos),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, seconds, nanos) = self.magnitude();
        write!(f, "{}{seconds}.{nanos:09}", if negative { "-" } else { "" })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "a time such as 1700000000.000000000", Self::parse)
    }
}

/// A moment in UTC, to the second: `2026-11-22T03:17:00Z`, years 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Instant {
    seconds: i64,
}

/// The moment from which seconds are counted.
const START: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

impl Instant {
    /// The first moment of 1970.
    pub const EPOCH: Self = Self { seconds: 0 };

    /// The last second of 9999.
    pub const LAST: Self = Self { seconds: 253_402_300_799 };

    /// From whole seconds since 1970; `None` before 1970 or after 9999.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (0..=Self::LAST.seconds).contains(&seconds).then_some(Self { seconds })
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Parses exactly `YYYY-MM-DDTHH:MM:SSZ`.
    pub fn parse(text: &str) -> Option<Self> {
        // Not jiff's Timestamp, which ends some hours before the year 9999 does, so that it can be shown in any zone.
        let time: civil::DateTime = text.strip_suffix('Z')?.parse().ok()?;
        let instant = Self::from_seconds(time.duration_since(START).as_secs())?;
        (instant.to_string() == text).then_some(instant)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match START.checked_add(SignedDuration::from_secs(self.seconds)) {
            Ok(time) => write!(f, "{time}Z"),
            Err(_) => Err(fmt::Error),
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "an instant such as 2026-11-22T03:17:00Z", Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_are_sign_and_magnitude() {
        let time = Timestamp::new(-2, 500_000_000).unwrap();
        assert_eq!(time.to_string(), "-1.500000000");
        assert_eq!(Timestamp::parse("-1.500000000"), Some(time));
        assert_eq!(Timestamp::new(-1, 1).unwrap().to_string(), "-0.999999999");
    }

    #[test]
    fn every_text_form_but_one_is_refused() {
        for text in
            ["-0.000000000", "1", "1.5", "01.000000000", ".000000000", "+1.000000000", "1.0000000000", "1.00000000x"]
        {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn pax_times_have_no_trailing_zeros() {
        for (seconds, nanos, pax) in
            [(100, 0, "100"), (0, 0, "0"), (10, 500_000_000, "10.5"), (-2, 0, "-2"), (-1, 999_999_999, "-0.000000001")]
        {
            assert_eq!(Timestamp::new(seconds, nanos).unwrap().to_pax(), pax);
        }
    }

    #[test]
    fn instants_have_one_form() {
        assert_eq!(Instant::parse("2026-11-22T03:17:00Z").unwrap().to_string(), "2026-11-22T03:17:00Z");
        for text in
            ["2026-11-22T03:17:00+00:00", "2026-11-22t03:17:00Z", "2026-11-22T03:17:00.5Z", "1969-12-31T23:59:59Z"]
        {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn instants_go_from_the_first_second_of_1970_to_the_last_of_9999() {
        for (text, seconds) in [("1970-01-01T00:00:00Z", 0), ("9999-12-31T23:59:59Z", 253_402_300_799)] {
            let instant = Instant::parse(text).unwrap();
            assert_eq!((instant.seconds(), instant.to_string().as_str()), (seconds, text));
        }
        for text in ["9999-12-31T23:59:60Z", "10000-01-01T00:00:00Z", "2026-02-29T00:00:00Z"] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
        assert_eq!((Instant::from_seconds(-1), Instant::from_seconds(253_402_300_800)), (None, None));
    }
}
