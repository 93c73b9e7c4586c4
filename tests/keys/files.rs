//! Keys, checked against the tools that others hold: openssl, ssh-keygen and age. Needs openssl and ssh-keygen.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use data_encoding::BASE64;
use scelle::format::dsse;
use scelle::format::spki::{Algorithm, PublicKey, SignatureError};
use scelle::sign::key_file::{self, KeyFile, KeyFileError};
use scelle::sign::passphrase::Passphrase;
use scelle::sign::{SigningKey, new_key};
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse battery staple";
const STATEMENT: &[u8] = br#"{"_type":"https://in-toto.io/Statement/v1"}"#;

/// The command, in a new session: without a terminal, and with no passphrase around.
fn scelle(dir: &Path) -> Command {
    let mut command = Command::new("setsid");
    command.arg("-w").arg(env!("CARGO_BIN_EXE_scelle")).current_dir(dir);
    command.env_remove("SCELLE_PASSPHRASE").stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Runs a command that must succeed, and gives what it printed.
fn ok(command: &mut Command) -> String {
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, Some(0), "{command:?}: {stderr}");
    stdout
}

/// Runs another tool that must succeed.
fn tool(dir: &Path, line: &[&str]) -> String {
    ok(Command::new(line[0]).args(&line[1..]).current_dir(dir).stdin(Stdio::null()))
}

/// A directory with an unprotected key `k` of this algorithm, and its public half.
fn with_plain_key(algorithm: &str) -> (TempDir, SigningKey, PublicKey) {
    let dir = TempDir::new().unwrap();
    ok(scelle(dir.path()).args(["key", "new", "--out", "k", "--no-passphrase", "--algorithm", algorithm]));
    let KeyFile::Plain(private) = key_file::read(&dir.path().join("k")).unwrap() else { panic!("not a plain key") };
    let KeyFile::Public(public) = key_file::read(&dir.path().join("k.pub")).unwrap() else { panic!("not public") };
    (dir, private, public)
}

/// A directory with a key `k` that `PASSPHRASE` protects.
fn with_locked_key() -> TempDir {
    let dir = TempDir::new().unwrap();
    ok(scelle(dir.path()).args(["key", "new", "--out", "k"]).env("SCELLE_PASSPHRASE", PASSPHRASE));
    dir
}

fn locked(path: PathBuf) -> key_file::LockedKey {
    match key_file::read(&path).unwrap() {
        KeyFile::Locked(locked) => locked,
        other => panic!("{other:?}"),
    }
}

#[test]
fn openssl_verifies_our_signatures_and_sees_a_changed_byte() {
    for algorithm in ["ed25519", "p256"] {
        let (dir, private, _) = with_plain_key(algorithm);
        let envelope = private.seal_envelope(STATEMENT).unwrap();
        fs::write(dir.path().join("pae"), dsse::pae(STATEMENT)).unwrap();
        fs::write(dir.path().join("sig"), &envelope.signature).unwrap();
        let verify =
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "k.pub", "-rawin", "-in", "pae", "-sigfile", "sig"];
        tool(dir.path(), &verify);

        fs::write(dir.path().join("pae"), dsse::pae(b"{}")).unwrap();
        let (code, ..) = run(Command::new(verify[0]).args(&verify[1..]).current_dir(dir.path()));
        assert_eq!(code, Some(1), "{algorithm}");
    }
}

#[test]
fn openssl_signs_with_our_keys_and_we_verify() {
    for algorithm in ["ed25519", "p256"] {
        let (dir, _, public) = with_plain_key(algorithm);
        fs::write(dir.path().join("pae"), dsse::pae(STATEMENT)).unwrap();
        // OpenSSL draws a random nonce, so half of its P-256 signatures have the high s that we refuse.
        let (mut held, mut high) = (0, 0);
        while held == 0 && high < 64 {
            tool(dir.path(), &["openssl", "pkeyutl", "-sign", "-inkey", "k", "-rawin", "-in", "pae", "-out", "sig"]);
            match public.verify(&dsse::pae(STATEMENT), &fs::read(dir.path().join("sig")).unwrap()) {
                Ok(()) => held += 1,
                Err(SignatureError::HighS) if algorithm == "p256" => high += 1,
                Err(other) => panic!("{algorithm}: {other}"),
            }
        }
        assert_eq!(held, 1, "{algorithm}");
    }
}

