//! Pictures of files as the window draws them, in bounded memory: what has not been looked at for longest goes first.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};

use egui::{Color32, ColorImage, Context, Painter, Rect, TextureFilter, TextureHandle, TextureOptions, Vec2, vec2};
use image::RgbImage;

use crate::files::Waker;
use crate::gallery::bitmap::Bitmap;
use crate::gallery::decoding::{Decoded, Decoder, Form, Wanted};
use crate::gallery::entry::{Entry, Stamp};

/// Thumbnails that are kept, counted as they were decoded, three bytes a pixel; on the GPU, where all that is kept of them is, they take a third more.
const THUMBNAIL_BYTES: usize = 96 << 20;
/// Whole pictures that are kept, counted once in memory; on the GPU, with their smaller sizes, they take three quarters more.
const WHOLE_BYTES: usize = 256 << 20;
/// Pictures that a frame takes in, each in its smallest size.
const TAKEN_IN: usize = 12;
/// Bytes of larger sizes that a frame brings to the GPU; one tile in any case.
const UPLOADED: usize = 16 << 20;

/// A decoded picture.
pub struct Picture {
    /// In pixels.
    pub size: Vec2,
    /// The largest first. One that is not whole yet does not show.
    levels: Vec<Level>,
    /// The pixels, for reading colours from; a thumbnail's are not kept.
    pub pixels: Option<Arc<RgbImage>>,
}

struct Level {
    width: f32,
    tiles: Vec<Tile>,
}

struct Tile {
    place: Rect,
    shown: Rect,
    texture: OnceLock<TextureHandle>,
}

/// A tile on its way to the GPU.
struct Coming {
    /// Nobody needs it once the picture has been let go.
    picture: Weak<Picture>,
    level: usize,
    tile: usize,
    image: Arc<ColorImage>,
}

impl Picture {
    fn new(bitmap: &Bitmap, pixels: Option<Arc<RgbImage>>) -> Self {
        let levels = bitmap.levels.iter().map(|level| Level {
            width: level.width as f32,
            tiles: (level.tiles.iter())
                .map(|tile| Tile {
                    place: tile.place,
                    shown: tile.shown,
                    texture: OnceLock::new(),
                })
                .collect(),
        });
        Self {
            size: vec2(bitmap.size[0] as f32, bitmap.size[1] as f32),
            levels: levels.collect(),
            pixels,
        }
    }

    /// Paints it over `place`, from the smallest size that has a pixel for each of the screen's: of larger ones thin lines would break up.
    pub fn paint(&self, painter: &Painter, place: Rect, tint: Color32) {
        // A rounding error is no reason to take one of twice the size.
        let needed = place.width() * painter.pixels_per_point() - 0.5;
        let ready = || self.levels.iter().filter(|level| level.is_ready());
        let Some(level) = ready().rev().find(|level| level.width >= needed).or(ready().next()) else {
            return;
        };
        for tile in &level.tiles {
            let part = Rect::from_min_max(
                place.lerp_inside(tile.place.min.to_vec2()),
                place.lerp_inside(tile.place.max.to_vec2()),
            );
            if let Some(texture) = tile.texture.get() {
                painter.image(texture.id(), part, tile.shown, tint);
            }
        }
    }
}

impl Level {
    fn is_ready(&self) -> bool {
        self.tiles.iter().all(|tile| tile.texture.get().is_some())
    }
}

impl Coming {
    /// Brings it to the GPU; its bytes, or none where the picture is gone.
    fn upload(self, context: &Context) -> usize {
        let Some(picture) = self.picture.upgrade() else { return 0 };
        let options = match picture.pixels.is_some() && self.level == 0 {
            // Pixels are what a reviewer looks for when the picture is larger than itself.
            true => TextureOptions {
                magnification: TextureFilter::Nearest,
                ..TextureOptions::LINEAR
            },
            false => TextureOptions::LINEAR,
        };
        let bytes = self.image.pixels.len() * size_of::<Color32>();
        let texture = &picture.levels[self.level].tiles[self.tile].texture;
        texture.get_or_init(|| context.load_texture("picture", self.image, options));
        bytes
    }
}

struct Known {
    picture: Result<Arc<Picture>, String>,
    bytes: usize,
    /// The frame in which it was last asked for.
    used: u64,
}

/// All that are decoded, and what is to be decoded next.
pub struct Pictures {
    decoder: Decoder,
    known: HashMap<Wanted, Known>,
    /// What was decoded last of each file: it shows while the file, which a decision has changed, is decoded again.
    latest: HashMap<(PathBuf, Form), Stamp>,
    /// Smaller sizes before larger ones.
    coming: VecDeque<Coming>,
    wanted: Vec<Wanted>,
    frame: u64,
    /// Pictures that were asked for in this frame, with and without success.
    asked: [usize; 2],
}

