//! The corpus: side files, and the bundles and keys beside them (SPEC.md CONF-4).

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::scenario::{Scenario, ScenarioError};

/// The one directory that is no bundle: keys, receipts and trust lists.
const KEYS: &str = "keys";

/// Every scenario, by name.
#[derive(Debug)]
pub struct Corpus {
    /// Ascending by name; at least one.
    pub cases: Vec<Case>,
}

/// A scenario and the files that it is about.
#[derive(Debug)]
pub struct Case {
    /// `NAME` of `NAME.json`.
    pub name: String,
    /// What the side file says.
    pub scenario: Scenario,
    /// The bundle: a file or a directory. An absolute path, so that none can be taken for an option.
    pub bundle: PathBuf,
    /// The directory of the corpus, an absolute path.
    pub corpus: PathBuf,
}

/// Why there is no corpus to run over.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// Nothing there.
    #[error("there is no corpus {path}", path = .0.display())]
    Absent(PathBuf),
    /// Something that cannot be read.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// No side file in it.
    #[error("the corpus {path} has no scenario: no file NAME.json is in it", path = .0.display())]
    Empty(PathBuf),
    /// A side file that is not as it should be.
    #[error("the side file {path} cannot be used", path = path.display())]
    SideFile {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where.
        source: ScenarioError,
    },
    /// A side file whose name programs may not agree on.
    #[error("the name of the side file {path} is not UTF-8", path = .0.display())]
    Name(PathBuf),
    /// A side file alone.
    #[error("the side file {path} stands beside no bundle: neither NAME.scelle nor a directory NAME", path = .0.display())]
    NoBundle(PathBuf),
    /// A side file that could be about either.
    #[error("the side file {path} stands beside both NAME.scelle and a directory NAME", path = .0.display())]
    TwoBundles(PathBuf),
    /// A bundle that would be passed over in silence.
    #[error("the bundle {path} has no side file NAME.json", path = .0.display())]
    NoSideFile(PathBuf),
    /// A key, receipt or trust list that is not there.
    #[error("the side file {path} names a file that is not there: {file}", path = path.display(), file = file.display())]
    NoFile {
        /// Which side file.
        path: PathBuf,
        /// The file that it names.
        file: PathBuf,
    },
}

impl Corpus {
    /// Reads every side file in the directory, and looks for what they name.
    pub fn read(dir: &Path) -> Result<Self, CorpusError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => CorpusError::Absent(dir.to_owned()),
            _ => CorpusError::Read { path: dir.to_owned(), source },
        };
        let absolute = std::path::absolute(dir).map_err(failed)?;
        let mut paths = Vec::new();
        for item in std::fs::read_dir(dir).map_err(failed)? {
            paths.push(dir.join(item.map_err(failed)?.file_name()));
        }
        paths.sort();
        let mut cases = Vec::new();
        for path in &paths {
            if path.extension().is_some_and(|ending| ending == "json") && !path.is_dir() {
                cases.push(Case::read(path, &absolute)?);
            } else if bundle_name(path).is_some_and(|name| !side_file(dir, name).is_file()) {
                return Err(CorpusError::NoSideFile(path.clone()));
            }
        }
        // By name, not by file name: `a.json` and `a-b.json` would else change places.
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        if cases.is_empty() { Err(CorpusError::Empty(dir.to_owned())) } else { Ok(Self { cases }) }
    }
}

/// `NAME` of a bundle; `None` for what is none.
fn bundle_name(path: &Path) -> Option<&OsStr> {
    if path.is_dir() {
        path.file_name().filter(|name| *name != KEYS)
    } else {
        path.file_stem().filter(|_| path.extension().is_some_and(|ending| ending == "scelle"))
    }
}

/// `NAME.json`. A directory's name may have a dot in it, so none is replaced.
fn side_file(dir: &Path, name: &OsStr) -> PathBuf {
    let mut file = name.to_owned();
    file.push(".json");
    dir.join(file)
}

impl Case {
    /// Reads a side file; `corpus` is the absolute path of its directory.
    fn read(path: &Path, corpus: &Path) -> Result<Self, CorpusError> {
        let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or_else(|| CorpusError::Name(path.to_owned()))?;
        let bytes = std::fs::read(path).map_err(|source| CorpusError::Read { path: path.to_owned(), source })?;
        let scenario =
            Scenario::parse(&bytes).map_err(|source| CorpusError::SideFile { path: path.to_owned(), source })?;
        let (file, directory) = (corpus.join(format!("{name}.scelle")), corpus.join(name));
        let bundle = match (file.exists(), directory.is_dir()) {
            (true, false) => file,
            (false, true) => directory,
            (true, true) => return Err(CorpusError::TwoBundles(path.to_owned())),
            (false, false) => return Err(CorpusError::NoBundle(path.to_owned())),
        };
        let absent = scenario.options.0.files().find(|file| !corpus.join(&file.0).is_file()).cloned();
        match absent {
            Some(file) => Err(CorpusError::NoFile { path: path.to_owned(), file: file.0 }),
            None => Ok(Self { name: name.to_owned(), scenario, bundle, corpus: corpus.to_owned() }),
        }
    }
}
