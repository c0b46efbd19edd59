//! The colour design: which colour each part of a scene has, the same in the picture and in its reference.

use super::rng::SceneRng;

/// A part with a colour of its own; also its value in a region map. Figure 1..=99, background 100..=199.
pub type Slot = u8;

/// The parts of figures.
pub mod figure {
    use super::Slot;

    pub const HAIR: Slot = 1;
    pub const SKIN: Slot = 2;
    pub const IRIS: Slot = 3;
    pub const EYE_WHITE: Slot = 4;
    pub const MOUTH: Slot = 5;
    pub const TOP: Slot = 6;
    pub const BOTTOM: Slot = 7;
    pub const SHOES: Slot = 8;
    pub const SOCKS: Slot = 9;
    pub const TRIM: Slot = 10;
    pub const JACKET: Slot = 11;
    pub const HAT: Slot = 12;
    pub const RIBBON: Slot = 13;
    pub const PROP: Slot = 14;
    pub const PROP_DETAIL: Slot = 15;
    pub const FUR: Slot = 16;
    pub const BELLY: Slot = 17;
    pub const EAR: Slot = 18;
    pub const COLLAR: Slot = 19;
    pub const PRINT: Slot = 20;
    /// The first of the shapes of abstract scenes.
    pub const SHAPES: Slot = 40;
    /// What a second figure's slots lie above those of the first.
    pub const SECOND: Slot = 60;
}

/// The parts of backgrounds.
pub mod ground {
    use super::Slot;

    pub const SKY: Slot = 100;
    pub const CLOUD: Slot = 101;
    pub const SUN: Slot = 102;
    pub const GRASS: Slot = 103;
    pub const ROAD: Slot = 104;
    pub const FAR_HILL: Slot = 105;
    pub const HILL: Slot = 106;
    pub const LEAVES: Slot = 107;
    pub const TRUNK: Slot = 108;
    pub const HOUSE: Slot = 109;
    pub const HOUSE_2: Slot = 110;
    pub const ROOF: Slot = 111;
    pub const WINDOW: Slot = 112;
    pub const WALL: Slot = 113;
    pub const FLOOR: Slot = 114;
    pub const FURNITURE: Slot = 115;
    pub const CURTAIN: Slot = 116;
    pub const FRAME: Slot = 117;
    pub const PICTURE: Slot = 118;
    pub const WATER: Slot = 119;
    pub const SAND: Slot = 120;
    pub const FENCE: Slot = 121;
    pub const DOOR: Slot = 122;
    pub const PATTERN: Slot = 123;
    pub const FLOWER: Slot = 124;
    pub const BOOKS: Slot = 125;
    pub const CEILING: Slot = 126;
    pub const BACK_WALL: Slot = 127;
    pub const CARPET: Slot = 128;
    /// The first of the shapes of abstract scenes.
    pub const SHAPES: Slot = 150;
}

/// Red, green, blue, 0..=255.
pub type Rgb = [u8; 3];

/// A colour for every slot.
pub struct Palette([Rgb; 200]);

/// Limits within which a palette's colours are drawn.
struct Mood {
    lightness: [f32; 2],
    chroma: [f32; 2],
    /// Hues are drawn around one of these, in turns; none: any hue.
    hues: Vec<f32>,
}

impl Mood {
    fn random(rng: &mut SceneRng) -> Self {
        let (lightness, chroma) = rng.pick(&[
            ([0.2, 0.95], [0.02, 0.25]),
            ([0.2, 0.95], [0.02, 0.25]),
            ([0.7, 0.95], [0.03, 0.11]),
            ([0.18, 0.6], [0.03, 0.16]),
            ([0.5, 0.85], [0.12, 0.28]),
            ([0.3, 0.9], [0.0, 0.06]),
        ]);
        let base = rng.unit();
        let hues = match rng.whole(0, 4) {
            0 => vec![base, base + 0.08, base + 0.5],
            1 => vec![base, base + 1.0 / 3.0, base + 2.0 / 3.0],
            _ => Vec::new(),
        };
        Self { lightness, chroma, hues }
    }

