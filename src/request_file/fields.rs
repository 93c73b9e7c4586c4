//! Every field of a `request.toml`: where it stands, what it is, and which articles ask for it.

/// A field.
pub(super) struct Field {
    /// Its table, empty for what stands above all tables.
    pub(super) table: &'static str,
    pub(super) key: &'static str,
    /// What a template has as its value.
    pub(super) empty: &'static str,
    /// Articles whose templates have it.
    pub(super) used: &'static [u8],
    /// Articles that ask for it, or without which there is no request.
    pub(super) required: &'static [u8],
    /// What it is, for people.
    pub(super) says: &'static str,
}

const ALL: &[u8] = &[25, 27, 40, 41, 42, 43, 44, 45, 46];
/// Those between States.
const STATES: &[u8] = &[40, 41, 42, 43, 44, 45, 46];
/// Those of article 40(15).
const LIST: &[u8] = &[40, 44, 46];
const NONE: &[u8] = &[];
const TEXT: &str = "\"\"";
const RANGE: &str = "{ from = \"\", to = \"\" }";

const fn field(
    table: &'static str,
    key: &'static str,
    empty: &'static str,
    used: &'static [u8],
    required: &'static [u8],
    says: &'static str,
) -> Field {
    Field { table, key, empty, used, required, says }
}

/// All of them, in the order of a template. Tables stand together.
#[rustfmt::skip]
pub(super) const FIELDS: &[Field] = &[
    field("", "id", TEXT, ALL, ALL, "Your number of it."),
    field("", "sent_at", TEXT, ALL, NONE, "When it was sent, such as 2026-11-22T10:30:00+07:00. If empty, when it is signed."),
    field("", "language", TEXT, STATES, &[40, 44, 45, 46], "Its language, which the requested State accepts, such as en."),
    field("", "channel", TEXT, STATES, NONE, "central_authority, diplomatic, interpol (only if urgent), 24_7 or direct."),
    field("", "urgency", TEXT, ALL, NONE, "normal, urgent or emergency (life or safety of a person at imminent risk)."),
    field("", "emergency_facts", TEXT, ALL, NONE, "In an emergency: whose life or safety is at risk, and how."),
    field("", "scope", TEXT, STATES, NONE, "convention_offence (if empty and offence.uncc_article is given), or serious_crime_cooperation (at least 48 months)."),
    field("", "scope", TEXT, &[25, 27], NONE, "convention_offence (if empty and offence.uncc_article is given), ict_offence_domestic or any_offence_domestic_evidence."),
    field("", "production_basis", TEXT, &[27], &[27], "27a: a person in the territory; 27b: a provider that offers its services there (subscriber information only)."),
    field("", "measure24x7", TEXT, &[41], &[41], "Article 41(3): a advice, b preservation, c evidence and legal information, d locating suspects, e data that averts an emergency."),
    field("", "purposes", "[]", LIST, LIST, "Article 40(3), one or more of: evidence_or_statements, service_of_documents, search_seizure_freezing, stored_data, traffic_data_real_time, content_data_interception, examining_objects_and_sites, information_and_expert_evaluations, originals_or_certified_copies, identifying_or_tracing_proceeds, voluntary_appearance, recovery_of_proceeds, other."),
    field("", "subject", TEXT, LIST, LIST, "The subject matter of the case."),
    field("", "proceeding_kind", TEXT, &[40, 44, 45, 46], &[40, 44, 45, 46], "investigation, prosecution or judicial_proceeding."),
    field("", "facts", TEXT, ALL, STATES, "A summary of the facts."),
    field("", "assistance", TEXT, LIST, LIST, "The assistance that is asked for."),
    field("", "procedure", TEXT, LIST, NONE, "A procedure that is to be followed: a digest, a form of custody, a certificate for the court."),
    field("", "purpose", TEXT, LIST, LIST, "What the evidence or information is for."),
    field("", "necessity", TEXT, &[25, 42, 44], &[42], "Why the data must be preserved, or could be lost or modified."),
    field("", "intends_mla", TEXT, &[42], &[42], "true: a request for assistance will follow."),
    field("", "intended_measures", "[]", &[42], &[42], "What it will ask for, one or more of: search, access, seizure, securing, disclosure."),
    field("", "system_location", TEXT, &[42, 43, 44, 45], NONE, "Where the system is. This, or the custodian, or none_available is REQUIRED under articles 42 and 45."),
    field("", "none_available", TEXT, &[42, 43, 45], NONE, "true, if nothing is known of custodian and place."),
    field("", "previous", TEXT, ALL, &[43], "Digest of the request that this one follows, as `scelle request sign` printed it: of the request to preserve."),
    field("from", "state", TEXT, ALL, ALL, "Your State: ISO 3166-1 alpha-2 code in capital letters (FR, KE, VN, ...), or EU."),
    field("from.authority", "name", TEXT, ALL, ALL, "The authority that asks."),
    field("from.authority", "functions", TEXT, ALL, LIST, "Its functions in the case."),
    field("from.authority", "address", TEXT, ALL, NONE, "Where it is."),
    field("from.authority", "contact", TEXT, ALL, &[41], "How it is reached, at any hour if it is a contact point."),
    field("to", "state", TEXT, ALL, ALL, "The State that is asked; of an order, your own."),
    field("to", "authority", TEXT, ALL, NONE, "The authority that is asked; of an order, whom it is addressed to, if that is not the custodian."),
    field("deadline", "at", TEXT, ALL, NONE, "By when it is needed: a date, which counts to its end, or a time."),
    field("deadline", "reason", TEXT, ALL, NONE, "Why by then."),
    field("offence", "label", TEXT, ALL, &[42, 43], "The offence."),
    field("offence", "legal_ref", TEXT, ALL, NONE, "The law that makes it one."),
    field("offence", "uncc_article", TEXT, ALL, NONE, "The article of the Convention, as a number: 7 to 17, or 19. REQUIRED unless scope is another one."),
    field("offence", "max_penalty_months", TEXT, ALL, NONE, "The highest penalty in months, as a number."),
    field("offence", "conduct_summary", TEXT, ALL, NONE, "What was done: dual criminality is judged by it."),
    field("custodian", "name", TEXT, ALL, &[25, 27], "Who has the data."),
    field("custodian", "state", TEXT, ALL, NONE, "The State where they are."),
    field("confidentiality", "required", TEXT, ALL, NONE, "true, if it is to be kept quiet."),
    field("confidentiality", "until", TEXT, ALL, NONE, "Until when."),
    field("confidentiality", "notify_user", TEXT, ALL, NONE, "false: the user is not told."),
    field("realtime", "period", RANGE, &[45, 46], &[45], "From when to when data is to be collected."),
    field("realtime", "period_justification", TEXT, &[45, 46], &[45], "Why for so long."),
    field("realtime", "justification", TEXT, &[45, 46], &[45], "Why the collection is needed."),
    field("realtime", "identifiers", TEXT, &[45, 46], NONE, "What identifies the owner or user of the data."),
    field("preservation", "effected_at", TEXT, &[25, 42], NONE, "When the preservation began, if it has."),
    field("preservation", "expires_at", TEXT, &[25], &[25], "When it ends: at most 90 days later."),
    field("preservation", "expires_at", TEXT, &[42], NONE, "When it ends: not less than 60 days later."),
    field("preservation", "renewals", "[]", &[25], NONE, "Renewals in order: { renewed_at = \"\", effected_at = \"\", expires_at = \"\" }, each in time and for at most 90 days."),
    field("preservation", "extensions", "[]", &[42], NONE, "Extensions asked for, before it ends: { requested_at = \"\", expires_at = \"\" }."),
    field("preservation", "mla", "{ received_at = \"\", decided_at = \"\" }", &[42], NONE, "When the request for assistance that followed was received and decided."),
    field("preservation", "released_at", TEXT, &[25, 42], NONE, "When the data was given free."),
    field("items", "id", "\"i1\"", ALL, ALL, "Its name in this request; others begin with a further [[items]]."),
    field("items", "description", TEXT, ALL, NONE, "Which data exactly; this or selector is REQUIRED of an item."),
    field("items", "selector", TEXT, ALL, NONE, "What identifies it: an account, an IP address with time, zone and port, a serial number, ..."),
    field("items", "data_category", TEXT, &[25, 27, 40, 41, 42, 43, 44, 45, 46], &[25, 43, 45, 46], "subscriber, traffic, content or other_electronic_data."),
    field("items", "time_range", RANGE, ALL, NONE, "From when to when."),
    field("items", "relationship", TEXT, ALL, &[42, 43, 45], "What it has to do with the offence."),
    field("legal_basis", "instrument", TEXT, ALL, &[40, 44, 45, 46], "UNCC, BUDAPEST, 2AP, EU-2023-1543, MLAT, RECIPROCITY or DOMESTIC; the one that governs comes first."),
    field("legal_basis", "article", TEXT, ALL, NONE, "Its article."),
    field("legal_basis", "reference", TEXT, ALL, NONE, "Number of the agreement, order or warrant."),
];

