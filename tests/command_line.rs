//! The command line, word for word: help, wrong use, and what is said of it. `TRYCMD=overwrite cargo test --test
//! command_line` writes the files anew when a change was meant.

#[test]
fn help_and_wrong_use_read_exactly_so() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}
