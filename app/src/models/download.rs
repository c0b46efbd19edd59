//! A file from the web: resumed where it broke off, checked against the hash that the server names, and never there by half.
//!
//! What has come so far lies in `NAME.partial`, and in `NAME.partial.tag` how the server called that state of the file: should it be another by the
//! time that the transfer goes on, the server sends it from its beginning.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, LOCATION, RANGE};
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use super::about::read_through;
use super::folder::beside;

/// How often a server may send a request on to another.
const REDIRECTS: usize = 8;

/// How broken transfers are borne.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries in a row that bring nothing.
    pub tries: u32,
    /// Before the second; each after it waits twice as long as the one before.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            pause: Duration::from_secs(1),
        }
    }
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Received { bytes: u64, total: Option<u64> },
    Checked { bytes: u64, total: u64 },
}

/// A file that has come whole.
#[derive(Debug)]
pub struct Downloaded {
    /// Where it lies; it is for the caller to rename it.
    pub partial: PathBuf,
    pub size: u64,
    pub blake3: String,
    /// Whether there was a hash to hold it against.
    pub checked: bool,
    /// Keeps other processes off the file until it is in its place.
    _tag: Tag,
}

/// How the server called the state of the file of which a part has come; locked for one process.
#[derive(Debug)]
struct Tag {
    path: PathBuf,
    file: File,
    /// Of no use any more: it goes with this.
    done: bool,
}

impl Tag {
    /// None: another process has it.
    fn open(path: PathBuf) -> io::Result<Option<Self>> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { path, file, done: false })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn read(&mut self) -> Option<String> {
        let mut text = String::new();
        self.file.rewind().ok()?;
        self.file.read_to_string(&mut text).ok()?;
        (!text.is_empty()).then_some(text)
    }

    fn write(&mut self, tag: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(tag.as_bytes())
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        if self.done {
            // An empty file that stays is only untidy.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Why a file could not be had. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("cannot reach {url}: {source}. What has come so far is kept; the same command goes on from there")]
    Unreachable { url: String, source: Box<ureq::Error> },
    #[error(
        "the transfer of {url} broke off again and again ({reason}). What has come so far is kept; the same command goes on from there"
    )]
    Broken { url: String, reason: String },
    #[error("{url} answers {status}{meaning}", meaning = meaning(*status))]
    Status { url: String, status: u16 },
    #[error("{url} answers what cannot be understood: {reason}")]
    Answer { url: String, reason: String },
    #[error("{url} sends from address to address without end")]
    Redirects { url: String },
    #[error("{url} sends on from https to the unsafe address {to}")]
    Unsafe { url: String, to: String },
    #[error(
        "{url} came damaged, or is another file than the one wanted: its SHA-256 is {found}, wanted is {wanted}. It was thrown away; try again"
    )]
    WrongHash { url: String, wanted: String, found: String },
    #[error("another process is fetching {path} at this moment: wait until it is done", path = path.display())]
    Busy { path: PathBuf },
    #[error("cannot write {path}: {source}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 => ": it is for people with an account there. Download it in a browser, then `shiage models add` it",
        404 => ": there is no such file. Check the address",
        429 => ": it is asked too often. Try again later",
        500.. => ": it has troubles of its own. Try again later",
        _ => "",
    }
}

impl DownloadError {
    /// Whether another try may help.
    fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}

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
pub fn read_text(agent: &Agent, url: &str) -> Result<String, DownloadError> {
    let (mut response, _) = ask(agent, url, None)?;
    match response.status().as_u16() {
        200 => response
            .body_mut()
            .read_to_string()
            .map_err(|source| unreachable(url, source)),
        status => Err(DownloadError::Status {
            url: url.to_owned(),
            status,
        }),
    }
}

/// Fetches a file that is to be at `place` in the end, holds it against `sha256` or what the server names, and leaves it beside its place.
pub fn download(
    agent: &Agent,
    url: &str,
    place: &Path,
    sha256: Option<&str>,
    patience: Patience,
    progress: &mut dyn FnMut(Progress),
) -> Result<Downloaded, DownloadError> {
    let mut transfer = Transfer::open(url, place)?;
    let mut failures = 0;
    loop {
        let before = transfer.have;
        let error = match transfer.run(agent, progress) {
            Ok(()) => break,
            Err(error) => error,
        };
        failures = if transfer.have > before { 1 } else { failures + 1 };
        if !error.is_passing() || failures >= patience.tries {
            transfer.leave();
            return Err(error);
        }
        thread::sleep(patience.pause * 2u32.pow(failures - 1));
    }
    let wanted = sha256.map(str::to_ascii_lowercase).or_else(|| transfer.named.clone());
    transfer.check(wanted, progress)
}

/// A file on its way.
struct Transfer<'a> {
    url: &'a str,
    partial: PathBuf,
    file: File,
    tag: Tag,
    have: u64,
    /// SHA-256 as the server names it.
    named: Option<String>,
}

impl<'a> Transfer<'a> {
    fn open(url: &'a str, place: &Path) -> Result<Self, DownloadError> {
        let partial = beside(place, "partial");
        let failed = |source| DownloadError::Write {
            path: partial.clone(),
            source,
        };
        let tag = Tag::open(beside(&partial, "tag")).map_err(failed)?;
        let tag = tag.ok_or_else(|| DownloadError::Busy { path: place.to_owned() })?;
        let file = File::options().append(true).create(true).open(&partial).map_err(failed)?;
        let have = file.metadata().map_err(failed)?.len();
        Ok(Self {
            url,
            partial,
            file,
            tag,
            have,
            named: None,
        })
    }

