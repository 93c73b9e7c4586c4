//! What stands behind the options in `--help`, as in a manual page: examples, exit status, and what else matters.

/// The program.
pub const SCELLE: &str = "\
Exit status:
  0    done, or verified
  1    bytes, digests or signatures do not match
  2    could not check or do it: input and output, environment; may be tried again
  3    command line, or an input that is not what it should be
  4    intact, but not signed by those who are trusted
  130  interrupted; ended cleanly

Standard output is data for the next program; everything else goes to standard error.
`scelle demo` shows the main job in half a minute. SPEC.md fixes every byte of a bundle.";

/// `scelle seal`.
pub const SEAL: &str = "\
What it does:
  Reads every source once, records what cannot be read, and never stops for it: regions that fail are zeros in the bundle and listed as gaps, entries that cannot be opened are listed as such, and all of it is signed. The source is only read, without a trace in access times where that is permitted.

  Where a disk fails, reads shrink to its sectors, past the page cache: first from the front, then from the back, then through the bad area; --retry says how often each bad sector is tried again. A disk that goes away ends the work with exit 2, unless --incomplete-ok: then what was read is sealed, and marked as incomplete wherever it is shown.

  The bundle has its name only when it is whole; until then it is called NAME.<8 hex>.partial. From the first 256 MiB on, a journal beside it says how to go on: if the work ends early, the same command with --resume compares the source with what was sealed of it, and goes on to the same bytes. The journal holds the seed; both files go when the bundle is whole.

  --also records more digests of each file or disk as it is sealed, with what could not be read as zeros: for looking it up in lists and reports that have no SHA-256. They are signed with all else, but prove nothing that SHA-256 does not: MD5 and SHA-1 can be forged, and `scelle verify` does not compute them again. `scelle list --json` shows them.

  --paranoid is for a machine that is not trusted to compute: what is hashed side by side (content, chunks, compressed frames) is hashed again by the reference, the sha2 crate, which computes the rest anyway. Every byte of the bundle is the same.

Examples:
  scelle seal /mnt/phone --out A-1.scelle --key officer.key --case case.toml
  scelle seal /dev/sdb --out disk.scelle --key officer.key --case case.toml
  scelle seal /mnt/phone --also md5,sha1 --out A-1.scelle --key officer.key --case case.toml
  scelle seal /srv --exclude '**/cache' --one-file-system --out srv.scelle --key k --case case.toml
  scelle seal /dev/sdb --retry 10 --out bad.scelle --key officer.key --case case.toml
  ssh host cat /proc/kcore | scelle seal - --name core --out m.scelle --key k --case case.toml

Output:
  The seal digest and the name of the bundle: the one number for the notebook.

Exit status:
  0 sealed; 1 sealed, and with --strict something could not be read; 2 not sealed, also if with --paranoid two digests differ; 3 wrong use; 130 interrupted: nothing left behind, or what --resume goes on with.

Environment:
  SCELLE_PASSPHRASE  passphrase of the key, unless --passphrase-file is given; `scelle key --help` says what agents and tokens need";

/// `scelle verify`.
pub const VERIFY: &str = "\
What it does:
  Checks everything that SPEC.md section 17 says, never stops at the first error, and says which bytes are damaged, which entries they touch, and what of them is still proven. Without --signer nobody is trusted: an intact bundle then exits with 4. The key must come from elsewhere than the bundle.

  --paranoid computes again by the reference, the sha2 crate, what is hashed side by side. If two computations differ, this machine is at fault: nothing is said of the bundle, nor of those after it.

