//! Names and numbers in text: members, paths, patterns, times, and what is shown of them.

use scelle::format::member::MemberName;
use scelle::format::path::EntryPath;
use scelle::format::pattern::patterns;
use scelle::format::time::{Instant, Timestamp};
use scelle::report::escape;

use super::golden::members_of;
use super::script::Script;

pub fn member_name(data: &[u8]) {
    let mut halves = data.splitn(2, |&byte| byte == b'\n').map(std::str::from_utf8);
    let (Some(Ok(text)), after) = (halves.next(), halves.next()) else { return };
    let Some(name) = MemberName::parse(text) else { return };
    assert_eq!(name.to_string(), text, "another spelling was accepted");
    assert!(!text.split('/').any(|part| matches!(part, "" | "." | "..")), "a name that leaves its directory");
    assert!(text.bytes().all(|b| b.is_ascii_graphic()) && text.split('/').count() <= 2, "a name of another shape");
    assert!(!(name.is_listed() && name.is_grown()), "sealed and grown");
    let Some(next) = after.and_then(|text| MemberName::parse(text.ok()?)) else { return };
    if next.may_follow(Some(&name)) {
        assert!(next != MemberName::Mimetype, "the first member follows another");
        assert!(!name.is_grown() || next.is_grown(), "a sealed member after a grown one");
        assert!(next.is_grown() || MemberName::next_sealed(Some(&name)).contains(&next), "out of order");
        assert!(!next.is_listed() || !name.may_follow(Some(&next)), "each follows the other");
    }
}

pub fn member_name_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let names = |zip: &Vec<u8>| members_of(zip).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let mut seeds: Vec<Vec<u8>> =
        vec![b"custody/0001-a.b.dsse.json".into(), b"timestamps/a.tsr\ncustody/b.dsse.json".into()];
    for names in bundles.iter().map(names) {
        seeds.extend(names.windows(2).map(|pair| pair.join("\n").into_bytes()));
    }
    seeds
}

/// Two paths, parted by a zero byte, which no path has.
pub fn path(data: &[u8]) {
    let (flags, data) = data.split_first().unwrap_or((&0, &[]));
    let mut paths = data.splitn(2, |&byte| byte == 0).map(|bytes| (bytes, EntryPath::new(bytes.to_vec())));
    let (Some((bytes, Some(a))), second) = (paths.next(), paths.next()) else { return };
    assert_eq!(a.as_bytes(), bytes);
    let components: Vec<_> = a.components().collect();
    let harmless = |name: &&[u8]| !matches!(*name, b"" | b"." | b"..") && !name.contains(&b'/') && !name.contains(&0);
    assert!(components.iter().all(harmless), "ORD-3: a component that leads elsewhere");
    assert!(a.is_root() || components.join(&b'/') == bytes, "not its components");
    let Some((_, Some(b))) = second else { return };
    let (is_dir, top_ascends) = (flags & 1 != 0, flags & 2 != 0);
    if a.may_be_followed_by(is_dir, &b, top_ascends) {
        assert!(a != b, "an entry twice");
        let below = b.components().count() > components.len() && b.components().zip(&components).all(|(b, a)| b == *a);
        assert!(is_dir || !below || a.is_root(), "something below what is no directory");
        if top_ascends && !a.is_root() && !b.is_root() {
            assert!(a.components().lt(b.components()), "ORD-2: not ascending");
            assert!(!b.may_be_followed_by(true, &a, true), "each follows the other");
        }
    }
}

pub fn path_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let pairs: [&[u8]; 8] = [
        b"\x00a\0b",
        b"\x01s\0s/a",
        b"\x03s/p/x\0s/p.q",
        b"\x02.\0bin",
        b"\x01.\0bin",
        b"\x03bin/sh/deep/er\0etc",
        b"\x01z/a\0a",
        b"\x00a\xff/\n\\\0..",
    ];
    pairs.map(<[u8]>::to_vec).into()
}

