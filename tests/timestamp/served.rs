//! Authorities behind HTTP: those that answer, and those that do not as they should.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::authority::{Authority, Keys};
use crate::bench::{bench, seal};
use crate::desk::{Desk, text};
use crate::{members, verified};

/// A server that treats each connection, by its number, as it is told.
struct Server {
    url: String,
    count: Arc<AtomicUsize>,
}

type Serve = dyn Fn(usize, Vec<u8>, &mut TcpStream) + Send;

impl Server {
    fn start(serve: Box<Serve>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/tsa", listener.local_addr().expect("an address"));
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        // Ends with the test's process: it has no other way to end while it waits for a connection.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let query = request(&mut stream);
                serve(number, query, &mut stream);
            }
        });
        Self { url, count }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

/// The body of a request, which says what it must.
fn request(stream: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    loop {
        let len = stream.read(&mut piece).unwrap_or(0);
        bytes.extend_from_slice(&piece[..len]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            if len == 0 {
                return Vec::new();
            }
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        assert!(head.starts_with("post /tsa ") && head.contains("content-type: application/timestamp-query"), "{head}");
        let stated = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body_len: usize = stated.expect("a length").trim().parse().expect("a number");
        if bytes.len() >= end + 4 + body_len {
            return bytes[end + 4..].to_vec();
        }
    }
}

fn send(stream: &mut TcpStream, status: &str, kind: &str, body: &[u8]) {
    let len = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n");
    // Whoever hangs up has seen enough.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

const REPLY: &str = "application/timestamp-reply";

/// Answers after so many failures of this kind.
fn after(failures: usize, fail: fn(&mut TcpStream)) -> (Server, Arc<Mutex<Authority>>) {
    let authority = Arc::new(Mutex::new(Authority::new(Keys::P256)));
    let its = Arc::clone(&authority);
    let server = Server::start(Box::new(move |number, query, stream| match number < failures {
        true => fail(stream),
        false => send(stream, "200 OK", REPLY, &its.lock().expect("it").reply("tsa", &query)),
    }));
    (server, authority)
}

fn sealed() -> Desk {
    let desk = bench();
    seal(&desk, &[]);
    desk
}

fn assert_fails(serve: impl Fn(&mut TcpStream) + Send + 'static, more: &[&str], code: i32, words: &[&str]) -> usize {
    let server = Server::start(Box::new(move |_, _, stream| serve(stream)));
    let desk = sealed();
    let output = desk.run(&[&["timestamp", "get", "x.scelle", "--url", &server.url], more].concat());
    desk.assert_refused(&output, code, words);
    assert!(members(&desk, "timestamps/").is_empty());
    server.count()
}

#[test]
fn an_authority_is_asked_and_its_answer_added() {
    let (server, authority) = after(0, |_| ());
    let desk = sealed();
    std::fs::write(desk.path("root.pem"), authority.lock().expect("it").read("ca.pem")).expect("a file");
    let args = ["timestamp", "get", "x.scelle", "--url", &server.url, "--timestamp-root", "root.pem"];
    let output = desk.run(&args);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let (code, json) = verified(&desk, &["--signer", "officer.pub", "--timestamp-root", "root.pem"]);
    assert_eq!((code, &json["areas"]["time"]), (0, &"passed".into()));
    // Asked again, the nonce is another one, and so is the answer.
    assert!(desk.run(&args).status.success());
    assert_eq!((members(&desk, "timestamps/").len(), server.count()), (2, 2));
}

#[test]
fn one_that_cannot_answer_now_is_asked_again_and_then_no_more() {
    let fail: fn(&mut TcpStream) = |stream| send(stream, "503 Service Unavailable", "text/html", b"later");
    let (server, _authority) = after(2, fail);
    let output = sealed().run(&["timestamp", "get", "x.scelle", "--url", &server.url]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!((server.count(), text(&output.stderr).matches("asking again").count()), (3, 2));
    assert_eq!(assert_fails(fail, &["--retries", "1"], 2, &["answered with status 503", "hint: "]), 2);
    // One that hangs up is asked again too.
    let (server, _authority) = after(1, |_| ());
    assert!(sealed().run(&["timestamp", "get", "x.scelle", "--url", &server.url]).status.success());
    assert_eq!(server.count(), 2);
}

#[test]
fn what_is_no_answer_is_not_taken_for_one() {
    let once = |serve: fn(&mut TcpStream), code, words: &[&str]| assert_eq!(assert_fails(serve, &[], code, words), 1);
    once(|stream| send(stream, "200 OK", "text/html", b"<html>"), 2, &["answered with text/html"]);
    once(|stream| send(stream, "404 Not Found", REPLY, b""), 2, &["answered with status 404"]);
    once(|stream| send(stream, "200 OK", REPLY, b"junk"), 3, &["is no time-stamp response"]);
    once(|stream| send(stream, "200 OK", REPLY, &vec![0; (2 << 20) + 1]), 2, &["more than 2097152 bytes"]);
    let elsewhere: fn(&mut TcpStream) = |stream| {
        let _ = stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    };
    once(elsewhere, 2, &["answered with status 302", "ask elsewhere"]);
}

#[test]
fn an_answer_without_end_and_one_that_never_comes_are_given_up() {
    let endless: fn(&mut TcpStream) = |stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {REPLY}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(&[0x30; 65536]).is_ok() {}
    };
    assert_fails(endless, &[], 2, &["more than 2097152 bytes"]);
    let start = Instant::now();
    let slow: fn(&mut TcpStream) = |stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {REPLY}\r\nContent-Length: 1000\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(&[0x30]).is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    assert_fails(slow, &["--timeout", "1", "--retries", "0"], 2, &["cannot ask"]);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn nobody_at_home_and_no_address_are_told_apart() {
    let desk = sealed();
    let get = |url: &str| desk.run(&["timestamp", "get", "x.scelle", "--url", url, "--retries", "0"]);
    desk.assert_refused(&get("http://127.0.0.1:1/"), 2, &["cannot ask http://127.0.0.1:1/"]);
    desk.assert_refused(&get("not an address"), 3, &["--url takes an address"]);
}
