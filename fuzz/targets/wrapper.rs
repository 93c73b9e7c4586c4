//! The ZIP wrapper: its headers, whole files of any bytes, and what repair makes of damaged ones.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use scelle::format::member::MemberName;
use scelle::format::zip::{
    Directory, END_LEN, central_header, directory, end_records, local_header, parse_local_header,
};
use scelle::upkeep::{RepairError, Repaired, Watch, repair};
use scelle::verify::{Bundle as _, Bytes, Outcome, Verdict, ZipFile};

use super::golden::{self, Members, member, members_of};
use super::mutation::{change_bytes, damage_bytes, mutant};
use super::rebuild::assert_true;
use super::script::Script;
use super::soundness::verify_zip;
use crate::reference;

/// A local header at the front, a directory and its end at the back.
pub fn zip_headers(data: &[u8]) {
    if let Some(record) = parse_local_header(data, 0) {
        let header = local_header(&record.name, record.crc, record.len);
        assert!(data.starts_with(&header), "ZIP-2: another header was accepted");
        assert!(header == reference::zip_local_header(&record.name, record.crc, record.len), "not the reference's");
        assert_eq!(record.content_offset(), header.len() as u64);
    }
    let Some((rest, tail)) = data.split_last_chunk::<END_LEN>() else { return };
    // The directory is said to stand where it ends in a file of any length.
    let end_of = |from: usize| tail.get(from..from + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    let file_len = end_of(40).saturating_add(end_of(48)).saturating_add(END_LEN as u64);
    let Some(found) = Directory::parse(tail, file_len) else { return };
    assert!(end_records(found.member_count, found.len, found.offset) == tail, "ZIP-4: another end was accepted");
    assert!(reference::zip_end(found.member_count, found.len, found.offset) == tail, "not the reference's");
    let len = usize::try_from(found.len).unwrap_or(usize::MAX).min(rest.len());
    let bytes = &rest[rest.len() - len..];
    let Some(records) = found.records(bytes) else { return };
    assert!(directory(&records, found.offset) == [bytes, tail].concat(), "ZIP-1: another directory was accepted");
    let mut next = 0;
    for record in &records {
        assert_eq!(record.offset, next, "ZIP-1: bytes between members");
        let expected = reference::zip_central_header(&record.name, record.crc, record.len, record.offset);
        assert!(central_header(record) == expected, "not the reference's");
        next = record.end_offset().expect("a member that ends");
    }
}

pub fn zip_headers_seeds(bundles: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for zip in bundles {
        let bundle = ZipFile::open(Arc::new(zip.clone())).expect("memory");
        let Some(first) = zip.windows(4).rposition(|window| window == b"PK\x05\x06") else { continue };
        let start = zip.get(first - 28..first - 20).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
        let central = zip.get(start as usize..).unwrap_or_default();
        let local = bundle.members().first().map(|m| local_header(&m.name, m.crc.unwrap_or(0), m.len));
        seeds.push([local.unwrap_or_default(), central.to_vec()].concat());
    }
    for len in [u64::from(u32::MAX), 5 << 32] {
        let mut central = reference::zip_central_header("a", 7, len, 0);
        let second = reference::zip_local_header("a", 7, len).len() as u64 + len;
        central.extend(reference::zip_central_header("b", 8, 1, second));
        let offset = second + reference::zip_local_header("b", 8, 1).len() as u64 + 1;
        let end = reference::zip_end(2, central.len() as u64, offset);
        seeds.push([reference::zip_local_header("a", 7, len), central, end].concat());
    }
    seeds
}

/// Any bytes as a file: what is verified is a bundle that the golden keys signed, and nothing else.
pub fn bundle_file(data: &[u8]) {
    let found = verify_zip(data);
    if found.verdict == Verdict::Verified {
        assert_golden(&members_of(data));
        assert!(reference::zip_bytes(&members_of(data)) == data, "ZIP-6: verified in another wrapper");
    }
}

/// The sealed members are those of a golden bundle, byte for byte, and what they say of each other holds.
fn assert_golden(members: &Members) {
    let of = |members: &Members| -> Members {
        let sealed = |name: &str| MemberName::parse(name).is_some_and(|name| !name.is_grown());
        members.iter().filter(|(name, _)| sealed(name)).cloned().collect()
    };
    assert!(golden::all().iter().any(|golden| of(&golden.members) == of(members)), "verified, and not what was sealed");
    assert_true(members);
}

/// Golden bundles alone: what is verified must be one of them, since nothing here can sign.
pub fn bundle_file_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let small = golden::all().iter().map(|golden| reference::zip_bytes(&golden.members));
    let seeds: Vec<_> = small.filter(|zip| zip.len() < 14_000).collect();
    let cuts = seeds.iter().flat_map(|zip| [zip.len() - 1, zip.len() / 2, 600].map(|len| zip[..len].to_vec()));
    cuts.chain(seeds.iter().cloned()).collect()
}

/// A golden bundle, changed on the way.
pub fn mutated_bundle(data: &[u8]) {
    let mutant = mutant(&mut Script(data));
    let found = verify_zip(&mutant.zip);
    let members = members_of(&mutant.zip);
    if found.verdict == Verdict::Verified {
        assert_golden(&members);
        assert!(reference::zip_bytes(&members) == mutant.zip, "ZIP-6: verified in another wrapper");
        return;
    }
    // Without a proven list, or with a member twice, nothing is said of single bytes.
    if found.counts.is_none() || found.damage.range_count > found.damage.ranges.len() as u64 {
        return;
    }
    super::told::assert_damage_told(mutant.base, &members, &found);
}

