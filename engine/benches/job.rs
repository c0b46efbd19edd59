//! What a person waits for, on the sample scene, and the memory of a GPU that it takes, as lines and then as JSON:
//! `cargo bench --workspace --bench job -- [--device cpu|gpu|gpu:N] [--model FILE] [--size WxH] [--half] [--offload] [--jobs N]`.

mod arguments;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use arguments::Computing;
use burn::tensor::Device;
use clap::Parser;
use engine::device::Opened;
use engine::event::{Event, JobId};
use engine::model::config::PreviewMap;
use engine::model::vae::LATENT_FACTOR;
use engine::noise;
use engine::pipeline::preview;
use engine::request::{ColorizeRequest, Inputs, Settings};
use engine::service::Service;
use engine::weights;
use serde_json::{Map, Value, json};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    computing: Computing,
    /// Jobs that are run, and jobs that are cancelled.
    #[arg(long, default_value_t = 10)]
    jobs: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let opened = arguments.computing.open()?;
    println!(
        "{}; milliseconds: the fastest, the median and the slowest of {}",
        opened.info, arguments.jobs
    );
    let request = request(arguments.computing.settings())?;
    let mut report = Report::default();
    let service = Service::spawn(&opened, Box::new(|| {}));
    let cold = run(&service, &request)?;
    report.times("first preview, model not yet loaded", vec![cold.preview]);

    let jobs: Vec<Run> = (0..arguments.jobs)
        .map(|_| run(&service, &request))
        .collect::<anyhow::Result<_>>()?;
    report.times("first preview, everything warm", jobs.iter().map(|job| job.preview).collect());
    let steps: Vec<Duration> = jobs.iter().flat_map(|job| job.steps.iter().copied()).collect();
    let step = report.times("a step", steps);
    report.times("a whole picture", jobs.iter().map(|job| job.whole).collect());
    let cancelled = (0..arguments.jobs)
        .map(|_| cancel(&service, &request))
        .collect::<anyhow::Result<_>>()?;
    report.times("from cancel to its answer", cancelled);
    let preview = report.times("a preview", previews(&opened, &request.settings, arguments.jobs)?);
    println!(
        "a preview is {:.2} % of a step",
        100.0 * preview.as_secs_f64() / step.as_secs_f64()
    );
    // Nothing is kept of these pictures: the image tower and the sketch encoder run too.
    let (done, most) = most_memory(&opened.device, || run(&service, &others(&request)));
    done?;
    if let Some([used, reserved]) = most {
        report.memory("used while a picture is made", used);
        report.memory("reserved, for tuning kernels too", reserved);
    }
    println!("{}", json!({ "device": opened.info.to_string(), "job": report.0 }));
    Ok(())
}

/// Lines for a person, kept for the JSON.
#[derive(Default)]
struct Report(Map<String, Value>);

impl Report {
    /// The median.
    fn times(&mut self, what: &str, mut times: Vec<Duration>) -> Duration {
        times.sort();
        let [least, median, most] = [0, times.len() / 2, times.len() - 1].map(|at| times[at]);
        let figures = [least, median, most].map(|time| 1e3 * time.as_secs_f64());
        let [first, second, third] = figures;
        println!("{what:40} {first:9.2} {second:9.2} {third:9.2}");
        self.0.insert(format!("{what}, ms"), json!(figures));
        median
    }

    fn memory(&mut self, what: &str, bytes: u64) {
        println!("the device's memory, {what}: {:.0} MB", bytes as f64 / 1e6);
        self.0.insert(format!("memory {what}, bytes"), json!(bytes));
    }
}

fn request(settings: Settings) -> anyhow::Result<ColorizeRequest> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples/seaside");
    let open = |name: &str| image::open(folder.join(name)).with_context(|| format!("cannot open {name} of the samples"));
    let mut inputs = Inputs::new(
        Arc::new(open("sketch.png")?.into_rgb8()),
        Arc::new(open("reference.png")?.into_rgb8()),
    );
    inputs.sketch_mask = Some(Arc::new(open("sketch-mask.png")?.into_luma8()));
    inputs.reference_mask = Some(Arc::new(open("reference-mask.png")?.into_luma8()));
    Ok(ColorizeRequest { inputs, settings })
}

