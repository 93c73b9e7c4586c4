//! The kernels there are, and which of them this processor can run.

use std::fmt;

use super::drive::{Done, Queue, drive};
use super::reference::Reference;
use super::states::Strand;
#[cfg(test)]
use super::wrong::Wrong;
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, Avx512, ShaNi};

/// A way to compute SHA-256 of several messages at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// The `sha2` crate, one message at a time, on any processor. With `--paranoid` it has the last word.
    Reference,
    /// The SHA instructions of x86-64 (SHA-NI, with AVX), two messages interleaved.
    ShaNi,
    /// AVX2, eight lanes.
    Avx2,
    /// AVX-512 (F, BW), sixteen lanes.
    Avx512,
    /// AVX-512 (F, BW), two groups of sixteen lanes interleaved.
    Avx512Pair,
}

impl Kernel {
    /// Every kernel, on whatever processor, from the fewest lanes to the most.
    pub const ALL: [Self; 5] = [Self::Reference, Self::ShaNi, Self::Avx2, Self::Avx512, Self::Avx512Pair];

    /// Messages that it works on at once.
    pub const fn lanes(self) -> usize {
        match self {
            Self::Reference => 1,
            Self::ShaNi => 2,
            Self::Avx2 => 8,
            Self::Avx512 => 16,
            Self::Avx512Pair => 32,
        }
    }

    /// Whether this processor has the instructions.
    pub fn is_available(self) -> bool {
        self.load().is_some()
    }

    /// The kernel, ready to run, if this processor has the instructions.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn load(self) -> Option<Loaded> {
        match self {
            Self::Reference => Some(Loaded::Reference(Reference)),
            Self::ShaNi => ShaNi::detect().map(Loaded::ShaNi),
            Self::Avx2 => Avx2::detect().map(Loaded::Avx2),
            Self::Avx512 => Avx512::detect().map(Loaded::Avx512),
            Self::Avx512Pair => Avx512::detect().map(Loaded::Avx512Pair),
        }
    }

    /// The kernel, ready to run, if this processor has the instructions.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn load(self) -> Option<Loaded> {
        (self == Self::Reference).then_some(Loaded::Reference(Reference))
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reference => "reference",
            Self::ShaNi => "SHA-NI",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
            Self::Avx512Pair => "AVX-512 pair",
        })
    }
}

/// A kernel whose instructions this processor has.
#[derive(Clone, Copy)]
pub(super) enum Loaded {
    Reference(Reference),
    #[cfg(test)]
    Wrong(Wrong),
    #[cfg(target_arch = "x86_64")]
    ShaNi(ShaNi),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512<1>),
    #[cfg(target_arch = "x86_64")]
    Avx512Pair(Avx512<2>),
}

impl Loaded {
    /// See [`drive`].
    pub(super) fn drive<'a, T>(
        &self,
        keep: usize,
        queue: &mut Queue<'_, 'a, T>,
        done: &mut Done<'_, T>,
    ) -> Vec<Strand<'a, T>> {
        match self {
            Self::Reference(kernel) => drive(kernel, keep, queue, done),
            #[cfg(test)]
            Self::Wrong(kernel) => drive(kernel, keep, queue, done),
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi(kernel) => drive(kernel, keep, queue, done),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(kernel) => drive(kernel, keep, queue, done),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(kernel) => drive(kernel, keep, queue, done),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Pair(kernel) => drive(kernel, keep, queue, done),
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_what_the_name_says() {
        for kernel in Kernel::ALL {
            let lanes = match kernel.load() {
                None => continue,
                Some(Loaded::Reference(_)) => 1,
                Some(Loaded::ShaNi(_)) => 2,
                Some(Loaded::Avx2(_)) => 8,
                Some(Loaded::Avx512(_)) => 16,
                Some(Loaded::Avx512Pair(_)) => 32,
                Some(Loaded::Wrong(_)) => 0,
            };
            assert_eq!(lanes, kernel.lanes(), "{kernel}");
        }
    }
}
