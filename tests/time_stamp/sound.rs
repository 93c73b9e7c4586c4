//! What holds, whoever made it.

use scelle::format::time_stamp::{Hash, Imprint, Query, Response};
use scelle::time_stamp::{Standing, examine, standing};

use crate::authority::{Authority, Keys, info, response_of};
use crate::{FILE, examined, judged, second};

#[test]
fn answers_of_p_256_p_384_and_rsa_authorities_hold_and_openssl_says_the_same() {
    for keys in [Keys::P256, Keys::P384, Keys::Rsa] {
        let authority = Authority::new(keys);
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let query = Query::new(Imprint::of(hash, FILE), None, [0x9a; 16]);
            let response = authority.reply("tsa", &query.to_der());
            let sound = examined(&response).unwrap_or_else(|problems| panic!("{keys:?} {hash:?}: {problems:?}"));
            assert_eq!(sound.info.nonce, query.nonce, "the nonce comes back");
            assert_eq!(sound.info.policy.to_string(), "1.2.3.4.1");
            assert_eq!(sound.time().accuracy_micros(), Some(1_500_000));
            assert_eq!(sound.authority, "CN=Test tsa");
            assert_eq!(judged(&authority, &response), Standing::Trusted);
            assert!(authority.openssl_agrees(&response, FILE, second(&response)));
        }
    }
}

#[test]
fn a_query_of_ours_is_one_that_openssl_reads_and_the_other_way_round() {
    let authority = Authority::new(Keys::P256);
    let ours = Query::new(Imprint::of(Hash::Sha512, FILE), Some("1.2.3.4.2".parse().expect("an OID")), [0xff; 16]);
    assert_eq!(examined(&authority.reply("tsa", &ours.to_der())).expect("sound").info.policy.to_string(), "1.2.3.4.2");
    authority.write("data", FILE);
    let args = ["ts", "-query", "-data", "data", "-sha512", "-cert", "-tspolicy", "1.2.3.4.2"];
    let theirs = Query::parse(&crate::authority::openssl(authority.path(), &args).expect("a query")).expect("a query");
    assert_eq!((&theirs.imprint, theirs.policy), (&ours.imprint, ours.policy));
    assert!(theirs.nonce.is_some_and(|nonce| nonce.len() > 4));
}

#[test]
fn rsa_pss_counts_and_so_does_ber() {
    for (keys, more) in [
        (Keys::Rsa, &["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"][..]),
        (Keys::Rsa, &["-stream", "-indef"]),
        (Keys::P256, &["-stream", "-indef"]),
        (Keys::P256, &["-keyid"]),
    ] {
        let authority = Authority::new(keys);
        authority.issue(
            "k",
            &format!("{}subjectKeyIdentifier=hash\n", crate::authority::USAGE),
            "20200101000000Z",
            "20900101000000Z",
        );
        let token = authority.token("k", &info(FILE, "20401128100000.25Z"), more);
        assert_eq!(token[1] == 0x80, more.contains(&"-indef"), "{more:?}: BER has marked ends");
        let response = response_of(&token);
        assert_eq!(examined(&response).expect("sound").time().to_string(), "2040-11-28T10:00:00.25Z", "{more:?}");
        assert_eq!(judged(&authority, &response), Standing::Trusted, "{more:?}");
    }
}

#[test]
fn an_expired_certificate_still_proves_what_it_stamped_in_its_time() {
    let authority = Authority::new(Keys::P256);
    authority.issue("old", crate::authority::USAGE, "20100101000000Z", "20110101000000Z");
    // The root that openssl makes is valid from now on: a token from before is not to be believed by it.
    let response = authority.stamp("old", FILE, "20100601000000Z");
    assert!(examined(&response).is_ok());
    assert!(matches!(judged(&authority, &response), Standing::Untrusted(_)), "the root was not valid yet");
    assert!(!authority.openssl_agrees(&response, FILE, second(&response)));
    // A token of tomorrow, by a certificate that ends the day after: good for ever after.
    authority.issue("short", crate::authority::USAGE, "20400101000000Z", "20400103000000Z");
    let response = authority.stamp("short", FILE, "20400102000000Z");
    assert_eq!(judged(&authority, &response), Standing::Trusted);
    assert!(authority.openssl_agrees(&response, FILE, second(&response)));
    let late = authority.stamp("short", FILE, "20400103000001Z");
    assert!(crate::told(&late).contains("was not valid then"), "{}", crate::told(&late));
}

#[test]
fn an_authority_below_others_is_led_to_its_root() {
    let authority = Authority::new(Keys::P256);
    let ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
    authority.issue("sub", ca, "20200101000000Z", "20900101000000Z");
    authority.issue_under("sub", "below", crate::authority::USAGE, "20200101000000Z", "20900101000000Z");
    let time = info(FILE, "20400101000000Z");
    let alone = response_of(&authority.token("below", &time, &[]));
    let with = response_of(&authority.token("below", &time, &["-certfile", "sub.pem"]));
    assert!(matches!(judged(&authority, &alone), Standing::Untrusted(_)));
    assert_eq!(judged(&authority, &with), Standing::Trusted);
    assert!(!authority.openssl_agrees(&alone, FILE, second(&alone)));
    assert!(authority.openssl_agrees(&with, FILE, second(&with)));
}

#[test]
fn without_roots_or_with_those_of_others_nobody_is_trusted() {
    let (authority, other) = (Authority::new(Keys::P256), Authority::new(Keys::P256));
    let response = authority.stamp("tsa", FILE, "20400101000000Z");
    assert!(matches!(judged(&other, &response), Standing::Untrusted(_)));
    assert!(!other.openssl_agrees(&response, FILE, second(&response)));
    let parsed = Response::parse(&response).expect("a response");
    let sound = examine(&parsed, FILE).expect("sound");
    assert_eq!(standing(parsed.token.as_ref().expect("a token"), &sound, &[]), Standing::NoRoots);
}
