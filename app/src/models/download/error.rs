//! Why a file from the web could not be had.

use std::io;
use std::path::PathBuf;

/// Why a file could not be had. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("cannot reach {url}: {source}. What has come so far is kept; fetching it again goes on from there")]
    Unreachable { url: String, source: Box<ureq::Error> },
    #[error(
        "the transfer of {url} broke off again and again ({reason}). What has come so far is kept; fetching it again goes on from there"
    )]
    Broken { url: String, reason: String },
    #[error("{url} answers {status}{meaning}", meaning = meaning(*status))]
    Status { url: String, status: u16 },
    #[error("unexpected response from {url}: {reason}")]
    Answer { url: String, reason: String },
    #[error("{url} sends more than {most} bytes, and was broken off: it is no model file. Check the address")]
    Endless { url: String, most: u64 },
    #[error("the transfer of {url} was cancelled. What has come so far is kept")]
    Cancelled { url: String },
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
        401 | 403 => ": it is for people with an account there. Download it in a browser, then add the file to the models",
        404 => ": there is no such file. Check the address",
        429 => ": it is asked too often. Try again later",
        500.. => ": the server has a problem. Try again later",
        _ => "",
    }
}

impl DownloadError {
    /// Whether another try may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}
