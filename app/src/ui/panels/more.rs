//! What few people touch. Every control marks its default, and an arrow beside it leads back there.

use std::fmt::Display;
use std::ops::RangeInclusive;

use egui::style::HandleShape;
use egui::{Button, Checkbox, CollapsingHeader, ComboBox, RichText, Slider, Stroke, Ui, pos2};
use engine::model::config::UnetConfig;
use engine::pipeline::canvas_size;
use engine::request::{Batch, InjectionSettings, Named, Sampler, Schedule, Settings, SketchPreprocess};

use super::{adapters, words};
use crate::command::Command;
use crate::generate::settings::SIDES;
use crate::session::Session;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{VALUE, decimals, icon, icon_button, percent, row};

pub fn show(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    CollapsingHeader::new("More")
        .id_salt("more settings")
        .show_unindented(ui, |ui| {
            let default = Settings::default();
            let sketch = session.document().map(|document| document.canvas().size());
            ui.add_space(STEP);
            adapters::show(ui, &mut session.settings.adapters, commands);
            let unread = session.unread_words();
            let layers = session.model_config().map(|config| layers(&config.unet)).unwrap_or_default();
            let settings = &mut session.settings;
            group(ui, "Sampling");
            sampling(ui, settings, &default);
            if let Some(sketch) = sketch {
                size(ui, settings, sketch);
            }
            batch(ui, &mut session.batch, settings.sampler);
            group(ui, "Guidance");
            guidance(ui, settings, &default);
            group(ui, "Reference");
            reference(ui, settings, &default, &layers);
            pictures(ui, settings, &default);
            injection(ui, &mut session.inject_reference, &mut settings.injection);
            group(ui, "Words");
            words::show(ui, settings, unread.as_deref());
            group(ui, "Drawing and masks");
            drawing(ui, settings, &default);
            ui.add_space(STEP);
            back_to_defaults(ui, session, default);
        });
}

fn back_to_defaults(ui: &mut Ui, session: &mut Session, default: Settings) {
    let settings = &session.settings;
    let kept = Settings {
        model: settings.model.clone(),
        adapters: settings.adapters.clone(),
        mode: settings.mode,
        seed: settings.seed,
        size: settings.size,
        ..default
    };
    let changed = *settings != kept || session.inject_reference || session.batch != Batch::default();
    if ui.add_enabled(changed, Button::new("Back to the defaults")).clicked() {
        session.settings = kept;
        session.inject_reference = false;
        session.batch = Batch::default();
    }
}

fn sampling(ui: &mut Ui, settings: &mut Settings, default: &Settings) {
    let tip = "How noise is taken away, step by step. Those with an a or SDE add noise on the way";
    let (value, usual) = (&mut settings.sampler, default.sampler);
    choice(ui, "Sampler", tip, value, usual, &Sampler::ALL, |sampler| sampler.name());
    let tip = "How the steps are spread over the noise";
    let (value, usual) = (&mut settings.schedule, default.schedule);
    choice(ui, "Schedule", tip, value, usual, &Schedule::ALL, |schedule| schedule.name());
}

/// In the drawing's own proportions.
fn size(ui: &mut Ui, settings: &mut Settings, sketch: [u32; 2]) {
    let tip = "Size of the picture that the network makes. Larger takes longer, and far from its own size a model is less sure";
    let sizes: Vec<_> = std::iter::once(None)
        .chain(SIDES.map(|side| Some(canvas_size(side, sketch))))
        .collect();
    choice(ui, "Size", tip, &mut settings.size, None, &sizes, |size| match size {
        None => "The model's own".to_owned(),
        Some([width, height]) => format!("{width} × {height}"),
    });
}

fn batch(ui: &mut Ui, batch: &mut Batch, sampler: Sampler) {
    let tip = "How many pictures one click makes, each a take of its own; their seeds count up";
    resettable(ui, "Pictures", tip, &mut batch.count, 1, |ui, value, width| {
        ui.spacing_mut().slider_width = (width - VALUE - ui.spacing().item_spacing.x).max(40.0);
        ui.spacing_mut().interact_size.x = VALUE;
        ui.name_inputs("Pictures", |ui| ui.add(Slider::new(value, 1..=Batch::MOST)))
            .on_hover_text(tip);
    });
    if batch.count > 1 && sampler.adds_noise() {
        let tip = "What the sampler adds on the way is the same in all of them, so that they differ only in what they began with";
        ui.add(Checkbox::new(&mut batch.one_noise, "The same noise on the way"))
            .on_hover_text(tip);
    }
}