Examples:
  scelle verify A-1.scelle --signer officer.key.pub
  scelle verify --json *.scelle --signer officer.key.pub > results.jsonl
  scelle verify --fixity archive/*.scelle --signer officer.key.pub

Exit status:
  0 verified (or fixity ok); 1 refuted, or sound and no answer to the --request, or with an --ssh-signature that does not hold; 2 could not check, or with --paranoid two digests differ; 3 not a bundle, wrong use; 4 intact, not trusted. With several bundles, the gravest.

Environment:
  NO_COLOR  no colours on a terminal";

/// `scelle sign`.
pub const SIGN: &str = "\
What it does:
  Verifies everything, then adds the signature of a signer that the statement requires (`scelle seal --signer-required`). Until enough have signed, `scelle verify` exits with 4.

  With --ssh anybody may sign: nothing is added to the bundle, but an SSH signature over statement.json is written beside it (SPEC.md section 25), which OpenSSH alone checks.

Examples:
  scelle seal /mnt/phone --out A-1.scelle --key officer.key --case case.toml --signer-required witness.key.pub
  scelle sign A-1.scelle --key witness.key
  scelle sign A-1.scelle --key witness.key --ssh && unzip -p A-1.scelle statement.json | ssh-keygen -Y verify -f allowed_signers -I witness -n seal@scelle -s A-1.scelle.sig

Exit status:
  0 signed; 1 the bundle is not what was sealed; 2 could not check or write; 3 the statement requires no signature by this key, or it has signed already; 130 interrupted.

Environment:
  SCELLE_PASSPHRASE  passphrase of the key, unless --passphrase-file is given; `scelle key --help` says what agents and tokens need";

/// `scelle timestamp`.
pub const TIMESTAMP: &str = "\
What it does:
  A time-stamp (RFC 3161) is what an authority signs: that a file was there at a moment. Of a bundle it is over the envelope of who sealed it, or over an event of its custody log, and stands in the bundle as timestamps/<name>.tsr. `scelle verify` then says when the bundle was sealed at the latest, and believes a key that has expired or was revoked since. Which authorities count, whoever verifies says (--timestamp-root, or a trust list).

  Without a network: `request` writes a query, which somebody takes to an authority; `attach` takes what comes back. With one, `get --url` does both. Nothing is added that does not hold.

Examples:
  scelle timestamp request A-1.scelle --out A-1.tsq
  curl -H 'Content-Type: application/timestamp-query' --data-binary @A-1.tsq http://tsa.example/ > A-1.tsr
  scelle timestamp attach A-1.scelle A-1.tsr --query A-1.tsq --timestamp-root tsa-root.pem
  scelle timestamp get A-1.scelle --url http://tsa.example/ --event 3

By hand:
  openssl ts -verify -data seal/*.dsse.json -in timestamps/NAME.tsr -CAfile tsa-root.pem -attime SECONDS

Exit status:
  0 done; 1 the answer does not hold, or not with what is in the bundle; 2 could not read, write or reach the authority; 3 wrong use, or no answer at all; 4 the answer holds, but its authority leads to none of the roots that were given.";

/// `scelle custody`.
pub const CUSTODY: &str = "\
What it does:
  Each event is signed by whoever acts, and names the digest of the event before it; the first one names the seal. Sealed bytes are never touched. Whoever holds a bundle offers it; whoever it is offered to verifies everything, then accepts or refuses, and gives the receipt back. A copy (`copy`) has a log of its own from then on. What does not fit the log is refused before it is signed, and `scelle verify` finds it where it was signed anyway: acts by somebody who does not hold it, two events after the same one, events that were taken away, clocks that go back.

  Whoever gives a bundle away keeps the receipt: `scelle verify --receipt` then shows whether the end of the log was cut off.

Examples:
  scelle custody offer A-1.scelle --to lab.pub --key officer.key --purpose analysis --place Hanoi
  scelle custody accept A-1.scelle --key lab.key --signer officer.key.pub --place Lyon --receipt A-1.receipt
  scelle custody attach A-1.scelle A-1.receipt
  scelle custody copy A-1.scelle --to lab2.pub --key lab.key --purpose 'second opinion' --place Lyon
  scelle custody record A-1.scelle --kind examined --key lab.key --purpose 'report 7' --place Lyon
  scelle custody log A-1.scelle

Exit status:
  0 added, or the log is sound; 1 log or bundle do not hold; 2 could not check or write; 3 not allowed in this state, wrong use; 4 intact, not trusted; 130 interrupted.

Environment:
  SCELLE_PASSPHRASE  passphrase of the key, unless --passphrase-file is given; `scelle key --help` says what agents and tokens need";

/// `scelle treaty`.
pub const TREATY: &str = "\
What it does:
  Says what this program knows of the legal status of the Convention: data of a day, with their sources. What is not known is not assumed. A newer file, signed by somebody whom you trust, is taken with --data; one that is older than what the program knows is refused.

Examples:
  scelle treaty status
  scelle treaty status --between VN FR --on 2026-11-22 --json
  scelle treaty sign treaty-status.toml --key ministry --out treaty-status.json

Exit status:
  0 done; 2 could not read or write; 3 wrong use, or a file that is no status; 4 not signed by a key that you trust.";

/// `scelle check`.
pub const CHECK: &str = "\
What it does:
  Verifies a bundle, then says of each rule of the profile whether the bundle and its case show what it asks for: met, not met, not applicable, or cannot be told, each with the evidence for it. It gives no legal advice; what a court makes of it is for the court. A rule whose wording is only recalled is `should` at most; while the treaty is not in force between the States concerned, every rule is one level lower. What a case can say of the law, `scelle case new` explains.

Examples:
  scelle check A-1.scelle --signer officer.key.pub
  scelle check A-1.scelle --json | jq '.rules[] | select(.answer.outcome == \"not met\")'
  scelle check --rules

Exit status:
  0 no rule that demands is known not to be met; 1 one is not met, or the bundle is refuted; 2 could not check; 3 wrong use; 4 the keys that you trust have not signed it; 130 interrupted.";

/// `scelle report`.
pub const REPORT: &str = "\
What it does:
  Verifies a bundle and writes what was found as one page of HTML, which needs no network and no script, and prints on A4 and Letter: the verdict and what it means and does not mean, who signed, what is damaged and what is still proven, what the bundle holds, what happened to it, the rules of the Convention, and what was recorded but not verified. The report of a refuted bundle is as careful as that of a good one.

Examples:
  scelle report A-1.scelle --signer officer.key.pub --out A-1.html
  scelle report A-1.scelle --trust trust.json --trust-root ministry.pub --out A-1.html

Exit status:
  That of `scelle verify`: 0 verified; 1 refuted; 2 could not check; 3 wrong use; 4 intact, not trusted; 130 interrupted. The page is written for 0, 1, 2 and 4.";

/// `scelle export`.
pub const EXPORT: &str = "\
What it does:
  Verifies a bundle and writes what it holds as JSON-LD by the ontologies CASE and UCO: each entry with its times and digests, the record of provenance with the exhibit's number, who sealed by which tool, the order, and each custody event. It needs no context from elsewhere, and identifiers are the same in every export of a bundle. It is derived: what counts is the bundle.

Examples:
  scelle export A-1.scelle --case --out A-1.jsonld --signer officer.key.pub

Exit status:
  That of `scelle verify`: 0 verified; 1 refuted; 2 could not check, or not read or write; 3 wrong use; 4 intact, not trusted; 130 interrupted. The file is written for 0, 1 and 4, if all lists of entries are those that were sealed.";

/// `scelle trust`.
pub const TRUST: &str = "\
What it does:
  A trust list says which keys belong to which authority, from when until when, and which were revoked. It is signed by its root keys. A list that is signed is never changed: `add` and `revoke` then write the next version, with the digest of the one before, which must be signed by the roots of that one too. Whoever verifies names the roots that they trust; the newest version that was seen is remembered, and an older one is refused.

Examples:
  scelle trust new --out trust.json --root ministry.pub --expires 2028-01-01
  scelle trust add trust.json --party lab-fr --key lab.pub --name 'Laboratory' --country FR --role laboratory
  scelle trust sign trust.json --key ministry
  scelle trust revoke trust.json --out trust-2.json --key lab.pub --reason 'laptop stolen'
  scelle verify A-1.scelle --trust trust.json --trust-root ministry.pub

Exit status:
  0 done; 2 could not read or write; 3 wrong use.";

/// `scelle request`.
pub const REQUEST: &str = "\
What it does:
  Writes requests of the 24/7 network and of mutual assistance as signed documents, aligned with articles 25, 27 and 40 to 46 of the United Nations Convention against Cybercrime. `new` prints a file with the fields that matter for the article; `check` names each thing that is missing, with the rule that asks for it; `sign` makes the document, and prints its digest. `respond` writes a reply that names the digest of the request and of the reply before it, and refuses what the article does not permit: grounds that it does not have, a refusal without reasons, a preservation of less than 60 days.

  `status` shows all requests of a directory: what state each is in, what is due next, and whether it is overdue. Periods are counted in elapsed days of 24 hours. Whether the Convention binds two States, and what else their law asks for, is not judged.

Examples:
  scelle request new --article 42 --out request.toml && $EDITOR request.toml
  scelle request check request.toml && scelle request sign request.toml --key officer.key --out inbox/r1.json
  scelle request respond inbox/r1.json --outcome executed --expires 2027-03-01 --by 'Contact point' --key lab.key --out inbox/r1-1.json
  scelle request respond inbox/r1.json --outcome refused --ground 21b --reasons 'secret' --by 'Ministry' --key k --out inbox/r1-1.json
  scelle request status inbox --signer officer.key.pub --signer lab.key.pub || mail -s overdue desk@example.org

Exit status:
  0 done, complete, nothing overdue; 1 something is missing that must be there, something is overdue, or a signature does not hold; 2 could not read or write; 3 wrong use, not a request or reply, or a reply that is not permitted; 4 signed by nobody you trust.

Environment:
  SCELLE_PASSPHRASE  passphrase of the key, unless --passphrase-file is given; `scelle key --help` says what agents and tokens need";

/// `scelle list`.
pub const LIST: &str = "\
Examples:
  scelle list A-1.scelle --signer officer.key.pub
  scelle list A-1.scelle --json | jq -r 'select(.gaps) | .path'

Names are shown so that none can move the cursor, hide text or forge a line: a backslash stands as \\\\, other characters that cannot be seen as \\n, \\u{202e} or \\xff. --json has the exact names: what cannot be seen stands as \\u escapes.

Exit status:
  0 listed; 1 the seal or a part is damaged; 2 could not be read; 3 not a bundle; 4 signed by nobody you trust.";

/// `scelle show`.
pub const SHOW: &str = "\
Examples:
  scelle show A-1.scelle --signer officer.key.pub
  scelle show A-1.scelle --json | jq .statement.predicate.counts

Exit status:
  As `scelle list`.";

/// `scelle extract`.
pub const EXTRACT: &str = "\
Examples:
  scelle extract A-1.scelle --signer officer.key.pub --out restored
  scelle extract A-1.scelle --signer officer.key.pub --out some phone/messages phone/calls.csv
  scelle extract A-1.scelle --signer officer.key.pub --out texts --glob '**/*.txt'

