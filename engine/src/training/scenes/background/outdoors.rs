//! Places under the sky.

use super::super::design::ground::*;
use super::super::drawing::{Drawing, Light};
use super::super::figure::star;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, at, sharp, soft};
use super::Background;
use super::parts::{cloud, house, level, path, ridge, tree, tufts, whole, windows};

impl Background {
    fn sky(&self, drawing: &mut Drawing, w: f32, horizon: f32, rng: &mut SceneRng) {
        whole(drawing, w, SKY);
        if self.haze {
            drawing
                .piece(SKY, Curve::rectangle(-0.2, 0.0, w + 0.2, horizon + 0.1))
                .contour(0.0)
                .light = Light::Haze;
        }
        if self.sun {
            let centre = rng.point(0.1 * w, 0.08, 0.9 * w, (horizon - 0.15).max(0.12));
            drawing.piece(SUN, Curve::circle(centre, rng.range(0.06, 0.13))).unshaded();
        }
        if self.clouds {
            for _ in 0..rng.whole(1, 3) {
                let centre = rng.point(0.0, 0.08, w, (horizon - 0.1).max(0.15));
                cloud(drawing, centre, rng.range(0.1, 0.22), rng);
            }
        }
    }

    pub(super) fn meadow(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let horizon = rng.range(0.45, 0.78);
        self.sky(drawing, w, horizon, rng);
        ridge(
            drawing,
            FAR_HILL,
            w,
            horizon - rng.range(0.05, 0.2),
            0.12,
            rng.chance(0.5),
            rng,
        );
        ridge(drawing, HILL, w, horizon - 0.01, 0.06, false, rng);
        for _ in 0..rng.whole(0, 3) {
            let (x, size) = (rng.range(0.0, w), rng.range(0.16, 0.34));
            tree(drawing, at(x, horizon + 0.08), size, self.round_trees, rng);
        }
        if self.roof && rng.chance(0.8) {
            house(drawing, rng.range(0.05, w - 0.25), horizon + 0.07, rng.range(0.16, 0.26), rng);
        }
        ridge(drawing, GRASS, w, horizon + 0.06, 0.03, false, rng);
        if self.slanted {
            path(drawing, w, horizon + 0.05, rng);
        }
        tufts(drawing, w, horizon + 0.1, rng);
    }

    pub(super) fn park(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let horizon = rng.range(0.55, 0.8);
        self.sky(drawing, w, horizon, rng);
        ridge(drawing, HILL, w, horizon - rng.range(0.06, 0.18), 0.07, false, rng);
        for i in 0..rng.whole(2, 4) {
            let x = (i as f32 + rng.unit()) * w / 3.0;
            tree(drawing, at(x, horizon + 0.06), rng.range(0.3, 0.55), self.round_trees, rng);
        }
        level(drawing, GRASS, w, horizon + 0.02);
        let top = horizon - rng.range(0.04, 0.1);
        let gap = rng.range(0.09, 0.14);
        for i in 0..(w / gap) as usize + 2 {
            let x = (i as f32 - rng.range(0.0, 0.05)) * gap;
            let post = [
                at(x, horizon + 0.09),
                at(x, top),
                at(x + gap * 0.2, top - 0.03),
                at(x + gap * 0.4, top),
                at(x + gap * 0.4, horizon + 0.09),
            ];
            drawing.piece(FENCE, Curve::polygon(post));
        }
        drawing.piece(FENCE, Curve::rectangle(-0.1, top + 0.03, w + 0.1, top + 0.06));
        tufts(drawing, w, horizon + 0.12, rng);
        for _ in 0..rng.whole(2, 6) {
            let p = rng.point(0.0, horizon + 0.1, w, 0.97);
            drawing.piece(FLOWER, Curve::circle(p, 0.018)).contour(0.6);
        }
    }

    pub(super) fn town(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let horizon = rng.range(0.66, 0.88);
        self.sky(drawing, w, horizon * 0.6, rng);
        let mut x = -rng.range(0.0, 0.2);
        let mut i = 0;
        while x < w {
            let (width, height) = (rng.range(0.18, 0.36), rng.range(0.25, 0.7) * horizon);
            let slot = if i % 2 == 0 { HOUSE } else { HOUSE_2 };
            drawing.piece(slot, Curve::rectangle(x, horizon - height, x + width, horizon + 0.02));
            if self.roof {
                let eave = horizon - height;
                drawing.piece(
                    ROOF,
                    Curve::polygon([
                        at(x - 0.02, eave),
                        at(x + width * 0.5, eave - width * 0.45),
                        at(x + width + 0.02, eave),
                    ]),
                );
            }
            windows(drawing, x, horizon - height, width, height, rng);
            x += width + rng.range(-0.02, 0.08);
            i += 1;
        }
        level(drawing, ROAD, w, horizon);
        drawing.piece(GRASS, Curve::rectangle(-0.1, horizon - 0.005, w + 0.1, horizon + 0.04));
        if self.slanted {
            tree(
                drawing,
                at(rng.range(0.0, w), horizon + 0.03),
                rng.range(0.25, 0.4),
                self.round_trees,
                rng,
            );
        }
    }

