//! `scelle trust`: make, change, sign and show trust lists.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::clock::now;
use super::passphrase::{PassphraseArgs, open_public_key, open_signing_key};
use super::small_file::{replace, write_new};
use super::trusted::{moment, open_keys, open_list};
use super::{Exit, Failure, message, random_id, text_argument, warning, write_stdout};
use crate::format::digest::ListId;
use crate::format::dsse::Signature;
use crate::format::party::PartyId;
use crate::format::spki::PublicKey;
use crate::format::state::State;
use crate::format::time::Instant;
use crate::format::trust_list::{
    Party, PartyKey, PartyRole, Revocation, RootKey, Roots, SignedTrustList, TrustList, TrustListError, TrustType,
};
use crate::hash::sha256;
use crate::report::escape::{self, escape};

/// Make, change, sign and show trust lists.
#[derive(Debug, Subcommand)]
pub enum TrustCommand {
    /// Make an empty list, to be filled and then signed by its root keys
    New(NewArgs),
    /// Add a key of a party, and the party if it is new
    Add(AddArgs),
    /// Revoke a key
    Revoke(RevokeArgs),
    /// Sign a list with a root key
    Sign(SignArgs),
    /// Show a list and who signed it
    Show(ShowArgs),
}

/// Arguments of `scelle trust new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The list to write; must not exist
    #[arg(long, value_name = "LIST")]
    out: PathBuf,
    /// Public key that signs this list and the next (can be repeated)
    #[arg(long = "root", value_name = "PUB", required = true)]
    roots: Vec<PathBuf>,
    /// How many of them must sign [default: all]
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// When it expires, as 2027-11-22
    #[arg(long, value_name = "DATE")]
    expires: String,
}

/// The list that a change is made to, and where the changed one goes.
#[derive(Debug, Args)]
struct ChangeArgs {
    /// The list
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// Where the next version goes, if the list is signed already: a signed list is never changed
    #[arg(long, value_name = "LIST")]
    out: Option<PathBuf>,
    /// When the next version expires [default: as the one before]
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
}

/// Arguments of `scelle trust add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// Name of the party, out of a-z, 0-9, `-` and `.`
    #[arg(long, value_name = "ID")]
    party: String,
    /// Its public key
    #[arg(long, value_name = "PUB")]
    key: PathBuf,
    /// What people call it; needed for a new party
    #[arg(long)]
    name: Option<String>,
    /// Its State, as an ISO 3166-1 alpha-2 code; needed for a new party
    #[arg(long)]
    country: Option<String>,
    /// What it is: contact_point, central_authority, laboratory, court or officer; needed for a new party
    #[arg(long, value_parser = role)]
    role: Option<PartyRole>,
    /// From when on the key is valid [default: now]
    #[arg(long, value_name = "DATE")]
    valid_from: Option<String>,
    /// Until when
    #[arg(long, value_name = "DATE")]
    valid_until: Option<String>,
}

fn role(word: &str) -> Result<PartyRole, String> {
    let known = PartyRole::ALL.map(PartyRole::word);
    PartyRole::ALL.into_iter().find(|role| role.word() == word).ok_or_else(|| format!("one of {}", known.join(", ")))
}

/// Arguments of `scelle trust revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// The key, as a public key file
    #[arg(long, value_name = "PUB")]
    key: PathBuf,
    /// From when on it is not to be believed [default: now]
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Why
    #[arg(long)]
    reason: String,
    /// Signatures that provably came before stand
    #[arg(long)]
    earlier_stand: bool,
}

