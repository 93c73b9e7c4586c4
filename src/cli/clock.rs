//! What time it is, and how that is known.

use super::{Exit, Failure, warning};
use crate::format::clock::{ClockSource, HostClock};
use crate::format::time::Instant;
use crate::read::host_clock;

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

/// What the host says of the clock that was read, if it was.
pub(super) fn host_of(source: ClockSource) -> Option<HostClock> {
    match source {
        ClockSource::System => host_clock(),
        ClockSource::Given => None,
    }
}

/// In words for people.
pub(super) fn host_clock_in_words(host: &HostClock) -> String {
    let kept = if host.synchronised {
        format!("kept in step by a time daemon, to within {} us by the kernel's estimate", host.estimated_error_us)
    } else {
        "not kept in step by a time daemon".to_owned()
    };
    let heard = host.last_sync.map(|at| format!(", a server last heard at {at}")).unwrap_or_default();
    format!("{kept}{heard}")
}
