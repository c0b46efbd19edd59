//! Files that have come whole and cannot be put in their place.

use std::fs;
use std::ops::ControlFlow;

use super::*;
use crate::models::download::agent;
use crate::models::download::test_serving::{answer, file, serve, value};

/// The model in the program, as a file.
const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/models/tiny.safetensors");

/// Fetches a model from a server that sends it so, first where it cannot be put in its place and then where it can. Returns the heads of the requests.
fn fetched_twice(send: impl Fn(&str, &[u8]) -> Vec<u8> + Send + 'static) -> Vec<String> {
    let sent = fs::read(TINY).unwrap();
    let (server, heads) = serve(move |_, head| send(head, &sent));
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::at(temporary.path().to_owned());
    let (agent, url) = (agent(), format!("{server}/tiny.safetensors"));
    let order = Order::new(&agent, &folder, "https://example.org", &url, None, &mut || {
        ControlFlow::Continue(())
    })
    .unwrap();
    let fetch = || order.fetch(&agent, None, &mut |_| ControlFlow::Continue(()));
    // Where its companion is to be there is something else.
    let obstacle = temporary.path().join("tiny.safetensors.about");
    fs::create_dir(&obstacle).unwrap();
    let error = fetch().unwrap_err();
    assert!(matches!(error, OrderError::Admit(_)), "{error}");
    assert!(error.to_string().contains("tiny.safetensors.about"), "{error}");
    fs::remove_dir(&obstacle).unwrap();
    let (entry, _) = fetch().unwrap();
    assert_eq!(entry.name(), "tiny");
    assert_eq!(
        fs::read_dir(temporary.path()).unwrap().count(),
        2,
        "the model and what is known of it"
    );
    heads.lock().unwrap().clone()
}

#[test]
fn a_file_that_cannot_be_put_in_its_place_is_not_fetched_again() {
    let heads = fetched_twice(|head, sent| file(head, sent, "\"v1\""));
    let size = fs::metadata(TINY).unwrap().len();
    assert_eq!(
        (heads.len(), value(&heads[1], "range")),
        (2, Some(format!("bytes={size}-").as_str()))
    );
}

#[test]
fn nor_is_one_whose_server_has_no_name_for_its_state() {
    for tag in ["", "ETag: W/\"v1\"\r\n"] {
        let heads = fetched_twice(move |_, sent| answer("200 OK", tag, sent));
        assert_eq!(heads.len(), 1, "{tag}");
    }
}
