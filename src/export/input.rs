//! Opens one file: counts what is consumed of it, unpacks it, skips a byte order mark.
//!
//! The first bytes tell the packing, so a wrong ending does no harm.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::files::Folder;

/// Windows up to 128 MiB: the default of 8 MiB refuses files packed with `--long`.
const ZSTD_WINDOW_LOG: u32 = 27;
const BUFFER: usize = 128 * 1024;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// Tells the packing by the first bytes of a file.
pub(crate) fn packing(head: &[u8]) -> Packing {
    match head {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        _ => Packing::Plain,
    }
}

/// Bytes consumed of all files together, before unpacking.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<AtomicU64>);

impl Progress {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted<R> {
    inner: R,
    progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.progress.0.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// The unpacked bytes of a file.
pub(crate) struct Input(Box<dyn BufRead + Send>);

impl Input {
    pub(crate) fn open(folder: &dyn Folder, name: &str, progress: &Progress) -> io::Result<Self> {
        let counted = Counted {
            inner: folder.open(name)?,
            progress: progress.clone(),
        };
        let mut packed = BufReader::with_capacity(BUFFER, counted);
        let mut input = match packing(packed.fill_buf()?) {
            Packing::Gzip => Self::buffered(MultiGzDecoder::new(packed)),
            Packing::Zstd => {
                let mut unpacked = zstd::Decoder::with_buffer(packed)?;
                unpacked.window_log_max(ZSTD_WINDOW_LOG)?;
                Self::buffered(unpacked)
            }
            Packing::Plain => Self(Box::new(packed)),
        };
        if input.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
            input.consume("\u{feff}".len());
        }
        Ok(input)
    }

    fn buffered(reader: impl Read + Send + 'static) -> Self {
        Self(Box::new(BufReader::with_capacity(BUFFER, reader)))
    }
}

impl Read for Input {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}
