//! Our networks on the CPU against the same networks as plain PyTorch modules (tests/oracle), the same weights and inputs, run in turn:
//! `cargo bench -p engine --bench vs_torch -- [--python PYTHON] [--full] [--runs N] [--only NAME]`. Prints a table with the ratio of the minima.

mod cases;
mod peer;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use burn::tensor::Device;
use clap::Parser;
use peer::Peer;

/// Largest difference between the two sides' results, as a share of the largest number.
const TOLERANCE: f64 = 1e-3;

#[derive(Parser)]
struct Arguments {
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
    /// What cargo passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build_global()?;
    let mut peer = match Peer::start(&arguments.python, arguments.threads) {
        Ok(peer) => peer,
        Err(error) => {
            println!("{error:#}");
            println!("PyTorch comes with: python3 -m venv torch && torch/bin/pip install torch safetensors numpy");
            println!("then: cargo bench -p engine --bench vs_torch -- --python torch/bin/python");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!(
        "PyTorch {}, {} threads, f32; seconds, the fastest of {} runs in turn",
        peer.version, arguments.threads, arguments.runs
    );
    println!("{:44} {:>8} {:>8} {:>6} {:>9}", "", "PyTorch", "ours", "ratio", "differ by");
    let mut apart = false;
    for mut case in cases::all(&Device::flex(), arguments.full)? {
        if !case.name.contains(&arguments.only) {
            continue;
        }
        let theirs_output = peer.build(&case)?;
        let ours_output = (case.ours)();
        let difference = case.shared_weights.then(|| difference(&ours_output, &theirs_output));
        let (mut theirs_best, mut ours_best) = (f64::INFINITY, Duration::MAX);
        let runs = if case.full {
            arguments.runs.div_ceil(10)
        } else {
            arguments.runs
        };
        for _ in 0..runs {
            theirs_best = theirs_best.min(peer.run()?);
            let begun = Instant::now();
            (case.ours)();
            ours_best = ours_best.min(begun.elapsed());
        }
        let ours_best = ours_best.as_secs_f64();
        let difference_told = difference.map_or_else(|| "-".to_owned(), |difference| format!("{difference:.1e}"));
        println!(
            "{:44} {theirs_best:8.4} {ours_best:8.4} {:6.2} {difference_told:>9}",
            case.name,
            ours_best / theirs_best
        );
        apart |= difference.is_some_and(|difference| difference > TOLERANCE);
    }
    if apart {
        println!("the two sides do not compute the same: a difference is above {TOLERANCE:.0e}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
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
