//! The settings of the next generation, as the document keeps them: RON text that the document itself does not read.

use engine::pipeline::canvas_size;
use engine::request::Settings;

use crate::document::Document;

/// The sizes that are offered: sides of squares of that area, in pixels.
pub const SIDES: [u32; 6] = [256, 384, 512, 768, 1024, 1536];

/// How far the proportions of a size are from those of its canvas at most, as a share, if it was chosen for that.
const NEAR: f64 = 0.1;

/// Of the sizes that are offered for a canvas of `[width, height]` pixels the one whose area is nearest to that of `size`.
pub fn size_on(canvas: [u32; 2], size: [u32; 2]) -> [u32; 2] {
    let side = (f64::from(size[0]) * f64::from(size[1])).sqrt();
    let apart = |offered: &u32| (f64::from(*offered) - side).abs();
    let nearest = SIDES.into_iter().min_by(|one, other| apart(one).total_cmp(&apart(other)));
    nearest.map_or(size, |side| canvas_size(side, canvas))
}

/// The size of a picture that is to be made again: `size`, or where a canvas of `[width, height]` pixels has other proportions by now, its like there.
pub fn size_again(canvas: [u32; 2], size: [u32; 2]) -> [u32; 2] {
    let aspect = |[width, height]: [u32; 2]| f64::from(width.max(1)) / f64::from(height.max(1));
    // Its grain keeps a size from the very proportions.
    let is_near = (aspect(size) / aspect(canvas)).ln().abs() < NEAR;
    match is_near || SIDES.iter().any(|side| canvas_size(*side, canvas) == size) {
        true => size,
        false => size_on(canvas, size),
    }
}

/// The settings that the document was saved with; the defaults where it has none.
pub fn of(document: &Document) -> Result<Settings, ron::error::SpannedError> {
    document
        .settings
        .as_deref()
        .map_or_else(|| Ok(Settings::default()), ron::from_str)
}

/// Keeps the settings in the document, to be saved with it.
pub fn keep(document: &mut Document, settings: &Settings) -> Result<(), ron::Error> {
    document.settings = Some(ron::to_string(settings)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_keeps_its_area_on_a_canvas_of_other_proportions() {
        for side in SIDES {
            let wide = canvas_size(side, [1600, 900]);
            assert_eq!(size_on([1600, 900], wide), wide, "it stays as it is");
            assert_eq!(size_on([900, 1600], wide), canvas_size(side, [900, 1600]));
        }
        assert_eq!(size_on([64, 64], [8, 8]), [256, 256]);
        assert_eq!(size_on([64, 64], [4096, 2048]), [1536, 1536]);
    }

    #[test]
    fn a_picture_is_made_again_in_its_size_unless_the_canvas_has_other_proportions() {
        for canvas in [[1600, 900], [64, 64], [300, 2400]] {
            for side in SIDES {
                let made = canvas_size(side, canvas);
                assert_eq!(size_again(canvas, made), made);
            }
        }
        assert_eq!(size_again([70, 64], [320, 320]), [320, 320], "one that nobody offered");
        assert_eq!(size_again([64, 40], [512, 512]), canvas_size(512, [64, 40]));
        assert_eq!(size_again([40, 64], canvas_size(512, [64, 40])), canvas_size(512, [40, 64]));
    }

    #[test]
    fn settings_come_back_as_they_were() {
        let mut document = Document::new([8, 8]).unwrap();
        assert_eq!(of(&document).unwrap(), Settings::default());
        let chosen = Settings {
            seed: u64::MAX,
            size: Some([256, 320]),
            ..Settings::default()
        };
        keep(&mut document, &chosen).unwrap();
        assert_eq!(of(&document).unwrap(), chosen);
        document.settings = Some("(steps: many)".into());
        assert!(of(&document).is_err());
    }
}
