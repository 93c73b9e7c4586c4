//! Every rule that is checked, by the steps of SPEC.md section 17.

use super::check::{Area, Rule};

macro_rules! rules {
    ($($area:ident { $($name:ident $id:literal $what:literal)* })*) => {
        $($(
            #[doc = $what]
            pub static $name: Rule = Rule { id: $id, area: Area::$area, what: $what };
        )*)*
    };
}

rules! {
    Seal {
        ZIP_DIRECTORY "V-1 zip.directory" "The ZIP directory and end records are the only ones these members can have."
        ZIP_LOCAL "V-1 zip.local-header" "A local header is the only one its member can have."
        ZIP_CRC "V-1 zip.crc" "The CRC-32 of a member that is not listed is that of its bytes."
        ZIP_EXTENT "V-1 zip.extent" "Every byte of the file belongs to a member or the wrapper, and none is missing."
        DIR_FILES "V-1 directory.files" "The directory holds members as regular files and nothing else."
        DIR_FOREIGN "V-1 directory.foreign" "A file that a desktop system left."
        MEMBER_NAME "V-1 member.name" "A member has a name that this version knows."
        MEMBER_ONCE "V-1 member.once" "No member stands twice."
        MEMBER_PRESENT "V-1 member.present" "Every sealed member and an envelope are there."
        MEMBER_ORDER "V-1 member.order" "Members stand in their order."
        STATEMENT_FORM "V-2 statement.form" "The statement is well formed."
        STATEMENT_SIGNED "V-2 statement.signed" "The statement is the one that a trusted key signed."
        STATEMENT_SIGNERS "V-2 statement.signers" "Each required signer's key fits its key id."
        ENVELOPE_FORM "V-3 envelope.form" "An envelope has the one form that it can have over this statement."
        ENVELOPE_NAME "V-3 envelope.name" "An envelope's name fits its key id."
        ENVELOPE_SIGNATURE "V-3 envelope.signature" "A signature by a required or trusted key holds."
        ENVELOPE_FOREIGN "V-3 envelope.foreign" "An envelope by a key that is neither required nor trusted."
        LIST_DIGEST "V-4 list.digest" "The list is the one that the statement names."
        LIST_FORM "V-4 list.form" "The list names exactly the sealed members, in order."
        CASE_DIGEST "V-4 case.digest" "The case is the one that the statement names."
        CASE_FORM "V-4 case.form" "The case is well formed."
    }
    Content {
        MEMBER_CRC "V-5 member.crc" "The CRC-32 of a listed member is that of its bytes."
        MEMBER_DIGEST "V-5 member.digest" "A listed member has its SHA-256."
        CONTENT_KNOWN "V-6 content.known" "The content is encoded in ways that this version knows."
        INDEX_FORM "V-6 index.form" "An index part is the one encoding of its value."
        INDEX_PLACE "V-6 index.place" "An index part says rightly where its segment begins."
        INDEX_FRAMES "V-6 index.frames" "The frame table adds up."
        INDEX_FILES "V-6 index.files" "The chunk tables are those of the files in the segment."
        MANIFEST_FRAMES "V-7 manifest.frames" "A manifest part is made of sound frames, cut as they must be."
        LINE_FORM "V-7 line.form" "A manifest line is well formed and its keys fit together."
        LINE_NUMBER "V-7 line.number" "Entries are numbered without a gap."
        LINE_ORDER "V-7 line.order" "Entries stand in their order."
        LINE_COUNT "V-7 line.count" "A segment has as many lines as its index part says."
        SOURCES "V-7 case.sources" "The top-level entries are the sources that the case names."
        ROOT "V-7 root" "The tree head over the lines is the root of the statement."
        COUNTS "V-7 counts" "The counts of the statement are those of the lines."
        FRAME_DIGEST "V-8 frame.digest" "A frame of payload has its SHA-256."
        FRAME_CONTENT "V-8 frame.content" "A frame decodes to as many bytes as the frame table says."
        CUTS "V-8 cuts" "Frames and segments end where the cut rules say."
        TAR_HEADERS "V-9 tar.headers" "The tar headers of an entry are those that its line implies."
        TAR_PADDING "V-9 tar.padding" "Padding is zeros."
        TAR_ZEROS "V-9 tar.zeros" "Holes and gaps are zeros."
        TAR_EXTENT "V-9 tar.extent" "The tar holds exactly what the lines imply."
        TAR_END "V-9 tar.end" "The tar ends in 1,024 zeros."
        CONTENT_DIGEST "V-10 content.sha256" "The content of a file has the SHA-256 of its line."
        CHUNK_DIGEST "V-10 chunk.digest" "A chunk has its SHA-256."
        CHUNK_INTERVAL "V-10 chunk.interval" "A chunk leads from its chain value to the next, or to the digest of the file."
        CHUNKS_ROOT "V-10 chunks.root" "The tree head over a file's chunks is that of its line."
        LINK_TARGET "V-10 link.target" "A hard link repeats the values of an earlier entry."
        PAYLOAD_INTERVAL "V-10 payload.interval" "A run of payload leads from its chain value to the next, or to the digest of the member."
        SUMS "V-11 sums" "SHA256SUMS is the one that the lines imply."
        MIMETYPE "V-11 mimetype" "mimetype is that of a bundle."
        VERIFY_TEXT "V-11 verify-text" "VERIFY.txt is that of the specification."
        NONCE "V-11 nonce" "nonce is 64 hex digits."
        COMPLETE "V-12 complete" "Every member, line, frame and byte that the statement counts was checked."
    }
    Custody {
        EVENT_FORM "V-13 event.form" "A custody event is well formed."
        EVENT_SIGNATURE "V-13 event.signature" "The signature of an event by the key that it names holds."
        EVENT_KNOWN "V-13 event.known" "An event asks for nothing that this version does not know."
        EVENT_NAME "V-13 event.name" "The name of an event is that of its place, kind and digest."
        CUSTODY_LINK "V-13 custody.link" "An event comes after the seal or an event that is there, on the same copy."
        FORK "V-13 custody.fork" "No two events come after the same one on the same copy."
        ACTOR "V-13 custody.actor" "An event is signed by whoever holds the copy, or was offered it."
        ORDER "V-13 custody.order" "An event is allowed in the state that it finds."
        CLOCK "V-13 custody.clock" "Clocks go back no further than their recorded offsets."
        CONDITIONS "V-13 custody.conditions" "Whoever gets it has accepted the conditions of the case."
        ONWARD "V-13 custody.onward" "Personal data go to a third State only after the original State has authorised it."
        CUSTODY_MEMBERS "V-13 custody.members" "What was there when an event was signed is there still."
        RECEIPT "V-13 custody.receipt" "An event of which the other side kept a receipt is in the log."
        UNOWNED "V-13 custody.unowned" "Time between an offer and its acceptance."
    }
    Time {
        TIME_NAME "V-15 time.name" "The name of a time-stamp is that of a file which is there, and of its own bytes."
        TIME_FORM "V-15 time.form" "A time-stamp is an answer by RFC 3161."
        TIME_STATUS "V-15 time.status" "The authority granted it."
        TIME_CONTENT "V-15 time.content" "A time-stamp is signed data around a TSTInfo of version 1."
        TIME_SIGNER "V-15 time.signer" "A time-stamp has exactly one signer, and carries the certificate."
        TIME_ATTRIBUTES "V-15 time.attributes" "Content type and digest of the content are signed, each once."
        TIME_CERTIFICATE "V-15 time.certificate" "The signer's certificate is the one that is signed as such."
        TIME_SIGNATURE "V-15 time.signature" "The signature of a time-stamp holds."
        TIME_USAGE "V-15 time.usage" "The certificate is for time-stamps alone, and says so as critical."
        TIME_VALIDITY "V-15 time.validity" "The certificate was valid when it stamped."
        TIME_IMPRINT "V-15 time.imprint" "A time-stamp is over the file that it is named by, through SHA-256 or better."
        TIME_REVOKED "V-15 time.revoked" "No certificate up to the root was taken back so that the time-stamp does not stand."
        TIME_AUTHORITY "V-15 time.authority" "The authority leads to a root that the user trusts, when it stamped."
        TIME_PROVEN "V-15 time.proven" "There is a time-stamp by an authority that the user trusts."
        TIME_INTERVAL "V-15 time.interval" "Nothing was stamped before what it commits to."
        TIME_RECORDED "V-15 time.recorded" "Recorded times lie where time-stamps say, but for recorded offsets."
    }
    Trust {
        SIGNERS "V-12 signers" "Enough of the required signers that the user trusts have signed."
        TRUST_LIST "V-14 trust.list" "The trust list has not expired."
        EVENT_SIGNERS "V-14 custody.signers" "Events are signed by keys that the user trusts."
    }
}
