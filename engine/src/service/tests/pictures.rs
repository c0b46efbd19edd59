//! What a picture depends on.

use super::*;
use crate::model::config::Prediction;
use crate::request::{Batch, Sampler, Schedule, SketchPreprocess};

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
    let loader = |_: &ModelRef, device: &Device, _: &mut Observer<'_>| {
        let mut config = config();
        config.unet.attention_resolutions = vec![8];
        config.vae.base_channels = 8;
        Ok(Loaded {
            networks: drawn(Colorizer::new(&config, device)),
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
