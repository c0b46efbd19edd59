//! What the embedded model's text tower learns to say: the names of parts and colours, and phrases made of them.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, RngExt};

use super::dataset::{prevailing, rng};
use super::scenes::design::{Rgb, Slot, figure, ground};
use super::scenes::{example, repainted};
use crate::model::config::ClipVisionConfig;

/// Numbers the draws of this material, apart from all others.
const PURPOSE: u64 = 5;
/// Fewest tokens of a part that is repainted.
const FEWEST: usize = 3;
/// Farthest that a channel of a paint lies from the middle of its colour.
const SPREAD: i32 = 18;

/// A part of a scene, by every name that it has.
#[derive(Debug)]
pub struct Part {
    pub names: &'static [&'static str],
    /// In the first figure; the second one's are told apart by nothing that a name says.
    pub slots: &'static [Slot],
}

/// A colour, by every name that it has.
#[derive(Debug)]
pub struct Color {
    pub names: &'static [&'static str],
    /// The middle of what is called so.
    pub rgb: Rgb,
}

const fn part(names: &'static [&'static str], slots: &'static [Slot]) -> Part {
    Part { names, slots }
}

const fn color(names: &'static [&'static str], rgb: Rgb) -> Color {
    Color { names, rgb }
}

/// The parts that are often large enough for a token of the image tower.
pub const PARTS: [Part; 25] = [
    part(&["hair"], &[figure::HAIR]),
    part(&["skin", "face"], &[figure::SKIN]),
    part(&["shirt", "top", "blouse", "dress"], &[figure::TOP]),
    part(&["skirt", "trousers", "pants"], &[figure::BOTTOM]),
    part(&["jacket", "coat", "cape"], &[figure::JACKET]),
    part(&["hat", "cap"], &[figure::HAT]),
    part(&["ribbon", "bow", "scarf"], &[figure::RIBBON]),
    part(&["fur", "animal"], &[figure::FUR]),
    part(&["sky"], &[ground::SKY]),
    part(&["cloud", "clouds"], &[ground::CLOUD]),
    part(&["grass", "meadow"], &[ground::GRASS]),
    part(&["road", "street", "path"], &[ground::ROAD]),
    part(&["hill", "hills", "mountains"], &[ground::FAR_HILL, ground::HILL]),
    part(&["leaves", "tree", "trees"], &[ground::LEAVES]),
    part(&["house", "houses"], &[ground::HOUSE, ground::HOUSE_2]),
    part(&["roof", "roofs"], &[ground::ROOF]),
    part(&["window", "windows"], &[ground::WINDOW]),
    part(&["wall", "walls"], &[ground::WALL, ground::BACK_WALL]),
    part(&["floor", "carpet"], &[ground::FLOOR, ground::CARPET]),
    part(&["furniture", "shelf"], &[ground::FURNITURE]),
    part(&["curtain", "curtains"], &[ground::CURTAIN]),
    part(&["water", "sea"], &[ground::WATER]),
    part(&["sand", "beach"], &[ground::SAND]),
    part(&["door"], &[ground::DOOR]),
    part(&["ceiling"], &[ground::CEILING]),
];

pub const COLORS: [Color; 15] = [
    color(&["red", "crimson"], [205, 45, 45]),
    color(&["orange"], [240, 140, 40]),
    color(&["yellow"], [245, 215, 70]),
    color(&["green"], [70, 160, 75]),
    color(&["turquoise", "teal"], [60, 180, 175]),
    color(&["blue"], [60, 105, 205]),
    color(&["navy"], [35, 45, 95]),
    color(&["purple", "violet"], [135, 75, 175]),
    color(&["pink"], [240, 150, 180]),
    color(&["brown"], [125, 80, 50]),
    color(&["black", "dark"], [35, 32, 38]),
    color(&["white"], [245, 245, 245]),
    color(&["grey", "gray", "silver"], [150, 150, 155]),
    color(&["blonde", "blond", "golden"], [235, 200, 120]),
    color(&["beige", "cream"], [225, 205, 175]),
];

/// How a part of a colour is spoken of, and how a part or a colour alone.
const BOTH: [&str; 4] = [
    "{color} {part}",
    "the {color} {part}",
    "a {color} {part}",
    "{part} in {color}",
];
const ALONE: [&str; 3] = ["{}", "the {}", "a {}"];

impl Part {
    /// Its slots in both figures.
    fn all(&self) -> impl Iterator<Item = Slot> {
        let second = |slot: &&Slot| **slot < figure::SHAPES;
        let second = self.slots.iter().filter(second).map(|slot| slot + figure::SECOND);
        self.slots.iter().copied().chain(second)
    }

    /// Whether a region is of this part, in either figure.
    pub fn has(&self, region: u8) -> bool {
        self.all().any(|slot| slot == region)
    }

    /// The part alone, in one of the ways to say it.
    pub fn said(&self, rng: &mut impl Rng) -> String {
        pick(&ALONE, rng).replace("{}", pick(self.names, rng))
    }
}

