//! An animator's way through the built program: files on the board, filled by mouse, paused and cancelled, gone over and chosen by keys, played, written into
//! a folder, a cell opened in the studio.

#![cfg(target_os = "linux")]

use std::ffi::OsString;

use image::RgbImage;
use tests::screen::{Area, Running, Screen, accent, cut, differ, share};
use tests::workspace;

/// "Fill the board".
const FILL: Area = [14, 38, 92, 16];
/// The middles of the four cells.
const CELLS: [Area; 4] = [
    [238, 278, 120, 120],
    [542, 278, 120, 120],
    [238, 582, 120, 120],
    [542, 582, 120, 120],
];
/// "Use this reference for all frames" in the menu that opens in the middle of the second cell.
const FOR_ALL_FRAMES: [u32; 2] = [702, 384];
/// Within that menu, beside the cell.
const MENU: Area = [750, 350, 80, 100];
/// The line around the second cell, below it.
const OUTLINE: Area = [460, 489, 280, 3];
/// How far the board is, at the right of the status line.
const STATUS: Area = [720, 874, 712, 24];
/// The line under the studio's tab.
const STUDIO_TAB: Area = [590, 18, 76, 14];
/// The middles of what stands side by side, and of the studio's canvas.
const SIDES: [Area; 2] = [[280, 350, 160, 160], [1000, 350, 160, 160]];
const CANVAS: Area = [300, 360, 130, 130];

/// The drawings themselves, and all that stands around them, are grey.
fn is_colorful(picture: &RgbImage, area: Area) -> bool {
    let colorful = |[r, g, b]: [u8; 3]| r.max(g).max(b) - r.min(g).min(b) > 24;
    share(picture, area, colorful) > 0.3
}

/// Opens a board of some of the sample shot's frames and references, and waits until it can be filled.
fn open(screen: &Screen, frames: &[&str], references: &[&str]) -> Running {
    let shot = workspace().join("assets/samples/shot");
    let mut arguments: Vec<OsString> = vec!["board".into(), "--sketches".into()];
    arguments.extend(frames.iter().map(|name| shot.join(format!("frames/{name}.png")).into()));
    arguments.push("--references".into());
    arguments.extend(
        references
            .iter()
            .map(|name| shot.join(format!("references/{name}.png")).into()),
    );
    let arguments: Vec<_> = arguments.iter().map(OsString::as_os_str).collect();
    let program = screen.open(&arguments);
    screen.until("the board", |screen| lit(&screen.picture()).then_some(()));
    program
}

/// Whether "Fill the board" is there to be pressed: there are cells to make, and nothing makes them.
fn lit(picture: &RgbImage) -> bool {
    share(picture, FILL, accent) > 0.5
}

fn idle(picture: &RgbImage) -> bool {
    share(picture, STATUS, accent) == 0.0
}

fn fill(screen: &Screen) {
    screen.click([FILL[0] + FILL[2] / 2, FILL[1] + FILL[3] / 2]);
}

#[test]
fn filling_is_paused_and_cancelled_by_keys() {
    let screen = Screen::new();
    let frames = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"];
    // So many cells that a slow look at the screen sees them at work.
    let _program = open(&screen, &frames, &["dusk", "morning", "noon", "seaside"]);
    for (key, end) in [("ctrl+period", "the pause"), ("Escape", "the end of the work")] {
        fill(&screen);
        screen.until("the work", |screen| (!lit(&screen.picture())).then_some(()));
        screen.key(key);
        screen.until(end, |screen| {
            let picture = screen.picture();
            (lit(&picture) && idle(&picture)).then_some(())
        });
    }
}

