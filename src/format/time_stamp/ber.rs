//! From BER to DER (X.690 sections 8 and 10): definite lengths in their shortest form, strings in one piece. Authorities may
//! send a token in BER, and everything after this reads DER alone. Bytes that are DER already stay as they are.

/// Deepest nesting of elements.
const DEPTH_MAX: usize = 32;

/// Tag of an OCTET STRING in one piece, and in pieces.
const OCTETS: u8 = 0x04;
const OCTETS_IN_PIECES: u8 = 0x24;

/// Why bytes are not BER, or not what this reads of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BerError {
    #[error("an element ends behind the end of what holds it")]
    Cut,
    #[error("bytes stand behind the end")]
    Trailing,
    #[error("a tag or a length that nothing in a time-stamp has")]
    Header,
    #[error("elements are nested deeper than {DEPTH_MAX}")]
    Depth,
}

/// The same element in DER. Time and room are those of the input, times the nesting at most.
///
/// # Errors
/// [`BerError`]; also if anything follows the element.
pub fn to_der(bytes: &[u8]) -> Result<Vec<u8>, BerError> {
    let mut out = Vec::with_capacity(bytes.len());
    let rest = element(bytes, &mut out, 0)?;
    if rest.is_empty() { Ok(out) } else { Err(BerError::Trailing) }
}

/// An element in DER: a tag of one byte, the length, the value.
pub fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 6);
    put(tag, value, &mut out);
    out
}

fn put(tag: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    match u8::try_from(value.len()) {
        Ok(len @ 0..=0x7f) => out.push(len),
        _ => {
            let len = value.len().to_be_bytes();
            let skip = len.iter().take_while(|&&byte| byte == 0).count();
            let count = len.len() - skip;
            out.push(0x80 | u8::try_from(count).unwrap_or(8));
            out.extend_from_slice(&len[skip..]);
        }
    }
    out.extend_from_slice(value);
}

/// Takes one element; what follows it.
fn element<'a>(bytes: &'a [u8], out: &mut Vec<u8>, depth: usize) -> Result<&'a [u8], BerError> {
    if depth > DEPTH_MAX {
        return Err(BerError::Depth);
    }
    let (&tag, rest) = bytes.split_first().ok_or(BerError::Cut)?;
    // Tags of several bytes, and the mark of an end where there is nothing to be ended.
    if tag & 0x1f == 0x1f || tag == 0 {
        return Err(BerError::Header);
    }
    let is_constructed = tag & 0x20 != 0;
    let (len, rest) = length(rest)?;
    let (value, rest) = match len {
        Some(len) => {
            let (value, rest) = rest.split_at_checked(len).ok_or(BerError::Cut)?;
            if !is_constructed {
                put(tag, value, out);
                return Ok(rest);
            }
            (inner(tag, value, false, depth)?.0, rest)
        }
        None if is_constructed => inner(tag, rest, true, depth)?,
        None => return Err(BerError::Header),
    };
    put(if tag == OCTETS_IN_PIECES { OCTETS } else { tag }, &value, out);
    Ok(rest)
}

/// The value of an element that holds others: all of `bytes`, or up to the mark of its end. And what follows.
fn inner(tag: u8, bytes: &[u8], is_marked: bool, depth: usize) -> Result<(Vec<u8>, &[u8]), BerError> {
    let (mut value, mut rest) = (Vec::new(), bytes);
    loop {
        if is_marked {
            if let Some(after) = rest.strip_prefix(&[0, 0]) {
                return Ok((value, after));
            }
        } else if rest.is_empty() {
            return Ok((value, rest));
        }
        if tag != OCTETS_IN_PIECES {
            rest = element(rest, &mut value, depth + 1)?;
            continue;
        }
        let mut piece = Vec::new();
        let next = element(rest, &mut piece, depth + 1)?;
        if piece.first() != Some(&OCTETS) {
            return Err(BerError::Header);
        }
        // What was written last has a length that can be read.
        let (len, octets) = length(&piece[1..])?;
        value.extend_from_slice(octets.get(..len.unwrap_or(0)).unwrap_or_default());
        rest = next;
    }
}

/// A length, or `None` if the end is marked; and what follows.
fn length(bytes: &[u8]) -> Result<(Option<usize>, &[u8]), BerError> {
    let (&first, rest) = bytes.split_first().ok_or(BerError::Cut)?;
    match first {
        0..=0x7f => Ok((Some(usize::from(first)), rest)),
        0x80 => Ok((None, rest)),
        0xff => Err(BerError::Header),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(BerError::Cut)?;
            let len = digits.iter().try_fold(0usize, |len, &digit| Some(len.checked_mul(256)? + usize::from(digit)));
            Ok((Some(len.ok_or(BerError::Cut)?), rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_stays_as_it_is() {
        let long = tlv(0x30, &tlv(0x04, &[7; 300]));
        assert_eq!(to_der(&long).unwrap(), long);
        assert_eq!(&long[..4], [0x30, 0x82, 1, 48]);
        assert_eq!(to_der(&tlv(0x02, &[5; 0x7f])).unwrap()[..2], [2, 0x7f]);
    }

    #[test]
    fn marked_ends_long_lengths_and_strings_in_pieces_become_der() {
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 1, 9, 4, 0x82, 0, 1, 8, 0, 0, 0xa0, 0x80, 2, 1, 3, 0, 0, 0, 0];
        assert_eq!(to_der(&ber).unwrap(), [0x30, 9, 4, 2, 9, 8, 0xa0, 3, 2, 1, 3]);
        assert_eq!(to_der(&[0x24, 6, 0x24, 4, 4, 2, 1, 2]).unwrap(), [4, 2, 1, 2], "pieces of pieces");
    }

    #[test]
    fn what_is_cut_or_nested_without_end_is_refused() {
        let der = tlv(0x30, &tlv(0x31, &tlv(0x04, b"abc")));
        for len in 0..der.len() {
            assert!(to_der(&der[..len]).is_err(), "cut to {len}");
        }
        assert_eq!(to_der(&[der, vec![0]].concat()), Err(BerError::Trailing));
        assert_eq!(to_der(&[0x30, 0x80].repeat(100_000)), Err(BerError::Depth));
        for bytes in [&[0x1f, 1, 0][..], &[0, 0], &[4, 0x80, 0, 0], &[4, 0xff], &[0x24, 3, 2, 1, 0]] {
            assert_eq!(to_der(bytes), Err(BerError::Header), "{bytes:?}");
        }
        assert_eq!(to_der(&[4, 0x89, 255, 255, 255, 255, 255, 255, 255, 255, 255]), Err(BerError::Cut));
    }
}