/// Tables that a template writes as lists: `[[items]]`.
pub(super) const LISTS: [&str; 2] = ["items", "legal_basis"];

/// Fields that only stand inside others.
const INNER: [(&str, &[&str]); 5] = [
    ("items.time_range", &["from", "to"]),
    ("realtime.period", &["from", "to"]),
    ("preservation.renewals", &["renewed_at", "effected_at", "expires_at"]),
    ("preservation.extensions", &["requested_at", "expires_at"]),
    ("preservation.mla", &["received_at", "decided_at"]),
];

/// Names that may stand in a table: its fields and the tables below it.
pub(super) fn known_in(table: &str) -> Vec<&'static str> {
    let inner = INNER.iter().filter(|(name, _)| *name == table).flat_map(|(_, keys)| keys.iter().copied());
    let fields = FIELDS.iter().filter(|field| field.table == table).map(|field| field.key);
    let below = FIELDS.iter().filter_map(|field| {
        let rest = match table {
            "" => field.table,
            table => field.table.strip_prefix(table)?.strip_prefix('.')?,
        };
        rest.split('.').next().filter(|name| !name.is_empty())
    });
    let mut known: Vec<_> = inner.chain(fields).chain(below).collect();
    if table.is_empty() {
        known.push("article");
    }
    known.dedup();
    known
}
