//! The worked example and the negative cases of the note on the Convention, and what replies may say.

use super::grounds::{self, ReplyProblem};
use super::inbox::{Inbox, Received, Standing};
use super::{Finding, Severity, findings, is_complete};
use crate::format::digest::Digest;
use crate::format::event::tests::text;
use crate::format::moment::tests::moment;
use crate::format::reply::{Reply, ReplyType, Respondent, Withheld};
use crate::format::request::Request;
use crate::format::request_words::{Article, Ground, Outcome};
use crate::format::state::State;
use crate::format::time::Instant;

/// The worked example, as a document.
pub(crate) const EXAMPLE: &str = r#"{"article":42,"channel":"24_7","confidentiality":{"notifyUser":false,"required":true},"custodian":{"name":"Example Mail Ltd","state":"BB"},"facts":"Account taken over on 2026-11-02 and used to divert payments.","from":{"authority":{"functions":"investigating authority","name":"National Cybercrime Unit"},"state":"AA"},"id":"2026-1","intendedMeasures":["disclosure"],"intendsMla":true,"items":[{"dataCategory":"traffic","description":"login records","id":"i1","relationship":"shows the addresses that took over the account","selector":"account:user@example.org","timeRange":{"from":"2026-10-25T00:00:00Z","to":"2026-11-05T00:00:00Z"}}],"legalBasis":[{"article":"42","instrument":"UNCC"},{"article":"29","instrument":"BUDAPEST"}],"necessity":"provider deletes login records after 30 days","offence":{"label":"illegal access","legalRef":"AA Penal Code s. 1","maxPenaltyMonths":60,"unccArticle":7},"preservation":{"effectedAt":"2026-11-10T12:00:00Z","expiresAt":"2027-01-09T12:00:00Z"},"to":{"state":"BB"},"type":"urn:scelle:request:1","urgency":"urgent"}"#;

pub(crate) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// The example with some of its text changed.
pub(crate) fn example(changes: &[(&str, &str)]) -> Request {
    let mut json = EXAMPLE.to_owned();
    for (from, to) in changes {
        assert!(json.contains(from), "{from}");
        json = json.replacen(from, to, 1);
    }
    serde_json::from_str(&json).unwrap()
}

fn found(changes: &[(&str, &str)]) -> Vec<Finding> {
    findings(&example(changes), instant("2026-11-20T00:00:00Z"))
}

/// Rules that must hold and do not.
fn unmet(changes: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let musts = found(changes).into_iter().filter(|finding| finding.severity == Severity::Must);
    musts.map(|finding| (finding.rule, finding.field)).collect()
}

fn one(rule: &'static str, field: &str) -> Vec<(&'static str, String)> {
    vec![(rule, field.to_owned())]
}

#[test]
fn the_worked_example_says_all_that_article_42_asks_for() {
    assert_eq!(unmet(&[]), []);
    let should: Vec<_> = found(&[]).into_iter().map(|finding| finding.rule).collect();
    assert_eq!(should, ["UNCC-40.13-a"], "only the language is not said");
}

#[test]
fn the_worked_example_passes_the_ceiling_of_article_25_too() {
    let unmet = unmet(&[
        ("\"article\":42,", "\"article\":25,"),
        ("{\"state\":\"BB\"},\"type\"", "{\"state\":\"AA\"},\"type\""),
    ]);
    assert_eq!(unmet, []);
}

#[test]
fn a_preservation_of_59_days_is_too_short() {
    assert_eq!(unmet(&[("2027-01-09T12", "2027-01-08T12")]), one("UNCC-42.8-a", "preservation.expiresAt"));
}

#[test]
fn an_order_of_91_days_is_too_long() {
    let order = ("\"article\":42,", "\"article\":25,");
    assert_eq!(unmet(&[order, ("2027-01-09T12", "2027-02-09T12")]), one("UNCC-25.2-b", "preservation.expiresAt"));
    assert_eq!(unmet(&[order, ("2027-01-09T12", "2027-02-08T12")]), []);
}

