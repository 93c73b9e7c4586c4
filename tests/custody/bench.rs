//! A desk with the keys of several parties, always the same, so that what is signed is too.

use std::fs;
use std::process::Output;

use scelle::sign::SigningKey;
use serde_json::Value;

use crate::desk::{Desk, assert_done, text};

/// Parties, each with the byte that its seed is made of.
pub const PARTIES: [(&str, u8); 8] = [
    ("officer", 1),
    ("courier", 2),
    ("lab", 3),
    ("court", 4),
    ("witness", 5),
    ("stranger", 6),
    ("root-a", 7),
    ("root-b", 8),
];

pub const SEED: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";

/// The private key of a party.
pub fn key_of(seed: u8) -> SigningKey {
    let mut der = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").expect("hex");
    der.extend([seed; 32]);
    SigningKey::from_pkcs8_der(&der).expect("a key")
}

/// A desk where everybody's keys lie, and something to seal.
pub fn bench() -> Desk {
    let desk = Desk::new();
    for (name, seed) in PARTIES {
        let key = key_of(seed);
        fs::write(desk.path(name), key.to_pkcs8_pem().expect("PEM").as_bytes()).expect("a key");
        fs::write(desk.path(&format!("{name}.pub")), key.public().to_pem()).expect("a key");
    }
    fs::create_dir(desk.path("d")).expect("a directory");
    fs::write(desk.path("d/photo"), "a photo").expect("a file");
    // A time that the manifest can be made of again.
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000);
    for path in ["d/photo", "d"] {
        fs::File::open(desk.path(path)).and_then(|file| file.set_modified(time)).expect("a time");
    }
    desk
}

/// Seals what is on the desk, by the officer.
pub fn seal(desk: &Desk, args: &[&str]) {
    let sealed = ["seal", "d", "--key", "officer", "--case", "case.toml", "--time", "2026-03-01T08:00:00Z"];
    assert_done(&desk.run(&[&sealed[..], &["--seed", SEED, "--out", "x.scelle"], args].concat()));
}

/// Runs a custody command at a moment, here `03-01T09:00`.
pub fn act(desk: &Desk, at: &str, args: &[&str]) -> Output {
    let time = format!("2026-{at}:00Z");
    desk.run(&[&["custody"], args, &["--time", &time]].concat())
}

/// The same, which must succeed.
pub fn done(desk: &Desk, at: &str, args: &[&str]) -> String {
    let output = act(desk, at, args);
    assert_done(&output);
    text(&output.stdout).trim().to_owned()
}

/// All keys, as those whom the user trusts.
pub fn all_signers() -> Vec<String> {
    PARTIES[..5].iter().flat_map(|(name, _)| ["--signer".to_owned(), format!("{name}.pub")]).collect()
}

/// What a verification says: its exit code, and the ids of the checks that failed.
pub fn verify(desk: &Desk, bundle: &str, args: &[&str]) -> (i32, Vec<String>) {
    let output = desk.run(&[&["verify", bundle, "--json"], args].concat());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let checks = json["checks"].as_array().expect("checks").iter();
    let failed = checks.filter(|check| check["result"] == "failed");
    (output.status.code().expect("a code"), failed.map(|it| it["id"].as_str().expect("an id").to_owned()).collect())
}

/// The same with all keys trusted.
pub fn verify_all(desk: &Desk, bundle: &str, args: &[&str]) -> (i32, Vec<String>) {
    let signers = all_signers();
    let signers: Vec<&str> = signers.iter().map(String::as_str).collect();
    verify(desk, bundle, &[&signers[..], args].concat())
}

/// A hand-over: one offers, the other accepts on the same file, and the receipt is kept as `NAME.receipt`.
pub fn hand_over(desk: &Desk, at: &str, bundle: &str, from: &str, to: &str) {
    let (to_pub, receipt) = (format!("{to}.pub"), format!("{to}.receipt"));
    done(desk, at, &["offer", bundle, "--to", &to_pub, "--key", from, "--purpose", "hand-over", "--place", "Hanoi"]);
    let signers = all_signers();
    let mut args = vec!["accept", bundle, "--key", to, "--place", "Lyon", "--receipt", &receipt];
    args.extend(signers.iter().map(String::as_str));
    done(desk, at, &args);
}
