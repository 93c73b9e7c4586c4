//! Small fixed pieces of work, for a counter of instructions: kernels on one thread, and the parsers that meet bytes from
//! outside. `counted NAME ROUNDS` does one of them so many times; without arguments the names are listed.

mod inputs;

use std::hint::black_box;
use std::sync::Arc;

use scelle::format::digest::Digest;
use scelle::format::dsse::Envelope;
use scelle::format::index::{FileChunks, Frame, IndexPart};
use scelle::format::line::Line;
use scelle::format::list::List;
use scelle::format::statement::Statement;
use scelle::format::zip::{Directory, END_LEN, Record, directory, parse_local_header};
use scelle::format::zstd_frame;
use scelle::hash::{Job, Kernel, LaneHasher, sha256};
use scelle::tree::TreeHead;
use scelle::verify::{Bundle as _, Bytes, ZipFile, read_exact_at};

const GOLDEN: &[u8] = include_bytes!("../fixtures/golden/one_of_everything.scelle");

/// A name, and what is done each round.
type Work = (String, Box<dyn FnMut()>);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut works = kernels();
    works.extend(parsers());
    works.push(tree());
    let [name, rounds] = arguments.as_slice() else {
        works.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let (_, work) = works.iter_mut().find(|(known, _)| known == name).expect("a name that is listed");
    for _ in 0..rounds.parse().expect("a number") {
        work();
    }
}

fn work(name: &str, work: impl FnMut() + 'static) -> Work {
    (name.to_owned(), Box::new(work))
}

/// Each kernel that this processor has, or the one that is emulated, on messages of one length and of real lengths.
fn kernels() -> Vec<Work> {
    let bytes: &'static [u8] = inputs::text(1 << 18).leak();
    let equal: Vec<&[u8]> = bytes.chunks(1 << 13).collect();
    let mut works = vec![work("sha2, one message of 256 KiB", || {
        black_box(sha256(black_box(bytes)));
    })];
    for (lengths, messages) in [("equal", equal), ("real", inputs::ragged(bytes, bytes.len()))] {
        let jobs: Vec<Job<'static>> = messages.into_iter().map(Job::message).collect();
        for kernel in Kernel::ALL {
            let Ok(mut hasher) = LaneHasher::with_kernel(kernel) else { continue };
            let jobs = jobs.clone();
            works.push(work(&format!("{kernel} kernel, 256 KiB of {lengths} lengths"), move || {
                hasher.run(black_box(&jobs), |index, outcome| drop(black_box((index, outcome))));
            }));
        }
    }
    works
}

fn tree() -> Work {
    let lines = inputs::text(1000 * 480);
    work("tree head of 1000 lines", move || {
        let mut tree = TreeHead::default();
        lines.chunks_exact(480).for_each(|line| tree.push(line));
        black_box(tree.root());
    })
}

fn parsers() -> Vec<Work> {
    let members = members();
    let member = |start: &str, end: &str| {
        let found = members.iter().find(|(name, _)| name.starts_with(start) && name.ends_with(end));
        found.expect("a member of a sound bundle").1.clone()
    };
    let lines = zstd::decode_all(member("manifest/", "").as_slice()).expect("frames");
    let (statement, list) = (member("statement.json", ""), member("SEALED.sha256", ""));
    let (envelope, frame) = (member("seal/", ".dsse.json"), member("payload/", ""));
    let index = index_part();
    let (zip_directory, tail) = zip_directory();
    vec![
        work("manifest lines, parsed", {
            let lines = lines.clone();
            move || each_line(&lines, |line| drop(black_box(Line::parse(line).expect("a line"))))
        }),
        work("manifest lines, written", {
            let mut parsed = Vec::new();
            each_line(&lines, |line| parsed.push(Line::parse(line).expect("a line")));
            move || parsed.iter().for_each(|line| drop(black_box(line.to_bytes())))
        }),
        work("statement, parsed", move || drop(black_box(Statement::parse(&statement).expect("a statement")))),
        work("envelope, parsed", move || drop(black_box(Envelope::from_bytes(&envelope).expect("an envelope")))),
        work("list of members, parsed", move || drop(black_box(List::parse(&list).expect("a list")))),
        work("index part of 1000 chunks, parsed", move || drop(black_box(IndexPart::parse(&index).expect("an index")))),
        work("zip local header, parsed", || drop(black_box(parse_local_header(black_box(GOLDEN), 0)))),
        work("zip directory of 300 members, parsed", move || {
            let file_len = (zip_directory.len() + END_LEN) as u64 + records_len();
            let found = Directory::parse(&tail, file_len).expect("an end");
            black_box(found.records(&zip_directory).expect("a directory"));
        }),
        work("zstd frame header, parsed", move || {
            black_box(zstd_frame::content_len(black_box(&frame)).expect("a frame"));
        }),
    ]
}

fn each_line(lines: &[u8], each: impl FnMut(&[u8])) {
    lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).for_each(each);
}

/// Names and bytes of a small sound bundle.
fn members() -> Vec<(String, Vec<u8>)> {
    let bundle = ZipFile::open(Arc::new(GOLDEN.to_vec())).expect("a bundle");
    let bytes_of = |place: usize| {
        let member = bundle.open(place).expect("a member");
        let mut bytes = vec![0; usize::try_from(member.len_bytes()).expect("small")];
        read_exact_at(&*member as &dyn Bytes, &mut bytes, 0).expect("all of it");
        bytes
    };
    bundle.members().iter().enumerate().map(|(place, member)| (member.name.clone(), bytes_of(place))).collect()
}

/// One file of a thousand chunks in 64 frames.
fn index_part() -> Vec<u8> {
    let digest = |n: usize| Digest([n as u8; 32]).0;
    let part = IndexPart {
        segment: 0,
        tar_offset: 0,
        first_entry: 0,
        first_entry_skip: 0,
        lines: 1,
        frames: (0..64).map(|n| Frame { stored_len: 1 << 20, plain_len: 1 << 22, sha256: digest(n) }).collect(),
        payload_chain: (0..256).map(digest).collect(),
        files: vec![FileChunks {
            entry: 0,
            first_chunk: 0,
            blind: digest(1),
            digests: (0..1000).map(digest).collect(),
            chain: (0..1000).map(digest).collect(),
        }],
    };
    part.to_bytes().expect("an index part")
}

const RECORDS: u64 = 300;
const RECORD_LEN: u64 = 1000;

fn records() -> Vec<Record> {
    let mut offset = 0;
    let record = |n| {
        let record = Record { name: format!("payload/{n:06}.tar.zst"), crc: 7, len: RECORD_LEN, offset };
        offset = record.end_offset().expect("small");
        record
    };
    (0..RECORDS).map(record).collect()
}

/// Bytes before the directory.
fn records_len() -> u64 {
    records().last().and_then(Record::end_offset).expect("small")
}

fn zip_directory() -> (Vec<u8>, [u8; END_LEN]) {
    let bytes = directory(&records(), records_len());
    let (directory, tail) = bytes.split_last_chunk().expect("an end");
    (directory.to_vec(), *tail)
}
