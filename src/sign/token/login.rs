//! PINs of tokens: what a token says of its tries, and one try.

use std::fmt;

use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::TokenInfo;

use super::TokenError;
use super::module::Token;
use crate::sign::passphrase::Passphrase;

/// What a token says of its user's PIN (CK_TOKEN_INFO flags, PKCS#11 3.0 section 3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PinState {
    /// Nothing secret can be done without it.
    pub is_needed: bool,
    /// It is typed on the token or its reader, and nowhere else.
    pub is_typed_there: bool,
    /// It was wrong at least once since it was right.
    pub is_count_low: bool,
    /// The next wrong one locks it.
    pub is_final_try: bool,
    /// It is locked.
    pub is_locked: bool,
}

impl PinState {
    pub(super) fn of(info: &TokenInfo) -> Self {
        Self {
            is_needed: info.login_required(),
            is_typed_there: info.protected_authentication_path(),
            is_count_low: info.user_pin_count_low(),
            is_final_try: info.user_pin_final_try(),
            is_locked: info.user_pin_locked(),
        }
    }

    /// Why a PIN should not be tried now: a locked one cannot be right, and the last try is for a person to take.
    ///
    /// # Errors
    /// [`TokenError::PinLocked`], [`TokenError::LastTry`].
    pub fn check_may_try(self, label: &str, is_person: bool) -> Result<(), TokenError> {
        match self {
            Self { is_locked: true, .. } => Err(TokenError::PinLocked { label: label.to_owned() }),
            Self { is_final_try: true, .. } if !is_person => Err(TokenError::LastTry { label: label.to_owned() }),
            _ => Ok(()),
        }
    }
}

/// After a wrong PIN.
impl fmt::Display for PinState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self { is_locked: true, .. } => "it is locked now",
            Self { is_final_try: true, .. } => "one more wrong PIN locks it",
            Self { is_count_low: true, .. } => "the token counts wrong PINs, and says that fewer tries are left",
            _ => "the token does not say how many tries are left",
        })
    }
}

/// Logs in, with one try and no second. `None` where the PIN is typed on the token.
pub(super) fn log_in(token: &Token, session: &Session, pin: Option<&Passphrase>) -> Result<(), TokenError> {
    let secret = pin.map(Passphrase::secret);
    match session.login(UserType::User, secret.as_ref()) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
            Err(TokenError::WrongPin { label: token.label().to_owned(), left: token.pin_state() })
        }
        Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenError::PinLocked { label: token.label().to_owned() }),
        Err(error) => Err(token.failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_pin_is_never_tried_and_the_last_try_only_by_a_person() {
        let calm = PinState { is_needed: true, is_count_low: true, ..PinState::default() };
        let last = PinState { is_final_try: true, ..calm };
        let locked = PinState { is_locked: true, ..last };
        for is_person in [false, true] {
            assert!(calm.check_may_try("a", is_person).is_ok());
            assert!(matches!(locked.check_may_try("a", is_person), Err(TokenError::PinLocked { .. })));
        }
        assert!(last.check_may_try("a", true).is_ok());
        assert!(matches!(last.check_may_try("a", false), Err(TokenError::LastTry { .. })));
        assert_eq!(locked.to_string(), "it is locked now");
        assert_eq!(last.to_string(), "one more wrong PIN locks it");
    }
}
