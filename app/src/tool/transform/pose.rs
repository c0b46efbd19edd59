//! Where a box of pixels lies after it was moved, scaled, turned and flipped, and what of it the pointer takes.

use std::f32::consts::{FRAC_PI_2, PI};

use crate::document::Rect;

/// With Shift a turn goes in steps of this: 15 degrees.
const STEP: f32 = PI / 12.0;
/// A turn this close to a right angle is one: what is laid that way stays as sharp as it was. Radians; a pixel 16384 away moves by 0.02.
const RIGHT: f32 = 1e-6;

/// A box and where it lies. Positions are pixels of the layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// The box as it was.
    pub(super) rest: Rect,
    pub center: [f32; 2],
    /// Of the box's own sides; negative where it is flipped.
    pub scale: [f32; 2],
    /// Clockwise on the layer, in radians.
    pub angle: f32,
}

/// What of a box the pointer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// Moves it.
    Inside,
    /// Turns it.
    Outside,
    /// Scales it. By side: -1 is left or top, 1 right or bottom, 0 neither.
    Handle([i8; 2]),
}

/// Corners first: where a box is small they lie over its edges' handles.
const HANDLES: [[i8; 2]; 8] = [[-1, -1], [1, -1], [1, 1], [-1, 1], [0, -1], [1, 0], [0, 1], [-1, 0]];

impl Pose {
    /// A box where it is; it holds at least a pixel.
    pub fn at_rest(rest: Rect) -> Self {
        Self {
            rest,
            center: middle(rest),
            scale: [1.0; 2],
            angle: 0.0,
        }
    }

    /// Sides of the box as it was, in pixels.
    fn sides(self) -> [f32; 2] {
        [self.rest.width(), self.rest.height()].map(|side| side.max(1) as f32)
    }

    /// Sine and cosine of the angle.
    fn turn(self) -> [f32; 2] {
        let quarters = self.angle / FRAC_PI_2;
        match (self.angle - quarters.round() * FRAC_PI_2).abs() < RIGHT {
            true => [[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]][(quarters.round() as i32).rem_euclid(4) as usize],
            false => [self.angle.sin(), self.angle.cos()],
        }
    }

    /// A way in the turned box as a way on the layer.
    fn outward(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [sin, cos] = self.turn();
        [x * cos - y * sin, x * sin + y * cos]
    }

    /// A way on the layer as a way in the turned box.
    fn inward(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [sin, cos] = self.turn();
        [x * cos + y * sin, y * cos - x * sin]
    }

    /// Where a point of the box as it was lies now.
    pub fn forth(self, point: [f32; 2]) -> [f32; 2] {
        let way = subtract(point, middle(self.rest));
        add(self.center, self.outward(multiply(way, self.scale)))
    }

    /// Which point of the box as it was lies here now.
    pub fn back(self, point: [f32; 2]) -> [f32; 2] {
        let [x, y] = self.inward(subtract(point, self.center));
        add(middle(self.rest), [x / self.scale[0], y / self.scale[1]])
    }

