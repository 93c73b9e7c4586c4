//! Sound bundles to begin with, and how bundles are taken apart.

use std::sync::{Arc, OnceLock};

use scelle::verify::{Bundle as _, Bytes, ZipFile, read_exact_at};

use crate::memory_source::Item;
use crate::sealed;

/// Names and bytes, in order.
pub type Members = Vec<(String, Vec<u8>)>;

/// A sound bundle.
pub struct Golden {
    pub zip: &'static [u8],
    pub members: Members,
    /// Bytes of content in a chunk, and plain bytes of a frame.
    pub limits: (u64, u64),
}

macro_rules! golden {
    ($($name:literal $limits:expr),* $(,)?) => {
        [$((include_bytes!(concat!("../../fixtures/golden/", $name, ".scelle")).as_slice(), $limits)),*]
    };
}

/// The small ones first.
pub fn all() -> &'static [Golden] {
    static ALL: OnceLock<Vec<Golden>> = OnceLock::new();
    ALL.get_or_init(|| {
        let (small, default) = ((512, 1024), (1 << 18, 1 << 22));
        let bundles = golden![
            "tiny" default,
            "no_file_at_all" default,
            "one_empty_file" default,
            "one_of_everything" default,
            "many_segments" small,
            "without_whole_file_digests" small,
            "signed_with_p256" small,
        ];
        let mut all: Vec<_> = bundles.map(|(zip, limits)| Golden { zip, members: members_of(zip), limits }).into();
        let few = sealed::reference_of(&few_items(), &sealed::Shape::small());
        all.insert(3, Golden { zip: few.zip.leak(), members: few.members, limits: small });
        all
    })
}

/// A file over several segments between small ones: as much as that takes, and no more, for every run costs its length.
fn few_items() -> [Item; 5] {
    let file = |name: &[u8], len| Item::file(name, sealed::pattern(len));
    [Item::dir(b"s"), file(b"s/a", 5), file(b"s/b", 700), file(b"s/c", 5000), file(b"s/d", 40)]
}

/// The members that the verifier finds, as far as they are there.
pub fn members_of(zip: &[u8]) -> Members {
    let bundle = ZipFile::open(Arc::new(zip.to_vec())).expect("memory can be read");
    let read = |place: usize| {
        let bytes = bundle.open(place).expect("it is there");
        let mut buf = vec![0; usize::try_from(bytes.len_bytes()).expect("no longer than memory")];
        read_exact_at(&*bytes as &dyn Bytes, &mut buf, 0).expect("as long as it says");
        buf
    };
    bundle.members().iter().enumerate().map(|(place, member)| (member.name.clone(), read(place))).collect()
}

/// The bytes of a member.
pub fn member<'a>(members: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a [u8]> {
    members.iter().find(|member| member.0 == name).map(|member| member.1.as_slice())
}

/// The members of every bundle whose names begin and end so.
pub fn each_member(bundles: &[Vec<u8>], begin: &str, end: &str) -> Vec<Vec<u8>> {
    let members = bundles.iter().flat_map(|zip| members_of(zip));
    members.filter(|(name, _)| name.starts_with(begin) && name.ends_with(end)).map(|(_, bytes)| bytes).collect()
}
