//! Private keys behind a passphrase, as files: made once with scrypt work 2, for an age file is never the same twice.
//! They are the TEST keys of `tests/sealed`, and their passphrase is "fuzz".

use std::io::Read as _;

/// Ed25519 and P-256, armored.
pub const FILES: [&str; 2] = [
    "\
-----BEGIN AGE ENCRYPTED FILE-----\n\
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBjWlMrRDNDRjB4KzRUaXlM\n\
aTdhOWxBIDIKQkJRazBHUWFNS0lLSy9wYzdYMVBMR2tnVDNXY3pTd09yWHBXUXlX\n\
eWdNVQotLS0geVlUWWczeVp3OWV5NGRqYy9mQmZPMFV5bCtmb0JwNzM1TTNyTisv\n\
ZWozdwr6JL/M9/R1J0brEuHMTVWCfgP3SM1fvs0SytwPYE2a9X46dDnAB67LcEBE\n\
LMbqiyioTFqaaq1rhYiHcUsLqaItKrN4BsDSOMOT/VrnG72WN6eGSnXlzJqpUoqu\n\
0haGa0TmKhvabv1voIsAnTOTVvn4wDSEugOSVFfRqWG/v+L8ErgHS5b/vEMcG5Jt\n\
OPgsuYeVfHL+kVet\n\
-----END AGE ENCRYPTED FILE-----\n",
    "\
-----BEGIN AGE ENCRYPTED FILE-----\n\
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBuTkVWRGNzWXVkNWNQZ2pG\n\
VGkxSDBnIDIKVEd3WFhrSklLdHdVdjFlNW01RzhiaElqaWhLNFhQZTlNMlNVNWlp\n\
U3hGVQotLS0gbjJJYjBkbGtQQ1plcUhZQ0szeEppOHk3Lzg1OEhvSmpGMnlPb0tP\n\
ZXFXMAqlmoDdxf0yFXo+HBbAAWAqgkRpwSAZR2FwMkQgqLlRp3yZ48nkMTrnTEvk\n\
2PGkM0nBL9QgPBwGHoLtcoxeC1ZS9PNqeVuvPW24CFEyC+O0ODBqioZsYM+ntqcH\n\
Qg/WUJSv8d9k4t+ik/xsAOu/SzJd4QklQAaUKbzU4pdSq0sbnPLekriOdwkEggIP\n\
Bcemu4nUY4lIPqyynrsbmKB47RjlA2ocMBb/E8WDFxtF6VzuYL1vT4vTTLLp03DY\n\
LA3AVB3d5tUf8nSihBjlWrztXhmhrcMlPB5fgx+0mlgJu1nGCGWVJKW4LyXc/YLR\n\
b1n99QLQ31h8OO5o500fjLh77A0PZRer0LzaboE+alficW1ZSMo=\n\
-----END AGE ENCRYPTED FILE-----\n",
];

/// The first without its armor.
pub fn binary() -> Vec<u8> {
    let mut bytes = Vec::new();
    age::armor::ArmoredReader::new(FILES[0].as_bytes()).read_to_end(&mut bytes).expect("a sound file");
    bytes
}
