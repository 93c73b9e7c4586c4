//! `scelle export --case`: every entry with its digests and times, whoever acted, and the same identifiers every time.
//! `scripts/case-by-case-utils` has the ontologies' own program look at such documents.

mod desk;

use std::collections::BTreeSet;
use std::fs;

use desk::{Desk, assert_done, text};
use serde_json::Value;

const CASE: &str = "case = { id = \"VN-77\", title = \"Ransom\" }\nexhibit = { id = \"A-1\", seized_place = \"Hanoi\" }\n\
operator = { name = \"O\" }\nauthority = { name = \"Cyber Unit\", state = \"VN\" }\nauthorisation = { reference = \"12/2026\", issuer = \"Court\" }\n";

fn sealed(more: &[&str]) -> Desk {
    let desk = Desk::new();
    fs::write(desk.path("case.toml"), CASE).expect("a case");
    fs::create_dir(desk.path("d")).expect("a directory");
    fs::write(desk.path("d/a"), "another").expect("a file");
    fs::write(desk.path("d/\u{202e}\"\u{1}"), vec![7; 300_000]).expect("a file");
    std::os::unix::fs::symlink("a", desk.path("d/link")).expect("a link");
    assert_done(&desk.seal(&[&["d"], more].concat()));
    desk
}

fn exported(desk: &Desk, out: &str, args: &[&str], code: i32) -> Value {
    let output = desk.run(&[&["export", "x.scelle", "--case", "--out", out], args].concat());
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    serde_json::from_slice(&fs::read(desk.path(out)).expect("a document")).expect("JSON")
}

fn nodes(document: &Value) -> &[Value] {
    document["@graph"].as_array().expect("nodes")
}

/// The nodes of a class.
fn of<'a>(document: &'a Value, class: &str) -> Vec<&'a Value> {
    nodes(document).iter().filter(|node| node["@type"] == class).collect()
}

fn ids(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let (Some(id), true) = (map.get("@id"), map.len() > 1) {
                all.push(id.as_str().expect("an id").to_owned());
            }
            map.values().for_each(|value| ids(value, all));
        }
        Value::Array(values) => values.iter().for_each(|value| ids(value, all)),
        _ => {}
    }
}

