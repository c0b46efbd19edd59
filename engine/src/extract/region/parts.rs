//! A drawing cut along its lines: which part every pixel belongs to.

use std::collections::VecDeque;

use super::Plane;
use super::morphology::shrunk;

/// For now the number of what is joined and too small to be a part.
const SPECK: u32 = u32::MAX;

/// Part numbers from 1; 0 belongs to none, which is only where there is no part at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    pub of: Vec<u32>,
    pub count: u32,
}

/// Cuts `open`, what is between the lines, into parts that are not joined by more than a gap of `gap` pixels; then shares the lines out, so that
/// parts meet under them. Parts of fewer than `least` pixels go to those around them.
///
/// After the trapped balls of Zhang, Chen, Fu, Martin, "Vectorizing Cartoon Animations" (2009): a ball that does not fit through the gap finds the
/// large parts first, and smaller balls what it had no room in.
pub fn parts(open: &Plane, gap: u32, least: usize) -> Parts {
    let mut parts = Parts {
        of: vec![0; open.cells.len()],
        count: 0,
    };
    let mut left = open.clone();
    let mut radius = gap.div_ceil(2);
    loop {
        let least = if radius == 0 { least } else { 1 };
        parts.add_rooms(open, &room(&left, radius), least);
        for (cell, part) in left.cells.iter_mut().zip(&parts.of) {
            *cell &= u8::from(*part == 0);
        }
        if radius == 0 {
            break;
        }
        radius /= 2;
    }
    parts.share_out_rest(open);
    parts
}

/// What of `open` a disc of `radius` pixels has room in.
pub fn room(open: &Plane, radius: u32) -> Plane {
    if radius == 0 { open.clone() } else { shrunk(open, radius) }
}

impl Parts {
    /// The parts of `open` that are joined within `room`, which lies in it; the rest of `open` belongs to the part that is nearest.
    pub fn of_rooms(open: &Plane, room: &Plane) -> Self {
        let mut parts = Self {
            of: vec![0; open.cells.len()],
            count: 0,
        };
        parts.add_rooms(open, room, 1);
        parts
    }

    /// Numbers what is joined in `room` and has `least` pixels, and gives it all of `open` that it reaches first.
    fn add_rooms(&mut self, open: &Plane, room: &Plane, least: usize) {
        let border = self.number(open, room, least);
        self.share_out(open, border, |index| open.cells[index] != 0);
    }

    /// Gives what has no number to the part that is nearest.
    pub fn share_out_rest(&mut self, plane: &Plane) {
        let is_border = |index: &usize| self.of[*index] != 0 && plane.neighbours(*index).any(|next| self.of[next] == 0);
        let border = (0..self.of.len()).filter(is_border).map(|index| index as u32).collect();
        self.share_out(plane, border, |_| true);
    }

    /// Numbers what is joined in `room`, which lies in `open` and has no numbers yet; those of its pixels beside which more of `open` has none. What has fewer
    /// than `least` gets no number. Of a large sheet, with fewer than 2^32 pixels, not more is held than waits: four bytes for each of a front.
    fn number(&mut self, open: &Plane, room: &Plane, least: usize) -> VecDeque<u32> {
        let (mut border, mut front) = (VecDeque::new(), VecDeque::new());
        let mut first = Vec::new();
        for seed in 0..room.cells.len() {
            if room.cells[seed] == 0 || self.of[seed] != 0 {
                continue;
            }
            let (number, before, mut size) = (self.count + 1, border.len(), 0);
            first.clear();
            self.of[seed] = number;
            front.push_back(seed as u32);
            while let Some(index) = front.pop_front() {
                size += 1;
                if size < least {
                    first.push(index as usize);
                }
                let mut is_border = false;
                for next in room.neighbours(index as usize) {
                    if self.of[next] != 0 {
                        continue;
                    }
                    if room.cells[next] != 0 {
                        self.of[next] = number;
                        front.push_back(next as u32);
                    } else {
                        is_border |= open.cells[next] != 0;
                    }
                }
                if is_border {
                    border.push_back(index);
                }
            }
            if size >= least {
                self.count = number;
            } else {
                border.truncate(before);
                first.iter().for_each(|index| self.of[*index] = SPECK);
            }
        }
        (self.of.iter_mut().filter(|part| **part == SPECK)).for_each(|part| *part = 0);
        border
    }

    /// Gives what has no number and fits to the parts that reach it first. `queue`: the pixels that it is reached from.
    fn share_out(&mut self, plane: &Plane, mut queue: VecDeque<u32>, fits: impl Fn(usize) -> bool) {
        while let Some(index) = queue.pop_front() {
            let index = index as usize;
            for next in plane.neighbours(index) {
                if self.of[next] == 0 && fits(next) {
                    self.of[next] = self.of[index];
                    queue.push_back(next as u32);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    #[test]
    fn a_drawing_is_cut_along_its_lines_and_the_lines_are_shared_out() {
        let open = drawn(&["####.####", "####.####", "####.####", ".........", "#########"]);
        let parts = parts(&open, 0, 1);
        assert_eq!(parts.count, 3);
        assert!(parts.of.iter().all(|part| *part != 0), "every pixel belongs to a part");
        assert_eq!([parts.of[0], parts.of[8], parts.of[4 * 9]], [1, 2, 3]);
    }

    #[test]
    fn a_gap_does_not_join_two_parts() {
        let mut open = Plane {
            width: 21,
            height: 9,
            cells: vec![1; 21 * 9],
        };
        for y in (0..9).filter(|y| !(4..6).contains(y)) {
            open.cells[y * 21 + 10] = 0;
        }
        assert_eq!(parts(&open, 0, 1).count, 1);
        let cut = parts(&open, 3, 1);
        assert_eq!(cut.count, 2);
        assert_eq!([cut.of[0], cut.of[8 * 21 + 20]], [1, 2]);
        let left = cut.of.iter().filter(|part| **part == 1).count();
        assert!((90..=99).contains(&left), "its own side, and some of the line: {left}");
    }

    #[test]
    fn specks_go_to_what_is_around_them() {
        let open = drawn(&["###.###", "##.#.##", "###.###"]);
        assert_eq!(parts(&open, 0, 1).count, 3);
        let calm = parts(&open, 0, 2);
        assert_eq!(calm.count, 2);
        assert!(calm.of.iter().all(|part| *part != 0));
    }
}
