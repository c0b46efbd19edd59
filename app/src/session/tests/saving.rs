//! What is in a file, and what is not yet.

use super::laying::held;
use super::*;
use crate::session::filing::{NOT_TAKEN_IN, OVERTAKEN};

#[test]
fn a_document_is_saved_once_its_file_is_written_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["a.ora", "b.ora"].map(|name| folder.path().join(name));
    let mut session = opened();
    change(&mut session);
    let gate = hold(&session.filed.saves);
    session.save(first.clone());
    session.catch_up();
    assert!(session.is_modified() && session.is_writing());
    let later = hold(&session.filed.saves);
    session.save(second.clone());
    drop(gate);
    wait(&mut session, "the first file", |session| {
        session.path() == Some(first.as_path())
    });
    assert!(session.is_saving(), "the second is still to be written");
    change(&mut session);
    drop(later);
    wait(&mut session, "the second file", |session| !session.is_saving());
    assert_eq!(session.path(), Some(second.as_path()));
    assert!(session.is_modified(), "what was done meanwhile is in no file");
    session.save(second);
    wait(&mut session, "it once more", |session| !session.is_saving());
    assert!(!session.is_modified());
}

#[test]
fn a_document_whose_program_ends_while_it_is_saved_is_offered_again() {
    let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut session = empty();
    session.keep_safe(root.path().to_owned(), COPY_EVERY).unwrap();
    session.begin(drawing("first"));
    change(&mut session);
    session.catch_up();
    let gate = hold(&session.filed.saves);
    session.save(folder.path().join("a.ora"));
    session.catch_up();
    drop(session);
    assert_eq!(Lost::find(root.path()).len(), 1);
    drop(gate);
}

#[test]
fn what_was_lost_and_cannot_be_read_is_offered_again() {
    let root = tempfile::tempdir().unwrap();
    let mut session = empty();
    session.keep_safe(root.path().to_owned(), COPY_EVERY).unwrap();
    session.begin(drawing("first"));
    change(&mut session);
    session.catch_up();
    drop(session);
    let folder = std::fs::read_dir(root.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(folder.join("0.journal"), [0; 64]).unwrap();
    let mut session = empty();
    session.keep_safe(root.path().to_owned(), COPY_EVERY).unwrap();
    wait(&mut session, "what was lost", |session| session.lost().len() == 1);
    session.recover(0);
    assert!(session.lost().is_empty());
    wait(&mut session, "the answer", |session| session.lost().len() == 1);
    let words = session.notice.take().map(|notice| notice.text).unwrap_or_default();
    assert!(words.contains("0.journal") && !session.is_opening(), "{words}");
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_document_changed() {
    let mut session = opened();
    change(&mut session);
    session.save(Path::new("/nowhere/at all/a.ora").to_owned());
    wait(&mut session, "the failure", |session| !session.is_saving());
    assert!(session.is_modified() && session.has_missed_saving());
}

#[test]
fn what_is_painted_while_another_document_opens_is_asked_about() {
    let mut session = opened();
    let gate = hold(&session.files);
    session.open_by(|| Ok(drawing("second")));
    change(&mut session);
    drop(gate);
    wait(&mut session, "the question", |session| session.holds_opened());
    assert_eq!((session.title(), session.is_modified()), ("first", true));
    session.drop_opened();
    session.catch_up();
    assert!(session.title() == "first" && !session.holds_opened(), "the person stays");
    session.open_by(|| Ok(drawing("third")));
    wait(&mut session, "the question again", |session| session.holds_opened());
    session.begin_opened();
    assert_eq!((session.title(), session.is_modified()), ("third", false));
}

#[test]
fn changes_that_a_person_lets_go_are_asked_about_once() {
    let mut session = opened();
    change(&mut session);
    session.let_go();
    session.open_by(|| Ok(drawing("second")));
    wait(&mut session, "the document", |session| session.title() == "second");
}

#[test]
fn nothing_takes_the_place_of_a_document_in_mid_stroke() {
    let mut session = opened();
    session.hand.is_down = true;
    session.open_by(|| Ok(drawing("second")));
    wait(&mut session, "the file", |session| !session.is_opening());
    assert_eq!(session.title(), "first");
    session.hand.is_down = false;
    session.catch_up();
    assert_eq!(session.title(), "second");
}

#[test]
fn a_document_is_saved_while_a_long_export_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened();
    let _long = hold(&session.outgoing.files);
    session.save(folder.path().join("a.ora"));
    wait(&mut session, "the file", |session| !session.is_saving());
    assert!(folder.path().join("a.ora").exists());
}

#[test]
fn what_another_has_written_meanwhile_is_not_saved_over_without_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ora");
    let mut session = opened();
    session.save(path.clone());
    wait(&mut session, "the file", |session| !session.is_saving());
    change(&mut session);
    session.run(Command::Save);
    assert!(session.is_saving());
    wait(&mut session, "the file again", |session| {
        !session.is_saving() && !session.is_modified()
    });
    std::fs::write(&path, "of another window").unwrap();
    change(&mut session);
    session.run(Command::Save);
    wait(&mut session, "the question", |session| session.replacing().is_some());
    assert!(session.replaces_own() && session.is_saving() && !session.is_writing());
    session.end_replacing(false);
    assert!(session.has_missed_saving() && session.is_modified());
    assert_eq!(std::fs::read(&path).unwrap(), b"of another window");
    session.run(Command::Save);
    wait(&mut session, "the question again", |session| session.replacing().is_some());
    session.end_replacing(true);
    wait(&mut session, "the file at last", |session| {
        !session.is_saving() && !session.is_modified()
    });
    session.open(path);
    wait(&mut session, "the same file", |session| !session.is_opening());
    change(&mut session);
    session.run(Command::Save);
    wait(&mut session, "the file", |session| {
        !session.is_saving() && !session.is_modified()
    });
}

