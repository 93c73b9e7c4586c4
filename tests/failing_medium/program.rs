//! A file that fails in parts, for scripts: `failing-medium DIRECTORY FILE START:END...` shows FILE as `DIRECTORY/disk`, with
//! `EIO` in these ranges of bytes. Says `ready`, and goes when its standard input ends.

#[path = "mod.rs"]
mod failing_medium;

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use failing_medium::{Item, Medium};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [at, file, bad @ ..] = args.as_slice() else { panic!("failing-medium DIRECTORY FILE START:END...") };
    let content = std::fs::read(file).expect("FILE can be read");
    let disk = bad.iter().map(|range| parse(range)).fold(Item::file(content), Item::bad);
    let _mounted = Medium::new().with("disk", disk).mount(Path::new(at));
    println!("ready");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

fn parse(range: &str) -> Range<u64> {
    let (start, end) = range.split_once(':').expect("START:END");
    start.parse().expect("START in bytes")..end.parse().expect("END in bytes")
}
