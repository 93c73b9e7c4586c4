//! When an authority stamped, and how exactly it knows: GeneralizedTime with fractions (RFC 3161 section 2.4.2), accuracy.

use std::fmt;

use jiff::{SignedDuration, civil};

use crate::format::time::Instant;

/// Microseconds in a second.
const MICROS: u64 = 1_000_000;

/// A moment as an authority states it, and how far it may be off: at most as many microseconds, earlier or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenTime {
    /// Whole seconds, rounded down.
    second: Instant,
    /// Microseconds after that, rounded up.
    micros: u64,
    /// `None` if the authority does not say it in the token.
    accuracy_micros: Option<u64>,
}

impl GenTime {
    /// Parses the characters of a GeneralizedTime: `YYYYMMDDHHMMSS[.f]Z`, no zeros at the end of a fraction.
    pub(super) fn parse(text: &[u8], accuracy_micros: Option<u64>) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() != 14 || !are_digits(whole) {
            return None;
        }
        let number = |from: usize, to: usize| whole.get(from..to)?.parse::<i16>().ok();
        let small = |from: usize| i8::try_from(number(from, from + 2)?).ok();
        let date = civil::Date::new(number(0, 4)?, small(4)?, small(6)?).ok()?;
        let time = civil::Time::new(small(8)?, small(10)?, small(12)?, 0).ok()?;
        let since: SignedDuration = date.to_datetime(time).duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0));
        let second = Instant::from_seconds(since.as_secs())?;
        let micros = fraction.map_or(Some(0), |fraction| {
            let is_sound = are_digits(fraction) && !fraction.is_empty() && !fraction.ends_with('0');
            let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
            let rest = u64::from(fraction.len() > 6);
            is_sound.then_some(six.parse::<u64>().ok()? + rest)
        })?;
        Some(Self { second, micros, accuracy_micros })
    }

    /// The whole second that it lies in.
    pub fn second(self) -> Instant {
        self.second
    }

    /// How exactly the authority says that it knows, in microseconds.
    pub fn accuracy_micros(self) -> Option<u64> {
        self.accuracy_micros
    }

    /// The last second by which it was surely so: with what it may be off, rounded up.
    pub fn not_after(self) -> Instant {
        let micros = self.micros.saturating_add(self.accuracy_micros.unwrap_or(0));
        let seconds = i64::try_from(micros.div_ceil(MICROS)).unwrap_or(i64::MAX);
        Instant::from_seconds(self.second.seconds().saturating_add(seconds)).unwrap_or(Instant::LAST)
    }

    /// The first second at which it may have been so: less what it may be off, rounded down.
    pub fn not_before(self) -> Instant {
        let back = self.accuracy_micros.unwrap_or(0).saturating_sub(self.micros.saturating_sub(1));
        let seconds = i64::try_from(back.div_ceil(MICROS)).unwrap_or(i64::MAX);
        Instant::from_seconds(self.second.seconds().saturating_sub(seconds)).unwrap_or(Instant::EPOCH)
    }
}

impl fmt::Display for GenTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.second.to_string();
        // What is finer than a microsecond was rounded up; a second more is not shown.
        let fraction = match self.micros.min(MICROS - 1) {
            0 => String::new(),
            micros => format!(".{micros:06}").trim_end_matches('0').to_owned(),
        };
        write!(f, "{}{fraction}Z", text.trim_end_matches('Z'))?;
        match self.accuracy_micros {
            Some(micros) => write!(f, " (to {}.{:06} s)", micros / MICROS, micros % MICROS),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str, accuracy: u64) -> GenTime {
        GenTime::parse(text.as_bytes(), Some(accuracy)).unwrap()
    }

    #[test]
    fn bounds_are_rounded_away_from_the_moment() {
        let bounds = |text: &str, accuracy: u64| {
            let time = time(text, accuracy);
            (time.not_before().to_string()[17..19].to_owned(), time.not_after().to_string()[17..19].to_owned())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(bounds("20261128100010Z", 0), pair("10", "10"));
        assert_eq!(bounds("20261128100010.5Z", 0), pair("10", "11"));
        assert_eq!(bounds("20261128100010.5Z", 500_000), pair("09", "11"));
        assert_eq!(bounds("20261128100010Z", 1), pair("09", "11"));
        assert_eq!(bounds("20261128100010Z", 1_000_000), pair("09", "11"));
        assert_eq!(bounds("20261128100010.0000001Z", 0), pair("10", "11"));
        let far = time("20261128100010Z", u64::MAX);
        assert_eq!((far.not_before(), far.not_after()), (Instant::EPOCH, Instant::LAST));
    }

    #[test]
    fn a_time_has_one_form() {
        for text in [
            "20261128100010",
            "20261128100010.Z",
            "20261128100010.50Z",
            "202611281000Z",
            "20261328100010Z",
            "20261128250010Z",
            "20261128100060Z",
            "20261128100010+0100",
            "19691231235959Z",
            "+0261128100010Z",
        ] {
            assert_eq!(GenTime::parse(text.as_bytes(), None), None, "{text}");
        }
        assert_eq!(time("20261128100010.25Z", 1_500_000).to_string(), "2026-11-28T10:00:10.25Z (to 1.500000 s)");
        assert_eq!(GenTime::parse(b"20261128100010Z", None).unwrap().to_string(), "2026-11-28T10:00:10Z");
    }
}