Files:
  DIR/scelle-renamed.jsonl, if a name had to be replaced: one JSON object a line, `path` is the name in the bundle, `restored_as` the one in DIR (`_b64` if it is not UTF-8). The last line of a path counts. To undo it, go through the lines from the last to the first and give the last part of `restored_as` the last part of `path` for a name. A further run that renames writes scelle-renamed-2.jsonl, and so on.

Exit status:
  0 restored; 1 something is damaged, the rest was restored; 2 could not read or write something, or a name was taken; 3 wrong use, or a PATH that the bundle does not have; 4 restored, but signed by nobody you trust; 130 interrupted, every file that has a name is whole.";

/// `scelle pack`.
pub const PACK: &str = "\
Examples:
  scelle pack A-1/ --out A-1.scelle
  scelle pack A-1.scelle --form dir --out A-1/

Exit status:
  0 done; 1 the members are not those of a whole bundle; 2 could not read or write; 3 not a bundle of the other form, or the output exists; 130 interrupted, nothing left behind.";

/// `scelle repair`.
pub const REPAIR: &str = "\
Examples:
  scelle repair torn.scelle --out whole.scelle && scelle verify whole.scelle --signer officer.key.pub

Exit status:
  0 repaired, or nothing to repair; 1 repaired as far as can be, and `scelle verify` will refute the rest, or nothing is left to repair; 2 could not read or write; 3 not a bundle, or the output exists; 130 interrupted, nothing left behind.";

