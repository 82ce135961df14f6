//! What a child process writes, taken in as it comes so that no pipe fills up.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Nothing here takes a twentieth of it; only what hangs gets there.
pub(crate) const HANGS: Duration = Duration::from_mins(5);

/// One output of a child.
pub(crate) struct Pipe {
    lines: Receiver<String>,
    /// Taken in so far.
    text: String,
}

impl Pipe {
    pub(crate) fn new(pipe: impl Read + Send + 'static) -> Self {
        let (send, lines) = channel();
        std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = String::new();
            while pipe.read_line(&mut line).is_ok_and(|length| length > 0) {
                // Reads on though nobody listens: a full pipe would stop the child.
                let _ = send.send(std::mem::take(&mut line));
            }
        });
        let text = String::new();
        Self { lines, text }
    }

    /// The first line with these words; `None` when the output ends before.
    pub(crate) fn until(&mut self, words: &str) -> Option<String> {
        loop {
            let line = self.lines.recv_timeout(HANGS).ok()?;
            self.text += &line;
            if line.contains(words) {
                return Some(line);
            }
        }
    }

    /// All of it, to its end; `None` when the end does not come.
    pub(crate) fn whole(&mut self) -> Option<&str> {
        loop {
            match self.lines.recv_timeout(HANGS) {
                Ok(line) => self.text += &line,
                Err(RecvTimeoutError::Disconnected) => return Some(&self.text),
                Err(RecvTimeoutError::Timeout) => return None,
            }
        }
    }

    /// What was taken in so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Sends a signal to a child by name, such as `INT`.
pub(crate) fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{name}")).arg(child.id().to_string());
    kill.status().expect("kill can be run");
}
