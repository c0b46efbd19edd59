//! Downloads from a server in this process that behaves as servers do.

use std::net::TcpListener;
use std::thread;

use super::test_serving::{answer, file, serve, value};
use super::*;

fn content(seed: u8) -> Vec<u8> {
    (0..300_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 ^ seed)
        .collect()
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

const PATIENCE: Patience = Patience {
    tries: 3,
    pause: Duration::from_millis(1),
    unnamed: 1 << 20,
};

/// Fetches into a folder; the file as it came.
fn fetch(folder: &Path, url: &str, sha256: Option<&str>, patience: Patience) -> Result<(Vec<u8>, bool), DownloadError> {
    let place = folder.join("model.bin");
    let downloaded = download(&agent(), url, &place, sha256, patience, &mut |_| ControlFlow::Continue(()))?;
    assert_eq!(downloaded.partial, folder.join("model.bin.partial"));
    let came = fs::read(&downloaded.partial).unwrap();
    assert_eq!(
        (came.len() as u64, blake3::hash(&came).to_hex().to_string()),
        (downloaded.size, downloaded.blake3.clone())
    );
    let checked = downloaded.checked;
    downloaded.settle();
    assert!(!folder.join("model.bin.partial.tag").exists());
    Ok((came, checked))
}

#[test]
fn a_file_comes_whole_through_a_redirection_that_names_its_hash() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, heads) = serve(move |_, head| match head.starts_with("GET /store/") {
        true => file(head, &sent, "\"v1\""),
        false => {
            let headers = format!("Location: /store/file\r\nX-Linked-Etag: \"{}\"\r\n", sha256(&sent));
            answer("302 Found", &headers, b"over there")
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let mut reported = Vec::new();
    let place = folder.path().join("model.bin");
    let url = format!("{server}/a/b");
    let downloaded = download(&agent(), &url, &place, None, PATIENCE, &mut |progress| {
        reported.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(downloaded.checked);
    assert_eq!(fs::read(&downloaded.partial).unwrap(), wanted);
    let total = wanted.len() as u64;
    assert!(reported.contains(&Progress::Received {
        bytes: total,
        total: Some(total)
    }));
    assert_eq!(reported.last(), Some(&Progress::Checked { bytes: total, total }));
    assert_eq!(heads.lock().unwrap().len(), 2);
}

#[test]
fn a_transfer_that_breaks_goes_on_where_it_was() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, heads) = serve(move |number, head| {
        let mut bytes = file(head, &sent, "\"v1\"");
        if number < 2 {
            bytes.truncate(100_000);
        }
        bytes
    });
    let folder = tempfile::tempdir().unwrap();
    let (came, checked) = fetch(folder.path(), &server, None, PATIENCE).unwrap();
    assert!(came == wanted && !checked);
    let heads = heads.lock().unwrap();
    let starts: Vec<usize> = heads
        .iter()
        .map(|head| value(head, "range").map_or(0, |range| range["bytes=".len()..].trim_end_matches('-').parse().unwrap()))
        .collect();
    assert_eq!((starts.len(), starts[0]), (3, 0));
    assert!(0 < starts[1] && starts[1] < starts[2], "{starts:?}");
    assert_eq!(value(&heads[1], "if-range"), Some("\"v1\""));
}

#[test]
fn a_later_call_goes_on_unless_the_file_has_changed() {
    for changed in [false, true] {
        let (old, new) = (content(0), content(if changed { 7 } else { 0 }));
        let wanted = new.clone();
        let (server, heads) = serve(move |number, head| match number {
            0 => file(head, &old, "\"v1\"")[..150_000].to_vec(),
            _ => file(head, &new, if changed { "\"v2\"" } else { "\"v1\"" }),
        });
        let folder = tempfile::tempdir().unwrap();
        let impatient = Patience { tries: 1, ..PATIENCE };
        let error = fetch(folder.path(), &server, None, impatient).unwrap_err();
        assert!(matches!(error, DownloadError::Broken { .. }), "{error}");
        assert!(!folder.path().join("model.bin").exists());
        let (came, _) = fetch(folder.path(), &server, Some(&sha256(&wanted)), impatient).unwrap();
        assert!(came == wanted, "{changed}");
        assert!(value(&heads.lock().unwrap()[1], "range").is_some());
    }
}

#[test]
fn a_server_without_ranges_or_tags_sends_it_again() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, heads) = serve(move |number, _| {
        let mut bytes = answer("200 OK", "", &sent);
        if number == 0 {
            bytes.truncate(100_000);
        }
        bytes
    });
    let folder = tempfile::tempdir().unwrap();
    let (came, checked) = fetch(folder.path(), &server, None, PATIENCE).unwrap();
    assert!(came == wanted && !checked);
    assert_eq!(value(&heads.lock().unwrap()[1], "range"), None);
}

#[test]
fn what_is_whole_already_is_only_checked() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, _) = serve(move |_, head| file(head, &sent, "\"v1\""));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.bin.partial"), &wanted).unwrap();
    fs::write(folder.path().join("model.bin.partial.tag"), "\"v1\"").unwrap();
    let (came, checked) = fetch(folder.path(), &server, Some(&sha256(&wanted)), PATIENCE).unwrap();
    assert!(came == wanted && checked);
}

#[test]
fn what_came_whole_from_another_address_is_not_taken_for_it() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, heads) = serve(move |_, _| answer("200 OK", "", &sent));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.bin.partial"), content(7)).unwrap();
    let elsewhere = whole_from("https://example.org/model.bin");
    fs::write(folder.path().join("model.bin.partial.tag"), elsewhere).unwrap();
    assert!(fetch(folder.path(), &server, None, PATIENCE).unwrap().0 == wanted);
    assert_eq!(value(&heads.lock().unwrap()[0], "if-range"), None);
}

