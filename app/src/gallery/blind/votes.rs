//! Votes on disk: written as they are cast, and read again when the same pictures are reviewed on the same terms, by the same reviewer or another one.

mod journal;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};

use super::{BlindReview, Terms, Unfit, inside};
use crate::files::Waker;
use crate::gallery::entry::Entry;
use journal::{Journal, Line, Read};

/// Keeps the name of whoever reviewed last, among the votes.
const LAST_REVIEWER: &str = "reviewer.txt";

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// Pictures as named from the review's folder, from the left.
    pub shown: Vec<String>,
    /// The place of what was preferred; none: all are alike.
    pub preferred: Option<usize>,
}

const LOST: &str = "Votes cannot be kept in";
/// What to do where votes cannot be written.
const KEEP: &str = "Make room or make the folder writable: they are written with your next vote. Until then, export the ranking before you leave this review.";
/// The same, where the review has been left.
const LEFT: &str = "The last votes of that review are lost. Make room or make the folder writable before you vote again.";
const ANEW: &str = "New votes are added to them. Make the folder writable and begin anew again.";

enum Order {
    Write(Line),
    Anew,
}

/// A review that is wanted.
pub struct Wanted {
    pub folder: PathBuf,
    pub entries: Vec<Arc<Entry>>,
    pub terms: Terms,
    /// Who votes; may be empty.
    pub reviewer: String,
    /// Where the votes of all reviews are kept; none: nowhere.
    pub root: Option<PathBuf>,
}

/// A review that can begin: with the votes of others beside it, and the reviewer's own of an earlier time.
pub struct Opened {
    pub review: BlindReview,
    pub found: Vec<Cast>,
}

/// What the thread has to say.
pub enum Told {
    /// Comes once, and first.
    Opened(Result<Box<Opened>, Unfit>),
    Trouble(String),
}

/// A review's file and the thread that writes it. Dropping it waits until the last vote is on disk.
pub struct BallotBox {
    orders: Option<Sender<Order>>,
    told: Receiver<Told>,
    thread: Option<JoinHandle<()>>,
}

/// What the files of a review's votes are called by: the same for the same pictures with the same recipes, on the same terms. How many votes are to be given
/// does not count.
fn set(wanted: &Wanted) -> String {
    let Wanted {
        folder, entries, terms, ..
    } = wanted;
    let mut pictures: Vec<_> = (entries.iter())
        .filter_map(|entry| Some((inside(folder, entry), &entry.facts.as_ref().ok()?.fields)))
        .collect();
    pictures.sort();
    let set = format!("{:?} {:?} {} {pictures:?}", folder, terms.by, terms.shown);
    blake3::hash(set.as_bytes()).to_hex()[..32].to_owned()
}

/// The name of whoever reviewed last; empty where nobody gave one.
pub fn last_reviewer(root: &Path) -> String {
    fs::read_to_string(root.join(LAST_REVIEWER)).unwrap_or_default()
}

fn remember_reviewer(root: &Path, reviewer: &str) -> io::Result<()> {
    if last_reviewer(root) == reviewer {
        return Ok(());
    }
    fs::create_dir_all(root)?;
    fs::write(root.join(LAST_REVIEWER), reviewer)
}

