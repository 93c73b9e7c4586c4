//! Keys in tokens of SoftHSM2, through its PKCS#11 module.

use std::fs;

use crate::desk::{assert_done, text};
use crate::soft_token::{PIN, SoftTokens, module, seal};
use crate::terminal::Terminal;

const ED: &str = "pkcs11:token=unit;object=ed";
const P256: &str = "pkcs11:token=unit;id=%02";

#[test]
fn bundles_are_sealed_signed_handed_over_and_verified_with_keys_of_a_token() {
    let tokens = SoftTokens::new();
    let desk = &tokens.desk;
    for (key, name) in [(ED, "ed"), (P256, "p256")] {
        let public = format!("{name}.pub");
        // The public half needs no PIN.
        let exported = tokens.run_with(None, &["key", "export", key, "--format", "spki"]);
        assert_done(&exported);
        fs::write(desk.path(&public), exported.stdout).expect("a file");
        let bundle = format!("{name}.scelle");
        let sealed = tokens.run(&[&seal(key, &bundle)[..], &["--signer-required", "key.pub"]].concat());
        assert_done(&sealed);
        assert_eq!(text(&sealed.stderr).contains("signs the same text differently"), name == "p256");
        assert_done(&desk.run(&["sign", &bundle, "--key", "key"]));
        let note =
            ["custody", "record", &bundle, "--kind", "stored", "--purpose", "kept", "--place", "Hanoi", "--key", key];
        assert_done(&tokens.run(&note));
        assert_done(&desk.run(&["verify", &bundle, "--signer", &public, "--signer", "key.pub"]));
    }
    let new = ["trust", "new", "--out", "trust.json", "--root", "p256.pub", "--expires", "2038-01-01"];
    assert_done(&desk.run(&new));
    assert_done(&tokens.run(&["trust", "sign", "trust.json", "--key", P256]));
}

#[test]
fn the_signatures_of_a_token_are_in_the_form_of_bundles_whatever_its_nonces() {
    let tokens = SoftTokens::new();
    let exported = tokens.run_with(None, &["key", "export", P256, "--format", "spki"]);
    fs::write(tokens.desk.path("p256.pub"), exported.stdout).expect("a file");
    // Half of them come with a high s.
    for n in 0..8 {
        let bundle = format!("{n}.scelle");
        assert_done(&tokens.run(&seal(P256, &bundle)));
        assert_done(&tokens.desk.run(&["verify", &bundle, "--signer", "p256.pub"]));
    }
}

#[test]
fn a_wrong_pin_is_tried_once_and_said() {
    let tokens = SoftTokens::new();
    for wrong in ["161803", "1"] {
        let refused = tokens.run_with(Some(wrong), &seal(ED, "x.scelle"));
        let says =
            ["wrong PIN for the token unit: it was tried once, the token counts wrong PINs", "hint: nothing is tried"];
        tokens.desk.assert_refused(&refused, 3, &says);
        assert!(!text(&refused.stderr).contains(wrong) || wrong == "1");
        assert!(tokens.counts_wrong_pins());
        assert_done(&tokens.run(&seal(ED, &format!("{wrong}.scelle"))));
        assert!(!tokens.counts_wrong_pins());
    }
}

