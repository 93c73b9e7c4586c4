//! The commands of VERIFY.txt, run word for word with the system's own tools.

mod authority;
mod memory_source;
mod reference;
mod sealed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use memory_source::Item;
use scelle::seal::Form;
use sealed::{Shape, as_read, one_of_everything, seal_items, test_key};

/// An unpacked bundle, the key and a work directory.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    /// Seals items and unpacks the bundle with `unzip`.
    fn receive(items: &[Item], shape: &Shape) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let desk = Self { dir };
        let out = desk.path("x.scelle");
        seal_items(&as_read(items), shape, &out);
        if shape.form == Form::Zip {
            let unzip = Command::new("unzip").arg("-q").arg(&out).arg("-d").arg(desk.path("bundle")).output();
            assert_success(&unzip.expect("unzip"));
        } else {
            fs::rename(&out, desk.path("bundle")).expect("the directory form");
        }
        fs::write(desk.path("signer.pem"), test_key().public().to_pem()).expect("the key");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn member(&self, name: &str) -> PathBuf {
        self.path("bundle").join(name)
    }

    /// Runs the commands of the bundle's own VERIFY.txt with this shell in a fresh work directory.
    fn verify_with(&self, shell: &[&str]) -> Output {
        let work = self.path("work");
        let _ = fs::remove_dir_all(&work);
        fs::create_dir(&work).expect("a work directory");
        let script = self.path("commands.sh");
        fs::write(&script, commands(scelle::format::VERIFY_TEXT)).expect("the commands");
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(script).current_dir(self.path("bundle"));
        command.env("SIGNER", self.path("signer.pem")).env("WORK", work).output().expect("a shell")
    }

    fn verify(&self) -> Output {
        self.verify_with(&["sh"])
    }
}

/// What stands between the two marks of the text.
fn commands(text: &str) -> &str {
    let (_, rest) = text.split_once("-----BEGIN COMMANDS-----\n").expect("a first mark");
    rest.split_once("-----END COMMANDS-----\n").expect("a last mark").0
}

