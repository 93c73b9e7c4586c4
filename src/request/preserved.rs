//! How long data is preserved, with what came later.

use crate::format::moment::Moment;
use crate::format::request_parts::Preservation;

/// When it ends, with every renewal, and every extension that was granted.
pub(super) fn end_of(preservation: &Preservation) -> Option<Moment> {
    let renewed = preservation.renewals.iter().map(|renewal| renewal.expires_at);
    let extended = preservation.extensions.iter().filter_map(|extension| extension.expires_at);
    preservation.expires_at.into_iter().chain(renewed).chain(extended).max_by_key(|end| end.end())
}
