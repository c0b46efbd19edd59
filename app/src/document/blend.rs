//! How a layer mixes with what lies below it: the operators of OpenRaster, by the formulas of W3C Compositing and Blending Level 1.
//! `shaders/composite.wgsl` has the same, under the same numbers.

use serde::{Deserialize, Serialize};

/// The operators. The discriminant is the shader's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u32)]
pub enum Blend {
    #[default]
    Normal,
    Multiply,
    Screen,
    Overlay,
    Darken,
    Lighten,
    ColorDodge,
    ColorBurn,
    HardLight,
    SoftLight,
    Difference,
    Hue,
    Saturation,
    Color,
    Luminosity,
    /// Adds light and coverage.
    Plus,
    /// Keeps what lies below where the layer covers.
    DstIn,
    /// Takes away what lies below where the layer covers.
    DstOut,
    /// Covers only what is there.
    SrcAtop,
    /// What lies below, only where the layer covers, and the layer where nothing is.
    DstAtop,
    /// Adds light, and covers as Normal does.
    LinearDodge,
}

impl Blend {
    /// In the order of menus.
    pub const ALL: [Self; 21] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::Darken,
        Self::Lighten,
        Self::ColorDodge,
        Self::LinearDodge,
        Self::ColorBurn,
        Self::HardLight,
        Self::SoftLight,
        Self::Difference,
        Self::Hue,
        Self::Saturation,
        Self::Color,
        Self::Luminosity,
        Self::Plus,
        Self::DstIn,
        Self::DstOut,
        Self::SrcAtop,
        Self::DstAtop,
    ];

    /// What a person reads.
    pub const fn label(self) -> &'static str {
        self.words().0
    }

    /// OpenRaster's `composite-op`, or Krita's where the format has none.
    pub const fn operator(self) -> &'static str {
        self.words().1
    }

    pub fn of_operator(operator: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|blend| blend.operator() == operator)
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Normal => ("Normal", "svg:src-over"),
            Self::Multiply => ("Multiply", "svg:multiply"),
            Self::Screen => ("Screen", "svg:screen"),
            Self::Overlay => ("Overlay", "svg:overlay"),
            Self::Darken => ("Darken", "svg:darken"),
            Self::Lighten => ("Lighten", "svg:lighten"),
            Self::ColorDodge => ("Colour dodge", "svg:color-dodge"),
            Self::LinearDodge => ("Linear dodge (add)", "krita:linear_dodge"),
            Self::ColorBurn => ("Colour burn", "svg:color-burn"),
            Self::HardLight => ("Hard light", "svg:hard-light"),
            Self::SoftLight => ("Soft light", "svg:soft-light"),
            Self::Difference => ("Difference", "svg:difference"),
            Self::Hue => ("Hue", "svg:hue"),
            Self::Saturation => ("Saturation", "svg:saturation"),
            Self::Color => ("Colour", "svg:color"),
            Self::Luminosity => ("Luminosity", "svg:luminosity"),
            Self::Plus => ("Addition", "svg:plus"),
            Self::DstIn => ("Keep below", "svg:dst-in"),
            Self::DstOut => ("Erase below", "svg:dst-out"),
            Self::SrcAtop => ("Inherit alpha", "svg:src-atop"),
            Self::DstAtop => ("Below inside", "svg:dst-atop"),
        }
    }

    /// Whether the layer changes what lies below even where it has no paint.
    pub const fn reaches_outside(self) -> bool {
        matches!(self, Self::DstIn | Self::DstAtop)
    }

    /// `B(cb, cs)` of the standard: the mixed colour, before alpha. Straight colours in 0..=1; operators that only cover give `cs`.
    pub fn mix(self, cb: [f32; 3], cs: [f32; 3]) -> [f32; 3] {
        match self {
            Self::Hue => set_luminosity(set_saturation(cs, saturation(cb)), luminosity(cb)),
            Self::Saturation => set_luminosity(set_saturation(cb, saturation(cs)), luminosity(cb)),
            Self::Color => set_luminosity(cs, luminosity(cb)),
            Self::Luminosity => set_luminosity(cb, luminosity(cs)),
            _ => std::array::from_fn(|channel| self.mix_channel(cb[channel], cs[channel])),
        }
    }

    fn mix_channel(self, cb: f32, cs: f32) -> f32 {
        match self {
            Self::Multiply => cb * cs,
            Self::Screen => cb + cs - cb * cs,
            Self::Overlay => hard_light(cs, cb),
            Self::Darken => cb.min(cs),
            Self::Lighten => cb.max(cs),
            Self::ColorDodge if cb <= 0.0 => 0.0,
            Self::ColorDodge if cs >= 1.0 => 1.0,
            Self::ColorDodge => (cb / (1.0 - cs)).min(1.0),
            Self::LinearDodge => (cb + cs).min(1.0),
            Self::ColorBurn if cb >= 1.0 => 1.0,
            Self::ColorBurn if cs <= 0.0 => 0.0,
            Self::ColorBurn => 1.0 - ((1.0 - cb) / cs).min(1.0),
            Self::HardLight => hard_light(cb, cs),
            Self::SoftLight => soft_light(cb, cs),
            Self::Difference => (cb - cs).abs(),
            _ => cs,
        }
    }

    /// A layer of `alpha` `source` and colour `cs` over a backdrop: straight colour and alpha of the result, all in 0..=1.
    /// `clip`: the backdrop's coverage stays as it is, and its colour moves towards the mixed one; modes that keep or erase what lies below do so. Where
    /// the layer shows only on what lies below, nothing is left of it that [`Self::DstAtop`] could lay beside that.
    pub fn compose(self, cb: [f32; 3], backdrop: f32, cs: [f32; 3], source: f32, clip: bool) -> ([f32; 3], f32) {
        let toward = |from: [f32; 3], to: [f32; 3], share: f32| {
            std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * share)
        };
        match self {
            Self::DstOut => (cb, backdrop * (1.0 - source)),
            Self::DstAtop if !clip => (toward(cs, cb, backdrop), source),
            Self::DstIn | Self::DstAtop => (cb, backdrop * source),
            Self::Plus if !clip => {
                let alpha = (source + backdrop).min(1.0);
                let light = |channel: usize| (cs[channel] * source + cb[channel] * backdrop).min(1.0) / alpha.max(1e-6);
                (std::array::from_fn(|channel| light(channel).min(1.0)), alpha)
            }
            Self::Plus => (
                std::array::from_fn(|channel| (cb[channel] + cs[channel] * source).min(1.0)),
                backdrop,
            ),
            _ if clip || self == Self::SrcAtop => (toward(cb, self.mix(cb, cs), source), backdrop),
            _ => {
                let alpha = source + backdrop * (1.0 - source);
                let mixed = self.mix(cb, cs);
                let channel = |channel: usize| {
                    let premultiplied = cs[channel] * source * (1.0 - backdrop)
                        + cb[channel] * backdrop * (1.0 - source)
                        + mixed[channel] * source * backdrop;
                    premultiplied / alpha.max(1e-6)
                };
                (std::array::from_fn(channel), alpha)
            }
        }
    }
}

