//! Where a picture stands in its pane: pan, zoom, fit.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Screen pixels per picture pixel.
const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 1.0 / 64.0..=64.0;
/// Space around a fitted picture, in points.
const MARGIN: f32 = 24.0;

/// Pan and zoom of one pane. A fresh view fits the picture and keeps doing so until a person moves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The point of the picture at the middle of the pane, in picture pixels.
    center: Pos2,
    /// Screen (physical) pixels per picture pixel.
    zoom: f32,
    fitted: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            center: Pos2::ZERO,
            zoom: 1.0,
            fitted: true,
        }
    }
}

/// A view at work in a pane: the map between the picture and the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The picture's top left corner, in points, on a whole screen pixel.
    pub origin: Pos2,
    /// Points per picture pixel.
    pub scale: f32,
    /// Screen pixels per picture pixel.
    pub zoom: f32,
}

impl Placement {
    pub fn to_screen(self, picture: Pos2) -> Pos2 {
        self.origin + picture.to_vec2() * self.scale
    }

    pub fn to_picture(self, screen: Pos2) -> Pos2 {
        ((screen - self.origin) / self.scale).to_pos2()
    }

    /// The rectangle of a picture of `size` pixels, in points.
    pub fn rect(self, size: [u32; 2]) -> Rect {
        Rect::from_min_size(self.origin, extent(size) * self.scale)
    }
}

impl View {
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Shows the whole picture, now and whenever the pane changes its size.
    pub fn fit(&mut self) {
        self.fitted = true;
    }

    /// Shows the picture at `zoom` screen pixels per picture pixel, about the middle of the pane.
    pub fn set_zoom(&mut self, zoom: f32) {
        self.zoom = zoom.clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        self.fitted = false;
    }

    /// Moves the picture by `points` on the screen.
    pub fn pan(&mut self, placement: Placement, points: Vec2) {
        self.center -= points / placement.scale;
        self.fitted = false;
    }

    /// Zooms by `factor` and keeps the picture's point under `pointer` where it is.
    pub fn zoom_about(&mut self, placement: Placement, pointer: Pos2, factor: f32) {
        let held = placement.to_picture(pointer);
        let before = self.zoom;
        self.set_zoom(self.zoom * factor);
        self.center = held + (self.center - held) * (before / self.zoom);
    }

    /// Puts a picture of `size` pixels into `pane`, on a screen of `pixels_per_point`.
    pub fn place(&mut self, size: [u32; 2], pane: Rect, pixels_per_point: f32) -> Placement {
        let size = extent(size);
        if self.fitted {
            let room = (pane.size() - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(16.0));
            let zoom = (room / size).min_elem() * pixels_per_point;
            self.zoom = zoom.clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
            self.center = (size / 2.0).to_pos2();
        }
        // A picture cannot be lost: its nearest edge stays in the middle of the pane.
        self.center = self.center.clamp(Pos2::ZERO, size.to_pos2());
        let scale = self.zoom / pixels_per_point;
        let corner = pane.center() - self.center.to_vec2() * scale;
        let snap = |x: f32| (x * pixels_per_point).round() / pixels_per_point;
        Placement {
            origin: pos2(snap(corner.x), snap(corner.y)),
            scale,
            zoom: self.zoom,
        }
    }
}

fn extent(size: [u32; 2]) -> Vec2 {
    vec2(size[0].max(1) as f32, size[1].max(1) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANE: Rect = Rect {
        min: pos2(100.0, 50.0),
        max: pos2(500.0, 450.0),
    };

    #[test]
    fn a_fresh_view_fits_and_centres_the_picture() {
        let placement = View::default().place([704, 352], PANE, 1.0);
        assert_eq!(
            placement,
            Placement {
                origin: pos2(124.0, 162.0),
                scale: 0.5,
                zoom: 0.5
            }
        );
    }

    #[test]
    fn a_dense_screen_shows_more_pixels_in_the_same_points() {
        let placement = View::default().place([704, 352], PANE, 2.0);
        assert_eq!((placement.scale, placement.zoom), (0.5, 1.0));
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let mut view = View::default();
        let before = view.place([400, 400], PANE, 1.0);
        let pointer = pos2(180.0, 120.0);
        let held = before.to_picture(pointer);
        view.zoom_about(before, pointer, 4.0);
        let after = view.place([400, 400], PANE, 1.0);
        assert!((after.zoom / before.zoom - 4.0).abs() < 1e-5);
        // Snapping to whole screen pixels moves it by half a pixel at most.
        assert!((after.to_screen(held) - pointer).abs().max_elem() <= 0.5);
    }

    #[test]
    fn a_picture_cannot_be_dragged_out_of_sight() {
        let mut view = View::default();
        let placement = view.place([400, 400], PANE, 1.0);
        view.pan(placement, vec2(-10_000.0, 0.0));
        let rect = view.place([400, 400], PANE, 1.0).rect([400, 400]);
        assert_eq!(rect.right(), PANE.center().x);
    }

    #[test]
    fn zoom_has_limits() {
        let mut view = View::default();
        view.set_zoom(1e9);
        assert_eq!(view.zoom(), 64.0);
    }
}
