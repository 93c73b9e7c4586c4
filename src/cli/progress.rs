//! Progress bars with rate and time left, on a terminal; nothing in a pipe.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::read::Totals;
use crate::report::quantity::bytes;
use crate::seal::Progress;

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(150);

/// Counts how much there is, until the end or until it is told to stop.
pub type Count = Box<dyn FnOnce(&Totals, &AtomicBool) + Send>;

/// A bar that runs beside the work; a counting walk runs beside both, so that time left can be told.
pub struct Bar {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Bar {
    /// Starts the bar, if there is a terminal to draw on.
    pub fn start(count: Count, progress: Arc<Progress>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        if std::io::stderr().is_terminal() {
            let totals = Arc::new(Totals::default());
            let (counted, stopped) = (Arc::clone(&totals), Arc::clone(&stop));
            // No thread to be had means no bar; the work itself says so if it needs one.
            threads.extend(Builder::new().spawn(move || count(&counted, &stopped)));
            let stopped = Arc::clone(&stop);
            threads.extend(Builder::new().spawn(move || draw(&progress, &totals, &stopped)));
        }
        Self { stop, threads }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            // A bar that failed is no reason to fail.
            let _ = thread.join();
        }
    }
}

fn draw(progress: &Progress, totals: &Totals, stop: &AtomicBool) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let counting = style("{spinner} {bytes} sealed, {binary_bytes_per_sec}, still counting {msg}");
    let known = style("{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta} left {msg}");
    bar.set_style(counting);
    while !stop.load(Ordering::Relaxed) {
        let done = totals.done.load(Ordering::Acquire);
        if done && bar.length().is_none() {
            bar.set_length(totals.bytes.load(Ordering::Relaxed));
            bar.set_style(known.clone());
        }
        bar.set_position(progress.bytes());
        let entries = match done {
            true => format!("{}/{} entries", progress.entries(), totals.files.load(Ordering::Relaxed)),
            false => format!("{} entries", progress.entries()),
        };
        bar.set_message(entries + &trouble(progress));
        bar.tick();
        std::thread::sleep(TICK);
    }
    bar.finish_and_clear();
}

/// What could not be read so far, and whether it is being tried now.
fn trouble(progress: &Progress) -> String {
    let (failing, lost) = (progress.failing(), progress.lost());
    let now = if failing > 0 { ", reading around an error" } else { "" };
    if failing + lost == 0 { String::new() } else { format!(", {} not read{now}", bytes(failing + lost)) }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A bar over bytes whose number is known; whoever works moves it.
pub(super) fn byte_bar() -> ProgressBar {
    let style = style("{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta} left");
    ProgressBar::with_draw_target(None, target()).with_style(style)
}

/// A bar over things of this number; whoever works moves it.
pub(super) fn count_bar(total: usize) -> ProgressBar {
    ProgressBar::with_draw_target(Some(total as u64), target()).with_style(style("{wide_bar} {pos}/{len} {eta} left"))
}

/// What was hashed so far, on a terminal that shows no listing at the same time.
pub(super) struct HashBar(ProgressBar);

impl HashBar {
    pub(super) fn start() -> Self {
        let is_free = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        let target = if is_free { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = style("{spinner} {bytes} hashed, {binary_bytes_per_sec}");
        Self(ProgressBar::with_draw_target(None, target).with_style(style))
    }

    /// One more file.
    pub(super) fn add(&self, len_bytes: u64) {
        if !self.0.is_hidden() {
            self.0.inc(len_bytes);
        }
    }

    /// Does something that prints to the same terminal.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn target() -> ProgressDrawTarget {
    match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    }
}
