//! What requests and replies may say where the list is closed (SPEC.md REQ-2, REP-2).

use serde::{Deserialize, Serialize};

use super::words::words;

/// The article of the Convention that a request is made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "u64", into = "u64")]
pub enum Article {
    /// 25: an order to preserve, within one State.
    Preservation25,
    /// 27: an order to produce, within one State.
    Production27,
    /// 40: mutual legal assistance.
    Assistance40,
    /// 41: immediate assistance of the 24/7 network.
    Network41,
    /// 42: a request to preserve.
    Preservation42,
    /// 43: disclosure of traffic data that was preserved.
    Disclosure43,
    /// 44: access to stored data.
    StoredData44,
    /// 45: collection of traffic data in real time.
    Traffic45,
    /// 46: interception of content.
    Content46,
}

/// What kind of document follows from the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// An order within one State.
    Order,
    /// A request to preserve in another State.
    Preservation,
    /// A request of the 24/7 network.
    Network,
    /// A request for assistance.
    Assistance,
}

impl Article {
    /// All, ascending.
    pub const ALL: [Self; 9] = [
        Self::Preservation25,
        Self::Production27,
        Self::Assistance40,
        Self::Network41,
        Self::Preservation42,
        Self::Disclosure43,
        Self::StoredData44,
        Self::Traffic45,
        Self::Content46,
    ];

    /// Its number.
    pub fn number(self) -> u8 {
        match self {
            Self::Preservation25 => 25,
            Self::Production27 => 27,
            Self::Assistance40 => 40,
            Self::Network41 => 41,
            Self::Preservation42 => 42,
            Self::Disclosure43 => 43,
            Self::StoredData44 => 44,
            Self::Traffic45 => 45,
            Self::Content46 => 46,
        }
    }

    /// The article of this number, if requests are made under it.
    pub fn of_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|article| u64::from(article.number()) == number)
    }

    /// What is made under it.
    pub fn kind(self) -> RequestKind {
        match self {
            Self::Preservation25 | Self::Production27 => RequestKind::Order,
            Self::Preservation42 => RequestKind::Preservation,
            Self::Network41 => RequestKind::Network,
            Self::Assistance40 | Self::Disclosure43 | Self::StoredData44 | Self::Traffic45 | Self::Content46 => {
                RequestKind::Assistance
            }
        }
    }

    /// What it is about, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Preservation25 => "order to preserve stored data, within one State",
            Self::Production27 => "order to produce data, within one State",
            Self::Assistance40 => "request for mutual legal assistance",
            Self::Network41 => "request to a contact point of the 24/7 network",
            Self::Preservation42 => "request to preserve stored data",
            Self::Disclosure43 => "request to disclose preserved traffic data",
            Self::StoredData44 => "request for access to stored data",
            Self::Traffic45 => "request for collection of traffic data in real time",
            Self::Content46 => "request for interception of content data",
        }
    }
}

impl TryFrom<u64> for Article {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        Self::of_number(number).ok_or("expected 25, 27, or 40 to 46")
    }
}

impl From<Article> for u64 {
    fn from(article: Article) -> Self {
        Self::from(article.number())
    }
}

/// The article of the Convention that makes an act an offence: 7 to 17, or 19 (participation and attempt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct OffenceArticle(u8);

impl OffenceArticle {
    /// `None` if this article makes nothing an offence that requests are made for.
    pub fn new(number: u64) -> Option<Self> {
        let number = u8::try_from(number).ok()?;
        matches!(number, 7..=17 | 19).then_some(Self(number))
    }

    /// Whether it is one of articles 7 to 17, for which dual criminality is no ground against preserving.
    pub fn is_between_7_and_17(self) -> bool {
        (7..=17).contains(&self.0)
    }
}

impl TryFrom<u64> for OffenceArticle {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("expected 7 to 17, or 19")
    }
}

impl From<OffenceArticle> for u64 {
    fn from(article: OffenceArticle) -> Self {
        Self::from(article.0)
    }
}

words! {
    /// Which way a request takes.
    Channel {
        CentralAuthority "central_authority" "Between central authorities."
        Diplomatic "diplomatic" "Through embassies and ministries."
        Interpol "interpol" "Through INTERPOL, in urgent cases."
        Network "24_7" "Between contact points of the 24/7 network."
        Direct "direct" "Between the authorities themselves."
    }
}

words! {
    /// How soon it is needed.
    Urgency {
        Normal "normal" "In the usual time."
        Urgent "urgent" "Before others."
        Emergency "emergency" "Life or safety of a person is at significant and imminent risk."
    }
}

