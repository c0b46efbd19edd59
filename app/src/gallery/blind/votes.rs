//! Votes on disk: written as they are cast, and read again when the same pictures are reviewed on the same terms.
//!
//! A file holds one JSON object a line. What a kill has cut off at its end was not cast.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Terms, inside};
use crate::files::Waker;
use crate::gallery::entry::Entry;

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// Pictures as named from the review's folder, from the left.
    pub shown: Vec<String>,
    /// The place of what was preferred; none: all are alike.
    pub preferred: Option<usize>,
}

#[derive(Serialize, Deserialize)]
enum Line {
    Cast(Cast),
    TakenBack,
}

enum Order {
    Write(Line),
    Anew,
}

/// What the thread has to say.
pub enum Told {
    /// The votes that were cast before. Comes once, and first.
    Found(Vec<Cast>),
    Trouble(String),
}

/// A review's file and the thread that writes it. Dropping it waits until the last vote is on disk.
pub struct BallotBox {
    orders: Option<Sender<Order>>,
    told: Receiver<Told>,
    thread: Option<JoinHandle<()>>,
}

/// The file of a review in `root`: of the same pictures with the same recipes, on the same terms. How many votes are to be given does not count.
pub fn file(root: &Path, folder: &Path, entries: &[Arc<Entry>], terms: Terms) -> PathBuf {
    let mut pictures: Vec<_> = (entries.iter())
        .filter_map(|entry| Some((inside(folder, entry), &entry.facts.as_ref().ok()?.fields)))
        .collect();
    pictures.sort();
    let set = format!("{:?} {:?} {} {pictures:?}", folder, terms.by, terms.shown);
    root.join(format!("{}.votes", &blake3::hash(set.as_bytes()).to_hex()[..32]))
}

impl BallotBox {
    /// Begins to read `path`, which need not exist.
    pub fn open(path: PathBuf, waker: Waker) -> io::Result<Self> {
        let (orders, todo) = channel();
        let (sender, told) = channel();
        let thread = thread::Builder::new().name("shiage votes".to_owned()).spawn(move || {
            let tell = |told| {
                // The window may be gone; the file is what counts.
                let _ = sender.send(told);
                waker();
            };
            let mut journal = Journal { path, file: None };
            match journal.read() {
                Ok(found) => tell(Told::Found(found)),
                Err(error) => {
                    tell(Told::Found(Vec::new()));
                    tell(journal.trouble("Earlier votes cannot be read from", &error));
                }
            }
            for order in todo {
                let done = match order {
                    Order::Write(line) => journal.append(&line),
                    Order::Anew => journal.put_aside(),
                };
                if let Err(error) = done {
                    tell(journal.trouble("Votes cannot be kept in", &error));
                }
            }
        })?;
        Ok(Self {
            orders: Some(orders),
            told,
            thread: Some(thread),
        })
    }

    pub fn told(&self) -> impl Iterator<Item = Told> {
        self.told.try_iter()
    }

    pub fn cast(&self, cast: Cast) {
        self.order(Order::Write(Line::Cast(cast)));
    }

    /// The last vote does not count.
    pub fn take_back(&self) {
        self.order(Order::Write(Line::TakenBack));
    }

    /// Puts the votes so far aside: the file is renamed.
    pub fn begin_anew(&self) {
        self.order(Order::Anew);
    }

    fn order(&self, order: Order) {
        let sent = self.orders.as_ref().map(|orders| orders.send(order));
        if matches!(sent, Some(Err(_))) {
            tracing::error!("the thread that keeps votes has died; export the ranking before you close");
        }
    }
}

impl Drop for BallotBox {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps votes has died");
        }
    }
}

struct Journal {
    path: PathBuf,
    file: Option<File>,
}

impl Journal {
    /// The votes that count. What was cut off at the end is cut away, so that the next vote begins a line.
    fn read(&self) -> io::Result<Vec<Cast>> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            File::options().write(true).open(&self.path)?.set_len(whole as u64)?;
        }
        let mut casts = Vec::new();
        for line in text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line)? {
                Line::Cast(cast) => casts.push(cast),
                Line::TakenBack => drop(casts.pop()),
            }
        }
        Ok(casts)
    }

    fn append(&mut self, line: &Line) -> io::Result<()> {
        if self.file.is_none() {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            self.file = Some(File::options().append(true).create(true).open(&self.path)?);
        }
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        match &mut self.file {
            Some(file) => file.write_all(&text).and_then(|()| file.sync_data()),
            None => Ok(()),
        }
    }

    fn put_aside(&mut self) -> io::Result<()> {
        self.file = None;
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let aside = self.path.with_extension(format!("until-{}.votes", since.as_millis()));
        match fs::rename(&self.path, aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn trouble(&self, what: &str, error: &io::Error) -> Told {
        let path = self.path.display();
        Told::Trouble(format!(
            "{what} {path}: {error}. Export the ranking before you leave this review."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(names: [&str; 2], preferred: Option<usize>) -> Cast {
        Cast {
            shown: names.map(str::to_owned).to_vec(),
            preferred,
        }
    }

    fn open(path: &Path) -> BallotBox {
        BallotBox::open(path.to_owned(), Arc::new(|| {})).unwrap()
    }

    fn found(path: &Path) -> Vec<Cast> {
        let ballots = open(path);
        match ballots.told.recv().unwrap() {
            Told::Found(found) => found,
            Told::Trouble(trouble) => panic!("{trouble}"),
        }
    }

    #[test]
    fn votes_are_there_again_without_those_that_were_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.votes");
        let ballots = open(&path);
        ballots.cast(cast(["a.png", "b.png"], Some(1)));
        ballots.cast(cast(["b.png", "c.png"], None));
        ballots.take_back();
        ballots.cast(cast(["c.png", "a.png"], Some(0)));
        drop(ballots);
        let all = [cast(["a.png", "b.png"], Some(1)), cast(["c.png", "a.png"], Some(0))];
        assert_eq!(found(&path), all);
        // A kill in the middle of a line.
        let mut text = fs::read(&path).unwrap();
        text.extend(b"{\"Cast\":{\"sho");
        fs::write(&path, text).unwrap();
        let ballots = open(&path);
        ballots.cast(cast(["a.png", "c.png"], None));
        drop(ballots);
        assert_eq!(found(&path)[2], cast(["a.png", "c.png"], None));
    }

    #[test]
    fn beginning_anew_puts_the_votes_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.votes");
        let ballots = open(&path);
        ballots.begin_anew();
        ballots.cast(cast(["a", "b"], Some(1)));
        ballots.begin_anew();
        ballots.cast(cast(["a", "b"], Some(0)));
        drop(ballots);
        assert_eq!(found(&path), [cast(["a", "b"], Some(0))]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_cannot_be_kept_or_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "no votes\n").unwrap();
        let ballots = open(&path);
        let told: Vec<Told> = [(); 2].map(|()| ballots.told.recv().unwrap()).into();
        assert!(matches!(&told[..], [Told::Found(none), Told::Trouble(_)] if none.is_empty()));
        let ballots = open(&path.join("under a file"));
        ballots.cast(cast(["a", "b"], None));
        let told = [(); 2].map(|()| ballots.told.recv().unwrap());
        assert!(
            told.iter()
                .any(|told| matches!(told, Told::Trouble(words) if words.contains("under a file")))
        );
    }
}
