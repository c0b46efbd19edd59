//! The colours that a picture is made of: k-means in CIELAB.

use ::image::Rgb;

use super::lab::{Lab, difference, lab};

/// Pixels that are looked at, spread evenly over those that there are: enough for a patch of a thousandth of the picture.
const SAMPLES: usize = 8192;
const ROUNDS: usize = 12;
/// CIEDE2000 below which two colours are one in a palette.
const APART: f32 = 5.0;
/// Share of the picture below which a colour is the grain of another, or an edge between two.
const LEAST: f32 = 0.004;

/// A colour of a palette.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swatch {
    /// That of a pixel of the picture.
    pub color: Rgb<u8>,
    /// Of the picture's pixels, 0..=1.
    pub share: f32,
}

/// The at most `count` colours that `pixels` are made of, the most frequent first; none of no pixels. The same pixels give the same palette.
pub fn palette(pixels: &[Rgb<u8>], count: usize) -> Vec<Swatch> {
    let stride = pixels.len().div_ceil(SAMPLES).max(1);
    let sampled: Vec<Rgb<u8>> = pixels.iter().step_by(stride).copied().collect();
    let colors: Vec<Lab> = sampled.iter().map(|pixel| lab(*pixel)).collect();
    let mut centers = spread(&colors, count);
    for _ in 0..ROUNDS {
        settle(&colors, &mut centers);
    }
    let mut swatches = Vec::new();
    for cluster in clusters(&colors, &centers) {
        let Some(center) = super::lab::mean(cluster.iter().map(|index| colors[*index])) else {
            continue;
        };
        let nearest = cluster.iter().min_by(|a, b| {
            let distance = |index: usize| square(colors[index], center);
            distance(**a).total_cmp(&distance(**b))
        });
        swatches.extend(nearest.map(|index| Swatch {
            color: sampled[*index],
            share: cluster.len() as f32 / colors.len() as f32,
        }));
    }
    swatches.sort_by(|a, b| b.share.total_cmp(&a.share));
    merged(swatches)
}

/// First centres: the mean's neighbour, then each time the colour that is farthest from all that were chosen, so that a small part in a colour of
/// its own gets a centre too.
fn spread(colors: &[Lab], count: usize) -> Vec<Lab> {
    let Some(mean) = super::lab::mean(colors.iter().copied()) else {
        return Vec::new();
    };
    let mut centers: Vec<Lab> = Vec::new();
    let mut far: Vec<f32> = colors.iter().map(|color| -square(*color, mean)).collect();
    while centers.len() < count {
        let Some(next) = (0..colors.len()).max_by(|a, b| far[*a].total_cmp(&far[*b])) else {
            break;
        };
        if centers.iter().any(|center| square(*center, colors[next]) == 0.0) {
            break;
        }
        centers.push(colors[next]);
        for (far, color) in far.iter_mut().zip(colors) {
            let distance = square(*color, colors[next]);
            *far = if centers.len() == 1 { distance } else { far.min(distance) };
        }
    }
    centers
}

/// Moves each centre to the mean of the colours that are nearest to it.
fn settle(colors: &[Lab], centers: &mut [Lab]) {
    let clusters = clusters(colors, centers);
    for (center, cluster) in centers.iter_mut().zip(clusters) {
        if let Some(mean) = super::lab::mean(cluster.into_iter().map(|index| colors[index])) {
            *center = mean;
        }
    }
}

/// For each centre the colours that are nearest to it.
fn clusters(colors: &[Lab], centers: &[Lab]) -> Vec<Vec<usize>> {
    let mut clusters = vec![Vec::new(); centers.len()];
    for (index, color) in colors.iter().enumerate() {
        let distance = |center: usize| square(*color, centers[center]);
        let nearest = (0..centers.len()).min_by(|a, b| distance(*a).total_cmp(&distance(*b)));
        if let Some(nearest) = nearest {
            clusters[nearest].push(index);
        }
    }
    clusters
}

/// Colours that the eye takes for one are one, and grain is left out.
fn merged(swatches: Vec<Swatch>) -> Vec<Swatch> {
    let mut kept: Vec<Swatch> = Vec::new();
    for swatch in swatches {
        let like = |other: &&mut Swatch| difference(lab(other.color), lab(swatch.color)) < APART;
        match kept.iter_mut().find(like) {
            Some(other) => other.share += swatch.share,
            None if swatch.share >= LEAST => kept.push(swatch),
            None => {}
        }
    }
    kept
}

fn square(a: Lab, b: Lab) -> f32 {
    (a.l - b.l).powi(2) + (a.a - b.a).powi(2) + (a.b - b.b).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colors(swatches: &[Swatch]) -> Vec<[u8; 3]> {
        swatches.iter().map(|swatch| swatch.color.0).collect()
    }

    #[test]
    fn flat_colours_are_found_with_their_shares() {
        let (sky, skin, ribbon) = ([120, 180, 240], [240, 200, 170], [200, 20, 40]);
        let mut pixels = vec![Rgb(sky); 6000];
        pixels.extend(vec![Rgb(skin); 3900]);
        pixels.extend(vec![Rgb(ribbon); 100]);
        let found = palette(&pixels, 8);
        assert_eq!(colors(&found), [sky, skin, ribbon]);
        assert!((found[0].share - 0.6).abs() < 0.01 && (found[2].share - 0.01).abs() < 0.005);
    }

    #[test]
    fn shades_that_look_alike_are_one_colour_of_the_picture() {
        let pixels: Vec<Rgb<u8>> = (0..4000).map(|at| Rgb([100 + (at % 3) as u8, 60, 60])).collect();
        let found = palette(&pixels, 6);
        assert_eq!(found.len(), 1);
        assert!(pixels.contains(&found[0].color));
        assert!((found[0].share - 1.0).abs() < 1e-5);
    }

    #[test]
    fn no_more_than_asked_for_and_nothing_of_nothing() {
        let pixels: Vec<Rgb<u8>> = (0..256).map(|at| Rgb([at as u8, (at * 7) as u8, (at * 31) as u8])).collect();
        assert!(palette(&pixels, 5).len() <= 5);
        assert!(palette(&[], 5).is_empty());
        assert!(palette(&pixels, 0).is_empty());
    }
}