/// A pattern and a path, parted by a zero byte.
pub fn pattern(data: &[u8]) {
    let mut halves = data.splitn(2, |&byte| byte == 0);
    let (Some(Ok(glob)), path) = (halves.next().map(std::str::from_utf8), halves.next().unwrap_or_default()) else {
        return;
    };
    let path = std::path::Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(path));
    let with_slash = patterns(&[format!("{glob}/")]);
    match patterns(&[glob.to_owned()]) {
        Ok(set) => {
            let with_slash = with_slash.expect("a slash at the end means nothing");
            assert_eq!(set.is_match(path), with_slash.is_match(path), "a slash at the end means something");
        }
        Err(error) => assert!(!error.hint().is_empty() && with_slash.is_err()),
    }
    let literal: String = glob.trim_end_matches('/').chars().flat_map(|c| ['\\', c]).collect();
    if !glob.contains('/') && !glob.is_empty() {
        let set = patterns(&[literal]).expect("backslashes take everything literally");
        assert!(set.is_match(glob), "a name with backslashes does not stand for itself");
        assert!(!set.is_match(format!("{glob}x")), "it stands for another");
    }
}

pub fn pattern_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let pairs: [&[u8]; 8] = [
        b"home/*/cache\0home/a/cache",
        b"**/*.tmp\0a/b/c.tmp",
        b"a?c\0abc",
        b"[a-z]*\0q",
        b"{a,b{c,d}}/**\0bc/x",
        b"\\*\0*",
        b"a/\0a",
        b"[!a-]]\0\xff",
    ];
    pairs.map(<[u8]>::to_vec).into()
}

pub fn time(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Some(time) = Timestamp::parse(text) {
            assert_eq!(time.to_string(), text, "TIME-1: another spelling was accepted");
            let pax = time.to_pax();
            assert!(!pax.ends_with('.') && (!pax.contains('.') || !pax.ends_with('0')), "TAR-5: {pax}");
            let (whole, fraction) = pax.split_once('.').unwrap_or((&pax, ""));
            assert_eq!(format!("{whole}.{fraction:0<9}"), text, "another time in the tar");
        }
        if let Some(instant) = Instant::parse(text) {
            assert_eq!(instant.to_string(), text, "TIME-2: another spelling was accepted");
            assert_eq!(text.len(), 20);
        }
    }
    let mut script = Script(data);
    let mut any = || Timestamp::new(script.u64().cast_signed(), (script.u64() >> 32) as u32);
    let (Some(a), Some(b)) = (any(), any()) else { return };
    let back = Timestamp::parse(&a.to_string()).expect("what is written can be read");
    assert_eq!((back, back.seconds(), back.nanos()), (a, a.seconds(), a.nanos()));
    assert_eq!(a.cmp(&b), (a.seconds(), a.nanos()).cmp(&(b.seconds(), b.nanos())));
}

pub fn time_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let texts =
        ["0.000000000", "-1.500000000", "-0.000000001", "1700000000.250000000", "4611686018427387904.000000000"];
    let instants = ["2026-11-22T03:17:00Z", "1970-01-01T00:00:00Z", "9999-12-30T22:00:00Z", "2024-02-29T23:59:59Z"];
    let mut seeds: Vec<Vec<u8>> = texts.into_iter().chain(instants).map(|text| text.into()).collect();
    seeds.push([[0xff; 8], [0x0f; 8], [0; 8], [1; 8]].concat());
    seeds
}

/// Names from evidence, as they are shown.
pub fn shown_name(data: &[u8]) {
    let name = escape::escape(data);
    assert!(!name.chars().any(char::is_control), "a control character is shown");
    assert!(!name.contains(['\u{202e}', '\u{2028}', '\u{200b}', '\u{2066}']), "a character that hides text is shown");
    assert!(data.is_empty() == name.is_empty());
    if data.iter().all(|b| (b' '..=b'~').contains(b) && *b != b'\\') {
        assert_eq!(name.as_bytes(), data, "a plain name is changed");
    }
    let text = String::from_utf8_lossy(data);
    let message = escape::message(&text);
    assert!(message.split('\n').skip(1).all(|line| line.starts_with("  ")), "a line could be forged");
    let quoted = serde_json::to_string(&text).expect("JSON");
    let shown = escape::json(&quoted);
    assert_eq!(serde_json::from_str::<String>(&shown).expect("still JSON"), text, "it says something else");
    assert!(!shown.chars().any(char::is_control));
}

pub fn shown_name_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let names = [
        "a\nb\\c\t\r",
        "Dữ liệu.txt",
        "\u{1b}[31mred",
        "\u{202e}gnp.exe",
        "x\u{e0041}\u{1d173}",
        "\u{2028}\u{7f}\u{85}",
    ];
    names.into_iter().map(|name| name.into()).chain([b"\xff\xfe\x80 ok".to_vec()]).collect()
}
