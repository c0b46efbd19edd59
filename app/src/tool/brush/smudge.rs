//! Smudging: each dab lays what the brush carries, and takes up some of what lies there (as in GIMP's smudge tool: `carried = rate * carried +
//! (1 - rate) * there`, pixel by pixel, and the dab mixes it in).

use crate::brush::{Dab, Print, widest};
use crate::document::{Pixel, Pixels, Rect, TILE, TileGrid};

/// Paint on a brush, premultiplied, red green blue alpha in 0..=255; of a mask the level alone.
type Wet = [f32; 4];

/// A brush that drags paint along.
pub struct Smudge {
    /// 0..=1: how much of what it carries stays on the brush from dab to dab.
    rate: f32,
    /// Half the side of what it carries, in pixels.
    reach: i32,
    /// `2 * reach` pixels a side; empty until the first dab has taken it up.
    carried: Vec<Wet>,
}

/// What smudging does not change.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Nothing changes outside it; none: all is selected.
    pub selection: Option<&'a TileGrid<u8>>,
    /// Alpha stays as it is.
    pub alpha_locked: bool,
}

impl Smudge {
    /// A clean brush; `radius` is that of its largest dab.
    pub fn new(rate: f32, radius: f32) -> Self {
        Self {
            rate,
            reach: radius.ceil() as i32 + 1,
            carried: Vec::new(),
        }
    }

    /// Drags what lies under the dabs from one to the next.
    pub fn drag(&mut self, pixels: &mut Pixels, dabs: &[Dab], limits: Limits<'_>) {
        match pixels {
            Pixels::Raster(grid) => dabs.iter().for_each(|dab| self.dab(grid, dab, limits)),
            Pixels::Mask(grid) => dabs.iter().for_each(|dab| self.dab(grid, dab, limits)),
            Pixels::Group(_) => {}
        }
    }

    fn dab<P: Smear>(&mut self, grid: &mut TileGrid<P>, dab: &Dab, limits: Limits<'_>) {
        let origin = dab.center.map(|at| at.floor() as i32 - self.reach);
        if self.carried.is_empty() {
            self.take_up(grid, origin);
            return;
        }
        let side = 2 * self.reach;
        let box_of = [origin[0], origin[1], origin[0] + side, origin[1] + side];
        let area = Rect::clipped(dab.bounds(), grid.size()).intersect(Rect::clipped(box_of, grid.size()));
        let spans: Vec<_> = grid.spans(area).collect();
        let mut coverage = vec![0; (TILE * TILE) as usize];
        for span in spans {
            let [left, top] = [span.column * TILE, span.row * TILE];
            let selected = limits.selection.map(|selection| selection.tile(span.column, span.row));
            if selected.is_some_and(|tile| tile.is_none()) {
                continue;
            }
            let cells = (span.rect.top - top) as usize * TILE as usize..(span.rect.bottom - top) as usize * TILE as usize;
            let mut marks = vec![0; span.rect.height() as usize];
            coverage[cells.clone()].fill(0);
            widest(Print {
                dabs: &[*dab],
                corner: [left as i32, span.rect.top as i32],
                width: TILE as usize,
                rows: &mut coverage[cells],
                marks: &mut marks,
            });
            // Where nothing is and nothing is carried, no tile comes to be.
            let row_of = |y: u32| ((y as i32 - origin[1]) * side + span.rect.left as i32 - origin[0]) as usize;
            let width = span.rect.width() as usize;
            let is_clean = |y: u32| self.carried[row_of(y)..][..width].iter().all(|wet| *wet == [0.0; 4]);
            if grid.tile(span.column, span.row).is_none() && (span.rect.top..span.rect.bottom).all(is_clean) {
                continue;
            }
            let selected = selected.flatten();
            let tile = grid.tile_mut(span.column, span.row);
            for y in span.rect.top..span.rect.bottom {
                let range = span.range(y);
                let selected = selected.map(|tile| &tile.pixels()[range.clone()]);
                widest(Row {
                    pixels: &mut tile[range.clone()],
                    shares: &coverage[range],
                    selected,
                    carried: &mut self.carried[row_of(y)..][..width],
                    rate: self.rate,
                    alpha_locked: limits.alpha_locked,
                });
            }
        }
    }

    /// What lies there goes on the brush. Beyond the picture its edge goes on.
    fn take_up<P: Smear>(&mut self, grid: &TileGrid<P>, [left, top]: [i32; 2]) {
        let [width, height] = grid.size().map(|side| side as i32 - 1);
        let side = 2 * self.reach;
        let pixel = |x: i32, y: i32| grid.pixel(x.clamp(0, width) as u32, y.clamp(0, height) as u32).wet();
        self.carried = (0..side * side).map(|at| pixel(left + at % side, top + at / side)).collect();
    }
}

/// A row of pixels under a dab.
struct Row<'a, P> {
    pixels: &'a mut [P],
    shares: &'a [u8],
    selected: Option<&'a [u8]>,
    carried: &'a mut [Wet],
    rate: f32,
    alpha_locked: bool,
}

impl<P: Smear> pulp::WithSimd for Row<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (at, ((pixel, share), carried)) in self.pixels.iter_mut().zip(self.shares).zip(self.carried).enumerate() {
            if *share == 0 {
                continue;
            }
            let selected = self.selected.map_or(255, |selected| selected[at]);
            let share = f32::from(*share) * f32::from(selected) / (255.0 * 255.0);
            let there = pixel.wet();
            let mut mixed = there;
            for channel in 0..4 {
                let wet = there[channel] + (carried[channel] - there[channel]) * self.rate;
                carried[channel] = wet;
                mixed[channel] += (wet - there[channel]) * share;
            }
            *pixel = P::dry(mixed, *pixel, self.alpha_locked);
        }
    }
}

