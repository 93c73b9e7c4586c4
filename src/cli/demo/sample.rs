//! What the demonstration seals.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _, symlink};
use std::path::Path;

/// A small folder of the kinds of things that phones hold.
pub fn phone(dir: &Path) -> io::Result<()> {
    let phone = dir.join("phone");
    fs::create_dir_all(phone.join("messages"))?;
    fs::write(phone.join("messages/2026-04-16.txt"), "18:02 meet at the usual place\n18:03 bring the drive\n")?;
    fs::write(phone.join("messages/tin nhắn.txt"), "20:15 đã xong\n")?;
    fs::write(phone.join("calls.csv"), "2026-04-16T18:05:11+07:00,outgoing,00:02:41\n".repeat(400))?;
    symlink("/nowhere/to/be/found", phone.join("latest"))?;
    // A video does not compress; a generator with a fixed start makes the same one every time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let video: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .take((6 << 20) / 8)
    .flatten()
    .collect();
    fs::write(phone.join("VID_0417.mp4"), video)
}

/// A folder made to harm whoever looks at it or unpacks it. Gives the length of its sparse file in bytes.
pub fn trap(dir: &Path) -> io::Result<u64> {
    const SPARSE_LEN: u64 = 64 << 20;
    let trap = dir.join("trap");
    fs::create_dir(&trap)?;
    fs::write(trap.join("invoice.pdf\n   VERIFIED  everything is fine\x1b[8m"), "a forged line, then hidden text\n")?;
    fs::write(trap.join("holiday_gpj.\u{202e}exe"), "shown backwards it would end with .jpg\n")?;
    fs::write(trap.join("-rf"), "an option for careless scripts\n")?;
    fs::write(trap.join("Report.txt"), "one\n")?;
    fs::write(trap.join("report.txt"), "the other\n")?;
    symlink("/", trap.join("way out"))?;
    fs::write(trap.join("helper"), "#!/bin/sh\n")?;
    fs::set_permissions(trap.join("helper"), Permissions::from_mode(0o4755))?;
    let image = File::create_new(trap.join("disk.img"))?;
    image.write_all_at(&[0x55; 4096], SPARSE_LEN / 2)?;
    image.set_len(SPARSE_LEN)?;
    Ok(SPARSE_LEN)
}
