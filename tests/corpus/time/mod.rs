//! Time-stamps: what holds, what does not, whom the user trusts, what is proven, and what keys that makes count.

mod proven;
mod revoked;
mod wrong;

use crate::kit::authority::{Certificate, Draft, Signing, for_others, for_stamps, member_name, tlv};
use crate::kit::log::Log;
use crate::kit::{Key, Members, MembersExt, Plan, Scenario, file, scenario};

const A: Key = Key::Ed25519;

pub fn scenarios() -> Vec<Scenario> {
    let others = [wrong::scenarios(), revoked::scenarios(), proven::scenarios()];
    [sound(), told_apart()].into_iter().chain(others).flatten().collect()
}

fn root() -> Certificate {
    Certificate::root("Test Root", Signing::P256(0x31))
}

fn stamper() -> Certificate {
    root().under(for_stamps("Test Stamper", 2, Signing::P256(0x32)))
}

fn sealed() -> Members {
    Plan::of(vec![file("a", "1")]).members()
}

/// The name of the sealer's envelope.
fn envelope(members: &Members) -> String {
    members.iter().find(|(name, _)| name.starts_with("seal/")).expect("an envelope").0.clone()
}

/// A draft over the sealer's envelope.
fn draft() -> Draft {
    let members = sealed();
    Draft::over(members.bytes(&envelope(&members)), "20270101000000Z", &stamper())
}

fn changed(change: impl FnOnce(&mut Draft)) -> Draft {
    let mut draft = draft();
    change(&mut draft);
    draft
}

/// Changed in its content, which is then signed.
fn stating(change: impl FnOnce(&mut Draft)) -> Draft {
    changed(change).told_again()
}

/// With a time-stamp over a member.
fn stamped(members: Members, over: &str, response: Vec<u8>) -> Members {
    let name = member_name(members.bytes(over), &response);
    members.added(&name, response)
}

/// A bundle whose seal is stamped, by whom the user trusts.
fn told(name: &'static str, clauses: &'static str, what: &'static str, draft: &Draft) -> Scenario {
    with_bytes(name, clauses, what, draft.response())
}

fn with_bytes(name: &'static str, clauses: &'static str, what: &'static str, response: Vec<u8>) -> Scenario {
    let members = sealed();
    let over = envelope(&members);
    scenario(name, clauses, what).members(stamped(members, &over, response)).time_roots(&[root()])
}

fn fails(name: &'static str, clauses: &'static str, what: &'static str, draft: &Draft) -> Scenario {
    told(name, clauses, what, draft).fails("V-15")
}

/// Stamped by another certificate.
fn by(signer: &Certificate) -> Draft {
    let members = sealed();
    Draft::over(members.bytes(&envelope(&members)), "20270101000000Z", signer)
}

fn sound() -> Vec<Scenario> {
    let members = sealed();
    let bytes = members.bytes(&envelope(&members)).clone();
    let between = root().under(for_others("Test Between", 3, Signing::P256(0x33)));
    let below = between.under(for_stamps("Test Below", 4, Signing::P256(0x34)));
    let mut led = by(&below);
    led.certificates.push(between.der.clone());
    let rsa = root().under(for_stamps("Test RSA", 5, Signing::Rsa));
    let old = root().under({
        let validity = ("20260101000000Z", "20270101000000Z");
        crate::kit::authority::Profile { validity, ..for_stamps("Test Old", 6, Signing::P256(0x35)) }
    });
    let accuracy = tlv(0x30, &[&tlv(2, &[&[1]]), &tlv(0x80, &[&[2, 0x58]])]);
    vec![
        told(
            "stamped",
            "TSP-1 TSP-2 TSP-9",
            "A seal with a time-stamp by an authority that the user trusts.",
            &draft(),
        ),
        told("stamped_by_rsa", "TSP-6", "The same by RSA, PKCS #1 v1.5.", &by(&rsa)),
        told(
            "stamped_in_ber",
            "TSP-2",
            "Ends that are marked, and content in two pieces.",
            &changed(|it| it.is_ber = true),
        ),
        told("stamped_by_sha_512", "TSP-8", "An imprint by SHA-512.", &draft().hashed(&bytes, 512)),
        told("stamped_by_sha_384", "TSP-8", "An imprint by SHA-384.", &draft().hashed(&bytes, 384)),
        told("stamped_with_mods", "TSP-3", "Granted with changes.", &changed(|it| it.status = 1)),
        told(
            "stamped_by_first_certificate_id",
            "TSP-5",
            "The certificate is told by the attribute's first version, with SHA-1.",
            &{ changed(|it| it.told = Some((stamper().der, true))) },
        ),
        told("stamped_to_a_fraction", "TSP-4 TSP-11", "A fraction of a second, and an accuracy.", &{
            stating(|it| (it.time, it.accuracy) = ("20270101000000.25Z", accuracy))
        }),
        told("stamped_through_another", "TSP-9", "A certificate between the authority's and the root.", &led),
        told(
            "stamped_in_its_last_second",
            "TSP-7 TSP-9",
            "By a certificate that ended with that second, years ago.",
            &by(&old),
        ),
    ]
}

