//! Steps V-2 and V-3: the statement, and who signed it.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::Bundle;
use super::check::{Check, Ledger};
use super::members::{ReadError, read_whole};
use super::rules;
use super::structure::Places;
use super::times::Times;
use crate::causes::with_causes;
use crate::format::digest::{Digest, KeyId};
use crate::format::dsse::Envelope;
use crate::format::member::MemberName;
use crate::format::spki::PublicKey;
use crate::format::statement::Statement;
use crate::hash::sha256;
use crate::limits::{ENVELOPE_LEN_MAX, STATEMENT_LEN_MAX};
use crate::trust::{Certified, Trust};

/// What became of a key's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureState {
    /// It holds.
    Valid,
    /// It is there and does not hold.
    Invalid,
    /// It is there; the key is not known, so nothing can be said of it.
    NotChecked,
    /// There is none.
    Absent,
}

impl SignatureState {
    /// Its name in a report for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::NotChecked => "not checked",
            Self::Absent => "absent",
        }
    }

    /// What people are told of it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Valid => "signature holds",
            Self::Invalid => "SIGNATURE DOES NOT HOLD",
            Self::NotChecked => "signature not checked: not a required key, and not one that you gave",
            Self::Absent => "has NOT signed",
        }
    }
}

/// A key that signed, or must have.
#[derive(Clone, Debug)]
pub struct Signer {
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub key_id: KeyId,
    /// Its role by the statement, if that requires it.
    pub role: Option<String>,
    /// The user trusts it.
    pub is_trusted: bool,
    /// Whose it is, if a certificate says so that the trust list believes.
    pub certified: Option<Certified>,
    /// What became of its signature.
    pub signature: SignatureState,
}

/// The statement, and who signed it.
#[derive(Default)]
pub(super) struct Seal {
    /// The statement that everything is compared with.
    pub statement: Option<Statement>,
    /// Its digest: the seal digest.
    pub digest: Option<Digest>,
    /// Every key that signed or must have, by key id.
    pub signers: Vec<Signer>,
    /// Digests of the envelopes, as they were read.
    pub envelopes: BTreeMap<MemberName, Digest>,
    /// The envelopes over this statement, by whose key they say that they are.
    pub over_statement: BTreeMap<MemberName, KeyId>,
}

/// An envelope of the bundle, without the statement that it is over: a bundle can have 100,000 envelopes.
struct Found {
    name: MemberName,
    /// Digest of its bytes.
    sha256: Digest,
    /// What it says; `None` if it is malformed.
    says: Option<Says>,
}

/// That a key signed a statement.
struct Says {
    key_id: KeyId,
    /// Digest of the statement.
    statement: Digest,
    signature: Vec<u8>,
}

/// What trusted keys signed.
#[derive(Default)]
struct Signed {
    /// One of them signed the member.
    member: bool,
    /// A statement that one of them signed and that is not the member.
    other: Option<(Vec<u8>, Statement)>,
}

/// Longer than a signature of any algorithm. What is longer yet does not hold, and does not when it is cut to this.
const SIGNATURE_LEN_MAX: usize = 1024;

/// Reads statement and envelopes and checks them against each other.
pub(super) fn check(bundle: &dyn Bundle, places: &Places, trusted: &[PublicKey], ledger: &mut Ledger) -> Seal {
    let member = read_statement(bundle, places, ledger);
    let (found, signed) = read_envelopes(bundle, places, member.as_ref().ok().map(Vec::as_slice), trusted, ledger);
    let (bytes, statement) = choose_statement(member, signed, ledger);
    let envelopes = found.iter().map(|found| (found.name.clone(), found.sha256)).collect();
    let Some(bytes) = bytes else { return Seal { envelopes, ..Seal::default() } };
    let mut keys: BTreeMap<KeyId, PublicKey> = trusted.iter().map(|key| (key.key_id(), key.clone())).collect();
    let mut signers: BTreeMap<KeyId, Signer> = BTreeMap::new();
    let trusted_ids: BTreeSet<KeyId> = keys.keys().copied().collect();
    let is_trusted = |key_id: &KeyId| trusted_ids.contains(key_id);
    for required in statement.iter().flat_map(|statement| &statement.predicate.required_signers.keys) {
        let key_id = required.keyid;
        let key = PublicKey::from_spki(&required.spki, key_id);
        ledger.require(key.is_some(), &rules::STATEMENT_SIGNERS, || {
            let check = Check::failed(&rules::STATEMENT_SIGNERS, "statement.json").expected(key_id);
            check.note("`spki` is not a key, or not the one of this key id")
        });
        keys.extend(key.map(|key| (key_id, key)));
        let (role, is_trusted) = (Some(required.role.clone()), is_trusted(&key_id));
        signers.insert(key_id, Signer { key_id, role, is_trusted, certified: None, signature: SignatureState::Absent });
    }
    let owners: BTreeMap<MemberName, KeyId> = keys.keys().map(|id| (MemberName::envelope_of(*id), *id)).collect();
    let digest = sha256(&bytes);
    let mut over_statement = BTreeMap::new();
    for found in &found {
        if let Some(says) = found.says.as_ref().filter(|says| says.statement == digest) {
            over_statement.insert(found.name.clone(), says.key_id);
        }
        let Some((key_id, signature)) = check_envelope(found, (&bytes, digest), &keys, &owners, ledger) else {
            continue;
        };
        let new = Signer { key_id, role: None, is_trusted: is_trusted(&key_id), certified: None, signature };
        signers.entry(key_id).or_insert(new).signature = signature;
    }
    Seal { digest: Some(digest), statement, signers: signers.into_values().collect(), envelopes, over_statement }
}

