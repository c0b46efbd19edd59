use super::*;
use crate::brush::widest;

/// Prints with the widest vectors of this machine, which must say what one number at a time does; the marks.
fn print_at(dabs: &[Dab], corner: [i32; 2], width: usize, rows: &mut [u8]) -> Vec<u16> {
    let (mut narrow, mut wide) = (rows.to_vec(), vec![0; rows.len() / width]);
    let mut marks = wide.clone();
    let print = |rows, marks| Print {
        dabs,
        corner,
        width,
        rows,
        marks,
    };
    Simd::vectorize(pulp::Scalar::new(), print(&mut narrow, &mut marks));
    widest(print(rows, &mut wide));
    assert!(rows == narrow && wide == marks, "wide and narrow print the same");
    marks
}

/// Prints over what `rows` hold of a picture that is `width` wide.
fn print_over(dabs: &[Dab], rows: &mut [Vec<u8>]) -> Vec<u16> {
    let width = rows[0].len();
    let whole = width.next_multiple_of(BLOCK);
    let mut cells: Vec<u8> = Vec::new();
    for row in &*rows {
        cells.extend(row);
        cells.resize(cells.len().next_multiple_of(whole), 0);
    }
    let marks = print_at(dabs, [0, 0], whole, &mut cells);
    for (row, cells) in rows.iter_mut().zip(cells.chunks(whole)) {
        row.copy_from_slice(&cells[..width]);
    }
    marks
}

fn print(dab: Dab, width: usize, height: usize) -> Vec<Vec<u8>> {
    let mut rows = vec![vec![0; width]; height];
    print_over(&[dab], &mut rows);
    rows
}

fn area(rows: &[Vec<u8>]) -> f64 {
    rows.iter().flatten().map(|&value| f64::from(value) / 255.0).sum()
}

#[test]
fn a_sharp_dab_covers_what_geometry_says() {
    // Radius 1.5 about a pixel's centre: corners share 0.5451 of their area, edges 0.9719 (closed form).
    let rows = print(Dab::sharp([2.5, 2.5], 1.5), 5, 5);
    assert_eq!(rows[0], [0, 0, 0, 0, 0]);
    assert_eq!(rows[1], [0, 139, 248, 139, 0]);
    assert_eq!(rows[2], [0, 248, 255, 248, 0]);
    assert_eq!(rows[3], rows[1]);
    // The smallest brush, on the corner of four pixels: a quarter of pi / 4 each.
    assert_eq!(print(Dab::sharp([1.0, 1.0], 0.5), 2, 2), [[50, 50], [50, 50]]);
}

#[test]
fn all_coverage_adds_up_to_the_area_of_the_disc() {
    for (radius, center) in [(0.5, [3.2, 4.9]), (7.3, [20.1, 20.7]), (60.0, [64.5, 64.25])] {
        let sum = area(&print(Dab::sharp(center, radius), 130, 130));
        let area = std::f64::consts::PI * f64::from(radius).powi(2);
        assert!(
            (sum - area).abs() < 0.002 * area + 0.01,
            "radius {radius}: {sum} against {area}"
        );
    }
}

#[test]
fn all_coverage_adds_up_to_the_area_of_the_ellipse_and_lies_along_its_axis() {
    // Small, middling and soft ones are reckoned in ways of their own.
    for (radius, roundness, hardness) in [
        (4.0, 0.4, 1.0),
        (30.0, 0.05, 1.0),
        (40.0, 0.3, 0.95),
        (100.0, 0.5, 1.0),
        (100.0, 0.5, 0.8),
    ] {
        for angle in [0.0_f32, 0.7, -1.2, std::f32::consts::FRAC_PI_2] {
            let dab = Dab {
                roundness,
                angle,
                hardness,
                ..Dab::sharp([110.3, 109.8], radius)
            };
            let rows = print(dab, 220, 220);
            // The mean over the edge of the square of the radius.
            let (r, inner) = (f64::from(radius), f64::from(radius * hardness));
            let square = (r * r + r * inner + inner * inner) / 3.0;
            let expected = std::f64::consts::PI * square * f64::from(roundness);
            let sum = area(&rows);
            assert!(
                (sum - expected).abs() < 0.015 * expected + 0.1,
                "{radius} {roundness} {hardness} {angle}: {sum} against {expected}"
            );
            let at = |way: f32, angle: f32| {
                let (sin, cos) = angle.sin_cos();
                rows[(109.8 + sin * way) as usize][(110.3 + cos * way) as usize]
            };
            assert!(at(0.8 * radius, angle) > 120, "{radius} {roundness} {angle}");
            assert_eq!(at(radius * roundness + 2.0, angle + std::f32::consts::FRAC_PI_2), 0);
            let [left, top, right, bottom] = dab.bounds();
            let outside = |x: i32, y: i32| x < left || x >= right || y < top || y >= bottom;
            for (y, row) in (0..).zip(&rows) {
                let strays = (0..).zip(row).filter(|(x, value)| outside(*x, y) && **value > 0);
                assert_eq!(strays.count(), 0, "nothing lies outside the bounds");
            }
        }
    }
}

