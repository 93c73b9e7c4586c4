//! Changes of a list: keys that are added, and keys that are revoked.

use std::path::PathBuf;

use clap::Args;

use crate::cli::clock::now;
use crate::cli::key_source::open_public_key;
use crate::cli::passphrase::PassphraseArgs;
use crate::cli::small_file::{replace, write_new};
use crate::cli::trusted::{moment, open_list};
use crate::cli::{Exit, Failure, message, text_argument};
use crate::format::case::Text;
use crate::format::digest::KeyId;
use crate::format::party::PartyId;
use crate::format::state::State;
use crate::format::trust_list::{Party, PartyKey, PartyRole, Revocation, SignedTrustList, TrustList, TrustListError};
use crate::hash::sha256;

/// The list that a change is made to, and where the changed one goes.
#[derive(Debug, Args)]
pub(super) struct ChangeArgs {
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

/// A party, old or new.
#[derive(Debug, Args)]
pub(super) struct PartyArgs {
    /// Name of the party, out of a-z, 0-9, `-` and `.`
    #[arg(long, value_name = "ID")]
    party: String,
    /// What people call it; needed for a new party
    #[arg(long)]
    name: Option<String>,
    /// Its State, as an ISO 3166-1 alpha-2 code; needed for a new party
    #[arg(long)]
    country: Option<String>,
    /// What it is: contact_point, central_authority, laboratory, court or officer; needed for a new party
    #[arg(long, value_parser = role)]
    role: Option<PartyRole>,
}

/// Arguments of `scelle trust add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    party: PartyArgs,
    /// Its public key
    #[arg(long, value_name = "PUB")]
    key: PathBuf,
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

/// What cannot be done with a list.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeError {
    #[error("{path} is signed: a signed list is never changed", path = path.display())]
    Signed { path: PathBuf },
    #[error("{0} is a new party: it needs a name, a country and a role")]
    NewParty(PartyId),
    #[error("{0} is in the list already, with another name, country or role")]
    OtherParty(PartyId),
    #[error("the key {0} is not in the list")]
    NoKey(KeyId),
    #[error("the key {0} is revoked already")]
    RevokedTwice(KeyId),
    #[error("the key {0} is in the list already")]
    KeyTwice(KeyId),
    #[error("the time-stamping root {0} is in the list already")]
    RootTwice(String),
    #[error("the time-stamping root {0} is not in the list")]
    NoRoot(String),
    #[error("the rule for certificates under {0} is in the list already")]
    RuleTwice(String),
    #[error("the list would contradict itself")]
    List(#[from] TrustListError),
}

fn usage(error: ChangeError) -> Failure {
    Failure::new(Exit::Usage, error)
}

pub(super) fn add(args: &AddArgs) -> Result<Exit, Failure> {
    let key = open_public_key(&args.key, &PassphraseArgs::default())?;
    let date = |text: &Option<String>| text.as_deref().map(moment).transpose();
    let (from, until) = (date(&args.valid_from)?.unwrap_or_else(now), date(&args.valid_until)?);
    let new =
        PartyKey { keyid: key.key_id(), revoked: None, spki: key.to_spki(), valid_from: from, valid_until: until };
    let party = args.party.named()?;
    change(&args.change, |list| {
        if list.parties.iter().flat_map(|party| &party.keys).any(|known| known.keyid == new.keyid) {
            return Err(ChangeError::KeyTwice(new.keyid));
        }
        let keys = &mut party.of(list)?.keys;
        keys.push(new);
        keys.sort_by_key(|key| key.keyid);
        Ok(())
    })
}

/// A party as the user names it.
pub(super) struct Named {
    id: PartyId,
    name: Option<Text>,
    country: Option<State>,
    role: Option<PartyRole>,
}

impl PartyArgs {
    pub(super) fn named(&self) -> Result<Named, Failure> {
        let id = PartyId::try_from(self.party.clone()).map_err(|error| Failure::new(Exit::Usage, error))?;
        let name = self.name.as_deref().map(|name| text_argument("--name", name)).transpose()?;
        let country = self.country.as_deref().map(State::new).transpose();
        let country =
            country.map_err(|error| Failure::new(Exit::Usage, error).hint("--country takes a code such as VN"))?;
        Ok(Named { id, name, country, role: self.role })
    }
}

impl Named {
    /// It in the list, where it is put if it is new.
    pub(super) fn of(self, list: &mut TrustList) -> Result<&mut Party, ChangeError> {
        let place = match list.parties.binary_search_by(|party| party.id.cmp(&self.id)) {
            Ok(place) => {
                let party = &list.parties[place];
                let is_other = self.name.as_ref().is_some_and(|name| *name != party.name)
                    || self.country.is_some_and(|country| country != party.country)
                    || self.role.is_some_and(|role| role != party.role);
                if is_other {
                    return Err(ChangeError::OtherParty(self.id));
                }
                place
            }
            Err(place) => {
                let (Some(name), Some(country), Some(role)) = (self.name, self.country, self.role) else {
                    return Err(ChangeError::NewParty(self.id));
                };
                let new = Party { certificates: Vec::new(), country, id: self.id, keys: Vec::new(), name, role };
                list.parties.insert(place, new);
                place
            }
        };
        Ok(&mut list.parties[place])
    }
}

pub(super) fn revoke(args: &RevokeArgs) -> Result<Exit, Failure> {
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
pub(super) fn change(
    args: &ChangeArgs,
    edit: impl FnOnce(&mut TrustList) -> Result<(), ChangeError>,
) -> Result<Exit, Failure> {
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
