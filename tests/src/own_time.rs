//! Time on a processor, for benchmarks: what something takes where nothing else runs.

use std::time::Duration;

/// How long this thread has been on a processor; none where the system does not tell, which only Linux does.
pub fn own_time() -> Option<Duration> {
    // The figure is brought up to date when the thread gives way.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
