//! Layers flattened on the CPU: for export, thumbnails and tests. The canvas shader does the same on the GPU.

use image::{Rgb, RgbImage, RgbaImage};

use super::blend::{Blend, compose};
use super::document::Document;
use super::layer::{Layer, LayerId, Role};
use super::rect::Rect;
use super::sheet::Sheet;

/// How a layer, or a group as a whole, is laid on what lies below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laid {
    pub blend: Blend,
    /// 0..=1.
    pub opacity: f32,
    /// Only where something lies below.
    pub clip: bool,
}

/// The layers of a sheet in the order in which they are laid.
#[derive(Clone, Copy)]
pub enum Step<'a> {
    /// What follows, which belongs to this group or is clipped to this layer, is laid on nothing, until the pop that belongs to it.
    Push(LayerId),
    Lay(&'a Layer, Laid),
    /// What was laid since the push is laid on what lay there before it.
    Pop(Laid),
}

impl Laid {
    fn plain(layer: &Layer) -> Self {
        Self {
            blend: layer.blend,
            opacity: layer.opacity,
            clip: false,
        }
    }
}

impl Document {
    /// The canvas as a person sees it, without mask tints: `area` of the visible layers, straight RGBA.
    pub fn composite(&self, area: Rect) -> RgbaImage {
        self.canvas().composite(area)
    }
}

impl Sheet {
    /// What is visible, from the bottom up. A layer and those that are clipped to it are laid like a group. Masks and hints do not show.
    pub fn steps(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        self.steps_in(None, &mut steps);
        steps
    }

    fn steps_in<'a>(&'a self, parent: Option<LayerId>, steps: &mut Vec<Step<'a>>) {
        let mut children = self.children(parent).filter(|layer| !layer.role.is_remark()).peekable();
        while let Some(base) = children.next() {
            let mut clipped = Vec::new();
            while let Some(layer) = children.next_if(|layer| layer.clip) {
                clipped.extend(shows(layer).then_some(layer));
            }
            if !shows(base) {
                continue;
            }
            if clipped.is_empty() {
                self.steps_of(base, Laid::plain(base), steps);
                continue;
            }
            steps.push(Step::Push(base.id));
            let whole = Laid {
                blend: Blend::Normal,
                opacity: 1.0,
                clip: false,
            };
            self.steps_of(base, whole, steps);
            for layer in clipped {
                let laid = Laid {
                    clip: true,
                    ..Laid::plain(layer)
                };
                self.steps_of(layer, laid, steps);
            }
            steps.push(Step::Pop(Laid::plain(base)));
        }
    }

    fn steps_of<'a>(&'a self, layer: &'a Layer, laid: Laid, steps: &mut Vec<Step<'a>>) {
        if layer.is_group() {
            steps.push(Step::Push(layer.id));
            self.steps_in(Some(layer.id), steps);
            steps.push(Step::Pop(laid));
        } else {
            steps.push(Step::Lay(layer, laid));
        }
    }

    /// `area` of the visible layers over nothing, straight RGBA.
    pub fn composite(&self, area: Rect) -> RgbaImage {
        flatten(&self.steps(), area)
    }

    /// The layers of colour hints that show, from the bottom up.
    pub fn hints(&self) -> impl Iterator<Item = &Layer> {
        self.layers()
            .filter(|layer| layer.role == Role::Hints && self.is_in_sight(layer))
    }

    /// All colour hints that show, each as sure as it was painted; none where nothing is painted.
    pub fn hint_picture(&self) -> Option<RgbaImage> {
        let whole = Laid {
            blend: Blend::Normal,
            opacity: 1.0,
            clip: false,
        };
        let painted = |layer: &&Layer| layer.raster().is_some_and(|grid| !grid.is_blank());
        let steps: Vec<_> = self.hints().filter(painted).map(|layer| Step::Lay(layer, whole)).collect();
        (!steps.is_empty()).then(|| flatten(&steps, Rect::of(self.size())))
    }

    /// `area` of one layer, or of what lies in a group, shown or not: its pixels as they are, without its own opacity and blend mode.
    pub fn picture_of(&self, id: LayerId, area: Rect) -> RgbaImage {
        flatten(&self.steps_within(id), area)
    }

    /// What is laid for [`Self::picture_of`].
    pub(super) fn steps_within(&self, id: LayerId) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        match self.layer(id) {
            Some(layer) if layer.is_group() => self.steps_in(Some(id), &mut steps),
            Some(layer) => {
                let laid = Laid {
                    blend: Blend::Normal,
                    opacity: 1.0,
                    clip: false,
                };
                steps.push(Step::Lay(layer, laid));
            }
            None => {}
        }
        steps
    }
}

