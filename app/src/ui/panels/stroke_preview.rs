//! A stroke of a brush in small, painted once and kept.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use egui::{Color32, ColorImage, Id, Rect, TextureHandle, TextureOptions, Ui};

use crate::brush::BrushSettings;
use crate::tool::preview;
use crate::ui::WHOLE;

/// Pictures that are kept at a time.
const MOST: usize = 128;

/// By what they show.
type Store = HashMap<u64, TextureHandle>;

/// Paints a stroke of the brush into `rect`.
pub fn stroke_preview(ui: &Ui, settings: &BrushSettings, rect: Rect, color: Color32) {
    if !ui.is_rect_visible(rect) {
        return;
    }
    let scale = ui.pixels_per_point();
    let size = [rect.width(), rect.height()].map(|side| (side * scale).round().max(1.0) as u32);
    let mut hasher = DefaultHasher::new();
    (format!("{settings:?}"), size).hash(&mut hasher);
    let key = hasher.finish();
    let store = Id::unique("stroke previews");
    let kept = ui.data_mut(|data| data.get_temp_mut_or_default::<Store>(store).get(&key).cloned());
    let texture = kept.unwrap_or_else(|| {
        let pixels = preview(settings, size).into_iter().map(Color32::from_white_alpha).collect();
        let picture = ColorImage::new(size.map(|side| side as usize), pixels);
        let texture = ui.ctx().load_texture("stroke preview", picture, TextureOptions::LINEAR);
        ui.data_mut(|data| {
            let all = data.get_temp_mut_or_default::<Store>(store);
            if all.len() >= MOST {
                all.clear();
            }
            all.insert(key, texture.clone());
        });
        texture
    });
    ui.painter().image(texture.id(), rect, WHOLE, color);
}
