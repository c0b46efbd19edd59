//! What a run leaves at its end, and how it goes on from there.

use super::*;
use crate::request::ModelRef;

/// Two stages of the autoencoder, to the end: these steps are taken.
fn run(out: &Path, steps: [usize; 2]) -> Result<Vec<(usize, usize)>, TrainingError> {
    let (mut config, model) = micro();
    config.stages.retain(|stage| stage.part.is_autoencoder());
    for (stage, steps) in config.stages.iter_mut().zip(steps) {
        stage.steps = steps;
    }
    let mut taken = Vec::new();
    let outcome = train(&config, &model, &alone(), out, &mut |progress| {
        taken.push((progress.stage, progress.step));
        ControlFlow::Continue(())
    });
    assert!(!matches!(outcome, Ok(Outcome::Stopped)), "nobody stops it");
    outcome.map(|_| taken)
}

#[test]
fn a_run_that_has_ended_goes_on_where_more_steps_are_wanted_of_its_last_stage_alone() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), [1, 2]).unwrap(), [(0, 1), (1, 1), (1, 2)]);
    assert_eq!(run(folder.path(), [1, 2]).unwrap(), [(0, 0); 0]);
    let seconds = || State::latest(folder.path()).unwrap().expect("it has ended").1.seconds;
    let before = seconds();
    assert_eq!(run(folder.path(), [1, 4]).unwrap(), [(1, 3), (1, 4)]);
    assert!(seconds() > before, "what is gone on from is the later state");
    let refused = run(folder.path(), [2, 4]).unwrap_err().to_string();
    assert!(
        refused.contains("stage 1 of 2 ended with 1 steps, and 2 are wanted") && refused.contains("another folder"),
        "{refused}"
    );
}

#[test]
fn a_checkpoint_whose_weights_are_cut_off_is_passed_over_where_there_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let latest = || State::latest(out).unwrap().expect("it was stopped").0;
    let cut = |checkpoint: &Path| {
        let path = checkpoint.join("student.safetensors");
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    };
    assert_eq!(super::run(out, 1).1, [(0, 1)]);
    let (first, kept) = (latest(), out.join("kept"));
    std::fs::create_dir(&kept).unwrap();
    for entry in std::fs::read_dir(&first).unwrap().flatten() {
        std::fs::copy(entry.path(), kept.join(entry.file_name())).unwrap();
    }
    assert_eq!(super::run(out, 2).1, [(0, 2), (1, 1)]);
    // As after a power cut before the first one was removed.
    std::fs::rename(&kept, &first).unwrap();
    cut(&latest());
    assert_eq!(super::run(out, 2).1, [(0, 2), (1, 1)]);
    cut(&latest());
    let (config, model) = micro();
    let refused = train(&config, &model, &alone(), out, &mut |_| ControlFlow::Break(()));
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("student.safetensors is cut short") && refused.contains("delete that folder"),
        "{refused}"
    );
}

#[test]
fn a_model_whose_base_has_no_regions_claims_none() {
    let folder = tempfile::tempdir().unwrap();
    let (config, model) = micro();
    let networks = Colorizer::new(&model, &Device::flex());
    let state = State::new(config.seed, model, None);
    let claims = |regions: bool| {
        let outcome = export(&config, &state, &networks, regions, folder.path()).unwrap();
        let model = ModelRef::Files {
            checkpoint: outcome.file().to_owned(),
            clip: None,
            vae: None,
        };
        weights::load(&model, &Device::flex()).unwrap().regions
    };
    assert_eq!([true, false].map(claims), [true, false]);
}
