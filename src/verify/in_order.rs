//! Work on many threads, collected in order, with a bounded number of results in between.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crossbeam_channel::bounded;

use super::members::Cancelled;

/// How many jobs may be begun for each thread before the oldest is collected.
const AHEAD: usize = 3;

/// Does jobs 0 to `job_count` on up to `thread_count` threads, each with a scratch of its own, and collects the results
/// in order on this thread. Where the system gives no threads, this one does the work too.
pub(super) fn in_order<S, T: Send>(
    thread_count: usize,
    job_count: u64,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, u64) -> Result<T, Cancelled> + Sync,
    mut collect: impl FnMut(u64, T) -> Result<(), Cancelled>,
) -> Result<(), Cancelled> {
    let alone = |collect: &mut dyn FnMut(u64, T) -> Result<(), Cancelled>| {
        let mut scratch = scratch();
        (0..job_count).try_for_each(|job| collect(job, work(&mut scratch, job)?))
    };
    if thread_count <= 1 {
        return alone(&mut collect);
    }
    let ahead = thread_count * AHEAD;
    let (job_in, job_out) = bounded::<u64>(ahead);
    let (done_in, done_out) = bounded(ahead);
    std::thread::scope(|scope| {
        // Gone when this closure ends, however it ends: then the workers end too, and the scope with them.
        let (job_in, done_out) = (job_in, done_out);
        let mut started = 0;
        for _ in 0..thread_count {
            let (jobs, done) = (job_out.clone(), done_in.clone());
            let (scratch, work) = (&scratch, &work);
            let worker = std::thread::Builder::new().spawn_scoped(scope, move || {
                let mut scratch = scratch();
                for job in jobs {
                    // Caught here, so that the collector does not wait for a job that will never be done.
                    let result = catch_unwind(AssertUnwindSafe(|| work(&mut scratch, job)));
                    if done.send((job, result)).is_err() {
                        return;
                    }
                }
            });
            started += usize::from(worker.is_ok());
        }
        if started == 0 {
            return alone(&mut collect);
        }
        drop((job_out, done_in));
        // As many jobs are out as the channels hold, so that neither side ever waits for room.
        let mut next_job = 0..job_count;
        for job in next_job.by_ref().take(ahead) {
            let _ = job_in.send(job);
        }
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        while next < job_count {
            let Ok((job, result)) = done_out.recv() else { break };
            waiting.insert(job, result.unwrap_or_else(|panic| resume_unwind(panic))?);
            while let Some(result) = waiting.remove(&next) {
                collect(next, result)?;
                next += 1;
                if let Some(job) = next_job.next() {
                    let _ = job_in.send(job);
                }
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_none_is_lost() {
        for (threads, count) in [(1, 0), (1, 5), (3, 100)] {
            let mut collected = Vec::new();
            let work = |_: &mut (), job| {
                std::thread::sleep(std::time::Duration::from_micros((job * 7919) % 50));
                Ok(job)
            };
            in_order(
                threads,
                count,
                || (),
                work,
                |job, result| {
                    collected.push((job, result));
                    Ok(())
                },
            )
            .unwrap();
            assert_eq!(collected, (0..count).map(|i| (i, i)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_in_one_worker_ends_everything_and_is_passed_on() {
        let work = |_: &mut (), job: u64| if job == 7 { panic!("job seven") } else { Ok(()) };
        let run = || in_order(3, 100, || (), work, |_, ()| Ok(()));
        let panic = catch_unwind(run).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"job seven"));
    }

    #[test]
    fn an_interruption_ends_everything() {
        let work = |_: &mut (), job| if job == 7 { Err(Cancelled) } else { Ok(()) };
        assert_eq!(in_order(2, 1_000_000, || (), work, |_, ()| Ok(())), Err(Cancelled));
        let stop = |job, ()| if job == 7 { Err(Cancelled) } else { Ok(()) };
        assert_eq!(in_order(2, 1_000_000, || (), |_: &mut (), _| Ok(()), stop), Err(Cancelled));
    }
}