/// Scripts that are the beginnings of all others: each golden bundle with each kind of change.
pub fn script_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for which in 0..golden::all().len() as u8 {
        seeds.push(vec![which]);
        for kind in 0..10u8 {
            seeds.push(vec![which, 1, kind, 3 + kind % 4, 5, 77, kind, 1, 4, 9, 9, 9, 9]);
        }
        seeds.extend((0..8u8).map(|kind| vec![which, 0x10, 0x40, 7, 0, kind, 60, 3, 1, 2, 3]));
    }
    seeds
}

/// What repair does to a golden bundle that was tampered with: it ends, makes nothing up, and its result is sound.
pub fn repaired_bundle(data: &[u8]) {
    let mutant = mutant(&mut Script(data));
    assert_repair(&mutant.zip);
}

/// What repair does to one that was damaged by accident, anywhere: what the verifier finds whole is kept. (Of members that
/// someone put in or moved, it cannot know which belong to the bundle.)
pub fn repaired_damage(data: &[u8]) {
    let mut script = Script(data);
    let (which, count) = (script.byte(), script.byte());
    let mut zip = golden::all()[usize::from(which) % golden::all().len()].zip.to_vec();
    for _ in 0..1 + count % 3 {
        damage_bytes(&mut zip, &mut script);
    }
    let Some((done, out)) = assert_repair(&zip) else { return };
    let kept = members_of(&out);
    for (name, content) in whole_members(&zip) {
        let is_kept = kept.iter().any(|(_, kept)| *kept == content);
        assert!(is_kept, "{name} is found by the verifier and lost by repair: {done:?}");
    }
}

pub fn repaired_damage_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let one = |which: u8, at: u8, kind: u8| vec![which, 0, at.wrapping_mul(37), at, 0, kind, 3, 7];
    (0..240u8).map(|i| one(i % 5, i / 6, i % 6)).collect()
}

/// The same with damage to the wrapper alone, which is what repair is for.
pub fn repaired_wrapper(data: &[u8]) {
    let mut script = Script(data);
    let base = &golden::all()[script.below(golden::all().len())];
    let central = base.zip.windows(4).position(|window| window == b"PK\x01\x02").expect("a directory");
    let mut tail = base.zip[central..].to_vec();
    for _ in 0..1 + script.byte() % 4 {
        change_bytes(&mut tail, &mut script);
    }
    let zip = [&base.zip[..central], &tail].concat();
    let Some((done, out)) = assert_repair(&zip) else {
        assert!(zip == base.zip || members_of(&zip).len() == base.members.len(), "called sound");
        return;
    };
    let kept = members_of(&out);
    let whole = base.members.iter().filter(|(name, _)| MemberName::parse(name).is_some_and(|name| !name.is_grown()));
    for (name, bytes) in whole {
        assert!(member(&kept, name) == Some(bytes), "{name} is lost though no member was touched: {done:?}");
    }
}

/// Repairs a file; gives what was done and written. Nothing is made up, and the result is sound.
fn assert_repair(zip: &[u8]) -> Option<(Repaired, Vec<u8>)> {
    let dir = tempfile::tempdir_in("/dev/shm").expect("a directory");
    let out = dir.path().join("y.scelle");
    let done = match run_repair(zip, &out) {
        Ok(Some(done)) => done,
        Ok(None) => {
            assert!(!out.exists(), "written though nothing was wrong");
            return None;
        }
        Err(RepairError::NothingLeft { .. }) => {
            assert!(members_of(zip).is_empty() || whole_members(zip).is_empty(), "members are left");
            return None;
        }
        Err(error) => panic!("memory can be read and written: {error}"),
    };
    let bytes = fs::read(&out).expect("the bundle");
    let kept = members_of(&bytes);
    assert_eq!(kept.len() as u64, done.kept_count);
    let mut rest = zip;
    for (name, content) in kept.iter().filter(|(_, content)| !content.is_empty()) {
        let found = rest.windows(content.len()).position(|window| window == content.as_slice());
        let at = found.unwrap_or_else(|| panic!("{name}: bytes that were not there, or in another order"));
        rest = &rest[at + content.len()..];
    }
    let wrapper = ZipFile::open(Arc::new(bytes.clone())).expect("memory");
    assert!(wrapper.wrapper().tallies().iter().all(|tally| tally.outcome() != Outcome::Failed), "not a sound wrapper");
    let again = run_repair(&bytes, &dir.path().join("z.scelle"));
    assert!(matches!(again, Ok(None)), "its result is to be repaired: {again:?}");
    Some((done, bytes))
}

fn run_repair(zip: &[u8], out: &Path) -> Result<Option<Repaired>, RepairError> {
    let bytes: Arc<dyn Bytes> = Arc::new(zip.to_vec());
    let watch = Watch { cancel: &AtomicBool::new(false), progress: &|_, _| {} };
    repair(&bytes, Path::new("x.scelle"), out, watch)
}

/// Members that the verifier finds, of names that it knows, whose bytes have the CRC-32 that their header states.
fn whole_members(zip: &[u8]) -> Members {
    let bundle = ZipFile::open(Arc::new(zip.to_vec())).expect("memory");
    let members = bundle.members().iter().zip(members_of(zip));
    let whole = members.filter(|(m, (_, bytes))| m.kind.is_some() && m.crc == Some(crc32fast::hash(bytes)));
    whole.map(|(_, member)| member).collect()
}
