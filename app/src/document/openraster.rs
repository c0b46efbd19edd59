//! OpenRaster, the one file format: PNG layers that Krita and GIMP read, and what is ours in `shiage/document.ron` beside them.
//!
//! | entry | content |
//! |---|---|
//! | `mimetype` | `image/openraster`, first and stored |
//! | `stack.xml` | the layers from the top down; masks and the reference side hidden, the sketch as `svg:multiply` |
//! | `data/shiage-NNN.png` | one layer each, cut to its painted tiles; masks in gray |
//! | `mergedimage.png`, `Thumbnails/thumbnail.png` | the flattened canvas, and it again within 256 x 256 |
//! | `shiage/document.ron` | roles, recipes, settings, what is visible with us |
//!
//! Entries, attributes and blend modes that we do not know are kept. A file of another program has no roles: a layer gets the role that its name is the name of (`Sketch mask`,
//! `Reference`, `Reference mask`, `Background reference`, `Take 1`); the sketch is every layer that is called as line art is, or lies in a group that is, or
//! else the topmost visible one; all other layers and groups come along as they are.

mod ahead;
mod building;
mod clipping;
mod read;
mod stack;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::layer::Role;

pub use read::{Opened, mark_of, open};
pub(super) use read::{open_own, read};
pub(super) use write::outline;
pub use write::{save, save_marked};

const MIMETYPE: &str = "image/openraster";
const STACK: &str = "stack.xml";
const MERGED: &str = "mergedimage.png";
const THUMBNAIL: &str = "Thumbnails/thumbnail.png";
const OURS: &str = "shiage/document.ron";
/// The attribute of a layer's blend mode; among a layer's foreign ones it holds one that we have not.
const OPERATOR: &str = "composite-op";
/// Our mark on a group whose layers are not listed.
const FOLDED: &str = "folded";

/// Version of `shiage/document.ron`; a program reads all versions up to its own.
const VERSION: u32 = 1;

/// What OpenRaster has no place for.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct Ours {
    version: u32,
    settings: Option<String>,
    /// `[width, height]` of the reference side's sheets.
    reference: Option<[u32; 2]>,
    background: Option<[u32; 2]>,
    /// By the layer's `src` in the stack.
    layers: BTreeMap<String, OurLayer>,
}

impl Default for Ours {
    fn default() -> Self {
        Self {
            version: VERSION,
            settings: None,
            reference: None,
            background: None,
            layers: BTreeMap::new(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct OurLayer {
    role: Role,
    /// Whether it shows with us: other programs hide masks and the reference side.
    visible: bool,
    #[serde(default)]
    alpha_locked: bool,
    #[serde(default)]
    recipe: Option<String>,
    #[serde(default)]
    picked: bool,
    #[serde(default)]
    set_aside: bool,
}

/// Whether other programs should show a layer of this role.
fn shows_elsewhere(role: Role) -> bool {
    matches!(role, Role::Sketch | Role::Take | Role::Paint)
}
