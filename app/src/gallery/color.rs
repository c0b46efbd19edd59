//! How far two colours are apart to the eye: CIEDE2000.

/// A colour in CIE L*a*b*, D65.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lab {
    pub l: f64,
    pub a: f64,
    pub b: f64,
}

impl From<[u8; 3]> for Lab {
    /// From sRGB (IEC 61966-2-1) by way of XYZ with the D65 white.
    fn from(rgb: [u8; 3]) -> Self {
        let [r, g, b] = rgb.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        let x = (0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.950_47;
        let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b;
        let z = (0.019_333_9 * r + 0.119_192 * g + 0.950_304_1 * b) / 1.088_83;
        let [x, y, z] = [x, y, z].map(|value: f64| {
            if value > 216.0 / 24_389.0 {
                value.cbrt()
            } else {
                (24_389.0 / 27.0 * value + 16.0) / 116.0
            }
        });
        Self {
            l: 116.0 * y - 16.0,
            a: 500.0 * (x - y),
            b: 200.0 * (y - z),
        }
    }
}

/// CIEDE2000 with all weights 1, as in Sharma, Wu, Dalal: "The CIEDE2000 Color-Difference Formula" (2005). 1 is about what can just be seen.
pub fn delta_e(one: Lab, two: Lab) -> f64 {
    let chroma = |lab: Lab, a: f64| a.hypot(lab.b);
    let mean = f64::midpoint(chroma(one, one.a), chroma(two, two.a));
    let seventh = |c: f64| (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt();
    let stretch = 1.5 - 0.5 * seventh(mean);
    let (a1, a2) = (one.a * stretch, two.a * stretch);
    let (c1, c2) = (chroma(one, a1), chroma(two, a2));
    let hue = |a: f64, b: f64| {
        if a == 0.0 && b == 0.0 {
            0.0
        } else {
            b.atan2(a).to_degrees().rem_euclid(360.0)
        }
    };
    let (h1, h2) = (hue(a1, one.b), hue(a2, two.b));
    let grey = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if grey => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let (dl, dc) = (two.l - one.l, c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = (f64::midpoint(one.l, two.l), f64::midpoint(c1, c2));
    let h = match h1 + h2 {
        sum if grey => sum,
        sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
        sum if sum < 360.0 => (sum + 360.0) / 2.0,
        sum => (sum - 360.0) / 2.0,
    };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0) - 0.20 * cos(4.0 * h - 63.0);
    let rotation = 30.0 * (-((h - 275.0) / 25.0).powi(2)).exp();
    let light = (l - 50.0).powi(2);
    let sl = 1.0 + 0.015 * light / (20.0 + light).sqrt();
    let sc = 1.0 + 0.045 * c;
    let sh = 1.0 + 0.015 * c * t;
    let rt = -(2.0 * rotation).to_radians().sin() * 2.0 * seventh(c);
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    (l * l + c * c + h * h + rt * c * h).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of the table in Sharma, Wu, Dalal that reach every branch.
    #[test]
    fn the_published_pairs_come_out() {
        let rows = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
            ([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373),
            ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
        ];
        for (one, two, expected) in rows {
            let lab = |[l, a, b]: [f64; 3]| Lab { l, a, b };
            let (there, back) = (delta_e(lab(one), lab(two)), delta_e(lab(two), lab(one)));
            assert!((there - expected).abs() < 5e-5, "{one:?} {two:?}: {there}");
            assert!((there - back).abs() < 1e-9);
        }
    }

    #[test]
    fn srgb_becomes_lab() {
        let white = Lab::from([255; 3]);
        assert!(
            (white.l - 100.0).abs() < 0.01 && white.a.abs() < 0.01 && white.b.abs() < 0.02,
            "{white:?}"
        );
        let red = Lab::from([255, 0, 0]);
        assert!((red.l - 53.24).abs() < 0.01 && (red.a - 80.09).abs() < 0.01 && (red.b - 67.20).abs() < 0.01);
        assert_eq!(delta_e(red, red), 0.0);
    }
}
