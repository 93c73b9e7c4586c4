//! Time-stamps that were cut or changed on the way: never accepted as something else, and nothing panics.

use std::sync::OnceLock;

use scelle::format::time_stamp::Response;
use scelle::time_stamp::examine;

use crate::FILE;
use crate::authority::{Authority, Keys, info, response_of};

/// In DER by P-256, in BER, by RSA.
fn responses() -> &'static [Vec<u8>] {
    static RESPONSES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    RESPONSES.get_or_init(|| {
        let (p256, rsa) = (Authority::new(Keys::P256), Authority::new(Keys::Rsa));
        let ber = p256.token("tsa", &info(FILE, "20400101000000Z"), &["-stream", "-indef"]);
        vec![p256.stamp("tsa", FILE, "20400101000000Z"), response_of(&ber), rsa.stamp("tsa", FILE, "20400101000000Z")]
    })
}

#[test]
fn a_time_stamp_that_is_cut_at_any_length_is_none() {
    for response in responses() {
        for len in 0..response.len() {
            assert!(Response::parse(&response[..len]).is_err(), "cut to {len}");
        }
        assert!(Response::parse(&[&response[..], &[0]].concat()).is_err(), "with a byte more");
    }
}

#[test]
fn a_byte_that_is_changed_takes_nothing_that_was_said_to_be_something_else() {
    for response in responses() {
        let said = examine(&Response::parse(response).expect("a response"), FILE).expect("sound");
        let mut accepted = 0;
        for at in 0..response.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = response.clone();
                changed[at] ^= change;
                let Ok(parsed) = Response::parse(&changed) else { continue };
                let Ok(sound) = examine(&parsed, FILE) else { continue };
                accepted += 1;
                assert_eq!(sound, said, "byte {at}");
            }
        }
        // What no signature covers: versions, the list of digest algorithms, parameters, the status (granted with changes).
        assert!(accepted < 160, "{accepted} changes were accepted");
    }
}