/// Arguments of `scelle trust sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The list
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// A root key of the list, or of the version before
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// Arguments of `scelle trust show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The list
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// What cannot be done with a list.
#[derive(Debug, thiserror::Error)]
enum ChangeError {
    #[error("{path} is signed: a signed list is never changed", path = path.display())]
    Signed { path: PathBuf },
    #[error("{0} is a new party: it needs a name, a country and a role")]
    NewParty(PartyId),
    #[error("{0} is in the list already, with another name, country or role")]
    OtherParty(PartyId),
    #[error("the key {0} is not in the list")]
    NoKey(crate::format::digest::KeyId),
    #[error("the key {0} is revoked already")]
    RevokedTwice(crate::format::digest::KeyId),
    #[error("the key {0} is in the list already")]
    KeyTwice(crate::format::digest::KeyId),
    #[error("the list would contradict itself")]
    List(#[from] TrustListError),
}

fn usage(error: ChangeError) -> Failure {
    Failure::new(Exit::Usage, error)
}

/// Runs `scelle trust ...`.
pub fn run(command: &TrustCommand) -> Result<Exit, Failure> {
    match command {
        TrustCommand::New(args) => new(args),
        TrustCommand::Add(args) => add(args),
        TrustCommand::Revoke(args) => revoke(args),
        TrustCommand::Sign(args) => sign(args),
        TrustCommand::Show(args) => show(args),
    }
}

fn new(args: &NewArgs) -> Result<Exit, Failure> {
    let keys = open_keys(&args.roots)?;
    let root = |(key, path): (&PublicKey, &PathBuf)| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(RootKey { keyid: key.key_id(), name: text_argument("--root", &name)?, spki: key.to_spki() })
    };
    let mut roots = keys.iter().zip(&args.roots).map(root).collect::<Result<Vec<_>, Failure>>()?;
    roots.sort_by_key(|root| root.keyid);
    roots.dedup_by_key(|root| root.keyid);
    let threshold = args.threshold.unwrap_or(roots.len() as u64);
    let list = TrustList {
        expires: moment(&args.expires)?,
        id: ListId(random_id()?),
        issued: now(),
        log_keys: Vec::new(),
        parties: Vec::new(),
        previous: None,
        roots: Roots { keys: roots, threshold },
        sequence: 1,
        timestamp_roots: Vec::new(),
        document_type: TrustType::V1,
    };
    let list = SignedTrustList::unsigned(list).map_err(|error| usage(error.into()))?;
    write_new(&args.out, &list.to_bytes())?;
    message(&format!("wrote {}: add parties, then sign it with {threshold} of its root keys", args.out.display()));
    write_stdout(format!("{}\n", list.list.id).as_bytes())
}

fn add(args: &AddArgs) -> Result<Exit, Failure> {
    let id = PartyId::try_from(args.party.clone()).map_err(|error| Failure::new(Exit::Usage, error))?;
    let key = open_public_key(&args.key, &PassphraseArgs::default())?;
    let date = |text: &Option<String>| text.as_deref().map(moment).transpose();
    let (from, until) = (date(&args.valid_from)?.unwrap_or_else(now), date(&args.valid_until)?);
    let new =
        PartyKey { keyid: key.key_id(), revoked: None, spki: key.to_spki(), valid_from: from, valid_until: until };
    let name = args.name.as_deref().map(|name| text_argument("--name", name)).transpose()?;
    let country = args.country.as_deref().map(State::new).transpose();
    let country =
        country.map_err(|error| Failure::new(Exit::Usage, error).hint("--country takes a code such as VN"))?;
    let role = args.role;
    change(&args.change, |list| {
        if list.parties.iter().flat_map(|party| &party.keys).any(|known| known.keyid == new.keyid) {
            return Err(ChangeError::KeyTwice(new.keyid));
        }
        match list.parties.iter_mut().find(|party| party.id == id) {
            Some(party) => {
                let is_other = name.as_ref().is_some_and(|name| *name != party.name)
                    || country.is_some_and(|country| country != party.country)
                    || role.is_some_and(|role| role != party.role);
                if is_other {
                    return Err(ChangeError::OtherParty(id.clone()));
                }
                party.keys.push(new.clone());
                party.keys.sort_by_key(|key| key.keyid);
            }
            None => {
                let (Some(name), Some(country), Some(role)) = (name.clone(), country, role) else {
                    return Err(ChangeError::NewParty(id.clone()));
                };
                list.parties.push(Party { country, id: id.clone(), keys: vec![new.clone()], name, role });
                list.parties.sort_by(|a, b| a.id.cmp(&b.id));
            }
        }
        Ok(())
    })
}

fn revoke(args: &RevokeArgs) -> Result<Exit, Failure> {
    let key = open_public_key(&args.key, &PassphraseArgs::default())?.key_id();
    let at = args.since.as_deref().map_or_else(|| Ok(now()), moment)?;
    let reason = text_argument("--reason", &args.reason)?;
    change(&args.change, |list| {
        let keys = list.parties.iter_mut().flat_map(|party| &mut party.keys);
        let found = keys.into_iter().find(|known| known.keyid == key).ok_or(ChangeError::NoKey(key))?;
        if found.revoked.is_some() {
            return Err(ChangeError::RevokedTwice(key));
        }
        found.revoked = Some(Revocation { at, earlier_stand: args.earlier_stand, reason: reason.clone() });
        Ok(())
    })
}

