//! The directory form (SPEC.md DIR-1, DIR-2).

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::bundle::{Bundle, Form, Member, open_regular};
use super::bytes::Bytes;
use super::check::{Check, Ledger};
use super::rules;
use crate::format::member::MemberName;

/// Files that desktop systems leave in directories.
const FOREIGN: [&[u8]; 3] = [b".DS_Store", b"Thumbs.db", b"desktop.ini"];
/// What desktop systems begin the names of further such files with.
const FOREIGN_PREFIX: &[u8] = b"._";
/// Directories that members lie in.
const DIRECTORIES: [&[u8]; 6] = [b"payload", b"manifest", b"index", b"seal", b"timestamps", b"custody"];

/// A bundle as a directory.
pub struct DirectoryForm {
    root: PathBuf,
    members: Vec<Member>,
    wrapper: Ledger,
}

impl DirectoryForm {
    /// Lists the directory, without following links.
    pub fn open(root: &Path) -> io::Result<Self> {
        let mut bundle = Self { root: root.to_owned(), members: Vec::new(), wrapper: Ledger::default() };
        for item in WalkDir::new(root).min_depth(1).max_depth(2).sort_by_file_name() {
            bundle.take(&item.map_err(io::Error::from)?)?;
        }
        Ok(bundle)
    }

    fn take(&mut self, item: &DirEntry) -> io::Result<()> {
        // The walk began at the root, so this never fails; without it the name would only be longer.
        let relative = item.path().strip_prefix(&self.root).unwrap_or(item.path());
        let name = relative.as_os_str().as_bytes();
        if item.file_type().is_dir() {
            self.wrapper.require(DIRECTORIES.contains(&name), &rules::DIR_FILES, || {
                Check::failed(&rules::DIR_FILES, name).note("a directory that no member lies in")
            });
            return Ok(());
        }
        if !item.file_type().is_file() {
            self.wrapper.add(Check::failed(&rules::DIR_FILES, name).note("not a regular file"));
            return Ok(());
        }
        let file_name = item.file_name().as_bytes();
        if FOREIGN.contains(&file_name) || file_name.starts_with(FOREIGN_PREFIX) {
            self.wrapper.add(Check::noted(&rules::DIR_FOREIGN, name));
            return Ok(());
        }
        let Some(name) = relative.to_str() else {
            self.wrapper.add(Check::failed(&rules::DIR_FILES, name).note("a name that is not UTF-8"));
            return Ok(());
        };
        self.wrapper.pass(&rules::DIR_FILES);
        let len = item.metadata().map_err(io::Error::from)?.len();
        self.members.push(Member { name: name.to_owned(), kind: MemberName::parse(name), len, crc: None });
        Ok(())
    }
}

impl Bundle for DirectoryForm {
    fn form(&self) -> Form {
        Form::Directory
    }

    fn members(&self) -> &[Member] {
        &self.members
    }

    fn wrapper(&self) -> &Ledger {
        &self.wrapper
    }

    fn open(&self, member: usize) -> io::Result<Box<dyn Bytes + '_>> {
        let member = self.members.get(member).ok_or(io::ErrorKind::NotFound)?;
        let bytes = open_regular(&self.root.join(&member.name))?;
        // A file that has another length now than when it was listed is being changed: nothing can be told of it.
        match bytes.len_bytes() == member.len {
            true => Ok(Box::new(bytes)),
            false => Err(io::Error::other("its length changed while it was being verified")),
        }
    }
}
