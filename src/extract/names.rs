//! What things are called on the target. A name that the target takes for another one (letter case, Unicode
//! normalisation), cannot hold, or reserves is replaced, and a file says which name stands for which.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::rc::Rc;

use rustix::fs::{AtFlags, Dir, Mode, OFlags, Stat, fstat, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;
use serde_json::{Value, json};

use super::file::temporary_name;
use super::outcome::Lost;
use super::target::{Target, join};

/// How many names are tried for one thing.
const TRIES_MAX: u32 = 100;
/// How many maps there may be in one target: each run that renames writes one.
const MAPS_MAX: u32 = 10_000;
/// Longest part of a name that is kept in a substitute, in bytes: any file system holds it with what is appended.
const KEPT_LEN_MAX: usize = 160;
/// Name of the file that says what was renamed.
const MAP_NAME: &str = "scelle-renamed";
/// What stands between a name and a number in every substitute, and in nothing else.
const MARK: &str = "~scelle-";
/// Names that only a target which keeps every byte holds beside one another.
const PROBES: [&[u8]; 7] = [b"a", b"A", "\u{e9}".as_bytes(), "e\u{301}".as_bytes(), b"b.", b"c:", b"\xff"];
/// Names of devices where they are reserved, also with an extension.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// What came of an attempt to make a thing under a name.
pub enum Attempt {
    /// It was made.
    Made,
    /// The same thing is there already.
    Same,
    /// Something else is there.
    Other,
    /// The target cannot hold such a name, it seems.
    Unfit(Errno),
}

impl Attempt {
    /// What an error of a call that makes something says; `Err` if it says nothing of the name.
    pub fn refused(errno: Errno) -> Result<Self, Lost> {
        match errno {
            Errno::INVAL | Errno::ILSEQ | Errno::NAMETOOLONG => Ok(Self::Unfit(errno)),
            errno => Err(Lost::Target(errno.into())),
        }
    }
}

/// Makes a thing in a directory under a name; the last argument says whether it is its own name.
pub type Make<'a> = dyn FnMut(&OwnedFd, &[u8], bool) -> Result<Attempt, Lost> + 'a;

/// A thing that has a name now.
pub struct Placed {
    /// Its name in its directory.
    pub name: Vec<u8>,
    /// It was there before.
    pub was_there: bool,
}

/// What is to have a name.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Its path in the bundle.
    pub path: &'a [u8],
    /// Its number, or that of an entry below it.
    pub n: u64,
}

/// The names on a target.
pub struct Names {
    root: Rc<OwnedFd>,
    /// The target keeps every name byte for byte.
    is_exact: bool,
    /// Path of the directory that was listed last, and the names in it.
    listed: Option<(Vec<u8>, HashSet<Vec<u8>>)>,
    /// The file that says what was renamed, and its name.
    map: Option<(File, String)>,
    /// How many things have another name.
    pub renamed: u64,
}

impl Names {
    /// Tries what the target does with names.
    pub fn on(target: &Target) -> io::Result<Self> {
        let root = Rc::clone(target.root());
        let is_exact = keeps_every_byte(&root)?;
        Ok(Self { root, is_exact, listed: None, map: None, renamed: 0 })
    }

    /// Name of the file in the target that says what was renamed, if anything was.
    pub fn map_name(&self) -> Option<&str> {
        self.map.as_ref().map(|(_, name)| name.as_str())
    }

    /// Makes a thing in a directory of the target, under its own name if that can be.
    pub fn place(
        &mut self,
        target: &mut Target,
        parent: &[u8],
        wanted: Wanted<'_>,
        attempt: &mut Make<'_>,
    ) -> Result<Placed, Lost> {
        let dir = target.dir(parent).map_err(|errno| Lost::Target(errno.into()))?;
        let own = wanted.path.rsplit(|&b| b == b'/').next().unwrap_or_default();
        if !self.is_barred(&dir, parent, own).map_err(Lost::Target)? {
            match attempt(&dir, own, true)? {
                Attempt::Other => return Err(Lost::Exists),
                Attempt::Unfit(_) => {}
                made => return Ok(self.placed(parent, own, made)),
            }
        }
        let mut refused = Errno::EXIST;
        for number in 1..=TRIES_MAX {
            let name = substitute(own, wanted.n, number);
            self.record(wanted.path, &join(parent, &name)).map_err(Lost::Target)?;
            match attempt(&dir, &name, false)? {
                Attempt::Other => {}
                Attempt::Unfit(errno) => refused = errno,
                made => {
                    self.renamed += 1;
                    return Ok(self.placed(parent, &name, made));
                }
            }
        }
        Err(Lost::Target(refused.into()))
    }

