//! Hair: a mass behind the head, a cap with a fringe before it, and what hangs from it.

use tiny_skia::Transform;

use super::super::design::figure::{HAIR, RIBBON};
use super::super::drawing::Drawing;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, Knot, at, sharp, soft};
use super::body::Pose;
use super::profile;

#[derive(Clone, Copy, PartialEq)]
enum Cut {
    Short,
    Bob,
    Long,
    TwinTails,
    PonyTail,
    Buns,
    Spiky,
    Braids,
    Curly,
    SideTail,
}

/// A hair style; lengths in face units.
pub struct Hair {
    cut: Cut,
    length: f32,
    volume: f32,
    fringe: Fringe,
    /// Locks before the ears: how far down they hang; none if 0.
    side_locks: f32,
    antenna: bool,
    tied: bool,
    /// A light band around the crown.
    shine: bool,
}

struct Fringe {
    tips: usize,
    /// Where the hair is parted, -1..1.
    parting: f32,
    /// Lowest height of the tips.
    depth: f32,
    /// How strongly the tips lean away from the parting.
    sweep: f32,
}

impl Hair {
    pub fn random(rng: &mut SceneRng) -> Self {
        let cut = rng.pick(&[
            Cut::Short,
            Cut::Bob,
            Cut::Long,
            Cut::Long,
            Cut::TwinTails,
            Cut::PonyTail,
            Cut::Buns,
            Cut::Spiky,
            Cut::Braids,
            Cut::Curly,
            Cut::SideTail,
        ]);
        Self {
            cut,
            length: rng.range(1.6, 4.0),
            volume: rng.range(1.0, 1.18),
            fringe: Fringe {
                tips: rng.whole(2, 6),
                parting: rng.pick(&[0.0, -0.45, 0.45, 0.9, -0.9]),
                depth: rng.range(-0.2, 0.12),
                sweep: rng.range(0.0, 0.16),
            },
            side_locks: if cut != Cut::Spiky && rng.chance(0.6) {
                rng.range(0.7, 1.8)
            } else {
                0.0
            },
            antenna: rng.chance(0.2),
            tied: rng.chance(0.6),
            shine: rng.chance(0.3),
        }
    }

    pub fn covers_ears(&self) -> bool {
        matches!(self.cut, Cut::Bob | Cut::Long | Cut::Curly) || self.side_locks > 0.0
    }

    pub fn tall(&self) -> bool {
        self.cut == Cut::Spiky || self.cut == Cut::Buns || self.antenna
    }

    /// What hangs behind body and head.
    pub fn behind(&self, pose: &Pose, rng: &mut SceneRng) -> Drawing {
        let mut drawing = Drawing::default();
        let v = self.volume;
        let shift = -pose.yaw * 0.12;
        match self.cut {
            Cut::Short | Cut::Spiky | Cut::Buns => mass(&mut drawing, shift, v * 1.08, 0.75, 0.72, 4, rng),
            Cut::Bob => mass(&mut drawing, shift, v * 1.22, 1.25, 1.1, 6, rng),
            Cut::Long => mass(&mut drawing, shift, v * 1.2, self.length, 1.15 + 0.12 * self.length, 7, rng),
            Cut::Curly => {
                let (width, foot) = (v * 1.2, 0.5 + self.length * 0.25);
                let curls = (0..13).flat_map(|i| {
                    let point = |k: f32, reach: f32| {
                        let angle = std::f32::consts::TAU * (i as f32 + k) / 13.0;
                        (
                            shift + angle.cos() * width * reach,
                            foot * 0.2 + angle.sin() * (1.2 + foot * 0.5) * reach,
                        )
                    };
                    let ((x, y), (a, b)) = (point(0.0, 1.0), point(0.5, 1.22));
                    [sharp(x, y), soft(a, b)]
                });
                drawing.piece(HAIR, Curve::closed(curls)).tone(-0.12);
            }
            Cut::SideTail => {
                let side = if self.fringe.parting > 0.0 { -1.0 } else { 1.0 };
                mass(&mut drawing, shift, v * 1.06, 0.75, 0.75, 4, rng);
                tail(&mut drawing, [side * 0.8 + shift, 0.3], side, self.length * 0.8, pose.sway);
                drawing.piece(RIBBON, Curve::ellipse(at(side * 0.95 + shift, 0.3), 0.16, 0.2));
            }
            Cut::TwinTails | Cut::Braids => {
                mass(&mut drawing, shift, v * 1.05, 0.7, 0.75, 4, rng);
                for side in [-1.0, 1.0] {
                    if self.cut == Cut::TwinTails {
                        tail(&mut drawing, [side * 1.0 + shift, -0.35], side, self.length, pose.sway);
                    } else {
                        braid(&mut drawing, [side * 0.95 + shift, 0.6], side, self.length);
                    }
                }
            }
            Cut::PonyTail => {
                let side = if pose.yaw > 0.0 { -1.0 } else { 1.0 };
                tail(&mut drawing, [side * 0.6, -0.9], side, self.length, pose.sway);
                mass(&mut drawing, shift, v * 1.04, 0.6, 0.7, 4, rng);
            }
        }
        if self.cut == Cut::Buns {
            for side in [-1.0, 1.0] {
                let centre = at(side * 0.85 + shift, -1.05);
                drawing.piece(HAIR, Curve::circle(centre, 0.45));
                drawing.detail(
                    0.6,
                    Curve::line([
                        at(centre.x - 0.2, centre.y - 0.1),
                        at(centre.x, centre.y - 0.25),
                        at(centre.x + 0.2, centre.y - 0.05),
                    ]),
                );
            }
        }
        drawing
    }

