//! A file from the web: resumed where it broke off, checked against the hash that the server names, and never there by half.
//!
//! What has come so far lies in `NAME.partial`, and in `NAME.partial.tag` how the server called that state of the file: should it be another by the
//! time that the transfer goes on, the server sends it from its beginning. Where a server has no name for it, only what has come whole is gone on from.

mod asking;
mod error;
#[cfg(test)]
pub(super) mod test_serving;
#[cfg(test)]
mod tests;
mod waiting;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use sha2::{Digest, Sha256};
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG};
use ureq::{Agent, Body};

pub use asking::{agent, read_text};
use asking::{ask, content_range, header};
pub use error::DownloadError;
use waiting::Coming;

use super::about::read_through;
use super::folder::{PARTIAL, beside};
use super::tag::Tag;

/// How the tag begins of a file that has come whole from a server without a name for its state; the address follows. No ETag has spaces.
const WHOLE: &str = "whole from ";

/// How broken transfers are borne.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries in a row that bring nothing.
    pub tries: u32,
    /// Before the second; each after it waits twice as long as the one before.
    pub pause: Duration,
    /// The most bytes that are taken of a file whose size the server does not name.
    pub unnamed: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            pause: Duration::from_secs(1),
            // Larger than any checkpoint of this family, and smaller than most disks.
            unnamed: 32 << 30,
        }
    }
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Received { bytes: u64, total: Option<u64> },
    Checked { bytes: u64, total: u64 },
}

/// Told how far a download is; says whether it goes on.
pub type Watch<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// A file that has come whole.
#[derive(Debug)]
pub struct Downloaded {
    /// Where it lies; it is for the caller to rename it, and to [settle](Self::settle) the transfer then; or to [keep](Self::keep) it as it is.
    pub partial: PathBuf,
    pub size: u64,
    pub blake3: String,
    /// Whether there was a hash to hold it against.
    pub checked: bool,
    url: String,
    /// Keeps other processes off the file until it is in its place.
    tag: Tag,
}

impl Downloaded {
    /// The file is in its place: there is nothing to go on from.
    pub fn settle(mut self) {
        self.tag.done = true;
    }

    /// The file stays as it is; whether another try goes on from it.
    pub fn keep(&mut self) -> bool {
        self.tag.read().is_some() || self.tag.write(&whole_from(&self.url)).is_ok()
    }

    /// The file is of no use: another try begins anew.
    pub fn throw_away(self) {
        // What matters is said by the error at hand.
        let _ = fs::remove_file(&self.partial);
        self.settle();
    }
}

