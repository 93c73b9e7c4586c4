//! Keys in an ssh-agent (draft-ietf-sshm-ssh-agent): what it holds, and signatures by it. It never gives a private key away.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::format::digest::KeyId;
use crate::format::spki::PublicKey;
use crate::format::ssh::{Fingerprint, SshError, fingerprint, key_of_blob, put_string, signature_of_blob};
use crate::format::ssh::{end, take_string, take_u32};
use crate::report::escape::escape;

/// Environment variable that says where the agent listens.
pub const SOCKET_VARIABLE: &str = "SSH_AUTH_SOCK";

/// Longest message of an agent, in bytes: as OpenSSH has it.
const MESSAGE_LEN_MAX: u32 = 256 * 1024;
/// Most keys that are looked at; an agent of OpenSSH has no more.
const KEY_COUNT_MAX: u32 = 2048;
/// How long an agent may take to say what it holds.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to sign: it may ask a person first (`ssh-add -c`).
const SIGN_TIMEOUT: Duration = Duration::from_secs(120);

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
const FAILURE: u8 = 5;

/// What an agent could not do.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nothing says where one is.
    #[error("no ssh-agent is reachable: {SOCKET_VARIABLE} is not set")]
    NoSocket,
    /// Nobody listens there, or not to this user.
    #[error("cannot reach the ssh-agent at {socket}", socket = socket.display())]
    Connect {
        /// Its socket.
        socket: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It went away, or takes too long.
    #[error("the ssh-agent at {socket} gave no answer", socket = socket.display())]
    NoAnswer {
        /// Its socket.
        socket: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It does not speak the protocol.
    #[error("the ssh-agent at {socket} gave an answer that is none", socket = socket.display())]
    Answer {
        /// Its socket.
        socket: PathBuf,
        /// Why.
        source: SshError,
    },
    /// It does not say what it holds.
    #[error("the ssh-agent at {socket} does not say which keys it holds", socket = socket.display())]
    NoList {
        /// Its socket.
        socket: PathBuf,
    },
    /// It does not hold the key, or no longer.
    #[error("the ssh-agent at {socket} does not hold the key {wanted}", socket = socket.display())]
    NoKey {
        /// Its socket.
        socket: PathBuf,
        /// Which.
        wanted: AgentKeyName,
    },
    /// It holds the key, but bundles are not signed with such.
    #[error("the key {wanted} of the ssh-agent cannot sign bundles")]
    Kind {
        /// Which.
        wanted: AgentKeyName,
        /// Why.
        source: SshError,
    },
    /// It holds the key and does not sign.
    #[error("the ssh-agent at {socket} refused to sign with {fingerprint}", socket = socket.display())]
    Refused {
        /// Its socket.
        socket: PathBuf,
        /// With which key.
        fingerprint: Fingerprint,
    },
}

/// How a key of an agent is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentKeyName {
    /// As `ssh-keygen -l` and `ssh-add -l` show it.
    Fingerprint(Fingerprint),
    /// As statements name it (SPEC.md ENV-3).
    KeyId(KeyId),
}

/// A key that an agent holds, of any algorithm.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The key, if bundles are signed with such.
    pub public: Result<PublicKey, SshError>,
    /// What its owner called it: any bytes.
    pub comment: Vec<u8>,
    blob: Vec<u8>,
}

/// A key in an agent. Each signature is a connection of its own, so that the agent may be another by then.
#[derive(Debug)]
pub struct AgentKey {
    agent: Agent,
    blob: Vec<u8>,
    public: PublicKey,
}

/// An agent, not connected.
#[derive(Clone, Debug)]
pub struct Agent {
    socket: PathBuf,
}

impl Agent {
    /// The one that the environment names.
    ///
    /// # Errors
    /// If it names none.
    pub fn from_environment() -> Result<Self, AgentError> {
        let socket = std::env::var_os(SOCKET_VARIABLE).filter(|value| !value.is_empty());
        Ok(Self { socket: socket.ok_or(AgentError::NoSocket)?.into() })
    }

    /// The keys that it holds, in its order.
    ///
    /// # Errors
    /// If it is not there, or gives no list.
    pub fn identities(&self) -> Result<Vec<Identity>, AgentError> {
        let (kind, body) = self.ask(REQUEST_IDENTITIES, &[], LIST_TIMEOUT)?;
        if kind != IDENTITIES_ANSWER {
            return Err(AgentError::NoList { socket: self.socket.clone() });
        }
        identities_of(&body).map_err(|source| self.no_answer_of_ours(source))
    }

    /// A key that it holds and that signs bundles.
    ///
    /// # Errors
    /// If it is not there, or holds no such key.
    pub fn key(&self, wanted: AgentKeyName) -> Result<AgentKey, AgentError> {
        let found = self.identities()?.into_iter().find(|identity| identity.is_named(wanted));
        let found = found.ok_or_else(|| AgentError::NoKey { socket: self.socket.clone(), wanted })?;
        let public = found.public.map_err(|source| AgentError::Kind { wanted, source })?;
        Ok(AgentKey { agent: self.clone(), blob: found.blob, public })
    }

