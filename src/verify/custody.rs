//! Steps V-13 and V-14: what happened to the bundle after it was sealed, and by whom the events are signed.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::Bundle;
use super::check::{Check, Ledger, Rule};
use super::envelopes::{self, Seal};
use super::grown;
use super::list;
use super::members::{Cancelled, Pace};
use super::rules;
use super::structure::{self, Places};
use super::times::{self, Times};
use super::{Options, Receipt};
use crate::custody::{Log, Origin, Parties, Problem, Records, Terms, walk};
use crate::format::case::CaseJson;
use crate::format::digest::{Digest, KeyId};
use crate::format::event::member_name;
use crate::format::spki::PublicKey;
use crate::format::statement::Statement;

/// The custody log of a bundle, read and followed.
#[derive(Debug, Default)]
pub struct Custody {
    /// What was read.
    pub records: Records,
    /// What it leads to; nothing without a statement.
    pub log: Log,
    /// Where it begins.
    pub origin: Option<Origin>,
    /// Which keys belong together.
    pub parties: Parties,
}

/// The seal and the log of a bundle, without its content.
#[derive(Debug)]
pub struct OpenedLog {
    /// SHA-256 of the statement.
    pub seal_digest: Option<Digest>,
    /// The statement.
    pub statement: Option<Statement>,
    /// What happened to it since.
    pub custody: Custody,
    /// What time-stamps prove of it.
    pub times: Times,
    /// The checks of wrapper, seal, custody, time and trust.
    pub ledger: Ledger,
}

/// Reads and checks the log of a bundle, and the seal that it begins with. Content is not looked at.
///
/// # Errors
/// If the user ended it.
pub fn open_log(bundle: &dyn Bundle, options: &Options<'_>) -> Result<OpenedLog, Cancelled> {
    let pace = Pace::new(bundle, options.cancel, options.progress);
    let mut ledger = Ledger::default();
    let places = structure::check(bundle, &mut ledger);
    let mut seal = envelopes::check(bundle, &places, options.signers, &mut ledger);
    let case = seal.statement.as_ref().and_then(|it| list::check_case(bundle, &places, it, &mut ledger));
    let custody = check(bundle, &places, (&seal, case.as_ref()), options, &pace, &mut ledger)?;
    let times = times::check(bundle, &places, (&seal, &custody), options, &pace, &mut ledger)?;
    custody.check_signers(seal.statement.as_ref(), options, &times, &mut ledger);
    envelopes::check_signers(&mut seal, options.trust, &times, &mut ledger);
    Ok(OpenedLog { seal_digest: seal.digest, statement: seal.statement, custody, times, ledger })
}

/// Reads and checks the log. With `--fixity` only the wrapper of its members is checked.
pub(super) fn check(
    bundle: &dyn Bundle,
    places: &Places,
    (seal, case): (&Seal, Option<&CaseJson>),
    options: &Options<'_>,
    pace: &Pace<'_>,
    ledger: &mut Ledger,
) -> Result<Custody, Cancelled> {
    let records = grown::read(bundle, places, &seal.envelopes, !options.fixity, pace, ledger)?;
    let parties = options.trust.map(|trust| trust.parties()).unwrap_or_default();
    let (Some(statement), Some(digest), false) = (&seal.statement, seal.digest, options.fixity) else {
        let custody = Custody { records, parties, ..Custody::default() };
        let is_used = !custody.records.events.is_empty() || !options.receipts.is_empty();
        if is_used && !options.fixity {
            let check = Check::cannot_tell(&rules::CUSTODY_LINK, "custody/");
            ledger.add(check.note("there is no statement that events could come after"));
        }
        return Ok(custody);
    };
    let origin = Origin::new(statement, digest, case.map(Terms::of));
    let log = walk(&origin, &records.events, &parties);
    let custody = Custody { records, log, origin: Some(origin), parties };
    custody.check_events(ledger);
    custody.check_receipts(options, ledger);
    Ok(custody)
}

impl Custody {
    fn check_events(&self, ledger: &mut Ledger) {
        let wrong = self.log.problems_by_event();
        for (i, event) in self.records.events.iter().enumerate() {
            let (name, depth) = (self.records.name_of(i), self.log.depths[i]);
            for rule in EVENT_RULES {
                let problems = wrong[i].iter().filter(|problem| is_about(problem, rule));
                let checks: Vec<_> = problems.map(|problem| check_of(problem, rule, name)).collect();
                if checks.is_empty() {
                    ledger.pass(rule);
                }
                checks.into_iter().for_each(|check| ledger.add(check));
            }
            // Where it stands cannot be told of what follows nothing; then its link has failed already.
            let expected = member_name(depth, event.kind, event.digest).to_string();
            ledger.require(depth == 0 || expected == name, &rules::EVENT_NAME, || {
                Check::failed(&rules::EVENT_NAME, name).expected(expected)
            });
        }
        for hand_over in &self.log.hand_overs {
            let Some(duration) = hand_over.unowned() else { continue };
            let check = Check::noted(&rules::UNOWNED, self.records.name_of(hand_over.event)).actual(duration);
            let (offered, accepted, to) = (hand_over.offered, hand_over.accepted, self.parties.name_of(&hand_over.to));
            ledger.add(check.note(format!(
                "offered {offered}, accepted {accepted} by {to}: between these nobody has signed for it"
            )));
        }
    }

