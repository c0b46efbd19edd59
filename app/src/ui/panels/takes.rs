//! The takes so far, oldest first: a click shows one on the canvas, two are compared with a line between them.

use egui::emath::GuiRounding as _;
use egui::{Align, Align2, Button, Layout, Rect, Role as Widget, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::thumbnails::Thumbnails;
use crate::command::Command;
use crate::document::LayerId;
use crate::session::Session;
use crate::ui::theme::{STEP, icon_font, tokens};
use crate::ui::{WHOLE, command_button, frame_aspect, icon};

/// Height of the pictures in points.
const HEIGHT: f32 = 56.0;
/// Height of the strip that they stand in, with its margins.
pub const STRIP: f32 = HEIGHT + 6.0 * STEP;
/// Longer side of a take's small picture in pixels: enough for dense screens.
const THUMBNAIL: u32 = 128;

/// The strip's own state.
#[derive(Default)]
pub struct TakeStrip {
    thumbnails: Thumbnails<THUMBNAIL>,
    /// The take left of the line while two are compared.
    other: Option<LayerId>,
    /// Where the line stands, as a share of the canvas's width.
    pub line: f32,
}

/// What a person wants done with a take.
#[derive(Clone, Copy)]
enum Wish {
    Show(Option<LayerId>),
    Compare(LayerId),
    Recipe(LayerId),
    Pick(LayerId),
    Layer(LayerId),
    Flats(LayerId),
}

impl TakeStrip {
    /// The take that the shown one is compared with.
    pub fn other(&self, session: &Session) -> Option<LayerId> {
        let shown = session.shown_take()?;
        self.other.filter(|other| *other != shown && session.takes().contains(other))
    }

    /// Compares the shown take with the one before it, or else the one after it; or ends that.
    pub fn compare(&mut self, session: &mut Session) {
        let takes = session.takes();
        if self.other(session).is_some() || takes.len() < 2 {
            self.other = None;
            return;
        }
        let shown = session.shown_take().unwrap_or(takes[takes.len() - 1]);
        let place = takes.iter().position(|take| *take == shown).unwrap_or_default();
        self.with(session, shown, takes[if place > 0 { place - 1 } else { 1 }]);
    }

    fn with(&mut self, session: &mut Session, shown: LayerId, other: LayerId) {
        if session.shown_take() != Some(shown) {
            session.show_take(Some(shown));
        }
        self.other = Some(other);
        self.line = 0.5;
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let takes = session.takes();
        if takes.is_empty() {
            ui.centered_and_justified(|ui| ui.weak("No takes yet: Colorize makes the first"));
            return;
        }
        let mut wish = None;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let comparing = self.other(session).is_some();
            buttons(ui, session, comparing, commands);
            ui.separator();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ScrollArea::horizontal().stick_to_right(true).show(ui, |ui| {
                    ui.horizontal_centered(|ui| {
                        ui.spacing_mut().item_spacing.x = 2.0 * STEP;
                        for id in takes {
                            wish = self.take(ui, session, id).or(wish);
                        }
                    });
                });
            });
        });
        match wish {
            Some(Wish::Show(take)) => session.show_take(take),
            Some(Wish::Compare(other)) => {
                if let Some(shown) = session.shown_take() {
                    self.with(session, shown, other);
                }
            }
            Some(Wish::Recipe(take)) => session.use_recipe(take),
            Some(Wish::Pick(take)) => session.pick_take(take),
            Some(Wish::Layer(take)) => session.copy_to_layers(vec![take]),
            Some(Wish::Flats(take)) => session.ask_about_flats(take),
            None => {}
        }
    }

    fn take(&mut self, ui: &mut Ui, session: &Session, id: LayerId) -> Option<Wish> {
        let canvas = session.document()?.canvas();
        let layer = canvas.layer(id)?;
        let (name, visible, picked) = (layer.name.clone(), session.shown_take() == Some(id), layer.picked);
        let compared = self.other(session) == Some(id);
        let [width, height] = layer.size();
        let aspect = frame_aspect(vec2(width as f32, height as f32));
        let (rect, response) = ui.allocate_exact_size(vec2((HEIGHT * aspect).round(), HEIGHT), Sense::click());
        let label = if picked { format!("{name}, picked") } else { name.clone() };
        response.widget_info(|| WidgetInfo::selected(Widget::Button, true, visible, &label));
        // The picture ends where its frame does.
        let rect = rect.round_to_pixels(ui.pixels_per_point());
        let settled = !session.toolbox.is_active();
        if ui.is_rect_visible(rect)
            && let Some(texture) = self.thumbnails.of(ui, canvas, id, settled)
        {
            ui.painter().image(texture.id(), rect, WHOLE, egui::Color32::WHITE);
        }
        let tokens = tokens(ui);
        let (width, color) = match (visible || compared, response.hovered() || response.has_focus()) {
            (true, _) => (2.0, if visible { tokens.accent } else { tokens.text }),
            (false, true) => (1.0, tokens.text),
            (false, false) => (1.0, tokens.line()),
        };
        ui.painter()
            .rect_stroke(rect, 0.0, Stroke::new(width, color), StrokeKind::Inside);
        if picked {
            let place = Rect::from_min_size(rect.left_top(), vec2(4.0, 4.0) * STEP);
            ui.painter().rect_filled(place, 0.0, tokens.surface[0]);
            ui.painter().text(
                place.center(),
                Align2::CENTER_CENTER,
                icon::STAR,
                icon_font(12.0),
                tokens.accent,
            );
        }
        let mut wish = None;
        response.context_menu(|ui| {
            let other = !visible && session.shown_take().is_some();
            let choices = [
                (Wish::Compare(id), "Compare with the shown take", other),
                (Wish::Recipe(id), "Bring back its recipe", true),
                (Wish::Pick(id), if picked { "Pick it no longer" } else { "Pick it" }, true),
                (Wish::Layer(id), Command::TakeToLayer.label(), true),
                (Wish::Flats(id), Command::SendAsFlats.label(), true),
            ];
            for (choice, words, possible) in choices {
                if ui.add_enabled(possible, Button::new(words)).clicked() {
                    wish = Some(choice);
                    ui.close();
                }
            }
        });
        let verb = if visible { "hide" } else { "show" };
        let response = response.on_hover_text(format!("{name}: click to {verb}, right click for more"));
        response.clicked().then_some(Wish::Show((!visible).then_some(id))).or(wish)
    }
}

/// What is done with the take that shows; the last stands leftmost.
fn buttons(ui: &mut Ui, session: &Session, comparing: bool, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = STEP;
    let button = |ui: &mut Ui, command, glyph, on, commands: &mut Vec<Command>| {
        ui.add_enabled_ui(session.allows(command), |ui| {
            if command_button(ui, glyph, 16.0, on, command) {
                commands.push(command);
            }
        });
    };
    button(ui, Command::ReviewTakes, icon::GRID, false, commands);
    button(ui, Command::SendAsFlats, icon::LAYERS, false, commands);
    let shown = session.shown_take().and_then(|take| session.document()?.layer(take));
    let is_picked = shown.is_some_and(|take| take.picked);
    let others = [
        (Command::UseRecipe, icon::RECIPE, false),
        (Command::PickTake, icon::STAR, is_picked),
        (Command::CompareTakes, icon::WIPE, comparing),
        (Command::NextTake, icon::CARET_RIGHT, false),
        (Command::PreviousTake, icon::CARET_LEFT, false),
    ];
    for (command, glyph, on) in others {
        button(ui, command, glyph, on, commands);
    }
}
