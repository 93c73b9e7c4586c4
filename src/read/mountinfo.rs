//! The kernel's list of mounts, as text: names in it come from whoever mounted a medium, and from the medium's own label.
//! Bytes to values; `uses` reads the file.

use crate::format::entry::DeviceNumber;

/// One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
#[derive(Debug, PartialEq, Eq)]
pub struct Mount {
    /// Number of the device, or one that the file system made up.
    pub device: DeviceNumber,
    /// Where it is mounted; never empty.
    pub at: Vec<u8>,
    /// What is mounted, as the file system calls it.
    pub source: Vec<u8>,
    /// Of the file system, not of this mount: a mount that is read-only does not keep another from being written to.
    pub read_only: bool,
}

impl Mount {
    /// Parses a line without its LF; `None` if it is none.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|&b| b == b' ');
        let number = std::str::from_utf8(fields.nth(2)?).ok()?;
        let (major, minor) = number.split_once(':')?;
        let at = unescape(fields.nth(1)?);
        let mut after = fields.skip_while(|field| *field != b"-").skip(2);
        let source = unescape(after.next()?);
        let read_only = after.next()?.split(|&b| b == b',').any(|option| option == b"ro");
        let device = DeviceNumber(major.parse().ok()?, minor.parse().ok()?);
        (!at.is_empty()).then_some(Self { device, at, source, read_only })
    }
}

/// The kernel writes white space and backslashes as a backslash and three octal digits.
pub fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| first == b'\\').and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &after[3..];
            }
            None => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_read_only_if_its_file_system_is() {
        let parse = |line: &str| Mount::parse(line.as_bytes()).unwrap();
        let line = r"36 35 7:1 / /mnt/a\040b ro,noatime master:1 - ext4 /dev/loop1 rw,errors=continue";
        let expected = Mount {
            device: DeviceNumber(7, 1),
            at: b"/mnt/a b".to_vec(),
            source: b"/dev/loop1".to_vec(),
            read_only: false,
        };
        assert_eq!(parse(line), expected);
        assert!(parse("36 35 7:1 / /m rw,noatime - ext4 /dev/loop1 ro").read_only);
        assert!(!parse("36 35 7:1 / /m rw - ext4 /dev/loop1 rw,rootcontext=ro").read_only);
        for broken in
            ["", "36 35 7:1", "36 35 7 / /m rw - ext4 x ro", "36 35 7:1 / /m rw ext4 x ro", "1 2 3:x / / rw - a b c"]
        {
            assert_eq!(Mount::parse(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn escapes_are_undone_and_other_backslashes_kept() {
        assert_eq!(unescape(br"a\040b\134\012"), b"a b\\\n");
        assert_eq!(unescape(br"\777\9\04"), br"\777\9\04");
    }
}
