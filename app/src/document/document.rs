//! The document: a canvas with sketch, takes and sketch mask, and a reference side.

use std::any::Any;
use std::sync::Arc;

use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage, RgbaImage};

use super::arrange::Place;
use super::error::DocumentError;
use super::layer::{Layer, LayerId, Pixels, Role};
use super::sheet::Sheet;
use super::tile::{MAX_SIDE, TileGrid};

/// How opaque hints show at first.
const HINTS_OPACITY: f32 = 0.6;

/// Which sheet of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Takes, the sketch over them as Multiply, the sketch mask on top.
    Canvas,
    /// The reference picture and its mask.
    Reference,
    /// The second reference, for the background alone.
    Background,
}

impl Side {
    pub const ALL: [Self; 3] = [Self::Canvas, Self::Reference, Self::Background];
}

/// An entry of an opened file that we do not know and give back on saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignEntry {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What is worked on. Cloning shares all pixels.
#[derive(Clone)]
pub struct Document {
    canvas: Sheet,
    reference: Option<Sheet>,
    background: Option<Sheet>,
    /// Settings of the next generation, as text that the document does not read.
    pub settings: Option<String>,
    /// What is undone with the document and is no part of it; in no file, and not read here.
    pub beside: Option<Arc<dyn Any + Send + Sync>>,
    pub(super) foreign: Arc<Vec<ForeignEntry>>,
    /// Names and values that another program keeps with the whole picture.
    pub(super) foreign_attributes: Arc<Vec<(String, String)>>,
}

impl Document {
    /// A canvas of `size` `[width, height]` without layers; 1..=[`MAX_SIDE`] a side.
    pub fn new(size: [u32; 2]) -> Result<Self, DocumentError> {
        check_size(size)?;
        Ok(Self {
            canvas: Sheet::new(size),
            reference: None,
            background: None,
            settings: None,
            beside: None,
            foreign: Arc::default(),
            foreign_attributes: Arc::default(),
        })
    }

    /// `picture` as the sketch, with a sketch mask that is all background.
    pub fn from_sketch(picture: &RgbaImage) -> Result<Self, DocumentError> {
        let mut document = Self::new(picture.dimensions().into())?;
        let pixels = Pixels::Raster(TileGrid::from_picture(picture));
        document.canvas.push(Layer::new(Role::Sketch, "Sketch", pixels));
        document.ensure_sketch_mask();
        Ok(document)
    }

    /// White paper of `size` `[width, height]` as the sketch, with a sketch mask that is all background.
    pub fn blank(size: [u32; 2]) -> Result<Self, DocumentError> {
        let mut document = Self::new(size)?;
        let pixels = Pixels::Raster(TileGrid::filled(size, [255; 4]));
        document.canvas.push(Layer::new(Role::Sketch, "Sketch", pixels));
        document.ensure_sketch_mask();
        Ok(document)
    }

    pub fn canvas(&self) -> &Sheet {
        &self.canvas
    }

    pub fn canvas_mut(&mut self) -> &mut Sheet {
        &mut self.canvas
    }

    pub fn sheet(&self, side: Side) -> Option<&Sheet> {
        match side {
            Side::Canvas => Some(&self.canvas),
            Side::Reference => self.reference.as_ref(),
            Side::Background => self.background.as_ref(),
        }
    }

    pub(super) fn sheet_mut(&mut self, side: Side) -> Option<&mut Sheet> {
        match side {
            Side::Canvas => Some(&mut self.canvas),
            Side::Reference => self.reference.as_mut(),
            Side::Background => self.background.as_mut(),
        }
    }

    fn sheets_mut(&mut self) -> impl Iterator<Item = &mut Sheet> {
        [Some(&mut self.canvas), self.reference.as_mut(), self.background.as_mut()]
            .into_iter()
            .flatten()
    }

