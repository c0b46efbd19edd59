//! A step in parts, on several devices, or with less kept: it stays the same step.

use super::*;

/// The gradients of the first step of the run's only stage, by parameter, and the loss.
/// `networks`: made once for all that is compared, because other tests draw from the same device's generator.
fn first_gradients(
    networks: &Colorizer,
    part: Part,
    hardware: &Hardware,
    change: impl FnOnce(&mut TrainingConfig),
) -> (Vec<f32>, f64) {
    struct Collect<'a> {
        gradients: &'a burn::optim::GradientsParams,
        values: Vec<f32>,
    }
    impl burn::module::ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                assert_eq!(gradient.device(), Device::flex(), "gradients come home");
                self.values.extend(gradient.into_data().iter::<f32>());
            }
        }
    }
    let (mut config, model) = micro();
    config.stages.truncate(1);
    config.stages[0].part = part;
    config.stages[0].batch = 4;
    config.shards = 1;
    change(&mut config);
    let schedule = NoiseSchedule::new(&model.schedule);
    let run = Run {
        config: &config,
        schedule: &schedule,
        hardware,
        out: Path::new(""),
        material: Arc::new(Procedural { seed: config.seed }),
        adapters_only: false,
    };
    let (state, student) = (State::new(config.seed, model.clone(), None), networks.clone());
    let lesson = Lesson {
        config: &config,
        model: &model,
        schedule: &schedule,
        device: &hardware.device,
    };
    let stage = StageRun {
        run: &run,
        stage: &config.stages[0],
    };
    let frozen = student.valid();
    let student = student.no_grad().set_require_grad_group(trained(part), true).train();
    let copies = Copies::new(hardware, &frozen, part, config.gradient_checkpointing);
    let mut source = stage.source(&state);
    let (gradients, terms) = stage
        .gradients(&lesson, &student, &frozen, &copies, &mut source, &state)
        .expect("scenes can be drawn");
    let mut collect = Collect {
        gradients: &gradients,
        values: Vec::new(),
    };
    student.visit(&mut collect);
    assert!(
        collect.values.iter().any(|value| value.abs() > 1e-6),
        "{part:?} learns something"
    );
    (collect.values, terms[0].1)
}

/// Asserts that two steps are the same but for rounding.
#[track_caller]
fn assert_same((a, loss): (Vec<f32>, f64), (b, other): (Vec<f32>, f64)) {
    assert!((loss - other).abs() <= 1e-5 * loss.abs(), "{loss} {other}");
    assert_eq!(a.len(), b.len());
    let largest = a.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let apart = a.iter().zip(&b).fold(0.0_f32, |apart, (a, b)| apart.max((a - b).abs()));
    assert!(apart <= 1e-4 * largest, "{apart} apart of {largest}");
}

fn young() -> Colorizer {
    let (config, model) = micro();
    start(&config, &model, None, &Device::flex())
        .expect("it begins with nothing")
        .student
}

#[test]
fn halves_on_two_devices_make_the_step_of_the_whole_batch() {
    let two = Hardware {
        helpers: vec![Device::flex()],
        ..alone()
    };
    let networks = young();
    // The autoencoder's first step draws nothing at random: parts of a batch and the whole have the same loss, though the parts of three are not alike.
    for batch in [4, 3] {
        let [whole, halves, shared] = [(1, &alone()), (2, &alone()), (1, &two)].map(|(shards, hardware)| {
            first_gradients(&networks, Part::Vae, hardware, |config| {
                config.stages[0].batch = batch;
                config.shards = shards;
            })
        });
        assert_same(whole.clone(), halves);
        assert_same(whole, shared);
    }
    // Where noise is drawn for each part, the parts themselves are the same wherever they are worked on.
    for part in [Part::Base, Part::Recovery, Part::Switch, Part::Decoder, Part::Text] {
        let halves = first_gradients(&networks, part, &alone(), |config| config.shards = 2);
        assert_same(halves, first_gradients(&networks, part, &two, |_| {}));
    }
}

#[cfg(feature = "remote")]
#[test]
fn a_half_on_a_remote_device_makes_the_same_step() {
    use crate::device::{self, Choice};

    let (said, heard) = std::sync::mpsc::channel();
    let nowhere = ([127, 0, 0, 1], 0).into();
    // It ends with the process.
    std::thread::spawn(move || device::serve(Choice::Cpu, nowhere, |_, address| said.send(address).unwrap()));
    let choice = Choice::Remote(heard.recv().unwrap().to_string());
    let two = Hardware {
        helpers: vec![device::open(choice).unwrap().device],
        ..alone()
    };
    assert_eq!(two.lost().map(|error| error.to_string()), None);
    let networks = young();
    for part in [Part::Vae, Part::Base, Part::Recovery, Part::Switch, Part::Decoder, Part::Text] {
        let here = first_gradients(&networks, part, &alone(), |config| config.shards = 2);
        assert_same(here, first_gradients(&networks, part, &two, |_| {}));
    }
}

#[test]
fn gradients_are_the_same_when_light_operations_are_done_again() {
    let networks = young();
    for part in [Part::Vae, Part::Base, Part::Switch, Part::Decoder] {
        let kept = first_gradients(&networks, part, &alone(), |_| {});
        let again = first_gradients(&networks, part, &alone(), |config| config.gradient_checkpointing = true);
        assert_same(kept, again);
    }
}
