//! Asking for a passphrase on the terminal, whatever stdin and stdout are.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use crate::sign::passphrase::{Passphrase, PassphraseError, buffer};

/// Ctrl-C as a byte.
const CTRL_C: u8 = 0x03;

/// Why a prompt gave no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Nobody can be asked: no controlling terminal.
    #[error("there is no terminal to ask on")]
    NoTerminal(#[source] io::Error),
    /// The terminal failed.
    #[error("cannot ask on the terminal")]
    Terminal(#[source] io::Error),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// What was typed is no passphrase.
    #[error("cannot use what was typed")]
    Refused(#[source] PassphraseError),
}

/// Asks on the controlling terminal, without echo. Puts the terminal back as it was, after Ctrl-C too: so that Ctrl-C does
/// not end the process in between, it is read as a character that ends the line.
pub fn ask(prompt: &str) -> Result<Passphrase, PromptError> {
    let terminal = File::options().read(true).write(true).open("/dev/tty").map_err(PromptError::NoTerminal)?;
    let line = {
        let _quiet = Quiet::start(&terminal).map_err(PromptError::Terminal)?;
        (&terminal).write_all(prompt.as_bytes()).map_err(PromptError::Terminal)?;
        let mut line = buffer();
        let read = read_line(&terminal, &mut line);
        let _ = (&terminal).write_all(b"\n");
        read.map_err(PromptError::Terminal)?;
        line
    };
    if line.last() == Some(&CTRL_C) {
        return Err(PromptError::Interrupted);
    }
    Passphrase::new(&line).map_err(PromptError::Refused)
}

/// Reads to the end of a line, of the input, or of the buffer.
fn read_line(mut terminal: &File, line: &mut Vec<u8>) -> io::Result<()> {
    let mut byte = [0];
    while line.len() < line.capacity() {
        match terminal.read(&mut byte) {
            Ok(0) => return Ok(()),
            Ok(_) => line.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if matches!(byte[0], b'\n' | CTRL_C) {
            return Ok(());
        }
    }
    Ok(())
}

/// While it lives the terminal shows nothing of what is typed.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn start(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG;
        quiet.local_modes |= LocalModes::ICANON;
        quiet.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(terminal, OptionalActions::Now, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // Nothing can be done if the terminal has gone.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
