//! `shiage serve` and `--device remote:HOST:PORT`: two processes of the built program.
//!
//! Remote devices are a feature that the usual build and CI leave out: burn with them is another tree of dependencies, to be built from nothing a second
//! time. `bash tests/run.sh --features remote --test remote` runs these tests.
#![cfg(feature = "remote")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use engine::training::scenes::example;
use image::RgbImage;
use tests::{program, refused, said, workspace};

/// Far longer than anything here takes that does not hang.
const LIMIT: Duration = Duration::from_secs(240);

/// A server of the CPU on a port that the system chose; dropping it ends it at once.
struct Server {
    process: Child,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Server {
    /// On this port of the loopback, 0: any.
    fn on(port: u16, token: Option<&str>) -> Self {
        let mut command = with_token(token);
        command.args(["serve", "--device", "cpu", "--listen", &format!("127.0.0.1:{port}")]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        assert!(line.contains("not encrypted"), "{line}");
        let (_, rest) = line
            .split_once("--device remote:")
            .unwrap_or_else(|| panic!("no address: {line}"));
        let address = rest.split_whitespace().next().expect("an address").to_owned();
        Self { process, address }
    }

    fn device(&self) -> String {
        format!("remote:{}", self.address)
    }

    fn end(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What a test has ended itself is not there any more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program, with this token or none.
fn with_token(token: Option<&str>) -> Command {
    let mut command = Command::new(program());
    command
        .env_remove("SHIAGE_TOKEN")
        .envs(token.map(|token| ("SHIAGE_TOKEN", token)));
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    with_token(None)
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn colorize(folder: &Path, device: &str, out: &str, more: &[&str]) -> Output {
    let usual = ["colorize", "--sample", "--steps", "3", "--device", device, "--out", out];
    run(folder, &[&usual[..], more].concat())
}

/// Trains on the folder `pictures`, on the CPU.
fn training(folder: &Path, out: &str, more: &[&str]) -> Command {
    let usual = [
        "train", "--device", "cpu", "--data", "pictures", "--batch", "2", "--size", "64", "--out", out,
    ];
    let mut command = with_token(None);
    command.current_dir(folder).args(usual).args(more);
    command
}

fn pictures(folder: &Path) {
    let folder = folder.join("pictures");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..4 {
        example(7, number, 96)
            .color
            .save(folder.join(format!("{number}.png")))
            .unwrap();
    }
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until `done`, and fails the test where that never comes.
#[track_caller]
fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < LIMIT, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a process said and how it ended, once it has.
#[track_caller]
fn ended(mut process: Child) -> Output {
    wait("the program's end", || process.try_wait().expect("it can be asked").is_some());
    process.wait_with_output().expect("it has ended")
}

/// Ended as a failure of the work, in words that name the server.
#[track_caller]
fn broke_off(output: &Output, address: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("the device at {address} is gone")), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

fn open(folder: &Path, name: &str) -> RgbImage {
    image::open(folder.join(name)).unwrap().to_rgb8()
}

#[test]
fn a_picture_is_the_same_from_a_server_and_a_second_client_finds_it_alive() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::on(0, None);
    let more = ["--batch", "2"];
    succeeded(&colorize(folder.path(), "cpu", "here.png", &more));
    succeeded(&colorize(folder.path(), &server.device(), "there.png", &more));
    for number in 1..=2 {
        let [here, there] = ["here", "there"].map(|name| open(folder.path(), &format!("{name}-{number}.png")));
        let apart = here.iter().zip(there.iter()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(apart <= Some(2), "picture {number} is {apart:?} of 255 apart");
    }
    // What a client leaves behind troubles nobody.
    succeeded(&colorize(folder.path(), &server.device(), "again.png", &[]));
    assert_eq!(open(folder.path(), "again.png"), open(folder.path(), "there-1.png"));
}

#[test]
fn a_helper_elsewhere_does_what_one_here_does() {
    let folder = tempfile::tempdir().unwrap();
    pictures(folder.path());
    let server = Server::on(0, None);
    // The loss of the second step is that of weights which the helper's gradients have moved.
    let losses = |out: &str, helper: &str| {
        let told = succeeded(
            &training(folder.path(), out, &["--steps", "2", "--helper", helper])
                .output()
                .unwrap(),
        );
        let measured = told
            .lines()
            .filter_map(|line| line.split_once("loss ")?.1.split(' ').next()?.parse::<f64>().ok());
        (
            told.contains(&format!("{} helps", helper.replace("remote:", "").replace("cpu", "CPU"))),
            measured.collect::<Vec<_>>(),
        )
    };
    let (here, there) = (losses("here", "cpu"), losses("there", &server.device()));
    assert!(here.0 && there.0, "the helper is told");
    assert!(here.1.len() >= 2 && here.1.len() == there.1.len(), "{here:?} {there:?}");
    for (a, b) in here.1.iter().zip(&there.1) {
        assert!((a - b).abs() <= 2e-3 * a.abs().max(0.1), "{here:?} {there:?}");
    }
}

#[test]
fn a_helper_that_goes_away_ends_the_run_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    pictures(folder.path());
    let mut server = Server::on(0, None);
    let helper = server.device();
    let more = [
        "--steps",
        "4000",
        "--checkpoint-every",
        "2",
        "--sheet-every",
        "4000",
        "--helper",
        &helper,
    ];
    let begin = || {
        training(folder.path(), "run", &more)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let process = begin();
    let checkpoint = || {
        let found = std::fs::read_dir(folder.path().join("run")).into_iter().flatten().flatten();
        found
            .filter_map(|entry| entry.file_name().into_string().ok())
            .find(|name| name.starts_with("checkpoint-") && !name.ends_with(".partial"))
    };
    wait("a checkpoint", || checkpoint().is_some());
    server.end();
    let output = ended(process);
    broke_off(&output, &server.address);
    assert!(
        said(&output).contains("goes on from the last checkpoint"),
        "{}",
        said(&output)
    );
    let kept = checkpoint().expect("the last checkpoint stands");

    // With a new server in the old one's place. The numbers in the names have as many digits, so names are in the order of the steps.
    let port = server.address.rsplit_once(':').unwrap().1.parse().unwrap();
    let _server = Server::on(port, None);
    let mut process = begin();
    wait("a later checkpoint", || checkpoint().is_some_and(|name| name > kept));
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn a_server_that_goes_away_ends_a_picture_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::on(0, None);
    let usual = [
        "colorize",
        "--sample",
        "--steps",
        "100",
        "--size",
        "512x512",
        "--previews",
        "previews",
        "--device",
    ];
    let mut command = with_token(None);
    command.current_dir(folder.path()).args(usual).arg(server.device());
    let process = command.stderr(Stdio::piped()).spawn().unwrap();
    wait("a preview", || {
        std::fs::read_dir(folder.path().join("previews")).is_ok_and(|mut found| found.next().is_some())
    });
    server.end();
    broke_off(&ended(process), &server.address);
}

#[test]
fn a_batch_ends_with_its_device_and_does_not_try_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::on(0, None);
    let shot = workspace().join("assets/samples/shot");
    let [frames, reference] =
        ["frames", "references/noon.png"].map(|path| shot.join(path).into_os_string().into_string().unwrap());
    let mut command = with_token(None);
    command.current_dir(folder.path()).args(["sequence", "--sketches", &frames]);
    command.args([
        "--reference",
        &reference,
        "--steps",
        "100",
        "--size",
        "512x512",
        "--out",
        "out",
    ]);
    command.args(["--progress", "json", "--device", &server.device()]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap())
        .lines()
        .map(|line| line.expect("a line"));
    assert!(lines.any(|line| line.contains("\"step\"")), "the first picture is begun");
    server.end();
    let rest: Vec<String> = lines.collect();
    broke_off(&ended(process), &server.address);
    assert_eq!(rest.iter().filter(|line| line.contains("\"failed\",")).count(), 1, "{rest:?}");
    assert!(
        rest.iter()
            .any(|line| line.contains("\"end\"") && line.contains("\"untried\":7")),
        "{rest:?}"
    );
}

#[test]
fn who_is_not_there_or_does_not_know_the_token_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::on(0, Some("a word"));
    let device = server.device();
    let arguments = ["colorize", "--sample", "--device", &device];
    refused(&run(folder.path(), &arguments), &arguments, "set SHIAGE_TOKEN");
    let with = |token: &str| {
        let usual = ["--steps", "1", "--out", "out.png"];
        let mut command = with_token(Some(token));
        command
            .current_dir(folder.path())
            .args(arguments)
            .args(usual)
            .output()
            .unwrap()
    };
    refused(&with("another"), &arguments, "set SHIAGE_TOKEN");
    succeeded(&with("a word"));
    server.end();
    // The system's own word: burn itself would have tried for a quarter of a minute before it gave one.
    refused(
        &run(folder.path(), &arguments),
        &arguments,
        &format!("nothing serves a device at {} (Connection refused", server.address),
    );

    // Open to other machines, without a token; and a port that is taken. A device that is not there is asked for last.
    let arguments = ["serve", "--device", "gpu:99", "--listen", "0.0.0.0:0"];
    refused(&run(folder.path(), &arguments), &arguments, "set SHIAGE_TOKEN");
    let server = Server::on(0, None);
    let arguments = ["serve", "--device", "gpu:99", "--listen", &server.address];
    refused(
        &run(folder.path(), &arguments),
        &arguments,
        &format!("cannot serve on {}", server.address),
    );
}
