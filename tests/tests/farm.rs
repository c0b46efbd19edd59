//! `shiage swap` and `shiage sequence` as a farm runs them: resumed, shared, killed, handed broken files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use image::RgbImage;
use tests::{program, said, shiage, workspace};

/// Small and few steps: these tests look at files and messages, not at beauty.
const QUICK: [&str; 6] = ["--steps", "2", "--reference-guidance", "1", "--size", "128x128"];

/// The first frames of the sample shot, and two of its references, in a folder of their own.
fn shot(frames: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = workspace().join("assets/samples/shot");
    for sub in ["frames", "references"] {
        std::fs::create_dir(folder.path().join(sub)).unwrap();
    }
    let copy = |name: String| {
        std::fs::copy(from.join(&name), folder.path().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    };
    for frame in 1..=frames {
        copy(format!("frames/{frame:04}.png"));
        copy(format!("frames/{frame:04}-mask.png"));
    }
    for reference in ["noon", "dusk"] {
        copy(format!("references/{reference}.png"));
        copy(format!("references/{reference}-mask.png"));
    }
    folder
}

fn sequence(folder: &Path, extra: &[&str]) -> Output {
    let fixed = [
        "sequence",
        "--sketches",
        "frames/*.png",
        "--reference",
        "references/noon.png",
        "--out",
        "out",
    ];
    shiage(folder, &[&fixed, extra, &QUICK].concat())
}

fn swap(folder: &Path, extra: &[&str]) -> Output {
    let fixed = ["swap", "--sketches", "frames", "--references", "references", "--out", "board"];
    shiage(folder, &[&fixed, extra, &QUICK].concat())
}

fn pixels(path: impl AsRef<Path>) -> RgbImage {
    let path = path.as_ref();
    image::open(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .to_rgb8()
}

/// Every file of a folder with its content, hidden ones too.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect()
}

/// How often an event of this kind stands in the JSON lines on stdout.
fn events(output: &Output, kind: &str) -> usize {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .inspect(|line| assert!(line.starts_with("{\"event\":\"") && line.ends_with('}'), "{line}"))
        .filter(|line| line.starts_with(&format!("{{\"event\":\"{kind}\"")))
        .count()
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

#[test]
fn a_board_is_what_single_runs_give_with_a_sheet_and_an_index() {
    let folder = shot(2);
    let output = swap(folder.path(), &["--seed", "5", "--noise", "row"]);
    succeeds(&output);
    let board = folder.path().join("board");
    let names: Vec<String> = files(&board).into_keys().collect();
    assert_eq!(
        names,
        [
            "0001--dusk.png",
            "0001--noon.png",
            "0002--dusk.png",
            "0002--noon.png",
            "index.json",
            "sheet.png"
        ]
    );
    // Row 2 has noise of its own.
    let single = shiage(
        folder.path(),
        &[
            &[
                "colorize",
                "--seed",
                "6",
                "--sketch",
                "frames/0002.png",
                "--sketch-mask",
                "frames/0002-mask.png",
            ],
            &[
                "--reference",
                "references/dusk.png",
                "--reference-mask",
                "references/dusk-mask.png",
                "--out",
                "single.png",
            ][..],
            &QUICK,
        ]
        .concat(),
    );
    succeeds(&single);
    assert!(pixels(board.join("0002--dusk.png")) == pixels(folder.path().join("single.png")));
    assert_eq!(pixels(board.join("sheet.png")).dimensions(), (3 * 264 + 8, 3 * 264 + 8));
    let index = std::fs::read_to_string(board.join("index.json")).unwrap();
    for word in [
        "\"file\": \"0002--noon.png\"",
        "\"seed\": 6",
        "frames/0001-mask.png",
        "sheet.png",
    ] {
        assert!(index.contains(word), "{word} is not in {index}");
    }
}

#[test]
fn a_changed_reference_makes_only_its_column_again() {
    let folder = shot(2);
    succeeds(&swap(folder.path(), &[]));
    let before = files(&folder.path().join("board"));
    let again = swap(folder.path(), &["--progress", "json"]);
    succeeds(&again);
    assert_eq!((events(&again, "skipped"), events(&again, "finished")), (4, 0));

    let noon = folder.path().join("references/noon.png");
    image::imageops::flip_horizontal(&pixels(&noon)).save(&noon).unwrap();
    let changed = swap(folder.path(), &["--progress", "json"]);
    succeeds(&changed);
    assert_eq!((events(&changed, "skipped"), events(&changed, "finished")), (2, 2));
    let after = files(&folder.path().join("board"));
    assert_eq!(before["0001--dusk.png"], after["0001--dusk.png"]);
    assert_ne!(before["0001--noon.png"], after["0001--noon.png"]);
    assert_ne!(before["sheet.png"], after["sheet.png"]);
}

#[test]
fn a_reference_with_a_background_is_a_pair() {
    let folder = shot(1);
    let references = folder.path().join("references");
    std::fs::remove_file(references.join("noon-mask.png")).unwrap();
    std::fs::copy(references.join("dusk.png"), references.join("noon-background.jpg")).unwrap();
    succeeds(&swap(folder.path(), &[]));
    let index = std::fs::read_to_string(folder.path().join("board/index.json")).unwrap();
    assert!(
        index.contains("noon-background.jpg") && index.matches("\"file\"").count() == 2,
        "{index}"
    );
}

#[test]
fn frames_resume_and_whatever_is_not_whole_is_made_again() {
    let folder = shot(4);
    let out = folder.path().join("out");
    succeeds(&sequence(folder.path(), &["--frames", "1-3"]));
    let first = files(&out);
    assert_eq!(first.keys().collect::<Vec<_>>(), ["0001.png", "0002.png", "0003.png"]);

    // Cut off by a full disk; overwritten by another picture; the drawing changed since.
    std::fs::write(out.join("0001.png"), &first["0001.png"][..first["0001.png"].len() / 2]).unwrap();
    RgbImage::new(384, 384).save(out.join("0002.png")).unwrap();
    let output = sequence(folder.path(), &["--frames", "1-4", "--progress", "json"]);
    succeeds(&output);
    assert_eq!((events(&output, "skipped"), events(&output, "finished")), (1, 3));
    let second = files(&out);
    for name in ["0001.png", "0002.png", "0003.png"] {
        assert!(first[name] == second[name], "{name} is what it was");
    }
    assert_eq!(second.len(), 4, "{:?}", second.keys());

    let drawing = folder.path().join("frames/0004.png");
    image::imageops::flip_horizontal(&pixels(&drawing)).save(&drawing).unwrap();
    let output = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&output);
    assert_eq!((events(&output, "skipped"), events(&output, "finished")), (3, 1));
    let output = sequence(folder.path(), &["--frames", "2", "--seed", "9", "--progress", "json"]);
    assert_eq!(events(&output, "finished"), 1, "another seed is another picture");
}

#[test]
fn progress_is_a_json_object_a_line() {
    let folder = shot(1);
    let output = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&output);
    for (kind, count) in [("begin", 1), ("started", 1), ("step", 2), ("finished", 1), ("end", 1)] {
        assert_eq!(events(&output, kind), count, "{kind}");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(r#"{"event":"progress","percent":50.0}"#), "{text}");
    assert!(text.contains(r#""task":"0001","file":"out/0001.png""#), "{text}");
}

#[test]
fn processes_share_a_folder_without_doing_a_frame_twice() {
    let folder = shot(8);
    let start = || {
        Command::new(program())
            .current_dir(folder.path())
            .args([
                "sequence",
                "--sketches",
                "frames",
                "--reference",
                "references/noon.png",
                "--out",
                "out",
            ])
            .args(["--wait", "--progress", "json", "--device", "cpu"])
            .args(QUICK)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let processes: Vec<_> = (0..3).map(|_| start()).collect();
    let outputs: Vec<Output> = processes
        .into_iter()
        .map(|process| process.wait_with_output().unwrap())
        .collect();
    outputs.iter().for_each(succeeds);
    let made: usize = outputs.iter().map(|output| events(output, "finished")).sum();
    assert_eq!(made, 8, "each frame once");
    let left = files(&folder.path().join("out"));
    assert_eq!(left.len(), 8, "no claim and no half file stays: {:?}", left.keys());
}

#[test]
fn a_process_that_was_killed_is_taken_over() {
    let folder = shot(2);
    let out = folder.path().join("out");
    let mut process = Command::new(program())
        .current_dir(folder.path())
        .args([
            "sequence",
            "--sketches",
            "frames",
            "--reference",
            "references/noon.png",
            "--out",
            "out",
        ])
        .args(["--steps", "100", "--device", "cpu"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let claim = out.join(".0001.png.claim.1");
    while !claim.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was claimed");
        std::thread::sleep(Duration::from_millis(5));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(claim.exists(), "its claim is still there");
    // A half-written file of its, too.
    std::fs::write(out.join(".0001.png.77-0.tmp"), b"half").unwrap();

    let patient = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&patient);
    assert!(events(&patient, "elsewhere") > 0, "it might be alive");
    let output = sequence(folder.path(), &["--wait", "--stale-after", "1", "--progress", "json"]);
    succeeds(&output);
    assert_eq!(events(&patient, "finished") + events(&output, "finished"), 2);
    assert_eq!(files(&out).len(), 2, "{:?}", files(&out).keys());
}

#[test]
fn one_broken_drawing_stops_no_other_and_is_named() {
    let folder = shot(3);
    let broken = folder.path().join("frames/0002.png");
    let whole = std::fs::read(&broken).unwrap();
    std::fs::write(&broken, &whole[..whole.len() / 2]).unwrap();
    let output = sequence(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("0002.png"), "{}", said(&output));
    let made = files(&folder.path().join("out"));
    assert_eq!(made.keys().collect::<Vec<_>>(), ["0001.png", "0003.png"]);
}

#[test]
fn mistakes_are_named_before_any_work() {
    let folder = shot(2);
    let path = folder.path();
    std::fs::write(path.join("notes"), "").unwrap();
    for (arguments, wanted) in [
        (vec!["--frames", "9-12"], "1 to 2"),
        (vec!["--frames", "2-1"], "1-120"),
        (vec!["--reference-mask", "nowhere.png"], "nowhere.png"),
        (vec!["--model", "nowhere.safetensors"], "nowhere.safetensors"),
        (vec!["--out", "notes"], "notes"),
        (vec!["--sketches", "nowhere/*.png"], "nowhere"),
    ] {
        let fixed = ["sequence", "--reference", "references/noon.png"];
        let mut all = [&fixed[..], &arguments].concat();
        for (option, value) in [("--sketches", "frames"), ("--out", "out")] {
            if !arguments.contains(&option) {
                all.extend([option, value]);
            }
        }
        let output = shiage(path, &all);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(
            said(&output).contains(wanted),
            "{arguments:?} should name {wanted}: {}",
            said(&output)
        );
        assert!(!said(&output).contains("panicked"), "{}", said(&output));
    }
    std::fs::remove_file(path.join("frames/0002-mask.png")).unwrap();
    let output = sequence(path, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("0002.png has no mask"), "{}", said(&output));
}

/// The folder of the built program goes to the front of PATH, as an installation would have it.
fn with_program(command: &mut Command) -> &mut Command {
    let folder: PathBuf = program().parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path))).unwrap();
    command.env("PATH", path)
}

#[test]
fn the_slurm_array_does_each_task_s_frames() {
    let folder = shot(5);
    let script = workspace().join("assets/farm/slurm.sh");
    let text = std::fs::read_to_string(&script).unwrap();
    assert!(text.lines().any(|line| line.starts_with("#SBATCH --array=")), "{text}");
    for (task, made) in [
        ("2", vec!["0003.png", "0004.png"]),
        ("3", vec!["0003.png", "0004.png", "0005.png"]),
    ] {
        let output = with_program(Command::new("bash").arg(&script).current_dir(folder.path()))
            .args(QUICK)
            .envs([("SLURM_ARRAY_TASK_ID", task), ("FRAMES_A_TASK", "2")])
            .envs([
                ("SKETCHES", "frames/*.png"),
                ("REFERENCE", "references/noon.png"),
                ("OUT", "out"),
            ])
            .env("DEVICE", "cpu")
            .output()
            .unwrap();
        succeeds(&output);
        assert_eq!(files(&folder.path().join("out")).into_keys().collect::<Vec<_>>(), made);
    }
}

#[test]
fn the_opencue_job_s_command_does_its_frames() {
    let folder = shot(3);
    let text = std::fs::read_to_string(workspace().join("assets/farm/opencue.xml")).unwrap();
    let inside = |tag: &str| {
        let (_, rest) = text
            .split_once(&format!("<{tag}>"))
            .unwrap_or_else(|| panic!("no {tag} in {text}"));
        rest.split_once('<').unwrap().0.trim().to_owned()
    };
    assert_eq!((inside("range"), inside("chunk")), ("1-120".to_owned(), "8".to_owned()));
    // What Cuebot puts in the token's place for a chunk that begins at frame 2.
    let command = inside("cmd").replace("#FRAMESPEC#", "2-9");
    assert!(!command.contains('#'), "{command}");
    let output = with_program(Command::new("bash").args(["-c", &format!("{command} --device cpu {}", QUICK.join(" "))]))
        .current_dir(folder.path())
        .envs([
            ("SKETCHES", "frames/*.png"),
            ("REFERENCE", "references/noon.png"),
            ("OUT", "out"),
        ])
        .output()
        .unwrap();
    succeeds(&output);
    assert_eq!(
        files(&folder.path().join("out")).into_keys().collect::<Vec<_>>(),
        ["0002.png", "0003.png"]
    );
}
