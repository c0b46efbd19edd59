//! Reading, writing and asking for files, away from the thread that draws.

mod exporting;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use engine::panic::panic_words;

pub use exporting::{Cancelled, Exporting, Meter};

/// Wakes the window when an answer is there.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

type Job<T> = Box<dyn FnOnce() -> Option<T> + Send>;

/// One named thread that works through jobs in order; what they return is collected by [`Files::answers`].
pub struct Files<T> {
    jobs: Sender<Job<T>>,
    answers: Receiver<T>,
    asked: Sender<T>,
    waker: Waker,
    failed: fn(String) -> T,
}

impl<T: Send + 'static> Files<T> {
    /// `name` is what the system calls the thread. `failed` makes an answer of the sentence that says that a job panicked.
    pub fn new(name: &str, waker: Waker, failed: fn(String) -> T) -> std::io::Result<Self> {
        let (jobs, todo) = channel::<Job<T>>();
        let (asked, answers) = channel();
        let (sender, wake) = (asked.clone(), waker.clone());
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            for job in todo {
                if let Some(answer) = job() {
                    // The window is gone: so is whoever wanted to know.
                    let _ = sender.send(answer);
                    wake();
                }
            }
        })?;
        Ok(Self {
            jobs,
            answers,
            asked,
            waker,
            failed,
        })
    }

    /// Waits until all is done that was to be, but no longer than `most`; what came of it. Without this call the thread is cut off where the program ends.
    pub fn finish(&self, most: Duration) -> Vec<T> {
        let (last, done) = channel();
        self.run(move || {
            let _ = last.send(());
            None
        });
        if done.recv_timeout(most) == Err(RecvTimeoutError::Timeout) {
            tracing::error!("files were still to be written when the program ended: their disk does not answer");
        }
        self.answers.try_iter().collect()
    }

    /// Runs `job` after those before it.
    pub fn run(&self, job: impl FnOnce() -> Option<T> + Send + 'static) {
        self.run_or(job, self.failed);
    }

    /// Runs `job` after those before it; if it panics, what `failed` makes of the sentence that says so is the answer.
    pub fn run_or(&self, job: impl FnOnce() -> Option<T> + Send + 'static, failed: impl FnOnce(String) -> T + Send + 'static) {
        let job = move || caught(job).unwrap_or_else(|words| Some(failed(words)));
        // The thread lasts as long as this does.
        let _ = self.jobs.send(Box::new(job));
    }

    /// Asks for a path in a window of the system, which may stay open for long, so on a thread of its own.
    pub fn ask(&self, ask: Ask, answer: impl FnOnce(Reply) -> T + Send + 'static) {
        let (sender, wake) = (self.asked.clone(), self.waker.clone());
        let begun = Instant::now();
        // Made here, on the window's thread, as macOS wants it; waited for there.
        let dialog = ask.dialog();
        let waiting = thread::Builder::new().name("shiage dialog".to_owned()).spawn(move || {
            let offered = offers_dialogs(|name| std::env::var_os(name));
            let reply = match offered.then(|| block_on(dialog)).flatten() {
                Some(paths) => Reply::Paths(paths),
                None if !offered || begun.elapsed() < AT_ONCE => Reply::NoDialog,
                None => Reply::Cancelled,
            };
            let _ = sender.send(answer(reply));
            wake();
        });
        if let Err(error) = waiting {
            let _ = self.asked.send((self.failed)(no_thread(&error)));
        }
    }

    /// What is done since the last call.
    pub fn answers(&self) -> impl Iterator<Item = T> {
        self.answers.try_iter()
    }
}

/// One job on a thread of its own, and what comes of it.
pub struct Task<T> {
    answer: Receiver<T>,
}

impl<T: Send + 'static> Task<T> {
    /// Begins `job`; if it panics, what `failed` makes of the sentence that says so is the answer. `name` is what the system calls the thread, `waker`
    /// wakes the window when the answer is there.
    pub fn start(
        name: &str,
        waker: Waker,
        job: impl FnOnce() -> T + Send + 'static,
        failed: impl FnOnce(String) -> T + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, answer) = channel();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            // The window may be gone: what was done is done.
            let _ = sender.send(caught(job).unwrap_or_else(failed));
            waker();
        })?;
        Ok(Self { answer })
    }

    /// What came of it, once; nothing while it goes on.
    pub fn answer(&self) -> Option<T> {
        self.answer.try_recv().ok()
    }
}

