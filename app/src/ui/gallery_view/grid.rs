//! The pictures as tiles. Only those in sight are drawn, whatever their number.

use egui::{
    Align2, Color32, FontId, Id, Rect, Response, Role as Widget, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use super::pictures::Pictures;
use crate::gallery::decoding::Form;
use crate::gallery::entry::Entry;
use crate::gallery::light_table::{LightTable, Magnification};
use crate::gallery::marks::{Flag, Label, Marks};
use crate::gallery::query::Answer;
use crate::ui::theme::{STEP, Tokens, icon_font, semibold, tokens};
use crate::ui::{fitted, icon, names};

const GAP: f32 = 2.0 * STEP;
/// Room for the marks under a picture.
const FOOT: f32 = 22.0;
/// Height of a group's title.
const HEAD: f32 = 32.0;

/// How tiles lie in a width.
struct Layout {
    columns: usize,
    tile: Vec2,
}

impl Layout {
    fn new(width: f32, side: f32) -> Self {
        let columns = (((width - GAP) / (side + GAP)) as usize).max(1);
        let width = (width - GAP) / columns as f32 - GAP;
        Self {
            columns,
            tile: vec2(width.max(16.0), width.max(16.0) + FOOT),
        }
    }

    fn head(&self, title: &str) -> f32 {
        if title.is_empty() { GAP } else { HEAD }
    }

    fn row(&self) -> f32 {
        self.tile.y + GAP
    }

    fn height(&self, answer: &Answer) -> f32 {
        let groups = answer.groups.iter();
        groups
            .map(|(title, length)| self.head(title) + length.div_ceil(self.columns) as f32 * self.row())
            .sum()
    }

    /// Where the picture at `place` lies, from the top left corner of all.
    fn rect(&self, answer: &Answer, place: usize) -> Rect {
        let (mut top, mut first) = (0.0, 0);
        for (title, length) in &answer.groups {
            top += self.head(title);
            if place < first + length {
                let (row, column) = ((place - first) / self.columns, (place - first) % self.columns);
                let left = GAP + column as f32 * (self.tile.x + GAP);
                return Rect::from_min_size(pos2(left, top + row as f32 * self.row()), self.tile);
            }
            first += length;
            top += length.div_ceil(self.columns) as f32 * self.row();
        }
        Rect::NOTHING
    }
}

/// Shows the grid with tiles about `side` wide. `follow`: brings the active picture into sight. A double click opens the loupe.
pub fn show(ui: &mut Ui, table: &mut LightTable, pictures: &mut Pictures, side: f32, follow: bool) {
    let layout = Layout::new(ui.available_width() - ui.spacing().scroll.allocated_width(), side);
    table.columns = layout.columns;
    let mut clicked = None;
    ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, viewport| {
        table.rows = ((viewport.height() / layout.row()) as usize).max(1);
        let origin = ui.max_rect().min;
        let answer = table.answer();
        ui.set_height(layout.height(answer));
        if follow {
            let rect = layout.rect(answer, table.place()).translate(origin.to_vec2());
            ui.scroll_to_rect(rect.expand(GAP), None);
        }
        let mut top = 0.0;
        let mut first = 0;
        // What comes into sight next is decoded after what is in sight.
        let ahead = viewport.expand2(vec2(0.0, viewport.height()));
        let mut later = Vec::new();
        for (title, length) in &answer.groups {
            let head = layout.head(title);
            let bottom = top + head + length.div_ceil(layout.columns) as f32 * layout.row();
            if bottom >= ahead.top() && top <= ahead.bottom() {
                if !title.is_empty() && viewport.intersects(Rect::from_x_y_ranges(viewport.x_range(), top..=top + head)) {
                    let at = origin + vec2(GAP, top + head / 2.0);
                    heading(ui, at, table.query().grouping.plain(title), *length);
                }
                let from = (((ahead.top() - top - head) / layout.row()).floor().max(0.0) as usize * layout.columns).min(*length);
                for index in from..*length {
                    let (row, column) = (index / layout.columns, index % layout.columns);
                    let at = pos2(
                        GAP + column as f32 * (layout.tile.x + GAP),
                        top + head + row as f32 * layout.row(),
                    );
                    let rect = Rect::from_min_size(at, layout.tile);
                    if rect.top() > ahead.bottom() {
                        break;
                    }
                    let entry = &answer.entries[first + index];
                    if !viewport.intersects(rect) {
                        later.push(entry);
                        continue;
                    }
                    let response = tile(ui, table, pictures, entry, rect.translate(origin.to_vec2()));
                    if response.clicked() || response.double_clicked() || response.secondary_clicked() {
                        clicked = Some((entry.path.clone(), response.double_clicked()));
                    }
                }
            }
            first += length;
            top = bottom;
        }
        for entry in later.into_iter().filter(|entry| entry.facts.is_ok()) {
            pictures.get(entry, Form::Thumbnail);
        }
    });
    if let Some((path, open)) = clicked {
        let modifiers = ui.input(|input| input.modifiers);
        table.choose(&path, modifiers.command, modifiers.shift);
        if open {
            table.magnification = Magnification::Loupe;
        }
    }
}

