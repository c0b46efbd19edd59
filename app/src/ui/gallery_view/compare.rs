//! The loupe, and up to nine pictures against each other: side by side with one zoom, wiped, subtracted, laid over, in turns.

use std::sync::Arc;
use std::time::Duration;

use egui::{
    Align2, Color32, ComboBox, FontId, Id, Pos2, Rect, Role as Widget, Sense, Slider, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};
use engine::image::lab::{self, Lab};

use super::grid;
use super::panes::{draw, fitted, navigate, panes, wipe_line};
use super::pictures::Pictures;
use crate::canvas::view::{Placement, View};
use crate::command::Command;
use crate::gallery::decoding::Form;
use crate::gallery::entry::{Entry, Lines};
use crate::gallery::light_table::{LightTable, Magnification};
use crate::gallery::look::{Look, Part};
use crate::ui::theme::{STEP, tokens};
use crate::ui::{VALUE, hint, icon, icon_button, percent, with_keys};

/// How pictures are set against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum How {
    #[default]
    SideBySide,
    Wipe,
    Difference,
    Onion,
    Flicker,
}

impl How {
    const ALL: [Self; 5] = [Self::SideBySide, Self::Wipe, Self::Difference, Self::Onion, Self::Flicker];

    /// What leads to it, and what it does.
    fn command(self) -> (Command, &'static str) {
        match self {
            Self::SideBySide => (Command::BesideEachOther, "All pictures with one zoom"),
            Self::Wipe => (Command::Wipe, "Drag the line between two pictures"),
            Self::Difference => (
                Command::Difference,
                "How far each colour is from the other picture's; black is the same",
            ),
            Self::Onion => (Command::Onion, "One picture through the other"),
            Self::Flicker => (Command::Flicker, "All pictures in turns, in one place"),
        }
    }

    fn of(command: Command) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.command().0 == command)
    }
}

/// What of pictures a command shows.
fn part(command: Command) -> Option<Part> {
    Some(match command {
        Command::WholePictures => Part::All,
        Command::FigureOnly => Part::Figure,
        Command::BackgroundOnly => Part::Background,
        Command::SketchOnly => Part::Sketch,
        _ => return None,
    })
}

/// Side of the square that stands for a colour.
const SWATCH: f32 = 12.0;

pub struct Compare {
    view: View,
    how: How,
    look: Look,
    /// Where the wipe's line stands, 0..=1 of the picture's width.
    split: f32,
    /// The difference is multiplied by this, 1..=32.
    gain: f32,
    /// How much of the second picture shows, 0..=1.
    mix: f32,
    /// Seconds that each picture stays while they flicker.
    pace: f32,
    /// Where the pointer is, in pixels of the first picture; beside it, too.
    pointed: Option<Pos2>,
}

impl Default for Compare {
    fn default() -> Self {
        Self {
            view: View::default(),
            how: How::SideBySide,
            look: Look::default(),
            split: 0.5,
            gain: 4.0,
            mix: 0.5,
            pace: 0.5,
            pointed: None,
        }
    }
}

impl Compare {
    /// Shows whole pictures again.
    pub fn fit(&mut self) {
        self.view.fit();
    }

    /// Compares in the way that the command names, or shows the part that it names; again, and it is as before.
    pub fn run(&mut self, command: Command, table: &mut LightTable) {
        if let Some(part) = part(command) {
            let again = self.look.part == part;
            self.look.part = if again { Part::All } else { part };
        }
        let Some(how) = How::of(command) else { return };
        let again = table.magnification == Magnification::Compare && self.how == how;
        self.how = if again { How::SideBySide } else { how };
        table.magnification = Magnification::Compare;
    }

    /// Whether the command names a way to compare.
    pub fn is_way(command: Command) -> bool {
        How::of(command).is_some()
    }

    /// Whether the command names a part of pictures that can show.
    pub fn is_part(command: Command) -> bool {
        part(command).is_some()
    }

    /// What stands over the pictures: how they are compared, and the dial that belongs to it.
    pub fn bar(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        for how in How::ALL {
            let (command, does) = how.command();
            let tip = with_keys(ui, does, &[command]);
            let label = ui.selectable_label(self.how == how, command.label());
            if label.on_hover_text(tip).clicked() && self.how != how {
                commands.push(command);
            }
        }
        ui.add_space(2.0 * STEP);
        let (name, slider) = match self.how {
            How::SideBySide => return,
            How::Wipe => ("Line", percent(&mut self.split, 0.0..=1.0)),
            How::Difference => ("Gain", Slider::new(&mut self.gain, 1.0..=32.0).logarithmic(true).suffix("×")),
            How::Onion => ("Second", percent(&mut self.mix, 0.0..=1.0)),
            How::Flicker => ("Pace", Slider::new(&mut self.pace, 0.1..=2.0).suffix(" s")),
        };
        ui.label(name);
        // Its number stands beside it, in a narrow window, too.
        ui.spacing_mut().slider_width = (ui.available_width() - VALUE - 2.0 * STEP).clamp(24.0, 120.0);
        ui.name_inputs(name, |ui| ui.add(slider));
    }

