//! Runs the library's verifier on each scenario and compares by CONF-5, as `scelle conformance` does (which runs the
//! program over the same corpus in `tests/conformance`).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use scelle::conformance::{self, Comparison, Difference, compare_output};
use scelle::format::time::Instant;
use scelle::format::trust_list::SignedTrustList;
use scelle::report::json;
use scelle::trust::Trust;
use scelle::verify::{Bundle, Options, Receipt, Verdict, ZipFile, verify};
use scelle::x509::Root;
use serde_json::Value;

use super::Scenario;
use super::files;
use super::scenario::Stored;

/// The library says of every bundle what is expected.
pub fn assert_agreement(layers: &[(&str, Vec<Scenario>)]) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut wrong = String::new();
    for scenario in layers.iter().flat_map(|(_, scenarios)| scenarios) {
        let Some(said) = judged_by_library(scenario, dir.path()) else { continue };
        let side = conformance::Scenario::parse(scenario.side().to_string().as_bytes()).expect("a side file");
        match compare_output(&side, said.to_string().as_bytes(), "") {
            Comparison::Agrees => {}
            Comparison::BeyondLevel => wrong.push_str(&format!("{}: beyond its level\n", scenario.name)),
            Comparison::Differs(differences) => {
                for Difference { key, expected, actual } in differences {
                    let name = scenario.name;
                    wrong.push_str(&format!("{name}: {key}\n    expected {expected}\n    found    {actual}\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The library. What is no bundle is for the program to tell.
fn judged_by_library(scenario: &Scenario, dir: &Path) -> Option<Value> {
    let bundle: Box<dyn Bundle> = match &scenario.stored {
        _ if scenario.side()["expected"]["verdict"].is_null() => return None,
        Stored::File(bytes) => Box::new(ZipFile::open(Arc::new(bytes.clone())).expect("memory can be read")),
        Stored::Directory(_) => scelle::verify::open(&put(scenario, dir)).expect("a bundle"),
    };
    let options = &scenario.side()["options"];
    let signers: Vec<_> = scenario.signers.iter().map(|key| key.signing().public()).collect();
    let (fixity, strict) = (options["fixity"] == true, options["strict"] == true);
    let cancel = AtomicBool::new(false);
    let receipts: Vec<_> =
        scenario.receipts.iter().map(|bytes| Receipt::parse("receipt".into(), bytes).expect("a receipt")).collect();
    let trust = scenario.trust.as_ref().map(|trust| {
        let list = SignedTrustList::parse(&trust.list).expect("a list");
        let roots: Vec<_> = trust.roots.iter().map(|key| key.signing().public()).collect();
        Trust::new(list, &roots, Instant::parse(&format!("{}T00:00:00Z", trust.at)).expect("a day")).expect("believed")
    });
    let signers = trust.as_ref().map_or(signers, Trust::good_keys);
    let time_roots: Vec<_> =
        scenario.time_roots.iter().map(|root| Root::from_der(&root.der).expect("a root")).collect();
    let (receipts, trust) = (&receipts[..], trust.as_ref());
    let options = Options {
        signers: &signers,
        receipts,
        trust,
        time_roots: &time_roots,
        fixity,
        strict,
        thread_count: 2,
        ..Options::new(&cancel)
    };
    let verification = verify(&*bundle, &options).expect("nobody interrupts");
    let exit = match verification.verdict {
        Verdict::Verified | Verdict::FixityOk => 0,
        Verdict::Refuted | Verdict::Incomplete => 1,
        Verdict::CouldNotCheck => 2,
        Verdict::NotTrusted => 4,
    };
    Some(json::verification(b"", &verification, exit))
}

/// Puts a bundle into a directory.
fn put(scenario: &Scenario, dir: &Path) -> std::path::PathBuf {
    match &scenario.stored {
        Stored::File(bytes) => {
            let path = dir.join("bundle.scelle");
            std::fs::write(&path, bytes).expect("a file");
            path
        }
        Stored::Directory(nodes) => {
            let path = dir.join(scenario.name);
            let _ = std::fs::remove_dir_all(&path);
            nodes.iter().for_each(|(name, node)| files::write(&path.join(name), node));
            path
        }
    }
}
