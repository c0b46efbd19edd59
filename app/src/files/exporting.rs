//! The making of many pictures, on a thread of its own: it tells how far it is, and can be broken off.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{Task, Waker};

/// Nobody wants the rest.
#[derive(Clone, Copy, Debug)]
pub struct Cancelled;

/// How far an export is, and the wish to break it off.
#[derive(Debug, Default)]
pub struct Meter {
    done: AtomicUsize,
    cancelled: AtomicBool,
}

impl Meter {
    /// One more picture is done; an error where nobody wants the rest.
    pub fn step(&self) -> Result<(), Cancelled> {
        self.done.fetch_add(1, Ordering::Relaxed);
        match self.cancelled.load(Ordering::Relaxed) {
            true => Err(Cancelled),
            false => Ok(()),
        }
    }

    /// From the next [`Self::step`] on nobody wants the rest.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// An export under way.
pub struct Exporting<T, E> {
    meter: Arc<Meter>,
    of: usize,
    task: Task<Result<T, E>>,
}

impl<T: Send + 'static, E: Send + 'static> Exporting<T, E> {
    /// Makes `of` pictures by `make`, which tells the meter of each. If it panics, `failed` makes the error of the sentence that says so.
    pub fn start(
        of: usize,
        waker: Waker,
        make: impl FnOnce(&Meter) -> Result<T, E> + Send + 'static,
        failed: impl FnOnce(String) -> E + Send + 'static,
    ) -> io::Result<Self> {
        let meter = Arc::new(Meter::default());
        let seen = meter.clone();
        let task = Task::start("shiage export", waker, move || make(&seen), move |words| Err(failed(words)))?;
        Ok(Self { meter, of, task })
    }

    /// Pictures that are done, and all of them.
    pub fn progress(&self) -> [usize; 2] {
        [self.meter.done.load(Ordering::Relaxed).min(self.of), self.of]
    }

    pub fn cancel(&self) {
        self.meter.cancel();
    }

    /// What was made, or why nothing was; nothing while it goes on.
    pub fn outcome(&self) -> Option<Result<T, E>> {
        self.task.answer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn wait<T: Send + 'static>(exporting: &Exporting<T, String>) -> Result<T, String> {
        let start = Instant::now();
        loop {
            if let Some(outcome) = exporting.outcome() {
                return outcome;
            }
            assert!(start.elapsed() < crate::PATIENCE);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn what_is_made_is_counted_and_a_panic_is_answered_for() {
        let waker = || -> Waker { Arc::new(|| {}) };
        let make = |meter: &Meter| -> Result<u8, String> {
            meter.step().map_err(|_| "cancelled".to_owned())?;
            Ok(7)
        };
        let exporting = Exporting::start(1, waker(), make, |words| words).unwrap();
        assert_eq!((wait(&exporting), exporting.progress()), (Ok(7), [1, 1]));
        let broken = Exporting::<(), _>::start(1, waker(), |_| panic!("out of luck"), |words| words).unwrap();
        assert!(wait(&broken).unwrap_err().contains("(out of luck)"));
        let meter = Meter::default();
        assert!(meter.step().is_ok());
        meter.cancel();
        assert!(meter.step().is_err());
    }
}