    /// What of the pictures shows.
    pub fn parts(&mut self, ui: &mut Ui, table: &LightTable, commands: &mut Vec<Command>) {
        ui.name_inputs("Show", |ui| {
            let shown = ComboBox::from_id_salt("part").selected_text(self.look.part.words());
            shown.show_ui(ui, |ui| {
                for part in Part::EVERY {
                    ui.selectable_value(&mut self.look.part, part, part.words());
                }
            });
        });
        let command = Command::ToggleLines;
        let possible = self.switches_lines(table);
        ui.add_enabled_ui(possible.is_ok(), |ui| {
            let (shown, tip) = (self.shows_lines(&entries(table)), hint(ui, command));
            let response = icon_button(ui, icon::PEN, 16.0, shown, command.label(), &tip);
            if response.on_disabled_hover_text(possible.err().unwrap_or_default()).clicked() {
                commands.push(command);
            }
        });
    }

    /// Whether the sketch of any picture that shows can be laid over its colour or taken off it; or why that is not so.
    pub fn switches_lines(&self, table: &LightTable) -> Result<(), &'static str> {
        let any = |lines| entries(table).iter().any(|entry| entry.lines() == lines);
        match (table.magnification, self.look.part) {
            (Magnification::Grid | Magnification::Blind, _) => Err("Show a picture in the loupe, or compare several"),
            (_, Part::Sketch) => Err("The sketch alone shows: choose whole pictures first"),
            _ if any(Lines::Removable) || any(Lines::Absent) => Ok(()),
            _ if any(Lines::Fixed) => Err("What is under the lines was not kept when this was written: make it again"),
            _ => Err("No recipe says which lines lie over this"),
        }
    }

    /// Lays the sketch over the colour, or takes it off; and back to how the pictures were made.
    pub fn toggle_lines(&mut self, table: &LightTable) {
        self.look.lines = match self.look.lines {
            Some(_) => None,
            None => Some(!self.shows_lines(&entries(table))),
        };
    }

    fn shows_lines(&self, entries: &[Arc<Entry>]) -> bool {
        let made = || entries.iter().any(|entry| entry.lines() != Lines::Absent);
        self.look.lines.unwrap_or_else(made)
    }

    /// The picture's name, and whether it still has the lines that were to go.
    fn caption(&self, entry: &Entry) -> String {
        let keeps = self.look.lines == Some(false) && matches!(entry.lines(), Lines::Fixed | Lines::Unknown);
        match keeps && self.look.part != Part::Sketch {
            true => format!("{}  (its lines cannot be taken off)", entry.name()),
            false => entry.name().into_owned(),
        }
    }

    /// Shows the loupe, or what is compared, in all the room there is.
    pub fn show(&mut self, ui: &mut Ui, table: &mut LightTable, pictures: &mut Pictures) {
        let room = ui.available_rect_before_wrap();
        let entries = entries(table);
        let Some(first) = entries.first().cloned() else {
            ui.painter().text(
                room.center(),
                Align2::CENTER_CENTER,
                "Nothing shows: remove a filter",
                FontId::proportional(13.0),
                tokens(ui).dim,
            );
            return;
        };
        let survey = table.magnification == Magnification::Survey;
        let how = match table.magnification {
            Magnification::Compare if entries.len() > 1 => self.how,
            _ => How::SideBySide,
        };
        let size = first.facts.as_ref().map_or([1, 1], |facts| facts.size);
        let panes = if how == How::SideBySide {
            panes(room, entries.len())
        } else {
            vec![room]
        };
        let mut pointed = None;
        for (pane, entry) in panes.into_iter().zip(&entries) {
            let own = entry.facts.as_ref().map_or([1, 1], |facts| facts.size);
            let mut alone = View::default();
            let (view, size) = if survey { (&mut alone, own) } else { (&mut self.view, size) };
            let (response, placement) = navigate(ui, view, pane, size, &entry.path, &format!("Picture {}", entry.name()));
            match how {
                How::SideBySide => self.side(ui, table, pictures, entry, pane, placement.rect(size)),
                _ => self.stacked(ui, how, table, pictures, &entries, pane, placement, size),
            }
            if response.clicked() && entries.len() > 1 {
                table.choose_among(&entry.path);
            }
            if let Some(pointer) = response.hover_pos() {
                pointed = Some(placement.to_picture(pointer));
            }
        }
        self.pointed = pointed;
        // Stepping on shows the next one at once.
        for step in [1, -1] {
            let next = table.place().checked_add_signed(step);
            let next = next.and_then(|place| table.answer().entries.get(place));
            if let Some(entry) = next.filter(|entry| entry.facts.is_ok() && table.magnification == Magnification::Loupe) {
                pictures.get(entry, Form::Whole(self.look));
            }
        }
        if !survey {
            self.colors(ui, pictures, &entries, room, size);
        }
    }

    fn side(&self, ui: &Ui, table: &LightTable, pictures: &mut Pictures, entry: &Entry, pane: Rect, place: Rect) {
        draw(ui, pictures, entry, pane, place, 1.0, self.look);
        let colors = tokens(ui);
        let painter = ui.painter_at(pane);
        let caption = Rect::from_min_max(pos2(pane.left(), pane.bottom() - 24.0), pane.max);
        painter.rect_filled(caption, 0.0, colors.surface[0].gamma_multiply(0.85));
        let name = painter.text(
            caption.left_center() + vec2(2.0 * STEP, 0.0),
            Align2::LEFT_CENTER,
            self.caption(entry),
            FontId::proportional(11.0),
            colors.text,
        );
        if let Some(marks) = entry.marks() {
            let line = Rect::from_min_max(
                pos2(name.right() + 3.0 * STEP, caption.top()),
                caption.max - vec2(2.0 * STEP, 0.0),
            );
            grid::marks(ui, marks, line);
        }
        if table.is_active(&entry.path) && table.magnification != Magnification::Loupe {
            painter.rect_stroke(pane, 0.0, Stroke::new(2.0, colors.accent), StrokeKind::Inside);
        }
    }

    /// All pictures in one place; of those that are held against each other, the first and the active one, or the second.
    fn stacked(
        &mut self,
        ui: &mut Ui,
        how: How,
        table: &LightTable,
        pictures: &mut Pictures,
        entries: &[Arc<Entry>],
        pane: Rect,
        placement: Placement,
        size: [u32; 2],
    ) {
        let place = placement.rect(size);
        let active = entries.iter().skip(1).find(|entry| table.is_active(&entry.path));
        let (first, second) = (&entries[0], active.unwrap_or(&entries[1]));
        let look = self.look;
        let names = format!("{}  |  {}", self.caption(first), self.caption(second));
        let caption = match how {
            How::Wipe => {
                let line = place.left() + self.split * place.width();
                let left = pane.intersect(Rect::everything_left_of(line));
                let right = pane.intersect(Rect::everything_right_of(line));
                draw(ui, pictures, first, left, place, 1.0, look);
                draw(ui, pictures, second, right, place, 1.0, look);
                wipe_line(ui, Id::unique("wipe"), pane, place, line, &mut self.split);
                names
            }
            How::Onion => {
                draw(ui, pictures, first, pane, place, 1.0, look);
                draw(ui, pictures, second, pane, place, self.mix, look);
                names
            }
            How::Difference => {
                let form = Form::Difference(second.path.clone(), second.stamp, look);
                if let Some(Ok(picture)) = pictures.get(first, form) {
                    let painter = ui.painter_at(pane);
                    painter.rect_filled(place, 0.0, Color32::BLACK);
                    // Light on light adds up, so a gain of 4 is the picture four times over itself.
                    let mut left = self.gain;
                    while left > 0.0 {
                        let share = (left.min(1.0) * 255.0) as u8;
                        let added = Color32::from_rgba_premultiplied(share, share, share, 0);
                        picture.paint(&painter, place, added);
                        left -= 1.0;
                    }
                }
                names
            }
            How::SideBySide | How::Flicker => {
                let time = ui.input(|input| input.time);
                let entry = &entries[(time / f64::from(self.pace)) as usize % entries.len()];
                draw(ui, pictures, entry, pane, place, 1.0, look);
                // Decoded before their turn comes.
                for entry in entries.iter().filter(|entry| entry.facts.is_ok()) {
                    pictures.get(entry, Form::Whole(look));
                }
                ui.ctx().request_repaint_after(Duration::from_secs_f32(self.pace / 2.0));
                self.caption(entry)
            }
        };
        let colors = tokens(ui);
        let strip = Rect::from_min_max(pos2(pane.left(), pane.bottom() - 24.0), pane.max);
        let painter = ui.painter_at(pane);
        painter.rect_filled(strip, 0.0, colors.surface[0].gamma_multiply(0.85));
        painter.text(
            strip.left_center() + vec2(2.0 * STEP, 0.0),
            Align2::LEFT_CENTER,
            caption,
            FontId::proportional(11.0),
            colors.text,
        );
    }

    /// The colour under the pointer in all pictures, and how far each is from the first.
    fn colors(&self, ui: &Ui, pictures: &mut Pictures, entries: &[Arc<Entry>], room: Rect, size: [u32; 2]) {
        let Some(at) = self.pointed else { return };
        let mut first: Option<Lab> = None;
        let (mut lines, mut spoken) = (Vec::new(), Vec::new());
        for entry in entries.iter().filter(|entry| entry.facts.is_ok()) {
            let whole = pictures
                .get(entry, Form::Whole(self.look))
                .and_then(|decoded| decoded.as_ref().ok());
            let Some(pixels) = whole.and_then(|picture| picture.pixels.as_ref()) else {
                continue;
            };
            let Some([x, y]) = pixel_at(at, size, pixels.dimensions().into()) else {
                continue;
            };
            let pixel = *pixels.get_pixel(x, y);
            let color = lab::lab(pixel);
            let apart = first
                .map(|first| format!("   ΔE {:.1}", lab::difference(first, color)))
                .unwrap_or_default();
            first.get_or_insert(color);
            let [r, g, b] = pixel.0;
            spoken.push(format!("{} #{r:02X}{g:02X}{b:02X}{apart}", entry.name()));
            lines.push((pixel.0, format!("#{r:02X}{g:02X}{b:02X}{apart}")));
        }
        if lines.is_empty() {
            return;
        }
        let colors = tokens(ui);
        let height = lines.len() as f32 * 18.0 + 2.0 * STEP;
        let card = Rect::from_min_size(room.left_top() + Vec2::splat(2.0 * STEP), vec2(156.0, height));
        let words = format!("Under the pointer: {}", spoken.join(", "));
        let response = ui.interact(card, Id::unique("colours under the pointer"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Widget::Label, true, &words));
        ui.painter().rect_filled(card, 4.0, colors.surface[0].gamma_multiply(0.9));
        for (line, ([r, g, b], words)) in lines.into_iter().enumerate() {
            let y = card.top() + STEP + 9.0 + line as f32 * 18.0;
            let swatch = Rect::from_center_size(pos2(card.left() + 14.0, y), Vec2::splat(SWATCH));
            ui.painter().rect_filled(swatch, 2.0, Color32::from_rgb(r, g, b));
            ui.painter().text(
                pos2(card.left() + 28.0, y),
                Align2::LEFT_CENTER,
                words,
                FontId::proportional(11.0),
                colors.text,
            );
        }
    }
}

