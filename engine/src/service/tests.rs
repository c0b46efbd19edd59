//! The service over a small random model: orders of events, cancelling, failures, and what the picture depends on.

use std::sync::atomic::{AtomicUsize, Ordering};

use ::image::{GrayImage, Luma, Rgb, RgbImage};
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::device::{self, Choice};
use crate::event::ModelIdentity;
use crate::model::Colorizer;
use crate::model::config::ModelConfig;
use crate::noise;
use crate::request::{Inputs, Mode, ModelRef, Sampler, Settings, SketchPreprocess};
use crate::weights::{Loaded, Report as WeightsReport};

/// The smallest model with the published number of levels.
fn config() -> ModelConfig {
    ron::from_str(
        r#"(
            name: "random", native_size: 64, prediction: V, latent_scale: 0.18215,
            schedule: (linear_start: 0.00085, linear_end: 0.012, timesteps: 1000),
            unet: (
                in_channels: 4, out_channels: 4, model_channels: 8, channel_mult: [1, 1, 1, 2], num_res_blocks: 1,
                attention_resolutions: [1, 2], head_channels: 8, context_dim: 16, norm_groups: 4,
                lora: (foreground: Fixed(2), background: Fraction(0.5)),
            ),
            sketch_encoder: (in_channels: 3, stem_channels: (4, 4, 4, 4, 4, 4, 4), model_channels: 8, channel_mult: [1, 1, 1, 2]),
            vae: (latent_channels: 4, base_channels: 4, channel_mult: [1, 1, 1, 1], num_res_blocks: 1, norm_groups: 4),
            clip_vision: (image_size: 16, patch_size: 4, width: 8, layers: 1, head_width: 8, output_dim: 16),
            recovery_transformer: (dim: 16, layers: 1, tokens: 16, head_width: 8),
            threshold_embedder: (embed_dim: 8, out_dim: 16),
            preview: None,
        )"#,
    )
    .unwrap()
}

/// Every parameter random and not zero, the same in every run.
struct Scramble(u64);

impl ModuleMapper for Scramble {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.0 += 1;
        let stream = self.0;
        param.map(|tensor| {
            let shape = tensor.dims();
            let values = noise::normal(7, stream, shape).iter().map(|value| 0.3 * value).collect();
            Tensor::from_data(TensorData::new(values, shape), &tensor.device())
        })
    }
}

fn random_model(device: &Device) -> Loaded {
    let config = config();
    Loaded {
        networks: Colorizer::new(&config, device).map(&mut Scramble(0)),
        identity: ModelIdentity {
            name: config.name.clone(),
            hash: "0".repeat(64),
        },
        config,
        regions: true,
        report: WeightsReport {
            loaded: 0,
            stored: Default::default(),
            ignored: 0,
            unused: Vec::new(),
        },
    }
}

fn service() -> Service {
    let opened = device::open(Choice::Cpu).unwrap();
    Service::spawn_with(&opened, Box::new(|| {}), Box::new(|_, device| Ok(random_model(device))))
}

/// A request with a circle for its figure.
fn request(steps: u32) -> ColorizeRequest {
    let circle = |x: u32, y: u32| (x as i32 - 40).pow(2) + (y as i32 - 30).pow(2) < 400;
    let mask = GrayImage::from_fn(80, 60, |x, y| Luma([if circle(x, y) { 255 } else { 0 }]));
    ColorizeRequest {
        inputs: Inputs {
            sketch_mask: Some(Arc::new(mask.clone())),
            reference_mask: Some(Arc::new(mask)),
            ..Inputs::new(
                Arc::new(RgbImage::from_fn(80, 60, |x, y| {
                    Rgb([if (x + y) % 16 == 0 { 0 } else { 255 }; 3])
                })),
                Arc::new(RgbImage::from_fn(80, 60, |x, y| Rgb([3 * x as u8, 4 * y as u8, 90]))),
            )
        },
        settings: Settings {
            steps,
            ..Settings::default()
        },
    }
}

/// Everything up to the last event of a job.
fn follow(service: &Service, job: JobId) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        let event = service.wait();
        let last = match &event {
            Event::Finished { job, .. } | Event::Cancelled { job } | Event::Failed { job, .. } => Some(*job),
            Event::Started { .. } | Event::Progress { .. } => None,
        };
        events.push(event);
        if last == Some(job) {
            return events;
        }
    }
}

fn take(service: &Service, request: ColorizeRequest) -> Take {
    let job = service.submit(request);
    match follow(service, job).pop() {
        Some(Event::Finished { take, .. }) => take,
        other => panic!("{other:?}"),
    }
}

