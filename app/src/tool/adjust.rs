//! Other colours for what is there: other levels, other hues, more or less saturated, lighter or darker.
//!
//! Levels come first, in each channel by itself: what lies between the black point and the white point is spread over all there is, and raised to 1 / gamma.
//! Then the colour is changed in HSL (Joblove and Greenberg, "Color spaces for computer graphics", 1978) as by GIMP's hue-saturation and by Krita's HSL
//! adjustment in its compatibility mode: the hue is turned, the saturation multiplied by 1 + s and cut at 1, and the lightness multiplied by 1 + l, or from
//! l = 0 on moved by l of what it lacks to white. It is rounded once, in the end.

use super::movable;
use crate::document::{Document, Layer, LayerId, Pixels, Tile, TileGrid, TileSpan};

/// What is to become of colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjustment {
    /// Degrees by which hues are turned, -180..=180: above 0 from red towards green.
    pub hue: f32,
    /// By how much of what they are colours are more saturated, -1..=1: -1 is grey.
    pub saturation: f32,
    /// How far colours go towards white, -1..=1: below 0 towards black.
    pub lightness: f32,
    /// What becomes black, 0..=255.
    pub black: f32,
    /// What becomes white, 0..=255. One that is not above the black point counts as one above it.
    pub white: f32,
    /// 0.1..=10: above 1 what lies between the two becomes lighter.
    pub gamma: f32,
}

impl Default for Adjustment {
    /// Everything stays as it is.
    fn default() -> Self {
        Self {
            hue: 0.0,
            saturation: 0.0,
            lightness: 0.0,
            black: 0.0,
            white: 255.0,
            gamma: 1.0,
        }
    }
}

/// What becomes of each value of a channel, 0..=1.
type Levels = [f32; 256];

impl Adjustment {
    /// What becomes of pixels where they are selected. What they cover stays as it is, and so does what covers nothing; masks have no colours.
    pub(super) fn over(self, before: &Pixels, selection: Option<&TileGrid<u8>>) -> Pixels {
        match before {
            Pixels::Raster(grid) => Pixels::Raster(self.painted(grid, selection)),
            Pixels::Mask(_) | Pixels::Group(_) => before.clone(),
        }
    }

    fn painted(self, before: &TileGrid<[u8; 4]>, selection: Option<&TileGrid<u8>>) -> TileGrid<[u8; 4]> {
        let levels = self.levels();
        let shares = |span: &TileSpan| selection?.tile(span.column, span.row).map(Tile::pixels);
        let chosen = |span: &TileSpan| {
            let is_selected = selection.is_none() || shares(span).is_some();
            is_selected && before.tile(span.column, span.row).is_some()
        };
        let mut after = before.clone();
        after.write_tiles(before.bounds(), chosen, |span, pixels| {
            let shares = shares(&span);
            // What lies side by side is often of one colour.
            let mut known = ([0; 3], self.color(&levels, [0; 3]));
            for (index, pixel) in pixels.iter_mut().enumerate() {
                let [r, g, b, alpha] = *pixel;
                let share = shares.map_or(255, |shares| shares[index]);
                if alpha == 0 || share == 0 {
                    continue;
                }
                if known.0 != [r, g, b] {
                    known = ([r, g, b], self.color(&levels, [r, g, b]));
                }
                let [r, g, b] = between(known.0, known.1, share);
                *pixel = [r, g, b, alpha];
            }
        });
        after
    }

    fn levels(self) -> Levels {
        let span = (self.white - self.black).max(1.0);
        let share = |value: usize| ((value as f32 - self.black) / span).clamp(0.0, 1.0);
        std::array::from_fn(|value| share(value).powf(1.0 / self.gamma))
    }

    /// What becomes of a colour, by `levels` of its own.
    fn color(self, levels: &Levels, color: [u8; 3]) -> [u8; 3] {
        let leveled = color.map(|channel| levels[usize::from(channel)]);
        let stays = [self.hue, self.saturation, self.lightness] == [0.0; 3];
        let turned = if stays { leveled } else { self.turned(leveled) };
        turned.map(|channel| (channel * 255.0).round() as u8)
    }

