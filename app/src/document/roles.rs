//! Roles for the layers of a file that another program wrote, by the names that we give, and by those that people give their line art.

use super::layer::Role;

/// What line art is called, as a part of a name.
const TELLING: [&str; 15] = [
    "sketch",
    "lineart",
    "linework",
    "outline",
    "線画",
    "主線",
    "描線",
    "輪郭線",
    "ペン入れ",
    "清書",
    "アウトライン",
    "线稿",
    "線稿",
    "勾线",
    "선화",
];
/// As those, but as a word by itself: parts of other words are pink, skyline and 光線, which are none.
const WORDS: [&str; 8] = ["line", "lines", "ink", "inks", "inked", "inking", "線", "ライン"];

/// A layer of such a file.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub name: &'a str,
    pub shown: bool,
    /// A group that it lies in is called as line art is.
    pub in_line_art: bool,
}

/// A role for each layer, from the top down. The sketch is what is called as line art is, or lies in a group that is, or else the topmost that shows; a layer
/// that is called as one of ours is one of ours.
pub(super) fn by_names(layers: &[Named<'_>]) -> Vec<Role> {
    let mut roles: Vec<Role> = layers.iter().map(|layer| by_name(layer.name)).collect();
    let paints: Vec<usize> = (0..layers.len()).filter(|at| roles[*at] == Role::Paint).collect();
    let called = |at: &usize| layers[*at].in_line_art || is_line_art(layers[*at].name);
    let shows = |at: &usize| layers[*at].shown;
    let mut sketches: Vec<usize> = paints.iter().copied().filter(called).collect();
    if sketches.is_empty() {
        sketches.extend(paints.iter().find(|at| shows(at)).or(paints.first()));
    }
    // Beside lines that show, a rough that was put out of sight is none of them.
    if sketches.iter().any(shows) {
        sketches.retain(shows);
    }
    for at in sketches {
        roles[at] = Role::Sketch;
    }
    // A mask of a reference that is not there is a layer like others.
    if !roles.contains(&Role::Reference) {
        roles
            .iter_mut()
            .filter(|role| **role == Role::ReferenceMask)
            .for_each(|role| *role = Role::Paint);
    }
    roles
}

/// Whether a layer or a group of this name is line art.
pub(super) fn is_line_art(name: &str) -> bool {
    let name = name.to_lowercase();
    let mut words = name.split(|letter: char| !letter.is_alphabetic());
    TELLING.iter().any(|part| name.contains(part)) || words.any(|word| WORDS.contains(&word))
}

/// The names that we give, as they come back from a program that dropped what is ours.
pub(super) fn by_name(name: &str) -> Role {
    match name {
        "Sketch mask" => Role::SketchMask,
        "Reference" => Role::Reference,
        "Reference mask" => Role::ReferenceMask,
        "Background reference" => Role::Background,
        "Hints" => Role::Hints,
        _ if is_numbered(name, "Take") => Role::Take,
        _ if is_numbered(name, "Hints") => Role::Hints,
        _ => Role::Paint,
    }
}

/// Whether a name is this one with a number after it.
fn is_numbered(name: &str, stem: &str) -> bool {
    let number = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix(' '));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of the sketch's layers among some, from the top down: names, those that do not show in brackets, those in a group of lines after a slash.
    fn sketches(names: &[&str]) -> Vec<usize> {
        let layers: Vec<Named<'_>> = names
            .iter()
            .map(|name| Named {
                name: name.trim_matches(['(', ')', '/']),
                shown: !name.starts_with('('),
                in_line_art: name.contains('/'),
            })
            .collect();
        let roles = by_names(&layers);
        (0..roles.len()).filter(|at| roles[*at] == Role::Sketch).collect()
    }

    #[test]
    fn line_art_is_known_by_what_illustrators_call_it() {
        for name in [
            "Sketch",
            "LINEART 2",
            "My line art",
            "face_line",
            "Lines1",
            "ink",
            "Inks",
            "hair outline",
            "主線",
            "線画のコピー",
            "ペン入れ",
            "線2",
        ] {
            assert!(is_line_art(name), "{name}");
        }
        for name in [
            "pink",
            "Skyline",
            "Underlined",
            "光線",
            "ラインナップ",
            "drink",
            "Layer 1",
            "色",
            "",
        ] {
            assert!(!is_line_art(name), "{name}");
        }
    }

    #[test]
    fn every_layer_that_is_called_so_is_of_the_sketch_and_what_lies_in_such_a_group() {
        assert_eq!(sketches(&["Notes", "主線", "影", "Line: hair", "塗り"]), [1, 3]);
        assert_eq!(sketches(&["Notes", "/髪", "/顔", "Sketch mask", "塗り"]), [1, 2]);
        assert_eq!(
            sketches(&["(rough sketch)", "線画", "塗り"]),
            [1],
            "the rough was put out of sight"
        );
        assert_eq!(
            sketches(&["塗り", "(線画)", "(ink)"]),
            [1, 2],
            "the lines were, to look at the colour"
        );
        assert_eq!(sketches(&["(a)", "b", "c"]), [1]);
        assert_eq!(sketches(&["(a)", "(b)"]), [0]);
        assert_eq!(sketches(&["Take 1"]), [] as [usize; 0]);
    }
}
