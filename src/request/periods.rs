//! Arithmetic of periods (SPEC.md REQ-4). The Convention says nothing of how to count, so this does: in elapsed days of 24
//! hours. Where only dates are known, a period that must be long enough starts at the end of the first day, and one that
//! must not be too long starts at its beginning. Between two dates that comes to counting days.

use crate::format::moment::Moment;
use crate::format::time::Instant;

/// Most days of one order to preserve (article 25(2)).
pub const ORDER_DAYS_MAX: u16 = 90;
/// Fewest days that data is preserved on request (article 42).
pub const PRESERVATION_DAYS_MIN: u16 = 60;
/// Days to answer a European production order (Regulation (EU) 2023/1543, article 10(2)).
pub const EU_DAYS: u16 = 10;
/// Hours to answer one in an emergency (article 10(4) there).
pub const EU_EMERGENCY_HOURS: u16 = 8;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// Whether a period is surely not shorter than so many days.
pub fn lasts_at_least(from: Moment, until: Moment, days: u16) -> bool {
    elapsed(from, until, Reading::Shortest) >= i64::from(days) * DAY
}

/// Whether a period is surely not longer than so many days.
pub fn lasts_at_most(from: Moment, until: Moment, days: u16) -> bool {
    elapsed(from, until, Reading::Longest) <= i64::from(days) * DAY
}

/// By when a European production order that was received then is to be answered. `None` past the year 9999.
pub fn european_due(received: Moment, is_emergency: bool) -> Option<Instant> {
    let hours = if is_emergency { EU_EMERGENCY_HOURS } else { EU_DAYS * 24 };
    Instant::from_seconds(received.start().seconds() + i64::from(hours) * HOUR)
}

/// Whether data that was preserved was kept for the request that followed: if that was received before the preservation
/// ended, until it was decided (article 42). `None` in the place of a time says that it has not come.
pub fn was_kept(expires: Moment, received: Moment, decided: Option<Moment>, released: Option<Moment>) -> bool {
    let Some(released) = released else { return true };
    if !received.is_no_later_than(expires) {
        return true;
    }
    decided.is_some_and(|decided| decided.is_no_later_than(released))
}

/// Seconds from one moment to another, negative if it lies before.
pub fn seconds_between(from: Instant, to: Instant) -> i64 {
    to.seconds() - from.seconds()
}

/// Which of the lengths that a period may have had.
enum Reading {
    Shortest,
    Longest,
}

fn elapsed(from: Moment, until: Moment, reading: Reading) -> i64 {
    let (from, until) = match (from, until, reading) {
        (Moment::Day(_), Moment::Day(_), _) => (from.start(), until.start()),
        (_, _, Reading::Shortest) => (from.end(), until.start()),
        (_, _, Reading::Longest) => (from.start(), until.end()),
    };
    seconds_between(from, until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::moment::tests::moment;

    fn after(from: &str, days: u16) -> String {
        moment(from).plus_days(days).map(|end| end.to_string()).unwrap_or_default()
    }

    /// REQ-4.
    #[test]
    fn the_dates_of_the_worked_examples_come_out() {
        assert_eq!(after("2026-01-01", PRESERVATION_DAYS_MIN), "2026-03-02");
        assert_eq!(after("2026-01-01", ORDER_DAYS_MAX), "2026-04-01");
        assert_eq!(after("2026-08-18", EU_DAYS), "2026-08-28");
        assert_eq!(after("2026-08-18", PRESERVATION_DAYS_MIN), "2026-10-17");
        assert_eq!(after("2026-08-18", ORDER_DAYS_MAX), "2026-11-16");
        assert_eq!(after("2026-11-10T12:00:00Z", PRESERVATION_DAYS_MIN), "2027-01-09T12:00:00Z");
    }

    /// REQ-4.
    #[test]
    fn a_preservation_of_59_days_is_too_short_and_one_of_60_is_not() {
        for (from, until, holds) in [
            ("2026-01-01", "2026-03-02", true),
            ("2026-01-01", "2026-03-01", false),
            ("2026-01-01T12:00:00Z", "2026-03-02T12:00:00Z", true),
            ("2026-01-01T12:00:00Z", "2026-03-02T11:59:59Z", false),
            // Where one is a date, the whole of its day must be on the safe side.
            ("2026-01-01", "2026-03-02T23:59:59Z", false),
            ("2026-01-01", "2026-03-03T00:00:00Z", true),
            ("2026-01-01T12:00:00Z", "2026-03-02", false),
            ("2026-01-01T12:00:00Z", "2026-03-03", true),
        ] {
            assert_eq!(lasts_at_least(moment(from), moment(until), 60), holds, "{from} {until}");
        }
    }

    /// REQ-4.
    #[test]
    fn an_order_of_91_days_is_too_long_and_one_of_90_is_not() {
        for (from, until, holds) in [
            ("2026-01-01", "2026-04-01", true),
            ("2026-01-01", "2026-04-02", false),
            ("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", true),
            ("2026-01-01T00:00:00Z", "2026-04-01T00:00:01Z", false),
            ("2026-01-01", "2026-04-01T00:00:00Z", true),
            ("2026-01-01", "2026-04-01T00:00:01Z", false),
            ("2026-01-01T12:00:00Z", "2026-04-01", false),
            ("2026-01-01T12:00:00Z", "2026-03-31", true),
        ] {
            assert_eq!(lasts_at_most(moment(from), moment(until), 90), holds, "{from} {until}");
        }
    }

    #[test]
    fn a_european_order_is_answered_in_10_days_or_8_hours() {
        let due = |from: &str, emergency| european_due(moment(from), emergency).map(|due| due.to_string());
        assert_eq!(due("2026-08-18T09:30:00Z", false).as_deref(), Some("2026-08-28T09:30:00Z"));
        assert_eq!(due("2026-08-18T09:30:00Z", true).as_deref(), Some("2026-08-18T17:30:00Z"));
        assert_eq!(due("2026-08-18", false).as_deref(), Some("2026-08-28T00:00:00Z"), "from the beginning of the day");
        assert_eq!(due("9999-12-31", false), None);
    }

    #[test]
    fn data_is_kept_until_the_request_that_followed_in_time_is_decided() {
        let kept = |received, decided: Option<&str>, released: Option<&str>| {
            was_kept(moment("2027-01-09"), moment(received), decided.map(moment), released.map(moment))
        };
        assert!(kept("2027-01-05", Some("2027-02-01"), Some("2027-02-01")));
        assert!(!kept("2027-01-05", Some("2027-02-01"), Some("2027-01-20")));
        assert!(!kept("2027-01-09", None, Some("2027-01-10")), "released, and nothing was decided");
        assert!(kept("2027-01-05", None, None));
        assert!(kept("2027-01-10", None, Some("2027-01-11")), "the request came too late");
    }
}
