//! Real input: the system's own /usr/share, and an ext4 image made of part of it, sealed, verified, restored, compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SCELLE: &str = env!("CARGO_BIN_EXE_scelle");
/// Peak resident memory of any command, in KiB.
const PEAK_KIB_MAX: u64 = 256 * 1024;

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().expect("a directory") };
        desk.scelle("key new --out key --no-passphrase");
        desk.scelle("case new --case C --exhibit E --operator O --authority A --state VN --out case.toml");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        let output = Command::new(program).args(args).current_dir(self.dir.path()).output().expect(program);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {args:?}: {stderr}{}", String::from_utf8_lossy(&output.stdout));
        output
    }

    /// Runs a command and holds its peak memory against the limit.
    fn scelle(&self, line: &str) -> Output {
        let peak = self.path("peak");
        let mut args = vec!["-f", "%M", "-o", peak.to_str().expect("a plain path"), SCELLE];
        args.extend(line.split(' '));
        let output = self.run("/usr/bin/time", &args);
        let kib: u64 = fs::read_to_string(&peak).expect("the peak").trim().parse().expect("a number");
        assert!(kib < PEAK_KIB_MAX, "{line}: {kib} KiB");
        output
    }

    /// Seals, verifies and restores; the restored tree is in `out`.
    fn round_trip(&self, source: &str) {
        self.scelle(&format!("seal {source} --out x.scelle --key key --case case.toml"));
        self.scelle("verify x.scelle --signer key.pub");
        self.scelle("verify x.scelle --signer key.pub --fixity");
        self.scelle("extract x.scelle --signer key.pub --out out");
    }
}

/// Kind, mode, mtime and link target of everything below a directory.
fn metadata_of(dir: &Path) -> Vec<String> {
    let format = "%y %m %T@ %l %P\\n";
    let output = Command::new("find").arg(dir).args(["-printf", format]).output().expect("find");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Set-id bits are not restored without being asked for.
fn without_set_id(lines: Vec<String>) -> Vec<String> {
    let strip = |line: String| {
        let (kind, rest) = line.split_once(' ').expect("a kind");
        let (mode, rest) = rest.split_once(' ').expect("a mode");
        let mode = if kind == "l" { mode } else { &mode[mode.len() - 3.min(mode.len())..] };
        format!("{kind} {mode} {rest}")
    };
    lines.into_iter().map(strip).collect()
}

#[test]
fn the_systems_own_files_come_back_as_they_were() {
    let desk = Desk::new();
    desk.round_trip("/usr/share");
    desk.run("diff", &["-r", "--no-dereference", "/usr/share", "out/share"]);
    let restored = without_set_id(metadata_of(&desk.path("out/share")));
    let original = without_set_id(metadata_of(Path::new("/usr/share")));
    let difference = restored.iter().zip(&original).find(|(a, b)| a != b);
    assert_eq!(difference, None);
    assert_eq!(restored.len(), original.len());
}

#[test]
fn an_image_larger_than_memory_may_be_comes_back_as_it_was() {
    let desk = Desk::new();
    desk.run("truncate", &["-s", "700M", "image.ext4"]);
    desk.run("mkfs.ext4", &["-q", "-d", "/usr/share/doc", "image.ext4"]);
    desk.round_trip("image.ext4");
    desk.run("cmp", &["image.ext4", "out/image.ext4"]);
    let blocks = |name: &str| std::os::unix::fs::MetadataExt::blocks(&fs::metadata(desk.path(name)).expect("an image"));
    assert!(blocks("image.ext4") * 512 < 700 << 20, "the image has holes");
    let line = desk.scelle("list x.scelle --json --signer key.pub");
    let line: serde_json::Value = serde_json::from_slice(&line.stdout).expect("one line");
    assert!(!line["holes"].as_array().expect("holes").is_empty());
    let sum = desk.run("sha256sum", &["image.ext4"]);
    assert_eq!(line["sha256"], String::from_utf8_lossy(&sum.stdout)[..64].to_owned());
}
