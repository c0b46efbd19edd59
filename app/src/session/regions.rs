//! Regions that tools ask for: found away from the window, then filled or selected.

use std::io;

use super::importing::Imported;
use super::layers::Merge;
use super::line_alpha::ALPHA_LOCKED;
use super::{Notice, Session};
use crate::command::Command;
use crate::document::{DocumentError, Layer, LayerId, Merged, Role, Sheet, Side, TileGrid};
use crate::files::{Files, Waker};
use crate::generate::flats::{Flat, FlatLayers};
use crate::tool::{Paint, Region, Resize, Sought, Then, find_regions, lay_region, refusal};

/// Said where no region lies within a loop.
pub(super) const NOTHING_WITHIN: &str = "There is nothing to be filled. Where lines are open, let the fill close wider gaps.";

/// What was asked for, of the document that was `opened`.
pub(super) enum Found {
    Region {
        opened: u64,
        side: Side,
        layer: LayerId,
        region: TileGrid<u8>,
        then: Then,
    },
    /// No region to be filled: what is said of it.
    Nothing { opened: u64, words: &'static str },
    /// What a stroke touched that led to the state of the history.
    Carried {
        opened: u64,
        layer: LayerId,
        region: TileGrid<u8>,
        paint: Paint,
        state: u64,
    },
    Flats {
        opened: u64,
        take: LayerId,
        layers: FlatLayers,
        flats: Vec<Flat>,
    },
    /// What is painted on a layer, or shows of a group; none: nothing.
    Painted {
        opened: u64,
        side: Side,
        region: Option<TileGrid<u8>>,
    },
    /// What is selected of a layer, for one of its own; none: nothing.
    Copied {
        opened: u64,
        source: LayerId,
        pixels: Option<TileGrid<[u8; 4]>>,
    },
    /// A layer without its paper, of the history's `state`.
    Lines {
        opened: u64,
        state: u64,
        layer: LayerId,
        lines: TileGrid<[u8; 4]>,
    },
    /// Layers as one, or why not, of the history's `state`.
    Merged {
        opened: u64,
        state: u64,
        what: Merge,
        merged: Result<(Sheet, Merged), &'static str>,
    },
    /// The canvas at another size, of the history's `state`; none: it has that size.
    Resized {
        opened: u64,
        state: u64,
        how: Resize,
        resized: Result<Option<Sheet>, DocumentError>,
    },
    /// Files for layers, and what is wrong with others.
    Imported {
        opened: u64,
        layers: Vec<Imported>,
        troubles: Vec<String>,
    },
    /// A proposal for a mask; none where no figure was found.
    Mask {
        opened: u64,
        layer: LayerId,
        role: Role,
        mask: Option<TileGrid<u8>>,
    },
    /// A sentence on why nothing was.
    Failed(String),
}

/// The size of the canvas that layers were made for.
fn canvas_of(found: &Found) -> Option<[u32; 2]> {
    match found {
        Found::Flats { flats, .. } => flats.first().map(|flat| flat.pixels.size()),
        Found::Imported { layers, .. } => layers.first().map(Imported::canvas),
        Found::Mask {
            role: Role::SketchMask,
            mask,
            ..
        } => mask.as_ref().map(TileGrid::size),
        _ => None,
    }
}

/// How much is being looked for.
#[derive(Default)]
pub(super) struct Finding {
    /// What comes after it waits for these.
    awaited: usize,
    /// Those that come in whenever they are ready.
    others: usize,
}

/// The thread that looks for regions, and merges layers.
pub(super) fn regions(waker: &Waker) -> io::Result<Files<Found>> {
    Files::new("shiage regions", waker.clone(), Found::Failed)
}

impl Session {
    /// Something is being looked for.
    pub fn is_finding(&self) -> bool {
        self.finding.awaited + self.finding.others > 0
    }

    /// A region or a merged layer is being looked for, in which, or on which, the person acts next.
    pub(super) fn is_awaiting(&self) -> bool {
        self.finding.awaited > 0
    }

