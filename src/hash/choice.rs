//! The kernels that this process uses: chosen once, tested before.

use std::sync::OnceLock;

use thiserror::Error;

use super::kernel::{Kernel, Loaded};
use super::plan::Plan;
use super::self_test;

/// Why a kernel cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KernelError {
    /// Nothing is wrong; this processor is another one.
    #[error("this processor has no instructions for the {0} kernel of SHA-256")]
    Unavailable(Kernel),
    /// The processor, its virtual machine or the build computes wrongly.
    #[error("the {0} kernel of SHA-256 gives wrong digests on this machine; it is not used")]
    WrongAnswer(Kernel),
}

/// What was chosen, and what was refused.
pub struct Choice {
    plan: Plan,
    refused: Vec<KernelError>,
}

impl Choice {
    /// The kernel for many messages.
    pub fn kernel(&self) -> Kernel {
        self.plan.widest()
    }

    /// Kernels that this processor has but that gave wrong answers. The digests of this process are right without them,
    /// yet a machine that computes wrongly is not sound: `scelle seal` warns of it.
    pub fn refused(&self) -> &[KernelError] {
        &self.refused
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// The choice of this process. The first call takes some hundred microseconds: every kernel that the processor has is
/// tested with known answers, and those that pass are timed.
///
/// # Panics
///
/// If the reference itself gives wrong answers: then no digest can be trusted.
pub fn choice() -> &'static Choice {
    static CHOICE: OnceLock<Choice> = OnceLock::new();
    CHOICE.get_or_init(|| choose(tested))
}

/// The kernel if the processor has it and it passed its self-test, which runs once in a process.
pub(super) fn tested(kernel: Kernel) -> Result<Loaded, KernelError> {
    static PASSED: [OnceLock<bool>; Kernel::ALL.len()] = [const { OnceLock::new() }; Kernel::ALL.len()];
    let loaded = kernel.load().ok_or(KernelError::Unavailable(kernel))?;
    let passes = || {
        self_test::passes(kernel.lanes(), |queue, done| {
            loaded.drive(1, queue, done);
        })
    };
    if *PASSED[kernel as usize].get_or_init(passes) { Ok(loaded) } else { Err(KernelError::WrongAnswer(kernel)) }
}

fn choose(tested: impl Fn(Kernel) -> Result<Loaded, KernelError>) -> Choice {
    let mut refused = Vec::new();
    let mut sound = Vec::new();
    for kernel in Kernel::ALL {
        match tested(kernel) {
            Ok(loaded) => sound.push((kernel, loaded)),
            Err(KernelError::Unavailable(_)) => {}
            Err(error @ KernelError::WrongAnswer(Kernel::Reference)) => {
                panic!("{error}: no digest can be trusted here")
            }
            Err(error @ KernelError::WrongAnswer(_)) => refused.push(error),
        }
    }
    Choice { plan: Plan::measured(&sound), refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_with_wrong_answers_is_named_and_not_used() {
        let choice = choose(|kernel| match kernel {
            Kernel::Reference => tested(kernel),
            wrong => Err(KernelError::WrongAnswer(wrong)),
        });
        assert_eq!(choice.kernel(), Kernel::Reference);
        let refused: Vec<_> = Kernel::ALL[1..].iter().map(|kernel| KernelError::WrongAnswer(*kernel)).collect();
        assert_eq!(choice.refused(), refused);
    }

    #[test]
    #[should_panic(expected = "no digest can be trusted here")]
    fn nothing_runs_on_a_machine_whose_reference_is_wrong() {
        choose(|kernel| Err(KernelError::WrongAnswer(kernel)));
    }

    #[test]
    fn a_sound_machine_refuses_nothing() {
        assert_eq!(choice().refused(), []);
    }
}