/// Changes a list that nobody has signed in place, and of one that is signed makes the next version.
fn change(args: &ChangeArgs, edit: impl FnOnce(&mut TrustList) -> Result<(), ChangeError>) -> Result<Exit, Failure> {
    let signed = open_list(&args.list)?;
    let mut list = signed.list.clone();
    let is_signed = !signed.signatures.is_empty();
    if is_signed {
        if args.out.is_none() {
            return Err(usage(ChangeError::Signed { path: args.list.clone() })
                .hint("name where the next version goes with --out"));
        }
        list.previous = Some(sha256(&signed.payload));
        list.sequence += 1;
        list.issued = now();
    }
    if let Some(expires) = &args.expires {
        list.expires = moment(expires)?;
    }
    edit(&mut list).map_err(usage)?;
    let changed = SignedTrustList::unsigned(list).map_err(|error| usage(error.into()))?;
    match &args.out {
        Some(out) => write_new(out, &changed.to_bytes())?,
        None => replace(&args.list, &changed.to_bytes())?,
    }
    let path = args.out.as_ref().unwrap_or(&args.list).display();
    let needed = changed.list.roots.threshold;
    message(&format!("wrote {path}, version {}: not signed; {needed} root keys must", changed.list.sequence));
    Ok(Exit::Done)
}

fn sign(args: &SignArgs) -> Result<Exit, Failure> {
    let mut list = open_list(&args.list)?;
    let key = open_signing_key(&args.key, &args.passphrase)?;
    let signature = Signature { key_id: key.public().key_id(), bytes: key.sign(&list.to_be_signed()) };
    list.signatures.retain(|other| other.key_id != signature.key_id);
    list.signatures.push(signature);
    list.signatures.sort_by_key(|signature| signature.key_id);
    if !list.list.roots.keys.iter().any(|root| root.keyid == key.public().key_id()) {
        warning("this key is no root of this version: only of use if it was one of the version before");
    }
    replace(&args.list, &list.to_bytes())?;
    let signed = list.signed_by(&list.list.roots.public_keys()).len();
    message(&format!("{} of {} needed root keys have signed", signed, list.list.roots.threshold));
    Ok(Exit::Done)
}

fn show(args: &ShowArgs) -> Result<Exit, Failure> {
    let list = open_list(&args.list)?;
    if args.json {
        let text = String::from_utf8_lossy(&list.payload).into_owned();
        return write_stdout(format!("{}\n", escape::json(&text)).as_bytes());
    }
    write_stdout(shown(&args.list, &list).as_bytes())
}

fn shown(path: &Path, signed: &SignedTrustList) -> String {
    let list = &signed.list;
    let roots = list.roots.public_keys();
    let good = signed.signed_by(&roots);
    let mut out = format!("{}  version {} of list {}\n", path.display(), list.sequence, list.id);
    let (issued, expires, digest) = (list.issued, list.expires, sha256(&signed.payload));
    out.push_str(&format!("  issued {issued}, expires {expires}\n  digest {digest}\n"));
    out.push_str(&format!("\nRoot keys, {} of which must sign:\n", list.roots.threshold));
    for root in &list.roots.keys {
        let state = if good.contains(&root.keyid) { "has signed" } else { "has not signed" };
        out.push_str(&format!("  {}  {}  {state}\n", root.keyid, escape(root.name.as_str().as_bytes())));
    }
    let others = signed.signatures.iter().filter(|it| !list.roots.keys.iter().any(|root| root.keyid == it.key_id));
    for other in others {
        out.push_str(&format!("  {}  not a root of this version\n", other.key_id));
    }
    for party in &list.parties {
        let name = escape(party.name.as_str().as_bytes());
        out.push_str(&format!("\n{}  {name}, {} ({})\n", party.id, party.role.word(), party.country));
        for key in &party.keys {
            out.push_str(&format!("  {}  {}\n", key.keyid, validity(key)));
        }
    }
    out
}

fn validity(key: &PartyKey) -> String {
    let until = key.valid_until.as_ref().map_or_else(String::new, |until: &Instant| format!(" until {until}"));
    let revoked = key.revoked.as_ref().map_or_else(String::new, |it| {
        let earlier = if it.earlier_stand { "; provably earlier signatures stand" } else { "" };
        format!(", REVOKED as of {}: {}{earlier}", it.at, escape(it.reason.as_str().as_bytes()))
    });
    format!("valid from {}{until}{revoked}", key.valid_from)
}
