//! A list for people, and as JSON.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::trusted::open_list;
use crate::cli::{Exit, Failure, write_stdout};
use crate::format::time::Instant;
use crate::format::trust_list::{PartyKey, SignedTrustList};
use crate::hash::sha256;
use crate::report::escape::{self, escape};
use crate::x509::Root;

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

pub(super) fn show(args: &ShowArgs) -> Result<Exit, Failure> {
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
        for rule in &party.certificates {
            let names = rule.subject.given().map(|(word, _, value)| format!("{word} {}", escape(value.as_bytes())));
            let names = names.collect::<Vec<_>>().join(", ");
            out.push_str(&format!("  whose certificate is under {}, and has {names}\n", root(&rule.root)));
        }
    }
    if !list.timestamp_roots.is_empty() {
        out.push_str("\nRoots of time-stamping authorities:\n");
    }
    for text in &list.timestamp_roots {
        out.push_str(&format!("  {}\n", root(text)));
    }
    out
}

fn root(text: &str) -> String {
    let shown = Root::from_base64(text).map(|root| {
        let (from, to) = root.validity();
        format!("{}, valid from {from} to {to}", escape(root.subject().as_bytes()))
    });
    shown.unwrap_or_else(|error| format!("no root: {error}"))
}

fn validity(key: &PartyKey) -> String {
    let until = key.valid_until.as_ref().map_or_else(String::new, |until: &Instant| format!(" until {until}"));
    let revoked = key.revoked.as_ref().map_or_else(String::new, |it| {
        let earlier = if it.earlier_stand { "; provably earlier signatures stand" } else { "" };
        format!(", REVOKED as of {}: {}{earlier}", it.at, escape(it.reason.as_str().as_bytes()))
    });
    format!("valid from {}{until}{revoked}", key.valid_from)
}
