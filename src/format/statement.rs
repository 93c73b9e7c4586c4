//! `statement.json`: the signed bytes (SPEC.md section 10). Fields stand in RFC 8785 order.

use serde::{Deserialize, Serialize};

use super::certified::Certificates;
use super::clock::{Clock, ClockSource};
use super::cuts::Limits;
use super::digest::{BundleId, Digest, KeyId};
use super::json::{self, JsonError, OpenObject, bytes_of_base64};
use super::line::Line;
use super::time::Instant;
use crate::limits::{JSON_INTEGER_MAX, STATEMENT_LEN_MAX, TEXT_LEN_MAX};

/// `_type` of every in-toto Statement of version 1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `predicateType` of a seal.
pub const PREDICATE_TYPE: &str = "urn:scelle:seal:1";
/// Compression levels that a bundle may state; above them windows pass the limit.
pub const LEVELS: std::ops::RangeInclusive<i32> = 1..=19;
/// Most required signers.
pub const SIGNER_COUNT_MAX: usize = 64;

/// The signed document: an in-toto Statement whose predicate describes the seal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of in-toto")]
pub struct Statement {
    #[serde(rename = "_type")]
    pub statement_type: String,
    pub predicate: Predicate,
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    pub subject: [Subject; 2],
}

/// A member that the statement names by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of in-toto")]
pub struct Subject {
    pub digest: SubjectDigest,
    pub name: String,
}

/// The digest of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the name is that of the algorithm")]
pub struct SubjectDigest {
    pub sha256: Digest,
}

/// What the signer states of the bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Predicate {
    /// When sealing began and ended.
    pub acquisition: Acquisition,
    /// Digest of the request that the bundle answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answers: Option<Digest>,
    /// Random identity.
    pub bundle_id: BundleId,
    /// Where the times come from.
    pub clock: Clock,
    /// How much there is.
    pub counts: Counts,
    /// Extensions that a reader must know.
    pub critical: OpenObject,
    /// Extensions that a reader may ignore.
    pub extensions: OpenObject,
    /// How each kind of member is encoded.
    pub members: MemberEncodings,
    /// What decides cuts and compressed bytes.
    pub parameters: Parameters,
    /// Whose signatures make the seal complete.
    pub required_signers: RequiredSigners,
    /// Tree head over the manifest lines.
    pub root: Digest,
    /// What wrote the bundle.
    pub tool: Tool,
}

/// When sealing began and ended, by the sealing system's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Acquisition {
    pub end: Instant,
    pub start: Instant,
}

/// How much a bundle holds (SPEC.md STM-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Counts {
    /// Bytes of content of `files`.
    pub bytes: u64,
    /// Entries that changed while they were read.
    pub changed: u64,
    /// All entries.
    pub entries: u64,
    /// Readable files and disks that are not hard links.
    pub files: u64,
    /// Bytes in `gaps`.
    pub gap_bytes: u64,
    /// Regions of `files` that could not be read.
    pub gaps: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes of tar, end marker included.
    pub tar_bytes: u64,
    /// Entries that could not be opened.
    pub unreadable: u64,
}

impl Counts {
    /// Adds what one line adds; segments and tar bytes are counted elsewhere.
    pub fn add_line(&mut self, line: &Line) {
        let entry = &line.entry;
        self.entries += 1;
        self.unreadable += u64::from(entry.unreadable.is_some());
        self.changed += u64::from(entry.changed_while_reading.is_some());
        if entry.holds_content() {
            self.files += 1;
            self.bytes = self.bytes.saturating_add(entry.tar_content_len());
            self.gaps += entry.gaps.len() as u64;
            let gap_bytes = entry.gaps.iter().map(|gap| gap.len).fold(0, u64::saturating_add);
            self.gap_bytes = self.gap_bytes.saturating_add(gap_bytes);
        }
    }
}

/// How each kind of member is encoded: names joined by `+`, innermost first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the members")]
pub struct MemberEncodings {
    pub case: String,
    pub index: String,
    pub list: String,
    pub manifest: String,
    pub payload: String,
    pub sums: String,
}

impl Default for MemberEncodings {
    fn default() -> Self {
        Self {
            case: "json".into(),
            index: "bincode".into(),
            list: "sha256sums".into(),
            manifest: "jsonl+zstd".into(),
            payload: "tar+zstd".into(),
            sums: "sha256sums+zstd".into(),
        }
    }
}

