//! Bundles of known items, sealed by the library and by the plain reference, with a fixed TEST key, seed and time.
#![allow(dead_code)]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use scelle::format::clock::Clock;
use scelle::format::cuts::Limits;
use scelle::format::derive::Seed;
use scelle::format::digest::{Digest, Nonce};
use scelle::format::entry::{DeviceNumber, Gap, Hole, Kind, Xattr};
use scelle::format::path::EntryPath;
use scelle::format::statement::{RequiredSigner, RequiredSigners};
use scelle::format::time::{Instant, Timestamp};
use scelle::hash::OtherAlgorithm;
use scelle::read::Source;
use scelle::seal::resume::Unfinished;
use scelle::seal::{Form, Job, JournalSecrets, Progress, SealError, Sealed, seal};
use scelle::sign::SigningKey;
use serde_json::{Value, json};

use crate::memory_source::{Item, MemorySource};
use crate::reference;

pub const SEED: [u8; 32] = [0x5e; 32];
pub const TIME: &str = "2026-01-02T03:04:05Z";

/// A key for tests and nothing else: its private half is in this line.
pub fn test_key() -> SigningKey {
    let prefix = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").expect("hex");
    SigningKey::from_pkcs8_der(&[prefix, vec![0x7e; 32]].concat()).expect("a key")
}

/// Another, for ECDSA on P-256: for tests and nothing else too.
pub fn test_key_p256() -> SigningKey {
    let head =
        data_encoding::HEXLOWER.decode(b"3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420");
    SigningKey::from_pkcs8_der(&[head.expect("hex"), vec![0x7d; 32]].concat()).expect("a key")
}

/// Which test key signs.
#[derive(Clone, Copy)]
pub enum Signer {
    Ed25519,
    P256,
}

impl Signer {
    pub fn key(self) -> SigningKey {
        match self {
            Self::Ed25519 => test_key(),
            Self::P256 => test_key_p256(),
        }
    }
}

/// How a bundle is made.
pub struct Shape {
    pub signer: Signer,
    pub limits: (u64, u64, u64, u64),
    pub whole_file_digest: bool,
    pub also: Vec<OtherAlgorithm>,
    pub paranoid: bool,
    pub threads: usize,
    pub form: Form,
}

impl Shape {
    pub fn small() -> Self {
        Self {
            limits: (512, 1024, 4096, 5),
            whole_file_digest: true,
            also: Vec::new(),
            paranoid: false,
            threads: 2,
            form: Form::Zip,
            signer: Signer::Ed25519,
        }
    }

    /// The small limits, the least, some between and the default ones, with and without whole-file digests.
    pub fn every() -> impl Iterator<Item = Self> {
        let limits =
            [(512, 1024, 4096, 5), (512, 512, 512, 1), (1024, 4096, 16384, 1000), (1 << 18, 1 << 22, 1 << 28, 65_536)];
        let each = move |whole_file_digest| {
            limits.into_iter().map(move |limits| Self { limits, whole_file_digest, ..Self::small() })
        };
        [true, false].into_iter().flat_map(each)
    }
}

/// `case.json` without its nonce.
pub fn case_value() -> Value {
    json!({
        "authority": {"name": "Test authority", "state": "VN"},
        "case": {"id": "C-1"},
        "exhibit": {"id": "E-1"},
        "operator": {"name": "Test operator"},
        "scope": {"exclude": [], "oneFileSystem": false, "sources": [{"name": "s", "path": "/s"}]},
        "type": "urn:scelle:case:1",
    })
}

pub fn required_signer(key: &SigningKey) -> RequiredSigner {
    let public = key.public();
    let spki = data_encoding::BASE64.encode(&public.to_der());
    RequiredSigner { certificates: None, keyid: public.key_id(), role: "sealer".into(), spki }
}

/// The top-level entries, as the scope names them.
fn sources_of(items: &[Item]) -> Value {
    let top = items.iter().filter(|item| !item.entry.path.as_bytes().contains(&b'/'));
    let name = |item: &Item| String::from_utf8(item.entry.path.as_bytes().to_vec()).expect("a plain name");
    top.map(|item| json!({"name": name(item), "path": format!("/evidence/{}", name(item))})).collect()
}

