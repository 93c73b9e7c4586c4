//! How to come to the same result without this program.

use super::Page;
use crate::text::Message;
use crate::verify::SignatureState;

/// What needs the fewest tools; the bundle's own VERIFY.txt goes on from there. `SIGNER` stands for a signer's key id.
const COMMANDS: &str = r#"unzip -q bundle.scelle -d bundle && cd bundle
sha256sum statement.json                 # the seal digest
# the signature, by the signer's public key, which you had from elsewhere:
jq -j '.signatures[0].sig' seal/SIGNER.dsse.json | base64 -d > ../sig
{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' $(stat -c %s statement.json); cat statement.json; } > ../pae
openssl pkeyutl -verify -pubin -inkey ../signer.pub -rawin -in ../pae -sigfile ../sig
# list and case by the statement, and every member by the list:
jq -r '.subject[] | "\(.digest.sha256)  \(.name)"' statement.json | sha256sum -c
sha256sum -c SEALED.sha256
"#;

impl Page<'_> {
    /// Commands, and where the rest stands.
    pub(super) fn by_hand(&mut self) {
        self.heading(Message::new("report-by-hand"));
        self.paragraph(Message::new("by-hand-about"));
        let signers = &self.source.verification.signers;
        let signer = signers.iter().find(|it| it.role.is_some() && it.signature == SignatureState::Valid);
        let commands = signer.map(|it| COMMANDS.replace("SIGNER", &it.key_id.to_string()[..16]));
        self.html.line("pre", commands.as_deref().unwrap_or(COMMANDS));
        self.paragraph(Message::new("by-hand-more"));
    }
}
