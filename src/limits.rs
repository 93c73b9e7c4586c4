//! Every bound in one table (SPEC.md section 16). A reader refuses what passes these, before it allocates.

/// Bytes in a kibibyte.
const KIB: u64 = 1024;
/// Bytes in a mebibyte.
const MIB: u64 = 1024 * KIB;

/// Longest `statement.json`, in bytes.
pub const STATEMENT_LEN_MAX: u64 = MIB;
/// Longest envelope, custody event or timestamp, in bytes.
pub const ENVELOPE_LEN_MAX: u64 = 2 * MIB;
/// Longest `case.json`, in bytes.
pub const CASE_LEN_MAX: u64 = MIB;
/// Most segments in a bundle.
pub const SEGMENT_COUNT_MAX: u64 = 1_000_000;
/// Most grown members in a bundle.
pub const GROWN_COUNT_MAX: u64 = 100_000;
/// Longest name of a member, in bytes.
pub const MEMBER_NAME_LEN_MAX: usize = 128;
/// Longest index part that any cut limits allow, in bytes; see [`Limits::index_len_max`](crate::format::cuts::Limits).
pub const INDEX_LEN_MAX: usize = 33 * MIB as usize;
/// Longest manifest line without its LF, in bytes.
pub const LINE_LEN_MAX: usize = 64 * MIB as usize;
/// Longest path or link target, in bytes.
pub const PATH_LEN_MAX: usize = MIB as usize;
/// Longest sum of an entry's pax records with extended attributes, in bytes.
pub const PAX_LEN_MAX: usize = MIB as usize;
/// Most bytes of extended-attribute values of one entry.
pub const XATTR_VALUES_LEN_MAX: usize = 16 * MIB as usize;
/// Most extended attributes of one entry.
pub const XATTR_COUNT_MAX: usize = 65_536;
/// Most gaps, and most holes, of one entry.
pub const RANGE_COUNT_MAX: usize = 262_144;
/// Largest Zstandard window, in bytes.
pub const WINDOW_LEN_MAX: u64 = 8 * MIB;
/// What a frame's plain bytes may pass the frame limit by (headers of a lone unit), in bytes.
pub const FRAME_EXCESS_MAX: u64 = 4 * MIB;
/// Deepest nesting of JSON objects and arrays.
pub const JSON_DEPTH_MAX: usize = 32;
/// Most top-level entries.
pub const SOURCE_COUNT_MAX: usize = 65_536;
/// Most partitions that are listed of one device.
pub const PARTITION_COUNT_MAX: usize = 128;
/// Most uses that are listed of one device.
pub const DEVICE_USE_COUNT_MAX: usize = 64;
/// Most items of a case.
pub const CASE_ITEM_COUNT_MAX: usize = 1_000;
/// Most conditions of a case, and most that an event accepts.
pub const CONDITION_COUNT_MAX: usize = 1_000;
/// Most agreements that lead to a custody event (SPEC.md LIM-25).
pub const AGREED_COUNT_MAX: u64 = 1_000;
/// Most PTP clocks that are listed of a host.
pub const PTP_COUNT_MAX: usize = 16;
/// Longest name of a PTP clock, in bytes.
pub const PTP_NAME_LEN_MAX: usize = 64;
/// Longest string in `case.json`, in bytes.
pub const TEXT_LEN_MAX: usize = 16 * KIB as usize;
/// Largest integer that every JSON reader keeps exactly: 2^53 - 1.
pub const JSON_INTEGER_MAX: u64 = (1 << 53) - 1;
/// Most ranges of damage that a custody event lists.
pub const FINDING_COUNT_MAX: u64 = 1_000;
/// Most members that the custody events of a bundle list in all.
pub const LISTED_COUNT_MAX: usize = 1_000_000;
/// Most bytes of an inbox of requests that are read.
pub const INBOX_LEN_MAX: u64 = 64 * MIB;
/// Longest status of the treaty with its signatures, in bytes.
pub const TREATY_LEN_MAX: u64 = 4 * MIB;
/// Longest trust list with its signatures, in bytes.
pub const TRUST_LIST_LEN_MAX: u64 = 16 * MIB;
/// Most parties, and most keys, of a trust list.
pub const TRUST_KEY_COUNT_MAX: usize = 65_536;
/// Longest payload of a request or a reply, in bytes.
pub const REQUEST_LEN_MAX: u64 = MIB;
/// Most items of any list in a request or a reply.
pub const REQUEST_ITEM_COUNT_MAX: usize = 1_000;
/// Most requests and replies that are read from one directory.
pub const REQUEST_DOCUMENT_COUNT_MAX: usize = 10_000;
/// Most certificates, most revocation lists and most signers in one time-stamp.
pub const TOKEN_CERTIFICATE_COUNT_MAX: usize = 16;
/// Most time-stamps of a bundle that are judged.
pub const TIME_STAMP_COUNT_MAX: usize = 10_000;