/// What `job` returns, or a sentence on its panic, which ends neither the thread nor what waits for the answer.
pub fn caught<T>(job: impl FnOnce() -> T) -> Result<T, String> {
    // Nothing of a job is looked at again after its panic: it owns what it works on, and shares locks that are taken over.
    catch_unwind(AssertUnwindSafe(job)).map_err(|panic| {
        let reason = panic_words(&*panic);
        format!("The program failed at this ({reason}). What is open is as it was. If it happens again, save under another name and start the program anew.")
    })
}

/// What a person reads where the system lends no thread, in sentences of their own: what was to be done there is not.
pub fn no_thread(error: &std::io::Error) -> String {
    format!("The system could not start another thread ({error}). Close other programs and try again.")
}

/// Whether the system has what shows dialogs, by its environment variables. On Linux that is the session's bus, where a portal may answer, or zenity, which
/// the library runs where none does.
fn offers_dialogs(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let can_run = |program: &str| {
        let folders = set("PATH").unwrap_or_default();
        std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
    };
    let has_bus = match set("DBUS_SESSION_BUS_ADDRESS") {
        Some(address) => address != "disabled:",
        // Where there is no bus yet, `dbus-launch` starts one for whoever asks.
        None => set("XDG_RUNTIME_DIR").is_some_and(|folder| Path::new(&folder).join("bus").exists()) || can_run("dbus-launch"),
    };
    has_bus || can_run("zenity")
}

/// Nobody closes a dialog this fast: it has never opened. The library does not tell the one from the other, and on a bus there need be no portal.
const AT_ONCE: Duration = Duration::from_millis(250);

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// At least one; only one unless several were asked for.
    Paths(Vec<PathBuf>),
    Cancelled,
    /// The system offers none: on Linux neither a desktop portal nor zenity.
    NoDialog,
}

/// What to ask a path for.
#[derive(Clone, Debug)]
pub struct Ask {
    pub title: &'static str,
    /// Name of the kind of file, and its endings; without endings a folder is asked for.
    pub kind: (&'static str, &'static [&'static str]),
    /// Whether more than one file may be chosen for reading.
    pub several: bool,
    /// Proposed name: the path is for writing. None: for reading.
    pub save_as: Option<String>,
    pub folder: Option<PathBuf>,
}

impl Ask {
    fn dialog(self) -> impl Future<Output = Option<Vec<PathBuf>>> + Send {
        let mut dialog = rfd::AsyncFileDialog::new().set_title(self.title);
        let is_folder = self.kind.1.is_empty();
        if !is_folder {
            dialog = dialog.add_filter(self.kind.0, self.kind.1);
        }
        if let Some(folder) = self.folder {
            dialog = dialog.set_directory(folder);
        }
        let (mut folder, mut open, mut several, mut save) = (None, None, None, None);
        match self.save_as {
            Some(name) => save = Some(dialog.set_file_name(name).save_file()),
            None if is_folder => folder = Some(dialog.pick_folder()),
            None if self.several => several = Some(dialog.pick_files()),
            None => open = Some(dialog.pick_file()),
        }
        async move {
            let files = match (folder, open, several, save) {
                (Some(folder), ..) => folder.await.map(|folder| vec![folder]),
                (_, Some(open), ..) => open.await.map(|file| vec![file]),
                (_, _, Some(several), _) => several.await,
                (.., Some(save)) => save.await.map(|file| vec![file]),
                _ => None,
            };
            files.map(|files| files.iter().map(|file| file.path().to_owned()).collect())
        }
    }
}

/// Waits for a future on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut task = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
        thread::park();
    }
}

/// Makes a folder, and those that it lies in, where they are not there yet; or says why that cannot be.
pub fn make_folder(path: &Path) -> Result<(), String> {
    let made = std::fs::create_dir_all(path);
    made.map_err(|error| format!("cannot make the folder {}: {error}", path.display()))
}

/// Whether a name has one of `endings`.
pub fn has_one_of(path: &Path, endings: &[&str]) -> bool {
    let given = path.extension().and_then(|ending| ending.to_str());
    given.is_some_and(|given| endings.iter().any(|ending| ending.eq_ignore_ascii_case(given)))
}

/// `path` with the first of `endings`, unless it has one of them.
pub fn with_one_of(path: PathBuf, endings: &[&str]) -> PathBuf {
    match has_one_of(&path, endings) {
        true => path,
        false => with_ending(path, endings[0]),
    }
}

