//! Rows as frames, one after another.

use std::time::Duration;

use crate::board::timing::{Hold, drawing_at};

pub struct Player {
    /// Frames a second.
    pub rate: u32,
    pub hold: Hold,
    /// When the first drawing began, in seconds of the window's clock.
    since: Option<f64>,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            rate: 12,
            hold: Hold::default(),
            since: None,
        }
    }
}

impl Player {
    pub fn is_playing(&self) -> bool {
        self.since.is_some()
    }

    /// Begins with the drawing at `row`.
    pub fn start(&mut self, now: f64, row: usize, exposures: &[u32]) {
        let before: u32 = exposures.iter().take(row).sum();
        self.since = Some(now - f64::from(before) / f64::from(self.rate));
    }

    pub fn stop(&mut self) {
        self.since = None;
    }

    /// The drawing that shows; None while nothing plays.
    pub fn row(&self, now: f64, exposures: &[u32]) -> Option<usize> {
        drawing_at((now - self.since?).max(0.0), self.rate, exposures)
    }

    /// Until the next frame.
    pub fn next_in(&self, now: f64) -> Option<Duration> {
        let frames = (now - self.since?).max(0.0) * f64::from(self.rate);
        Some(Duration::from_secs_f64((1.0 - frames.fract()) / f64::from(self.rate)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_where_it_is_told_and_goes_round() {
        let mut player = Player {
            rate: 8,
            ..Player::default()
        };
        assert_eq!((player.row(5.0, &[2, 2]), player.next_in(5.0)), (None, None));
        player.start(100.0, 1, &[2, 1, 2]);
        let shown: Vec<_> = (0..6)
            .map(|frame| player.row(100.0 + (f64::from(frame) + 0.5) / 8.0, &[2, 1, 2]).unwrap())
            .collect();
        assert_eq!(shown, [1, 2, 2, 0, 0, 1]);
        let next = player.next_in(100.0 + 0.5 / 8.0).unwrap().as_secs_f64();
        assert!((next - 0.0625).abs() < 1e-6, "{next}");
        player.stop();
        assert!(!player.is_playing());
    }
}
