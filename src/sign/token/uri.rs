//! Names of keys in tokens: PKCS#11 URIs (RFC 7512), as far as they name one key.

use std::fmt::{self, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

/// What begins every such name.
pub const SCHEME: &str = "pkcs11:";
/// Longest name, in bytes.
const LEN_MAX: usize = 4096;

/// Which token and which key in it; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenUri {
    /// Label of the token.
    pub token: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Number of its slot.
    pub slot_id: Option<u64>,
    /// Label of the key (CKA_LABEL).
    pub object: Option<String>,
    /// Id of the key (CKA_ID).
    pub id: Option<Vec<u8>>,
    /// The module that knows the token.
    pub module_path: Option<PathBuf>,
    /// The file that holds the PIN.
    pub pin_source: Option<PathBuf>,
}

/// Why text is no such name. Does not repeat the text: a PIN may stand in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenUriError {
    /// Longer than anything needs.
    #[error("longer than {LEN_MAX} bytes")]
    TooLong,
    /// A part without `=`, or of what cannot stand there.
    #[error(
        "not the form of RFC 7512: `pkcs11:token=LABEL;object=LABEL`, with % and two hex digits for what is special"
    )]
    Form,
    /// An attribute that is not known, or in the wrong half.
    #[error("the attribute `{0}` is not known here")]
    Attribute(String),
    /// The same twice.
    #[error("the attribute `{0}` stands there twice")]
    Twice(&'static str),
    /// The value is not what it must be.
    #[error("the value of `{0}` cannot be used")]
    Value(&'static str),
    /// It would stand in the list of processes and in the shell's history.
    #[error("a PIN does not belong into an argument (`pin-value`)")]
    PinValue,
}

impl TokenUri {
    /// Parses it.
    ///
    /// # Errors
    /// If it is not in the form of RFC 7512, or has attributes that do not name a key; if it has a `pin-value`.
    pub fn parse(text: &str) -> Result<Self, TokenUriError> {
        if text.len() > LEN_MAX {
            return Err(TokenUriError::TooLong);
        }
        let rest = text.strip_prefix(SCHEME).ok_or(TokenUriError::Form)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if text.contains("pin-value") {
            return Err(TokenUriError::PinValue);
        }
        let mut uri = Self::default();
        for part in path.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = attribute(part)?;
            uri.set_path(name, value)?;
        }
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = attribute(part)?;
            uri.set_query(name, value)?;
        }
        Ok(uri)
    }

    fn set_path(&mut self, name: &str, value: Vec<u8>) -> Result<(), TokenUriError> {
        match name {
            "token" => set(&mut self.token, "token", text(value)),
            "manufacturer" => set(&mut self.manufacturer, "manufacturer", text(value)),
            "model" => set(&mut self.model, "model", text(value)),
            "serial" => set(&mut self.serial, "serial", text(value)),
            "object" => set(&mut self.object, "object", text(value)),
            "id" => set(&mut self.id, "id", Some(value).filter(|id| !id.is_empty())),
            "slot-id" => set(&mut self.slot_id, "slot-id", text(value).and_then(|number| number.parse().ok())),
            // Whatever it says, the private key is used to sign and the public one to verify.
            "type" if value == b"private" || value == b"public" => Ok(()),
            "type" => Err(TokenUriError::Value("type")),
            _ => Err(TokenUriError::Attribute(name.to_owned())),
        }
    }

    fn set_query(&mut self, name: &str, value: Vec<u8>) -> Result<(), TokenUriError> {
        match name {
            "module-path" => set(&mut self.module_path, "module-path", path(value)),
            "pin-source" => {
                let value = value.strip_prefix(b"file://").or(value.strip_prefix(b"file:")).unwrap_or(&value).to_vec();
                // `|program` runs one: never done here.
                let value = Some(value).filter(|value| !value.starts_with(b"|"));
                set(&mut self.pin_source, "pin-source", value.and_then(path))
            }
            _ => Err(TokenUriError::Attribute(name.to_owned())),
        }
    }
}

/// Name and value of a part; what stands there with % is put in its place.
fn attribute(part: &str) -> Result<(&str, Vec<u8>), TokenUriError> {
    let (name, value) = part.split_once('=').ok_or(TokenUriError::Form)?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_name {
        return Err(TokenUriError::Form);
    }
    Ok((name, decode(value).ok_or(TokenUriError::Form)?))
}