impl BallotBox {
    /// Begins to prepare a review and to read its votes, once what was written for the one `before` is on disk: it may be the same file.
    pub fn open(before: Option<Self>, wanted: Wanted, waker: Waker) -> io::Result<Self> {
        let (orders, todo) = channel();
        let (sender, told) = channel();
        let thread = thread::Builder::new().name("shiage votes".to_owned()).spawn(move || {
            let earlier = before.map(Self::finish).unwrap_or_default();
            let tell = |told| {
                // The window may be gone; the file is what counts.
                let _ = sender.send(told);
                waker();
            };
            let journal = begin(&wanted, &tell);
            earlier.into_iter().map(Told::Trouble).for_each(&tell);
            let Some(mut journal) = journal else { return };
            for order in todo {
                let (done, what, advice) = match order {
                    Order::Write(line) => (journal.append(&line), LOST, KEEP),
                    Order::Anew => (journal.put_aside(), "The earlier votes cannot be put aside in", ANEW),
                };
                if let Err(error) = done {
                    tell(trouble(what, &journal.path, &error, advice));
                }
            }
            // There may be room by now.
            if let Err(error) = journal.write() {
                tell(trouble(LOST, &journal.path, &error, LEFT));
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

    /// No more votes come: what is outstanding is tried once more now, and what goes wrong is told.
    pub fn leave(&mut self) {
        self.orders = None;
    }

    fn order(&self, order: Order) {
        // Where nothing is kept, nobody listens.
        let _ = self.orders.as_ref().map(|orders| orders.send(order));
    }

    /// Waits until the last vote is on disk; the trouble that nobody has heard of yet.
    fn finish(mut self) -> Vec<String> {
        self.close();
        self.troubles().collect()
    }

    /// What went wrong since the last call; what else was told is lost.
    pub fn troubles(&self) -> impl Iterator<Item = String> {
        self.told().filter_map(|told| match told {
            Told::Opened(_) => None,
            Told::Trouble(words) => Some(words),
        })
    }

    fn close(&mut self) {
        self.leave();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps votes has died");
        }
    }
}

impl Drop for BallotBox {
    fn drop(&mut self) {
        self.close();
        self.troubles().for_each(|words| tracing::error!("{words}"));
    }
}

/// Makes the review and tells it with its votes; the file that is written from now on, if any.
fn begin(wanted: &Wanted, tell: &impl Fn(Told)) -> Option<Journal> {
    let mut review = match BlindReview::new(&wanted.folder, &wanted.entries, wanted.terms) {
        Ok(review) => review,
        Err(unfit) => {
            tell(Told::Opened(Err(unfit)));
            return None;
        }
    };
    review.by(&wanted.reviewer);
    let Some(root) = &wanted.root else {
        let found = Vec::new();
        tell(Told::Opened(Ok(Box::new(Opened { review, found }))));
        return None;
    };
    let set = set(wanted);
    let journal = Journal::new(root, &set, &wanted.reviewer);
    let mut troubles = Vec::new();
    let found = own(&journal, &mut troubles);
    for path in journal::files(root, &set).into_iter().filter(|path| *path != journal.path) {
        let what = "Votes of another reviewer cannot be read from";
        match Read::of(&path) {
            Ok(read) => {
                if let Some(damage) = read.damage {
                    let advice = "Those before it count; have the file restored from a copy if you need the rest.";
                    troubles.push(trouble(what, &path, &damage, advice));
                }
                review.beside(read.reviewer, &read.casts);
            }
            Err(error) => troubles.push(trouble(what, &path, &error, "They do not count until the file can be read.")),
        }
    }
    if let Err(error) = remember_reviewer(root, &wanted.reviewer) {
        let advice = "Type it again next time, or make the folder writable.";
        troubles.push(trouble("Your name cannot be kept in", root, &error, advice));
    }
    tell(Told::Opened(Ok(Box::new(Opened { review, found }))));
    troubles.into_iter().for_each(tell);
    Some(journal)
}

/// The reviewer's own votes of an earlier time. A damaged file is kept as it is under another name; what could be read of it goes on.
fn own(journal: &Journal, troubles: &mut Vec<Told>) -> Vec<Cast> {
    let path = &journal.path;
    let read = match journal.read() {
        Ok(read) => read,
        Err(error) => {
            let advice = "Make it readable and begin this review again before you vote.";
            troubles.push(trouble("Your earlier votes cannot be read from", path, &error, advice));
            return Vec::new();
        }
    };
    if let Some(damage) = &read.damage {
        let (what, advice) = match journal.restore(&read) {
            Ok(aside) => (
                "Some of your earlier votes cannot be read from",
                format!(
                    "The review goes on after those before; the file is kept as {}.",
                    aside.display()
                ),
            ),
            Err(error) => (
                "New votes cannot be added to",
                format!("It cannot be put aside either ({error}). Export the ranking before you leave this review."),
            ),
        };
        troubles.push(trouble(what, path, damage, &advice));
    }
    read.casts
}

fn trouble(what: &str, path: &Path, error: &dyn std::fmt::Display, advice: &str) -> Told {
    Told::Trouble(format!("{what} {}: {error}. {advice}", path.display()))
}
