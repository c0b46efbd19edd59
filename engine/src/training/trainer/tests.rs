//! Whole runs of the smallest model.

use burn::tensor::Tensor;

use super::*;

fn micro() -> (TrainingConfig, ModelConfig) {
    let model = ron::from_str(include_str!("../micro.ron")).expect("the micro model is right");
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
    config.stages = vec![stage(Part::Vae), stage(Part::Base), stage(Part::Switch), stage(Part::Decoder)];
    config.sheet.rows = 2;
    config.sheet.steps = 2;
    (config, model)
}

/// Runs to the end, or until `stop` steps are done.
fn run(out: &Path, stop: usize) -> (Outcome, Vec<(usize, usize)>) {
    let (config, model) = micro();
    let mut steps = Vec::new();
    let outcome = train(&config, &model, &Device::flex(), out, &mut |progress| {
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
    assert_eq!(steps, [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]);
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

#[test]
fn a_checkpoint_that_finds_no_room_does_not_end_the_run_and_one_row_makes_a_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let (mut config, model) = micro();
    config.checkpoint_every = 1;
    config.sheet.rows = 1;
    // A file where the first checkpoint would be written.
    std::fs::write(folder.path().join("checkpoint-00-000001.partial"), "").unwrap();
    let mut notes = String::new();
    let outcome = train(&config, &model, &Device::flex(), folder.path(), &mut |progress| {
        notes.extend(progress.note);
        ControlFlow::Continue(())
    });
    assert!(matches!(outcome, Ok(Outcome::Finished { .. })), "{outcome:?}");
    assert!(
        notes.contains("000001.partial") && notes.contains("the run goes on"),
        "{notes}"
    );
}

#[test]
fn a_checkpoint_of_another_seed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), 1);
    let (mut config, model) = micro();
    config.seed += 1;
    let again = train(&config, &model, &Device::flex(), folder.path(), &mut |_| {
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
    assert_eq!(parts[..3].iter().map(|part| part.trained).sum::<usize>(), parts[0].all);
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
