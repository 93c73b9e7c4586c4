//! A query to an authority over HTTP (RFC 3161 section 3.4). It is only the way: what comes back is judged by its signature, so
//! nothing depends on who could change it on the wire.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Error, http};

use crate::cli::{Exit, Failure, warning};
use crate::limits::ENVELOPE_LEN_MAX;
use crate::report::escape::escape;

/// How long to wait before asking again, and twice as long each time after.
const PAUSE: Duration = Duration::from_millis(500);

/// What is spent on one query.
pub(super) struct Limits {
    /// For each attempt, from looking up the name to the last byte.
    pub timeout: Duration,
    /// Attempts after the first.
    pub retries: u32,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum TransportError {
    #[error("cannot ask {url}")]
    Ask { url: String, source: Box<Error> },
    #[error("{url} answered with status {status}")]
    Status { url: String, status: u16 },
    #[error("{url} answered with {found}, not application/timestamp-reply")]
    Type { url: String, found: String },
    #[error("{url} answered with more than {ENVELOPE_LEN_MAX} bytes")]
    TooLong { url: String },
}

/// Sends a query; the bytes of the answer, which may be anything.
pub(super) fn ask(url: &str, query: &[u8], limits: &Limits) -> Result<Vec<u8>, Failure> {
    let agent = agent(limits.timeout);
    let mut pause = PAUSE;
    for _ in 0..limits.retries {
        match attempt(&agent, url, query) {
            Err(error) if error.is_passing() => {
                warning(&format!("{}; asking again", crate::causes::with_causes(&error)));
                std::thread::sleep(pause);
                pause = pause.saturating_mul(2);
            }
            result => return result.map_err(TransportError::failure),
        }
    }
    attempt(&agent, url, query).map_err(TransportError::failure)
}

fn agent(timeout: Duration) -> Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(RootCerts::WebPki)
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(timeout))
        // A query is sent again where it is told to go only by who is asked: that is the user's to say.
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("scelle/", env!("CARGO_PKG_VERSION")))
        .build();
    Agent::new_with_config(config)
}

fn attempt(agent: &Agent, url: &str, query: &[u8]) -> Result<Vec<u8>, TransportError> {
    let shown = || escape(url.as_bytes());
    let failed = |source| match source {
        Error::BodyExceedsLimit(_) => TransportError::TooLong { url: shown() },
        source => TransportError::Ask { url: shown(), source: Box::new(source) },
    };
    let request = agent.post(url).header("Content-Type", "application/timestamp-query");
    let mut response: http::Response<Body> =
        request.header("Accept", "application/timestamp-reply").send(query).map_err(failed)?;
    if response.status() != http::StatusCode::OK {
        return Err(TransportError::Status { url: shown(), status: response.status().as_u16() });
    }
    let found = response.headers().get("content-type").map_or(&b"no type"[..], |value| value.as_bytes());
    let essence = found.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    if !essence.eq_ignore_ascii_case(b"application/timestamp-reply") {
        return Err(TransportError::Type { url: shown(), found: escape(found) });
    }
    response.body_mut().with_config().limit(ENVELOPE_LEN_MAX).read_to_vec().map_err(failed)
}

impl TransportError {
    /// Whether it may be otherwise in a moment.
    fn is_passing(&self) -> bool {
        match self {
            Self::Status { status, .. } => *status >= 500,
            Self::Ask { source, .. } => match &**source {
                Error::ConnectionFailed | Error::HostNotFound => true,
                Error::Io(error) => error.kind() != io::ErrorKind::InvalidInput,
                _ => false,
            },
            _ => false,
        }
    }

    fn failure(self) -> Failure {
        let (exit, hint) = match &self {
            Self::Ask { source, .. } if matches!(**source, Error::BadUri(_) | Error::Http(_)) => {
                (Exit::Usage, "--url takes an address such as http://tsa.example/")
            }
            Self::Status { status: 300..=399, .. } => {
                (Exit::CouldNot, "it tells to ask elsewhere, which is for you to decide: give that address with --url")
            }
            Self::Type { .. } => (Exit::CouldNot, "is this the address where the authority answers queries?"),
            _ => (Exit::CouldNot, "nothing was added; try again later, or another authority"),
        };
        Failure::new(exit, self).hint(hint)
    }
}