#[test]
fn an_item_must_say_what_it_has_to_do_with_the_offence() {
    let relationship = "\"relationship\":\"shows the addresses that took over the account\",";
    assert_eq!(unmet(&[(relationship, "")]), one("UNCC-42.3-c", "items[0].relationship"));
    assert_eq!(unmet(&[("shows the addresses that took over the account", " ")]).len(), 1, "blank is missing");
}

#[test]
fn a_request_names_a_custodian_or_a_place_or_says_that_neither_is_known() {
    let custodian = r#""custodian":{"name":"Example Mail Ltd","state":"BB"},"#;
    assert_eq!(unmet(&[(custodian, "")]), one("UNCC-42.3-d", "custodian"));
    assert_eq!(unmet(&[(custodian, ""), ("\"offence\":", "\"noneAvailable\":false,\"offence\":")]).len(), 1);
    assert_eq!(unmet(&[(custodian, ""), ("\"offence\":", "\"noneAvailable\":true,\"offence\":")]), []);
    assert_eq!(unmet(&[(custodian, ""), ("\"type\":", "\"systemLocation\":\"Bridgetown\",\"type\":")]), []);
}

#[test]
fn a_serious_crime_has_a_highest_penalty_of_four_years() {
    let serious = ("\"type\":", "\"scope\":\"serious_crime_cooperation\",\"type\":");
    assert_eq!(
        unmet(&[serious, ("\"maxPenaltyMonths\":60", "\"maxPenaltyMonths\":36")]),
        one("UNCC-35.1-c", "offence.maxPenaltyMonths")
    );
    assert_eq!(unmet(&[serious, ("\"maxPenaltyMonths\":60,", "")]).len(), 1);
    assert_eq!(unmet(&[serious, ("\"maxPenaltyMonths\":60", "\"maxPenaltyMonths\":48")]), []);
}

#[test]
fn a_renewal_comes_before_the_order_ends_and_leaves_no_gap() {
    let order = ("\"article\":42,", "\"article\":25,");
    let renewed = |renewal: &str| {
        let with = format!("\"2027-01-09T12:00:00Z\",\"renewals\":[{{{renewal}}}]");
        unmet(&[order, ("\"2027-01-09T12:00:00Z\"", &with)])
    };
    let (end, at) = ("\"expiresAt\":\"2027-04-09T12:00:00Z\"", "\"renewedAt\":\"2027-01-09T12:00:00Z\"");
    assert_eq!(renewed(&format!("{end},{at}")), []);
    let late = "\"renewedAt\":\"2027-01-09T12:00:01Z\"";
    assert_eq!(renewed(&format!("{end},{late}")), one("UNCC-25.2-c", "preservation.renewals[0].renewedAt"));
    let gap = "\"effectedAt\":\"2027-01-10T12:00:00Z\"";
    assert_eq!(renewed(&format!("{gap},{end},{at}")), one("UNCC-25.2-c", "preservation.renewals[0].effectedAt"));
    let long = "\"expiresAt\":\"2027-04-10T12:00:00Z\"";
    assert_eq!(renewed(&format!("{long},{at}")), one("UNCC-25.2-b", "preservation.renewals[0].expiresAt"));
}

#[test]
fn an_extension_is_asked_for_before_the_preservation_ends() {
    let asked = |at: &str| {
        let with = format!("\"2027-01-09T12:00:00Z\",\"extensions\":[{{\"requestedAt\":\"{at}\"}}]");
        unmet(&[("\"2027-01-09T12:00:00Z\"", &with)])
    };
    assert_eq!(asked("2027-01-09T11:59:59Z"), []);
    assert_eq!(asked("2027-01-09T12:00:00Z"), one("UNCC-42.9", "preservation.extensions[0].requestedAt"));
}

