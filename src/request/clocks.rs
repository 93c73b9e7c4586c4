//! Whether the times in a request keep to what articles 25 and 42 say.

use super::check::Check;
use super::finding::Finding;
use super::periods::{ORDER_DAYS_MAX, PRESERVATION_DAYS_MIN, lasts_at_least, lasts_at_most, was_kept};
use super::preserved::end_of;
use crate::format::moment::Moment;
use crate::format::request::Request;
use crate::format::request_parts::Preservation;
use crate::format::request_words::Article;
use crate::format::time::Instant;

/// Every time that is too early or too late.
pub(super) fn findings(request: &Request, now: Instant) -> Vec<Finding> {
    let mut check = Check::new(request);
    if let Some(preservation) = &request.preservation {
        match request.article {
            Article::Preservation25 => order(&mut check, preservation),
            _ => preserved(&mut check, preservation),
        }
        let is_over = end_of(preservation).is_some_and(|end| end.end() < now);
        let is_settled = preservation.mla.is_some() || preservation.released_at.is_some();
        let rule = if request.article == Article::Preservation25 { "UNCC-25.2-c" } else { "UNCC-42.9" };
        check.should(rule, "preservation.expiresAt", !is_over || is_settled, "has passed: it can be extended no more");
    }
    if let Some(period) = request.realtime.as_ref().and_then(|realtime| realtime.period) {
        let is_ordered = period.from.start() <= period.to.end();
        check.must("UNCC-45.3-f", "realtime.period", is_ordered, "ends before it begins");
    }
    if let (Some(deadline), Some(sent)) = (&request.deadline, request.sent_at) {
        check.should("UNCC-40.26", "deadline.at", sent <= deadline.at.end(), "lies before the request was sent");
    }
    check.findings
}

/// An order: at most 90 days, and each renewal in time, without a gap, for at most 90 days.
fn order(check: &mut Check<'_>, preservation: &Preservation) {
    let Some(mut expires) = preservation.expires_at else { return };
    let effected = preservation.effected_at.or(check.request.sent_at.map(Moment::Instant));
    if let Some(effected) = effected {
        let is_short = lasts_at_most(effected, expires, ORDER_DAYS_MAX);
        check.must(
            "UNCC-25.2-b",
            "preservation.expiresAt",
            is_short,
            "is more than 90 days after the order took effect",
        );
    }
    for (n, renewal) in preservation.renewals.iter().enumerate() {
        let field = |name: &str| format!("preservation.renewals[{n}].{name}");
        let is_in_time = renewal.renewed_at.is_no_later_than(expires);
        check.must("UNCC-25.2-c", field("renewedAt"), is_in_time, "lies after the period before had ended");
        let begins = renewal.effected_at.unwrap_or(expires);
        check.must("UNCC-25.2-c", field("effectedAt"), begins.is_no_later_than(expires), "leaves a gap");
        let is_short = lasts_at_most(begins, renewal.expires_at, ORDER_DAYS_MAX);
        check.must("UNCC-25.2-b", field("expiresAt"), is_short, "is more than 90 days after the renewal took effect");
        expires = renewal.expires_at;
    }
    let why = "belong to requests of another State: an order is renewed";
    check.must("UNCC-25.2-c", "preservation.extensions", preservation.extensions.is_empty(), why);
}

/// A preservation on request: at least 60 days, extended before it ends, and until the request that follows is decided.
fn preserved(check: &mut Check<'_>, preservation: &Preservation) {
    let Some(mut expires) = preservation.expires_at else {
        let is_open = preservation.effected_at.is_none();
        return check.must("UNCC-42.8-a", "preservation.expiresAt", is_open, "is missing: not less than 60 days");
    };
    if let Some(effected) = preservation.effected_at {
        let is_long = lasts_at_least(effected, expires, PRESERVATION_DAYS_MIN);
        check.must("UNCC-42.8-a", "preservation.expiresAt", is_long, "is less than 60 days after it took effect");
    }
    for (n, extension) in preservation.extensions.iter().enumerate() {
        let field = format!("preservation.extensions[{n}].requestedAt");
        let is_in_time = extension.requested_at.is_before(expires);
        check.must("UNCC-42.9", field, is_in_time, "is not before the preservation ends");
        expires = extension.expires_at.unwrap_or(expires);
    }
    let released = preservation.released_at;
    match preservation.mla {
        Some(mla) => {
            let is_kept = was_kept(expires, mla.received_at, mla.decided_at, released);
            let why = "lies before the request for assistance was decided, which came in time";
            check.must("UNCC-42.8-b", "preservation.releasedAt", is_kept, why);
        }
        None => {
            let is_kept = released.is_none_or(|released| expires.is_no_later_than(released));
            check.should("UNCC-42.8-a", "preservation.releasedAt", is_kept, "lies before the preservation ends");
        }
    }
}
