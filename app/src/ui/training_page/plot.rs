//! The losses over the steps, on a logarithmic scale.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, RichText, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::training::record::Record;
use crate::ui::theme::{STEP, tokens};
use crate::ui::title;

/// Points of the line of the training's loss, at most.
const POINTS: usize = 120;
/// Room for the numbers beside and below.
const SIDE: f32 = 48.0;
const BELOW: f32 = 16.0;

/// How losses and places lie on the screen.
#[derive(Clone, Copy, Debug)]
struct Scale {
    field: Rect,
    steps: f32,
    /// Logarithms of the lowest and the highest loss.
    low: f32,
    high: f32,
}

impl Scale {
    fn new(field: Rect, steps: usize, losses: impl Iterator<Item = f32>) -> Option<Self> {
        let logs = losses.filter(|loss| *loss > 0.0 && loss.is_finite()).map(f32::ln);
        let (low, high) = logs.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), log| {
            (low.min(log), high.max(log))
        });
        // A flat line lies in the middle.
        let spare = ((high - low) * 0.08).max(0.05);
        (low <= high).then_some(Self {
            field,
            steps: steps.max(1) as f32,
            low: low - spare,
            high: high + spare,
        })
    }

    fn at(&self, place: f32, loss: f32) -> Pos2 {
        let up = (loss.max(f32::MIN_POSITIVE).ln() - self.low) / (self.high - self.low);
        pos2(
            self.field.left() + self.field.width() * place / self.steps,
            self.field.bottom() - self.field.height() * up,
        )
    }

    /// Round losses within reach: 1, 2 and 5 of every power of ten, or finer where there are less than two of them.
    fn ticks(&self) -> Vec<f32> {
        let (low, high) = (self.low.exp(), self.high.exp());
        let within = |steps: &[f32]| -> Vec<f32> {
            let powers = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
            let all = powers.flat_map(|power| steps.iter().map(move |step| step * 10_f32.powi(power)));
            all.filter(|loss| (low..=high).contains(loss)).collect()
        };
        let coarse = within(&[1.0, 2.0, 5.0]);
        if coarse.len() > 1 {
            return coarse;
        }
        let tenths: Vec<f32> = (10..100).map(|tenth| tenth as f32 / 10.0).collect();
        let fine = within(&tenths);
        let every = fine.len().div_ceil(4).max(1);
        fine.into_iter().step_by(every).collect()
    }
}

/// The curve of `record`, `height` points high with its title.
pub fn show(ui: &mut Ui, record: &Record, height: f32) {
    let colors = tokens(ui);
    let (training, held_out) = (record.curve(POINTS), record.validations());
    let newest = record.losses().last().map(|(_, loss)| *loss);
    let measured = held_out.last().map(|(_, loss)| *loss);
    ui.horizontal(|ui| {
        title(ui, "Loss");
        legend(ui, "of the steps", newest, colors.dim);
        legend(ui, "on pictures that are not trained on", measured, colors.accent);
    });
    let size = vec2(ui.available_width(), (height - 6.0 * STEP).max(64.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let words = format!("Loss: {} steps, {} measurements", record.losses().len(), held_out.len());
        WidgetInfo::labeled(egui::Role::Label, true, words)
    });
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, colors.surface[0]);
    let field = Rect::from_min_max(rect.min + vec2(SIDE, 2.0 * STEP), rect.max - vec2(2.0 * STEP, BELOW));
    let losses = training
        .iter()
        .map(|(_, loss)| *loss)
        .chain(held_out.iter().map(|(_, loss)| *loss));
    let Some(scale) = Scale::new(field, record.all(), losses) else {
        let font = FontId::proportional(13.0);
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            "Comes with the first step",
            font,
            colors.dim,
        );
        return;
    };
    axes(&painter, &scale, record, (colors.line(), colors.dim));
    let line = |points: Vec<Pos2>, stroke: Stroke| match points.len() {
        1 => painter.circle_filled(points[0], 2.0, stroke.color),
        _ => painter.line(points, stroke),
    };
    line(
        training.iter().map(|(place, loss)| scale.at(*place, *loss)).collect(),
        Stroke::new(1.5, colors.dim),
    );
    let points: Vec<Pos2> = held_out.iter().map(|(place, loss)| scale.at(*place as f32, *loss)).collect();
    for point in &points {
        painter.circle_filled(*point, 3.0, colors.accent);
    }
    line(points, Stroke::new(2.0, colors.accent));
    if let Some(pointer) = response.hover_pos().filter(|at| field.contains(*at)) {
        let place = (pointer.x - field.left()) / field.width() * scale.steps;
        painter.vline(pointer.x, field.y_range(), Stroke::new(1.0, colors.line()));
        response.on_hover_ui_at_pointer(|ui| near(ui, place, &training, held_out));
    }
}

