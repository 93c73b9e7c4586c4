//! Reading time-stamps and judging each by itself (SPEC.md TSP-1 to TSP-10).

use std::collections::BTreeMap;

use super::bundle::Bundle;
use super::check::{Check, Ledger, Rule};
use super::members::{Cancelled, Pace, read_bounded};
use super::rules;
use super::structure::Places;
use crate::causes::with_causes;
use crate::custody::Records;
use crate::format::digest::Digest;
use crate::format::member::MemberName;
use crate::format::time_stamp::{GenTime, Hash, Imprint, Response};
use crate::hash::sha256;
use crate::limits::{ENVELOPE_LEN_MAX, TIME_STAMP_COUNT_MAX};
use crate::time_stamp::{Problem, Sound, Standing, examine_over, standing};
use crate::x509::Root;

/// A time-stamp of which everything holds that does not depend on trust.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Name of its member.
    pub name: String,
    /// The file that it is over, by its place among the grown members.
    pub(super) over: usize,
    /// The name of that file.
    pub over_name: String,
    /// Whose certificate signed it, as RFC 4514 writes names. May hold any characters.
    pub authority: String,
    /// When, by its authority.
    pub time: GenTime,
    /// Under which policy of the authority, as an object identifier.
    pub policy: String,
    /// Whether that is believed.
    pub state: StampState,
}

/// Whether a time-stamp is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StampState {
    /// Its authority leads to a root that the user trusts.
    Trusted,
    /// It proves nothing to this user; why.
    NotTrusted(String),
    /// A certificate was taken back, so that it does not stand.
    Revoked(String),
}

/// What a time-stamp is to pass.
const SOUND: [&Rule; 11] = [
    &rules::TIME_NAME,
    &rules::TIME_FORM,
    &rules::TIME_STATUS,
    &rules::TIME_CONTENT,
    &rules::TIME_SIGNER,
    &rules::TIME_ATTRIBUTES,
    &rules::TIME_CERTIFICATE,
    &rules::TIME_SIGNATURE,
    &rules::TIME_USAGE,
    &rules::TIME_VALIDITY,
    &rules::TIME_IMPRINT,
];

/// Reads and judges all time-stamps, in ascending order of their names.
pub(super) fn read(
    bundle: &dyn Bundle,
    places: &Places,
    records: &Records,
    roots: &[Root],
    pace: &Pace<'_>,
    ledger: &mut Ledger,
) -> Result<Vec<Stamp>, Cancelled> {
    let files = records.grown.iter().enumerate().filter(|(_, it)| !it.name.starts_with("timestamps/"));
    let by_digits = files.map(|(i, it)| (it.sha256.to_string()[..16].to_owned(), i)).collect();
    let mut reading = Reading { bundle, places, records, by_digits, digests: BTreeMap::new(), ledger };
    let (mut stamps, pace) = (Vec::new(), pace.silent());
    let tokens = records.grown.iter().filter(|it| it.name.starts_with("timestamps/"));
    for (count, token) in tokens.enumerate() {
        pace.advance(0)?;
        if count >= TIME_STAMP_COUNT_MAX {
            let check = Check::failed(&rules::TIME_FORM, &token.name).expected(TIME_STAMP_COUNT_MAX);
            reading.ledger.add(check.note("more time-stamps than a reader need judge"));
            continue;
        }
        stamps.extend(reading.stamp(&token.name, token.sha256, roots));
    }
    Ok(stamps)
}

struct Reading<'a> {
    bundle: &'a dyn Bundle,
    places: &'a Places,
    records: &'a Records,
    /// Files that can be stamped, by the first digits of their digest.
    by_digits: BTreeMap<String, usize>,
    /// Further digests of files, once computed; `None` if the file cannot be read.
    digests: BTreeMap<(usize, Hash), Option<Vec<u8>>>,
    ledger: &'a mut Ledger,
}