    fn colour(&self, rng: &mut SceneRng) -> Rgb {
        // A quarter of all colours leave the mood, so that every hue and lightness is met in every place.
        if rng.chance(0.25) {
            return [rng.unit(), rng.unit(), rng.unit()].map(|v| (v * 255.0) as u8);
        }
        let hue = if self.hues.is_empty() {
            rng.unit()
        } else {
            rng.pick(&self.hues) + rng.range(-0.04, 0.04)
        };
        oklch(
            rng.range(self.lightness[0], self.lightness[1]),
            rng.range(self.chroma[0], self.chroma[1]),
            hue,
        )
    }
}

impl Palette {
    /// Colours for every slot: any hue and lightness nearly anywhere, since they are to be read from the reference, not guessed.
    pub fn random(rng: &mut SceneRng) -> Self {
        let moods = [Mood::random(rng), Mood::random(rng)];
        let mut colours = [[0; 3]; 200];
        for (slot, colour) in colours.iter_mut().enumerate() {
            *colour = moods[usize::from(slot >= 100)].colour(rng);
        }
        let mut palette = Self(colours);
        palette.naturalise(rng);
        palette.separate(rng, &moods);
        palette
    }

    /// Gives some parts the colours that a viewer expects of them.
    fn naturalise(&mut self, rng: &mut SceneRng) {
        use figure::*;
        let mut usually = |palette: &mut Self, slot: Slot, chance: f32, l: [f32; 2], c: [f32; 2], h: [f32; 2]| {
            if rng.chance(chance) {
                palette.0[usize::from(slot)] = oklch(rng.range(l[0], l[1]), rng.range(c[0], c[1]), rng.range(h[0], h[1]));
            }
        };
        for above in [0, SECOND] {
            usually(self, SKIN + above, 0.62, [0.85, 0.95], [0.025, 0.06], [0.11, 0.2]);
            usually(self, SKIN + above, 0.3, [0.45, 0.85], [0.05, 0.09], [0.12, 0.18]);
            usually(self, EYE_WHITE + above, 0.92, [0.95, 1.0], [0.0, 0.015], [0.0, 1.0]);
            usually(self, MOUTH + above, 0.9, [0.45, 0.65], [0.1, 0.17], [0.0, 0.09]);
            usually(self, HAIR + above, 0.3, [0.2, 0.85], [0.01, 0.1], [0.12, 0.24]);
        }
        usually(self, ground::SKY, 0.4, [0.7, 0.95], [0.03, 0.12], [0.55, 0.75]);
        usually(self, ground::CLOUD, 0.6, [0.9, 1.0], [0.0, 0.03], [0.0, 1.0]);
        usually(self, ground::LEAVES, 0.4, [0.4, 0.8], [0.08, 0.2], [0.28, 0.45]);
        usually(self, ground::GRASS, 0.35, [0.5, 0.85], [0.08, 0.2], [0.28, 0.4]);
    }

    /// Redraws colours that would melt into the part they lie against.
    fn separate(&mut self, rng: &mut SceneRng, moods: &[Mood; 2]) {
        use figure::*;
        use ground::{BACK_WALL, CARPET, CEILING, CLOUD, FAR_HILL, FLOOR, GRASS, HOUSE, LEAVES, PATTERN, SKY, SUN, WALL, WINDOW};
        const FIGURE: [(Slot, Slot); 14] = [
            (HAIR, SKIN),
            (IRIS, EYE_WHITE),
            (TOP, SKIN),
            (BOTTOM, TOP),
            (JACKET, TOP),
            (TRIM, TOP),
            (SHOES, SOCKS),
            (HAT, HAIR),
            (RIBBON, HAIR),
            (PROP, TOP),
            (PROP_DETAIL, PROP),
            (BELLY, FUR),
            (COLLAR, FUR),
            (PRINT, TOP),
        ];
        const GROUND: [(Slot, Slot); 11] = [
            (CLOUD, SKY),
            (SUN, SKY),
            (FLOOR, WALL),
            (WINDOW, HOUSE),
            (LEAVES, SKY),
            (GRASS, SKY),
            (FAR_HILL, SKY),
            (PATTERN, WALL),
            (BACK_WALL, WALL),
            (CEILING, WALL),
            (CARPET, FLOOR),
        ];
        let second = FIGURE.map(|(slot, beside)| (slot + SECOND, beside + SECOND));
        for (slot, beside) in FIGURE.into_iter().chain(second).chain(GROUND) {
            for _ in 0..6 {
                if distance(self.of(slot), self.of(beside)) > 60.0 {
                    break;
                }
                self.0[usize::from(slot)] = moods[usize::from(slot >= 100)].colour(rng);
            }
        }
    }

