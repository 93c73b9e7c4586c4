//! A time-stamping authority by `openssl`: a root, certificates of any kind under it, answers and tokens, revocation lists.
#![allow(dead_code)]

use std::fs;
use std::path::Path;
use std::process::Command;

use scelle::format::time_stamp::ber::tlv;
use scelle::x509::Root;

/// What kind of keys an authority has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    P256,
    P384,
    Rsa,
}

/// An authority, in a directory of its own.
pub struct Authority {
    dir: tempfile::TempDir,
    keys: Keys,
}

/// What a certificate for time-stamps says.
pub const USAGE: &str = "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n";

const CONFIG: &str = "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nserial=serial\ncrlnumber=crlnumber\nnew_certs_dir=.\n\
certificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\npolicy=p\ndefault_crl_days=3650\nunique_subject=no\ncrl_extensions=x\n\
[x]\nauthorityKeyIdentifier=keyid\n[p]\ncommonName=supplied\n\
[t]\nserial=tsserial\ncrypto_device=builtin\ncerts=ca.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\nother_policies=1.2.3.4.2\n\
digests=sha256,sha384,sha512\naccuracy=secs:1,millisecs:500\nordering=no\ntsa_name=no\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n";

/// Runs openssl; its output, or nothing if it fails.
pub fn openssl(dir: &Path, args: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("openssl").args(args).current_dir(dir).output().expect("openssl");
    output.status.success().then_some(output.stdout)
}

fn done(dir: &Path, args: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(args).current_dir(dir).output().expect("openssl");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The element's bytes in a sequence, so that a response can be put together by hand.
pub fn response_of(token: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(0x30, &tlv(0x02, &[0])), token.to_vec()].concat())
}

impl Authority {
    /// An authority with a root `ca` and one certificate, `tsa`.
    pub fn new(keys: Keys) -> Self {
        let it = Self { dir: tempfile::tempdir().expect("a directory"), keys };
        for (name, text) in
            [("c.cnf", CONFIG), ("index.txt", ""), ("serial", "1000"), ("crlnumber", "01"), ("tsserial", "01")]
        {
            fs::write(it.dir.path().join(name), text).expect("a file");
        }
        let days = ["-days", "20000", "-subj", "/CN=Test Root", "-out", "ca.pem", "-keyout", "ca.key"];
        let extensions =
            ["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-addext", "basicConstraints=critical,CA:TRUE"];
        done(it.path(), &[&["req", "-x509", "-nodes"], it.new_key(), &days[..], &extensions[..2]].concat());
        it.issue("tsa", USAGE, "20200101000000Z", "20900101000000Z");
        it
    }

    fn new_key(&self) -> &'static [&'static str] {
        match self.keys {
            Keys::P256 => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Keys::P384 => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
            Keys::Rsa => &["-newkey", "rsa:2048"],
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).expect("a file")
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path().join(name), bytes).expect("a file");
    }

    /// A certificate with these extensions and times, and its key.
    pub fn issue(&self, name: &str, extensions: &str, start: &str, end: &str) {
        self.issue_under("ca", name, extensions, start, end);
    }

    /// The same, by another than the root.
    pub fn issue_under(&self, issuer: &str, name: &str, extensions: &str, start: &str, end: &str) {
        let (key, csr, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let subject = format!("/CN=Test {name}");
        let out = ["-subj", &subject, "-keyout", &key, "-out", &csr];
        done(self.path(), &[&["req", "-new", "-nodes"], self.new_key(), &out[..]].concat());
        self.write("ext.cnf", extensions.as_bytes());
        let (cert, cakey) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        let by = ["-cert", &cert, "-keyfile", &cakey, "-startdate", start, "-enddate", end, "-extfile", "ext.cnf"];
        let ca = ["ca", "-batch", "-notext", "-config", "c.cnf", "-in", &csr, "-out", &pem];
        done(self.path(), &[&ca[..], &by[..]].concat());
    }

    /// The root.
    pub fn root(&self) -> Root {
        Root::parse_file(&self.read("ca.pem")).expect("a root").remove(0)
    }

    /// What the authority answers to a query.
    pub fn reply(&self, leaf: &str, query: &[u8]) -> Vec<u8> {
        self.write("q.tsq", query);
        let (pem, key) = (format!("{leaf}.pem"), format!("{leaf}.key"));
        let args = ["ts", "-reply", "-config", "c.cnf", "-section", "t", "-queryfile", "q.tsq", "-signer", &pem];
        openssl(self.path(), &[&args[..], &["-inkey", &key, "-out", "r.tsr"]].concat());
        self.read("r.tsr")
    }

    /// A token over a file, made by `openssl cms`, which makes also what `openssl ts` would not: at any time, by any certificate.
    pub fn token(&self, leaf: &str, info: &[u8], more: &[&str]) -> Vec<u8> {
        self.write("info.der", info);
        let (pem, key) = (format!("{leaf}.pem"), format!("{leaf}.key"));
        let sign =
            ["cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256", "-outform", "DER", "-in", "info.der"];
        let by = ["-econtent_type", "1.2.840.113549.1.9.16.1.4", "-signer", &pem, "-inkey", &key];
        done(self.path(), &[&sign[..], &by[..], more].concat())
    }

    /// An answer with such a token at a time like `20261128100000Z`.
    pub fn stamp(&self, leaf: &str, file: &[u8], time: &str) -> Vec<u8> {
        response_of(&self.token(leaf, &info(file, time), &[]))
    }

    /// Takes a certificate back, at this moment.
    pub fn revoke(&self, leaf: &str, reason: &str) {
        let pem = format!("{leaf}.pem");
        let why: &[&str] = if reason.is_empty() { &[] } else { &["-crl_reason", reason] };
        done(self.path(), &[&["ca", "-config", "c.cnf", "-revoke", &pem], why].concat());
    }

    /// The revocation list, in DER.
    pub fn revocation_list(&self) -> Vec<u8> {
        done(self.path(), &["ca", "-config", "c.cnf", "-gencrl", "-out", "crl.pem"]);
        done(self.path(), &["crl", "-in", "crl.pem", "-outform", "DER"])
    }

    /// What `openssl ts -verify` says of an answer over a file, at this second.
    pub fn openssl_agrees(&self, response: &[u8], file: &[u8], second: i64) -> bool {
        self.write("v.tsr", response);
        self.write("v.data", file);
        let second = second.to_string();
        let args = ["ts", "-verify", "-data", "v.data", "-in", "v.tsr", "-CAfile", "ca.pem", "-attime", &second];
        openssl(self.path(), &args).is_some()
    }
}

/// A `TSTInfo` over the SHA-256 of a file.
pub fn info(file: &[u8], time: &str) -> Vec<u8> {
    use scelle::format::time_stamp::{Hash, Imprint};
    let parts = [
        tlv(0x02, &[1]),
        tlv(0x06, &[0x2a, 3, 4, 1]),
        Imprint::of(Hash::Sha256, file).to_der(),
        tlv(0x02, &[7]),
        tlv(0x18, time.as_bytes()),
    ];
    tlv(0x30, &parts.concat())
}
