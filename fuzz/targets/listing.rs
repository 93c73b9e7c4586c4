//! Listings of digests that other tools wrote, as `scelle hash --check` reads them.

use scelle::inventory::FileDigests;
use scelle::inventory::record::Form;
use scelle::read::FilePath;
use scelle::report::listing::push_lines;

pub fn listing(data: &[u8]) {
    let mut form = Form::default();
    for line in data.split(|&byte| byte == b'\n') {
        let Ok(Some(record)) = form.parse(line) else { continue };
        assert!(!record.path.is_empty(), "a digest of nothing");
        assert!(record.path.len() <= line.len(), "a path that is not in its line");
        let path = FilePath::given(record.path.clone());
        let (sha256, others) = (record.sha256, Vec::new());
        let mut own = Vec::new();
        push_lines(&mut own, &FileDigests { path, offset_bytes: None, len_bytes: 0, sha256, others });
        let own = own.strip_suffix(b"\n").expect("a line");
        assert!(!own.contains(&b'\n'), "a path that makes two lines");
        assert_eq!(Form::default().parse(own), Ok(Some(record)), "written again it is another");
    }
}

pub fn listing_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    [
        "HEX  a b\nHEX *c\n# a comment\n\nSHA256 (a) = HEX\nMD5 (a) = 00\n",
        "\\HEX  a\\nb\\\\c\\r\n\\SHA256 (a\\n) = HEX\n",
        "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ hashdeep a\n##\n3,00,HEX,/a,b\n",
        "%%%% HASHDEEP-1.0\n%%%% sha256,filename\nHEX,a\n",
    ]
    .map(|text| text.replace("HEX", hex).into_bytes())
    .to_vec()
}
