//! What does not hold, whomever one trusts. `openssl ts -verify` refuses the same.

use scelle::format::time_stamp::{Hash, Imprint, Query};

use crate::authority::{Authority, Keys, info, response_of};
use crate::{FILE, chain, told};

const ALWAYS: (&str, &str) = ("20200101000000Z", "20900101000000Z");

/// That it is refused, in these words, by us and by openssl.
fn assert_refused(authority: &Authority, response: &[u8], words: &str) {
    let told = told(response);
    assert!(told.contains(words), "{told}");
    assert!(!authority.openssl_agrees(response, FILE, 2_208_988_800), "openssl accepts it: {words}");
}

#[test]
fn a_token_over_another_file_is_refused() {
    let authority = Authority::new(Keys::P256);
    let response = authority.stamp("tsa", b"another file", "20400101000000Z");
    assert_refused(&authority, &response, "it is over another file: SHA-256 ");
}

#[test]
fn a_certificate_for_anything_but_time_stamps_is_refused() {
    let authority = Authority::new(Keys::P256);
    let cases = [
        ("none", "keyUsage=critical,digitalSignature\n", "has no extended key usage"),
        ("soft", "extendedKeyUsage=timeStamping\n", "is not critical"),
        ("mail", "extendedKeyUsage=critical,emailProtection\n", "not time-stamping alone"),
        ("both", "extendedKeyUsage=critical,timeStamping,codeSigning\n", "not time-stamping alone"),
        ("any", "extendedKeyUsage=critical,timeStamping,anyExtendedKeyUsage\n", "not time-stamping alone"),
        (
            "wide",
            "keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=critical,timeStamping\n",
            "not signing alone",
        ),
        ("sign", "keyUsage=keyCertSign\nextendedKeyUsage=critical,timeStamping\n", "not signing alone"),
    ];
    for (name, extensions, words) in cases {
        authority.issue(name, extensions, ALWAYS.0, ALWAYS.1);
        assert_refused(&authority, &authority.stamp(name, FILE, "20400101000000Z"), words);
    }
}

#[test]
fn a_token_with_two_signers_or_none_is_refused() {
    let authority = Authority::new(Keys::P256);
    authority.issue("second", crate::authority::USAGE, ALWAYS.0, ALWAYS.1);
    let time = info(FILE, "20400101000000Z");
    let two = authority.token("tsa", &time, &["-signer", "second.pem", "-inkey", "second.key"]);
    assert_refused(&authority, &response_of(&two), "it has 2 signers");
}

#[test]
fn a_token_must_say_which_certificate_is_its_signers_and_carry_it() {
    let authority = Authority::new(Keys::P256);
    let time = info(FILE, "20400101000000Z");
    assert_refused(
        &authority,
        &response_of(&authority.token("tsa", &time, &["-nocerts"])),
        "the certificate of its signer is not in it",
    );
    // Signed again without `-cades`, which adds ESSCertIDv2.
    authority.write("info.der", &time);
    let sign = ["cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-outform", "DER", "-in", "info.der"];
    let by = ["-econtent_type", "1.2.840.113549.1.9.16.1.4", "-signer", "tsa.pem", "-inkey", "tsa.key"];
    let plain = |more: &[&str]| {
        response_of(&crate::authority::openssl(authority.path(), &[&sign[..], &by[..], more].concat()).expect("signed"))
    };
    assert_refused(&authority, &plain(&[]), "which certificate is the signer's is not signed");
    assert_refused(&authority, &plain(&["-noattr"]), "it has no signed attributes");
}

#[test]
fn another_content_than_a_tst_info_is_refused() {
    let authority = Authority::new(Keys::P256);
    authority.write("info.der", &info(FILE, "20400101000000Z"));
    let sign =
        ["cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256", "-outform", "DER", "-in", "info.der"];
    let data = crate::authority::openssl(
        authority.path(),
        &[&sign[..], &["-signer", "tsa.pem", "-inkey", "tsa.key"]].concat(),
    );
    let response = response_of(&data.expect("signed"));
    assert_refused(&authority, &response, "its content is 1.2.840.113549.1.7.1, not a TSTInfo");
    assert!(told(&response).contains("the signed content type"));
    let mut second = info(FILE, "20400101000000Z");
    second[4] = 2;
    assert_refused(&authority, &response_of(&authority.token("tsa", &second, &[])), "another version than 1");
}

#[test]
fn sha_1_counts_nowhere() {
    let authority = Authority::new(Keys::P256);
    let sha1 = [0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 20];
    let imprint = [&sha1[..], &[7; 20]].concat();
    let full = info(FILE, "20400101000000Z");
    let strong = Imprint::of(Hash::Sha256, FILE).to_der();
    let at = full.windows(strong.len()).position(|window| window == strong).expect("the imprint");
    let value = [&full[2..at], &imprint, &full[at + strong.len()..]].concat();
    let weak = scelle::format::time_stamp::ber::tlv(0x30, &value);
    assert_refused(&authority, &response_of(&authority.token("tsa", &weak, &[])), "unknown or weaker than SHA-256");
    // openssl 3.0 does not mind.
    let signed = response_of(&authority.token("tsa", &full, &["-md", "sha1"]));
    assert!(told(&signed).contains("digest is by an algorithm that is unknown or weaker"), "{}", told(&signed));
}

#[test]
fn an_authority_that_refuses_is_quoted() {
    let authority = Authority::new(Keys::P256);
    let policy = "1.2.3.4.9".parse().expect("an OID");
    let query = Query::new(Imprint::of(Hash::Sha256, FILE), Some(policy), [1; 16]);
    let response = authority.reply("tsa", &query.to_der());
    assert_refused(&authority, &response, "the authority refused, with status 2: ");
    let empty = scelle::format::time_stamp::ber::tlv(0x30, &[0x30, 3, 2, 1, 0]);
    assert_refused(&authority, &empty, "there is no token in it");
}

#[test]
fn a_message_tells_its_causes_once() {
    let authority = Authority::new(Keys::P256);
    authority.issue("soft", "extendedKeyUsage=timeStamping\n", ALWAYS.0, ALWAYS.1);
    let problems = crate::examined(&authority.stamp("soft", FILE, "20400101000000Z")).expect_err("refused");
    assert_eq!(chain(&problems[0]), "the certificate of its signer: its extended key usage is not critical");
}