fn shows(layer: &Layer) -> bool {
    layer.visible && layer.opacity > 0.0
}

/// The steps done on nothing: `area` of them, straight RGBA.
pub(super) fn flatten(steps: &[Step<'_>], area: Rect) -> RgbaImage {
    let blank = || RgbaImage::new(area.width(), area.height());
    let mut below = Vec::new();
    let mut picture = blank();
    for step in steps {
        match step {
            Step::Push(_) => below.push(std::mem::replace(&mut picture, blank())),
            Step::Lay(layer, laid) => lay(&mut picture, layer, *laid, area),
            Step::Pop(laid) => {
                let group = std::mem::replace(&mut picture, below.pop().unwrap_or_else(blank));
                for (to, from) in picture.pixels_mut().zip(group.pixels()) {
                    to.0 = compose(to.0, from.0, laid.opacity, laid.blend, laid.clip);
                }
            }
        }
    }
    picture
}

pub(super) fn lay(picture: &mut RgbaImage, layer: &Layer, laid: Laid, area: Rect) {
    let Some(grid) = layer.raster() else { return };
    let width = picture.width() as usize;
    let backdrop = picture.as_chunks_mut::<4>().0;
    for span in grid.spans(area) {
        let tile = grid.tile(span.column, span.row);
        if tile.is_none() && !laid.blend.reaches_outside() {
            continue;
        }
        for y in span.rect.top..span.rect.bottom {
            let start = (y - area.top) as usize * width + (span.rect.left - area.left) as usize;
            let row = &mut backdrop[start..start + span.rect.width() as usize];
            let source = tile.map(|tile| &tile.pixels()[span.range(y)]);
            for (x, below) in row.iter_mut().enumerate() {
                let above = source.map_or([0; 4], |source| source[x]);
                *below = compose(*below, above, laid.opacity, laid.blend, laid.clip);
            }
        }
    }
}

/// `picture` on white paper.
pub fn on_white(picture: &RgbaImage) -> RgbImage {
    let mut paper = RgbImage::new(picture.width(), picture.height());
    for (to, from) in paper.pixels_mut().zip(picture.pixels()) {
        let [r, g, b, _] = compose([255; 4], from.0, 1.0, Blend::Normal, false);
        *to = Rgb([r, g, b]);
    }
    paper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, Place, Role, TileGrid};
    use image::Rgba;

    #[test]
    fn the_sketch_multiplies_over_the_take_and_masks_do_not_show() {
        let mut sketch = RgbaImage::from_pixel(300, 2, Rgba([255; 4]));
        sketch.put_pixel(257, 1, Rgba([0, 0, 0, 255]));
        let mut document = Document::from_sketch(&sketch).unwrap();
        document.set_mask(Role::SketchMask, &image::GrayImage::from_pixel(300, 2, image::Luma([255])));
        document.place_take(&RgbImage::from_pixel(300, 2, Rgb([10, 200, 30])), String::new());
        let picture = document.composite(Rect::new(256, 1, 259, 2));
        assert_eq!(picture.into_raw(), [10, 200, 30, 255, 0, 0, 0, 255, 10, 200, 30, 255]);
    }

    #[test]
    fn white_paper_shows_where_a_picture_does_not() {
        let picture = RgbaImage::from_raw(2, 1, vec![9, 9, 9, 0, 0, 0, 0, 128]).unwrap();
        assert_eq!(on_white(&picture).into_raw(), [255, 255, 255, 127, 127, 127]);
    }

    /// Layers of two pixels, from the bottom up.
    fn sheet(layers: &[[[u8; 4]; 2]]) -> (Sheet, Vec<LayerId>) {
        let mut sheet = Sheet::new([2, 1]);
        for (number, pixels) in layers.iter().enumerate() {
            let grid = TileGrid::with_pixels([2, 1], [0, 0], 2, pixels);
            sheet.push(Layer::new(Role::Paint, &number.to_string(), Pixels::Raster(grid)));
        }
        let ids = sheet.layers().map(|layer| layer.id).collect();
        (sheet, ids)
    }

    fn seen(sheet: &Sheet) -> Vec<u8> {
        sheet.composite(Rect::of([2, 1])).into_raw()
    }

    const RED: [u8; 4] = [200, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 200, 255];
    const NOTHING: [u8; 4] = [0; 4];

    #[test]
    fn a_clipped_layer_stays_on_the_one_below() {
        let (mut sheet, ids) = sheet(&[[RED, NOTHING], [BLUE, BLUE], [[255; 4], [255; 4]]]);
        for id in &ids[1..] {
            sheet.layer_mut(*id).unwrap().clip = true;
        }
        sheet.layer_mut(ids[2]).unwrap().opacity = 0.5;
        assert_eq!(seen(&sheet), [128, 128, 228, 255, 0, 0, 0, 0]);
        sheet.layer_mut(ids[0]).unwrap().visible = false;
        assert_eq!(seen(&sheet), [0; 8], "with its base it is hidden");
    }

    #[test]
    fn a_group_is_laid_as_a_whole() {
        let (mut sheet, ids) = sheet(&[[RED, RED], [BLUE, NOTHING], [[255; 4], NOTHING]]);
        let group = sheet.group(ids[1]).unwrap();
        sheet.move_to(ids[2], Place::Into(group));
        sheet.layer_mut(group).unwrap().opacity = 0.5;
        assert_eq!(
            seen(&sheet),
            [228, 128, 128, 255, 200, 0, 0, 255],
            "blue does not shine through"
        );
        sheet.layer_mut(ids[2]).unwrap().blend = Blend::DstIn;
        sheet.layer_mut(ids[2]).unwrap().pixels = Pixels::Raster(TileGrid::new([2, 1]));
        assert_eq!(
            seen(&sheet),
            [200, 0, 0, 255, 200, 0, 0, 255],
            "an empty stencil leaves nothing"
        );
    }

    #[test]
    fn hints_are_no_part_of_the_picture_and_are_as_sure_as_painted_while_they_show() {
        let white = image::RgbaImage::from_pixel(300, 2, Rgba([255; 4]));
        let mut document = Document::from_sketch(&white).unwrap();
        assert!(document.canvas().hint_picture().is_none());
        let blank = document.add_hints(None);
        assert!(document.canvas().hint_picture().is_none(), "nothing is painted");
        let mut dab = image::RgbaImage::new(300, 2);
        dab.put_pixel(280, 1, Rgba([200, 30, 40, 255]));
        let id = document.add_hints(Some(&dab));
        assert_eq!(document.composite(Rect::of([300, 2])), white);
        assert_eq!(document.canvas().hint_picture(), Some(dab), "whatever its opacity");
        let top: Vec<_> = document.canvas().layers().map(|layer| layer.role).collect();
        assert_eq!(top, [Role::Sketch, Role::Hints, Role::Hints, Role::SketchMask]);
        document.layer_mut(id).unwrap().visible = false;
        assert!(document.canvas().hint_picture().is_none());
        assert!(document.canvas_mut().merge_down(id).is_err());
        assert!(document.canvas_mut().remove(blank));
    }
}
