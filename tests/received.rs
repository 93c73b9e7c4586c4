//! docs/received-a-bundle.md: each of its commands, as it is written, does what the page says.

use std::fs;
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

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    fs::copy(root().join("fixtures/golden/one_of_everything.scelle"), dir.join("evidence.scelle")).expect("a bundle");
    fs::copy(root().join("SPEC.md"), dir.join("SPEC.md")).expect("the specification");
    // The test key of the golden bundles, as a sender would export it.
    let der = data_encoding::HEXLOWER.decode(format!("302e020100300506032b657004220420{}", "7e".repeat(32)).as_bytes());
    let base64 = data_encoding::BASE64.encode(&der.expect("hex"));
    fs::write(dir.join("officer.key"), format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n"))
        .expect("a key");
    assert!(shell(dir, "scelle key export officer.key --format spki > signer.pem").status.success());

    let (python, own): (Vec<_>, Vec<_>) =
        commands().into_iter().partition(|command| command.starts_with("python3 verifiers/python/scelle_verify.py "));
    assert_eq!(python.len(), 1, "the second program has its own tests");
    // In one shell, since a line exports what the next one needs; each must succeed.
    let output = shell(dir, &own.join("\n"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.starts_with("VERIFIED  evidence.scelle\n"), "{stdout}");
    assert!(fs::read_to_string(dir.join("report.txt")).expect("the report").starts_with("VERIFIED"));
    assert!(stdout.contains("\neverything checked here holds\n"), "{stdout}");
    let digest = stdout.lines().find_map(|line| line.strip_suffix("  bundle/statement.json")).expect("a digest");
    assert!(stdout.contains(&format!("seal digest  {digest}\n")), "{stdout}");
    assert!(dir.join("restored/s").is_dir());
}
