//! Tiles as the GPU takes them: at any halving of a picture, premultiplied, with an apron of one texel to filter across edges.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use image::RgbImage;

use super::texel::{Texel, halve, read};
use crate::document::{TILE, TileGrid};

/// Side of a tile with its apron, in texels.
pub const SLOT: u32 = TILE + 2;

/// A tile's place: `level` halvings of the picture, then column and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub level: u32,
    pub column: u32,
    pub row: u32,
}

/// Names the texels of a tile: equal stamps are equal texels, whichever layer or time they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp(u64);

impl Stamp {
    pub fn of(what: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The time was over before all was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late;

/// Sides of a picture after `level` halvings.
pub fn halved(size: [u32; 2], level: u32) -> [u32; 2] {
    size.map(|side| side.div_ceil(1 << level))
}

/// The halvings of one layer, made when they are looked at and kept while their pixels stay the same.
pub struct Pyramid<P> {
    /// Level 1 and coarser.
    halvings: HashMap<Place, Halving<P>>,
    /// What was shown last of each tile.
    shown: HashMap<Place, Stamp>,
}

struct Halving<P> {
    /// Names the pixels that it was made from.
    stamp: Stamp,
    /// The same of each of the four finer tiles.
    finer: [Stamp; 4],
    /// None where the tile is blank.
    pixels: Option<Box<[P]>>,
}

impl<P> Default for Pyramid<P> {
    fn default() -> Self {
        Self {
            halvings: HashMap::new(),
            shown: HashMap::new(),
        }
    }
}

impl<P: Texel> Pyramid<P> {
    /// Notes that the GPU has these texels, and that they are seen.
    pub fn show(&mut self, place: Place, stamp: Stamp) {
        self.shown.insert(place, stamp);
    }

    /// What was seen last at `place`.
    pub fn shown(&self, place: Place) -> Option<Stamp> {
        self.shown.get(&place).copied()
    }

    /// Names what [`Self::texels`] would give, without making it.
    pub fn stamp(grid: &TileGrid<P>, place: Place) -> Stamp {
        let around = neighbours(place).map(|place| place.map(|place| core(grid, place)));
        Stamp::of((place, grid.size(), around))
    }

    /// The `SLOT` x `SLOT` texels at `place`; none where nothing is painted. Late where `deadline` comes first: what was made by then is kept, and the next
    /// call goes on from there.
    pub fn texels(&mut self, grid: &TileGrid<P>, place: Place, deadline: Instant) -> Result<Option<Vec<P>>, Late> {
        for place in neighbours(place).into_iter().flatten() {
            self.renew(grid, place, deadline)?;
        }
        let around = neighbours(place).map(|place| place.and_then(|place| self.pixels(grid, place)));
        if around.iter().all(Option::is_none) {
            return Ok(None);
        }
        let size = halved(grid.size(), place.level);
        // Beyond the picture its edge is repeated.
        let at = |tile: u32, texel: u32, side: u32| {
            let pixel = (tile * TILE + texel).saturating_sub(1).min(side - 1);
            ((pixel / TILE + 1 - tile) as usize, (pixel % TILE) as usize)
        };
        let inner = (size[0] - (place.column * TILE).min(size[0] - 1)).min(TILE);
        let outer = (0..1)
            .chain(inner + 1..SLOT)
            .map(|x| (x as usize, at(place.column, x, size[0])));
        let outer: Vec<_> = outer.collect();
        let mut texels = vec![P::default(); (SLOT * SLOT) as usize];
        for (y, line) in (0..).zip(texels.chunks_exact_mut(SLOT as usize)) {
            let (row, inner_y) = at(place.row, y, size[1]);
            let pixels =
                |column: usize| around[row * 3 + column].map(|pixels| &pixels[inner_y * TILE as usize..][..TILE as usize]);
            if let Some(pixels) = pixels(1) {
                read(place.level, &pixels[..inner as usize], &mut line[1..][..inner as usize]);
            }
            for &(x, (column, inner_x)) in &outer {
                if let Some(pixels) = pixels(column) {
                    read(place.level, &pixels[inner_x..][..1], &mut line[x..][..1]);
                }
            }
        }
        Ok(Some(texels))
    }

    /// The pixels of a tile, straight at level 0 and premultiplied above; none where it is blank or outside.
    fn pixels<'a>(&'a self, grid: &'a TileGrid<P>, place: Place) -> Option<&'a [P]> {
        match place.level {
            0 => Some(grid.tile(place.column, place.row)?.pixels()),
            _ => self.halvings.get(&place)?.pixels.as_deref(),
        }
    }

    /// Makes the halving at `place`, and those that it needs, unless it is up to date.
    fn renew(&mut self, grid: &TileGrid<P>, place: Place, deadline: Instant) -> Result<(), Late> {
        let stamp = core(grid, place);
        if place.level == 0 || self.halvings.get(&place).is_some_and(|halving| halving.stamp == stamp) {
            return Ok(());
        }
        let finer = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| Place {
            level: place.level - 1,
            column: place.column * 2 + right,
            row: place.row * 2 + down,
        });
        for place in finer {
            self.renew(grid, place, deadline)?;
        }
        if Instant::now() > deadline {
            return Err(Late);
        }
        let halving = self.halve(grid, place, stamp, finer);
        self.halvings.insert(place, halving);
        Ok(())
    }

    /// Makes what has changed of a halving.
    fn halve(&mut self, grid: &TileGrid<P>, place: Place, stamp: Stamp, finer: [Place; 4]) -> Halving<P> {
        let before = self.halvings.remove(&place);
        let stamps = finer.map(|place| core(grid, place));
        let tiles = finer.map(|place| self.pixels(grid, place));
        if tiles.iter().all(Option::is_none) {
            return Halving {
                stamp,
                finer: stamps,
                pixels: None,
            };
        }
        let (known, pixels) = match before {
            Some(Halving {
                finer,
                pixels: Some(pixels),
                ..
            }) => (Some(finer), pixels),
            _ => (None, vec![P::default(); (TILE * TILE) as usize].into()),
        };
        let mut pixels = pixels;
        let size = halved(grid.size(), place.level - 1);
        for (at, (finer, tile)) in finer.into_iter().zip(tiles).enumerate() {
            if known.is_some_and(|known| known[at] == stamps[at]) {
                continue;
            }
            let extent = [(finer.column, size[0]), (finer.row, size[1])];
            let extent = extent.map(|(tile, side)| side.saturating_sub(tile * TILE).min(TILE) as usize);
            halve(place.level - 1, tile, extent, [at % 2, at / 2], &mut pixels);
        }
        Halving {
            stamp,
            finer: stamps,
            pixels: Some(pixels),
        }
    }
}

/// Names the pixels of a tile at its level, without its apron. It is asked for every layer and tile in sight, in every frame, so that its numbers, which
/// nobody chooses, are mixed as cheaply as serves.
fn core<P: Texel>(grid: &TileGrid<P>, place: Place) -> Stamp {
    let range = |tile: u32, count: u32| (tile << place.level).min(count)..((tile + 1) << place.level).min(count);
    let mut sum = 0;
    for row in range(place.row, grid.rows()) {
        for column in range(place.column, grid.columns()) {
            // Revisions begin at 1.
            let revision = grid.tile(column, row).map_or(0, |tile| tile.revision());
            let mixed = (sum ^ revision).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            sum = mixed ^ (mixed >> 29);
        }
    }
    Stamp(sum)
}

/// The tile itself and the eight around it, row by row.
fn neighbours(place: Place) -> [Option<Place>; 9] {
    std::array::from_fn(|index| {
        let column = (place.column + index as u32 % 3).checked_sub(1)?;
        let row = (place.row + index as u32 / 3).checked_sub(1)?;
        Some(Place { column, row, ..place })
    })
}

/// The texels at `place` of a canvas of `canvas` pixels over which `picture`, much smaller as a rule, is stretched smoothly.
pub fn stretched(picture: &RgbImage, canvas: [u32; 2], place: Place) -> Vec<[u8; 4]> {
    let axis = |canvas: u32, picture: u32, tile: u32| -> Vec<Taps> {
        let scale = picture as f32 / canvas as f32;
        let position = |texel: u32| ((tile * TILE + texel) as f32 - 0.5) * (1u32 << place.level) as f32 * scale;
        (0..SLOT).map(|texel| Taps::at(position(texel), picture)).collect()
    };
    let columns = axis(canvas[0], picture.width(), place.column);
    let rows = axis(canvas[1], picture.height(), place.row);
    // A take has as many columns as the canvas, and the tile needs its own.
    let mut needed: Vec<u32> = columns.iter().flat_map(|column| column.pixels).collect();
    needed.sort_unstable();
    needed.dedup();
    let mut texels = Vec::with_capacity((SLOT * SLOT) as usize);
    let mut line = vec![[0.0; 3]; picture.width() as usize];
    for row in &rows {
        for &x in &needed {
            line[x as usize] = row.mix(|y| picture.get_pixel(x, y).0.map(f32::from));
        }
        texels.extend(columns.iter().map(|column| {
            let [r, g, b] = column.mix(|x| line[x as usize]).map(|value| (value + 0.5) as u8);
            [r, g, b, 255]
        }));
    }
    texels
}

/// Four neighbouring pixels along an axis and their weights: a cubic B-spline, which is smooth where bilinear shows a lattice.
struct Taps {
    pixels: [u32; 4],
    weights: [f32; 4],
}

impl Taps {
    /// At `position` (pixel centres lie at halves) on an axis of `length` pixels, whose ends are repeated outwards.
    fn at(position: f32, length: u32) -> Self {
        let position = position - 0.5;
        let t = position - position.floor();
        let first = position.floor() as i64 - 1;
        Self {
            pixels: [0, 1, 2, 3].map(|tap| (first + tap).clamp(0, i64::from(length) - 1) as u32),
            weights: [
                (1.0 - t).powi(3) / 6.0,
                (3.0 * t.powi(3) - 6.0 * t * t + 4.0) / 6.0,
                (-3.0 * t.powi(3) + 3.0 * t * t + 3.0 * t + 1.0) / 6.0,
                t.powi(3) / 6.0,
            ],
        }
    }

