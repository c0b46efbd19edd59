//! What stands over the board: fill, how it is shown, the two columns that are held against each other, the frames.

use egui::{Button, ComboBox, RichText, Slider, Ui, vec2};

use super::{Show, SwapBoard, cells};
use crate::board::timing::{Hold, RATES};
use crate::command::{Command, Held};
use crate::session::Session;
use crate::ui::theme::{ROW, STEP, semibold, tokens};
use crate::ui::{command_button, hint, icon};

/// Width of the list of columns to hold the active one against.
const AGAINST: f32 = 112.0;

impl SwapBoard {
    pub(super) fn tools(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing.x = STEP;
        fill(ui, session, commands);
        ui.separator();
        for (show, command) in [
            (Show::Board, Command::ShowBoard),
            (Show::SideBySide, Command::ShowSideBySide),
            (Show::Wipe, Command::ShowWipe),
            (Show::Difference, Command::ShowDifference),
        ] {
            let button = Button::selectable(self.show == show, command.label());
            let response = ui.add_enabled(command == Command::ShowBoard || session.allows(command), button);
            if response.on_hover_text(hint(ui, command)).clicked() {
                commands.push(command);
            }
        }
        if self.show == Show::Difference {
            ui.spacing_mut().slider_width = 64.0;
            let gain = Slider::new(&mut self.gain, 1.0..=32.0).logarithmic(true).suffix("×");
            ui.name_inputs("Gain", |ui| ui.add(gain))
                .on_hover_text("The difference is multiplied by this");
        }
        self.pair(ui, session);
        ui.separator();
        self.frames(ui, session, commands);
        ui.separator();
        let lock = if self.lenses.locked { icon::LINK } else { icon::UNLINK };
        if command_button(ui, lock, 16.0, self.lenses.locked, Command::LockZoom) {
            commands.push(Command::LockZoom);
        }
        if command_button(ui, icon::FIT, 16.0, false, Command::FitCells) {
            commands.push(Command::FitCells);
        }
        if command_button(ui, icon::METER, 16.0, self.drift, Command::ToggleDrift) {
            commands.push(Command::ToggleDrift);
        }
        if command_button(ui, icon::PALETTE, 16.0, self.colors, Command::ToggleColorModel) {
            commands.push(Command::ToggleColorModel);
        }
        if self.show == Show::Board && ui.available_width() > 120.0 {
            ui.spacing_mut().slider_width = 80.0;
            let mut width = self.cell_width.unwrap_or(200.0);
            let slider = Slider::new(&mut width, cells::WIDTHS).show_value(false);
            let response = ui.name_inputs("Cell size", |ui| ui.add(slider));
            if response.on_hover_text("Size of the cells").changed() {
                self.cell_width = Some(width);
            }
        }
    }

    /// The column that the active one is held against, and the button that flips them while it is held down.
    fn pair(&mut self, ui: &mut Ui, session: &mut Session) {
        let layout = session.board.layout().clone();
        let (Some((_, active)), Some(against)) = (session.board.active(), session.board.against()) else {
            return;
        };
        let name = |id| layout.column(id).map_or("", |column| column.reference.name.as_str());
        ui.separator();
        let tip = format!("Hold to see {} in the place of {} (hold F)", name(against), name(active));
        let flip = ui.add(Button::selectable(self.flip, "Flip")).on_hover_text(tip);
        let key = !ui.ctx().egui_wants_keyboard_input()
            && ui.input(|input| input.key_down(Held::Flip.key()) && input.modifiers.is_none());
        self.flip = flip.is_pointer_button_down_on() || key;
        let combo = ComboBox::from_id_salt("against").truncate().selected_text(name(against));
        ui.allocate_ui(vec2(AGAINST, ROW), |ui| {
            ui.name_inputs("Against", |ui| {
                combo.width(AGAINST).show_ui(ui, |ui| {
                    for column in layout.columns.iter().filter(|column| column.id != active) {
                        let shown = &mut session.board.focus.against;
                        ui.selectable_value(shown, Some(column.id), &column.reference.name);
                    }
                })
            })
        });
    }

    fn frames(&mut self, ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
        let playing = self.player.is_playing();
        let glyph = if playing { icon::PAUSE } else { icon::PLAY };
        ui.add_enabled_ui(session.allows(Command::PlayFrames), |ui| {
            if command_button(ui, glyph, 16.0, playing, Command::PlayFrames) {
                commands.push(Command::PlayFrames);
            }
        });
        for rate in RATES {
            let button = Button::selectable(self.player.rate == rate, rate.to_string());
            let response = ui.add(button).on_hover_text(format!("{rate} frames a second"));
            if response.clicked() && self.player.rate != rate {
                self.player.rate = rate;
                self.restart(ui, session);
            }
        }
        let combo = ComboBox::from_id_salt("hold")
            .width(84.0)
            .selected_text(self.player.hold.label());
        let before = self.player.hold;
        ui.name_inputs("Timing", |ui| {
            combo.show_ui(ui, |ui| {
                for hold in Hold::ALL {
                    ui.selectable_value(&mut self.player.hold, hold, hold.label());
                }
            })
        });
        if self.player.hold != before {
            self.restart(ui, session);
        }
    }

    /// Goes on at the active row with what was just chosen.
    fn restart(&mut self, ui: &Ui, session: &Session) {
        if self.player.is_playing() {
            self.start(ui.input(|input| input.time), session);
        }
    }
}

/// The one primary button: fill, or pause.
fn fill(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let colors = tokens(ui);
    let board = &session.board;
    let (command, words) = match (board.is_running() && board.is_working(), board.is_working()) {
        (true, _) => (Command::PauseBoard, "Pause"),
        (false, true) => (Command::FillBoard, "Go on"),
        (false, false) => (Command::FillBoard, "Fill the board"),
    };
    let text = RichText::new(words).font(semibold(13.0));
    let (done, wanted) = board.progress();
    let anew = wanted > 0 && board.differs_from(&session.settings);
    let primary = command == Command::FillBoard && (done < wanted || anew);
    let button = match primary {
        true => Button::new(text.color(colors.on_accent())).fill(colors.accent),
        false => Button::new(text),
    };
    let response = ui.add_enabled(session.allows(command), button.min_size(vec2(104.0, ROW)));
    let response = response.on_hover_text(hint(ui, command));
    if response
        .on_disabled_hover_text("Add a sketch and a reference first")
        .clicked()
    {
        commands.push(command);
    }
}