    /// Gives parts other colours.
    pub fn paint(&mut self, paints: &[(Slot, Rgb)]) {
        for (slot, colour) in paints {
            self.0[usize::from(*slot)] = *colour;
        }
    }

    pub fn of(&self, slot: Slot) -> Rgb {
        self.0[usize::from(slot)]
    }

    /// A slot's colour, lightened (towards 1) or darkened (towards -1).
    pub fn toned(&self, slot: Slot, tone: f32) -> Rgb {
        let base = self.of(slot);
        let towards = if tone > 0.0 { 255.0 } else { 0.0 };
        base.map(|v| (f32::from(v) + (towards - f32::from(v)) * tone.abs()).round() as u8)
    }
}

/// The cel shadow of a colour: darker, a little more saturated, its hue leaning to blue.
pub fn shadow(colour: Rgb, depth: f32) -> Rgb {
    let factor = [1.0 - depth, 1.0 - depth * 0.95, 1.0 - depth * 0.62];
    std::array::from_fn(|i| (f32::from(colour[i]) * factor[i]).round() as u8)
}

/// Euclidean distance of two colours in RGB, 0..=441.
pub fn distance(a: Rgb, b: Rgb) -> f32 {
    (0..3)
        .map(|i| (f32::from(a[i]) - f32::from(b[i])).powi(2))
        .sum::<f32>()
        .sqrt()
}

/// A colour by OKLab lightness 0..1, chroma 0..0.3 and hue in turns (B. Ottosson, 2020); chroma is lowered until the colour exists.
fn oklch(lightness: f32, chroma: f32, hue: f32) -> Rgb {
    let angle = hue * std::f32::consts::TAU;
    let mut chroma = chroma;
    loop {
        let (a, b) = (chroma * angle.cos(), chroma * angle.sin());
        let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        let linear = [
            4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
            -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
            -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
        ];
        if chroma < 0.005 || linear.iter().all(|v| (-0.001..=1.001).contains(v)) {
            return linear.map(|v| (encode(v.clamp(0.0, 1.0)) * 255.0).round() as u8);
        }
        chroma *= 0.85;
    }
}

/// Linear light to sRGB.
fn encode(linear: f32) -> f32 {
    if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oklch_hits_known_colours() {
        assert_eq!(oklch(1.0, 0.0, 0.0), [255, 255, 255]);
        assert_eq!(oklch(0.0, 0.0, 0.0), [0, 0, 0]);
        // Pure red is L 0.628, C 0.2577, h 29.23 degrees.
        let red = oklch(0.62796, 0.25768, 29.234 / 360.0);
        assert!(distance(red, [255, 0, 0]) < 4.0, "{red:?}");
    }

    #[test]
    fn colours_cover_every_hue_and_lightness() {
        let (mut hues, mut lights) = ([0; 6], [0; 4]);
        for index in 0..600 {
            let [r, g, b] = Palette::random(&mut SceneRng::new(1, index)).of(figure::HAIR);
            lights[usize::from(r.max(g).max(b) / 64)] += 1;
            let order = [(r, g, b), (g, r, b), (g, b, r), (b, g, r), (b, r, g), (r, b, g)];
            if let Some(sextant) = order.iter().position(|&(x, y, z)| x >= y && y >= z) {
                hues[sextant] += 1;
            }
        }
        assert!(hues.iter().all(|&n| n > 40), "{hues:?}");
        assert!(lights.iter().all(|&n| n > 10), "{lights:?}");
    }
}
