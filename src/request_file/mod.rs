//! `request.toml`, which people write: a commented template for each article, and from TOML to a request.

mod fields;
mod template;
mod values;
mod reading;

pub use template::template;

use crate::format::request::Request;
use crate::toml_file::Problem;

/// Checks the text of a file. Gives every problem, ascending by line; what is missing comes last.
///
/// What only the article asks for is not a problem of the file: [`crate::request::findings`] finds it.
pub fn parse(text: &str) -> Result<Request, Vec<Problem>> {
    reading::parse(text)
}

/// The name that a field of a signed document has in such a file: `maxPenaltyMonths` is `max_penalty_months`.
pub fn name_in_file(field: &str) -> String {
    let mut name = String::with_capacity(field.len() + 4);
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}
