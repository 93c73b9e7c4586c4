//! `scelle report`: what the page says, and that nothing out of a bundle becomes part of it that is more than text.

mod desk;

use std::fs;

use desk::{Desk, assert_done, text};

/// A bundle with these files, and its report in English, by `args`.
fn report(desk: &Desk, args: &[&str], code: i32) -> String {
    let out = ["report", "x.scelle", "--out", "r.html"];
    let output = desk.run(&[&out[..], args].concat());
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    fs::read_to_string(desk.path("r.html")).expect("the report")
}

fn sealed(case: &str) -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("d")).expect("a directory");
    fs::write(desk.path("d/a"), vec![7_u8; 300_000]).expect("a file");
    fs::write(desk.path("d/b"), "another").expect("a file");
    if !case.is_empty() {
        fs::write(desk.path("case.toml"), case).expect("a case");
    }
    desk
}

#[test]
fn a_sound_bundle_is_reported_with_its_seal_digest_and_its_entries() {
    let desk = sealed("");
    assert_done(&desk.seal(&["d"]));
    let page = report(&desk, &["--signer", "key.pub"], 0);
    let digest = text(&desk.run(&["show", "x.scelle", "--signer", "key.pub", "--json"]).stdout);
    let digest: serde_json::Value = serde_json::from_str(&digest).expect("JSON");
    assert!(page.contains(digest["seal_digest"].as_str().expect("a digest")));
    for expected in ["VERIFIED", "d/b", "named by whoever made this report", "role=\"img\"", "UNCC-40.19"] {
        assert!(page.contains(expected), "{expected}");
    }
    // The SHA-256 of "another".
    assert!(page.contains("ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5"));
    let again = desk.run(&["report", "x.scelle", "--out", "r.html"]);
    desk.assert_refused(&again, 3, &["r.html exists already"]);
}

#[test]
fn a_refuted_bundle_is_reported_as_carefully_with_what_is_still_proven() {
    let desk = sealed("");
    assert_done(&desk.seal(&["d"]));
    let note = ["custody", "record", "x.scelle", "--kind", "stored", "--key", "key", "--purpose", "p", "--place", "x"];
    assert_done(&desk.run(&note));
    let mut bytes = fs::read(desk.path("x.scelle")).expect("the bundle");
    let name = b"payload/00000000.tar.zst";
    let at = bytes.windows(name.len()).position(|it| it == name).expect("the payload");
    bytes[at + 90] ^= 1;
    fs::write(desk.path("x.scelle"), bytes).expect("damaged");
    let page = report(&desk, &["--signer", "key.pub"], 1);
    for expected in
        ["REFUTED", "not in full", "Nobody has signed since the sealing", "are proven to be those that were sealed"]
    {
        assert!(page.contains(expected), "{expected}");
    }
    assert!(!page.contains("VERIFIED"));
}

#[test]
fn who_says_that_all_held_is_named_and_not_taken_at_their_word() {
    let desk = sealed("");
    assert_done(&desk.seal(&["d"]));
    assert_done(&desk.run(&["key", "new", "--out", "lab", "--no-passphrase"]));
    let offer = ["custody", "offer", "x.scelle", "--to", "lab.pub", "--key", "key", "--purpose", "p", "--place", "x"];
    assert_done(&desk.run(&offer));
    let accept =
        ["custody", "accept", "x.scelle", "--key", "lab", "--signer", "key.pub", "--place", "x", "--receipt", "c"];
    assert_done(&desk.run(&accept));
    let mut bytes = fs::read(desk.path("x.scelle")).expect("the bundle");
    let name = b"payload/00000000.tar.zst";
    let at = bytes.windows(name.len()).position(|it| it == name).expect("the payload");
    bytes[at + 90] ^= 1;
    fs::write(desk.path("x.scelle"), bytes).expect("damaged");
    let page = report(&desk, &["--signer", "key.pub"], 1);
    assert!(page.contains("by their own clock, that everything held. If they are believed"));
}

#[test]
fn no_name_or_text_of_a_bundle_is_markup() {
    let desk = sealed(
        "case = { id = \"<script>alert(1)</script>\" }\nexhibit = { id = \"\u{202e}E\" }\noperator = { name = \"<b>O\" }\n\
         authority = { name = \"A&amp;\\\"'\", state = \"VN\" }\nnotes = \"<img src=x onerror=alert(1)>\"\n",
    );
    fs::write(desk.path("d/<svg onload=alert(1)>"), "x").expect("a file");
    assert_done(&desk.seal(&["d"]));
    let hostile = "<script>alert(2)</script>";
    let note =
        ["custody", "note", "x.scelle", "--key", "key", "--purpose", hostile, "--place", hostile, "--name", hostile];
    assert_done(&desk.run(&note));
    let page = report(&desk, &[], 4);
    for forbidden in ["<script", "<img", "<svg onload", "<b>O", "\u{202e}", "http://", "https://", "javascript:"] {
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("\\u{202e}E"));
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
}