    fn turned(self, color: [f32; 3]) -> [f32; 3] {
        let [hue, saturation, lightness] = hsl(color);
        let lightness = match self.lightness < 0.0 {
            true => lightness * (1.0 + self.lightness),
            false => lightness + self.lightness * (1.0 - lightness),
        };
        let saturation = (saturation * (1.0 + self.saturation)).min(1.0);
        rgb([hue + self.hue, saturation, lightness])
    }
}

/// The layers whose colours are adjusted with `layer`: itself, or all that a group holds. Or why they stay as they are.
pub fn adjustable(document: &Document, layer: &Layer) -> Result<Vec<LayerId>, &'static str> {
    match layer.role.is_mask() {
        true => Err("A mask has no colours. Choose a paint layer, the sketch or a group."),
        false => movable(document, layer),
    }
}

/// A colour on the way from one to another: with a share of 255 it is there.
fn between(from: [u8; 3], to: [u8; 3], share: u8) -> [u8; 3] {
    let share = u32::from(share);
    std::array::from_fn(|channel| {
        let (from, to) = (u32::from(from[channel]), u32::from(to[channel]));
        ((from * (255 - share) + to * share + 127) / 255) as u8
    })
}

/// Hue in degrees, saturation and lightness, 0..=1, of channels 0..=1. Greys have the hue 0.
fn hsl([r, g, b]: [f32; 3]) -> [f32; 3] {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let (chroma, lightness) = (most - least, most.midpoint(least));
    if chroma <= 0.0 {
        return [0.0, 0.0, lightness];
    }
    let sixths = match () {
        () if most == r => (g - b) / chroma,
        () if most == g => (b - r) / chroma + 2.0,
        () => (r - g) / chroma + 4.0,
    };
    [sixths * 60.0, chroma / (1.0 - (2.0 * lightness - 1.0).abs()), lightness]
}

