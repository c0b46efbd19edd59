//! Symmetry: strokes on the other side of the picture's middle too.

use crate::brush::Dab;

/// Which strokes are painted once more on the other side of the picture's middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mirror {
    /// Left and right are alike.
    pub sideways: bool,
    /// Above and below are alike.
    pub upright: bool,
}

impl Mirror {
    /// The dabs, and after them their images, as many at a time.
    pub(super) fn of(self, dabs: Vec<Dab>, size: [u32; 2]) -> Vec<Dab> {
        let mut all = dabs;
        for axis in self.axes() {
            let image = |dab: &Dab| {
                let mut image = *dab;
                image.center[axis] = size[axis] as f32 - dab.center[axis];
                image.angle = -dab.angle;
                image
            };
            let images: Vec<Dab> = all.iter().map(image).collect();
            all.extend(images);
        }
        all
    }

    /// A way, and its images.
    pub(super) fn ways(self, way: &[[f32; 2]], size: [u32; 2]) -> Vec<Vec<[f32; 2]>> {
        let mut all = vec![way.to_vec()];
        for axis in self.axes() {
            let mut images = all.clone();
            for point in images.iter_mut().flatten() {
                point[axis] = size[axis] as f32 - point[axis];
            }
            all.extend(images);
        }
        all
    }

    fn axes(self) -> impl Iterator<Item = usize> {
        let on = [self.sideways, self.upright];
        (0..2).filter(move |axis| on[*axis])
    }
}
