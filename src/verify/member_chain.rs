//! SHA-256 of a payload member together with its intervals (SPEC.md section 14), in one pass while nothing is wrong.

use super::check::{Check, Ledger};
use super::rules;
use crate::format::digest::{ChainValue, Digest};
use crate::hash::ChainedSha256;

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

    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.offset > 0 && self.offset.is_multiple_of(self.step) {
                self.boundary();
            }
            let room = self.step - self.offset % self.step;
            let len = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            let (piece, rest) = bytes.split_at(len);
            if let Some(interval) = &mut self.interval {
                interval.update(piece);
            }
            if let Whole::Own(whole) = &mut self.whole {
                whole.update(piece);
            }
            self.offset += len as u64;
            bytes = rest;
        }
    }

    /// Passes over bytes that could not be read.
    pub fn skip(&mut self, len: u64) {
        self.offset = self.offset.saturating_add(len);
        self.interval = None;
        self.whole = Whole::Unknown;
    }

    /// Compares the interval that ends here and begins the next.
    fn boundary(&mut self) {
        let number = self.offset / self.step;
        let next = usize::try_from(number).ok().and_then(|i| self.recorded.get(i)).copied().map(ChainValue);
        // Too few values are reported with the index part; what is left then counts as one long interval.
        let Some(next) = next else { return };
        match self.interval.as_ref().and_then(ChainedSha256::chain_value) {
            Some(reached) if reached == next => {
                self.ledger.pass(&rules::PAYLOAD_INTERVAL);
                return;
            }
            Some(reached) => {
                let check = Check::failed(&rules::PAYLOAD_INTERVAL, &self.member).expected(next).actual(reached);
                self.ledger.add(check.note(format!("interval {} of {} bytes", number - 1, self.step)));
                if let (Whole::SameAsInterval, Some(interval)) = (&self.whole, &self.interval) {
                    self.whole = Whole::Own(interval.clone());
                }
            }
            None => self.untold(number - 1),
        }
        self.interval = Some(ChainedSha256::resume(next, self.offset));
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

    fn follow(bytes: &[u8], recorded: &[[u8; 32]], listed: Digest) -> (Option<Digest>, u64, u64) {
        let mut chain = MemberChain::new("m".into(), recorded, STEP);
        for piece in bytes.chunks(50) {
            chain.update(piece);
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
            assert_eq!(follow(&good, &recorded, listed), (Some(listed), count, 0));
            for at in [0, len / 2, len - 1] {
                let mut bad = good.clone();
                bad[at] ^= 1;
                assert_eq!(follow(&bad, &recorded, listed), (Some(sha256(&bad)), count - 1, 1), "{len} {at}");
            }
        }
    }

    #[test]
    fn a_wrong_value_fails_the_intervals_on_both_sides_of_it() {
        let good: Vec<u8> = (0..=255).cycle().take(640).collect();
        let (mut recorded, listed) = (values(&good), sha256(&good));
        recorded[2][0] ^= 1;
        assert_eq!(follow(&good, &recorded, listed), (Some(listed), 3, 2));
        recorded[2][0] ^= 1;
        recorded[0][0] ^= 1;
        assert_eq!(follow(&good, &recorded, listed), (Some(listed), 4, 2), "the start itself and its interval");
    }
}
