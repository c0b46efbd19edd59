//! Frame ranges as farms write them: `1-120`, `1-99x2`, `7`, `1-10,20,30-40x5`.

use std::collections::BTreeSet;
use std::str::FromStr;

/// A set of frames, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frames(BTreeSet<u32>);

/// More frames than any shot has: a typing error.
const MOST: u32 = 1_000_000;

impl Frames {
    pub fn contains(&self, frame: u32) -> bool {
        self.0.contains(&frame)
    }

    pub fn first(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }

    pub fn last(&self) -> u32 {
        self.0.last().copied().unwrap_or_default()
    }
}

impl FromStr for Frames {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut frames = BTreeSet::new();
        for part in text.split(',').map(str::trim) {
            let wrong = || {
                format!(
                    "\u{201c}{part}\u{201d} is no range of frames; write 7, 1-120, 1-99x2 (every second), or several with commas"
                )
            };
            let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
            let (range, step) = match part.split_once(['x', ':']) {
                Some((range, step)) => (range, number(step)?),
                None => (part, 1),
            };
            let (from, to) = match range.split_once('-') {
                Some((from, to)) => (number(from)?, number(to)?),
                None => (number(range)?, number(range)?),
            };
            if step == 0 || to < from || to - from >= MOST {
                return Err(wrong());
            }
            frames.extend((from..=to).step_by(step as usize));
        }
        Ok(Self(frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<u32> {
        text.parse::<Frames>().unwrap().0.into_iter().collect()
    }

    #[test]
    fn ranges_are_read_as_farms_write_them() {
        assert_eq!(read("7"), [7]);
        assert_eq!(read("0003-5"), [3, 4, 5]);
        assert_eq!(read("1-9x3"), [1, 4, 7]);
        assert_eq!(read("1-9:4, 2, 5-6"), [1, 2, 5, 6, 9]);
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["", "5-1", "1-9x0", "a-b", "1--3", "1-4000000000", "1,,2"] {
            assert!(text.parse::<Frames>().unwrap_err().contains("1-120"), "{text}");
        }
    }
}