/// A pixel that can be smeared.
trait Smear: Pixel {
    fn wet(self) -> Wet;
    /// The nearest pixel; `old` is what was there.
    fn dry(wet: Wet, old: Self, alpha_locked: bool) -> Self;
}

impl Smear for u8 {
    #[inline(always)]
    fn wet(self) -> Wet {
        [0.0, 0.0, 0.0, f32::from(self)]
    }

    #[inline(always)]
    fn dry(wet: Wet, _: Self, _: bool) -> Self {
        (wet[3] + 0.5) as Self
    }
}

impl Smear for [u8; 4] {
    #[inline(always)]
    fn wet(self) -> Wet {
        let alpha = f32::from(self[3]);
        let part = alpha / 255.0;
        [
            f32::from(self[0]) * part,
            f32::from(self[1]) * part,
            f32::from(self[2]) * part,
            alpha,
        ]
    }

    #[inline(always)]
    fn dry(wet: Wet, old: Self, alpha_locked: bool) -> Self {
        let alpha = (wet[3] + 0.5) as u8;
        if alpha == 0 || alpha_locked && old[3] == 0 {
            // Colour that does not show stays for a later change of alpha.
            return [old[0], old[1], old[2], if alpha_locked { old[3] } else { 0 }];
        }
        let part = 255.0 / wet[3];
        let channel = |value: f32| (value * part + 0.5) as u8;
        [
            channel(wet[0]),
            channel(wet[1]),
            channel(wet[2]),
            if alpha_locked { old[3] } else { alpha },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Limits<'_> = Limits {
        selection: None,
        alpha_locked: false,
    };
    const RED: [u8; 4] = [200, 0, 0, 255];

    /// Red to the left of `edge`, nothing to the right of it.
    fn half(edge: u32) -> TileGrid<[u8; 4]> {
        let pixels: Vec<_> = (0..300 * 64).map(|at| if at % 300 < edge { RED } else { [0; 4] }).collect();
        TileGrid::with_pixels([300, 64], [0, 0], 300, &pixels)
    }

    fn drag(pixels: &mut Pixels, rate: f32, opacity: f32, limits: Limits<'_>) {
        let dabs: Vec<Dab> = (0..30)
            .map(|at| Dab {
                opacity,
                ..Dab::sharp([80.0 + 2.0 * at as f32, 32.0], 10.0)
            })
            .collect();
        Smudge::new(rate, 10.0).drag(pixels, &dabs, limits);
    }

    fn raster(pixels: &Pixels) -> &TileGrid<[u8; 4]> {
        let Pixels::Raster(grid) = pixels else { panic!("a picture") };
        grid
    }

    #[test]
    fn colour_is_dragged_along_and_thins_out() {
        let mut pixels = Pixels::Raster(half(100));
        drag(&mut pixels, 0.5, 1.0, FREE);
        let grid = raster(&pixels);
        let alpha = |x: u32| grid.pixel(x, 32)[3];
        assert!(
            alpha(110) > 150 && alpha(110) > alpha(124) && alpha(124) > 0,
            "{} {}",
            alpha(110),
            alpha(124)
        );
        assert_eq!(
            grid.pixel(110, 32)[..3],
            [200, 0, 0],
            "only its coverage is mixed with nothing"
        );
        assert_eq!(
            (grid.pixel(110, 50), grid.pixel(50, 32)),
            ([0; 4], RED),
            "beside the way all is as it was"
        );
        let mut carried = Pixels::Raster(half(100));
        drag(&mut carried, 1.0, 1.0, FREE);
        assert_eq!(raster(&carried).pixel(130, 32), RED, "a full rate carries to the end");
        let mut none = Pixels::Raster(half(100));
        drag(&mut none, 0.0, 1.0, FREE);
        assert_eq!(raster(&none).pixel(104, 32), [0; 4]);
    }

    #[test]
    fn opacity_says_how_much_of_it_is_laid() {
        let mut pixels = Pixels::Raster(half(100));
        drag(&mut pixels, 1.0, 0.0, FREE);
        assert_eq!(raster(&pixels).pixel(104, 32), [0; 4]);
    }

    #[test]
    fn a_locked_alpha_and_a_selection_are_kept() {
        let mut pixels = Pixels::Raster(half(100));
        let locked = Limits {
            alpha_locked: true,
            ..FREE
        };
        drag(&mut pixels, 1.0, 1.0, locked);
        assert_eq!(raster(&pixels).pixel(110, 32), [0; 4]);
        let top = TileGrid::with_pixels([300, 64], [0, 0], 300, &[255; 300 * 30]);
        let selected = Limits {
            selection: Some(&top),
            ..FREE
        };
        drag(&mut pixels, 1.0, 1.0, selected);
        assert_eq!(
            (raster(&pixels).pixel(110, 28), raster(&pixels).pixel(110, 34)),
            (RED, [0; 4])
        );
    }

    #[test]
    fn masks_smear_and_clean_ground_stays_without_tiles() {
        let levels: Vec<u8> = (0..300 * 64).map(|at| if at % 300 < 100 { 255 } else { 0 }).collect();
        let mut mask = Pixels::Mask(TileGrid::with_pixels([300, 64], [0, 0], 300, &levels));
        drag(&mut mask, 0.5, 1.0, FREE);
        let Pixels::Mask(grid) = &mask else { panic!("a mask") };
        assert!((1..255).contains(&grid.pixel(116, 32)));
        let mut blank = Pixels::Raster(TileGrid::new([300, 64]));
        drag(&mut blank, 0.8, 1.0, FREE);
        assert!(blank.bounds().is_empty());
    }
}
