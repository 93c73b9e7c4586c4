//! SHA-256 of a payload member together with its intervals (SPEC.md section 14), in one pass while nothing is wrong.

use super::check::{Check, Ledger};
use super::rules;
use crate::format::digest::{ChainValue, Digest};
use crate::hash::{ChainedSha256, Job, LaneHasher, Outcome};

/// The digest of the whole member.
enum Whole {
    /// Every interval so far has led to the recorded value: the interval's hasher is that of the whole.
    SameAsInterval,
    /// An interval has not; the whole is hashed by itself.
    Own(ChainedSha256),
    /// Bytes could not be read.
    Unknown,
}

/// Follows the bytes of a member and compares each interval with the recorded values.
pub(super) struct MemberChain<'a> {
    member: String,
    recorded: &'a [[u8; 32]],
    step: u64,
    offset: u64,
    interval: Option<ChainedSha256>,
    whole: Whole,
    ledger: Ledger,
}

/// Bytes of one interval, or a part of it.
struct Stretch<'b> {
    /// The chain value with which it begins, if an interval begins here.
    begins: Option<ChainValue>,
    /// The hasher to go on with; `None` if bytes before these could not be read.
    from: Option<ChainedSha256>,
    /// Where it begins in what is taken.
    at: usize,
    bytes: &'b [u8],
}

impl<'a> MemberChain<'a> {
    /// `step` is the length of an interval in bytes, a multiple of 64.
    pub fn new(member: String, recorded: &'a [[u8; 32]], step: u64) -> Self {
        let mut ledger = Ledger::default();
        let first = recorded.first().copied().map_or(ChainValue::START, ChainValue);
        let mut whole = Whole::SameAsInterval;
        if first != ChainValue::START {
            let check = Check::failed(&rules::PAYLOAD_INTERVAL, &member).expected(ChainValue::START).actual(first);
            ledger.add(check.note("the first chain value is not that of SHA-256 (CHN-2)"));
            whole = Whole::Own(ChainedSha256::default());
        }
        let interval = Some(ChainedSha256::resume(first, 0));
        Self { member, recorded, step, offset: 0, interval, whole, ledger }
    }

    /// Takes the next bytes, and gives their own digest: it, and the intervals, are hashed side by side.
    pub fn update(&mut self, bytes: &[u8], lanes: &mut LaneHasher) -> Option<Digest> {
        let stretches = self.stretches(bytes);
        let mut jobs = vec![Job::message(bytes)];
        if let Whole::Own(whole) = &self.whole {
            jobs.push(Job::more(whole, bytes));
        }
        let before = jobs.len();
        jobs.extend(stretches.iter().filter_map(|part| Some(Job::more(part.from.as_ref()?, part.bytes))));
        let mut outcomes = vec![None; jobs.len()];
        lanes.run(&jobs, |job, outcome| outcomes[job] = Some(outcome));
        let mut reached = outcomes.split_off(before).into_iter();
        let mut outcomes = outcomes.into_iter().flatten();
        let digest = outcomes.next().and_then(Outcome::digest);
        if let Some(Outcome::Open(whole)) = outcomes.next() {
            self.whole = Whole::Own(*whole);
        }
        for Stretch { begins, from, at, bytes: piece } in stretches {
            if let Some(next) = begins
                && !self.boundary(next)
                && let (Whole::SameAsInterval, Some(interval)) = (&self.whole, &self.interval)
            {
                let mut whole = interval.clone();
                whole.update(bytes.get(at..).unwrap_or_default());
                self.whole = Whole::Own(whole);
            }
            let next = from.and_then(|_| reached.next()).flatten();
            self.interval = next.and_then(|next| if let Outcome::Open(open) = next { Some(*open) } else { None });
            self.offset += piece.len() as u64;
        }
        digest
    }

