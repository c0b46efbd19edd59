//! A sheet: one size, and layers from the bottom up. A document has up to three.

use std::sync::Arc;

use super::layer::{Layer, LayerId, Role};
use super::tile::TileGrid;

/// Layers of one size. Cloning shares them all.
#[derive(Clone)]
pub struct Sheet {
    size: [u32; 2],
    layers: Vec<Arc<Layer>>,
    /// What tools may change, 0..=255; none: all. It is kept in no file.
    pub(super) selection: Option<TileGrid<u8>>,
    /// What was selected before nothing was.
    pub(super) deselected: Option<TileGrid<u8>>,
}

impl Sheet {
    /// A sheet of `size` `[width, height]` without layers.
    pub(super) fn new(size: [u32; 2]) -> Self {
        Self {
            size,
            layers: Vec::new(),
            selection: None,
            deselected: None,
        }
    }

    pub fn selection(&self) -> Option<&TileGrid<u8>> {
        self.selection.as_ref()
    }

    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// From the bottom up.
    pub fn layers(&self) -> impl DoubleEndedIterator<Item = &Layer> + ExactSizeIterator {
        self.layers.iter().map(Arc::as_ref)
    }

    pub fn layer(&self, id: LayerId) -> Option<&Layer> {
        self.layers().find(|layer| layer.id == id)
    }

    /// The layer for writing, unshared first if a history entry holds it too.
    pub fn layer_mut(&mut self, id: LayerId) -> Option<&mut Layer> {
        self.layers.iter_mut().find(|layer| layer.id == id).map(Arc::make_mut)
    }

    /// The topmost visible layer of `role`, or else the topmost one.
    pub fn by_role(&self, role: Role) -> Option<&Layer> {
        let of_role = || self.layers().rev().filter(|layer| layer.role == role);
        of_role().find(|layer| layer.visible).or_else(|| of_role().next())
    }

    /// The sheet with nothing showing but the layers that `keep` keeps; groups stay as they are.
    pub fn showing(&self, keep: impl Fn(&Layer) -> bool) -> Self {
        let mut sheet = self.clone();
        for layer in sheet.layers.iter_mut().filter(|layer| !layer.is_group() && !keep(layer)) {
            Arc::make_mut(layer).visible = false;
        }
        sheet
    }

    pub(super) fn shared(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    pub(super) fn list_mut(&mut self) -> &mut Vec<Arc<Layer>> {
        &mut self.layers
    }

    pub(super) fn push(&mut self, layer: Layer) {
        debug_assert_eq!(layer.size(), self.size);
        self.layers.push(Arc::new(layer));
    }

    /// The lowest layer of one of `roles`, or the outermost group that holds it.
    pub fn lowest_of(&self, roles: &[Role]) -> Option<LayerId> {
        let lowest = self.layers().find(|layer| roles.contains(&layer.role))?;
        Some(self.groups_of(lowest.id).last().unwrap_or(lowest).id)
    }
}
