//! Many messages at once.

use std::cmp::Reverse;

use super::choice::{KernelError, choice, tested};
use super::job::{Ending, Job, Outcome, Then};
use super::kernel::Kernel;
#[cfg(test)]
use super::kernel::Loaded;
use super::padding::Ends;
use super::paranoid;
use super::plan::{self, Plan, Stage};
use super::states::Strand;
use super::{BLOCK_LEN, ChainedSha256, digest_of_zeros, is_zeros};
use crate::format::digest::{ChainValue, Digest};

/// Shortest message for which it is worth looking whether it is all zeros: many of one length follow one another.
const ZEROS_LEN_MIN: usize = 1 << 16;

/// Hashes many messages, or parts of messages, side by side on one thread. Each thread has its own.
pub struct LaneHasher {
    plan: PlanSource,
    ends: Ends,
    /// Blocks and index of each long job of a run.
    long: Vec<(Reverse<usize>, usize)>,
    is_paranoid: bool,
}

enum PlanSource {
    Chosen(&'static Plan),
    Forced(Plan),
}

impl Default for LaneHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl LaneHasher {
    /// With the kernels that are the fastest here and passed their self-test; see [`choice`].
    pub fn new() -> Self {
        #[cfg(test)]
        if super::wrong::is_wanted() {
            let wrong = Loaded::Wrong(super::wrong::Wrong);
            return Self::with_plan(PlanSource::Forced(Plan::only(Kernel::ShaNi, wrong)));
        }
        Self::with_plan(PlanSource::Chosen(choice().plan()))
    }

    /// With one kernel for everything. [`Kernel::Reference`] is always to be had.
    pub fn with_kernel(kernel: Kernel) -> Result<Self, KernelError> {
        Ok(Self::with_plan(PlanSource::Forced(Plan::only(kernel, tested(kernel)?))))
    }

    fn with_plan(plan: PlanSource) -> Self {
        Self { plan, ends: Ends::new(), long: Vec::new(), is_paranoid: false }
    }

    /// With `yes`, everything is computed again by the reference, and nothing is taken as known beforehand. Where the two
    /// differ, [`run`](Self::run) and [`digests`](Self::digests) panic with a
    /// [`Mismatch`](super::Mismatch), which [`caught`](super::caught) makes an error of, and
    /// [`run_messages`](Self::run_messages) gives it as the message's error.
    pub fn paranoid(self, yes: bool) -> Self {
        Self { is_paranoid: yes, ..self }
    }

    /// Whether everything is computed again by the reference.
    pub fn is_paranoid(&self) -> bool {
        self.is_paranoid
    }

    /// The kernel for many messages.
    pub fn kernel(&self) -> Kernel {
        self.plan.get().widest()
    }

    pub(super) fn plan(&self) -> &Plan {
        self.plan.get()
    }

    /// Runs all jobs and reports each by its index as it ends: exactly once, in no order.
    ///
    /// Those that could outlast the others go first, the longest before all. The rest go as they lie, mostly in the order
    /// of their bytes in memory, which is faster than any order by length.
    pub fn run(&mut self, jobs: &[Job], mut report: impl FnMut(usize, Outcome)) {
        let plan = self.plan.get();
        let checked_by = self.is_paranoid.then(|| plan.widest());
        let mut report = |index: usize, outcome| {
            if let Some(kernel) = checked_by {
                paranoid::require(kernel, jobs[index], &outcome);
            }
            report(index, outcome);
        };
        let blocks = |job: &Job| job.len_bytes() / BLOCK_LEN;
        let total = jobs.iter().map(blocks).sum();
        let long_blocks = plan.long_blocks(total);
        self.long.clear();
        let long = jobs.iter().enumerate().filter(|(_, job)| blocks(job) > long_blocks);
        self.long.extend(long.map(|(index, job)| (Reverse(blocks(job)), index)));
        self.long.sort_unstable();
        let longest = self.long.first().map_or(0, |(blocks, _)| blocks.0);

        let short = jobs.iter().enumerate().filter(|(_, job)| blocks(job) <= long_blocks);
        let order = self.long.iter().map(|(_, index)| *index).chain(short.map(|(index, _)| index));
        let mut queue = order.map(|index| jobs[index].strand(index));
        run_stages(plan, plan.stages_for(total, longest), &mut self.ends, &mut queue, &mut report);
    }

    /// The plain digest of each message, in order. Long ones that are nothing but zeros cost a look, as long as many of them
    /// have the same length.
    pub fn digests(&mut self, messages: &[&[u8]]) -> Vec<Digest> {
        let is_paranoid = self.is_paranoid;
        let is_known = |bytes: &[u8]| !is_paranoid && bytes.len() >= ZEROS_LEN_MIN && is_zeros(bytes);
        let mut digests: Vec<_> =
            messages.iter().map(|bytes| is_known(bytes).then(|| digest_of_zeros(bytes.len()))).collect();
        let places: Vec<_> = (0..messages.len()).filter(|place| digests[*place].is_none()).collect();
        let jobs: Vec<_> = places.iter().map(|place| Job::message(messages[*place])).collect();
        self.run(&jobs, |index, outcome| digests[places[index]] = outcome.digest());
        let digests: Option<Vec<_>> = digests.into_iter().collect();
        digests.expect("every message is reported with its digest")
    }
}

impl PlanSource {
    fn get(&self) -> &Plan {
        match self {
            Self::Chosen(plan) => plan,
            Self::Forced(plan) => plan,
        }
    }
}

/// Runs whole blocks through `stages`, and the ends of messages, gathered, through those of the plan.
fn run_stages<'a>(
    plan: &Plan,
    stages: &[Stage],
    ends: &mut Ends,
    queue: &mut dyn Iterator<Item = Strand<'a, Ending<'a>>>,
    report: &mut dyn FnMut(usize, Outcome),
) {
    // A report that panicked may have left some.
    ends.clear();
    let (mut taken, mut reported) = (0_usize, 0_usize);
    let mut report = |index, outcome| {
        reported += 1;
        report(index, outcome);
    };
    plan::run(stages, &mut queue.inspect(|_| taken += 1), &mut |Ending { index, then }, words| match then {
        Then::Pad { rest, len_bytes } => {
            ends.push(index, words, rest, len_bytes);
            if ends.is_full() {
                run_ends(plan, ends, &mut report);
            }
        }
        Then::ReportChainValue => report(index, Outcome::ChainValue(ChainValue::from_words(words))),
        Then::ReportOpen { rest, len_bytes } => {
            let mut message = ChainedSha256::resume(ChainValue::from_words(words), len_bytes - rest.len() as u64);
            message.update(rest);
            report(index, Outcome::Open(Box::new(message)));
        }
        Then::Report(outcome) => report(index, outcome),
    });
    run_ends(plan, ends, &mut report);
    assert_eq!(reported, taken, "every job is reported once");
}

fn run_ends(plan: &Plan, ends: &mut Ends, report: &mut dyn FnMut(usize, Outcome)) {
    plan::run(plan.stages(), &mut ends.strands(), &mut |index, words| {
        report(index, Outcome::Digest(Digest(ChainValue::from_words(words).0)));
    });
    ends.clear();
}
