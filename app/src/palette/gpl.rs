//! GIMP's palettes, which Krita, Inkscape and Aseprite read too: text, a colour a line.

use std::fmt::Write;

use super::{Fault, Palette, Swatch};

/// The first line.
const HEAD: &str = "GIMP Palette";

pub(super) fn parse(text: &str) -> Result<Palette, Fault> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    if lines.next().is_none_or(|(line, _)| line.trim() != HEAD) {
        return Err(Fault::Kind);
    }
    let mut palette = Palette::default();
    let mut has_alpha = false;
    for (line, number) in lines {
        let line = line.trim();
        if let Some(channels) = line.strip_prefix("Channels:") {
            // So writes Aseprite.
            has_alpha = channels.trim() == "RGBA";
        } else if let Some(name) = line.strip_prefix("Name:") {
            palette.name = name.trim().to_owned();
        } else if !(line.is_empty() || line.starts_with('#') || is_head(line)) {
            palette.swatches.push(swatch(line, has_alpha).ok_or(Fault::Line(number))?);
        }
    }
    Ok(palette)
}

/// "Columns: 8", and whatever else another program says about all colours.
fn is_head(line: &str) -> bool {
    line.starts_with(|first: char| first.is_alphabetic()) && line.split_once(':').is_some_and(|(key, _)| !key.contains(' '))
}

/// "255 128 0  Orange"; with alpha "255 128 0 255  Orange", of which colours here have none.
fn swatch(line: &str, has_alpha: bool) -> Option<Swatch> {
    let mut rest = line;
    let mut number = || {
        let (digits, after) = rest.split_at(rest.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(rest.len()));
        rest = after.trim_start();
        digits.parse::<u8>().ok()
    };
    let color = [number()?, number()?, number()?];
    if has_alpha {
        number();
    }
    Some(Swatch {
        // What GIMP calls a colour without a name.
        name: if rest == "Untitled" { String::new() } else { rest.to_owned() },
        color,
    })
}

pub(super) fn write(palette: &Palette) -> String {
    // A name of more than one line would end the line of its colour.
    let flat = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = format!("{HEAD}\nName: {}\nColumns: 0\n#\n", flat(&palette.name));
    for Swatch { name, color: [r, g, b] } in &palette.swatches {
        let name = flat(name);
        let name = if name.is_empty() { "Untitled" } else { &name };
        let _ = writeln!(text, "{r:3} {g:3} {b:3}\t{name}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_programs_write_is_read() {
        let text = "\u{feff}GIMP Palette\r\nName: Bears\r\nChannels: RGBA\r\nColumns: 16\r\n# a remark\r\n\r\n  8   8   8\tgrey3: dark\r\n255 0 10\r\n";
        let palette = parse(text).unwrap();
        assert_eq!(palette.name, "Bears");
        let named: Vec<_> = (palette.swatches.iter())
            .map(|swatch| (swatch.name.as_str(), swatch.color))
            .collect();
        assert_eq!(named, [("grey3: dark", [8, 8, 8]), ("", [255, 0, 10])]);
    }

    #[test]
    fn alpha_is_no_part_of_a_name() {
        let text = "GIMP Palette\nChannels: RGBA\n  8   8   8 255\tUntitled\n1 2 3 0 glass 7\n";
        let palette = parse(text).unwrap();
        let named: Vec<_> = palette.swatches.iter().map(|swatch| swatch.name.as_str()).collect();
        assert_eq!(named, ["", "glass 7"]);
    }

    #[test]
    fn a_name_stays_in_its_line() {
        let mut palette = Palette::default();
        palette.add("two\nlines", [1, 2, 3]);
        assert_eq!(parse(&write(&palette)).unwrap().swatches[0].name, "two lines");
    }

    #[test]
    fn a_line_without_a_colour_is_named() {
        for line in ["1 2", "red", "1 2 -3", "1,2,3", "256 0 0"] {
            assert_eq!(parse(&format!("GIMP Palette\n#\n{line}")), Err(Fault::Line(3)), "{line}");
        }
    }
}
