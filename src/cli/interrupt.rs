//! Ctrl-C, SIGTERM and SIGHUP: asked once, the work ends cleanly.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

use super::Exit;

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// A flag that is set when the user wants to stop. The second time, the process ends at once.
pub fn flag() -> &'static AtomicBool {
    INTERRUPTED.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)) {
            // In this order: the first time the flag is not set yet. Without a handler the signal ends the process as
            // it always did; nothing unfinished has a final name.
            let _ = register_conditional_shutdown(signal, i32::from(Exit::Interrupted.code()), Arc::clone(&flag));
            let _ = register(signal, Arc::clone(&flag));
        }
        flag
    })
}

/// Whether whoever started this process wants a signal ignored, as `nohup` does with SIGHUP.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}