#[test]
fn a_pin_comes_from_a_file_the_environment_or_the_name_in_this_order() {
    let tokens = SoftTokens::new();
    let desk = &tokens.desk;
    fs::write(desk.path("pin"), format!("{PIN}\n")).expect("a file");
    fs::write(desk.path("wrong"), "161803\n").expect("a file");
    let by_name = format!("{ED}?pin-source=file:{}", desk.path("pin").display());
    let by_wrong_name = format!("{ED}?pin-source={}", desk.path("wrong").display());
    assert_done(&tokens.run_with(None, &seal(&by_name, "1.scelle")));
    assert_done(&tokens.run_with(Some(PIN), &seal(&by_wrong_name, "2.scelle")));
    let file = |key, out| [&seal(key, out)[..], &["--pin-file", "pin"]].concat();
    assert_done(&tokens.run_with(Some("161803"), &file(&by_wrong_name, "3.scelle")));
    let none = tokens.run_with(None, &seal(ED, "x.scelle"));
    desk.assert_refused(
        &none,
        3,
        &["cannot ask for the PIN: there is no terminal", "hint: give --pin-file FILE, or set SCELLE_PIN"],
    );
    let missing = tokens.run_with(None, &[&seal(ED, "x.scelle")[..], &["--pin-file", "nowhere"]].concat());
    desk.assert_refused(&missing, 2, &["cannot read the PIN file nowhere"]);
    fs::write(desk.path("empty"), "\n").expect("a file");
    let empty = tokens.run_with(None, &[&seal(ED, "x.scelle")[..], &["--pin-file", "empty"]].concat());
    desk.assert_refused(&empty, 3, &["empty holds no PIN that can be used: there is nothing in it"]);
    assert!(!tokens.counts_wrong_pins());
}

#[test]
fn a_pin_in_an_argument_is_refused_and_not_repeated() {
    let tokens = SoftTokens::new();
    let refused = tokens.run(&seal(&format!("{ED}?pin-value={PIN}"), "x.scelle"));
    tokens.desk.assert_refused(&refused, 3, &["a PIN does not belong into an argument", "hint: use --pin-file FILE"]);
    assert!(!text(&refused.stderr).contains(PIN));
}

#[test]
fn a_module_that_is_missing_or_is_none_is_said() {
    let tokens = SoftTokens::new();
    let desk = &tokens.desk;
    fs::write(desk.path("text.so"), "no library").expect("a file");
    let libc = "/lib/x86_64-linux-gnu/libm.so.6";
    for (path, says) in
        [("/nowhere.so", "No such file"), ("./text.so", "file too short"), (libc, "Missing PKCS#11 symbol")]
    {
        let refused = tokens.run(&[&seal(ED, "x.scelle")[..], &["--pkcs11-module", path]].concat());
        desk.assert_refused(&refused, 2, &[&format!("{path} cannot be used as a PKCS#11 module"), says]);
    }
    let nowhere = format!("{ED}?module-path=/nowhere.so");
    desk.assert_refused(&tokens.run(&seal(&nowhere, "x.scelle")), 2, &["/nowhere.so cannot be used"]);
    let unnamed = desk.command(&seal(ED, "x.scelle")).env_remove("SCELLE_PKCS11_MODULE").output().expect("scelle");
    desk.assert_refused(&unnamed, 3, &["no PKCS#11 module is named", "hint: give --pkcs11-module FILE"]);
    assert_done(&tokens.run(&[&seal(&nowhere, "x.scelle")[..], &["--pkcs11-module", module()]].concat()));
}

#[test]
fn tokens_and_keys_that_are_not_there_or_alike_are_told_apart() {
    let tokens = SoftTokens::new();
    let desk = &tokens.desk;
    for (key, says) in [
        ("pkcs11:token=other;object=ed", "knows no such token"),
        ("pkcs11:token=unit;object=none", "the token unit holds no such key"),
        ("pkcs11:token=unit", "2 keys in the token unit fit the name"),
        ("pkcs11:token=unit;colour=red", "the attribute `colour` is not known here"),
    ] {
        desk.assert_refused(&tokens.run(&seal(key, "x.scelle")), 3, &[says, "hint: "]);
    }
    // What fits several keys spends no try of the PIN.
    desk.assert_refused(&tokens.run_with(Some("161803"), &seal("pkcs11:token=unit", "x.scelle")), 3, &["2 keys"]);
    assert!(!tokens.counts_wrong_pins());
    tokens.add_key("EC:edwards25519", "ed", "03");
    desk.assert_refused(
        &tokens.run(&seal(ED, "x.scelle")),
        3,
        &["2 keys in the token unit fit the name", "hint: add id="],
    );
    assert_done(&tokens.run(&seal(&format!("{ED};id=%03"), "3.scelle")));
    tokens.add_key("rsa:2048", "rsa", "04");
    let rsa = tokens.run(&seal("pkcs11:token=unit;object=rsa", "x.scelle"));
    desk.assert_refused(&rsa, 3, &["cannot sign bundles: neither Ed25519 nor ECDSA P-256"]);
    tokens.add_token("unit");
    desk.assert_refused(&tokens.run(&seal(ED, "x.scelle")), 3, &["2 tokens fit the name", "hint: add serial="]);
}