/// An event as a short word.
fn word(event: &Event) -> String {
    match event {
        Event::Started { job, steps } => format!("{} started {steps}", job.0),
        Event::Progress { job, step, steps, .. } => format!("{} {step}/{steps}", job.0),
        Event::Finished { job, .. } => format!("{} finished", job.0),
        Event::Cancelled { job } => format!("{} cancelled", job.0),
        Event::Failed { job, error } => format!("{} failed: {error}", job.0),
    }
}

fn words(events: &[Event]) -> Vec<String> {
    events.iter().map(word).collect()
}

#[test]
fn a_job_tells_its_steps_and_ends_with_a_take() {
    let service = service();
    let job = service.submit(request(3));
    let events = follow(&service, job);
    assert_eq!(words(&events), ["1 started 3", "1 1/3", "1 2/3", "1 3/3", "1 finished"]);
    let Some(Event::Finished { take, .. }) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!(take.picture.dimensions(), (80, 60));
    assert_eq!(take.settings.size, Some([64, 64]));
    assert_eq!(take.model.name, "random");
    let preview = service.latest_preview().unwrap();
    assert_eq!((preview.job, preview.step, preview.picture.dimensions()), (job, 3, (8, 8)));
    assert!(service.latest_preview().is_none());
}

#[test]
fn the_waker_is_called_for_every_event() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let waker = Box::new(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let opened = device::open(Choice::Cpu).unwrap();
    let service = Service::spawn_with(&opened, waker, Box::new(|_, device| Ok(random_model(device))));
    let job = service.submit(request(2));
    let events = follow(&service, job).len();
    drop(service);
    assert_eq!((events, calls.load(Ordering::SeqCst)), (4, 4));
}

#[test]
fn a_running_job_is_cancelled_within_a_step() {
    let service = service();
    let job = service.submit(request(100));
    while !matches!(service.wait(), Event::Progress { step: 2, .. }) {}
    service.cancel(job);
    let rest = words(&follow(&service, job));
    assert_eq!(rest.last().unwrap(), "1 cancelled");
    assert!(rest.len() <= 3, "{rest:?}");
}

#[test]
fn a_waiting_job_is_cancelled_at_once_and_the_others_go_on() {
    let service = service();
    let first = service.submit(request(20));
    let second = service.submit(request(2));
    let third = service.submit(request(2));
    service.cancel(second);
    service.cancel(JobId(99));
    let events = words(&follow(&service, third));
    let cancelled = events.iter().position(|word| word == "2 cancelled").unwrap();
    let finished = events.iter().position(|word| word == "1 finished").unwrap();
    assert!(cancelled < finished, "{events:?}");
    assert!(!events.contains(&"2 started 2".to_owned()), "{events:?}");
    assert_eq!((first, events.last().unwrap().as_str()), (JobId(1), "3 finished"));
}

#[test]
fn of_live_jobs_the_latest_wins() {
    let service = service();
    service.submit_live(request(100));
    while !matches!(service.wait(), Event::Progress { .. }) {}
    service.submit_live(request(100));
    let last = service.submit_live(request(2));
    let ends: Vec<String> = words(&follow(&service, last));
    let ends: Vec<&String> = ends
        .iter()
        .filter(|word| word.contains("cancelled") || word.contains("finished"))
        .collect();
    assert_eq!(ends.len(), 3, "{ends:?}");
    assert!(
        ends.contains(&&"1 cancelled".to_owned()) && ends.contains(&&"2 cancelled".to_owned()),
        "{ends:?}"
    );
    assert_eq!(ends[2], "3 finished");
}

#[test]
fn a_queued_job_is_not_replaced_by_live_ones() {
    let service = service();
    let queued = service.submit(request(20));
    while !matches!(service.wait(), Event::Progress { .. }) {}
    service.submit_live(request(2));
    assert_eq!(words(&follow(&service, queued)).last().unwrap(), "1 finished");
}

#[test]
fn bad_input_fails_with_the_cure_and_the_next_job_runs() {
    let service = service();
    let mut bad = request(2);
    bad.inputs.reference_mask = None;
    let job = service.submit(bad);
    let events = words(&follow(&service, job));
    assert_eq!(events.len(), 1);
    assert!(
        events[0].contains("Split needs a reference mask") && events[0].contains("Foreground"),
        "{events:?}"
    );
    take(&service, request(1));
}

#[test]
fn a_model_without_adapters_is_for_the_vanilla_mode() {
    let loader = |_: &ModelRef, device: &Device| {
        Ok(Loaded {
            regions: false,
            ..random_model(device)
        })
    };
    let opened = device::open(Choice::Cpu).unwrap();
    let service = Service::spawn_with(&opened, Box::new(|| {}), Box::new(loader));
    let job = service.submit(request(1));
    let events = words(&follow(&service, job));
    assert!(
        events[0].contains("no adapters") && events[0].contains("Vanilla"),
        "{events:?}"
    );
    let mut vanilla = request(1);
    vanilla.settings.mode = Mode::Vanilla;
    take(&service, vanilla);
}

