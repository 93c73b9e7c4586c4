//! The steps of a verification that look at members (V-5 to V-11), and what all steps came to.

use super::ahead::{Ahead, Following};
use super::bundle::Bundle;
use super::check::{Check, Ledger};
use super::collect::{Collected, Collector};
use super::context::Context;
use super::custody::Custody;
use super::damage::DamageMap;
use super::envelopes::Seal;
use super::in_order::in_order;
use super::members::{Cancelled, Pace};
use super::structure::Places;
use super::sums::SumsCheck;
use super::times::Times;
use super::{Options, Verification, fixed, rules, segment, verdict};
use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::list::List;
use crate::format::member::MemberName;
use crate::format::statement::{MemberEncodings, Statement};
use crate::trust::Trust;
/// A verification under way.
pub(super) struct Run<'a> {
    pub bundle: &'a dyn Bundle,
    pub options: &'a Options<'a>,
    pub places: &'a Places,
    pub pace: &'a Pace<'a>,
    pub ledger: Ledger,
    /// What is damaged, if the content is not looked at.
    pub damage: DamageMap,
}

impl Run<'_> {
    /// That content cannot be told, for which rule nothing else was said.
    pub fn nothing_proven(&mut self, why: &str) {
        for rule in [&rules::LIST_DIGEST, &rules::MEMBER_DIGEST, &rules::ROOT] {
            if self.ledger.tally(rule).is_none() {
                self.ledger.add(Check::cannot_tell(rule, "bundle").note(why));
            }
        }
    }

    /// Steps V-5 to V-11. `None` if the content is not looked at.
    pub fn members(
        &mut self,
        statement: &Statement,
        list: &List,
        case: Option<&CaseJson>,
    ) -> Result<Option<Collected>, Cancelled> {
        let unknown = unknown_encodings(statement);
        let limits = statement.predicate.parameters.limits();
        let (Some(limits), true) = (limits, unknown.is_empty() && !self.options.fixity) else {
            self.hash_all(list)?;
            for what in unknown.iter().filter(|_| !self.options.fixity) {
                let check = Check::cannot_tell(&rules::CONTENT_KNOWN, "statement.json").actual(what);
                self.ledger.add(check.note("this version does not know it, so the content cannot be told (STM-3)"));
            }
            return Ok(None);
        };
        self.ledger.pass(&rules::CONTENT_KNOWN);
        let mut damage = DamageMap::default();
        fixed::check(self.bundle, self.places, list, self.pace, &mut self.ledger, &mut damage)?;
        let (sums_proven, sums_digest) = self.sums(list, &mut damage)?;
        let (context, first) = self.context(statement, list, limits)?;
        let sums = SumsCheck::new(&context, sums_proven, sums_digest);
        let mut collector = Collector::new(&context, sums, first, damage);
        let work = |_: &mut (), segment| segment::verify(&context, segment);
        in_order(
            self.options.thread_count,
            list.segment_count(),
            || (),
            work,
            |_, report| {
                collector.take(report);
                Ok(())
            },
        )?;
        let (ledger, collected) = collector.finish(case);
        self.ledger.merge(ledger);
        verdict::check_complete(statement, &collected, &mut self.ledger);
        Ok(Some(collected))
    }

    /// What all segments are compared with. Whether top-level names ascend shows in the first line, whose leaf hash is
    /// given too.
    fn context<'c>(
        &'c self,
        statement: &'c Statement,
        list: &'c List,
        limits: crate::format::cuts::Limits,
    ) -> Result<(Context<'c>, Option<Digest>), Cancelled> {
        let (bundle, places, pace, paranoid) = (self.bundle, self.places, self.pace, self.options.paranoid);
        let ahead = Ahead::default();
        let mut context =
            Context { bundle, places, list, statement, limits, top_ascends: false, paranoid, ahead, pace };
        let Following::Line(first) = context.ahead.first_line(&context, 0)? else { return Ok((context, None)) };
        context.top_ascends = first.line.entry.path.is_root();
        Ok((context, Some(first.leaf)))
    }

    /// Hashes the sums, which are read along with the segments later.
    fn sums(&mut self, list: &List, damage: &mut DamageMap) -> Result<(bool, Digest), Cancelled> {
        let listed = fixed::listed(list, &MemberName::Sums);
        let proven =
            fixed::prove(self.bundle, self.places, &MemberName::Sums, listed, self.pace, &mut self.ledger, damage)?;
        Ok((proven, listed))
    }

    /// Step V-5 alone, for every listed member.
    fn hash_all(&mut self, list: &List) -> Result<(), Cancelled> {
        let (bundle, places, pace) = (self.bundle, self.places, self.pace);
        let work = |_: &mut (), i: u64| {
            let (mut ledger, mut damage) = (Ledger::default(), DamageMap::default());
            if let Some((name, digest)) = usize::try_from(i).ok().and_then(|i| list.0.get(i)) {
                fixed::prove(bundle, places, name, *digest, pace, &mut ledger, &mut damage)?;
            }
            Ok((ledger, damage))
        };
        let (total, total_damage) = (&mut self.ledger, &mut self.damage);
        in_order(
            self.options.thread_count,
            list.0.len() as u64,
            || (),
            work,
            |_, (ledger, damage)| {
                total.merge(ledger);
                total_damage.merge(damage);
                Ok(())
            },
        )
    }

    /// What it came to.
    pub fn finish(
        self,
        seal: Seal,
        case: Option<CaseJson>,
        (custody, times): (Custody, Times),
        collected: Option<Collected>,
    ) -> Result<Verification, Cancelled> {
        self.pace.complete()?;
        let counts = collected.as_ref().map(|collected| collected.counts);
        let collected = collected.unwrap_or_else(|| Collected { damage: self.damage, ..Collected::default() });
        Ok(Verification {
            verdict: verdict::of(&self.ledger, self.options, counts.as_ref()),
            form: self.bundle.form(),
            seal_digest: seal.digest,
            statement: seal.statement,
            case,
            signers: seal.signers,
            custody,
            times,
            judged_at: self.options.trust.map(Trust::at),
            ledger: self.ledger,
            damage: collected.damage,
            recorded: collected.recorded,
            counts,
            proven_tar_bytes: collected.proven_bytes,
        })
    }
}

/// What the statement says of the content that this version does not know (SPEC.md STM-3, `critical`).
pub(super) fn unknown_encodings(statement: &Statement) -> Vec<String> {
    let predicate = &statement.predicate;
    let (known, stated) = (MemberEncodings::default(), &predicate.members);
    let members = [
        ("case", &known.case, &stated.case),
        ("index", &known.index, &stated.index),
        ("list", &known.list, &stated.list),
        ("manifest", &known.manifest, &stated.manifest),
        ("payload", &known.payload, &stated.payload),
        ("sums", &known.sums, &stated.sums),
    ];
    let members = members.into_iter().filter(|(_, known, stated)| known != stated);
    let members = members.map(|(name, _, stated)| format!("members.{name}: {stated}"));
    members.chain(predicate.critical.keys().map(|key| format!("critical.{key}"))).collect()
}
