//! Time-stamps and queries for them. Whatever comes, nothing is believed but by a root, and what is read twice is read the same.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use scelle::format::time_stamp::ber::to_der;
use scelle::format::time_stamp::{Hash, Imprint, Query, Response, TstInfo, with_lists};
use scelle::time_stamp::{Standing, examine, examine_over, standing};
use scelle::verify::{Bundle as _, ZipFile, read_grown};
use scelle::x509::Root;

/// An answer of an authority.
pub fn time_stamp(data: &[u8]) {
    if let Ok(der) = to_der(data) {
        assert!(to_der(&der).as_ref() == Ok(&der), "DER that is no DER");
        assert_eq!(Response::parse(&der), Response::parse(data), "BER and its DER are two things");
    }
    let Ok(response) = Response::parse(data) else { return };
    let Some(token) = &response.token else { return };
    assert!(
        token.certificates.len() <= 16 && token.revocation_lists.len() <= 16 && token.signers.len() <= 16,
        "LIM-26"
    );
    let info = TstInfo::parse(&token.content);
    // Over whatever it says that it is over: only so are signature, certificate and path reached.
    if let Ok(sound) = examine_over(&response, |_| true) {
        let info = info.expect("sound");
        assert!(info.time.not_before() <= info.time.second() && info.time.second() <= info.time.not_after(), "TSP-11");
        assert!(examine(&response, b"a file that nobody stamped").is_err(), "TSP-8");
        assert_eq!(standing(token, &sound, &[]), Standing::NoRoots, "TSP-9");
        // The private half of its key is public, but no fuzzer has it for another token.
        if standing(token, &sound, std::slice::from_ref(root())) == Standing::Trusted {
            assert!(matches!(
                sound.authority.as_str(),
                "CN=Test Stamper" | "CN=Test RSA" | "CN=Test Old" | "CN=Test Below"
            ));
        }
    }
    let Ok(more) = with_lists(data, &[vec![0x30, 0]]) else { return };
    let again = Response::parse(&more).expect("what was put together").token.expect("its token");
    assert!(
        again.signers == token.signers && again.content == token.content && again.certificates == token.certificates
    );
}

/// A query, which anybody may have written.
pub fn query(data: &[u8]) {
    let Ok(query) = Query::parse(data) else { return };
    assert_eq!(Query::parse(&query.to_der()).as_ref(), Ok(&query), "written again it is another one");
}

fn corpus() -> PathBuf {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("fixtures/corpus"));
    above.into_iter().find(|dir| dir.is_dir()).expect("the corpus")
}

fn root() -> &'static Root {
    static ROOT: OnceLock<Root> = OnceLock::new();
    ROOT.get_or_init(|| {
        let bytes = std::fs::read(corpus().join("keys/stamped.roots.pem")).expect("a root");
        Root::parse_file(&bytes).expect("a root").remove(0)
    })
}

/// One of each kind.
pub fn time_stamp_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let names = [
        "stamped",
        "stamped_by_rsa",
        "stamped_in_ber",
        "stamped_by_sha_512",
        "stamped_to_a_fraction",
        "stamped_through_another",
        "stamped_by_first_certificate_id",
        "stamp_superseded_later",
        "stamp_refused",
        "stamp_by_two",
        "stamp_of_17_certificates",
    ];
    names.into_iter().flat_map(tokens_of).collect()
}

fn tokens_of(name: &str) -> Vec<Vec<u8>> {
    let zip = std::fs::read(corpus().join(format!("{name}.scelle"))).expect("a bundle");
    let bundle = ZipFile::open(Arc::new(zip)).expect("memory can be read");
    let kinds = bundle.members().iter().filter(|member| member.name.starts_with("timestamps/"));
    kinds.map(|member| read_grown(&bundle, member.kind.as_ref().expect("a name")).expect("its bytes")).collect()
}

pub fn query_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let query = |hash, policy, nonce| Query::new(Imprint::of(hash, b"a file"), policy, nonce).to_der();
    vec![query(Hash::Sha256, None, [0x80; 16]), query(Hash::Sha512, "1.2.3.4".parse().ok(), [0; 16])]
}