/// Seals items with fixed key, seed and time.
pub fn seal_items(items: &[Item], shape: &Shape, out: &Path) -> Sealed {
    let mut source = MemorySource::new(items);
    seal_from(&mut source, items, shape, out, Journal::None, &AtomicBool::new(false)).expect("a bundle")
}

/// Whether a sealing can be gone on with.
pub enum Journal {
    None,
    Kept,
    GoesOn(Box<Unfinished>),
}

/// Seals a source of these items with fixed key, seed and time.
pub fn seal_from(
    source: &mut dyn Source,
    items: &[Item],
    shape: &Shape,
    out: &Path,
    journal: Journal,
    cancel: &AtomicBool,
) -> Result<Sealed, SealError> {
    let (chunk, frame, segment, entries) = shape.limits;
    let case = |nonce: Nonce| {
        let mut case = case_value();
        case["nonce"] = nonce.to_string().into();
        case["scope"]["sources"] = sources_of(items);
        Ok(serde_json::to_vec(&case).expect("json"))
    };
    let key = shape.signer.key();
    let job = Job {
        out,
        form: shape.form,
        limits: Limits::new(chunk, frame, segment, entries).expect("limits"),
        level: 3,
        worker_count: shape.threads,
        whole_file_digest: shape.whole_file_digest,
        also: shape.also.clone(),
        paranoid: shape.paranoid,
        patience: scelle::read::Patience::default(),
        incomplete_ok: false,
        journal: (!matches!(journal, Journal::None)).then(|| JournalSecrets {
            seed: Digest(SEED),
            key: key.journal_key().expect("a signature").expect("the same signature"),
        }),
        unfinished: if let Journal::GoesOn(unfinished) = journal { Some(*unfinished) } else { None },
        seed: Seed::new(&SEED),
        seed_given: true,
        time_given: Instant::parse(TIME),
        clock: Clock::GIVEN,
        case: &case,
        answers: None,
        required_signers: RequiredSigners { keys: vec![required_signer(&key)], threshold: 1 },
        key: &key,
        now: &|| unreachable!("the time is given"),
    };
    seal(job, source, &Progress::default(), cancel)
}

/// The same bundle, by the reference.
pub fn reference_of(items: &[Item], shape: &Shape) -> reference::Sealed {
    let (chunk, frame, segment, entries) = shape.limits;
    let whole_file_digest = shape.whole_file_digest;
    let params = reference::Params { chunk, frame, segment, entries, level: 3, whole_file_digest };
    let key = shape.signer.key();
    let sign = |pae: &[u8]| (key.public().key_id().to_string(), key.sign(pae).expect("a signature"));
    let inputs = reference::Inputs {
        seed: SEED,
        start: TIME.into(),
        end: TIME.into(),
        seed_given: true,
        time_given: true,
        clock: json!({"source": "given"}),
        case: {
            let mut case = case_value();
            case["scope"]["sources"] = sources_of(items);
            case
        },
        required_signers: json!({"keys": [required_signer(&key)], "threshold": 1}),
        tool_name: env!("CARGO_PKG_NAME").into(),
        tool_version: env!("CARGO_PKG_VERSION").into(),
        compressor: scelle::pack::compressor_name(),
        answers: None,
        verify_txt: scelle::format::VERIFY_TEXT.as_bytes(),
        signers: vec![&sign],
    };
    reference::seal(&items.iter().map(reference_entry).collect::<Vec<_>>(), &params, &inputs)
}