    pub(super) fn sea(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let horizon = rng.range(0.4, 0.68);
        self.sky(drawing, w, horizon, rng);
        if self.roof {
            ridge(drawing, FAR_HILL, w, horizon - 0.04, 0.1, true, rng);
        }
        level(drawing, WATER, w, horizon);
        for _ in 0..5 {
            let p = rng.point(0.0, horizon + 0.04, w, 0.95);
            let l = rng.range(0.05, 0.12);
            drawing.detail(0.7, Curve::line([p, at(p.x + l * 0.5, p.y - 0.012), at(p.x + l, p.y)]));
        }
        if self.slanted {
            let x = rng.range(0.1, w - 0.1);
            let s = rng.range(0.08, 0.14);
            drawing.piece(
                CURTAIN,
                Curve::polygon([
                    at(x, horizon - s),
                    at(x, horizon + s * 0.1 - s * 2.0),
                    at(x + s * 1.1, horizon - s * 0.2),
                    at(x, horizon - s * 0.2),
                ]),
            );
            drawing.piece(
                HOUSE,
                Curve::polygon([
                    at(x - s, horizon - s * 0.1),
                    at(x + s * 1.2, horizon - s * 0.1),
                    at(x + s * 0.8, horizon + s * 0.3),
                    at(x - s * 0.7, horizon + s * 0.3),
                ]),
            );
        }
        if self.round_trees {
            lighthouse(drawing, w, horizon, rng);
        }
        let shore = horizon + rng.range(0.15, 0.3);
        ridge(drawing, SAND, w, shore, 0.05, false, rng);
    }

    pub(super) fn night(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let horizon = rng.range(0.6, 0.8);
        whole(drawing, w, SKY);
        let moon = rng.point(0.15 * w, 0.12, 0.85 * w, 0.3);
        let r = rng.range(0.07, 0.12);
        if self.sun {
            drawing.piece(SUN, Curve::circle(moon, r)).unshaded();
        } else {
            let horn = |y: f32| sharp(moon.x + r * 0.3, moon.y + y * r);
            let crescent = [
                horn(-1.0),
                soft(moon.x - r, moon.y),
                horn(1.0),
                soft(moon.x - r * 0.35, moon.y),
            ];
            drawing.piece(SUN, Curve::closed(crescent)).unshaded();
        }
        for _ in 0..rng.whole(4, 9) {
            let p = rng.point(0.0, 0.04, w, horizon - 0.2);
            drawing.piece(FLOWER, star(p, rng.range(0.02, 0.04))).contour(0.6).unshaded();
        }
        // Peaks with snow on them.
        let mut x = -rng.range(0.0, 0.3);
        while x < w + 0.2 {
            let (half, height) = (rng.range(0.2, 0.34), rng.range(0.22, 0.45));
            let (top, foot) = (at(x, horizon - height), horizon + 0.05);
            drawing.piece(FAR_HILL, Curve::polygon([top, at(x + half, foot), at(x - half, foot)]));
            let s = |k: f32, down: f32| at(x + half * k, top.y + (foot - top.y) * down);
            drawing
                .piece(
                    CLOUD,
                    Curve::polygon([top, s(0.3, 0.3), s(0.1, 0.24), s(-0.02, 0.38), s(-0.14, 0.24), s(-0.3, 0.3)]),
                )
                .contour(0.8);
            x += half * rng.range(1.1, 1.7);
        }
        ridge(drawing, HILL, w, horizon, 0.05, false, rng);
        for _ in 0..rng.whole(1, 4) {
            let p = at(rng.range(0.0, w), horizon + 0.08);
            tree(drawing, p, rng.range(0.15, 0.3), self.round_trees, rng);
        }
        ridge(drawing, GRASS, w, horizon + 0.08, 0.03, false, rng);
    }

