//! Other colours for the layer at hand.

use std::ops::RangeInclusive;

use egui::{Align2, Button, Color32, Context, Id, Key, Modal, Modifiers, Slider, Ui, vec2};

use super::dialogs::{choose, heading, modal};
use super::panels::more::{group, slider};
use super::percent;
use super::theme::{ROW, STEP};
use crate::tool::Adjustment;

const NAME: &str = "adjust colours";

/// Shows the page, over the panels and without a shade: nothing lies over the colours that a person judges. Whether they are wanted, once that is clear.
pub fn show(context: &Context, adjustment: &mut Adjustment) -> Option<bool> {
    let aside = Modal::default_area(Id::unique(NAME)).anchor(Align2::RIGHT_TOP, vec2(-3.0 * STEP, 18.0 * STEP));
    let page = modal(context, NAME).area(aside).backdrop_color(Color32::TRANSPARENT);
    let shown = page.show(context, |ui| {
        ui.set_width(276.0);
        heading(ui, "Adjust colours");
        colors(ui, adjustment);
        levels(ui, adjustment);
        ui.add_space(2.0 * STEP);
        let defaults = Button::new("Back to the defaults").min_size(vec2(0.0, ROW));
        if ui.add_enabled(*adjustment != Adjustment::default(), defaults).clicked() {
            *adjustment = Adjustment::default();
        }
        ui.add_space(3.0 * STEP);
        choose(ui, [("Apply", true), ("Cancel", false)])
    });
    // A click beside the page loses nothing.
    let first = shown.is_top_modal && !shown.any_popup_open;
    let pressed = |key| first && context.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let entered = context.memory(|memory| memory.focused().is_none()) && pressed(Key::Enter);
    let escaped = pressed(Key::Escape).then_some(false);
    shown.inner.or(entered.then_some(true)).or(escaped)
}

fn colors(ui: &mut Ui, adjustment: &mut Adjustment) {
    let usual = Adjustment::default();
    group(ui, "Colour");
    let tip = "How far colours go round the circle of hues: from red to yellow and green, or below 0 the other way";
    slider(ui, "Hue", tip, &mut adjustment.hue, usual.hue, -180.0..=180.0, degrees);
    let tip = "How strong colours are: without any they are grey";
    let value = &mut adjustment.saturation;
    slider(ui, "Saturation", tip, value, usual.saturation, -1.0..=1.0, percents);
    let tip = "How far colours go towards white, or below 0 towards black";
    let value = &mut adjustment.lightness;
    slider(ui, "Lightness", tip, value, usual.lightness, -1.0..=1.0, percents);
}

fn levels(ui: &mut Ui, adjustment: &mut Adjustment) {
    let usual = Adjustment::default();
    group(ui, "Levels");
    let tip = "What is this dark, of 255, becomes black";
    slider(
        ui,
        "Black point",
        tip,
        &mut adjustment.black,
        usual.black,
        0.0..=255.0,
        numbers,
    );
    let tip = "What is this light, of 255, becomes white";
    slider(
        ui,
        "White point",
        tip,
        &mut adjustment.white,
        usual.white,
        0.0..=255.0,
        numbers,
    );
    let tip = "What lies between black and white becomes lighter above 1, and darker below";
    // So that as much of the rail lies above 1 as below.
    let before = adjustment.gamma.log10();
    let mut power = before;
    slider(ui, "Gamma", tip, &mut power, usual.gamma.log10(), -1.0..=1.0, powers);
    if power != before {
        adjustment.gamma = 10_f32.powf(power);
    }
}

fn degrees(value: &mut f32, range: RangeInclusive<f32>) -> Slider<'_> {
    numbers(value, range).suffix("°")
}

/// Whole ones of 0..=1.
fn percents(value: &mut f32, range: RangeInclusive<f32>) -> Slider<'_> {
    percent(value, range).step_by(0.01)
}

fn numbers(value: &mut f32, range: RangeInclusive<f32>) -> Slider<'_> {
    Slider::new(value, range).integer()
}

/// Shows what the value is the logarithm of.
fn powers(value: &mut f32, range: RangeInclusive<f32>) -> Slider<'_> {
    let slider = Slider::new(value, range).custom_formatter(|power, _| format!("{:.2}", 10_f64.powf(power)));
    slider.custom_parser(|text| {
        let number: f64 = text.trim().parse().ok()?;
        (number > 0.0).then(|| number.log10())
    })
}
