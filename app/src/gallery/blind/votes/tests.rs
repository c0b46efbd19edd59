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
}

/// The file of a reviewer without a name.
fn file(root: &Path) -> PathBuf {
    Journal::new(root, &set(&wanted(root, "")), "").path
}

/// What is opened, and the trouble that is told with it.
fn troubled(wanted: Wanted) -> (Vec<Cast>, String) {
    let ballots = open(wanted);
    match [(); 2].map(|()| ballots.told.recv().unwrap()) {
        [Told::Opened(Ok(opened)), Told::Trouble(words)] => (opened.found, words),
        _ => panic!("no review with one trouble"),
    }
}

#[test]
fn what_cannot_be_begun_or_kept_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let alone = Wanted {
        entries: takes()[..1].to_vec(),
        ..wanted(folder.path(), "")
    };
    assert!(matches!(open(alone).told.recv().unwrap(), Told::Opened(Err(Unfit::Alone))));
    let path = folder.path().join("a file");
    fs::write(&path, "").unwrap();
    let mut ballots = open(wanted(&path.join("under a file"), ""));
    ballots.cast(cast(["a", "b"], None));
    ballots.orders = None;
    let said = |told: Told| matches!(told, Told::Trouble(words) if words.contains("under a file") && words.ends_with(KEEP));
    assert!(ballots.told.iter().any(said));
}

#[test]
fn a_review_goes_on_after_the_votes_before_a_damaged_line_and_the_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let votes = [("a.png", Some(0)), ("b.png", None), ("d.png", Some(1))].map(|(name, vote)| cast([name, "c.png"], vote));
    vote(wanted(folder.path(), ""), &votes);
    let text = fs::read_to_string(file(folder.path())).unwrap();
    let damaged = text.replace("\"b.png\"", "\"b.p");
    fs::write(file(folder.path()), &damaged).unwrap();
    let (found, words) = troubled(wanted(folder.path(), ""));
    assert_eq!(found, votes[..1]);
    assert!(
        words.contains("line 2 is damaged") && words.contains("the file is kept as "),
        "{words}"
    );
    let files = fs::read_dir(folder.path()).unwrap().flatten().map(|file| file.path());
    let aside = files
        .into_iter()
        .find(|path| path.to_string_lossy().contains(".damaged-"))
        .unwrap();
    assert_eq!(fs::read_to_string(aside).unwrap(), damaged);
    // New votes are read again with those before them.
    vote(wanted(folder.path(), ""), &votes[2..]);
    assert_eq!(opened(wanted(folder.path(), "")).found, [votes[0].clone(), votes[2].clone()]);
}

#[test]
fn of_another_reviewer_s_damaged_file_counts_what_can_be_read_and_it_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    vote(wanted(folder.path(), ""), &[cast(["a.png", "b.png"], Some(0))]);
    let mut text = fs::read(file(folder.path())).unwrap();
    text.extend(b"no vote\n");
    fs::write(file(folder.path()), &text).unwrap();
    let ballots = open(wanted(folder.path(), "Jo"));
    let Told::Opened(Ok(opened)) = ballots.told.recv().unwrap() else {
        panic!("no review")
    };
    assert_eq!((opened.review.votes().count(), opened.found.len()), (1, 0));
    assert!(matches!(ballots.told.recv().unwrap(), Told::Trouble(words) if words.contains("of another reviewer")));
    assert_eq!(fs::read(file(folder.path())).unwrap(), text);
}

#[test]
fn a_file_that_cannot_be_read_at_all_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(file(folder.path())).unwrap();
    let (found, words) = troubled(wanted(folder.path(), ""));
    assert!(
        found.is_empty() && words.starts_with("Your earlier votes cannot be read from"),
        "{words}"
    );
}

#[test]
fn what_went_wrong_as_the_review_before_was_left_is_told_in_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a file");
    fs::write(&path, "").unwrap();
    let before = open(wanted(&path.join("under a file"), ""));
    before.cast(cast(["a.png", "b.png"], None));
    let mut next = BallotBox::open(Some(before), wanted(folder.path(), ""), Arc::new(|| {})).unwrap();
    assert!(matches!(next.told.recv().unwrap(), Told::Opened(Ok(_))));
    next.orders = None;
    let heard = next.told.iter().map(|told| match told {
        Told::Opened(_) => String::new(),
        Told::Trouble(words) => words,
    });
    let heard: Vec<String> = heard.collect();
    assert!(heard[1].ends_with(KEEP) && heard[2].ends_with(LEFT), "{heard:?}");
}