#[test]
fn openssl_reads_our_keys_and_we_read_its() {
    for (algorithm, options) in [
        ("ed25519", vec!["-algorithm", "ed25519"]),
        (
            "p256",
            vec!["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:named_curve"],
        ),
    ] {
        let (dir, _, public) = with_plain_key(algorithm);
        tool(dir.path(), &["openssl", "pkey", "-in", "k", "-noout"]);
        assert_eq!(tool(dir.path(), &["openssl", "pkey", "-in", "k", "-pubout"]), public.to_pem());
        assert_eq!(fs::read_to_string(dir.path().join("k.pub")).unwrap(), public.to_pem());

        tool(dir.path(), &[&["openssl", "genpkey", "-out", "theirs"], &options[..]].concat());
        let pem = tool(dir.path(), &["openssl", "pkey", "-in", "theirs", "-pubout"]);
        let exported = ok(scelle(dir.path()).args(["key", "export", "theirs", "--format", "spki"]));
        assert_eq!(exported, pem);
        let der_digest = "openssl pkey -in theirs -pubout -outform DER | sha256sum | cut -d' ' -f1";
        let key_id = tool(dir.path(), &["sh", "-c", der_digest]);
        let shown = ok(scelle(dir.path()).args(["key", "show", "theirs"]));
        assert_eq!(shown, format!("key id: {key_id}algorithm: {algorithm}\n"));
    }
}

#[test]
fn ssh_keygen_reads_the_openssh_line() {
    for (algorithm, name) in [("ed25519", "ED25519"), ("p256", "ECDSA")] {
        let (dir, ..) = with_plain_key(algorithm);
        let line = ok(scelle(dir.path()).args(["key", "export", "k.pub", "--format", "openssh", "--name", "unit 7"]));
        fs::write(dir.path().join("line"), &line).unwrap();
        let listed = tool(dir.path(), &["ssh-keygen", "-l", "-f", "line"]);
        assert!(listed.contains("unit 7") && listed.trim_end().ends_with(&format!("({name})")), "{listed}");
        let pem = fs::read_to_string(dir.path().join("k.pub")).unwrap();
        if algorithm == "p256" {
            assert_eq!(tool(dir.path(), &["ssh-keygen", "-e", "-m", "PKCS8", "-f", "line"]), pem);
        } else {
            // ssh-keygen cannot convert Ed25519; both forms end in the 32 key bytes.
            let blob = BASE64.decode(line.split(' ').nth(1).unwrap().as_bytes()).unwrap();
            let der = BASE64.decode(pem.lines().nth(1).unwrap().as_bytes()).unwrap();
            assert_eq!(blob[19..], der[12..]);
        }
    }
}

#[test]
fn a_verifier_key_needs_a_name_and_an_ed25519_key() {
    let (dir, ..) = with_plain_key("ed25519");
    let args = ["key", "export", "k", "--format", "vkey"];
    let vkey = ok(scelle(dir.path()).args(args).args(["--name", "authority.example/unit"]));
    assert!(vkey.starts_with("authority.example/unit+") && vkey.ends_with('\n'), "{vkey}");
    let (code, _, stderr) = run(scelle(dir.path()).args(args));
    assert!(code == Some(3) && stderr.contains("hint: give --name"), "{stderr}");
    assert_eq!(run(scelle(dir.path()).args(args).args(["--name", "a b"])).0, Some(3));
    let (dir, ..) = with_plain_key("p256");
    assert_eq!(run(scelle(dir.path()).args(args).args(["--name", "a"])).0, Some(3));
}

#[test]
fn a_new_key_is_protected_and_its_owner_s_alone() {
    let dir = with_locked_key();
    let private = fs::read_to_string(dir.path().join("k")).unwrap();
    assert!(private.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"), "{private}");
    let mode = |name| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("k"), 0o600);
    assert_eq!(mode("k.pub") & 0o133, 0);
    let of_public = ok(scelle(dir.path()).args(["key", "show", "k.pub"]));
    let of_private = ok(scelle(dir.path()).args(["key", "show", "k"]).env("SCELLE_PASSPHRASE", PASSPHRASE));
    assert_eq!(of_private, of_public);
}

