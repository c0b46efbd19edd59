//! Painting a drawing: flat or shaded colour, region map and line art in one pass over the marks.

use image::{GrayImage, Rgb as Pixel, RgbImage};
use tiny_skia::{
    Color, FillRule, GradientStop, LinearGradient, Mask, Paint, Path, Pixmap, Point, RadialGradient, Rect, Shader, SpreadMode,
    Transform,
};

use super::design::{Palette, Rgb, Slot, shadow};
use super::drawing::{Drawing, Light, Mark, Piece};
use super::lines::{Finish, strokes};
use super::rng::SceneRng;
use super::shape::{Curve, at, path_of};
use super::sheet;

/// How forms are modelled with light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shading {
    Flat,
    /// Two tones with a hard edge; a third, light one where `gloss` is not 0.
    Cel {
        depth: f32,
        light: Point,
        gloss: f32,
    },
    /// A smooth gradient between the two tones.
    Soft {
        depth: f32,
        light: Point,
    },
}

impl Shading {
    pub fn random(rng: &mut SceneRng) -> Self {
        let light = at(rng.side() * rng.range(0.25, 0.6), -rng.range(0.3, 0.7));
        let depth = rng.range(0.14, 0.34);
        match rng.unit() {
            v if v < 0.42 => Self::Flat,
            v if v < 0.78 => Self::Cel {
                depth,
                light,
                gloss: if rng.chance(0.35) { rng.range(0.15, 0.45) } else { 0.0 },
            },
            _ => Self::Soft { depth, light },
        }
    }
}

/// Where lines go.
#[derive(Clone, Copy, PartialEq)]
pub enum Lines {
    /// Onto a sheet of their own.
    Separate,
    /// Over the colour.
    Over,
    /// Nowhere.
    Without,
}

/// A painted drawing.
pub struct Rendering {
    pub colour: RgbImage,
    pub regions: GrayImage,
    /// Dark lines on white; all white unless lines are separate.
    pub lines: GrayImage,
}

/// Paints a drawing whose coordinates are pixels of a `width` x `height` picture.
pub fn render(
    drawing: &Drawing,
    palette: &Palette,
    shading: Shading,
    finish: &Finish,
    lines: Lines,
    size: (u32, u32),
    rng: &mut SceneRng,
) -> Rendering {
    let mut sheets = Sheets::new(size);
    // Pieces that lie in one form follow each other: its mask is made once.
    let mut clip: Option<(&Curve, Mask)> = None;
    for mark in &drawing.marks {
        match mark {
            Mark::Piece(piece) if piece.light == Light::Cast && shading == Shading::Flat => {}
            Mark::Piece(piece) => {
                let Some(path) = path_of(&piece.outline.flatten(2.0).0) else {
                    continue;
                };
                clip = piece.clip.as_ref().and_then(|curve| match clip.take() {
                    Some((known, mask)) if known == curve => Some((known, mask)),
                    _ => Some((curve, mask_of(&path_of(&curve.flatten(2.0).0)?, size)?)),
                });
                let clip = clip.as_ref().map(|(_, mask)| mask);
                sheets.fill(piece, &path, palette, shading, lines, clip);
                if lines == Lines::Separate && piece.contour > 0.0 && finish.guides > 0.0 {
                    sheets.guide(path.bounds(), finish, rng);
                }
                if piece.contour > 0.0 && lines != Lines::Without {
                    let contour = strokes(&piece.outline, piece.contour, finish, rng);
                    sheets.draw(contour, finish, lines, clip);
                }
            }
            Mark::Ink(ink) if lines != Lines::Without && (!ink.detail || rng.chance(finish.detail)) => {
                sheets.draw(strokes(&ink.curve, ink.weight, finish, rng), finish, lines, None);
            }
            Mark::Ink(_) => {}
        }
    }
    sheets.finish(finish, lines, rng)
}

/// The three sheets that a drawing is painted on.
struct Sheets {
    colour: Pixmap,
    regions: Pixmap,
    lines: Pixmap,
}

