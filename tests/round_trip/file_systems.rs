//! File systems of many kinds, each in an image of its own, mounted while a test needs it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A mounted image.
pub struct FileSystem {
    dir: tempfile::TempDir,
    /// A loop device that must be given back.
    device: Option<String>,
}

impl FileSystem {
    /// Makes and mounts one: `ext4`, `xfs`, `btrfs`, or `exfat`, which folds letter case and knows neither links nor owners.
    pub fn new(kind: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let image = dir.path().join("image");
        fs::File::create(&image).and_then(|file| file.set_len(400 << 20)).expect("an image");
        fs::create_dir(dir.path().join("mounted")).expect("a mount point");
        let mut file_system = Self { dir, device: None };
        let mounted = file_system.root();
        run(Command::new(format!("mkfs.{kind}")).arg(&image));
        match kind {
            "exfat" => {
                let device = run(Command::new("losetup").args(["--find", "--show"]).arg(&image)).trim().to_owned();
                run(Command::new("mount.exfat-fuse").arg(&device).arg(&mounted));
                file_system.device = Some(device);
            }
            _ => drop(run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&mounted))),
        }
        file_system
    }

    /// Its root directory.
    pub fn root(&self) -> PathBuf {
        self.dir.path().join("mounted")
    }
}

impl Drop for FileSystem {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.root()).status();
        if let Some(device) = &self.device {
            let _ = Command::new("losetup").args(["--detach", device]).status();
        }
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
