//! Writes decisions into the files, away from the thread that draws. Nothing that was decided is lost: closing waits for what is still to be written.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::entry::{Entry, Stamp, change_marks};
use super::marks::Mark;
use crate::files::Waker;

/// What became of one file's marks.
pub struct Written {
    pub path: PathBuf,
    /// How many decisions were written, or could not be: the oldest of those about this file.
    pub decisions: usize,
    /// The file as it is now; none where it is gone.
    pub entry: Option<Entry>,
    /// Why the marks could not be written.
    pub error: Option<String>,
}

/// The thread that writes, in the order of the decisions.
pub struct MarkWriter {
    orders: Option<Sender<(PathBuf, Mark)>>,
    results: Receiver<Written>,
    thread: Option<JoinHandle<()>>,
}

impl MarkWriter {
    pub fn new(waker: Waker) -> io::Result<Self> {
        let (orders, todo) = channel();
        let (sender, results) = channel();
        let thread = thread::Builder::new().name("shiage marks".to_owned()).spawn(move || {
            while let Ok(first) = todo.recv() {
                for (path, marks) in together(std::iter::once(first).chain(todo.try_iter())) {
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

    pub fn write(&self, path: PathBuf, mark: Mark) {
        let sent = self.orders.as_ref().map(|orders| orders.send((path, mark)));
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

/// Several decisions on one file are written at once.
fn together(orders: impl Iterator<Item = (PathBuf, Mark)>) -> Vec<(PathBuf, Vec<Mark>)> {
    let mut files: Vec<(PathBuf, Vec<Mark>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (path, mark) in orders {
        let place = *places.entry(path).or_insert_with_key(|path| {
            files.push((path.clone(), Vec::new()));
            files.len() - 1
        });
        files[place].1.push(mark);
    }
    files
}

fn write(path: PathBuf, marks: Vec<Mark>) -> Written {
    let (entry, error) = match change_marks(&path, |all| marks.iter().for_each(|mark| mark.set(all))) {
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
        decisions: marks.len(),
        entry,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::entry::write_marks;
    use crate::gallery::marks::{Flag, Marks};
    use std::sync::Arc;

    #[test]
    fn closing_writes_what_was_decided_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        image::RgbImage::new(1, 1).save(&path).unwrap();
        let writer = MarkWriter::new(Arc::new(|| {})).unwrap();
        (0..=5).for_each(|stars| writer.write(path.clone(), Mark::Stars(stars)));
        drop(writer);
        let entry = Entry::read(path.clone(), Stamp::of(&path).unwrap());
        assert_eq!(entry.marks().unwrap().stars, 5);
    }

    #[test]
    fn what_others_wrote_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        image::RgbImage::new(1, 1).save(&path).unwrap();
        let theirs = Marks {
            stars: 2,
            note: "from elsewhere".to_owned(),
            ..Marks::default()
        };
        write_marks(&path, &theirs).unwrap();
        let written = write(path, vec![Mark::Stars(4), Mark::Flag(Flag::Pick)]);
        let expected = Marks {
            stars: 4,
            flag: Flag::Pick,
            ..theirs
        };
        assert_eq!(written.entry.unwrap().marks(), Some(&expected));
        assert_eq!(written.decisions, 2);
    }

    #[test]
    fn a_file_that_is_gone_is_named() {
        let written = write("/no/such/a.png".into(), vec![Mark::Stars(1)]);
        assert!(written.entry.is_none());
        assert!(written.error.unwrap().contains("/no/such/a.png"));
    }
}
