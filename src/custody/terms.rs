//! What the sealed case asks of whoever passes the bundle on (SPEC.md CUS-7, CUS-8).

use std::sync::Arc;

use super::summary::digest_of_ids;
use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::state::State as Country;

/// The conditions of a case, and the States between which it may go without being asked again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Ids of the conditions that whoever takes the bundle accepts, ascending.
    pub conditions: Arc<[String]>,
    /// The same, as `digest_of_ids` has them.
    pub accepted: Option<Digest>,
    /// Personal data that one State gave another.
    pub between: Option<Between>,
}

/// Two States.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// The original State: the one that was asked, and gave.
    pub original: Country,
    /// The one that had asked for it.
    pub asking: Country,
}

impl Terms {
    /// What a case asks for.
    pub fn of(case: &CaseJson) -> Self {
        let data = case.personal_data.as_ref();
        let mut conditions: Vec<_> =
            data.iter().flat_map(|data| &data.conditions).map(|condition| condition.id.as_str().to_owned()).collect();
        conditions.sort_unstable();
        let is_personal = data.is_some_and(|data| data.present);
        let between = case.cooperation.as_ref().filter(|_| is_personal);
        let between = between.map(|it| Between { original: it.requested_state, asking: it.requesting_state });
        let accepted = (!conditions.is_empty()).then(|| digest_of_ids(conditions.iter().map(String::as_str)));
        Self { conditions: conditions.into(), accepted, between }
    }
}

impl Between {
    /// Whether a State is a third one.
    pub fn is_third(&self, country: Country) -> bool {
        country != self.original && country != self.asking
    }
}
