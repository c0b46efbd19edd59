//! A picture that is in memory while somebody looks at it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use image::RgbImage;

/// The place for a picture, and when it was looked at last.
pub struct Near {
    bytes: usize,
    picture: Mutex<Option<Arc<RgbImage>>>,
    /// It was asked for since the last [`Self::used`].
    asked: AtomicBool,
    /// It is being read, or cannot be.
    fetched: AtomicBool,
    last: AtomicU64,
}

impl Near {
    /// A place for a picture of so many bytes, which nobody has asked for yet.
    pub fn new(bytes: usize) -> Self {
        Self {
            bytes,
            picture: Mutex::new(None),
            asked: AtomicBool::new(false),
            fetched: AtomicBool::new(false),
            last: AtomicU64::new(0),
        }
    }

    /// With its picture, which was just made and is looked at first.
    pub fn with(picture: Arc<RgbImage>) -> Self {
        let near = Self::new(picture.as_raw().len());
        near.asked.store(true, Ordering::Relaxed);
        *near.place() = Some(picture);
        near
    }

    /// The picture, if it is in memory. If not, it is asked for.
    pub fn get(&self) -> Option<Arc<RgbImage>> {
        self.asked.store(true, Ordering::Relaxed);
        self.place().clone()
    }

    pub fn put(&self, picture: Arc<RgbImage>) {
        *self.place() = Some(picture);
        self.fetched.store(false, Ordering::Relaxed);
    }

    /// Notes at `now` whether it was asked for since the last call.
    pub fn used(&self, now: u64) -> bool {
        let asked = self.asked.swap(false, Ordering::Relaxed);
        if asked {
            self.last.store(now, Ordering::Relaxed);
        }
        asked
    }

    /// Whether it has to be fetched, which is under way from then on.
    pub fn begin(&self) -> bool {
        self.place().is_none() && !self.fetched.swap(true, Ordering::Relaxed)
    }

    /// Of the picture, whether it is in memory or not.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// When it was looked at last, and its bytes, if it is in memory.
    pub fn held(&self) -> Option<(u64, usize)> {
        let is_here = self.place().is_some();
        is_here.then(|| (self.last.load(Ordering::Relaxed), self.bytes))
    }

    /// Leaves memory.
    pub fn leave(&self) {
        *self.place() = None;
    }

    pub(super) fn place(&self) -> MutexGuard<'_, Option<Arc<RgbImage>>> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