    /// The back of the head, over all that hangs behind it.
    pub fn back(&self, pose: &Pose, rng: &mut SceneRng) -> Drawing {
        let mut drawing = self.behind(pose, rng);
        let v = self.volume;
        drawing
            .piece(HAIR, Curve::ellipse(at(0.0, -0.18), 1.1 * v, 1.16 * v))
            .contour(if self.cut == Cut::Short { 1.0 } else { 0.0 });
        drawing.ink(
            1.0,
            Curve::line([
                at(-1.08 * v, -0.2),
                at(-0.8 * v, -0.98),
                at(0.0, -1.34 * v),
                at(0.8 * v, -0.98),
                at(1.08 * v, -0.2),
            ]),
        );
        for x in [-0.7, -0.3, 0.1, 0.5] {
            drawing.detail(0.6, Curve::line([at(0.0, -1.2), at(x * 0.8, -0.7), at(x, 0.3)]));
        }
        drawing
    }

    /// Cap, fringe and side locks.
    pub fn front(&self, pose: &Pose, rng: &mut SceneRng) -> Drawing {
        let mut drawing = Drawing::default();
        let turn = pose.yaw;
        if let Some(side) = pose.profile() {
            let cap = profile::cap(self.volume, self.fringe.depth, self.cut == Cut::Spiky);
            return cap.transformed(Transform::from_scale(side, 1.0));
        }
        if self.side_locks > 0.0 {
            for side in [-1.0, 1.0] {
                let x = side * 1.0;
                let tip = self.side_locks + rng.range(-0.08, 0.08);
                let lock = Curve::closed([
                    sharp(x - side * 0.32, -0.5),
                    soft(x - side * 0.2, 0.25),
                    soft(x - side * 0.17, tip * 0.6),
                    sharp(x - side * 0.1 + pose.sway * 0.1, tip),
                    soft(x + side * 0.12, tip * 0.55),
                    sharp(x + side * 0.12, -0.4),
                ]);
                drawing.piece(HAIR, lock);
            }
        }
        let cap = self.cap(turn);
        drawing.piece(HAIR, cap.clone());
        if self.shine {
            let band = |i: usize| 1.0 - i as f32 * 0.25;
            let lower = (0..9).map(|i| {
                let x = band(i);
                sharp(x + turn * 0.1, -0.78 + x * x * 0.24 + 0.12 * (i % 2) as f32)
            });
            let upper = (0..9)
                .rev()
                .map(|i| soft(band(i) + turn * 0.1, -0.9 + band(i) * band(i) * 0.22));
            drawing
                .piece(HAIR, Curve::closed(lower.chain(upper)))
                .tone(0.4)
                .contour(0.5)
                .inside(&cap)
                .unshaded();
        }
        self.strands(&mut drawing, turn);
        if self.antenna {
            let x = self.fringe.parting * 0.4;
            let hook = Curve::closed([
                sharp(x, -1.2),
                soft(x + 0.12, -1.62),
                sharp(x + 0.5, -1.75),
                soft(x + 0.28, -1.5),
                sharp(x + 0.14, -1.2),
            ]);
            drawing.piece(HAIR, hook);
        }
        if self.tied && matches!(self.cut, Cut::TwinTails | Cut::Buns) {
            for side in [-1.0, 1.0] {
                bow(&mut drawing, side * 1.02 - turn * 0.12, -0.5, 0.28);
            }
        }
        drawing
    }

