use super::*;
use crate::document::{Blend, compose};

/// How far a pixel is from the first to the second colour.
fn share(ramp: Ramp, [x, y]: [u32; 2]) -> f32 {
    let here = [x as f32 + 0.5 - ramp.from[0], y as f32 + 0.5 - ramp.from[1]];
    let share = match ramp.settings.shape {
        GradientShape::Linear => here[0] * ramp.way[0] + here[1] * ramp.way[1],
        GradientShape::Radial => (here[0] * here[0] + here[1] * here[1]).sqrt() * ramp.step,
    };
    let share = share.clamp(0.0, 1.0);
    if ramp.settings.reverse { 1.0 - share } else { share }
}

fn dithered_at([x, y]: [u32; 2], value: f32) -> u8 {
    let noise = (52.982_918 * (0.067_110_56 * x as f32 + 0.005_837_15 * y as f32).fract()).fract();
    (value + noise * 0.998 + 0.001) as u8
}

fn hash(x: u32, y: u32) -> u32 {
    (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D)
}

/// What a pixel becomes, by the formulas and one pixel at a time.
fn expected(ramp: Ramp, at: [u32; 2], old: [u8; 4], colors: [[u8; 3]; 2], selected: f32, alpha_locked: bool) -> [u8; 4] {
    let share = share(ramp, at);
    let rounded = |value: f32| dithered_at(at, value);
    let ([r, g, b], left) = match ramp.settings.end {
        GradientEnd::Second => {
            let mixed = |channel: usize| {
                let [from, to] = [0, 1].map(|end: usize| f32::from(colors[end][channel]));
                rounded(from + (to - from) * share)
            };
            ([0, 1, 2].map(mixed), 1.0)
        }
        GradientEnd::Nothing => (colors[0], 1.0 - share),
    };
    compose(
        old,
        [r, g, b, rounded(255.0 * (left * selected))],
        1.0,
        Blend::Normal,
        alpha_locked,
    )
}

#[test]
fn blocks_become_what_their_pixels_do() {
    const SIZE: [u32; 2] = [300, 40];
    let area = Rect::of(SIZE);
    // Nothing, then opaque paint, then paint of all kinds.
    let old = |x: u32, y: u32| {
        let [r, g, b, alpha] = hash(x, y).to_le_bytes();
        match x / 100 {
            0 => [0; 4],
            1 => [r, g, b, 255],
            _ => [r, g, b, alpha],
        }
    };
    let cells: Vec<[u32; 2]> = (0..SIZE[1]).flat_map(|y| (0..SIZE[0]).map(move |x| [x, y])).collect();
    let pixels: Vec<[u8; 4]> = cells.iter().map(|[x, y]| old(*x, *y)).collect();
    let before = Pixels::Raster(TileGrid::with_pixels(SIZE, [0, 0], SIZE[0], &pixels));
    let soft: Vec<u8> = cells
        .iter()
        .map(|[x, y]| if *x < 130 { hash(*y, *x) as u8 } else { 255 })
        .collect();
    let soft = TileGrid::with_pixels(SIZE, [0, 0], SIZE[0], &soft);
    let colors = [[200, 30, 7], [0, 90, 255]];
    for shape in [GradientShape::Linear, GradientShape::Radial] {
        for (end, reverse) in [(GradientEnd::Second, false), (GradientEnd::Nothing, true)] {
            let ramp = Ramp::new([140.3, 20.0], [250.0, 3.7], GradientSettings { shape, end, reverse });
            for (selection, alpha_locked) in [(None, false), (Some(&soft), false), (Some(&soft), true)] {
                let laid = laid(&before, ramp, colors, selection, alpha_locked);
                let Pixels::Raster(laid) = &laid else { unreachable!() };
                for ([x, y], new) in cells.iter().zip(laid.copy(area)) {
                    let selected = selection.map_or(1.0, |cells| f32::from(cells.pixel(*x, *y)) / 255.0);
                    let wanted = expected(ramp, [*x, *y], old(*x, *y), colors, selected, alpha_locked);
                    assert_eq!(new, wanted, "{x} {y} {shape:?} {end:?} {alpha_locked}");
                }
            }
        }
    }
}

