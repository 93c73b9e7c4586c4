//! `scelle check`: what a bundle shows of the rules of a profile, article by article.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::answered::problems_of;
use super::clock::now;
use super::confine::Confinement;
use super::entries::Entries;
use super::request::open_request;
use super::treaty::open_treaty;
use super::trusted::TrustArgs;
use super::verify::{open_bundle, verified_of};
use super::{Exit, Failure, interrupt, write_stdout};
use crate::format::case::CaseJson;
use crate::format::digest::Digest;
use crate::format::request::Request;
use crate::format::time::Instant;
use crate::profile::{Answer, Asked, Evaluation, Facts, Force, Outcome, Profile, Severity, Treaty, evaluate};
use crate::report::escape::{self, escape};
use crate::report::json::verdict_name;
use crate::request::findings;
use crate::text::{Message, Texts};
use crate::verify::{Bundle, Options, Verification};

/// Say what a bundle shows of the rules of the Convention
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The bundle: a file or a directory
    #[arg(value_name = "BUNDLE", required_unless_present = "rules")]
    bundle: Option<PathBuf>,
    /// Which rules
    #[arg(long, value_name = "NAME", default_value = "uncc")]
    profile: String,
    /// Show the rules themselves, with how sure their wording is and what other instruments have
    #[arg(long, conflicts_with = "bundle")]
    rules: bool,
    /// The signed request that the bundle answers
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// A newer status of the treaty than this program's, signed
    #[arg(long, value_name = "FILE", requires_all = ["bundle", "treaty_signers"])]
    treaty: Option<PathBuf>,
    /// Public key that you trust to sign the status of the treaty (can be repeated)
    #[arg(long = "treaty-signer", value_name = "PUB", requires = "treaty")]
    treaty_signers: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command. Exits with 1 if a rule that demands is not met, or the bundle is refuted.
pub fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let profile = Profile::of(&args.profile).map_err(|error| Failure::new(Exit::Usage, error))?;
    let Some(path) = &args.bundle else { return show_rules(&profile, args.json) };
    let trusted = args.trust.open()?;
    let request = args.request.as_deref().map(|path| open_request(path, &trusted)).transpose()?;
    let treaty = open_treaty(args.treaty.as_deref(), &args.treaty_signers)?;
    Confinement::enter(std::slice::from_ref(path), &[]);
    let bundle = open_bundle(path)?;
    let name = escape(path.as_os_str().as_encoded_bytes());
    let options = trusted.options(Options { thread_count: super::cores(), ..Options::new(interrupt::flag()) });
    let verification = verified_of(&*bundle, &name, &options)?;
    let asks_for_trust = !trusted.is_nobody();
    let at = now();
    let on = at.to_string()[..10].to_owned();
    let facts = facts(&*bundle, &verification, &treaty, request.as_ref(), (at, asks_for_trust));
    let evaluation = evaluate(&profile, &facts);
    let report = Report { profile: &profile, facts: &facts, evaluation: &evaluation, on: &on, texts: Texts::english() };
    let text = if args.json { report.json(&name) } else { report.text(&name) };
    write_stdout(text.as_bytes())?;
    let verdict = super::verify::exit_of(verification.verdict);
    Ok(match verdict {
        Exit::Refuted | Exit::CouldNot => verdict,
        _ if !evaluation.is_passed() => Exit::Refuted,
        // Without any --signer nobody was asked for.
        Exit::NotTrusted if !asks_for_trust => Exit::Done,
        verdict => verdict,
    })
}

/// What is known of a bundle that was verified, at a moment, and whether the user trusts anybody.
pub(super) fn facts<'a>(
    bundle: &dyn Bundle,
    verification: &'a Verification,
    treaty: &Treaty,
    request: Option<&'a (Digest, Request)>,
    (at, asks_for_trust): (Instant, bool),
) -> Facts<'a> {
    let on = &at.to_string()[..10];
    let case = verification.case.as_ref();
    let entries = case.and_then(|case| Entries::of(bundle, verification.seal_digest, case));
    let asked = request.map(|(digest, request)| {
        let statement = verification.statement.as_ref();
        let problems = statement.map(|it| problems_of(request, *digest, it, case, entries.as_ref()));
        Asked { request, findings: findings(request, at), problems: problems.unwrap_or_default() }
    });
    let has_digest = case.is_some_and(|case| case.taking.as_ref().is_some_and(|taking| taking.source_sha256.is_some()));
    Facts {
        verification,
        force: force(case, treaty, on),
        is_source_digest_found: entries.filter(|_| has_digest).map(|entries| entries.is_source_digest_found),
        request: asked,
        asks_for_writing: case
            .and_then(|case| case.cooperation.as_ref())
            .and_then(|it| treaty.asks_for_writing(it.requested_state)),
        asks_for_trust,
    }
}

/// Whether the treaty binds those concerned: the States that cooperate, or else that of the authority.
fn force(case: Option<&CaseJson>, treaty: &Treaty, on: &str) -> Force {
    let home = case.map(|case| [case.authority.state; 2]);
    let states = case.and_then(|case| case.cooperation.as_ref()).map(|it| [it.requesting_state, it.requested_state]);
    states.or(home).map_or_else(|| treaty.unknown(), |states| treaty.between(states, on))
}

struct Report<'a> {
    profile: &'a Profile,
    facts: &'a Facts<'a>,
    evaluation: &'a Evaluation<'a>,
    on: &'a str,
    texts: Texts,
}

