//! From the start of the built program to its first frame on the screen: `cargo build --release --workspace && cargo bench --workspace --bench start` (Linux, with Xvfb).

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
    #[cfg(not(target_os = "linux"))]
    println!("this benchmark needs Xvfb, and so Linux");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::{Duration, Instant};

    use tests::screen::{Area, SIZE, Screen};

    /// Starts that count; one before them warms the disk up.
    const STARTS: usize = 9;
    /// Some pixels in the middle of the window.
    const MIDDLE: Area = [SIZE[0] / 2, SIZE[1] / 2, 16, 16];
    /// What the screen is asked for again after.
    const LOOK: Duration = Duration::from_millis(2);

    pub fn main() {
        let screen = Screen::new();
        start(&screen);
        let mut times: Vec<Duration> = (0..STARTS).map(|_| start(&screen)).collect();
        times.sort_unstable();
        let [least, median, most] = [0, STARTS / 2, STARTS - 1].map(|at| times[at].as_secs_f64() * 1000.0);
        println!("start to first frame, warm, the median of {STARTS}: {median:.0} ms ({least:.0} to {most:.0})");
    }

    /// Until the window shows something.
    fn start(screen: &Screen) -> Duration {
        let empty = screen.look(MIDDLE);
        let begun = Instant::now();
        let program = screen.start(&[]);
        while screen.look(MIDDLE) == empty {
            assert!(begun.elapsed() < Duration::from_secs(60), "no frame came");
            std::thread::sleep(LOOK);
        }
        let taken = begun.elapsed();
        drop(program);
        screen.until("the empty screen", |screen| (screen.look(MIDDLE) == empty).then_some(()));
        taken
    }
}
