//! Writes decisions into the files, away from the thread that draws. Nothing that was decided is lost: closing waits for what is still to be written.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::entry::{Entry, Stamp, write_marks};
use super::marks::Marks;
use crate::files::Waker;

/// What became of one file's marks.
pub struct Written {
    pub path: PathBuf,
    pub marks: Marks,
    /// The file as it is now; none where it is gone.
    pub entry: Option<Entry>,
    /// Why the marks could not be written.
    pub error: Option<String>,
}

/// The thread that writes, in the order of the decisions.
pub struct MarkWriter {
    orders: Option<Sender<(PathBuf, Marks)>>,
    results: Receiver<Written>,
    thread: Option<JoinHandle<()>>,
}

impl MarkWriter {
    pub fn new(waker: Waker) -> io::Result<Self> {
        let (orders, todo) = channel();
        let (sender, results) = channel();
        let thread = thread::Builder::new().name("shiage marks".to_owned()).spawn(move || {
            while let Ok(first) = todo.recv() {
                for (path, marks) in latest(std::iter::once(first).chain(todo.try_iter())) {
                    // The window may be gone; the file is what counts.
                    let _ = sender.send(write(path, marks));
                    waker();
                }
            }
        })?;
        Ok(Self {
            orders: Some(orders),
            results,
            thread: Some(thread),
        })
    }

    pub fn write(&self, path: PathBuf, marks: Marks) {
        let sent = self.orders.as_ref().map(|orders| orders.send((path, marks)));
        if matches!(sent, Some(Err(_))) {
            tracing::error!("the thread that writes ratings has died; restart the program to rate");
        }
    }

    /// What was written since the last call.
    pub fn results(&self) -> impl Iterator<Item = Written> {
        self.results.try_iter()
    }
}

impl Drop for MarkWriter {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes ratings has died");
        }
    }
}

/// Of several decisions on one file only the last is written.
fn latest(orders: impl Iterator<Item = (PathBuf, Marks)>) -> Vec<(PathBuf, Marks)> {
    let mut kept: Vec<(PathBuf, Marks)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (path, marks) in orders {
        match places.get(&path) {
            Some(&place) => kept[place] = (path, marks),
            None => {
                places.insert(path.clone(), kept.len());
                kept.push((path, marks));
            }
        }
    }
    kept
}

fn write(path: PathBuf, marks: Marks) -> Written {
    let (entry, error) = match write_marks(&path, &marks) {
        Ok(entry) => (Some(entry), None),
        Err(error) => (
            Stamp::of(&path).ok().map(|stamp| Entry::read(path.clone(), stamp)),
            Some(format!(
                "The rating of {} cannot be written: {error}. Make the file or its folder writable and rate it again.",
                path.display()
            )),
        ),
    };
    Written {
        path,
        marks,
        entry,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn closing_writes_what_was_decided_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        image::RgbImage::new(1, 1).save(&path).unwrap();
        let writer = MarkWriter::new(Arc::new(|| {})).unwrap();
        for stars in 0..=5 {
            let marks = Marks {
                stars,
                ..Marks::default()
            };
            writer.write(path.clone(), marks);
        }
        drop(writer);
        let entry = Entry::read(path.clone(), Stamp::of(&path).unwrap());
        assert_eq!(entry.marks().unwrap().stars, 5);
    }

    #[test]
    fn a_file_that_is_gone_is_named() {
        let written = write("/no/such/a.png".into(), Marks::default());
        assert!(written.entry.is_none());
        assert!(written.error.unwrap().contains("/no/such/a.png"));
    }
}