#[test]
fn a_part_that_was_not_asked_for_is_not_stitched_on() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, _) = serve(move |number, head| match number {
        0 => file(head, &sent, "\"v1\"")[..100_000].to_vec(),
        1 => answer("206 Partial Content", "Content-Range: bytes 5-9/300000\r\n", b"wrong"),
        _ => file(head, &sent, "\"v1\""),
    });
    let folder = tempfile::tempdir().unwrap();
    assert!(fetch(folder.path(), &server, None, PATIENCE).unwrap().0 == wanted);
}

#[test]
fn a_wrong_hash_throws_the_file_away() {
    let sent = content(0);
    let (server, _) = serve(move |_, head| file(head, &sent, "\"v1\""));
    let folder = tempfile::tempdir().unwrap();
    let error = fetch(folder.path(), &server, Some(&sha256(b"another")), PATIENCE).unwrap_err();
    assert!(error.to_string().contains(&sha256(&content(0))), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn passing_troubles_are_borne_and_others_are_not() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, heads) = serve(move |number, head| match number {
        0 | 1 => answer("503 Service Unavailable", "", b"busy"),
        _ => file(head, &sent, "\"v1\""),
    });
    let folder = tempfile::tempdir().unwrap();
    assert!(fetch(folder.path(), &server, None, PATIENCE).unwrap().0 == wanted);
    assert_eq!(heads.lock().unwrap().len(), 3);

    for (status, words) in [("404 Not Found", "no such file"), ("401 Unauthorized", "account")] {
        let (server, heads) = serve(move |_, _| answer(status, "", b""));
        let error = fetch(folder.path(), &server, None, PATIENCE).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert_eq!(heads.lock().unwrap().len(), 1);
    }

    let (server, _) = serve(|_, _| answer("302 Found", "Location: /again\r\n", b""));
    let error = fetch(folder.path(), &server, None, PATIENCE).unwrap_err();
    assert!(matches!(error, DownloadError::Redirects { .. }), "{error}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = fetch(folder.path(), &nobody, None, PATIENCE).unwrap_err();
    assert!(matches!(error, DownloadError::Unreachable { .. }), "{error}");
}

#[test]
fn two_processes_do_not_write_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let other = File::create(folder.path().join("model.bin.partial.tag")).unwrap();
    other.lock().unwrap();
    let error = fetch(folder.path(), "http://127.0.0.1:1", None, PATIENCE).unwrap_err();
    assert!(matches!(error, DownloadError::Busy { .. }), "{error}");
}

#[test]
fn a_server_that_never_ends_is_broken_off() {
    let (server, _) = serve(|_, _| {
        let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        [head.as_slice(), &vec![7; 2 << 20]].concat()
    });
    let folder = tempfile::tempdir().unwrap();
    let error = fetch(folder.path(), &server, None, PATIENCE).unwrap_err();
    assert!(matches!(error, DownloadError::Endless { most: 0x10_0000, .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A server that sends `bytes` and then nothing, and never hangs up.
fn stalled(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut streams = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.write_all(&bytes).unwrap();
            streams.push(stream);
        }
    });
    address
}

#[test]
fn a_connection_that_stands_still_is_cancelled() {
    let mut sent = answer("200 OK", "ETag: \"v1\"\r\n", &content(0));
    sent.truncate(100_000);
    // Before the head, and in the midst of the file.
    for (sent, kept) in [(Vec::new(), false), (sent, true)] {
        let server = stalled(sent);
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("model.bin");
        let mut last = None;
        let error = download(&agent(), &server, &place, None, PATIENCE, &mut |progress| {
            // Asked twice without anything new: it stands still, or is slow, which is as well.
            let comes = kept && matches!(progress, Progress::Received { bytes: 0, .. });
            if last.replace(progress) != Some(progress) || comes {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
        .unwrap_err();
        assert!(matches!(error, DownloadError::Cancelled { .. }), "{error}");
        assert_eq!(folder.path().join("model.bin.partial").exists(), kept);
    }
    let mut asked = 0;
    let text = read_text(&agent(), &stalled(Vec::new()), &mut || {
        asked += 1;
        if asked < 3 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    assert!(matches!(text, Err(DownloadError::Cancelled { .. })));
}

#[test]
fn a_pause_between_tries_is_cancelled() {
    let (server, heads) = serve(|_, _| answer("503 Service Unavailable", "", b"busy"));
    let folder = tempfile::tempdir().unwrap();
    let patience = Patience {
        pause: Duration::from_secs(100_000),
        ..PATIENCE
    };
    let seen = heads.clone();
    let place = folder.path().join("model.bin");
    let error = download(&agent(), &server, &place, None, patience, &mut |_| {
        if seen.lock().unwrap().is_empty() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })
    .unwrap_err();
    assert!(matches!(error, DownloadError::Cancelled { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_cancelled_transfer_goes_on_later() {
    let wanted = content(0);
    let sent = wanted.clone();
    let (server, heads) = serve(move |_, head| file(head, &sent, "\"v1\""));
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("model.bin");
    let error = download(&agent(), &server, &place, None, PATIENCE, &mut |progress| match progress {
        Progress::Received { bytes, .. } if bytes > 100_000 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .unwrap_err();
    assert!(matches!(error, DownloadError::Cancelled { .. }), "{error}");
    let (came, _) = fetch(folder.path(), &server, Some(&sha256(&wanted)), PATIENCE).unwrap();
    assert!(came == wanted);
    assert!(value(&heads.lock().unwrap()[1], "range").is_some());
}
