//! The menus, the three workspaces, and the colours of the window itself.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use egui::{
    Align, Atoms, Button, Frame, Layout, Margin, Panel, ProgressBar, Rect, Response, RichText, Sense, TextStyle, Theme, Ui,
    UiBuilder, WidgetInfo, vec2,
};
use engine::device::Choice;
use engine::request::ModelRef;

use super::{device_menu, model_menu};
use crate::command::{Command, Menu, Workspace};
use crate::session::{Session, Stand, TrainingRun};
use crate::ui::names::cut_to;
use crate::ui::theme::{ROW, STEP, icon_font, semibold, tokens};
use crate::ui::{entry, hint, icon, icon_button};

/// Width of a tab.
const TAB: f32 = 92.0;

/// Width of the name of a recent file.
const NAME: f32 = 320.0;

/// Width of the name of a model or of a device on the bar, at least and at most.
const SHOWN: [f32; 2] = [48.0, 160.0];

/// Width of how far a training is, about.
const TRAINING: f32 = 176.0;

/// What was chosen on the bar that is no command.
pub enum Chosen {
    /// A recent file.
    File(PathBuf),
    /// Another model.
    Model(ModelRef),
    /// The list of models was opened.
    Models,
    /// Another device.
    Device(Choice),
    /// The list of devices was opened.
    Devices,
}

/// The bar at the top of every workspace. `allows` says whether a command can do anything now.
pub fn show(
    ui: &mut Ui,
    workspace: Workspace,
    session: &Session,
    allows: impl Fn(Command) -> bool,
    commands: &mut Vec<Command>,
) -> Option<Chosen> {
    let mut chosen = None;
    let frame = Frame::new().fill(tokens(ui).surface[0]).inner_margin(Margin::symmetric(8, 2));
    Panel::top("menu").frame(frame).show(ui, |ui| {
        egui::MenuBar::new().ui(ui, |ui| {
            for menu in Menu::ALL {
                let entries = Command::of(menu)
                    .filter(|command| command.belongs_to(workspace))
                    .collect::<Vec<_>>();
                if !entries.is_empty() {
                    ui.menu_button(menu.label(), |ui| {
                        contents(ui, &entries, session.recent(), &allows, commands, &mut chosen)
                    });
                }
            }
            tabs(ui, workspace, commands);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (glyph, next, words) = match ui.ctx().theme() {
                    Theme::Dark => (icon::SUN, Theme::Light, "Light colours"),
                    Theme::Light => (icon::MOON, Theme::Dark, "Dark colours"),
                };
                if icon_button(ui, glyph, 16.0, false, words, words).clicked() {
                    ui.ctx().set_theme(next);
                }
                // The menus come first; the training has one of its own.
                let room = ui.available_width() - TRAINING >= 2.0 * (SHOWN[0] + 8.0 * STEP);
                if let Some(run) = session.training().filter(|run| room && run.is_open())
                    && training(ui, run).clicked()
                {
                    commands.push(Command::Train);
                }
                // Each half of what is left; in the smallest window that is enough for a few letters.
                let width = (ui.available_width() / 2.0 - 8.0 * STEP).min(SHOWN[1]);
                if width >= SHOWN[0] {
                    let device = device_menu::show(ui, session, width);
                    let model = model_menu::show(ui, session, width, commands);
                    chosen = device.or(model).or(chosen.take());
                }
            });
        });
    });
    chosen
}

/// A menu on the bar under a name that may be long: as much of it as fits, after `mark`.
pub(super) fn named_menu(
    ui: &mut Ui,
    mark: Option<RichText>,
    name: &str,
    width: f32,
    contents: impl FnOnce(&mut Ui),
) -> Response {
    let name = cut_to(ui, name, &TextStyle::Small.resolve(ui.style()), width);
    let mut face = Atoms::default();
    if let Some(mark) = mark {
        face.push_right(mark.small());
    }
    face.push_right(RichText::new(name).small());
    face.push_right(RichText::new(icon::CARET_DOWN).font(icon_font(10.0)));
    ui.menu_button(face, contents).response
}

/// How far the training is, in every workspace.
fn training(ui: &mut Ui, run: &TrainingRun) -> Response {
    let colors = tokens(ui);
    let bar = ProgressBar::new(run.record.share())
        .desired_width(64.0)
        .desired_height(STEP)
        .fill(colors.accent);
    ui.name_inputs("Progress of the training", |ui| ui.add(bar));
    let words = match run.stand {
        Stand::Paused => "Training paused".to_owned(),
        _ => format!("Training {}/{}", run.record.done(), run.record.all()),
    };
    let button = Button::new(RichText::new(words).small()).frame(false);
    ui.add(button).on_hover_text("How the training goes")
}

/// The entries of a menu; the recent files stand below the command that opens one.
fn contents(
    ui: &mut Ui,
    entries: &[Command],
    recent: &[PathBuf],
    allows: &impl Fn(Command) -> bool,
    commands: &mut Vec<Command>,
    chosen: &mut Option<Chosen>,
) {
    ui.set_min_width(240.0);
    for &command in entries {
        if ui.add_enabled(allows(command), entry(ui, command)).clicked() {
            commands.push(command);
            ui.close();
        }
        if command == Command::Open {
            ui.add_enabled_ui(!recent.is_empty(), |ui| {
                ui.menu_button("Open recent", |ui| {
                    for path in recent {
                        if recent_file(ui, path) {
                            *chosen = Some(Chosen::File(path.clone()));
                        }
                    }
                });
            });
        }
    }
}

/// A file and the folder that it lies in; true when it was clicked.
fn recent_file(ui: &mut Ui, path: &Path) -> bool {
    let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (name, folder) = (text(path.file_name()), text(path.parent().and_then(Path::file_name)));
    let shown = cut_to(ui, &name, &TextStyle::Button.resolve(ui.style()), NAME);
    let button = Button::new(shown).shortcut_text(folder);
    ui.add(button).on_hover_text(path.to_string_lossy()).clicked()
}

/// The workspaces, in the middle of the window where the menus leave that room.
fn tabs(ui: &mut Ui, shown: Workspace, commands: &mut Vec<Command>) {
    let size = vec2(TAB * Workspace::ALL.len() as f32, ROW);
    let bar = ui.available_rect_before_wrap();
    let left = (ui.ctx().content_rect().center().x - size.x / 2.0).max(bar.left() + 2.0 * STEP);
    let place = Rect::from_min_size(egui::pos2(left.round(), bar.center().y - ROW / 2.0), size);
    let inside = UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(inside, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for workspace in Workspace::ALL {
            if tab(ui, workspace, workspace == shown).clicked() {
                commands.push(workspace.command());
            }
        }
    });
}

fn tab(ui: &mut Ui, workspace: Workspace, shown: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(TAB, ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Tab, true, shown, workspace.label()));
    let colors = tokens(ui);
    let lit = shown || response.hovered() || response.has_focus();
    let text = RichText::new(workspace.label())
        .font(semibold(13.0))
        .color(if lit { colors.text } else { colors.dim });
    ui.put(rect, egui::Label::new(text).selectable(false));
    if shown {
        ui.painter().hline(
            rect.shrink2(vec2(3.0 * STEP, 0.0)).x_range(),
            rect.bottom(),
            egui::Stroke::new(2.0, colors.accent),
        );
    }
    response.on_hover_text(hint(ui, workspace.command()))
}
