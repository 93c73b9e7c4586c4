//! From TOML to a request: every field that is known, and what is wrong with the rest.

use toml::de::DeTable;

use super::values::{inner, range, tables, top};
use crate::format::request::{Request, RequestType};
use crate::format::request_parts::{
    Addressee, Confidentiality, Custodian, Deadline, Extension, FollowUp, Item, LegalBasis, Offence, Preservation,
    Realtime, Renewal, RequestingAuthority, Sender,
};
use crate::format::request_words::{Article, OffenceArticle};
use crate::toml_file::{
    Problem, ProblemKind, Table, Values, count, digest, filled, flag, instant, moment, read, required_moment, word,
    words,
};

pub(super) fn parse(text: &str) -> Result<Request, Vec<Problem>> {
    read(text, &[], request)
}

/// Every field, or `None` if one without which there is no request has a problem.
fn request(v: &mut Values<'_>, document: &DeTable<'_>) -> Option<Request> {
    let t = &top(v, document);
    let article = article(v, t);
    let (from, to) = (sender(v, t), addressee(v, t));
    let id = v.required(t, "id");
    let request = Request {
        article: article?,
        assistance: v.optional(t, "assistance"),
        channel: word(v, t, "channel"),
        confidentiality: confidentiality(v, t),
        custodian: custodian(v, t),
        deadline: deadline(v, t),
        emergency_facts: v.optional(t, "emergency_facts"),
        facts: v.optional(t, "facts"),
        from: from?,
        id: id?,
        intended_measures: words(v, t, "intended_measures"),
        intends_mla: flag(v, t, "intends_mla"),
        items: items(v, t),
        language: v.optional(t, "language"),
        legal_basis: legal_basis(v, t),
        measure_24x7: word(v, t, "measure24x7"),
        necessity: v.optional(t, "necessity"),
        none_available: flag(v, t, "none_available"),
        offence: offence(v, t),
        preservation: preservation(v, t),
        previous: digest(v, t, "previous"),
        procedure: v.optional(t, "procedure"),
        proceeding_kind: word(v, t, "proceeding_kind"),
        production_basis: word(v, t, "production_basis"),
        purpose: v.optional(t, "purpose"),
        purposes: words(v, t, "purposes"),
        realtime: realtime(v, t),
        scope: word(v, t, "scope"),
        sent_at: instant(v, t, "sent_at"),
        subject: v.optional(t, "subject"),
        system_location: v.optional(t, "system_location"),
        to: to?,
        document_type: RequestType::V1,
        urgency: word(v, t, "urgency"),
    };
    Some(request)
}

fn article(v: &mut Values<'_>, t: &Table<'_>) -> Option<Article> {
    if filled(t, "article").is_none() {
        v.problem(None, "article", ProblemKind::Missing);
    }
    let number = count(v, t, "article")?;
    let article = Article::of_number(number);
    if article.is_none() {
        let known = vec!["25", "27", "40", "41", "42", "43", "44", "45", "46"];
        v.problem_at(t, "article", ProblemKind::NotOneOf(known, number.to_string()));
    }
    article
}

fn sender(v: &mut Values<'_>, t: &Table<'_>) -> Option<Sender> {
    let from = inner(v, t, "from", "from");
    let authority = inner(v, &from, "authority", "from.authority");
    let [address, contact, functions, name] =
        ["address", "contact", "functions", "name"].map(|key| v.optional(&authority, key));
    let state = v.required_state(&from, "state")?;
    Some(Sender { authority: RequestingAuthority { address, contact, functions, name }, state })
}

fn addressee(v: &mut Values<'_>, t: &Table<'_>) -> Option<Addressee> {
    let to = inner(v, t, "to", "to");
    let authority = v.optional(&to, "authority");
    Some(Addressee { authority, state: v.required_state(&to, "state")? })
}

fn deadline(v: &mut Values<'_>, t: &Table<'_>) -> Option<Deadline> {
    let deadline = inner(v, t, "deadline", "deadline");
    let reason = v.optional(&deadline, "reason");
    if reason.is_some() && filled(&deadline, "at").is_none() {
        v.problem(None, "deadline.at", ProblemKind::MissingBeside("deadline.reason"));
    }
    Some(Deadline { at: moment(v, &deadline, "at")?, reason })
}