/// A mask's pixel, by the formulas.
fn expected_mask(ramp: Ramp, at: [u32; 2], old: u8, selected: f32) -> u8 {
    let share = share(ramp, at);
    let end = if ramp.settings.end == GradientEnd::Second {
        0.0
    } else {
        f32::from(old)
    };
    let wanted = end + (255.0 - end) * (1.0 - share);
    dithered_at(at, f32::from(old) + (wanted - f32::from(old)) * selected)
}

#[test]
fn blocks_of_masks_become_what_their_pixels_do() {
    const SIZE: [u32; 2] = [300, 40];
    let cells: Vec<[u32; 2]> = (0..SIZE[1]).flat_map(|y| (0..SIZE[0]).map(move |x| [x, y])).collect();
    let old: Vec<u8> = cells
        .iter()
        .map(|[x, y]| if *x < 100 { 0 } else { hash(*x, *y) as u8 })
        .collect();
    let before = Pixels::Mask(TileGrid::with_pixels(SIZE, [0, 0], SIZE[0], &old));
    let soft: Vec<u8> = cells
        .iter()
        .map(|[x, y]| if *x < 130 { hash(*y, *x) as u8 } else { 255 })
        .collect();
    let soft = TileGrid::with_pixels(SIZE, [0, 0], SIZE[0], &soft);
    for shape in [GradientShape::Linear, GradientShape::Radial] {
        for (end, reverse) in [
            (GradientEnd::Second, true),
            (GradientEnd::Nothing, false),
            (GradientEnd::Nothing, true),
        ] {
            let ramp = Ramp::new([140.3, 20.0], [250.0, 3.7], GradientSettings { shape, end, reverse });
            for selection in [None, Some(&soft)] {
                let laid = laid(&before, ramp, [[9; 3]; 2], selection, false);
                let Pixels::Mask(laid) = &laid else { unreachable!() };
                for (([x, y], old), new) in cells.iter().zip(&old).zip(laid.copy(Rect::of(SIZE))) {
                    let selected = selection.map_or(1.0, |cells| f32::from(cells.pixel(*x, *y)) / 255.0);
                    let wanted = expected_mask(ramp, [*x, *y], *old, selected);
                    assert_eq!(new, wanted, "{x} {y} {shape:?} {end:?} {reverse}");
                }
            }
        }
    }
}

#[test]
fn what_passes_into_nothing_takes_no_tiles_where_nothing_falls() {
    const SIZE: [u32; 2] = [2048, 1024];
    let blank = Pixels::Raster(TileGrid::new(SIZE));
    let tiles = |shape, reverse, from, to| {
        let end = GradientEnd::Nothing;
        let ramp = Ramp::new(from, to, GradientSettings { shape, end, reverse });
        let laid = laid(&blank, ramp, [[200, 0, 0]; 2], None, false);
        let Pixels::Raster(grid) = &laid else { unreachable!() };
        let painted = |span: &TileSpan| grid.tile(span.column, span.row).is_some();
        grid.spans(Rect::of(SIZE))
            .filter(painted)
            .map(|span| [span.column, span.row])
            .collect::<Vec<_>>()
    };
    let around = tiles(GradientShape::Radial, false, [300.0, 300.0], [300.0, 500.0]);
    assert_eq!(around, [[0, 0], [1, 0], [0, 1], [1, 1]]);
    // Up to the first column, and from the last one on.
    let rows = [0, 1, 2, 3];
    assert_eq!(
        tiles(GradientShape::Linear, false, [100.0, 0.0], [200.0, 0.0]),
        rows.map(|row| [0, row])
    );
    assert_eq!(
        tiles(GradientShape::Linear, true, [1900.0, 0.0], [2000.0, 0.0]),
        rows.map(|row| [7, row])
    );
}
