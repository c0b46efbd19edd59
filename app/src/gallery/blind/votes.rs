//! Votes on disk: written as they are cast, and read again when the same pictures are reviewed on the same terms, by the same reviewer or another one.
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

use super::{BlindReview, Terms, Unfit, inside};
use crate::files::Waker;
use crate::gallery::entry::Entry;

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

#[derive(Serialize, Deserialize)]
enum Line {
    /// Whose votes follow.
    By(String),
    Cast(Cast),
    TakenBack,
}

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

/// The name of a reviewer's file.
fn file_name(set: &str, reviewer: &str) -> String {
    if reviewer.is_empty() {
        return format!("{set}.votes");
    }
    let letter = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let readable: String = reviewer.chars().take(40).map(letter).collect();
    let hash = blake3::hash(reviewer.as_bytes()).to_hex();
    format!("{set}-{readable}-{}.votes", &hash[..6])
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
            drop(before);
            let tell = |told| {
                // The window may be gone; the file is what counts.
                let _ = sender.send(told);
                waker();
            };
            let Some(mut journal) = begin(&wanted, &tell) else { return };
            for order in todo {
                let done = match order {
                    Order::Write(line) => journal.append(&line),
                    Order::Anew => journal.put_aside(),
                };
                if let Err(error) = done {
                    tell(trouble("Votes cannot be kept in", &journal.path, &error));
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
        // Where nothing is kept, nobody listens.
        let _ = self.orders.as_ref().map(|orders| orders.send(order));
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
    let journal = Journal {
        path: root.join(file_name(&set, &wanted.reviewer)),
        reviewer: wanted.reviewer.clone(),
        file: None,
    };
    let mut troubles = Vec::new();
    let found = journal.read().unwrap_or_else(|error| {
        troubles.push(trouble("Earlier votes cannot be read from", &journal.path, &error));
        Vec::new()
    });
    for path in files(root, &set).into_iter().filter(|path| *path != journal.path) {
        match fs::read(&path).and_then(|text| parse(&text)) {
            Ok((reviewer, casts)) => review.beside(reviewer, &casts),
            Err(error) => troubles.push(trouble("Votes of another reviewer cannot be read from", &path, &error)),
        }
    }
    if let Err(error) = remember_reviewer(root, &wanted.reviewer) {
        troubles.push(trouble("Votes cannot be kept in", root, &error));
    }
    tell(Told::Opened(Ok(Box::new(Opened { review, found }))));
    troubles.into_iter().for_each(tell);
    Some(journal)
}

/// The files of all reviewers of a set, by name; without those that were put aside.
fn files(root: &Path, set: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with(set) && name.ends_with(".votes") && !name.contains(".until-")
        })
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

fn trouble(what: &str, path: &Path, error: &io::Error) -> Told {
    let path = path.display();
    Told::Trouble(format!(
        "{what} {path}: {error}. Export the ranking before you leave this review."
    ))
}

/// Whose votes a file holds, and those that count. Bytes behind the last line break are of a line that was cut off.
fn parse(text: &[u8]) -> io::Result<(String, Vec<Cast>)> {
    let (mut reviewer, mut casts) = (String::new(), Vec::new());
    for line in text[..whole(text)]
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        match serde_json::from_slice(line)? {
            Line::By(name) => reviewer = name,
            Line::Cast(cast) => casts.push(cast),
            Line::TakenBack => drop(casts.pop()),
        }
    }
    Ok((reviewer, casts))
}

/// Bytes of whole lines.
fn whole(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

struct Journal {
    path: PathBuf,
    reviewer: String,
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
        let whole = whole(&text);
        if whole < text.len() {
            File::options().write(true).open(&self.path)?.set_len(whole as u64)?;
        }
        Ok(parse(&text)?.1)
    }

    fn append(&mut self, line: &Line) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                if let Some(folder) = self.path.parent() {
                    fs::create_dir_all(folder)?;
                }
                let file = File::options().append(true).create(true).open(&self.path)?;
                let begins = file.metadata()?.len() == 0;
                let file = self.file.insert(file);
                if begins && !self.reviewer.is_empty() {
                    write_line(file, &Line::By(self.reviewer.clone()))?;
                }
                file
            }
        };
        write_line(file, line)?;
        file.sync_data()
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
}

