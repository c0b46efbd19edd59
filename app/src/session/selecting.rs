//! Selections that come of what is there: of masks, of what is painted, of the selection itself.

use super::answer::Answer;
use super::{Notice, Session};
use crate::command::Command;
use crate::document::{Combine, Layer, LayerId, Role, Side, TileGrid};
use crate::region::{feathered, resized};

impl Session {
    /// The commands that select what something else says.
    pub(super) fn select_what(&mut self, command: Command) {
        match command {
            Command::SelectByMask => self.select_by_mask(),
            Command::SelectPainted => self.select_painted(),
            Command::Reselect => self.edit("Reselect", |document| document.reselect()),
            _ => {}
        }
    }

    /// The figure of the pane's mask; of the mask at hand, if it is one.
    fn select_by_mask(&mut self) {
        let side = self.side;
        let Some(document) = &self.document else { return };
        let role = if side == Side::Canvas {
            Role::SketchMask
        } else {
            Role::ReferenceMask
        };
        let at_hand = self.target(side).and_then(|id| document.layer(id)?.mask());
        let by_role = || document.sheet(side)?.by_role(role)?.mask();
        match at_hand.or_else(by_role).filter(|mask| !mask.is_blank()).cloned() {
            Some(mask) => self.edit("Select by the mask", |document| {
                document.select(side, &mask, Combine::Replace)
            }),
            None => self.notice = Some(Notice::info("The mask has no figure that could be selected.")),
        }
    }

    /// Selects what is painted on a layer of the canvas, as far as it covers.
    pub fn select_painted_on(&mut self, layer: LayerId) {
        self.alter(move |session| session.find_painted(Side::Canvas, layer));
    }

    /// What is painted on the layer at hand, or shows of the group, as far as it covers.
    fn select_painted(&mut self) {
        if let Some(layer) = self.target(self.side) {
            self.find_painted(self.side, layer);
        }
    }

    fn find_painted(&mut self, side: Side, layer: LayerId) {
        let sheet = self.document.as_ref().and_then(|document| document.sheet(side));
        let Some(sheet) = sheet.cloned() else { return };
        self.await_found(move || {
            let region = sheet.coverage(layer).filter(|region| !region.is_blank());
            Answer::new(move |session| session.select_region(side, region))
        });
    }

    fn select_region(&mut self, side: Side, region: Option<TileGrid<u8>>) {
        match region {
            Some(region) => self.edit("Select what is painted", |document| {
                document.select(side, &region, Combine::Replace)
            }),
            None => self.notice = Some(Notice::info("Nothing is painted there that could be selected.")),
        }
    }

    /// Feathers, grows or shrinks the selection of the pane that was worked on last by so many pixels.
    pub fn change_selection(&mut self, command: Command, pixels: u32) {
        self.alter(move |session| session.resize_selection(command, pixels));
    }

    fn resize_selection(&mut self, command: Command, pixels: u32) {
        let side = self.side;
        let sheet = self.document.as_ref().and_then(|document| document.sheet(side));
        let Some(selection) = sheet.and_then(|sheet| sheet.selection()).cloned() else {
            return;
        };
        self.await_found(move || {
            let region = match command {
                Command::FeatherSelection => feathered(&selection, pixels),
                Command::ShrinkSelection => resized(&selection, -(pixels as i32)),
                _ => resized(&selection, pixels as i32),
            };
            Answer::new(move |session| session.edit("Select", |document| document.select(side, &region, Combine::Replace)))
        });
    }

    /// Chooses the topmost layer of the canvas that shows something at a place, in pixels, if there is one.
    pub fn pick_layer(&mut self, at: [f32; 2]) {
        self.when_laid(move |session| session.layer_at(at).into_iter().for_each(|layer| session.select(layer)));
    }

    fn layer_at(&self, [x, y]: [f32; 2]) -> Option<LayerId> {
        let document = self.document.as_ref().filter(|_| x >= 0.0 && y >= 0.0)?;
        let canvas = document.canvas();
        let at = |layer: &Layer| layer.raster().map_or([0; 4], |grid| grid.pixel(x as u32, y as u32));
        let shows = |layer: &&Layer| canvas.is_in_sight(layer) && at(layer)[3] > 0;
        // The sketch's paper lies over all layers, and a person means what is seen through it.
        let is_paper = |layer: &Layer| layer.role == Role::Sketch && !is_dark(at(layer));
        let mut shown = canvas.layers().rev().filter(shows).peekable();
        let topmost = shown.peek().copied();
        shown.find(|layer| !is_paper(layer)).or(topmost).map(|layer| layer.id)
    }
}

/// Whether a colour on white paper is that of a line.
fn is_dark([r, g, b, alpha]: [u8; 4]) -> bool {
    let strongest = 255 - u32::from(r.min(g).min(b));
    strongest * u32::from(alpha) > 127 * 255
}