impl Color {
    /// A part in this colour, likewise; the colour alone where there is no part.
    pub fn said(&self, part: Option<&Part>, rng: &mut impl Rng) -> String {
        let color = pick(self.names, rng);
        match part {
            Some(part) => pick(&BOTH, rng)
                .replace("{color}", color)
                .replace("{part}", pick(part.names, rng)),
            None => pick(&ALONE, rng).replace("{}", color),
        }
    }
}

fn pick<'a>(choices: &[&'a str], rng: &mut impl Rng) -> &'a str {
    choices[rng.random_range(0..choices.len())]
}

/// Where the parts are, `[B,N,P]`: 1 where a token of a scene is of one of [`PARTS`]. `scenes`: regions of the tokens of each.
pub fn shares(scenes: &[Vec<u8>], device: &Device) -> Tensor<3> {
    let regions = scenes.iter().flatten();
    let shares: Vec<f32> = regions
        .flat_map(|region| PARTS.iter().map(|part| f32::from(u8::from(part.has(*region)))))
        .collect();
    let tokens = shares.len() / (scenes.len() * PARTS.len()).max(1);
    Tensor::from_data(TensorData::new(shares, [scenes.len(), tokens, PARTS.len()]), device)
}

/// Phrases with every word that is taught, and each as long as any: every part in every colour, in every way to say it.
pub fn taught() -> impl Iterator<Item = String> {
    let parts = || PARTS.iter().flat_map(|part| part.names);
    let colors = COLORS.iter().flat_map(|color| color.names);
    let pairs = colors.flat_map(move |color| parts().map(move |part| (color, part)));
    pairs.flat_map(|(color, part)| BOTH.map(|template| template.replace("{color}", color).replace("{part}", part)))
}

/// A scene's reference, and the same with one of its parts in another colour.
#[derive(Clone, Debug)]
pub struct Repaint {
    /// The image tower's input, `[1,3,S,S]`.
    pub reference: TensorData,
    pub repainted: TensorData,
    /// Region of every token.
    pub tokens: Vec<u8>,
    /// Of [`PARTS`].
    pub part: usize,
    /// Of [`COLORS`].
    pub color: usize,
}

impl Repaint {
    /// Scene `index`, `side` pixels a side, as `tower` sees it; none where no part that has a name is large enough.
    pub fn new(seed: u64, index: u64, side: u32, tower: &ClipVisionConfig) -> Option<Self> {
        let scene = example(seed, index, side);
        let tokens = prevailing(&scene.reference_regions, tower.grid() as u32);
        let count = |part: &Part| tokens.iter().filter(|region| part.has(**region)).count();
        let seen: Vec<usize> = (0..PARTS.len()).filter(|part| count(&PARTS[*part]) >= FEWEST).collect();
        let rng = &mut rng(seed, PURPOSE, index);
        let part = *seen.get(rng.random_range(0..seen.len().max(1)))?;
        let color = rng.random_range(0..COLORS.len());
        let paint = COLORS[color].rgb.map(|channel| {
            let near = i32::from(channel) + rng.random_range(-SPREAD..=SPREAD);
            near.clamp(0, 255) as u8
        });
        let paints: Vec<(Slot, Rgb)> = PARTS[part].all().map(|slot| (slot, paint)).collect();
        let repainted = repainted(seed, index, side, &paints);
        // Tensors of a producer's thread live on the host, whatever the training's device.
        let host = Device::flex();
        let input = |picture| crate::image::clip_input(picture, tower.image_size, &host).into_data();
        Some(Self {
            reference: input(&scene.reference),
            repainted: input(&repainted.reference),
            tokens,
            part,
            color,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_figures_parts_have_the_same_names() {
        let hair = &PARTS[0];
        assert!(hair.has(figure::HAIR) && hair.has(figure::HAIR + figure::SECOND) && !hair.has(figure::SKIN));
        let sky = PARTS.iter().find(|part| part.names == ["sky"]).expect("it has a name");
        assert!(sky.has(ground::SKY) && !sky.has(ground::SKY + figure::SECOND));
    }

    #[test]
    fn a_repaint_changes_the_tokens_of_its_part() {
        let tower = ClipVisionConfig {
            image_size: 96,
            patch_size: 8,
            width: 8,
            layers: 1,
            head_width: 8,
            output_dim: 8,
        };
        let repaint = (0..20)
            .find_map(|index| Repaint::new(7, index, 96, &tower))
            .expect("parts are seen");
        let numbers = |data: &TensorData| data.iter::<f32>().collect::<Vec<_>>();
        let (before, after) = (numbers(&repaint.reference), numbers(&repaint.repainted));
        let changed = |wanted: bool| {
            let cells = (0..144).filter(|cell| PARTS[repaint.part].has(repaint.tokens[*cell]) == wanted);
            let middle = cells.map(|cell| (cell / 12 * 8 + 4) * 96 + cell % 12 * 8 + 4);
            let middle = middle.flat_map(|at| (0..3).map(move |channel| channel * 96 * 96 + at));
            let (changes, count) = middle.fold((0.0, 0.0), |(sum, count), at| {
                (sum + (before[at] - after[at]).abs(), count + 1.0)
            });
            changes / count
        };
        assert!(changed(true) > 3.0 * changed(false), "{} {}", changed(true), changed(false));
    }
}
