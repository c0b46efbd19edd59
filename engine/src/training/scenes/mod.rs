//! Procedural scenes: a sketch, a reference of the same colour design in another pose over another layout, and the exact picture that follows.
//!
//! | module | what is in it |
//! |---|---|
//! | [`design`] | slots, palettes, shadow colours |
//! | [`figure`], [`creature`], [`abstract_shapes`], [`background`] | what is drawn, as forms |
//! | [`shape`], [`drawing`] | smooth curves, and the pieces and lines that make up a drawing |
//! | [`lines`], [`render`], [`sheet`] | line art; painting colour, lines and region map; the paper under the lines |
//! | [`Shot`] | one character before one background, frame by frame, with colour designs |
//! | [`rng`] | seeded choices |

mod abstract_shapes;
mod background;
mod creature;
pub mod design;
mod drawing;
mod figure;
mod lines;
mod render;
mod rng;
mod shape;
mod sheet;
mod shot;

use image::{GrayImage, RgbImage};
use tiny_skia::Transform;

use abstract_shapes::Shapes;
use background::Background;
use creature::Creature;
use design::{Palette, Rgb, Slot};
use drawing::Drawing;
use figure::{Framing, Look, Pose};
use lines::Finish;
use render::{Lines, Shading, figure_mask, render};
use rng::SceneRng;

pub use shot::{Frame, Shot};

/// One training example. All maps have the size of their picture.
pub struct Example {
    /// The picture to be made, without lines.
    pub color: RgbImage,
    /// Dark lines on white.
    pub sketch: GrayImage,
    /// 255 where the figure is, else 0.
    pub sketch_mask: GrayImage,
    /// The slot of the colour design at every pixel: figure 1..=99, background 100..=199.
    pub sketch_regions: GrayImage,
    /// A finished illustration of the same colour design, square as the image tower sees it: often squashed from another aspect.
    pub reference: RgbImage,
    pub reference_mask: GrayImage,
    /// The same slots as in `sketch_regions`.
    pub reference_regions: GrayImage,
}

/// Example `index` of the endless series under `seed`: `size` pixels a side, the same on every call.
pub fn example(seed: u64, index: u64, size: u32) -> Example {
    drawn(seed, index, index, size, &[])
}

/// Example `index` in the colours of example `colours`: the same drawing with another design sheet.
pub fn recoloured(seed: u64, index: u64, colours: u64, size: u32) -> Example {
    drawn(seed, index, colours, size, &[])
}

/// Example `index` with these parts in these colours, and all else as it is.
pub fn repainted(seed: u64, index: u64, size: u32, paints: &[(Slot, Rgb)]) -> Example {
    drawn(seed, index, index, size, paints)
}

fn drawn(seed: u64, index: u64, colours: u64, size: u32, paints: &[(Slot, Rgb)]) -> Example {
    let mut rng = SceneRng::new(seed, index);
    // Drawn even where the colours come from elsewhere, so that everything after it stays the same.
    let mut own = rng.fork();
    let mut other = SceneRng::new(seed, colours).fork();
    let mut palette = Palette::random(if colours == index { &mut own } else { &mut other });
    palette.paint(paints);
    let shading = Shading::random(&mut rng.fork());
    let subject = Subject::random(&mut rng.fork());
    let pixels = size as f32;
    let aspect = if rng.chance(0.35) { rng.range(0.62, 1.6) } else { 1.0 };
    let (picture, model) = subject.draw(aspect, &mut rng.fork());

    let finish = Finish::random(&mut rng, pixels);
    let reference_finish = Finish::of_illustration(&mut rng, pixels);
    let reference_lines = if rng.chance(0.85) { Lines::Over } else { Lines::Without };
    let square = (size, size);
    let picture = picture.transformed(Transform::from_scale(pixels, pixels));
    let model = model.transformed(Transform::from_scale(pixels / aspect, pixels));
    let drawn = render(&picture, &palette, shading, &finish, Lines::Separate, square, &mut rng);
    let reference = render(
        &model,
        &palette,
        shading,
        &reference_finish,
        reference_lines,
        square,
        &mut rng,
    );
    Example {
        color: drawn.colour,
        sketch: drawn.lines,
        sketch_mask: figure_mask(&drawn.regions),
        sketch_regions: drawn.regions,
        reference: reference.colour,
        reference_mask: figure_mask(&reference.regions),
        reference_regions: reference.regions,
    }
}