    /// A receipt that the other side kept must be in the log.
    fn check_receipts(&self, options: &Options<'_>, ledger: &mut Ledger) {
        let events = grown::by_digest(&self.records);
        let seal_digest = self.origin.as_ref().map(Origin::seal_digest);
        for Receipt { name, event, digest, envelope } in options.receipts {
            if events.contains_key(digest) {
                ledger.pass(&rules::RECEIPT);
                continue;
            }
            let told = event.predicate.found.as_ref().map(|found| found.seal_digest);
            let told = told.or_else(|| event.is_first().then(|| event.before()));
            let of_other = told.is_some() && told != seal_digest;
            let signer = options.signers.iter().find(|key| key.key_id() == event.predicate.actor.keyid);
            let check = match signer {
                _ if of_other => Check::cannot_tell(&rules::RECEIPT, name).note("it is a receipt for another bundle"),
                Some(key) if envelope.verify(key).is_ok() => Check::failed(&rules::RECEIPT, name)
                    .note("this event is not in the log: its tail was cut off, or another one was put in its place"),
                _ => Check::cannot_tell(&rules::RECEIPT, name)
                    .note("it is not in the log, and not signed by a key that you trust"),
            };
            ledger.add(check.expected(digest));
        }
    }

    /// Step V-14, where each signature is judged by when it was provably made.
    pub(super) fn check_signers(
        &self,
        statement: Option<&Statement>,
        options: &Options<'_>,
        times: &Times,
        ledger: &mut Ledger,
    ) {
        if let Some(trust) = options.trust {
            ledger.require(!trust.has_expired(), &rules::TRUST_LIST, || {
                let check = Check::failed(&rules::TRUST_LIST, "trust list").expected(trust.list().list.expires);
                check.actual(trust.at()).note("it expired before the moment for which it is judged")
            });
        }
        let trusted: BTreeSet<KeyId> = options.signers.iter().map(PublicKey::key_id).collect();
        // Certificates are followed once for each key and moment: a log can have 100,000 events.
        let mut judgements = BTreeMap::new();
        for (i, event) in self.records.events.iter().enumerate() {
            let (key_id, by) = (event.key_id, times.event_signed_by(i));
            let judged = options.trust.and_then(|trust| {
                let required = statement.and_then(|it| it.predicate.required_signers.of(key_id));
                judgements.entry((key_id, by)).or_insert_with(|| trust.judge(key_id, required, by)).as_ref()
            });
            let is_trusted = judged.map_or(trusted.contains(&key_id), |it| it.why_not.is_none());
            ledger.require(is_trusted, &rules::EVENT_SIGNERS, || {
                let check = Check::failed(&rules::EVENT_SIGNERS, self.records.name_of(i)).actual(key_id);
                match judged.and_then(|it| Some((&it.whose, it.why_not.as_ref()?))) {
                    Some((whose, why)) => check.note(format!("{whose}: {why}")),
                    None => check.note("not a key that you trust"),
                }
            });
        }
    }
}

/// What each event is judged by.
const EVENT_RULES: [&Rule; 7] = [
    &rules::CUSTODY_LINK,
    &rules::FORK,
    &rules::ACTOR,
    &rules::ORDER,
    &rules::CLOCK,
    &rules::CONDITIONS,
    &rules::ONWARD,
];

/// The check that a problem belongs to.
fn rule_of(problem: &Problem) -> &'static Rule {
    match problem {
        problem if problem.is_of_conditions() => &rules::CONDITIONS,
        problem if problem.is_of_onward_transfer() => &rules::ONWARD,
        Problem::Fork => &rules::FORK,
        Problem::NotHolder(_) | Problem::NotRecipient(_) | Problem::PartyUnknown(_) => &rules::ACTOR,
        Problem::NoOffer | Problem::OfferOpen | Problem::Ended | Problem::AgreedTooMuch => &rules::ORDER,
        Problem::ClockBack(_) => &rules::CLOCK,
        _ => &rules::CUSTODY_LINK,
    }
}

/// Whether a check is about a problem. Without the case nothing can be told of either of those that rest on it.
fn is_about(problem: &Problem, rule: &'static Rule) -> bool {
    let is_of_case = *problem == Problem::CaseUnknown && std::ptr::eq(rule, &rules::ONWARD);
    is_of_case || std::ptr::eq(rule_of(problem), rule)
}

fn check_of(problem: &Problem, rule: &'static Rule, name: &str) -> Check {
    let check = if problem.is_unknown() { Check::cannot_tell(rule, name) } else { Check::failed(rule, name) };
    check.note(problem)
}