    /// One message there, and one back: its kind, and what follows.
    fn ask(&self, kind: u8, body: &[u8], timeout: Duration) -> Result<(u8, Vec<u8>), AgentError> {
        let mut stream = UnixStream::connect(&self.socket)
            .map_err(|source| AgentError::Connect { socket: self.socket.clone(), source })?;
        let mut message = Vec::new();
        put_string(&mut message, &[&[kind], body].concat());
        let answer = stream
            .set_read_timeout(Some(timeout))
            .and_then(|()| stream.set_write_timeout(Some(timeout)))
            .and_then(|()| stream.write_all(&message))
            .and_then(|()| read_message(&mut stream, Instant::now() + timeout))
            .map_err(|source| AgentError::NoAnswer { socket: self.socket.clone(), source })?;
        match answer.split_first() {
            Some((&kind, body)) => Ok((kind, body.to_vec())),
            None => Err(self.no_answer_of_ours(SshError::Form)),
        }
    }

    fn no_answer_of_ours(&self, source: SshError) -> AgentError {
        AgentError::Answer { socket: self.socket.clone(), source }
    }
}

/// All of a message, by then: an agent that sends a byte now and then would be waited for without end.
fn read_message(stream: &mut UnixStream, end: Instant) -> io::Result<Vec<u8>> {
    let mut len = [0; 4];
    read_by(stream, &mut len, end)?;
    let len = u32::from_be_bytes(len);
    if len > MESSAGE_LEN_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its answer is too long"));
    }
    let mut message = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    read_by(stream, &mut message, end)?;
    Ok(message)
}

fn read_by(stream: &mut UnixStream, mut buffer: &mut [u8], end: Instant) -> io::Result<()> {
    while !buffer.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(len) => buffer = &mut buffer[len..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What stands in an answer with identities.
fn identities_of(mut body: &[u8]) -> Result<Vec<Identity>, SshError> {
    let count = take_u32(&mut body)?;
    if count > KEY_COUNT_MAX {
        return Err(SshError::Form);
    }
    let mut found = Vec::new();
    for _ in 0..count {
        let (blob, comment) = (take_string(&mut body)?, take_string(&mut body)?);
        found.push(Identity {
            fingerprint: fingerprint(blob),
            public: key_of_blob(blob),
            comment: comment.to_vec(),
            blob: blob.to_vec(),
        });
    }
    end(body)?;
    Ok(found)
}

impl Identity {
    fn is_named(&self, wanted: AgentKeyName) -> bool {
        match wanted {
            AgentKeyName::Fingerprint(fingerprint) => self.fingerprint == fingerprint,
            AgentKeyName::KeyId(key_id) => self.public.as_ref().is_ok_and(|public| public.key_id() == key_id),
        }
    }
}

impl AgentKey {
    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A signature in the form that bundles have (SPEC.md ENV-4), not verified.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AgentError> {
        let mut body = Vec::new();
        put_string(&mut body, &self.blob);
        put_string(&mut body, message);
        // No flags: they are for RSA.
        body.extend_from_slice(&[0; 4]);
        let (kind, answer) = self.agent.ask(SIGN_REQUEST, &body, SIGN_TIMEOUT)?;
        let mut rest = &answer[..];
        match kind {
            SIGN_RESPONSE => take_string(&mut rest)
                .and_then(|blob| end(rest).map(|()| blob))
                .and_then(|blob| signature_of_blob(self.public.algorithm(), blob))
                .map_err(|source| self.agent.no_answer_of_ours(source)),
            FAILURE => Err(self.refused()),
            _ => Err(self.agent.no_answer_of_ours(SshError::Form)),
        }
    }

    /// Why it did not sign: the key may be gone by now.
    fn refused(&self) -> AgentError {
        let fingerprint = fingerprint(&self.blob);
        let wanted = AgentKeyName::Fingerprint(fingerprint);
        match self.agent.key(wanted) {
            Err(error @ AgentError::NoKey { .. }) => error,
            _ => AgentError::Refused { socket: self.agent.socket.clone(), fingerprint },
        }
    }
}

impl AgentError {
    /// What can be done.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoSocket => Some("start one with `eval $(ssh-agent)`, and add a key with `ssh-add FILE`"),
            Self::Connect { .. } => Some("is it still running? `ssh-add -l` says so"),
            Self::NoKey { .. } | Self::NoList { .. } => Some(
                "`scelle key list` shows its keys; `ssh-add FILE` adds one, and an agent may be locked (`ssh-add -X`)",
            ),
            Self::Kind { .. } => Some("`scelle key list` shows which keys can sign bundles"),
            Self::Refused { .. } => Some("it may be locked (`ssh-add -X`), or somebody said no where it asked"),
            Self::NoAnswer { .. } | Self::Answer { .. } => None,
        }
    }
}

impl AgentKeyName {
    /// Parses `SHA256:` and base64, or a key id.
    pub fn parse(text: &str) -> Option<Self> {
        Fingerprint::parse(text).map(Self::Fingerprint).or_else(|| KeyId::from_hex(text).map(Self::KeyId))
    }
}

impl fmt::Display for AgentKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fingerprint(fingerprint) => fingerprint.fmt(f),
            Self::KeyId(key_id) => key_id.fmt(f),
        }
    }
}

impl fmt::Display for AgentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the ssh-agent at {}", escape(self.agent.socket.as_os_str().as_encoded_bytes()))
    }
}
