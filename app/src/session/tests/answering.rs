//! What jobs away from the window answer, and whose document it is for.

use std::path::PathBuf;

use super::turns::done;
use super::*;
use crate::session::answer::Answer;
use crate::session::filing::NOT_TAKEN_IN;

fn told(session: &mut Session) -> Option<(String, bool)> {
    session.notice.take().map(|notice| (notice.text, notice.grave))
}

#[test]
fn what_is_for_a_document_that_is_gone_is_dropped_and_what_went_wrong_is_told_all_the_same() {
    let mut session = empty();
    let mut give = |answer: Answer, opened, overtaken| {
        answer.only_in(opened, overtaken).when_still().give(&mut session);
        told(&mut session)
    };
    let info = |words: &str| Some((words.to_owned(), false));
    let warning = |words: &str| Some((words.to_owned(), true));
    assert_eq!(give(Answer::told("done"), 0, Some("overtaken")), info("done"));
    assert_eq!(give(Answer::told("done"), 1, None), None);
    assert_eq!(give(Answer::told("done"), 1, Some("overtaken")), warning("overtaken"));
    let failed = Answer::Failed("failed".to_owned());
    assert_eq!(give(failed, 1, Some("overtaken")), warning("failed"));
}

#[test]
fn what_a_job_came_to_is_received_whether_it_panics_or_not() {
    let mut session = empty();
    let receive = |session: &mut Session, done: Result<&'static str, String>| match done {
        Ok(words) => session.inform(words.to_owned()),
        Err(words) => session.warn(words),
    };
    session.files.run_then(|| Ok("done"), receive);
    wait(&mut session, "the answer", |session| session.notice.is_some());
    assert_eq!(told(&mut session), Some(("done".to_owned(), false)));
    session.files.run_then(|| panic!("out of luck"), receive);
    wait(&mut session, "the failure", |session| session.notice.is_some());
    let (words, grave) = told(&mut session).unwrap();
    assert!(grave && words.contains("(out of luck)"), "{words}");
}

/// All that reads a file for the document that is open.
const READING: [Command; 5] = [
    Command::OpenReference,
    Command::OpenBackground,
    Command::ImportSketchMask,
    Command::ImportReferenceMask,
    Command::ImportLayer,
];

/// A session with a reference, for which a mask can be imported; and another picture in a file.
fn referring(folder: &Path) -> (Session, PathBuf) {
    let mut session = opened();
    let [reference, other] = [9, 200].map(|value| RgbaImage::from_pixel(64, 64, Rgba([value, value, value, 255])));
    session.document.as_mut().unwrap().set_reference(Some(&reference)).unwrap();
    let path = folder.join("a.png");
    other.save(&path).unwrap();
    (session, path)
}

#[test]
fn a_file_that_is_read_for_one_document_is_not_taken_into_the_next() {
    let folder = tempfile::tempdir().unwrap();
    for command in READING {
        let (mut session, path) = referring(folder.path());
        let gates = [hold(&session.files), hold(&session.finding.unawaited.thread)];
        session.open_for(command, path.clone());
        let second = session.document.clone().unwrap();
        session.begin(Opened::new(second, None, "second".to_owned()));
        drop(gates);
        wait(&mut session, "the reason", |session| session.notice.is_some());
        assert_eq!(told(&mut session), Some((NOT_TAKEN_IN.to_owned(), true)), "{command:?}");
        assert!(done(&session).is_empty(), "{command:?}");
        session.open_for(command, path);
        wait(&mut session, "the file", |session| done(session).len() == 1);
        assert_eq!(told(&mut session), None, "{command:?}");
    }
}

#[test]
fn a_file_that_was_asked_for_one_document_is_not_read_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    for command in READING {
        for by_dialog in [false, true] {
            let (mut session, path) = referring(folder.path());
            session.file(command);
            session.typed().unwrap().path = path.to_str().unwrap().to_owned();
            session.begin(drawing("second"));
            match by_dialog {
                true => {
                    let typed = session.asking.typed.take().unwrap();
                    session.asked(typed, Reply::Paths(vec![path]));
                }
                false => session.end_typing(true),
            }
            assert_eq!(told(&mut session), Some((NOT_TAKEN_IN.to_owned(), true)), "{command:?}");
        }
    }
}

#[test]
fn a_picture_that_was_to_be_pasted_into_a_document_that_is_gone_is_told_of() {
    let mut session = opened();
    session.select(session.by_role(Role::Sketch).unwrap());
    session.run(Command::Copy);
    wait(&mut session, "the copy", |session| session.notice.is_some());
    let gate = hold(&session.clipboard.tasks);
    session.run(Command::Paste);
    session.begin(drawing("second"));
    drop(gate);
    wait(&mut session, "the reason", |session| session.notice.is_some());
    let (words, grave) = told(&mut session).unwrap();
    assert!(
        grave && words.contains("was not pasted") && done(&session).is_empty(),
        "{words}"
    );
}