fn hard_light(cb: f32, cs: f32) -> f32 {
    if cs <= 0.5 {
        cb * 2.0 * cs
    } else {
        let cs = 2.0 * cs - 1.0;
        cb + cs - cb * cs
    }
}

fn soft_light(cb: f32, cs: f32) -> f32 {
    if cs <= 0.5 {
        return cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb);
    }
    let d = if cb <= 0.25 {
        ((16.0 * cb - 12.0) * cb + 4.0) * cb
    } else {
        cb.sqrt()
    };
    cb + (2.0 * cs - 1.0) * (d - cb)
}

fn luminosity([r, g, b]: [f32; 3]) -> f32 {
    0.3 * r + 0.59 * g + 0.11 * b
}

fn saturation(color: [f32; 3]) -> f32 {
    largest(color) - smallest(color)
}

fn largest([r, g, b]: [f32; 3]) -> f32 {
    r.max(g).max(b)
}

fn smallest([r, g, b]: [f32; 3]) -> f32 {
    r.min(g).min(b)
}

/// `ClipColor(C + (l - Lum(C)))`.
fn set_luminosity(color: [f32; 3], l: f32) -> [f32; 3] {
    let shift = l - luminosity(color);
    let color = color.map(|value| value + shift);
    let (low, high) = (smallest(color), largest(color));
    color.map(|value| {
        let raised = if low < 0.0 { l + (value - l) * l / (l - low) } else { value };
        if high > 1.0 {
            l + (raised - l) * (1.0 - l) / (high - l)
        } else {
            raised
        }
    })
}

