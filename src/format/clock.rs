//! By which clock a time was told, and what is known of that clock (SPEC.md STM-4).

use serde::{Deserialize, Serialize};

use super::time::Instant;
use crate::limits::{JSON_INTEGER_MAX, PTP_COUNT_MAX, PTP_NAME_LEN_MAX};

/// Where times come from, how far off that clock was measured to be, and what its host says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Clock {
    /// What the host's kernel says; only of the system's clock.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub host: Option<HostClock>,
    /// System clock minus reference, in milliseconds, as measured by the operator.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset_ms: Option<i64>,
    /// What it was compared with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// `system`, or `given` if the time was set by hand.
    pub source: ClockSource,
}

/// Who said what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockSource {
    /// The system's clock.
    System,
    /// The operator.
    Given,
}

/// What the host says of its own clock: recorded, and proof of nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HostClock {
    /// The kernel's estimate of the error, in microseconds.
    pub estimated_error_us: u64,
    /// When a time server was last heard, where the host keeps that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_sync: Option<Instant>,
    /// The kernel's bound of the error, in microseconds; it grows from one comparison to the next.
    pub max_error_us: u64,
    /// What is still to be corrected, in microseconds, of either sign.
    pub offset_us: i64,
    /// Names of the host's PTP clocks (IEEE 1588), ascending.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ptp_clocks: Vec<String>,
    /// Whether a time daemon told the kernel that the clock is kept in step.
    pub synchronised: bool,
}

impl Clock {
    /// A time that the operator gave.
    pub const GIVEN: Self = Self { host: None, offset_ms: None, reference: None, source: ClockSource::Given };

    /// What is wrong with it, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        let is_integer = |number: i64| number.unsigned_abs() <= JSON_INTEGER_MAX;
        require(self.offset_ms.is_none_or(is_integer), "a clock offset of 2^53 or more")?;
        let Some(host) = &self.host else { return Ok(()) };
        require(self.source == ClockSource::System, "`clock.host` for a time that was given by hand")?;
        let errors = [host.estimated_error_us, host.max_error_us, host.offset_us.unsigned_abs()];
        require(errors.iter().all(|&us| us <= JSON_INTEGER_MAX), "a clock error of 2^53 or more")?;
        let ptp = &host.ptp_clocks;
        let is_name = |name: &String| (1..=PTP_NAME_LEN_MAX).contains(&name.len());
        require(ptp.len() <= PTP_COUNT_MAX && ptp.iter().all(is_name), "too many PTP clocks, or too long a name")?;
        require(ptp.is_sorted_by(|a, b| a < b), "`ptpClocks` not ascending")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_that_every_json_reader_keeps() {
        let host = HostClock {
            estimated_error_us: 0,
            last_sync: None,
            max_error_us: JSON_INTEGER_MAX,
            offset_us: -JSON_INTEGER_MAX.cast_signed(),
            ptp_clocks: vec!["n".repeat(PTP_NAME_LEN_MAX); 1],
            synchronised: true,
        };
        let clock = |host| Clock { host: Some(host), offset_ms: None, reference: None, source: ClockSource::System };
        assert_eq!(clock(host.clone()).check(), Ok(()));
        let changes: [fn(&mut HostClock); 4] = [
            |host| host.max_error_us += 1,
            |host| host.estimated_error_us = JSON_INTEGER_MAX + 1,
            |host| host.offset_us -= 1,
            |host| host.ptp_clocks[0].push('n'),
        ];
        for change in changes {
            let mut wrong = host.clone();
            change(&mut wrong);
            assert!(clock(wrong.clone()).check().is_err(), "{wrong:?}");
        }
        let beyond = Clock { offset_ms: Some(1 << 53), ..Clock::GIVEN };
        assert!(beyond.check().is_err());
    }
}