    /// The hair over skull and forehead, one form: over the top, then back along the tips of the fringe.
    pub fn cap(&self, turn: f32) -> Curve {
        let v = self.volume;
        let mut knots = vec![sharp(-1.04 * v, 0.3)];
        if self.cut == Cut::Spiky {
            for i in 0..7 {
                let angle = std::f32::consts::PI * (1.03 + i as f32 / 6.0 * 0.94);
                let (reach, lean) = (1.62 + 0.12 * (i % 2) as f32, turn * 0.1 + 0.06);
                let valley = angle + 0.22;
                knots.push(sharp(
                    (angle + lean).cos() * reach * v,
                    (angle + lean).sin() * reach * 1.02 - 0.05,
                ));
                if i < 6 {
                    knots.push(sharp(valley.cos() * 1.18 * v, valley.sin() * 1.24 - 0.05));
                }
            }
        } else {
            knots.extend([
                soft(-1.13 * v, -0.25),
                soft(-0.84 * v, -0.98),
                soft(0.0, -1.34 * v),
                soft(0.84 * v, -0.98),
                soft(1.13 * v, -0.25),
            ]);
        }
        knots.push(sharp(1.04 * v, 0.3));
        // Back from right to left, tips between valleys.
        let fringe = &self.fringe;
        let centre = turn * 0.25;
        let (right, left) = (0.9 + centre * 0.2, -0.9 + centre * 0.2);
        knots.push(soft(0.93, -0.1));
        for i in 0..fringe.tips {
            let share = |k: f32| right + (left - right) * (k / fringe.tips as f32);
            let x = share(i as f32 + 0.5);
            let away = (x - centre - fringe.parting).clamp(-0.7, 0.7);
            // Tips hang lower, and valleys cut less deep, away from the parting.
            let tip = fringe.depth + away.abs() * 0.35;
            knots.push(soft(x + 0.28 * (right - left) / fringe.tips as f32, tip - 0.17));
            knots.push(sharp(x + away.signum() * fringe.sweep, tip));
            if i + 1 < fringe.tips {
                let valley = share(i as f32 + 1.0);
                let depth = if (valley - centre - fringe.parting).abs() < 0.25 {
                    0.62
                } else {
                    0.3
                };
                knots.push(sharp(valley, tip - depth));
            }
        }
        knots.push(soft(-0.93, -0.1));
        Curve::closed(knots)
    }

    fn strands(&self, drawing: &mut Drawing, turn: f32) {
        let root = at(self.fringe.parting * 0.5 + turn * 0.15, -1.1);
        for x in [-0.75, -0.35, 0.35, 0.75] {
            let end = at(x + turn * 0.2, -0.55 + x.abs() * 0.3);
            let middle = at((root.x + end.x * 2.0) / 3.0 + x * 0.12, (root.y + end.y) / 2.0);
            drawing.detail(0.6, Curve::line([at(root.x + x * 0.3, root.y + 0.1), middle, end]));
        }
    }
}

