//! `SEALED.sha256`: the digest of every sealed member but the last two (SPEC.md section 9).

use super::digest::Digest;
use super::member::MemberName;

/// The digests of sealed members, in the order of the bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(pub Vec<(MemberName, Digest)>);

impl List {
    /// The bytes of the member.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 96);
        for (name, digest) in &self.0 {
            bytes.extend_from_slice(format!("{digest}  {name}\n").as_bytes());
        }
        bytes
    }

    /// Parses the bytes of the member; `None` if they are not exactly the list of the sealed members in order.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut list = Self::default();
        for line in text.strip_suffix('\n')?.split('\n') {
            let (digest, name) = line.split_once("  ")?;
            list.0.push((MemberName::parse(name)?, Digest::from_hex(digest)?));
        }
        list.is_in_order().then_some(list)
    }

    /// Length of the line of a member, in bytes: digest, two spaces, name, LF.
    pub fn line_len(name: &MemberName) -> usize {
        64 + 2 + name.to_string().len() + 1
    }

    /// Length of the list of so many segments, in bytes: every line has a known one.
    pub fn len_bytes(segment_count: u64) -> u64 {
        let line = |name: MemberName| Self::line_len(&name) as u64;
        let head = [MemberName::Mimetype, MemberName::Nonce, MemberName::VerifyText, MemberName::Sums];
        let parts = [MemberName::Payload(0), MemberName::Manifest(0), MemberName::Index(0)];
        let per_segment: u64 = parts.into_iter().map(line).sum();
        head.into_iter().map(line).sum::<u64>() + per_segment.saturating_mul(segment_count)
    }

    /// The digest of a member, if it is listed.
    pub fn digest(&self, name: &MemberName) -> Option<Digest> {
        let (head, parts) = (3, 3 * self.segment_count());
        let place = match name {
            MemberName::Mimetype => 0,
            MemberName::Nonce => 1,
            MemberName::VerifyText => 2,
            MemberName::Payload(segment) => head + 3 * segment,
            MemberName::Manifest(segment) => head + 3 * segment + 1,
            MemberName::Index(segment) => head + 3 * segment + 2,
            MemberName::Sums => head + parts,
            _ => return None,
        };
        let (listed, digest) = self.0.get(usize::try_from(place).ok()?)?;
        (listed == name).then_some(*digest)
    }

    /// Number of segments.
    pub fn segment_count(&self) -> u64 {
        (self.0.len().saturating_sub(4) / 3) as u64
    }

    fn is_in_order(&self) -> bool {
        let expected = MemberName::listed(self.segment_count());
        self.segment_count() > 0 && self.0.iter().map(|(name, _)| name.clone()).eq(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sealed_members_in_order_are_a_list() {
        let names = || MemberName::listed(2).map(|name| (name, Digest([3; 32])));
        let list = List(names().collect());
        assert_eq!(list.segment_count(), 2);
        let bytes = list.to_bytes();
        assert_eq!(List::len_bytes(2), bytes.len() as u64);
        assert_eq!(List::parse(&bytes), Some(list));
        assert_eq!(List::parse(&bytes[..bytes.len() - 1]), None);
        let mut swapped: Vec<_> = names().collect();
        swapped.swap(3, 4);
        assert_eq!(List::parse(&List(swapped).to_bytes()), None);
        assert_eq!(List::parse(&List(names().skip(1).collect()).to_bytes()), None);
    }
}
