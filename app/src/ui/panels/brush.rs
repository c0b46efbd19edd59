//! What the brush and the eraser are set to: the common things in a row, the rest behind one button.

use egui::{Align2, ComboBox, Popup, PopupCloseBehavior, Role, ScrollArea, Sense, Slider, Ui, WidgetInfo, vec2};

use super::curve::curve;
use super::stroke_preview::stroke_preview;
use super::tools::option;
use crate::brush::{BrushMode, BrushSettings, Curve, MAX_SCATTER, MAX_SIZE, MIN_ROUNDNESS, MIN_SIZE, PresetIcon};
use crate::command::Command;
use crate::session::Session;
use crate::tool::ToolKind;
use crate::ui::theme::{ROW, STEP, icon_font, semibold, tokens};
use crate::ui::{command_button, decimals, entry, icon, icon_button, percent, row, slider_row, with_keys};

/// Width of the page behind the button, and of a preset in the list.
const PAGE: f32 = 364.0;
const LISTED: f32 = 264.0;
/// Heights of a stroke in the list and on the page, and of a curve.
const SMALL_STROKE: f32 = 26.0;
const STROKE: f32 = 64.0;
const CURVE: f32 = 112.0;

/// The row under the menu.
pub fn options(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    presets(ui, session);
    let eraser = session.toolbox.selected() == ToolKind::Eraser;
    if let Some(settings) = session.toolbox.settings_mut() {
        sliders(ui, settings);
    }
    let words = "Brush settings";
    let button = icon_button(ui, icon::PEN, 16.0, false, words, words);
    let height = (ui.ctx().content_rect().height() - 160.0).max(200.0);
    Popup::from_toggle_button_response(&button)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(PAGE);
            if let Some(settings) = session.toolbox.settings_mut() {
                shown(ui, settings);
                ScrollArea::vertical()
                    .max_height(height)
                    .show(ui, |ui| page(ui, settings, eraser));
            }
            kept(ui, session, commands);
        });
}

fn sliders(ui: &mut Ui, settings: &mut BrushSettings) {
    // What is left beside names and values, shared by the sliders.
    let width = ((ui.available_width() - 632.0) / 4.0).clamp(40.0, 112.0);
    let size = Slider::new(&mut settings.size, MIN_SIZE..=MAX_SIZE).logarithmic(true);
    let size = decimals(size, 0).suffix(" px");
    let keys = [Command::BrushSmaller, Command::BrushLarger];
    let tip = with_keys(ui, "Diameter in canvas pixels", &keys);
    option(ui, "Size", &tip, width, size);
    let keys = [Command::BrushSofter, Command::BrushHarder];
    let tip = with_keys(ui, "How sharp the edge is", &keys);
    option(ui, "Hardness", &tip, width, percent(&mut settings.hardness, 0.0..=1.0));
    let keys = [Command::BrushLessOpaque, Command::BrushMoreOpaque];
    let tip = with_keys(ui, "How much one stroke covers", &keys);
    option(ui, "Opacity", &tip, width, percent(&mut settings.opacity, 0.0..=1.0));
    let tip = "How fast the paint comes: with little of it a slow stroke builds up";
    option(ui, "Flow", tip, width, percent(&mut settings.flow, 0.01..=1.0));
}