impl Sheets {
    fn new((width, height): (u32, u32)) -> Self {
        let sheet = || Pixmap::new(width.max(1), height.max(1)).expect("a picture of at least one pixel");
        let (colour, regions, mut lines) = (sheet(), sheet(), sheet());
        lines.fill(Color::WHITE);
        Self { colour, regions, lines }
    }

    fn fill(&mut self, piece: &Piece, path: &Path, palette: &Palette, shading: Shading, lines: Lines, clip: Option<&Mask>) {
        let toned = palette.toned(piece.slot, piece.tone);
        let (base, shading) = match (piece.light, shading) {
            (Light::Shaded, shading) => (toned, shading),
            (Light::Cast, Shading::Cel { depth, .. } | Shading::Soft { depth, .. }) => (shadow(toned, depth), Shading::Flat),
            (Light::Plain | Light::Cast | Light::Haze, _) => (toned, Shading::Flat),
        };
        let mut paint = Paint {
            shader: if piece.light == Light::Haze {
                haze(base, path.bounds())
            } else {
                shader(base, shading, path.bounds())
            },
            ..Paint::default()
        };
        self.colour
            .fill_path(path, &paint, FillRule::Winding, Transform::identity(), clip);
        paint.shader = Shader::SolidColor(Color::WHITE);
        if lines == Lines::Separate {
            // Paper covers what lies behind, but not the contours that this piece shares with its clip.
            self.lines
                .fill_path(path, &paint, FillRule::Winding, Transform::identity(), clip);
        }
        paint.anti_alias = false;
        paint.shader = Shader::SolidColor(Color::from_rgba8(piece.slot, piece.slot, piece.slot, 255));
        self.regions
            .fill_path(path, &paint, FillRule::Winding, Transform::identity(), clip);
    }

    fn draw(&mut self, path: Option<Path>, finish: &Finish, lines: Lines, clip: Option<&Mask>) {
        let Some(path) = path else { return };
        let [red, green, blue] = finish.ink;
        let alpha = (finish.opacity * 255.0) as u8;
        let paint = Paint {
            shader: Shader::SolidColor(Color::from_rgba8(red, green, blue, alpha)),
            anti_alias: finish.smooth || lines == Lines::Over,
            ..Paint::default()
        };
        let sheet = if lines == Lines::Over {
            &mut self.colour
        } else {
            &mut self.lines
        };
        sheet.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), clip);
    }

    /// The faint oval that a large form is built on, now and then.
    fn guide(&mut self, bounds: Rect, finish: &Finish, rng: &mut SceneRng) {
        let (width, height) = (bounds.width(), bounds.height());
        let large = self.lines.width() as f32 * 0.16;
        if width.min(height) < large || width.max(height) > large * 5.0 || !rng.chance(finish.guides) {
            return;
        }
        let centre = at(
            (bounds.left() + bounds.right()) / 2.0 + rng.signed() * finish.width,
            (bounds.top() + bounds.bottom()) / 2.0 + rng.signed() * finish.width,
        );
        let oval = Curve::ellipse(centre, width / 2.0 * rng.range(0.9, 1.1), height / 2.0 * rng.range(0.9, 1.1));
        let faint = Finish {
            opacity: finish.opacity * rng.range(0.2, 0.45),
            ..*finish
        };
        self.draw(strokes(&oval, 0.7, finish, rng), &faint, Lines::Separate, None);
    }

    fn finish(self, finish: &Finish, lines_go: Lines, rng: &mut SceneRng) -> Rendering {
        let (width, height) = (self.colour.width(), self.colour.height());
        let rgb: Vec<u8> = self
            .colour
            .pixels()
            .iter()
            .flat_map(|p| [p.red(), p.green(), p.blue()])
            .collect();
        let red = |sheet: &Pixmap| sheet.pixels().iter().map(|p| p.red()).collect::<Vec<u8>>();
        let mut lines = red(&self.lines);
        if finish.grain > 0.0 {
            for value in &mut lines {
                let ink = f32::from(255 - *value);
                *value = 255 - (ink * (1.0 - finish.grain * rng.unit())) as u8;
            }
        }
        if lines_go == Lines::Separate {
            sheet::lay(&mut lines, [width, height], &finish.paper, rng);
        }
        let gray = |data| GrayImage::from_raw(width, height, data).unwrap_or_else(|| GrayImage::new(width, height));
        Rendering {
            colour: RgbImage::from_raw(width, height, rgb).unwrap_or_else(|| RgbImage::from_pixel(width, height, Pixel([0; 3]))),
            regions: gray(red(&self.regions)),
            lines: gray(lines),
        }
    }
}

