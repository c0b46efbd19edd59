//! What a set of scenes says together: one line of figures, and a sheet of pictures.

use ::image::{DynamicImage, GenericImage, Rgb, RgbImage};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::run::Judged;

/// References among which a result's own has to be found.
const CANDIDATES: usize = 20;

/// Figures over a set. Colour errors are CIEDE2000; shares, ratios and F1 are 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub scenes: usize,
    pub parts: usize,
    /// Over all parts of all scenes.
    pub region_error_median: f32,
    pub region_error_90: f32,
    /// Earth mover's distance between the palettes of result and truth, mean.
    pub figure_palette: f32,
    pub ground_palette: f32,
    /// Share of the results whose own reference is the nearest by palettes, of `candidates`.
    pub retrieval: f32,
    pub candidates: usize,
    /// Only the reference's figure swapped: mean change of the background over that of the figure; none where that did not change,
    /// as when no place of it is away from the mask's edge.
    pub figure_leakage: Option<f32>,
    /// Only its background swapped: mean change of the figure over that of the background; none where that did not change.
    pub ground_leakage: Option<f32>,
    /// Share of the background in the figure's colours, less what chance gives.
    pub foreign_share: f32,
    pub line_f1: f32,
    /// What the truth reaches.
    pub truth_line_f1: f32,
    pub edge_agreement: f32,
    /// Share of the background that is an edge without a line.
    pub unexplained_edges: f32,
    /// Mean, dB.
    pub psnr: f64,
    pub ms_ssim: f64,
}

impl Summary {
    /// Of no scenes: every figure is 0.
    pub fn new(judged: &[Judged]) -> Self {
        let mut errors: Vec<f32> = judged.iter().flat_map(|one| one.regions.iter().map(|part| part.1)).collect();
        errors.sort_by(f32::total_cmp);
        let mean = |value: &dyn Fn(&Judged) -> Option<f32>| {
            let values: Vec<f32> = judged.iter().filter_map(value).filter(|value| value.is_finite()).collect();
            values.iter().sum::<f32>() / values.len().max(1) as f32
        };
        let all = |value: fn(&Judged) -> f32| mean(&|one| Some(value(one)));
        let count = judged.len().max(1) as f64;
        Self {
            scenes: judged.len(),
            parts: errors.len(),
            region_error_median: quantile(&errors, 0.5),
            region_error_90: quantile(&errors, 0.9),
            figure_palette: all(|one| one.palettes[0]),
            ground_palette: all(|one| one.palettes[1]),
            retrieval: retrieval(judged),
            candidates: CANDIDATES.min(judged.len()),
            // Ratios of means: a scene in which little changes at all says little.
            figure_leakage: leakage(all(|one| one.figure_swap[1]), all(|one| one.figure_swap[0])),
            ground_leakage: leakage(all(|one| one.ground_swap[0]), all(|one| one.ground_swap[1])),
            foreign_share: mean(&|one| one.foreign),
            line_f1: all(|one| one.lines.f1()),
            truth_line_f1: all(|one| one.truth_lines.f1()),
            edge_agreement: all(|one| one.agreement),
            unexplained_edges: all(|one| one.unexplained),
            psnr: judged.iter().map(|one| one.psnr).sum::<f64>() / count,
            ms_ssim: judged.iter().map(|one| one.ms_ssim).sum::<f64>() / count,
        }
    }

    /// Heads of [`Self::row`]'s columns.
    pub const COLUMNS: [&str; 10] = [
        "ΔE00 median",
        "ΔE00 90 %",
        "retrieval",
        "leak fg→bg",
        "leak bg→fg",
        "foreign",
        "line F1",
        "of truth",
        "PSNR",
        "MS-SSIM",
    ];

    /// The figures that the paper argues with, as text, in the order of the columns.
    pub fn row(&self) -> [String; 10] {
        let ratio = |value: Option<f32>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
        [
            format!("{:.1}", self.region_error_median),
            format!("{:.1}", self.region_error_90),
            format!("{:.0} %", self.retrieval * 100.0),
            ratio(self.figure_leakage),
            ratio(self.ground_leakage),
            format!("{:+.1} %", self.foreign_share * 100.0),
            format!("{:.3}", self.line_f1),
            format!("{:.3}", self.truth_line_f1),
            format!("{:.1} dB", self.psnr),
            format!("{:.3}", self.ms_ssim),
        ]
    }
}

/// The value below which `share` of the sorted values lie; 0 of none.
fn quantile(sorted: &[f32], share: f32) -> f32 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((share * last as f32).round() as usize).copied().unwrap_or(0.0)
}

