//! Time-stamps that do not hold, whomever one trusts.

use super::{by, changed, draft, envelope, fails, root, sealed, stamper, stating, told, with_bytes};
use crate::kit::authority::{
    CODE_SIGNING, DATA, Draft, EXTENDED_KEY_USAGE, KEY_USAGE, Profile, Signing, TIME_STAMPING, for_stamps, member_name,
    tlv, usages,
};
use crate::kit::{MembersExt, Scenario, scenario};

pub fn scenarios() -> Vec<Scenario> {
    [wrong(), certificates()].into_iter().flatten().collect()
}

fn wrong() -> Vec<Scenario> {
    let members = sealed();
    let (over, stamper) = (envelope(&members), stamper());
    let bytes = members.bytes(&over).clone();
    let good = draft().response();
    let named = |name: &str| sealed().added(name, good.clone());
    let right = member_name(&bytes, &good);
    let misnamed = |name, what, member: String| {
        scenario(name, "TSP-1", what).members(named(&member)).time_roots(&[root()]).fails("V-15")
    };
    let mut cut = good.clone();
    cut.pop();
    let elsewhere = Draft::over(b"another file", "20270101000000Z", &stamper);
    vec![
        fails("stamp_over_another_file", "TSP-8", "Over another file, under this one's name.", &elsewhere),
        misnamed(
            "stamp_of_another_name",
            "The last digits of its name are not its own.",
            format!("{}0.tsr", &right[..right.len() - 5])
                .replace("0.tsr", if right.ends_with("0.tsr") { "1.tsr" } else { "0.tsr" }),
        ),
        misnamed(
            "stamp_over_nothing",
            "Its name is that of no member.",
            format!("timestamps/0000000000000000{}", &right[27..]),
        ),
        with_bytes("stamp_cut", "TSP-2", "A byte is missing at the end.", cut).fails("V-15"),
        with_bytes(
            "stamp_with_a_byte_more",
            "TSP-2",
            "A byte stands behind the end.",
            [good.clone(), vec![0]].concat(),
        )
        .fails("V-15"),
        with_bytes("stamp_empty", "TSP-2", "No bytes.", Vec::new()).fails("V-15"),
        with_bytes("stamp_nested", "TSP-2", "Elements nested deeper than 32.", {
            (0..40).fold(tlv(2, &[&[0]]), |inner, _| tlv(0x30, &[&inner]))
        })
        .fails("V-15"),
        fails(
            "stamp_refused",
            "TSP-3",
            "The authority refused.",
            &changed(|it| (it.status, it.has_token) = (2, false)),
        ),
        fails(
            "stamp_waiting_with_a_token",
            "TSP-3",
            "A status that is not granted, with a token.",
            &changed(|it| it.status = 3),
        ),
        fails("stamp_without_token", "TSP-3", "Granted, without a token.", &changed(|it| it.has_token = false)),
        fails(
            "stamp_of_other_content",
            "TSP-4",
            "Signed data, but of no TSTInfo.",
            &changed(|it| it.content_type = DATA),
        ),
        fails("stamp_of_another_version", "TSP-4", "A TSTInfo of version 2.", &stating(|it| it.version = 2)),
        fails(
            "stamp_with_zeros_in_its_fraction",
            "TSP-4",
            "A fraction that ends in 0.",
            &stating(|it| it.time = "20270101000000.50Z"),
        ),
        fails(
            "stamp_in_local_time",
            "TSP-4",
            "A time that is not in UTC.",
            &stating(|it| it.time = "20270101000000+0100"),
        ),
        fails(
            "stamp_by_two",
            "TSP-5",
            "Two signers.",
            &changed(|it| {
                let second = root().under(for_stamps("Test Second", 9, Signing::P256(0x38)));
                it.certificates.push(second.der.clone());
                it.signers.push(second);
            }),
        ),
        fails("stamp_by_nobody", "TSP-5", "No signer.", &changed(|it| it.signers.clear())),
        fails(
            "stamp_without_content_type",
            "TSP-5",
            "The content type is not signed.",
            &changed(|it| it.content_types.clear()),
        ),
        fails(
            "stamp_of_another_content_type",
            "TSP-5",
            "Another content type is signed.",
            &changed(|it| it.content_types = vec![DATA]),
        ),
        fails(
            "stamp_without_digest",
            "TSP-5",
            "The digest of the content is not signed.",
            &changed(|it| it.digests.clear()),
        ),
        fails(
            "stamp_of_another_digest",
            "TSP-5",
            "The digest of other content is signed.",
            &changed(|it| it.digests = vec![vec![7; 32]]),
        ),
        fails(
            "stamp_of_two_digests",
            "TSP-5",
            "Two digests are signed, one of them right.",
            &changed(|it| it.digests.push(vec![0xff; 32])),
        ),
        fails(
            "stamp_without_certificate_id",
            "TSP-5",
            "Which certificate is the signer's is not signed.",
            &changed(|it| it.told = None),
        ),
        fails(
            "stamp_of_another_certificate_id",
            "TSP-5",
            "Another certificate is signed as the signer's.",
            &changed(|it| {
                it.told = Some((root().der, false));
            }),
        ),
        fails(
            "stamp_in_another_order",
            "TSP-5",
            "Signed attributes that are not in the order of DER.",
            &changed(|it| it.is_sorted = false),
        ),
        fails(
            "stamp_without_certificate",
            "TSP-5",
            "The signer's certificate is not in it.",
            &changed(|it| it.certificates.clear()),
        ),
        fails(
            "stamp_of_a_wrong_signature",
            "TSP-6",
            "A signature with a bit turned.",
            &changed(|it| it.has_bad_signature = true),
        ),
        fails("stamp_by_sha_1", "TSP-8", "An imprint by SHA-1.", &draft().hashed(&bytes, 160)),
        fails(
            "stamp_of_17_certificates",
            "LIM-26",
            "More certificates than one may have.",
            &changed(|it| {
                it.certificates.extend(
                    (10..26).map(|serial| root().under(for_stamps("Test Many", serial, Signing::P256(serial))).der),
                );
            }),
        ),
        told(
            "stamp_of_16_certificates",
            "LIM-26",
            "As many certificates as one may have.",
            &changed(|it| {
                it.certificates.extend(
                    (10..25).map(|serial| root().under(for_stamps("Test Many", serial, Signing::P256(serial))).der),
                );
            }),
        ),
    ]
}

