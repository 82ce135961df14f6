//! The program itself, run as people run it: arguments in; exit code, standard output and
//! standard error out.
//!
//! Nothing of this machine reaches it: no variables, no settings, a home of its own. What
//! hangs is killed and fails; what panics fails, whatever else it answers.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::pipe::{self, Pipe};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    /// `None`: a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Fails the test unless the run ended so.
    #[track_caller]
    pub(crate) fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.err, self.out);
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.out) {
            Ok(value) => value,
            Err(error) => panic!("{error}:\n{}\n{}", self.out, self.err),
        }
    }

    /// Standard output as one JSON document a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("JSON in each line"))
            .collect()
    }
}

/// A data directory of its own, gone at the end.
pub(crate) struct Data(TempDir);

impl Data {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder for data"))
    }

    /// One that holds these sources.
    pub(crate) fn of(sources: &[&Path]) -> Self {
        let data = Self::new();
        for source in sources {
            data.reindex(source).with_code(0);
        }
        data
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn reindex(&self, source: &Path) -> Ran {
        self.run(["reindex".as_ref(), "--from".as_ref(), source.as_os_str()])
    }

    /// The report of `reindex --json`.
    #[track_caller]
    pub(crate) fn reindex_json(&self, source: &Path) -> Value {
        let from = source.to_str().expect("paths of tests are text");
        self.run(["reindex", "--json", "--from", from])
            .with_code(0)
            .json()
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run_with(args, b"")
    }

    /// With something on standard input.
    pub(crate) fn run_with<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Ran {
        self.spawn(args).end(input)
    }

    pub(crate) fn spawn<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Running {
        let mut command = program(self.path());
        command.args(args);
        Running::new(&mut command)
    }

    /// The answer to a question, with these further arguments.
    #[track_caller]
    pub(crate) fn search(&self, question: &str, args: &[&str]) -> Value {
        let asked = ["search", "--json", question];
        let ran = self.run(asked.iter().chain(args));
        assert!(matches!(ran.code, Some(0 | 3)), "{question}: {ran:?}");
        ran.json()
    }

    /// Ids of the documents that a question finds, best first.
    #[track_caller]
    pub(crate) fn found(&self, question: &str) -> Vec<String> {
        let all = ["--cutoff", "none", "--limit", "50", "--no-dedupe"];
        let answer = self.search(question, &all);
        super::ids(&answer)
    }

    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        self.run(["status", "--json"]).json()
    }

    /// Another one with the same content.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        copy_folder(self.path(), copy.path());
        copy
    }
}

/// The program on a data directory.
fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.env_clear().env("HOME", data).current_dir(data);
    command.arg("--data").arg(data);
    command
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    let mut open = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = open.pop() {
        std::fs::create_dir_all(&to).expect("a folder for the copy");
        for entry in from.read_dir().expect("a folder to copy") {
            let entry = entry.expect("an entry to copy");
            let target: PathBuf = to.join(entry.file_name());
            if entry.path().is_dir() {
                open.push((entry.path(), target));
            } else {
                std::fs::copy(entry.path(), &target).expect("a file to copy");
            }
        }
    }
}

/// A run that has not ended. Dropping it kills the process.
pub(crate) struct Running {
    child: Child,
    out: Pipe,
    err: Pipe,
}

impl Running {
    fn new(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let out = Pipe::new(child.stdout.take().expect("piped"));
        let err = Pipe::new(child.stderr.take().expect("piped"));
        Self { child, out, err }
    }

    pub(crate) fn signal(&self, name: &str) {
        pipe::signal(&self.child, name);
    }

    /// Waits for a line on standard error; false when the run ends before.
    pub(crate) fn says(&mut self, words: &str) -> bool {
        self.err.until(words).is_some()
    }

    /// The end, whenever it comes.
    pub(crate) fn end(mut self, input: &[u8]) -> Ran {
        let mut stdin = self.child.stdin.take().expect("piped");
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // A program that does not read its input may end before it is written.
                let _ = stdin.write_all(input);
            });
            let hung = self.out.whole().is_none() || self.err.whole().is_none();
            if hung {
                let _ = self.child.kill();
            }
            let code = self.child.wait().expect("a child").code();
            let (out, err) = (self.out.text().to_owned(), self.err.text().to_owned());
            assert!(!hung, "it hung, and was killed\n{out}\n{err}");
            assert!(!err.contains("panicked at"), "{err}");
            Ran { code, out, err }
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
