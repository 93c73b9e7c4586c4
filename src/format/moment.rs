//! Times as people know them: to the second, or only the date (SPEC.md REQ-3).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::json::from_text;
use super::time::Instant;

/// Seconds in a day of 24 hours.
const DAY: i64 = 86_400;

/// A date in UTC: `2026-11-22`, years 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    start: Instant,
}

/// A time that is known to the second, or of which only the date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The whole of a day.
    Day(Day),
    /// A second.
    Instant(Instant),
}

impl Day {
    /// Parses exactly `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        Instant::parse(&format!("{text}T00:00:00Z")).map(|start| Self { start })
    }
}

impl Moment {
    /// Parses an instant or a date.
    pub fn parse(text: &str) -> Option<Self> {
        Instant::parse(text).map(Self::Instant).or_else(|| Day::parse(text).map(Self::Day))
    }

    /// Its first second.
    pub fn start(self) -> Instant {
        match self {
            Self::Day(day) => day.start,
            Self::Instant(instant) => instant,
        }
    }

    /// The second at which it is over: that of an instant itself, and of a day the first one of the next.
    pub fn end(self) -> Instant {
        match self {
            // The last day there is ends with its last second.
            Self::Day(day) => Instant::from_seconds(day.start.seconds() + DAY)
                .or_else(|| Instant::from_seconds(day.start.seconds() + DAY - 1))
                .unwrap_or(day.start),
            Self::Instant(instant) => instant,
        }
    }

    /// Its last second.
    pub fn last_second(self) -> Instant {
        match self {
            Self::Day(day) => Instant::from_seconds(day.start.seconds() + DAY - 1).unwrap_or(day.start),
            Self::Instant(instant) => instant,
        }
    }

    /// So many days of 24 hours later, as exactly known as this. `None` past the year 9999.
    pub fn plus_days(self, days: u16) -> Option<Self> {
        let later = Instant::from_seconds(self.start().seconds() + i64::from(days) * DAY)?;
        Some(match self {
            Self::Day(_) => Self::Day(Day { start: later }),
            Self::Instant(_) => Self::Instant(later),
        })
    }

    /// Whether it is surely no later than the other. Two dates are compared as dates; where only one is a date, the whole
    /// of its day must be on the right side.
    pub fn is_no_later_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Day(a), Self::Day(b)) => a <= b,
            _ => self.end() <= other.start(),
        }
    }

    /// Whether it is surely earlier than the other.
    pub fn is_before(self, other: Self) -> bool {
        match (self, other) {
            (Self::Day(a), Self::Day(b)) => a < b,
            (Self::Instant(a), Self::Instant(b)) => a < b,
            _ => self.end() <= other.start() && self.start() < other.start(),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.start.to_string();
        f.write_str(text.split('T').next().unwrap_or_default())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "an instant such as 2026-11-22T03:17:00Z, or a date such as 2026-11-22", Self::parse)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    /// REQ-3.
    #[test]
    fn a_moment_has_one_form() {
        for text in ["2026-11-22", "2026-11-22T03:17:00Z", "1970-01-01", "9999-12-31"] {
            assert_eq!(moment(text).to_string(), text);
        }
        for text in ["2026-02-29", "2026-1-1", "20261122", "2026-11-22T03:17Z", "2026-11-22 ", "", "10000-01-01"] {
            assert_eq!(Moment::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_day_is_all_of_it() {
        let day = moment("2026-12-31");
        assert_eq!(day.start().to_string(), "2026-12-31T00:00:00Z");
        assert_eq!(day.end().to_string(), "2027-01-01T00:00:00Z");
        assert_eq!(moment("9999-12-31").end().to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(moment("9999-12-31").plus_days(1), None);
    }

    #[test]
    fn what_is_known_to_the_day_only_must_lie_wholly_on_the_right_side() {
        let order = |a: &str, b: &str| (moment(a).is_before(moment(b)), moment(a).is_no_later_than(moment(b)));
        assert_eq!(order("2026-01-01", "2026-01-01"), (false, true));
        assert_eq!(order("2026-01-01", "2026-01-02"), (true, true));
        assert_eq!(order("2026-01-01", "2026-01-01T23:59:59Z"), (false, false));
        assert_eq!(order("2026-01-01", "2026-01-02T00:00:00Z"), (true, true));
        assert_eq!(order("2026-01-01T12:00:00Z", "2026-01-01"), (false, false));
        assert_eq!(order("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), (false, true));
    }
}
