//! Passphrases: erased when dropped, never shown, and of a kind that a person can type into `age -d`.

use age::secrecy::SecretString;
use zeroize::Zeroizing;

/// Longest passphrase, in bytes.
pub const PASSPHRASE_LEN_MAX: usize = 1024;

/// A passphrase for a key file, or the PIN of a token.
#[derive(Clone)]
pub struct Passphrase(SecretString);

/// Why text is no passphrase. Says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing.
    #[error("there is nothing in it")]
    Empty,
    /// Longer than anybody types.
    #[error("it is longer than {PASSPHRASE_LEN_MAX} bytes")]
    TooLong,
    /// age has only text.
    #[error("it is not UTF-8")]
    NotText,
    /// Could never be typed at a prompt, so the key could not be recovered by hand.
    #[error("it has a control character or more than one line")]
    Control,
}

impl Passphrase {
    /// Checks and takes the text; one line ending at its end is not part of it.
    pub fn new(bytes: &[u8]) -> Result<Self, PassphraseError> {
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = std::str::from_utf8(line).map_err(|_| PassphraseError::NotText)?;
        if text.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if text.len() > PASSPHRASE_LEN_MAX {
            return Err(PassphraseError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(PassphraseError::Control);
        }
        // Of exact capacity, so that boxing it moves no bytes and leaves no copy behind.
        Ok(Self(SecretString::from(text.to_owned())))
    }

    /// Whether two typings are the same.
    pub fn same_as(&self, other: &Self) -> bool {
        use age::secrecy::ExposeSecret as _;
        self.0.expose_secret() == other.0.expose_secret()
    }

    pub(super) fn secret(&self) -> SecretString {
        self.0.clone()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// A buffer for a passphrase and its line ending, erased when dropped; one byte longer than may be, so that a reader can
/// tell too much from just enough.
pub fn buffer() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(PASSPHRASE_LEN_MAX + 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_ending_is_not_part_of_a_passphrase() {
        let plain = Passphrase::new(b"correct horse").unwrap();
        for bytes in [&b"correct horse\n"[..], b"correct horse\r\n"] {
            assert!(Passphrase::new(bytes).unwrap().same_as(&plain));
        }
        assert!(!Passphrase::new(b"correct horse ").unwrap().same_as(&plain));
    }

    #[test]
    fn what_cannot_be_typed_is_refused() {
        assert_eq!(Passphrase::new(b"a\n\n").unwrap_err(), PassphraseError::Control);
        assert_eq!(Passphrase::new(b"a\0b").unwrap_err(), PassphraseError::Control);
        assert_eq!(Passphrase::new(b"\n").unwrap_err(), PassphraseError::Empty);
        assert_eq!(Passphrase::new(b"\xff").unwrap_err(), PassphraseError::NotText);
        assert_eq!(Passphrase::new(&[b'a'; PASSPHRASE_LEN_MAX + 1]).unwrap_err(), PassphraseError::TooLong);
    }

    #[test]
    fn debugging_shows_nothing() {
        assert!(!format!("{:?}", Passphrase::new(b"secret").unwrap()).contains("secret"));
    }
}