#[test]
fn data_is_not_released_before_the_request_that_followed_in_time_is_decided() {
    let mla = |decided: &str, released: &str| {
        let with = format!(
            "\"2027-01-09T12:00:00Z\",\"mla\":{{{decided}\"receivedAt\":\"2027-01-05T00:00:00Z\"}},\"releasedAt\":\"{released}\""
        );
        unmet(&[("\"2027-01-09T12:00:00Z\"", &with)])
    };
    assert_eq!(mla("\"decidedAt\":\"2027-03-01\",", "2027-03-01"), []);
    let early = one("UNCC-42.8-b", "preservation.releasedAt");
    assert_eq!(mla("\"decidedAt\":\"2027-03-01\",", "2027-02-01"), early);
    assert_eq!(mla("", "2027-01-10"), early);
}

#[test]
fn only_subscriber_information_is_ordered_from_a_provider_abroad() {
    let order = [("\"article\":42,", "\"article\":27,"), ("\"type\":", "\"productionBasis\":\"27b\",\"type\":")];
    let content = ("\"dataCategory\":\"traffic\"", "\"dataCategory\":\"content\"");
    assert_eq!(unmet(&[order[0], order[1], content]), one("UNCC-27-b", "items[0].dataCategory"));
    let subscriber = ("\"dataCategory\":\"traffic\"", "\"dataCategory\":\"subscriber\"");
    assert_eq!(unmet(&[order[0], order[1], subscriber]), []);
    assert_eq!(unmet(&[order[0], content]), one("UNCC-27-a", "productionBasis"));
}

#[test]
fn real_time_collection_is_for_traffic_data_and_has_a_period_that_is_justified() {
    let rules: Vec<_> = unmet(&[("\"article\":42,", "\"article\":45,"), ("\"traffic\"", "\"content\"")]);
    let rules: Vec<_> = rules.into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(
        rules,
        ["UNCC-45.3-b", "UNCC-45.3-e", "UNCC-45.3-f", "UNCC-45.3-f", "UNCC-45.1-2", "UNCC-40.13-a"],
        "proceeding, justification, period and why, category, language"
    );
}

#[test]
fn an_urgent_way_needs_urgency_and_an_emergency_needs_facts() {
    let interpol = ("\"24_7\"", "\"interpol\"");
    assert_eq!(unmet(&[interpol]), []);
    assert_eq!(unmet(&[interpol, (",\"urgency\":\"urgent\"", "")]), one("UNCC-40.12", "urgency"));
    assert_eq!(unmet(&[interpol, ("\"urgent\"", "\"normal\"")]), one("UNCC-40.12", "urgency"));
    assert_eq!(unmet(&[("\"urgent\"", "\"emergency\"")]), one("UNCC-2-o", "emergencyFacts"));
}

#[test]
fn each_item_of_the_list_of_article_42_is_asked_for() {
    for (field, rule) in [
        ("\"name\":\"National Cybercrime Unit\"", "UNCC-42.3-a"),
        ("\"label\":\"illegal access\",", "UNCC-42.3-b"),
        ("\"facts\":\"Account taken over on 2026-11-02 and used to divert payments.\",", "UNCC-42.3-b"),
        ("\"necessity\":\"provider deletes login records after 30 days\",", "UNCC-42.3-e"),
        ("\"intendsMla\":true,", "UNCC-42.3-f"),
        ("\"intendedMeasures\":[\"disclosure\"],", "UNCC-42.3-f"),
    ] {
        let authority = ("\"functions\":\"investigating authority\",", "");
        let changes = if rule.ends_with("-a") { vec![authority, (field, "")] } else { vec![(field, "")] };
        let rules: Vec<_> = unmet(&changes).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(rules, [rule], "{field}");
    }
    let quiet = found(&[("\"confidentiality\":{\"notifyUser\":false,\"required\":true},", "")]);
    assert!(quiet.iter().any(|finding| finding.rule == "UNCC-42.3-g") && is_complete(&quiet));
}

