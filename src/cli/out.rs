//! Data on its way to standard output.
//!
//! A reader that goes away (`headwater search … | head -1`) is a normal end, so a broken
//! pipe is not an error here: it says [`Flow::Stop`]. Messages do not come this way;
//! they go to standard error.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

/// Whether somebody still reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Flow {
    Continue,
    /// The reader went away; nothing more needs to be made.
    Stop,
}

/// Where a command writes what it was asked for.
pub(crate) struct Out<W> {
    writer: W,
    closed: bool,
}

/// Buffered standard output.
pub(crate) fn stdout() -> Out<io::BufWriter<io::StdoutLock<'static>>> {
    Out::new(io::BufWriter::new(io::stdout().lock()))
}

impl<W: Write> Out<W> {
    pub(crate) fn new(writer: W) -> Self {
        Self {
            writer,
            closed: false,
        }
    }

    /// One line of text.
    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> io::Result<Flow> {
        self.write(|writer| writeln!(writer, "{text}"))
    }

    /// Text as it is.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<Flow> {
        self.write(|writer| writer.write_all(text.as_bytes()))
    }

    /// One JSON document over several lines (`--json`).
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<Flow> {
        self.write(|writer| {
            serde_json::to_writer_pretty(&mut *writer, value)?;
            writeln!(writer)
        })
    }

    /// One JSON document in one line (`--jsonl`).
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> io::Result<Flow> {
        self.write(|writer| {
            serde_json::to_writer(&mut *writer, value)?;
            writeln!(writer)
        })
    }

    /// Hands on what is buffered. To be called before the program ends; dropping a
    /// buffer hides errors such as a full disk.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.write(Write::flush).map(|_| ())
    }

    fn write(&mut self, write: impl FnOnce(&mut W) -> io::Result<()>) -> io::Result<Flow> {
        if self.closed {
            return Ok(Flow::Stop);
        }
        match write(&mut self.writer) {
            Ok(()) => Ok(Flow::Continue),
            Err(err) if err.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(Flow::Stop)
            }
            Err(err) => Err(err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes some bytes, then fails.
    struct Pipe {
        room: usize,
        end: ErrorKind,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.room == 0 {
                return Err(self.end.into());
            }
            let taken = bytes.len().min(self.room);
            self.room -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_goes_away_is_a_normal_end() {
        let mut out = Out::new(Pipe {
            room: 6,
            end: ErrorKind::BrokenPipe,
        });
        assert_eq!(out.line("first").unwrap(), Flow::Continue);
        assert_eq!(out.json_line(&[1]).unwrap(), Flow::Stop);
        assert_eq!(out.line("third").unwrap(), Flow::Stop);
        out.finish().unwrap();
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut out = Out::new(Pipe {
            room: 2,
            end: ErrorKind::StorageFull,
        });
        assert!(out.json(&"text").is_err());
    }

    #[test]
    fn lines_of_json_are_lines() {
        let mut bytes = Vec::new();
        let mut out = Out::new(&mut bytes);
        let _ = out.json_line(&serde_json::json!({"a": "x\ny"})).unwrap();
        out.finish().unwrap();
        assert_eq!(bytes, b"{\"a\":\"x\\ny\"}\n");
    }
}