fn assert_success(output: &Output) {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn assert_holds(output: &Output) {
    assert_success(output);
    assert!(text(&output.stdout).ends_with("everything checked here holds\n"), "{}", text(&output.stdout));
}

fn assert_fails(output: &Output, why: &str) {
    assert!(!output.status.success(), "{why}: {}", text(&output.stdout));
    assert!(!text(&output.stdout).contains("everything checked here holds"), "{why}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("a member");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("a member");
}

#[test]
fn the_printed_commands_hold_for_an_intact_bundle_and_restore_it() {
    let items = one_of_everything();
    let desk = Desk::receive(&items, &Shape::small());
    for shell in [&["sh"][..], &["bash"], &["busybox", "sh"]] {
        assert_holds(&desk.verify_with(shell));
    }
    for item in items.iter().filter(|item| item.content.is_some()) {
        use std::os::unix::ffi::OsStrExt;
        let path = desk.path("work/restored").join(std::ffi::OsStr::from_bytes(item.entry.path.as_bytes()));
        assert_eq!(fs::read(&path).ok(), item.content, "{path:?}");
    }
}

#[test]
fn the_directory_form_verifies_by_hand_too() {
    let desk = Desk::receive(&one_of_everything(), &Shape { form: Form::Dir, ..Shape::small() });
    assert_holds(&desk.verify());
}

#[test]
fn a_flipped_byte_in_any_sealed_member_or_the_envelope_fails() {
    let desk = Desk::receive(&one_of_everything(), &Shape::small());
    let members = walkdir::WalkDir::new(desk.path("bundle")).sort_by_file_name().into_iter().flatten();
    for member in members.filter(|e| e.file_type().is_file()) {
        let len = usize::try_from(member.metadata().expect("metadata").len()).expect("small");
        for at in [0, len / 2, len - 1] {
            flip(member.path(), at);
            assert_fails(&desk.verify(), &format!("{} at {at}", member.path().display()));
            flip(member.path(), at);
        }
    }
    assert_holds(&desk.verify());
}

#[test]
fn a_member_too_many_or_too_few_fails() {
    let desk = Desk::receive(&one_of_everything(), &Shape::small());
    for name in ["stray", "payload/00000099.tar.zst"] {
        fs::write(desk.member(name), "").expect("a stray file");
        assert_fails(&desk.verify(), name);
        fs::remove_file(desk.member(name)).expect("the stray file");
    }
    for name in ["VERIFY.txt", "index/00000001.bin", "case.json"] {
        let bytes = fs::read(desk.member(name)).expect(name);
        fs::remove_file(desk.member(name)).expect(name);
        assert_fails(&desk.verify(), name);
        fs::write(desk.member(name), bytes).expect(name);
    }
    assert_holds(&desk.verify());
}

#[test]
fn another_signers_key_fails() {
    let desk = Desk::receive(&one_of_everything(), &Shape::small());
    let other = scelle::sign::SigningKey::generate(scelle::format::spki::Algorithm::Ed25519).expect("a key");
    fs::write(desk.path("signer.pem"), other.public().to_pem()).expect("the key");
    assert_fails(&desk.verify(), "a key that did not sign");
}

/// A bundle with a hand-over in its log; the files of the events.
fn handed_over() -> (Desk, Vec<PathBuf>) {
    let desk = Desk::receive(&one_of_everything(), &Shape { form: Form::Dir, ..Shape::small() });
    fs::write(desk.path("key"), test_key().to_pkcs8_pem().expect("PEM").as_bytes()).expect("the key");
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_scelle")).args(args).current_dir(desk.dir.path()).output();
        assert_success(&output.expect("scelle"));
    };
    run(&["key", "new", "--out", "lab", "--no-passphrase", "--algorithm", "p256"]);
    let offer = [
        "custody",
        "offer",
        "bundle",
        "--to",
        "lab.pub",
        "--key",
        "key",
        "--purpose",
        "a \"},\"branch\":\"",
        "--place",
        "x",
    ];
    run(&[&offer[..], &["--name", "N } \"spki\":\"AAAA\"},\"branch\":"]].concat());
    run(&["custody", "accept", "bundle", "--key", "lab", "--signer", "signer.pem", "--place", "x", "--receipt", "r"]);
    let events = fs::read_dir(desk.member("custody")).expect("the log").map(|it| it.expect("an event").path());
    let mut events: Vec<_> = events.collect();
    events.sort();
    assert_eq!(events.len(), 2);
    (desk, events)
}

#[test]
fn events_are_checked_by_hand_too() {
    let (desk, events) = handed_over();
    for shell in [&["sh"][..], &["bash"], &["busybox", "sh"]] {
        let output = desk.verify_with(shell);
        assert_holds(&output);
        assert_eq!(text(&output.stdout).matches(" is signed by ").count(), 2, "{}", text(&output.stdout));
    }
    for event in &events {
        let bytes = fs::read(event).expect("an event");
        for at in (12..bytes.len()).step_by(bytes.len() / 9) {
            flip(event, at);
            assert_fails(&desk.verify(), &format!("byte {at} of {}", event.display()));
            fs::write(event, &bytes).expect("put back");
        }
    }
    let first = fs::read(&events[0]).expect("an event");
    fs::remove_file(&events[0]).expect("removed");
    assert_fails(&desk.verify(), "the event before the second is gone");
    fs::write(&events[0], &first).expect("put back");
    assert_holds(&desk.verify());
    fs::write(desk.member("custody/junk"), "junk").expect("a file");
    assert_fails(&desk.verify(), "junk in the log");
}

/// The command that begins so, where the text shows further proofs, with what its words in capitals stand for.
fn shown(begins: &str, words: &[(&str, &str)]) -> String {
    let text = scelle::format::VERIFY_TEXT;
    let lines = text.lines().skip_while(|line| !line.trim_start().starts_with(begins));
    let mut command = String::new();
    for line in lines {
        command += line.trim_start();
        command.push('\n');
        if !line.ends_with('\\') {
            break;
        }
    }
    words.iter().for_each(|(word, value)| command = command.replace(word, value));
    command
}

#[test]
fn time_stamps_and_ssh_signatures_are_checked_by_the_lines_that_the_text_shows() {
    let (desk, events) = handed_over();
    let authority = authority::Authority::new(authority::Keys::P256);
    let stamp = authority.stamp("tsa", &fs::read(&events[1]).expect("an event"), "20400101000000Z");
    fs::write(desk.path("answer.tsr"), stamp).expect("an answer");
    fs::write(desk.path("root.pem"), authority.read("ca.pem")).expect("a root");
    let scelle = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_scelle")).args(args).current_dir(desk.dir.path()).output();
        let output = output.expect("scelle");
        assert_success(&output);
        text(&output.stdout)
    };
    scelle(&["timestamp", "attach", "bundle", "answer.tsr", "--timestamp-root", "root.pem"]);
    scelle(&[
        "sign",
        "bundle",
        "--key",
        "key",
        "--signer",
        "signer.pem",
        "--signer",
        "lab.pub",
        "--ssh",
        "--out",
        "s.sig",
    ]);
    let line = scelle(&["key", "export", "key", "--format", "openssh"]);
    fs::write(desk.path("allowed_signers"), format!("officer {line}")).expect("a file");
    let name = fs::read_dir(desk.member("timestamps")).expect("time-stamps").next().expect("one").expect("one");
    let name = name.file_name().to_string_lossy().into_owned();
    let sh = |command: &str| {
        let output = Command::new("sh").args(["-c", command]).current_dir(desk.path("bundle")).output();
        output.expect("a shell").status.success()
    };
    let event = events[1].to_string_lossy().into_owned();
    let of = |event: &str, second: &str| {
        let file = ["-data ", event].concat();
        let words =
            [("-data FILE", &file[..]), ("NAME.tsr", &name[..]), ("root.pem", "../root.pem"), ("SECONDS", second)];
        shown("openssl ts -verify", &words)
    };
    let second = "2208988800";
    assert!(sh(&of(&event, second)));
    assert!(!sh(&of(&events[0].to_string_lossy(), second)), "another file");
    assert!(!sh(&of(&event, "1000000000")), "before the certificate was valid");
    let by = |who: &str| {
        let words = [("-f allowed_signers", "-f ../allowed_signers"), ("-I NAME", who), ("FILE.sig", "../s.sig")];
        shown("ssh-keygen -Y verify", &words)
    };
    assert!(sh(&by("-I officer")));
    assert!(!sh(&by("-I nobody")), "somebody else");
    flip(&desk.member("statement.json"), 40);
    assert!(!sh(&by("-I officer")), "another statement");
}