#[test]
fn each_item_of_the_list_of_article_40_is_asked_for() {
    let rules: Vec<_> = unmet(&[("\"article\":42,", "\"article\":40,")]).into_iter().map(|(rule, _)| rule).collect();
    let missing = ["UNCC-40.3", "UNCC-40.15-b", "UNCC-40.15-b", "UNCC-40.15-d", "UNCC-40.15-g", "UNCC-40.13-a"];
    assert_eq!(rules, missing, "purposes, subject, proceeding, assistance, purpose, language");
    let service =
        [("\"article\":42,", "\"article\":40,"), ("\"type\":", "\"purposes\":[\"service_of_documents\"],\"type\":")];
    let facts = ("\"facts\":\"Account taken over on 2026-11-02 and used to divert payments.\",", "");
    let without = |changes: &[(&str, &str)]| unmet(changes).iter().any(|(rule, _)| *rule == "UNCC-40.15-c");
    assert!(!without(&[service[0], service[1], facts]), "service of documents needs no facts");
    assert!(without(&[service[0], facts]));
}

pub(crate) fn reply(outcome: Outcome) -> Reply {
    Reply {
        at: instant("2026-11-12T00:00:00Z"),
        bundle: None,
        by: Respondent { authority: text("Contact point"), state: State::new("BB").unwrap() },
        effected_at: None,
        expires_at: None,
        grounds: Vec::new(),
        outcome,
        previous: None,
        reasons: None,
        request: Digest([1; 32]),
        document_type: ReplyType::V1,
        withheld: Vec::new(),
    }
}

fn refused(grounds: &[Ground]) -> Reply {
    Reply { grounds: grounds.to_vec(), reasons: Some(text("why")), ..reply(Outcome::Refused) }
}

/// REP-3.
#[test]
fn dual_criminality_is_no_ground_against_preserving_for_an_offence_of_the_convention() {
    let answer = |article: &str| {
        let request = example(&[("\"unccArticle\":7", article)]);
        grounds::check(&request, &refused(&[Ground::DualCriminality]))
    };
    assert_eq!(answer("\"unccArticle\":7"), Err(ReplyProblem::DualCriminality));
    assert_eq!(answer("\"unccArticle\":17"), Err(ReplyProblem::DualCriminality));
    assert_eq!(answer("\"unccArticle\":19"), Ok(()));
    let without = example(&[(",\"unccArticle\":7", "")]);
    assert_eq!(grounds::check(&without, &refused(&[Ground::DualCriminality])), Ok(()));
}

/// REP-3.
#[test]
fn a_preservation_is_refused_on_three_grounds_only_and_never_without_reasons() {
    let request = example(&[]);
    for ground in [Ground::EssentialInterests, Ground::Prohibited, Ground::Discrimination] {
        assert_eq!(grounds::check(&request, &refused(&[ground])), Ok(()));
    }
    for ground in [Ground::NotInConformity, Ground::LegalSystem] {
        assert!(matches!(grounds::check(&request, &refused(&[ground])), Err(ReplyProblem::Ground { .. })));
    }
    assert_eq!(grounds::check(&request, &refused(&[])), Err(ReplyProblem::NoGround(42)));
    let silent = Reply { reasons: None, ..refused(&[Ground::EssentialInterests]) };
    assert_eq!(grounds::check(&request, &silent), Err(ReplyProblem::NoReasons("refused")));
}

/// REP-3.
#[test]
fn fiscal_matters_and_bank_secrecy_alone_are_never_grounds() {
    let assistance = Request { article: Article::Assistance40, ..example(&[]) };
    for grounds in [&[Ground::Fiscal][..], &[Ground::BankSecrecy], &[Ground::Fiscal, Ground::BankSecrecy]] {
        assert_eq!(grounds::check(&assistance, &refused(grounds)), Err(ReplyProblem::FiscalAlone));
    }
    assert_eq!(grounds::check(&assistance, &refused(&[Ground::Fiscal, Ground::NotInConformity])), Ok(()));
    assert_eq!(grounds::check(&assistance, &refused(&[Ground::DualCriminality])), Ok(()));
}

