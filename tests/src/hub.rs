//! A server in Hugging Face's place.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::workspace;

/// Serves the model in the program as `a/b/small model.safetensors` and, slowly, as `a/b/slow.safetensors`; a page in a model's place; and what Hugging
/// Face says of the repository. Its address.
pub fn hub() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        let model = std::fs::read(workspace().join("assets/models/tiny.safetensors")).expect("the model in the program");
        for stream in listener.incoming().flatten() {
            let model = model.clone();
            thread::spawn(move || answer(stream, &model));
        }
    });
    address
}

fn answer(mut stream: TcpStream, model: &[u8]) {
    let mut head = String::new();
    let mut lines = BufReader::new(&stream);
    while lines.read_line(&mut head).is_ok_and(|length| length > 2) {}
    let (status, body) = match head.split(' ').nth(1).unwrap_or_default() {
        "/api/models/a/b" => ("200 OK", br#"{"cardData": {"license": "cc-by-nc-sa-4.0"}}"#.as_slice()),
        "/a/b/resolve/main/small%20model.safetensors" | "/a/b/resolve/main/slow.safetensors" => ("200 OK", model),
        "/a/b/resolve/main/page.safetensors" => ("200 OK", b"<html>sign in</html>".as_slice()),
        _ => ("404 Not Found", b"".as_slice()),
    };
    let pause = Duration::from_millis(if head.contains("slow") { 20 } else { 0 });
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    // The client may have had enough.
    let mut sent = stream.write_all(head.as_bytes());
    for piece in body.chunks(1 << 16) {
        sent = sent.and_then(|()| stream.write_all(piece));
        thread::sleep(pause);
    }
}
