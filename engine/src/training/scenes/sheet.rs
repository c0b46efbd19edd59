//! The sheet that a sketch is drawn on: its tone and grain, and what a scanner and a file format do to it.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, ImageFormat};

use super::lines::Paper;
use super::rng::SceneRng;

/// Side of the patches of one grain, in pixels.
const PATCH: usize = 3;

/// Lays lines, dark on white, row by row, on the paper.
pub fn lay(lines: &mut [u8], size @ [width, height]: [u32; 2], paper: &Paper, rng: &mut SceneRng) {
    if paper.tone < 255.0 {
        toned(lines, size, paper, rng);
    }
    if paper.soft {
        soften(lines, width as usize);
    }
    if let Some(quality) = paper.jpeg {
        let mut file = Vec::new();
        let encoded = JpegEncoder::new_with_quality(&mut file, quality).encode(lines, width, height, ExtendedColorType::L8);
        let decoded = encoded.and_then(|()| image::load_from_memory_with_format(&file, ImageFormat::Jpeg));
        let picture: GrayImage = decoded
            .expect("a picture of at least one pixel becomes JPEG and back")
            .into_luma8();
        lines.copy_from_slice(&picture);
    }
}

fn toned(lines: &mut [u8], [width, height]: [u32; 2], paper: &Paper, rng: &mut SceneRng) {
    let (width, height) = (width as usize, height as usize);
    let (right, down) = (rng.signed(), rng.signed());
    // Fine grain, and patches of it that are a little darker together.
    let columns = width.div_ceil(PATCH);
    let patches: Vec<f32> = (0..columns * height.div_ceil(PATCH)).map(|_| rng.signed()).collect();
    for (place, value) in lines.iter_mut().enumerate() {
        let (x, y) = (place % width, place / width);
        let slope = right * x as f32 / width as f32 + down * y as f32 / height as f32;
        let grain = (patches[y / PATCH * columns + x / PATCH] + rng.signed()) * paper.grain / 2.0;
        let sheet = (paper.tone - paper.falloff * slope.abs().min(1.0) + grain).clamp(0.0, 255.0);
        *value = (f32::from(*value) / 255.0 * sheet) as u8;
    }
}

/// Half of each pixel and an eighth of each neighbour: the smallest blur that a scan shows.
fn soften(lines: &mut [u8], width: usize) {
    let sharp = lines.to_vec();
    for place in width + 1..lines.len().saturating_sub(width + 1) {
        let sum = |a: usize, b: usize| u32::from(sharp[a]) + u32::from(sharp[b]);
        let around = sum(place - 1, place + 1) + sum(place - width, place + width);
        lines[place] = ((u32::from(sharp[place]) * 4 + around) / 8) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_paper_changes_nothing_and_toned_paper_keeps_lines_darker() {
        let drawn: Vec<u8> = (0..64 * 64).map(|place| if place % 64 == 20 { 0 } else { 255 }).collect();
        let mut lines = drawn.clone();
        lay(&mut lines, [64, 64], &Paper::WHITE, &mut SceneRng::new(1, 1));
        assert_eq!(lines, drawn);
        let worn = Paper {
            tone: 220.0,
            falloff: 20.0,
            grain: 8.0,
            soft: true,
            jpeg: Some(30),
        };
        lay(&mut lines, [64, 64], &worn, &mut SceneRng::new(1, 1));
        let mean = |column: usize| (0..64).map(|row| f32::from(lines[row * 64 + column])).sum::<f32>() / 64.0;
        assert!((180.0..225.0).contains(&mean(40)), "paper {}", mean(40));
        assert!(mean(20) < mean(40) - 60.0, "line {} on {}", mean(20), mean(40));
    }
}