/// The member's bytes; if there are none, whether that is because it cannot be read.
fn read_statement(bundle: &dyn Bundle, places: &Places, ledger: &mut Ledger) -> Result<Vec<u8>, bool> {
    let name = MemberName::Statement.to_string();
    let Some(place) = places.of(&MemberName::Statement) else {
        ledger.add(Check::failed(&rules::STATEMENT_FORM, &name).note("missing"));
        return Err(false);
    };
    read_whole(bundle, place, STATEMENT_LEN_MAX, ledger).map_err(|error| {
        ledger.add(error.check(&rules::STATEMENT_FORM, &name));
        matches!(error, ReadError::Io(_))
    })
}

fn read_envelopes(
    bundle: &dyn Bundle,
    places: &Places,
    member: Option<&[u8]>,
    trusted: &[PublicKey],
    ledger: &mut Ledger,
) -> (Vec<Found>, Signed) {
    let keys: BTreeMap<KeyId, &PublicKey> = trusted.iter().map(|key| (key.key_id(), key)).collect();
    let (mut found, mut signed) = (Vec::new(), Signed::default());
    for (name, place) in places.grown() {
        if !matches!(name, MemberName::Envelope(_)) {
            continue;
        }
        let bytes = match read_whole(bundle, place, ENVELOPE_LEN_MAX, ledger) {
            Ok(bytes) => bytes,
            Err(error) => {
                ledger.add(error.check(&rules::ENVELOPE_FORM, &name.to_string()));
                continue;
            }
        };
        let sha256_of_it = sha256(&bytes);
        let envelope = Envelope::from_bytes(&bytes);
        if let Err(error) = &envelope {
            let check = Check::failed(&rules::ENVELOPE_FORM, name.to_string());
            ledger.add(check.note(with_causes(error)));
        }
        let says = envelope.ok().map(|mut envelope| {
            if keys.get(&envelope.key_id).is_some_and(|key| envelope.verify(key).is_ok()) {
                signed.add(&envelope.statement, member);
            }
            envelope.signature.truncate(SIGNATURE_LEN_MAX);
            let Envelope { statement, key_id, signature } = envelope;
            Says { key_id, statement: sha256(&statement), signature: signature.into_boxed_slice().into_vec() }
        });
        found.push(Found { name, sha256: sha256_of_it, says });
    }
    (found, signed)
}

impl Signed {
    fn add(&mut self, statement: &[u8], member: Option<&[u8]>) {
        if member == Some(statement) {
            self.member = true;
        } else if self.other.is_none() {
            self.other = Statement::parse(statement).ok().map(|parsed| (statement.to_vec(), parsed));
        }
    }
}