#[test]
fn each_entry_is_there_with_its_name_digests_and_times() {
    let desk = sealed(&["--also", "md5,sha512"]);
    let document = exported(&desk, "o", &["--signer", "key.pub"], 0);
    let files = of(&document, "uco-observable:File");
    // Two files, and the statement.
    assert_eq!((files.len(), of(&document, "uco-observable:Directory").len()), (3, 1));
    assert_eq!(of(&document, "uco-observable:SymbolicLink")[0]["uco-core:description"][0], "links to a");
    let a = files.iter().find(|it| it["uco-core:hasFacet"][0]["uco-observable:filePath"] == "d/a").expect("d/a");
    let line = desk.line("d/a");
    let hashes = a["uco-core:hasFacet"][1]["uco-observable:hash"].as_array().expect("hashes");
    let hash = |method: &str| {
        let found = hashes.iter().find(|it| it["uco-types:hashMethod"] == method).expect(method);
        found["uco-types:hashValue"]["@value"].as_str().expect("a value").to_ascii_lowercase()
    };
    assert_eq!(hash("SHA256"), line["sha256"]);
    assert_eq!((hash("MD5"), hash("SHA512")), (text_of(&line["also"]["md5"]), text_of(&line["also"]["sha512"])));
    let facet = &a["uco-core:hasFacet"][0];
    let modified = facet["uco-observable:modifiedTime"]["@value"].as_str().expect("a time");
    let stat = fs::metadata(desk.path("d/a")).expect("a file").modified().expect("a time");
    let stat = jiff::Timestamp::try_from(stat).expect("a time").to_string();
    assert_eq!((modified, facet["uco-observable:sizeInBytes"].as_u64()), (&stat[..], Some(7)));
    assert!(files.iter().any(|it| it["uco-core:hasFacet"][0]["uco-observable:fileName"] == "\u{202e}\"\u{1}"));
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn the_record_of_provenance_names_the_exhibit_and_every_entry() {
    let desk = sealed(&[]);
    let document = exported(&desk, "o", &["--signer", "key.pub"], 0);
    let record = of(&document, "case-investigation:ProvenanceRecord")[0];
    assert_eq!(record["case-investigation:exhibitNumber"], "A-1");
    let named = record["uco-core:object"].as_array().expect("objects").iter().map(|it| text_of(&it["@id"]));
    let named: BTreeSet<_> = named.collect();
    assert_eq!(named.len(), 5);
    let known: BTreeSet<_> = nodes(&document).iter().map(|node| node["@id"].as_str().expect("an id")).collect();
    assert!(named.iter().all(|it| known.contains(&it[..])));
    let investigation = of(&document, "case-investigation:Investigation")[0];
    assert_eq!(investigation["uco-core:name"], "VN-77");
    assert_eq!(
        of(&document, "case-investigation:Authorization")[0]["case-investigation:authorizationIdentifier"],
        "12/2026"
    );
}

#[test]
fn events_follow_each_other_from_the_sealing_on() {
    let desk = sealed(&[]);
    let add = |kind: &str| {
        let args =
            ["custody", "record", "x.scelle", "--kind", kind, "--key", "key", "--purpose", "p", "--place", "Hue"];
        assert_done(&desk.run(&args));
    };
    add("stored");
    add("examined");
    let document = exported(&desk, "o", &["--signer", "key.pub"], 0);
    let actions = of(&document, "case-investigation:InvestigativeAction");
    let named = |name: &str| *actions.iter().find(|it| it["uco-core:name"] == name).expect(name);
    let before = |name: &str| named(name)["case-investigation:wasInformedBy"]["@id"].clone();
    assert_eq!(
        (before("stored"), before("examined")),
        (named("sealed")["@id"].clone(), named("stored")["@id"].clone())
    );
    assert_eq!(of(&document, "uco-location:Location").len(), 2);
}

#[test]
fn identifiers_are_unlike_each_other_and_the_same_in_every_export() {
    let desk = sealed(&[]);
    exported(&desk, "one", &["--signer", "key.pub"], 0);
    let document = exported(&desk, "two", &["--signer", "key.pub"], 0);
    assert_eq!(fs::read(desk.path("one")).expect("one"), fs::read(desk.path("two")).expect("two"));
    let mut all = Vec::new();
    ids(&document["@graph"], &mut all);
    assert!(all.len() > 20 && all.iter().all(|id| id.starts_with("urn:uuid:")));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
}

#[test]
fn what_is_not_proven_says_so_and_what_is_not_known_is_not_written() {
    let desk = sealed(&[]);
    let sound = fs::read(desk.path("x.scelle")).expect("the bundle");
    let damage = |member: &[u8]| {
        let mut bytes = sound.clone();
        let at = bytes.windows(member.len()).position(|it| it == member).expect("a member");
        bytes[at + member.len() + 30] ^= 1;
        fs::write(desk.path("x.scelle"), bytes).expect("damaged");
    };
    damage(b"payload/00000000.tar.zst");
    let document = exported(&desk, "o", &["--signer", "key.pub"], 1);
    assert!(document.to_string().contains("not all of its content is proven"));
    assert!(document.to_string().contains("scelle verify: refuted"));
    damage(b"manifest/00000000.jsonl.zst");
    let output = desk.run(&["export", "x.scelle", "--case", "--out", "p", "--signer", "key.pub"]);
    desk.assert_refused(&output, 1, &["x.scelle", "not all those that were sealed"]);
    assert!(!desk.path("p").exists());
    fs::write(desk.path("x.scelle"), &sound).expect("sound again");
    let again = desk.run(&["export", "x.scelle", "--case", "--out", "o", "--signer", "key.pub"]);
    desk.assert_refused(&again, 3, &["cannot write o"]);
    assert!(exported(&desk, "q", &[], 4).to_string().contains("intact, not trusted"));
}
