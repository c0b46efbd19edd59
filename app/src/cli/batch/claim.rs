//! Claims on outputs, so that several processes, on several machines, share one folder without doing a picture twice.
//!
//! A claim on `0012.png` is the file `.0012.png.claim.1` beside it. Making a file that must not exist yet is atomic on every file system, so of
//! several processes one gets it. Its holder rewrites it now and then; one that stays untouched for long belongs to a process that died, and
//! whoever makes `.claim.2` takes over: the highest number counts, and nobody deletes a claim that another may have just made. Times are those
//! of the file server, which a file written for the purpose tells: clocks of machines differ. A process that died on this very system is known at once.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use engine::machine;
use picture::hidden_name;

use crate::cli::outputs::folder_of;

/// Makes claims and keeps them fresh.
pub struct Claims {
    stale_after: Duration,
    /// What a claim says of its holder: machine, process and, where that is known, the [`system`] and when the process [began](begun).
    holder: String,
    system: Option<String>,
    held: Arc<Held>,
    heartbeat: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Held {
    state: Mutex<State>,
    closing: Condvar,
}

#[derive(Default)]
struct State {
    claims: Vec<PathBuf>,
    closed: bool,
}

/// What came of wanting an output.
pub enum Attempt {
    Ours(Claim),
    /// Another process is at it.
    Taken {
        by: String,
    },
}

/// The right to make one output, until it is dropped.
pub struct Claim {
    output: PathBuf,
    number: u32,
    held: Arc<Held>,
}

impl Claims {
    /// A claim that nobody has touched for `stale_after` is taken over.
    pub fn new(stale_after: Duration) -> io::Result<Self> {
        let held = Arc::new(Held::default());
        let system = system();
        let process = std::process::id();
        let begun = system.as_ref().and_then(|_| begun(process).ok().flatten());
        let known = [Some(name()), Some(process.to_string()), system.clone(), begun];
        let holder = known.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (text, shared) = (holder.clone(), held.clone());
        let heartbeat = std::thread::Builder::new()
            .name("shiage claims".to_owned())
            .spawn(move || shared.keep_fresh(stale_after / 4, &text))?;
        Ok(Self {
            stale_after,
            holder,
            system,
            held,
            heartbeat: Some(heartbeat),
        })
    }

    /// Claims `output` unless another process holds it. Whoever gets it must look whether the output has been made meanwhile.
    pub fn attempt(&self, output: &Path) -> io::Result<Attempt> {
        let latest = latest(output)?;
        if let Some(number) = latest {
            let path = claim_path(output, number);
            match age(&path) {
                Ok(age) if age <= self.stale_after => {
                    let text = fs::read_to_string(&path).unwrap_or_default();
                    if !self.is_dead(&text) {
                        return Ok(Attempt::Taken { by: name_in(&text) });
                    }
                }
                Ok(_) => {}
                // Released in this moment.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let number = latest.unwrap_or(0) + 1;
        let path = claim_path(output, number);
        match File::options().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(self.holder.as_bytes()).inspect_err(|_| {
                    // On a full disk: an empty claim would keep others, and the next run, from this output.
                    let _ = fs::remove_file(&path);
                })?;
                self.held.lock().claims.push(path);
                Ok(Attempt::Ours(Claim {
                    output: output.to_owned(),
                    number,
                    held: self.held.clone(),
                }))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Attempt::Taken {
                by: name_in(&fs::read_to_string(&path).unwrap_or_default()),
            }),
            Err(error) => Err(error),
        }
    }

