//! The `scelle` command: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    scelle::cli::main()
}