    fn mix(&self, pixel: impl Fn(u32) -> [f32; 3]) -> [f32; 3] {
        let mut sum = [0.0; 3];
        for (&index, &weight) in self.pixels.iter().zip(&self.weights) {
            let pixel = pixel(index);
            for channel in 0..3 {
                sum[channel] += pixel[channel] * weight;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use std::time::Duration;

    const ORIGIN: Place = Place {
        level: 0,
        column: 0,
        row: 0,
    };

    fn ramp(size: [u32; 2]) -> TileGrid<u8> {
        let pixels: Vec<u8> = (0..size[1])
            .flat_map(|y| (0..size[0]).map(move |x| (x + y * 3) as u8))
            .collect();
        TileGrid::with_pixels(size, [0, 0], size[0], &pixels)
    }

    fn texel<P: Copy>(tile: &[P], x: usize, y: usize) -> P {
        tile[y * SLOT as usize + x]
    }

    fn in_time() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn texels<P: Texel>(pyramid: &mut Pyramid<P>, grid: &TileGrid<P>, place: Place) -> Vec<P> {
        let made = pyramid.texels(grid, place, in_time());
        made.unwrap_or_else(|Late| panic!("there is time"))
            .expect("something is painted")
    }

    #[test]
    fn what_is_late_goes_on_where_it_was() {
        let (grid, place) = (ramp([2048, 2048]), Place { level: 3, ..ORIGIN });
        let mut pyramid = Pyramid::default();
        let mut calls = 0;
        let shown = loop {
            calls += 1;
            match pyramid.texels(&grid, place, Instant::now() + Duration::from_micros(200)) {
                Ok(shown) => break shown.expect("something is painted"),
                Err(Late) => assert!(calls < 2000, "each call makes something"),
            }
        };
        assert_eq!(shown, texels(&mut Pyramid::default(), &grid, place));
    }

    #[test]
    fn a_tile_at_full_size_is_the_pixels_and_its_apron_the_neighbours() {
        let tile = texels(&mut Pyramid::default(), &ramp([600, 300]), Place { column: 1, ..ORIGIN });
        assert_eq!([0, 1, 257].map(|x| texel(&tile, x, 1)), [255, 0, 0]);
        assert_eq!(
            texel(&tile, 5, 0),
            texel(&tile, 5, 1),
            "above the picture its first row is repeated"
        );
    }

    #[test]
    fn the_edge_is_repeated_beyond_the_picture() {
        let tile = texels(&mut Pyramid::default(), &ramp([10, 10]), ORIGIN);
        assert_eq!([10, 11, 257].map(|x| texel(&tile, x, 1)), [9, 9, 9]);
    }

    #[test]
    fn a_halving_is_the_mean_of_four() {
        let mut grid = TileGrid::new([512, 512]);
        grid.tile_mut(0, 0)[..2].copy_from_slice(&[200, 100]);
        let tile = texels(&mut Pyramid::default(), &grid, Place { level: 1, ..ORIGIN });
        assert_eq!(texel(&tile, 1, 1), 75);
    }

    #[test]
    fn transparent_pixels_lend_no_colour() {
        let mut grid = TileGrid::new([4, 4]);
        grid.tile_mut(0, 0)[..2].copy_from_slice(&[[255, 255, 255, 0], [200, 100, 0, 255]]);
        let tile = texels(&mut Pyramid::default(), &grid, Place { level: 1, ..ORIGIN });
        assert_eq!(texel(&tile, 1, 1), [50, 25, 0, 64]);
    }

    #[test]
    fn a_stroke_changes_the_stamps_of_the_tiles_that_show_it_and_no_others() {
        let mut grid = ramp([1024, 256]);
        let stamps = |grid: &TileGrid<u8>| [0, 1, 2, 3].map(|column| Pyramid::stamp(grid, Place { column, ..ORIGIN }));
        let before = stamps(&grid);
        let mut pyramid = Pyramid::default();
        let coarse = Place { level: 2, ..ORIGIN };
        let shown = texels(&mut pyramid, &grid, coarse);
        grid.tile_mut(0, 0)[0] = 77;
        let after = stamps(&grid);
        assert_eq!(
            [0, 1, 2, 3].map(|column| before[column] == after[column]),
            [false, false, true, true]
        );
        assert_ne!(texel(&shown, 1, 1), texel(&texels(&mut pyramid, &grid, coarse), 1, 1));
    }

    #[test]
    fn blank_tiles_cost_nothing() {
        let (grid, place) = (TileGrid::new([9000, 9000]), Place { level: 5, ..ORIGIN });
        assert_eq!(Pyramid::<u8>::default().texels(&grid, place, in_time()), Ok(None));
    }

    #[test]
    fn a_flat_picture_stays_flat_and_an_edge_is_smooth() {
        let mut picture = RgbImage::from_pixel(4, 1, Rgb([10, 20, 30]));
        let flat = stretched(&picture, [64, 16], ORIGIN);
        assert!(flat.iter().all(|texel| *texel == [10, 20, 30, 255]));
        picture.put_pixel(2, 0, Rgb([250, 20, 30]));
        picture.put_pixel(3, 0, Rgb([250, 20, 30]));
        let edge = stretched(&picture, [64, 16], ORIGIN);
        let middle = [texel(&edge, 32, 1)[0], texel(&edge, 33, 1)[0]];
        assert!(middle[0] < 130 && middle[1] > 130 && middle[1] - middle[0] < 16, "{middle:?}");
    }
}
