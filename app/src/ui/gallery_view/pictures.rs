//! Pictures of files as the window draws them, in bounded memory: what has not been looked at for longest goes first.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};
use image::RgbImage;

use crate::files::Waker;
use crate::gallery::decoding::{Decoder, Form, Wanted};
use crate::gallery::entry::{Entry, Stamp};

/// Textures of thumbnails that are kept: 96 MB at the most.
const THUMBNAIL_BYTES: usize = 96 << 20;
/// Whole pictures that are kept, counted once in memory; on the GPU they take a third more.
const WHOLE_BYTES: usize = 256 << 20;
/// Thumbnails that a frame brings to the GPU.
const UPLOADS: usize = 12;

/// A decoded picture.
#[derive(Clone)]
pub struct Picture {
    pub texture: TextureHandle,
    /// The pixels, for reading colours from; a thumbnail's are not kept.
    pub pixels: Option<Arc<RgbImage>>,
}

struct Known {
    picture: Result<Picture, String>,
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
            wanted: Vec::new(),
            frame: 0,
            asked: [0; 2],
        })
    }

    /// Takes in what was decoded since the last frame.
    pub fn begin(&mut self, context: &Context) {
        self.frame += 1;
        self.asked = [0; 2];
        let finished = self.decoder.finished(UPLOADS);
        if finished.len() == UPLOADS {
            context.request_repaint();
        }
        for (wanted, decoded) in finished {
            let bytes = decoded.as_ref().map_or(0, |picture| picture.as_raw().len());
            let picture = decoded.map(|pixels| {
                let size = [pixels.width() as usize, pixels.height() as usize];
                let image = ColorImage::from_rgb(size, &pixels);
                let options = match wanted.form {
                    Form::Thumbnail => TextureOptions::LINEAR,
                    // Pixels are what a reviewer looks for when the picture is larger than itself.
                    Form::Whole(_) | Form::Difference(..) => TextureOptions {
                        magnification: egui::TextureFilter::Nearest,
                        ..TextureOptions::LINEAR
                    },
                };
                Picture {
                    texture: context.load_texture("picture", image, options),
                    pixels: (wanted.form != Form::Thumbnail).then_some(pixels),
                }
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
    }

    /// The picture, or why there is none; nothing while it is being decoded for the first time. What is asked for first is decoded first.
    pub fn get(&mut self, entry: &Entry, form: Form) -> Option<&Result<Picture, String>> {
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
