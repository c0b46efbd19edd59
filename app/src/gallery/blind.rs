//! Blind review: pictures side by side without names or settings, their places by chance. The votes give a ranking.

#[cfg(test)]
pub(super) mod tests;
pub mod votes;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::sync::Arc;

use super::entry::Entry;
use super::grouping::Grouping;
use super::ranking::{Ballot, Strength, strengths};
use super::recipe_fields::SKETCH;
use votes::Cast;

/// Competitors of one review, 2 at least.
pub const MOST_COMPETITORS: usize = 100;
/// Pictures that are shown at once, 2 at least.
pub const MOST_SHOWN: usize = 4;
/// Rounds without a new set after which all sets are taken to have been found.
const IDLE_ROUNDS: usize = 64;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What competes: the pictures themselves, or what a group of them has in common. Then only pictures of the same sketch stand side by side.
    pub by: Grouping,
    /// Pictures at once, 2..=[`MOST_SHOWN`].
    pub shown: usize,
    /// Votes at the most.
    pub votes: usize,
}

/// Why there is nothing to vote on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("There are no two pictures to compare. Show or select more.")]
    Alone,
    #[error("No two pictures of the same sketch differ in this. Choose what else shall be ranked.")]
    Alike,
    #[error("{0} are too many to be ranked by votes: filter or select {MOST_COMPETITORS} at most.")]
    TooMany(usize),
}

/// A review under way.
#[derive(Clone)]
pub struct BlindReview {
    entries: Vec<Arc<Entry>>,
    /// The entries as named from their folder.
    names: Vec<String>,
    /// Names of the competitors.
    competitors: Vec<String>,
    /// The competitor that each entry stands for.
    of: Vec<usize>,
    /// Entries side by side, from the left.
    sets: Vec<Vec<usize>>,
    /// For each set so far the place of what was preferred; none: all are alike.
    votes: Vec<Option<usize>>,
    /// Votes that were taken back, the last first.
    undone: Vec<Option<usize>>,
    /// Who votes; may be empty.
    reviewer: String,
    /// What others voted on these pictures.
    others: Vec<Others>,
    /// Whose votes count; none: everybody's.
    counted: Option<String>,
}

/// What another reviewer voted: sets of entries, and the place of what was preferred.
#[derive(Clone)]
struct Others {
    reviewer: String,
    votes: Vec<(Vec<usize>, Option<usize>)>,
}

/// A vote as it leaves the program.
pub struct Vote<'a> {
    pub reviewer: &'a str,
    /// Pictures as named from the review's folder, from the left.
    pub shown: Vec<&'a str>,
    /// The place of what was preferred; none: all are alike.
    pub preferred: Option<usize>,
}

impl BlindReview {
    /// Sets of `entries`, which are seen from `folder`, in an order by chance.
    pub fn new(folder: &Path, entries: &[Arc<Entry>], terms: Terms) -> Result<Self, Unfit> {
        Self::with_dice(folder, entries, terms, Dice(RandomState::new().build_hasher().finish()))
    }

