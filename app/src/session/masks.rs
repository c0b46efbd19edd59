//! What is done with a mask as a whole: inverted, cleared, read from a file, or proposed by the pictures themselves.

use std::path::PathBuf;

use image::GrayImage;

use super::answer::Answer;
use super::opened::read_picture;
use super::{Notice, Session};
use crate::command::Command;
use crate::document::{Layer, LayerId, Pixels, Rect, Role, TileGrid};
use crate::generate::proposal;
use crate::tool::refusal;

impl Session {
    /// The commands that concern a mask as a whole.
    pub(super) fn mask_by(&mut self, command: Command) {
        match command {
            Command::InvertMask => self.change_mask("Invert the mask", |mask| mask.inverted()),
            Command::ClearMask => self.change_mask("Clear the mask", |mask| TileGrid::new(mask.size())),
            Command::ProposeSketchMask => self.propose_mask(Role::SketchMask),
            Command::ProposeReferenceMask => self.propose_mask(Role::ReferenceMask),
            _ => {}
        }
    }

    /// Changes the mask that is painted on where a person worked last, or the sketch mask.
    fn change_mask(&mut self, label: &'static str, change: impl FnOnce(&TileGrid<u8>) -> TileGrid<u8>) {
        let Some(document) = &self.document else { return };
        let selected = self
            .target(self.side)
            .and_then(|id| document.layer(id))
            .filter(|layer| layer.role.is_mask());
        let Some(layer) = selected.or_else(|| document.by_role(Role::SketchMask)) else {
            return;
        };
        let (id, mask) = (layer.id, layer.mask().map(change));
        if let Some(mask) = mask.filter(|_| self.check_changeable(id)) {
            self.set_mask(label, id, mask);
        }
    }

    /// Reads a mask from a file.
    pub(super) fn open_mask(&self, role: Role, path: PathBuf) {
        let mask = self.document.as_ref().and_then(|document| document.by_role(role));
        let Some(size) = mask.map(Layer::size) else { return };
        self.read(move || {
            let (picture, warning) = read_picture(&path)?;
            // The window would stand still while a large one is stretched.
            let fitted = TileGrid::mask_from(&picture.into_mask(), size).to_gray(Rect::of(size));
            Ok(Answer::new(move |session| session.import_mask(role, &fitted, warning)))
        });
    }

    /// `warning`: what is wrong with the file that it was in.
    pub(super) fn import_mask(&mut self, role: Role, picture: &GrayImage, warning: Option<String>) {
        if !self.by_role(role).is_some_and(|mask| self.check_changeable(mask)) {
            return;
        }
        self.view.masks = true;
        self.edit("Import a mask", |document| document.set_mask(role, picture));
        warning.into_iter().for_each(|words| self.warn(words));
    }

    /// Looks for the figure away from the window.
    fn propose_mask(&mut self, role: Role) {
        let Some(document) = self.document.clone() else { return };
        let Some(layer) = self.by_role(role).filter(|layer| self.check_changeable(*layer)) else {
            return;
        };
        self.find(move || {
            let mask = match role {
                Role::ReferenceMask => proposal::reference_mask(&document),
                _ => proposal::sketch_mask(&document),
            };
            Answer::new(move |session| session.place_mask(layer, role, mask))
        });
    }

    /// The figure that was found, in place of the mask that is there.
    fn place_mask(&mut self, layer: LayerId, role: Role, mask: Option<TileGrid<u8>>) {
        let canvas = mask.as_ref().filter(|_| role == Role::SketchMask).map(TileGrid::size);
        if canvas.is_some_and(|size| !self.check_canvas(size)) {
            return;
        }
        let fits = |mask: &TileGrid<u8>| {
            let layer = self.document.as_ref().and_then(|document| document.layer(layer));
            layer.is_some_and(|layer| layer.mask().is_some() && layer.size() == mask.size())
        };
        let label = match role {
            Role::ReferenceMask => "Propose the reference mask",
            _ => "Propose the sketch mask",
        };
        match mask {
            Some(mask) if fits(&mask) => {
                if self.check_changeable(layer) {
                    self.set_mask(label, layer, mask);
                }
            }
            // The reference is another one by now, or gone.
            Some(_) => {}
            None => {
                self.notice = Some(Notice::info(match role {
                    Role::ReferenceMask => "No figure stands out from the reference's edge. Paint it white on the mask.",
                    _ => "The drawing's lines enclose no figure. Paint it white on the mask.",
                }));
            }
        }
    }

    fn set_mask(&mut self, label: &'static str, layer: LayerId, mask: TileGrid<u8>) {
        self.view.masks = true;
        self.change_layer(layer, label, |layer| layer.pixels = Pixels::Mask(mask));
    }

    /// Checks that a layer's pixels may be changed; else it is said why not.
    pub(super) fn check_changeable(&mut self, layer: LayerId) -> bool {
        let Some(document) = &self.document else { return false };
        let Some(layer) = document.layer(layer) else { return false };
        let reason = refusal(document, layer);
        if let Some(reason) = reason {
            self.notice = Some(Notice::info(reason));
        }
        reason.is_none()
    }
}