    /// The parts of the intervals that lie in the next bytes.
    fn stretches<'b>(&self, bytes: &'b [u8]) -> Vec<Stretch<'b>> {
        let mut stretches: Vec<Stretch<'b>> = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let offset = self.offset + at as u64;
            let room = usize::try_from(self.step - offset % self.step).unwrap_or(usize::MAX);
            let end = bytes.len().min(at.saturating_add(room));
            let number = if offset.is_multiple_of(self.step) { offset / self.step } else { 0 };
            // Too few values are reported with the index part; what is left then counts as one long interval.
            let begins = if number == 0 { None } else { self.recorded_at(number) };
            match (begins, stretches.last_mut()) {
                (None, Some(last)) => last.bytes = bytes.get(last.at..end).unwrap_or_default(),
                (None, None) => {
                    let bytes = bytes.get(at..end).unwrap_or_default();
                    stretches.push(Stretch { begins, from: self.interval.clone(), at, bytes });
                }
                (Some(value), _) => {
                    let bytes = bytes.get(at..end).unwrap_or_default();
                    stretches.push(Stretch { begins, from: Some(ChainedSha256::resume(value, offset)), at, bytes });
                }
            }
            at = end;
        }
        stretches
    }

    fn recorded_at(&self, number: u64) -> Option<ChainValue> {
        usize::try_from(number).ok().and_then(|i| self.recorded.get(i)).copied().map(ChainValue)
    }

    /// Passes over bytes that could not be read.
    pub fn skip(&mut self, len: u64) {
        self.offset = self.offset.saturating_add(len);
        self.interval = None;
        self.whole = Whole::Unknown;
    }

    /// Compares the interval that ends here with the value at which the next one begins; `false` if it led elsewhere.
    fn boundary(&mut self, next: ChainValue) -> bool {
        let number = self.offset / self.step;
        match self.interval.as_ref().and_then(ChainedSha256::chain_value) {
            Some(reached) if reached == next => self.ledger.pass(&rules::PAYLOAD_INTERVAL),
            Some(reached) => {
                let check = Check::failed(&rules::PAYLOAD_INTERVAL, &self.member).expected(next).actual(reached);
                self.ledger.add(check.note(format!("interval {} of {} bytes", number - 1, self.step)));
                return false;
            }
            None => self.untold(number - 1),
        }
        true
    }

    fn untold(&mut self, number: u64) {
        let check = Check::cannot_tell(&rules::PAYLOAD_INTERVAL, &self.member);
        self.ledger.add(check.note(format!("interval {number} of {} bytes was not read", self.step)));
    }

    /// Ends the last interval, which leads to the listed digest. Gives the digest of all bytes, if all were read.
    pub fn finish(mut self, listed: Digest) -> (Option<Digest>, Ledger) {
        let number = self.offset.saturating_sub(1) / self.step;
        let reached = self.interval.take().map(ChainedSha256::finish);
        match reached {
            Some(reached) if reached == listed => self.ledger.pass(&rules::PAYLOAD_INTERVAL),
            Some(reached) => {
                let check = Check::failed(&rules::PAYLOAD_INTERVAL, &self.member).expected(listed).actual(reached);
                self.ledger.add(check.note(format!("interval {number} of {} bytes, the last", self.step)));
            }
            None => self.untold(number),
        }
        let whole = match self.whole {
            Whole::SameAsInterval => reached,
            Whole::Own(whole) => Some(whole.finish()),
            Whole::Unknown => None,
        };
        (whole, self.ledger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    const STEP: u64 = 128;

    fn values(bytes: &[u8]) -> Vec<[u8; 32]> {
        let mut hasher = ChainedSha256::default();
        let mut values = vec![ChainValue::START.0];
        for piece in bytes.chunks(128).take((bytes.len() - 1) / 128) {
            hasher.update(piece);
            values.push(hasher.chain_value().unwrap().0);
        }
        values
    }

    fn follow(bytes: &[u8], recorded: &[[u8; 32]], listed: Digest, piece_len: usize) -> (Option<Digest>, u64, u64) {
        let mut chain = MemberChain::new("m".into(), recorded, STEP);
        let mut lanes = LaneHasher::new();
        for piece in bytes.chunks(piece_len) {
            assert_eq!(chain.update(piece, &mut lanes), Some(sha256(piece)));
        }
        let (digest, ledger) = chain.finish(listed);
        let tally = ledger.tally(&rules::PAYLOAD_INTERVAL).unwrap();
        (digest, tally.passed, tally.failed)
    }

    #[test]
    fn damage_fails_its_own_interval_and_the_digest_is_still_that_of_all_bytes() {
        for len in [1, 127, 128, 129, 640, 700] {
            let good: Vec<u8> = (0..=255).cycle().take(len).collect();
            let (recorded, listed) = (values(&good), sha256(&good));
            let count = recorded.len() as u64;
            for piece_len in [50, 300, 1000] {
                assert_eq!(follow(&good, &recorded, listed, piece_len), (Some(listed), count, 0));
                for at in [0, len / 2, len - 1] {
                    let mut bad = good.clone();
                    bad[at] ^= 1;
                    let expected = (Some(sha256(&bad)), count - 1, 1);
                    assert_eq!(follow(&bad, &recorded, listed, piece_len), expected, "{len} {at} {piece_len}");
                }
            }
        }
    }

    #[test]
    fn a_wrong_value_fails_the_intervals_on_both_sides_of_it() {
        let good: Vec<u8> = (0..=255).cycle().take(640).collect();
        let (mut recorded, listed) = (values(&good), sha256(&good));
        recorded[2][0] ^= 1;
        assert_eq!(follow(&good, &recorded, listed, 300), (Some(listed), 3, 2));
        recorded[2][0] ^= 1;
        recorded[0][0] ^= 1;
        assert_eq!(follow(&good, &recorded, listed, 300), (Some(listed), 4, 2), "the start itself and its interval");
    }
}
