//! What stands below the generation: one of several panels.

use egui::{Response, RichText, Sense, Ui, WidgetInfo, vec2};

use super::color::ColorPanel;
use super::history;
use super::layers::LayerList;
use crate::command::Command;
use crate::session::{Session, SidePanel};
use crate::ui::hint;
use crate::ui::theme::{ROW, STEP, semibold, tokens};

/// The panels, from the left, and what shows them.
const PANELS: [(SidePanel, &str, Command); 3] = [
    (SidePanel::Layers, "Layers", Command::ShowLayers),
    (SidePanel::Color, "Colour", Command::ShowColor),
    (SidePanel::History, "History", Command::ShowHistory),
];

/// What the panels keep while they show.
#[derive(Default)]
pub struct SidePanels {
    layers: LayerList,
    color: ColorPanel,
}

impl SidePanels {
    /// The commands that concern the panels.
    pub fn run(&mut self, command: Command, session: &mut Session) {
        if let Some((panel, ..)) = PANELS.into_iter().find(|(.., shows)| *shows == command) {
            session.view.panel = panel;
        }
        if command == Command::RenameLayer {
            session.view.panel = SidePanel::Layers;
            self.layers.rename();
        }
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0 * STEP;
            for (panel, words, command) in PANELS {
                if head(ui, words, panel == session.view.panel)
                    .on_hover_text(hint(ui, command))
                    .clicked()
                {
                    commands.push(command);
                }
            }
        });
        ui.add_space(STEP);
        match session.view.panel {
            SidePanel::Layers => self.layers.show(ui, session, commands),
            SidePanel::Color => self.color.show(ui, session, commands),
            SidePanel::History => history::show(ui, session),
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
