//! What `scelle seal` takes: files, directories and devices, or standard input.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use clap::Args;

use super::progress::Count;
use super::{Exit, Failure, text_argument, warning};
use crate::dir;
use crate::format::case::{Scope as CaseScope, ScopeSource, Text};
use crate::format::json::True;
use crate::format::path::EntryPath;
use crate::limits::JSON_INTEGER_MAX;
use crate::read::{Scope, ScopeError, Source, Stdin, Walk, count, refuse_writable};

/// What is to be sealed.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// What to seal, or `-` alone for standard input. Paths in the bundle are relative to the parent of each
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// Leave out what matches this glob of bundle paths; the patterns are signed (can be repeated)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Do not descend into other file systems; signed
    #[arg(long)]
    one_file_system: bool,
    /// Seal a device that can be written to meanwhile, such as one that is mounted read-write; signed
    #[arg(long)]
    mounted_ok: bool,
    /// With `-`: what standard input is called in the bundle
    #[arg(long, value_name = "NAME")]
    name: Option<OsString>,
    /// With `-`: seal this many bytes as they come, with no temporary copy; fewer leave a gap, more are an error
    #[arg(long, value_name = "BYTES")]
    size_hint: Option<u64>,
}

/// Sources that were checked.
pub enum Sources {
    /// Files, directories, devices.
    Named(Arc<Scope>),
    /// Standard input.
    Stdin(StdinSource),
}

/// Standard input under a name.
pub struct StdinSource {
    path: EntryPath,
    size_told: Option<u64>,
    received: Arc<AtomicU64>,
}

