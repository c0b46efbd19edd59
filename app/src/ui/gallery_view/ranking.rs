//! The ranking of a blind review, as a chart and in numbers.

use egui::{
    Align, Align2, Button, ComboBox, FontId, Layout, Rect, RichText, Role as Widget, ScrollArea, Sense, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::gallery::blind::BlindReview;
use crate::gallery::ranking::Strength;
use crate::ui::row;
use crate::ui::theme::{ROW, STEP, semibold, tokens};

/// What a person wants next.
pub enum Wish {
    Export,
    VoteOn,
    Anew,
    /// The votes of this reviewer alone shall count, or everybody's.
    Count(Option<String>),
}

const LINE: f32 = 28.0;
/// Room for the name, and for the numbers at the right.
const NAME: f32 = 220.0;
const NUMBERS: f32 = 200.0;

/// Shows the `ranking` of a review, the strongest first.
pub fn show(ui: &mut Ui, ranking: &[(String, Strength)], review: &BlindReview) -> Option<Wish> {
    let ([votes, of], counted) = (review.progress(), review.votes().count());
    let width = (ui.available_width() - 8.0 * STEP).clamp(320.0, 860.0);
    let room = ui.available_rect_before_wrap();
    let left = room.center().x - width / 2.0;
    let place = Rect::from_x_y_ranges(left..=left + width, room.top() + 6.0 * STEP..=room.bottom() - 6.0 * STEP);
    let colors = tokens(ui);
    ui.painter().rect_filled(place.expand(4.0 * STEP), 4.0, colors.surface[1]);
    let inside = egui::UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Min));
    let mut wish = None;
    ui.scope_builder(inside, |ui| {
        ui.label(RichText::new("Ranking").font(semibold(16.0)));
        wish = whose(ui, review);
        let count = match review.reviewers().len() {
            1 => format!("{votes} of {of} votes"),
            _ if counted == 1 => "1 vote".to_owned(),
            _ => format!("{counted} votes"),
        };
        let words = format!(
            "{count}. How likely each is preferred over an average one; the bar is the interval that holds the true value in 95 of 100 \
             reviews. Where bars overlap, more votes may change the order."
        );
        ui.add(egui::Label::new(RichText::new(words).color(colors.dim)).wrap());
        ui.add_space(2.0 * STEP);
        let list = ScrollArea::vertical().max_height(ui.available_height() - ROW - 6.0 * STEP);
        list.auto_shrink([false, true]).show(ui, |ui| {
            for (place, (name, strength)) in ranking.iter().enumerate() {
                line(ui, place + 1, name, strength);
            }
        });
        ui.add_space(3.0 * STEP);
        ui.horizontal(|ui| {
            let export = RichText::new("Export as CSV").color(colors.on_accent());
            let wishes = [
                (Button::new(export).fill(colors.accent), Wish::Export, counted > 0),
                (Button::new("Vote on"), Wish::VoteOn, votes < of),
                (Button::new("New review"), Wish::Anew, true),
            ];
            for (button, wished, enabled) in wishes {
                if ui.add_enabled(enabled, button.min_size(vec2(120.0, ROW + STEP))).clicked() {
                    wish = Some(wished);
                }
            }
        });
    });
    wish
}

/// Whose votes count, where several people have voted; what is wished.
fn whose(ui: &mut Ui, review: &BlindReview) -> Option<Wish> {
    let reviewers = review.reviewers();
    if reviewers.len() < 2 {
        return None;
    }
    let everybody = format!("All {} reviewers", reviewers.len());
    let mut chosen = review.counted();
    row(ui, "Votes of", "Whose votes are ranked and exported", |ui| {
        let shown = ComboBox::from_id_salt("whose").selected_text(chosen.map_or(everybody.as_str(), named));
        shown.show_ui(ui, |ui| {
            ui.selectable_value(&mut chosen, None, &everybody);
            for reviewer in reviewers {
                ui.selectable_value(&mut chosen, Some(reviewer), named(reviewer));
            }
        });
    });
    (chosen != review.counted()).then(|| Wish::Count(chosen.map(str::to_owned)))
}

fn named(reviewer: &str) -> &str {
    if reviewer.is_empty() { "Without a name" } else { reviewer }
}

fn line(ui: &mut Ui, place: usize, name: &str, strength: &Strength) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 2.0 * STEP, LINE), Sense::hover());
    let odds = |value: f64| 1.0 / (1.0 + (-value).exp());
    let [low, chance, high] = [odds(strength.low), strength.chance(), odds(strength.high)];
    let percent = |chance: f64| format!("{:.0} %", chance * 100.0);
    let counts = format!("{} of {} votes", short(strength.wins), strength.shown);
    let spoken = format!(
        "{place}. {name}: {}, {} to {}, {counts}",
        percent(chance),
        percent(low),
        percent(high)
    );
    response.widget_info(|| WidgetInfo::labeled(Widget::Label, true, &spoken));
    response.on_hover_text(&spoken);
    let colors = tokens(ui);
    let painter = ui.painter_at(rect);
    let middle = rect.center().y;
    let body = || FontId::proportional(13.0);
    let number = painter.text(
        pos2(rect.left() + 20.0, middle),
        Align2::RIGHT_CENTER,
        place.to_string(),
        semibold(13.0),
        colors.dim,
    );
    let names = Rect::from_x_y_ranges(number.right() + 2.0 * STEP..=rect.left() + NAME, rect.y_range());
    let mut job = egui::text::LayoutJob::simple_singleline(name.to_owned(), body(), colors.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width(names.width());
    let galley = painter.layout_job(job);
    painter.galley(pos2(names.left(), middle - galley.size().y / 2.0), galley, colors.text);
    let chart = Rect::from_x_y_ranges(rect.left() + NAME + 2.0 * STEP..=rect.right() - NUMBERS, rect.y_range());
    let at = |chance: f64| egui::lerp(chart.x_range(), chance as f32);
    painter.rect_filled(chart.shrink2(vec2(0.0, 8.0)), 2.0, colors.surface[0]);
    // An average one stands here.
    painter.vline(at(0.5), chart.y_range(), Stroke::new(1.0, colors.line()));
    let bar = Rect::from_x_y_ranges(at(low)..=at(high), middle - 4.0..=middle + 4.0);
    painter.rect_filled(bar, 2.0, colors.accent.gamma_multiply(0.45));
    painter.circle_filled(pos2(at(chance), middle), 5.0, colors.accent);
    let right = |x: f32, words: String, color| painter.text(pos2(x, middle), Align2::RIGHT_CENTER, words, body(), color);
    right(rect.right() - NUMBERS + 72.0, percent(chance), colors.text);
    right(rect.right(), counts, colors.dim);
}

/// A count of votes, of which some may be shared.
fn short(votes: f64) -> String {
    match votes.fract() < 0.005 {
        true => format!("{votes:.0}"),
        false => format!("{votes:.1}"),
    }
}
