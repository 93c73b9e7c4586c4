//! Ctrl-C, SIGTERM and SIGHUP: asked once, the work ends cleanly.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static INSTALL: Once = Once::new();

/// A flag that is set when the user wants to stop. The second time, the process ends at once.
pub fn flag() -> &'static AtomicBool {
    INSTALL.call_once(|| {
        // Without a handler the signal ends the process as it always did; nothing unfinished has a final name.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(super::Exit::Interrupted.code()));
            }
        });
    });
    &INTERRUPTED
}
