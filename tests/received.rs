//! docs/received-a-bundle.md: each of its commands, as it is written, does what the page says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

/// The commands of the page, in order.
fn commands() -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/received-a-bundle.md")).expect("the page");
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.flat_map(|block| block.trim().lines().map(str::to_owned)).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shell(dir: &Path, command: &str) -> Output {
    let scelle = Path::new(env!("CARGO_BIN_EXE_scelle")).parent().expect("a directory").display();
    let path = format!("{scelle}:{}", std::env::var("PATH").expect("PATH"));
    Command::new("sh").args(["-ec", command]).env("PATH", path).current_dir(dir).output().expect("sh")
}

/// The bundle, the key and the programs, under the names of the page.
fn desk(dir: &Path) {
    fs::copy(root().join("fixtures/golden/one_of_everything.scelle"), dir.join("evidence.scelle")).expect("a bundle");
    fs::copy(root().join("SPEC.md"), dir.join("SPEC.md")).expect("the specification");
    // The test key of the golden bundles, as a sender would export it.
    let der = data_encoding::HEXLOWER.decode(format!("302e020100300506032b657004220420{}", "7e".repeat(32)).as_bytes());
    let base64 = data_encoding::BASE64.encode(&der.expect("hex"));
    fs::write(dir.join("officer.key"), format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n"))
        .expect("a key");
    assert!(shell(dir, "scelle key export officer.key --format spki > signer.pem").status.success());
    assert!(shell(dir, "scelle sign evidence.scelle --key officer.key --ssh").status.success());
    let line = "echo officer@authority.example $(scelle key export officer.key --format openssh) > allowed_signers";
    assert!(shell(dir, line).status.success());
    fs::create_dir_all(dir.join("verifiers/python")).expect("a directory");
    let python = "verifiers/python/scelle_verify.py";
    fs::copy(root().join(python), dir.join(python)).expect("the second program");
}

#[test]
fn both_programs_end_with_the_number_of_the_table() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    desk(dir);
    let mut damaged = fs::read(dir.join("evidence.scelle")).expect("the bundle");
    damaged[10_000] ^= 1;
    fs::write(dir.join("damaged.scelle"), damaged).expect("a bundle");
    fs::write(dir.join("letter.txt"), "no bundle").expect("a file");
    symlink("loop.scelle", dir.join("loop.scelle")).expect("a link");
    let other = root().join("fixtures/corpus/keys/other.pub.pem");
    let cases = [
        (0, "--signer signer.pem evidence.scelle".to_owned()),
        (1, "--signer signer.pem damaged.scelle".to_owned()),
        (2, "--signer signer.pem loop.scelle".to_owned()),
        (3, "--signer signer.pem letter.txt".to_owned()),
        (3, "--signer signer.pem --misspelt".to_owned()),
        (4, "evidence.scelle".to_owned()),
        (4, format!("--signer '{}' evidence.scelle", other.display())),
    ];
    for program in ["scelle verify", "python3 verifiers/python/scelle_verify.py"] {
        for (exit, arguments) in &cases {
            let output = shell(dir, &format!("{program} {arguments}"));
            assert_eq!(output.status.code(), Some(*exit), "{program} {arguments}: {output:?}");
        }
    }
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    desk(dir);
    // In one shell, since a line exports what the next one needs; each must succeed.
    let output = shell(dir, &commands().join("\n"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.starts_with("VERIFIED  evidence.scelle\n"), "{stdout}");
    assert!(fs::read_to_string(dir.join("report.txt")).expect("the report").starts_with("VERIFIED"));
    assert!(
        stdout.contains("Good \"seal@scelle\" signature for officer@authority.example with ED25519 key"),
        "{stdout}"
    );
    assert!(stdout.contains("evidence.scelle.sig: holds over this statement\n"), "{stdout}");
    assert!(stdout.contains("\nverified; seal digest "), "the second program: {stdout}");
    assert!(stdout.contains("\neverything checked here holds\n"), "{stdout}");
    let digest = stdout.lines().find_map(|line| line.strip_suffix("  bundle/statement.json")).expect("a digest");
    assert!(stdout.contains(&format!("seal digest  {digest}\n")), "{stdout}");
    assert!(dir.join("restored/s").is_dir());
}
