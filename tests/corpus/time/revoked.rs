//! Revocation lists that are kept in a time-stamp.

use super::{changed, fails, root, told};
use crate::kit::Scenario;
use crate::kit::authority::{Certificate, Signing, tlv};

pub fn scenarios() -> Vec<Scenario> {
    let (root, other) = (root(), Certificate::root("Test Root", Signing::P256(0x51)));
    let listed = |list: Vec<u8>| changed(|it| it.lists = vec![list]);
    let entry = |at: &'static str, reason: Option<u8>| listed(root.revocation_list(&[(2, at, reason)]));
    let later = "20270101000001Z";
    vec![
        told(
            "stamp_superseded_later",
            "TSP-10",
            "The certificate was superseded a second after it stamped.",
            &entry(later, Some(4)),
        ),
        fails(
            "stamp_superseded",
            "TSP-10",
            "The certificate was superseded in the second in which it stamped.",
            &entry("20270101000000Z", Some(4)),
        ),
        fails(
            "stamp_by_a_lost_key",
            "TSP-10",
            "The key was lost later, so that nothing stands.",
            &entry(later, Some(1)),
        ),
        fails(
            "stamp_revoked_without_reason",
            "TSP-10",
            "The certificate was taken back later, nobody says why.",
            &entry(later, None),
        ),
        told("stamp_list_of_another_certificate", "TSP-10", "Another certificate was taken back.", &{
            listed(root.revocation_list(&[(3, "20260101000000Z", Some(1))]))
        }),
        told("stamp_list_by_another", "TSP-10", "A list by a stranger of the root's name.", &{
            listed(other.revocation_list(&[(2, "20260101000000Z", Some(1))]))
        }),
        told("stamp_list_that_is_none", "TSP-10", "A revocation list that is none.", &listed(tlv(0x30, &[]))),
        told(
            "stamp_revoked_of_a_stranger",
            "TSP-9 TSP-10",
            "Whom nobody trusts, nobody can revoke.",
            &entry(later, Some(1)),
        )
        .time_roots(&[])
        .cannot_tell("time"),
    ]
}
