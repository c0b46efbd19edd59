//! Pixels in sparse tiles, shared until written: the truth of every layer and mask.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::rect::Rect;
use super::reserve::{Reserve, Store};

/// Side of a tile in pixels.
pub const TILE: u32 = 256;

/// Longest side of a picture in pixels.
pub const MAX_SIDE: u32 = 16384;

/// What a tile is made of: `[u8; 4]` (straight RGBA) or `u8` (mask). `Default` is what lies where nothing was painted.
pub trait Pixel: Copy + Default + PartialEq + Send + Sync + 'static {
    /// Where the memory of such tiles waits for the next ones.
    fn reserve() -> &'static Reserve<Self>;
}

impl Pixel for [u8; 4] {
    fn reserve() -> &'static Reserve<Self> {
        static RESERVE: Reserve<[u8; 4]> = Reserve::new();
        &RESERVE
    }
}

impl Pixel for u8 {
    fn reserve() -> &'static Reserve<Self> {
        static RESERVE: Reserve<u8> = Reserve::new();
        &RESERVE
    }
}

/// `TILE` by `TILE` pixels, row by row.
#[derive(Clone)]
pub struct Tile<P: Pixel> {
    revision: u64,
    pixels: Store<P>,
}

impl<P: Pixel> Tile<P> {
    /// Pixels that were written as `revision` before, `TILE` by `TILE` of them.
    pub(super) fn again(revision: u64, pixels: Box<[P]>) -> Option<Self> {
        Store::of(pixels).map(|pixels| Self { revision, pixels })
    }

    fn blank() -> Self {
        Self {
            revision: next_revision(),
            pixels: Store::blank(),
        }
    }

    /// Changes with every write, never repeats: equal revisions are equal pixels. What was uploaded once needs no look at its pixels.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn pixels(&self) -> &[P] {
        &self.pixels
    }
}

/// Fewer tiles are written on the thread that asks.
const FEW: usize = 8;

/// Does what writes many tiles with threads of its own: the window may wait for it, and those that everything else shares may be busy with a picture.
fn at_once(write: impl FnOnce() + Send) {
    static THREADS: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
        let pool = ThreadPoolBuilder::new().thread_name(|number| format!("shiage tiles {number}"));
        pool.build()
            .inspect_err(|error| tracing::warn!("tiles are written by the threads that everything shares: {error}"))
            .ok()
    });
    match &*THREADS {
        Some(threads) => threads.install(write),
        None => write(),
    }
}

/// The pixels of a tile's place for writing.
fn written<P: Pixel>(place: &mut Option<Arc<Tile<P>>>) -> &mut [P] {
    let tile = Arc::make_mut(place.get_or_insert_with(|| Arc::new(Tile::blank())));
    tile.revision = next_revision();
    &mut tile.pixels
}

fn next_revision() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Where a rectangle meets one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileSpan {
    pub column: u32,
    pub row: u32,
    /// In pixels of the picture.
    pub rect: Rect,
}

impl TileSpan {
    /// Index range in the tile's pixels of picture row `y` of the span.
    pub fn range(&self, y: u32) -> std::ops::Range<usize> {
        let start = ((y - self.row * TILE) * TILE + self.rect.left - self.column * TILE) as usize;
        start..start + self.rect.width() as usize
    }
}

/// A picture of fixed size in tiles. Cloning shares every tile; a tile that was never painted takes no memory.
#[derive(Clone)]
pub struct TileGrid<P: Pixel> {
    size: [u32; 2],
    tiles: Vec<Option<Arc<Tile<P>>>>,
}

impl<P: Pixel> TileGrid<P> {
    /// A blank picture of `size` `[width, height]`.
    pub fn new(size: [u32; 2]) -> Self {
        let count = size[0].div_ceil(TILE) as usize * size[1].div_ceil(TILE) as usize;
        Self {
            size,
            tiles: vec![None; count],
        }
    }

