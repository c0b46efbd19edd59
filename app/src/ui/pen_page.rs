//! What pens tell, live, and how hard the person presses.

use std::time::Instant;

use egui::{
    Button, Context, Event, PointerButton, Pos2, Rect, Response, RichText, Role as Widget, Sense, Slider, Stroke, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use super::dialogs::{heading, modal, page_button};
use super::theme::{ROW, STEP, tokens};
use super::{decimals, percent, slider_row};
use crate::pen::{Axes, Pen, PressureCurve};

const WIDTH: f32 = 520.0;
/// Side of the picture of the curve.
const CURVE: f32 = 132.0;
/// Height of the paper to try the pen on.
const PAPER: f32 = 132.0;
/// Width of a line on it under full pressure.
const BROAD: f32 = 18.0;
/// Places of the pen that the paper keeps.
const PLACES: usize = 4096;

/// The page, open or not.
#[derive(Default)]
pub struct PenPage {
    open: bool,
    /// The lines on the paper: each place, from the paper's corner, and the pressure there.
    lines: Vec<Vec<(Vec2, f32)>>,
    drawing: bool,
}

impl PenPage {
    pub fn open(&mut self) {
        *self = Self {
            open: true,
            ..Self::default()
        };
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the page while it is open; the curve that counts from now on, if it is another.
    pub fn show(&mut self, context: &Context, pen: &mut Pen) -> Option<PressureCurve> {
        if !self.open {
            return None;
        }
        let before = pen.curve();
        let mut curve = before;
        let modal = modal(context, "pen").show(context, |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 16.0 * STEP));
            self.contents(ui, pen, &mut curve);
        });
        if modal.should_close() {
            self.open = false;
        }
        (curve != before).then_some(curve)
    }

    fn contents(&mut self, ui: &mut Ui, pen: &mut Pen, curve: &mut PressureCurve) {
        heading(ui, "Pen");
        devices(ui, pen);
        ui.add_space(2.0 * STEP);
        let axes = pen.last().map(|sample| sample.axes);
        live(ui, axes, *curve);
        ui.add_space(2.0 * STEP);
        ui.horizontal_top(|ui| {
            picture(ui, *curve, axes);
            ui.add_space(2.0 * STEP);
            ui.vertical(|ui| sliders(ui, curve));
        });
        ui.add_space(2.0 * STEP);
        let dim = tokens(ui).dim;
        ui.label(RichText::new("Try it here. A mouse always presses fully.").color(dim));
        self.paper(ui, pen);
        ui.add_space(2.0 * STEP);
        ui.horizontal(|ui| {
            let defaults = Button::new("Back to the defaults").min_size(vec2(0.0, ROW));
            if ui.add_enabled(*curve != PressureCurve::default(), defaults).clicked() {
                *curve = PressureCurve::default();
            }
            let wipe = Button::new("Wipe the paper").min_size(vec2(0.0, ROW));
            if ui.add_enabled(!self.lines.is_empty(), wipe).clicked() {
                self.lines.clear();
            }
            if page_button(ui, "Close").clicked() {
                ui.close();
            }
        });
    }

    /// Something to draw on, with lines as broad as the hand presses.
    fn paper(&mut self, ui: &mut Ui, pen: &mut Pen) {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), PAPER), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(Widget::Canvas, true, "Paper to try the pen on"));
        self.draw(ui, rect, &response, pen);
        let (tokens, painter) = (tokens(ui), ui.painter_at(rect));
        tokens.card(&painter, rect, 2);
        for line in &self.lines {
            let place = |(from, pressure): &(Vec2, f32)| (rect.min + *from, BROAD * pressure.max(0.05));
            for (at, width) in line.iter().map(place) {
                painter.circle_filled(at, width / 2.0, tokens.text);
            }
            for pair in line.windows(2) {
                let [(from, one), (to, other)] = [place(&pair[0]), place(&pair[1])];
                painter.line_segment([from, to], Stroke::new(one.midpoint(other), tokens.text));
            }
        }
    }

    fn draw(&mut self, ui: &Ui, rect: Rect, response: &Response, pen: &mut Pen) {
        let (events, now, scale) = (ui.input(|input| input.events.clone()), Instant::now(), ui.pixels_per_point());
        let mut pressure = |pos: Pos2, pressed| {
            pen.at([pos.x * scale, pos.y * scale], pressed, now)
                .map_or(1.0, |pen| pen.pressure)
        };
        for event in events {
            match event {
                Event::PointerButton {
                    pos,
                    button: PointerButton::Primary,
                    pressed: true,
                    ..
                } if response.contains_pointer() && rect.contains(pos) => {
                    self.drawing = true;
                    self.lines.push(vec![(pos - rect.min, pressure(pos, true))]);
                }
                Event::PointerMoved(pos) if self.drawing => {
                    if let Some(line) = self.lines.last_mut() {
                        line.push((pos - rect.min, pressure(pos, false)));
                    }
                }
                Event::PointerButton { pressed: false, .. } | Event::PointerGone => self.drawing = false,
                _ => {}
            }
        }
        while self.lines.len() > 1 && self.lines.iter().map(Vec::len).sum::<usize>() > PLACES {
            self.lines.remove(0);
        }
    }
}

