//! Regions that tools ask for: filled or selected once they are found; and what is filled without a look.

use super::answer::Answer;
use super::line_alpha::ALPHA_LOCKED;
use super::{Notice, Session};
use crate::command::Command;
use crate::document::{Layer, LayerId, Side, TileGrid};
use crate::tool::{Paint, Region, Sought, Then, find_regions, lay_region, refusal};

/// Said where no region lies within a loop.
pub(super) const NOTHING_WITHIN: &str = "There is nothing to be filled. Where lines are open, let the fill close wider gaps.";

impl Session {
    pub(super) fn find_region(&mut self, side: Side, layer: LayerId, sought: Sought, then: Then) {
        let Some(document) = self.document.clone() else { return };
        let settings = match then {
            Then::Fill(_) => self.toolbox.fill.settings,
            Then::Select(_) => self.toolbox.wand,
        };
        let nothing = match sought {
            Sought::Within(_) => NOTHING_WITHIN,
            Sought::Bare => "Nothing is left to be filled.",
            Sought::At(_) | Sought::Along(_) => "No region there.",
        };
        self.await_found(move || {
            let region = find_regions(&document, layer, &sought, settings);
            match then {
                Then::Fill(_) if region.is_blank() => Answer::told(nothing),
                Then::Fill(paint) => Answer::new(move |session| session.lay_paint("Fill", layer, &region, paint, false)),
                Then::Select(how) => {
                    Answer::new(move |session| session.edit("Select", |document| document.select(side, &region, how)))
                }
            }
        });
    }

    /// Lays paint on a layer, within the selection, as one entry of history, if that changes anything; `joined`: as a part of the last entry, whose label it
    /// has.
    pub(super) fn lay_paint(&mut self, label: &'static str, id: LayerId, coverage: &TileGrid<u8>, paint: Paint, joined: bool) {
        let Some(document) = &mut self.document else { return };
        let selection = document.selection_on(id).cloned();
        let fits = |layer: &Layer| layer.size() == coverage.size() && refusal(document, layer).is_none();
        if !document.layer(id).is_some_and(fits) {
            return;
        }
        let earlier = document.clone();
        let Some(layer) = document.layer_mut(id) else { return };
        let (before, locked) = (layer.stamp(), layer.alpha_locked);
        let region = Region {
            paint,
            coverage,
            selection: selection.as_ref(),
            alpha_locked: locked,
        };
        lay_region(&mut layer.pixels, region);
        if layer.stamp() != before {
            self.record(label, earlier, joined);
        } else if locked {
            self.notice = Some(Notice::info(ALPHA_LOCKED));
        }
    }

    /// The commands that concern the selection, and what is filled in it.
    pub(super) fn select_by(&mut self, command: Command) {
        let side = self.side;
        match command {
            Command::SelectAll => self.edit("Select all", |document| document.select_all(side)),
            Command::SelectNothing => self.edit("Deselect", |document| document.deselect()),
            Command::InvertSelection => self.edit("Invert the selection", |document| document.invert_selection(side)),
            Command::FillBrushColor => self.fill_selection("Fill", Paint::Color(self.toolbox.colors.brush)),
            Command::FillSecondColor => self.fill_selection("Fill", Paint::Color(self.toolbox.colors.second)),
            Command::FillBare => self.fill_bare(),
            Command::Clear => self.fill_selection("Clear", Paint::Erase),
            Command::FlipSideways | Command::FlipUpright => self.flip(command == Command::FlipSideways),
            _ => {}
        }
    }

    /// The layer at hand on the pane that was worked on last, if it may be changed; else it is said why not.
    fn at_hand(&mut self) -> Option<(LayerId, [u32; 2])> {
        let target = self.target(self.side)?;
        if !self.check_changeable(target) {
            return None;
        }
        let layer = self.document.as_ref()?.layer(target)?;
        self.view.masks |= layer.role.is_mask();
        Some((layer.id, layer.size()))
    }

    /// The brush's colour on what is bare of the layer at hand, within the selection.
    fn fill_bare(&mut self) {
        let Some((id, _)) = self.at_hand() else { return };
        let stays_bare = |layer: &Layer| layer.alpha_locked && layer.raster().is_some();
        let layer = self.document.as_ref().and_then(|document| document.layer(id));
        if layer.is_some_and(stays_bare) {
            self.notice = Some(Notice::info(ALPHA_LOCKED));
            return;
        }
        let paint = Paint::Color(self.toolbox.colors.brush);
        self.find_region(self.side, id, Sought::Bare, Then::Fill(paint));
    }

    /// Paint on all of the layer at hand, within the selection.
    pub(super) fn fill_selection(&mut self, label: &'static str, paint: Paint) {
        if let Some((layer, size)) = self.at_hand() {
            self.lay_paint(label, layer, &TileGrid::filled(size, 255), paint, false);
        }
    }
}
