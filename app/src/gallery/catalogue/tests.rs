use std::fs;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::*;
use crate::gallery::entry::{Stamp, change_marks};
use crate::gallery::listing;
use crate::gallery::marks::{Label, Marks};

fn picture(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    RgbImage::new(2, 2).save(&path).unwrap();
    path
}

fn until(catalogue: &mut Catalogue, what: &str, done: impl Fn(&Catalogue) -> bool) {
    let start = Instant::now();
    while !done(catalogue) {
        assert!(start.elapsed() < crate::PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
        catalogue.look();
        catalogue.catch_up();
    }
}

fn open(folder: &Path, caches: Option<&Path>) -> Catalogue {
    let mut catalogue = Catalogue::open(folder, caches.map(Path::to_owned), Arc::new(|| {})).unwrap();
    until(&mut catalogue, "the folder", |catalogue| {
        *catalogue.progress() == Progress::Current
    });
    catalogue
}

#[test]
fn what_happens_outside_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let a = picture(folder.path(), "a.png");
    let mut catalogue = open(folder.path(), None);
    assert_eq!(catalogue.len(), 1);
    let b = picture(folder.path(), "b.png");
    until(&mut catalogue, "a new file", |catalogue| catalogue.get(&b).is_some());
    fs::write(&a, "broken now").unwrap();
    until(&mut catalogue, "a changed file", |catalogue| {
        catalogue.get(&a).unwrap().facts.is_err()
    });
    fs::rename(&b, folder.path().join("c.png")).unwrap();
    until(&mut catalogue, "a moved file", |catalogue| {
        catalogue.get(&b).is_none() && catalogue.get(&folder.path().join("c.png")).is_some()
    });
    fs::remove_dir_all(folder.path()).unwrap();
    until(&mut catalogue, "the folder's end", |catalogue| {
        catalogue.is_empty() && matches!(catalogue.progress(), Progress::Failed(reason) if reason.contains("cannot be read"))
    });
}

#[test]
fn the_second_opening_reads_no_picture_that_is_the_same() {
    let (folder, caches) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let a = picture(folder.path(), "a.png");
    picture(folder.path(), "b.png");
    let entry = open(folder.path(), Some(caches.path())).get(&a).unwrap().clone();
    // The cache is written after the last word; a word in it that no file says shows that it is used.
    let start = Instant::now();
    while listing::load(caches.path(), folder.path()).len() < 2 {
        assert!(start.elapsed() < crate::PATIENCE, "no cache was written");
        thread::sleep(Duration::from_millis(5));
    }
    let mut told = (*entry).clone();
    told.facts.as_mut().unwrap().marks.note = "from the cache".to_owned();
    listing::store(caches.path(), folder.path(), [&told].into_iter()).unwrap();
    let again = open(folder.path(), Some(caches.path()));
    assert_eq!(again.get(&a).unwrap().marks().unwrap().note, "from the cache");
    assert_eq!(again.len(), 2);
}

/// What the writer says of one mark.
fn told(path: &Path, entry: Option<Entry>) -> Written {
    Written {
        path: path.to_owned(),
        decisions: 1,
        when: Instant::now(),
        entry,
        error: None,
    }
}

#[test]
fn news_tell_marks_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let a = picture(folder.path(), "a.png");
    let mut catalogue = open(folder.path(), None);
    let mut entry = Entry::read(a.clone(), Stamp::of(&a).unwrap());
    let mut news = |entry: &Entry| {
        let news = catalogue.written(told(&a, Some(entry.clone())));
        (news.files, news.marks, news.again.len())
    };
    entry.facts.as_mut().unwrap().marks.stars = 3;
    assert_eq!(news(&entry), (false, true, 1));
    assert_eq!(news(&entry), (false, false, 1), "what shows already is written");
    entry.facts.as_mut().unwrap().day = "2026-11-24".to_owned();
    assert_eq!(news(&entry), (true, false, 0), "it is grouped by its day");
    entry.facts.as_mut().unwrap().size = [9, 9];
    assert_eq!(news(&entry), (true, false, 0));
}

#[test]
fn much_that_comes_or_goes_is_taken_in_a_part_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut catalogue = open(folder.path(), None);
    let (sender, updates) = channel();
    let (wake, woken) = channel();
    catalogue.updates = updates;
    catalogue.waker = Arc::new(move || wake.send(()).unwrap());
    let paths: Vec<PathBuf> = (0..TAKEN_IN + 1)
        .map(|number| folder.path().join(format!("{number}.png")))
        .collect();
    let entry = |path: &PathBuf| Arc::new(Entry::new(path.clone(), Stamp::default(), Err("torn".to_owned())));
    let batches = || paths.chunks(64);
    batches().for_each(|batch| {
        sender
            .send(Update::Read(batch.iter().map(entry).collect(), Instant::now()))
            .unwrap()
    });
    catalogue.catch_up();
    assert_eq!((catalogue.len(), woken.try_iter().count()), (TAKEN_IN, 1));
    catalogue.catch_up();
    assert_eq!((catalogue.len(), woken.try_iter().count()), (TAKEN_IN + 1, 0));
    batches().for_each(|batch| sender.send(Update::Gone(batch.to_vec())).unwrap());
    catalogue.catch_up();
    assert_eq!((catalogue.len(), woken.try_iter().count()), (1, 1));
    catalogue.catch_up();
    assert_eq!((catalogue.len(), woken.try_iter().count()), (0, 0));
}