/// The background of example `index` alone, in a layout of its own, finished with lines.
pub fn scenery(seed: u64, index: u64, size: u32) -> RgbImage {
    let mut rng = SceneRng::new(seed, index);
    let palette = Palette::random(&mut rng.fork());
    let shading = Shading::random(&mut rng.fork());
    let subject = Subject::random(&mut rng.fork());
    let pixels = size as f32;
    let drawing = subject.scenery(&mut rng).transformed(Transform::from_scale(pixels, pixels));
    let finish = Finish::of_illustration(&mut rng, pixels);
    render(&drawing, &palette, shading, &finish, Lines::Over, (size, size), &mut rng).colour
}

/// What a scene shows: the forms that picture and reference share.
enum Subject {
    Character(Box<Look>, Background),
    /// Two characters, or a character and an animal.
    Pair(Box<(Look, Companion)>, Background),
    Creature(Creature, Background),
    Shapes(Shapes),
}

impl Subject {
    fn random(rng: &mut SceneRng) -> Self {
        match rng.unit() {
            v if v < 0.52 => Self::Character(Box::new(Look::random(rng)), Background::random(rng)),
            v if v < 0.66 => {
                let companion = if rng.chance(0.3) {
                    Companion::Animal(Creature::random(rng))
                } else {
                    Companion::Person(Look::random(rng))
                };
                Self::Pair(Box::new((Look::random(rng), companion)), Background::random(rng))
            }
            v if v < 0.78 => Self::Creature(Creature::random(rng), Background::random(rng)),
            _ => Self::Shapes(Shapes::random(rng)),
        }
    }

    /// The background alone, in a square of height 1.
    fn scenery(&self, rng: &mut SceneRng) -> Drawing {
        match self {
            Self::Character(_, background) | Self::Pair(_, background) | Self::Creature(_, background) => {
                background.draw(1.0, rng)
            }
            Self::Shapes(shapes) => {
                let layout = shapes.layout(1.0, rng);
                shapes.draw_background(&layout, 1.0)
            }
        }
    }

