//! Time-stamps by RFC 3161 (SPEC.md section 24): queries, answers and the tokens in them. Bytes to values; nothing is judged here.

pub mod ber;
mod elements;
mod imprint;
mod gen_time;
mod info;
mod query;
mod attributes;
mod token;
mod response;

pub use attributes::{CertificateId, SignedAttributes};
pub use gen_time::GenTime;
pub use imprint::{Hash, Imprint};
pub use info::{InfoError, TstInfo};
pub use query::{Query, QueryError};
pub use response::{Response, ResponseError, Status, with_lists};
pub use token::{SIGNED_DATA, SignerId, SignerInfo, TST_INFO, Token, TokenError};