    /// A blank picture with `pixels` (rows of `width`) laid on it at `[x, y]`; what reaches outside is cut off.
    pub fn with_pixels(size: [u32; 2], at: [i32; 2], width: u32, pixels: &[P]) -> Self {
        if width == 0 {
            return Self::new(size);
        }
        let reach =
            |start: i32, length: usize| (i64::from(start) + length as i64).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        let rows = pixels.len() / width as usize;
        let area = Rect::clipped([at[0], at[1], reach(at[0], width as usize), reach(at[1], rows)], size);
        let source = |span: &TileSpan, y: u32| {
            let start = (i64::from(y) - i64::from(at[1])) as usize * width as usize
                + (i64::from(span.rect.left) - i64::from(at[0])) as usize;
            &pixels[start..start + span.rect.width() as usize]
        };
        let is_painted = |span: &TileSpan| {
            let mut rows = span.rect.top..span.rect.bottom;
            rows.any(|y| source(span, y).iter().any(|p| *p != P::default()))
        };
        Self::made(size, area, is_painted, |span, tile| {
            for y in span.rect.top..span.rect.bottom {
                tile[span.range(y)].copy_from_slice(source(&span, y));
            }
        })
    }

    /// A picture of `size` of which the tiles that `area` meets are written, those that are `painted`, several at a time; the rest is blank.
    pub fn made(
        size: [u32; 2],
        area: Rect,
        painted: impl Fn(&TileSpan) -> bool + Sync,
        write: impl Fn(TileSpan, &mut [P]) + Sync,
    ) -> Self {
        let mut grid = Self::new(size);
        let spans: Vec<TileSpan> = grid.spans(area).collect();
        let tiles = spans.into_par_iter().filter_map(|span| {
            if !painted(&span) {
                return None;
            }
            let mut tile = Tile::blank();
            write(span, &mut tile.pixels);
            let value = tile.pixels[0];
            let is_plain = tile.pixels.iter().all(|pixel| *pixel == value);
            let is_blank = is_plain && value == P::default();
            (!is_blank).then(|| (span, Arc::new(tile), is_plain.then_some(value)))
        });
        // Tiles of one colour are one and the same: paper takes no memory.
        let mut plain: Option<(P, Arc<Tile<P>>)> = None;
        for (span, mut tile, value) in tiles.collect::<Vec<_>>() {
            if let Some(value) = value {
                match &plain {
                    Some((known, shared)) if *known == value => tile = shared.clone(),
                    _ => plain = Some((value, tile.clone())),
                }
            }
            let index = (span.row * grid.columns() + span.column) as usize;
            grid.tiles[index] = Some(tile);
        }
        grid
    }

    /// `value` everywhere. Whole tiles are one and the same.
    pub fn filled(size: [u32; 2], value: P) -> Self {
        let mut whole = Tile::blank();
        whole.pixels.fill(value);
        let whole = Arc::new(whole);
        let mut grid = Self::new(size);
        for span in grid.spans(Rect::of(size)) {
            if span.rect.width() == TILE && span.rect.height() == TILE {
                let index = (span.row * grid.columns() + span.column) as usize;
                grid.tiles[index] = Some(whole.clone());
                continue;
            }
            let tile = grid.tile_mut(span.column, span.row);
            for y in span.rect.top..span.rect.bottom {
                tile[span.range(y)].fill(value);
            }
        }
        grid
    }

    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    pub fn columns(&self) -> u32 {
        self.size[0].div_ceil(TILE)
    }

    pub fn rows(&self) -> u32 {
        self.size[1].div_ceil(TILE)
    }

    /// None where nothing was painted, and outside.
    pub fn tile(&self, column: u32, row: u32) -> Option<&Tile<P>> {
        if column >= self.columns() {
            return None;
        }
        self.tiles.get((row * self.columns() + column) as usize)?.as_deref()
    }

    /// The tile's pixels for writing, made or unshared as needed. Panics outside the grid: take the place from [`Self::spans`].
    pub fn tile_mut(&mut self, column: u32, row: u32) -> &mut [P] {
        let index = (row * self.columns() + column) as usize;
        written(&mut self.tiles[index])
    }

    /// Has the tiles that `area` meets written to, several at a time; those that are not `chosen` stay as they are.
    pub fn write_tiles(&mut self, area: Rect, chosen: impl Fn(&TileSpan) -> bool, write: impl Fn(TileSpan, &mut [P]) + Sync) {
        let columns = self.columns();
        let mut spans = self.spans(area).filter(|span| chosen(span)).peekable();
        // Row by row, as the tiles are.
        let tiles = self.tiles.iter_mut().enumerate().filter_map(|(index, tile)| {
            let span = spans.next_if(|span| (span.row * columns + span.column) as usize == index)?;
            Some((tile, span))
        });
        let tiles: Vec<_> = tiles.collect();
        if tiles.len() < FEW {
            return tiles.into_iter().for_each(|(tile, span)| write(span, written(tile)));
        }
        at_once(|| tiles.into_par_iter().for_each(|(tile, span)| write(span, written(tile))));
    }

