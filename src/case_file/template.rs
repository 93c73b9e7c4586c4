//! A `case.toml` to fill in.

/// What the law asks of a case (SPEC.md CASE-3).
const LAW: &str = r#"[authorisation]
# The order or warrant: who issued it, what the issuer is (court, judge, prosecutor or other), and its number.
issuer = ""
issuer_kind = ""
reference = ""
# Times with their offset, such as "2026-11-22T10:30:00+07:00", or days of UTC. Nothing may be taken outside of these.
issued_at = ""
valid_from = ""
valid_until = ""
# What it covers, the grounds that it gives, and which remedy those concerned have.
scope = ""
grounds = ""
remedy = ""

[offence]
# What it is called, the section of your law, and what was done.
label = ""
reference = ""
conduct = ""
# Why evidence may be taken: convention_offence, ict_offence_domestic (committed by a computer system), any_offence_domestic_evidence (evidence in
# electronic form, at home) or serious_crime_cooperation (for another State: punishable by four years or more).
basis = ""
# The article of the Convention that defines it (7 to 17, or 19), and the longest deprivation of liberty, in months.
# article = 7
# max_penalty_months = 60

[acquisition]
# How it was taken: physical, logical, targeted or live, and with which configuration of the tools.
method = ""
configuration = ""
# Training or authorisation of whoever took it.
qualification = ""
# The State in which the system or medium stood.
location_state = ""
# SHA-256 of the source by another tool, such as a duplicator; or why copy and source cannot have the same digest.
source_sha256 = ""
unequal_reason = ""

[cooperation]
# If it was taken for another State: which one asked, and which one was asked. Both or neither.
requesting_state = ""
requested_state = ""

[confidentiality]
# Whether those concerned may not know, and until when.
# required = true
until = ""

[personal_data]
# Whether there are personal data in it, the law that lets them be transferred, and how they are protected.
# present = true
basis = ""
safeguards = ""

# Conditions of the transferring State, each under a line [[conditions]]: what events call it, and what it says.
# [[conditions]]
# id = "1"
# text = "for the proceedings that the request names, and no others"

[use]
# The cases in which it may be used, and references of consents to other uses.
cases = []
consents = []

# What the entries are, each under a line [[items]]: a pattern of paths in the bundle; subscriber, traffic, content or
# other_electronic_data; which item of the request it answers; and, of what few may see, child_abuse, intimate_images or
# other.
# [[items]]
# paths = "mailbox/**"
# category = "content"
# request_item = "i1"
# sensitive = ""

[third_parties]
# How others are affected, and what was done about it.
effect = ""
"#;

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
# By which power it was taken: preservation, partial_disclosure, production, search_seizure, realtime_traffic,
# interception, spontaneous or joint_team. `scelle check` says which of the fields below the rules ask for then.
power = ""
# Whether something in it speaks for the person concerned: yes, no or not_assessed.
exculpatory = ""

[case]
# REQUIRED. Your number or name of the case.
id = {case}
title = ""
# How far the proceedings are: investigation, prosecution or judicial_proceeding.
stage = ""

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

{LAW}
[clock]
# How the sealing system's clock compared with a trusted one, if you compared: system clock minus reference, in
# milliseconds, and what the reference was. Both or neither.
# offset_ms = 0
reference = ""
"#
        )
    }
}
