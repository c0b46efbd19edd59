//! Pictures of an archive, decoded several at a time: the layers of a file are read one after the other, but unpacking them is what takes the time.

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use picture::{DecodeError, Format, Picture, pixels};
use rayon::prelude::*;

use super::stack::Stack;
use crate::document::error::DocumentError;
use crate::document::memory::most_together;

/// Most bytes that are read to be decoded at the same time, unless one entry alone has more.
const MAX_READ: usize = 256 << 20;

/// Whether the name of an entry says that it holds pixels. Others may hold shapes (SVG), which the format allows as well.
pub(super) fn is_of_pixels(src: &str) -> bool {
    Format::of(Path::new(src), None).is_some()
}

/// What will be asked for, in about that order, and what has been decoded before it was.
pub(super) struct Ahead {
    upcoming: VecDeque<String>,
    decoded: HashMap<String, Result<Option<Picture>, DocumentError>>,
    /// Pixels that are decoded at the same time, unless one entry alone has more.
    most: u64,
}

impl Ahead {
    /// Of a stack whose layers are read from the bottom up.
    pub fn of(stack: &Stack) -> Self {
        let mut upcoming = VecDeque::new();
        stack.each_layer(&mut |_, src, _| upcoming.push_front(src.to_owned()));
        Self {
            upcoming,
            decoded: HashMap::new(),
            most: most_together(),
        }
    }

    /// The picture of entry `src`; none where it is not one of pixels. `read` gives an entry's bytes, `broken` the error of one that is damaged.
    pub fn picture(
        &mut self,
        src: &str,
        mut read: impl FnMut(&str) -> Result<Vec<u8>, DocumentError>,
        broken: impl Fn(&str, String) -> DocumentError + Sync,
    ) -> Result<Option<Picture>, DocumentError> {
        if let Some(picture) = self.decoded.remove(src) {
            return picture;
        }
        let bytes = read(src)?;
        let (mut together, mut held) = (pixels(&bytes), bytes.len());
        let mut batch = vec![(src.to_owned(), bytes)];
        self.upcoming.retain(|entry| entry != src);
        // Where several layers have the same entry it is asked for out of turn: what was decoded ahead waits then, and more would pile up beside it.
        while self.decoded.is_empty()
            && batch.len() < rayon::current_num_threads()
            && let Some(next) = self.upcoming.front()
        {
            // What cannot be read is said when it is asked for.
            let Ok(bytes) = read(next) else { break };
            together += pixels(&bytes);
            held += bytes.len();
            if together > self.most || held > MAX_READ {
                break;
            }
            batch.extend(self.upcoming.pop_front().map(|next| (next, bytes)));
        }
        let decoded = batch.into_par_iter().map(|(entry, bytes)| {
            let picture = match Picture::decode(&bytes) {
                Ok(picture) => Ok(Some(picture)),
                Err(DecodeError::NotAPicture) if !is_of_pixels(&entry) => Ok(None),
                Err(error) => Err(broken(&entry, format!("it {error}"))),
            };
            (entry, picture)
        });
        self.decoded.par_extend(decoded);
        self.decoded.remove(src).expect("it was the first of the batch")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::PathBuf;

    use image::{ImageFormat, RgbaImage};

    use super::*;

    #[test]
    fn what_is_decoded_ahead_does_not_pile_up_while_one_entry_is_asked_for_again_and_again() {
        let mut png = Cursor::new(Vec::new());
        RgbaImage::new(1, 1).write_to(&mut png, ImageFormat::Png).unwrap();
        let asked: Vec<String> = (0..50)
            .flat_map(|number| ["a.png".to_owned(), "a.png".to_owned(), format!("{number}.png")])
            .collect();
        let mut ahead = Ahead {
            upcoming: asked.iter().cloned().collect(),
            decoded: HashMap::new(),
            most: 50,
        };
        for src in &asked {
            let broken = |entry: &str, detail| DocumentError::Entry {
                path: PathBuf::new(),
                entry: entry.to_owned(),
                detail,
            };
            let picture = ahead.picture(src, |_| Ok(png.get_ref().clone()), broken).unwrap();
            assert!(picture.is_some(), "{src}");
            let waiting = ahead.decoded.len();
            assert!(waiting < rayon::current_num_threads().max(2), "{src}: {waiting}");
        }
    }
}