/// `scelle hash`.
pub const HASH: &str = "\
What it does:
  Lists the plain SHA-256 of every file in lines that `sha256sum -c` reads: below each PATH in the order of the bytes of the paths, the PATHs in the order given. Links below a PATH are not followed and not listed. Pipes, sockets and devices are not read, and named in a warning; a block device given as PATH is read like an image. What cannot be read is named on standard error, and the rest goes on.

  --also adds lines such as `MD5 (path) = ...`. `sha256sum -c`, `md5sum -c`, `sha1sum -c` each take the lines that are theirs and warn of the others.

  --chunks-only prints `<sha256>  <offset>  <length>  <path>` for each 256 KiB of a file; `dd if=PATH bs=256K skip=N count=1 | sha256sum` computes one again. An empty file has none.

  --check compares with a listing as `hashdeep -a` does, by the exact paths (but for a leading ./). A file whose path is not in the listing but whose digest is counts as moved, also if it is a copy. It takes 53 bytes of memory for each entry of the listing.

  --known searches the list where it lies, whatever its size; lines that are not looked at are not checked. How many are known is said on standard error; --json tells it of each file, and --unknown-only leaves them out.

Examples:
  scelle hash /mnt/evidence > evidence.sha256 && sha256sum -c evidence.sha256
  scelle hash /mnt/evidence --check evidence.sha256
  scelle hash --check evidence.sha256
  scelle hash /mnt/evidence --also md5,sha1 --json | jq -r 'select(.error) | .path'
  scelle hash /mnt/evidence --known nsrl.txt --unknown-only

