//! Runs a verifier that may hang, flood or crash: its time and its output are bounded, whatever it does, and nothing that
//! is still in its process group outlives it. What leaves the group may live on; it is never waited for.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// Most bytes of standard output.
pub const STDOUT_LEN_MAX: usize = 64 << 20;
/// Bytes of standard error that are kept: the last ones, where programs say why they end.
const STDERR_KEPT_LEN: usize = 4 << 10;
/// Most bytes that are read at once: as many as a pipe can hold, so that one reading takes what an ended process left.
const READ_LEN_MAX: u64 = 1 << 20;
/// How often an interruption is looked for.
const SLICE: Duration = Duration::from_millis(100);

/// A verifier as a command.
#[derive(Debug)]
pub struct Verifier {
    program: OsString,
    args: Vec<OsString>,
    timeout: Duration,
}

/// How a run ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    /// How.
    pub end: End,
    /// Standard output; not whole if it was too much.
    pub stdout: Vec<u8>,
    /// The end of standard error.
    pub stderr: Vec<u8>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// By itself: an exit code, or a signal.
    Itself(ExitStatus),
    /// Killed: it still ran after this time.
    TimedOut(Duration),
    /// Killed: it printed more than [`STDOUT_LEN_MAX`].
    Flooded,
}

/// Why there is nothing to compare.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The command cannot be started.
    #[error("cannot start {program}", program = program.display())]
    Start {
        /// The command.
        program: OsString,
        /// Why not.
        source: io::Error,
    },
    /// The command was started, and what it does cannot be followed, or it cannot be ended.
    #[error("cannot watch over {program}", program = program.display())]
    Watch {
        /// The command.
        program: OsString,
        /// Why not.
        source: io::Error,
    },
}

/// What ended the watch over a process.
enum Watched {
    Ended,
    Stopped,
    TimedOut,
    Flooded,
}

impl Verifier {
    /// A command, the words before those of SPEC.md CONF-2, and how long a run may take.
    pub fn new(program: OsString, args: Vec<OsString>, timeout: Duration) -> Self {
        Self { program, args, timeout }
    }

    /// Runs the command with further words. `None` if `stop` said so before it ended.
    pub fn run(&self, words: &[OsString], stop: &dyn Fn() -> bool) -> Result<Option<Ran>, RunError> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).args(words).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|source| RunError::Start { program: self.program.clone(), source })?;
        self.follow(child, stop).map_err(|source| RunError::Watch { program: self.program.clone(), source })
    }

    /// Follows a process to its end, which is brought about if it does not come.
    fn follow(&self, mut child: Child, stop: &dyn Fn() -> bool) -> io::Result<Option<Ran>> {
        let mut pipes = Pipes::of(&mut child);
        let watched = self.watch(&child, &mut pipes, stop);
        let has_ended = matches!(watched, Ok(Watched::Ended));
        // In this order: until it has been waited for, its number names no other process, nor group.
        end_group(&child);
        let rest = if has_ended {
            pipes.read()
        } else {
            // It may have joined another group. Where it cannot be killed it is not waited for either.
            child.kill()?;
            pipes.close();
            Ok(())
        };
        let status = child.wait()?;
        rest?;
        let end = match watched? {
            Watched::Stopped => return Ok(None),
            Watched::TimedOut => End::TimedOut(self.timeout),
            Watched::Flooded => End::Flooded,
            Watched::Ended if pipes.is_flooded() => End::Flooded,
            Watched::Ended => End::Itself(status),
        };
        Ok(Some(Ran { end, stdout: pipes.stdout_kept, stderr: pipes.stderr_kept }))
    }

    /// Reads what the process prints until it ends, or has to be ended. A process of its own that keeps the pipes open
    /// is not waited for.
    fn watch(&self, child: &Child, pipes: &mut Pipes, stop: &dyn Fn() -> bool) -> io::Result<Watched> {
        let deadline = Instant::now() + self.timeout;
        pipes.do_not_wait()?;
        let process = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if stop() {
                return Ok(Watched::Stopped);
            }
            if left.is_zero() {
                return Ok(Watched::TimedOut);
            }
            let mut fds = vec![PollFd::new(&process, PollFlags::IN)];
            fds.extend(pipes.stdout.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
            fds.extend(pipes.stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
            let slice = Timespec::try_from(left.min(SLICE)).map_err(io::Error::other)?;
            match poll(&mut fds, Some(&slice)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            let has_ended = fds.first().is_some_and(|fd| !fd.revents().is_empty());
            if has_ended {
                return Ok(Watched::Ended);
            }
            pipes.read()?;
            if pipes.is_flooded() {
                return Ok(Watched::Flooded);
            }
        }
    }
}

/// Kills what is in the group that was made for the process. If nothing is left there is nothing to do.
fn end_group(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

/// What the process prints: open until its end was read, and what is kept of it.
struct Pipes {
    stdout: Option<std::process::ChildStdout>,
    stderr: Option<std::process::ChildStderr>,
    stdout_kept: Vec<u8>,
    stderr_kept: Vec<u8>,
}

impl Pipes {
    fn of(child: &mut Child) -> Self {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        Self { stdout, stderr, stdout_kept: Vec::new(), stderr_kept: Vec::new() }
    }

    fn do_not_wait(&self) -> io::Result<()> {
        let fds = [self.stdout.as_ref().map(AsFd::as_fd), self.stderr.as_ref().map(AsFd::as_fd)];
        fds.into_iter().flatten().try_for_each(|fd| Ok(rustix::io::ioctl_fionbio(fd, true)?))
    }

    /// Nothing more is read: whoever else holds the other ends writes into nothing.
    fn close(&mut self) {
        (self.stdout, self.stderr) = (None, None);
    }

    fn is_flooded(&self) -> bool {
        self.stdout_kept.len() > STDOUT_LEN_MAX
    }

    /// Reads what is there.
    fn read(&mut self) -> io::Result<()> {
        read_pipe(&mut self.stdout, &mut self.stdout_kept)?;
        read_pipe(&mut self.stderr, &mut self.stderr_kept)?;
        let excess = self.stderr_kept.len().saturating_sub(STDERR_KEPT_LEN);
        self.stderr_kept.drain(..excess);
        Ok(())
    }
}

/// Reads what is there of a pipe, and closes it at its end.
fn read_pipe<P: Read>(pipe: &mut Option<P>, kept: &mut Vec<u8>) -> io::Result<()> {
    let Some(open) = pipe else { return Ok(()) };
    match open.take(READ_LEN_MAX).read_to_end(kept) {
        // Fewer than asked for is the end; as many, and there may be more.
        Ok(read) if read as u64 == READ_LEN_MAX => Ok(()),
        Ok(_) => {
            *pipe = None;
            Ok(())
        }
        // What was read before is kept.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}
