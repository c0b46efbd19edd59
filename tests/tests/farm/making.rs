//! What a run makes, what it leaves alone, and what it says of it.

use image::RgbImage;
use tests::{said, shiage};

use super::{QUICK, events, files, pixels, sequence, shot, succeeds, swap};

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
    // Frame 2 has noise of its own, as on the window's board.
    let single = shiage(
        folder.path(),
        &[
            &[
                "colorize",
                "--seed",
                "7",
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
        "\"seed\": 7",
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
fn a_picture_of_another_size_than_is_wanted_now_is_not_whole() {
    let folder = shot(1);
    let run = |size: &[&str]| {
        let fixed = [
            "swap",
            "--sketches",
            "frames",
            "--references",
            "references/noon.png",
            "--out",
            "board",
        ];
        let quick = ["--steps", "1", "--reference-guidance", "1", "--progress", "json"];
        let output = shiage(folder.path(), &[&fixed[..], &quick, size].concat());
        succeeds(&output);
        events(&output, "skipped")
    };
    assert_eq!(run(&["--size", "128x128"]), 0);
    assert_eq!(run(&[]), 0, "the model's own size is wanted");
    assert_eq!(run(&[]), 1);
    assert_eq!(run(&["--size", "256x256"]), 1, "which is that of a square sketch");
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

    // Cut off by a full disk; painted over in a program that drops the recipe.
    std::fs::write(out.join("0001.png"), &first["0001.png"][..first["0001.png"].len() / 2]).unwrap();
    RgbImage::new(384, 384).save(out.join("0002.png")).unwrap();
    let painted = files(&out)["0002.png"].clone();
    let output = sequence(folder.path(), &["--frames", "1-4", "--progress", "json"]);
    succeeds(&output);
    for words in [
        "0002.png is no take of this program and was left alone; --redo replaces it",
        "2 made, 1 were whole, 1 were left alone",
    ] {
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    let counts = ["skipped", "left_alone", "finished", "failed"].map(|kind| events(&output, kind));
    assert_eq!(counts, [1, 1, 2, 0]);
    assert!(files(&out)["0002.png"] == painted, "it is what it was");
    succeeds(&sequence(folder.path(), &["--frames", "2", "--redo"]));
    let second = files(&out);
    for name in ["0001.png", "0002.png", "0003.png"] {
        assert!(first[name] == second[name], "{name} is what it was");
    }
    assert_eq!(second.len(), 4, "{:?}", second.keys());

    // A drawing has changed since.
    let drawing = folder.path().join("frames/0004.png");
    image::imageops::flip_horizontal(&pixels(&drawing)).save(&drawing).unwrap();
    let output = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&output);
    assert_eq!((events(&output, "skipped"), events(&output, "finished")), (3, 1));
    let output = sequence(folder.path(), &["--frames", "2", "--seed", "9", "--progress", "json"]);
    assert_eq!(events(&output, "finished"), 1, "another seed is another picture");
}

#[test]
fn a_retouched_cell_stays_and_is_on_the_sheet() {
    let folder = shot(1);
    let board = folder.path().join("board");
    std::fs::create_dir(&board).unwrap();
    let red = image::Rgb([255, 0, 0]);
    RgbImage::from_pixel(300, 200, red)
        .save(board.join("0001--noon.png"))
        .unwrap();
    let painted = files(&board)["0001--noon.png"].clone();
    let output = swap(folder.path(), &["--progress", "json"]);
    succeeds(&output);
    let counts = ["left_alone", "finished"].map(|kind| events(&output, kind));
    assert_eq!(counts, [1, 1]);
    let after = files(&board);
    assert!(after["0001--noon.png"] == painted, "it is what it was");
    assert!(after.contains_key("index.json"));
    // The middle of the second column.
    assert_eq!(
        *pixels(board.join("sheet.png")).get_pixel(8 + 2 * 264 + 128, 8 + 264 + 128),
        red
    );
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