#[test]
fn an_event_that_names_another_key_than_signed_it_fails_by_hand() {
    let (desk, events) = handed_over();
    let envelope = fs::read_to_string(&events[1]).expect("an event");
    let own = scelle::format::dsse::Envelope::from_bytes(envelope.as_bytes()).expect("an envelope");
    // The same payload, signed by the sealer, who is not whom it names.
    let forged = test_key().seal_envelope(&own.statement).expect("a signature");
    fs::write(&events[1], forged.to_bytes()).expect("forged");
    assert_fails(&desk.verify(), "signed by another");
    fs::write(&events[1], scelle::format::dsse::Envelope { key_id: own.key_id, ..forged }.to_bytes()).expect("forged");
    assert_fails(&desk.verify(), "signed by another under the right id");
}

#[test]
fn a_bundle_without_files_has_an_empty_sums_list_and_holds() {
    let desk = Desk::receive(&[Item::dir(b"s"), Item::symlink(b"s/l", b"nowhere")], &Shape::small());
    assert_holds(&desk.verify());
}

#[test]
fn a_file_named_dash_is_a_file_and_not_standard_input() {
    let desk = Desk::receive(&[Item::file(b"-", b"dash".to_vec())], &Shape::small());
    assert_holds(&desk.verify());
    let desk = Desk::receive(&[Item::file(b"--help", b"dashes".to_vec())], &Shape::small());
    assert_holds(&desk.verify());
}

#[test]
fn a_damaged_file_inside_a_well_signed_bundle_fails_its_sum() {
    // What a hostile signer could sign: sums that are not those of the payload.
    let items = [Item::file(b"a", b"good".to_vec())];
    let desk = Desk::receive(&items, &Shape::small());
    let sums = desk.member("SHA256SUMS.zst");
    let wrong = format!("{}  a\n", "0".repeat(64));
    fs::write(&sums, zstd::encode_all(wrong.as_bytes(), 3).expect("zstd")).expect("the sums");
    let list = Command::new("sh")
        .arg("-c")
        .arg("sed 's/^[0-9a-f]*  //' SEALED.sha256 | xargs sha256sum > l && mv l SEALED.sha256")
        .current_dir(desk.path("bundle"))
        .output();
    assert_success(&list.expect("sh"));
    resign(&desk);
    let output = desk.verify();
    assert_fails(&output, "wrong sums");
    assert!(text(&fs::read(desk.path("work/files")).expect("the result")).contains("a: FAILED"));
}

/// Signs the bundle anew over the list as it is now.
fn resign(desk: &Desk) {
    use scelle::format::statement::Statement;
    let digest = |name: &str| scelle::hash::sha256(&fs::read(desk.member(name)).expect(name));
    let old = Statement::parse(&fs::read(desk.member("statement.json")).expect("the statement")).expect("a statement");
    let statement = Statement::new(old.predicate, digest("SEALED.sha256"), digest("case.json")).to_bytes();
    let name = scelle::format::member::MemberName::envelope_of(test_key().public().key_id()).to_string();
    fs::write(desk.member(&name), test_key().seal_envelope(&statement).expect("a signature").to_bytes())
        .expect("the envelope");
    fs::write(desk.member("statement.json"), statement).expect("the statement");
}

#[test]
#[ignore = "a minute and 300,000 files: run by scripts/test-heavy"]
fn a_hundred_thousand_segments_pass_no_argument_list() {
    let file = |i: u32| Item::file(format!("s/{i:06}").as_bytes(), i.to_le_bytes().to_vec());
    let items: Vec<_> = std::iter::once(Item::dir(b"s")).chain((0..100_000).map(file)).collect();
    let desk = Desk::receive(&items, &Shape { limits: (512, 512, 512, 1), ..Shape::small() });
    assert!(desk.member("payload/00100000.tar.zst").exists());
    assert_holds(&desk.verify());
}
