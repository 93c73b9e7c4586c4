//! Members whose content is fixed, or nearly so: `mimetype`, `nonce`, `VERIFY.txt` (step V-11).

use super::bundle::Bundle;
use super::check::{Check, Ledger, Rule};
use super::damage::{Cause, DamageMap, DamagedRange};
use super::members::{Cancelled, Pace, ReadError, check_digest, check_listed, missing, read_whole};
use super::rules;
use super::structure::Places;
use crate::format::digest::{Digest, Nonce};
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::{MIMETYPE, VERIFY_TEXT};
use crate::hash::sha256;

/// Longest of these that is looked at, in bytes.
const LEN_MAX: u64 = 1 << 20;

/// A member, the rule for its content, and whether the rule holds for these bytes.
type FixedMember<'a> = (MemberName, &'static Rule, &'a dyn Fn(&[u8]) -> bool);

/// Compares them.
pub(super) fn check(
    bundle: &dyn Bundle,
    places: &Places,
    list: &List,
    pace: &Pace<'_>,
    ledger: &mut Ledger,
    damage: &mut DamageMap,
) -> Result<(), Cancelled> {
    let is_mimetype = |bytes: &[u8]| bytes == MIMETYPE.as_bytes();
    let is_verify_text = |bytes: &[u8]| bytes == VERIFY_TEXT.as_bytes();
    let is_nonce = |bytes: &[u8]| {
        let digits = bytes.strip_suffix(b"\n").and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(Nonce::from_hex).is_some()
    };
    let members: [FixedMember<'_>; 3] = [
        (MemberName::Mimetype, &rules::MIMETYPE, &is_mimetype),
        (MemberName::Nonce, &rules::NONCE, &is_nonce),
        (MemberName::VerifyText, &rules::VERIFY_TEXT, &is_verify_text),
    ];
    for (member, rule, holds) in members {
        let listed = listed(list, &member);
        let name = member.to_string();
        let len = places.of(&member).and_then(|place| bundle.members().get(place)).map_or(0, |member| member.len);
        // Read once, so that what is compared here is what was hashed.
        let bytes = match places.of(&member).map(|place| read_whole(bundle, place, LEN_MAX, ledger)) {
            Some(Ok(bytes)) => bytes,
            Some(Err(error)) => {
                let is_io = matches!(error, ReadError::Io(_));
                let cause = if is_io { Cause::Unreadable } else { Cause::Damaged };
                damage.add_range(DamagedRange::new(&name, 0, len, cause, None));
                ledger.add(error.check(&rules::MEMBER_DIGEST, &name));
                ledger.add(error.check(rule, &name));
                continue;
            }
            None => {
                damage.add_range(DamagedRange::new(&name, 0, 0, Cause::Missing, None));
                ledger.add(missing(&name, listed));
                continue;
            }
        };
        pace.advance(len)?;
        if check_digest(&name, listed, sha256(&bytes), ledger) {
            ledger.require(holds(&bytes), rule, || Check::failed(rule, &name).note("not what it must be"));
        } else {
            damage.add_range(DamagedRange::new(&name, 0, len, Cause::Damaged, None));
            ledger.add(Check::cannot_tell(rule, &name).note("it does not have its digest"));
        }
    }
    Ok(())
}

/// Hashes a listed member and compares its digest; what is lost goes into the damage map.
pub(super) fn prove(
    bundle: &dyn Bundle,
    places: &Places,
    member: &MemberName,
    listed: Digest,
    pace: &Pace<'_>,
    ledger: &mut Ledger,
    damage: &mut DamageMap,
) -> Result<bool, Cancelled> {
    let name = member.to_string();
    let Some(place) = places.of(member) else {
        ledger.add(missing(&name, listed));
        damage.add_range(DamagedRange::new(&name, 0, 0, Cause::Missing, None));
        return Ok(false);
    };
    let failed = |ledger: &Ledger| ledger.tally(&rules::MEMBER_DIGEST).map_or(0, |tally| tally.failed);
    let failed_before = failed(ledger);
    let proven = check_listed(bundle, place, listed, pace, ledger)?;
    if !proven {
        let cause = if failed(ledger) > failed_before { Cause::Damaged } else { Cause::Unreadable };
        let len = bundle.members().get(place).map_or(0, |member| member.len);
        damage.add_range(DamagedRange::new(&name, 0, len, cause, None));
    }
    Ok(proven)
}

/// The digest that the list has of a member. The list's names are checked, so it is there; if it were not, no member
/// would have the digest that this gives.
pub(super) fn listed(list: &List, member: &MemberName) -> Digest {
    list.digest(member).unwrap_or(Digest([0; 32]))
}
