//! How a take is cut into flats: asked before it is.

use egui::{Button, Checkbox, ComboBox, Context, RichText, Slider, Ui, vec2};

use super::dialogs::{agree, heading, modal};
use super::theme::{ROW, STEP, tokens};
use super::{decimals, row, slider_row};
use crate::document::{Layer, Role};
use crate::generate::flats::{FlatColors, FlatLayers, FlatSettings};
use crate::palette::Palette;
use crate::session::Session;

/// Shows the page while a person is asked; whether the flats are wanted, once that is clear.
pub fn show(context: &Context, session: &mut Session) -> Option<bool> {
    let canvas = session.document().filter(|_| session.asks_about_flats())?.canvas();
    let size = canvas.size();
    // To look at its pixels would take time.
    let mask = canvas.by_role(Role::SketchMask).and_then(Layer::mask);
    let has_figure = mask.is_some_and(|mask| !mask.bounds().is_empty());
    let palette = session.palette_in_use().0;
    let (about_palette, has_none) = (about(palette), palette.swatches.is_empty());
    let settings = &mut session.flats;
    let modal = modal(context, "flats").show(context, |ui| {
        ui.set_width(400.0);
        heading(ui, "Send as flats");
        ui.horizontal(|ui| {
            for layers in FlatLayers::ALL {
                let button = Button::selectable(settings.layers == layers, layers.label()).min_size(vec2(72.0, ROW));
                if ui.add(button).clicked() {
                    settings.layers = layers;
                }
            }
        });
        ui.add_space(STEP);
        regions(ui, settings, size);
        colors(ui, settings, has_none);
        if settings.colors != FlatColors::Take {
            ui.label(RichText::new(about_palette).color(tokens(ui).dim));
        }
        sides(ui, settings, has_figure);
        ui.add_space(3.0 * STEP);
        agree(ui, "Send")
    });
    let given_up = modal.should_close().then_some(false);
    modal.inner.or(given_up)
}

/// What becomes of the palette in use.
fn about(Palette { name, swatches }: &Palette) -> String {
    match swatches.is_empty() {
        true => format!("\u{201c}{name}\u{201d} has no colours yet: the take keeps its own. Add some in the colour panel."),
        false => format!("\u{201c}{name}\u{201d} is in use. Layers have the names of its colours."),
    }
}

fn regions(ui: &mut Ui, settings: &mut FlatSettings, size: [u32; 2]) {
    let mut gap = settings.gap_on(size);
    let tip = "Widest gap in the lines that does not join two regions, in pixels of this canvas";
    let slider = Slider::new(&mut gap, 0..=FlatSettings::widest_on(size)).suffix(" px");
    if slider_row(ui, "Close gaps", tip, slider).changed() {
        settings.set_gap_on(size, gap);
    }
}

/// `has_none`: the palette in use has no colours.
fn colors(ui: &mut Ui, settings: &mut FlatSettings, has_none: bool) {
    let tip = "How different colours have to be to stay apart: a ΔE of 1 is just seen, from 10 on they have other names";
    let slider = Slider::new(&mut settings.apart, 0.0..=FlatSettings::FARTHEST);
    // Where each region takes the nearest colour of the palette, however far, nothing is left to be apart.
    ui.add_enabled_ui(has_none || settings.colors != FlatColors::Palette, |ui| {
        slider_row(ui, "Difference", tip, decimals(slider, 1).suffix(" ΔE"));
    });
    let tip = "Those of the palette in use are taken exactly";
    row(ui, "Colours", tip, |ui| {
        let list = ComboBox::from_id_salt("colours of flats").selected_text(settings.colors.label());
        list.width(ui.available_width()).show_ui(ui, |ui| {
            for colors in FlatColors::ALL {
                ui.selectable_value(&mut settings.colors, colors, colors.label());
            }
        });
    });
}

fn sides(ui: &mut Ui, settings: &mut FlatSettings, has_figure: bool) {
    let mut apart = settings.sides && has_figure;
    let choice = Checkbox::new(&mut apart, "Figure and background apart");
    let tip = "A group for each, by what the sketch mask has most of in a region; they share no colours";
    let response = ui.add_enabled(has_figure, choice).on_hover_text(tip);
    let tip = "The sketch mask is empty: propose one, or paint the figure white";
    if response.on_disabled_hover_text(tip).changed() {
        settings.sides = apart;
    }
}