fn legend(ui: &mut Ui, words: &str, value: Option<f32>, color: Color32) {
    let value = value.map_or(String::new(), |value| format!(" {value:.4}"));
    let (rect, _) = ui.allocate_exact_size(vec2(12.0, 2.0), Sense::hover());
    ui.painter().rect_filled(rect, 1.0, color);
    ui.label(RichText::new(format!("{words}{value}")).small().color(tokens(ui).dim));
}

fn axes(painter: &Painter, scale: &Scale, record: &Record, (line, text): (Color32, Color32)) {
    let (field, font) = (scale.field, FontId::proportional(11.0));
    for loss in scale.ticks() {
        let y = scale.at(0.0, loss).y;
        painter.hline(field.x_range(), y, Stroke::new(1.0, line));
        let at = pos2(field.left() - 2.0 * STEP, y);
        painter.text(at, Align2::RIGHT_CENTER, short(loss), font.clone(), text);
    }
    for seam in record.seams() {
        painter.vline(scale.at(seam as f32, 1.0).x, field.y_range(), Stroke::new(1.0, line));
    }
    let below = field.bottom() + 2.0;
    painter.text(pos2(field.left(), below), Align2::LEFT_TOP, "0", font.clone(), text);
    let words = format!("{} steps", record.all());
    painter.text(pos2(field.right(), below), Align2::RIGHT_TOP, words, font, text);
}

/// A round number without noise in its last digits.
fn short(loss: f32) -> String {
    let digits = (1 - loss.log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{loss:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// What was measured nearest to a place.
fn near(ui: &mut Ui, place: f32, training: &[(f32, f32)], held_out: &[(usize, f32)]) {
    let apart = |at: f32| (at - place).abs();
    let nearest = training.iter().min_by(|a, b| apart(a.0).total_cmp(&apart(b.0)));
    if let Some((at, loss)) = nearest {
        ui.label(format!("step {at:.0}: {loss:.4}"));
    }
    let nearest = held_out.iter().min_by(|a, b| apart(a.0 as f32).total_cmp(&apart(b.0 as f32)));
    if let Some((at, loss)) = nearest {
        ui.label(format!("not trained on, step {at}: {loss:.4}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(losses: &[f32]) -> Option<Scale> {
        let field = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 50.0));
        Scale::new(field, 10, losses.iter().copied())
    }

    #[test]
    fn losses_lie_within_the_field_and_a_scale_needs_one() {
        assert!(scale(&[]).is_none() && scale(&[f32::NAN, 0.0]).is_none());
        let losses = [0.9, 0.04, 0.2];
        let scale = scale(&losses).unwrap();
        assert!(losses.iter().all(|loss| scale.field.contains(scale.at(5.0, *loss))));
        assert!(scale.at(0.0, 0.9).y < scale.at(0.0, 0.04).y, "more is higher");
        assert_eq!(scale.at(10.0, 0.2).x, 100.0);
        assert_eq!(
            scale.ticks().into_iter().map(short).collect::<Vec<_>>(),
            ["0.05", "0.1", "0.2", "0.5", "1"]
        );
    }

    #[test]
    fn a_narrow_range_has_numbers_too() {
        let narrow = scale(&[0.231, 0.234]).unwrap();
        assert!(narrow.ticks().len() > 1, "{:?}", narrow.ticks());
        assert_eq!([0.23, 1.0, 20.0, 0.004].map(short), ["0.23", "1", "20", "0.004"]);
    }
}