fn certificates() -> Vec<Scenario> {
    let with = |extensions: Vec<(&'static str, bool, Vec<u8>)>| {
        by(&root().under(Profile { extensions, ..for_stamps("Test Odd", 10, Signing::P256(0x39)) }))
    };
    let over = |validity| by(&root().under(Profile { validity, ..for_stamps("Test Odd", 10, Signing::P256(0x39)) }));
    let signing = |bits: u8| tlv(3, &[&[5, bits]]);
    vec![
        fails(
            "stamp_for_two_uses",
            "TSP-7",
            "A certificate for time-stamps and for code.",
            &with(vec![(EXTENDED_KEY_USAGE, true, usages(&[TIME_STAMPING, CODE_SIGNING]))]),
        ),
        fails(
            "stamp_for_another_use",
            "TSP-7",
            "A certificate for code.",
            &with(vec![(EXTENDED_KEY_USAGE, true, usages(&[CODE_SIGNING]))]),
        ),
        fails("stamp_for_no_use", "TSP-7", "A certificate that does not say what it is for.", &with(vec![])),
        fails(
            "stamp_for_a_use_that_may_be_passed_over",
            "TSP-7",
            "The use is not critical.",
            &with(vec![(EXTENDED_KEY_USAGE, false, usages(&[TIME_STAMPING]))]),
        ),
        fails(
            "stamp_by_a_key_that_encrypts_too",
            "TSP-7",
            "A key usage that is not signing alone.",
            &with(vec![(KEY_USAGE, true, signing(0xa0)), (EXTENDED_KEY_USAGE, true, usages(&[TIME_STAMPING]))]),
        ),
        fails(
            "stamp_a_second_too_late",
            "TSP-7",
            "A second after the certificate ended.",
            &over(("20260101000000Z", "20261231235959Z")),
        ),
        fails(
            "stamp_a_second_too_early",
            "TSP-7",
            "A second before the certificate began.",
            &over(("20270101000001Z", "20280101000000Z")),
        ),
    ]
}
