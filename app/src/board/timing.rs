//! Rows as frames: how long each drawing is held.

/// Frames that a drawing is held for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// As the drawings are numbered: 1, 3, 5 are on twos.
    #[default]
    Numbered,
    Ones,
    Twos,
    Threes,
}

impl Hold {
    pub const ALL: [Self; 4] = [Self::Numbered, Self::Ones, Self::Twos, Self::Threes];

    pub fn label(self) -> &'static str {
        match self {
            Self::Numbered => "as numbered",
            Self::Ones => "on ones",
            Self::Twos => "on twos",
            Self::Threes => "on threes",
        }
    }
}

/// Frames a second that can be chosen.
pub const RATES: [u32; 3] = [8, 12, 24];

/// How many frames each of the drawings with these numbers is held.
pub fn exposures(numbers: &[Option<u32>], hold: Hold) -> Vec<u32> {
    let fixed = match hold {
        Hold::Numbered => return numbered(numbers),
        Hold::Ones => 1,
        Hold::Twos => 2,
        Hold::Threes => 3,
    };
    vec![fixed; numbers.len()]
}

fn numbered(numbers: &[Option<u32>]) -> Vec<u32> {
    let mut held: Vec<u32> = numbers
        .windows(2)
        .map(|pair| match (pair[0], pair[1]) {
            // Seconds of one drawing are another shot rather than a hold.
            (Some(this), Some(next)) if next > this && next - this <= 48 => next - this,
            _ => 1,
        })
        .collect();
    if !numbers.is_empty() {
        // Nothing says how long the last one stays: as long as the one before it.
        held.push(held.last().copied().unwrap_or(1));
    }
    held
}

/// The drawing that shows `seconds` after the start, round and round.
pub fn drawing_at(seconds: f64, rate: u32, exposures: &[u32]) -> Option<usize> {
    let length: u32 = exposures.iter().sum();
    let mut frame = ((seconds * f64::from(rate)) as u64 % u64::from(length.max(1))) as u32;
    exposures.iter().position(|held| {
        let here = frame < *held;
        frame = frame.saturating_sub(*held);
        here
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_follow_the_numbers() {
        let numbers = [Some(1), Some(3), Some(4), Some(7)];
        assert_eq!(exposures(&numbers, Hold::Numbered), [2, 1, 3, 3]);
        assert_eq!(exposures(&numbers, Hold::Twos), [2; 4]);
        assert_eq!(exposures(&[None, Some(2), Some(1)], Hold::Numbered), [1, 1, 1]);
        assert!(exposures(&[], Hold::Numbered).is_empty());
    }

    #[test]
    fn frames_go_round() {
        let held = [2, 1, 3];
        let shown: Vec<_> = (0..8)
            .map(|frame| drawing_at((f64::from(frame) + 0.5) / 12.0, 12, &held).unwrap())
            .collect();
        assert_eq!(shown, [0, 0, 1, 2, 2, 2, 0, 0]);
        assert_eq!(drawing_at(1.0, 12, &[]), None);
    }
}
