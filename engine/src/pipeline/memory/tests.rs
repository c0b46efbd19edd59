use std::sync::Arc;

use ::image::{GrayImage, Luma, Rgb, RgbImage};

use super::*;
use crate::request::{Inputs, ModelRef, Settings};
use crate::weights;

fn config() -> ModelConfig {
    weights::config(&ModelRef::Embedded).unwrap()
}

/// A job with everything that a small picture asks for.
fn request() -> ColorizeRequest {
    let mask = Arc::new(GrayImage::from_fn(96, 96, |x, _| Luma([if x < 40 { 255 } else { 0 }])));
    let sketch = RgbImage::from_fn(96, 96, |x, y| Rgb([if (x + y) % 16 == 0 { 0 } else { 255 }; 3]));
    ColorizeRequest {
        inputs: Inputs {
            sketch_mask: Some(mask.clone()),
            reference_mask: Some(mask),
            ..Inputs::new(Arc::new(sketch), Arc::new(RgbImage::from_pixel(96, 96, Rgb([200, 90, 40]))))
        },
        settings: Settings {
            steps: 1,
            ..Settings::default()
        },
    }
}

fn work<'a>(config: &'a ModelConfig, request: &'a ColorizeRequest, size: [u32; 2]) -> Work<'a> {
    Work {
        config,
        request,
        size,
        rows: 2,
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_largest_size_that_does() {
    let (config, request) = (config(), request());
    let work = |size| work(&config, &request, size);
    let enough = needed(Work {
        rows: 1,
        ..work([1024, 1536])
    });
    assert_eq!(
        compare(work([1024, 1536]), needed(work([1024, 1536]))).unwrap(),
        Rows::Together
    );
    // Not together, but one after the other.
    assert_eq!(compare(work([1024, 1536]), enough).unwrap(), Rows::InTurn);
    let refusal = compare(work([2048, 3072]), enough).unwrap_err();
    assert!(refusal.is_input());
    assert!(refusal.to_string().contains("choose a size up to 1024x1536"), "{refusal}");
    let nothing = compare(work([64, 64]), 0).unwrap_err();
    assert!(nothing.to_string().contains("a device with more"), "{nothing}");
}

#[test]
fn where_memory_is_not_known_large_pictures_take_as_little_as_they_can() {
    let (config, request) = (config(), request());
    let rows = |size, rows| {
        unmeasured(Work {
            rows,
            ..work(&config, &request, size)
        })
    };
    assert_eq!(rows([1024, 1024], 2), Rows::Together);
    assert_eq!(rows([1024, 1088], 2), Rows::InTurn);
    assert_eq!(rows([768, 768], 3), Rows::InTurn);
    assert_eq!(rows([2048, 2048], 1), Rows::Together);
}

#[test]
fn whatever_takes_memory_counts() {
    let config = config();
    let with = |change: fn(&mut ColorizeRequest)| {
        let mut request = request();
        change(&mut request);
        needed(work(&config, &request, [1024, 1024]))
    };
    let plain = with(|_| ());
    assert!(with(|request| request.settings.mode = crate::request::Mode::Vanilla) < plain);
    assert!(with(|request| request.inputs.hints = Some(Arc::new(::image::RgbaImage::new(1, 1)))) > plain);
    let mut request = request();
    // So large that nothing takes more than the network.
    let large = |request: &ColorizeRequest| {
        needed(Work {
            rows: 3,
            ..work(&config, request, [2048, 2048])
        })
    };
    let without = large(&request);
    request.inputs.injection = Some(Arc::new(RgbImage::new(1, 1)));
    assert!(large(&request) > without + 4 * 65536 * 3 * config.unet.model_channels as u64);
    // A drawing of 16384 pixels a side whose lines are cleaned at a quarter of that.
    request.inputs.sketch = Arc::new(RgbImage::new(16384, 4096));
    request.settings.sketch_preprocess = SketchPreprocess::LineArt;
    let lines = needed(work(&config, &request, [256, 256]));
    assert!(lines > 4 * 6 * 4096 * 4096, "{lines}");
}

#[test]
fn copies_of_large_pictures_count() {
    let config = config();
    let large = Arc::new(RgbImage::new(4096, 4096));
    let with = |change: &dyn Fn(&mut ColorizeRequest)| {
        let mut request = request();
        request.inputs.reference = large.clone();
        change(&mut request);
        needed(work(&config, &request, [64, 64]))
    };
    let masked = with(&|_| ());
    // Twice as wide, it is widened and whitened at that size.
    assert!(with(&|request| request.settings.reference_padding = 2.0) > masked + 4 * 4 * 4096 * 4096);
    let vanilla = with(&|request| request.settings.mode = crate::request::Mode::Vanilla);
    let padded = with(&|request| {
        request.settings.mode = crate::request::Mode::Vanilla;
        request.settings.reference_padding = 2.0;
    });
    assert!(
        padded > vanilla + 2 * 3 * 4000 * 4000 && vanilla < masked,
        "{padded} {vanilla}"
    );
    // A picture for the background is looked at as it is, or its figure is found in it first.
    let background = with(&|request| request.inputs.background = Some(large.clone()));
    let alone = with(&|request| {
        request.inputs.background = Some(large.clone());
        request.settings.background_alone = true;
    });
    assert!(alone > background + 4 * 4 * 4096 * 4096, "{alone} {background}");
}

/// A line of `/proc/self/status`, in bytes.
#[cfg(target_os = "linux")]
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let kilobytes: u64 = line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    1024 * kilobytes
}

/// Runs jobs in a process of its own, whose peak the system keeps.
#[cfg(target_os = "linux")]
#[test]
fn a_picture_takes_no_more_than_is_said_and_not_much_less() {
    use std::ops::ControlFlow;
    use std::process::Command;

    use crate::pipeline::{Warm, colorize};

    const CHILD: &str = "SHIAGE_TEST_SIDE";
    const NAME: &str = "pipeline::memory::tests::a_picture_takes_no_more_than_is_said_and_not_much_less";
    let Ok(side) = std::env::var(CHILD) else {
        for side in ["448", "832"] {
            let output = Command::new(std::env::current_exe().unwrap())
                .args([NAME, "--exact", "--nocapture"])
                .env(CHILD, side)
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            let figures = text.lines().find_map(|line| line.split_once("takes ")).unwrap_or_else(|| {
                panic!("{text}{}", String::from_utf8_lossy(&output.stderr));
            });
            let figures: Vec<u64> = figures.1.split(' ').map(|figure| figure.parse().unwrap()).collect();
            let [took, said] = figures[..] else { panic!("{figures:?}") };
            println!("{side} pixels: {} MB taken, {} MB said", took / MEGABYTE, said / MEGABYTE);
            assert!(took <= said && 4 * took > said, "{side} pixels take {took} bytes, not {said}");
        }
        return;
    };
    let side: u32 = side.parse().unwrap();
    let mut warm = Warm::new(Device::flex(), Box::new(weights::load_observed));
    let mut run = |side: u32| {
        let mut request = request();
        request.settings.size = Some([side, side]);
        colorize(&mut warm, &request, &mut |_| ControlFlow::Continue(()))
            .unwrap()
            .unwrap();
    };
    // The model, and what every thread keeps for small pictures.
    run(64);
    let before = status("VmRSS:");
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    run(side);
    let (config, request) = (config(), request());
    let said = needed(work(&config, &request, [side, side]));
    println!("takes {} {said}", status("VmHWM:") - before);
}