/// Where a region map shows a figure: 255, elsewhere 0.
pub fn figure_mask(regions: &GrayImage) -> GrayImage {
    let mut mask = regions.clone();
    for value in mask.iter_mut() {
        let slot: Slot = *value;
        *value = if (1..100).contains(&slot) { 255 } else { 0 };
    }
    mask
}

fn mask_of(path: &Path, (width, height): (u32, u32)) -> Option<Mask> {
    let mut mask = Mask::new(width, height)?;
    mask.fill_path(path, FillRule::Winding, true, Transform::identity());
    Some(mask)
}

/// A piece's paint: two tones parted by an ellipse that is fitted to the piece and moved towards the light.
fn shader(base: Rgb, shading: Shading, bounds: Rect) -> Shader<'static> {
    let solid = Shader::SolidColor(opaque(base));
    let (depth, light, edge, gloss) = match shading {
        Shading::Flat => return solid,
        Shading::Cel { depth, light, gloss } => (depth, light, 0.02, gloss),
        Shading::Soft { depth, light } => (depth, light, 0.7, 0.0),
    };
    let stop = |at: f32, colour: Rgb| GradientStop::new(at.clamp(0.0, 1.0), opaque(colour));
    let (lit, dark) = (base, shadow(base, depth));
    let (rx, ry) = (bounds.width() / 2.0, bounds.height() / 2.0);
    let centre = at(bounds.left() + rx, bounds.top() + ry);
    if rx > 3.0 * ry || ry > 3.0 * rx {
        // A limb: the shadow runs along the side away from the light.
        let (from, to) = if rx > ry {
            (at(0.0, -ry), at(0.0, ry))
        } else {
            (at(rx * light.x.signum(), 0.0), at(-rx * light.x.signum(), 0.0))
        };
        let stops = vec![stop(0.66 - edge / 2.0, lit), stop(0.66 + edge / 2.0, dark)];
        return LinearGradient::new(centre + from, centre + to, stops, SpreadMode::Pad, Transform::identity()).unwrap_or(solid);
    }
    let place = Transform::from_row(rx, 0.0, 0.0, ry, centre.x, centre.y);
    let focus = at(light.x * 0.7, light.y * 0.7);
    let radius = 2.0;
    let mut stops = vec![
        stop((1.16 - edge * 0.6) / radius, lit),
        stop((1.16 + edge * 0.6) / radius, dark),
    ];
    if gloss > 0.0 {
        let bright = lit.map(|v| v + ((255 - v) as f32 * gloss) as u8);
        stops.splice(0..0, [stop(0.3 / radius, bright), stop(0.32 / radius, lit)]);
    }
    RadialGradient::new(focus, 0.0, focus, radius, stops, SpreadMode::Pad, place).unwrap_or(solid)
}

/// A colour that pales downwards.
fn haze(base: Rgb, bounds: Rect) -> Shader<'static> {
    let pale = base.map(|v| v + ((255 - v) as f32 * 0.5) as u8);
    let stops = vec![GradientStop::new(0.0, opaque(base)), GradientStop::new(1.0, opaque(pale))];
    let (from, to) = (at(0.0, bounds.top()), at(0.0, bounds.bottom()));
    LinearGradient::new(from, to, stops, SpreadMode::Pad, Transform::identity()).unwrap_or(Shader::SolidColor(opaque(base)))
}

fn opaque([r, g, b]: Rgb) -> Color {
    Color::from_rgba8(r, g, b, 255)
}
