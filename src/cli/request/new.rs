//! A file to fill in.

use std::path::PathBuf;

use clap::Args;

use crate::cli::small_file::write_new;
use crate::cli::{Exit, Failure, message, write_stdout};
use crate::format::request_words::Article;
use crate::request_file::template;

/// Arguments of `scelle request new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Article of the Convention: 25, 27, or 40 to 46
    #[arg(long, value_name = "N", value_parser = article)]
    article: Article,
    /// Write to a new file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn article(text: &str) -> Result<Article, String> {
    let known = || Article::ALL.map(|article| article.number().to_string()).join(", ");
    text.parse().ok().and_then(Article::of_number).ok_or_else(|| format!("one of {}", known()))
}

pub(super) fn new(args: &NewArgs) -> Result<Exit, Failure> {
    let text = template(args.article);
    let Some(path) = &args.out else {
        return write_stdout(text.as_bytes());
    };
    write_new(path, text.as_bytes())?;
    message(&format!("wrote {}: fill in what is marked REQUIRED", path.display()));
    Ok(Exit::Done)
}
