//! Taking DER apart where bytes must be kept as they were signed: elements one after the other, with their exact bytes.

use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Error, ErrorKind, Header, Reader as _, SliceReader, Tag, TagNumber};

use super::imprint::{Hash, Imprint};

/// The elements of a value, from first to last.
pub(super) struct Elements<'a>(SliceReader<'a>);

/// An element: its tag, its value, and all its bytes.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub tag: Tag,
    pub value: &'a [u8],
    pub bytes: &'a [u8],
}

/// Tag `[number]`, of an element that holds others or of one that does not.
pub(super) fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific { constructed, number: TagNumber(number) }
}

impl<'a> Elements<'a> {
    /// Of a value.
    pub fn of(value: &'a [u8]) -> Result<Self, Error> {
        Ok(Self(SliceReader::new(value)?))
    }

    /// Of one element that fills the bytes and has this tag.
    pub fn of_whole(bytes: &'a [u8], tag: Tag) -> Result<Self, Error> {
        let mut outer = Self::of(bytes)?;
        let element = outer.next(tag)?;
        outer.finish()?;
        Self::of(element.value)
    }

    /// The next one, whatever it is; `None` at the end.
    pub fn any(&mut self) -> Result<Option<Element<'a>>, Error> {
        if self.0.is_finished() {
            return Ok(None);
        }
        let header = Header::peek(&self.0)?;
        let bytes = self.0.tlv_bytes()?;
        let len = usize::try_from(header.length())?;
        let value = bytes.len().checked_sub(len).and_then(|at| bytes.get(at..)).unwrap_or_default();
        Ok(Some(Element { tag: header.tag(), value, bytes }))
    }

    /// The next one, which must have this tag.
    pub fn next(&mut self, tag: Tag) -> Result<Element<'a>, Error> {
        let element = self.any()?.ok_or(ErrorKind::Failed)?;
        element.tag.assert_eq(tag)?;
        Ok(element)
    }

    /// The next one, if it has this tag.
    pub fn next_if(&mut self, tag: Tag) -> Result<Option<Element<'a>>, Error> {
        if self.0.is_finished() || Header::peek(&self.0)?.tag() != tag { Ok(None) } else { self.any() }
    }

    /// The next value of a type.
    pub fn decode<T: Decode<'a, Error = Error>>(&mut self) -> Result<T, Error> {
        self.0.decode()
    }

    /// Those of the next one, which must be a SEQUENCE.
    pub fn sequence(&mut self) -> Result<Self, Error> {
        Self::of(self.next(Tag::Sequence)?.value)
    }

    /// The value of the next one, which must be a number that is not negative: big-endian, without zeros before it.
    pub fn number(&mut self) -> Result<&'a [u8], Error> {
        Ok(self.0.decode::<UintRef<'a>>()?.as_bytes())
    }

    /// The identifier of the next one, an `AlgorithmIdentifier`, and the bytes of its parameters, if it has any.
    pub fn algorithm(&mut self) -> Result<(ObjectIdentifier, Option<&'a [u8]>), Error> {
        let mut inner = self.sequence()?;
        let oid = inner.decode()?;
        let parameters = inner.any()?.map(|element| element.bytes);
        inner.finish()?;
        Ok((oid, parameters))
    }

    /// The next one, a `MessageImprint`; the inner value is `None` if its algorithm is no [`Hash`], or does not fit.
    pub fn imprint(&mut self) -> Result<Option<Imprint>, Error> {
        let mut inner = self.sequence()?;
        let (oid, _) = inner.algorithm()?;
        let digest = inner.next(Tag::OctetString)?.value.to_vec();
        inner.finish()?;
        Ok(Hash::of_oid(oid).and_then(|hash| Imprint::new(hash, digest)))
    }

    /// That there is no other.
    pub fn finish(self) -> Result<(), Error> {
        self.0.finish()
    }
}