    pub(super) fn forest(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let horizon = rng.range(0.62, 0.82);
        whole(drawing, w, SKY);
        ridge(drawing, HILL, w, horizon - 0.22, 0.08, false, rng);
        ridge(drawing, GRASS, w, horizon, 0.02, false, rng);
        let count = rng.whole(3, 5);
        for i in 0..count {
            let x = (i as f32 + rng.range(0.2, 0.8)) * w / count as f32;
            let (half, foot) = (rng.range(0.03, 0.06), horizon + rng.range(0.02, 0.12));
            let roots = [
                sharp(x - half * 2.0, foot + 0.02),
                soft(x - half * 1.1, foot - 0.1),
                soft(x - half * 0.9, foot - 0.3),
                sharp(x - half * 0.9, -0.1),
                sharp(x + half * 0.9, -0.1),
                soft(x + half * 0.9, foot - 0.3),
                soft(x + half * 1.1, foot - 0.1),
                sharp(x + half * 2.0, foot + 0.02),
            ];
            drawing.piece(TRUNK, Curve::closed(roots));
            drawing.detail(
                0.6,
                Curve::line([at(x, foot - 0.3), at(x + half * 0.3, foot - 0.2), at(x, foot - 0.1)]),
            );
        }
        let leaves = (0..7).flat_map(|i| {
            let x = -0.1 + (w + 0.2) * i as f32 / 6.0;
            [
                sharp(x, rng.range(0.12, 0.2)),
                soft(x + (w + 0.2) / 12.0, rng.range(0.22, 0.34)),
            ]
        });
        let canopy: Vec<_> = [sharp(w + 0.4, -0.2), sharp(-0.3, -0.2)].into_iter().chain(leaves).collect();
        drawing.piece(LEAVES, Curve::closed(canopy));
        for _ in 0..rng.whole(0, 4) {
            let p = rng.point(0.0, horizon + 0.08, w, 0.95);
            let s = rng.range(0.03, 0.05);
            drawing
                .piece(DOOR, Curve::rectangle(p.x - s * 0.3, p.y, p.x + s * 0.3, p.y + s))
                .contour(0.8);
            drawing
                .piece(
                    FLOWER,
                    Curve::closed([sharp(p.x - s, p.y), soft(p.x, p.y - s * 1.1), sharp(p.x + s, p.y)]),
                )
                .contour(0.8);
        }
        tufts(drawing, w, horizon + 0.08, rng);
    }
}

/// A lighthouse on a cliff at the left or right edge.
fn lighthouse(drawing: &mut Drawing, w: f32, horizon: f32, rng: &mut SceneRng) {
    let side = rng.side();
    let reach = rng.range(0.22, 0.34);
    let edge = if side < 0.0 { -0.1 } else { w + 0.1 };
    let x = |share: f32| edge - side * reach * share;
    let (top, foot) = (horizon - rng.range(0.04, 0.12), horizon + 0.1);
    let cliff = [
        sharp(x(0.0), top),
        soft(x(0.6), top - 0.03),
        sharp(x(0.98), top + 0.02),
        soft(x(0.94), (top + foot) / 2.0),
        sharp(x(1.02), foot),
        sharp(x(0.0), foot + 0.02),
    ];
    drawing.piece(FENCE, Curve::closed(cliff));
    let turf = [
        sharp(x(0.0), top),
        soft(x(0.6), top - 0.03),
        sharp(x(0.98), top + 0.02),
        soft(x(0.75), top + 0.03),
        soft(x(0.5), top + 0.02),
        sharp(x(0.0), top + 0.05),
    ];
    drawing.piece(GRASS, Curve::closed(turf));
    let (cx, base, height, half) = (x(0.62), top - 0.015, rng.range(0.25, 0.4), 0.05);
    let ring = |a: f32, b: f32| {
        let width = |k: f32| half * (1.0 - 0.35 * k);
        let y = |k: f32| base - height * k;
        Curve::polygon([
            at(cx - width(a), y(a)),
            at(cx + width(a), y(a)),
            at(cx + width(b), y(b)),
            at(cx - width(b), y(b)),
        ])
    };
    for (i, slot) in [HOUSE, ROOF, HOUSE, ROOF, HOUSE].into_iter().enumerate() {
        drawing.piece(slot, ring(i as f32 * 0.16, (i + 1) as f32 * 0.16)).contour(0.8);
    }
    drawing.piece(WINDOW, ring(0.8, 0.9)).contour(0.8);
    let eave = base - height * 0.9;
    drawing.piece(
        ROOF,
        Curve::polygon([
            at(cx - half * 0.9, eave),
            at(cx, eave - height * 0.16),
            at(cx + half * 0.9, eave),
        ]),
    );
}
