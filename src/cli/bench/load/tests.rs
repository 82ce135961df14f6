//! Loads on servers that answer as a test wants them to.
#![expect(clippy::disallowed_methods, reason = "servers are threads")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::send::{Arrivals, Plan, Sender, Sent};
use super::*;
use crate::ingest::Unwatched;

/// Answers one request after the other with a status after a while. Lives until the test
/// process ends.
fn server(status: &'static str, wait: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let turn = Arc::new(Mutex::new(()));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let turn = Arc::clone(&turn);
            std::thread::spawn(move || serve(stream, status, wait, &turn));
        }
    });
    format!("http://{address}")
}

fn serve(stream: TcpStream, status: &str, wait: Duration, turn: &Mutex<()>) -> Option<()> {
    let mut input = BufReader::new(stream.try_clone().ok()?);
    let mut output = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        input.read_exact(&mut vec![0; length]).ok()?;
        let turn = turn.lock().ok()?;
        std::thread::sleep(wait);
        write!(output, "HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}").ok()?;
        drop(turn);
    }
}

fn load(url: &str, arrivals: Arrivals, requests: u64) -> Sent {
    let plan = Plan {
        url: reqwest::Url::parse(&format!("{url}/v1/search")).unwrap(),
        bodies: vec!["{}".to_owned()],
        identity: None,
        arrivals,
        duration: Duration::from_mins(10),
        requests,
        warmup: 0,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let sender = Sender::new(&plan, runtime.handle().clone(), &Unwatched).unwrap();
    sender.run()
}

#[test]
fn every_request_is_answered_or_an_error() {
    let good = server("200 OK", Duration::ZERO);
    let bad = server("503 Service Unavailable", Duration::ZERO);
    for arrivals in [
        Arrivals::Closed { workers: 3 },
        Arrivals::Open { rate: 1e4 },
    ] {
        let sent = load(&good, arrivals, 20);
        assert_eq!((sent.latencies.len(), sent.errors.len()), (20, 0));
        assert_eq!(sent.bytes, 40);
        let sent = load(&bad, arrivals, 20);
        assert_eq!(sent.latencies.len(), 0);
        assert_eq!(sent.errors["status 503"], 20);
    }
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let sent = load(
        &format!("http://{nobody}"),
        Arrivals::Closed { workers: 1 },
        3,
    );
    assert_eq!(sent.errors["cannot connect"], 3);
}

/// The server takes 20 ms for an answer. A worker that waits for it never sees more; who
/// asks every millisecond sees the queue that people would stand in.
#[test]
fn latency_of_an_open_loop_counts_from_when_it_should_have_been_sent() {
    let slow = server("200 OK", Duration::from_millis(20));
    let sent = load(&slow, Arrivals::Closed { workers: 1 }, 5);
    assert!(sent.latencies.iter().all(|latency| *latency >= 20_000));
    assert!(sent.elapsed >= Duration::from_millis(100));
    let sent = load(&slow, Arrivals::Open { rate: 1_000.0 }, 5);
    // The last of five was to be sent after 4 ms and is answered after 100 ms.
    assert!(sent.latencies.iter().max() >= Some(&96_000));
}

#[test]
fn questions_are_lines_or_objects() {
    let check = |line: &str, expected: Option<&str>| {
        assert_eq!(query_in(line).ok().as_deref(), expected, "{line}");
    };
    check(" care home ", Some("care home"));
    check(r#"{"id": "a1", "text": "care home"}"#, Some("care home"));
    check(r#"{"query": "care home"}"#, Some("care home"));
    check(r#"{"query": " "}"#, None);
    check(r#"{"id": 1}"#, None);
    check("{", None);
}

#[test]
fn only_servers_of_this_machine_are_looked_for() {
    assert_eq!(local_port("http://127.0.0.1:8080"), Some(8080));
    assert_eq!(local_port("http://localhost"), Some(80));
    assert_eq!(local_port("http://[::1]:1"), Some(1));
    assert_eq!(local_port("http://search.example:8080"), None);
    assert_eq!(local_port("x"), None);
}