    /// Clockwise from what was the top left.
    pub fn corners(self) -> [[f32; 2]; 4] {
        [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(|side| self.handle(side))
    }

    pub fn handles(self) -> [[f32; 2]; 8] {
        HANDLES.map(|side| self.handle(side))
    }

    fn handle(self, side: [i8; 2]) -> [f32; 2] {
        add(self.center, self.outward(multiply(halves(self, side), self.scale)))
    }

    /// From the middle of the box to a handle, on the layer.
    pub fn arm(self, side: [i8; 2]) -> [f32; 2] {
        subtract(self.handle(side), self.center)
    }

    /// What the pointer takes at a point of the layer; a handle from `reach` away.
    pub fn grip(self, point: [f32; 2], reach: f32) -> Grip {
        let distance = |side: [i8; 2]| {
            let [x, y] = subtract(self.handle(side), point);
            x.hypot(y)
        };
        if let Some(side) = HANDLES.into_iter().find(|side| distance(*side) <= reach) {
            return Grip::Handle(side);
        }
        let [x, y] = subtract(self.back(point), middle(self.rest));
        let [width, height] = self.sides();
        match x.abs() <= width / 2.0 && y.abs() <= height / 2.0 {
            true => Grip::Inside,
            false => Grip::Outside,
        }
    }

    /// The box after a drag of what was taken. `even`: straight, in its proportions, or in steps.
    pub fn dragged(self, grip: Grip, from: [f32; 2], to: [f32; 2], even: bool) -> Self {
        if to.iter().any(|at| !at.is_finite()) {
            return self;
        }
        match grip {
            Grip::Inside => self.moved(subtract(to, from), even),
            Grip::Outside => self.turned(from, to, even),
            Grip::Handle(side) => self.stretched(side, subtract(to, from), even),
        }
    }

    /// By whole pixels: lines stay sharp.
    fn moved(self, by: [f32; 2], straight: bool) -> Self {
        let mut by = by.map(f32::round);
        if straight {
            by[usize::from(by[0].abs() > by[1].abs())] = 0.0;
        }
        Self {
            center: add(self.center, by),
            ..self
        }
    }

    fn turned(self, from: [f32; 2], to: [f32; 2], in_steps: bool) -> Self {
        let direction = |point| {
            let [x, y] = subtract(point, self.center);
            y.atan2(x)
        };
        let angle = self.angle + direction(to) - direction(from);
        let angle = if in_steps { (angle / STEP).round() * STEP } else { angle };
        Self {
            angle: (angle + PI).rem_euclid(2.0 * PI) - PI,
            ..self
        }
    }

    /// The other side, or corner, stays where it is.
    fn stretched(self, side: [i8; 2], by: [f32; 2], in_proportion: bool) -> Self {
        let by = self.inward(by);
        let sides = self.sides();
        let mut scale: [f32; 2] = std::array::from_fn(|axis| self.scale[axis] + f32::from(side[axis]) * by[axis] / sides[axis]);
        if in_proportion {
            // As far as the drag goes along the way from the side that stays.
            let way: [f32; 2] = std::array::from_fn(|axis| f32::from(side[axis].abs()) * sides[axis] * self.scale[axis]);
            let dragged = std::array::from_fn(|axis| f32::from(side[axis].abs()) * sides[axis] * scale[axis]);
            let share = dot(way, dragged) / dot(way, way);
            scale = self.scale.map(|scale| scale * share);
        }
        self.anchored(side, scale)
    }

    /// Another scale, about the handle that lies across from `side`.
    fn anchored(self, side: [i8; 2], scale: [f32; 2]) -> Self {
        let opposite = side.map(|side| -side);
        let mut scaled = self.with_scale(scale);
        let by = subtract(self.handle(opposite), scaled.handle(opposite));
        scaled.center = add(scaled.center, by);
        scaled
    }

    /// Another scale, about the middle; a side is at least a pixel long.
    pub fn with_scale(self, scale: [f32; 2]) -> Self {
        let sides = self.sides();
        let scale = std::array::from_fn(|axis| {
            let least = 1.0 / sides[axis];
            scale[axis].abs().max(least).copysign(scale[axis])
        });
        Self { scale, ..self }
    }

    /// How far the middle has moved.
    pub fn offset(self) -> [f32; 2] {
        subtract(self.center, middle(self.rest))
    }

    pub fn with_offset(self, offset: [f32; 2]) -> Self {
        Self {
            center: add(middle(self.rest), offset),
            ..self
        }
    }

    /// The left and right of what is seen exchanged, or above and below: the box stays where it lies.
    pub fn flipped(self, sideways: bool) -> Self {
        let [x, y] = self.scale;
        Self {
            scale: if sideways { [-x, y] } else { [x, -y] },
            angle: -self.angle,
            ..self
        }
    }

    /// Where only whole pixels change places, moved onto these, by half a pixel at the most: nothing blurs.
    pub fn on_pixels(self) -> Self {
        let [sin, cos] = self.turn();
        let whole = sin * cos == 0.0 && self.scale.iter().all(|scale| scale.abs() == 1.0);
        let corner = self.corners()[0];
        let by = subtract(corner.map(f32::round), corner);
        Self {
            center: if whole { add(self.center, by) } else { self.center },
            ..self
        }
    }
}

fn middle(rest: Rect) -> [f32; 2] {
    [
        f32::midpoint(rest.left as f32, rest.right as f32),
        f32::midpoint(rest.top as f32, rest.bottom as f32),
    ]
}

fn halves(pose: Pose, side: [i8; 2]) -> [f32; 2] {
    let sides = pose.sides();
    std::array::from_fn(|axis| f32::from(side[axis]) * sides[axis] / 2.0)
}

fn add(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] + b[0], a[1] + b[1]]
}

fn subtract(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn multiply(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] * b[0], a[1] * b[1]]
}

