//! The drawing as what it is: lines, and what is between them.

use crate::document::{Document, Rect, Role, on_white};
use crate::region::Plane;

/// Where the sketch has no line.
pub(super) fn between_lines(document: &Document) -> Plane {
    let lines = document.canvas().showing(|layer| layer.role == Role::Sketch);
    Plane::between_lines(&on_white(&lines.composite(Rect::of(lines.size()))))
}
