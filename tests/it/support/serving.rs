//! A running server and a client that speaks just enough HTTP, both on this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::pipe::{self, HANGS, Pipe};

/// `headwater serve` on a free port. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    out: Pipe,
    err: Pipe,
}

/// An answer over HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Response {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Server {
    /// Serves a data directory.
    pub(crate) fn of(data: &Path) -> Self {
        Self::start(data, &[])
    }

    /// With further arguments.
    pub(crate) fn start(data: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .env_clear()
            .env("HOME", data)
            .arg("--data")
            .arg(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let out = Pipe::new(child.stdout.take().expect("piped"));
        let mut err = Pipe::new(child.stderr.take().expect("piped"));
        let line = err.until("listens on http://");
        let Some(address) = line.and_then(|line| address_in(&line)) else {
            let _ = child.kill();
            panic!("it does not listen: {}", err.text());
        };
        Self {
            child,
            address,
            out,
            err,
        }
    }

    /// What standard output has up to a line with these words.
    pub(crate) fn out_until(&mut self, words: &str) -> &str {
        let found = self.out.until(words).is_some();
        assert!(found, "no `{words}` in\n{}", self.out.text());
        self.out.text()
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.get_as(path, None)
    }

    /// On somebody's behalf.
    pub(crate) fn get_as(&self, path: &str, user: Option<&str>) -> Response {
        self.ask(&format!("GET {path} HTTP/1.1"), user, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Response {
        self.post_as(path, body, None)
    }

    pub(crate) fn post_as(&self, path: &str, body: &Value, user: Option<&str>) -> Response {
        self.ask(&format!("POST {path} HTTP/1.1"), user, Some(body))
    }

    fn ask(&self, line: &str, user: Option<&str>, body: Option<&Value>) -> Response {
        let host = self.address;
        let user = user.map(|user| format!("Headwater-User: {user}\r\n"));
        let body = body.map(Value::to_string);
        let kind = body.as_ref().map(|body| {
            let length = body.len();
            format!("Content-Type: application/json\r\nContent-Length: {length}\r\n")
        });
        let (user, kind) = (user.unwrap_or_default(), kind.unwrap_or_default());
        let body = body.unwrap_or_default();
        let mut stream = self.connect();
        let request =
            format!("{line}\r\nHost: {host}\r\nConnection: close\r\n{user}{kind}\r\n{body}");
        stream.write_all(request.as_bytes()).expect("it listens");
        answer(stream)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        let hangs = stream.set_read_timeout(Some(HANGS));
        hangs.expect("a time-out that is not zero");
        stream
    }

    pub(crate) fn signal(&self, name: &str) {
        pipe::signal(&self.child, name);
    }

    /// The exit code and what was said on standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let ended = self.err.whole().is_some();
        let said = self.err.text().to_owned();
        assert!(ended, "it does not end: {said}");
        let code = self.child.wait().expect("a child").code();
        assert!(!said.contains("panicked at"), "{said}");
        (code, said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail where it has ended, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer that a connection gives until it is closed.
pub(crate) fn answer(mut stream: TcpStream) -> Response {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Response {
        status: status.expect("a status"),
        body: body.to_owned(),
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listens on http://")?;
    rest.split(' ').next()?.parse().ok()
}