/// The member, unless a trusted key signed another statement and not that one (SPEC.md V-2).
fn choose_statement(
    member: Result<Vec<u8>, bool>,
    signed: Signed,
    ledger: &mut Ledger,
) -> (Option<Vec<u8>>, Option<Statement>) {
    let name = MemberName::Statement.to_string();
    let is_unreadable = member.as_ref().err() == Some(&true);
    let bytes = member.ok();
    let parsed = bytes.as_ref().map(|bytes| Statement::parse(bytes));
    let statement = parsed.and_then(|parsed| ledger.parsed(parsed, &rules::STATEMENT_FORM, &name));
    if signed.member {
        ledger.pass(&rules::STATEMENT_SIGNED);
        return (bytes, statement);
    }
    let Some((other, other_statement)) = signed.other else { return (bytes, statement) };
    let rule = &rules::STATEMENT_SIGNED;
    let check = if is_unreadable { Check::cannot_tell(rule, &name) } else { Check::failed(rule, &name) };
    let check = check.expected(sha256(&other));
    let check = check.note("what follows is compared with the statement that a trusted key signed");
    ledger.add(match bytes {
        Some(bytes) => check.actual(sha256(&bytes)),
        None => check,
    });
    (Some(other), Some(other_statement))
}

/// Checks one envelope over the statement. Gives its key id and what became of the signature.
fn check_envelope(
    found: &Found,
    (statement, digest): (&[u8], Digest),
    keys: &BTreeMap<KeyId, PublicKey>,
    owners: &BTreeMap<MemberName, KeyId>,
    ledger: &mut Ledger,
) -> Option<(KeyId, SignatureState)> {
    let Says { key_id, statement: over, signature } = found.says.as_ref()?;
    let (name, key_id) = (found.name.to_string(), *key_id);
    // It has one form: over the same statement, it is the same bytes as when it is rebuilt.
    let has_form = ledger.require(*over == digest, &rules::ENVELOPE_FORM, || {
        Check::failed(&rules::ENVELOPE_FORM, &name).note("not over this statement (ENV-2)")
    });
    // The place of a known key holds that key's envelope or a damaged one: no stranger's id begins with the same digits.
    let owner = owners.get(&found.name);
    let fits = MemberName::envelope_of(key_id) == found.name && owner.is_none_or(|owner| *owner == key_id);
    ledger.require(fits, &rules::ENVELOPE_NAME, || {
        let check = Check::failed(&rules::ENVELOPE_NAME, &name).actual(key_id);
        let check = owner.map_or(check.clone(), |owner| check.expected(owner));
        check.note("the name does not fit the key id")
    });
    let Some(key) = keys.get(&key_id) else {
        ledger.add(Check::noted(&rules::ENVELOPE_FOREIGN, &name).actual(key_id));
        return Some((key_id, SignatureState::NotChecked));
    };
    let rebuilt = Envelope { statement: statement.to_vec(), key_id, signature: signature.clone() };
    let holds = match rebuilt.verify(key) {
        Ok(()) => {
            ledger.pass(&rules::ENVELOPE_SIGNATURE);
            true
        }
        Err(error) => {
            ledger.add(Check::failed(&rules::ENVELOPE_SIGNATURE, &name).actual(key_id).note(with_causes(&error)));
            false
        }
    };
    let state = if holds && has_form { SignatureState::Valid } else { SignatureState::Invalid };
    Some((key_id, state))
}

/// Step V-12: valid signatures by required keys that the user trusts, each judged by when it was provably made.
pub(super) fn check_signers(seal: &mut Seal, trust: Option<&Trust>, times: &Times, ledger: &mut Ledger) {
    let mut judged = Vec::new();
    for signer in &mut seal.signers {
        let key_id = signer.key_id;
        let required = seal.statement.as_ref().and_then(|it| it.predicate.required_signers.of(key_id));
        let Some(it) = trust.and_then(|trust| trust.judge(key_id, required, times.signed_by(key_id))) else {
            continue;
        };
        signer.is_trusted = it.why_not.is_none();
        match it.why_not {
            Some(why) if signer.role.is_some() => judged.push(format!("; not trusted: {}: {why}", it.whose)),
            Some(_) => {}
            None => signer.certified = it.certified,
        }
    }
    let Some(statement) = &seal.statement else {
        let check = Check::cannot_tell(&rules::SIGNERS, "statement.json");
        return ledger.add(check.note("there is no statement that says who must sign"));
    };
    let counts =
        |signer: &&Signer| signer.role.is_some() && signer.is_trusted && signer.signature == SignatureState::Valid;
    let valid = seal.signers.iter().filter(counts).count() as u64;
    let threshold = statement.predicate.required_signers.threshold;
    ledger.require(valid >= threshold, &rules::SIGNERS, || {
        let check = Check::failed(&rules::SIGNERS, "statement.json").expected(threshold).actual(valid);
        check.note(format!("too few valid signatures by required signers that you trust{}", judged.concat()))
    });
}