/// The presets, each with its icon and a stroke.
fn presets(ui: &mut Ui, session: &mut Session) {
    let chosen = session.preset_in_use();
    let words = chosen
        .and_then(|at| session.presets().nth(at))
        .map_or("Own", |preset| preset.name.as_str());
    let mut taken = None;
    ui.name_inputs("Preset", |ui| {
        ComboBox::from_id_salt("brush preset")
            .width(84.0)
            .height(420.0)
            .truncate()
            .selected_text(words)
            .show_ui(ui, |ui| {
                for (at, preset) in session.presets().enumerate() {
                    let (rect, response) = ui.allocate_exact_size(vec2(LISTED, SMALL_STROKE + STEP), Sense::click());
                    let selected = chosen == Some(at);
                    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &preset.name));
                    if ui.is_rect_visible(rect) {
                        let colors = tokens(ui);
                        let visuals = ui.style().interact_selectable(&response, selected);
                        if selected || response.hovered() || response.has_focus() {
                            ui.painter().rect_filled(rect, visuals.corner_radius, visuals.weak_bg_fill);
                        }
                        let left = rect.left_center() + vec2(2.0 * STEP, 0.0);
                        let glyph = glyph(preset.icon);
                        ui.painter()
                            .text(left, Align2::LEFT_CENTER, glyph, icon_font(16.0), colors.dim);
                        let font = egui::TextStyle::Body.resolve(ui.style());
                        let name = left + vec2(24.0, 0.0);
                        let before_stroke = ui
                            .painter()
                            .with_clip_rect(rect.with_max_x(rect.left() + 132.0).intersect(ui.clip_rect()));
                        before_stroke.text(name, Align2::LEFT_CENTER, &preset.name, font, visuals.text_color());
                        let stroke = rect.with_min_x(rect.left() + 136.0).shrink2(vec2(STEP, 2.0));
                        stroke_preview(ui, &preset.settings, stroke, colors.text);
                    }
                    if response.clicked() {
                        taken = Some(at);
                        ui.close();
                    }
                }
            });
    });
    if let Some(at) = taken {
        session.use_preset(at);
    }
    ui.add_space(2.0 * STEP);
}

fn glyph(preset: PresetIcon) -> &'static str {
    match preset {
        PresetIcon::Brush => icon::BRUSH,
        PresetIcon::Bristles => icon::BRISTLES,
        PresetIcon::Ink => icon::NIB,
        PresetIcon::Pencil => icon::PENCIL,
        PresetIcon::Airbrush => icon::SPRAY,
        PresetIcon::Marker => icon::MARKER,
        PresetIcon::Fill => icon::FILL,
        PresetIcon::Smudge => icon::SMUDGE,
        PresetIcon::Eraser => icon::ERASER,
    }
}

/// A stroke of the brush as it is set.
fn shown(ui: &mut Ui, settings: &BrushSettings) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), STROKE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "A stroke of the brush"));
    let colors = tokens(ui);
    ui.painter().rect_filled(rect, STEP, colors.surface[0]);
    stroke_preview(ui, settings, rect.shrink(STEP), colors.text);
    ui.add_space(STEP);
}

