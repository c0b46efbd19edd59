//! Where paint runs to from a point, and how it is kept from running through small gaps.

use std::collections::VecDeque;

use super::Plane;
use super::morphology::shrunk;

/// How paint spreads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Only what is joined to the point; else all that is open.
    pub contiguous: bool,
    /// Widest gap in a border, in pixels, that paint does not run through.
    pub gap: u32,
}

/// What is neither the region nor open.
const OUTSIDE: u8 = 0;
const REGION: u8 = 1;
/// Open, but another region's.
const OTHER: u8 = 2;
const OPEN: u8 = 3;

/// The region around `[x, y]`: 1 where paint runs to, else 0. `open`: where it can run at all. Empty if it cannot at the point itself.
pub fn flood(open: &Plane, [x, y]: [usize; 2], reach: Reach) -> Plane {
    let seed = y * open.width + x;
    let mut region = Plane::new(open.width, open.height);
    if x >= open.width || y >= open.height || open.cells[seed] == 0 {
        return region;
    }
    if !reach.contiguous {
        region.cells = open.cells.iter().map(|cell| u8::from(*cell != 0)).collect();
        return region;
    }
    region.cells = open
        .cells
        .iter()
        .map(|cell| if *cell == 0 { OUTSIDE } else { OPEN })
        .collect();
    match core(open, seed, reach.gap) {
        None => spread(&mut region, VecDeque::from([seed]), REGION, |_| true),
        Some(core) => {
            // Where a disc as wide as the gap has room: the seed's part of it, and all others.
            spread(&mut region, VecDeque::from([seed]), REGION, |index| core.cells[index] != 0);
            let mut border = VecDeque::new();
            for index in 0..region.cells.len() {
                if core.cells[index] != 0 && region.cells[index] == OPEN {
                    region.cells[index] = OTHER;
                }
                if core.cells[index] != 0 {
                    border.push_back(index);
                }
            }
            // The rest goes to the part that is nearer: two regions meet in the middle of a gap, and corners are filled.
            share_out(&mut region, border);
        }
    }
    region.cells.iter_mut().for_each(|cell| *cell = u8::from(*cell == REGION));
    region
}

/// What of `open` has room for a disc that does not fit through a gap; none if no disc fits around the seed itself. A narrower disc is tried where
/// the point lies in a narrow part.
fn core(open: &Plane, seed: usize, gap: u32) -> Option<Plane> {
    let mut radius = gap.div_ceil(2);
    while radius > 0 {
        let core = shrunk(open, radius);
        if core.cells[seed] != 0 {
            return Some(core);
        }
        radius /= 2;
    }
    None
}

/// Marks what is [`OPEN`], fits and is joined to the queue.
fn spread(plane: &mut Plane, mut queue: VecDeque<usize>, mark: u8, fits: impl Fn(usize) -> bool) {
    queue.iter().for_each(|index| plane.cells[*index] = mark);
    while let Some(index) = queue.pop_front() {
        for next in plane.neighbours(index) {
            if plane.cells[next] == OPEN && fits(next) {
                plane.cells[next] = mark;
                queue.push_back(next);
            }
        }
    }
}

/// Gives what is [`OPEN`] to the marks that reach it first.
fn share_out(plane: &mut Plane, mut queue: VecDeque<usize>) {
    while let Some(index) = queue.pop_front() {
        for next in plane.neighbours(index) {
            if plane.cells[next] == OPEN {
                plane.cells[next] = plane.cells[index];
                queue.push_back(next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    /// Two rooms of 9 by 9 with a wall between them, in which a gap of `gap` pixels is open.
    fn rooms(gap: usize) -> Plane {
        let mut open = Plane {
            width: 19,
            height: 9,
            cells: vec![1; 19 * 9],
        };
        for y in 0..9 {
            open.cells[y * 19 + 9] = u8::from((4..4 + gap).contains(&y));
        }
        open
    }

    fn area(plane: &Plane) -> usize {
        plane.cells.iter().filter(|cell| **cell != 0).count()
    }

    const PLAIN: Reach = Reach {
        contiguous: true,
        gap: 0,
    };

    #[test]
    fn paint_stays_in_its_room_and_runs_through_a_gap() {
        assert_eq!(area(&flood(&rooms(0), [2, 2], PLAIN)), 81);
        assert_eq!(area(&flood(&rooms(2), [2, 2], PLAIN)), 164);
        let anywhere = Reach {
            contiguous: false,
            gap: 0,
        };
        assert_eq!(area(&flood(&rooms(0), [2, 2], anywhere)), 162);
    }

    #[test]
    fn a_closed_gap_holds_and_corners_are_filled() {
        let closed = Reach { gap: 2, ..PLAIN };
        let region = flood(&rooms(2), [2, 2], closed);
        assert!(
            area(&region) >= 81 && area(&region) <= 83,
            "its own room, and half of the gap: {}",
            area(&region)
        );
        assert_eq!(
            [region.cells[0], region.cells[8 * 19 + 8], region.cells[8 * 19 + 10]],
            [1, 1, 0]
        );
        assert_eq!(area(&flood(&rooms(4), [2, 2], closed)), 166, "a wider one does not");
    }

    #[test]
    fn a_point_in_a_narrow_part_fills_it_all_the_same() {
        let corridor = drawn(&[".....", "#####", "....."]);
        let closed = Reach { gap: 12, ..PLAIN };
        assert_eq!(flood(&corridor, [1, 1], closed), corridor);
    }

    #[test]
    fn nothing_is_filled_outside_or_on_what_is_not_open() {
        let open = drawn(&["#.", ".#"]);
        assert_eq!(area(&flood(&open, [1, 0], PLAIN)), 0);
        assert_eq!(area(&flood(&open, [7, 7], PLAIN)), 0);
        assert_eq!(area(&flood(&open, [0, 0], PLAIN)), 1, "diagonals do not join");
    }
}