impl Pictures {
    pub fn new(waker: &Waker) -> std::io::Result<Self> {
        Ok(Self {
            decoder: Decoder::new(waker)?,
            known: HashMap::new(),
            latest: HashMap::new(),
            coming: VecDeque::new(),
            wanted: Vec::new(),
            frame: 0,
            asked: [0; 2],
        })
    }

    /// Lets go of all pictures: their textures belong to another window.
    pub fn forget_textures(&mut self) {
        self.known.clear();
        self.latest.clear();
        self.coming.clear();
    }

    /// Takes in what was decoded since the last frame.
    pub fn begin(&mut self, context: &Context) {
        self.frame += 1;
        self.asked = [0; 2];
        let finished = self.decoder.finished(TAKEN_IN);
        let more = finished.len() == TAKEN_IN;
        for (wanted, decoded) in finished {
            self.take_in(context, wanted, decoded);
        }
        let mut uploaded = 0;
        while uploaded < UPLOADED
            && let Some(coming) = self.coming.pop_front()
        {
            uploaded += coming.upload(context);
        }
        if more || !self.coming.is_empty() {
            context.request_repaint();
        }
    }

    fn take_in(&mut self, context: &Context, wanted: Wanted, decoded: Decoded) {
        let bytes = decoded.as_ref().map_or(0, |decoded| decoded.pixels.as_raw().len());
        let picture = decoded.map(|decoded| {
            let pixels = (wanted.form != Form::Thumbnail).then_some(decoded.pixels);
            let picture = Arc::new(Picture::new(&decoded.bitmap, pixels));
            for (level, of) in decoded.bitmap.levels.into_iter().enumerate().rev() {
                for (tile, of) in of.tiles.into_iter().enumerate() {
                    let coming = Coming {
                        picture: Arc::downgrade(&picture),
                        level,
                        tile,
                        image: of.image,
                    };
                    // The smallest shows at once.
                    match level + 1 == picture.levels.len() {
                        true => drop(coming.upload(context)),
                        false => self.coming.push_back(coming),
                    }
                }
            }
            picture
        });
        let used = self.frame;
        let latest = (wanted.path.clone(), wanted.form.clone());
        if let Some(stamp) = self
            .latest
            .insert(latest, wanted.stamp)
            .filter(|stamp| *stamp != wanted.stamp)
        {
            self.known.remove(&Wanted { stamp, ..wanted.clone() });
        }
        self.known.insert(wanted, Known { picture, bytes, used });
    }

    /// The picture, or why there is none; nothing while it is being decoded for the first time. What is asked for first is decoded first.
    pub fn get(&mut self, entry: &Entry, form: Form) -> Option<&Result<Arc<Picture>, String>> {
        let wanted = Wanted {
            path: entry.path.clone(),
            stamp: entry.stamp,
            form,
        };
        let shown = match self.known.contains_key(&wanted) {
            true => {
                self.asked[0] += 1;
                wanted
            }
            false => {
                self.asked[1] += 1;
                self.wanted.push(wanted.clone());
                let stamp = *self.latest.get(&(wanted.path.clone(), wanted.form.clone()))?;
                Wanted { stamp, ..wanted }
            }
        };
        let known = self.known.get_mut(&shown)?;
        known.used = self.frame;
        Some(&known.picture)
    }

    /// Pictures that were asked for since the frame began: those that are there, and those that are being decoded.
    pub fn asked(&self) -> [usize; 2] {
        self.asked
    }

    /// Hands over what was asked for in vain in this frame, and lets go of what is too much.
    pub fn end(&mut self) {
        self.decoder.want(std::mem::take(&mut self.wanted));
        self.shrink(THUMBNAIL_BYTES, |form| *form == Form::Thumbnail);
        self.shrink(WHOLE_BYTES, |form| *form != Form::Thumbnail);
    }

    fn shrink(&mut self, limit: usize, of: impl Fn(&Form) -> bool) {
        let held: usize = self
            .known
            .iter()
            .filter(|(wanted, _)| of(&wanted.form))
            .map(|(_, known)| known.bytes)
            .sum();
        if held <= limit {
            return;
        }
        let mut old: Vec<(u64, usize, Wanted)> = self
            .known
            .iter()
            .filter(|(wanted, known)| of(&wanted.form) && known.used < self.frame)
            .map(|(wanted, known)| (known.used, known.bytes, wanted.clone()))
            .collect();
        old.sort_by_key(|(used, ..)| *used);
        let mut over = held - limit;
        for (_, bytes, wanted) in old {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(bytes);
            self.latest.remove(&(wanted.path.clone(), wanted.form.clone()));
            self.known.remove(&wanted);
        }
    }
}