fn offence(v: &mut Values<'_>, t: &Table<'_>) -> Option<Offence> {
    let t = &inner(v, t, "offence", "offence");
    let article = count(v, t, "uncc_article");
    let uncc_article = article.and_then(OffenceArticle::new);
    if let (Some(number), None) = (article, uncc_article) {
        let known = vec!["7 to 17", "19"];
        v.problem_at(t, "uncc_article", ProblemKind::NotOneOf(known, number.to_string()));
    }
    let offence = Offence {
        conduct_summary: v.optional(t, "conduct_summary"),
        label: v.optional(t, "label"),
        legal_ref: v.optional(t, "legal_ref"),
        max_penalty_months: count(v, t, "max_penalty_months"),
        uncc_article,
    };
    (offence != Offence::default()).then_some(offence)
}

fn custodian(v: &mut Values<'_>, t: &Table<'_>) -> Option<Custodian> {
    let t = &inner(v, t, "custodian", "custodian");
    let custodian = Custodian { name: v.optional(t, "name"), state: v.state(t, "state") };
    (custodian != Custodian::default()).then_some(custodian)
}

fn confidentiality(v: &mut Values<'_>, t: &Table<'_>) -> Option<Confidentiality> {
    let t = &inner(v, t, "confidentiality", "confidentiality");
    let secrecy = Confidentiality {
        notify_user: flag(v, t, "notify_user"),
        required: flag(v, t, "required"),
        until: moment(v, t, "until"),
    };
    (secrecy != Confidentiality::default()).then_some(secrecy)
}

fn realtime(v: &mut Values<'_>, t: &Table<'_>) -> Option<Realtime> {
    let t = &inner(v, t, "realtime", "realtime");
    let realtime = Realtime {
        identifiers: v.optional(t, "identifiers"),
        justification: v.optional(t, "justification"),
        period: range(v, t, "period", "realtime.period"),
        period_justification: v.optional(t, "period_justification"),
    };
    (realtime != Realtime::default()).then_some(realtime)
}

fn preservation(v: &mut Values<'_>, t: &Table<'_>) -> Option<Preservation> {
    let t = &inner(v, t, "preservation", "preservation");
    let mut preservation = Preservation {
        effected_at: moment(v, t, "effected_at"),
        expires_at: moment(v, t, "expires_at"),
        released_at: moment(v, t, "released_at"),
        ..Preservation::default()
    };
    for t in &tables(v, t, "extensions", "preservation.extensions") {
        let expires_at = moment(v, t, "expires_at");
        preservation
            .extensions
            .extend(required_moment(v, t, "requested_at").map(|requested_at| Extension { expires_at, requested_at }));
    }
    for t in &tables(v, t, "renewals", "preservation.renewals") {
        let effected_at = moment(v, t, "effected_at");
        let (expires, renewed) = (required_moment(v, t, "expires_at"), required_moment(v, t, "renewed_at"));
        let renewal = |(expires_at, renewed_at)| Renewal { effected_at, expires_at, renewed_at };
        preservation.renewals.extend(expires.zip(renewed).map(renewal));
    }
    let mla = inner(v, t, "mla", "preservation.mla");
    if filled(&mla, "received_at").or_else(|| filled(&mla, "decided_at")).is_some() {
        let decided_at = moment(v, &mla, "decided_at");
        let received = required_moment(v, &mla, "received_at");
        preservation.mla = received.map(|received_at| FollowUp { decided_at, received_at });
    }
    (preservation != Preservation::default()).then_some(preservation)
}

/// Items. One that has nothing but its name is what a template has, and was left as it is.
fn items(v: &mut Values<'_>, t: &Table<'_>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for (n, t) in tables(v, t, "items", "items").iter().enumerate() {
        let id = v.required(t, "id");
        let data_category = word(v, t, "data_category");
        let [description, relationship, selector] =
            ["description", "relationship", "selector"].map(|key| v.optional(t, key));
        let time_range = range(v, t, "time_range", "items.time_range");
        let Some(id) = id else { continue };
        if items.iter().any(|other| other.id == id) {
            v.problem(None, &format!("items[{n}].id"), ProblemKind::Twice);
        }
        let texts = [&description, &relationship, &selector];
        if texts.iter().any(|text| text.is_some()) || data_category.is_some() || time_range.is_some() {
            items.push(Item { data_category, description, id, relationship, selector, time_range });
        }
    }
    items
}

fn legal_basis(v: &mut Values<'_>, t: &Table<'_>) -> Vec<LegalBasis> {
    let mut out = Vec::new();
    for t in &tables(v, t, "legal_basis", "legal_basis") {
        let (article, reference) = (v.optional(t, "article"), v.optional(t, "reference"));
        if (article.is_some() || reference.is_some()) && filled(t, "instrument").is_none() {
            v.problem(None, &t.full_name("instrument"), ProblemKind::Missing);
        }
        out.extend(word(v, t, "instrument").map(|instrument| LegalBasis { article, instrument, reference }));
    }
    out
}
