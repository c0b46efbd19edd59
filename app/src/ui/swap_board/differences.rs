//! Differences between takes, kept while they are looked at.

use std::collections::HashMap;
use std::sync::Arc;

use egui::Context;
use image::RgbImage;

use crate::board::card::SHOWN;
use crate::board::difference::difference;
use crate::files::Task;

/// Bytes of differences that are kept: over three hundred frames of a cell's size.
const ROOM: usize = 256 << 20;

pub type Pair = [Arc<RgbImage>; 2];

/// Differences that were made, by the addresses of the two pictures, which are held for that.
#[derive(Default)]
pub struct Differences {
    gain: f32,
    /// None of those that could not be made.
    known: HashMap<[usize; 2], (Pair, Option<Arc<RgbImage>>)>,
    bytes: usize,
    /// One of large pictures is being made, with its gain.
    under_way: Option<(Pair, f32, Task<Option<RgbImage>>)>,
}

impl Differences {
    /// None while it is being made away from the window, which is woken then: pictures larger than a cell's take longer than a frame. Nor where it could
    /// not be made, which the log tells.
    pub fn of(&mut self, context: &Context, pair: Pair, gain: f32) -> Option<Arc<RgbImage>> {
        if self.gain != gain || self.bytes > ROOM {
            self.known.clear();
            (self.gain, self.bytes) = (gain, 0);
        }
        self.receive();
        if let Some((_, made)) = self.known.get(&key(&pair)) {
            return made.clone();
        }
        if pair.iter().all(|picture| picture.width().max(picture.height()) <= SHOWN) {
            let made = difference(&pair[0], &pair[1], gain);
            return self.keep(pair, Some(made));
        }
        if self.under_way.is_none() {
            self.begin(context.clone(), pair, gain);
        }
        None
    }

    fn receive(&mut self) {
        let made = self.under_way.as_ref().and_then(|(.., task)| task.answer());
        if let Some(made) = made
            && let Some((pair, gain, _)) = self.under_way.take()
            && gain == self.gain
        {
            self.keep(pair, made);
        }
    }

    fn begin(&mut self, context: Context, pair: Pair, gain: f32) {
        let [one, two] = pair.clone();
        let make = move || Some(difference(&one, &two, gain));
        let failed = |words| {
            tracing::error!("a difference cannot be made: {words}");
            None
        };
        match Task::start("shiage difference", Arc::new(move || context.request_repaint()), make, failed) {
            Ok(task) => self.under_way = Some((pair, gain, task)),
            Err(error) => {
                tracing::error!("a difference cannot be made: {error}");
                self.keep(pair, None);
            }
        }
    }

    fn keep(&mut self, pair: Pair, made: Option<RgbImage>) -> Option<Arc<RgbImage>> {
        let made = made.map(Arc::new);
        self.bytes += made.as_ref().map_or(0, |made| made.as_raw().len());
        self.known.insert(key(&pair), (pair, made.clone()));
        made
    }
}

fn key(pair: &Pair) -> [usize; 2] {
    [0, 1].map(|at| Arc::as_ptr(&pair[at]) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use std::time::{Duration, Instant};

    fn pair(side: u32) -> Pair {
        [10, 30].map(|value| Arc::new(RgbImage::from_pixel(side, 2, Rgb([value; 3]))))
    }

    #[test]
    fn large_pictures_are_subtracted_away_from_the_window() {
        let (mut differences, context) = (Differences::default(), Context::default());
        let small = differences.of(&context, pair(SHOWN), 2.0).expect("at once");
        assert_eq!(small.get_pixel(0, 0).0, [40; 3]);
        let large = pair(SHOWN + 1);
        assert!(differences.of(&context, large.clone(), 2.0).is_none());
        let begun = Instant::now();
        let made = loop {
            if let Some(made) = differences.of(&context, large.clone(), 2.0) {
                break made;
            }
            assert!(begun.elapsed() < crate::PATIENCE);
            std::thread::sleep(Duration::from_millis(1));
        };
        assert_eq!((made.width(), made.get_pixel(SHOWN, 1).0), (SHOWN + 1, [40; 3]));
        assert!(
            Arc::ptr_eq(&made, &differences.of(&context, large, 2.0).unwrap()),
            "it is kept"
        );
    }
}
