//! Names of layers in what a person is told.

use super::arrange::MAX_DEPTH;

/// Names in a sentence, at most.
const MOST: usize = 5;

/// The first few of some names in quotation marks, and how many more there are.
pub fn quoted(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| format!("\u{201c}{name}\u{201d}"))
        .collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A layer whose blend mode is not known here.
pub fn moded(name: &str, mode: &str) -> String {
    format!("{name}: {mode}")
}

/// What is said of such layers.
pub fn unknown_modes(layers: &str) -> String {
    format!("Blend modes that are not known here show as normal ({layers}). Choose others for these layers if they look wrong.")
}

/// What is said of groups that let the layers below them through.
pub fn passing_groups(groups: &str) -> String {
    format!(
        "Groups that pass blend modes through are blended as a whole here ({groups}). Move the layers out of a group if they look wrong."
    )
}

/// What is said of groups that lie deeper in each other than they can here.
pub fn deep_groups(groups: &str) -> String {
    format!(
        "Groups that lie more than {MAX_DEPTH} deep in each other are taken apart: what they hold lies in the group around them ({groups}). To keep the \
         file as it is, save under another name."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_cut_short() {
        let names: Vec<String> = (1..=7).map(|number| format!("夏 {number}")).collect();
        assert_eq!(quoted(&names[..2]), "\u{201c}夏 1\u{201d}, \u{201c}夏 2\u{201d}");
        assert!(quoted(&names[..5]).ends_with("\u{201c}夏 5\u{201d}"));
        assert!(quoted(&names).ends_with("\u{201c}夏 5\u{201d} and 2 more"));
    }
}