/// What [`hsl`] is of; the hue may have gone round.
fn rgb([hue, saturation, lightness]: [f32; 3]) -> [f32; 3] {
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|turn| {
        let twelfths = (turn + hue / 30.0).rem_euclid(12.0);
        lightness - reach * (twelfths - 3.0).min(9.0 - twelfths).clamp(-1.0, 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Combine, Place, Role, Side};
    use crate::tool::test_hand::Hand;
    use crate::tool::{Contents, Lift, Way};
    use image::RgbaImage;

    const SIZE: [u32; 2] = [600, 300];
    const RED: [u8; 4] = [200, 0, 0, 255];

    fn color(adjustment: Adjustment, color: [u8; 3]) -> [u8; 3] {
        adjustment.color(&adjustment.levels(), color)
    }

    fn hue(degrees: f32) -> Adjustment {
        Adjustment {
            hue: degrees,
            ..Adjustment::default()
        }
    }

    #[test]
    fn at_the_defaults_every_colour_is_what_it_was() {
        for value in 0..=255_u8 {
            let was = [value, value.wrapping_mul(7), value.wrapping_mul(13).wrapping_add(5)];
            assert_eq!(color(Adjustment::default(), was), was);
        }
    }

    #[test]
    fn hues_go_round_and_greys_have_none() {
        let red = [255, 0, 0];
        let turned = [120.0, -120.0, 60.0, 180.0, -180.0].map(|degrees| color(hue(degrees), red));
        assert_eq!(
            turned,
            [[0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255], [0, 255, 255]]
        );
        assert_eq!(color(hue(90.0), [77; 3]), [77; 3]);
        for was in [[200, 100, 50], [3, 2, 250], [254, 255, 255]] {
            let back = color(hue(-120.0), color(hue(120.0), was));
            assert!(
                was.iter().zip(back).all(|(was, back)| was.abs_diff(back) <= 1),
                "{was:?}: {back:?}"
            );
        }
    }

    #[test]
    fn colours_become_greyer_and_stronger_lighter_and_darker() {
        let by = |saturation: f32, lightness: f32| Adjustment {
            saturation,
            lightness,
            ..Adjustment::default()
        };
        assert_eq!(color(by(-1.0, 0.0), [200, 100, 50]), [125; 3]);
        assert_eq!(color(by(1.0, 0.0), [150, 100, 100]), [175, 75, 75]);
        assert_eq!(color(by(1.0, 0.0), [255, 0, 0]), [255, 0, 0], "there is no more of it");
        assert_eq!(
            [-1.0, 1.0].map(|lightness| color(by(0.0, lightness), [9, 99, 199])),
            [[0; 3], [255; 3]]
        );
        assert_eq!(color(by(0.0, -0.5), [100; 3]), [50; 3], "half of the way to black");
        assert_eq!(color(by(0.0, 0.5), [101; 3]), [178; 3], "half of the way to white");
    }

    #[test]
    fn levels_are_spread_between_black_and_white() {
        let levels = |black: f32, white: f32, gamma: f32, value: u8| {
            let adjustment = Adjustment {
                black,
                white,
                gamma,
                ..Adjustment::default()
            };
            color(adjustment, [value; 3])[0]
        };
        assert_eq!(
            [20, 51, 128, 204, 230].map(|value| levels(51.0, 204.0, 1.0, value)),
            [0, 0, 128, 255, 255]
        );
        assert_eq!([levels(0.0, 255.0, 2.0, 64), levels(0.0, 255.0, 0.5, 128)], [128, 64]);
        assert_eq!(
            [200, 201].map(|value| levels(200.0, 100.0, 1.0, value)),
            [0, 255],
            "white is one above black"
        );
    }

    /// A layer with four red pixels from 10, 5 on: whole, half transparent, erased, whole.
    fn hand() -> Hand {
        let mut document = Document::from_sketch(&RgbaImage::new(SIZE[0], SIZE[1])).unwrap();
        let row = [255, 128, 0, 255].map(|alpha| [200, 0, 0, alpha]);
        let layer = Layer::new(
            Role::Paint,
            "Paint",
            Pixels::Raster(TileGrid::with_pixels(SIZE, [10, 5], 4, &row)),
        );
        let (paint, sketch) = (layer.id, document.by_role(Role::Sketch).unwrap().id);
        document.canvas_mut().insert(layer, Place::Above(sketch));
        Hand::new(document, paint)
    }

    fn adjust(hand: &mut Hand, adjustment: Adjustment) -> [[u8; 4]; 4] {
        let before = Contents::of(&hand.document, Side::Canvas, &[hand.layer]);
        Lift::nothing(before).laid(Way::Adjusted(adjustment)).put(&mut hand.document);
        [10, 11, 12, 13].map(|x| hand.color(x, 5))
    }

    #[test]
    fn what_is_transparent_stays_so_and_keeps_its_colour() {
        let mut hand = hand();
        let wanted = [[0, 200, 0, 255], [0, 200, 0, 128], [200, 0, 0, 0], [0, 200, 0, 255]];
        assert_eq!(adjust(&mut hand, hue(120.0)), wanted);
        assert_eq!(hand.color(300, 100), [0; 4]);
    }

    #[test]
    fn only_what_is_selected_changes_and_as_far_as_it_is() {
        let mut hand = hand();
        let shape = TileGrid::with_pixels(SIZE, [10, 5], 2, &[255, 51]);
        hand.document.select(Side::Canvas, &shape, Combine::Replace);
        let wanted = [[0, 200, 0, 255], [160, 40, 0, 128], [200, 0, 0, 0], RED];
        assert_eq!(adjust(&mut hand, hue(120.0)), wanted);
        assert!(hand.document.canvas().selection().is_some());
    }

    #[test]
    fn masks_takes_and_what_is_locked_are_refused() {
        let mut hand = hand();
        let reason = |hand: &Hand, id| adjustable(&hand.document, hand.document.layer(id).unwrap()).unwrap_err();
        let mask = hand.document.by_role(Role::SketchMask).unwrap().id;
        assert!(reason(&hand, mask).starts_with("A mask has no colours"));
        assert_eq!(
            adjustable(&hand.document, hand.document.layer(hand.layer).unwrap()),
            Ok(vec![hand.layer])
        );
        hand.document.layer_mut(hand.layer).unwrap().locked = true;
        assert!(reason(&hand, hand.layer).contains("Unlock it first"));
        let take = hand
            .document
            .place_take(&image::RgbImage::new(SIZE[0], SIZE[1]), String::new());
        assert!(reason(&hand, take).starts_with("A take is never painted over"));
    }
}
