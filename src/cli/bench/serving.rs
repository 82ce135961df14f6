//! A server that `bench load` starts for itself: this program again, on a free port.
//!
//! A process of its own, so that its CPU and memory are those of a server. It dies with
//! the command.
#![expect(clippy::disallowed_methods, reason = "starts this program again")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// A running server over a data directory.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(data: &Path) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut child = Command::new(program)
            .arg("--data")
            .arg(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start a server")?;
        let mut said = BufReader::new(child.stderr.take().context("no standard error")?);
        let mut before = String::new();
        let mut serving = Self {
            child,
            url: String::new(),
        };
        loop {
            let mut line = String::new();
            if said.read_line(&mut line)? == 0 {
                bail!("the server did not start: {}", before.trim());
            }
            if let Some(url) = address_in(&line) {
                url.clone_into(&mut serving.url);
                break;
            }
            before.push_str(&line);
        }
        // Its log is read away, or it would wait for somebody to do so.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Ok(serving)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Both fail where it has ended, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address_in(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("listens on ")?;
    rest.split_whitespace().next()
}