fn heading(ui: &Ui, at: egui::Pos2, title: &str, length: usize) {
    let colors = tokens(ui);
    let painter = ui.painter();
    let rect = painter.text(at, Align2::LEFT_CENTER, title, semibold(13.0), colors.text);
    let count = rect.right_center() + vec2(GAP, 0.0);
    painter.text(
        count,
        Align2::LEFT_CENTER,
        length.to_string(),
        FontId::proportional(11.0),
        colors.dim,
    );
}

fn tile(ui: &Ui, table: &LightTable, pictures: &mut Pictures, entry: &Entry, rect: Rect) -> Response {
    let colors = tokens(ui);
    let response = ui.interact(rect, Id::unique(("tile", &entry.path)), Sense::click());
    let (chosen, active) = (table.is_chosen(&entry.path), table.is_active(&entry.path));
    response.widget_info(|| WidgetInfo::selected(Widget::Button, true, chosen, describe(entry)));
    let painter = ui.painter_at(rect);
    let fill = if chosen {
        ui.visuals().selection.bg_fill
    } else {
        colors.surface[1]
    };
    painter.rect_filled(rect, 4.0, fill);
    let frame = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - FOOT)).shrink(STEP);
    let rejected = entry.marks().is_some_and(|marks| marks.flag == Flag::Reject);
    picture(ui, pictures, entry, frame, if rejected { 0.35 } else { 1.0 });
    let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - FOOT), rect.max).shrink2(vec2(STEP + 2.0, 0.0));
    match entry.marks().filter(|marks| **marks != Marks::default()) {
        Some(marks) => {
            let room = self::marks(ui, marks, foot);
            name(ui, entry, room, chosen);
        }
        None => name(ui, entry, foot, chosen),
    }
    let (width, color) = match (active, chosen || response.hovered() || response.has_focus()) {
        (true, _) => (2.0, colors.accent),
        (false, true) => (1.0, colors.accent.gamma_multiply(0.6)),
        (false, false) => (1.0, colors.line()),
    };
    painter.rect_stroke(rect, 4.0, Stroke::new(width, color), StrokeKind::Inside);
    response.on_hover_text(entry.name())
}

/// The file's name, cut off where it is too long.
fn name(ui: &Ui, entry: &Entry, line: Rect, chosen: bool) {
    let colors = tokens(ui);
    let color = if chosen { colors.text } else { colors.dim };
    let font = FontId::proportional(11.0);
    let name = entry.name();
    let shown = names::cut_to(ui, &name, &font, line.width());
    ui.painter_at(line)
        .text(line.left_center(), Align2::LEFT_CENTER, shown, font, color);
}

/// The thumbnail in its proportions, or why there is none.
pub fn picture(ui: &Ui, pictures: &mut Pictures, entry: &Entry, frame: Rect, opacity: f32) {
    let decoded = match &entry.facts {
        Ok(_) => pictures.get(entry, Form::Thumbnail),
        Err(_) => None,
    };
    let broken = match (&entry.facts, decoded) {
        (Err(reason), _) | (_, Some(Err(reason))) => Some(reason.as_str()),
        _ => None,
    };
    match (broken, decoded) {
        (Some(reason), _) => self::broken(ui, frame, &format!("Broken: {reason}")),
        (None, Some(Ok(picture))) => {
            let place = fitted(picture.size, frame);
            picture.paint(ui.painter(), place, Color32::WHITE.gamma_multiply(opacity));
        }
        _ => {
            let [width, height] = entry.facts.as_ref().map_or([1, 1], |facts| facts.size);
            let place = fitted(vec2(width as f32, height as f32), frame);
            ui.painter().rect_filled(place, 0.0, tokens(ui).surface[0]);
        }
    }
}

