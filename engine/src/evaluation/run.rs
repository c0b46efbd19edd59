//! A model at work on held-out scenes.

use std::ops::{ControlFlow, Range};

use ::image::RgbImage;

use super::case::Case;
use super::leakage::{self, Sides};
use super::lines::{self, Match};
use super::palette::Palette;
use super::regions::Parts;
use super::{Summary, Variant, ablation, fidelity};
use crate::error::EngineError;
use crate::pipeline::cache::Warm;
use crate::pipeline::colorize::colorize;
use crate::request::Settings;

/// What was measured of one scene.
pub struct Judged {
    /// Part and CIEDE2000.
    pub regions: Vec<(u8, f32)>,
    /// Earth mover's distance from the truth's palette: figure, background.
    pub palettes: [f32; 2],
    /// Palettes of the result and of its reference: figure, background.
    pub result_palettes: [Palette; 2],
    pub reference_palettes: [Palette; 2],
    /// Mean change of figure and background when the reference's figure was swapped, and when its background was.
    pub figure_swap: [f32; 2],
    pub ground_swap: [f32; 2],
    /// Share of the background in the figure's colours, without what chance gives. None in the first scene, which has no control.
    pub foreign: Option<f32>,
    pub lines: Match,
    /// What the truth itself reaches: lines with one colour on both sides have no edge.
    pub truth_lines: Match,
    /// Mean F1 of the edges of the results from three references.
    pub agreement: f32,
    /// Share of the background that is an edge without a line.
    pub unexplained: f32,
    pub psnr: f64,
    pub ms_ssim: f64,
    /// The results: own reference, figure swapped, background swapped.
    pub results: [RgbImage; 3],
}

/// Colours scenes `cases` at `size` pixels a side, three times each, and measures. `variant`: None for the settings as they
/// are; `warm` opens models by that variant's loader. `progress` hears of every finished scene.
///
/// # Errors
/// When the model cannot be opened or the device fails.
pub fn evaluate(
    warm: &mut Warm,
    settings: &Settings,
    variant: Option<Variant>,
    cases: Range<u64>,
    size: u32,
    progress: &mut dyn FnMut(&Case, &Judged),
) -> Result<Summary, EngineError> {
    let mut judged: Vec<Judged> = Vec::new();
    for index in cases {
        let case = Case::new(index, size);
        let mut results = Vec::with_capacity(3);
        for reference in [&case.scene.reference, &case.other_figure, &case.other_ground] {
            let request = ablation::request(variant, case.inputs(reference), settings);
            let take = colorize(warm, &request, &mut |_| ControlFlow::Continue(()))?;
            results.push(take.expect("the observer never breaks off").picture.as_ref().clone());
        }
        let control = judged.last().map(|last| &last.reference_palettes[0]);
        let found = judge(&case, results.try_into().expect("three references"), control);
        progress(&case, &found);
        judged.push(found);
    }
    Ok(Summary::new(&judged))
}

/// `control`: the palette of a figure that has nothing to do with this scene.
fn judge(case: &Case, results: [RgbImage; 3], control: Option<&Palette>) -> Judged {
    let scene = &case.scene;
    let [result, figure_swapped, ground_swapped] = &results;
    let sides = Sides::new(&scene.sketch_mask);
    let reference_sides = Sides::new(&scene.reference_mask);
    let palettes = |picture: &RgbImage, sides: &Sides| {
        [&sides.figure, &sides.ground].map(|places| Palette::new(&leakage::colors(picture, places)))
    };
    let result_palettes = palettes(result, &sides);
    let truth_palettes = palettes(&scene.color, &sides);
    let reference_palettes = palettes(&scene.reference, &reference_sides);
    let changes = |other: &RgbImage| [&sides.figure, &sides.ground].map(|places| leakage::change(result, other, places));
    let ink = lines::ink(&scene.sketch);
    let edges = results.each_ref().map(lines::edges);
    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(one, other)| Match::new(&edges[one], &edges[other]).f1());
    let [figure, ground] = &reference_palettes;
    Judged {
        regions: Parts::new(&scene.sketch_regions, &scene.sketch).errors(result, &scene.color),
        palettes: [0, 1].map(|side| result_palettes[side].distance(&truth_palettes[side])),
        figure_swap: changes(figure_swapped),
        ground_swap: changes(ground_swapped),
        foreign: control.map(|control| leakage::foreign_share(&leakage::colors(result, &sides.ground), figure, ground, control)),
        lines: Match::new(&edges[0], &ink),
        truth_lines: Match::new(&lines::edges(&scene.color), &ink),
        agreement: pairs.iter().sum::<f32>() / 3.0,
        unexplained: lines::unexplained(&edges[0], &ink, &sides.ground),
        psnr: fidelity::psnr(result, &scene.color),
        ms_ssim: fidelity::ms_ssim(result, &scene.color),
        result_palettes,
        reference_palettes,
        results,
    }
}