#[test]
fn a_straight_edge_is_close_to_the_exact_one() {
    for (radius, hardness) in [(3.0, 1.0), (3.2, 0.5), (8.0, 0.9), (20.0, 0.9), (39.0, 0.9)] {
        let dab = Dab {
            hardness,
            ..Dab::sharp([50.3, 50.8], radius)
        };
        for (y, row) in (0..).zip(print(dab, 100, 100)) {
            for (x, value) in (0..).zip(row) {
                let exact = dab.disc_share(f64::from(x) + 0.5 - 50.3_f32 as f64, f64::from(y) + 0.5 - 50.8_f32 as f64);
                let difference = (f32::from(value) / 255.0 - exact).abs();
                assert!(difference < 0.08, "radius {radius}, {x} {y}: {value} against {exact}");
            }
        }
    }
}

#[test]
fn a_soft_dab_falls_evenly_from_hardness_to_radius() {
    let dab = Dab {
        hardness: 0.5,
        ..Dab::sharp([10.5, 0.5], 10.0)
    };
    assert_eq!(
        print(dab, 21, 1)[0],
        [
            0, 51, 102, 153, 204, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 204, 153, 102, 51, 0
        ]
    );
}

#[test]
fn dabs_raise_and_never_add_and_what_changed_is_marked() {
    let dab = Dab {
        opacity: 0.4,
        ..Dab::sharp([20.0, 0.5], 30.0)
    };
    let mut rows = vec![vec![0; 48]];
    rows[0][..4].copy_from_slice(&[0, 50, 200, 0]);
    assert_eq!(print_over(&[dab], &mut rows), [0b111]);
    assert_eq!(rows[0][..4], [102, 102, 200, 102]);
    assert_eq!(print_over(&[dab], &mut rows), [0]);
    let beside = Dab::sharp([40.0, 0.5], 10.0);
    assert_eq!(print_over(&[beside], &mut rows), [0b110]);
}

#[test]
fn together_dabs_print_what_they_print_one_by_one() {
    for hardness in [1.0, 0.9, 0.2] {
        for (radius, flow) in [(2.0, 1.0), (6.0, 1.0), (25.0, 1.0), (25.0, 0.3)] {
            let dab = |at: u8| Dab {
                hardness,
                flow,
                opacity: 0.9,
                ..Dab::sharp([30.0 + f32::from(at) * 3.3, 40.0 + f32::from(at) * 1.7], radius)
            };
            let dabs: Vec<Dab> = (0..20).map(dab).collect();
            let mut together = vec![vec![0; 128]; 100];
            print_over(&dabs, &mut together);
            let mut apart = vec![vec![0; 128]; 100];
            for dab in &dabs {
                print_over(&[*dab], &mut apart);
            }
            assert!(together == apart, "hardness {hardness}, radius {radius}, flow {flow}");
        }
    }
}

#[test]
fn flow_builds_up_to_the_opacity_and_no_further() {
    for hardness in [1.0, 0.1] {
        let dab = Dab {
            opacity: 0.8,
            flow: 0.5,
            hardness,
            ..Dab::sharp([15.5, 0.5], 40.0)
        };
        let mut rows = vec![vec![0; 31]];
        let middle: Vec<u8> = (0..9)
            .map(|_| {
                print_over(&[dab], &mut rows);
                rows[0][15]
            })
            .collect();
        assert_eq!(middle, [102, 153, 179, 192, 198, 201, 203, 204, 204], "hardness {hardness}");
    }
}

#[test]
fn rows_may_start_anywhere() {
    let dab = Dab::sharp([300.0, 300.0], 100.0);
    let row = |corner: [i32; 2], width: usize| {
        let mut row = vec![0; width];
        let marks = print_at(&[dab], corner, width, &mut row);
        (row, marks[0])
    };
    let (whole, _) = row([0, 260], 256);
    let (part, marks) = row([192, 260], 64);
    assert_eq!((part[..].to_vec(), marks), (whole[192..].to_vec(), 0b1110));
    assert_eq!(dab.bounds(), [200, 200, 400, 400]);
    for far in [[-4000, 260], [0, 9000]] {
        assert_eq!(row(far, 16), (vec![0; 16], 0));
    }
}
