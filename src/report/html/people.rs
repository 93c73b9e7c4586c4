//! Who signed, and why they are believed.

use super::Page;
use crate::text::Message;
use crate::verify::SignatureState;

impl Page<'_> {
    /// The signers.
    pub(super) fn people(&mut self) {
        self.heading(Message::new("report-signers"));
        let verification = self.source.verification;
        if verification.signers.is_empty() {
            self.paragraph(Message::new("signers-none"));
            return;
        }
        let caption = self.say(Message::new("signers-caption"));
        let headings = [
            self.say(Message::new("column-key")),
            self.say(Message::new("column-role")),
            self.say(Message::new("column-signature")),
            self.say(Message::new("column-trust")),
        ];
        let not_required = self.say(Message::new("signer-not-required"));
        let parties = &verification.custody.parties;
        let rows: Vec<_> = verification
            .signers
            .iter()
            .map(|signer| {
                let signature = match signer.signature {
                    SignatureState::Valid => Message::new("signature-valid"),
                    SignatureState::Invalid => Message::new("signature-invalid"),
                    SignatureState::NotChecked => Message::new("signature-not-checked"),
                    SignatureState::Absent => Message::new("signature-missing"),
                };
                let trust = match (&signer.certified, parties.of(signer.key_id)) {
                    _ if !signer.is_trusted => Message::new("trusted-not"),
                    (Some(it), _) => Message::new("trusted-certified")
                        .with("party", &it.party)
                        .with("subject", &it.subject)
                        .escaped(),
                    (None, Some(party)) => Message::new("trusted-party").with("party", party),
                    (None, None) => Message::new("trusted-named"),
                };
                let role = signer.role.clone().unwrap_or_else(|| not_required.clone());
                (signer.key_id.to_string(), role, self.say(signature), self.say(trust))
            })
            .collect();
        self.html.table(&caption, &headings, |html| {
            for (key, role, signature, trust) in &rows {
                html.element("tr", |html| {
                    html.element("td", |html| html.line("span class=\"digest\"", key));
                    html.cell(role);
                    html.line("td", signature);
                    html.line("td", trust);
                });
            }
        });
        match verification.judged_at {
            Some(at) => self.paragraph(Message::new("trust-judged").with("time", at)),
            None => self.paragraph(Message::new("trust-by-key")),
        }
    }
}
