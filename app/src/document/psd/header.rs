//! The first 26 bytes.

use super::SIGNATURE;
use super::bytes::{Bytes, Fault};
use crate::document::document::check_size;

/// The file as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// `[width, height]`, within our limits.
    pub size: [u32; 2],
    /// Of the merged picture.
    pub channels: u16,
    /// Bytes of a sample: 1 or 2.
    pub depth: usize,
    pub gray: bool,
}

impl Header {
    /// Reads it, and refuses what cannot be opened.
    pub fn read(file: &mut Bytes<'_>) -> Result<Self, Fault> {
        if file.take(4)?.0 != SIGNATURE {
            return Err(Fault::new("is no PSD file"));
        }
        let version = file.u16()?;
        if version == 2 {
            return Err(Fault::new(
                "is a PSB, Photoshop's kind for very large documents: save it as PSD, or export it as OpenRaster",
            ));
        }
        if version != 1 {
            return Err(Fault::damaged(&format!("there is no version {version} of PSD")));
        }
        file.take(6)?;
        let channels = file.u16()?;
        let [height, width] = [file.u32()?, file.u32()?];
        check_size([width, height]).map_err(|error| Fault::new(format!("cannot be opened: {error}")))?;
        let depth = match file.u16()? {
            8 => 1,
            16 => 2,
            bits => {
                return Err(Fault::new(format!(
                    "has {bits} bits a channel, where 8 or 16 can be opened: change its mode in the program that made it"
                )));
            }
        };
        let gray = match file.u16()? {
            1 => true,
            3 => false,
            mode => {
                return Err(Fault::new(format!(
                    "is in the colour mode {}, where RGB and greyscale can be opened: convert it in the program that made it",
                    mode_name(mode)
                )));
            }
        };
        let needed = if gray { 1 } else { 3 };
        if channels < needed {
            return Err(Fault::damaged("it has fewer channels than colours"));
        }
        Ok(Self {
            size: [width, height],
            channels,
            depth,
            gray,
        })
    }

    /// Channels of colour.
    pub fn colors(&self) -> usize {
        if self.gray { 1 } else { 3 }
    }
}

fn mode_name(mode: u16) -> String {
    match mode {
        0 => "bitmap".to_owned(),
        2 => "indexed".to_owned(),
        4 => "CMYK".to_owned(),
        7 => "multichannel".to_owned(),
        8 => "duotone".to_owned(),
        9 => "Lab".to_owned(),
        other => format!("number {other}"),
    }
}