/// A picture that cannot be shown says so, and why.
pub fn broken(ui: &Ui, frame: Rect, words: &str) {
    let colors = tokens(ui);
    let painter = ui.painter_at(frame);
    painter.text(
        frame.center() - vec2(0.0, 24.0),
        Align2::CENTER_CENTER,
        icon::BROKEN,
        icon_font(20.0),
        colors.bad,
    );
    let galley = painter.layout(
        words.to_owned(),
        FontId::proportional(11.0),
        colors.dim,
        (frame.width() - 2.0 * STEP).max(20.0),
    );
    painter.galley(
        pos2(frame.center().x - galley.size().x / 2.0, frame.center().y - 8.0),
        galley,
        colors.dim,
    );
}

/// Flag and stars at the left of a line, label and note at its right; what is free in between.
pub fn marks(ui: &Ui, marks: &Marks, line: Rect) -> Rect {
    let colors = tokens(ui);
    let painter = ui.painter();
    let at = |x: f32| pos2(x, line.center().y);
    let mut left = line.left();
    let flag = match marks.flag {
        Flag::None => None,
        Flag::Pick => Some((icon::CHECK, colors.good)),
        Flag::Reject => Some((icon::REJECT, colors.bad)),
    };
    if let Some((glyph, color)) = flag {
        left = painter
            .text(at(left), Align2::LEFT_CENTER, glyph, icon_font(14.0), color)
            .right()
            + STEP;
    }
    for _ in 0..marks.stars {
        left = painter
            .text(at(left), Align2::LEFT_CENTER, icon::STAR, icon_font(12.0), colors.accent)
            .right();
    }
    let mut right = line.right();
    if let Some(label) = &marks.label {
        let dot = Rect::from_center_size(at(right - 5.0), Vec2::splat(10.0));
        painter.rect_filled(dot, 2.0, label_color(label, colors));
        right -= 14.0;
    }
    if !marks.note.is_empty() {
        let note = painter.text(at(right), Align2::RIGHT_CENTER, icon::NOTE, icon_font(14.0), colors.dim);
        right = note.left();
    }
    let gap = |edge: f32, moved: f32| if edge == moved { 0.0 } else { STEP };
    let left = left + gap(line.left(), left);
    let right = right - gap(line.right(), right);
    Rect::from_x_y_ranges(left..=right.max(left), line.y_range())
}

/// The colour that a label stands for.
pub fn label_color(label: &Label, colors: &Tokens) -> Color32 {
    match label {
        Label::Red => Color32::from_rgb(0xE5, 0x48, 0x4D),
        Label::Yellow => Color32::from_rgb(0xF2, 0xC1, 0x2E),
        Label::Green => Color32::from_rgb(0x46, 0xA7, 0x58),
        Label::Blue => Color32::from_rgb(0x3E, 0x82, 0xF0),
        Label::Other(_) => colors.dim,
    }
}

/// What a screen reader says of a picture.
pub fn describe(entry: &Entry) -> String {
    let mut words = vec![entry.name().into_owned()];
    match entry.marks() {
        None => words.push("broken".to_owned()),
        Some(marks) => {
            if marks.stars > 0 {
                words.push(format!("{} stars", marks.stars));
            }
            if marks.flag != Flag::None {
                words.push(marks.flag.words().to_lowercase());
            }
            words.extend(
                marks
                    .label
                    .as_ref()
                    .map(|label| format!("{} label", label.text().to_lowercase())),
            );
        }
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_fill_the_width_and_groups_begin_rows() {
        let layout = Layout::new(1000.0, 180.0);
        assert_eq!(layout.columns, 5);
        let mut answer = Answer::default();
        answer.groups = vec![("a".to_owned(), 7), ("b".to_owned(), 1)];
        let rect = |place| layout.rect(&answer, place);
        assert_eq!(rect(0).min, pos2(GAP, HEAD));
        assert_eq!(rect(5).min, pos2(GAP, HEAD + layout.row()));
        assert_eq!(rect(7).min, pos2(GAP, 2.0 * HEAD + 2.0 * layout.row()));
        assert!((rect(4).right() + GAP - 1000.0).abs() < 0.01);
        assert_eq!(layout.height(&answer), rect(7).bottom() + GAP);
    }
}
