//! Whether a bundle is whole by its names: step V-1, and the length of the list.

use crate::format::list::List;
use crate::format::member::MemberName;
use crate::report::escape::escape;
use crate::verify::{Bundle, Check, Ledger, Outcome, rules};

/// Something that the verifier will refute.
pub(super) struct Flaw {
    /// On one line.
    pub what: String,
    /// It is the ZIP wrapper that is not sound.
    pub is_wrapper: bool,
}

/// What V-1 refutes by this ledger, and whether the list is longer than one of the members that are there.
pub(super) fn flaws(bundle: &dyn Bundle, ledger: &Ledger) -> Vec<Flaw> {
    let wrapper = [&rules::ZIP_DIRECTORY, &rules::ZIP_LOCAL, &rules::ZIP_EXTENT];
    let failed = ledger.details().iter().filter(|check| check.outcome == Outcome::Failed);
    let of =
        |check: &Check| Flaw { what: words(check), is_wrapper: wrapper.iter().any(|rule| rule.id == check.rule.id) };
    let mut flaws: Vec<_> = failed.map(of).collect();
    let list = bundle.members().iter().find(|member| member.kind == Some(MemberName::List));
    if list.is_some_and(|list| list.len > List::len_bytes(segment_count(bundle))) {
        let what = "SEALED.sha256: names more members than there are".to_owned();
        flaws.push(Flaw { what, is_wrapper: false });
    }
    flaws
}

/// What a failed check says, on one line.
fn words(check: &Check) -> String {
    let note = check.note.as_deref().unwrap_or(check.rule.what);
    let expected = check.expected.as_ref().map(|expected| format!(", expected {expected}")).unwrap_or_default();
    format!("{}: {note}{expected}", escape(&check.object))
}

/// Number of payload parts.
pub(super) fn segment_count(bundle: &dyn Bundle) -> u64 {
    let is_payload = |kind: &Option<MemberName>| matches!(kind, Some(MemberName::Payload(_)));
    bundle.members().iter().filter(|member| is_payload(&member.kind)).count() as u64
}
