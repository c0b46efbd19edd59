//! What a catalogue holds, counted as its pictures come and go: a count of all of them anew would take longer than a frame where they are many.

use std::collections::BTreeMap;
use std::path::Path;

use super::entry::{Entry, RecipeKind};
use super::grouping::Grouping;
use super::marks::{Label, Marks};

/// How many pictures there are of each kind that can be filtered by.
#[derive(Debug, Default, PartialEq)]
pub struct Facets {
    groups: [Values; GROUPINGS],
    broken: usize,
    bare: usize,
    labels: BTreeMap<Label, usize>,
    fields: BTreeMap<String, usize>,
}

/// All groupings but none at all.
const GROUPINGS: usize = Grouping::ALL.len() - 1;

/// The values of a grouping.
#[derive(Debug, Default, PartialEq)]
pub struct Values {
    named: BTreeMap<String, usize>,
    /// The groups of those that say no value.
    without: BTreeMap<String, usize>,
}

/// A value of a grouping.
#[derive(Debug, PartialEq)]
pub struct Facet<'a> {
    pub value: &'a str,
    /// Whether another value is the same but for its hash.
    pub shares_name: bool,
    pub pictures: usize,
}

/// A picture comes, or goes.
#[derive(Clone, Copy)]
enum Change {
    Comes,
    Goes,
}

impl Facets {
    /// A picture of `folder` has come.
    pub fn add(&mut self, folder: &Path, entry: &Entry) {
        self.count(folder, entry, Change::Comes);
    }

    /// A picture that had come has gone.
    pub fn remove(&mut self, folder: &Path, entry: &Entry) {
        self.count(folder, entry, Change::Goes);
    }

    fn count(&mut self, folder: &Path, entry: &Entry, change: Change) {
        match &entry.facts {
            Ok(facts) => {
                facts
                    .fields
                    .iter()
                    .for_each(|(name, _)| tally(&mut self.fields, name, change));
                if facts.recipe == RecipeKind::None {
                    change.on(&mut self.bare);
                }
            }
            Err(_) => change.on(&mut self.broken),
        }
        self.label(entry.marks(), change);
        for (values, grouping) in self.groups.iter_mut().zip(&Grouping::ALL[1..]) {
            let group = grouping.of(folder, entry);
            let (is_without, _) = Grouping::rank(&group);
            let values = if is_without { &mut values.without } else { &mut values.named };
            tally(values, &*group, change);
        }
    }

    /// Of a picture nothing has changed but its marks.
    pub fn marks_changed(&mut self, before: Option<&Marks>, after: Option<&Marks>) {
        self.label(before, Change::Goes);
        self.label(after, Change::Comes);
    }

    fn label(&mut self, marks: Option<&Marks>, change: Change) {
        if let Some(label @ Label::Other(_)) = marks.and_then(|marks| marks.label.as_ref()) {
            tally(&mut self.labels, label, change);
        }
    }

    /// Each grouping with its values.
    pub fn groups(&self) -> impl Iterator<Item = (Grouping, &Values)> {
        Grouping::ALL.into_iter().skip(1).zip(&self.groups)
    }

    /// Pictures that cannot be read.
    pub fn broken(&self) -> usize {
        self.broken
    }

    /// Pictures without a recipe.
    pub fn bare(&self) -> usize {
        self.bare
    }

    /// Labels of other programs, and how many pictures have each.
    pub fn labels(&self) -> impl Iterator<Item = (&Label, usize)> {
        self.labels.iter().map(|(label, pictures)| (label, *pictures))
    }

    /// Names of the recipes' fields.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }
}

impl Values {
    pub fn len(&self) -> usize {
        self.named.len() + self.without.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In the order in which they are listed. `grouping` is that which they are the values of.
    pub fn iter(&self, grouping: Grouping) -> impl Iterator<Item = Facet<'_>> {
        let all = || self.named.iter().chain(&self.without);
        // What shares its name stands side by side.
        let before = std::iter::once(None).chain(all().map(Some));
        let after = all().skip(1).map(Some).chain(std::iter::once(None));
        all().zip(before.zip(after)).map(move |((value, pictures), (before, after))| {
            let shares = |(other, _): (&String, &usize)| grouping.plain(other) == grouping.plain(value);
            Facet {
                value,
                shares_name: before.is_some_and(shares) || after.is_some_and(shares),
                pictures: *pictures,
            }
        })
    }
}