fn dot(a: [f32; 2], b: [f32; 2]) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 40 by 20, its middle at 30, 20.
    fn rest() -> Pose {
        Pose::at_rest(Rect::new(10, 10, 50, 30))
    }

    fn near(a: [f32; 2], b: [f32; 2]) -> bool {
        (0..2).all(|axis| (a[axis] - b[axis]).abs() < 1e-3)
    }

    #[test]
    fn the_pointer_takes_handles_the_inside_and_the_outside() {
        let pose = rest();
        assert_eq!(pose.grip([12.0, 9.0], 3.0), Grip::Handle([-1, -1]));
        assert_eq!(pose.grip([30.0, 31.0], 3.0), Grip::Handle([0, 1]));
        assert_eq!(pose.grip([30.0, 20.0], 3.0), Grip::Inside);
        assert_eq!(pose.grip([60.0, 20.0], 3.0), Grip::Outside);
        let upright = Pose {
            angle: FRAC_PI_2,
            ..pose
        };
        assert_eq!(
            [upright.grip([30.0, 38.0], 1.0), upright.grip([48.0, 20.0], 1.0)],
            [Grip::Inside, Grip::Outside]
        );
        assert_eq!(upright.grip([40.0, 0.0], 1.0), Grip::Handle([-1, -1]));
    }

    #[test]
    fn a_corner_scales_about_the_one_across_from_it() {
        let dragged = |to, even| rest().dragged(Grip::Handle([1, 1]), [50.0, 30.0], to, even);
        let twice = dragged([90.0, 40.0], false);
        assert_eq!(twice.scale, [2.0, 1.5]);
        assert!(near(twice.corners()[0], [10.0, 10.0]) && near(twice.corners()[2], [90.0, 40.0]));
        let even = dragged([90.0, 50.0], true);
        assert!(near(even.scale, [2.0, 2.0]));
        let flipped = dragged([-30.0, 30.0], false);
        assert_eq!(flipped.scale, [-1.0, 1.0]);
        assert_eq!(
            dragged([10.0, 30.0], false).scale[0].abs(),
            1.0 / 40.0,
            "a side never vanishes"
        );
        assert_eq!(dragged([f32::NAN, 3.0], false), rest());
    }

    #[test]
    fn an_edge_scales_one_way_in_a_turned_box_too() {
        let upright = Pose {
            angle: FRAC_PI_2,
            ..rest()
        };
        // Its right edge lies below.
        let longer = upright.dragged(Grip::Handle([1, 0]), [30.0, 40.0], [33.0, 80.0], false);
        assert!(near(longer.scale, [2.0, 1.0]) && near(longer.center, [30.0, 40.0]));
        let even = upright.dragged(Grip::Handle([1, 0]), [30.0, 40.0], [30.0, 60.0], true);
        assert!(near(even.scale, [1.5, 1.5]));
    }

    #[test]
    fn the_outside_turns_about_the_middle_in_steps_with_shift() {
        let turned = |to, even| rest().dragged(Grip::Outside, [80.0, 20.0], to, even).angle.to_degrees();
        assert!((turned([30.0, 70.0], false) - 90.0).abs() < 1e-3);
        assert!((turned([80.0, 32.0], false) - 13.495).abs() < 0.01);
        assert!((turned([80.0, 32.0], true) - 15.0).abs() < 1e-3);
        assert!((turned([30.0, -30.0], false) + 90.0).abs() < 1e-3);
    }

    #[test]
    fn points_go_forth_and_come_back() {
        let pose = Pose {
            scale: [-1.5, 0.25],
            angle: 0.7,
            ..rest().moved([3.4, -8.0], false)
        };
        assert_eq!(pose.offset(), [3.0, -8.0]);
        for point in [[10.0, 10.0], [50.0, 12.5], [-7.0, 300.0]] {
            assert!(near(pose.back(pose.forth(point)), point));
        }
        let [a, b] = [pose, pose.flipped(true)].map(|pose| pose.forth([12.0, 14.0]));
        assert!(
            near(add(a, b), [2.0 * pose.center[0], 2.0 * a[1]]),
            "mirrored about the middle: {a:?} {b:?}"
        );
    }

    #[test]
    fn right_angles_lie_on_whole_pixels() {
        let odd = Pose::at_rest(Rect::new(0, 0, 5, 2));
        let upright = Pose { angle: FRAC_PI_2, ..odd }.on_pixels();
        assert!(upright.corners().iter().flatten().all(|at| at.fract() == 0.0));
        let askew = Pose { angle: 0.3, ..odd };
        assert_eq!(askew.on_pixels(), askew);
    }
}