fn guidance(ui: &mut Ui, settings: &mut Settings, default: &Settings) {
    let tip = "How far the result is pushed towards the reference; 1 is off and twice as fast";
    let (value, usual) = (&mut settings.reference_guidance, default.reference_guidance);
    number(ui, "Guidance", tip, value, usual, Settings::REFERENCE_GUIDANCE);
    let tip = "How far the result is pushed towards the drawing; 1 is off";
    let (value, usual) = (&mut settings.sketch_guidance, default.sketch_guidance);
    number(ui, "By lines", tip, value, usual, Settings::SKETCH_GUIDANCE);
    let tip = "From where on the reference counts: 0 % is noise, 100 % the finished picture";
    let [from, to] = &mut settings.reference_window;
    share(ui, "Active from", tip, from, default.reference_window[0], 0.0..=*to);
    let tip = "Until where the reference counts: 0 % is noise, 100 % the finished picture";
    share(ui, "Active until", tip, to, default.reference_window[1], *from..=1.0);
    let mut paused = settings.reference_pause.is_some();
    let tip = "Ignore the reference for a part of the steps in between";
    if ui
        .add(Checkbox::new(&mut paused, "Pause in between"))
        .on_hover_text(tip)
        .changed()
    {
        settings.reference_pause = paused.then_some([0.4, 0.6]);
    }
    if let Some([from, to]) = &mut settings.reference_pause {
        share(ui, "Pause from", tip, from, 0.4, 0.0..=*to);
        share(ui, "Pause until", tip, to, 0.6, *from..=1.0);
    }
}

/// `layers`: where the network's cross-attentions stand; none while that is not known.
fn reference(ui: &mut Ui, settings: &mut Settings, default: &Settings, layers: &[String]) {
    let by_layer = !settings.block_strengths.is_empty();
    ui.add_enabled_ui(!by_layer, |ui| {
        let tip = "Overall influence of the reference; multiplies the three strengths below";
        let (value, usual) = (&mut settings.reference_strength, default.reference_strength);
        share(ui, "Strength", tip, value, usual, 0.0..=1.0);
        let (levels, usual) = (&mut settings.level_strengths, default.level_strengths);
        let tip = "Influence of what the reference shows (layers at a quarter of the resolution)";
        share(ui, "Semantics", tip, &mut levels.semantics, usual.semantics, 0.0..=1.0);
        let tip = "Influence of the reference's colours (layers at half the resolution)";
        share(ui, "Colour", tip, &mut levels.color, usual.color, 0.0..=1.0);
        let tip = "Influence of the reference on the encoder, at full resolution";
        share(ui, "Encoder", tip, &mut levels.encoder, usual.encoder, 0.0..=1.0);
    });
    let mut chosen = by_layer;
    let tip = "A strength for every layer of the network that looks at the reference, instead of those above";
    let choice = Checkbox::new(&mut chosen, "Every layer by itself");
    if ui
        .add_enabled(by_layer || !layers.is_empty(), choice)
        .on_hover_text(tip)
        .changed()
    {
        settings.block_strengths = if chosen { vec![1.0; layers.len()] } else { Vec::new() };
    }
    if !settings.block_strengths.is_empty() && !layers.is_empty() {
        // Another model may have been chosen since, with more or fewer.
        settings.block_strengths.resize(layers.len(), 1.0);
    }
    for (layer, (strength, place)) in settings.block_strengths.iter_mut().zip(layers).enumerate() {
        share(ui, &format!("Layer {layer}"), place, strength, 1.0, 0.0..=1.0);
    }
}

/// Where the cross-attentions of a network stand, in the order they run: on the way in or out, and at which part of the resolution.
fn layers(unet: &UnetConfig) -> Vec<String> {
    let places = |way: &'static str, level: usize, count: usize| {
        let part = match level {
            0 => "full".to_owned(),
            level => format!("1/{}", 1 << level),
        };
        std::iter::repeat_n(format!("{way}, {part}"), count)
    };
    let down = unet.attended().flat_map(|level| places("in", level, unet.num_res_blocks));
    let up = unet.attended().rev();
    let up = up.flat_map(|level| places("out", level, unet.num_res_blocks + 1));
    down.chain(["middle".to_owned()]).chain(up).collect()
}