#[test]
fn more_than_ten_thousand_entries_are_in_a_list_beside_the_page() {
    let desk = sealed("");
    for n in 0..10_000 {
        fs::write(desk.path(&format!("d/{n}")), "").expect("a file");
    }
    assert_done(&desk.seal(&["d"]));
    let page = report(&desk, &["--signer", "key.pub"], 0);
    let list = fs::read(desk.path("r.entries.tsv")).expect("the list");
    assert_eq!(list.iter().filter(|byte| **byte == b'\n').count(), 10_003);
    assert!(page.contains(&scelle::hash::sha256(&list).to_string()) && page.contains("10003"));
    assert!(page.matches("<tr>").count() > 10_000);
}

#[test]
fn a_language_is_taken_by_name_or_from_the_locale_and_none_is_guessed() {
    let desk = sealed("");
    assert_done(&desk.seal(&["d"]));
    let unknown = desk.run(&["report", "x.scelle", "--out", "q.html", "--lang", "tlh"]);
    desk.assert_refused(&unknown, 3, &["--lang \"tlh\"", "one of: en, ar, zh, fr, ru, es, vi"]);
    assert!(report(&desk, &["--lang", "en_GB.UTF-8"], 4).contains("lang=\"en\""));
    for (tag, direction, title) in [("ar", "rtl", "ختم"), ("zh", "ltr", "封"), ("vi", "ltr", "niêm phong")] {
        fs::remove_file(desk.path("r.html")).expect("the last one");
        let page = report(&desk, &["--lang", tag], 4);
        assert!(page.contains(&format!("<html lang=\"{tag}\" dir=\"{direction}\">")), "{tag}");
        assert!(page.contains(title), "{tag}");
    }
}

/// The commands of the page, without the one that unpacks.
fn by_hand(page: &str) -> String {
    let pre = page.split_once("<pre>").expect("commands").1.split_once("</pre>").expect("an end").0;
    let text = pre.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&").lines().skip(1).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_commands_of_the_page_hold_for_a_sound_bundle_and_for_no_forged_one() {
    let desk = sealed("");
    assert_done(&desk.run(&["key", "new", "--out", "other", "--no-passphrase", "--algorithm", "p256"]));
    assert_done(&desk.seal(&["d", "--signer-required", "other.pub"]));
    assert_done(&desk.run(&["sign", "x.scelle", "--key", "other", "--signer", "key.pub"]));
    let page = report(&desk, &["--signer", "key.pub", "--signer", "other.pub"], 0);
    let first = by_hand(&page).lines().find_map(|line| Some(line.split_once("seal/")?.1[..16].to_owned()));
    let shown = |name: &str| {
        text(&desk.run(&["key", "show", name]).stdout)
            .contains(&format!("key id: {}", first.as_deref().expect("an id")))
    };
    let signer = if shown("key.pub") { "key.pub" } else { "other.pub" };
    fs::copy(desk.path(signer), desk.path("signer.pub")).expect("a key");
    assert_done(&desk.run(&["pack", "x.scelle", "--form", "dir", "--out", "bundle"]));
    let holds = || {
        let mut shell = std::process::Command::new("bash");
        shell.args(["-e", "-o", "pipefail", "-c", &by_hand(&page)]).current_dir(desk.path("bundle"));
        shell.output().expect("a shell").status.success()
    };
    assert!(holds());
    let read = |name: &str| fs::read(desk.path("bundle").join(name)).expect("a member");
    let write = |name: &str, bytes: &[u8]| fs::write(desk.path("bundle").join(name), bytes).expect("a member");
    let (verify, list) = (read("VERIFY.txt"), read("SEALED.sha256"));
    let changed = [&verify[..], b"more"].concat();
    write("VERIFY.txt", &changed);
    assert!(!holds(), "another member");
    let digest = |bytes: &[u8]| scelle::hash::sha256(bytes).to_string();
    let forged = text(&list).replace(&digest(&verify), &digest(&changed));
    write("SEALED.sha256", forged.as_bytes());
    assert!(!holds(), "another member, and another list");
}