    pub fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        Side::ALL.into_iter().filter_map(|side| self.sheet(side))
    }

    pub fn layer(&self, id: LayerId) -> Option<&Layer> {
        self.sheets().find_map(|sheet| sheet.layer(id))
    }

    /// The layer for writing. Keep a clone of the document for [`super::History::record`] first.
    pub fn layer_mut(&mut self, id: LayerId) -> Option<&mut Layer> {
        self.sheets_mut().find_map(|sheet| sheet.layer_mut(id))
    }

    /// The topmost visible layer of `role`, or else the topmost one, wherever it lies.
    pub fn by_role(&self, role: Role) -> Option<&Layer> {
        self.sheets().find_map(|sheet| sheet.by_role(role))
    }

    /// Takes `picture` as the reference, with a mask that is all background; none takes the reference away.
    pub fn set_reference(&mut self, picture: Option<&RgbaImage>) -> Result<(), DocumentError> {
        let Some(picture) = picture else {
            self.reference = None;
            return Ok(());
        };
        let mut sheet = sheet_of(Role::Reference, "Reference", picture)?;
        let mask = Pixels::Mask(TileGrid::new(sheet.size()));
        sheet.push(Layer::new(Role::ReferenceMask, "Reference mask", mask));
        self.reference = Some(sheet);
        Ok(())
    }

    /// Takes `picture` as the background reference; none takes it away.
    pub fn set_background(&mut self, picture: Option<&RgbaImage>) -> Result<(), DocumentError> {
        let Some(picture) = picture else {
            self.background = None;
            return Ok(());
        };
        self.background = Some(sheet_of(Role::Background, "Background reference", picture)?);
        Ok(())
    }

    /// Replaces the mask of `role`, stretching `picture` to its size; whether there is such a mask.
    pub fn set_mask(&mut self, role: Role, picture: &GrayImage) -> bool {
        let Some(id) = self
            .by_role(role)
            .filter(|layer| layer.mask().is_some())
            .map(|layer| layer.id)
        else {
            return false;
        };
        let Some(layer) = self.layer_mut(id) else { return false };
        layer.pixels = Pixels::Mask(TileGrid::mask_from(picture, layer.size()));
        true
    }

    /// Lays a colour result under the sketch, stretched to the canvas, and hides the takes before it, which stay as they are.
    pub fn place_take(&mut self, picture: &RgbImage, recipe: String) -> LayerId {
        let [width, height] = self.canvas.size();
        let fitted = match picture.dimensions() == (width, height) {
            true => picture.clone(),
            false => imageops::resize(picture, width, height, FilterType::CatmullRom),
        };
        self.lay_take(TileGrid::from_opaque(&fitted), recipe)
    }

    /// As [`Self::place_take`], of pixels that have the canvas's size.
    pub fn lay_take(&mut self, pixels: TileGrid<[u8; 4]>, recipe: String) -> LayerId {
        let id = self.insert_take(pixels, recipe);
        self.show_take(Some(id));
        id
    }

    /// The document with `pixels`, which have the canvas's size, where a take would lie that came now, and the layer that they are on. The takes before it show
    /// as they do.
    pub fn expecting(&self, pixels: TileGrid<[u8; 4]>) -> (Self, LayerId) {
        let mut document = self.clone();
        let take = document.insert_take(pixels, String::new());
        (document, take)
    }

    fn insert_take(&mut self, pixels: TileGrid<[u8; 4]>, recipe: String) -> LayerId {
        debug_assert_eq!(pixels.size(), self.canvas.size());
        let mut take = Layer::new(Role::Take, &format!("Take {}", self.last_take() + 1), Pixels::Raster(pixels));
        take.recipe = Some(recipe);
        let id = take.id;
        // Over the takes before it, so that what was painted over those lies over this one too.
        let last = self.canvas.layers().rev().find(|layer| layer.role == Role::Take);
        // The lines are looked for without a take alone: every frame of a preview asks for this place.
        let place = last.map(|last| Place::Above(last.id)).or_else(|| {
            let lines = self.canvas.lines_over_color().last().copied();
            let lines = lines.or_else(|| self.canvas.lowest_of(&[Role::SketchMask]));
            lines.map(Place::Below)
        });
        match place {
            Some(place) => {
                self.canvas.insert(take, place);
            }
            None => self.canvas.push(take),
        }
        id
    }

    /// The highest number among the takes' names.
    fn last_take(&self) -> u32 {
        let takes = self.canvas.layers().filter(|layer| layer.role == Role::Take);
        takes
            .filter_map(|take| take.name.strip_prefix("Take ")?.parse().ok())
            .max()
            .unwrap_or(0)
    }

    /// Shows one take, or none, and hides the others.
    pub fn show_take(&mut self, shown: Option<LayerId>) {
        let takes: Vec<_> = self
            .canvas
            .layers()
            .filter(|layer| layer.role == Role::Take)
            .map(|layer| (layer.id, layer.visible))
            .collect();
        for (id, visible) in takes {
            if visible != (Some(id) == shown)
                && let Some(layer) = self.canvas.layer_mut(id)
            {
                layer.visible = !visible;
            }
        }
    }

    /// A layer for colour hints on top of the canvas, below the sketch mask: `picture`, stretched to the canvas, or blank.
    pub fn add_hints(&mut self, picture: Option<&RgbaImage>) -> LayerId {
        let [width, height] = self.canvas.size();
        let grid = match picture {
            Some(picture) if picture.dimensions() == (width, height) => TileGrid::from_picture(picture),
            Some(picture) => TileGrid::from_picture(&imageops::resize(picture, width, height, FilterType::Nearest)),
            None => TileGrid::new([width, height]),
        };
        let mut hints = Layer::new(Role::Hints, &self.canvas.free_name("Hints"), Pixels::Raster(grid));
        // The colour below is to be seen as well.
        hints.opacity = HINTS_OPACITY;
        let id = hints.id;
        let top = self.canvas.children(None).next_back().map(|layer| layer.id);
        match top {
            Some(top) => {
                self.canvas.insert(hints, Place::Above(top));
            }
            None => self.canvas.push(hints),
        }
        id
    }

    /// Gives the canvas a sketch mask where it has none.
    pub(super) fn ensure_sketch_mask(&mut self) {
        if self.canvas.by_role(Role::SketchMask).is_none() {
            let mask = Layer::new(
                Role::SketchMask,
                "Sketch mask",
                Pixels::Mask(TileGrid::new(self.canvas.size())),
            );
            self.canvas.push(mask);
        }
    }

    /// Lays a layer from a file on top of its sheet, which a layer of the reference side brings with it.
    pub(super) fn add(&mut self, layer: Layer) {
        let sheet = match layer.role {
            Role::Reference | Role::ReferenceMask => self.reference.get_or_insert_with(|| Sheet::new(layer.size())),
            Role::Background => self.background.get_or_insert_with(|| Sheet::new(layer.size())),
            _ => &mut self.canvas,
        };
        sheet.push(layer);
    }
}

