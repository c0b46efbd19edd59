//! Places in one-point perspective: a room seen through its open side, and a street between houses.

use tiny_skia::Point;

use super::super::design::ground::*;
use super::super::drawing::Drawing;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, at, between};
use super::Background;
use super::parts::whole;

/// A wall that runs into the picture: its upper and lower edge at the near end (share 0) and at the far end (1).
struct Wall {
    near: [Point; 2],
    far: [Point; 2],
}

impl Wall {
    /// The point at a share of the wall's depth, foreshortened, and of its height, 0 up to 1 down.
    fn point(&self, depth: f32, down: f32) -> Point {
        let [near, far] = [&self.near, &self.far].map(|edge| edge[1].y - edge[0].y);
        // Equal lengths along the wall shrink towards the far end as its height does.
        let seen = depth * near / (depth * near + (1.0 - depth) * far).max(1e-3);
        between(
            between(self.near[0], self.far[0], seen),
            between(self.near[1], self.far[1], seen),
            down,
        )
    }

    /// A panel of the wall between two depths and two heights.
    fn panel(&self, [from, to]: [f32; 2], [top, bottom]: [f32; 2]) -> Curve {
        Curve::polygon([
            self.point(from, top),
            self.point(to, top),
            self.point(to, bottom),
            self.point(from, bottom),
        ])
    }
}

impl Background {
    /// Floor, ceiling and three walls, with windows, a door, a carpet and boards that run to the vanishing point.
    pub(super) fn hall(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        whole(drawing, w, WALL);
        let vanishing = at(w * rng.range(0.35, 0.65), rng.range(0.38, 0.55));
        let far = rng.range(0.3, 0.55);
        let corner = |x: f32, y: f32| (at(x, y), between(vanishing, at(x, y), far));
        let ((nw, fw), (ne, fe)) = (corner(-0.05, -0.05), corner(w + 0.05, -0.05));
        let ((sw, gw), (se, ge)) = (corner(-0.05, 1.05), corner(w + 0.05, 1.05));
        drawing.piece(CEILING, Curve::polygon([nw, ne, fe, fw])).unshaded();
        drawing.piece(FLOOR, Curve::polygon([sw, se, ge, gw])).unshaded();
        drawing.piece(WALL, Curve::polygon([nw, fw, gw, sw])).tone(-0.1).unshaded();
        drawing.piece(WALL, Curve::polygon([ne, fe, ge, se])).unshaded();
        drawing.piece(BACK_WALL, Curve::polygon([fw, fe, ge, gw])).unshaded();
        if self.slanted {
            for i in 1..rng.whole(4, 8) {
                let share = i as f32 / 8.0;
                drawing.detail(0.6, Curve::line([between(sw, se, share), between(gw, ge, share)]));
            }
        }
        if self.roof {
            let strip = |share: f32| (between(sw, se, share), between(gw, ge, share));
            let ((a, b), (c, d)) = (strip(0.3), strip(0.7));
            drawing.piece(CARPET, Curve::polygon([a, c, d, b])).unshaded();
        }
        let back = Wall {
            near: [fw, gw],
            far: [fe, ge],
        };
        if self.sun {
            drawing.piece(DOOR, back.panel([0.38, 0.62], [0.35, 1.0]));
            let knob = back.point(0.58, 0.68);
            drawing.piece(FRAME, Curve::circle(knob, 0.008)).contour(0.6);
        } else {
            drawing.piece(FRAME, back.panel([0.3, 0.7], [0.25, 0.65]));
            drawing.piece(PICTURE, back.panel([0.34, 0.66], [0.3, 0.6])).contour(0.7);
        }
        let sides = [
            Wall {
                near: [nw, sw],
                far: [fw, gw],
            },
            Wall {
                near: [ne, se],
                far: [fe, ge],
            },
        ];
        let count = rng.whole(1, 3);
        for (wall, windowed) in sides.iter().zip([self.clouds, self.haze || self.round_trees]) {
            for i in 0..count {
                let span = |a: f32, b: f32| [(i as f32 + a) / count as f32, (i as f32 + b) / count as f32];
                if windowed {
                    drawing.piece(FRAME, wall.panel(span(0.18, 0.82), [0.22, 0.62]));
                    drawing
                        .piece(SKY, wall.panel(span(0.25, 0.75), [0.26, 0.58]))
                        .contour(0.8)
                        .unshaded();
                } else {
                    drawing.piece(FURNITURE, wall.panel(span(0.12, 0.88), [0.4, 1.0]));
                    for [top, bottom] in [[0.46, 0.66], [0.72, 0.92]] {
                        drawing
                            .piece(BOOKS, wall.panel(span(0.2, 0.8), [top, bottom]))
                            .contour(0.7)
                            .unshaded();
                    }
                }
            }
        }
    }

