use super::*;
use crate::document::{Blend, compose};

/// What a pixel becomes, by the formulas and one pixel at a time.
fn expected(ramp: Ramp, [x, y]: [u32; 2], old: [u8; 4], colors: [[u8; 3]; 2], selected: f32, alpha_locked: bool) -> [u8; 4] {
    let here = [x as f32 + 0.5 - ramp.from[0], y as f32 + 0.5 - ramp.from[1]];
    let share = match ramp.settings.shape {
        GradientShape::Linear => here[0] * ramp.way[0] + here[1] * ramp.way[1],
        GradientShape::Radial => (here[0] * here[0] + here[1] * here[1]).sqrt() * ramp.step,
    };
    let share = share.clamp(0.0, 1.0);
    let share = if ramp.settings.reverse { 1.0 - share } else { share };
    let noise = (52.982_918 * (0.067_110_56 * x as f32 + 0.005_837_15 * y as f32).fract()).fract();
    let rounded = |value: f32| (value + noise * 0.998 + 0.001) as u8;
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
    let hash = |x: u32, y: u32| (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
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
                let mut laid = before.clone();
                // What an earlier place of the pointer left does not show.
                let other = Ramp::new([9.0, 9.0], [50.0, 50.0], ramp.settings);
                lay(&mut laid, &before, other, colors, selection, alpha_locked);
                lay(&mut laid, &before, ramp, colors, selection, alpha_locked);
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
