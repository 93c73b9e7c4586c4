//! `scelle timestamp` and what `scelle verify` says of time, with authorities by `openssl`.

#[path = "../authority/mod.rs"]
mod authority;
#[allow(dead_code, reason = "the tests of custody need more of it")]
#[path = "../custody/bench.rs"]
mod bench;
#[path = "../desk/mod.rs"]
mod desk;
mod by_hand;
mod refused;
mod interval;
mod keys;
mod served;

use std::fs;

use authority::Authority;
use desk::{Desk, assert_done};
use serde_json::Value;

/// What a verification says, as JSON, and its exit code.
fn verified(desk: &Desk, args: &[&str]) -> (i32, Value) {
    let output = desk.run(&[&["verify", "x.scelle", "--json"], args].concat());
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", desk::text(&output.stderr)));
    (output.status.code().expect("a code"), json)
}

/// The names of grown members of one kind.
fn members(desk: &Desk, prefix: &str) -> Vec<String> {
    let bytes = fs::read(desk.path("x.scelle")).expect("a bundle");
    let bundle = scelle::verify::ZipFile::open(std::sync::Arc::new(bytes)).expect("a bundle");
    let names = scelle::verify::Bundle::members(&bundle).iter().map(|member| member.name.clone());
    names.filter(|name| name.starts_with(prefix)).collect()
}

/// The bytes of a member.
fn member(desk: &Desk, name: &str) -> Vec<u8> {
    let bundle = scelle::verify::open(&desk.path("x.scelle")).expect("a bundle");
    let name = scelle::format::member::MemberName::parse(name).expect("a name");
    scelle::verify::read_grown(&*bundle, &name).expect("its bytes")
}

/// Adds a time-stamp of a moment over a member; the root lies on the desk.
fn stamp(desk: &Desk, authority: &Authority, member_name: &str, time: &str) {
    fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a file");
    fs::write(desk.path("r.tsr"), authority.stamp("tsa", &member(desk, member_name), time)).expect("a file");
    assert_done(&desk.run(&["timestamp", "attach", "x.scelle", "r.tsr", "--timestamp-root", "root.pem"]));
}

/// Adds a time-stamp over the sealer's envelope.
fn stamp_seal(desk: &Desk, authority: &Authority, time: &str) {
    stamp(desk, authority, &members(desk, "seal/")[0], time);
}