/// REP-3.
#[test]
fn a_reply_says_what_its_outcome_needs() {
    let request = example(&[]);
    let until = |text: &str| Reply { expires_at: Some(moment(text)), ..reply(Outcome::Executed) };
    assert_eq!(grounds::check(&request, &until("2027-01-11T00:00:00Z")), Ok(()));
    assert!(matches!(grounds::check(&request, &until("2027-01-10T00:00:00Z")), Err(ReplyProblem::TooShort { .. })));
    assert_eq!(grounds::check(&request, &reply(Outcome::Executed)), Err(ReplyProblem::NoPreservationEnd));
    assert_eq!(grounds::check(&request, &reply(Outcome::Extended)), Err(ReplyProblem::NoEnd));
    assert_eq!(grounds::check(&request, &reply(Outcome::Postponed)), Err(ReplyProblem::NoReasons("postponed")));
    let withheld = |item: &str| Withheld { item: text(item), reason: text("why") };
    let partly = |item: &str| Reply { withheld: vec![withheld(item)], outcome: Outcome::Partly, ..until("2027-02-01") };
    assert_eq!(grounds::check(&request, &partly("i1")), Ok(()));
    assert_eq!(grounds::check(&request, &partly("i2")), Err(ReplyProblem::NoItem("i2".into())));
    let nothing = Reply { outcome: Outcome::Partly, ..until("2027-02-01") };
    assert_eq!(grounds::check(&request, &nothing), Err(ReplyProblem::NothingWithheld));
    assert!(matches!(grounds::check(&request, &reply(Outcome::Withdrawn)), Err(ReplyProblem::State { .. })));
    let order = Request { article: Article::Preservation25, ..request };
    assert!(matches!(grounds::check(&order, &until("2027-02-11T00:00:00Z")), Err(ReplyProblem::TooLong { .. })));
}

fn received<T>(digest: u8, document: T) -> Received<T> {
    Received { digest: Digest([digest; 32]), document }
}

fn inbox(requests: &[Received<Request>], replies: &[Received<Reply>], now: &str) -> Inbox {
    Inbox::new(requests, replies, instant(now))
}

/// Standing, due and days left of the first entry.
fn stands(inbox: &Inbox) -> (Standing, Option<String>, Option<i64>) {
    let entry = &inbox.entries[0];
    assert_eq!(entry.problems, Vec::<String>::new());
    (entry.standing, entry.due.map(|due| due.to_string()), entry.days_left)
}

/// REP-4.
#[test]
fn what_is_due_is_counted_in_whole_days_and_is_overdue_a_second_later() {
    let deadline = ("\"facts\":", "\"deadline\":{\"at\":\"2026-11-12\",\"reason\":\"hearing\"},\"facts\":");
    let preservation =
        (",\"preservation\":{\"effectedAt\":\"2026-11-10T12:00:00Z\",\"expiresAt\":\"2027-01-09T12:00:00Z\"}", "");
    let requests = [received(1, example(&[deadline, preservation]))];
    let at = |now: &str| stands(&inbox(&requests, &[], now));
    let due = || Some("2026-11-13T00:00:00Z".to_owned());
    assert_eq!(at("2026-11-10T00:00:00Z"), (Standing::New, due(), Some(3)), "the end of the day");
    assert_eq!(at("2026-11-13T00:00:00Z"), (Standing::New, due(), Some(0)));
    assert_eq!(at("2026-11-13T00:00:01Z"), (Standing::New, due(), Some(-1)));
    let undated = [received(1, example(&[preservation]))];
    assert_eq!(stands(&inbox(&undated, &[], "2026-11-13T00:00:00Z")), (Standing::New, None, None));
}

