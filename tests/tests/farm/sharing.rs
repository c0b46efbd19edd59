//! The frames of a shot shared out: to processes in one folder, to a Slurm array, to an OpenCue job.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tests::{program, workspace};

use super::{QUICK, command, events, files, sequence, shot, succeeds, swap};

#[test]
fn processes_share_a_folder_without_doing_a_frame_twice() {
    let folder = shot(8);
    let start = || {
        command(folder.path(), &["--wait", "--progress", "json"])
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
fn where_all_is_made_again_what_another_process_has_made_since_is_not() {
    let folder = shot(2);
    succeeds(&sequence(folder.path(), &[]));
    let frame = folder.path().join("out/0001.png");
    // Another process is at the first frame.
    let claim = frame.with_file_name(".0001.png.claim.1");
    std::fs::write(&claim, "node07 4711").unwrap();
    let mut process = command(folder.path(), &["--redo", "--wait", "--progress", "json"])
        .args(QUICK)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
    assert!(
        said.any(|line| line.unwrap().contains("\"elsewhere\"")),
        "the frame is left to it"
    );
    // It is done with it.
    let made = folder.path().join("made.png");
    std::fs::write(&made, std::fs::read(&frame).unwrap()).unwrap();
    std::fs::rename(&made, &frame).unwrap();
    std::fs::remove_file(&claim).unwrap();
    let rest: Vec<String> = said.map(Result::unwrap).collect();
    let count = |kind: &str| {
        let start = format!("{{\"event\":\"{kind}\"");
        rest.iter().filter(|line| line.starts_with(&start)).count()
    };
    assert_eq!([count("finished"), count("skipped")], [1, 1]);
    assert!(process.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn the_last_of_several_processes_writes_the_sheet_without_waiting() {
    let folder = shot(2);
    succeeds(&swap(folder.path(), &[]));
    let (board, apart) = (folder.path().join("board"), folder.path().join("apart.png"));
    let cell = board.join("0001--dusk.png");
    std::fs::rename(&cell, &apart).unwrap();
    for name in [
        "0001--noon.png",
        "0002--dusk.png",
        "0002--noon.png",
        "sheet.png",
        "index.json",
    ] {
        std::fs::remove_file(board.join(name)).unwrap();
    }
    // Another process is at the first cell, and done with it before this one is done with the rest: at the last cell it finds a pipe, which it reads as long
    // as somebody may write.
    let claim = board.join(".0001--dusk.png.claim.1");
    std::fs::write(&claim, "node07 4711").unwrap();
    let last = board.join("0002--noon.png");
    assert!(Command::new("mkfifo").arg(&last).status().unwrap().success());
    let pipe = std::fs::File::options().read(true).write(true).open(&last).unwrap();
    let mut process = Command::new(program())
        .current_dir(folder.path())
        .args(["swap", "--sketches", "frames", "--references", "references", "--out", "board"])
        .args(["--progress", "json", "--device", "cpu"])
        .args(QUICK)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
    assert!(
        said.any(|line| line.unwrap().contains("\"elsewhere\"")),
        "the cell is left alone"
    );
    std::fs::rename(&apart, &cell).unwrap();
    std::fs::remove_file(&claim).unwrap();
    std::fs::remove_file(&last).unwrap();
    drop(pipe);
    let rest = said
        .map(Result::unwrap)
        .filter(|line| line.starts_with("{\"event\":\"finished\""));
    assert_eq!(rest.count(), 3);
    assert!(process.wait().unwrap().success());
    for name in ["sheet.png", "index.json"] {
        assert!(board.join(name).exists(), "{name}");
    }
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
    // This is a retry: the claim of what was killed a moment ago still looks alive.
    std::fs::create_dir(folder.path().join("out")).unwrap();
    std::fs::write(folder.path().join("out/.0002.png.claim.1"), "node07 4711").unwrap();
    let options = format!("--device cpu --stale-after 1 {}", QUICK.join(" "));
    let output = with_program(Command::new("bash").args(["-c", &format!("{command} {options}")]))
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
