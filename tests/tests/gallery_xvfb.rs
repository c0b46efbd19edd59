//! A reviewer's way through the built program: open a folder, rate, pick, undo, look closely, compare, close; the files keep it all.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};

use app::gallery::entry::{Entry, Stamp};
use app::gallery::marks::{Flag, Marks};
use image::{Rgb, RgbImage};
use tests::screen::{Area, Running, Screen, accent, share};

/// Colours that nothing else on the screen has.
const COLORS: [[u8; 3]; 4] = [[250, 30, 190], [40, 220, 250], [120, 250, 40], [250, 130, 0]];

fn name(number: usize) -> String {
    format!("take {number}.png")
}

fn marks(folder: &Path, number: usize) -> Marks {
    let path = folder.join(name(number));
    let stamp = Stamp::of(&path).expect("the file is there");
    Entry::read(path, stamp).marks().cloned().expect("the file is whole")
}

/// A folder of pictures, each of one colour; the program shows it.
fn takes(screen: &Screen, count: usize) -> (PathBuf, Running) {
    let folder = screen.folder.path().join("takes");
    std::fs::create_dir(&folder).unwrap();
    for (number, color) in COLORS.into_iter().take(count).enumerate() {
        let picture = RgbImage::from_pixel(256, 256, Rgb(color));
        picture.save(folder.join(name(number))).unwrap();
    }
    let program = screen.open(&["gallery".as_ref(), folder.as_os_str()]);
    (folder, program)
}

/// The program ends by itself, without a complaint.
fn ended(screen: &Screen, mut program: Running) {
    screen.until("the end of the program", |_| {
        program.0.try_wait().unwrap().map(|status| assert!(status.success()))
    });
}

/// Clicks, and waits for what that brings about.
fn click_until(screen: &Screen, what: &str, at: [u32; 2], seen: impl Fn(&Screen) -> bool) {
    screen.click(at);
    screen.until(what, |screen| seen(screen).then_some(()));
}

/// Chooses the picture whose middle is there.
fn choose(screen: &Screen, [x, y]: [u32; 2]) {
    let tile = [x - 100, y - 100, 200, 200];
    click_until(screen, "the line around the chosen picture", [x, y], |screen| {
        share(&screen.picture(), tile, accent) > 0.02
    });
}

/// How many pixels of the screen have a picture's colour, and where their middle is.
fn seen(screen: &Screen, number: usize) -> Option<(usize, [u32; 2])> {
    let picture = screen.picture();
    let near = |pixel: &Rgb<u8>| (0..3).all(|channel| pixel[channel].abs_diff(COLORS[number][channel]) < 6);
    let found: Vec<[u32; 2]> = (picture.enumerate_pixels())
        .filter(|(_, _, pixel)| near(pixel))
        .map(|(x, y, _)| [x, y])
        .collect();
    let count = found.len() as u32;
    let middle = |axis: usize| found.iter().map(|at| at[axis]).sum::<u32>() / count;
    (count > 0).then(|| (found.len(), [middle(0), middle(1)]))
}

/// Waits until a picture covers at least so many pixels; where its middle is.
fn shown(screen: &Screen, number: usize, least: usize) -> [u32; 2] {
    screen.until(&format!("{} on the screen", name(number)), |screen| {
        seen(screen, number)
            .filter(|(count, _)| *count >= least)
            .map(|(_, middle)| middle)
    })
}

