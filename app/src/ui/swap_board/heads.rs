//! What stands at the edges: a reference over each column, a sketch beside each row, the noise in the corner.

use egui::{
    Align, Align2, CursorIcon, FontId, Id, Layout, Popup, Pos2, Rect, Response, Role as Widget, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use engine::request::Mode;

use super::cell;
use super::lens::size_of;
use super::textures::Textures;
use crate::board::editing::Change;
use crate::board::layout::{Column, Row};
use crate::board::{ColumnId, Noise, RowId};
use crate::command::Command;
use crate::session::{Edge, Session};
use crate::ui::fitted;
use crate::ui::seed_field::seed_field;
use crate::ui::theme::{ROW, STEP, semibold, tokens};
use crate::ui::{command_button, entry, hint, icon, icon_button, names, with_keys};

/// Room over the columns and beside the rows.
pub const SIZE: Vec2 = vec2(136.0, 112.0);
/// Between pictures.
pub const GAP: f32 = STEP;

/// Whose head it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line {
    Row(RowId),
    Column(ColumnId),
}

/// What a drag asks for: a head goes before this place, or off the board.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    pub what: Line,
    pub to: Option<usize>,
}

const COLUMN_COMMANDS: [Command; 10] = [
    Command::ChooseReference,
    Command::UseReference,
    Command::ToggleReferenceMask,
    Command::MaskReference,
    Command::PairBackground,
    Command::UnpairBackground,
    Command::ReplaceReference,
    Command::ReferenceLeft,
    Command::ReferenceRight,
    Command::RemoveReference,
];
const ROW_COMMANDS: [Command; 5] = [
    Command::CancelRow,
    Command::MaskSketch,
    Command::SketchUp,
    Command::SketchDown,
    Command::RemoveSketch,
];

/// A head's place, and whether it is the active one's.
pub struct Head<'a> {
    pub rect: Rect,
    pub active: bool,
    pub session: &'a Session,
}

impl Head<'_> {
    /// Where the picture stands, over the foot.
    fn frame(&self) -> Rect {
        Rect::from_min_max(self.rect.min, self.rect.max - vec2(0.0, ROW)).shrink(STEP)
    }
}

/// A reference over its column.
pub fn column(ui: &mut Ui, textures: &mut Textures, head: &Head<'_>, column: &Column, commands: &mut Vec<Command>) -> Response {
    let colors = tokens(ui);
    let chosen = head.session.board.layout().chosen == Some(column.id);
    let reference = &column.reference;
    let response = ui.interact(head.rect, Id::unique(("column", column.id)), Sense::click_and_drag());
    let name = format!("Reference {}{}", reference.name, if chosen { ", chosen" } else { "" });
    response.widget_info(|| WidgetInfo::selected(Widget::Button, true, head.active, &name));
    ground(ui, head, &response, chosen);
    let frame = head.frame();
    cell::thumbnail(ui, textures, &ui.painter_at(head.rect), &reference.small, frame);
    if let Some(background) = &reference.small_background {
        // The second of the pair, in the corner of the first.
        let place = fitted(size_of(&reference.small), frame);
        let room = Rect::from_min_max(place.center(), place.max).translate(vec2(place.width() * 0.2, 0.0));
        let corner = fitted(size_of(background), room);
        cell::thumbnail(ui, textures, &ui.painter_at(head.rect), background, corner);
        ui.painter_at(head.rect)
            .rect_stroke(corner, 0.0, Stroke::new(1.0, colors.background), StrokeKind::Outside);
    }
    foot_of(ui, head, |ui| {
        menu(
            ui,
            &format!("More for {}", reference.name),
            &COLUMN_COMMANDS,
            head.session,
            commands,
        );
        if reference.mask.is_some() {
            let tip = hint(ui, Command::ToggleReferenceMask);
            let name = format!("Mask of {}", reference.name);
            if icon_button(ui, icon::MASK, 14.0, column.masked, &name, &tip).clicked() {
                commands.push(Command::ToggleReferenceMask);
            }
        }
        let wanted = wanted_mode(head.session);
        fallback(ui, wanted, column.mode(wanted), "the reference");
        if chosen {
            ui.colored_label(
                colors.accent,
                egui::RichText::new(icon::CHECK).font(crate::ui::theme::icon_font(14.0)),
            );
        }
        title(ui, &reference.name, head.active);
    });
    response.on_hover_cursor(CursorIcon::Grab)
}