fn page(ui: &mut Ui, settings: &mut BrushSettings, eraser: bool) {
    if !eraser {
        ui.horizontal(|ui| {
            for (mode, words, tip) in [
                (BrushMode::Paint, "Paint", "Lays the colour"),
                (BrushMode::Smudge, "Smudge", "Drags along what lies under the brush"),
                (
                    BrushMode::Fill,
                    "Fill the shape",
                    "Lays the colour, and at the end fills the shape that the stroke went around",
                ),
            ] {
                ui.selectable_value(&mut settings.mode, mode, words).on_hover_text(tip);
            }
        });
        if settings.mode == BrushMode::Smudge {
            let tip = "How long the brush carries a colour along";
            slider_row(ui, "Carry", tip, percent(&mut settings.smudge, 0.0..=1.0));
        }
    }
    section(ui, "Tip");
    let tip = "The shorter axis as a share of the longer one";
    slider_row(ui, "Roundness", tip, percent(&mut settings.roundness, MIN_ROUNDNESS..=1.0));
    let tip = "Where the longer axis points";
    let angle = decimals(Slider::new(&mut settings.angle, -90.0..=90.0), 0).suffix("°");
    slider_row(ui, "Angle", tip, angle);
    ui.checkbox(&mut settings.follow, "Turns with the stroke");
    let tip = "Distance between dabs, in brush diameters";
    slider_row(
        ui,
        "Spacing",
        tip,
        percent(&mut settings.spacing, 0.01..=1.0).logarithmic(true),
    );
    let tip = "How much the stroke is smoothed";
    slider_row(ui, "Stabilizer", tip, percent(&mut settings.stabilizer, 0.0..=1.0));
    section(ui, "Jitter");
    let tip = "How far dabs may stray from the stroke, in brush diameters";
    slider_row(ui, "Scatter", tip, percent(&mut settings.scatter, 0.0..=MAX_SCATTER));
    let tip = "How much smaller dabs may be";
    slider_row(ui, "Sizes", tip, percent(&mut settings.size_jitter, 0.0..=1.0));
    let tip = "How far dabs are rotated";
    slider_row(ui, "Angles", tip, percent(&mut settings.angle_jitter, 0.0..=1.0));
    section(ui, "Pressure");
    pressure(
        ui,
        "Pressure sets the size",
        &mut settings.pressure_size,
        &mut settings.size_curve,
    );
    let words = "Pressure sets the opacity";
    pressure(ui, words, &mut settings.pressure_opacity, &mut settings.opacity_curve);
    pressure(
        ui,
        "Pressure sets the flow",
        &mut settings.pressure_flow,
        &mut settings.flow_curve,
    );
    section(ui, "Tilt");
    let tip = "How much larger the dabs of a tilted pen are";
    slider_row(ui, "Widens", tip, percent(&mut settings.tilt_size, 0.0..=1.0));
    let tip = "How much flatter the dabs of a tilted pen are";
    slider_row(ui, "Flattens", tip, percent(&mut settings.tilt_roundness, 0.0..=1.0));
    ui.checkbox(&mut settings.tilt_angle, "The tip points where the pen leans");
}

fn section(ui: &mut Ui, words: &str) {
    ui.add_space(STEP);
    ui.label(egui::RichText::new(words).font(semibold(11.0)).color(tokens(ui).dim));
}

/// Whether pressure counts, and how: the curve shows while it does.
fn pressure(ui: &mut Ui, words: &str, on: &mut bool, answer: &mut Curve) {
    ui.horizontal(|ui| {
        ui.checkbox(on, words).on_hover_text(
            "With a pen: from a light touch at the left to full pressure at the right. A mouse always presses fully.",
        );
        let reset = format!("{words}: straight");
        if *on
            && *answer != Curve::default()
            && icon_button(ui, icon::RESET, 12.0, false, &reset, "A straight line again").clicked()
        {
            *answer = Curve::default();
        }
    });
    if *on {
        curve(ui, &format!("{words}: curve"), answer, CURVE)
            .on_hover_text("Drag points, press beside the line for another one, double-click one to take it away.");
    }
}

/// What becomes of the brush as a preset.
fn kept(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    ui.separator();
    let own = session.preset_in_use().filter(|at| session.own_preset(*at).is_some());
    if let Some(at) = own {
        let mut name = session
            .presets()
            .nth(at)
            .map(|preset| preset.name.clone())
            .unwrap_or_default();
        let field = row(ui, "Name", "What the preset is called", |ui| {
            ui.text_edit_singleline(&mut name)
        });
        if field.changed() {
            session.rename_preset(at, &name);
        }
    }
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        for command in [Command::SavePreset, Command::RemovePreset] {
            if ui.add_enabled(session.allows(command), entry(ui, command)).clicked() {
                commands.push(command);
            }
        }
    });
}

/// Whether strokes are painted on the other side too.
pub fn mirrors(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let mirror = session.toolbox.brush.mirror;
    for (command, glyph, on) in [
        (Command::MirrorPaintSideways, icon::MIRROR_SIDEWAYS, mirror.sideways),
        (Command::MirrorPaintUpright, icon::MIRROR_UPRIGHT, mirror.upright),
    ] {
        if command_button(ui, glyph, 16.0, on, command) {
            commands.push(command);
        }
    }
}
