//! Whole runs of the smallest model.

mod ending;
mod sharding;

use std::collections::BTreeSet;

use burn::tensor::Tensor;

use super::*;
use crate::model::config::{ClipTextConfig, Vocabulary, WordList};
use crate::training::words;

fn micro() -> (TrainingConfig, ModelConfig) {
    let mut model: ModelConfig = ron::from_str(include_str!("../micro.ron")).expect("the micro model is right");
    let phrases: Vec<String> = words::taught().collect();
    let words: BTreeSet<&str> = phrases.iter().flat_map(|phrase| phrase.split(' ')).collect();
    model.clip_text = Some(ClipTextConfig {
        vocabulary: Vocabulary::Words(WordList {
            parts: words.into_iter().map(str::to_owned).collect(),
            colors: Vec::new(),
            others: Vec::new(),
        }),
        context_length: 8,
        width: 16,
        layers: 2,
        head_width: 8,
        output_dim: model.unet.context_dim,
        repels: false,
    });
    let mut config: TrainingConfig =
        ron::from_str(include_str!("../../../../assets/training/tiny.ron")).expect("the shipped run is right");
    let stage = |part| StageConfig {
        part,
        steps: 2,
        batch: 2,
        scene: 64,
        size: 64,
        learning_rate: (1e-3, 1e-3),
    };
    config.stages = [Part::Vae, Part::Base, Part::Switch, Part::Decoder, Part::Text]
        .map(stage)
        .into();
    config.sheet.rows = 2;
    config.sheet.steps = 2;
    (config, model)
}

/// Runs to the end, or until `stop` steps are done.
fn run(out: &Path, stop: usize) -> (Outcome, Vec<(usize, usize)>) {
    let (config, model) = micro();
    let mut steps = Vec::new();
    let outcome = train(&config, &model, &Hardware::alone(Device::flex()), out, &mut |progress| {
        steps.push((progress.stage, progress.step));
        if steps.len() == stop {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    (outcome.expect("a micro run works"), steps)
}

#[test]
fn a_run_goes_on_where_it_was_broken_off_and_ends_with_a_model_that_loads() {
    let folder = tempfile::tempdir().unwrap();
    let (outcome, steps) = run(folder.path(), 3);
    assert_eq!((outcome, steps), (Outcome::Stopped, vec![(0, 1), (0, 2), (1, 1)]));
    let (outcome, steps) = run(folder.path(), 0);
    assert_eq!(steps, [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2)]);
    let Outcome::Finished { weights, config } = outcome else {
        panic!("the run did not finish");
    };
    assert!(config.exists() && folder.path().join("loss.png").exists());
    let model = crate::request::ModelRef::Files {
        checkpoint: weights,
        clip: None,
        vae: None,
    };
    let loaded = crate::weights::load(&model, &Device::flex()).unwrap();
    assert!(loaded.config.preview.is_some());
    assert_ne!(loaded.config.latent_scale, 1.0);
    let left = std::fs::read_dir(folder.path()).unwrap().flatten();
    assert_eq!(
        left.filter(|entry| entry.path().is_dir()).count(),
        1,
        "older checkpoints are removed"
    );
}

/// In a process of its own: within one, all tests draw from the same generator.
#[test]
fn the_same_file_gives_the_same_model() {
    const CHILD: &str = "SHIAGE_TEST_ALONE";
    const NAME: &str = "training::trainer::tests::the_same_file_gives_the_same_model";
    if std::env::var_os(CHILD).is_none() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let output = child.args([NAME, "--exact"]).env(CHILD, "").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let made = [0; 2].map(|_| {
        let folder = tempfile::tempdir().unwrap();
        let (Outcome::Finished { weights, .. }, _) = run(folder.path(), 0) else {
            panic!("the run did not finish");
        };
        std::fs::read(weights).unwrap()
    });
    assert!(made[0] == made[1], "the two differ");
}

#[test]
fn a_checkpoint_that_finds_no_room_does_not_end_the_run_and_one_row_makes_a_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let (mut config, model) = micro();
    config.checkpoint_every = 1;
    config.sheet.rows = 1;
    // A file where the first checkpoint would be written.
    std::fs::write(folder.path().join("checkpoint-00-000001.partial"), "").unwrap();
    let mut troubles = Vec::new();
    let outcome = train(
        &config,
        &model,
        &Hardware::alone(Device::flex()),
        folder.path(),
        &mut |progress| {
            troubles.extend(progress.troubles);
            ControlFlow::Continue(())
        },
    );
    assert!(matches!(outcome, Ok(Outcome::Finished { .. })), "{outcome:?}");
    let told = |words: &String| words.contains("000001.partial") && words.contains("the run goes on");
    assert!(troubles.iter().any(told), "{troubles:?}");
}

#[test]
fn a_folder_is_for_one_run_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = file::hold(folder.path()).unwrap();
    let (config, model) = micro();
    let second = train(&config, &model, &alone(), folder.path(), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(second, Err(TrainingError::Busy { .. })), "{second:?}");
    let refused = second.unwrap_err().to_string();
    let lock = folder.path().join("lock");
    assert!(refused.ends_with(&format!("remove {}", lock.display())), "{refused}");
    // Windows lets nobody read what is locked.
    #[cfg(unix)]
    assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
    drop(first);
    assert_eq!(run(folder.path(), 1).0, Outcome::Stopped);
}