fn pictures(ui: &mut Ui, settings: &mut Settings, default: &Settings) {
    let tip = "How wide the reference is made with white paper on both sides: what fills a picture is taken for smaller";
    let (value, usual) = (&mut settings.reference_padding, default.reference_padding);
    number(ui, "Margin", tip, value, usual, Settings::REFERENCE_PADDING);
    let tip = "Leave out the figure that the background picture has";
    ui.add(Checkbox::new(&mut settings.background_alone, "Background without its figure"))
        .on_hover_text(tip);
    let tip = "Make the result white where there is no figure, by the sketch mask if there is one";
    ui.add(Checkbox::new(&mut settings.figure_alone, "Result without background"))
        .on_hover_text(tip);
}

fn injection(ui: &mut Ui, on: &mut bool, settings: &mut InjectionSettings) {
    let tip =
        "The network looks at the reference itself while it paints: its shading and texture come along. Takes twice as long";
    ui.add(Checkbox::new(on, "Borrow shading and texture")).on_hover_text(tip);
    if !*on {
        return;
    }
    let default = InjectionSettings::default();
    let tip = "How far guidance leads to the reference's shading and texture";
    let (value, usual) = (&mut settings.reference_fidelity, default.reference_fidelity);
    share(ui, "Fidelity", tip, value, usual, 0.0..=1.0);
    let tip = "How strongly the shapes in the reference count while it is looked at";
    number(
        ui,
        "Shapes",
        tip,
        &mut settings.sketch_fidelity,
        default.sketch_fidelity,
        InjectionSettings::SKETCH_FIDELITY,
    );
    let tip = "From where on it is looked at: 0 % is noise, 100 % the finished picture";
    share(ui, "Borrow from", tip, &mut settings.start, default.start, 0.0..=1.0);
}

fn drawing(ui: &mut Ui, settings: &mut Settings, default: &Settings) {
    let tip = "How strictly the drawing is followed";
    let (value, usual) = (&mut settings.sketch_strength, default.sketch_strength);
    number(ui, "Sketch", tip, value, usual, Settings::SKETCH_STRENGTH);
    let tip = "How surely the colours on hint layers are followed";
    let (hints, usual) = (&mut settings.hints, default.hints);
    share(ui, "Hints", tip, &mut hints.strength, usual.strength, 0.0..=1.0);
    let tip = "A dab is the colour of all that the lines enclose around it; else it holds exactly where it is painted";
    ui.add(Checkbox::new(&mut hints.spread, "Hints fill up to the lines"))
        .on_hover_text(tip);
    let tip = "Line art is for scans and pencil: lines are lifted off paper that is grey or uneven";
    let (value, usual) = (&mut settings.sketch_preprocess, default.sketch_preprocess);
    // Light lines are turned into dark ones when a drawing is opened: the canvas could not multiply them.
    let offered = [SketchPreprocess::Invert, SketchPreprocess::LineArt];
    choice(ui, "Lines", tip, value, usual, &offered, |preprocess| match preprocess {
        SketchPreprocess::Invert => "As drawn",
        SketchPreprocess::None => "As drawn, light on dark",
        SketchPreprocess::LineArt => "Line art",
    });
    let tip = "How much of the background's colours may enter the figure";
    share(ui, "Merge", tip, &mut settings.merge, default.merge, 0.0..=1.0);
    let tip = "Grey in the sketch mask mixes figure and background, instead of a hard edge at a level";
    ui.add(Checkbox::new(&mut settings.soft_mask, "Grey paint mixes"))
        .on_hover_text(tip);
    ui.add_enabled_ui(!settings.soft_mask, |ui| {
        let tip = "Where the sketch mask is lighter than this is figure";
        let (value, usual) = (&mut settings.sketch_mask_threshold, default.sketch_mask_threshold);
        share(ui, "Mask level", tip, value, usual, 0.0..=1.0);
    });
    let tip = "Where the reference mask is at least this light is figure";
    let (value, usual) = (&mut settings.reference_mask_threshold, default.reference_mask_threshold);
    share(ui, "Ref. level", tip, value, usual, 0.0..=1.0);
}

