//! Which colours the parts of a take have: few, or those of a palette.

use engine::image::lab::{Lab, difference, lab};
use image::Rgb;

use super::{FlatColors, FlatSettings};
use crate::palette::Swatch;

/// Colours of the take's own at most; what is more goes to the nearest one.
const MOST: usize = 40;

/// A colour that parts can have.
type Known = ([u8; 3], Lab);

/// The colours, that of the largest part first, each by its name or else by what it is, and for each part which of them it has. A part is a colour and pixels.
pub(super) fn alike(parts: &[([u8; 3], u32)], settings: FlatSettings, palette: &[Swatch]) -> (Vec<Swatch>, Vec<usize>) {
    let palette: &[Swatch] = if settings.colors == FlatColors::Take { &[] } else { palette };
    let seen = |color: [u8; 3]| (color, lab(Rgb(color)));
    // The palette's, and after them the take's own, in the order in which the largest parts ask for them.
    let mut known: Vec<Known> = palette.iter().map(|swatch| seen(swatch.color)).collect();
    let order = by_size(parts);
    let mut of = vec![0; parts.len()];
    for part in &order {
        let color = seen(parts[*part].0);
        let (swatches, own) = known.split_at(palette.len());
        of[*part] = match (nearest(swatches, color.1), nearest(own, color.1)) {
            (Some((at, distance)), _) if settings.colors == FlatColors::Palette || distance < settings.apart => at,
            (_, Some((at, distance))) if distance < settings.apart || own.len() >= MOST => palette.len() + at,
            _ => {
                known.push(color);
                known.len() - 1
            }
        };
    }
    // Of the palette only what some part has.
    let mut places: Vec<Option<usize>> = vec![None; known.len()];
    let mut colors = Vec::new();
    for part in order {
        let at = of[part];
        of[part] = *places[at].get_or_insert_with(|| {
            let color = known[at].0;
            let name = palette.get(at).map(|swatch| swatch.name.trim());
            let name = name.filter(|name| !name.is_empty());
            let name = name.map_or_else(|| hex(color), str::to_owned);
            colors.push(Swatch { name, color });
            colors.len() - 1
        });
    }
    (colors, of)
}

/// Places of the parts, the largest first.
pub(super) fn by_size(parts: &[([u8; 3], u32)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|part| std::cmp::Reverse(parts[*part].1));
    order
}

/// Which of them is nearest to a colour, and how far it is.
fn nearest(known: &[Known], color: Lab) -> Option<(usize, f32)> {
    let distances = known.iter().map(|(_, known)| difference(*known, color)).enumerate();
    distances.min_by(|one, other| one.1.total_cmp(&other.1))
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [([u8; 3], u32); 4] = [
        ([200, 40, 40], 5),
        ([30, 160, 60], 90),
        ([204, 38, 44], 70),
        ([20, 20, 220], 9),
    ];

    fn palette() -> Vec<Swatch> {
        let swatch = |name: &str, color| Swatch {
            name: name.to_owned(),
            color,
        };
        vec![
            swatch("Hair", [90, 60, 30]),
            swatch(" Coat ", [198, 44, 40]),
            swatch("", [28, 158, 66]),
        ]
    }

    /// Names and colours, and which of them the parts have.
    fn cut(colors: FlatColors, apart: f32, palette: &[Swatch]) -> (Vec<(String, [u8; 3])>, Vec<usize>) {
        let settings = FlatSettings {
            colors,
            apart,
            ..FlatSettings::default()
        };
        let (colors, of) = alike(&PARTS, settings, palette);
        (colors.into_iter().map(|swatch| (swatch.name, swatch.color)).collect(), of)
    }

    fn own(name: &str, color: [u8; 3]) -> (String, [u8; 3]) {
        (name.to_owned(), color)
    }

    #[test]
    fn parts_of_nearly_one_colour_have_that_of_the_largest() {
        let blue = own("#1414DC", [20, 20, 220]);
        let green = own("#1EA03C", [30, 160, 60]);
        let red = own("#CC262C", [204, 38, 44]);
        // The palette counts for nothing.
        let (colors, of) = cut(FlatColors::Take, 7.0, &palette());
        assert_eq!((colors, of), (vec![green, red, blue], vec![1, 0, 1, 2]));
        assert_eq!(cut(FlatColors::Take, 0.0, &[]).0.len(), 4);
    }

    #[test]
    fn a_palette_s_colours_are_taken_exactly_with_their_names() {
        let green = own("#1C9E42", [28, 158, 66]);
        let coat = own("Coat", [198, 44, 40]);
        let blue = own("#1414DC", [20, 20, 220]);
        let (colors, of) = cut(FlatColors::Near, 7.0, &palette());
        assert_eq!((colors, of), (vec![green.clone(), coat, blue], vec![1, 0, 1, 2]));
        let (colors, of) = cut(FlatColors::Palette, 7.0, &palette());
        assert_eq!(colors[0], green);
        let is_there = |color: [u8; 3]| palette().iter().any(|swatch| swatch.color == color);
        assert!(colors.iter().all(|(_, color)| is_there(*color)));
        assert_eq!(of[..3], [1, 0, 1]);
        // A palette without colours leaves the take its own.
        assert_eq!(cut(FlatColors::Palette, 7.0, &[]), cut(FlatColors::Take, 7.0, &[]));
    }

    #[test]
    fn of_too_many_colours_the_rest_goes_to_the_nearest() {
        let parts: Vec<([u8; 3], u32)> = (0..216)
            .map(|at| ([(at % 6 * 51) as u8, (at / 6 % 6 * 51) as u8, (at / 36 * 51) as u8], 300 - at))
            .collect();
        let (colors, of) = alike(&parts, FlatSettings::default(), &[]);
        assert_eq!(colors.len(), MOST);
        assert!(of.iter().all(|color| *color < MOST));
    }
}