    /// A road that runs to the horizon between two rows of houses.
    pub(super) fn street(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let vanishing = at(w * rng.range(0.3, 0.7), rng.range(0.45, 0.62));
        whole(drawing, w, SKY);
        if self.sun {
            let centre = at(vanishing.x + rng.signed() * 0.15, vanishing.y - rng.range(0.15, 0.3));
            drawing.piece(SUN, Curve::circle(centre, rng.range(0.05, 0.1))).unshaded();
        }
        if self.haze {
            super::parts::ridge(drawing, FAR_HILL, w, vanishing.y - 0.03, 0.07, true, rng);
        }
        drawing
            .piece(GRASS, Curve::rectangle(-0.2, vanishing.y, w + 0.2, 1.2))
            .unshaded();
        let half = rng.range(0.35, 0.55);
        let foot = |share: f32| at(vanishing.x + share, 1.05);
        let ahead = |p: Point| between(vanishing, p, 0.04);
        drawing
            .piece(
                ROAD,
                Curve::polygon([ahead(foot(-half)), ahead(foot(half)), foot(half), foot(-half)]),
            )
            .unshaded();
        if self.slanted {
            for i in 0..4 {
                let reach = |k: f32| 0.1 * 1.9_f32.powf(i as f32 + k);
                let y = |k: f32| vanishing.y + (1.05 - vanishing.y) * reach(k).min(1.2);
                let dash = |k: f32, side: f32| at(vanishing.x + side * 0.025 * reach(k), y(k));
                drawing
                    .piece(
                        FENCE,
                        Curve::polygon([dash(0.0, -1.0), dash(0.0, 1.0), dash(0.5, 1.0), dash(0.5, -1.0)]),
                    )
                    .contour(0.7)
                    .unshaded();
            }
        }
        for side in [-1.0, 1.0] {
            self.row(drawing, vanishing, side * (half + rng.range(0.02, 0.12)), rng);
        }
    }

    /// A row of houses along the road, the farthest first. `foot`: where the row meets the picture's lower edge, from the vanishing point.
    fn row(&self, drawing: &mut Drawing, vanishing: Point, foot: f32, rng: &mut SceneRng) {
        let count = rng.whole(2, 4);
        let first = rng.whole(0, 1);
        for i in 0..count {
            // Depth as the share of the way from the vanishing point to the picture's lower edge.
            let reach = |k: f32| 0.1 * (16.0_f32).powf((i as f32 + k) / count as f32);
            let height = rng.range(0.5, 1.1);
            let post = |k: f32| {
                let below = at(vanishing.x + foot * reach(k), vanishing.y + (1.05 - vanishing.y) * reach(k));
                [at(below.x, below.y - height * reach(k)), below]
            };
            let wall = Wall {
                near: post(0.96),
                far: post(0.0),
            };
            let slot = if (i + first).is_multiple_of(2) { HOUSE } else { HOUSE_2 };
            drawing.piece(slot, wall.panel([0.0, 1.0], [0.0, 1.0]));
            // The end of the house that faces the viewer, out to the picture's edge.
            let [top, bottom] = wall.near;
            let away = foot.signum() * reach(1.0) * 0.9;
            drawing
                .piece(
                    slot,
                    Curve::polygon([top, at(top.x + away, top.y), at(bottom.x + away, bottom.y), bottom]),
                )
                .tone(-0.12);
            if self.roof {
                let peak = at(top.x + away * 0.5, top.y - reach(1.0) * 0.28);
                let back = at(wall.far[0].x + away * 0.25, wall.far[0].y - reach(0.0) * 0.28);
                drawing.piece(ROOF, Curve::polygon([wall.far[0], top, peak, back]));
                drawing
                    .piece(ROOF, Curve::polygon([top, peak, at(top.x + away, top.y)]))
                    .tone(-0.15);
            }
            if reach(1.0) > 0.25 {
                for floor in [[0.14, 0.4], [0.54, 0.8]] {
                    for depth in [[0.16, 0.42], [0.58, 0.84]] {
                        drawing.piece(WINDOW, wall.panel(depth, floor)).contour(0.7).unshaded();
                    }
                }
            }
        }
    }
}
