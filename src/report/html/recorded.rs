//! What the sealer wrote down. It was signed, and nobody verified it.

use super::Page;
use crate::format::case::CaseJson;
use crate::format::statement::Statement;
use crate::text::Message;

impl Page<'_> {
    /// Case and statement.
    pub(super) fn recorded(&mut self) {
        self.heading(Message::new("report-recorded"));
        self.note(Message::new("recorded-not-verified"));
        if let Some(statement) = &self.source.verification.statement {
            self.statement(statement);
        }
        if let Some(case) = &self.source.verification.case {
            self.case(case);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let it = &statement.predicate;
        let counts = &it.counts;
        let offset = it.clock.offset_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
        self.facts(
            Message::new("recorded-sealing"),
            vec![
                (Message::new("field-start"), it.acquisition.start.to_string()),
                (Message::new("field-end"), it.acquisition.end.to_string()),
                (Message::new("field-clock-offset"), offset),
                (Message::new("field-tool"), format!("{} {}", it.tool.name, it.tool.version)),
                (Message::new("field-entries"), counts.entries.to_string()),
                (Message::new("field-files"), counts.files.to_string()),
                (Message::new("field-bytes"), counts.bytes.to_string()),
                (Message::new("field-gaps"), format!("{} ({} B)", counts.gaps, counts.gap_bytes)),
                (Message::new("field-unreadable"), counts.unreadable.to_string()),
            ],
        );
    }

    fn case(&mut self, case: &CaseJson) {
        let mut facts = vec![
            (Message::new("field-case"), case.case.id.as_str().to_owned()),
            (Message::new("field-exhibit"), case.exhibit.id.as_str().to_owned()),
            (Message::new("field-authority"), format!("{} ({})", case.authority.name.as_str(), case.authority.state)),
            (Message::new("field-operator"), case.operator.name.as_str().to_owned()),
        ];
        let mut add = |message: Message, text: Option<&str>| {
            facts.extend(text.map(|text| (message, text.to_owned())));
        };
        add(Message::new("field-title"), case.case.title.as_ref().map(|it| it.as_str()));
        add(Message::new("field-description"), case.exhibit.description.as_ref().map(|it| it.as_str()));
        add(Message::new("field-seized-at"), case.exhibit.seized_at.as_ref().map(|it| it.as_str()));
        add(Message::new("field-seized-place"), case.exhibit.seized_place.as_ref().map(|it| it.as_str()));
        add(Message::new("field-legal-basis"), case.legal_basis.as_ref().map(|it| it.instrument.as_str()));
        let order = case.authorisation.as_ref();
        add(Message::new("field-order"), order.and_then(|it| it.reference.as_ref()).map(|it| it.as_str()));
        add(Message::new("field-issuer"), order.and_then(|it| it.issuer.as_ref()).map(|it| it.as_str()));
        add(Message::new("field-safeguards"), case.safeguards.as_ref().map(|it| it.as_str()));
        add(Message::new("field-notes"), case.notes.as_ref().map(|it| it.as_str()));
        for condition in case.personal_data.iter().flat_map(|data| &data.conditions) {
            let text = format!("{}: {}", condition.id.as_str(), condition.text.as_str());
            facts.push((Message::new("field-condition"), text));
        }
        self.facts(Message::new("recorded-case"), facts);
    }
}
