//! What a gradient makes of a block of pixels, by what lies there.

use super::{Change, Place, dithered, floor};
use crate::brush::BLOCK;
use crate::document::{Blend, compose};
use crate::tool::paint::whole;

/// A mask goes from white to something.
#[derive(Clone, Copy)]
pub struct Fade {
    /// To black; else to what it was.
    pub to_black: bool,
}

impl Change<u8> for Fade {
    #[inline(always)]
    fn change(self, old: &[u8; BLOCK], at: &Place) -> [u8; BLOCK] {
        let mut new = *old;
        for (index, new) in new.iter_mut().enumerate() {
            let old = f32::from(*new);
            let end = if self.to_black { 0.0 } else { old };
            let wanted = end + (255.0 - end) * (1.0 - at.shares[index]);
            *new = dithered(old + (wanted - old) * at.selected[index], at.noise[index]) as u8;
        }
        new
    }

    fn fades(self) -> bool {
        !self.to_black
    }
}

/// Colour lies over what is there.
#[derive(Clone, Copy)]
pub struct Cover {
    pub colors: [[u8; 3]; 2],
    /// The farther, the less of it.
    pub fades: bool,
    pub alpha_locked: bool,
}

impl Cover {
    /// The colour of each pixel, alpha in the highest byte.
    #[inline(always)]
    fn paint(self, at: &Place) -> [u32; BLOCK] {
        let mut paint = [0; BLOCK];
        for channel in 0..3 {
            let [from, to] = [0, 1].map(|end: usize| f32::from(self.colors[end][channel]));
            for (index, paint) in paint.iter_mut().enumerate() {
                *paint |= dithered(from + (to - from) * at.shares[index], at.noise[index]) << (8 * channel);
            }
        }
        for (index, paint) in paint.iter_mut().enumerate() {
            let left = if self.fades { 1.0 - at.shares[index] } else { 1.0 };
            *paint |= dithered(255.0 * (left * at.selected[index]), at.noise[index]) << 24;
        }
        paint
    }
}

impl Change<[u8; 4]> for Cover {
    #[inline(always)]
    fn change(self, old: &[[u8; 4]; BLOCK], at: &Place) -> [[u8; 4]; BLOCK] {
        let paint = self.paint(at);
        // One number a pixel, so that a vector holds the block.
        let mut pixels = [0; BLOCK];
        let (mut painted, mut common, mut any) = (u32::MAX, u32::MAX, 0);
        for ((pixel, old), paint) in pixels.iter_mut().zip(old).zip(paint) {
            *pixel = u32::from_le_bytes(*old);
            painted &= paint;
            common &= *pixel;
            any |= *pixel;
        }
        let mut new = *old;
        if self.alpha_locked || (painted >> 24 < 255 && common >> 24 < 255 && any >> 24 > 0) {
            for (new, paint) in new.iter_mut().zip(paint) {
                *new = compose(*new, paint.to_le_bytes(), 1.0, Blend::Normal, self.alpha_locked);
            }
            return new;
        }
        if painted >> 24 == 255 {
            pixels = paint;
        } else if any >> 24 == 0 {
            for (pixel, paint) in pixels.iter_mut().zip(paint) {
                *pixel = if paint >> 24 == 0 { *pixel } else { paint };
            }
        } else {
            over_opaque(&mut pixels, &paint);
        }
        for (new, pixel) in new.iter_mut().zip(pixels) {
            *new = pixel.to_le_bytes();
        }
        new
    }

    fn fades(self) -> bool {
        self.fades
    }
}

/// What [`compose`] makes of opaque pixels.
#[inline(always)]
fn over_opaque(pixels: &mut [u32; BLOCK], paint: &[u32; BLOCK]) {
    for (pixel, paint) in pixels.iter_mut().zip(paint) {
        let over = (paint >> 24) as f32 / 255.0;
        let mut covered = 255 << 24;
        for channel in [0, 8, 16] {
            let [above, below] = [*paint, *pixel].map(|color| ((color >> channel) & 255) as f32);
            covered |= whole(floor(above * over + below * (1.0 - over) + 0.5)) << channel;
        }
        *pixel = covered;
    }
}
