//! Names of users and groups from the sealing system's own files. Directory services are not asked: sealing is offline,
//! and a name is only a convenience beside the number.

use std::collections::HashMap;
use std::fs;

/// What `/etc/passwd` and `/etc/group` say, read once.
#[derive(Default)]
pub(super) struct Names {
    users: HashMap<u32, Vec<u8>>,
    groups: HashMap<u32, Vec<u8>>,
}

impl Names {
    /// Reads both files; one that cannot be read gives no names.
    pub(super) fn of_this_system() -> Self {
        Self {
            users: parse(&fs::read("/etc/passwd").unwrap_or_default()),
            groups: parse(&fs::read("/etc/group").unwrap_or_default()),
        }
    }

    /// The name of a user id.
    pub(super) fn user(&self, uid: u32) -> Option<Vec<u8>> {
        self.users.get(&uid).cloned()
    }

    /// The name of a group id.
    pub(super) fn group(&self, gid: u32) -> Option<Vec<u8>> {
        self.groups.get(&gid).cloned()
    }
}

/// Both files hold `name:password:id:...` lines; the first line of an id decides, as for the C library.
fn parse(text: &[u8]) -> HashMap<u32, Vec<u8>> {
    let mut names = HashMap::new();
    for line in text.split(|&b| b == b'\n') {
        let mut fields = line.split(|&b| b == b':');
        let (Some(name), Some(_), Some(id)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let id = std::str::from_utf8(id).ok().and_then(|digits| digits.parse().ok());
        if let (Some(id), false) = (id, name.is_empty()) {
            names.entry(id).or_insert_with(|| name.to_vec());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_an_id_counts_and_damaged_lines_do_not() {
        let names = parse(
            b"root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nb\xffd:x:7:7\n:x:9:\nno\nbad:x:-1:\nbig:x:4294967296:",
        );
        assert_eq!(names.len(), 2);
        assert_eq!(names[&0], b"root");
        assert_eq!(names[&7], b"b\xffd");
    }
}
