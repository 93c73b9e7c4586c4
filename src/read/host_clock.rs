//! What the host says of its own clock: the kernel's discipline of it (RFC 5905 section 11, `adjtimex(2)`), when a time
//! server was last heard, and the PTP clocks that it has.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use rtime_clock::adjtime::{Timex, adjtimex};

use crate::format::clock::HostClock;
use crate::format::time::Instant;
use crate::limits::{PTP_COUNT_MAX, PTP_NAME_LEN_MAX};

/// Touched by systemd-timesyncd each time that it has heard a server.
const LAST_SYNC: &str = "/run/systemd/timesync/synchronized";
/// Each PTP clock has a directory here, with a file `clock_name`.
const PTP_CLOCKS: &str = "/sys/class/ptp";

/// Asks the host; `None` where the kernel does not answer.
pub fn host_clock() -> Option<HostClock> {
    // No modes are set: a question, not a change.
    let mut timex = Timex::new();
    adjtimex(&mut timex).ok()?;
    let kernel = timex.0;
    let offset = kernel.offset;
    let is_nanoseconds = kernel.status & libc::STA_NANO != 0;
    Some(HostClock {
        estimated_error_us: u64::try_from(kernel.esterror).ok()?,
        last_sync: changed_at(Path::new(LAST_SYNC)),
        max_error_us: u64::try_from(kernel.maxerror).ok()?,
        offset_us: if is_nanoseconds { offset / 1000 } else { offset },
        ptp_clocks: ptp_clocks(Path::new(PTP_CLOCKS)),
        synchronised: kernel.status & libc::STA_UNSYNC == 0,
    })
}

fn changed_at(path: &Path) -> Option<Instant> {
    let since = fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Instant::from_seconds(i64::try_from(since.as_secs()).ok()?)
}

/// Their names, as far as they can be read: `KVM virtual PTP`, or that of a network adapter's driver.
fn ptp_clocks(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| fs::read_to_string(entry.path().join("clock_name")).ok());
    let mut names: Vec<_> =
        names.map(|name| name.trim().to_owned()).filter(|name| (1..=PTP_NAME_LEN_MAX).contains(&name.len())).collect();
    names.sort();
    names.dedup();
    names.truncate(PTP_COUNT_MAX);
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::clock::{Clock, ClockSource};

    #[test]
    fn what_this_host_says_may_be_signed() {
        let host = host_clock();
        assert!(host.is_some(), "the kernel did not answer");
        let clock = Clock { host, offset_ms: None, reference: None, source: ClockSource::System };
        assert_eq!(clock.check(), Ok(()));
    }

    #[test]
    fn ptp_clocks_are_named_once_each_and_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["KVM virtual PTP\n", "", "e1000e", "e1000e", &"x".repeat(PTP_NAME_LEN_MAX + 1)];
        for (number, name) in names.iter().enumerate() {
            let clock = dir.path().join(format!("ptp{number}"));
            fs::create_dir(&clock).unwrap();
            fs::write(clock.join("clock_name"), name).unwrap();
        }
        assert_eq!(ptp_clocks(dir.path()), ["KVM virtual PTP", "e1000e"]);
        assert!(ptp_clocks(&dir.path().join("none")).is_empty());
    }
}