#[test]
fn the_age_crate_recovers_what_openssl_reads() {
    let dir = with_locked_key();
    let armored = fs::read(dir.path().join("k")).unwrap();
    let identity = age::scrypt::Identity::new(age::secrecy::SecretString::from(PASSPHRASE.to_owned()));
    let pem = age::decrypt(&identity, &armored).unwrap();
    fs::write(dir.path().join("plain"), pem).unwrap();
    let public = tool(dir.path(), &["openssl", "pkey", "-in", "plain", "-pubout"]);
    assert_eq!(public, fs::read_to_string(dir.path().join("k.pub")).unwrap());
}

#[test]
fn nothing_is_ever_overwritten() {
    for existing in ["k", "k.pub"] {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join(existing), "precious").unwrap();
        let (code, stdout, stderr) = run(scelle(dir.path()).args(["key", "new", "--out", "k", "--no-passphrase"]));
        assert_eq!((code, stdout.as_str()), (Some(3), ""));
        assert!(stderr.contains(&format!("error: {existing} exists already")), "{stderr}");
        assert_eq!(fs::read_to_string(dir.path().join(existing)).unwrap(), "precious");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "only {existing} is there");

        // Nor if the file comes into being after it was looked for.
        let key = SigningKey::generate(Algorithm::P256).unwrap();
        let error = new_key::write_new(&dir.path().join("k"), &key, None).unwrap_err();
        assert!(matches!(&error, KeyFileError::Exists(path) if path.ends_with(existing)), "{error:?}");
        assert_eq!(fs::read_to_string(dir.path().join(existing)).unwrap(), "precious");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "only {existing} is there");
    }
}

#[test]
fn where_no_key_can_be_written_nobody_is_asked_for_a_passphrase() {
    let dir = TempDir::new().unwrap();
    let (code, _, stderr) = run(scelle(dir.path()).args(["key", "new", "--out", "absent/k"]));
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: cannot write the key file absent/k: "), "{stderr}");
}

#[test]
fn a_dangling_link_is_not_written_through() {
    let dir = TempDir::new().unwrap();
    std::os::unix::fs::symlink("elsewhere", dir.path().join("k.pub")).unwrap();
    let (code, ..) = run(scelle(dir.path()).args(["key", "new", "--out", "k", "--no-passphrase"]));
    assert_eq!(code, Some(3));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn the_second_file_s_failure_takes_the_first_away_again() {
    // The name with `.pub` is longer than any file system takes, the name alone is not.
    let dir = TempDir::new().unwrap();
    let name = "k".repeat(253);
    let (code, _, stderr) = run(scelle(dir.path()).args(["key", "new", "--no-passphrase", "--out", &name]));
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    let key = SigningKey::generate(Algorithm::Ed25519).unwrap();
    let error = new_key::write_new(&dir.path().join(&name), &key, None).unwrap_err();
    assert!(matches!(error, KeyFileError::Write { .. }), "{error:?}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_wrong_passphrase_is_one_clear_error_that_does_not_repeat_it() {
    let dir = with_locked_key();
    let (code, stdout, stderr) =
        run(scelle(dir.path()).args(["key", "show", "k"]).env("SCELLE_PASSPHRASE", "wrongwrong"));
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(3), "", "error: wrong passphrase for k\n"));
}

#[test]
fn without_a_terminal_the_error_says_what_to_give() {
    let dir = with_locked_key();
    let (code, _, stderr) = run(scelle(dir.path()).args(["key", "show", "k"]));
    assert_eq!(code, Some(3));
    assert!(stderr.contains("no terminal") && stderr.contains("--passphrase-file"), "{stderr}");
}

#[test]
fn a_passphrase_file_goes_before_the_environment_and_its_line_ending_is_not_part_of_it() {
    let dir = with_locked_key();
    fs::write(dir.path().join("pass"), format!("{PASSPHRASE}\n")).unwrap();
    let show = ["key", "show", "k", "--passphrase-file"];
    ok(scelle(dir.path()).args(show).arg("pass").env("SCELLE_PASSPHRASE", "wrong"));
    assert_eq!(run(scelle(dir.path()).args(show).arg("absent")).0, Some(2));
    for unusable in ["", "\n", "two\nlines\n"] {
        fs::write(dir.path().join("pass"), unusable).unwrap();
        let (code, _, stderr) = run(scelle(dir.path()).args(show).arg("pass"));
        assert_eq!(code, Some(3), "{stderr}");
    }
}