    fn placed(&mut self, parent: &[u8], name: &[u8], made: Attempt) -> Placed {
        if let Some((_, names)) = self.listed.as_mut().filter(|(listed, _)| listed == parent) {
            names.insert(name.to_vec());
        }
        Placed { name: name.to_vec(), was_there: matches!(made, Attempt::Same) }
    }

    /// Whether a thing must not have its own name here.
    fn is_barred(&mut self, dir: &OwnedFd, parent: &[u8], name: &[u8]) -> io::Result<bool> {
        if is_ours(parent, name) {
            return Ok(true);
        }
        if self.is_exact {
            return Ok(false);
        }
        if !is_portable(name) {
            return Ok(true);
        }
        let is_there = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
        // There, but not under these bytes: another name stands for the same to this target.
        Ok(is_there && !self.lists(dir, parent, name)?)
    }

    fn lists(&mut self, dir: &OwnedFd, parent: &[u8], name: &[u8]) -> io::Result<bool> {
        let names = match self.listed.take() {
            Some((listed, names)) if listed == parent => names,
            _ => list(dir)?,
        };
        Ok(self.listed.insert((parent.to_vec(), names)).1.contains(name))
    }

    /// Says in the map what a thing will be called. Before it is made: a name without an explanation would be worse
    /// than an explanation without a name. The last line of a path counts.
    fn record(&mut self, path: &[u8], restored_as: &[u8]) -> io::Result<()> {
        let (file, _) = match &mut self.map {
            Some(map) => map,
            None => {
                let map = create_map(&self.root)?;
                self.map.insert(map)
            }
        };
        let mut line = json!({});
        put(&mut line, "path", path);
        put(&mut line, "restored_as", restored_as);
        file.write_all(format!("{line}\n").as_bytes())
    }
}

