//! The service over a small random model: orders of events, cancelling, failures.

mod cancelling;
mod pictures;

use std::sync::atomic::{AtomicUsize, Ordering};

use ::image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use burn::tensor::Device;

use super::*;
use crate::device::{self, Choice};
use crate::model::Colorizer;
use crate::model::config::ModelConfig;
use crate::model::test_weights::drawn;
use crate::request::{Inputs, Mode, ModelRef, Settings};
use crate::weights::{Loaded, ModelIdentity, Observer, Report as WeightsReport, WeightsError};

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

fn random_model(device: &Device) -> Loaded {
    let config = config();
    Loaded {
        networks: drawn(Colorizer::new(&config, device)),
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
    Service::spawn_with(&opened, Box::new(|| {}), Box::new(|_, device, _| Ok(random_model(device))))
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
    // Whoever looks late finds every step's with its event.
    let previews: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { preview, .. } => Some(preview),
            _ => None,
        })
        .collect();
    assert_eq!(previews.last(), Some(&&preview.picture));
    assert!(previews.len() == 3 && previews[0] != previews[2]);
}

#[test]
fn the_waker_is_called_for_every_event() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let waker = Box::new(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let opened = device::open(Choice::Cpu).unwrap();
    let service = Service::spawn_with(&opened, waker, Box::new(|_, device, _| Ok(random_model(device))));
    let job = service.submit(request(2));
    let events = follow(&service, job).len();
    drop(service);
    assert_eq!((events, calls.load(Ordering::SeqCst)), (4, 4));
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
fn a_live_job_that_is_replaced_opens_the_model_for_the_next() {
    let (opening, opened) = channel();
    let (go, gone) = channel();
    let loads = Arc::new(AtomicUsize::new(0));
    let counted = loads.clone();
    let loader = move |_: &ModelRef, device: &Device, observer: &mut Observer<'_>| {
        counted.fetch_add(1, Ordering::Relaxed);
        opening.send(()).unwrap();
        gone.recv().unwrap();
        match observer() {
            ControlFlow::Continue(()) => Ok(random_model(device)),
            ControlFlow::Break(()) => Err(WeightsError::Cancelled),
        }
    };
    let cpu = device::open(Choice::Cpu).unwrap();
    let service = Service::spawn_with(&cpu, Box::new(|| {}), Box::new(loader));
    service.submit_live(request(100));
    opened.recv().unwrap();
    let next = service.submit_live(request(1));
    go.send(()).unwrap();
    let ends = words(&follow(&service, next));
    assert_eq!(ends, ["1 cancelled", "2 started 1", "2 1/1", "2 finished"]);
    assert_eq!(loads.load(Ordering::Relaxed), 1);

    // Nobody waits for another model's loading once the job in its place is cancelled too.
    let other = || {
        let mut other = request(1);
        other.settings.model = ModelRef::Files {
            checkpoint: "other".into(),
            clip: None,
            vae: None,
        };
        other
    };
    let third = service.submit_live(other());
    opened.recv().unwrap();
    let fourth = service.submit_live(other());
    service.cancel(fourth);
    go.send(()).unwrap();
    let ends = words(&follow(&service, third));
    assert_eq!(ends, ["4 cancelled", "3 cancelled"]);
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
        events[0].contains("split needs a reference mask") && events[0].contains("foreground"),
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
    let loader = |_: &ModelRef, device: &Device, _: &mut Observer<'_>| {
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
        events[0].contains("no adapters") && events[0].contains("mode vanilla"),
        "{events:?}"
    );
    let mut vanilla = request(1);
    vanilla.settings.mode = Mode::Vanilla;
    take(&service, vanilla);
}

#[test]
fn a_panic_fails_its_job_alone() {
    let mut loads = 0;
    let loader = move |_: &ModelRef, device: &Device, _: &mut Observer<'_>| {
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