#[test]
fn a_file_cannot_make_us_work_without_end() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("k");
    let mut recipient = age::scrypt::Recipient::new(age::secrecy::SecretString::from("x".to_owned()));
    recipient.set_work_factor(2);
    let encrypted = age::encrypt(&recipient, b"not a key").unwrap();
    let header = String::from_utf8_lossy(&encrypted[..80]).into_owned();
    let stanza = header.lines().nth(1).unwrap();
    let end = "age-encryption.org/v1\n".len() + stanza.len();
    assert!(stanza.ends_with(" 2"), "{stanza}");

    fs::write(&path, [&encrypted[..end - 1], b"21", &encrypted[end..]].concat()).unwrap();
    let error = locked(path.clone()).unlock(&Passphrase::new(b"x").unwrap()).unwrap_err();
    assert!(matches!(error, KeyFileError::TooMuchWork { work: 21, .. }), "{error:?}");

    fs::write(&path, &encrypted).unwrap();
    let error = locked(path).unlock(&Passphrase::new(b"x").unwrap()).unwrap_err();
    assert!(matches!(error, KeyFileError::Private { .. }), "{error:?}");
}

#[test]
fn a_damaged_or_foreign_age_file_is_not_called_a_wrong_passphrase() {
    let dir = with_locked_key();
    let path = dir.path().join("k");
    let passphrase = Passphrase::new(PASSPHRASE.as_bytes()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let cut: Vec<&str> = text.lines().filter(|line| !line.starts_with("-----END")).collect();
    fs::write(&path, cut[..cut.len() - 1].join("\n")).unwrap();
    let error = locked(path.clone()).unlock(&passphrase).unwrap_err();
    assert!(matches!(error, KeyFileError::Damaged(_)), "{error:?}");

    let other = age::x25519::Identity::generate().to_public();
    fs::write(&path, age::encrypt_and_armor(&other, b"x").unwrap()).unwrap();
    let error = locked(path).unlock(&passphrase).unwrap_err();
    assert!(matches!(error, KeyFileError::NotPassphrase(_)), "{error:?}");
}

#[test]
fn other_kinds_of_key_files_are_told_apart() {
    let dir = TempDir::new().unwrap();
    tool(dir.path(), &["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "sec1"]);
    tool(
        dir.path(),
        &["openssl", "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x", "-out", "encrypted"],
    );
    tool(dir.path(), &["openssl", "genpkey", "-algorithm", "x25519", "-out", "x25519"]);
    tool(dir.path(), &["openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "p384sec1"]);
    tool(dir.path(), &["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", "p384sec1", "-out", "p384"]);
    tool(dir.path(), &["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "openssh"]);
    fs::write(dir.path().join("noise"), "hello").unwrap();
    let long = "-----BEGIN AGE ENCRYPTED FILE-----\n".repeat(3_000);
    fs::write(dir.path().join("long"), long).unwrap();
    for (file, says) in [
        ("sec1", "hint: openssl pkcs8 -topk8"),
        ("encrypted", "ENCRYPTED PRIVATE KEY"),
        ("x25519", "neither Ed25519 nor ECDSA P-256"),
        ("p384", "neither Ed25519 nor ECDSA P-256"),
        ("openssh", "OPENSSH PRIVATE KEY"),
        ("noise", "noise is not a key file"),
        ("long", "long is not a key file"),
    ] {
        let (code, _, stderr) = run(scelle(dir.path()).args(["key", "show", file]));
        assert!(code == Some(3) && stderr.contains(says), "{file}: {code:?} {stderr}");
    }
    assert_eq!(run(scelle(dir.path()).args(["key", "show", "absent"])).0, Some(2));
}

#[test]
fn help_ends_with_0_a_wrong_command_line_with_3_and_a_closed_pipe_quietly() {
    let (dir, ..) = with_plain_key("ed25519");
    let (code, stdout, _) = run(scelle(dir.path()).args(["key", "new", "--help"]));
    assert!(code == Some(0) && stdout.contains("--no-passphrase"));
    assert_eq!(run(scelle(dir.path()).args(["key", "nonsense"])).0, Some(3));
    let args = ["key", "new", "--out", "x", "--no-passphrase", "--passphrase-file", "f"];
    assert_eq!(run(scelle(dir.path()).args(args)).0, Some(3));

    let binary = env!("CARGO_BIN_EXE_scelle");
    let line = format!("( sleep 0.2; '{binary}' key show k; echo $? >&2 ) | true");
    let (_, _, stderr) = run(Command::new("bash").args(["-c", &line]).current_dir(dir.path()));
    assert_eq!(stderr, "0\n");
}