/// REP-4.
#[test]
fn a_preservation_runs_out_unless_it_is_extended_or_assistance_is_asked_for_in_time() {
    let request = received(1, example(&[]));
    let executed = Reply { expires_at: Some(moment("2027-01-20T00:00:00Z")), ..reply(Outcome::Executed) };
    let first = received(2, executed);
    let now = "2027-01-10T00:00:00Z";
    let stand =
        |requests: &[Received<Request>], replies: &[Received<Reply>], now| stands(&inbox(requests, replies, now));
    let due = |text: &str| Some(text.to_owned());
    let one = std::slice::from_ref(&request);
    let only = std::slice::from_ref(&first);
    assert_eq!(stand(one, only, now), (Standing::Preserved, due("2027-01-20T00:00:00Z"), Some(10)));
    assert!(inbox(one, only, "2027-01-20T00:00:01Z").is_overdue());
    let extension = Reply {
        at: instant("2027-01-11T00:00:00Z"),
        expires_at: Some(moment("2027-03-20")),
        previous: Some(first.digest),
        ..reply(Outcome::Extended)
    };
    let both = [received(3, extension), first.clone()];
    // It counts from when it was said.
    assert_eq!(stand(one, &both, now).1, due("2027-01-20T00:00:00Z"));
    let later = "2027-01-11T00:00:00Z";
    assert_eq!(stand(one, &both, later), (Standing::Preserved, due("2027-03-21T00:00:00Z"), Some(69)));

    let mla = |sent: &str| {
        let sent_at = Some(instant(sent));
        let document =
            Request { article: Article::StoredData44, previous: Some(request.digest), sent_at, ..example(&[]) };
        [request.clone(), received(9, Request { id: text("2026-2"), preservation: None, ..document })]
    };
    let of = |inbox: &Inbox| inbox.entries.iter().find(|entry| entry.id.as_str() == "2026-1").unwrap().standing;
    assert_eq!(of(&inbox(&mla("2027-01-15T00:00:00Z"), only, "2027-02-01T00:00:00Z")), Standing::Held);
    assert_eq!(of(&inbox(&mla("2027-01-21T00:00:00Z"), only, "2027-02-01T00:00:00Z")), Standing::Preserved, "too late");
    let decided = Reply { at: instant("2027-01-18T00:00:00Z"), request: Digest([9; 32]), ..reply(Outcome::Executed) };
    let replies = [first.clone(), received(4, decided)];
    assert_eq!(of(&inbox(&mla("2027-01-15T00:00:00Z"), &replies, "2027-02-01T00:00:00Z")), Standing::Decided);
}

/// REP-2.
#[test]
fn replies_that_do_not_follow_one_another_are_noticed() {
    let request = [received(1, example(&[]))];
    let problems =
        |replies: &[Received<Reply>]| inbox(&request, replies, "2026-11-20T00:00:00Z").entries[0].problems.clone();
    let first = received(2, reply(Outcome::Received));
    assert_eq!(problems(std::slice::from_ref(&first)), Vec::<String>::new());
    let twice = [first.clone(), received(3, reply(Outcome::Received))];
    assert_eq!(problems(&twice), ["two replies follow the same one"]);
    let lost = received(3, Reply { previous: Some(Digest([7; 32])), ..reply(Outcome::Received) });
    assert_eq!(problems(&[first.clone(), lost]), ["a reply follows one that is not there"]);
    let older = Reply { at: instant("2026-11-11T00:00:00Z"), previous: Some(first.digest), ..reply(Outcome::Received) };
    assert_eq!(problems(&[first, received(3, older)]), ["a reply is older than the one before it"]);
    let stray = received(5, Reply { request: Digest([8; 32]), ..reply(Outcome::Received) });
    assert_eq!(inbox(&request, &[stray], "2026-11-20T00:00:00Z").strays, [Digest([5; 32])]);
}

#[test]
fn a_european_order_is_overdue_after_10_days() {
    let changes = [
        ("\"article\":42,", "\"article\":27,"),
        ("\"BUDAPEST\"", "\"EU-2023-1543\""),
        (",\"preservation\":{\"effectedAt\":\"2026-11-10T12:00:00Z\",\"expiresAt\":\"2027-01-09T12:00:00Z\"}", ""),
        ("\"type\":", "\"sentAt\":\"2026-08-18T09:00:00Z\",\"type\":"),
    ];
    let standing = stands(&inbox(&[received(1, example(&changes))], &[], "2026-08-20T09:00:00Z"));
    assert_eq!(standing, (Standing::New, Some("2026-08-28T09:00:00Z".into()), Some(8)));
}
