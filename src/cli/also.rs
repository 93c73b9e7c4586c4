//! `--also`: digests beside SHA-256.

use clap::{Args, ValueEnum};

use crate::hash::OtherAlgorithm;

/// Which digests are wanted beside SHA-256.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AlsoArgs {
    /// More digests of each file, for comparing with what other tools recorded
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_enum)]
    also: Vec<AlsoArg>,
}

/// A digest beside SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AlsoArg {
    Md5,
    Sha1,
    Sha512,
    Blake3,
}

impl From<AlsoArg> for OtherAlgorithm {
    fn from(arg: AlsoArg) -> Self {
        match arg {
            AlsoArg::Md5 => Self::Md5,
            AlsoArg::Sha1 => Self::Sha1,
            AlsoArg::Sha512 => Self::Sha512,
            AlsoArg::Blake3 => Self::Blake3,
        }
    }
}

impl AlsoArgs {
    /// Each algorithm once, in the order in which they are listed.
    pub(super) fn algorithms(&self) -> Vec<OtherAlgorithm> {
        let mut algorithms: Vec<OtherAlgorithm> = self.also.iter().map(|arg| (*arg).into()).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }
}
