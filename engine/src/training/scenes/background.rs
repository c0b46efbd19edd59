//! Backgrounds: a kind of place with its colours is the design; where things stand in it is the layout.
//!
//! The unit is the picture's height; x runs from 0 to the picture's aspect.

use tiny_skia::Point;

use super::design::ground::*;
use super::dice::Dice;
use super::drawing::Drawing;
use super::shape::{Curve, Knot, at, sharp, soft};

#[derive(Clone, Copy)]
enum Place {
    Meadow,
    Town,
    Sea,
    Room,
    Park,
    Curtain,
    Plain,
    Stripes,
    Spots,
    Tiles,
    Rays,
}

/// A place.
pub struct Background {
    place: Place,
    /// Rough width of stripes and tiles, as a share of the height.
    pitch: f32,
    slanted: bool,
    sun: bool,
    clouds: bool,
    roof: bool,
    round_trees: bool,
}

impl Background {
    pub fn random(dice: &mut Dice) -> Self {
        use Place::*;
        Self {
            place: dice.pick(&[
                Meadow, Meadow, Meadow, Town, Town, Sea, Sea, Room, Room, Park, Park, Curtain, Plain, Stripes, Spots, Tiles, Rays,
            ]),
            pitch: dice.range(0.14, 0.3),
            slanted: dice.chance(0.5),
            sun: dice.chance(0.5),
            clouds: dice.chance(0.75),
            roof: dice.chance(0.5),
            round_trees: dice.chance(0.5),
        }
    }

    /// The place in a new layout.
    pub fn draw(&self, aspect: f32, dice: &mut Dice) -> Drawing {
        let mut drawing = Drawing::default();
        let w = aspect;
        match self.place {
            Place::Meadow => self.meadow(&mut drawing, w, dice),
            Place::Park => self.park(&mut drawing, w, dice),
            Place::Town => self.town(&mut drawing, w, dice),
            Place::Sea => self.sea(&mut drawing, w, dice),
            Place::Room => self.room(&mut drawing, w, dice),
            Place::Curtain => curtain(&mut drawing, w, dice),
            Place::Plain => whole(&mut drawing, w, WALL),
            Place::Stripes => self.stripes(&mut drawing, w, dice),
            Place::Spots => self.spots(&mut drawing, w, dice),
            Place::Tiles => self.tiles(&mut drawing, w, dice),
            Place::Rays => rays(&mut drawing, w, dice),
        }
        drawing
    }

    fn sky(&self, drawing: &mut Drawing, w: f32, horizon: f32, dice: &mut Dice) {
        whole(drawing, w, SKY);
        if self.sun {
            let centre = dice.point(0.1 * w, 0.08, 0.9 * w, (horizon - 0.15).max(0.12));
            drawing.piece(SUN, Curve::circle(centre, dice.range(0.06, 0.13))).unshaded();
        }
        if self.clouds {
            for _ in 0..dice.whole(1, 3) {
                let centre = dice.point(0.0, 0.08, w, (horizon - 0.1).max(0.15));
                cloud(drawing, centre, dice.range(0.1, 0.22), dice);
            }
        }
    }

    fn meadow(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        let horizon = dice.range(0.45, 0.78);
        self.sky(drawing, w, horizon, dice);
        ridge(
            drawing,
            FAR_HILL,
            w,
            horizon - dice.range(0.05, 0.2),
            0.12,
            dice.chance(0.5),
            dice,
        );
        ridge(drawing, HILL, w, horizon - 0.01, 0.06, false, dice);
        for _ in 0..dice.whole(0, 3) {
            let (x, size) = (dice.range(0.0, w), dice.range(0.16, 0.34));
            self.tree(drawing, at(x, horizon + 0.08), size, dice);
        }
        if self.roof && dice.chance(0.8) {
            house(
                drawing,
                dice.range(0.05, w - 0.25),
                horizon + 0.07,
                dice.range(0.16, 0.26),
                dice,
            );
        }
        ridge(drawing, GRASS, w, horizon + 0.06, 0.03, false, dice);
        if self.slanted {
            path(drawing, w, horizon + 0.05, dice);
        }
        tufts(drawing, w, horizon + 0.1, dice);
    }

