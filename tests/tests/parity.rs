//! The engine against the numbers recorded from the authors' release (tests/fixtures/parity: the small set, and the samplers of the
//! large one), as the example `parity` compares them.

use engine::device::{self, Choice, Kind, Opened};
use engine::parity::{self, Line, Options, Outcome};

/// Compares a folder that ships with the sources; fails with the lines that do.
fn compare(opened: &Opened, folder: &str, only: &[&str]) -> Vec<Line> {
    let options = Options {
        fast_math: opened.info.kind != Kind::Cpu,
        only: only.iter().map(|prefix| (*prefix).to_owned()).collect(),
    };
    let folder = tests::workspace().join("tests/fixtures").join(folder);
    let lines = parity::run(&folder, &opened.device, &options, &mut |line| println!("{line}"))
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let failed: Vec<String> = lines.iter().filter(|line| line.failed()).map(Line::to_string).collect();
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
    lines
}

#[test]
fn every_stage_and_every_run_on_the_cpu() {
    let cpu = device::open(Choice::Cpu).expect("the CPU");
    let mut lines = compare(&cpu, "parity", &[]);
    lines.extend(compare(&cpu, "manipulation", &[]));
    let uncovered: Vec<_> = lines.iter().filter(|line| line.outcome == Outcome::NotCovered).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
    assert_eq!(lines.len(), 197);
}

/// The layers most unlike each other, a whole step of the UNet with both adapters, the autoencoder there and back. Most of the time goes into compiling
/// shaders, which other groups would share.
#[test]
fn the_gpus_code_on_the_software_adapter() {
    let software = device::list().into_iter().find(|info| info.kind == Kind::Software);
    let software = software.expect("a software adapter is there (Mesa's lavapipe: apt-get install mesa-vulkan-drivers)");
    let lines = compare(
        &device::open(software.choice).expect("the software adapter"),
        "parity",
        &[
            "stages: control.ns",
            "stages: resblock",
            "stages: sptrans",
            "stages: attn2",
            "stages: unet.ns.out.mask_both",
            "stages: vae",
        ],
    );
    assert_eq!(lines.len(), 10);
}
