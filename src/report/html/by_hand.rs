//! How to come to the same result without this program.

use super::Page;
use crate::text::Message;

/// What needs the fewest tools; the bundle's own VERIFY.txt goes on from there.
const COMMANDS: &str = "\
unzip bundle.scelle -d bundle && cd bundle
sha256sum statement.json                 # the seal digest
sha256sum -c SEALED.sha256               # every member that was sealed
# the signature, by the signer's public key, which you had from elsewhere:
jq -j .payload seal/*.dsse.json | base64 -d | cmp - statement.json
{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' $(stat -c %s statement.json); cat statement.json; } > pae
jq -j '.signatures[0].sig' seal/*.dsse.json | base64 -d > sig
openssl pkeyutl -verify -pubin -inkey signer.pub -rawin -in pae -sigfile sig
";

impl Page<'_> {
    /// Commands, and where the rest stands.
    pub(super) fn by_hand(&mut self) {
        self.heading(Message::new("report-by-hand"));
        self.paragraph(Message::new("by-hand-about"));
        self.html.line("pre", COMMANDS);
        self.paragraph(Message::new("by-hand-more"));
    }
}