fn create_map(root: &OwnedFd) -> io::Result<(File, String)> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for number in 1..=MAPS_MAX {
        let name = if number == 1 { format!("{MAP_NAME}.jsonl") } else { format!("{MAP_NAME}-{number}.jsonl") };
        match openat(root, &name, flags, Mode::RUSR | Mode::WUSR) {
            Err(Errno::EXIST) => {}
            file => return Ok((file?.into(), name)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A name by the rule for byte strings in JSON (SPEC.md JSON-5).
fn put(line: &mut Value, key: &str, name: &[u8]) {
    match std::str::from_utf8(name) {
        Ok(text) => line[key] = text.into(),
        Err(_) => line[format!("{key}_b64")] = data_encoding::BASE64.encode(name).into(),
    }
}

/// A name that any target holds: what may not stand in one as `%` and two hex digits, then the number of the entry.
fn substitute(name: &[u8], n: u64, number: u32) -> Vec<u8> {
    let mut kept = String::new();
    for chunk in name.utf8_chunks() {
        chunk.valid().chars().for_each(|c| {
            let mut bytes = [0; 4];
            match is_portable_char(c) && c != '%' {
                true => kept.push(c),
                false => c.encode_utf8(&mut bytes).bytes().for_each(|b| kept.push_str(&format!("%{b:02X}"))),
            }
        });
        chunk.invalid().iter().for_each(|b| kept.push_str(&format!("%{b:02X}")));
    }
    let mut len = kept.len().min(KEPT_LEN_MAX);
    while !kept.is_char_boundary(len) {
        len -= 1;
    }
    kept.truncate(len);
    let again = if number == 1 { String::new() } else { format!("-{number}") };
    let name = format!("{kept}{MARK}{n}{again}");
    // A reserved name stays one with whatever stands behind it: then its first letter, which is ASCII, is written otherwise.
    match name.as_bytes().first() {
        Some(first) if !is_portable(name.as_bytes()) => format!("%{first:02X}{}", &name[1..]).into_bytes(),
        _ => name.into_bytes(),
    }
}

/// Whether a name looks like one that is given here, in any letter case. What has such a name in the bundle gets another,
/// so that no name that is made up can be that of another entry.
fn is_ours(parent: &[u8], name: &[u8]) -> bool {
    let upper = String::from_utf8_lossy(name).to_uppercase();
    upper.contains(&MARK.to_uppercase()) || (parent.is_empty() && upper.starts_with(&MAP_NAME.to_uppercase()))
}

fn is_portable_char(c: char) -> bool {
    !c.is_control() && !matches!(c, '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*')
}

/// Whether the file systems of other systems take a name as it is.
fn is_portable(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let device = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_numbered = matches!(device, "com" | "lpt");
    let is_reserved = RESERVED.contains(&device) && (is_numbered == (stem.len() > device.len()));
    !is_reserved && !name.ends_with(['.', ' ']) && name.chars().all(is_portable_char)
}

/// Whether a directory's file system keeps every name byte for byte, found out in a directory that is removed again.
fn keeps_every_byte(root: &OwnedFd) -> io::Result<bool> {
    let name = temporary_name()?;
    mkdirat(root, &name, Mode::RWXU)?;
    let result = try_names(root, &name);
    let removed = unlinkat(root, &name, AtFlags::REMOVEDIR);
    // What went wrong first is what is worth saying.
    let is_exact = result?;
    removed?;
    Ok(is_exact)
}

fn try_names(root: &OwnedFd, name: &str) -> io::Result<bool> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let dir = openat(root, name, flags | OFlags::RDONLY, Mode::empty())?;
    // Somebody may have put another directory in its place. In that one nothing is made, and nothing removed.
    if !list(&dir)?.is_empty() || fstat(&dir)?.st_uid != geteuid().as_raw() {
        return Err(io::Error::other("a directory in it was exchanged for another"));
    }
    let create = |probe: &&[u8]| {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        openat(&dir, *probe, flags, Mode::RUSR | Mode::WUSR).ok()
    };
    // Held open, so that no file system gives their numbers to others meanwhile.
    let made: Vec<OwnedFd> = PROBES.iter().filter_map(create).collect();
    let names = list(&dir)?;
    names.iter().filter(|name| is_one_of(&dir, name, &made)).for_each(|name| {
        // One that stays shows when the directory cannot be removed.
        let _ = unlinkat(&dir, name.as_slice(), AtFlags::empty());
    });
    Ok(made.len() == PROBES.len() && PROBES.iter().all(|probe| names.contains(*probe)))
}

/// Whether a name is that of one of these files.
fn is_one_of(dir: &OwnedFd, name: &[u8], files: &[OwnedFd]) -> bool {
    let id = |stat: Stat| (stat.st_dev, stat.st_ino);
    let found = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).map(id);
    files.iter().any(|file| fstat(file).map(id) == found)
}

/// The names in a directory.
fn list(dir: &OwnedFd) -> io::Result<HashSet<Vec<u8>>> {
    let readable = openat(dir, c".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut names = HashSet::new();
    for item in Dir::new(readable)? {
        let name = item?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.insert(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_other_systems_reserve_are_known() {
        for name in ["a", "com", "com0x", "console", "lpt", "x.con", ".hidden", "ü", "a b"] {
            assert!(is_portable(name.as_bytes()), "{name}");
        }
        for name in ["con", "CON.txt", "aux ", "Com1", "lpt9.log", "a.", "a ", "a:b", "a\\b", "a\nb", "what?"] {
            assert!(!is_portable(name.as_bytes()), "{name}");
        }
        assert!(!is_portable(b"\xff"));
    }

    #[test]
    fn substitutes_differ_and_fit_everywhere() {
        assert_eq!(substitute(b"a:\xff%", 7, 1), b"a%3A%FF%25~scelle-7");
        assert_eq!(substitute(b"a", 7, 2), b"a~scelle-7-2");
        for name in [&b"con.txt"[..], b"AUX", b"com1.x", b"a.", b"nul", b"\xff", b"", b"lpt9.log "] {
            assert!(is_portable(&substitute(name, 7, 1)), "{name:?}");
        }
        let long = substitute("ü".repeat(4000).as_bytes(), u64::MAX, TRIES_MAX);
        assert!(long.len() < 255 && std::str::from_utf8(&long).is_ok());
    }

    #[test]
    fn names_that_are_given_here_are_nobody_elses() {
        for (parent, name) in
            [("", "a~scelle-7"), ("d", "A~SCELLE-7-2"), ("d", "a~\u{17f}celle-1"), ("", "Scelle-Renamed.jsonl")]
        {
            assert!(is_ours(parent.as_bytes(), name.as_bytes()), "{name}");
        }
        assert!(!is_ours(b"d", b"scelle-renamed.jsonl") && !is_ours(b"", b"a~b"));
    }

    #[test]
    fn nothing_is_made_or_removed_in_a_directory_that_was_put_in_the_place_of_ours() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("theirs")).unwrap();
        std::fs::write(dir.path().join("theirs/a"), "precious").unwrap();
        let target = Target::open(dir.path()).unwrap();
        assert!(try_names(target.root(), "theirs").is_err());
        assert_eq!(std::fs::read(dir.path().join("theirs/a")).unwrap(), b"precious");
        assert_eq!(std::fs::read_dir(dir.path().join("theirs")).unwrap().count(), 1);
    }

    #[test]
    fn a_file_system_of_linux_keeps_every_name() {
        let dir = tempfile::tempdir().unwrap();
        let target = Target::open(dir.path()).unwrap();
        assert!(keeps_every_byte(target.root()).unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
