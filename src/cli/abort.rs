//! Memory that cannot be had: the system library says so in one line and aborts. That is "could not", not a crash.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGABRT;
use signal_hook::flag::register_conditional_shutdown;

use super::Exit;

/// Makes an abort end the process with [`Exit::CouldNot`]. What is unfinished stays as after `kill -9`, for `--resume`.
pub fn ends_in_an_exit_code() {
    // Without a handler the process ends by the signal; nothing unfinished has a final name either way.
    let _ = register_conditional_shutdown(SIGABRT, i32::from(Exit::CouldNot.code()), Arc::new(AtomicBool::new(true)));
}
