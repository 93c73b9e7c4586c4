//! What happens to the bundle afterwards: a hand-over between two laboratories, a refusal and a fork.

use std::fs;

use super::{Demo, sample_failure};
use crate::cli::Failure;

impl Demo {
    /// The chapters about custody.
    pub(super) fn hand_overs(&self) -> Result<(), Failure> {
        self.head("7. A hand-over, signed by both sides")?;
        for laboratory in ["lab-a", "lab-b"] {
            self.scelle(0, &["key", "new", "--out", laboratory, "--no-passphrase"])?;
        }
        let from = ["--key", "officer.key", "--place", "Hanoi", "--purpose", "analysis"];
        self.scelle(0, &[&["custody", "offer", "A-1.scelle", "--to", "lab-a.pub"], &from[..]].concat())?;
        let trusts = ["--signer", "officer.key.pub", "--place", "Lyon"];
        let accept = ["custody", "accept", "A-1.scelle", "--key", "lab-a", "--receipt", "lab-a.receipt"];
        self.scelle(0, &[&accept[..], &trusts].concat())?;

        self.head("8. A second laboratory gets a damaged copy, and refuses it")?;
        let on = ["--to", "lab-b.pub", "--key", "lab-a", "--place", "Lyon", "--purpose", "second opinion"];
        self.scelle(0, &[&["custody", "offer", "A-1.scelle"], &on[..]].concat())?;
        self.damage_copy().map_err(|e| sample_failure(&self.dir, e))?;
        let accept = ["custody", "accept", "damaged.scelle", "--key", "lab-b", "--place", "Turin"];
        let keys = ["--signer", "officer.key.pub", "--signer", "lab-a.pub"];
        self.scelle(1, &[&accept[..], &keys, &["--receipt", "lab-b.receipt"]].concat())?;
        let refuse = ["custody", "refuse", "damaged.scelle", "--key", "lab-b", "--place", "Turin"];
        let why = ["--reasons", "one byte was changed on the way", "--receipt", "refusal"];
        self.scelle(0, &[&refuse[..], &keys, &why].concat())?;
        self.copy("A-1.scelle", "before.scelle")?;
        self.scelle(0, &["custody", "attach", "A-1.scelle", "refusal"])?;
        self.scelle(0, &["custody", "log", "A-1.scelle"])?;

        self.head("9. Somebody takes the refusal away and tells another story: a fork")?;
        let withdraw = ["custody", "withdraw", "before.scelle", "--key", "lab-a", "--place", "Lyon"];
        self.scelle(0, &[&withdraw[..], &["--reasons", "never sent"]].concat())?;
        self.scelle(1, &["custody", "merge", "A-1.scelle", "before.scelle"])?;
        let all = ["--signer", "officer.key.pub", "--signer", "lab-a.pub", "--signer", "lab-b.pub"];
        self.say("   Who kept the refusal as a receipt can show it:\n")?;
        self.scelle(1, &[&["verify", "before.scelle"], &all[..], &["--receipt", "refusal"]].concat())?;
        self.scelle(0, &[&["verify", "A-1.scelle"], &all[..], &["--receipt", "refusal"]].concat())
    }

    fn copy(&self, from: &str, to: &str) -> Result<(), Failure> {
        let copied = fs::copy(self.dir.join(from), self.dir.join(to));
        copied.map(drop).map_err(|e| sample_failure(&self.dir, e))
    }
}
