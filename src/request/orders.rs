//! Orders within one State: articles 25 and 27.

use super::check::{Check, says};

/// An order to preserve.
pub(super) fn preservation(check: &mut Check<'_>) {
    let request = check.request;
    check.must_say("UNCC-23.1", "from.authority.name", request.from.authority.name.as_ref(), "who orders");
    check.must("UNCC-25.1-a", "items", !request.items.is_empty(), "is missing: which stored data");
    check.should_say("UNCC-25.1-b", "necessity", request.necessity.as_ref(), "why the data could be lost or modified");
    addressee(check, "UNCC-25.2-a");
    let has_end = request.preservation.as_ref().is_some_and(|it| it.expires_at.is_some());
    check.must("UNCC-25.2-b", "preservation.expiresAt", has_end, "is missing: until when, at most 90 days");
    let secrecy = request.confidentiality.clone().unwrap_or_default();
    let is_told = secrecy.required == Some(true) && secrecy.notify_user == Some(true);
    let why = "is true, but confidentiality is required";
    check.must("UNCC-25.3", "confidentiality.notifyUser", !is_told, why);
    let has_until = secrecy.required != Some(true) || secrecy.until.is_some();
    check.should("UNCC-25.3", "confidentiality.until", has_until, "is missing: until when it is to be kept quiet");
}

/// An order to produce.
pub(super) fn production(check: &mut Check<'_>) {
    let request = check.request;
    check.must_say("UNCC-27-a", "from.authority.name", request.from.authority.name.as_ref(), "who orders");
    check.must("UNCC-27-a", "items", !request.items.is_empty(), "is missing: which data");
    let why = "is missing: 27a for a person in the territory, 27b for a provider that offers its services there";
    check.must("UNCC-27-a", "productionBasis", request.production_basis.is_some(), why);
    addressee(check, "UNCC-27-a");
}

/// Whom an order is addressed to.
fn addressee(check: &mut Check<'_>, rule: &'static str) {
    let request = check.request;
    let custodian = request.custodian.as_ref().and_then(|custodian| custodian.name.as_ref());
    let is_named = says(custodian) || says(request.to.authority.as_ref());
    check.must(rule, "custodian.name", is_named, "is missing, and so is to.authority: whom the order is addressed to");
}
