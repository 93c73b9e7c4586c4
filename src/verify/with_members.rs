//! A bundle with further members: of a log beside it, or as it would be if they were added.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bundle::{Bundle, Form, Member, open_regular};
use super::bytes::Bytes;
use super::check::Ledger;
use super::members::{read_all, read_bounded};
use crate::format::member::MemberName;
use crate::limits::ENVELOPE_LEN_MAX;

/// A bundle, and members that are not in it.
pub struct WithMembers {
    bundle: Arc<dyn Bundle>,
    members: Vec<Member>,
    further: Vec<Place>,
}

/// Where a further member is.
enum Place {
    File(PathBuf),
    Memory(Vec<u8>),
}

/// What comes before the file name in the name of a member of a log.
const LOG_PREFIX: &str = "custody/";

impl WithMembers {
    /// As if these were added.
    pub fn new(bundle: Arc<dyn Bundle>, further: &[(MemberName, Vec<u8>)]) -> Self {
        let mut with = Self { members: bundle.members().to_vec(), bundle, further: Vec::new() };
        for (name, bytes) in further {
            with.push(name.to_string(), name.clone(), bytes.len() as u64, Place::Memory(bytes.clone()));
        }
        with
    }

    /// With the events of a directory (SPEC.md EVT-6).
    ///
    /// # Errors
    /// If it is not there, or cannot be listed: a log that is not found must not look like one without events.
    pub fn of_log(bundle: Arc<dyn Bundle>, dir: &Path) -> io::Result<Self> {
        let mut files = std::fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        files.sort();
        let mut with = Self::new(bundle, &[]);
        for file in files {
            let Some(name) = file.to_str().map(|name| format!("{LOG_PREFIX}{name}")) else { continue };
            // What is no event by its name is somebody else's file.
            let Some(kind) = MemberName::parse(&name) else { continue };
            let path = dir.join(&file);
            // An event that was merged into the bundle since is one event.
            let known = with.bundle.members().iter().position(|member| member.name == name);
            if !known.is_some_and(|member| is_same(&*with.bundle, member, &path)) {
                let len = std::fs::symlink_metadata(&path)?.len();
                with.push(name, kind, len, Place::File(path));
            }
        }
        Ok(with)
    }

    fn push(&mut self, name: String, kind: MemberName, len: u64, place: Place) {
        self.members.push(Member { name, kind: Some(kind), len, crc: None });
        self.further.push(place);
    }
}

/// Whether a member and a file have the same bytes; not if one cannot be read.
fn is_same(bundle: &dyn Bundle, member: usize, file: &Path) -> bool {
    let ours = read_bounded(bundle, member, ENVELOPE_LEN_MAX).ok();
    let theirs = open_regular(file).ok().and_then(|bytes| read_all(&bytes, ENVELOPE_LEN_MAX).ok());
    ours.is_some() && ours == theirs
}

impl Bundle for WithMembers {
    fn form(&self) -> Form {
        self.bundle.form()
    }

    fn members(&self) -> &[Member] {
        &self.members
    }

    fn wrapper(&self) -> &Ledger {
        self.bundle.wrapper()
    }

    fn open(&self, member: usize) -> io::Result<Box<dyn Bytes + '_>> {
        let Some(further) = member.checked_sub(self.bundle.members().len()) else { return self.bundle.open(member) };
        match self.further.get(further).ok_or(io::ErrorKind::NotFound)? {
            Place::File(path) => Ok(Box::new(open_regular(path)?)),
            Place::Memory(bytes) => Ok(Box::new(bytes.clone())),
        }
    }
}