/// Fetches a file that is to be at `place` in the end, holds it against `sha256` or what the server names, and leaves it beside its place.
pub fn download(
    agent: &Agent,
    url: &str,
    place: &Path,
    sha256: Option<&str>,
    patience: Patience,
    progress: &mut Watch<'_>,
) -> Result<Downloaded, DownloadError> {
    let mut transfer = Transfer::open(url, place)?;
    let mut failures = 0;
    loop {
        let before = transfer.have;
        let error = match transfer.run(agent, patience.unnamed, progress) {
            Ok(()) => break,
            Err(error) => error,
        };
        failures = if transfer.have > before { 1 } else { failures + 1 };
        let length = patience.pause * 2u32.pow(failures - 1);
        let paused = match error.is_passing() && failures < patience.tries {
            true => waiting::pause(url, length, &mut || progress(transfer.received())),
            false => Err(error),
        };
        if let Err(error) = paused {
            transfer.leave();
            return Err(error);
        }
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
    /// Bytes of the whole file, as far as the server says.
    total: Option<u64>,
    /// SHA-256 as the server names it.
    named: Option<String>,
}

impl<'a> Transfer<'a> {
    fn open(url: &'a str, place: &Path) -> Result<Self, DownloadError> {
        let partial = beside(place, PARTIAL);
        let failed = |source| DownloadError::Write {
            path: partial.clone(),
            source,
        };
        let tag = Tag::of(&partial).map_err(failed)?;
        let tag = tag.ok_or_else(|| DownloadError::Busy { path: place.to_owned() })?;
        // Not for appending: such a file cannot be cut on Windows.
        let opened = File::options().write(true).create(true).truncate(false).open(&partial);
        let mut file = opened.map_err(failed)?;
        let have = file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self {
            url,
            partial,
            file,
            tag,
            have,
            total: None,
            named: None,
        })
    }

    fn received(&self) -> Progress {
        Progress::Received {
            bytes: self.have,
            total: self.total,
        }
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
        let emptied = self.file.set_len(0).and_then(|()| self.file.rewind());
        emptied.map_err(|source| self.failed(source))?;
        self.have = 0;
        self.tag.write("").map_err(|source| self.failed(source))
    }

    /// One request, and what comes of it.
    fn run(&mut self, agent: &Agent, unnamed: u64, progress: &mut Watch<'_>) -> Result<(), DownloadError> {
        let tag = self.tag.read().filter(|_| self.have > 0);
        if tag.as_ref().is_some_and(|tag| *tag == whole_from(self.url)) {
            return Ok(());
        }
        let tag = tag.filter(|tag| !tag.starts_with(WHOLE));
        if self.have > 0 && tag.is_none() {
            self.restart()?;
        }
        let resumed = tag.map(|tag| (self.have, tag));
        let (agent, url) = (agent.clone(), self.url.to_owned());
        let (response, named) = waiting::answer(self.url, &mut || progress(self.received()), move || {
            ask(&agent, &url, resumed)
        })?;
        self.named = named.or_else(|| self.named.take());
        let headers = response.headers();
        self.total = match response.status().as_u16() {
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
        self.receive(response.into_body(), self.total.unwrap_or(unnamed), progress)
    }

    /// `most`: bytes that the whole file may have.
    fn receive(&mut self, body: Body, most: u64, progress: &mut Watch<'_>) -> Result<(), DownloadError> {
        let pieces = Coming::new(self.url, move |sender| send_pieces(body, sender))?;
        while let Some(piece) = pieces.next(&mut || progress(self.received()))? {
            let piece = piece.map_err(|error| self.broken(error.to_string()))?;
            if self.have + piece.len() as u64 > most {
                self.restart()?;
                return Err(DownloadError::Endless {
                    url: self.url.to_owned(),
                    most,
                });
            }
            self.file.write_all(&piece).map_err(|source| self.failed(source))?;
            self.have += piece.len() as u64;
        }
        match self.total {
            Some(total) if self.have < total => Err(self.broken(format!("after {} of {total} bytes", self.have))),
            _ => Ok(()),
        }
    }

    /// Reads the file once more from the disk: what counts is what is there.
    fn check(mut self, wanted: Option<String>, progress: &mut Watch<'_>) -> Result<Downloaded, DownloadError> {
        self.file.sync_all().map_err(|source| self.failed(source))?;
        let (mut sha256, mut blake3, mut bytes) = (Sha256::new(), blake3::Hasher::new(), 0);
        let unread = |source| self.failed(source);
        read_through(&self.partial, unread, &mut |piece| {
            sha256.update(piece);
            blake3.update(piece);
            bytes += piece.len() as u64;
            match progress(Progress::Checked { bytes, total: self.have }) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(DownloadError::Cancelled {
                    url: self.url.to_owned(),
                }),
            }
        })?;
        let found: String = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
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
                url: self.url.to_owned(),
                tag: self.tag,
            }),
        }
    }
}

fn whole_from(url: &str) -> String {
    format!("{WHOLE}{url}")
}

/// Reads a body to its end, or until nobody takes its pieces any more.
fn send_pieces(body: Body, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let mut reader = body.into_reader();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let piece = match reader.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => Ok(buffer[..count].to_vec()),
            Err(error) => Err(error),
        };
        let last = piece.is_err();
        if sender.send(piece).is_err() || last {
            return;
        }
    }
}