/// A sheet of the size of `picture`, which alone lies on it, as a layer of `role`.
fn sheet_of(role: Role, name: &str, picture: &RgbaImage) -> Result<Sheet, DocumentError> {
    let size = picture.dimensions().into();
    check_size(size)?;
    let mut sheet = Sheet::new(size);
    sheet.push(Layer::new(role, name, Pixels::Raster(TileGrid::from_picture(picture))));
    Ok(sheet)
}

pub(super) fn check_size(size: [u32; 2]) -> Result<(), DocumentError> {
    match size.iter().all(|side| (1..=MAX_SIDE).contains(side)) {
        true => Ok(()),
        false => Err(DocumentError::Size {
            width: size[0],
            height: size[1],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, Rgba};

    fn drawing() -> Document {
        Document::from_sketch(&RgbaImage::from_pixel(40, 30, Rgba([255; 4]))).unwrap()
    }

    fn names(document: &Document) -> Vec<(&str, bool)> {
        document
            .canvas()
            .layers()
            .map(|layer| (layer.name.as_str(), layer.visible))
            .collect()
    }

    #[test]
    fn takes_lie_under_the_sketch_and_only_the_newest_shows() {
        let mut document = drawing();
        document.place_take(&RgbImage::from_pixel(20, 15, Rgb([200, 0, 0])), "(seed: 1)".into());
        let second = document.place_take(&RgbImage::from_pixel(40, 30, Rgb([0, 200, 0])), "(seed: 2)".into());
        assert_eq!(
            names(&document),
            [("Take 1", false), ("Take 2", true), ("Sketch", true), ("Sketch mask", true)]
        );
        assert_eq!(document.by_role(Role::Take).map(|take| take.id), Some(second));
        document.show_take(None);
        assert_eq!(names(&document)[1], ("Take 2", false));
    }

    #[test]
    fn a_take_is_expected_where_it_will_lie() {
        let mut document = drawing();
        let first = document.place_take(&RgbImage::from_pixel(40, 30, Rgb([200, 0, 0])), String::new());
        let paint = Layer::new(Role::Paint, "Paint", Pixels::Raster(TileGrid::new([40, 30])));
        document.canvas_mut().insert(paint, Place::Above(first));
        let (expecting, take) = document.expecting(TileGrid::new([40, 30]));
        let order = ["Take 1", "Take 2", "Paint", "Sketch", "Sketch mask"];
        assert_eq!(names(&expecting), order.map(|name| (name, true)));
        assert_eq!(expecting.layer(take).map(|layer| layer.name.as_str()), Some("Take 2"));
        document.lay_take(TileGrid::new([40, 30]), String::new());
        let laid: Vec<_> = names(&document).into_iter().map(|(name, _)| name).collect();
        assert_eq!(laid, order);
    }

    #[test]
    fn a_new_reference_brings_a_mask_of_its_size() {
        let mut document = drawing();
        document.set_reference(Some(&RgbaImage::new(7, 9))).unwrap();
        assert_eq!(document.by_role(Role::ReferenceMask).map(Layer::size), Some([7, 9]));
        document.set_reference(None).unwrap();
        assert!(document.sheet(Side::Reference).is_none());
    }

    #[test]
    fn sizes_outside_the_limits_are_refused() {
        assert!(Document::new([16384, 1]).is_ok());
        assert!(matches!(
            Document::new([16385, 1]),
            Err(DocumentError::Size { width: 16385, height: 1 })
        ));
        assert!(matches!(Document::new([5, 0]), Err(DocumentError::Size { .. })));
    }

    #[test]
    fn masks_are_replaced_only_where_there_is_one() {
        let mut document = drawing();
        assert!(document.set_mask(Role::SketchMask, &GrayImage::from_pixel(4, 3, image::Luma([255]))));
        assert_eq!(
            document
                .by_role(Role::SketchMask)
                .and_then(Layer::mask)
                .map(|mask| mask.pixel(39, 29)),
            Some(255)
        );
        assert!(!document.set_mask(Role::ReferenceMask, &GrayImage::new(4, 3)));
        assert!(!document.set_mask(Role::Sketch, &GrayImage::new(4, 3)));
    }
}