impl Change {
    fn on(self, count: &mut usize) {
        match self {
            Self::Comes => *count += 1,
            Self::Goes => *count -= 1,
        }
    }
}

fn tally<K, Q>(counts: &mut BTreeMap<K, usize>, key: &Q, change: Change)
where
    K: Ord + std::borrow::Borrow<Q>,
    Q: Ord + ToOwned<Owned = K> + ?Sized,
{
    match (counts.get_mut(key), change) {
        (Some(count), _) => {
            change.on(count);
            if *count == 0 {
                counts.remove(key);
            }
        }
        (None, Change::Comes) => drop(counts.insert(key.to_owned(), 1)),
        (None, Change::Goes) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::entry::{Facts, Stamp};

    const FOLDER: &str = "/takes";

    fn take(name: &str, sketch: &str, label: Option<&str>) -> Entry {
        let fields = [("Sketch", sketch), ("Seed", "7")];
        let facts = Facts {
            recipe: RecipeKind::Own,
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            marks: Marks {
                label: label.and_then(Label::from_text),
                ..Marks::default()
            },
            ..Facts::default()
        };
        Entry::new(Path::new(FOLDER).join(name), Stamp::default(), Ok(facts))
    }

    fn counted(entries: &[&Entry]) -> Facets {
        let mut facets = Facets::default();
        entries.iter().for_each(|entry| facets.add(Path::new(FOLDER), entry));
        facets
    }

    fn values(facets: &Facets, grouping: Grouping) -> Vec<(&str, bool, usize)> {
        let (_, values) = facets.groups().find(|(known, _)| *known == grouping).unwrap();
        let values = values.iter(grouping);
        values.map(|facet| (facet.value, facet.shares_name, facet.pictures)).collect()
    }

    #[test]
    fn what_goes_leaves_no_trace() {
        let broken = Entry::new("/takes/torn.png".into(), Stamp::default(), Err("torn".to_owned()));
        let bare = Entry::new("/takes/b/scan.png".into(), Stamp::default(), Ok(Facts::default()));
        let kept = take("a.png", "girl", None);
        let mut facets = counted(&[&broken, &kept, &bare, &take("b.png", "boy", Some("To print"))]);
        assert_eq!((facets.broken(), facets.bare()), (1, 1));
        assert_eq!(facets.fields().collect::<Vec<_>>(), ["Seed", "Sketch"]);
        assert_eq!(
            facets
                .labels()
                .map(|(label, count)| (label.text(), count))
                .collect::<Vec<_>>(),
            [("To print", 1)]
        );
        assert_eq!(values(&facets, Grouping::Shot), [("b", false, 1), ("this folder", false, 3)]);
        let mut marked = take("b.png", "boy", None);
        facets.marks_changed(take("b.png", "boy", Some("To print")).marks(), marked.marks());
        assert_eq!(facets.labels().count(), 0);
        marked.stamp.bytes = 9;
        for entry in [&broken, &bare, &marked] {
            facets.remove(Path::new(FOLDER), entry);
        }
        assert_eq!(facets, counted(&[&kept]));
        // One that never came is not counted as it goes.
        facets.remove(Path::new(FOLDER), &kept);
        facets.remove(Path::new(FOLDER), &kept);
        assert_eq!(facets, Facets::default());
    }

    #[test]
    fn values_are_listed_by_name_with_those_that_say_none_last() {
        let names = ["girl.png #00000002", "zebra.png #00000003", "girl.png #00000001", ""];
        let entries: Vec<Entry> = names.iter().map(|sketch| take("a.png", sketch, None)).collect();
        let facets = counted(&entries.iter().collect::<Vec<_>>());
        assert_eq!(
            values(&facets, Grouping::Sketch),
            [
                ("girl.png #00000001", true, 1),
                ("girl.png #00000002", true, 1),
                ("zebra.png #00000003", false, 1),
                ("no recipe", false, 1)
            ]
        );
    }

    #[test]
    fn folders_that_end_as_hashes_do_are_called_as_they_are() {
        let entries = ["cut #12/a.png", "cut #13/a.png"].map(|name| take(name, "girl.png #00000001", None));
        let facets = counted(&entries.iter().collect::<Vec<_>>());
        assert_eq!(
            values(&facets, Grouping::Shot),
            [("cut #12", false, 1), ("cut #13", false, 1)]
        );
        let called = [Grouping::Shot, Grouping::Sketch].map(|grouping| grouping.plain("cut #12"));
        assert_eq!(called, ["cut #12", "cut"]);
    }
}
