//! Swap consistency: do the parts of a character keep their colours from frame to frame of a shot? Both measures are our own.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use ::image::{DynamicImage, GrayImage, RgbImage};
use serde::{Deserialize, Serialize};

use super::case::SEED;
use super::lines::{self, Match};
use super::regions::Parts;
use super::{Variant, ablation};
use crate::error::EngineError;
use crate::image::lab::{self, Lab};
use crate::pipeline::cache::Warm;
use crate::pipeline::colorize::colorize;
use crate::request::{Inputs, Settings};
use crate::training::scenes::{Frame, Shot};

/// References that the frames of a shot are coloured with.
const REFERENCES: u64 = 2;
/// References that the first frame alone is coloured with, to compare the edges of the results.
const EDGE_REFERENCES: u64 = 8;

/// Figures over a set of shots.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Consistency {
    pub shots: usize,
    pub frames: usize,
    /// CIEDE2000 of a part's mean colour in a frame from its mean over all frames, averaged over frames, parts, references and shots.
    pub spread: f32,
    /// CIEDE2000 a frame: how far the least squares line through a part's mean colours in CIELAB goes, from its first frame to its last, over the
    /// frames between them; averaged likewise. Spread without drift is flicker.
    pub drift: f32,
    /// Mean F1 of the edges of the first frame's results from 8 references, in pairs: 1 when only the lines decide where edges lie.
    pub edge_agreement: f32,
}

/// Colours `frames` frames of every shot in `shots`, `size` pixels a side, and measures. `variant`: as for [`super::evaluate`]. `progress` hears of every
/// finished shot.
///
/// # Errors
/// When the model cannot be opened or the device fails.
pub fn consistency(
    warm: &mut Warm,
    settings: &Settings,
    variant: Option<Variant>,
    shots: Range<u64>,
    frames: usize,
    size: u32,
    progress: &mut dyn FnMut(),
) -> Result<Consistency, EngineError> {
    let (mut spreads, mut drifts, mut agreements) = (Vec::new(), Vec::new(), Vec::new());
    let mut count = 0;
    for index in shots {
        let shot = Shot::new(SEED, index);
        let drawn: Vec<Frame> = (0..frames)
            .map(|frame| shot.frame(frame as f32 / frames as f32, size))
            .collect();
        let mut first_edges = Vec::new();
        for design in 0..EDGE_REFERENCES {
            let (reference, mask) = shot.reference(design, None, size);
            let shown = if design < REFERENCES { drawn.len() } else { 1 };
            let mut colored = Vec::with_capacity(shown);
            for frame in &drawn[..shown.min(drawn.len())] {
                let request = ablation::request(variant, inputs(frame, &reference, &mask), settings);
                let take = colorize(warm, &request, &mut |_| ControlFlow::Continue(()))?;
                colored.push(take.expect("the observer never breaks off").picture);
            }
            first_edges.extend(colored.first().map(|picture| lines::edges(picture)));
            if design < REFERENCES {
                for track in tracks(&drawn, &colored).values() {
                    spreads.push(spread(track));
                    drifts.push(drift(track));
                }
            }
        }
        agreements.push(agreement(&first_edges));
        count += 1;
        progress();
    }
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len().max(1) as f32;
    Ok(Consistency {
        shots: count,
        frames,
        spread: mean(&spreads),
        drift: mean(&drifts),
        edge_agreement: mean(&agreements),
    })
}

fn inputs(frame: &Frame, reference: &RgbImage, mask: &GrayImage) -> Inputs {
    Inputs {
        sketch_mask: Some(Arc::new(frame.sketch_mask.clone())),
        reference_mask: Some(Arc::new(mask.clone())),
        ..Inputs::new(
            Arc::new(DynamicImage::from(frame.sketch.clone()).into_rgb8()),
            Arc::new(reference.clone()),
        )
    }
}

/// The frames in which a part is seen, by their numbers, and its mean colour there; parts that are seen once say nothing and are left out.
fn tracks(frames: &[Frame], colored: &[Arc<RgbImage>]) -> BTreeMap<u8, Vec<(usize, Lab)>> {
    let mut tracks = BTreeMap::<u8, Vec<(usize, Lab)>>::new();
    for (number, (frame, picture)) in frames.iter().zip(colored).enumerate() {
        for (part, color) in Parts::new(&frame.sketch_regions, &frame.sketch).means(picture) {
            tracks.entry(part).or_default().push((number, color));
        }
    }
    tracks.retain(|_, track| track.len() > 1);
    tracks
}

fn spread(track: &[(usize, Lab)]) -> f32 {
    let Some(middle) = lab::mean(track.iter().map(|(_, color)| *color)) else {
        return 0.0;
    };
    track.iter().map(|(_, color)| lab::difference(*color, middle)).sum::<f32>() / track.len() as f32
}

fn drift(track: &[(usize, Lab)]) -> f32 {
    let ([(begin, _), .., (end, _)], Some(middle)) = (track, lab::mean(track.iter().map(|(_, color)| *color))) else {
        return 0.0;
    };
    let mean = track.iter().map(|(number, _)| *number as f32).sum::<f32>() / track.len() as f32;
    let square: f32 = track.iter().map(|(number, _)| (*number as f32 - mean).powi(2)).sum();
    let slope = |channel: fn(Lab) -> f32| {
        let along = track
            .iter()
            .map(|(number, color)| (*number as f32 - mean) * (channel(*color) - channel(middle)));
        along.sum::<f32>() / square
    };
    let [l, a, b] = [slope(|color| color.l), slope(|color| color.a), slope(|color| color.b)];
    let at = |number: usize| {
        let frames = number as f32 - mean;
        Lab::new(middle.l + l * frames, middle.a + a * frames, middle.b + b * frames)
    };
    lab::difference(at(*begin), at(*end)) / (end - begin) as f32
}

fn agreement(edges: &[GrayImage]) -> f32 {
    let pairs = (0..edges.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
    let (sum, count) = pairs.fold((0.0, 0), |(sum, count), (one, other)| {
        (sum + Match::new(&edges[one], &edges[other]).f1(), count + 1)
    });
    sum / count.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(lights: &[f32]) -> Vec<(usize, Lab)> {
        lights.iter().map(|l| Lab::new(*l, 0.0, 0.0)).enumerate().collect()
    }

    #[test]
    fn a_colour_that_stays_neither_spreads_nor_drifts() {
        assert_eq!((spread(&track(&[50.0; 4])), drift(&track(&[50.0; 4]))), (0.0, 0.0));
    }

    #[test]
    fn flicker_spreads_and_a_slide_drifts() {
        let (flicker, slide) = (track(&[50.0, 54.0, 50.0, 54.0, 50.0]), track(&[50.0, 51.0, 52.0, 53.0, 54.0]));
        assert!(spread(&flicker) > 1.0 && spread(&slide) > 0.8);
        // Near lightness 50 a step of CIEDE2000 is a step of lightness.
        assert!((drift(&slide) - 1.0).abs() < 0.1, "{}", drift(&slide));
        assert!(drift(&flicker) < 1e-3, "flicker goes nowhere: {}", drift(&flicker));
    }

    #[test]
    fn edges_agree_with_themselves() {
        let edges = |at: u32| GrayImage::from_fn(20, 20, |x, _| ::image::Luma([if x == at { 255 } else { 0 }]));
        assert_eq!(agreement(&[edges(4), edges(5), edges(5)]), 1.0);
        assert!((agreement(&[edges(4), edges(5), edges(15)]) - 1.0 / 3.0).abs() < 1e-5);
    }
}
