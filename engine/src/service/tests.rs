//! The service over a small random model: orders of events, cancelling, failures, and what the picture depends on.

use std::sync::atomic::{AtomicUsize, Ordering};

use ::image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::device::{self, Choice};
use crate::event::ModelIdentity;
use crate::model::Colorizer;
use crate::model::config::{ModelConfig, Prediction};
use crate::noise;
use crate::request::{Batch, Inputs, Mode, ModelRef, Sampler, Schedule, Settings, SketchPreprocess};
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
fn a_strength_for_a_layer_that_the_model_lacks_is_refused() {
    let service = service();
    let layers = config().unet.cross_attentions();
    let mut request = request(1);
    request.settings.block_strengths = vec![0.5; layers + 1];
    let job = service.submit(request.clone());
    let events = words(&follow(&service, job));
    assert!(events[0].contains(&format!("at most {layers}")), "{events:?}");
    request.settings.block_strengths.pop();
    take(&service, request);
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
    let changes: [(&str, fn(&mut ColorizeRequest)); 30] = [
        ("seed", |r| r.settings.seed = 1),
        ("sampler", |r| r.settings.sampler = Sampler::Ddim),
        ("schedule", |r| r.settings.schedule = Schedule::Exponential),
        ("size", |r| r.settings.size = Some([128, 128])),
        ("prediction", |r| r.settings.prediction = Some(Prediction::Eps)),
        ("reference guidance", |r| r.settings.reference_guidance = 5.0),
        ("sketch guidance", |r| r.settings.sketch_guidance = 3.0),
        ("reference strength", |r| r.settings.reference_strength = 0.2),
        ("reference padding", |r| r.settings.reference_padding = 2.0),
        ("foreground strength", |r| r.settings.foreground_strength = 0.2),
        ("background strength", |r| r.settings.background_strength = 0.2),
        ("merge", |r| r.settings.merge = 0.5),
        ("sketch strength", |r| r.settings.sketch_strength = 0.2),
        ("reference window", |r| r.settings.reference_window = [0.0, 0.5]),
        ("reference pause", |r| r.settings.reference_pause = Some([0.2, 0.6])),
        ("encoder strength", |r| r.settings.level_strengths.encoder = 0.2),
        ("color strength", |r| r.settings.level_strengths.color = 0.2),
        ("block strengths", |r| r.settings.block_strengths = vec![0.2]),
        ("sketch mask threshold", |r| r.settings.sketch_mask_threshold = 0.9),
        ("reference mask threshold", |r| r.settings.reference_mask_threshold = 0.9),
        ("sketch preprocessing", |r| {
            r.settings.sketch_preprocess = SketchPreprocess::LineArt
        }),
        ("soft mask", |r| {
            r.inputs.sketch_mask = Some(Arc::new(GrayImage::from_pixel(80, 60, Luma([128]))));
            r.settings.soft_mask = true;
        }),
        ("injection", |r| r.inputs.injection = Some(green())),
        ("hints", |r| {
            r.inputs.hints = Some(Arc::new(RgbaImage::from_pixel(80, 60, Rgba([0, 160, 0, 255]))))
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
        ("start", |r| r.inputs.start = Some(green())),
        ("without its background", |r| r.settings.figure_alone = true),
        ("adapter of a mode", |r| r.settings.mode = Mode::Background),
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

fn green() -> Arc<RgbImage> {
    Arc::new(RgbImage::from_pixel(9, 9, Rgb([0, 160, 0])))
}

/// What changes a picture only beside something else.
#[test]
fn what_is_asked_for_of_a_picture_to_look_at_changes_it() {
    let service = service();
    let changes: [(&str, fn(&mut ColorizeRequest), fn(&mut ColorizeRequest)); 8] = [
        (
            "step seed",
            |r| r.settings.sampler = Sampler::EulerA,
            |r| r.settings.step_seed = Some(9),
        ),
        (
            "injection's start",
            |r| r.inputs.injection = Some(green()),
            |r| r.settings.injection.start = 0.5,
        ),
        (
            "injection's reference fidelity",
            |r| r.inputs.injection = Some(green()),
            |r| r.settings.injection.reference_fidelity = 0.0,
        ),
        (
            "injection's sketch fidelity",
            |r| r.inputs.injection = Some(green()),
            |r| r.settings.injection.sketch_fidelity = 1.0,
        ),
        (
            "hint strength",
            |r| r.inputs.hints = Some(Arc::new(RgbaImage::from_pixel(80, 60, Rgba([0, 160, 0, 255])))),
            |r| r.settings.hints.strength = 0.3,
        ),
        (
            "start strength",
            |r| r.inputs.start = Some(green()),
            |r| r.settings.start_strength = 0.9,
        ),
        (
            "a background's figure",
            |r| {
                let scene = RgbImage::from_fn(80, 60, |x, y| match (x as i32 - 40).pow(2) + (y as i32 - 33).pow(2) < 300 {
                    true => Rgb([220, 20, 30]),
                    false => Rgb([20, 30, 220]),
                });
                r.inputs.background = Some(Arc::new(scene));
            },
            |r| r.settings.background_alone = true,
        ),
        (
            "the mask's middle greys",
            |r| r.inputs.sketch_mask = Some(Arc::new(GrayImage::from_pixel(80, 60, Luma([100])))),
            |r| r.settings.sketch_mask_threshold = 0.8,
        ),
    ];
    for (name, given, change) in changes {
        let mut plain = request(3);
        given(&mut plain);
        let mut changed = plain.clone();
        change(&mut changed);
        assert_ne!(take(&service, changed).picture, take(&service, plain).picture, "{name}");
    }
}

/// Pictures of a batch begin with noises of their own; what the sampler adds on the way is that of the first where it is to be the same.
#[test]
fn a_batch_shares_the_noise_of_the_way_if_it_is_to() {
    let service = service();
    let mut base = request(3);
    base.settings.sampler = Sampler::EulerA;
    let [alike, apart] = [true, false].map(|one_noise| {
        let requests = Batch { count: 2, one_noise }.requests(base.clone());
        requests.map(|request| take(&service, request).picture).collect::<Vec<_>>()
    });
    assert_eq!(alike[0], apart[0]);
    assert_ne!(alike[0], alike[1]);
    assert_ne!(alike[1], apart[1]);
    // The second alone, with the first's noise on the way.
    base.settings.step_seed = Some(base.settings.seed);
    base.settings.seed += 1;
    assert_eq!(alike[1], take(&service, base).picture);
}

#[test]
fn a_result_without_its_background_is_white_around_the_figure() {
    let service = service();
    let mut request = request(2);
    let whole = take(&service, request.clone()).picture;
    request.settings.figure_alone = true;
    let mask = request.inputs.sketch_mask.clone().unwrap();
    let figure = take(&service, request.clone()).picture;
    for (x, y, pixel) in figure.enumerate_pixels() {
        let expected = if mask.get_pixel(x, y).0[0] > 0 {
            *whole.get_pixel(x, y)
        } else {
            Rgb([255; 3])
        };
        assert_eq!(*pixel, expected, "{x}, {y}");
    }
}

/// Stops at the second question after the model is there: before any step.
#[test]
fn a_job_is_cancelled_before_its_first_step_and_after_its_last() {
    let mut warm = Warm::new(Device::flex(), Box::new(|_, device| Ok(random_model(device))));
    let mut asked = |stop_at: usize| {
        let mut reports = Vec::new();
        let take = colorize(&mut warm, &request(2), &mut |report| {
            reports.push(match report {
                Report::Working => "working",
                Report::Started { .. } => "started",
                Report::Step { .. } => "step",
            });
            if reports.len() == stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        (take.unwrap().is_some(), reports)
    };
    let (done, reports) = asked(usize::MAX);
    assert!(done);
    let started = reports.iter().position(|report| *report == "started").unwrap();
    assert!(started >= 3, "{reports:?}");
    assert_eq!(reports[started..], ["started", "step", "step", "working"]);
    for stop_at in [1, started, reports.len()] {
        let (done, reports) = asked(stop_at);
        assert!(!done && reports.len() == stop_at, "{reports:?}");
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

/// At 1536 pixels a side the autoencoder works in nine tiles of a fixed size: what they leave is no lattice.
#[test]
fn a_picture_of_1536_pixels_a_side_is_made_in_tiles() {
    let loader = |_: &ModelRef, device: &Device| {
        let mut config = config();
        config.unet.attention_resolutions = vec![8];
        config.vae.base_channels = 8;
        Ok(Loaded {
            networks: Colorizer::new(&config, device).map(&mut Scramble(0)),
            config,
            ..random_model(device)
        })
    };
    let mut warm = Warm::new(Device::flex(), Box::new(loader));
    let mut request = request(1);
    request.settings.size = Some([1536, 1536]);
    request.settings.reference_guidance = 1.0;
    request.inputs.sketch = Arc::new(RgbImage::from_pixel(1536, 1536, Rgb([255; 3])));
    let mut tiles = 0;
    let take = colorize(&mut warm, &request, &mut |report| {
        tiles += usize::from(matches!(report, Report::Working));
        ControlFlow::Continue(())
    });
    let picture = take.unwrap().unwrap().picture;
    assert_eq!(picture.dimensions(), (1536, 1536));
    // Three questions before the first step, one before each round of measuring and each tile.
    assert!(tiles >= 3 + 9, "{tiles}");
    let jump = |x: u32| {
        let apart = (0..1536).map(|y| u64::from(picture.get_pixel(x, y).0[0].abs_diff(picture.get_pixel(x - 1, y).0[0])));
        apart.sum::<u64>() as f64 / 1536.0
    };
    let seams = [512, 1024].map(jump);
    let elsewhere: Vec<f64> = (256..1280).filter(|x| x % 512 != 0 && x % 8 == 0).map(jump).collect();
    let most = elsewhere.iter().copied().fold(0.0, f64::max);
    assert!(
        seams.iter().all(|seam| *seam <= most),
        "{seams:?} at the seams, {most} elsewhere"
    );
}