/// Saves where `name` is chosen: typed, or in the system's dialog.
fn save_as(session: &mut Session, path: &Path, by_dialog: bool) {
    session.file(Command::SaveAs);
    let typed: Typed = session.typed().unwrap().clone();
    match by_dialog {
        true => {
            session.asking.typed = None;
            session.asked(typed, Reply::Paths(vec![path.to_owned()]));
        }
        false => {
            session.typed().unwrap().path = path.to_str().unwrap().to_owned();
            session.end_typing(true);
        }
    }
}

#[test]
fn a_read_for_a_document_that_is_gone_leaves_a_save_that_is_asked_for() {
    let mut session = opened();
    session.file(Command::OpenReference);
    let reading: Typed = session.typed().unwrap().clone();
    session.begin(drawing("second"));
    session.file(Command::SaveAs);
    session.asked(reading, Reply::Paths(vec!["a.png".into()]));
    assert!(session.notice.as_ref().is_some_and(|notice| notice.text == NOT_TAKEN_IN));
    assert!(session.is_saving() && !session.has_missed_saving());
}

#[test]
fn no_file_is_written_over_that_a_person_has_not_agreed_to_lose() {
    let folder = tempfile::tempdir().unwrap();
    let [named, bare] = ["a.ora", "a"].map(|name| folder.path().join(name));
    let old = || std::fs::write(&named, "old").unwrap();
    let mut session = opened();
    for (path, by_dialog) in [(&named, false), (&bare, false), (&bare, true)] {
        old();
        save_as(&mut session, path, by_dialog);
        wait(&mut session, "the question", |session| {
            session.replacing() == Some(named.as_path())
        });
        assert!(session.is_saving() && !session.is_writing());
        session.end_replacing(false);
        assert!(!session.is_saving());
        assert_eq!(std::fs::read(&named).unwrap(), b"old");
        save_as(&mut session, path, by_dialog);
        wait(&mut session, "the question again", |session| session.replacing().is_some());
        session.end_replacing(true);
        wait(&mut session, "the file", |session| !session.is_saving());
        assert_ne!(std::fs::read(&named).unwrap(), b"old");
    }
    old();
    save_as(&mut session, &named, true);
    wait(&mut session, "the file that the dialog asked about", |session| {
        !session.is_saving()
    });
    assert_ne!(std::fs::read(&named).unwrap(), b"old");
}

#[test]
fn whoever_saves_does_not_wait_for_a_file_that_is_being_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ora");
    let mut session = opened();
    let _long = hold(&session.files);
    save_as(&mut session, &path, false);
    wait(&mut session, "the file", |session| !session.is_saving());
    assert!(path.exists());
}

#[test]
fn a_save_whose_document_is_gone_by_its_turn_writes_no_other_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("first.ora");
    let (mut session, gate) = held();
    session.hold_opened(Box::new(drawing("second")));
    session.begin_opened();
    session.save(path.clone());
    drop(gate);
    wait(&mut session, "the second document", |session| session.title() == "second");
    wait(&mut session, "the end of the save", |session| !session.is_saving());
    assert!(session.has_missed_saving() && !path.exists());
    assert_eq!(session.path(), None);
}

fn is_overtaken(session: &mut Session) -> bool {
    session.notice.as_ref().is_some_and(|notice| notice.text == OVERTAKEN)
}

/// All that writes of the document where a path was asked for, and a path for it.
const WRITING: [(Command, &str); 4] = [
    (Command::SaveAs, "a.ora"),
    (Command::Export, "a.png"),
    (Command::ExportLayers, "layers"),
    (Command::ReviewTakes, "takes"),
];

#[test]
fn a_path_that_was_asked_for_one_document_is_not_written_with_another() {
    let folder = tempfile::tempdir().unwrap();
    for (command, name) in WRITING {
        for by_dialog in [false, true] {
            let mut session = opened();
            session.file(command);
            session.end_exporting(command == Command::Export);
            let path = folder.path().join(name);
            session.typed().unwrap().path = path.to_str().unwrap().to_owned();
            session.begin(drawing("second"));
            match by_dialog {
                true => {
                    let typed = session.asking.typed.take().unwrap();
                    session.asked(typed, Reply::Paths(vec![path]));
                }
                false => session.end_typing(true),
            }
            wait(&mut session, "the reason", is_overtaken);
            assert!(!session.is_saving() && !session.is_exporting() && !session.asks_for_folder());
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{command:?}");
        }
    }
}

#[test]
fn what_is_exported_of_a_document_that_is_gone_by_its_turn_is_none_of_another() {
    let folder = tempfile::tempdir().unwrap();
    for (command, name) in WRITING {
        let (mut session, gate) = held();
        session.hold_opened(Box::new(drawing("second")));
        session.begin_opened();
        session.open_for(command, folder.path().join(name));
        drop(gate);
        wait(&mut session, "the reason", is_overtaken);
        assert!(session.title() == "second" && !session.is_saving() && !session.is_exporting());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{command:?}");
    }
}
