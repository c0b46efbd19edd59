//! Waiting for a server, and for nobody: a connection that stands still can be given up too.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::DownloadError;
use crate::models::Observer;

/// How often it is asked whether what is waited for is still wanted.
const BEAT: Duration = Duration::from_millis(100);

/// Things that come from a server, one by one, read on a thread of their own. A thread that nobody waits for ends with its connection.
pub struct Coming<'a, T> {
    url: &'a str,
    things: Receiver<T>,
}

impl<'a, T: Send + 'static> Coming<'a, T> {
    /// `read` sends what comes; it is read on while a few things wait to be taken.
    pub fn new(url: &'a str, read: impl FnOnce(&SyncSender<T>) + Send + 'static) -> Result<Self, DownloadError> {
        let (sender, things) = sync_channel(4);
        let started = thread::Builder::new()
            .name("shiage download".to_owned())
            .spawn(move || read(&sender));
        match started {
            Ok(_) => Ok(Self { url, things }),
            Err(error) => Err(DownloadError::Broken {
                url: url.to_owned(),
                reason: error.to_string(),
            }),
        }
    }

    /// The next thing; None after the last.
    ///
    /// # Errors
    /// [`DownloadError::Cancelled`] where the observer breaks off.
    pub fn next(&self, observer: &mut Observer<'_>) -> Result<Option<T>, DownloadError> {
        loop {
            still_wanted(self.url, observer)?;
            match self.things.recv_timeout(BEAT) {
                Ok(thing) => return Ok(Some(thing)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// What `ask` brings from a server.
pub fn answer<T: Send + 'static>(
    url: &str,
    observer: &mut Observer<'_>,
    ask: impl FnOnce() -> Result<T, DownloadError> + Send + 'static,
) -> Result<T, DownloadError> {
    let coming = Coming::new(url, move |sender| {
        // Whoever asked may have given up.
        let _ = sender.send(ask());
    })?;
    coming.next(observer)?.unwrap_or_else(|| {
        Err(DownloadError::Broken {
            url: url.to_owned(),
            reason: "its thread ended early; please report it".to_owned(),
        })
    })
}

/// Lets time pass.
pub fn pause(url: &str, length: Duration, observer: &mut Observer<'_>) -> Result<(), DownloadError> {
    let end = Instant::now() + length;
    loop {
        still_wanted(url, observer)?;
        match end.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => thread::sleep(left.min(BEAT)),
            _ => return Ok(()),
        }
    }
}

fn still_wanted(url: &str, observer: &mut Observer<'_>) -> Result<(), DownloadError> {
    match observer() {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(DownloadError::Cancelled { url: url.to_owned() }),
    }
}
