//! Selects by a shape that is drawn: rectangle, ellipse, freely, or corner by corner.

use super::{Effect, PointerEvent, Target};
use crate::document::Combine;
use crate::region::polygon;

/// Sides of the polygon that stands for an ellipse: no corner is seen up to some thousand pixels.
const SIDES: usize = 256;
/// Pixels of a drag below which it was a click.
const CLICK: f32 = 2.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    Rectangle,
    Ellipse,
    Lasso,
    /// Each click adds a corner. A second click on the last one, or one on the first, closes it.
    Polygon,
}

/// Follows the pointer, and selects when it is released. A click selects nothing, which is all.
#[derive(Default)]
pub struct SelectTool {
    /// How far from a corner the pointer still takes it, in pixels of the layer.
    pub reach: f32,
    drawn: Option<Drawn>,
}

struct Drawn {
    shape: Shape,
    /// The last one follows the pointer.
    points: Vec<[f32; 2]>,
    /// The keys as they were when the pointer went down: later they change the shape.
    how: Combine,
}

impl SelectTool {
    pub fn is_active(&self) -> bool {
        self.drawn.is_some()
    }

    /// Whether a polygon waits for its next corner, the pointer being up or down.
    pub fn is_waiting(&self) -> bool {
        self.drawn.as_ref().is_some_and(|drawn| drawn.shape == Shape::Polygon)
    }

    /// Drops the shape under way.
    pub fn drop_shape(&mut self) {
        self.drawn = None;
    }

    /// Closes the polygon that waits for its next corner.
    pub fn close(&mut self, target: &mut Target<'_>) {
        if self.is_waiting()
            && let Some(mut drawn) = self.drawn.take()
        {
            drawn.points.pop();
            drawn.select(target);
        }
    }

    /// The corners of the shape under way.
    pub fn outline(&self) -> Vec<[f32; 2]> {
        self.drawn.as_ref().map(|drawn| drawn.corners()).unwrap_or_default()
    }

    pub fn handle(&mut self, event: PointerEvent, shape: Shape, target: &mut Target<'_>) -> Effect {
        match (event, &mut self.drawn) {
            (PointerEvent::Press(sample), Some(drawn)) if drawn.shape == Shape::Polygon => {
                if drawn.closes(sample.position, self.reach) {
                    self.close(target);
                } else {
                    drawn.points.push(sample.position);
                }
            }
            (PointerEvent::Press(sample), _) => {
                self.drawn = Some(Drawn {
                    shape,
                    points: match shape {
                        Shape::Polygon => vec![sample.position; 2],
                        _ => vec![sample.position],
                    },
                    how: target.keys.combine(),
                });
            }
            (PointerEvent::Move(sample), Some(drawn)) => drawn.extend(sample.position, target.keys.shift),
            (PointerEvent::Release(_), Some(drawn)) if drawn.shape == Shape::Polygon => {}
            (PointerEvent::Release(sample), Some(drawn)) => {
                drawn.extend(sample.position, target.keys.shift);
                let drawn = self.drawn.take();
                drawn.into_iter().for_each(|drawn| drawn.select(target));
            }
            (PointerEvent::Cancel, _) => self.drawn = None,
            (PointerEvent::Move(_) | PointerEvent::Release(_), None) => {}
        }
        Effect::Nothing
    }
}

impl Drawn {
    /// `even`: as wide as high. Shift at the press adds to the selection instead.
    fn extend(&mut self, [x, y]: [f32; 2], even: bool) {
        if x.is_nan() || y.is_nan() {
            return;
        }
        match self.shape {
            Shape::Lasso => return self.points.push([x, y]),
            Shape::Polygon => {
                self.points.pop();
                return self.points.push([x, y]);
            }
            Shape::Rectangle | Shape::Ellipse => {}
        }
        let [left, top] = self.points[0];
        let (mut width, mut height) = (x - left, y - top);
        if even && self.how == Combine::Replace {
            let side = width.abs().max(height.abs());
            (width, height) = (side.copysign(width), side.copysign(height));
        }
        self.points.truncate(1);
        self.points.push([left + width, top + height]);
    }

    /// Whether a click here closes the polygon.
    fn closes(&self, at: [f32; 2], reach: f32) -> bool {
        let near = |corner: &[f32; 2]| (corner[0] - at[0]).hypot(corner[1] - at[1]) <= reach.max(CLICK);
        let corners = &self.points[..self.points.len() - 1];
        corners.last().is_some_and(near) || corners.len() > 2 && near(&corners[0])
    }

