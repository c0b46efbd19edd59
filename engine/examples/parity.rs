//! Compares the engine with a folder of numbers recorded from the authors' release:
//! `cargo run --release -p engine --example parity -- DIR [--device auto|gpu|cpu|gpu:N] [--only GROUP]...`.
//! Prints a line a group and a count, and fails if a group does.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use engine::device::{self, Choice, Kind};
use engine::parity::{self, Options, Outcome};

#[derive(Parser)]
struct Arguments {
    /// A folder laid out as tests/fixtures/parity is.
    folder: PathBuf,
    #[arg(long, default_value = "auto")]
    device: Choice,
    /// Compare only groups whose names begin so, for example "stages: unet".
    #[arg(long)]
    only: Vec<String>,
}

fn main() -> anyhow::Result<ExitCode> {
    let Arguments { folder, device, only } = Arguments::parse();
    let opened = device::open(device)?;
    println!("{}", opened.info);
    let options = Options {
        fast_math: opened.info.kind != Kind::Cpu,
        only,
    };
    let lines = parity::run(&folder, &opened.device, &options, &mut |line| println!("{line}"))?;

    let count = |wanted: fn(&parity::Line) -> bool| lines.iter().filter(|line| wanted(line)).count();
    let failed = count(parity::Line::failed);
    let uncovered = count(|line| line.outcome == Outcome::NotCovered);
    println!(
        "{} groups ok, {failed} FAIL, {uncovered} not covered",
        lines.len() - failed - uncovered
    );
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