    /// Makes a tile that of `other`, a picture of the same size, and shares it.
    pub fn share_tile(&mut self, other: &Self, column: u32, row: u32) {
        self.put_tile(column, row, other.shared_tile(column, row).cloned());
    }

    /// The tile with all who hold it.
    pub(super) fn shared_tile(&self, column: u32, row: u32) -> Option<&Arc<Tile<P>>> {
        if column >= self.columns() {
            return None;
        }
        self.tiles.get((row * self.columns() + column) as usize)?.as_ref()
    }

    /// Puts a tile, or none, in its place; outside the grid nothing happens.
    pub(super) fn put_tile(&mut self, column: u32, row: u32, tile: Option<Arc<Tile<P>>>) {
        if column < self.columns() && row < self.rows() {
            let index = (row * self.columns() + column) as usize;
            self.tiles[index] = tile;
        }
    }

    /// Makes the tile as if nothing had been painted there.
    pub fn clear_tile(&mut self, column: u32, row: u32) {
        let index = (row * self.columns() + column) as usize;
        self.tiles[index] = None;
    }

    /// The pixel at `x`, `y`; blank outside.
    pub fn pixel(&self, x: u32, y: u32) -> P {
        match self.tile(x / TILE, y / TILE) {
            Some(tile) => tile.pixels[((y % TILE) * TILE + x % TILE) as usize],
            None => P::default(),
        }
    }

    /// The tiles that `area`, cut to the picture, meets, row by row.
    pub fn spans(&self, area: Rect) -> impl Iterator<Item = TileSpan> + use<P> {
        let area = area.intersect(Rect::of(self.size));
        let (columns, rows) = if area.is_empty() {
            (0..0, 0..0)
        } else {
            (
                area.left / TILE..area.right.div_ceil(TILE),
                area.top / TILE..area.bottom.div_ceil(TILE),
            )
        };
        rows.flat_map(move |row| {
            columns.clone().map(move |column| {
                let tile = Rect::new(column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE);
                TileSpan {
                    column,
                    row,
                    rect: area.intersect(tile),
                }
            })
        })
    }

    /// The pixels of `area`, rows of `area.width()`; blank outside the picture.
    pub fn copy(&self, area: Rect) -> Vec<P> {
        let mut pixels = vec![P::default(); area.width() as usize * area.height() as usize];
        for span in self.spans(area) {
            let Some(tile) = self.tile(span.column, span.row) else {
                continue;
            };
            for y in span.rect.top..span.rect.bottom {
                let start = (y - area.top) as usize * area.width() as usize + (span.rect.left - area.left) as usize;
                pixels[start..start + span.rect.width() as usize].copy_from_slice(&tile.pixels[span.range(y)]);
            }
        }
        pixels
    }

    /// The smallest rectangle around every tile in memory, cut to the picture; all that is painted lies in it.
    pub fn bounds(&self) -> Rect {
        self.spans(Rect::of(self.size))
            .filter(|span| self.tile(span.column, span.row).is_some())
            .fold(Rect::EMPTY, |bounds, span| bounds.union(span.rect))
    }

    /// Names the pixels: it changes with every write, and comes back when a write is undone.
    pub fn stamp(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.size.hash(&mut hasher);
        for tile in &self.tiles {
            tile.as_ref().map(|tile| tile.revision).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Whether no pixel differs from blank.
    pub fn is_blank(&self) -> bool {
        self.tiles
            .iter()
            .flatten()
            .all(|tile| tile.pixels.iter().all(|p| *p == P::default()))
    }

    /// Bytes of the tiles in memory. Those that are one and the same count once.
    pub fn bytes(&self) -> usize {
        let tiles: HashSet<u64> = self.tiles.iter().flatten().map(|tile| tile.revision).collect();
        tiles.len() * (TILE * TILE) as usize * size_of::<P>()
    }

    /// Bytes of the tiles in memory here that `other` does not hold at the same place.
    pub fn bytes_beyond(&self, other: Option<&Self>) -> usize {
        let other = other
            .filter(|other| other.size == self.size)
            .map_or(&[][..], |other| &other.tiles);
        let differing = |(index, tile): &(usize, &Option<Arc<Tile<P>>>)| match (tile, other.get(*index)) {
            (None, _) => false,
            (Some(tile), Some(Some(theirs))) => tile.revision != theirs.revision,
            (Some(_), _) => true,
        };
        self.tiles.iter().enumerate().filter(differing).count() * (TILE * TILE) as usize * size_of::<P>()
    }
}
