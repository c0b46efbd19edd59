//! What a server is asked, where it sends on to, and what its headers say.

use std::time::Duration;

use ureq::http::header::{IF_RANGE, LOCATION, RANGE};
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use super::{DownloadError, waiting};
use crate::models::Observer;

/// How often a server may send a request on to another.
const REDIRECTS: usize = 8;

/// What asks servers.
pub fn agent() -> Agent {
    let config = Agent::config_builder()
        .user_agent(concat!("shiage/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        // Followed here, as what Hugging Face says of a file is in the answer that sends on.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .timeout_per_read(Some(Duration::from_secs(60)));
    config.build().new_agent()
}

/// A short text, such as an answer in JSON.
pub fn read_text(agent: &Agent, url: &str, observer: &mut Observer<'_>) -> Result<String, DownloadError> {
    let (agent, asked) = (agent.clone(), url.to_owned());
    waiting::answer(url, observer, move || {
        let (mut response, _) = ask(&agent, &asked, None)?;
        match response.status().as_u16() {
            200 => response
                .body_mut()
                .read_to_string()
                .map_err(|source| unreachable(&asked, source)),
            status => Err(DownloadError::Status { url: asked, status }),
        }
    })
}

/// Asks for a file, from a place on if `resumed` says so (bytes, tag), and follows where it is sent. With the answer comes the SHA-256 that
/// Hugging Face names on the way.
pub(super) fn ask(
    agent: &Agent,
    url: &str,
    resumed: Option<(u64, String)>,
) -> Result<(Response<Body>, Option<String>), DownloadError> {
    let mut at = url.to_owned();
    let mut named = None;
    for _ in 0..=REDIRECTS {
        let mut request = agent.get(&at);
        if let Some((have, tag)) = &resumed {
            request = request.header(RANGE, format!("bytes={have}-")).header(IF_RANGE, tag.as_str());
        }
        let response = request.call().map_err(|source| unreachable(url, source))?;
        let headers = response.headers();
        named = named.or_else(|| header(headers, "x-linked-etag").and_then(sha256_tag));
        if !response.status().is_redirection() {
            return Ok((response, named));
        }
        let Some(location) = header(headers, LOCATION.as_str()) else {
            return Err(DownloadError::Status {
                url: url.to_owned(),
                status: response.status().as_u16(),
            });
        };
        let next = join(&at, location);
        if at.starts_with("https://") && !next.starts_with("https://") {
            return Err(DownloadError::Unsafe {
                url: url.to_owned(),
                to: next,
            });
        }
        at = next;
    }
    Err(DownloadError::Redirects { url: url.to_owned() })
}

fn unreachable(url: &str, source: ureq::Error) -> DownloadError {
    DownloadError::Unreachable {
        url: url.to_owned(),
        source: Box::new(source),
    }
}

pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// A tag that is a SHA-256; other files have other tags.
fn sha256_tag(tag: &str) -> Option<String> {
    let hash = tag.trim_start_matches("W/").trim_matches('"').to_ascii_lowercase();
    (hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash)
}

/// `bytes 5-9/10` as 5 and 10, `bytes */10` as none and 10.
pub(super) fn content_range(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let start = match range.trim() {
        "*" => None,
        range => Some(range.split_once('-')?.0.parse().ok()?),
    };
    Some((start, total.trim().parse().ok()))
}

/// Where `location` leads from `base`: a whole address, one on the same server, or one beside it.
fn join(base: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let server = base.find("://").map_or(0, |at| at + 3);
    let end = base[server..].find('/').map_or(base.len(), |at| server + at);
    if let Some(rest) = location.strip_prefix("//") {
        format!("{}{rest}", &base[..server])
    } else if location.starts_with('/') {
        format!("{}{location}", &base[..end])
    } else {
        let folder = base[..].rfind('/').filter(|at| *at >= end).map_or(base, |at| &base[..at]);
        format!("{folder}/{location}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined() {
        let base = "https://host/a/b?x=1";
        assert_eq!(join(base, "https://cdn/c"), "https://cdn/c");
        assert_eq!(join(base, "/c/d"), "https://host/c/d");
        assert_eq!(join(base, "c"), "https://host/a/c");
        assert_eq!(join("https://host", "c"), "https://host/c");
        assert_eq!(join(base, "//other/c"), "https://other/c");
    }

    #[test]
    fn ranges_and_tags_are_read() {
        assert_eq!(content_range("bytes 5-9/10"), Some((Some(5), Some(10))));
        assert_eq!(content_range("bytes */10"), Some((None, Some(10))));
        assert_eq!(content_range("bytes 0-9/*"), Some((Some(0), None)));
        assert_eq!(content_range("lines 1"), None);
        let hash = "0a".repeat(32);
        assert_eq!(sha256_tag(&format!("\"{hash}\"")), Some(hash));
        assert_eq!(sha256_tag("\"abc\""), None);
    }
}