    /// The picture (square) and the reference (of an aspect), in units of their heights.
    fn draw(&self, aspect: f32, rng: &mut SceneRng) -> (Drawing, Drawing) {
        match self {
            Self::Character(look, background) => {
                let framings = [
                    Framing::Face,
                    Framing::Head,
                    Framing::Bust,
                    Framing::Bust,
                    Framing::Half,
                    Framing::Half,
                    Framing::Full,
                    Framing::Full,
                ];
                let first = rng.pick(&framings);
                // The reference mostly shows at least as much, or colours would have to be guessed.
                let mut second = rng.pick(&framings);
                if second < first && rng.chance(0.8) {
                    second = first;
                }
                let mut view = |framing: Framing, aspect: f32, shown: bool| {
                    let mut scene = background.draw(aspect, rng);
                    let pose = if shown {
                        Pose::random(rng).facing()
                    } else {
                        Pose::random(rng)
                    };
                    let [top, bottom] = look.extent(framing);
                    scene.over(place(
                        look.draw(&pose, rng),
                        [-1.4, top, 1.4, bottom],
                        aspect,
                        framing == Framing::Full,
                        rng,
                    ));
                    scene
                };
                (view(first, 1.0, false), view(second, aspect, true))
            }
            Self::Pair(pair, background) => {
                let framing = rng.pick(&[Framing::Bust, Framing::Half, Framing::Full, Framing::Full]);
                let whole = if rng.chance(0.6) { Framing::Full } else { framing };
                let mut view = |framing: Framing, aspect: f32| {
                    let mut scene = background.draw(aspect, rng);
                    // The pair changes sides and depth from picture to picture.
                    let (first_left, first_behind) = (rng.chance(0.5), rng.chance(0.5));
                    let cell = aspect * 0.62;
                    let stand = |figure: Drawing, left: bool| {
                        figure.transformed(Transform::from_translate(if left { 0.0 } else { aspect - cell }, 0.0))
                    };
                    let first = stand(person(&pair.0, framing, cell, rng), first_left);
                    let second = match &pair.1 {
                        Companion::Person(look) => person(look, framing, cell, rng),
                        Companion::Animal(creature) => place(creature.draw(rng), creature.extent(), cell, true, rng),
                    };
                    let second = stand(second.raised(design::figure::SECOND), !first_left);
                    let order = if first_behind { [first, second] } else { [second, first] };
                    order.into_iter().for_each(|figure| scene.over(figure));
                    scene
                };
                (view(framing, 1.0), view(whole, aspect))
            }
            Self::Creature(creature, background) => {
                let mut view = |aspect: f32| {
                    let mut scene = background.draw(aspect, rng);
                    scene.over(place(creature.draw(rng), creature.extent(), aspect, true, rng));
                    scene
                };
                (view(1.0), view(aspect))
            }
            Self::Shapes(shapes) => {
                let first = shapes.layout(1.0, rng);
                let second = if rng.chance(0.4) {
                    first.jittered(rng)
                } else {
                    shapes.layout(aspect, rng)
                };
                (shapes.draw(&first, 1.0), shapes.draw(&second, aspect))
            }
        }
    }
}

/// Who stands beside a character.
enum Companion {
    Person(Look),
    Animal(Creature),
}

/// A character seen from the front, in its place.
fn person(look: &Look, framing: Framing, aspect: f32, rng: &mut SceneRng) -> Drawing {
    let pose = Pose::random(rng).facing();
    let [top, bottom] = look.extent(framing);
    let drawing = look.draw(&pose, rng);
    place(drawing, [-1.4, top, 1.4, bottom], aspect, framing == Framing::Full, rng)
}

