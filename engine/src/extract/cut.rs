//! The least cut of a grid: which pixels go with which of two sides, at the least cost (max-flow by Dinic's method, on 4-connected pixels).

use std::collections::VecDeque;

/// A grid of pixels between two sides.
pub struct Grid {
    width: usize,
    height: usize,
    /// What is left of the flow from the first side to each pixel, less what is left from it to the second.
    terminal: Vec<f32>,
    /// Room to the right, left, lower and upper neighbour.
    room: [Vec<f32>; 4],
}

/// Below this a flow is nothing.
const NOTHING: f32 = 1e-4;

impl Grid {
    /// `balance`: the cost of taking a pixel for the second side less that of taking it for the first.
    pub fn new(width: usize, height: usize, balance: Vec<f32>) -> Self {
        let room = || vec![0.0; width * height];
        Self {
            width,
            height,
            terminal: balance,
            room: [room(), room(), room(), room()],
        }
    }

    /// The cost of parting a pixel from the one to its right (`down`: from the one below).
    pub fn join(&mut self, at: usize, down: bool, cost: f32) {
        let (there, back, next) = if down { (2, 3, at + self.width) } else { (0, 1, at + 1) };
        self.room[there][at] = cost;
        self.room[back][next] = cost;
    }

    fn neighbour(&self, at: usize, direction: usize) -> Option<usize> {
        let (x, y) = (at % self.width, at / self.width);
        match direction {
            0 => (x + 1 < self.width).then_some(at + 1),
            1 => (x > 0).then(|| at - 1),
            2 => (y + 1 < self.height).then_some(at + self.width),
            _ => (y > 0).then(|| at - self.width),
        }
    }

    /// Whether each pixel goes with the first side.
    pub fn cut(mut self) -> Vec<bool> {
        loop {
            let level = self.levels();
            let mut turn = vec![0; level.len()];
            let mut pushed = 0.0;
            for source in 0..level.len() {
                while self.terminal[source] > NOTHING {
                    let sent = self.push(source, &level, &mut turn);
                    if sent <= NOTHING {
                        break;
                    }
                    pushed += sent;
                }
            }
            if pushed <= NOTHING {
                return level.iter().map(|level| *level != u32::MAX).collect();
            }
        }
    }

    /// Steps from the first side, through what has room.
    fn levels(&self) -> Vec<u32> {
        let mut level = vec![u32::MAX; self.terminal.len()];
        let mut queue: VecDeque<usize> = (0..level.len()).filter(|at| self.terminal[*at] > NOTHING).collect();
        queue.iter().for_each(|at| level[*at] = 0);
        while let Some(at) = queue.pop_front() {
            for direction in 0..4 {
                let Some(next) = self.neighbour(at, direction).filter(|next| level[*next] == u32::MAX) else {
                    continue;
                };
                if self.room[direction][at] > NOTHING {
                    level[next] = level[at] + 1;
                    queue.push_back(next);
                }
            }
        }
        level
    }

    /// Sends flow from `source` along one path of rising levels to the nearest pixel that drains to the second side; how much.
    fn push(&mut self, source: usize, level: &[u32], turn: &mut [u8]) -> f32 {
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut at = source;
        loop {
            if self.terminal[at] < -NOTHING {
                let room = path.iter().map(|&(from, direction)| self.room[direction][from]);
                let sent = room.fold(self.terminal[source].min(-self.terminal[at]), f32::min);
                for &(from, direction) in &path {
                    self.room[direction][from] -= sent;
                    if let Some(to) = self.neighbour(from, direction) {
                        self.room[direction ^ 1][to] += sent;
                    }
                }
                self.terminal[source] -= sent;
                self.terminal[at] += sent;
                return sent;
            }
            let step = (turn[at]..4).find_map(|direction| {
                let next = self.neighbour(at, usize::from(direction))?;
                let open = self.room[usize::from(direction)][at] > NOTHING && level[next] == level[at].wrapping_add(1);
                open.then_some((direction, next))
            });
            match step {
                Some((direction, next)) => {
                    turn[at] = direction;
                    path.push((at, usize::from(direction)));
                    at = next;
                }
                None => {
                    // A dead end: nobody comes here again at these levels.
                    turn[at] = 4;
                    match path.pop() {
                        Some((from, _)) => {
                            turn[from] += 1;
                            at = from;
                        }
                        None => return 0.0,
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_goes_where_it_costs_least() {
        // Six pixels in a row: the ends are sure, and the cheapest seam is between the fourth and the fifth.
        let mut grid = Grid::new(6, 1, vec![9.0, 0.0, 0.0, 0.0, 0.0, -9.0]);
        for (at, cost) in [5.0, 3.0, 4.0, 1.0, 2.0].into_iter().enumerate() {
            grid.join(at, false, cost);
        }
        assert_eq!(grid.cut(), [true, true, true, true, false, false]);
    }

    #[test]
    fn a_weak_voice_yields_to_its_neighbours() {
        let mut balance = vec![2.0; 9];
        balance[4] = -1.0;
        let mut grid = Grid::new(3, 3, balance);
        for at in 0..9 {
            if at % 3 < 2 {
                grid.join(at, false, 1.0);
            }
            if at < 6 {
                grid.join(at, true, 1.0);
            }
        }
        assert_eq!(grid.cut(), [true; 9]);
    }
}