fn write_line(file: &mut File, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::blind::tests::{takes, terms};
    use crate::gallery::grouping::Grouping;

    fn wanted(root: &Path, reviewer: &str) -> Wanted {
        Wanted {
            folder: "/takes".into(),
            entries: takes(),
            terms: terms(Grouping::None, 2),
            reviewer: reviewer.to_owned(),
            root: Some(root.to_owned()),
        }
    }

    fn cast(names: [&str; 2], preferred: Option<usize>) -> Cast {
        Cast {
            shown: names.map(str::to_owned).to_vec(),
            preferred,
        }
    }

    fn open(wanted: Wanted) -> BallotBox {
        BallotBox::open(None, wanted, Arc::new(|| {})).unwrap()
    }

    fn opened(wanted: Wanted) -> Opened {
        match open(wanted).told.recv().unwrap() {
            Told::Opened(opened) => *opened.ok().unwrap(),
            Told::Trouble(trouble) => panic!("{trouble}"),
        }
    }

    /// Casts votes and closes.
    fn vote(wanted: Wanted, casts: &[Cast]) {
        let ballots = open(wanted);
        casts.iter().for_each(|each| ballots.cast(each.clone()));
    }

    #[test]
    fn votes_are_there_again_without_those_that_were_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("new");
        let ballots = open(wanted(&root, ""));
        ballots.cast(cast(["a.png", "b.png"], Some(1)));
        ballots.cast(cast(["b.png", "c.png"], None));
        ballots.take_back();
        ballots.cast(cast(["c.png", "a.png"], Some(0)));
        // What is opened next waits for it.
        let next = BallotBox::open(Some(ballots), wanted(&root, ""), Arc::new(|| {})).unwrap();
        let all = [cast(["a.png", "b.png"], Some(1)), cast(["c.png", "a.png"], Some(0))];
        assert!(matches!(next.told.recv().unwrap(), Told::Opened(Ok(opened)) if opened.found == all));
        drop(next);
        // A kill in the middle of a line.
        let path = fs::read_dir(&root).unwrap().next().unwrap().unwrap().path();
        let mut text = fs::read(&path).unwrap();
        text.extend(b"{\"Cast\":{\"sho");
        fs::write(&path, text).unwrap();
        vote(wanted(&root, ""), &[cast(["a.png", "c.png"], None)]);
        assert_eq!(opened(wanted(&root, "")).found[2], cast(["a.png", "c.png"], None));
    }

    #[test]
    fn beginning_anew_puts_the_votes_aside() {
        let folder = tempfile::tempdir().unwrap();
        let ballots = open(wanted(folder.path(), ""));
        ballots.begin_anew();
        ballots.cast(cast(["a.png", "b.png"], Some(1)));
        ballots.begin_anew();
        ballots.cast(cast(["a.png", "b.png"], Some(0)));
        drop(ballots);
        let Opened { review, found } = opened(wanted(folder.path(), ""));
        assert_eq!(found, [cast(["a.png", "b.png"], Some(0))]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(review.votes().count(), 0, "what was put aside is nobody's");
    }

    #[test]
    fn every_reviewer_has_votes_of_their_own_and_the_ranking_is_of_all_or_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        vote(
            wanted(root, "Mika Ōno"),
            &[cast(["a.png", "b.png"], Some(0)), cast(["c.png", "a.png"], Some(1))],
        );
        vote(wanted(root, "Jo/2"), &[cast(["b.png", "a.png"], Some(1))]);
        vote(wanted(root, ""), &[cast(["d.png", "e.png"], Some(1))]);
        let Opened { mut review, found } = opened(wanted(root, "Mika Ōno"));
        assert_eq!(found.len(), 2);
        review.resume(&found);
        assert_eq!(review.reviewers(), ["Mika Ōno", "Jo/2", ""]);
        let wins = |review: &BlindReview, name: &str| {
            let ranking = review.ranking();
            ranking.iter().find(|(known, _)| *known == name).unwrap().1.wins
        };
        assert_eq!(
            (review.votes().count(), wins(&review, "a.png"), wins(&review, "e.png")),
            (4, 3.0, 1.0)
        );
        review.count(Some("Jo/2".to_owned()));
        assert_eq!(
            (review.votes().count(), wins(&review, "a.png"), wins(&review, "e.png")),
            (1, 1.0, 0.0)
        );
        assert_eq!(review.votes().next().unwrap().reviewer, "Jo/2");
        assert_eq!(last_reviewer(root), "Mika Ōno");
        // Other pictures are another review.
        let other = Wanted {
            entries: takes()[1..].to_vec(),
            ..wanted(root, "Jo/2")
        };
        assert_eq!(opened(other).review.reviewers(), ["Jo/2"]);
    }

    #[test]
    fn the_same_pictures_on_the_same_terms_have_the_same_file() {
        let root = Path::new("/state");
        let of = |entries: &[Arc<Entry>], terms| {
            set(&Wanted {
                entries: entries.to_vec(),
                terms,
                ..wanted(root, "")
            })
        };
        let pairs = terms(Grouping::None, 2);
        let all = of(&takes(), pairs);
        let mut turned = takes();
        turned.reverse();
        assert_eq!(of(&turned, Terms { votes: 3, ..pairs }), all);
        assert_ne!(of(&takes()[1..], pairs), all);
        assert_ne!(of(&takes(), terms(Grouping::Mode, 2)), all);
        let mut remade = takes();
        Arc::make_mut(&mut remade[0]).facts.as_mut().unwrap().fields[1].1 = "Vanilla".to_owned();
        assert_ne!(of(&remade, pairs), all);
        assert_ne!(file_name(&all, "a b"), file_name(&all, "a_b"));
    }

    #[test]
    fn what_cannot_be_begun_kept_or_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let alone = Wanted {
            entries: takes()[..1].to_vec(),
            ..wanted(folder.path(), "")
        };
        assert!(matches!(open(alone).told.recv().unwrap(), Told::Opened(Err(Unfit::Alone))));
        let path = folder.path().join(file_name(&set(&wanted(folder.path(), "")), ""));
        fs::write(&path, "no votes\n").unwrap();
        let ballots = open(wanted(folder.path(), ""));
        let told: Vec<Told> = [(); 2].map(|()| ballots.told.recv().unwrap()).into();
        assert!(matches!(&told[..], [Told::Opened(Ok(opened)), Told::Trouble(_)] if opened.found.is_empty()));
        let mut ballots = open(wanted(&path.join("under a file"), ""));
        ballots.cast(cast(["a", "b"], None));
        ballots.orders = None;
        assert!(
            ballots
                .told
                .iter()
                .any(|told| matches!(told, Told::Trouble(words) if words.contains("under a file")))
        );
    }
}
