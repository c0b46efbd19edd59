//! Checkpoints that are written, come back, are passed over and go.

use super::*;

/// A state of a run of the smallest model.
fn state(stage: usize, step: usize, seconds: f64) -> State {
    let model = ron::from_str(include_str!("../micro.ron")).unwrap();
    State {
        stage,
        step,
        seconds,
        ..State::new(7, model, None)
    }
}

fn latest(folder: &Path) -> (String, State) {
    let (path, state) = State::latest(folder).unwrap().expect("there is one");
    (path.file_name().unwrap().to_str().unwrap().to_owned(), state)
}

#[test]
fn a_copy_that_a_person_keeps_is_no_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "00-000900",
        "01-000050",
        "100-000050",
        "01-000050 copy",
        "01-000100-good",
        "02-000100.partial",
        "02-000100.old",
        "02-",
        "kept",
    ];
    for name in names {
        let path = folder.path().join(format!("checkpoint-{name}"));
        fs::create_dir(&path).unwrap();
        fs::write(path.join(STATE), "").unwrap();
    }
    fs::create_dir(folder.path().join("checkpoint-03-000001")).unwrap();
    fs::write(folder.path().join("checkpoint-04-000001"), "").unwrap();
    let mut found = complete(folder.path()).unwrap();
    found.sort();
    let wanted = ["00-000900", "01-000050", "100-000050"].map(|name| folder.path().join(format!("checkpoint-{name}")));
    assert_eq!(found, wanted);
}

#[test]
fn the_latest_is_the_one_with_most_work_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let keep = |name: &str, state: &State| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        fs::write(path.join(STATE), ron::to_string(state).unwrap()).unwrap();
    };
    keep("checkpoint-00-000900", &state(0, 900, 8.0));
    keep("checkpoint-01-000000", &state(1, 0, 9.0));
    assert_eq!(latest(folder.path()).0, "checkpoint-01-000000");
    // The run was opened again, and killed before the end before was removed.
    keep("checkpoint-00-000950", &state(0, 950, 9.5));
    assert_eq!(latest(folder.path()).0, "checkpoint-00-000950");
}

#[test]
fn a_checkpoint_whose_state_was_lost_is_passed_over_where_there_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let keep = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        fs::write(path.join(STATE), text).unwrap();
    };
    keep("checkpoint-00-000900", b"");
    keep("checkpoint-00-000950", &[0; 9]);
    keep("checkpoint-00-000970", &[0xFF; 9]);
    let none = State::latest(folder.path());
    assert!(matches!(none, Err(TrainingError::Damaged { .. })), "{none:?}");
    keep(
        "checkpoint-00-000850",
        ron::to_string(&state(0, 850, 8.0)).unwrap().as_bytes(),
    );
    assert_eq!(latest(folder.path()).0, "checkpoint-00-000850");
    // That of a newer version is no damaged one.
    let text = ron::to_string(&state(0, 990, 9.0)).unwrap();
    let newer = text.replacen("native_size:", "tint:1,native_size:", 1);
    keep("checkpoint-00-000990", newer.as_bytes());
    let refused = State::latest(folder.path());
    let is_named = |path: &Path| path.ends_with("checkpoint-00-000990");
    assert!(
        matches!(&refused, Err(TrainingError::OtherVersion { path, .. }) if is_named(path)),
        "{refused:?}"
    );
}

#[test]
fn a_new_end_takes_the_place_of_the_one_before_and_what_a_kill_left_goes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |state: &State| {
        let networks = Colorizer::new(&state.model, &Device::flex());
        Checkpoint::write(folder.path(), state, &networks, &networks, true).unwrap();
    };
    let left = || {
        let entries = fs::read_dir(folder.path()).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    write(&state(1, 0, 9.0));
    assert_eq!(left(), ["checkpoint-01-000000"]);
    for name in ["checkpoint-00-000700.partial", "mine.partial"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join(STUDENT), "half").unwrap();
    }
    write(&state(1, 0, 10.0));
    assert_eq!(left(), ["checkpoint-01-0000000", "mine.partial"]);
    assert_eq!(latest(folder.path()).1, state(1, 0, 10.0));
}