/// `path` with `ending`, unless it has it.
pub fn with_ending(path: PathBuf, ending: &str) -> PathBuf {
    match path.extension().is_some_and(|given| given.eq_ignore_ascii_case(ending)) {
        true => path,
        false => {
            let mut name = path.into_os_string();
            name.push(format!(".{ending}"));
            name.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    #[test]
    fn jobs_run_in_order_and_each_answer_wakes_the_window() {
        let woken = Arc::new(AtomicU32::new(0));
        let count = woken.clone();
        let files = Files::new(
            "test",
            Arc::new(move || {
                count.fetch_add(1, Ordering::SeqCst);
            }),
            |words| panic!("{words}"),
        )
        .unwrap();
        files.run(|| Some(1));
        files.run(|| None);
        files.run(|| Some(3));
        let mut answers = Vec::new();
        while answers.len() < 2 {
            answers.extend(files.answers());
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(answers, [1, 3]);
    }

    #[test]
    fn what_was_to_be_done_is_done_in_the_end_but_nobody_waits_for_ever() {
        let files = || Files::new("test", Arc::new(|| {}), |words| panic!("{words}")).unwrap();
        let (quick, stuck) = (files(), files());
        for number in 0..3 {
            quick.run(move || {
                thread::sleep(Duration::from_millis(2));
                Some(number)
            });
        }
        assert_eq!(quick.finish(crate::PATIENCE), [0, 1, 2]);
        let (_gate, opens) = channel::<()>();
        stuck.run(move || opens.recv().ok().map(|()| 0));
        assert!(stuck.finish(Duration::from_millis(5)).is_empty());
    }

    #[test]
    fn a_job_that_panics_is_answered_for_and_the_next_one_runs() {
        let files = Files::new("test", Arc::new(|| {}), |words| words).unwrap();
        files.run(|| panic!("out of {}", "luck"));
        files.run_or(|| panic!("again"), |words| format!("Not saved. {words}"));
        files.run(|| Some("done".to_owned()));
        let mut answers = Vec::new();
        while answers.len() < 3 {
            answers.extend(files.answers());
            thread::sleep(Duration::from_millis(1));
        }
        assert!(answers[0].contains("(out of luck)"), "{answers:?}");
        assert!(
            answers[1].starts_with("Not saved. ") && answers[1].contains("(again)"),
            "{answers:?}"
        );
        assert_eq!(answers[2], "done");
    }

    #[test]
    fn a_task_is_answered_for_whether_it_panics_or_not() {
        let wait = |job: fn() -> String| {
            let (wake, woken) = channel();
            let task = Task::start("test", Arc::new(move || wake.send(()).unwrap()), job, |words| words).unwrap();
            woken.recv().unwrap();
            [task.answer(), task.answer()]
        };
        assert_eq!(wait(|| "done".to_owned()), [Some("done".to_owned()), None]);
        let [words, _] = wait(|| panic!("out of luck"));
        assert!(words.unwrap().contains("(out of luck)"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn dialogs_come_by_the_bus_or_by_zenity() {
        let folder = tempfile::tempdir().unwrap();
        let offers = |bus: Option<&str>| {
            offers_dialogs(|name| match name {
                "DBUS_SESSION_BUS_ADDRESS" => bus.map(OsString::from),
                // The programs and the runtime folder of this system.
                _ => Some(folder.path().into()),
            })
        };
        let asked = || [None, Some("disabled:"), Some("unix:path=/run/bus")].map(offers);
        assert_eq!(asked(), [false, false, true]);
        std::fs::write(folder.path().join("bus"), "").unwrap();
        assert_eq!(asked(), [true, false, true]);
        std::fs::write(folder.path().join("zenity"), "").unwrap();
        assert_eq!(asked(), [true; 3]);
    }

    #[test]
    fn a_future_is_waited_for() {
        let mut polls = 0;
        let future = std::future::poll_fn(|task| {
            polls += 1;
            task.waker().wake_by_ref();
            if polls == 3 {
                std::task::Poll::Ready(7)
            } else {
                std::task::Poll::Pending
            }
        });
        assert_eq!(block_on(future), 7);
    }

    #[test]
    fn a_name_without_its_ending_gets_it() {
        assert_eq!(with_ending("a/線画.v2".into(), "ora"), PathBuf::from("a/線画.v2.ora"));
        assert_eq!(with_ending("b.ORA".into(), "ora"), PathBuf::from("b.ORA"));
        let named = |name: &str| with_one_of(name.into(), &["gpl", "ase"]);
        assert_eq!([named("a"), named("b.ASE")], [PathBuf::from("a.gpl"), PathBuf::from("b.ASE")]);
    }
}
