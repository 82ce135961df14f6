//! `headwater bench multiply`: a corpus of any size out of a corpus.
//!
//! Every page of the result stands for one of the source: same space, labels, version and
//! place in the tree, as many sections. The sections themselves come from it and two
//! other pages of its space, so that words keep their company and their frequency, and no
//! two pages are alike as wholes. The source is spooled to disk and the result is
//! streamed, so memory holds a few numbers per page of the source and nothing per page of
//! the result. All choices come from the seed and the number of the page.
#![expect(clippy::disallowed_methods, reason = "writes the corpus it makes")]

mod page;
mod pick;
mod sections;
mod spool;

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::write::GzEncoder;
use serde_json::json;

use super::super::out::stdout;
use super::super::progress::{Progress, Unit};
use super::super::watch::Terminal;
use super::super::{Outcome, note};
use super::args::MultiplyArgs;
use crate::export;
use crate::ingest::Watch;
use spool::Spool;

/// Pages between two looks at the clock and the signals.
const STEP: u64 = 256;

pub(crate) fn run(args: &MultiplyArgs) -> Result<Outcome> {
    let terminal = Terminal::new()?;
    let mut source = export::open(&args.from, None)?;
    let spool = Spool::read(&mut *source, &terminal);
    terminal.clear();
    let mut spool = spool?;
    if terminal.stopped() {
        note("stopped; nothing was written");
        return Ok(Outcome::Failed);
    }
    for failure in spool.failures.iter().take(20) {
        note(format_args!("failed: {failure}"));
    }
    if spool.pages() == 0 {
        bail!("{} holds no page with a body", args.from.display());
    }
    let mut output = Output::create(&args.out)?;
    let written = write(&mut spool, args, &mut output, &terminal)?;
    let Written { pages, whole } = written;
    if !whole {
        drop(output);
        note(format_args!(
            "stopped after {pages} pages; nothing was kept"
        ));
        return Ok(Outcome::Failed);
    }
    let bytes = output.finish()?;
    report(&spool, args, pages, bytes)?;
    Ok(if spool.failures.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn report(spool: &Spool, args: &MultiplyArgs, pages: u64, bytes: u64) -> Result<()> {
    let skipped = spool.skipped;
    let source = spool.pages();
    // Standard output is taken where the corpus goes there.
    let taken = args.out == Path::new("-");
    if args.json && !taken {
        let mut out = stdout();
        let _ = out.json(&json!({
            "out": args.out, "pages": pages, "bytes": bytes, "seed": args.seed,
            "source": {"pages": source, "skipped": skipped, "failed": spool.failures.len()},
        }))?;
        out.finish()?;
        return Ok(());
    }
    let line = format!(
        "{pages} pages out of {source}, {bytes} bytes as JSON Lines; {skipped} items that are no \
         current page or blog post in storage format were left out"
    );
    if taken {
        note(line);
    } else {
        let mut out = stdout();
        let _ = out.line(line)?;
        out.finish()?;
    }
    Ok(())
}

struct Written {
    pages: u64,
    /// Nobody stopped it.
    whole: bool,
}

fn write(
    spool: &mut Spool,
    args: &MultiplyArgs,
    output: &mut Output,
    watch: &dyn Watch,
) -> Result<Written> {
    let unit = Unit::Items("pages");
    let mut progress = Progress::stderr("writing", unit, Some(args.count));
    let mut line = Vec::new();
    for number in 0..args.count {
        if number % STEP == 0 {
            progress.report(number, "");
            if watch.stopped() {
                progress.finish("stopped");
                return Ok(Written {
                    pages: number,
                    whole: false,
                });
            }
        }
        line.clear();
        page::write(spool, args.count, args.seed, number, &mut line)?;
        line.push(b'\n');
        if !output.line(&line).context("cannot write the corpus")? {
            // Whoever read it has enough.
            break;
        }
    }
    progress.finish("written");
    Ok(Written {
        pages: args.count,
        whole: true,
    })
}

/// Where the result goes. A file gets its name when it is whole.
struct Output {
    packed: Packed,
    /// Its name while it grows, and at the end.
    names: Option<(PathBuf, PathBuf)>,
    /// Before packing.
    bytes: u64,
}

enum Packed {
    Plain(Box<dyn Write>),
    Gzip(GzEncoder<Box<dyn Write>>),
    Zstd(zstd::Encoder<'static, Box<dyn Write>>),
}

impl Output {
    fn create(path: &Path) -> Result<Self> {
        let (raw, names): (Box<dyn Write>, _) = if path == Path::new("-") {
            (Box::new(io::stdout().lock()), None)
        } else {
            let mut growing = path.as_os_str().to_owned();
            growing.push(".part");
            let growing = PathBuf::from(growing);
            let file = File::create(&growing);
            let file = file.with_context(|| format!("cannot write {}", growing.display()))?;
            (Box::new(file), Some((growing, path.to_owned())))
        };
        let raw: Box<dyn Write> = Box::new(BufWriter::with_capacity(1 << 20, raw));
        let ending = path.extension().and_then(|ending| ending.to_str());
        let packed = match ending {
            Some("gz") => Packed::Gzip(GzEncoder::new(raw, flate2::Compression::default())),
            Some("zst") => Packed::Zstd(zstd::Encoder::new(raw, 3)?),
            _ => Packed::Plain(raw),
        };
        Ok(Self {
            packed,
            names,
            bytes: 0,
        })
    }

    /// `false`: the reader of standard output went away.
    fn line(&mut self, line: &[u8]) -> io::Result<bool> {
        let writer: &mut dyn Write = match &mut self.packed {
            Packed::Plain(writer) => writer,
            Packed::Gzip(writer) => writer,
            Packed::Zstd(writer) => writer,
        };
        match writer.write_all(line) {
            Ok(()) => {
                self.bytes += line.len() as u64;
                Ok(true)
            }
            Err(error) if self.gone(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn gone(&self, error: &io::Error) -> bool {
        self.names.is_none() && error.kind() == ErrorKind::BrokenPipe
    }

    /// Gives a file its name; says how many bytes the lines had.
    fn finish(mut self) -> Result<u64> {
        let nothing = Packed::Plain(Box::new(io::sink()));
        let ended = match std::mem::replace(&mut self.packed, nothing) {
            Packed::Plain(mut writer) => writer.flush(),
            Packed::Gzip(writer) => writer.finish().and_then(|mut writer| writer.flush()),
            Packed::Zstd(writer) => writer.finish().and_then(|mut writer| writer.flush()),
        };
        match ended {
            Err(error) if !self.gone(&error) => {
                return Err(error).context("cannot write the corpus");
            }
            _ => {}
        }
        if let Some((growing, path)) = self.names.take() {
            let named = fs::rename(&growing, &path);
            named.with_context(|| format!("cannot name {}", path.display()))?;
        }
        Ok(self.bytes)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some((growing, _)) = &self.names {
            // What is not whole has no use; nobody can be told that it stays.
            let _ = fs::remove_file(growing);
        }
    }
}
