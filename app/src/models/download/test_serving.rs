//! A server in this process, for tests.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

/// Heads of the requests so far, each in one text.
pub type Heads = Arc<Mutex<Vec<String>>>;

/// Starts a server that answers each request's head by `answer`, and gives its address and the heads it saw.
pub fn serve(mut answer: impl FnMut(usize, &str) -> Vec<u8> + Send + 'static) -> (String, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heads = Heads::default();
    let seen = heads.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = String::new();
            let mut lines = BufReader::new(&stream);
            while lines.read_line(&mut head).unwrap() > 2 {}
            let mut seen = seen.lock().unwrap();
            let bytes = answer(seen.len(), &head);
            seen.push(head);
            drop(seen);
            // The client may have had enough.
            let _ = stream.write_all(&bytes);
        }
    });
    (address, heads)
}

pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub fn value<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// A file as a good server sends it: from where it is wanted, if it is still the one with that tag.
pub fn file(head: &str, content: &[u8], tag: &str) -> Vec<u8> {
    let start = value(head, "range")
        .filter(|_| value(head, "if-range") == Some(tag))
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let size = content.len();
    match start {
        None => answer("200 OK", &format!("ETag: {tag}\r\n"), content),
        Some(start) if start < size => {
            let range = format!("ETag: {tag}\r\nContent-Range: bytes {start}-{}/{size}\r\n", size - 1);
            answer("206 Partial Content", &range, &content[start..])
        }
        Some(_) => answer(
            "416 Range Not Satisfiable",
            &format!("Content-Range: bytes */{size}\r\n"),
            b"",
        ),
    }
}
