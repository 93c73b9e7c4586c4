//! A bundle as a list of members, and what can happen to one on its way.

use crate::reference;

pub type Members = Vec<(String, Vec<u8>)>;

pub trait MembersExt: Sized {
    fn at(&self, name: &str) -> usize;
    fn bytes(&self, name: &str) -> &Vec<u8>;
    fn bytes_mut(&mut self, name: &str) -> &mut Vec<u8>;
    /// With one bit of a member flipped.
    fn flipped(self, name: &str, at: usize) -> Self;
    fn without(self, name: &str) -> Self;
    fn renamed(self, name: &str, to: &str) -> Self;
    fn replaced(self, name: &str, bytes: impl Into<Vec<u8>>) -> Self;
    /// With another member before the one at this place.
    fn inserted(self, at: usize, name: &str, bytes: impl Into<Vec<u8>>) -> Self;
    fn added(self, name: &str, bytes: impl Into<Vec<u8>>) -> Self;
    /// SHA-256 of its statement.
    fn seal_digest(&self) -> Option<String>;
}

impl MembersExt for Members {
    fn at(&self, name: &str) -> usize {
        self.iter().position(|member| member.0 == name).unwrap_or_else(|| panic!("no member {name}"))
    }

    fn bytes(&self, name: &str) -> &Vec<u8> {
        &self[self.at(name)].1
    }

    fn bytes_mut(&mut self, name: &str) -> &mut Vec<u8> {
        let at = self.at(name);
        &mut self[at].1
    }

    fn flipped(mut self, name: &str, at: usize) -> Self {
        self.bytes_mut(name)[at] ^= 1;
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.remove(self.at(name));
        self
    }

    fn renamed(mut self, name: &str, to: &str) -> Self {
        let at = self.at(name);
        self[at].0 = to.into();
        self
    }

    fn replaced(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        *self.bytes_mut(name) = bytes.into();
        self
    }

    fn inserted(mut self, at: usize, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.insert(at, (name.into(), bytes.into()));
        self
    }

    fn added(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.push((name.into(), bytes.into()));
        self
    }

    fn seal_digest(&self) -> Option<String> {
        let statement = self.iter().find(|(name, _)| name == "statement.json")?;
        Some(reference::hex(&reference::sha256(&statement.1)))
    }
}
