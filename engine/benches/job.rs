//! What a person waits for, on the sample scene with the model in the program: `cargo bench -p engine --bench job -- [--device cpu|gpu|gpu:N]`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use engine::device::{self, Choice, Opened};
use engine::event::{Event, JobId};
use engine::noise;
use engine::pipeline::preview;
use engine::request::{ColorizeRequest, Inputs, ModelRef, Settings};
use engine::service::Service;
use engine::weights;

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value = "cpu")]
    device: Choice,
    /// Jobs that are run, and jobs that are cancelled.
    #[arg(long, default_value_t = 10)]
    jobs: usize,
    /// What cargo passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let opened = device::open(arguments.device)?;
    println!(
        "{}; milliseconds: the fastest, the median and the slowest of {}",
        opened.info, arguments.jobs
    );
    let request = request()?;
    let service = Service::spawn(&opened, Box::new(|| {}));
    let cold = run(&service, &request)?;
    print("first preview, model not yet loaded", vec![cold.preview]);

    let jobs: Vec<Run> = (0..arguments.jobs)
        .map(|_| run(&service, &request))
        .collect::<anyhow::Result<_>>()?;
    print("first preview, everything warm", jobs.iter().map(|job| job.preview).collect());
    let steps: Vec<Duration> = jobs.iter().flat_map(|job| job.steps.iter().copied()).collect();
    let step = print("a step", steps);
    print("a whole picture", jobs.iter().map(|job| job.whole).collect());
    let cancelled = (0..arguments.jobs)
        .map(|_| cancel(&service, &request))
        .collect::<anyhow::Result<_>>()?;
    print("from cancel to its answer", cancelled);
    let preview = print("a preview", previews(&opened, arguments.jobs)?);
    println!(
        "a preview is {:.2} % of a step",
        100.0 * preview.as_secs_f64() / step.as_secs_f64()
    );
    Ok(())
}

/// A line; the median.
fn print(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort();
    let [least, median, most] = [0, times.len() / 2, times.len() - 1].map(|at| times[at]);
    let [first, second, third] = [least, median, most].map(|time| 1e3 * time.as_secs_f64());
    println!("{what:40} {first:9.2} {second:9.2} {third:9.2}");
    median
}

fn request() -> anyhow::Result<ColorizeRequest> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples/seaside");
    let open = |name: &str| image::open(folder.join(name)).with_context(|| format!("cannot open {name} of the samples"));
    let mut inputs = Inputs::new(
        Arc::new(open("sketch.png")?.into_rgb8()),
        Arc::new(open("reference.png")?.into_rgb8()),
    );
    inputs.sketch_mask = Some(Arc::new(open("sketch-mask.png")?.into_luma8()));
    inputs.reference_mask = Some(Arc::new(open("reference-mask.png")?.into_luma8()));
    Ok(ColorizeRequest {
        inputs,
        settings: Settings::default(),
    })
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
fn previews(opened: &Opened, count: usize) -> anyhow::Result<Vec<Duration>> {
    let config = weights::load(&ModelRef::Embedded, &opened.device)?.config;
    let map = config.preview.context("the embedded model's map")?;
    let side = config.native_size as usize / 8;
    let latent = noise::tensor(0, [1, config.vae.latent_channels, side, side], &opened.device);
    let one = || {
        let begun = Instant::now();
        preview::picture(latent.clone(), &map)?.context("numbers")?;
        Ok(begun.elapsed())
    };
    (0..count.max(10)).map(|_| one()).collect()
}
