//! The drawing as what it is: lines, and what is between them.

use super::request::sketch;
use crate::document::Document;
use crate::region::Plane;

/// Where the sketch has no line, though all of it be hidden; without a sketch everywhere.
pub(super) fn between_lines(document: &Document) -> Plane {
    if let Some(sketch) = sketch(document) {
        return Plane::between_lines(&sketch);
    }
    let [width, height] = document.canvas().size().map(|side| side as usize);
    Plane {
        width,
        height,
        cells: vec![1; width * height],
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;
    use crate::document::Role;

    #[test]
    fn a_hidden_sketch_has_its_lines() {
        let line = |x: u32| if x == 2 { [0, 0, 0, 255] } else { [255; 4] };
        let mut document = Document::from_sketch(&RgbaImage::from_fn(5, 1, |x, _| Rgba(line(x)))).unwrap();
        let id = document.by_role(Role::Sketch).unwrap().id;
        let layer = document.layer_mut(id).unwrap();
        (layer.visible, layer.opacity) = (false, 0.1);
        assert_eq!(between_lines(&document).cells, [1, 1, 0, 1, 1]);
        document.canvas_mut().remove(id);
        assert_eq!(between_lines(&document).cells, [1; 5]);
    }
}