#[test]
fn a_key_whose_public_half_is_not_beside_it_is_not_used() {
    let tokens = SoftTokens::new();
    tokens.tool(&["--login", "--pin", PIN, "--delete-object", "--type", "pubkey", "--id", "02"]);
    let refused = tokens.run(&seal(P256, "x.scelle"));
    tokens.desk.assert_refused(&refused, 3, &["cannot sign bundles"]);
    tokens.tool(&["--login", "--pin", PIN, "--delete-object", "--type", "privkey", "--id", "01"]);
    tokens.desk.assert_refused(&tokens.run(&seal(ED, "x.scelle")), 3, &["the token unit holds no such key"]);
}

#[test]
fn a_public_key_that_is_not_the_other_half_is_found_out_before_anything_is_signed() {
    let tokens = SoftTokens::new();
    tokens.add_key("EC:edwards25519", "other", "03");
    for (kind, id) in [("pubkey", "01"), ("privkey", "03")] {
        tokens.tool(&["--login", "--pin", PIN, "--delete-object", "--type", kind, "--id", id]);
    }
    // The private key `ed` beside the public key `other`.
    tokens.tool(&["--login", "--pin", PIN, "--set-id", "01", "--type", "pubkey", "--id", "03"]);
    let refused = tokens.run(&seal("pkcs11:token=unit;id=%01", "x.scelle"));
    tokens.desk.assert_refused(&refused, 2, &["the token unit gave a signature that does not hold"]);
}

#[test]
fn the_terminal_asks_for_a_pin_and_does_not_show_it() {
    let tokens = SoftTokens::new();
    let binary = env!("CARGO_BIN_EXE_scelle");
    let start = |out: &str| {
        let line = format!(
            "{} '{binary}' {} </dev/null; echo code=$?",
            tokens.environment(),
            seal(&format!("'{ED}'"), out).join(" ")
        );
        Terminal::start(tokens.desk.dir.path(), &line)
    };
    let mut right = start("1.scelle");
    right.on("PIN of the token unit: ", &format!("{PIN}\n"));
    let shown = right.end();
    assert!(shown.contains("code=0") && !shown.contains(PIN), "{shown}");
    let mut wrong = start("2.scelle");
    wrong.on("PIN of the token unit: ", "161803\n");
    let shown = wrong.end();
    // It does not ask again.
    assert!(shown.contains("code=3") && shown.contains("it was tried once"), "{shown}");
    assert_eq!(shown.matches("PIN of the token unit: ").count(), 1, "{shown}");
    let mut interrupted = start("3.scelle");
    interrupted.on("PIN of the token unit: ", "\u{3}");
    assert!(interrupted.end().contains("code=130"));
}

#[test]
fn a_pin_in_a_name_is_not_repeated_however_the_name_is_written() {
    let tokens = SoftTokens::new();
    let names = ["PKCS11:token=unit?pin-value=876543", " pkcs11:token=unit?pin-value=876543"];
    for args in names.iter().flat_map(|name| [vec!["key", "show", name], seal(name, "x.scelle")]) {
        let refused = tokens.run_with(None, &args);
        tokens.desk.assert_refused(&refused, 3, &["--pin-file"]);
        assert!(!text(&refused.stderr).contains("876543"), "{}", text(&refused.stderr));
    }
    let signer = tokens.run_with(None, &["verify", "x.scelle", "--signer", "pkcs11:token=unit?pin-value=876543"]);
    assert_eq!(signer.status.code(), Some(3));
    assert!(!text(&signer.stderr).contains("876543"), "{}", text(&signer.stderr));
    let named = tokens.run_with(None, &["verify", "x.scelle", "--signer", ED]);
    tokens.desk.assert_refused(&named, 3, &["given as a file", "key export"]);
}
