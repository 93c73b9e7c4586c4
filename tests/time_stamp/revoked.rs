//! Certificates that were taken back, by lists that are kept in the token.

use scelle::format::time_stamp::with_lists;
use scelle::time_stamp::Standing;

use crate::authority::{Authority, Keys, USAGE};
use crate::{FILE, judged, second};

/// A token from before the certificate was taken back, and one from after.
fn both(authority: &Authority) -> (Vec<u8>, Vec<u8>) {
    let list = [authority.revocation_list()];
    // The root begins when the test does, and so does what it can vouch for.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let at = |seconds: u64| {
        let instant =
            scelle::format::time::Instant::from_seconds(i64::try_from(seconds).expect("a time")).expect("an instant");
        instant.to_string().replace(['-', ':', 'T'], "")
    };
    let stamp = |time: &str| with_lists(&authority.stamp("leaf", FILE, time), &list).expect("with a list");
    (stamp(&at(now)), stamp("20400101000000Z"))
}

#[test]
fn after_a_certificate_was_taken_back_nothing_it_stamped_stands() {
    for (reason, earlier_stands) in [
        ("superseded", true),
        ("cessationOfOperation", true),
        ("affiliationChanged", true),
        ("keyCompromise", false),
        ("", false),
    ] {
        let authority = Authority::new(Keys::P256);
        authority.issue("leaf", USAGE, "20200101000000Z", "20900101000000Z");
        std::thread::sleep(std::time::Duration::from_millis(1100));
        let early = {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
            i64::try_from(now - 1).expect("a time")
        };
        let time = scelle::format::time::Instant::from_seconds(early).expect("an instant").to_string();
        let before = authority.stamp("leaf", FILE, &time.replace(['-', ':', 'T'], ""));
        authority.revoke("leaf", reason);
        let before = with_lists(&before, &[authority.revocation_list()]).expect("with a list");
        let after = both(&authority).1;
        let stands = matches!(judged(&authority, &before), Standing::Trusted);
        assert_eq!(stands, earlier_stands, "{reason}: {:?}", judged(&authority, &before));
        assert!(matches!(judged(&authority, &after), Standing::Revoked(_)), "{reason}");
        assert!(authority.openssl_agrees(&after, FILE, second(&after)), "openssl reads what was put together");
    }
}

#[test]
fn a_list_by_another_or_about_another_says_nothing() {
    let (authority, other) = (Authority::new(Keys::P256), Authority::new(Keys::P256));
    authority.issue("leaf", USAGE, "20200101000000Z", "20900101000000Z");
    // The other root has the same name and gives the same numbers.
    other.issue("leaf", USAGE, "20200101000000Z", "20900101000000Z");
    other.revoke("leaf", "keyCompromise");
    authority.revoke("tsa", "keyCompromise");
    let response = authority.stamp("leaf", FILE, "20400101000000Z");
    let with = |list: Vec<u8>| with_lists(&response, &[list]).expect("with a list");
    assert_eq!(judged(&authority, &with(other.revocation_list())), Standing::Trusted);
    assert_eq!(judged(&authority, &with(authority.revocation_list())), Standing::Trusted);
    let junk = scelle::format::time_stamp::ber::tlv(0x30, b"");
    assert_eq!(judged(&authority, &with(junk)), Standing::Trusted);
    authority.revoke("leaf", "keyCompromise");
    assert!(matches!(judged(&authority, &with(authority.revocation_list())), Standing::Revoked(_)));
}
