//! Writes decisions into the files, away from the thread that draws. Nothing that was decided is lost: closing waits for what is still to be written.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::entry::{Entry, Stamp, change_marks};
use super::marks::Mark;
use crate::files::Waker;

/// What became of one file's marks.
pub struct Written {
    pub path: PathBuf,
    /// How many decisions were written, or could not be: the oldest of those about this file that this writer was given.
    pub decisions: usize,
    /// When that was done.
    pub when: Instant,
    /// The file as it is now; none where it is gone.
    pub entry: Option<Entry>,
    /// Why the marks could not be written.
    pub error: Option<String>,
}

enum Order {
    Follow(MarkWriter),
    Write(PathBuf, Mark),
}

/// The thread that writes, in the order of the decisions. Dropping it waits for that.
pub struct MarkWriter {
    orders: Option<Sender<Order>>,
    results: Receiver<Written>,
    thread: Option<JoinHandle<()>>,
}

impl MarkWriter {
    pub fn new(waker: Waker) -> io::Result<Self> {
        let (orders, todo) = channel();
        let (sender, results) = channel();
        let thread = thread::Builder::new().name("shiage marks".to_owned()).spawn(move || {
            let tell = |written| {
                // The window may be gone; the file is what counts.
                let _ = sender.send(written);
                waker();
            };
            while let Ok(first) = todo.recv() {
                let mut marks = Vec::new();
                for order in std::iter::once(first).chain(todo.try_iter()) {
                    match order {
                        Order::Follow(before) => (before.finish().into_iter())
                            .map(|written| Written { decisions: 0, ..written })
                            .for_each(tell),
                        Order::Write(path, mark) => marks.push((path, mark)),
                    }
                }
                for (path, marks) in together(marks) {
                    tell(write(path, marks));
                }
            }
        })?;
        Ok(Self {
            orders: Some(orders),
            results,
            thread: Some(thread),
        })
    }

    /// Writes from now on once everything is written that the one `before` was given: it may be about the same files. What becomes of that is among the
    /// results.
    pub fn follow(&self, before: Self) {
        self.order(Order::Follow(before));
    }

    pub fn write(&self, path: PathBuf, mark: Mark) {
        self.order(Order::Write(path, mark));
    }

    fn order(&self, order: Order) {
        let sent = self.orders.as_ref().map(|orders| orders.send(order));
        if matches!(sent, Some(Err(_))) {
            tracing::error!("the thread that writes ratings has died; restart the program to rate");
        }
    }

    /// What was written since the last call.
    pub fn results(&self) -> impl Iterator<Item = Written> {
        self.results.try_iter()
    }

    /// Waits until everything is written; what nobody has asked for yet.
    fn finish(mut self) -> Vec<Written> {
        self.close();
        self.results.try_iter().collect()
    }

    fn close(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes ratings has died");
        }
    }
}

impl Drop for MarkWriter {
    fn drop(&mut self) {
        self.close();
    }
}

/// Several decisions on one file are written at once.
fn together(orders: Vec<(PathBuf, Mark)>) -> Vec<(PathBuf, Vec<Mark>)> {
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
            Some(words(&path, &error)),
        ),
    };
    Written {
        path,
        decisions: marks.len(),
        when: Instant::now(),
        entry,
        error,
    }
}

/// Why a rating could not be written, and what to do.
fn words(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    let folder = path.parent().filter(|folder| !folder.exists());
    match (error.kind(), folder) {
        (io::ErrorKind::NotFound, Some(folder)) => format!(
            "The rating of {shown} cannot be written: the folder {} is gone. Put it back, or connect the disk that it lies on, and rate it again.",
            folder.display()
        ),
        (io::ErrorKind::NotFound, None) => {
            format!("The rating of {shown} cannot be written: the file is gone. Put it back and rate it again.")
        }
        (io::ErrorKind::InvalidData, _) => {
            format!("The rating of {shown} cannot be written: {error}. Mend that file or move it away, and rate it again.")
        }
        _ => format!("The rating of {shown} cannot be written: {error}. Make the file or its folder writable and rate it again."),
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
    fn what_the_one_before_was_given_is_written_first_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a.png", "b.png"].map(|name| folder.path().join(name));
        paths.iter().for_each(|path| image::RgbImage::new(1, 1).save(path).unwrap());
        let before = MarkWriter::new(Arc::new(|| {})).unwrap();
        (0..40).for_each(|turn| before.write(paths[turn % 2].clone(), Mark::Stars(1)));
        before.write("/no/such.png".into(), Mark::Stars(1));
        let writer = MarkWriter::new(Arc::new(|| {})).unwrap();
        writer.follow(before);
        writer.write(paths[0].clone(), Mark::Stars(4));
        let told = writer.finish();
        let stars = |path: &PathBuf| Entry::read(path.clone(), Stamp::of(path).unwrap()).marks().unwrap().stars;
        assert_eq!(paths.each_ref().map(stars), [4, 1]);
        assert!(
            told.iter()
                .any(|written| written.error.as_ref().is_some_and(|words| words.contains("/no/such.png")))
        );
        let mine = told.iter().map(|written| written.decisions).sum::<usize>();
        assert_eq!(mine, 1, "nothing of the one before waits for this one");
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
        let words = written.error.unwrap();
        assert!(
            words.contains("/no/such/a.png") && words.contains("the folder /no/such is gone"),
            "{words}"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.png");
        let words = write(path.clone(), vec![Mark::Stars(1)]).error.unwrap();
        assert!(words.contains("b.png cannot be written: the file is gone"), "{words}");
        image::RgbImage::new(1, 1).save(&path).unwrap();
        std::fs::write(folder.path().join("b.xmp"), "<x:xmpmeta>").unwrap();
        let written = write(path, vec![Mark::Stars(1)]);
        let words = written.error.unwrap();
        assert!(words.contains("b.xmp cannot be read") && words.contains("Mend"), "{words}");
        assert_eq!(written.entry.unwrap().marks(), Some(&Marks::default()));
    }
}
