//! SSH signatures that come from outside.

use scelle::format::sshsig::{SshSignature, to_be_signed};

use crate::sealed::{test_key, test_key_p256};

const STATEMENT: &[u8] = b"a fixed statement";

/// What is accepted is written and read the same; and over a fixed statement only its owners' own holds.
pub fn sshsig(data: &[u8]) {
    let Ok(signature) = SshSignature::parse(data) else { return };
    if let Ok(text) = signature.to_text() {
        assert_eq!(SshSignature::parse(text.as_bytes()).as_ref(), Ok(&signature), "its own text is refused");
    }
    for key in [test_key(), test_key_p256()] {
        if signature.public == key.public() && signature.verify(STATEMENT).is_ok() {
            let own = SshSignature::new(key.public(), key.sign(&to_be_signed(STATEMENT)).expect("a signature"));
            assert_eq!(signature, own, "a signature holds that the key's owner did not make");
        }
    }
}

pub fn sshsig_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for key in [test_key(), test_key_p256()] {
        for statement in [STATEMENT, b"another"] {
            let signature = key.sign(&to_be_signed(statement)).expect("a signature");
            let text = SshSignature::new(key.public(), signature).to_text().expect("a text");
            seeds.push(text.replace('\n', "\r\n").into_bytes());
            seeds.push(text.into_bytes());
        }
    }
    seeds
}
