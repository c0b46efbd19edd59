//! What stands below the generation: one of several panels.

use egui::{Response, RichText, Sense, Ui, WidgetInfo, vec2};

use super::color::ColorPanel;
use super::history;
use super::layers::LayerList;
use crate::command::Command;
use crate::session::Session;
use crate::ui::hint;
use crate::ui::theme::{ROW, STEP, semibold, tokens};

/// Which of them shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Layers,
    Color,
    History,
}

impl Tab {
    const ALL: [(Self, &str, Command); 3] = [
        (Self::Layers, "Layers", Command::ShowLayers),
        (Self::Color, "Colour", Command::ShowColor),
        (Self::History, "History", Command::ShowHistory),
    ];
}

/// The panels, and which of them shows.
#[derive(Default)]
pub struct SidePanels {
    tab: Tab,
    layers: LayerList,
    color: ColorPanel,
}

impl SidePanels {
    /// The commands that concern the panels.
    pub fn run(&mut self, command: Command) {
        if let Some((tab, ..)) = Tab::ALL.into_iter().find(|(.., shows)| *shows == command) {
            self.tab = tab;
        }
        if command == Command::RenameLayer {
            self.tab = Tab::Layers;
            self.layers.rename();
        }
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0 * STEP;
            for (tab, words, command) in Tab::ALL {
                if head(ui, words, tab == self.tab).on_hover_text(hint(ui, command)).clicked() {
                    commands.push(command);
                }
            }
        });
        ui.add_space(STEP);
        match self.tab {
            Tab::Layers => self.layers.show(ui, session, commands),
            Tab::Color => self.color.show(ui, session, commands),
            Tab::History => history::show(ui, session),
        }
    }
}

/// The title of a panel, to click.
fn head(ui: &mut Ui, words: &str, shown: bool) -> Response {
    let colors = tokens(ui);
    let galley = ui.painter().layout_no_wrap(words.to_owned(), semibold(13.0), colors.text);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Tab, true, shown, words));
    let lit = shown || response.hovered() || response.has_focus();
    let text = RichText::new(words)
        .font(semibold(13.0))
        .color(if lit { colors.text } else { colors.dim });
    ui.put(rect, egui::Label::new(text).selectable(false));
    if shown {
        let line = egui::Stroke::new(2.0, colors.accent);
        ui.painter().hline(rect.x_range(), rect.bottom(), line);
    }
    response
}
