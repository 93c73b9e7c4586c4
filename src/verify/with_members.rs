//! A bundle as it would be with further members: looked at before they are added.

use std::io;

use super::bundle::{Bundle, Form, Member};
use super::bytes::Bytes;
use super::check::Ledger;
use crate::format::member::MemberName;

/// A bundle, and further members in memory.
pub struct WithMembers<'b> {
    bundle: &'b dyn Bundle,
    members: Vec<Member>,
    further: Vec<Vec<u8>>,
}

impl<'b> WithMembers<'b> {
    /// Adds these members.
    pub fn new(bundle: &'b dyn Bundle, further: &[(MemberName, Vec<u8>)]) -> Self {
        let new = further.iter().map(|(name, bytes)| Member {
            name: name.to_string(),
            kind: Some(name.clone()),
            len: bytes.len() as u64,
            crc: None,
        });
        let members = bundle.members().iter().cloned().chain(new).collect();
        Self { bundle, members, further: further.iter().map(|(_, bytes)| bytes.clone()).collect() }
    }
}

impl Bundle for WithMembers<'_> {
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
            Some(further) => {
                let bytes = self.further.get(further).ok_or(io::ErrorKind::NotFound)?;
                Ok(Box::new(bytes.clone()))
            }
        }
    }
}