/// Which pens there are, and which spoke last.
fn devices(ui: &mut Ui, pen: &Pen) {
    let dim = tokens(ui).dim;
    if let Some(trouble) = pen.trouble() {
        ui.label(RichText::new(trouble).color(tokens(ui).warn));
    }
    let way = pen
        .way()
        .map_or("as touches of the screen".to_owned(), |way| format!("by {way}"));
    let words = match pen.devices() {
        [] => format!("No pen has been seen yet. Pens are listened for {way}."),
        pens => format!("Heard {way}: {}.", pens.join(", ")),
    };
    ui.label(RichText::new(words).color(dim));
    let last = match pen.last() {
        Some(sample) if sample.eraser => format!("In the hand: {}, upside down", sample.device),
        Some(sample) => format!("In the hand: {}", sample.device),
        None => "In the hand: nothing but a mouse".to_owned(),
    };
    ui.label(last);
}

/// Pressure as it comes and as brushes get it, and the way that the pen leans.
fn live(ui: &mut Ui, axes: Option<Axes>, curve: PressureCurve) {
    let Axes { pressure, tilt } = axes.unwrap_or_default();
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            bar(ui, "Pressure", pressure);
            bar(ui, "After the curve", curve.apply(pressure));
            let [right, down] = tilt.map(|share| share * 90.0);
            ui.label(format!("Tilt: {right:.0}° to the right, {down:.0}° down"));
        });
        let side = 3.0 * ROW;
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Widget::Image, true, "The way that the pen leans"));
        let (tokens, painter) = (tokens(ui), ui.painter());
        let radius = side / 2.0 - 1.0;
        painter.circle(rect.center(), radius, tokens.surface[2], Stroke::new(1.0, tokens.line()));
        let end = rect.center() + vec2(tilt[0], tilt[1]) * radius;
        painter.line_segment([rect.center(), end], Stroke::new(2.0, tokens.accent));
        painter.circle_filled(end, 3.0, tokens.accent);
    });
}

fn bar(ui: &mut Ui, name: &str, share: f32) {
    ui.horizontal(|ui| {
        ui.set_height(ROW);
        ui.allocate_ui(vec2(104.0, ROW), |ui| {
            ui.set_min_width(104.0);
            ui.label(name);
        });
        let (rect, response) = ui.allocate_exact_size(vec2(212.0, 2.0 * STEP), Sense::hover());
        let words = format!("{name}: {:.0} %", share * 100.0);
        response.widget_info(|| WidgetInfo::labeled(Widget::ProgressIndicator, true, &words));
        let tokens = tokens(ui);
        ui.painter().rect_filled(rect, 2.0, tokens.surface[2]);
        let filled = Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
        ui.painter().rect_filled(filled, 2.0, tokens.accent);
        ui.label(format!("{:.0} %", share * 100.0));
    });
}

/// The curve: the hand's pressure from left to right, the brush's from below.
fn picture(ui: &mut Ui, curve: PressureCurve, axes: Option<Axes>) {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(CURVE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Widget::Image, true, "The curve of pressure"));
    let (tokens, painter) = (tokens(ui), ui.painter());
    tokens.card(painter, rect, 2);
    let inner = rect.shrink(2.0 * STEP);
    let at = |pressure: f32| {
        pos2(
            egui::lerp(inner.x_range(), pressure),
            egui::lerp(inner.bottom()..=inner.top(), curve.apply(pressure)),
        )
    };
    let places = (0..=64).map(|step| at(step as f32 / 64.0)).collect();
    painter.line(places, Stroke::new(1.5, tokens.text));
    if let Some(axes) = axes {
        painter.circle_filled(at(axes.pressure), 3.5, tokens.accent);
    }
}

fn sliders(ui: &mut Ui, curve: &mut PressureCurve) {
    let tip = "How the middle of the way is felt: firm for a heavy hand, soft for a light one";
    let softness = decimals(Slider::new(&mut curve.softness, -1.0..=1.0), 2);
    slider_row(ui, "Softness", tip, softness);
    let tip = "What the pen tells at the lightest touch that is to count";
    slider_row(ui, "Lightest", tip, percent(&mut curve.lightest, 0.0..=0.9));
    let tip = "What the pen tells when you press as hard as you like to";
    slider_row(ui, "Full", tip, percent(&mut curve.full, 0.1..=1.0));
}