/// A sketch beside its row.
pub fn row(ui: &mut Ui, textures: &mut Textures, head: &Head<'_>, row: &Row, commands: &mut Vec<Command>) -> Response {
    let sketch = &row.sketch;
    let response = ui.interact(head.rect, Id::unique(("row", row.id)), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::selected(Widget::Button, true, head.active, format!("Sketch {}", sketch.name)));
    ground(ui, head, &response, false);
    let frame = head.frame();
    cell::thumbnail(ui, textures, &ui.painter_at(head.rect), &sketch.small, frame);
    foot_of(ui, head, |ui| {
        menu(
            ui,
            &format!("More for {}", sketch.name),
            &ROW_COMMANDS,
            head.session,
            commands,
        );
        let wanted = wanted_mode(head.session);
        fallback(ui, wanted, row.mode(wanted), "the sketch");
        let layout = head.session.board.layout();
        if layout.noise == Noise::Row {
            ui.weak(layout.seed_of(row).to_string())
                .on_hover_text("The noise of this row");
        }
        title(ui, &sketch.name, head.active);
    });
    response.on_hover_cursor(CursorIcon::Grab)
}

/// The mode that cells are asked for.
fn wanted_mode(session: &Session) -> Mode {
    session.board.settings(&session.settings).mode
}

/// Marks a head whose cells are made in another mode than was asked for.
fn fallback(ui: &mut Ui, wanted: Mode, made: Mode, what: &str) {
    if made == wanted {
        return;
    }
    let glyph = egui::RichText::new(icon::WARNING).font(crate::ui::theme::icon_font(14.0));
    let words = format!("Made in {made:?} mode, not in {wanted:?}: {what} has no mask that is used");
    let response = ui.colored_label(tokens(ui).warn, glyph);
    response.widget_info(|| WidgetInfo::labeled(Widget::Label, true, &words));
    response.on_hover_text(&words);
}

fn ground(ui: &Ui, head: &Head<'_>, response: &Response, chosen: bool) {
    let colors = tokens(ui);
    let fill = match response.hovered() || response.dragged() || response.has_focus() {
        true => colors.surface[2],
        false => colors.surface[1],
    };
    let (width, line) = match (chosen, head.active) {
        (true, _) => (2.0, colors.accent),
        (false, true) => (1.0, colors.accent),
        (false, false) => (1.0, colors.line()),
    };
    ui.painter()
        .rect(head.rect, 4.0, fill, Stroke::new(width, line), StrokeKind::Inside);
}

fn foot_of(ui: &mut Ui, head: &Head<'_>, add: impl FnOnce(&mut Ui)) {
    let rect = Rect::from_min_max(pos2(head.rect.left() + STEP, head.rect.bottom() - ROW), head.rect.max);
    let inside = UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center));
    ui.scope_builder(inside, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        add(ui);
    });
}

fn title(ui: &mut Ui, name: &str, active: bool) {
    let colors = tokens(ui);
    let font = if active { semibold(11.0) } else { FontId::proportional(11.0) };
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let shown = names::cut_to(ui, name, &font, ui.available_width());
        let is_cut = shown != name;
        let text = egui::RichText::new(shown).font(font).color(colors.text);
        let label = ui.add(egui::Label::new(text).extend().selectable(false));
        if is_cut {
            label.on_hover_text(name);
        }
    });
}

/// The button with three dots, and what it opens.
fn menu(ui: &mut Ui, name: &str, list: &[Command], session: &Session, commands: &mut Vec<Command>) {
    let button = icon_button(ui, icon::MORE, 14.0, false, name, name);
    Popup::menu(&button).show(|ui| entries(ui, list, session, commands));
}

/// What the heads of an edge can be asked for.
pub fn commands(edge: Edge) -> &'static [Command] {
    match edge {
        Edge::References => &COLUMN_COMMANDS,
        Edge::Sketches => &ROW_COMMANDS,
    }
}

/// Commands as a menu lists them.
pub fn entries(ui: &mut Ui, list: &[Command], session: &Session, commands: &mut Vec<Command>) {
    ui.set_min_width(248.0);
    for command in list {
        if ui.add_enabled(session.allows(*command), entry(ui, *command)).clicked() {
            commands.push(*command);
            ui.close();
        }
    }
}