    /// Whether a claim is that of a process of this system that is gone, whatever its time. Another may have its number.
    fn is_dead(&self, claim: &str) -> bool {
        let mut words = claim.split_whitespace().skip(1);
        let process = words.next().and_then(|process| process.parse::<u32>().ok());
        let is_here = self.system.is_some() && words.next() == self.system.as_deref();
        let Some(process) = process.filter(|_| is_here) else {
            return false;
        };
        match (begun(process), words.next()) {
            (Ok(Some(begun)), Some(claimed)) => begun != claimed,
            (Ok(_), _) => false,
            (Err(error), _) => error.kind() == ErrorKind::NotFound,
        }
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        self.held.lock().closed = true;
        self.held.closing.notify_all();
        if let Some(thread) = self.heartbeat.take() {
            // It cannot panic while it holds anything that matters.
            let _ = thread.join();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let own = claim_path(&self.output, self.number);
        self.held.lock().claims.retain(|path| *path != own);
        // From the lowest on: while any is left, the highest says how things stand.
        for number in 1..=self.number {
            // What another has removed is gone, and that is all that is wanted.
            let _ = fs::remove_file(claim_path(&self.output, number));
        }
    }
}

impl Held {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_fresh(&self, every: Duration, text: &str) {
        let mut state = self.lock();
        while !state.closed {
            for claim in &state.claims {
                // Written anew rather than given a time: the file server's clock is the one that counts. Not created: a claim that is gone stays gone.
                let fresh = File::options()
                    .write(true)
                    .open(claim)
                    .and_then(|mut file| file.write_all(text.as_bytes()));
                if let Err(error) = fresh {
                    tracing::warn!("cannot keep the claim {} fresh: {error}", claim.display());
                }
            }
            state = self
                .closing
                .wait_timeout(state, every)
                .map_or_else(|error| error.into_inner().0, |(state, _)| state);
        }
    }
}

fn claim_path(output: &Path, number: u32) -> PathBuf {
    output.with_file_name(hidden_name(output, &format!("claim.{number}")))
}

/// The number of the claim that counts.
fn latest(output: &Path) -> io::Result<Option<u32>> {
    // Most outputs have none or one: looking for those costs less than reading a folder of thousands.
    let mut latest = None;
    if claim_path(output, 1).try_exists()? {
        latest = Some(1);
    }
    let prefix = hidden_name(output, "claim.");
    let is_stale_chain = match latest {
        Some(_) => true,
        // A release under way removes the lowest first.
        None => claim_path(output, 2).try_exists()?,
    };
    if is_stale_chain {
        for entry in fs::read_dir(folder_of(output))? {
            let name = entry?.file_name();
            let number = name
                .to_string_lossy()
                .strip_prefix(&prefix)
                .and_then(|number| number.parse().ok());
            latest = latest.max(number);
        }
    }
    Ok(latest)
}

/// How long ago a file was written, by the clock of the file system that it lies on.
fn age(path: &Path) -> io::Result<Duration> {
    let written = fs::metadata(path)?.modified()?;
    let now = server_time(folder_of(path))?;
    Ok(now.duration_since(written).unwrap_or_default())
}

/// What time it is by the clock of the file system that a folder lies on.
pub fn server_time(folder: &Path) -> io::Result<SystemTime> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        ".shiage-clock-{}-{}-{}",
        name(),
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = folder.join(name);
    let time = File::create(&path)
        .and_then(|mut file| file.write_all(b"now"))
        .and_then(|()| fs::metadata(&path)?.modified());
    // A leftover is only untidy.
    let _ = fs::remove_file(&path);
    time
}

/// Machine and process, as a claim names them.
fn name_in(claim: &str) -> String {
    let name: Vec<&str> = claim.split_whitespace().take(2).collect();
    name.join(" ")
}

/// Within what a process can be seen by its number: a start of Linux, a space of its numbers, a user. The machine's name does not tell: containers
/// share it, and what starts jobs on a farm may hand its own on. None on other systems, and where `/proc` shows another space than the process is in.
#[cfg(target_os = "linux")]
fn system() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let shown = fs::read_link("/proc/self").ok()?;
    if shown.as_os_str() != std::process::id().to_string().as_str() {
        return None;
    }
    let start = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    let user = fs::metadata("/proc/self").ok()?.uid();
    Some(format!("{}/{}/{user}", start.trim(), space.display()))
}

#[cfg(not(target_os = "linux"))]
fn system() -> Option<String> {
    None
}

