//! Requests and replies as people use them: a template that is filled in, checked and signed, replies, and an inbox.

#[path = "../desk/mod.rs"]
mod desk;
mod bench;
mod templates;
mod drafts;
mod signed;
mod flow;
mod form;
mod answered;
