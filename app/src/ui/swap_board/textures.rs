//! The board's pictures as the window draws them. What was not drawn for a while goes.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Color32, ColorImage, TextureFilter, TextureHandle, TextureOptions, Ui};
use image::{Rgb, RgbImage};
use picture::shrunk;

/// Frames that a picture is kept without being drawn.
const LIFE: u64 = 240;
/// Bytes of pictures that are kept without being drawn.
const ROOM: usize = 256 << 20;
/// Bytes after which a frame brings no more pictures to the GPU: eight of a cell's size. One that is larger than all of that comes in a frame, too.
const UPLOADS: usize = 8 << 20;

/// Longest side of a thumbnail, in pixels.
const THUMBNAIL: u32 = crate::board::shelf::SMALL;

/// What is made of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Plain,
    /// Its pixels are squares, however large it is shown.
    Pixels,
    /// Small, for the edges of the board: made smaller by the GPU alone, lines would break up.
    Thumbnail,
    /// Its dark lines alone, to be laid over colour.
    Ink,
}

struct Known {
    /// While it is held, no other picture has its address.
    _picture: Arc<RgbImage>,
    texture: TextureHandle,
    bytes: usize,
    used: u64,
}

#[derive(Default)]
pub struct Textures {
    known: HashMap<(usize, Form), Known>,
    frame: u64,
    /// Bytes that this frame has brought to the GPU.
    uploads: usize,
}

impl Textures {
    /// A new frame.
    pub fn begin(&mut self) {
        self.frame += 1;
        self.uploads = 0;
        self.known.retain(|_, known| known.used + LIFE > self.frame);
        self.shrink(ROOM);
    }

    /// Of what was not drawn in the last frame, lets go of the oldest until the rest fits.
    fn shrink(&mut self, room: usize) {
        let idle = self.known.iter().filter(|(_, known)| known.used + 1 < self.frame);
        let mut idle: Vec<_> = idle.map(|(key, known)| (known.used, known.bytes, *key)).collect();
        let mut bytes: usize = idle.iter().map(|(_, bytes, _)| bytes).sum();
        if bytes <= room {
            return;
        }
        idle.sort_unstable_by_key(|(used, ..)| *used);
        for (_, own, key) in idle {
            if bytes <= room {
                break;
            }
            self.known.remove(&key);
            bytes -= own;
        }
    }

    /// None while too many others come in the same frame; another frame follows.
    pub fn picture(&mut self, ui: &Ui, picture: &Arc<RgbImage>) -> Option<TextureHandle> {
        self.get(ui, picture, Form::Plain, || ColorImage::from_rgb(size(picture), picture))
    }

    /// As [`Self::picture`], to be shown larger than it is.
    pub fn pixels(&mut self, ui: &Ui, picture: &Arc<RgbImage>) -> Option<TextureHandle> {
        self.get(ui, picture, Form::Pixels, || ColorImage::from_rgb(size(picture), picture))
    }

    /// As [`Self::picture`], no larger than [`THUMBNAIL`].
    pub fn thumbnail(&mut self, ui: &Ui, picture: &Arc<RgbImage>) -> Option<TextureHandle> {
        if picture.width().max(picture.height()) <= THUMBNAIL {
            return self.picture(ui, picture);
        }
        self.get(ui, picture, Form::Thumbnail, || {
            let small = shrunk(&**picture, THUMBNAIL);
            ColorImage::from_rgb(size(&small), &small)
        })
    }

    /// A sketch's lines, dark on nothing: over colour they look as Multiply does.
    pub fn ink(&mut self, ui: &Ui, sketch: &Arc<RgbImage>) -> Option<TextureHandle> {
        self.get(ui, sketch, Form::Ink, || {
            let ink = |Rgb([r, g, b]): &Rgb<u8>| Color32::from_black_alpha(255 - (*r).min(*g).min(*b));
            ColorImage::new(size(sketch), sketch.pixels().map(ink).collect())
        })
    }

    fn get(&mut self, ui: &Ui, picture: &Arc<RgbImage>, form: Form, make: impl FnOnce() -> ColorImage) -> Option<TextureHandle> {
        let key = (Arc::as_ptr(picture) as usize, form);
        if let Some(known) = self.known.get_mut(&key) {
            known.used = self.frame;
            return Some(known.texture.clone());
        }
        if self.uploads >= UPLOADS {
            ui.ctx().request_repaint();
            return None;
        }
        let image = make();
        let bytes = image.pixels.len() * size_of::<Color32>();
        self.uploads += bytes;
        let options = TextureOptions {
            magnification: match form {
                Form::Pixels => TextureFilter::Nearest,
                _ => TextureFilter::Linear,
            },
            ..TextureOptions::LINEAR
        };
        let texture = ui.ctx().load_texture("board", image, options);
        self.known.insert(
            key,
            Known {
                _picture: picture.clone(),
                texture: texture.clone(),
                bytes,
                used: self.frame,
            },
        );
        Some(texture)
    }
}

fn size(picture: &RgbImage) -> [usize; 2] {
    [picture.width() as usize, picture.height() as usize]
}
