//! Photoshop's blend modes in ours.

use crate::document::blend::Blend;

/// None: there is nothing like it here.
pub fn of_key(key: [u8; 4]) -> Option<Blend> {
    Some(match &key {
        // Groups that pass their layers' modes through; ours are isolated.
        // The last is how ImageMagick spells the first.
        b"norm" | b"pass" | b"mron" => Blend::Normal,
        b"mul " => Blend::Multiply,
        b"scrn" => Blend::Screen,
        b"over" => Blend::Overlay,
        b"dark" => Blend::Darken,
        b"lite" => Blend::Lighten,
        b"div " => Blend::ColorDodge,
        b"idiv" => Blend::ColorBurn,
        b"hLit" => Blend::HardLight,
        b"sLit" => Blend::SoftLight,
        b"diff" => Blend::Difference,
        b"hue " => Blend::Hue,
        b"sat " => Blend::Saturation,
        b"colr" => Blend::Color,
        b"lum " => Blend::Luminosity,
        b"lddg" => Blend::Plus,
        _ => return None,
    })
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