Exit status:
  0 all listed, or all matched; 1 with --check, something is changed, moved, missing or new; 2 something could not be read, or with --paranoid two digests differ; 3 wrong use, or a listing or list that is malformed; 130 interrupted.";

/// `scelle conformance`.
pub const CONFORMANCE: &str = "\
What it does:
  Runs COMMAND over every scenario of the corpus (SPEC.md section 20) with --json, --signer FILE for each trusted key, --fixity, --strict and the bundle's path, as the scenario says, and compares exit code, verdict, seal digest, areas, failed steps and damage map. One line for each difference; a crash, a hang, and output that is no JSON object are differences too. Scenarios above the level that the verifier states are counted apart.

  The verifier is a program that you run: it may do what you may do.

Examples:
  scelle conformance -- scelle verify
  scelle conformance --json --timeout 10 -- python3 my_verifier.py | jq '.differences[]'
  scelle conformance --corpus ../scelle/fixtures/corpus -- ./my-verifier

Exit status:
  0 agrees in everything that was compared; 1 differs; 2 COMMAND cannot be started, or nothing could be compared; 3 no corpus, or one that is malformed, wrong use; 130 interrupted, no process left behind.";

/// `scelle key`.
pub const KEY: &str = "\
Examples:
  scelle key new --out officer.key
  scelle key show officer.key.pub
  scelle key export officer.key.pub --format openssh --name 'A. Officer'

  scelle key list --pkcs11-module /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so
  scelle seal /mnt/phone --key 'pkcs11:token=Unit%207;object=seal' --pin-file pin --case case.toml --out A-1.scelle

A private key is an age file that a passphrase opens, or with --no-passphrase plain PKCS#8 PEM, which openssl reads. Files have mode 0600 and are never overwritten.

What --key takes, of every command that signs:
  FILE              a key file; one that is called agent:x is given as ./agent:x
  agent:SHA256:...  a key of the ssh-agent at SSH_AUTH_SOCK, as `ssh-add -l` names it; or agent: and its key id
  pkcs11:...        a key in a token (RFC 7512): token, object, id, serial, manufacturer, model, slot-id; ?module-path and pin-source=file:FILE

A PIN comes from --pin-file, SCELLE_PIN, pin-source or the terminal, in this order, never from an argument. It is tried once; the last try before a token locks itself is left to a person at a terminal.

Environment:
  SCELLE_PASSPHRASE     passphrase of a key file, unless --passphrase-file is given
  SCELLE_PIN            PIN of a token, unless --pin-file is given
  SCELLE_PKCS11_MODULE  module that knows the tokens, unless --pkcs11-module is given
  SSH_AUTH_SOCK         socket of the ssh-agent";

/// `scelle case`.
pub const CASE: &str = "\
Examples:
  scelle case new --case 2026-0417 --exhibit A-1 --operator 'A. Officer' --authority 'Cyber Unit' --state VN
  scelle case new --out case.toml && $EDITOR case.toml && scelle case check case.toml";

/// `scelle demo`.
pub const DEMO: &str = "\
Examples:
  scelle demo
  scelle demo --keep sample

It leaves nothing behind unless --keep is given.";