#[test]
fn a_checkpoint_of_another_seed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), 1);
    let (mut config, model) = micro();
    config.seed += 1;
    let again = train(&config, &model, &Hardware::alone(Device::flex()), folder.path(), &mut |_| {
        ControlFlow::Continue(())
    });
    assert!(again.unwrap_err().to_string().contains("does not fit this run"));
}

#[test]
fn a_stage_moves_its_own_part_and_no_other() {
    let (config, model) = micro();
    let networks = Colorizer::new(&model, &Device::flex());
    let count = |part| {
        let trained = networks.clone().no_grad().set_require_grad_group(trained(part), true).train();
        let mut counter = Counter::default();
        trained.visit(&mut counter);
        counter
    };
    let parts = config.stages.iter().map(|stage| count(stage.part)).collect::<Vec<_>>();
    assert_eq!(parts[0].trained, networks.vae.num_params());
    let adapters = parts[2].trained - networks.recovery_transformer.num_params() - networks.threshold_embedder.num_params();
    let base = networks.unet.num_params() + networks.sketch_encoder.num_params() + networks.clip_vision.num_params();
    assert_eq!(parts[1].trained, base - adapters);
    let text = networks.clip_text.num_params();
    assert_eq!(parts[4].trained, text);
    assert_eq!(parts[..3].iter().map(|part| part.trained).sum::<usize>(), parts[0].all - text);
    let decoder = networks.vae.decoder.num_params() + networks.vae.post_quant_conv.num_params();
    assert_eq!(parts[3].trained, decoder);
}

#[derive(Default)]
struct Counter {
    trained: usize,
    all: usize,
}

impl burn::module::ModuleVisitor for Counter {
    fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
        let count = param.val().shape().num_elements();
        self.all += count;
        self.trained += if param.val().is_require_grad() { count } else { 0 };
    }
}

fn alone() -> Hardware {
    Hardware::alone(Device::flex())
}

#[test]
fn a_checkpoint_of_ruined_weights_does_not_take_the_place_of_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut config, model) = micro();
    config.stages.truncate(1);
    config.checkpoint_every = 1;
    // The second step ruins the weights, which the third one's loss shows.
    config.stages[0].steps = 8;
    config.stages[0].learning_rate = (1e30, 1e30);
    config.optimizer.warm_up = 0;
    let outcome = train(&config, &model, &alone(), folder.path(), &mut |_| ControlFlow::Continue(()));
    let Err(TrainingError::Diverged { step, .. }) = outcome else {
        panic!("a rate of 1e30 leaves no number: {outcome:?}");
    };
    let (_, left) = State::latest(folder.path())
        .unwrap()
        .map_or((Path::new("").into(), 0), |(path, state)| (path, state.step));
    assert!(left < step, "a checkpoint of step {left}, and step {step} had no loss");
    // With a rate that can be followed, the run goes on from what stands, or begins anew.
    config.stages[0].learning_rate = (1e-4, 1e-4);
    let outcome = train(&config, &model, &alone(), folder.path(), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(outcome, Ok(Outcome::Finished { .. })), "{outcome:?}");
}

#[test]
fn a_stage_of_words_goes_out_from_a_finished_model_and_leaves_the_rest_of_it_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (base, out) = (folder.path().join("base.safetensors"), folder.path().join("out"));
    let (mut config, model) = micro();
    // A word has come to the list since the base learned its own.
    let mut known = model.clone();
    match known.clip_text.as_mut().map(|text| &mut text.vocabulary) {
        Some(Vocabulary::Words(words)) => words.parts.pop(),
        other => panic!("{other:?}"),
    };
    let save = |path: &Path| weights::save(&Colorizer::new(&known, &Device::flex()), path, weights::Precision::F32).unwrap();
    save(&base);
    config.stages.retain(|stage| stage.part == Part::Text);
    config.base = Some(base.clone());
    let stopped = train(&config, &model, &alone(), &out, &mut |_| ControlFlow::Break(())).unwrap();
    assert_eq!(stopped, Outcome::Stopped);

    let other = folder.path().join("other.safetensors");
    save(&other);
    let from_other = TrainingConfig {
        base: Some(other),
        ..config.clone()
    };
    let refused = train(&from_other, &model, &alone(), &out, &mut |_| ControlFlow::Continue(()));
    assert!(refused.unwrap_err().to_string().contains("went out from another model"));

    let outcome = train(&config, &model, &alone(), &out, &mut |_| ControlFlow::Continue(())).unwrap();
    let rest = |config: &ModelConfig, path: &Path| {
        let loaded = weights::load_with_config(config, path, None, &Device::flex()).unwrap();
        let mut values = values(&loaded.networks);
        values.truncate(values.len() - loaded.networks.clip_text.num_params());
        values
    };
    // The finished model is written in half precision.
    let before = rest(&known, &base)
        .into_iter()
        .map(|value| half::f16::from_f32(value).to_f32());
    assert!(before.eq(rest(&model, outcome.file())), "something else was changed");
}

/// All numbers of networks; the text tower's come last.
fn values(networks: &Colorizer) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl burn::module::ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            self.0.extend(param.val().into_data().iter::<f32>());
        }
    }
    let mut collect = Collect(Vec::new());
    networks.visit(&mut collect);
    collect.0
}
