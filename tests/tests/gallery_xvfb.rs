//! A reviewer's way through the built program: open a folder, rate, pick, undo, look closely, compare, close; the files keep it all.

#![cfg(target_os = "linux")]

use std::path::Path;

use app::gallery::entry::{Entry, Stamp};
use app::gallery::marks::{Flag, Marks};
use image::{Rgb, RgbImage};
use tests::screen::Screen;

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
    let folder = screen.folder.path().join("takes");
    std::fs::create_dir(&folder).unwrap();
    for (number, color) in COLORS.into_iter().enumerate() {
        let picture = RgbImage::from_pixel(256, 256, Rgb(color));
        picture.save(folder.join(name(number))).unwrap();
    }
    let mut program = screen.open(&["gallery".as_ref(), folder.as_os_str()]);
    let places = [0, 1, 2, 3].map(|number| shown(&screen, number, 10_000));

    screen.click(places[1]);
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
    screen.click(places[2]);
    screen.key("x");
    screen.until("the reject in the file", |_| {
        (marks(&folder, 2).flag == Flag::Reject).then_some(())
    });

    // The loupe fills the middle with the chosen picture; the comparison has room for two.
    screen.click(places[3]);
    screen.key("e");
    shown(&screen, 3, 200_000);
    screen.key("g");
    screen.until("the grid", |screen| seen(screen, 3).filter(|(count, _)| *count < 100_000));
    screen.click(places[0]);
    screen.key("c");
    shown(&screen, 0, 100_000);
    shown(&screen, 1, 100_000);
    screen.key("Escape");

    screen.key("ctrl+q");
    screen.until("the end of the program", |_| {
        program.0.try_wait().unwrap().map(|status| assert!(status.success()))
    });
    let found = [0, 1, 2, 3].map(|number| (marks(&folder, number).stars, marks(&folder, number).flag));
    assert_eq!(found, [(0, Flag::None), (4, Flag::None), (0, Flag::Reject), (0, Flag::None)]);
}
