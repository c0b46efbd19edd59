//! A recipe as names and values: what is shown, searched, sorted and compared. A setting that a later version adds is among them without a word here.

use std::path::Path;

use engine::request::Named as _;
use serde_json::Value;

use super::entry::Entry;
use crate::generate::recipe::{InputImage, Origin, Recipe};

/// Fields that the gallery groups by.
pub const MODEL: &str = "Model";
pub const MODE: &str = "Mode";
pub const SEED: &str = "Seed";
pub const SKETCH: &str = "Sketch";
pub const REFERENCE: &str = "Reference";

/// The settings that are asked for most; the others follow by name.
const FIRST: [&str; 5] = ["mode", "seed", "steps", "sampler", "schedule"];

/// Every field of our recipe.
pub fn of(recipe: &Recipe) -> Vec<(String, String)> {
    let mut fields = vec![(MODEL.to_owned(), recipe.model.name.clone())];
    let inputs = &recipe.inputs;
    let pictures = [
        (SKETCH, Some(&inputs.sketch)),
        (REFERENCE, Some(&inputs.reference)),
        ("Background", inputs.background.as_ref()),
        ("Start", inputs.start.as_ref()),
        ("Injected picture", inputs.injection.as_ref()),
        ("Colour hints", inputs.hints.as_ref()),
        ("Sketch mask", inputs.sketch_mask.as_ref()),
        ("Reference mask", inputs.reference_mask.as_ref()),
    ];
    for (name, input) in pictures {
        fields.extend(input.map(|input| (name.to_owned(), picture(input))));
    }
    // Plain data always has a JSON form.
    if let Ok(Value::Object(settings)) = serde_json::to_value(&recipe.settings) {
        let settings = settings.iter().filter(|(name, value)| *name != "model" && !value.is_null());
        let mut settings: Vec<_> = settings.collect();
        settings.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
        let value = |name: &str, value: &Value| match name {
            "sampler" => recipe.settings.sampler.name().to_owned(),
            "schedule" => recipe.settings.schedule.name().to_owned(),
            _ => text(value),
        };
        let named = settings.into_iter().map(|(name, set)| (words(name), value(name, set)));
        fields.extend(named.filter(|(_, value)| !value.is_empty()));
    }
    fields.push((
        "Lines".to_owned(),
        if recipe.lines { "over the colour" } else { "left out" }.to_owned(),
    ));
    fields.push(("Device".to_owned(), recipe.device.clone()));
    fields.push(("Program".to_owned(), recipe.program.clone()));
    fields.push(("Model hash".to_owned(), short(&recipe.model.hash)));
    fields
}

/// The last line of another program's `parameters`: "Steps: 20, Sampler: Euler a, …". What stands before it is the prompt.
pub fn of_parameters(text: &str) -> Vec<(String, String)> {
    let text = text.trim();
    let (prompt, line) = match text.rsplit_once('\n') {
        Some((prompt, line)) if line.contains(": ") => (prompt, line),
        None if text.contains(": ") => ("", text),
        _ => (text, ""),
    };
    let mut fields = Vec::new();
    if !prompt.is_empty() {
        fields.push(("Prompt".to_owned(), prompt.replace('\n', " ")));
    }
    let pairs = line.split(", ").filter_map(|part| part.split_once(": "));
    fields.extend(pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())));
    fields
}

/// Where two recipes differ: the name, and the value in each; the empty text where one has none.
pub fn difference<'a>(a: &'a [(String, String)], b: &'a [(String, String)]) -> Vec<(&'a str, &'a str, &'a str)> {
    let value = |fields: &'a [(String, String)], name: &str| {
        let field = fields.iter().find(|(known, _)| known == name);
        field.map_or("", |(_, value)| value.as_str())
    };
    let names = a.iter().chain(b.iter().filter(|(name, _)| value(a, name).is_empty()));
    names
        .map(|(name, _)| (name.as_str(), value(a, name), value(b, name)))
        .filter(|(_, a, b)| a != b)
        .collect()
}

/// A value as a person reads it: without the hash behind a picture's name.
pub fn plain(value: &str) -> &str {
    match value.rsplit_once(" #") {
        Some((name, hash)) if !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => value,
    }
}

/// Whether a picture's sketch was drawn or imported in a document of the studio.
pub fn is_of_document(entry: &Entry) -> bool {
    entry.field(SKETCH).starts_with("document #")
}

/// The file's name and the start of the picture's hash: two pictures of one name are two.
fn picture(input: &InputImage) -> String {
    let hash = short(&input.hash);
    match &input.origin {
        Origin::File(path) => format!(
            "{} #{hash}",
            path.file_name().unwrap_or(Path::new("?").as_os_str()).to_string_lossy()
        ),
        Origin::Sample(name) => format!("sample {name} #{hash}"),
        Origin::Document => format!("document #{hash}"),
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(8).collect()
}

/// "sketch_mask_threshold" as "Sketch mask threshold".
fn words(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        // Settings are single precision: as double, 0.05 would read 0.05000000074505806.
        Value::Number(number) if number.is_f64() => (number.as_f64().unwrap_or_default() as f32).to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(values) => {
            let parts = values.iter().map(|(name, value)| format!("{} {}", words(name), text(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::metadata::tests::recipe;

    fn value<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
        fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    #[test]
    fn every_setting_has_a_name_and_a_value() {
        let fields = of(&recipe());
        assert_eq!(value(&fields, "Seed"), "7");
        assert_eq!(value(&fields, "Mode"), "Split");
        assert_eq!(value(&fields, "Sketch mask threshold"), "0.05");
        assert_eq!(value(&fields, "Sketch"), "線画.png #00");
        assert_eq!(value(&fields, "Sampler"), "DPM++ 2M", "as the studio calls it");
        for absent in ["Background", "Prompts"] {
            assert!(fields.iter().all(|(name, _)| name != absent), "what there is not is left out");
        }
    }

    #[test]
    fn other_programs_parameters_are_read() {
        let fields = of_parameters("a girl,\nblue hair\nSteps: 20, Sampler: Euler a, Seed: 5");
        assert_eq!(value(&fields, "Prompt"), "a girl, blue hair");
        assert_eq!((value(&fields, "Steps"), value(&fields, "Seed")), ("20", "5"));
        assert_eq!(of_parameters("only words"), [("Prompt".to_owned(), "only words".to_owned())]);
    }

    #[test]
    fn names_are_plain_without_their_hashes() {
        assert_eq!(plain("線画.png #d478f146"), "線画.png");
        assert_eq!(plain("take #7 of many"), "take #7 of many");
        assert_eq!(plain("Split"), "Split");
    }

    #[test]
    fn only_what_differs_is_told() {
        let mut other = recipe();
        other.settings.seed = 8;
        other.inputs.background = Some(other.inputs.sketch.clone());
        assert_eq!(
            difference(&of(&recipe()), &of(&other)),
            [("Seed", "7", "8"), ("Background", "", "線画.png #00")]
        );
        assert!(difference(&of(&recipe()), &of(&recipe())).is_empty());
    }
}