/// What decides the cuts and, with the compressor, every byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(missing_docs, reason = "the limits are those of `Limits`")]
pub struct Parameters {
    pub chunk_bytes: u64,
    /// Name and version of the compressor.
    pub compressor: String,
    pub entries_per_segment: u64,
    pub frame_bytes: u64,
    /// Compression level.
    pub level: i32,
    /// The seed was given, not random: salts and nonces may be known to others.
    pub seed_given: bool,
    pub segment_bytes: u64,
    /// The time was given, not read from a clock.
    pub time_given: bool,
    /// Files longer than a chunk have a plain SHA-256 too.
    pub whole_file_digest: bool,
}

impl Parameters {
    /// The cut limits, if they are sound (SPEC.md STM-2).
    pub fn limits(&self) -> Option<Limits> {
        Limits::new(self.chunk_bytes, self.frame_bytes, self.segment_bytes, self.entries_per_segment)
    }
}

/// Whose signatures make the seal complete: inside the signed bytes, so that a stripped one shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredSigners {
    /// Ascending by key id.
    pub keys: Vec<RequiredSigner>,
    /// How many of them must have signed.
    pub threshold: u64,
}

impl RequiredSigners {
    /// The one of this key.
    pub fn of(&self, key: KeyId) -> Option<&RequiredSigner> {
        self.keys.iter().find(|signer| signer.keyid == key)
    }
}

/// One key that must, or may, have signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredSigner {
    /// Who certifies the key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certificates: Option<Certificates>,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub keyid: KeyId,
    /// In which role.
    pub role: String,
    /// Base64 of the DER SubjectPublicKeyInfo.
    pub spki: String,
}

/// What wrote the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// Why bytes are not a statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// Longer than a reader need hold.
    #[error("longer than {STATEMENT_LEN_MAX} bytes")]
    TooLong,
    /// Not the JSON that it should be.
    #[error("not a statement")]
    Json(#[from] JsonError),
    /// JSON of the right shape, but not a seal of version 1.
    #[error("{0}")]
    Value(&'static str),
}

impl Statement {
    /// A statement over these two digests.
    pub fn new(predicate: Predicate, list: Digest, case: Digest) -> Self {
        let subject = |sha256, name: &str| Subject { digest: SubjectDigest { sha256 }, name: name.into() };
        Self {
            statement_type: STATEMENT_TYPE.into(),
            predicate,
            predicate_type: PREDICATE_TYPE.into(),
            subject: [subject(list, "SEALED.sha256"), subject(case, "case.json")],
        }
    }

    /// The bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_canonical(self)
    }

    /// Parses and checks what can be checked of it alone (SPEC.md STM-1, STM-2).
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() as u64 > STATEMENT_LEN_MAX {
            return Err(StatementError::TooLong);
        }
        let statement: Self = json::from_canonical(bytes)?;
        statement.check().map_err(StatementError::Value)?;
        Ok(statement)
    }

    /// Digest of `SEALED.sha256`.
    pub fn list_digest(&self) -> Digest {
        self.subject[0].digest.sha256
    }

    /// Digest of `case.json`.
    pub fn case_digest(&self) -> Digest {
        self.subject[1].digest.sha256
    }

    fn check(&self) -> Result<(), &'static str> {
        let predicate = &self.predicate;
        let require = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        require(self.statement_type == STATEMENT_TYPE, "`_type` is not that of an in-toto Statement v1")?;
        require(self.predicate_type == PREDICATE_TYPE, "`predicateType` is not that of a seal of version 1")?;
        require(
            self.subject[0].name == "SEALED.sha256" && self.subject[1].name == "case.json",
            "the subjects are not SEALED.sha256 and case.json",
        )?;
        require(predicate.parameters.limits().is_some(), "the limits in `parameters` are not allowed")?;
        require(predicate.acquisition.start <= predicate.acquisition.end, "`acquisition` ends before it starts")?;
        let counts = &predicate.counts;
        require(counts.entries > 0 && counts.segments > 0, "no entries or no segments")?;
        let sizes = [counts.bytes, counts.entries, counts.gap_bytes, counts.tar_bytes, counts.segments];
        require(sizes.iter().all(|&n| n <= JSON_INTEGER_MAX), "a count of 2^53 or more")?;
        let given = predicate.clock.source == ClockSource::Given;
        require(given == predicate.parameters.time_given, "`clock.source` and `timeGiven` disagree")?;
        require(LEVELS.contains(&predicate.parameters.level), "a compression `level` outside 1 to 19")?;
        require(predicate.required_signers.keys.iter().all(|k| is_text(&k.role)), "a signer's role empty or too long")?;
        predicate.clock.check()?;
        let signers = &predicate.required_signers;
        require((1..=SIGNER_COUNT_MAX).contains(&signers.keys.len()), "no required signer, or more than 64")?;
        require(signers.keys.iter().all(|k| bytes_of_base64(&k.spki).is_some()), "an `spki` that is not base64")?;
        let has_certificates = |k: &RequiredSigner| k.certificates.as_ref().is_none_or(|it| it.ders().is_some());
        require(signers.keys.iter().all(has_certificates), "`certificates` that are none by number, length or form")?;
        require(signers.keys.is_sorted_by(|a, b| a.keyid < b.keyid), "required signers not ascending by key id")?;
        let key_count = signers.keys.len() as u64;
        require((1..=key_count).contains(&signers.threshold), "a threshold that the required signers cannot meet")
    }
}