    fn with_dice(folder: &Path, entries: &[Arc<Entry>], terms: Terms, mut dice: Dice) -> Result<Self, Unfit> {
        let entries: Vec<_> = entries.iter().filter(|entry| entry.facts.is_ok()).cloned().collect();
        let name = |entry: &Arc<Entry>| match terms.by {
            Grouping::None => inside(folder, entry),
            by => by.of(folder, entry).into_owned(),
        };
        let mut competitors: Vec<String> = entries.iter().map(name).collect();
        competitors.sort();
        competitors.dedup();
        match (entries.len(), competitors.len()) {
            (0 | 1, _) => return Err(Unfit::Alone),
            (_, 0 | 1) => return Err(Unfit::Alike),
            (_, count) if count > MOST_COMPETITORS => return Err(Unfit::TooMany(count)),
            _ => {}
        }
        let place = |entry| competitors.binary_search(&name(entry)).unwrap_or_default();
        let of: Vec<usize> = entries.iter().map(place).collect();
        let mut subjects: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            subjects.entry(subject(entry, terms.by)).or_default().push(index);
        }
        let sets = deal(subjects.into_values().collect(), &of, terms, &mut dice);
        match sets.is_empty() {
            true => Err(Unfit::Alike),
            false => Ok(Self {
                names: entries.iter().map(|entry| inside(folder, entry)).collect(),
                entries,
                competitors,
                of,
                sets,
                votes: Vec::new(),
                undone: Vec::new(),
                reviewer: String::new(),
                others: Vec::new(),
                counted: None,
            }),
        }
    }

    /// Names who votes from now on.
    pub fn by(&mut self, reviewer: &str) {
        reviewer.clone_into(&mut self.reviewer);
    }

    /// Lays beside it what another reviewer voted on the same pictures.
    pub fn beside(&mut self, reviewer: String, casts: &[Cast]) {
        let votes = self.known(casts);
        self.others.push(Others { reviewer, votes });
    }

    /// Everybody who votes or has voted, whoever votes now first. Who gave no name has an empty one.
    pub fn reviewers(&self) -> Vec<&str> {
        let others = self.others.iter().map(|others| others.reviewer.as_str());
        [self.reviewer.as_str()].into_iter().chain(others).collect()
    }

    /// Counts the votes of this reviewer alone, or everybody's.
    pub fn count(&mut self, reviewer: Option<String>) {
        self.counted = reviewer;
    }

    /// Whose votes count; none: everybody's.
    pub fn counted(&self) -> Option<&str> {
        self.counted.as_deref()
    }

    /// Votes as sets of entries, and the place of what was preferred. One that names other pictures is none.
    fn known(&self, casts: &[Cast]) -> Vec<(Vec<usize>, Option<usize>)> {
        let places: HashMap<&str, usize> = self.names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let known = casts.iter().filter_map(|cast| {
            let places = cast.shown.iter().map(|name| places.get(name.as_str()).copied());
            let set: Vec<usize> = places.collect::<Option<_>>()?;
            (set.len() > cast.preferred.unwrap_or_default()).then_some((set, cast.preferred))
        });
        known.collect()
    }

    /// Begins after votes that were cast before; their sets are not shown again.
    pub fn resume(&mut self, casts: &[Cast]) {
        let (mut sets, votes): (Vec<_>, Vec<_>) = self.known(casts).into_iter().unzip();
        let seen: HashSet<_> = sets.iter().map(|set| unordered(set)).collect();
        let length = self.sets.len().max(sets.len());
        sets.extend(self.sets.drain(..).filter(|set| !seen.contains(&unordered(set))));
        sets.truncate(length);
        (self.sets, self.votes) = (sets, votes);
        self.undone.clear();
    }

    /// What to vote on, from the left; none when all has been seen.
    pub fn shown(&self) -> Option<Vec<&Arc<Entry>>> {
        self.set(self.votes.len())
    }

    /// What comes after it, to be decoded meanwhile.
    pub fn upcoming(&self) -> Option<Vec<&Arc<Entry>>> {
        self.set(self.votes.len() + 1)
    }

    fn set(&self, number: usize) -> Option<Vec<&Arc<Entry>>> {
        let set = self.sets.get(number)?;
        Some(set.iter().map(|index| &self.entries[*index]).collect())
    }

    /// Votes so far, and sets in all.
    pub fn progress(&self) -> [usize; 2] {
        [self.votes.len(), self.sets.len()]
    }

    /// Prefers what stands at a place from the left; none: nothing. A place where nothing stands is no vote.
    pub fn vote(&mut self, place: Option<usize>) {
        let shown = self.sets.get(self.votes.len()).map_or(0, Vec::len);
        if shown > place.unwrap_or_default() {
            self.votes.push(place);
            self.undone.clear();
        }
    }

    /// Passes over the set that shows, for good: whoever votes cannot see all of it.
    pub fn pass(&mut self) {
        let number = self.votes.len();
        if number < self.sets.len() {
            self.sets.remove(number);
            // A vote that was taken back was on it.
            self.undone.clear();
        }
    }

    /// Takes the last vote back.
    pub fn undo(&mut self) {
        self.undone.extend(self.votes.pop());
    }

    /// Votes again as it was before the last vote was taken back.
    pub fn redo(&mut self) {
        self.votes.extend(self.undone.pop());
    }

    pub fn can_undo(&self) -> bool {
        !self.votes.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The last vote, as it is kept.
    pub fn last(&self) -> Option<Cast> {
        let preferred = *self.votes.last()?;
        let set = &self.sets[self.votes.len() - 1];
        Some(Cast {
            shown: set.iter().map(|entry| self.names[*entry].clone()).collect(),
            preferred,
        })
    }

    /// The votes that count, as sets of entries.
    fn ballots(&self) -> impl Iterator<Item = (&str, &[usize], Option<usize>)> {
        let own = self.sets.iter().zip(&self.votes);
        let own = own.map(|(set, vote)| (self.reviewer.as_str(), set.as_slice(), *vote));
        let others = self.others.iter().flat_map(|others| {
            let votes = others.votes.iter();
            votes.map(|(set, vote)| (others.reviewer.as_str(), set.as_slice(), *vote))
        });
        let counts = |reviewer: &str| self.counted().is_none_or(|counted| counted == reviewer);
        own.chain(others).filter(move |(reviewer, ..)| counts(reviewer))
    }

    /// The votes that count.
    pub fn votes(&self) -> impl Iterator<Item = Vote<'_>> {
        self.ballots().map(|(reviewer, set, preferred)| Vote {
            reviewer,
            shown: set.iter().map(|entry| self.names[*entry].as_str()).collect(),
            preferred,
        })
    }

    /// Names and strengths by the votes that count, the strongest first.
    pub fn ranking(&self) -> Vec<(&str, Strength)> {
        let ballots = self.ballots().map(|(_, set, vote)| Ballot {
            shown: set.iter().map(|entry| self.of[*entry]).collect(),
            preferred: vote.map(|place| self.of[set[place]]),
        });
        let strengths = strengths(self.competitors.len(), &ballots.collect::<Vec<_>>());
        let mut ranking: Vec<_> = self.competitors.iter().map(String::as_str).zip(strengths).collect();
        ranking.sort_by(|(_, a), (_, b)| b.value.total_cmp(&a.value));
        ranking
    }
}

