//! Time-stamps against real authorities by `openssl`: what holds, what does not, and that `openssl ts -verify` says the same.

#[path = "../authority/mod.rs"]
mod authority;
mod sound;
mod wrong;
mod damaged;
mod revoked;

use authority::Authority;
use scelle::format::time_stamp::Response;
use scelle::time_stamp::{Problem, Sound, Standing, examine, standing};

/// A file that is stamped.
const FILE: &[u8] = b"{\"payload\":\"e30=\"}";

/// What is wrong with an answer as a time-stamp over the file, or what it says.
fn examined(response: &[u8]) -> Result<Sound, Vec<Problem>> {
    examine(&Response::parse(response).expect("a response"), FILE)
}

/// What is wrong with it, in words.
fn told(response: &[u8]) -> String {
    let problems = examined(response).expect_err("something is wrong");
    problems.iter().map(|problem| chain(problem)).collect::<Vec<_>>().join("\n")
}

fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", chain(source)))
}

/// What trust says of a sound one.
fn judged(authority: &Authority, response: &[u8]) -> Standing {
    let parsed = Response::parse(response).expect("a response");
    let sound = examine(&parsed, FILE).expect("sound");
    standing(&parsed.token.expect("a token"), &sound, &[authority.root()])
}

/// Seconds since 1970 of what an answer says.
fn second(response: &[u8]) -> i64 {
    examined(response).expect("sound").time().second().seconds()
}