    fn corners(&self) -> Vec<[f32; 2]> {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return Vec::new();
        };
        match self.shape {
            Shape::Lasso | Shape::Polygon => self.points.clone(),
            Shape::Rectangle => {
                // Pixels are selected whole.
                let [[a, b], [c, d]] = [first, last].map(|point| point.map(f32::round));
                vec![[a, b], [c, b], [c, d], [a, d]]
            }
            Shape::Ellipse => {
                let middle = [0, 1].map(|axis| f32::midpoint(first[axis], last[axis]));
                let radii = [0, 1].map(|axis| (last[axis] - first[axis]).abs() / 2.0);
                let angles = (0..SIDES).map(|side| side as f32 / SIDES as f32 * std::f32::consts::TAU);
                angles
                    .map(|angle| [middle[0] + radii[0] * angle.cos(), middle[1] + radii[1] * angle.sin()])
                    .collect()
            }
        }
    }

    fn select(self, target: &mut Target<'_>) {
        let Some(side) = target.side() else { return };
        let Some(size) = target.document.sheet(side).map(|sheet| sheet.size()) else {
            return;
        };
        let far = |point: &[f32; 2]| (0..2).any(|axis| (point[axis] - self.points[0][axis]).abs() > CLICK);
        let shape = polygon(&self.corners(), size);
        if !self.points.iter().any(far) || shape.is_blank() {
            if self.how == Combine::Replace && target.document.selection_on(target.layer).is_some() {
                target
                    .history
                    .edit(target.document, "Deselect", |document| document.deselect());
            }
            return;
        }
        target
            .history
            .edit(target.document, "Select", |document| document.select(side, &shape, self.how));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brush::PointerSample;
    use crate::document::{Document, History, Role};
    use crate::tool::Keys;
    use image::RgbaImage;

    fn drag(document: &mut Document, history: &mut History, shape: Shape, points: &[[f32; 2]], keys: Keys) {
        let layer = document.by_role(Role::SketchMask).unwrap().id;
        let mut tool = SelectTool::default();
        let mut send = |event| {
            let mut target = Target {
                document: &mut *document,
                history: &mut *history,
                layer,
                keys,
            };
            tool.handle(event, shape, &mut target);
        };
        let sample = PointerSample::at;
        send(PointerEvent::Press(sample(points[0])));
        points.iter().for_each(|point| send(PointerEvent::Move(sample(*point))));
        send(PointerEvent::Release(sample(points[points.len() - 1])));
    }

    #[test]
    fn a_polygon_grows_by_clicks_and_closes_on_its_first_or_last_corner() {
        let mut document = Document::from_sketch(&RgbaImage::new(300, 300)).unwrap();
        let mut history = History::default();
        let layer = document.by_role(Role::SketchMask).unwrap().id;
        let click = |tool: &mut SelectTool, document: &mut Document, history: &mut History, at| {
            let sample = PointerSample::at(at);
            for event in [
                PointerEvent::Move(sample),
                PointerEvent::Press(sample),
                PointerEvent::Release(sample),
            ] {
                let keys = Keys::default();
                let mut target = Target {
                    document: &mut *document,
                    history: &mut *history,
                    layer,
                    keys,
                };
                tool.handle(event, Shape::Polygon, &mut target);
            }
        };
        for last in [[50.0, 100.0], [3.0, 2.0]] {
            let mut tool = SelectTool {
                reach: 5.0,
                ..SelectTool::default()
            };
            for corner in [[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [50.0, 100.0]] {
                click(&mut tool, &mut document, &mut history, corner);
                assert!(tool.is_waiting());
            }
            assert_eq!(tool.outline().len(), 5);
            click(&mut tool, &mut document, &mut history, last);
            assert!(!tool.is_waiting());
            assert!(selected(&document).abs_diff(7500) < 3, "{}", selected(&document));
        }
        assert_eq!(history.done().len(), 2);
    }

    fn selected(document: &Document) -> u32 {
        let selection = document.canvas().selection();
        selection.map_or(0, |grid| {
            let cells = grid.copy(crate::document::Rect::of(grid.size()));
            cells.iter().map(|cell| u32::from(*cell)).sum::<u32>() / 255
        })
    }

    #[test]
    fn shapes_select_their_area_and_keys_combine_them() {
        let mut document = Document::from_sketch(&RgbaImage::new(300, 300)).unwrap();
        let mut history = History::default();
        let none = Keys::default();
        drag(
            &mut document,
            &mut history,
            Shape::Rectangle,
            &[[10.2, 10.4], [60.1, 30.3]],
            none,
        );
        assert_eq!(selected(&document), 50 * 20);
        let shift = Keys { shift: true, ..none };
        drag(
            &mut document,
            &mut history,
            Shape::Rectangle,
            &[[60.0, 10.0], [70.0, 30.0]],
            shift,
        );
        assert_eq!(selected(&document), 60 * 20);
        let alt = Keys { alt: true, ..none };
        drag(
            &mut document,
            &mut history,
            Shape::Rectangle,
            &[[10.0, 0.0], [20.0, 300.0]],
            alt,
        );
        assert_eq!(selected(&document), 50 * 20);
        drag(
            &mut document,
            &mut history,
            Shape::Ellipse,
            &[[250.0, 100.0], [150.0, 200.0]],
            none,
        );
        assert!(selected(&document).abs_diff(7854) < 20, "{}", selected(&document));
        drag(
            &mut document,
            &mut history,
            Shape::Lasso,
            &[[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]],
            none,
        );
        assert!(selected(&document).abs_diff(5000) < 3, "{}", selected(&document));
        drag(&mut document, &mut history, Shape::Lasso, &[[5.0, 5.0]], none);
        assert_eq!(selected(&document), 0, "a click selects nothing");
        drag(&mut document, &mut history, Shape::Ellipse, &[[5.0, 5.0], [90.0, 5.0]], none);
        assert_eq!(history.undo(&mut document), Some("Deselect"), "what has no area is no change");
        assert!(selected(&document).abs_diff(5000) < 3);
    }
}
