//! A bundle with its custody log beside it: for media that cannot be written to any more (SPEC.md EVT-6).

use std::io;
use std::path::{Path, PathBuf};

use super::bundle::{Bundle, Form, Member, open_regular};
use super::bytes::{Bytes, read_exact_at};
use super::check::Ledger;
use crate::format::member::MemberName;
use crate::limits::ENVELOPE_LEN_MAX;

/// A bundle, and further events in a directory.
pub struct WithLog {
    bundle: Box<dyn Bundle>,
    dir: PathBuf,
    members: Vec<Member>,
    /// Of a member from the directory, its file name.
    files: Vec<PathBuf>,
}

/// What comes before the file name in the name of a member.
const PREFIX: &str = "custody/";

impl WithLog {
    /// Adds the events of a directory.
    ///
    /// # Errors
    /// If it is not there, or cannot be listed: a log that is not found must not look like one without events.
    pub fn open(bundle: Box<dyn Bundle>, dir: &Path) -> io::Result<Self> {
        let entries = std::fs::read_dir(dir)?.map(|entry| Ok(PathBuf::from(entry?.file_name())));
        let mut files = entries.collect::<io::Result<Vec<_>>>()?;
        files.sort();
        let mut members = bundle.members().to_vec();
        let mut of_members = Vec::new();
        for file in files {
            let Some(name) = file.to_str().map(|name| format!("{PREFIX}{name}")) else { continue };
            // What is no event by its name is somebody else's file.
            let Some(kind) = MemberName::parse(&name) else { continue };
            // An event that was merged into the bundle since is one event.
            let known = bundle.members().iter().position(|member| member.name == name);
            if known.is_some_and(|member| is_same(&*bundle, member, &dir.join(&file))) {
                continue;
            }
            let len = std::fs::symlink_metadata(dir.join(&file))?.len();
            members.push(Member { name, kind: Some(kind), len, crc: None });
            of_members.push(file);
        }
        Ok(Self { bundle, dir: dir.to_owned(), members, files: of_members })
    }
}

/// Whether a member and a file have the same bytes; not if one cannot be read.
fn is_same(bundle: &dyn Bundle, member: usize, file: &Path) -> bool {
    let whole = |bytes: &dyn Bytes| {
        let len = usize::try_from(bytes.len_bytes()).ok().filter(|&len| len as u64 <= ENVELOPE_LEN_MAX)?;
        let mut buf = vec![0; len];
        read_exact_at(bytes, &mut buf, 0).ok().map(|()| buf)
    };
    let ours = bundle.open(member).ok().and_then(|bytes| whole(&*bytes));
    let theirs = open_regular(file).ok().and_then(|bytes| whole(&bytes));
    ours.is_some() && ours == theirs
}

impl Bundle for WithLog {
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
        match member.checked_sub(self.bundle.members().len()) {
            None => self.bundle.open(member),
            Some(beside) => {
                let file = self.files.get(beside).ok_or(io::ErrorKind::NotFound)?;
                Ok(Box::new(open_regular(&self.dir.join(file))?))
            }
        }
    }
}