/// Hair behind the head down to `bottom`, ending in `tips` points.
fn mass(drawing: &mut Drawing, shift: f32, width: f32, bottom: f32, foot: f32, tips: usize, rng: &mut SceneRng) {
    let mut knots: Vec<Knot> = vec![
        soft(shift - width, 0.0),
        soft(shift - width * 0.75, -0.95),
        soft(shift, -1.3),
        soft(shift + width * 0.75, -0.95),
        soft(shift + width, 0.0),
    ];
    if bottom > 1.5 {
        knots.push(soft(shift + (width + foot) * 0.5, bottom * 0.55));
    }
    for i in 0..tips {
        let x = |k: f32| shift + foot * (1.0 - 2.0 * k / tips as f32);
        knots.push(sharp(x(i as f32 + 0.3), bottom + rng.range(-0.06, 0.12)));
        if i + 1 < tips {
            knots.push(sharp(x(i as f32 + 0.9), bottom - 0.16 - bottom * 0.03));
        }
    }
    if bottom > 1.5 {
        knots.push(soft(shift - (width + foot) * 0.5, bottom * 0.55));
    }
    drawing.piece(HAIR, Curve::closed(knots)).tone(-0.12);
    if bottom > 1.5 {
        for k in [-0.75, -0.45, 0.5, 0.8] {
            drawing.detail(
                0.6,
                Curve::line([
                    at(shift + k * width, 0.9),
                    at(shift + k * (width + foot) * 0.5, bottom * 0.6),
                    at(shift + k * foot, bottom - 0.35),
                ]),
            );
        }
    }
}

fn tail(drawing: &mut Drawing, root: [f32; 2], side: f32, length: f32, sway: f32) {
    let [x, y] = root;
    let p = |dx: f32, dy: f32| (x + side * dx + sway * dy * 0.12, y + dy * length * 0.36);
    let knot = |dx: f32, dy: f32| soft(p(dx, dy).0, p(dx, dy).1);
    let corner = |dx: f32, dy: f32| sharp(p(dx, dy).0, p(dx, dy).1);
    drawing.piece(
        HAIR,
        Curve::closed([
            corner(-0.05, -0.1),
            knot(0.55, -0.35),
            knot(1.0, 0.5),
            knot(1.05, 1.6),
            corner(0.75, 2.9),
            knot(0.66, 2.2),
            corner(0.42, 2.6),
            knot(0.4, 1.4),
            corner(0.0, 0.3),
        ]),
    );
    let strand = |a: (f32, f32), b: (f32, f32), c: (f32, f32)| Curve::line([at(a.0, a.1), at(b.0, b.1), at(c.0, c.1)]);
    drawing.detail(0.6, strand(p(0.25, 0.0), p(0.68, 0.8), p(0.66, 1.9)));
}

fn braid(drawing: &mut Drawing, root: [f32; 2], side: f32, length: f32) {
    let count = (length * 1.6) as usize + 2;
    for i in 0..count {
        let y = root[1] + i as f32 * 0.36;
        drawing.piece(HAIR, Curve::ellipse(at(root[0] + side * 0.05 * i as f32, y), 0.24, 0.26));
    }
    let end = at(root[0] + side * 0.05 * count as f32, root[1] + count as f32 * 0.36);
    drawing.piece(
        HAIR,
        Curve::closed([
            soft(end.x - 0.1, end.y - 0.1),
            sharp(end.x - 0.22, end.y + 0.4),
            sharp(end.x + 0.2, end.y + 0.4),
            soft(end.x + 0.1, end.y - 0.1),
        ]),
    );
    drawing.piece(RIBBON, Curve::ellipse(at(end.x, end.y - 0.1), 0.18, 0.12));
}

/// A bow of ribbon.
pub fn bow(drawing: &mut Drawing, x: f32, y: f32, size: f32) {
    for side in [-1.0, 1.0] {
        let wing = Curve::closed([
            sharp(x, y),
            soft(x + side * size * 0.7, y - size * 0.75),
            soft(x + side * size * 1.3, y - size * 0.45),
            soft(x + side * size * 1.25, y + size * 0.5),
            soft(x + side * size * 0.6, y + size * 0.5),
        ]);
        drawing.piece(RIBBON, wing);
    }
    drawing.piece(RIBBON, Curve::circle(at(x, y), size * 0.3));
}
