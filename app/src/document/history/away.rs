//! Which tiles a state of the document holds alone, and how they leave it and come back.

use std::sync::Arc;

use super::spill::Spot;
use crate::document::document::{Document, Side};
use crate::document::layer::{LayerId, Pixels};
use crate::document::rect::Rect;
use crate::document::tile::{Pixel, Tile, TileGrid};

/// Where in a document tiles lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Layer(LayerId),
    Selection(Side),
}

/// A tile of either kind.
#[derive(Clone)]
pub(super) enum AnyTile {
    Colour(Arc<Tile<[u8; 4]>>),
    Cover(Arc<Tile<u8>>),
}

/// A tile's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    home: Home,
    column: u32,
    row: u32,
    revision: u64,
}

/// A tile that lies on the disk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Away {
    pub place: Place,
    pub spot: Spot,
}

/// The tiles that `kept` holds and `beside`, the state next to it, does not.
pub(super) fn alone(kept: &Document, beside: &Document) -> Vec<(Place, AnyTile)> {
    let mut found = Vec::new();
    for layer in kept.sheets().flat_map(|sheet| sheet.layers()) {
        let other = beside.layer(layer.id);
        let home = Home::Layer(layer.id);
        match &layer.pixels {
            Pixels::Raster(grid) => {
                let other = other.and_then(|layer| layer.raster());
                differing(home, grid, other, |tile| AnyTile::Colour(tile.clone()), &mut found);
            }
            Pixels::Mask(grid) => {
                let other = other.and_then(|layer| layer.mask());
                differing(home, grid, other, |tile| AnyTile::Cover(tile.clone()), &mut found);
            }
            Pixels::Group(_) => {}
        }
    }
    for side in Side::ALL {
        let selection = |document: &Document| document.sheet(side)?.selection().cloned();
        if let Some(grid) = selection(kept) {
            let other = selection(beside);
            let tile = |tile: &Arc<Tile<u8>>| AnyTile::Cover(tile.clone());
            differing(Home::Selection(side), &grid, other.as_ref(), tile, &mut found);
        }
    }
    found
}

fn differing<P: Pixel>(
    home: Home,
    grid: &TileGrid<P>,
    other: Option<&TileGrid<P>>,
    wrap: impl Fn(&Arc<Tile<P>>) -> AnyTile,
    found: &mut Vec<(Place, AnyTile)>,
) {
    let other = other.filter(|other| other.size() == grid.size());
    for span in grid.spans(Rect::of(grid.size())) {
        let (column, row) = (span.column, span.row);
        let Some(tile) = grid.shared_tile(column, row) else { continue };
        let theirs = other.and_then(|other| other.tile(column, row));
        if theirs.map(Tile::revision) != Some(tile.revision()) {
            let place = Place {
                home,
                column,
                row,
                revision: tile.revision(),
            };
            found.push((place, wrap(tile)));
        }
    }
}

impl Place {
    /// The grid that the tile lies in, and whether it is there.
    fn holds(&self, document: &Document) -> bool {
        let revision = match self.home {
            Home::Layer(id) => document.layer(id).and_then(|layer| match &layer.pixels {
                Pixels::Raster(grid) => grid.tile(self.column, self.row).map(Tile::revision),
                Pixels::Mask(grid) => grid.tile(self.column, self.row).map(Tile::revision),
                Pixels::Group(_) => None,
            }),
            Home::Selection(side) => (document.sheet(side).and_then(|sheet| sheet.selection()))
                .and_then(|grid| grid.tile(self.column, self.row).map(Tile::revision)),
        };
        revision == Some(self.revision)
    }

    /// Takes the tile out of a document; whether it was there.
    pub fn clear(&self, document: &mut Document) -> bool {
        let held = self.holds(document);
        if held {
            self.put(document, None);
        }
        held
    }

    /// Puts a tile in its place; a document without that place stays as it is.
    pub fn put(&self, document: &mut Document, tile: Option<AnyTile>) {
        let Self { column, row, .. } = *self;
        let colour = |tile: Option<AnyTile>| match tile {
            Some(AnyTile::Colour(tile)) => Some(tile),
            _ => None,
        };
        let cover = |tile: Option<AnyTile>| match tile {
            Some(AnyTile::Cover(tile)) => Some(tile),
            _ => None,
        };
        match self.home {
            Home::Layer(id) => match document.layer_mut(id).map(|layer| &mut layer.pixels) {
                Some(Pixels::Raster(grid)) => grid.put_tile(column, row, colour(tile)),
                Some(Pixels::Mask(grid)) => grid.put_tile(column, row, cover(tile)),
                Some(Pixels::Group(_)) | None => {}
            },
            Home::Selection(side) => {
                let sheet = document.sheet_mut(side);
                if let Some(grid) = sheet.and_then(|sheet| sheet.selection.as_mut()) {
                    grid.put_tile(column, row, cover(tile));
                }
            }
        }
    }

    pub fn revision(&self) -> u64 {
        self.revision
    }
}