fn told_apart() -> Vec<Scenario> {
    let members = sealed();
    let over = envelope(&members);
    let other = Certificate::root("Test Other", Signing::P256(0x41));
    let theirs = other.under(for_stamps("Test Theirs", 2, Signing::P256(0x42)));
    let mut led = by(&{
        let between = root().under(for_others("Test Between", 3, Signing::P256(0x33)));
        between.under(for_stamps("Test Below", 4, Signing::P256(0x34)))
    });
    led.told = led.told.take();
    // A search for a path that is not bounded takes minutes here.
    let of_crowd = |byte: u8| Certificate::root("Test Crowd", Signing::P256(byte));
    let mut crowd = by(&of_crowd(0x70).under(for_stamps("Test Lost", 5, Signing::P256(0x6f))));
    crowd.certificates.extend((0x70..0x7e).map(|byte| of_crowd(byte).der));
    let both = stamped(stamped(members.clone(), &over, draft().response()), &over, by(&theirs).response());
    let log = Log::new().then("noted", A);
    let event = log.names[0].clone();
    let noted = Draft::over(log.members.bytes(&event), "20270101000000Z", &stamper());
    let late = root().under({
        let validity = ("20280101000000Z", "20290101000000Z");
        crate::kit::authority::Profile { validity, ..for_others("Test Late", 7, Signing::P256(0x36)) }
    });
    let mut early = by(&late.under(for_stamps("Test Early", 8, Signing::P256(0x37))));
    early.certificates.push(late.der.clone());
    vec![
        told(
            "stamped_without_roots",
            "TSP-9",
            "The user trusts no authority: nothing is proven, and nothing fails.",
            &draft(),
        )
        .time_roots(&[])
        .cannot_tell("time"),
        told("stamped_by_a_stranger", "TSP-9", "Another authority than the one that the user trusts.", &by(&theirs))
            .cannot_tell("time"),
        told("stamped_by_a_crowd", "TSP-9", "Fourteen of one name lead to each other, and to no root.", &crowd)
            .cannot_tell("time"),
        told("stamped_without_the_certificate_between", "TSP-9", "No path leads to the root.", &led)
            .cannot_tell("time"),
        told("stamped_before_the_one_between", "TSP-9", "The certificate between was not valid yet.", &early)
            .cannot_tell("time"),
        scenario("stamped_twice", "TSP-9", "Two authorities, one of which the user trusts.")
            .members(both.clone())
            .time_roots(&[root()]),
        scenario("stamped_twice_both_trusted", "TSP-9", "Two authorities that the user trusts.")
            .members(both)
            .time_roots(&[root(), other]),
        scenario("stamped_event", "TSP-1 TSP-11", "A time-stamp over an event.")
            .members(stamped(log.members.clone(), &event, noted.response()))
            .custody_passes()
            .time_roots(&[root()]),
        scenario("stamped_fixity", "TSP-12", "With fixity time-stamps are not looked at.")
            .members(sealed().added("timestamps/junk.tsr", "junk"))
            .fixity()
            .time_roots(&[root()]),
    ]
}