#[test]
fn a_board_is_filled_compared_chosen_and_carried_to_the_studio() {
    let screen = Screen::new();
    let mut program = open(&screen, &["0001", "0002"], &["noon", "seaside"]);
    let surround = |pixel: [u8; 3]| pixel == [0x3A, 0x3D, 0x42];
    screen.until("the cells", |screen| {
        let picture = screen.picture();
        CELLS.iter().all(|cell| share(&picture, *cell, surround) < 0.1).then_some(())
    });
    fill(&screen);
    // Each has the time of one.
    for cell in CELLS {
        screen.until("a take", |screen| is_colorful(&screen.picture(), cell).then_some(()));
    }
    let full = screen.until("four takes", |screen| {
        let picture = screen.picture();
        let whole = CELLS.iter().all(|cell| is_colorful(&picture, *cell));
        let done = idle(&picture) && share(&picture, FILL, accent) < 0.1;
        (whole && done).then_some(picture)
    });

    screen.key("Right");
    screen.until("the line around the second cell", |screen| {
        (share(&screen.picture(), OUTLINE, accent) > 0.9).then_some(())
    });
    let first = |picture: &RgbImage| cut(picture, CELLS[0]);
    screen.key("p");
    screen.until("the other column at rest", |screen| {
        (differ(&first(&screen.picture()), &first(&full)) > 5000).then_some(())
    });
    screen.key("ctrl+z");
    screen.until("all references again", |screen| {
        (differ(&first(&screen.picture()), &first(&full)) < 400).then_some(())
    });
    // The same by the mouse.
    let before = cut(&screen.picture(), MENU);
    screen.until("the menu", |screen| {
        screen.click_right([CELLS[1][0] + 60, CELLS[1][1] + 60]);
        (differ(&cut(&screen.picture(), MENU), &before) > 2000).then_some(())
    });
    // Once the menu is gone, a click there does no harm.
    let chosen = screen.until("the other column at rest", |screen| {
        screen.click(FOR_ALL_FRAMES);
        let picture = screen.picture();
        (differ(&first(&picture), &first(&full)) > 5000).then_some(picture)
    });
    screen.key("e");
    screen.until("the frame side by side", |screen| {
        let picture = screen.picture();
        SIDES.iter().all(|side| is_colorful(&picture, *side)).then_some(())
    });
    screen.key("space");
    let side = |screen: &Screen| cut(&screen.picture(), SIDES[0]);
    let first_side = side(&screen);
    screen.until("the other frame's turn", |screen| {
        (differ(&side(screen), &first_side) > 100).then_some(())
    });
    screen.key("Escape");
    screen.until("a frame that rests", |screen| {
        screen.settle();
        let before = side(screen);
        // Of two frames that take turns, one look may meet the same again; several, at uneven times, do not.
        let rests = [90, 170, 330, 250].into_iter().all(|pause| {
            std::thread::sleep(std::time::Duration::from_millis(pause));
            screen.settle();
            differ(&side(screen), &before) == 0
        });
        rests.then_some(())
    });
    screen.key("Escape");
    screen.until("the board again", |screen| {
        (differ(&first(&screen.picture()), &first(&chosen)) < 400).then_some(())
    });
    // This system has no dialog for folders: the path is typed.
    let out = screen.folder.path().join("out");
    screen.key("ctrl+alt+s");
    screen.until("the field for the path", |screen| {
        (differ(&screen.picture(), &chosen) > 20_000).then_some(())
    });
    screen.run("xdotool", &["type", "--delay", "50", out.to_str().unwrap()]);
    screen.key("Return");
    screen.until("the sheet and the index", |_| {
        ["sheet.png", "index.json"]
            .iter()
            .all(|name| out.join(name).exists())
            .then_some(())
    });
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 6, "four takes with them");
    screen.until("the board after it", |screen| {
        (differ(&first(&screen.picture()), &first(&chosen)) < 400).then_some(())
    });
    // All takes are in a folder: quitting asks nothing.
    screen.key("Return");
    screen.until("the cell in the studio", |screen| {
        let picture = screen.picture();
        (share(&picture, STUDIO_TAB, accent) > 0.02 && is_colorful(&picture, CANVAS)).then_some(())
    });
    screen.key("ctrl+q");
    screen.until("the end of the program", |_| {
        program.0.try_wait().unwrap().map(|status| assert!(status.success()))
    });
}