    pub(super) fn find_region(&mut self, side: Side, layer: LayerId, sought: Sought, then: Then) {
        let Some(document) = self.document.clone() else { return };
        let settings = match then {
            Then::Fill(_) => self.toolbox.fill.settings,
            Then::Select(_) => self.toolbox.wand,
        };
        let words = match sought {
            Sought::Within(_) => NOTHING_WITHIN,
            Sought::Bare => "Nothing is left to be filled.",
            Sought::At(_) | Sought::Along(_) => "No region there.",
        };
        let opened = self.opened;
        self.await_found(move || {
            let region = find_regions(&document, layer, &sought, settings);
            match then {
                Then::Fill(_) if region.is_blank() => Found::Nothing { opened, words },
                _ => Found::Region {
                    opened,
                    side,
                    layer,
                    region,
                    then,
                },
            }
        });
    }

    /// Looks for something away from the window. Whatever the person does meanwhile comes before it.
    pub(super) fn find(&mut self, look: impl FnOnce() -> Found + Send + 'static) {
        self.finding.others += 1;
        self.arrivals.run(move || Some(look()));
    }

    /// Likewise; whatever the person does meanwhile waits for it.
    pub(super) fn await_found(&mut self, look: impl FnOnce() -> Found + Send + 'static) {
        self.finding.awaited += 1;
        self.regions.run(move || Some(look()));
    }

    /// Nobody waits any more for what is being looked for; whether there was such a thing. What comes next is looked for by another thread, at once.
    pub(super) fn forsake_found(&mut self) -> bool {
        if !self.is_awaiting() {
            return false;
        }
        match regions(&self.waker) {
            Ok(fresh) => (self.regions, self.finding.awaited) = (fresh, 0),
            Err(error) => self.warn(format!(
                "This cannot be cancelled: the system could not start another thread ({error})."
            )),
        }
        true
    }

    /// Takes in what was found. In mid-stroke it waits: the stroke's layer is to be undone by itself. What nobody waits for comes after what waits.
    pub(super) fn receive_regions(&mut self) {
        if self.is_drawing() || self.is_setting_down() {
            return;
        }
        let awaited: Vec<Found> = self.regions.answers().collect();
        for found in awaited {
            self.finding.awaited = self.finding.awaited.saturating_sub(1);
            self.use_found(found);
        }
        if self.toolbox.is_active() || !self.is_settled() {
            return;
        }
        let others: Vec<Found> = self.arrivals.answers().collect();
        for found in others {
            self.finding.others = self.finding.others.saturating_sub(1);
            self.use_found(found);
        }
    }

    fn use_found(&mut self, found: Found) {
        let opened = match &found {
            Found::Region { opened, .. }
            | Found::Nothing { opened, .. }
            | Found::Carried { opened, .. }
            | Found::Flats { opened, .. }
            | Found::Painted { opened, .. }
            | Found::Copied { opened, .. }
            | Found::Lines { opened, .. }
            | Found::Merged { opened, .. }
            | Found::Resized { opened, .. }
            | Found::Imported { opened, .. }
            | Found::Mask { opened, .. } => *opened,
            Found::Failed(_) => self.opened,
        };
        if opened != self.opened || canvas_of(&found).is_some_and(|size| !self.fits_canvas(size)) {
            return;
        }
        match found {
            Found::Nothing { words, .. } => self.notice = Some(Notice::info(words)),
            Found::Region {
                layer,
                region,
                then: Then::Fill(paint),
                ..
            } => self.lay_paint("Fill", layer, &region, paint, false),
            Found::Region {
                side,
                region,
                then: Then::Select(how),
                ..
            } => self.edit("Select", |document| document.select(side, &region, how)),
            Found::Carried {
                layer,
                region,
                paint,
                state,
                ..
            } => self.lay_carried(layer, &region, paint, state),
            Found::Flats { take, layers, flats, .. } => self.place_flats(take, layers, flats),
            Found::Painted { side, region, .. } => self.select_region(side, region),
            Found::Copied { source, pixels, .. } => self.place_copied(source, pixels),
            Found::Lines { state, layer, lines, .. } => self.place_lines(state, layer, lines),
            Found::Merged { state, what, merged, .. } => self.place_merged(state, what, merged),
            Found::Resized { state, how, resized, .. } => self.place_resized(state, how, resized),
            Found::Imported { layers, troubles, .. } => self.place_imported(layers, troubles),
            Found::Mask { layer, role, mask, .. } => self.place_mask(layer, role, mask),
            Found::Failed(words) => self.warn(words),
        }
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
        if !self.may_change(target) {
            return None;
        }
        let layer = self.document.as_ref()?.layer(target)?;
        self.masks_shown |= layer.role.is_mask();
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