/// `SetSat`: the channels spread so that they reach from 0 to `s`.
fn set_saturation(color: [f32; 3], s: f32) -> [f32; 3] {
    let (low, range) = (smallest(color), saturation(color));
    color.map(|value| if range > 0.0 { (value - low) * s / range } else { 0.0 })
}

/// One pixel over another, straight RGBA in and out. `clip`: see [`Blend::compose`].
pub fn compose(below: [u8; 4], above: [u8; 4], opacity: f32, mode: Blend, clip: bool) -> [u8; 4] {
    let covers = above[3] > 0 && opacity > 0.0 && !(clip && below[3] == 0);
    if !covers && !mode.reaches_outside() {
        return below;
    }
    if mode == Blend::Normal && !clip {
        return normal(below, above, opacity);
    }
    let unit = |[r, g, b, a]: [u8; 4]| ([r, g, b].map(|value| f32::from(value) / 255.0), f32::from(a) / 255.0);
    let ((cb, backdrop), (cs, source)) = (unit(below), unit(above));
    let (color, alpha) = mode.compose(cb, backdrop, cs, source * opacity, clip);
    let byte = |value: f32| (value * 255.0 + 0.5) as u8;
    [byte(color[0]), byte(color[1]), byte(color[2]), byte(alpha)]
}

