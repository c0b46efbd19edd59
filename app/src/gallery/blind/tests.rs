use super::*;
use crate::gallery::entry::{Facts, Stamp};

fn entry(name: &str, fields: &[(&str, &str)]) -> Arc<Entry> {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let facts = Facts {
        size: [8, 8],
        fields: fields.collect(),
        ..Facts::default()
    };
    Arc::new(Entry::new(format!("/takes/{name}.png").into(), Stamp::default(), Ok(facts)))
}

pub fn takes() -> Vec<Arc<Entry>> {
    let take = |name, sketch, mode| entry(name, &[("Sketch", sketch), ("Mode", mode)]);
    vec![
        take("a", "girl", "Split"),
        take("b", "girl", "Vanilla"),
        take("c", "girl", "Split"),
        take("d", "boy", "Split"),
        take("e", "boy", "Vanilla"),
    ]
}

pub fn terms(by: Grouping, shown: usize) -> Terms {
    Terms { by, shown, votes: 200 }
}

fn review(terms: Terms, seed: u64) -> BlindReview {
    BlindReview::with_dice(Path::new("/takes"), &takes(), terms, Dice(seed)).unwrap()
}

#[test]
fn modes_compete_on_the_same_sketch_alone_and_pictures_everywhere() {
    assert_eq!(review(terms(Grouping::None, 2), 1).progress(), [0, 10]);
    assert_eq!(review(terms(Grouping::None, 4), 1).progress(), [0, 5]);
    let modes = review(terms(Grouping::Mode, 2), 1);
    assert_eq!(modes.progress(), [0, 3], "a-b, b-c, d-e");
    assert_eq!(modes.competitors, ["Split", "Vanilla"]);
    assert_eq!(
        review(terms(Grouping::Mode, 4), 1).progress(),
        [0, 3],
        "there are no more than two modes"
    );
    let few = Terms {
        votes: 2,
        ..terms(Grouping::None, 2)
    };
    assert_eq!(review(few, 1).progress(), [0, 2]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let new = |entries: &[Arc<Entry>], by| BlindReview::new(Path::new("/takes"), entries, terms(by, 2)).err();
    assert_eq!(new(&takes()[..1], Grouping::None), Some(Unfit::Alone));
    assert_eq!(new(&takes()[2..4], Grouping::Mode), Some(Unfit::Alike));
    assert_eq!(
        new(&[takes()[0].clone(), takes()[4].clone()], Grouping::Mode),
        Some(Unfit::Alike)
    );
    let many: Vec<_> = (0..101).map(|number| entry(&number.to_string(), &[])).collect();
    assert_eq!(new(&many, Grouping::None), Some(Unfit::TooMany(101)));
}

#[test]
fn without_recipes_folders_compete_on_files_of_one_name() {
    let entries = ["ours/1", "ours/2", "theirs/1", "theirs/2"].map(|name| entry(name, &[]));
    let review = BlindReview::new(Path::new("/takes"), &entries, terms(Grouping::Shot, 2)).unwrap();
    assert_eq!(
        (review.progress(), &*review.competitors),
        ([0, 2], &["ours".to_owned(), "theirs".to_owned()][..])
    );
    let [one, two] = review.shown().unwrap()[..] else { panic!() };
    assert_eq!(one.name(), two.name());
}

#[test]
fn places_are_by_chance_and_do_not_change_the_ranking() {
    let mut left = 0;
    for seed in 0..40 {
        let mut review = review(terms(Grouping::Mode, 2), seed);
        while let Some(shown) = review.shown() {
            let split = shown.iter().position(|entry| entry.field("Mode") == "Split").unwrap();
            left += usize::from(split == 0);
            review.vote(Some(split));
        }
        let ranking = review.ranking();
        assert_eq!((ranking[0].0, ranking[0].1.wins), ("Split", 3.0));
    }
    assert!((40..80).contains(&left), "{left} of 120");
}

#[test]
fn votes_can_be_taken_back_and_given_again() {
    let mut review = review(terms(Grouping::Mode, 2), 3);
    review.undo();
    review.vote(Some(0));
    review.undo();
    assert!(!review.can_undo() && review.can_redo());
    review.redo();
    assert_eq!(review.votes().map(|vote| vote.preferred).collect::<Vec<_>>(), [Some(0)]);
    review.undo();
    review.vote(Some(2));
    assert_eq!(review.progress(), [0, 3], "there is no third picture");
    for vote in [None, Some(0), Some(1), Some(1)] {
        review.vote(vote);
    }
    assert_eq!(review.progress(), [3, 3], "there is nothing left to vote on");
    assert!(!review.can_redo(), "a new vote ends what was taken back");
}

#[test]
fn a_set_that_is_passed_over_is_gone_and_counts_for_nothing() {
    let mut review = review(terms(Grouping::Mode, 2), 3);
    review.vote(Some(0));
    review.vote(Some(1));
    review.undo();
    let shown = |review: &BlindReview| {
        review
            .shown()
            .map(|set| set.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>())
    };
    let before = shown(&review);
    review.pass();
    assert!(before.is_some() && shown(&review) != before);
    assert_eq!(review.progress(), [1, 2]);
    assert!(!review.can_redo(), "what was taken back was a vote on other pictures");
    review.pass();
    review.pass();
    assert_eq!((review.progress(), shown(&review)), ([1, 1], None));
    assert_eq!(review.votes().count(), 1);
}

#[test]
fn a_review_goes_on_after_the_votes_that_were_cast_before() {
    let mut before = review(terms(Grouping::None, 2), 1);
    let mut casts = Vec::new();
    for vote in [Some(0), None, Some(1)] {
        before.vote(vote);
        casts.extend(before.last());
    }
    let mut review = review(terms(Grouping::None, 2), 2);
    review.resume(&casts);
    assert_eq!((review.progress(), review.last()), ([3, 10], casts.last().cloned()));
    assert_eq!(review.ranking(), before.ranking());
    while review.shown().is_some() {
        review.vote(None);
    }
    let sets: HashSet<_> = review.sets.iter().map(|set| unordered(set)).collect();
    assert_eq!(sets.len(), 10, "no pair comes twice");
    // What names other pictures is no vote here.
    let mut other = self::review(terms(Grouping::None, 2), 3);
    other.resume(&[Cast {
        shown: vec!["a.png".to_owned(), "gone.png".to_owned()],
        preferred: None,
    }]);
    assert_eq!(other.progress(), [0, 10]);
    for _ in 0..8 {
        review.undo();
    }
    assert_eq!(review.progress(), [2, 10], "earlier votes can be taken back, too");
}