/// Why standard input cannot be sealed as it was asked for.
#[derive(Debug, thiserror::Error)]
enum StdinError {
    #[error("`-` was given together with other sources")]
    NotAlone,
    #[error("{0} was given without `-`")]
    WithoutStdin(&'static str),
    #[error("{0} was given with `-`")]
    WithStdin(&'static str),
    #[error("standard input was given without a name")]
    NoName,
    #[error("{0:?} cannot be the name of an entry")]
    Name(OsString),
    #[error("no bundle holds a file of {0} bytes")]
    TooLong(u64),
    #[error("standard input is a terminal")]
    Terminal,
}

impl From<StdinError> for Failure {
    fn from(error: StdinError) -> Self {
        let hint = match &error {
            StdinError::NotAlone => "seal standard input in a bundle of its own",
            StdinError::WithoutStdin(_) => "it belongs to standard input: give `-` as the source",
            StdinError::WithStdin(_) => "it would be signed and mean nothing: leave it out",
            StdinError::NoName => "say with --name what it is to be called in the bundle",
            StdinError::Name(_) => "a name is one part of a path: not empty, without `/`, neither `.` nor `..`",
            StdinError::TooLong(_) => "leave --size-hint out if the length is not known",
            StdinError::Terminal => "send it through a pipe: `dc3dd if=/dev/sdX | scelle seal - --name sdX ...`",
        };
        Self::new(Exit::Usage, error).hint(hint)
    }
}

pub(super) fn scope_failure(error: ScopeError) -> Failure {
    Failure { hint: error.hint(), ..Failure::new(Exit::Usage, error) }
}

impl SourceArgs {
    /// Checks what can be checked before anything is read.
    pub fn open(&self) -> Result<Sources, Failure> {
        if !self.sources.iter().any(|source| source.as_os_str() == "-") {
            for (is_given, option) in [(self.name.is_some(), "--name"), (self.size_hint.is_some(), "--size-hint")] {
                if is_given {
                    return Err(StdinError::WithoutStdin(option).into());
                }
            }
            let scope = Scope::new(&self.sources, &self.exclude, self.one_file_system).map_err(scope_failure)?;
            return Ok(Sources::Named(Arc::new(scope)));
        }
        if self.sources.len() > 1 {
            return Err(StdinError::NotAlone.into());
        }
        let of_files = [
            (!self.exclude.is_empty(), "--exclude"),
            (self.one_file_system, "--one-file-system"),
            (self.mounted_ok, "--mounted-ok"),
        ];
        if let Some((_, option)) = of_files.into_iter().find(|(is_given, _)| *is_given) {
            return Err(StdinError::WithStdin(option).into());
        }
        let name = self.name.clone().ok_or(StdinError::NoName)?;
        let path = EntryPath::new(name.clone().into_vec()).filter(|path| path.components().count() == 1);
        let path = path.ok_or(StdinError::Name(name))?;
        if let Some(size) = self.size_hint.filter(|&size| size > JSON_INTEGER_MAX) {
            return Err(StdinError::TooLong(size).into());
        }
        if io::stdin().is_terminal() {
            return Err(StdinError::Terminal.into());
        }
        Ok(Sources::Stdin(StdinSource { path, size_told: self.size_hint, received: Arc::default() }))
    }

    /// What the bundle says of what it was asked to take (SPEC.md CASE-1 `scope`, DEV-1). Devices are looked at now.
    ///
    /// # Errors
    /// A device that can be written to, unless that was allowed; a pattern that no bundle can hold.
    pub fn case_scope(&self, sources: &Sources) -> Result<CaseScope, Failure> {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let listed = match sources {
            Sources::Named(scope) => self.named(scope)?,
            Sources::Stdin(stdin) => {
                vec![ScopeSource { device: None, name: stdin.path.as_bytes().to_vec(), path: b"-".to_vec() }]
            }
        };
        Ok(CaseScope {
            exclude: self.exclude.iter().map(|glob| text_argument("--exclude", glob)).collect::<Result<_, _>>()?,
            host: Text::new(host).ok(),
            mounted_ok: self.mounted_ok.then_some(True),
            one_file_system: self.one_file_system,
            sources: listed,
        })
    }

    fn named(&self, scope: &Scope) -> Result<Vec<ScopeSource>, Failure> {
        let mut listed = Vec::with_capacity(scope.sources().len());
        for source in scope.sources() {
            let device = source.device();
            if let Some(device) = &device
                && let Err(error) = refuse_writable(source.path(), device)
            {
                if !self.mounted_ok {
                    return Err(scope_failure(error));
                }
                warning(&format!("{error}: allowed by --mounted-ok, recorded and signed"));
            }
            let path = source.path().as_os_str().as_bytes().to_vec();
            listed.push(ScopeSource { device: device.map(Box::new), name: source.name().to_vec(), path });
        }
        Ok(listed)
    }
}

impl Sources {
    /// Refuses an output that lies in what is sealed.
    pub fn refuse_output_inside(&self, out: &Path) -> Result<(), Failure> {
        match self {
            Self::Named(scope) => scope.refuse_output_inside(out).map_err(scope_failure),
            Self::Stdin(_) => Ok(()),
        }
    }

    /// What the progress bar counts up to.
    pub fn count(&self) -> Count {
        match self {
            Self::Named(scope) => {
                let scope = Arc::clone(scope);
                Box::new(move |totals, cancel| count(&scope, totals, cancel))
            }
            Self::Stdin(stdin) => {
                let size_told = stdin.size_told;
                Box::new(move |totals, _| {
                    totals.files.store(1, Ordering::Relaxed);
                    totals.bytes.store(size_told.unwrap_or(0), Ordering::Relaxed);
                    totals.done.store(size_told.is_some(), Ordering::Release);
                })
            }
        }
    }

    /// What the pipeline reads.
    ///
    /// # Errors
    /// Standard input cannot be had.
    pub fn source(&self, out: &Path, cancel: &'static AtomicBool) -> Result<Box<dyn Source>, Failure> {
        match self {
            Self::Named(scope) => Ok(Box::new(Walk::new(Arc::clone(scope)))),
            Self::Stdin(stdin) => {
                let input = io::stdin().as_fd().try_clone_to_owned().map_err(|e| Failure::new(Exit::CouldNot, e))?;
                let (path, received) = (stdin.path.clone(), Arc::clone(&stdin.received));
                let spool_dir = dir::holding(out).to_owned();
                Ok(Box::new(Stdin::new(input, path, stdin.size_told, spool_dir, cancel, received)))
            }
        }
    }

    /// Whether what was read can be read once more.
    pub fn can_be_read_again(&self) -> bool {
        matches!(self, Self::Named(_))
    }

    /// Says what a person should know of what came.
    pub fn report(&self) {
        if let Self::Stdin(stdin) = self {
            let received = stdin.received.load(Ordering::Relaxed);
            match stdin.size_told {
                Some(told) if received < told => {
                    warning(&format!(
                        "standard input ended after {received} of {told} bytes: the rest is a gap of zeros"
                    ));
                }
                _ if received == 0 => warning("standard input was empty"),
                _ => {}
            }
        }
    }
}