    fn park(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        let horizon = dice.range(0.55, 0.8);
        self.sky(drawing, w, horizon, dice);
        ridge(drawing, HILL, w, horizon - dice.range(0.06, 0.18), 0.07, false, dice);
        for i in 0..dice.whole(2, 4) {
            let x = (i as f32 + dice.unit()) * w / 3.0;
            self.tree(drawing, at(x, horizon + 0.06), dice.range(0.3, 0.55), dice);
        }
        level(drawing, GRASS, w, horizon + 0.02);
        let top = horizon - dice.range(0.04, 0.1);
        let gap = dice.range(0.09, 0.14);
        for i in 0..(w / gap) as usize + 2 {
            let x = (i as f32 - dice.range(0.0, 0.05)) * gap;
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
        tufts(drawing, w, horizon + 0.12, dice);
        for _ in 0..dice.whole(2, 6) {
            let p = dice.point(0.0, horizon + 0.1, w, 0.97);
            drawing.piece(FLOWER, Curve::circle(p, 0.018)).contour(0.6);
        }
    }

    fn town(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        let horizon = dice.range(0.66, 0.88);
        self.sky(drawing, w, horizon * 0.6, dice);
        let mut x = -dice.range(0.0, 0.2);
        let mut i = 0;
        while x < w {
            let (width, height) = (dice.range(0.18, 0.36), dice.range(0.25, 0.7) * horizon);
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
            windows(drawing, x, horizon - height, width, height, dice);
            x += width + dice.range(-0.02, 0.08);
            i += 1;
        }
        level(drawing, ROAD, w, horizon);
        drawing.piece(GRASS, Curve::rectangle(-0.1, horizon - 0.005, w + 0.1, horizon + 0.04));
        if self.slanted {
            self.tree(drawing, at(dice.range(0.0, w), horizon + 0.03), dice.range(0.25, 0.4), dice);
        }
    }

    fn sea(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        let horizon = dice.range(0.4, 0.68);
        self.sky(drawing, w, horizon, dice);
        if self.roof {
            ridge(drawing, FAR_HILL, w, horizon - 0.04, 0.1, true, dice);
        }
        level(drawing, WATER, w, horizon);
        for _ in 0..5 {
            let p = dice.point(0.0, horizon + 0.04, w, 0.95);
            let l = dice.range(0.05, 0.12);
            drawing.detail(0.7, Curve::line([p, at(p.x + l * 0.5, p.y - 0.012), at(p.x + l, p.y)]));
        }
        if self.slanted {
            let x = dice.range(0.1, w - 0.1);
            let s = dice.range(0.08, 0.14);
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
        let shore = horizon + dice.range(0.15, 0.3);
        ridge(drawing, SAND, w, shore, 0.05, false, dice);
    }

    fn room(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        whole(drawing, w, WALL);
        let floor = dice.range(0.68, 0.9);
        if self.clouds {
            let (x, y) = (dice.range(0.05, (w - 0.45).max(0.1)), dice.range(0.08, 0.2));
            let (dx, dy) = (dice.range(0.3, 0.42), dice.range(0.32, 0.44));
            drawing.piece(FRAME, Curve::rectangle(x - 0.03, y - 0.03, x + dx + 0.03, y + dy + 0.03));
            drawing.piece(SKY, Curve::rectangle(x, y, x + dx, y + dy));
            drawing
                .piece(FRAME, Curve::rectangle(x + dx * 0.5 - 0.012, y, x + dx * 0.5 + 0.012, y + dy))
                .contour(0.7);
            drawing
                .piece(FRAME, Curve::rectangle(x, y + dy * 0.5 - 0.012, x + dx, y + dy * 0.5 + 0.012))
                .contour(0.7);
            for side in [-1.0, 1.0] {
                let edge = if side < 0.0 { x } else { x + dx };
                drawing.piece(
                    CURTAIN,
                    Curve::closed([
                        sharp(edge - side * 0.1, y - 0.06),
                        sharp(edge + side * 0.09, y - 0.06),
                        soft(edge + side * 0.08, y + dy * 0.5),
                        sharp(edge + side * 0.1, y + dy + 0.1),
                        sharp(edge + side * 0.0, y + dy + 0.1),
                        soft(edge + side * 0.02, y + dy * 0.5),
                    ]),
                );
            }
        }
        if self.sun {
            let p = dice.point(0.05, 0.1, w - 0.2, 0.35);
            drawing.piece(FRAME, Curve::rectangle(p.x, p.y, p.x + 0.2, p.y + 0.16));
            drawing
                .piece(PICTURE, Curve::rectangle(p.x + 0.025, p.y + 0.025, p.x + 0.175, p.y + 0.135))
                .contour(0.7);
        }
        level(drawing, FLOOR, w, floor);
        drawing
            .piece(FENCE, Curve::rectangle(-0.1, floor - 0.03, w + 0.1, floor))
            .contour(0.8);
        if self.roof {
            let x = dice.range(-0.05, w - 0.3);
            let (top, width) = (floor - dice.range(0.25, 0.5), dice.range(0.25, 0.4));
            drawing.piece(FURNITURE, Curve::rectangle(x, top, x + width, floor + 0.05));
            for shelf in 0..2 {
                let y = top + 0.04 + shelf as f32 * 0.15;
                drawing
                    .piece(DOOR, Curve::rectangle(x + 0.03, y, x + width - 0.03, y + 0.12))
                    .contour(0.8);
                let mut b = x + 0.05;
                while b < x + width - 0.1 {
                    let thick = dice.range(0.02, 0.05);
                    drawing
                        .piece(BOOKS, Curve::rectangle(b, y + dice.range(0.01, 0.05), b + thick, y + 0.12))
                        .contour(0.6);
                    b += thick + 0.008;
                }
            }
        }
        if self.slanted {
            let p = at(dice.range(0.0, w), floor + 0.06);
            drawing.piece(
                DOOR,
                Curve::polygon([
                    at(p.x - 0.06, p.y - 0.1),
                    at(p.x + 0.06, p.y - 0.1),
                    at(p.x + 0.045, p.y + 0.03),
                    at(p.x - 0.045, p.y + 0.03),
                ]),
            );
            for lean in [-1.0, -0.4, 0.4, 1.0] {
                let tip = at(p.x + lean * 0.13, p.y - 0.28 + lean.abs() * 0.08);
                drawing.piece(
                    LEAVES,
                    Curve::closed([
                        sharp(p.x, p.y - 0.1),
                        soft(p.x + lean * 0.03 - 0.03, p.y - 0.2),
                        sharp(tip.x, tip.y),
                        soft(p.x + lean * 0.09 + 0.03, p.y - 0.16),
                    ]),
                );
            }
        }
    }

    fn tree(&self, drawing: &mut Drawing, foot: Point, size: f32, dice: &mut Dice) {
        let (x, y, s) = (foot.x, foot.y, size);
        drawing.piece(
            TRUNK,
            Curve::closed([
                sharp(x - s * 0.12, y),
                soft(x - s * 0.06, y - s * 0.3),
                sharp(x - s * 0.06, y - s * 0.7),
                sharp(x + s * 0.06, y - s * 0.7),
                soft(x + s * 0.06, y - s * 0.3),
                sharp(x + s * 0.12, y),
            ]),
        );
        if self.round_trees {
            drawing.piece(LEAVES, scallops(at(x, y - s * 0.85), s * 0.42, s * 0.45, dice.whole(6, 9)));
        } else {
            for k in 0..3 {
                let base = y - s * (0.25 + 0.28 * k as f32);
                let half = s * (0.42 - 0.09 * k as f32);
                drawing.piece(
                    LEAVES,
                    Curve::closed([
                        sharp(x - half, base),
                        soft(x - half * 0.3, base - s * 0.22),
                        sharp(x, base - s * 0.5),
                        soft(x + half * 0.3, base - s * 0.22),
                        sharp(x + half, base),
                        soft(x, base + s * 0.06),
                    ]),
                );
            }
        }
    }

    fn stripes(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        whole(drawing, w, WALL);
        let lean = if self.slanted {
            dice.side() * dice.range(0.3, 0.8)
        } else {
            0.0
        };
        let mut x = -1.0 + dice.range(0.0, self.pitch);
        while x < w + 1.0 {
            drawing
                .piece(
                    PATTERN,
                    Curve::polygon([
                        at(x, -0.05),
                        at(x + self.pitch * 0.3, -0.05),
                        at(x + self.pitch * 0.3 + lean, 1.05),
                        at(x + lean, 1.05),
                    ]),
                )
                .unshaded();
            x += self.pitch;
        }
    }

    fn spots(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        whole(drawing, w, WALL);
        let start = dice.point(-self.pitch, -self.pitch, 0.0, 0.0);
        for row in 0..(1.0 / self.pitch) as usize + 3 {
            for column in 0..(w / self.pitch) as usize + 3 {
                let x = start.x + (column as f32 + (row % 2) as f32 * 0.5) * self.pitch;
                let centre = at(x, start.y + row as f32 * self.pitch);
                let form = if self.slanted {
                    super::figure::star(centre, self.pitch * 0.34)
                } else {
                    Curve::circle(centre, self.pitch * 0.26)
                };
                drawing.piece(PATTERN, form).unshaded();
            }
        }
    }

    fn tiles(&self, drawing: &mut Drawing, w: f32, dice: &mut Dice) {
        whole(drawing, w, WALL);
        let p = self.pitch;
        let start = dice.point(-p, -p, 0.0, 0.0);
        for row in 0..(1.0 / p) as usize + 3 {
            for column in 0..(w / p) as usize + 3 {
                // Smaller than the gaps between them, so that a line drawing tells tiles from wall.
                let (x, y, r) = (start.x + column as f32 * p, start.y + row as f32 * p, p * 0.36);
                let tile = if self.slanted {
                    Curve::polygon([at(x, y - r), at(x + r, y), at(x, y + r), at(x - r, y)])
                } else {
                    Curve::rectangle(x - r, y - r, x + r, y + r)
                };
                drawing.piece(PATTERN, tile).unshaded();
            }
        }
    }
}

/// The whole picture in one colour.
pub fn whole(drawing: &mut Drawing, w: f32, slot: u8) {
    drawing
        .piece(slot, Curve::rectangle(-0.2, -0.2, w + 0.2, 1.2))
        .contour(0.0)
        .unshaded();
}

/// Everything below a level line.
fn level(drawing: &mut Drawing, slot: u8, w: f32, y: f32) {
    drawing.piece(slot, Curve::rectangle(-0.2, y, w + 0.2, 1.2)).unshaded();
}

/// Everything below a line of hills or peaks.
fn ridge(drawing: &mut Drawing, slot: u8, w: f32, y: f32, height: f32, peaked: bool, dice: &mut Dice) {
    let mut knots: Vec<Knot> = vec![sharp(w + 0.3, 1.2), sharp(-0.3, 1.2)];
    let count = dice.whole(3, 5);
    for i in 0..=count {
        let x = -0.25 + (w + 0.5) * (i as f32 + dice.range(-0.2, 0.2)) / count as f32;
        let rise = if i % 2 == 0 { 0.0 } else { height * dice.range(0.6, 1.3) };
        let knot = if peaked { sharp } else { soft };
        knots.push(knot(x, y - rise));
    }
    drawing.piece(slot, Curve::closed(knots)).unshaded();
}

fn scallops(centre: Point, rx: f32, ry: f32, count: usize) -> Curve {
    Curve::closed((0..count).flat_map(|i| {
        let knot = |share: f32, reach: f32, corner: bool| {
            let angle = (i as f32 + share) / count as f32 * std::f32::consts::TAU;
            Knot {
                at: at(centre.x + angle.cos() * rx * reach, centre.y + angle.sin() * ry * reach),
                corner,
            }
        };
        [knot(0.0, 0.86, true), knot(0.5, 1.1, false)]
    }))
}

fn cloud(drawing: &mut Drawing, centre: Point, size: f32, dice: &mut Dice) {
    let (x, y, s) = (centre.x, centre.y, size);
    let lift = dice.range(0.35, 0.55) * s;
    drawing.piece(
        CLOUD,
        Curve::closed([
            sharp(x - s, y),
            soft(x - s * 0.95, y - s * 0.32),
            sharp(x - s * 0.5, y - s * 0.34),
            soft(x - s * 0.05, y - lift - s * 0.2),
            sharp(x + s * 0.42, y - s * 0.34),
            soft(x + s * 0.95, y - s * 0.3),
            sharp(x + s, y),
        ]),
    );
}

fn house(drawing: &mut Drawing, x: f32, foot: f32, s: f32, dice: &mut Dice) {
    drawing.piece(HOUSE, Curve::rectangle(x, foot - s * 0.7, x + s, foot));
    drawing.piece(
        ROOF,
        Curve::polygon([
            at(x - s * 0.12, foot - s * 0.66),
            at(x + s * 0.5, foot - s * 1.25),
            at(x + s * 1.12, foot - s * 0.66),
        ]),
    );
    drawing.piece(DOOR, Curve::rectangle(x + s * 0.12, foot - s * 0.42, x + s * 0.36, foot));
    let y = foot - s * dice.range(0.42, 0.5);
    drawing.piece(WINDOW, Curve::rectangle(x + s * 0.55, y, x + s * 0.83, y + s * 0.24));
}

fn windows(drawing: &mut Drawing, x: f32, top: f32, width: f32, height: f32, dice: &mut Dice) {
    let (columns, rows) = (dice.whole(2, 3), ((height / 0.13) as usize).clamp(1, 5));
    let (dx, dy) = (width / columns as f32, height / rows as f32);
    for column in 0..columns {
        for row in 0..rows {
            let (left, y) = (x + dx * (column as f32 + 0.25), top + dy * (row as f32 + 0.25));
            drawing
                .piece(WINDOW, Curve::rectangle(left, y, left + dx * 0.5, y + dy * 0.5))
                .contour(0.7)
                .unshaded();
        }
    }
}

fn path(drawing: &mut Drawing, w: f32, horizon: f32, dice: &mut Dice) {
    let (far, near) = (dice.range(0.3, 0.7) * w, dice.range(0.2, 0.8) * w);
    let middle = (far + near) / 2.0 + dice.range(-0.15, 0.15);
    drawing
        .piece(
            ROAD,
            Curve::closed([
                sharp(far - 0.015, horizon),
                sharp(far + 0.015, horizon),
                soft(middle + 0.07, (horizon + 1.0) / 2.0),
                sharp(near + 0.2, 1.1),
                sharp(near - 0.2, 1.1),
                soft(middle - 0.07, (horizon + 1.0) / 2.0),
            ]),
        )
        .unshaded();
}

fn tufts(drawing: &mut Drawing, w: f32, top: f32, dice: &mut Dice) {
    for _ in 0..dice.whole(2, 6) {
        let p = dice.point(0.0, top.min(0.9), w, 0.98);
        drawing.detail(
            0.7,
            Curve::line([at(p.x - 0.02, p.y - 0.03), p, at(p.x + 0.005, p.y - 0.045)]),
        );
    }
}

fn curtain(drawing: &mut Drawing, w: f32, dice: &mut Dice) {
    whole(drawing, w, WALL);
    level(drawing, FLOOR, w, dice.range(0.75, 0.92));
    for side in [-1.0, 1.0] {
        let (edge, reach) = (if side < 0.0 { -0.05 } else { w + 0.05 }, w * dice.range(0.22, 0.42));
        let x = |share: f32| edge - side * reach * share;
        let hem = dice.range(0.85, 1.0);
        drawing.piece(
            CURTAIN,
            Curve::closed([
                sharp(edge, -0.1),
                sharp(x(1.1), -0.1),
                soft(x(0.95), 0.3),
                soft(x(0.45), 0.6),
                sharp(x(0.7), hem),
                sharp(edge, hem + 0.03),
            ]),
        );
        for share in [0.25, 0.5, 0.75] {
            drawing.detail(
                0.8,
                Curve::line([at(x(share * 1.1), 0.0), at(x(share * 0.8), 0.35), at(x(share * 0.42), 0.6)]),
            );
        }
        drawing.piece(FRAME, Curve::ellipse(at(x(0.25), 0.6), reach * 0.3, 0.03));
    }
    let valance: Vec<Knot> = [sharp(w + 0.1, -0.1), sharp(-0.1, -0.1)]
        .into_iter()
        .chain((0..5).flat_map(|i| {
            [
                sharp(-0.1 + i as f32 * (w + 0.2) / 5.0, 0.08),
                soft(-0.1 + (i as f32 + 0.5) * (w + 0.2) / 5.0, 0.15),
            ]
        }))
        .chain([sharp(w + 0.1, 0.08)])
        .collect();
    drawing.piece(PATTERN, Curve::closed(valance));
}

fn rays(drawing: &mut Drawing, w: f32, dice: &mut Dice) {
    whole(drawing, w, WALL);
    let centre = dice.point(0.25 * w, 0.25, 0.75 * w, 0.75);
    let count = dice.whole(5, 10);
    let start = dice.unit();
    for i in 0..count {
        // A ray fills a third of its sector: the narrower wedges are the pattern.
        let corner = |share: f32| {
            super::shape::polar(
                centre,
                ((i as f32 + share) / count as f32 + start) * std::f32::consts::TAU,
                2.5,
            )
        };
        drawing
            .piece(PATTERN, Curve::polygon([centre, corner(0.0), corner(0.33)]))
            .unshaded();
    }
}
