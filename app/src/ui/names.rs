//! Names of files where there is little room.

use std::borrow::Cow;

use egui::{Color32, FontId, Ui};

/// A name that fits into `width` points: cut in its middle, for the frames of a shot differ at the end.
pub fn cut_to<'a>(ui: &Ui, name: &'a str, font: &FontId, width: f32) -> Cow<'a, str> {
    fitting(name, |text| {
        let galley = ui
            .painter()
            .layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER);
        galley.size().x <= width
    })
}

/// As much of both ends as `fits`, with an ellipsis in between.
fn fitting(name: &str, fits: impl Fn(&str) -> bool) -> Cow<'_, str> {
    if fits(name) {
        return Cow::Borrowed(name);
    }
    let letters: Vec<char> = name.chars().collect();
    let cut = |kept: usize| {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let ends = letters[..head].iter().chain(&['…']).chain(&letters[letters.len() - tail..]);
        ends.collect::<String>()
    };
    let (mut few, mut many) = (0, letters.len().saturating_sub(1));
    while few < many {
        let kept = (few + many).div_ceil(2);
        match fits(&cut(kept)) {
            true => few = kept,
            false => many = kept - 1,
        }
    }
    Cow::Owned(cut(few))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_long_name_stay() {
        let within = |name, most: usize| fitting(name, |text| text.chars().count() <= most).into_owned();
        assert_eq!(within("shot_113_0001", 20), "shot_113_0001");
        assert_eq!(within("shot_113_0001", 13), "shot_113_0001");
        assert_eq!(within("shot_113_0001", 8), "shot…001");
        assert_eq!(within("仕上げ線画", 4), "仕上…画");
        assert_eq!(within("shot", 0), "…");
        assert_eq!(within("", 0), "");
    }
}
