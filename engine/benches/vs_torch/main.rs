//! Our networks against the same networks as plain PyTorch modules (tests/oracle) on the same device, the same weights and inputs, run in turn:
//! `cargo bench --workspace --bench vs_torch -- [--python PYTHON] [--full] [--runs N] [--only NAME] [--device gpu] [--half] [--model FILE] [--size WxH]`.
//!
//! Prints a table of the fastest runs, then the same as JSON. On a GPU a run ends when the device has ended its work, on both sides; our first run, in which
//! kernels are compiled and tuned, does not count and is told. With `--half` PyTorch computes everything in half precision. The rate of the UNet's operations
//! stands beside the most that either side reaches, ours first: that of the matrix product at the table's head. `tests/gpu.sh` runs this with all that is to be
//! known of a GPU.

#[path = "../arguments/mod.rs"]
mod arguments;
mod cases;
mod peer;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use arguments::Computing;
use burn::tensor::{Device, Tensor};
use cases::{Case, PRODUCT, Weights};
use clap::Parser;
use engine::device::Kind;
use peer::Peer;
use serde_json::{Value, json};

/// Largest difference between the two sides' results, as a share of the largest number; in half precision.
const TOLERANCE: f64 = 1e-3;
const HALF_TOLERANCE: f64 = 2e-2;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    computing: Computing,
    /// The Python that has PyTorch and safetensors.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Counted runs of each side; the fastest is told.
    #[arg(long, default_value_t = 30)]
    runs: usize,
    /// Networks of the published size too, with random weights: 8 GB of memory, some minutes.
    #[arg(long)]
    full: bool,
    /// Cases whose names contain this.
    #[arg(long, default_value = "")]
    only: String,
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build_global()?;
    let opened = arguments.computing.open()?;
    let (on_gpu, half) = (opened.info.kind != Kind::Cpu, arguments.computing.half);
    let mut peer = match Peer::start(&arguments.python, arguments.threads, on_gpu, half) {
        Ok(peer) => peer,
        Err(error) => {
            println!("{error:#}");
            println!("PyTorch comes with: python3 -m venv torch && torch/bin/pip install torch safetensors numpy");
            println!("then: cargo bench --workspace --bench vs_torch -- --python $PWD/torch/bin/python");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("{}, {}", peer.name, if half { "f16" } else { "f32" });
    println!(
        "ours on {}; {} threads; seconds, the fastest of {} runs in turn",
        opened.info, arguments.threads, arguments.runs
    );
    println!(
        "{:52} {:>8} {:>8} {:>6} {:>8} {:>9} {:>9} {:>9}",
        "", "PyTorch", "ours", "ratio", "first", "TFLOP/s", "% of most", "differ by"
    );
    let tolerance = if half { HALF_TOLERANCE } else { TOLERANCE };
    let (mut rows, mut most, mut apart) = (Vec::new(), None, false);
    for mut case in cases::all(&arguments.computing.settings(), &opened.device, arguments.full)? {
        if !case.name.contains(&arguments.only) {
            continue;
        }
        let runs = match case.slow {
            true => arguments.runs.div_ceil(10),
            false => arguments.runs,
        };
        let outcome = measure(&mut case, &mut peer, &opened.device, runs)?;
        if case.name == PRODUCT {
            most = outcome.rates();
        }
        println!("{:52} {}", case.name, outcome.row(most));
        rows.push(outcome.json(&case.name, most));
        apart |= outcome.difference.is_some_and(|difference| difference > tolerance);
    }
    println!(
        "{}",
        json!({ "ours": opened.info.to_string(), "theirs": peer.name, "half": half, "runs": arguments.runs, "cases": rows })
    );
    if apart {
        println!("the two sides do not compute the same: a difference is above {tolerance:.0e}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Of one case, times in seconds.
struct Outcome {
    theirs: f64,
    ours: f64,
    /// Our first run.
    first: f64,
    operations: Option<f64>,
    /// Between the results, where both sides have the same weights.
    difference: Option<f64>,
    /// That the other side took for its pictures.
    layout: Value,
}

impl Outcome {
    /// Operations of ours a second, if each side took its own time for them: theirs, ours.
    fn rates(&self) -> Option<[f64; 2]> {
        self.operations.map(|count| [self.theirs, self.ours].map(|time| count / time))
    }

    /// Our rate as a share of the `most` that either side has shown: theirs, ours.
    fn shares(&self, most: Option<[f64; 2]>) -> Option<[f64; 2]> {
        let ([_, rate], most) = (self.rates()?, most?);
        Some(most.map(|most| rate / most))
    }

    fn row(&self, most: Option<[f64; 2]>) -> String {
        let or_none = |told: Option<String>| told.unwrap_or_else(|| "-".to_owned());
        let rate = or_none(self.rates().map(|[_, ours]| format!("{:.3}", ours / 1e12)));
        let share = or_none(
            self.shares(most)
                .map(|[theirs, ours]| format!("{:.0}, {:.0}", 100.0 * ours, 100.0 * theirs)),
        );
        let difference = or_none(self.difference.map(|difference| format!("{difference:.1e}")));
        format!(
            "{:8.4} {:8.4} {:6.2} {:8.2} {rate:>9} {share:>9} {difference:>9}",
            self.theirs,
            self.ours,
            self.ours / self.theirs,
            self.first
        )
    }

    fn json(&self, name: &str, most: Option<[f64; 2]>) -> Value {
        json!({
            "name": name,
            "theirs": self.theirs,
            "ours": self.ours,
            "first": self.first,
            "operations": self.operations,
            "share_of_most_theirs_ours": self.shares(most),
            "difference": self.difference,
            "layout": self.layout,
        })
    }
}

fn measure(case: &mut Case, peer: &mut Peer, device: &Device, runs: usize) -> anyhow::Result<Outcome> {
    let (expected, layout) = peer.build(case)?;
    let (first, output) = timed(case, device)?;
    let output = output.try_into_vec_as::<f32>()?;
    let difference = match case.weights {
        Weights::Own => None,
        Weights::None | Weights::Shared(_) => Some(difference(&output, &expected)),
    };
    let (mut theirs, mut ours) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..runs {
        theirs = theirs.min(peer.run()?);
        ours = ours.min(timed(case, device)?.0);
    }
    Ok(Outcome {
        theirs,
        ours,
        first,
        operations: case.operations,
        difference,
        layout,
    })
}

/// Seconds of a run of ours, and what came of it.
fn timed(case: &mut Case, device: &Device) -> anyhow::Result<(f64, Tensor<1>)> {
    device.sync()?;
    let begun = Instant::now();
    let output = (case.ours)();
    device.sync()?;
    Ok((begun.elapsed().as_secs_f64(), output))
}

/// `max |a - b| / max |b|`.
fn difference(ours: &[f32], theirs: &[f32]) -> f64 {
    assert_eq!(ours.len(), theirs.len(), "results of the same shape");
    let pairs = ours.iter().zip(theirs);
    let (mut apart, mut scale) = (0.0_f32, 0.0_f32);
    for (ours, theirs) in pairs {
        apart = apart.max((ours - theirs).abs());
        scale = scale.max(theirs.abs());
    }
    f64::from(apart / scale)
}