/// Fits a figure's extent (left, top, right, bottom) into a picture of height 1: scaled, shifted, often flipped, slightly turned.
/// A whole figure keeps clear of the upper and lower edge; a cropped one runs out of the lower.
fn place(figure: Drawing, extent: [f32; 4], aspect: f32, whole: bool, rng: &mut SceneRng) -> Drawing {
    let [left, top, right, bottom] = extent;
    let share = match whole {
        true if rng.chance(0.15) => rng.range(0.42, 0.72),
        true => rng.range(0.72, 0.97),
        false => rng.range(0.9, 1.1),
    };
    let scale = share / (bottom - top);
    let scale = scale.min(1.25 * aspect / (right - left));
    let room = (aspect / 2.0 - 1.0 * scale).max(0.0);
    let x = aspect / 2.0 + rng.signed() * room * 0.75;
    let slack = 1.0 - (bottom - top) * scale;
    let y = if whole {
        slack * rng.range(0.3, 0.9)
    } else {
        slack.max(0.0) * rng.range(0.6, 1.0)
    } - top * scale;
    let flip = rng.side();
    let turn = if rng.chance(0.5) { rng.signed() * 8.0 } else { 0.0 };
    let middle = (top + bottom) / 2.0;
    figure.transformed(
        Transform::from_translate(0.0, -middle)
            .post_rotate(turn)
            .post_translate(0.0, middle)
            .post_scale(flip * scale, scale)
            .post_translate(x, y),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_the_same_on_every_call_and_thread() {
        let first = example(7, 3, 64);
        let second = std::thread::spawn(|| example(7, 3, 64)).join().unwrap();
        assert_eq!(first.color, second.color);
        assert_eq!(first.sketch, second.sketch);
        assert_eq!(first.reference, second.reference);
        assert_ne!(first.color, example(7, 4, 64).color);
        assert_ne!(first.color, example(8, 3, 64).color);
    }

    #[test]
    fn other_colours_leave_the_drawing_as_it_is() {
        let (own, other) = (example(7, 3, 64), recoloured(7, 3, 4, 64));
        assert_eq!(own.sketch, other.sketch);
        assert_eq!(own.reference_regions, other.reference_regions);
        assert_ne!(own.color, other.color);
        assert_ne!(own.reference, other.reference);
    }

    #[test]
    fn masks_agree_with_regions_and_every_pixel_has_a_region() {
        for index in 0..60 {
            let example = example(1, index, 64);
            assert_eq!(example.sketch.dimensions(), (64, 64));
            assert_eq!(example.reference.dimensions(), example.reference_regions.dimensions());
            let pairs = [
                (&example.sketch_mask, &example.sketch_regions),
                (&example.reference_mask, &example.reference_regions),
            ];
            for (mask, regions) in pairs {
                for (mask, region) in mask.pixels().zip(regions.pixels()) {
                    assert!((1..200).contains(&region.0[0]), "example {index} has region {}", region.0[0]);
                    assert_eq!(mask.0[0], if region.0[0] < 100 { 255 } else { 0 });
                }
            }
        }
    }

    #[test]
    fn figures_are_seen_and_most_of_their_colours_can_be_read_from_the_reference() {
        let (mut shared, mut asked) = (0, 0);
        for index in 0..60 {
            let example = example(2, index, 64);
            let slots = |regions: &GrayImage| {
                let mut counts = [0_u32; 256];
                regions.iter().for_each(|&slot| counts[usize::from(slot)] += 1);
                counts
            };
            let (drawn, offered) = (slots(&example.sketch_regions), slots(&example.reference_regions));
            assert!(drawn[1..100].iter().sum::<u32>() > 100, "example {index} shows no figure");
            for slot in 1..200 {
                asked += drawn[slot];
                shared += if offered[slot] > 0 { drawn[slot] } else { 0 };
            }
        }
        assert!(f64::from(shared) / f64::from(asked) > 0.9, "{shared} of {asked} pixels");
    }

    #[test]
    fn sketches_have_lines_on_paper() {
        for index in 0..40 {
            let sketch = example(3, index, 64).sketch;
            let mut values = sketch.to_vec();
            values.sort_unstable();
            // Paper is not always white, and grain makes it uneven.
            let tone = values[values.len() * 3 / 4];
            let share = |wanted: &dyn Fn(u8) -> bool| values.iter().filter(|v| wanted(**v)).count() as f32 / (64.0 * 64.0);
            let (ink, paper) = (share(&|v| v < tone - 30), share(&|v| v > tone - 20));
            assert!(
                tone > 180 && (0.005..0.5).contains(&ink) && paper > 0.25,
                "example {index}: ink {ink}, paper {paper} of tone {tone}"
            );
        }
    }

    #[test]
    fn a_second_figure_has_parts_and_colours_of_its_own() {
        let pairs = (0..60).map(|index| example(5, index, 64)).filter(|example| {
            let seen = |range: std::ops::Range<u8>| example.sketch_regions.iter().any(|slot| range.contains(slot));
            let second = design::figure::SECOND;
            seen(1..21) && seen(second + 1..second + 21)
        });
        assert!(pairs.count() >= 4);
        let palette = Palette::random(&mut SceneRng::new(5, 1));
        assert_ne!(
            palette.of(design::figure::HAIR),
            palette.of(design::figure::HAIR + design::figure::SECOND)
        );
    }
}
