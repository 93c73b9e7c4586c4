//! SSH signatures that are given beside a bundle (SPEC.md section 25): made by `scelle sign --ssh`, judged by `scelle verify`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::content::refuse_inside;
use super::small_file::{read_small, write_new};
use super::{Exit, Failure, message};
use crate::format::spki::PublicKey;
use crate::format::ssh::{blob_of_key, fingerprint};
use crate::format::sshsig::{NAMESPACE, SSH_SIGNATURE_LEN_MAX, SshSignature, SshSignatureError, to_be_signed};
use crate::report::escape::escape;
use crate::sign::SigningKey;
use crate::verify::{Bundle, Verification, read_statement};

/// A signature file that was read.
#[derive(Debug)]
pub struct SshSigned {
    path: PathBuf,
    signature: SshSignature,
}

/// What one is worth for a bundle.
pub struct Judged<'a> {
    signed: &'a SshSigned,
    finding: Finding,
    is_trusted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Finding {
    Holds,
    DoesNotHold,
    /// There is no statement to compare it with.
    CannotTell,
}

/// A file that is given as an SSH signature is none.
#[derive(Debug, thiserror::Error)]
#[error("{path} is no SSH signature over a bundle", path = path.display())]
struct NoSshSignature {
    path: PathBuf,
    source: SshSignatureError,
}

/// Signs a statement and writes the signature: beside the bundle unless `out` says where. Adds nothing to the bundle.
pub(super) fn sign(bundle: &Path, out: Option<&Path>, key: &SigningKey, statement: &[u8]) -> Result<Exit, Failure> {
    let out = out.map_or_else(|| beside(bundle), Path::to_owned);
    refuse_inside(bundle, &out)?;
    let signature = SshSignature::new(key.public(), key.sign(&to_be_signed(statement))?);
    let failed = |source| Failure::new(Exit::Usage, NoSshSignature { path: out.clone(), source });
    let text = signature.to_text().map_err(failed)?;
    // What nobody could read is not written.
    SshSignature::parse(text.as_bytes()).map_err(failed)?;
    write_new(&out, text.as_bytes())?;
    let name = escape(out.as_os_str().as_encoded_bytes());
    message(&format!("wrote {name}: an SSH signature over statement.json, namespace {NAMESPACE}"));
    Ok(Exit::Done)
}

/// The bundle's name, and `.sig`.
fn beside(bundle: &Path) -> PathBuf {
    // Without the slash that a directory may have been given with; of one that is called `.` by its real name.
    let named = bundle.file_name().map(|_| bundle.to_owned()).or_else(|| bundle.canonicalize().ok());
    let mut name = OsString::from(named.as_deref().unwrap_or(bundle).components().as_path());
    name.push(".sig");
    PathBuf::from(name)
}

/// Reads signature files.
pub(super) fn open(paths: &[PathBuf]) -> Result<Vec<SshSigned>, Failure> {
    let open = |path: &PathBuf| {
        let signature = SshSignature::parse(&read_small(path, SSH_SIGNATURE_LEN_MAX)?).map_err(|source| {
            Failure::new(Exit::Usage, NoSshSignature { path: path.clone(), source }).hint(format!(
                "`scelle sign --ssh` makes one, or `ssh-keygen -Y sign -n {NAMESPACE}` of statement.json"
            ))
        })?;
        Ok(SshSigned { path: path.clone(), signature })
    };
    paths.iter().map(open).collect()
}

/// Judges signatures over the statement of a bundle that was verified.
pub(super) fn judge<'a>(
    signed: &'a [SshSigned],
    bundle: &dyn Bundle,
    verification: &Verification,
    trusted: &[PublicKey],
) -> Vec<Judged<'a>> {
    if signed.is_empty() {
        return Vec::new();
    }
    let statement = read_statement(bundle, verification.seal_digest).ok();
    let finding = |signature: &SshSignature| match statement.as_deref().map(|bytes| signature.verify(bytes)) {
        Some(Ok(())) => Finding::Holds,
        Some(Err(_)) => Finding::DoesNotHold,
        None => Finding::CannotTell,
    };
    let judged = |signed: &'a SshSigned| Judged {
        signed,
        finding: finding(&signed.signature),
        is_trusted: trusted.contains(&signed.signature.public),
    };
    signed.iter().map(judged).collect()
}

/// What the verification ends with: one that does not hold refutes what is sound otherwise (SSH-5).
pub(super) fn exit_with(exit: Exit, judged: &[Judged<'_>]) -> Exit {
    let has = |finding| judged.iter().any(|one| one.finding == finding);
    match exit {
        Exit::Done | Exit::NotTrusted if has(Finding::DoesNotHold) => Exit::Refuted,
        Exit::Done | Exit::NotTrusted if has(Finding::CannotTell) => Exit::CouldNot,
        exit => exit,
    }
}

/// What stands first where one does not hold: whoever reads only the verdict reads of the bundle alone.
pub(super) fn headline(judged: &[Judged<'_>]) -> &'static str {
    match judged.iter().any(|one| one.finding == Finding::DoesNotHold) {
        true => "SSH SIGNATURE DOES NOT HOLD; of the bundle itself:\n",
        false => "",
    }
}

impl Judged<'_> {
    /// Whether it does not hold.
    pub fn does_not_hold(&self) -> bool {
        self.finding == Finding::DoesNotHold
    }

    /// For people.
    pub fn text(&self) -> String {
        let name = escape(self.signed.path.as_os_str().as_encoded_bytes());
        let public = &self.signed.signature.public;
        let by = format!("{} (key id {})", fingerprint(&blob_of_key(public)), public.key_id());
        let trusted = if self.is_trusted { "a key that you trust" } else { "NOT a key that you trust" };
        match self.finding {
            Finding::Holds => format!("  ssh          {name}: holds over this statement\n    by {by}, {trusted}\n"),
            Finding::DoesNotHold => {
                format!("  ssh          {name}: DOES NOT HOLD over this statement\n    it names {by}\n")
            }
            Finding::CannotTell => format!("  ssh          {name}: cannot be told, without a statement\n"),
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let public = &self.signed.signature.public;
        let holds = match self.finding {
            Finding::Holds => json!(true),
            Finding::DoesNotHold => json!(false),
            Finding::CannotTell => Value::Null,
        };
        json!({
            "file": self.signed.path.to_string_lossy(),
            "fingerprint": fingerprint(&blob_of_key(public)).to_string(),
            "holds": holds,
            "keyid": public.key_id(),
            "trusted": self.is_trusted && self.finding == Finding::Holds,
        })
    }
}
