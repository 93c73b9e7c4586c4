//! What the commands say of an event: who, when, where, why and how.

use std::path::PathBuf;

use clap::Args;

use crate::cli::clock::{given_time, host_of, now};
use crate::cli::key_source::{UnlockArgs, open_signing_key};
use crate::cli::{Exit, Failure, text_argument};
use crate::format::case::Text;
use crate::format::clock::{Clock, ClockSource};
use crate::format::digest::{CopyId, Digest};
use crate::format::event::{Actor, Change, Disposal, How, Integrity, Item, Place, Predicate, Why};
use crate::format::event_kind::Kind;
use crate::format::json::OpenObject;
use crate::sign::SigningKey;

/// Who signs, and what everybody must say.
#[derive(Debug, Args)]
pub struct EventArgs {
    /// The key that signs
    #[arg(long, value_name = "KEY")]
    pub key: PathBuf,
    #[command(flatten)]
    pub unlock: UnlockArgs,
    /// Where it happens
    #[arg(long, value_name = "TEXT")]
    place: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// Which copy, by its id, if there is more than one that it could be
    #[arg(long, value_name = "ID")]
    copy: Option<String>,
    /// A remark
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    #[command(flatten)]
    clock: ClockArgs,
    #[command(flatten)]
    details: DetailArgs,
}

/// How well the clock is known.
#[derive(Debug, Args)]
struct ClockArgs {
    /// How far this system's clock is ahead of a reference, in milliseconds
    #[arg(long, value_name = "MILLISECONDS", allow_hyphen_values = true)]
    clock_offset: Option<i64>,
    /// What it was compared with
    #[arg(long, value_name = "TEXT", requires = "clock_offset")]
    clock_reference: Option<String>,
    /// State this time (2026-11-22T03:17:00Z) instead of the clock's: for fixtures only, and recorded
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
}

/// What an event can say beside.
#[derive(Debug, Args)]
#[command(next_help_heading = "Details, each signed as it is given")]
struct DetailArgs {
    /// Name of whoever signs
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Their organisation
    #[arg(long, value_name = "TEXT")]
    organisation: Option<String>,
    /// Their role
    #[arg(long, value_name = "TEXT")]
    role: Option<String>,
    /// What qualifies or authorises them
    #[arg(long, value_name = "TEXT")]
    qualification: Option<String>,
    /// How it was done [default: by command]
    #[arg(long, value_name = "TEXT")]
    method: Option<String>,
    /// How it travels
    #[arg(long, value_name = "TEXT")]
    transport: Option<String>,
    /// Who carries it
    #[arg(long, value_name = "TEXT")]
    courier: Option<String>,
    /// Number by which it can be traced
    #[arg(long, value_name = "TEXT")]
    tracking: Option<String>,
    /// How it is encrypted on the way
    #[arg(long, value_name = "TEXT")]
    encryption: Option<String>,
    /// Building or unit
    #[arg(long, value_name = "TEXT")]
    facility: Option<String>,
    /// Room, safe or shelf
    #[arg(long, value_name = "TEXT")]
    storage: Option<String>,
    /// Who can get there
    #[arg(long, value_name = "TEXT")]
    access: Option<String>,
    /// Order or authority on which it is done
    #[arg(long, value_name = "TEXT")]
    authority: Option<String>,
    /// The case, by the actor's own number
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
    /// Who saw it
    #[arg(long, value_name = "TEXT")]
    witness: Option<String>,
    /// The exhibit, if it is about an object or a part
    #[arg(long, value_name = "TEXT", requires = "description")]
    exhibit: Option<String>,
    /// What the object or part is
    #[arg(long, value_name = "TEXT", requires = "exhibit")]
    description: Option<String>,
    /// Its condition
    #[arg(long, value_name = "TEXT", requires = "exhibit")]
    condition: Option<String>,
    /// How many
    #[arg(long, value_name = "TEXT", requires = "exhibit")]
    quantity: Option<String>,
    /// Number of the physical seal
    #[arg(long, value_name = "TEXT", requires = "exhibit")]
    seal_number: Option<String>,
    /// SHA-256 of what was worked on, before
    #[arg(long, value_name = "HEX", requires = "after")]
    before: Option<String>,
    /// The same, after
    #[arg(long, value_name = "HEX", requires = "before")]
    after: Option<String>,
    /// Why they differ
    #[arg(long, value_name = "TEXT", requires = "before")]
    difference: Option<String>,
    /// What was changed and could not be avoided
    #[arg(long, value_name = "TEXT", requires_all = ["change_why", "change_by", "change_justified"])]
    change: Option<String>,
    /// Why it could not be avoided
    #[arg(long, value_name = "TEXT", requires = "change")]
    change_why: Option<String>,
    /// Who changed it
    #[arg(long, value_name = "TEXT", requires = "change")]
    change_by: Option<String>,
    /// What justifies it
    #[arg(long, value_name = "TEXT", requires = "change")]
    change_justified: Option<String>,
}

/// How a copy was destroyed.
#[derive(Debug, Default, Args)]
pub struct DisposalArgs {
    /// Who ordered the destruction
    #[arg(long, value_name = "TEXT")]
    pub disposal_authority: Option<String>,
    /// How it was destroyed
    #[arg(long, value_name = "TEXT")]
    pub disposal_method: Option<String>,
}

fn text(argument: &'static str, value: Option<&String>) -> Result<Option<Text>, Failure> {
    value.map(|value| text_argument(argument, value)).transpose()
}

impl EventArgs {
    /// The key that signs.
    pub fn open_key(&self) -> Result<SigningKey, Failure> {
        open_signing_key(&self.key, &self.unlock)
    }