#[test]
fn a_look_that_finds_nothing_but_a_rating_is_no_news_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let a = picture(folder.path(), "a.png");
    change_marks(&a, |marks| marks.stars = 1).unwrap();
    let mut catalogue = open(folder.path(), None);
    change_marks(&a, |marks| marks.stars = 5).unwrap();
    let (start, mut marks) = (Instant::now(), Vec::new());
    while marks.is_empty() || *catalogue.progress() != Progress::Current {
        assert!(start.elapsed() < crate::PATIENCE);
        catalogue.look();
        thread::sleep(Duration::from_millis(2));
        let news = catalogue.catch_up();
        assert!(!news.files);
        assert_eq!(news.marks, !news.again.is_empty());
        marks.extend(news.again);
    }
    assert_eq!(marks, [a]);
}

#[test]
fn what_is_counted_follows_files_and_labels() {
    let folder = tempfile::tempdir().unwrap();
    let a = picture(folder.path(), "a.png");
    let mut catalogue = open(folder.path(), None);
    let labels = |catalogue: &Catalogue| -> Vec<String> {
        let labels = catalogue.facets().labels();
        labels.map(|(label, count)| format!("{} {count}", label.text())).collect()
    };
    catalogue.mark(&a, Mark::Label(Label::from_text("To print")));
    assert_eq!(
        (catalogue.facets().bare(), labels(&catalogue)),
        (1, vec!["To print 1".to_owned()])
    );
    catalogue.mark(&a, Mark::Label(Some(Label::Red)));
    assert!(labels(&catalogue).is_empty());
    let theirs = |marks: &mut Marks| marks.label = Label::from_text("Sent");
    let entry = change_marks(&a, theirs).unwrap();
    catalogue.written(Written {
        decisions: 2,
        ..told(&a, Some(entry))
    });
    assert_eq!(labels(&catalogue), ["Sent 1"]);
    fs::write(&a, "broken now").unwrap();
    until(&mut catalogue, "a changed file", |catalogue| catalogue.facets().broken() == 1);
    assert_eq!((catalogue.facets().bare(), labels(&catalogue).len()), (0, 0));
    fs::remove_file(&a).unwrap();
    until(&mut catalogue, "the end", Catalogue::is_empty);
    assert_eq!(*catalogue.facets(), Facets::default());
}

#[test]
fn marks_show_before_they_are_written_and_older_readings_do_not_undo_them() {
    let folder = tempfile::tempdir().unwrap();
    let a = picture(folder.path(), "a.png");
    let mut catalogue = open(folder.path(), None);
    let shown = |catalogue: &Catalogue| catalogue.get(&a).unwrap().marks().unwrap().clone();
    catalogue.mark(&a, Mark::Stars(3));
    catalogue.mark(&a, Mark::Stars(4));
    let entry = |stars, note: &str| {
        let mut entry = Entry::read(a.clone(), Stamp::of(&a).unwrap());
        let marks = &mut entry.facts.as_mut().unwrap().marks;
        (marks.stars, marks.note) = (stars, note.to_owned());
        Some(entry)
    };
    catalogue.written(told(&a, entry(3, "theirs")));
    assert_eq!(shown(&catalogue).stars, 4, "the first of two writings is no news");
    assert_eq!(shown(&catalogue).note, "theirs", "of what nobody decides here the file tells");
    catalogue.written(told(&a, entry(4, "theirs")));
    catalogue.written(told(&a, entry(2, "")));
    assert_eq!(shown(&catalogue).stars, 2, "what another program decides later counts");
}

#[test]
fn a_reading_that_a_writing_has_overtaken_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let a = picture(folder.path(), "a.png");
    let mut catalogue = open(folder.path(), None);
    let before = catalogue.get(&a).unwrap().clone();
    let begun = Instant::now();
    let mut after = Entry::clone(&before);
    after.stamp.modified += 1;
    after.facts.as_mut().unwrap().marks.stars = 4;
    catalogue.written(told(&a, Some(after.clone())));
    assert!(catalogue.is_outdated(&before, begun));
    assert!(!catalogue.is_outdated(&after, begun), "this is what was written");
    assert!(
        !catalogue.is_outdated(&before, Instant::now()),
        "an older file that was put back later"
    );
}

#[test]
fn a_folder_that_comes_back_empty_is_read_again() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("takes");
    fs::create_dir(&folder).unwrap();
    let mut catalogue = open(&folder, None);
    fs::remove_dir(&folder).unwrap();
    until(&mut catalogue, "the folder's end", |catalogue| {
        matches!(catalogue.progress(), Progress::Failed(_))
    });
    fs::create_dir(&folder).unwrap();
    until(&mut catalogue, "the folder's return", |catalogue| {
        *catalogue.progress() == Progress::Current
    });
}

#[test]
fn what_was_written_while_a_picture_was_first_read_shows() {
    let folder = tempfile::tempdir().unwrap();
    let a = picture(folder.path(), "a.png");
    let read = Entry::read(a.clone(), Stamp::of(&a).unwrap());
    let mut after = read.clone();
    after.stamp.modified += 1;
    after.facts.as_mut().unwrap().marks.stars = 4;
    let stars_after = |begun: Option<Instant>| {
        let mut catalogue = Catalogue::open(folder.path(), None, Arc::new(|| {})).unwrap();
        let (sender, updates) = channel();
        catalogue.updates = updates;
        catalogue.written(told(&a, Some(after.clone())));
        assert!(catalogue.is_empty(), "it may be gone by now");
        let reading = Update::Read(vec![Arc::new(read.clone())], begun.unwrap_or_else(Instant::now));
        sender.send(reading).unwrap();
        catalogue.catch_up();
        catalogue.get(&a).unwrap().marks().unwrap().stars
    };
    assert_eq!(stars_after(Some(Instant::now())), 4);
    assert_eq!(stars_after(None), 0, "an older file that was put back later");
}
