//! Masks as they are given: what they allow, and whether they lie on their pictures.

use engine::request::{Inputs, Mode, Settings};
use image::GrayImage;

use super::BadInput;

/// What tells figure from background in a run.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub sketch_mask: bool,
    pub reference_mask: bool,
    pub background: bool,
}

impl Given {
    pub fn of(inputs: &Inputs) -> Self {
        Self {
            sketch_mask: inputs.sketch_mask.is_some(),
            reference_mask: inputs.reference_mask.is_some(),
            background: inputs.background.is_some(),
        }
    }

    /// The best mode that it allows.
    pub fn mode(self) -> Mode {
        match self.sketch_mask && (self.reference_mask || self.background) {
            true => Mode::Split,
            false => Mode::Vanilla,
        }
    }

    /// What is given for nothing where [`Self::mode`] was chosen, and what is missing.
    pub fn unused(self, settings: &Settings) -> Option<String> {
        let (unused, missing) = match (self.sketch_mask, self.reference_mask, self.background) {
            // It still says where the result is white.
            (true, false, false) if settings.figure_alone => return None,
            (true, false, false) => ("sketch mask is", "reference mask and no background"),
            (false, true, false) => ("reference mask is", "sketch mask"),
            (false, false, true) => ("background is", "sketch mask"),
            (false, true, true) => ("reference mask and the background are", "sketch mask"),
            _ => return None,
        };
        Some(format!(
            "the {unused} not used, for there is no {missing}: the mode is vanilla"
        ))
    }
}

/// Refuses `what`, of that size, where it has other proportions than the picture it belongs to: it would be stretched. Sides may be rounded.
pub fn check_fit(what: &str, (width, height): (u32, u32), picture: (u32, u32)) -> Result<(), BadInput> {
    let [w, h, of_w, of_h] = [width, height, picture.0, picture.1].map(f64::from);
    let near = |side: f64, wanted: f64| (side - wanted).abs() <= (0.01 * wanted).max(1.0);
    match near(h, w * of_h / of_w) || near(w, h * of_w / of_h) {
        true => Ok(()),
        false => Err(BadInput(format!(
            "{what} is {width}x{height} and its picture {}x{}: give one of the same proportions",
            picture.0, picture.1
        ))),
    }
}

/// Says of the sketch mask, called `name`, that it has no figure, where the mode asks for one.
pub fn warn_of_sketch_mask(name: &str, mask: Option<&GrayImage>, settings: &Settings) {
    let is_used = settings.mode.needs_sketch_mask();
    warn_of_empty(name, mask.filter(|_| is_used), |value| value > settings.sketch_mask_threshold);
}

/// As [`warn_of_sketch_mask`], of a reference mask.
pub fn warn_of_reference_mask(name: &str, mask: Option<&GrayImage>, settings: &Settings) {
    let is_used = settings.mode.needs_reference_mask();
    warn_of_empty(name, mask.filter(|_| is_used), |value| {
        value >= settings.reference_mask_threshold
    });
}

fn warn_of_empty(name: &str, mask: Option<&GrayImage>, is_figure: impl Fn(f32) -> bool) {
    let lightest = mask.map(|mask| mask.as_raw().iter().max().copied().unwrap_or_default());
    if lightest.is_some_and(|lightest| !is_figure(f32::from(lightest) / 255.0)) {
        eprintln!("{name} has no figure: nothing in it reaches its threshold; masks are white where the figure is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_that_nothing_answers_is_named_with_what_is_missing() {
        let said = |sketch_mask, reference_mask, background| {
            let given = Given {
                sketch_mask,
                reference_mask,
                background,
            };
            (given.mode(), given.unused(&Settings::default()).unwrap_or_default())
        };
        assert_eq!(said(true, true, false), (Mode::Split, String::new()));
        assert_eq!(said(true, false, true), (Mode::Split, String::new()));
        assert_eq!(said(false, false, false), (Mode::Vanilla, String::new()));
        let (mode, words) = said(true, false, false);
        assert!(mode == Mode::Vanilla && words.starts_with("the sketch mask is not used") && words.contains("no reference mask"));
        let (mode, words) = said(false, true, true);
        assert!(mode == Mode::Vanilla && words.starts_with("the reference mask and the background are not used"));
        assert!(words.contains("no sketch mask"), "{words}");
    }

    #[test]
    fn masks_have_their_pictures_proportions_but_for_rounding() {
        let fits = |size, picture| check_fit("the mask", size, picture);
        for (size, picture) in [
            ((100, 50), (1000, 500)),
            ((50, 17), (100, 33)),
            ((1, 1), (300, 20)),
            ((1000, 505), (1000, 500)),
        ] {
            assert!(fits(size, picture).is_ok(), "{size:?} {picture:?}");
        }
        for (size, picture) in [
            ((500, 1000), (1000, 500)),
            ((1000, 520), (1000, 500)),
            ((768, 768), (768, 512)),
        ] {
            assert!(fits(size, picture).is_err(), "{size:?} {picture:?}");
        }
    }
}