fn decode(value: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                out.extend(data_encoding::HEXLOWER_PERMISSIVE.decode(&digits).ok()?);
            }
            // Other characters are let through, as people type them; spaces too.
            _ => out.push(byte),
        }
    }
    Some(out)
}

fn set<T>(place: &mut Option<T>, name: &'static str, value: Option<T>) -> Result<(), TokenUriError> {
    let value = value.ok_or(TokenUriError::Value(name))?;
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(TokenUriError::Twice(name)),
    }
}

fn text(value: Vec<u8>) -> Option<String> {
    String::from_utf8(value).ok().filter(|text| !text.is_empty() && !text.contains('\0'))
}

fn path(value: Vec<u8>) -> Option<PathBuf> {
    let is_path = !value.is_empty() && !value.contains(&0);
    is_path.then(|| PathBuf::from(std::ffi::OsString::from_vec(value)))
}

/// In the form of RFC 7512, without module and file of the PIN.
impl fmt::Display for TokenUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        let slot_id = self.slot_id.map(|number| number.to_string());
        let parts = [
            ("token", self.token.as_deref().map(str::as_bytes)),
            ("manufacturer", self.manufacturer.as_deref().map(str::as_bytes)),
            ("model", self.model.as_deref().map(str::as_bytes)),
            ("serial", self.serial.as_deref().map(str::as_bytes)),
            ("slot-id", slot_id.as_deref().map(str::as_bytes)),
            ("object", self.object.as_deref().map(str::as_bytes)),
            ("id", self.id.as_deref()),
        ];
        let mut before = "";
        for (name, value) in parts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            write!(f, "{before}{name}=")?;
            before = ";";
            for &byte in value {
                // An id is bytes: RFC 7512 section 2.3 wants all of them with %.
                let is_plain = name != "id" && (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
                if is_plain { f.write_char(char::from(byte))? } else { write!(f, "%{byte:02X}")? }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_percent_signs_and_written_so_that_they_are_read_the_same() {
        let text = "pkcs11:token=The%20unit%3B;serial=01ab;slot-id=7;object=a b;id=%01%fF?module-path=/x.so&pin-source=file:/p";
        let uri = TokenUri::parse(text).unwrap();
        assert_eq!(uri.token.as_deref(), Some("The unit;"));
        assert_eq!((uri.slot_id, uri.id.as_deref()), (Some(7), Some(&[1, 0xff][..])));
        assert_eq!(uri.pin_source, Some("/p".into()));
        let written = uri.to_string();
        assert_eq!(written, "pkcs11:token=The%20unit%3B;serial=01ab;slot-id=7;object=a%20b;id=%01%FF");
        assert_eq!(TokenUri::parse(&written).unwrap(), TokenUri { module_path: None, pin_source: None, ..uri });
    }

    #[test]
    fn a_pin_in_an_argument_is_refused_and_not_repeated() {
        for text in ["pkcs11:token=a?pin-value=1234", "pkcs11:pin-value=1234", "pkcs11:token=a?x&pin-value=1234"] {
            let error = TokenUri::parse(text).unwrap_err();
            assert_eq!(error, TokenUriError::PinValue);
            assert!(!error.to_string().contains("1234"));
        }
    }

    #[test]
    fn what_names_no_key_is_refused() {
        use TokenUriError as E;
        for (text, error) in [
            ("pkcs11", E::Form),
            ("pkcs11:token", E::Form),
            ("pkcs11:=a", E::Form),
            ("pkcs11:token=%1", E::Form),
            ("pkcs11:token=%zz", E::Form),
            ("pkcs11:token=a;token=b", E::Twice("token")),
            ("pkcs11:token=", E::Value("token")),
            ("pkcs11:token=%00", E::Value("token")),
            ("pkcs11:token=%ff", E::Value("token")),
            ("pkcs11:slot-id=x", E::Value("slot-id")),
            ("pkcs11:type=cert", E::Value("type")),
            ("pkcs11:x-vendor=a", E::Attribute("x-vendor".into())),
            ("pkcs11:module-path=/x", E::Attribute("module-path".into())),
            ("pkcs11:?pin-source=|cat", E::Value("pin-source")),
            ("pkcs11:?pin-source=file:", E::Value("pin-source")),
        ] {
            assert_eq!(TokenUri::parse(text), Err(error), "{text}");
        }
        assert_eq!(TokenUri::parse(&format!("pkcs11:token={}", "a".repeat(LEN_MAX))), Err(E::TooLong));
    }
}