/// The pictures that show while pictures are large.
fn entries(table: &LightTable) -> Vec<Arc<Entry>> {
    match table.magnification {
        Magnification::Compare | Magnification::Survey => table.compared(),
        Magnification::Grid | Magnification::Loupe | Magnification::Blind => table.active().cloned().into_iter().collect(),
    }
}

/// The pixel of a picture of `own` size that is drawn at a point given in pixels of the first picture: one of other proportions lies in the middle of that
/// one's place, whole. None beside it.
fn pixel_at(at: Pos2, first: [u32; 2], own: [u32; 2]) -> Option<[u32; 2]> {
    let size = |[width, height]: [u32; 2]| vec2(width as f32, height as f32);
    let place = fitted(size(own), Rect::from_min_size(Pos2::ZERO, size(first)));
    let inside = (at - place.min) / place.size() * size(own);
    let within = inside.x >= 0.0 && inside.y >= 0.0 && inside.x < own[0] as f32 && inside.y < own[1] as f32;
    within.then_some([inside.x as u32, inside.y as u32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_where_pictures_of_other_proportions_are_drawn() {
        // Of the same proportions, at half the size.
        assert_eq!(pixel_at(pos2(100.5, 40.5), [200, 100], [100, 50]), Some([50, 20]));
        // A square in the middle of a place twice as wide.
        assert_eq!(pixel_at(pos2(100.0, 50.0), [200, 100], [10, 10]), Some([5, 5]));
        assert_eq!(pixel_at(pos2(50.0, 0.0), [200, 100], [10, 10]), Some([0, 0]));
        assert_eq!(pixel_at(pos2(149.9, 99.9), [200, 100], [10, 10]), Some([9, 9]));
        for beside in [pos2(49.0, 50.0), pos2(151.0, 50.0), pos2(100.0, -1.0), pos2(100.0, 100.0)] {
            assert_eq!(pixel_at(beside, [200, 100], [10, 10]), None, "{beside}");
        }
        // A tall one above a square one reaches from edge to edge.
        assert_eq!(pixel_at(pos2(50.0, 99.0), [100, 100], [100, 400]), Some([50, 396]));
        assert_eq!(pixel_at(pos2(10.0, 50.0), [100, 100], [100, 400]), None);
    }
}