/// The noise that cells start from, in sight all the time.
pub fn corner(ui: &mut Ui, rect: Rect, session: &mut Session, commands: &mut Vec<Command>) {
    let inside = UiBuilder::new()
        .max_rect(rect.shrink(STEP))
        .layout(Layout::top_down(Align::Min));
    ui.scope_builder(inside, |ui| {
        ui.spacing_mut().item_spacing = vec2(STEP, STEP);
        ui.label(egui::RichText::new("Noise").font(semibold(13.0)));
        let layout = session.board.layout();
        let (noise, mut seed) = (layout.noise, layout.seed);
        ui.horizontal(|ui| {
            for (value, words, tip) in [
                (Noise::Board, "Board", "All cells start from the same noise"),
                (
                    Noise::Row,
                    "Row",
                    "Each row starts from noise of its own, by the number of its sketch",
                ),
            ] {
                let tip = with_keys(ui, tip, &[Command::ToggleRowNoise]);
                if ui.selectable_label(noise == value, words).on_hover_text(tip).clicked() && noise != value {
                    commands.push(Command::ToggleRowNoise);
                }
            }
        });
        ui.horizontal(|ui| {
            let width = ui.available_width() - ROW - STEP;
            let response = seed_field(ui, &mut seed, [width, ROW]);
            let response = response.on_hover_text("Seed: the same one gives the same noise");
            if response.changed() {
                let change = Change::now("Change the seed", 0, response.dragged());
                session.board.edit_on(change, |layout| layout.seed = seed);
            }
            if command_button(ui, icon::DICE, 16.0, false, Command::NewBoardSeed) {
                commands.push(Command::NewBoardSeed);
            }
        });
    });
}

/// What the corner becomes while a head is dragged: the place where it goes off the board.
pub fn bin(ui: &Ui, rect: Rect, lit: bool) {
    let colors = tokens(ui);
    let color = if lit { colors.bad } else { colors.dim };
    let painter = ui.painter();
    painter.rect(rect, 4.0, colors.surface[0], Stroke::new(1.0, color), StrokeKind::Inside);
    let center = rect.center();
    let glyph = crate::ui::theme::icon_font(20.0);
    painter.text(center - vec2(0.0, 12.0), Align2::CENTER_CENTER, icon::TRASH, glyph, color);
    let font = FontId::proportional(11.0);
    painter.text(
        center + vec2(0.0, 14.0),
        Align2::CENTER_CENTER,
        "Drop here to remove",
        font,
        color,
    );
}

/// Where more can be added: behind the last row or column.
pub fn adder(ui: &mut Ui, rect: Rect, words: &str, command: Command, commands: &mut Vec<Command>) {
    let response = ui.interact(rect, Id::unique(("add", command)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Widget::Button, true, words));
    let colors = tokens(ui);
    let lit = response.hovered() || response.has_focus();
    let color = if lit { colors.text } else { colors.dim };
    ui.painter()
        .rect_stroke(rect, 4.0, Stroke::new(1.0, color.gamma_multiply(0.5)), StrokeKind::Inside);
    let center = rect.center();
    ui.painter().text(
        center - vec2(0.0, 8.0),
        Align2::CENTER_CENTER,
        icon::PLUS,
        crate::ui::theme::icon_font(16.0),
        color,
    );
    ui.painter().text(
        center + vec2(0.0, 12.0),
        Align2::CENTER_CENTER,
        words,
        FontId::proportional(11.0),
        color,
    );
    if response.on_hover_text(hint(ui, command)).clicked() {
        commands.push(command);
    }
}

/// Where something that is dragged to `pointer` would go, among `count` places of `pitch` that begin at `start`.
pub fn target(pointer: f32, start: f32, pitch: f32, count: usize) -> usize {
    (((pointer - start) / pitch).round().max(0.0) as usize).min(count)
}

/// The line before which something goes that is being dragged.
pub fn drop_line(ui: &Ui, ends: [Pos2; 2]) {
    ui.painter().line_segment(ends, Stroke::new(3.0, tokens(ui).accent));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_ends_between_two_places() {
        let at = |pointer| target(pointer, 100.0, 50.0, 3);
        assert_eq!([60.0, 120.0, 126.0, 180.0, 999.0].map(at), [0, 0, 1, 2, 3]);
    }
}
