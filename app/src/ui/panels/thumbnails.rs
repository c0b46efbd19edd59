//! Small pictures of layers, as the window draws them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use egui::{ColorImage, TextureHandle, TextureOptions, Ui};

use crate::document::{LayerId, Sheet};

/// Time that a frame may spend on small pictures; the rest appear in the frames after it.
const PATIENCE: Duration = Duration::from_millis(4);

/// The small pictures of layers, at most `SIDE` pixels wide and high.
#[derive(Default)]
pub struct Thumbnails<const SIDE: u32> {
    known: HashMap<LayerId, (u64, TextureHandle)>,
    /// A frame, and the time that it has spent.
    spent: (u64, Duration),
}

impl<const SIDE: u32> Thumbnails<SIDE> {
    /// That of a layer; the last one there was, unless pixels are `settled`.
    pub fn of(&mut self, ui: &Ui, canvas: &Sheet, id: LayerId, settled: bool) -> Option<TextureHandle> {
        let layer = canvas.layer(id).filter(|layer| !layer.is_group())?;
        if let Some((stamp, texture)) = self.known.get(&id)
            && (!settled || *stamp == layer.stamp())
        {
            return Some(texture.clone());
        }
        let frame = ui.ctx().cumulative_frame_nr();
        if self.spent.0 != frame {
            self.spent = (frame, Duration::ZERO);
        }
        if self.spent.1 > PATIENCE {
            ui.ctx().request_repaint();
            return self.known.get(&id).map(|(_, texture)| texture.clone());
        }
        let begun = Instant::now();
        let picture = layer.thumbnail(SIDE);
        let size = [picture.width() as usize, picture.height() as usize];
        let image = ColorImage::from_rgba_unmultiplied(size, &picture);
        let texture = ui.ctx().load_texture("layer", image, TextureOptions::LINEAR);
        self.known.retain(|id, _| canvas.layer(*id).is_some());
        self.known.insert(id, (layer.stamp(), texture.clone()));
        self.spent.1 += begun.elapsed();
        Some(texture)
    }
}