#[test]
fn a_panic_fails_its_job_alone() {
    let mut loads = 0;
    let loader = move |_: &ModelRef, device: &Device| {
        loads += 1;
        assert!(loads > 1, "the disk is on fire");
        Ok(random_model(device))
    };
    let opened = device::open(Choice::Cpu).unwrap();
    let service = Service::spawn_with(&opened, Box::new(|| {}), Box::new(loader));
    let job = service.submit(request(1));
    let events = words(&follow(&service, job));
    assert!(events[0].contains("the disk is on fire"), "{events:?}");
    take(&service, request(1));
}

#[test]
fn dropping_the_service_ends_a_long_job() {
    let service = service();
    service.submit(request(100));
    service.submit(request(100));
    while !matches!(service.wait(), Event::Progress { .. }) {}
    let begun = Instant::now();
    drop(service);
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let first = service();
    let picture = take(&first, request(3)).picture;
    assert_eq!(take(&first, request(3)).picture, picture);
    assert_eq!(take(&service(), request(3)).picture, picture);
}

#[test]
fn what_is_asked_for_changes_the_picture() {
    let service = service();
    let picture = take(&service, request(3)).picture;
    let changes: [(&str, fn(&mut ColorizeRequest)); 20] = [
        ("seed", |r| r.settings.seed = 1),
        ("sampler", |r| r.settings.sampler = Sampler::Ddim),
        ("reference guidance", |r| r.settings.reference_guidance = 5.0),
        ("sketch guidance", |r| r.settings.sketch_guidance = 3.0),
        ("reference strength", |r| r.settings.reference_strength = 0.2),
        ("foreground strength", |r| r.settings.foreground_strength = 0.2),
        ("background strength", |r| r.settings.background_strength = 0.2),
        ("merge", |r| r.settings.merge = 0.5),
        ("sketch strength", |r| r.settings.sketch_strength = 0.2),
        ("reference window", |r| r.settings.reference_window = [0.0, 0.5]),
        ("reference pause", |r| r.settings.reference_pause = Some([0.2, 0.6])),
        ("level strengths", |r| r.settings.level_strengths.encoder = 0.2),
        ("block strengths", |r| r.settings.block_strengths = vec![0.2]),
        ("sketch preprocessing", |r| {
            r.settings.sketch_preprocess = SketchPreprocess::LineArt
        }),
        ("soft mask", |r| {
            r.inputs.sketch_mask = Some(Arc::new(GrayImage::from_pixel(80, 60, Luma([128]))));
            r.settings.soft_mask = true;
        }),
        ("injection", |r| {
            r.inputs.injection = Some(Arc::new(RgbImage::from_pixel(9, 9, Rgb([0, 160, 0]))))
        }),
        ("sketch mask", |r| {
            r.inputs.sketch_mask = Some(Arc::new(GrayImage::from_pixel(80, 60, Luma([255]))))
        }),
        ("reference", |r| {
            r.inputs.reference = Arc::new(RgbImage::from_pixel(80, 60, Rgb([200, 30, 30])))
        }),
        ("background", |r| {
            r.inputs.background = Some(Arc::new(RgbImage::from_pixel(9, 9, Rgb([0, 0, 255]))))
        }),
        ("start", |r| {
            r.inputs.start = Some(Arc::new(RgbImage::from_pixel(9, 9, Rgb([0, 160, 0]))))
        }),
    ];
    for (name, change) in changes {
        let mut request = request(3);
        change(&mut request);
        assert_ne!(take(&service, request).picture, picture, "{name}");
    }
    for mode in Mode::ALL.into_iter().filter(|mode| *mode != Mode::Split) {
        let mut request = request(3);
        request.settings.mode = mode;
        assert_ne!(take(&service, request).picture, picture, "{mode:?}");
    }
}

/// Mean absolute difference, 0..=255.
fn distance(a: &RgbImage, b: &RgbImage) -> f64 {
    let sum: u64 = a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

#[test]
fn the_less_it_is_painted_over_the_more_of_the_start_stays() {
    let service = service();
    let at = |strength: f32, color: u8| {
        let mut request = request(4);
        request.inputs.start = Some(Arc::new(RgbImage::from_pixel(80, 60, Rgb([color, 255 - color, 0]))));
        request.settings.start_strength = strength;
        take(&service, request).picture
    };
    // How far apart two starts end.
    let [little, much, all] = [0.02, 0.5, 1.0].map(|strength| distance(&at(strength, 0), &at(strength, 255)));
    assert!(little > much && much > all, "{little}, {much}, {all}");
}