impl Report<'_> {
    fn text(&self, name: &str) -> String {
        let mut out = String::new();
        let say = |message: Message| escape(self.texts.say(&message).as_bytes());
        let profile = self.profile;
        let heading = Message::new("check-heading")
            .with("profile", &profile.id)
            .with("version", &profile.version)
            .with("title", &profile.title)
            .with("date", self.on);
        let verdict = verdict_name(self.facts.verification.verdict);
        let verdict = say(Message::new("check-verdict").with("verdict", verdict));
        let _ = writeln!(out, "{name}\n{}\n{verdict}\n", say(heading));
        for (check, answer) in &self.evaluation.checks {
            let _ = writeln!(out, "{}  {}: {}", check.id, check.title, self.answer(answer));
        }
        let mut article = 0;
        for it in &self.evaluation.rules {
            if it.rule.article != article {
                article = it.rule.article;
                let title = profile.articles.iter().find(|known| known.number == article);
                let title = title.map_or("", |known| known.title.as_str());
                let _ = writeln!(out, "\nArticle {article}. {title}");
            }
            let (id, severity) = (&it.rule.id, it.severity.word());
            let _ = writeln!(out, "  {id:<14} {severity:<6} {}", self.answer(&it.answer));
        }
        let _ = writeln!(out, "\n{}", say(self.conclusion()));
        if !self.facts.force.is_in_force() {
            let _ = writeln!(out, "{}", say(Message::new("check-lowered").with("why", &self.facts.force.why)));
        }
        let untold = self.evaluation.rules.iter().filter(|it| it.answer.outcome == Outcome::CannotTell).count();
        let _ = writeln!(out, "{}", say(Message::new("check-untold").with("count", untold)));
        let _ = writeln!(out, "{}", say(Message::new("check-capped")));
        let _ = writeln!(out, "{}", say(Message::new("check-not-advice")));
        out
    }

    fn conclusion(&self) -> Message {
        let failed = self.evaluation.count(Severity::Must, Outcome::NotMet);
        let (id, version) = (&self.profile.id, &self.profile.version);
        match failed {
            0 => Message::new("check-passed").with("profile", id).with("version", version).with("date", self.on),
            count => Message::new("check-failed")
                .with("count", count)
                .with("profile", id)
                .with("version", version)
                .with("date", self.on),
        }
    }

    fn answer(&self, answer: &Answer) -> String {
        format!("{}: {}", answer.outcome.name(), escape(self.texts.say(&answer.why).as_bytes()))
    }

    fn json(&self, name: &str) -> String {
        let answer = |answer: &Answer| {
            let variables: serde_json::Map<String, Value> =
                answer.why.variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({
                "outcome": answer.outcome.name(), "why": self.texts.say(&answer.why), "message": answer.why.key,
                "variables": variables,
            })
        };
        let rules = self.evaluation.rules.iter().map(|it| {
            json!({
                "id": it.rule.id, "article": it.rule.article, "severity": it.severity.word(),
                "stated_severity": it.rule.stated_severity.word(), "certainty": it.rule.certainty,
                "check": it.rule.check, "answer": answer(&it.answer),
            })
        });
        let checks = self.evaluation.checks.iter().map(|(check, it)| json!({"id": check.id, "answer": answer(it)}));
        let object = json!({
            "bundle": name,
            "profile": {"id": self.profile.id, "version": self.profile.version},
            "date": self.on,
            "treaty": {"in_force": self.facts.force.in_force, "why": self.facts.force.why},
            "verdict": verdict_name(self.facts.verification.verdict),
            "passed": self.evaluation.is_passed(),
            "checks": checks.collect::<Vec<_>>(),
            "rules": rules.collect::<Vec<_>>(),
        });
        format!("{}\n", escape::json(&object.to_string()))
    }
}

fn show_rules(profile: &Profile, as_json: bool) -> Result<Exit, Failure> {
    if as_json {
        let text = serde_json::to_string(profile).map_err(|error| Failure::new(Exit::CouldNot, error))?;
        return write_stdout(format!("{text}\n").as_bytes());
    }
    let heading = Message::new("rules-heading")
        .with("profile", &profile.id)
        .with("version", &profile.version)
        .with("title", &profile.title)
        .with("date", &profile.as_of);
    let texts = Texts::english();
    let mut out = format!("{}\n{}\n", texts.say(&heading), texts.say(&Message::new("check-capped")));
    for article in &profile.articles {
        let mut rules = profile.rules.iter().filter(|rule| rule.article == article.number).peekable();
        if rules.peek().is_some() {
            let _ = writeln!(out, "\nArticle {}. {}", article.number, article.title);
        }
        for rule in rules {
            let (severity, certainty) = (rule.severity(true).word(), rule.certainty.words());
            let _ = writeln!(out, "  {}  {severity}; {certainty} ({})", rule.id, rule.certainty_note);
            let _ = writeln!(out, "    {}", rule.text);
            let others =
                [("Budapest", &rule.budapest), ("2nd Protocol", &rule.second_protocol), ("EU 2023/1543", &rule.eu)];
            let others: Vec<_> =
                others.iter().filter(|(_, it)| !it.is_empty()).map(|(name, it)| format!("{name} {it}")).collect();
            let check = if rule.check.is_empty() { "-" } else { &rule.check };
            let _ =
                writeln!(out, "    check {check}{}{}", if others.is_empty() { "" } else { "; " }, others.join("; "));
        }
    }
    write_stdout(out.as_bytes())
}