/// A picture as it is named from a folder.
fn inside(folder: &Path, entry: &Entry) -> String {
    let path = entry.path.strip_prefix(folder).unwrap_or(&entry.path);
    path.to_string_lossy().into_owned()
}

/// What two sets of the same pictures have in common.
fn unordered(set: &[usize]) -> Vec<usize> {
    let mut set = set.to_vec();
    set.sort_unstable();
    set
}

/// What pictures must share to stand side by side: nothing when they compete themselves, else the sketch. Without a recipe the file's name stands
/// for it, as where the results of several programs lie in a folder each.
fn subject(entry: &Entry, by: Grouping) -> String {
    match (by, entry.field(SKETCH)) {
        (Grouping::None, _) => String::new(),
        (_, "") => entry.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        (_, sketch) => sketch.to_owned(),
    }
}

/// Deals the entries of each subject into sets of different competitors, round after round, so that all are seen about equally often. No set twice.
fn deal(mut subjects: Vec<Vec<usize>>, of: &[usize], terms: Terms, dice: &mut Dice) -> Vec<Vec<usize>> {
    let (mut sets, mut known) = (Vec::new(), HashSet::new());
    let mut idle = 0;
    while idle < IDLE_ROUNDS {
        idle += 1;
        dice.shuffle(&mut subjects);
        for entries in &mut subjects {
            dice.shuffle(entries);
            let mut open: Vec<Vec<usize>> = Vec::new();
            for entry in entries.iter() {
                let fits = |set: &&mut Vec<usize>| set.len() < terms.shown && set.iter().all(|known| of[*known] != of[*entry]);
                match open.iter_mut().find(fits) {
                    Some(set) => set.push(*entry),
                    None => open.push(vec![*entry]),
                }
            }
            // What is left over is no set, unless the subject has no more.
            let largest = open.iter().map(Vec::len).max().unwrap_or_default();
            for set in open.into_iter().filter(|set| set.len() == largest && set.len() > 1) {
                if known.insert(unordered(&set)) {
                    sets.push(set);
                    idle = 0;
                }
                if sets.len() == terms.votes {
                    return sets;
                }
            }
        }
    }
    sets
}

/// Numbers by chance: SplitMix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((value ^ (value >> 31)) % limit as u64) as usize
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }
}
