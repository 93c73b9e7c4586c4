//! Members of which no header tells where they begin and end: whether their bytes are those that were sealed.

use std::collections::BTreeMap;
use std::io;

use super::whole::segment_count;
use crate::format::digest::Digest;
use crate::format::dsse::Envelope;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::statement::Statement;
use crate::limits::{ENVELOPE_LEN_MAX, STATEMENT_LEN_MAX};
use crate::verify::{Bundle, read_exact_at};

/// Those of the members in `found`, by name and SHA-256, whose bytes are not what list, statement and envelopes of the
/// bundle say, or of whom these say nothing. Nothing is believed of who signed: that is the verifier's work.
pub(super) fn unproven(bundle: &dyn Bundle, found: &BTreeMap<String, Digest>) -> io::Result<Vec<String>> {
    let mut said: BTreeMap<String, Vec<Digest>> = BTreeMap::new();
    let mut say = |name: String, digest| said.entry(name).or_default().push(digest);
    let statement = read(bundle, &MemberName::Statement, STATEMENT_LEN_MAX)?;
    if let Some(statement) = statement.as_ref().and_then(|bytes| Statement::parse(bytes).ok()) {
        say(MemberName::List.to_string(), statement.list_digest());
        say(MemberName::Case.to_string(), statement.case_digest());
    }
    let list = read(bundle, &MemberName::List, List::len_bytes(segment_count(bundle)))?;
    for (name, digest) in list.and_then(|bytes| List::parse(&bytes)).unwrap_or_default().0 {
        say(name.to_string(), digest);
    }
    for member in bundle.members() {
        let Some(name @ MemberName::Envelope(_)) = &member.kind else { continue };
        let bytes = read(bundle, name, ENVELOPE_LEN_MAX)?.unwrap_or_default();
        if let Ok(envelope) = Envelope::from_bytes(&bytes) {
            say(MemberName::Statement.to_string(), crate::hash::sha256(&envelope.statement));
            // Its form bears out where it ends.
            say(member.name.clone(), crate::hash::sha256(&bytes));
        }
    }
    let is_unproven = |(name, digest): &(&String, &Digest)| !said.get(*name).is_some_and(|said| said.contains(digest));
    Ok(found.iter().filter(is_unproven).map(|(name, _)| name.clone()).collect())
}

/// The bytes of a member that is there and not longer than it may be.
fn read(bundle: &dyn Bundle, name: &MemberName, len_max: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(place) = bundle.members().iter().position(|member| member.kind.as_ref() == Some(name)) else {
        return Ok(None);
    };
    let bytes = bundle.open(place)?;
    let Some(len) = usize::try_from(bytes.len_bytes()).ok().filter(|_| bytes.len_bytes() <= len_max) else {
        return Ok(None);
    };
    let mut buf = vec![0; len];
    read_exact_at(&*bytes, &mut buf, 0)?;
    Ok(Some(buf))
}
