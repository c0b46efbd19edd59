//! The size of the picture that the network makes.

use crate::model::vae::GRAIN;
use crate::request::Settings;

/// The canvas `[width, height]` for a sketch of that size: sides multiples of [`GRAIN`], an area near `native` squared, and as little of it as may be
/// left empty beside the sketch.
pub fn canvas_size(native: u32, [width, height]: [u32; 2]) -> [u32; 2] {
    let aspect = f64::from(width.max(1)) / f64::from(height.max(1));
    let area = f64::from(native) * f64::from(native);
    // Beyond 8 : 1 the short side would vanish: the rest stays empty.
    let ideal = [area * aspect.clamp(0.125, 8.0), area / aspect.clamp(0.125, 8.0)].map(f64::sqrt);
    let sides = ideal.map(|side| {
        let below = (side / f64::from(GRAIN)) as u32 * GRAIN;
        [below.max(GRAIN), below + GRAIN]
    });
    let cost = |canvas: &[u32; 2]| {
        let [canvas_width, canvas_height] = canvas.map(f64::from);
        let filled = canvas_width.min(canvas_height * aspect) * canvas_height.min(canvas_width / aspect);
        (filled / area).ln().abs() + 1.0 - filled / (canvas_width * canvas_height)
    };
    sides[0]
        .into_iter()
        .flat_map(|width| sides[1].map(|height| [width, height]))
        .min_by(|a, b| cost(a).total_cmp(&cost(b)))
        .unwrap_or([native, native])
}

/// The canvas that a job works on: the size that its settings ask for, or [`canvas_size`].
pub fn working_size(settings: &Settings, native: u32, sketch: [u32; 2]) -> [u32; 2] {
    settings.size.unwrap_or_else(|| canvas_size(native, sketch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_sketch_gets_the_native_size() {
        assert_eq!(canvas_size(256, [1000, 1000]), [256, 256]);
        assert_eq!(canvas_size(512, [64, 64]), [512, 512]);
    }

    #[test]
    fn proportions_are_kept_as_far_as_the_grain_allows() {
        assert_eq!(canvas_size(256, [1600, 1200]), [320, 256]);
        assert_eq!(canvas_size(256, [1200, 1600]), [256, 320]);
        assert_eq!(canvas_size(256, [1920, 1080]), [384, 192]);
        assert_eq!(canvas_size(512, [1920, 1080]), [704, 384]);
    }

    #[test]
    fn extreme_sketches_get_a_usable_canvas() {
        for (sketch, longest) in [([10_000, 1], 0), ([1, 10_000], 1), ([0, 0], 0)] {
            let canvas = canvas_size(256, sketch);
            assert!(
                canvas.iter().all(|side| side % GRAIN == 0 && (GRAIN..=768).contains(side)),
                "{canvas:?}"
            );
            assert_eq!(canvas[longest], canvas[0].max(canvas[1]));
        }
    }
}
