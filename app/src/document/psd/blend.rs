//! Photoshop's blend modes in ours.

use crate::document::blend::Blend;

/// The modes that both have. On opaque ground ours that adds coverage as well is the same as Photoshop's that adds.
const KEYS: [(&[u8; 4], Blend); 17] = [
    (b"norm", Blend::Normal),
    (b"mul ", Blend::Multiply),
    (b"scrn", Blend::Screen),
    (b"over", Blend::Overlay),
    (b"dark", Blend::Darken),
    (b"lite", Blend::Lighten),
    (b"div ", Blend::ColorDodge),
    (b"idiv", Blend::ColorBurn),
    (b"hLit", Blend::HardLight),
    (b"sLit", Blend::SoftLight),
    (b"diff", Blend::Difference),
    (b"hue ", Blend::Hue),
    (b"sat ", Blend::Saturation),
    (b"colr", Blend::Color),
    (b"lum ", Blend::Luminosity),
    (b"lddg", Blend::LinearDodge),
    (b"lddg", Blend::Plus),
];

/// None: there is nothing like it here.
pub fn of_key(key: [u8; 4]) -> Option<Blend> {
    // Groups that pass their layers' modes through; ours are isolated. The other is how ImageMagick spells "norm".
    if matches!(&key, b"pass" | b"mron") {
        return Some(Blend::Normal);
    }
    KEYS.iter().find(|(known, _)| **known == key).map(|(_, blend)| *blend)
}

/// None: there is nothing like it in Photoshop.
pub fn key_of(blend: Blend) -> Option<[u8; 4]> {
    KEYS.iter().find(|(_, known)| *known == blend).map(|(key, _)| **key)
}

/// What a person calls a mode that we have not.
pub fn name(key: [u8; 4]) -> String {
    let known = match &key {
        b"diss" => "Dissolve",
        b"lbrn" => "Linear Burn",
        b"dkCl" => "Darker Color",
        b"lgCl" => "Lighter Color",
        b"vLit" => "Vivid Light",
        b"lLit" => "Linear Light",
        b"pLit" => "Pin Light",
        b"hMix" => "Hard Mix",
        b"smud" => "Exclusion",
        b"fsub" => "Subtract",
        b"fdiv" => "Divide",
        other => return String::from_utf8_lossy(other).trim().to_owned(),
    };
    known.to_owned()
}
