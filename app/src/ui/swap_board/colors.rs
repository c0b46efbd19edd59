//! The colour model: parts by name, the colour that each keeps, and how far the frames are from it.

use egui::{
    Button, Checkbox, Color32, Rect, RichText, Role as Widget, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use super::SwapBoard;
use crate::board::colors::Area;
use crate::board::{Layout, RowId};
use crate::command::Command;
use crate::session::Session;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{hint, icon, icon_button, title};

/// A part is off its model from here, in ΔE.
const OFF: f32 = 6.0;

impl SwapBoard {
    /// The part that clicks add to, if it is still there.
    pub(super) fn part_chosen(&self, layout: &Layout) -> Option<usize> {
        self.part?;
        layout.colors.parts.iter().position(|part| part.origin() == self.part)
    }

    pub(super) fn color_panel(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        title(ui, "Colour model");
        let layout = session.board.layout().clone();
        let Some(chosen) = layout.chosen.and_then(|chosen| layout.column(chosen)) else {
            wrapped(
                ui,
                "Choose the reference for all frames first. Its colours are what the frames will keep.",
            );
            ui.add_space(STEP);
            let command = Command::ChooseReference;
            let button = Button::new("Choose the active one");
            if ui
                .add_enabled_ui(session.allows(command), |ui| ui.add_sized(vec2(160.0, ROW), button))
                .inner
                .on_hover_text(hint(ui, command))
                .clicked()
            {
                commands.push(command);
            }
            return;
        };
        wrapped(ui, &format!("Frames in the colours of {}.", chosen.reference.name));
        if layout.colors.parts.is_empty() {
            let words = "Show a frame side by side (E) and click on hair, coat or skin in its picture: the part's colour there is what it keeps \
                         in all frames.";
            wrapped(ui, words);
            return;
        }
        ui.add_space(STEP);
        for at in 0..layout.colors.parts.len() {
            part(ui, session, &layout, at, &mut self.part);
        }
        if let Some(part) = self.part_chosen(&layout) {
            let name = &layout.colors.parts[part].name;
            wrapped(
                ui,
                &format!("Click in a frame's picture where {name} is lost or divided: the area there goes with it."),
            );
        }
        ui.add_space(STEP);
        let mut locked = layout.colors.locked;
        let tip = "Every frame's named parts are brought to these colours; the takes themselves stay as they were made";
        let response = ui.add(Checkbox::new(&mut locked, "Keep these colours in all frames"));
        if response.on_hover_text(tip).changed() {
            session.board.edit("Lock the colours", |layout| layout.colors.locked = locked);
        }
    }
}

fn part(ui: &mut Ui, session: &mut Session, layout: &Layout, at: usize, selected: &mut Option<Area>) {
    let colors = tokens(ui);
    let part = &layout.colors.parts[at];
    let worst = worst(session, layout, at);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        let (rect, response) = ui.allocate_exact_size(vec2(ROW - STEP, ROW), Sense::click());
        let is_selected = selected.is_some() && *selected == part.origin();
        let name = format!("Select {}", part.name);
        response.widget_info(|| WidgetInfo::selected(Widget::Button, true, is_selected, &name));
        let [r, g, b] = part.color;
        let swatch = Rect::from_center_size(rect.center(), vec2(16.0, 16.0));
        ui.painter().rect_filled(swatch, 3.0, Color32::from_rgb(r, g, b));
        if is_selected || response.hovered() || response.has_focus() {
            let color = if is_selected { colors.accent } else { colors.text };
            ui.painter()
                .rect_stroke(swatch, 3.0, Stroke::new(2.0, color), StrokeKind::Outside);
        }
        let tip = "Select it to show where it is in frames that it was lost in";
        if response.on_hover_text(tip).clicked() {
            *selected = part.origin().filter(|_| !is_selected);
        }
        let mut name = part.name.clone();
        let field = TextEdit::singleline(&mut name).desired_width(84.0);
        let response = ui.name_inputs(format!("Name of part {}", at + 1), |ui| ui.add(field));
        if response.changed() {
            session.board.rename_part(at, name);
        }
        let (words, color, row) = match worst {
            Some((drift, row)) => (
                format!("ΔE {drift:.1}"),
                if drift > OFF { colors.warn } else { colors.dim },
                Some(row),
            ),
            None => ("not found".to_owned(), colors.dim, None),
        };
        let text = RichText::new(words).small().color(color);
        let response = ui.add_sized([52.0, ROW], Button::new(text).frame(false));
        let tip = match row.and_then(|row| layout.row(row)) {
            Some(row) => format!("Farthest off in frame {}, as it was made: click to see it", row.sketch.name),
            None => "No other frame has this part, or none is made yet".to_owned(),
        };
        if response.on_hover_text(tip).clicked()
            && let (Some(row), Some(column)) = (row, layout.chosen)
        {
            session.board.activate((row, column));
        }
        let name = format!("Remove {}", part.name);
        if icon_button(ui, icon::CANCEL, 14.0, false, &name, &name).clicked() {
            session.board.edit("Remove a part", |layout| {
                layout.colors.parts.remove(at);
            });
        }
    });
    frames(ui, session, layout, at);
}

/// The frame that a part is farthest off in, before frames are brought to the model.
fn worst(session: &Session, layout: &Layout, part: usize) -> Option<(f32, RowId)> {
    let drifts = session.board.part_drifts().get(part)?;
    let known = drifts
        .iter()
        .zip(&layout.rows)
        .filter_map(|(drift, row)| Some(((*drift)?, row.id)));
    known.max_by(|a, b| a.0.total_cmp(&b.0))
}

/// A part's drift from frame to frame, as a row of bars.
fn frames(ui: &mut Ui, session: &Session, layout: &Layout, part: usize) {
    let Some(drifts) = session.board.part_drifts().get(part) else {
        return;
    };
    let colors = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    let width = (rect.width() / drifts.len().max(1) as f32).min(12.0);
    let words = |at: usize| {
        let name = layout.rows.get(at).map_or("", |row| row.sketch.name.as_str());
        match drifts[at] {
            Some(drift) => format!("{name} ΔE {drift:.1}"),
            None => format!("{name} not found"),
        }
    };
    response.widget_info(|| {
        let frames: Vec<String> = (0..drifts.len()).map(words).collect();
        let name = &layout.colors.parts[part].name;
        WidgetInfo::labeled(Widget::Image, true, format!("Drift of {name}: {}", frames.join(", ")))
    });
    let under = response
        .hover_pos()
        .map(|pointer| ((pointer.x - rect.left()) / width) as usize);
    if let Some(at) = under.filter(|at| *at < drifts.len()) {
        response.on_hover_text_at_pointer(words(at));
    }
    for (at, drift) in drifts.iter().enumerate() {
        let left = rect.left() + at as f32 * width;
        let height = drift.map_or(1.0, |drift| (drift / 20.0).clamp(0.08, 1.0) * rect.height());
        let color = match drift {
            None => colors.line(),
            Some(drift) if *drift > OFF => colors.warn,
            Some(_) => colors.dim,
        };
        let bar = Rect::from_min_max(pos2(left, rect.bottom() - height), pos2(left + width - 2.0, rect.bottom()));
        ui.painter().rect_filled(bar, 1.0, color);
    }
}

fn wrapped(ui: &mut Ui, words: &str) {
    ui.add(egui::Label::new(RichText::new(words).color(tokens(ui).dim)).wrap());
}
