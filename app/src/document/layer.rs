//! A layer: pixels with a role, and how they are shown.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::blend::Blend;
use super::rect::Rect;
use super::tile::TileGrid;

/// Names a layer for as long as the program runs; never given twice, not even after an undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(u64);

impl LayerId {
    pub(super) fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a layer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// The line art, lying over the colour as Multiply.
    Sketch,
    /// A colour result.
    Take,
    /// White is figure; as large as the sketch.
    SketchMask,
    /// The picture that colours come from.
    Reference,
    /// White is figure; as large as the reference.
    ReferenceMask,
    /// A second reference, for the background alone.
    Background,
    /// Dabs of colour that parts of the drawing shall have; shown over the canvas, and no part of the picture.
    Hints,
    /// Anything else: painted here, or as it came from another program.
    Paint,
}

impl Role {
    pub fn is_mask(self) -> bool {
        matches!(self, Self::SketchMask | Self::ReferenceMask)
    }

    /// Whether it says something about the picture and is no part of it.
    pub fn is_remark(self) -> bool {
        self.is_mask() || self == Self::Hints
    }

    /// Whether it may go into another layer: all others the program needs by their role.
    pub fn is_mergeable(self) -> bool {
        self == Self::Paint
    }

    /// Whether it lies beside the canvas, on a sheet of its own.
    pub fn is_aside(self) -> bool {
        matches!(self, Self::Reference | Self::ReferenceMask | Self::Background)
    }
}

/// A layer's pixels, `[width, height]` of its sheet.
#[derive(Clone)]
pub enum Pixels {
    /// Straight (not premultiplied) RGBA in sRGB.
    Raster(TileGrid<[u8; 4]>),
    /// 0 is background, 255 is figure.
    Mask(TileGrid<u8>),
    /// No pixels of its own: the layers whose `parent` it is. `[width, height]` of its sheet.
    Group([u32; 2]),
}

impl Pixels {
    pub fn size(&self) -> [u32; 2] {
        match self {
            Self::Raster(grid) => grid.size(),
            Self::Mask(grid) => grid.size(),
            Self::Group(size) => *size,
        }
    }

    /// See [`TileGrid::bounds`].
    pub fn bounds(&self) -> Rect {
        match self {
            Self::Raster(grid) => grid.bounds(),
            Self::Mask(grid) => grid.bounds(),
            Self::Group(_) => Rect::EMPTY,
        }
    }

    /// Pixels of the same size and kind where nothing was painted.
    pub fn blank(&self) -> Self {
        match self {
            Self::Raster(grid) => Self::Raster(TileGrid::new(grid.size())),
            Self::Mask(grid) => Self::Mask(TileGrid::new(grid.size())),
            Self::Group(size) => Self::Group(*size),
        }
    }
}

#[derive(Clone)]
pub struct Layer {
    pub id: LayerId,
    pub name: String,
    pub role: Role,
    /// The group that it lies in.
    pub parent: Option<LayerId>,
    pub visible: bool,
    /// Nothing of it can be changed.
    pub locked: bool,
    /// Paint changes its colour and never its coverage.
    pub alpha_locked: bool,
    /// Shows only where the nearest layer below it that is not clipped does.
    pub clip: bool,
    /// Of a group: its layers are not listed.
    pub folded: bool,
    /// 0..=1.
    pub opacity: f32,
    pub blend: Blend,
    pub pixels: Pixels,
    /// Of a take: what made it, as text that the document does not read.
    pub recipe: Option<String>,
    /// Of a take: a person has picked it.
    pub picked: bool,
    /// Of the sketch: it was hidden with all that showed of it, to look at the colour, and its lines go on counting.
    pub(super) set_aside: bool,
    /// Names and values that another program keeps with it in a file; they go back there.
    pub(super) foreign: Vec<(String, String)>,
    /// The stamp of the pixels that they came with.
    pub(super) foreign_stamp: u64,
}

impl Layer {
    /// A visible, opaque layer; a sketch multiplies.
    pub fn new(role: Role, name: &str, pixels: Pixels) -> Self {
        Self {
            id: LayerId::fresh(),
            name: name.to_owned(),
            role,
            parent: None,
            visible: true,
            locked: false,
            alpha_locked: false,
            clip: false,
            folded: false,
            opacity: 1.0,
            blend: if role == Role::Sketch {
                Blend::Multiply
            } else {
                Blend::Normal
            },
            pixels,
            recipe: None,
            picked: false,
            set_aside: false,
            foreign: Vec::new(),
            foreign_stamp: 0,
        }
    }

    pub fn raster(&self) -> Option<&TileGrid<[u8; 4]>> {
        match &self.pixels {
            Pixels::Raster(grid) => Some(grid),
            Pixels::Mask(_) | Pixels::Group(_) => None,
        }
    }

    pub fn mask(&self) -> Option<&TileGrid<u8>> {
        match &self.pixels {
            Pixels::Mask(grid) => Some(grid),
            Pixels::Raster(_) | Pixels::Group(_) => None,
        }
    }

    pub fn is_group(&self) -> bool {
        matches!(self.pixels, Pixels::Group(_))
    }

    pub fn size(&self) -> [u32; 2] {
        self.pixels.size()
    }

    /// See [`TileGrid::bounds`].
    pub fn bounds(&self) -> Rect {
        self.pixels.bounds()
    }

    /// Bytes of its tiles in memory.
    pub fn bytes(&self) -> usize {
        match &self.pixels {
            Pixels::Raster(grid) => grid.bytes(),
            Pixels::Mask(grid) => grid.bytes(),
            Pixels::Group(_) => 0,
        }
    }

    /// Bytes held here and not by `other`, an earlier or later state of the same layer.
    pub fn bytes_beyond(&self, other: Option<&Self>) -> usize {
        match &self.pixels {
            Pixels::Raster(grid) => grid.bytes_beyond(other.and_then(Self::raster)),
            Pixels::Mask(grid) => grid.bytes_beyond(other.and_then(Self::mask)),
            Pixels::Group(_) => 0,
        }
    }

    /// Names the pixels: equal stamps are equal pixels. A group has the stamp of nothing.
    pub fn stamp(&self) -> u64 {
        match &self.pixels {
            Pixels::Raster(grid) => grid.stamp(),
            Pixels::Mask(grid) => grid.stamp(),
            Pixels::Group(_) => 0,
        }
    }

    /// A copy with a name of its own, in history and on the canvas.
    pub(super) fn duplicate(&self) -> Self {
        Self {
            id: LayerId::fresh(),
            ..self.clone()
        }
    }
}