    /// Nothing that has come is worth no file.
    fn leave(&mut self) {
        if self.have == 0 {
            self.throw_away();
        }
    }

    fn throw_away(&mut self) {
        // What matters is said by the error at hand.
        let _ = fs::remove_file(&self.partial);
        self.tag.done = true;
    }

    fn failed(&self, source: io::Error) -> DownloadError {
        DownloadError::Write {
            path: self.partial.clone(),
            source,
        }
    }

    fn broken(&self, reason: impl Into<String>) -> DownloadError {
        DownloadError::Broken {
            url: self.url.to_owned(),
            reason: reason.into(),
        }
    }

    /// Throws away what has come.
    fn restart(&mut self) -> Result<(), DownloadError> {
        self.file.set_len(0).map_err(|source| self.failed(source))?;
        self.have = 0;
        self.tag.write("").map_err(|source| self.failed(source))
    }

    /// One request, and what comes of it.
    fn run(&mut self, agent: &Agent, progress: &mut dyn FnMut(Progress)) -> Result<(), DownloadError> {
        let tag = self.tag.read();
        if self.have > 0 && tag.is_none() {
            self.restart()?;
        }
        let resumed = tag.filter(|_| self.have > 0).map(|tag| (self.have, tag));
        let (response, named) = ask(agent, self.url, resumed)?;
        self.named = named.or_else(|| self.named.take());
        let headers = response.headers();
        let total = match response.status().as_u16() {
            200 => {
                self.restart()?;
                let tag = header(headers, ETAG.as_str()).filter(|tag| !tag.starts_with("W/"));
                if let Some(tag) = tag {
                    self.tag.write(tag).map_err(|source| self.failed(source))?;
                }
                header(headers, CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok())
            }
            206 => match header(headers, CONTENT_RANGE.as_str()).and_then(content_range) {
                Some((Some(start), total)) if start == self.have => total,
                _ => {
                    self.restart()?;
                    return Err(self.broken("the server sent another part than the one asked for"));
                }
            },
            // Nothing is left to send, or the file has become shorter.
            416 => match header(headers, CONTENT_RANGE.as_str()).and_then(content_range) {
                Some((None, Some(total))) if total == self.have => return Ok(()),
                _ => {
                    self.restart()?;
                    return Err(self.broken("the file has changed on the server"));
                }
            },
            status => {
                return Err(DownloadError::Status {
                    url: self.url.to_owned(),
                    status,
                });
            }
        };
        self.receive(response.into_body(), total, progress)
    }

    fn receive(&mut self, body: Body, total: Option<u64>, progress: &mut dyn FnMut(Progress)) -> Result<(), DownloadError> {
        let mut reader = body.into_reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            progress(Progress::Received { bytes: self.have, total });
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    self.file.write_all(&buffer[..count]).map_err(|source| self.failed(source))?;
                    self.have += count as u64;
                }
                Err(error) => return Err(self.broken(error.to_string())),
            }
        }
        match total {
            Some(total) if self.have < total => Err(self.broken(format!("after {} of {total} bytes", self.have))),
            _ => Ok(()),
        }
    }

    /// Reads the file once more from the disk: what counts is what is there.
    fn check(mut self, wanted: Option<String>, progress: &mut dyn FnMut(Progress)) -> Result<Downloaded, DownloadError> {
        self.file.sync_all().map_err(|source| self.failed(source))?;
        let (mut sha256, mut blake3, mut bytes) = (Sha256::new(), blake3::Hasher::new(), 0);
        read_through(&self.partial, &mut |piece| {
            sha256.update(piece);
            blake3.update(piece);
            bytes += piece.len() as u64;
            progress(Progress::Checked { bytes, total: self.have });
            Ok(())
        })
        .map_err(|source| self.failed(source))?;
        let found: String = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.tag.done = true;
        match wanted {
            Some(wanted) if wanted != found => {
                self.throw_away();
                Err(DownloadError::WrongHash {
                    url: self.url.to_owned(),
                    wanted,
                    found,
                })
            }
            wanted => Ok(Downloaded {
                partial: self.partial,
                size: bytes,
                blake3: blake3.finalize().to_hex().to_string(),
                checked: wanted.is_some(),
                _tag: self.tag,
            }),
        }
    }
}

/// Asks for a file, from a place on if `resumed` says so (bytes, tag), and follows where it is sent. With the answer comes the SHA-256 that
/// Hugging Face names on the way.
fn ask(agent: &Agent, url: &str, resumed: Option<(u64, String)>) -> Result<(Response<Body>, Option<String>), DownloadError> {
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

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// A tag that is a SHA-256; other files have other tags.
fn sha256_tag(tag: &str) -> Option<String> {
    let hash = tag.trim_start_matches("W/").trim_matches('"').to_ascii_lowercase();
    (hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash)
}

/// `bytes 5-9/10` as 5 and 10, `bytes */10` as none and 10.
fn content_range(text: &str) -> Option<(Option<u64>, Option<u64>)> {
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
mod tests;