/// Whether a text is neither empty nor longer than a reader need hold.
fn is_text(text: &str) -> bool {
    (1..=TEXT_LEN_MAX).contains(&text.len())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn statement() -> Statement {
        let signer = |byte| RequiredSigner {
            certificates: None,
            keyid: KeyId([byte; 32]),
            role: "sealer".into(),
            spki: String::new(),
        };
        let instant = Instant::from_seconds(1_700_000_000).unwrap();
        let predicate = Predicate {
            acquisition: Acquisition { end: instant, start: instant },
            answers: None,
            bundle_id: BundleId([1; 16]),
            clock: Clock {
                host: None,
                offset_ms: Some(-3),
                reference: Some("radio clock".into()),
                source: ClockSource::System,
            },
            counts: Counts { entries: 1, segments: 1, ..Counts::default() },
            critical: OpenObject::default(),
            extensions: OpenObject::default(),
            members: MemberEncodings::default(),
            parameters: Parameters {
                chunk_bytes: 1 << 18,
                compressor: "zstd 1.5.7".into(),
                entries_per_segment: 65_536,
                frame_bytes: 1 << 22,
                level: 3,
                seed_given: false,
                segment_bytes: 1 << 28,
                time_given: false,
                whole_file_digest: true,
            },
            required_signers: RequiredSigners { keys: vec![signer(1), signer(2)], threshold: 2 },
            root: Digest([4; 32]),
            tool: Tool { name: "scelle".into(), version: "0.1.0".into() },
        };
        Statement::new(predicate, Digest([5; 32]), Digest([6; 32]))
    }

    #[test]
    fn keys_stand_in_rfc_8785_order_and_survive_the_round_trip() {
        let bytes = statement().to_bytes();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(serde_json::to_vec(&value).unwrap(), bytes);
        assert_eq!(Statement::parse(&bytes).unwrap(), statement());
    }

    #[test]
    fn a_statement_of_another_kind_or_version_is_refused() {
        let broken: [fn(&mut Statement); 11] = [
            |s| s.predicate.counts.files = 1 << 53,
            |s| s.predicate_type = "urn:scelle:seal:2".into(),
            |s| s.statement_type = "x".into(),
            |s| s.subject.swap(0, 1),
            |s| s.predicate.parameters.chunk_bytes = 1,
            |s| s.predicate.required_signers.threshold = 3,
            |s| s.predicate.required_signers.threshold = 0,
            |s| s.predicate.required_signers.keys.swap(0, 1),
            |s| s.predicate.counts.entries = 0,
            |s| s.predicate.required_signers.keys[0].spki = "AA=".into(),
            |s| s.predicate.acquisition.end = Instant::from_seconds(0).unwrap(),
        ];
        for (i, damage) in broken.iter().enumerate() {
            let mut statement = statement();
            damage(&mut statement);
            assert!(Statement::parse(&statement.to_bytes()).is_err(), "case {i}");
        }
    }
}