/// [`compose`] for the mode that most paint has.
fn normal(below: [u8; 4], above: [u8; 4], opacity: f32) -> [u8; 4] {
    if above[3] == 255 && opacity >= 1.0 {
        return above;
    }
    if below[3] == 0 {
        let [r, g, b, a] = above;
        return [r, g, b, (f32::from(a) * opacity + 0.5) as u8];
    }
    let (source, backdrop) = (f32::from(above[3]) / 255.0 * opacity, f32::from(below[3]) / 255.0);
    let alpha = source + backdrop * (1.0 - source);
    // On opaque ground there is nothing to divide by.
    let scale = if below[3] == 255 { 1.0 } else { 1.0 / alpha };
    let (over, under) = (source * scale, backdrop * (1.0 - source) * scale);
    let channel = |index: usize| (f32::from(above[index]) * over + f32::from(below[index]) * under + 0.5) as u8;
    [channel(0), channel(1), channel(2), (alpha * 255.0 + 0.5) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    const CB: [f32; 3] = [0.8, 0.4, 0.2];
    const CS: [f32; 3] = [0.5, 0.6, 0.1];

    #[test]
    fn colour_is_spelt_as_everywhere_on_the_screen() {
        assert!(Blend::ALL.iter().all(|blend| !blend.label().contains("Color")));
    }

    fn near(mode: Blend, expected: [f32; 3]) {
        let mixed = mode.mix(CB, CS);
        for channel in 0..3 {
            assert!((mixed[channel] - expected[channel]).abs() < 1e-4, "{mode:?}: {mixed:?}");
        }
    }

    #[test]
    fn colours_mix_as_the_standard_says() {
        // Worked out by hand from the formulas of the standard.
        near(Blend::Normal, CS);
        near(Blend::Multiply, [0.4, 0.24, 0.02]);
        near(Blend::Screen, [0.9, 0.76, 0.28]);
        near(Blend::Overlay, [0.8, 0.48, 0.04]);
        near(Blend::Darken, [0.5, 0.4, 0.1]);
        near(Blend::Lighten, [0.8, 0.6, 0.2]);
        near(Blend::ColorDodge, [1.0, 1.0, 0.222_222]);
        near(Blend::LinearDodge, [1.0, 1.0, 0.3]);
        near(Blend::ColorBurn, [0.6, 0.0, 0.0]);
        near(Blend::HardLight, [0.8, 0.52, 0.04]);
        near(Blend::SoftLight, [0.8, 0.446_491, 0.072]);
        near(Blend::Difference, [0.3, 0.2, 0.1]);
        // Lum(cb) = 0.498, Lum(cs) = 0.515, Sat(cb) = 0.6, Sat(cs) = 0.5.
        near(Blend::Luminosity, [0.817, 0.417, 0.217]);
        near(Blend::Color, [0.483, 0.583, 0.083]);
        near(Blend::Saturation, [0.749_667, 0.416_333, 0.249_667]);
        near(Blend::Hue, [0.48, 0.6, 0.0]);
    }

    #[test]
    fn every_operator_has_a_name_of_its_own_and_is_found_by_it() {
        let mut numbers = Blend::ALL.map(|blend| blend as usize);
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..Blend::ALL.len()), "each mode once");
        for blend in Blend::ALL {
            assert_eq!(Blend::of_operator(blend.operator()), Some(blend));
        }
        assert_eq!(Blend::of_operator("svg:nothing"), None);
    }

    #[test]
    fn coverage_follows_porter_and_duff() {
        let over = |mode: Blend, backdrop, source| mode.compose(CB, backdrop, CS, source, false).1;
        let close = |a: f32, b: f32| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
        close(over(Blend::Normal, 0.5, 0.5), 0.75);
        close(over(Blend::Multiply, 0.5, 0.5), 0.75);
        close(over(Blend::DstIn, 0.5, 0.5), 0.25);
        close(over(Blend::DstOut, 0.5, 0.2), 0.4);
        close(over(Blend::SrcAtop, 0.5, 0.2), 0.5);
        close(over(Blend::DstAtop, 0.5, 0.2), 0.2);
        close(over(Blend::Plus, 0.7, 0.6), 1.0);
        close(over(Blend::LinearDodge, 0.5, 0.5), 0.75);
        close(Blend::Screen.compose(CB, 0.3, CS, 1.0, true).1, 0.3);
    }

    #[test]
    fn pixels_mix_as_the_formula_says() {
        let multiply = |below, above| compose(below, above, 1.0, Blend::Multiply, false);
        assert_eq!(multiply([200, 100, 50, 255], [128, 128, 128, 255]), [100, 50, 25, 255]);
        assert_eq!(multiply([200, 100, 50, 255], [255; 4]), [200, 100, 50, 255], "paper vanishes");
        assert_eq!(
            multiply([0; 4], [12, 34, 56, 255]),
            [12, 34, 56, 255],
            "over nothing a layer shows as it is"
        );
        let over = |below, above, opacity| compose(below, above, opacity, Blend::Normal, false);
        assert_eq!(over([0, 0, 0, 255], [255; 4], 0.5), [128, 128, 128, 255]);
        assert_eq!(over([10, 20, 30, 128], [40, 50, 60, 128], 1.0), [30, 40, 50, 192]);
        let clipped = compose([10, 20, 30, 100], [250, 120, 30, 255], 0.5, Blend::Normal, true);
        assert_eq!(clipped, [130, 70, 30, 100], "a clipped layer changes colour and no coverage");
        // As in the file: there such a layer lies in a group with what it is clipped to, and cuts nothing else.
        for mode in [Blend::DstIn, Blend::DstAtop] {
            let kept = |alpha| compose([10, 20, 30, 100], [250, 120, 30, alpha], 1.0, mode, true);
            assert_eq!([kept(255), kept(0)].map(|[.., alpha]| alpha), [100, 0], "{mode:?}");
        }
    }
}
