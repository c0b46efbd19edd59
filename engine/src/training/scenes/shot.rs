//! A shot: one character before one background, moving a little from frame to frame, and colour designs for it.

use std::f32::consts::TAU;

use image::{GrayImage, RgbImage};
use tiny_skia::Transform;

use super::background::Background;
use super::design::Palette;
use super::drawing::Drawing;
use super::figure::{Framing, Look, Pose};
use super::lines::Finish;
use super::place;
use super::render::{Lines, Rendering, Shading, figure_mask, render};
use super::rng::SceneRng;

/// What stays the same over a shot. Every part draws from a stream of its own, so that it is the same in every frame.
pub struct Shot {
    seed: u64,
    index: u64,
    look: Look,
    background: Background,
}

/// One frame. All maps have the size of the picture.
pub struct Frame {
    /// Dark lines on white.
    pub sketch: GrayImage,
    /// 255 where the figure is, else 0.
    pub sketch_mask: GrayImage,
    /// The slot of the colour design at every pixel: figure 1..=99, background 100..=199.
    pub sketch_regions: GrayImage,
}

/// The independent streams of a shot.
#[derive(Clone, Copy)]
enum Stream {
    Look,
    Background,
    Layout,
    Pose,
    Strands,
    Place,
    Finish,
    Lines,
    Model,
}

const STREAMS: u64 = 16;

impl Shot {
    /// Shot `index` of the endless series under `seed`.
    pub fn new(seed: u64, index: u64) -> Self {
        Self {
            seed,
            index,
            look: Look::random(&mut stream(seed, index, Stream::Look)),
            background: Background::random(&mut stream(seed, index, Stream::Background)),
        }
    }

    fn rng(&self, part: Stream) -> SceneRng {
        stream(self.seed, self.index, part)
    }

    /// The frame at `time`, 0..1 for one cycle of the movement, `size` pixels a side.
    pub fn frame(&self, time: f32, size: u32) -> Frame {
        let (wave, lagging) = ((time * TAU).sin(), (time * TAU).cos());
        let mut pose = Pose::random(&mut self.rng(Stream::Pose)).facing();
        pose.yaw += 0.22 * wave;
        pose.tilt += 4.0 * wave;
        pose.sway = lagging;
        pose.arms[1][0] += 0.2 * wave;
        pose.arms[1][1] += 0.45 * wave;
        let mut scene = self.background.draw(1.0, &mut self.rng(Stream::Layout));
        scene.over(self.figure(&pose, Framing::Half, &mut self.rng(Stream::Place)));
        let palette = Palette::random(&mut self.rng(Stream::Finish));
        let drawn = self.painted(scene, &palette, Shading::Flat, Lines::Separate, size);
        Frame {
            sketch: drawn.lines,
            sketch_mask: figure_mask(&drawn.regions),
            sketch_regions: drawn.regions,
        }
    }

    /// The character in another pose, in the colours of design `design`, with its mask (255 figure); before the shot's own kind of place in
    /// another layout, or before that of shot `elsewhere`.
    pub fn reference(&self, design: u64, elsewhere: Option<u64>, size: u32) -> (RgbImage, GrayImage) {
        let mut rng = SceneRng::new(self.seed, (self.index + 1) * 1000 + design);
        let palette = Palette::random(&mut rng.fork());
        let shading = Shading::random(&mut rng.fork());
        let elsewhere = elsewhere.map(|index| Background::random(&mut stream(self.seed, index, Stream::Background)));
        let mut scene = elsewhere.as_ref().unwrap_or(&self.background).draw(1.0, &mut rng);
        let pose = Pose::random(&mut self.rng(Stream::Model)).facing();
        scene.over(self.figure(&pose, Framing::Full, &mut self.rng(Stream::Model)));
        let drawn = self.painted(scene, &palette, shading, Lines::Over, size);
        (drawn.colour, figure_mask(&drawn.regions))
    }

    fn figure(&self, pose: &Pose, framing: Framing, rng: &mut SceneRng) -> Drawing {
        let [top, bottom] = self.look.extent(framing);
        let figure = self.look.draw(pose, &mut self.rng(Stream::Strands));
        place(figure, [-1.4, top, 1.4, bottom], 1.0, framing == Framing::Full, rng)
    }

    /// Clean closed lines, as a cleaned-up drawing has them.
    fn painted(&self, scene: Drawing, palette: &Palette, shading: Shading, lines: Lines, size: u32) -> Rendering {
        let pixels = size as f32;
        let finish = Finish {
            width: 1.5 * (pixels / 128.0).powf(0.8),
            wobble: 0.0,
            detail: 1.0,
            ink: [20; 3],
            smooth: true,
            ..Finish::random(&mut self.rng(Stream::Finish), pixels).cleaned()
        };
        let scene = scene.transformed(Transform::from_scale(pixels, pixels));
        render(
            &scene,
            palette,
            shading,
            &finish,
            lines,
            (size, size),
            &mut self.rng(Stream::Lines),
        )
    }
}

fn stream(seed: u64, index: u64, part: Stream) -> SceneRng {
    SceneRng::new(seed, index * STREAMS + part as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_move_a_little_and_come_round() {
        let shot = Shot::new(77, 1);
        let [first, next, round] = [0.0, 0.25, 1.0].map(|time| shot.frame(time, 96));
        let moved = |a: &GrayImage, b: &GrayImage| a.iter().zip(b.iter()).filter(|(a, b)| a.abs_diff(**b) > 64).count();
        let changed = moved(&first.sketch, &next.sketch);
        assert!((20..96 * 96 / 4).contains(&changed), "{changed} pixels changed");
        assert!(moved(&first.sketch, &round.sketch) < 20);
        assert!(first.sketch_mask.contains(&255) && first.sketch_mask.contains(&0));
    }

    #[test]
    fn designs_differ_in_colour_and_not_in_form() {
        let shot = Shot::new(77, 1);
        let [(one, mask), (two, same)] = [1, 2].map(|design| shot.reference(design, None, 64));
        assert_ne!(one, two);
        assert_eq!(mask, same);
        assert_ne!(one, shot.reference(1, Some(9), 64).0, "another place");
    }
}
