//! Lines taken off their paper, away from the window.

use super::{Notice, Session};
use crate::document::{Document, LayerId, Pixels, TileGrid};
use crate::tool::refusal;

/// Why what changes alpha is not done.
pub(super) const ALPHA_LOCKED: &str = "The layer's alpha is locked. Unlock it first.";

impl Session {
    /// Makes the paper of layers of the canvas transparent, where it is selected: of all, or of none where one of them stays as it is.
    pub(super) fn take_off_paper(&mut self, layers: Vec<LayerId>) {
        let Some(document) = &self.document else { return };
        let papers: Result<Vec<_>, _> = layers.iter().map(|id| paper(document, *id)).collect();
        match papers {
            Ok(papers) => {
                let selection = document.canvas().selection().cloned();
                let off = move |grid: &TileGrid<[u8; 4]>| grid.off_paper(selection.as_ref());
                let lines = move |_: &Vec<LayerId>| papers.iter().map(off).collect();
                self.await_made(layers, lines, Self::place_lines, Self::take_off_paper);
            }
            Err(refused) => self.notice = Some(Notice::info(refused)),
        }
    }

    /// The layers with their lines alone.
    fn place_lines(&mut self, layers: Vec<LayerId>, lines: Vec<TileGrid<[u8; 4]>>) {
        self.edit_canvas("Lines off the paper", |canvas| {
            let mut changed = false;
            for (id, lines) in layers.iter().zip(lines) {
                if let Some(layer) = canvas.layer_mut(*id).filter(|layer| layer.stamp() != lines.stamp()) {
                    layer.pixels = Pixels::Raster(lines);
                    changed = true;
                }
            }
            match (changed, layers.len()) {
                (true, _) => Ok(()),
                (false, 1) => Err("There is no white paper on the layer, or none of it is selected."),
                (false, _) => Err("There is no white paper on the layers, or none of it is selected."),
            }
        });
    }
}

/// A layer with its paper, or why that stays on it.
fn paper(document: &Document, id: LayerId) -> Result<TileGrid<[u8; 4]>, &'static str> {
    let layer = document.layer(id).ok_or("There is no such layer.")?;
    if let Some(reason) = refusal(document, layer) {
        return Err(reason);
    }
    match &layer.pixels {
        Pixels::Raster(_) if layer.alpha_locked => Err(ALPHA_LOCKED),
        Pixels::Raster(grid) => Ok(grid.clone()),
        Pixels::Mask(_) | Pixels::Group(_) => Err("A mask has no paper. Choose a layer with lines on white."),
    }
}
