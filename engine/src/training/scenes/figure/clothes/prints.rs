//! Patterns printed on cloth. As in patterned backgrounds, forms are smaller than the gaps between them.

use super::super::super::design::figure::PRINT;
use super::super::super::drawing::Drawing;
use super::super::super::rng::SceneRng;
use super::super::super::shape::{Curve, at, sharp, soft};
use super::star;

#[derive(Clone, Copy, PartialEq)]
enum Motif {
    Rings,
    Pinstripes,
    Dots,
    Checks,
    Stars,
    Hem,
}

/// A print, the same on every piece of cloth that has it.
#[derive(Clone, Copy)]
pub struct Print {
    motif: Motif,
    /// From one form to the next, in face units.
    pitch: f32,
}

impl Print {
    pub fn random(rng: &mut SceneRng) -> Option<Self> {
        let motifs = [
            Motif::Rings,
            Motif::Rings,
            Motif::Pinstripes,
            Motif::Dots,
            Motif::Dots,
            Motif::Checks,
            Motif::Stars,
            Motif::Hem,
        ];
        rng.chance(0.38).then(|| Self {
            motif: rng.pick(&motifs),
            pitch: rng.range(0.32, 0.56),
        })
    }

    /// Covers the cloth with the print.
    pub fn lay(&self, drawing: &mut Drawing, cloth: &Curve) {
        let [left, top, right, bottom] = cloth.bounds();
        let p = self.pitch;
        let mut form = |curve: Curve| {
            drawing.piece(PRINT, curve).contour(0.6).inside(cloth).unshaded();
        };
        let band = |y: f32, thick: f32| {
            Curve::closed([
                sharp(left - 0.1, y),
                soft((left + right) / 2.0, y + 0.07),
                sharp(right + 0.1, y),
                sharp(right + 0.1, y + thick),
                soft((left + right) / 2.0, y + thick + 0.07),
                sharp(left - 0.1, y + thick),
            ])
        };
        let steps =
            |from: f32, to: f32| (0..((to - from) / p).ceil().max(0.0) as usize).map(move |i| from + (i as f32 + 0.5) * p);
        match self.motif {
            Motif::Rings => steps(top, bottom).for_each(|y| form(band(y, p * 0.4))),
            Motif::Hem => {
                form(band(bottom - p * 1.1, p * 0.25));
                form(band(bottom - p * 0.6, p * 0.25));
            }
            Motif::Pinstripes => {
                let foot = 0.12 * (right - left);
                for x in steps(left, right) {
                    let spread = (x - (left + right) / 2.0) / (right - left) * 2.0 * foot;
                    form(Curve::polygon([
                        at(x, top - 0.1),
                        at(x + p * 0.3, top - 0.1),
                        at(x + p * 0.3 + spread, bottom + 0.2),
                        at(x + spread, bottom + 0.2),
                    ]));
                }
            }
            Motif::Dots | Motif::Checks | Motif::Stars => {
                for (row, y) in steps(top, bottom).enumerate() {
                    for x in steps(left - p / 2.0, right) {
                        let x = x + (row % 2) as f32 * p / 2.0;
                        form(match self.motif {
                            Motif::Dots => Curve::circle(at(x, y), p * 0.24),
                            Motif::Stars => star(at(x, y), p * 0.34),
                            _ => Curve::polygon([
                                at(x, y - p * 0.36),
                                at(x + p * 0.3, y),
                                at(x, y + p * 0.36),
                                at(x - p * 0.3, y),
                            ]),
                        });
                    }
                }
            }
        }
    }
}