/// The same with other pictures, which differ from its own by their first pixel.
fn others(request: &ColorizeRequest) -> ColorizeRequest {
    let mut request = request.clone();
    for picture in [&mut request.inputs.sketch, &mut request.inputs.reference] {
        Arc::make_mut(picture).get_pixel_mut(0, 0).0[0] ^= 1;
    }
    request
}

struct Run {
    /// From the submission to the first preview.
    preview: Duration,
    /// Each step after the first.
    steps: Vec<Duration>,
    whole: Duration,
}

fn run(service: &Service, request: &ColorizeRequest) -> anyhow::Result<Run> {
    let begun = Instant::now();
    let job = service.submit(request.clone());
    let mut seen = Vec::new();
    while progress(service, job)?.is_some() {
        seen.push(begun.elapsed());
    }
    Ok(Run {
        preview: *seen.first().context("a step")?,
        steps: seen.windows(2).map(|pair| pair[1] - pair[0]).collect(),
        whole: begun.elapsed(),
    })
}

/// From the cancellation, in the middle of a step, to the answer.
fn cancel(service: &Service, request: &ColorizeRequest) -> anyhow::Result<Duration> {
    let job = service.submit(request.clone());
    while progress(service, job)?.context("a job of several steps")? < 2 {}
    let begun = Instant::now();
    service.cancel(job);
    while progress(service, job)?.is_some() {}
    Ok(begun.elapsed())
}

/// The number of the next step that is done; None at the job's end.
fn progress(service: &Service, wanted: JobId) -> anyhow::Result<Option<u32>> {
    loop {
        match service.wait() {
            Event::Progress { job, step, .. } if job == wanted => return Ok(Some(step)),
            Event::Finished { job, .. } | Event::Cancelled { job } if job == wanted => return Ok(None),
            Event::Failed { error, .. } => bail!("{error}"),
            _ => {}
        }
    }
}

/// What a preview costs a step: the latent read back and turned into a picture.
fn previews(opened: &Opened, settings: &Settings, count: usize) -> anyhow::Result<Vec<Duration>> {
    let config = weights::config(&settings.model)?;
    let channels = config.vae.latent_channels;
    // Any map takes as long as the model's own.
    let map = PreviewMap {
        matrix: [0, 1, 2].map(|_| vec![0.5; channels]),
        bias: [0.0; 3],
    };
    let size = settings.size.unwrap_or([config.native_size; 2]);
    let [width, height] = size.map(|side| side as usize / LATENT_FACTOR);
    let latent = noise::tensor(0, [1, channels, height, width], &opened.device);
    let one = || {
        let begun = Instant::now();
        preview::picture(latent.clone(), &map)?.context("numbers")?;
        Ok(begun.elapsed())
    };
    (0..count.max(10)).map(|_| one()).collect()
}

/// What `work` returns, and the most bytes that the device's memory held meanwhile, in use and reserved. It is asked every millisecond, between operations:
/// what one of them takes and gives back itself shows in what is reserved alone. None where the device does not tell.
fn most_memory<T>(device: &Device, work: impl FnOnce() -> T) -> (T, Option<[u64; 2]>) {
    let (done, device) = (AtomicBool::new(false), device.clone());
    thread::scope(|scope| {
        let ended = &done;
        let watch = scope.spawn(move || {
            let mut most: Option<[u64; 2]> = None;
            while let Some(usage) = device.memory_pool_usage() {
                let [used, reserved] = most.unwrap_or([0; 2]);
                most = Some([used.max(usage.bytes_in_use), reserved.max(usage.bytes_reserved)]);
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                thread::sleep(Duration::from_millis(1));
            }
            most
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        (result, watch.join().unwrap_or_default())
    })
}
