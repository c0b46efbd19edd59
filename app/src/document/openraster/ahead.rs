//! Pictures of an archive, decoded several at a time: the layers of a file are read one after the other, but unpacking them is what takes the time.

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use picture::{DecodeError, Format, Picture, pixels};
use rayon::prelude::*;

use super::stack::Stack;
use crate::document::error::DocumentError;

/// Most pixels that are decoded at the same time, unless one picture alone has more.
const MAX_TOGETHER: u64 = 96 << 20;

/// Whether the name of an entry says that it holds pixels. Others may hold shapes (SVG), which the format allows as well.
pub(super) fn is_of_pixels(src: &str) -> bool {
    Format::of(Path::new(src), None).is_some()
}

/// What will be asked for, in about that order, and what has been decoded before it was.
pub(super) struct Ahead {
    upcoming: VecDeque<String>,
    decoded: HashMap<String, Result<Option<Picture>, DocumentError>>,
}

impl Ahead {
    /// Of a stack whose layers are read from the bottom up.
    pub fn of(stack: &Stack) -> Self {
        let mut upcoming = VecDeque::new();
        stack.each_layer(&mut |_, src, _| upcoming.push_front(src.to_owned()));
        Self {
            upcoming,
            decoded: HashMap::new(),
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
        let mut together = pixels(&bytes);
        let mut batch = vec![(src.to_owned(), bytes)];
        self.upcoming.retain(|entry| entry != src);
        while batch.len() < rayon::current_num_threads()
            && let Some(next) = self.upcoming.front()
        {
            // What cannot be read is said when it is asked for.
            let Ok(bytes) = read(next) else { break };
            together += pixels(&bytes);
            if together > MAX_TOGETHER {
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