#[test]
fn a_folder_is_reviewed_by_keys_and_the_files_keep_it() {
    let screen = Screen::new();
    let (folder, program) = takes(&screen, 4);
    let places = [0, 1, 2, 3].map(|number| shown(&screen, number, 10_000));

    choose(&screen, places[1]);
    screen.key("4");
    screen.until("four stars in the file", |_| (marks(&folder, 1).stars == 4).then_some(()));
    screen.key("p");
    screen.until("the pick in the file", |_| {
        (marks(&folder, 1).flag == Flag::Pick).then_some(())
    });
    screen.key("ctrl+z");
    screen.until("the pick taken back", |_| {
        (marks(&folder, 1).flag == Flag::None).then_some(())
    });
    choose(&screen, places[2]);
    screen.key("x");
    screen.until("the reject in the file", |_| {
        (marks(&folder, 2).flag == Flag::Reject).then_some(())
    });

    // The loupe fills the middle with the chosen picture; the comparison has room for two.
    choose(&screen, places[3]);
    screen.key("e");
    shown(&screen, 3, 200_000);
    screen.key("g");
    screen.until("the grid", |screen| seen(screen, 3).filter(|(count, _)| *count < 100_000));
    choose(&screen, places[0]);
    screen.key("c");
    shown(&screen, 0, 100_000);
    shown(&screen, 1, 100_000);
    screen.key("Escape");

    screen.key("ctrl+q");
    ended(&screen, program);
    let found = [0, 1, 2, 3].map(|number| (marks(&folder, number).stars, marks(&folder, number).flag));
    assert_eq!(found, [(0, Flag::None), (4, Flag::None), (0, Flag::Reject), (0, Flag::None)]);
}

/// The fourth star and the note of the chosen picture, at the right, and the third star of the filters, at the left.
const FOUR_STARS: [u32; 2] = [1233, 100];
const NOTE: [u32; 2] = [1284, 167];
const NOTE_FIELD: Area = [1144, 144, 280, 48];
const SHOW_THREE_STARS: [u32; 2] = [72, 105];

#[test]
fn a_folder_is_reviewed_with_the_mouse_filtered_and_exported() {
    let screen = Screen::new();
    let (folder, _program) = takes(&screen, 4);
    let places = [0, 1, 2, 3].map(|number| shown(&screen, number, 10_000));
    choose(&screen, places[1]);
    click_until(&screen, "four stars in the file", FOUR_STARS, |_| {
        marks(&folder, 1).stars == 4
    });
    // What is typed before the field has the focus would be commands.
    click_until(&screen, "the field's outline", NOTE, |screen| {
        share(&screen.picture(), NOTE_FIELD, accent) > 0.01
    });
    screen.run("xdotool", &["type", "--delay", "50", "hair too dark"]);
    // The note is kept when its field is left.
    click_until(&screen, "the note in the file", places[2], |_| {
        marks(&folder, 1).note == "hair too dark"
    });
    click_until(&screen, "the others hidden", SHOW_THREE_STARS, |screen| {
        let hidden = [0, 2, 3].iter().all(|number| seen(screen, *number).is_none());
        hidden && seen(screen, 1).is_some()
    });
    screen.key("ctrl+p");
    // Under the dialog everything is darker.
    screen.until("the question for a path", |screen| seen(screen, 1).is_none().then_some(()));
    screen.key("Return");
    let sheet = screen.folder.path().join("takes sheet.pdf");
    screen.until("the sheet", |_| {
        std::fs::read(&sheet)
            .is_ok_and(|bytes| bytes.starts_with(b"%PDF"))
            .then_some(())
    });
}

/// The middle of the one primary button that shows below the bars.
fn primary(screen: &Screen) -> Option<[u32; 2]> {
    let picture = screen.picture();
    let found: Vec<[u32; 2]> = (picture.enumerate_pixels())
        .filter(|(_, y, pixel)| (100..850).contains(y) && accent(pixel.0))
        .map(|(x, y, _)| [x, y])
        .collect();
    let mean = |axis: usize| found.iter().map(|at| at[axis]).sum::<u32>() / found.len() as u32;
    (found.len() > 1000).then(|| [mean(0), mean(1)])
}

/// "Blind review" among the buttons over the pictures.
const BLIND: [u32; 2] = [340, 47];
/// "Left is better", "No difference" and "Right is better".
const LEFT: [u32; 2] = [580, 850];
const ALIKE: [u32; 2] = [720, 850];
const RIGHT: [u32; 2] = [860, 850];

