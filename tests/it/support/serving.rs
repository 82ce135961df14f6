//! A running server and a client that speaks just enough HTTP, both on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// As for runs: only what hangs gets there.
const HANGS: Duration = Duration::from_secs(300);

/// `headwater serve` on a free port. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    out: Receiver<String>,
    err: Receiver<String>,
}

/// An answer over HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
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
        let out = lines(child.stdout.take().expect("piped"));
        let err = lines(child.stderr.take().expect("piped"));
        let mut said = Vec::new();
        let address = loop {
            let line = err.recv_timeout(HANGS);
            let Ok(line) = line else {
                let _ = child.kill();
                panic!("it does not listen: {said:#?}");
            };
            if let Some(address) = address_in(&line) {
                break address;
            }
            said.push(line);
        };
        Self {
            child,
            address,
            out,
            err,
        }
    }

    /// What standard output has up to a line with these words.
    pub(crate) fn out_until(&self, words: &str) -> String {
        let mut text = String::new();
        loop {
            let line = self.out.recv_timeout(HANGS);
            let line = line.unwrap_or_else(|_| panic!("no `{words}` in\n{text}"));
            text += &line;
            text.push('\n');
            if line.contains(words) {
                return text;
            }
        }
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
        let mut request = format!("{line}\r\nHost: {}\r\nConnection: close\r\n", self.address);
        if let Some(user) = user {
            request += &format!("Headwater-User: {user}\r\n");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            let length = body.len();
            request += &format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
        }
        let mut stream = self.connect();
        let request = format!("{request}\r\n{body}");
        stream.write_all(request.as_bytes()).expect("it listens");
        answer(stream)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        let hangs = stream.set_read_timeout(Some(HANGS));
        hangs.expect("a time-out that is not zero");
        stream
    }

    /// Sends a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        sent.expect("kill can be run");
    }

    /// The exit code and what was said on standard error since it listens.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        loop {
            match self.err.recv_timeout(HANGS) {
                Ok(line) => said = said + &line + "\n",
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    panic!("it does not end: {said}")
                }
            }
        }
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
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listens on http://")?;
    rest.split(' ').next()?.parse().ok()
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (send, received) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // Read on though nobody listens: a full pipe would stop the server.
            let _ = send.send(line);
        }
    });
    received
}