/// When a process of this [`system`] began, in ticks since the system did: the 22nd word of what Linux tells, of which the second, the program's name in
/// brackets, may hold anything. None where it tells something else.
fn begun(process: u32) -> io::Result<Option<String>> {
    let told = fs::read(format!("/proc/{process}/stat"))?;
    let told = String::from_utf8_lossy(&told);
    let after_name = told.rsplit_once(')').map_or("", |(_, rest)| rest);
    Ok(after_name.split_whitespace().nth(22 - 3).map(str::to_owned))
}

/// The machine's name, for people and for file names.
fn name() -> String {
    machine::name().unwrap_or_else(|| "unnamed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(attempt: Attempt) -> Option<Claim> {
        match attempt {
            Attempt::Ours(claim) => Some(claim),
            Attempt::Taken { .. } => None,
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn one_of_many_gets_it_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("0012.png");
        let start = std::sync::Barrier::new(8);
        let got: Vec<Option<Claim>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let claims = Claims::new(Duration::from_secs(60)).unwrap();
                        start.wait();
                        ours(claims.attempt(&output).unwrap())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(got.iter().flatten().count(), 1);
        assert_eq!(names(folder.path()), [".0012.png.claim.1"]);
        drop(got);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_long_name_is_claimed_like_any_other() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("線".repeat(83) + "ab.png");
        let claims = Claims::new(Duration::from_secs(60)).unwrap();
        let claim = ours(claims.attempt(&output).unwrap());
        assert!(claim.is_some() && matches!(claims.attempt(&output).unwrap(), Attempt::Taken { .. }));
        drop(claim);
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_died_here_is_known_at_once_and_one_elsewhere_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.png");
        let claims = Claims::new(Duration::from_secs(60)).unwrap();
        let system = claims.system.clone().unwrap();
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let (gone, living) = (ended.id(), std::process::id());
        let taken = |text: String| {
            fs::write(claim_path(&output, 1), text).unwrap();
            match claims.attempt(&output).unwrap() {
                Attempt::Ours(_) => None,
                Attempt::Taken { by } => Some(by),
            }
        };
        let begun = begun(living).unwrap().unwrap();
        assert_eq!(claims.holder, format!("{} {living} {system} {begun}", name()));
        assert_eq!(taken(format!("m {living} {system} {begun}")), Some(format!("m {living}")));
        assert_eq!(taken(format!("m {living} {system} 1")), None, "its number is used again");
        assert_eq!(taken(format!("m {living} {system}")), Some(format!("m {living}")));
        assert_eq!(taken(format!("m {gone} another")), Some(format!("m {gone}")));
        assert_eq!(taken(format!("m {gone}")), Some(format!("m {gone}")), "of another version");
        assert_eq!(taken(String::new()), Some(String::new()), "it is about to be written");
        assert_eq!(taken(format!("m {gone} {system}")), None);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_living_claim_stays_and_a_dead_one_is_taken_over_once() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.png");
        // Who gives signs of life often, and who waits long for one: a loaded machine may keep a thread from its turn for a second.
        let lively = Claims::new(Duration::from_millis(400)).unwrap();
        let patience = Duration::from_secs(3);
        let patient = Claims::new(patience).unwrap();
        let claim = ours(lively.attempt(&output).unwrap()).unwrap();
        std::thread::sleep(patience + patience / 2);
        assert!(
            matches!(patient.attempt(&output).unwrap(), Attempt::Taken { by } if by.contains(&std::process::id().to_string()))
        );
        drop(claim);

        // A process that died: its claim lies there and nobody refreshes it.
        fs::write(claim_path(&output, 1), "gone 1").unwrap();
        assert!(matches!(patient.attempt(&output).unwrap(), Attempt::Taken { .. }));
        std::thread::sleep(Duration::from_millis(500));
        let taken = ours(lively.attempt(&output).unwrap()).unwrap();
        assert!(matches!(patient.attempt(&output).unwrap(), Attempt::Taken { .. }));
        drop(taken);
        assert!(names(folder.path()).is_empty());
    }
}