impl Reading<'_> {
    fn stamp(&mut self, name: &str, digest: Digest, roots: &[Root]) -> Option<Stamp> {
        let bytes = self.bytes(name, digest, &rules::TIME_FORM)?;
        let over = name.strip_prefix("timestamps/").and_then(|rest| self.by_digits.get(rest.get(..16)?)).copied();
        let fits = over
            .filter(|&over| MemberName::time_stamp_over(self.records.grown[over].sha256, digest).to_string() == name);
        let Some(over) = fits else {
            let check = Check::failed(&rules::TIME_NAME, name);
            self.ledger.add(check.note("no envelope or event is there that it could be over, by its name"));
            return None;
        };
        let response = match Response::parse(&bytes) {
            Ok(response) => response,
            Err(error) => {
                self.ledger.add(Check::failed(&rules::TIME_FORM, name).note(with_causes(&error)));
                return None;
            }
        };
        let mut is_unread = false;
        let examined = examine_over(&response, |imprint| {
            let there = self.digest(over, imprint.hash());
            is_unread = there.is_none();
            there.is_none_or(|there| Imprint::new(imprint.hash(), there).as_ref() == Some(imprint))
        });
        let sound = match examined {
            Ok(_) if is_unread => {
                let check = Check::cannot_tell(&rules::TIME_IMPRINT, name);
                self.ledger.add(check.note("what it is over cannot be read"));
                return None;
            }
            Ok(sound) => sound,
            Err(problems) => {
                for problem in problems {
                    self.ledger.add(Check::failed(rule_of(&problem), name).note(with_causes(&problem)));
                }
                return None;
            }
        };
        SOUND.into_iter().for_each(|rule| self.ledger.pass(rule));
        Some(self.judged(name, over, &response, sound, roots))
    }

    fn judged(&mut self, name: &str, over: usize, response: &Response, sound: Sound, roots: &[Root]) -> Stamp {
        let standing = response.token.as_ref().map_or(Standing::NoRoots, |token| standing(token, &sound, roots));
        let state = match standing {
            Standing::Trusted => {
                self.ledger.pass(&rules::TIME_AUTHORITY);
                self.ledger.pass(&rules::TIME_REVOKED);
                StampState::Trusted
            }
            Standing::Revoked(revoked) => {
                let check = Check::failed(&rules::TIME_REVOKED, name).actual(revoked);
                self.ledger.add(check.note(format!("it was made at {}", sound.time())));
                StampState::Revoked(revoked.to_string())
            }
            Standing::NoRoots => self.untrusted(name, "you gave no root of time-stamping authorities".to_owned()),
            Standing::Untrusted(why) => self.untrusted(name, why),
        };
        let over_name = self.records.grown[over].name.clone();
        let (policy, time, authority) = (sound.info.policy.to_string(), sound.time(), sound.authority);
        Stamp { name: name.to_owned(), over, over_name, authority, time, policy, state }
    }

    fn untrusted(&mut self, name: &str, why: String) -> StampState {
        self.ledger
            .add(Check::noted(&rules::TIME_AUTHORITY, name).note(format!("not trusted, so it proves nothing: {why}")));
        StampState::NotTrusted(why)
    }

    /// A digest of a file that was read before.
    fn digest(&mut self, file: usize, hash: Hash) -> Option<Vec<u8>> {
        let known = &self.records.grown[file];
        if hash == Hash::Sha256 {
            return Some(known.sha256.0.to_vec());
        }
        if !self.digests.contains_key(&(file, hash)) {
            let bytes = self.bytes(&known.name, known.sha256, &rules::TIME_IMPRINT);
            self.digests.insert((file, hash), bytes.map(|bytes| hash.digest(&bytes)));
        }
        self.digests.get(&(file, hash)).cloned().flatten()
    }

    /// The bytes of a member, which are those that were hashed before.
    fn bytes(&mut self, name: &str, digest: Digest, rule: &'static Rule) -> Option<Vec<u8>> {
        let place = MemberName::parse(name).and_then(|name| self.places.of(&name))?;
        match read_bounded(self.bundle, place, ENVELOPE_LEN_MAX) {
            Ok(bytes) if sha256(&bytes) == digest => return Some(bytes),
            Ok(_) => {
                self.ledger.add(Check::cannot_tell(rule, name).note("changed while it was being verified"));
            }
            Err(error) => self.ledger.add(error.check(rule, name)),
        }
        None
    }
}

/// The check that a problem belongs to.
fn rule_of(problem: &Problem) -> &'static Rule {
    match problem {
        Problem::Refused { .. } | Problem::NoToken => &rules::TIME_STATUS,
        Problem::InnerType(_) | Problem::Info(_) => &rules::TIME_CONTENT,
        Problem::Signers(_) | Problem::NoCertificate => &rules::TIME_SIGNER,
        Problem::NoAttributes | Problem::ContentType | Problem::Digest | Problem::MessageDigest => {
            &rules::TIME_ATTRIBUTES
        }
        Problem::NoCertificateId | Problem::CertificateId => &rules::TIME_CERTIFICATE,
        Problem::Signature(_) => &rules::TIME_SIGNATURE,
        Problem::Usage(_) => &rules::TIME_USAGE,
        Problem::Validity(_) => &rules::TIME_VALIDITY,
        Problem::WeakImprint | Problem::Imprint(_) => &rules::TIME_IMPRINT,
    }
}