pub(in crate::ui) fn group(ui: &mut Ui, name: &str) {
    ui.add_space(STEP);
    ui.label(RichText::new(name).size(11.0).color(tokens(ui).dim));
}

/// One of `all`, the default named as such.
fn choice<T: Copy + PartialEq, W: Display>(
    ui: &mut Ui,
    name: &str,
    tip: &str,
    value: &mut T,
    default: T,
    all: &[T],
    word: impl Fn(T) -> W,
) {
    resettable(ui, name, tip, value, default, |ui, value, width| {
        ComboBox::from_id_salt(name)
            .width(width)
            .selected_text(word(*value).to_string())
            .show_ui(ui, |ui| {
                for choice in all {
                    let mark = if *choice == default { " (default)" } else { "" };
                    ui.selectable_value(value, *choice, format!("{}{mark}", word(*choice)));
                }
            });
    });
}

/// A slider over plain numbers.
fn number(ui: &mut Ui, name: &str, tip: &str, value: &mut f32, default: f32, range: RangeInclusive<f32>) {
    slider(ui, name, tip, value, default, range, |value, range| {
        decimals(Slider::new(value, range), 2)
    });
}

/// A slider over percentages.
pub(super) fn share(ui: &mut Ui, name: &str, tip: &str, value: &mut f32, default: f32, range: RangeInclusive<f32>) {
    slider(ui, name, tip, value, default, range, percent);
}

/// A slider, and a tick below its rail where the default is.
pub(in crate::ui) fn slider(
    ui: &mut Ui,
    name: &str,
    tip: &str,
    value: &mut f32,
    default: f32,
    range: RangeInclusive<f32>,
    new: impl for<'v> FnOnce(&'v mut f32, RangeInclusive<f32>) -> Slider<'v>,
) {
    resettable(ui, name, tip, value, default, |ui, value, width| {
        let rail = (width - VALUE - ui.spacing().item_spacing.x).max(40.0);
        ui.spacing_mut().slider_width = rail;
        ui.spacing_mut().interact_size.x = VALUE;
        let (from, to) = (*range.start(), *range.end());
        // Named first: a tip on a control without a name becomes its name.
        let response = ui.name_inputs(name, |ui| ui.add(new(value, range))).on_hover_text(tip);
        // egui keeps half of the handle free at both ends.
        let narrow = match ui.visuals().handle_shape {
            HandleShape::Circle => 1.0,
            HandleShape::Rect { aspect_ratio } => aspect_ratio,
        };
        let radius = ui.spacing().interact_size.y / 2.5 * narrow;
        let along = ((default - from) / (to - from)).clamp(0.0, 1.0);
        let at = pos2(
            response.rect.left() + radius + along * (rail - 2.0 * radius),
            response.rect.bottom(),
        );
        let tick = [at - egui::vec2(0.0, STEP), at];
        ui.painter().line_segment(tick, Stroke::new(1.0, tokens(ui).dim));
    });
}

/// A row with a control for `value`, which is given the width that is left beside an arrow back to the default.
fn resettable<T: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    tip: &str,
    value: &mut T,
    default: T,
    add: impl FnOnce(&mut Ui, &mut T, f32),
) {
    row(ui, name, tip, |ui| {
        let width = ui.available_width() - ROW - ui.spacing().item_spacing.x;
        ui.scope(|ui| add(ui, value, width));
        if *value != default {
            let name = format!("{name}: back to the default");
            if icon_button(ui, icon::RESET, 16.0, false, &name, "Back to the default").clicked() {
                *value = default;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::request::ModelRef;

    #[test]
    fn every_cross_attention_has_its_place() {
        let mut unet = engine::weights::config(&ModelRef::Embedded).unwrap().unet;
        // As published.
        (unet.channel_mult, unet.num_res_blocks, unet.attention_resolutions) = (vec![1, 2, 4, 4], 2, vec![4, 2, 1]);
        let found = layers(&unet);
        assert_eq!(found.len(), unet.cross_attentions());
        assert_eq!(
            [&found[1], &found[5], &found[6], &found[9], &found[15]],
            ["in, full", "in, 1/4", "middle", "out, 1/4", "out, full"]
        );
    }
}
