//! What is done with a mask as a whole: inverted, cleared, or proposed by the pictures themselves.

use super::regions::Found;
use super::{Notice, Session};
use crate::command::Command;
use crate::document::{LayerId, Pixels, Role, TileGrid};
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
        if let Some(mask) = mask.filter(|_| self.may_change(id)) {
            self.set_mask(label, id, mask);
        }
    }

    /// Looks for the figure away from the window.
    fn propose_mask(&mut self, role: Role) {
        let Some(document) = self.document.clone() else { return };
        let Some(layer) = self.by_role(role).filter(|layer| self.may_change(*layer)) else {
            return;
        };
        let opened = self.opened;
        self.find(move || Found::Mask {
            opened,
            layer,
            role,
            mask: match role {
                Role::ReferenceMask => proposal::reference_mask(&document),
                _ => proposal::sketch_mask(&document),
            },
        });
    }

    /// The figure that was found, in place of the mask that is there.
    pub(super) fn place_mask(&mut self, layer: LayerId, role: Role, mask: Option<TileGrid<u8>>) {
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
                if self.may_change(layer) {
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
        self.masks_shown = true;
        self.change_layer(layer, label, |layer| layer.pixels = Pixels::Mask(mask));
    }

    /// Whether a layer's pixels may be changed; else it is said why not.
    pub(super) fn may_change(&mut self, layer: LayerId) -> bool {
        let Some(document) = &self.document else { return false };
        let Some(layer) = document.layer(layer) else { return false };
        let reason = refusal(document, layer);
        if let Some(reason) = reason {
            self.notice = Some(Notice::info(reason));
        }
        reason.is_none()
    }
}