words! {
    /// Why the Convention applies.
    Scope {
        Convention "convention_offence" "An offence of articles 7 to 17, or 19."
        ByIct "ict_offence_domestic" "Another offence, committed by means of an ICT system."
        AnyOffence "any_offence_domestic_evidence" "Evidence in electronic form of any offence, within one State."
        SeriousCrime "serious_crime_cooperation" "Evidence in electronic form of a serious crime."
    }
}

words! {
    /// What stage the case is in.
    ProceedingKind {
        Investigation "investigation" "An investigation."
        Prosecution "prosecution" "A prosecution."
        Judicial "judicial_proceeding" "A judicial proceeding."
    }
}

words! {
    /// What assistance is for (article 40(3)).
    Purpose {
        Evidence "evidence_or_statements" "Taking evidence or statements."
        Service "service_of_documents" "Serving judicial documents."
        Search "search_seizure_freezing" "Searches, seizures, freezing."
        StoredData "stored_data" "Access to stored electronic data (article 44)."
        Traffic "traffic_data_real_time" "Collection of traffic data in real time (article 45)."
        Content "content_data_interception" "Interception of content data (article 46)."
        Sites "examining_objects_and_sites" "Examining objects and sites."
        Expert "information_and_expert_evaluations" "Information, evidence, and expert evaluations."
        Records "originals_or_certified_copies" "Originals or certified copies of documents and records."
        Tracing "identifying_or_tracing_proceeds" "Identifying or tracing proceeds of crime."
        Appearance "voluntary_appearance" "Persons who appear of their own will."
        Recovery "recovery_of_proceeds" "Recovery of proceeds of crime."
        Other "other" "Whatever else the law of the requested State allows."
    }
}

words! {
    /// What kind of data (article 2).
    DataCategory {
        Subscriber "subscriber" "What a provider knows of its customers."
        Traffic "traffic" "Origin, destination, route, time, size of communications."
        Content "content" "What was communicated."
        Other "other_electronic_data" "Anything else."
    }
}

words! {
    /// What a contact point is asked for (article 41(3)).
    Measure24x7 {
        Advice "a" "Technical advice."
        Preservation "b" "Preservation under articles 42 and 43."
        Evidence "c" "Collection of evidence, and legal information."
        Locating "d" "Locating suspects."
        Emergency "e" "Electronic data that averts an emergency."
    }
}

words! {
    /// What a request to preserve is to be followed by (article 42(3)(f)).
    IntendedMeasure {
        Search "search" "A search."
        Access "access" "Access by similar means."
        Seizure "seizure" "Seizure."
        Securing "securing" "Securing by similar means."
        Disclosure "disclosure" "Disclosure."
    }
}

words! {
    /// What a request rests on.
    Instrument {
        Uncc "UNCC" "The United Nations Convention against Cybercrime."
        Budapest "BUDAPEST" "The Convention on Cybercrime of the Council of Europe (ETS 185)."
        SecondProtocol "2AP" "Its second additional protocol (CETS 224)."
        EuEvidence "EU-2023-1543" "The Regulation of the European Union on electronic evidence."
        Mlat "MLAT" "Another treaty on mutual legal assistance."
        Reciprocity "RECIPROCITY" "An assurance that the same would be done."
        Domestic "DOMESTIC" "The law of the State."
    }
}

words! {
    /// Which paragraph an order to produce rests on (article 27).
    ProductionBasis {
        Holder "27a" "A person in the territory produces what they possess or control."
        Provider "27b" "A provider that offers its services there produces subscriber information."
    }
}

words! {
    /// What became of a request.
    Outcome {
        Received "received" "It arrived."
        Executed "executed" "All of it was done."
        Partly "partly" "Some of it was done."
        Refused "refused" "It will not be done."
        Postponed "postponed" "It will be done later."
        Extended "extended" "The time was extended."
        Withdrawn "withdrawn" "It is not asked for any more."
    }
}

words! {
    /// On what ground a request is refused.
    Ground {
        NotInConformity "21a" "It is not made as article 40 says."
        EssentialInterests "21b" "Sovereignty, security, public order or other essential interests would be hurt."
        Prohibited "21c" "Domestic law would prohibit the action for a similar offence."
        LegalSystem "21d" "It would be contrary to the law on mutual legal assistance."
        Discrimination "22" "Its purpose is to prosecute for who somebody is."
        DualCriminality "dual_criminality" "The conduct is no offence in the requested State."
        Fiscal "fiscal" "It is said to involve fiscal matters. Alone it never suffices."
        BankSecrecy "bank_secrecy" "Bank secrecy. Alone it never suffices."
    }
}