/// Share of the results to which no other of 20 references is nearer than their own. The others are those of the scenes
/// that follow, round the set's end.
fn retrieval(judged: &[Judged]) -> f32 {
    let count = judged.len();
    let ways = |result: &Judged, reference: &Judged| -> [f32; 2] {
        std::array::from_fn(|side| result.result_palettes[side].distance(&reference.reference_palettes[side]))
    };
    let found = |index: &usize| {
        let result = &judged[*index];
        let own = ways(result, result);
        (1..CANDIDATES.min(count)).all(|step| {
            let other = ways(result, &judged[(index + step) % count]);
            // A side that one of the three has no pixels of, away from the mask's edge, says nothing.
            let sides = own
                .iter()
                .zip(&other)
                .filter(|(own, other)| own.is_finite() && other.is_finite());
            let [own, other] = sides.fold([0.0_f32; 2], |[a, b], (own, other)| [a + own, b + other]);
            other >= own
        })
    };
    (0..count).filter(found).count() as f32 / count.max(1) as f32
}

/// A row of the sheet: sketch and reference, each with its mask, result, truth, and the references with the figure and with the background swapped,
/// each with its result.
pub fn pictures_of(case: &Case, judged: &Judged) -> Vec<RgbImage> {
    let scene = &case.scene;
    let grey = |picture: &::image::GrayImage| DynamicImage::from(picture.clone()).into_rgb8();
    let [result, figure_swapped, ground_swapped] = judged.results.clone();
    vec![
        grey(&scene.sketch),
        grey(&scene.sketch_mask),
        scene.reference.clone(),
        grey(&scene.reference_mask),
        result,
        scene.color.clone(),
        case.other_figure.clone(),
        figure_swapped,
        case.other_ground.clone(),
        ground_swapped,
    ]
}

/// Rows of pictures of one size, two pixels apart on grey; None without pictures.
pub fn sheet(rows: &[Vec<RgbImage>]) -> Option<RgbImage> {
    const GAP: u32 = 2;
    let [width, height] = rows.first()?.first()?.dimensions().into();
    let columns = rows.iter().map(Vec::len).max()? as u32;
    let side = |count: u32, size: u32| count * (size + GAP) + GAP;
    let mut sheet = RgbImage::from_pixel(side(columns, width), side(rows.len() as u32, height), Rgb([96; 3]));
    for (y, row) in (0..).zip(rows) {
        for (x, picture) in (0..).zip(row) {
            sheet
                .copy_from(picture, x * (width + GAP) + GAP, y * (height + GAP) + GAP)
                .expect("the sheet has room for every picture");
        }
    }
    Some(sheet)
}

/// How much of its `own` change a side's swap brings to the other side; none where it changed nothing that an eye could see.
fn leakage(other: f32, own: f32) -> Option<f32> {
    (own > 0.01).then(|| other / own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::lines::Match;
    use crate::evaluation::palette::Palette;
    use crate::image::lab::Lab;

    fn judged(error: f32, result: f32, reference: f32) -> Judged {
        let palettes = |l: f32| [0.0, 5.0].map(|a| Palette::new(&[Lab::new(l, a, 0.0)]));
        let perfect = Match {
            precision: 1.0,
            recall: 1.0,
        };
        Judged {
            regions: vec![(1, error), (100, 3.0 * error)],
            palettes: [1.0, f32::INFINITY],
            result_palettes: palettes(result),
            reference_palettes: palettes(reference),
            figure_swap: [20.0, 1.0],
            ground_swap: [2.0, 10.0],
            foreign: None,
            lines: perfect,
            truth_lines: perfect,
            agreement: 1.0,
            unexplained: 0.0,
            psnr: 20.0,
            ms_ssim: 0.5,
            results: [0; 3].map(|_| RgbImage::new(1, 1)),
        }
    }

    #[test]
    fn a_set_is_summed_up() {
        let summary = Summary::new(&[judged(1.0, 10.0, 11.0), judged(2.0, 50.0, 52.0), judged(4.0, 49.0, 90.0)]);
        // 1, 2, 3, 4, 6, 12
        assert_eq!(
            (summary.parts, summary.region_error_median, summary.region_error_90),
            (6, 4.0, 12.0)
        );
        let leaks = [summary.figure_leakage, summary.ground_leakage].map(Option::unwrap);
        assert!((leaks[0] - 0.05).abs() < 1e-6 && (leaks[1] - 0.2).abs() < 1e-6);
        // The third is nearer to the second's reference than to its own.
        assert!((summary.retrieval - 2.0 / 3.0).abs() < 1e-6);
        assert_eq!((summary.figure_palette, summary.ground_palette), (1.0, 0.0));
    }

    #[test]
    fn a_reference_without_a_background_is_no_nearer_for_that() {
        let mut bare = judged(1.0, 50.0, 11.5);
        bare.reference_palettes[1] = Palette::new(&[]);
        assert_eq!(retrieval(&[judged(1.0, 10.0, 11.0), bare]), 1.0);
    }

    #[test]
    fn no_scenes_are_no_reason_to_fail() {
        let summary = Summary::new(&[]);
        assert_eq!((summary.scenes, summary.figure_leakage), (0, None));
        assert_eq!(summary.row()[3], "–");
        assert!(sheet(&[]).is_none());
    }
}
