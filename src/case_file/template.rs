//! A `case.toml` to fill in.

/// What of a case file is known already; the rest is left empty, to be filled in.
#[derive(Clone, Debug, Default)]
pub struct CaseTemplate {
    /// `case.id`.
    pub case: Option<String>,
    /// `exhibit.id`.
    pub exhibit: Option<String>,
    /// `operator.name`.
    pub operator: Option<String>,
    /// `authority.name`.
    pub authority: Option<String>,
    /// `authority.state`.
    pub state: Option<String>,
}

impl CaseTemplate {
    /// The fields that a case file must have, with what is known of them.
    pub fn required(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("case.id", self.case.as_deref()),
            ("exhibit.id", self.exhibit.as_deref()),
            ("operator.name", self.operator.as_deref()),
            ("authority.name", self.authority.as_deref()),
            ("authority.state", self.state.as_deref()),
        ]
    }

    /// The text of the file.
    pub fn to_toml(&self) -> String {
        let [case, exhibit, operator, authority, state] =
            self.required().map(|(_, value)| toml::Value::from(value.unwrap_or_default()).to_string());
        format!(
            r#"# The case behind an exhibit that is to be sealed. It becomes case.json in the bundle and is signed with it.
# Fields marked REQUIRED must be filled in. All others may stay empty, or be deleted.

# Anything else that a reader should know.
notes = ""
# Conditions and limits under which the data was taken and may be used: purpose, retention, secrecy, data protection.
safeguards = ""

[case]
# REQUIRED. Your number or name of the case.
id = {case}
title = ""

[exhibit]
# REQUIRED. Number or name of the exhibit within the case.
id = {exhibit}
# What it is, as the record of the seizure says.
description = ""
# When and where it was seized; a time with its offset, such as "2026-11-22T10:30:00+07:00".
seized_at = ""
seized_place = ""

[operator]
# REQUIRED. Who seals: name, or a service number that stands for it.
name = {operator}
role = ""
contact = ""

[authority]
# REQUIRED. The authority that acts.
name = {authority}
# REQUIRED. Its State: ISO 3166-1 alpha-2 code in capital letters (FR, KE, VN, ...), or EU.
state = {state}

[source]
# The device or medium that is read.
make = ""
model = ""
serial = ""
# How it was kept from being written to: a write blocker and its model, a read-only mount, ...
write_protection = ""

[legal_basis]
# Law, treaty or order (required if the others are given), article or section, and number of the warrant or request.
instrument = ""
article = ""
reference = ""

[clock]
# How the sealing system's clock compared with a trusted one, if you compared: system clock minus reference, in
# milliseconds, and what the reference was. Both or neither.
# offset_ms = 0
reference = ""
"#
        )
    }
}