/// What the reference is told of an item: only what it cannot work out itself.
pub fn reference_entry(item: &Item) -> reference::Entry {
    let entry = &item.entry;
    let mut meta = serde_json::Map::new();
    let mut put = |key: &str, value: Value| meta.insert(key.into(), value);
    put("kind", json!(entry.kind));
    put("mode", format!("{:04o}", entry.mode).into());
    put("mtime", entry.mtime.to_string().into());
    put("uid", entry.uid.into());
    put("gid", entry.gid.into());
    if let Some(size) = entry.size {
        put("size", size.into());
    }
    if let Some(nlink) = entry.nlink {
        put("nlink", nlink.into());
    }
    if let Some(rdev) = entry.rdev {
        put("rdev", json!([rdev.0, rdev.1]));
    }
    if let Some(cause) = &entry.unreadable {
        put("unreadable", cause.as_str().into());
    }
    if let Some(also) = &entry.also {
        put("also", json!(also));
    }
    if !entry.holes.is_empty() {
        put("holes", entry.holes.iter().map(|h| json!([h.0, h.1])).collect());
    }
    if !entry.gaps.is_empty() {
        put(
            "gaps",
            entry
                .gaps
                .iter()
                .map(|g| json!({"attempts": g.attempts, "cause": g.cause, "len": g.len, "offset": g.offset}))
                .collect(),
        );
    }
    if !entry.xattrs.is_empty() {
        let encode = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
        let one = |x: &Xattr| {
            let mut object = json!({"value_b64": encode(x.value.as_ref().expect("a value"))});
            match std::str::from_utf8(&x.name) {
                Ok(name) => object["name"] = name.into(),
                Err(_) => object["name_b64"] = encode(&x.name).into(),
            }
            object
        };
        put("xattrs", entry.xattrs.iter().map(one).collect());
    }
    for (key, bytes) in
        [("link", entry.link.as_deref()), ("hard_link", entry.hard_link.as_ref().map(EntryPath::as_bytes))]
    {
        match bytes.map(std::str::from_utf8) {
            Some(Ok(text)) => drop(put(key, text.into())),
            Some(Err(_)) => {
                drop(put(&format!("{key}_b64"), data_encoding::BASE64.encode(bytes.unwrap_or_default()).into()))
            }
            None => {}
        }
    }
    reference::Entry { path: entry.path.as_bytes().to_vec(), meta, content: item.content.clone() }
}

pub fn pattern(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

/// One of everything that the format knows, with sizes around every boundary of the small limits.
pub fn one_of_everything() -> Vec<Item> {
    let mut items = vec![Item::dir(b"s")];
    for size in [0, 1, 511, 512, 513, 1023, 1024, 1025, 2048, 3000, 4095, 4096, 4097, 9000] {
        items.push(Item::file(format!("s/a{size:05}").as_bytes(), pattern(size)));
    }
    items.push(Item::file(b"s/b\xff\n\\", b"odd name".to_vec()));
    let mut long = Item::file(&[b"s/c".as_slice(), &[b'x'; 150]].concat(), b"long name".to_vec());
    long.entry.mtime = Timestamp::new(-3, 250_000_000).expect("a time");
    long.entry.uid = 1 << 30;
    long.entry.xattrs = vec![Xattr { name: b"user.a=b%".to_vec(), value: Ok(b"\0\xff".to_vec()) }];
    items.push(long);
    let mut target = Item::file(b"s/d", pattern(2000));
    target.entry.nlink = Some(2);
    items.push(target);
    let mut link = Item::new(b"s/e", Kind::File);
    link.entry.nlink = Some(2);
    link.entry.size = Some(2000);
    link.entry.hard_link = EntryPath::new(b"s/d".to_vec());
    items.push(link);
    let mut sparse = Item::file(b"s/f", vec![0; 5000]);
    sparse.entry.holes = vec![Hole(0, 2048), Hole(4096, 904)];
    items.push(sparse);
    let mut short = Item::file(b"s/g", [pattern(700), vec![0; 900]].concat());
    short.entry.gaps = vec![Gap { at: None, attempts: 1, cause: "short".into(), len: 900, offset: 700 }];
    items.push(short);
    items.push(Item::dir(b"s/h"));
    items.push(Item::symlink(b"s/h/dangling", &[b"/nowhere/".as_slice(), &[0xfe; 120]].concat()));
    items.push(Item::new(b"s/i", Kind::Fifo));
    items.push(Item::new(b"s/j", Kind::Socket));
    let mut device = Item::new(b"s/k", Kind::Chardev);
    device.entry.rdev = Some(DeviceNumber(1, 3));
    items.push(device);
    let mut closed = Item::new(b"s/l", Kind::File);
    closed.entry.unreadable = Some("EACCES".into());
    closed.entry.size = Some(4000);
    items.push(closed);
    items
}

/// Items as the reader gives them: without the gaps that reading is yet to find.
pub fn as_read(items: &[Item]) -> Vec<Item> {
    let mut items = items.to_vec();
    for item in &mut items {
        let gaps = std::mem::take(&mut item.entry.gaps);
        // A hard link has no content of its own; its gaps are those of its target.
        if let (Some(gap), Some(content)) = (gaps.first(), &mut item.content) {
            content.truncate(usize::try_from(gap.offset).expect("small"));
        }
    }
    items
}