#[test]
fn a_blind_review_is_voted_with_the_mouse_and_every_vote_is_kept() {
    let screen = Screen::new();
    let (_, _program) = takes(&screen, 3);
    shown(&screen, 2, 10_000);
    click_until(&screen, "the question what to rank", BLIND, |screen| {
        primary(screen).is_some()
    });
    let pair = |screen: &Screen| {
        let shown = [0, 1, 2].map(|number| seen(screen, number).filter(|(count, _)| *count > 100_000));
        (shown.iter().flatten().count() == 2).then_some(shown)
    };
    screen.until("the first pair", |screen| {
        // Where the button was first seen, the card may still have been finding its height.
        primary(screen).into_iter().for_each(|begin| screen.click(begin));
        pair(screen)
    });
    // Three pictures make three pairs; the first picture is always the better one.
    for _ in 0..3 {
        let pair = screen.until("a pair", pair);
        let vote = match pair[0] {
            Some((_, [x, _])) if x < 720 => LEFT,
            Some(_) => RIGHT,
            None => ALIKE,
        };
        let votes = votes(&screen);
        click_until(&screen, "the vote in the file", vote, |screen| self::votes(screen) > votes);
    }
    // The ranking, with what it can be exported by.
    screen.until("the ranking", primary);
}

/// How many votes are kept.
fn votes(screen: &Screen) -> usize {
    let files = std::fs::read_dir(screen.folder.path().join("state/shiage/reviews"));
    let texts = files
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| std::fs::read_to_string(file.path()));
    texts.map(|text| text.unwrap_or_default().lines().count()).sum()
}

/// The gallery's tab, and the way to the sample shot in the empty gallery.
const GALLERY_TAB: [u32; 2] = [812, 14];
const SAMPLE_SHOT: [u32; 2] = [720, 566];
/// In the middle of the fourth tile of the first row.
const FOURTH_TILE: Area = [820, 130, 40, 40];
/// What is around pictures, in the dark.
const SURROUND: [u8; 3] = [0x3A, 0x3D, 0x42];

#[test]
fn a_first_visit_colours_the_sample_shot_and_caps_lock_goes_on_after_each_star() {
    let screen = Screen::new();
    let program = screen.open(&[]);
    let folder = screen.folder.path().join("data/shiage/sample shot");
    // The first clicks may come before the window listens. The empty gallery reaches to where the studio has its tools.
    screen.until("the gallery", |screen| {
        screen.click(GALLERY_TAB);
        (screen.picture().get_pixel(18, 300).0 == SURROUND).then_some(())
    });
    click_until(&screen, "the folder of the sample shot", SAMPLE_SHOT, |_| folder.exists());
    // The first frame's; the others come while one looks.
    let takes = ["dusk", "morning", "noon", "seaside"].map(|design| folder.join(format!("0001--{design}.png")));
    for take in &takes {
        screen.until(&take.display().to_string(), |_| take.exists().then_some(()));
    }
    // Going on needs somewhere to go.
    screen.until("the fourth tile", |screen| {
        (share(&screen.picture(), FOURTH_TILE, |pixel| pixel == SURROUND) == 0.0).then_some(())
    });
    // By keys alone. The active picture is the one that came first.
    let starred = |stars: u8| {
        let has = |path: &PathBuf| Some(Entry::read(path.clone(), Stamp::of(path).ok()?).marks()?.stars == stars);
        takes.iter().filter(|take| has(take) == Some(true)).count()
    };
    screen.key("Caps_Lock");
    screen.key("4");
    screen.until("a picture's stars", |_| (starred(4) == 1).then_some(()));
    screen.key("2");
    screen.until("the next picture's stars", |_| (starred(2) == 1).then_some(()));
    assert_eq!(starred(4), 1);
    screen.key("ctrl+q");
    ended(&screen, program);
}
