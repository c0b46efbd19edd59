//! What is typed for a setting, read and refused.

use std::ops::RangeInclusive;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use engine::model::config::Prediction;
use engine::model::vae::GRAIN;
use engine::request::{AdapterFile, Settings};

/// What was typed where a word takes back the value that a recipe has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice<T> {
    Value(T),
    TakenBack,
}

impl<T> Choice<T> {
    /// What was typed over `base`.
    pub fn over(typed: Option<Self>, base: Option<T>) -> Option<T> {
        match typed {
            Some(Self::Value(value)) => Some(value),
            Some(Self::TakenBack) => None,
            None => base,
        }
    }
}

/// A parser for `word`, or for what `parse` reads.
pub fn or_word<T>(
    word: &'static str,
    parse: impl Fn(&str) -> Result<T, String> + Clone,
) -> impl Fn(&str) -> Result<Choice<T>, String> + Clone {
    move |text| match text.eq_ignore_ascii_case(word) {
        true => Ok(Choice::TakenBack),
        false => parse(text).map(Choice::Value).map_err(|cure| format!("{cure}, or {word}")),
    }
}

/// A parser for one of `all`, by its key.
pub fn keyed<T: Copy + Send + Sync + 'static>(all: &'static [T], key: fn(T) -> &'static str) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|choice| key(*choice))).map(move |typed: String| {
        let chosen = all.iter().find(|choice| key(**choice).eq_ignore_ascii_case(&typed));
        *chosen.expect("clap lets nothing but the keys through")
    })
}

/// A seed as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    pub value: u64,
    /// Nobody chose it: the next run draws another one.
    pub is_drawn: bool,
}

impl Seed {
    pub fn chosen(value: u64) -> Self {
        Self { value, is_drawn: false }
    }
}

/// Random ones are short enough to be typed again.
pub fn parse_seed(text: &str) -> Result<Seed, String> {
    match text {
        "random" | "-1" => Ok(Seed {
            value: crate::session::random_seed(),
            is_drawn: true,
        }),
        _ => text
            .parse()
            .map(Seed::chosen)
            .map_err(|_| format!("give a whole number from 0 to {}, or random", u64::MAX)),
    }
}

pub fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let side = |part: &str| part.parse::<u32>().ok().filter(|side| Settings::allows_side(*side));
    text.split_once(['x', 'X'])
        .and_then(|(width, height)| Some([side(width)?, side(height)?]))
        .ok_or_else(|| {
            let most = *Settings::SIDE.end();
            format!("give WIDTHxHEIGHT, both multiples of {GRAIN} up to {most}, such as 256x320")
        })
}

/// A side of square pictures.
pub fn parse_side(text: &str) -> Result<u32, String> {
    let side = text.parse().ok();
    side.filter(|side: &u32| side.is_multiple_of(GRAIN) && (GRAIN..=1536).contains(side))
        .ok_or_else(|| format!("give a multiple of {GRAIN} up to 1536"))
}

pub fn in_range(range: RangeInclusive<f32>) -> impl Fn(&str) -> Result<f32, String> + Clone {
    move |text| {
        text.parse()
            .ok()
            .filter(|value| range.contains(value))
            .ok_or_else(|| format!("give a number from {} to {}", range.start(), range.end()))
    }
}

/// The same for whole numbers.
pub fn whole_in(range: RangeInclusive<u32>) -> impl TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(i64::from(*range.start())..=i64::from(*range.end()))
}

/// `line.safetensors:0.7`; a colon that no number follows belongs to the file's name.
pub fn parse_adapter(text: &str) -> Result<AdapterFile, String> {
    let named = |file: &str, strength| AdapterFile {
        file: file.into(),
        strength,
        hash: None,
    };
    match text.rsplit_once(':') {
        _ if text.is_empty() => Err("give a file that `shiage train` wrote".to_owned()),
        Some(("", _)) => Err("give a file before the colon".to_owned()),
        Some((file, strength)) if strength.parse::<f32>().is_ok() => Ok(named(file, in_range(AdapterFile::STRENGTH)(strength)?)),
        _ => Ok(named(text, 1.0)),
    }
}

/// `0.4..0.9`.
pub fn parse_span(text: &str) -> Result<[f32; 2], String> {
    let share = in_range(0.0..=1.0);
    text.split_once("..")
        .and_then(|(from, to)| Some([share(from).ok()?, share(to).ok()?]))
        .filter(|[from, to]| from <= to)
        .ok_or_else(|| "give FROM..TO, both from 0 to 1, such as 0.4..0.9".to_owned())
}

pub fn parse_prediction(text: &str) -> Result<Prediction, String> {
    let found = Prediction::ALL
        .into_iter()
        .find(|choice| choice.key().eq_ignore_ascii_case(text));
    found.ok_or_else(|| format!("give {}", Prediction::ALL.map(Prediction::key).join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_multiples_of_64() {
        assert_eq!(parse_size("256x320"), Ok([256, 320]));
        assert_eq!(parse_size("256X320"), Ok([256, 320]));
        assert!(parse_size("250x320").is_err());
        assert!(parse_size("256").is_err());
        assert!(parse_size("0x64").is_err());
        assert!(parse_side("250").is_err() && parse_side("256") == Ok(256));
    }

    #[test]
    fn an_adapter_has_a_strength_or_1() {
        let parsed = |text| parse_adapter(text).map(|adapter| (adapter.file.display().to_string(), adapter.strength));
        assert_eq!(parsed("a.safetensors"), Ok(("a.safetensors".to_owned(), 1.0)));
        assert_eq!(parsed("C:/a.safetensors:0.5"), Ok(("C:/a.safetensors".to_owned(), 0.5)));
        assert_eq!(parsed("C:/a.safetensors"), Ok(("C:/a.safetensors".to_owned(), 1.0)));
        assert!(parsed("a.safetensors:3").is_err() && parsed("").is_err() && parsed(":0.5").is_err());
    }

    #[test]
    fn spans_rise_from_0_to_1() {
        assert_eq!(parse_span("0.4..0.9"), Ok([0.4, 0.9]));
        assert_eq!(parse_span("0..1"), Ok([0.0, 1.0]));
        assert!(
            ["0.9..0.4", "0.4", "0.4..1.2", ".."]
                .iter()
                .all(|text| parse_span(text).is_err())
        );
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!(in_range(0.0..=1.0)("0.5"), Ok(0.5));
        assert!(in_range(0.0..=1.0)("1.5").is_err());
        assert!(in_range(0.0..=1.0)("NaN").is_err());
    }

    #[test]
    fn a_word_takes_back_what_a_recipe_has() {
        let parse = or_word("auto", parse_size);
        assert_eq!(parse("Auto"), Ok(Choice::TakenBack));
        assert_eq!(parse("64x64"), Ok(Choice::Value([64, 64])));
        assert!(parse("none").unwrap_err().ends_with("or auto"));
        assert_eq!(Choice::over(None, Some(1)), Some(1));
        assert_eq!(Choice::over(Some(Choice::TakenBack), Some(1)), None);
        assert_eq!(Choice::over(Some(Choice::Value(2)), Some(1)), Some(2));
        assert_eq!(parse_prediction("EPS"), Ok(Prediction::Eps));
        assert!(parse_prediction("x").unwrap_err().contains("eps or v"));
    }
}