    /// Which copy the user names.
    pub fn copy(&self) -> Result<Option<CopyId>, Failure> {
        let wrong = || {
            Failure::new(Exit::Usage, "--copy takes the 32 hex digits of a copy")
                .hint("`scelle custody log` shows them")
        };
        self.copy.as_deref().map(|text| CopyId::from_hex(text).ok_or_else(wrong)).transpose()
    }

    /// The event, as far as the arguments say it.
    pub fn predicate(&self, key: &SigningKey, kind: Kind, purpose: Option<&str>) -> Result<Predicate, Failure> {
        let (public, it) = (key.public(), &self.details);
        let given = given_time(self.clock.time.as_deref())?;
        let time = given.unwrap_or_else(now);
        let source = if given.is_some() { ClockSource::Given } else { ClockSource::System };
        let Some(purpose) = self.purpose.as_deref().or(purpose) else {
            return Err(Failure::new(Exit::Usage, "--purpose is missing").hint("say why it is done"));
        };
        text_argument("--clock-reference", self.clock.clock_reference.as_deref().unwrap_or("-"))?;
        Ok(Predicate {
            accepts: None,
            actor: Actor {
                keyid: public.key_id(),
                name: text("--name", it.name.as_ref())?,
                organisation: text("--organisation", it.organisation.as_ref())?,
                qualification: text("--qualification", it.qualification.as_ref())?,
                role: text("--role", it.role.as_ref())?,
                spki: public.to_spki(),
            },
            // Both are filled in when it is known what the event comes after.
            branch: CopyId([0; 16]),
            members: Vec::new(),
            change: self.change()?,
            clock: Clock {
                host: host_of(source),
                offset_ms: self.clock.clock_offset,
                reference: self.clock.clock_reference.clone(),
                source,
            },
            copy: None,
            critical: OpenObject::default(),
            disposal: None,
            end: time,
            extensions: OpenObject::default(),
            form: None,
            found: None,
            how: How {
                courier: text("--courier", it.courier.as_ref())?,
                encryption: text("--encryption", it.encryption.as_ref())?,
                method: text_argument("--method", it.method.as_deref().unwrap_or("by command"))?,
                tool: Some(text_argument("--tool", concat!("scelle ", env!("CARGO_PKG_VERSION")))?),
                tracking: text("--tracking", it.tracking.as_ref())?,
                transport: text("--transport", it.transport.as_ref())?,
            },
            integrity: self.integrity()?,
            item: self.item()?,
            kind,
            notes: text("--notes", self.notes.as_ref())?,
            reasons: None,
            start: time,
            to: None,
            place: Place {
                access: text("--access", it.access.as_ref())?,
                facility: text("--facility", it.facility.as_ref())?,
                place: text_argument("--place", &self.place)?,
                storage: text("--storage", it.storage.as_ref())?,
            },
            why: Why {
                authority: text("--authority", it.authority.as_ref())?,
                case: text("--case", it.case.as_ref())?,
                purpose: text_argument("--purpose", purpose)?,
            },
            witness: text("--witness", it.witness.as_ref())?,
        })
    }

    /// That it ends now, after whatever it was that took its time.
    pub fn ends_now(&self, predicate: &mut Predicate) {
        if self.clock.time.is_none() {
            predicate.end = now().max(predicate.start);
        }
    }

    fn change(&self) -> Result<Option<Change>, Failure> {
        let it = &self.details;
        let (Some(what), Some(why), Some(by), Some(justification)) =
            (&it.change, &it.change_why, &it.change_by, &it.change_justified)
        else {
            return Ok(None);
        };
        Ok(Some(Change {
            by: text_argument("--change-by", by)?,
            justification: text_argument("--change-justified", justification)?,
            what: text_argument("--change", what)?,
            why: text_argument("--change-why", why)?,
        }))
    }

    fn integrity(&self) -> Result<Option<Integrity>, Failure> {
        let it = &self.details;
        let (Some(before), Some(after)) = (&it.before, &it.after) else { return Ok(None) };
        let digest = |text: &String| {
            Digest::from_hex(text).ok_or_else(|| Failure::new(Exit::Usage, "--before and --after take 64 hex digits"))
        };
        let (before, after) = (digest(before)?, digest(after)?);
        if before != after && it.difference.is_none() {
            return Err(Failure::new(Exit::Usage, "--before and --after differ").hint("say why with --difference"));
        }
        Ok(Some(Integrity { after, before, reason: text("--difference", it.difference.as_ref())? }))
    }

    fn item(&self) -> Result<Option<Item>, Failure> {
        let it = &self.details;
        let (Some(exhibit), Some(description)) = (&it.exhibit, &it.description) else { return Ok(None) };
        Ok(Some(Item {
            condition: text("--condition", it.condition.as_ref())?,
            description: text_argument("--description", description)?,
            exhibit: text_argument("--exhibit", exhibit)?,
            quantity: text("--quantity", it.quantity.as_ref())?,
            seal: text("--seal-number", it.seal_number.as_ref())?,
        }))
    }
}

impl DisposalArgs {
    /// What is said of it; both or neither.
    pub fn disposal(&self) -> Result<Option<Disposal>, Failure> {
        match (&self.disposal_authority, &self.disposal_method) {
            (None, None) => Ok(None),
            (Some(authority), Some(method)) => Ok(Some(Disposal {
                authority: text_argument("--disposal-authority", authority)?,
                method: text_argument("--disposal-method", method)?,
            })),
            _ => Err(Failure::new(Exit::Usage, "--disposal-authority and --disposal-method belong together")),
        }
    }
}
