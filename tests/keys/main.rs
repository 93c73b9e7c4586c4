//! Keys: in files, in a real ssh-agent, and in tokens (SoftHSM2). Needs openssl, ssh-keygen, ssh-agent, softhsm2-util and
//! pkcs11-tool.

#[path = "../desk/mod.rs"]
mod desk;
#[path = "../terminal/mod.rs"]
mod terminal;
mod agent;
mod files;
mod listed;
mod memory;
mod resumed;
mod soft_token;
mod ssh_agent;
mod ssh_signature;
mod token;
