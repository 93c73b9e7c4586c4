//! What time it is, and how that is known.

use super::{Exit, Failure, warning};
use crate::format::time::Instant;

/// The time that was given by hand, for fixtures.
pub(super) fn given_time(given: Option<&str>) -> Result<Option<Instant>, Failure> {
    let Some(text) = given else { return Ok(None) };
    warning("--time: what is signed will say that the time was given by hand");
    let instant = Instant::parse(text);
    let wrong = || Failure::new(Exit::Usage, format!("--time {text:?} is not a time such as 2026-11-22T03:17:00Z"));
    instant.ok_or_else(wrong).map(Some)
}

/// The time by the system's clock.
pub(super) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.ok().and_then(|d| i64::try_from(d.as_secs()).ok()).unwrap_or(0);
    Instant::from_seconds(seconds).unwrap_or(Instant::EPOCH)
}
