//! Where a picture stands in its pane: pan, zoom, fit.

use egui::emath::Rot2;
use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Screen pixels per picture pixel.
const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 1.0 / 64.0..=64.0;
/// Space around a fitted picture, in points.
const MARGIN: f32 = 24.0;

/// Pan, zoom and turn of one pane. A fresh view fits the picture and keeps doing so until a person moves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The point of the picture at the middle of the pane, in picture pixels.
    center: Pos2,
    /// Screen (physical) pixels per picture pixel.
    zoom: f32,
    /// Clockwise, in radians.
    rotation: f32,
    /// Left and right are exchanged on the screen; the picture stays as it is.
    mirrored: bool,
    fitted: Option<Fit>,
}

/// What of the picture fills the pane, for as long as nobody moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Whole,
    Width,
}

impl Default for View {
    fn default() -> Self {
        Self {
            center: Pos2::ZERO,
            zoom: 1.0,
            rotation: 0.0,
            mirrored: false,
            fitted: Some(Fit::Whole),
        }
    }
}

/// A view at work in a pane: the map between the picture and the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The picture's top left corner, in points; on a whole screen pixel unless the view is turned.
    pub origin: Pos2,
    /// One picture pixel to the right, and one down, in points on the screen.
    pub right: Vec2,
    pub down: Vec2,
    /// Points per picture pixel.
    pub scale: f32,
    /// Screen pixels per picture pixel.
    pub zoom: f32,
}

impl Placement {
    /// Upright, with the top left corner at `origin`.
    pub fn upright(origin: Pos2, scale: f32, zoom: f32) -> Self {
        Self {
            origin,
            right: vec2(scale, 0.0),
            down: vec2(0.0, scale),
            scale,
            zoom,
        }
    }

    pub fn to_screen(self, picture: Pos2) -> Pos2 {
        self.origin + self.to_screen_vector(picture.to_vec2())
    }

    /// A way on the picture as a way on the screen.
    pub fn to_screen_vector(self, picture: Vec2) -> Vec2 {
        self.right * picture.x + self.down * picture.y
    }

    pub fn to_picture(self, screen: Pos2) -> Pos2 {
        self.to_picture_vector(screen - self.origin).to_pos2()
    }

    /// A way on the screen as a way on the picture.
    pub fn to_picture_vector(self, screen: Vec2) -> Vec2 {
        // Both axes have the same length and stand upright on each other.
        vec2(screen.dot(self.right), screen.dot(self.down)) / (self.scale * self.scale)
    }

    /// The rectangle around a picture of `size` pixels, in points.
    pub fn rect(self, size: [u32; 2]) -> Rect {
        Rect::from_points(&self.corners(size))
    }

    /// The corners of a picture of `size` pixels, in points, clockwise from the top left.
    pub fn corners(self, size: [u32; 2]) -> [Pos2; 4] {
        let extent = extent(size);
        [vec2(0.0, 0.0), vec2(extent.x, 0.0), extent, vec2(0.0, extent.y)].map(|corner| self.to_screen(corner.to_pos2()))
    }
}

impl View {
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Clockwise, in degrees from -180 to 180.
    pub fn rotation(&self) -> f32 {
        let degrees = self.rotation.to_degrees().rem_euclid(360.0);
        if degrees > 180.0 { degrees - 360.0 } else { degrees }
    }

    pub fn is_mirrored(&self) -> bool {
        self.mirrored
    }

    /// Shows the whole picture, now and whenever the pane changes its size.
    pub fn fit(&mut self) {
        self.fitted = Some(Fit::Whole);
    }

    /// Shows the picture as wide as the pane, about its middle.
    pub fn fit_width(&mut self) {
        self.fitted = Some(Fit::Width);
    }

    /// Shows the picture at `zoom` screen pixels per picture pixel, about the middle of the pane.
    pub fn set_zoom(&mut self, zoom: f32) {
        self.zoom = zoom.clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        self.fitted = None;
    }

    /// Turns the picture clockwise about the middle of the pane.
    pub fn rotate(&mut self, degrees: f32) {
        self.rotation = (self.rotation + degrees.to_radians()).rem_euclid(std::f32::consts::TAU);
    }

    pub fn reset_rotation(&mut self) {
        self.rotation = 0.0;
    }

    pub fn mirror(&mut self) {
        self.mirrored = !self.mirrored;
    }

    /// Moves the picture by `points` on the screen.
    pub fn pan(&mut self, placement: Placement, points: Vec2) {
        self.center -= placement.to_picture_vector(points);
        self.fitted = None;
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
        let turn = Rot2::from_angle(self.rotation);
        if let Some(fit) = self.fitted {
            let room = (pane.size() - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(16.0));
            let turned = (turn * vec2(size.x, size.y)).abs().max((turn * vec2(size.x, -size.y)).abs());
            let share = room / turned;
            let share = if fit == Fit::Width { share.x } else { share.min_elem() };
            let zoom = share * pixels_per_point;
            self.zoom = zoom.clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
            self.center = (size / 2.0).to_pos2();
        }
        // A picture cannot be lost: its nearest edge stays in the middle of the pane.
        self.center = self.center.clamp(Pos2::ZERO, size.to_pos2());
        let scale = self.zoom / pixels_per_point;
        let mirror = if self.mirrored { -1.0 } else { 1.0 };
        let (right, down) = (turn * vec2(scale * mirror, 0.0), turn * vec2(0.0, scale));
        let corner = pane.center() - right * self.center.x - down * self.center.y;
        let snap = |x: f32| (x * pixels_per_point).round() / pixels_per_point;
        let origin = match self.rotation == 0.0 {
            true => pos2(snap(corner.x), snap(corner.y)),
            false => corner,
        };
        Placement {
            origin,
            right,
            down,
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
        assert_eq!(placement, Placement::upright(pos2(124.0, 162.0), 0.5, 0.5));
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
    fn the_width_alone_may_fill_the_pane() {
        let mut view = View::default();
        view.fit_width();
        let rect = view.place([100, 400], PANE, 1.0).rect([100, 400]);
        assert_eq!((rect.width(), rect.center()), (352.0, PANE.center()));
        assert!(rect.height() > PANE.height());
    }

    #[test]
    fn zoom_has_limits() {
        let mut view = View::default();
        view.set_zoom(1e9);
        assert_eq!(view.zoom(), 64.0);
    }

    #[test]
    fn a_turned_and_mirrored_view_still_maps_back() {
        let mut view = View::default();
        view.rotate(30.0);
        view.mirror();
        let placement = view.place([400, 200], PANE, 1.0);
        let point = pos2(123.0, 45.0);
        assert!((placement.to_picture(placement.to_screen(point)) - point).length() < 1e-2);
        assert!(
            PANE.contains_rect(placement.rect([400, 200])),
            "a fitted picture is seen to its corners"
        );
        assert!((view.rotation() - 30.0).abs() < 1e-3);
        view.rotate(-60.0);
        assert!((view.rotation() + 30.0).abs() < 1e-3);
        view.reset_rotation();
        let mirrored = view.place([400, 200], PANE, 1.0);
        assert!(mirrored.to_screen(pos2(0.0, 0.0)).x > mirrored.to_screen(pos2(400.0, 0.0)).x);
    }
}
