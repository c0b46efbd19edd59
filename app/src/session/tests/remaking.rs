//! Pictures of the gallery that are made again: what ends them, and what does not.

use std::path::PathBuf;
use std::sync::Arc;

use engine::device::DeviceError;
use engine::event::{Event, JobId, ModelIdentity, Take};
use engine::request::{ModelRef, Settings};
use image::RgbImage;

use super::*;
use crate::gallery::metadata::{tests::recipe, write_take};
use crate::generate::recipe::{InputImage, Origin, Recipe, RecipeInputs, hash_rgb};
use crate::session::answer::Answer;

/// A take beside the picture that it was made from; its file.
fn take(folder: &Path) -> PathBuf {
    let picture = RgbImage::from_pixel(8, 8, image::Rgb([9; 3]));
    let [drawing, path] = ["drawing.png", "take.png"].map(|name| folder.join(name));
    picture.save(&drawing).unwrap();
    let input = InputImage {
        origin: Origin::File(drawing),
        hash: hash_rgb(&picture),
    };
    let recipe = Recipe {
        inputs: RecipeInputs::new(input.clone(), input),
        ..recipe()
    };
    write_take(&path, &picture, None, &recipe).unwrap();
    path
}

/// Waits until the thread for files has come this far, and its answers have.
fn pass(session: &mut Session) {
    session.notice = None;
    session.files.run(|| Some(Answer::Failed("passed".to_owned())));
    wait(session, "the thread", |session| {
        session.notice.as_ref().is_some_and(|notice| notice.text == "passed")
    });
}

#[test]
fn what_is_cancelled_while_its_files_are_looked_for_goes_to_no_engine() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = empty();
    let gate = hold(&session.files);
    session.remake(take(folder.path()), None);
    assert!(session.is_remaking() && session.remake_job().is_none());
    session.cancel_remakes();
    assert!(!session.is_remaking());
    // One that is asked for afterwards is made.
    session.remake(folder.path().join("take.png"), Some(5));
    drop(gate);
    pass(&mut session);
    assert!(session.remake_job().is_some());
    session.cancel_remakes();
    assert!(!session.is_remaking(), "whatever the engine says to it");
}

#[test]
fn another_engine_goes_on_with_what_was_asked_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = take(folder.path());
    let mut session = empty();
    session.remake(path.clone(), None);
    pass(&mut session);
    let gate = hold(&session.files);
    session.remake(path.clone(), Some(5));
    session.change_engine(Box::new(Idle), "CPU".to_owned());
    assert_eq!(session.remake_job().map(|(path, _)| path), Some(path.as_path()));
    session.cancel_remakes();
    drop(gate);
    pass(&mut session);
    assert!(!session.is_remaking());
}

#[test]
fn what_a_lost_device_leaves_is_made_by_the_next_engine() {
    let folder = tempfile::tempdir().unwrap();
    let path = take(folder.path());
    let mut session = empty();
    session.remake(path.clone(), None);
    pass(&mut session);
    let lost = DeviceError::Lost {
        address: "render-2:7300".to_owned(),
        reason: "its machine is off".to_owned(),
    };
    session.devices.lost_with = Some(lost.clone());
    session.hear_remake(Event::Failed {
        job: JobId(0),
        error: Arc::new(lost.into()),
    });
    assert!(!session.is_remaking());
    session.change_engine(Box::new(Idle), "CPU".to_owned());
    assert_eq!(session.remake_job().map(|(path, _)| path), Some(path.as_path()));
}

#[test]
fn a_picture_of_another_model_does_not_name_the_one_in_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = empty();
    session.remake(take(folder.path()), None);
    pass(&mut session);
    let other = ModelRef::Files {
        checkpoint: "other.ckpt".into(),
        clip: None,
        vae: None,
    };
    let take = Take {
        picture: Arc::new(RgbImage::new(8, 8)),
        settings: Settings {
            model: other,
            ..Settings::default()
        },
        model: ModelIdentity {
            name: "other".to_owned(),
            hash: String::new(),
        },
        elapsed: Duration::ZERO,
    };
    // The engine that does nothing calls every job so.
    session.hear_remake(Event::Finished { job: JobId(0), take });
    wait(&mut session, "the picture", |session| !session.take_remade().is_empty());
    assert_eq!(session.shelf.embedded, None);
}
