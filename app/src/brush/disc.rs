//! The area of a disc in a pixel, exactly.

/// Area that a disc of `radius` about the origin shares with the unit square about `x`, `y`.
pub(super) fn disc_area(radius: f64, x: f64, y: f64) -> f64 {
    let corner = |a: f64, b: f64| a.signum() * b.signum() * quadrant_area(radius, a.abs(), b.abs());
    let (left, right, top, bottom) = (x - 0.5, x + 0.5, y - 0.5, y + 0.5);
    let area = corner(right, bottom) - corner(left, bottom) - corner(right, top) + corner(left, top);
    area.clamp(0.0, 1.0)
}

/// Area of the disc within `[0, a] x [0, b]`: the rectangle up to where the circle crosses its top, then the integral of the circle's height.
fn quadrant_area(radius: f64, a: f64, b: f64) -> f64 {
    let (a, b) = (a.min(radius), b.min(radius));
    let square = radius * radius;
    if a * a + b * b <= square {
        return a * b;
    }
    let crossing = (square - b * b).max(0.0).sqrt();
    let primitive = |x: f64| 0.5 * (x * (square - x * x).max(0.0).sqrt() + square * (x / radius).clamp(-1.0, 1.0).asin());
    b * crossing + primitive(a) - primitive(crossing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_of_a_disc_in_a_square_is_exact() {
        assert!((disc_area(0.5, 0.0, 0.0) - std::f64::consts::FRAC_PI_4).abs() < 1e-12);
        assert!((disc_area(1.0, 0.5, 0.5) - std::f64::consts::FRAC_PI_4).abs() < 1e-12);
        assert_eq!(disc_area(100.0, 3.0, 4.0), 1.0);
        assert_eq!(disc_area(2.0, 5.0, 0.0), 0.0);
    }
}
