//! Pictures decoded away from the thread that draws: what is seen first comes first, and what is no longer wanted is not decoded at all.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use image::imageops::{self, FilterType};
use image::{ImageBuffer, Pixel, RgbImage, RgbaImage};
use picture::shrunk;

use super::bitmap::Bitmap;
use super::entry::Stamp;
use super::look::Look;
use crate::document;
use crate::files::Waker;

/// Longer side of a thumbnail.
pub const THUMBNAIL: u32 = 256;
/// Longer side of a whole picture on the screen: of a larger one the GPU would hold little else.
pub const WHOLE: u32 = 8192;

/// A picture as it is wanted. A file that has changed is another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    pub path: PathBuf,
    pub stamp: Stamp,
    pub form: Form,
}

/// What is made of the file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    Thumbnail,
    Whole(Look),
    /// How far each channel is from that of this other picture, which lies in the middle of the first, as large as it fits.
    Difference(PathBuf, Stamp, Look),
}

/// A picture on white, or why there is none.
pub type Decoded = Result<Ready, String>;

/// A picture as it is read and as it is drawn.
pub struct Ready {
    pub pixels: Arc<RgbImage>,
    pub bitmap: Bitmap,
}

struct Shared {
    desk: Mutex<Desk>,
    work: Condvar,
}

#[derive(Default)]
struct Desk {
    /// Most wanted first.
    wanted: Vec<Wanted>,
    /// Being decoded, or decoded and not yet received.
    busy: HashSet<Wanted>,
    closing: bool,
}

/// The threads that decode.
pub struct Decoder {
    shared: Arc<Shared>,
    results: Receiver<(Wanted, Decoded)>,
    threads: Vec<JoinHandle<()>>,
}

impl Decoder {
    pub fn new(waker: &Waker) -> std::io::Result<Self> {
        let (sender, results) = channel();
        let shared = Arc::new(Shared {
            desk: Mutex::default(),
            work: Condvar::new(),
        });
        let count = thread::available_parallelism().map_or(2, usize::from).clamp(1, 4);
        let threads = (0..count).map(|_| {
            let (shared, sender, waker) = (shared.clone(), sender.clone(), waker.clone());
            let builder = thread::Builder::new().name("shiage pictures".to_owned());
            builder.spawn(move || shared.work(&sender, &waker))
        });
        Ok(Self {
            threads: threads.collect::<std::io::Result<_>>()?,
            shared,
            results,
        })
    }

    /// From now on these are wanted, the first most; everything else no longer is.
    pub fn want(&self, wanted: Vec<Wanted>) {
        let mut desk = self.shared.lock();
        desk.wanted = wanted;
        let none = desk.wanted.is_empty();
        drop(desk);
        if !none {
            self.shared.work.notify_all();
        }
    }

    /// What was decoded since the last call, `most` pictures at a time: each has to be brought to the GPU.
    pub fn finished(&self, most: usize) -> Vec<(Wanted, Decoded)> {
        let finished: Vec<_> = self.results.try_iter().take(most).collect();
        let mut desk = self.shared.lock();
        for (wanted, _) in &finished {
            desk.busy.remove(wanted);
        }
        finished
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        let mut desk = self.shared.lock();
        desk.closing = true;
        drop(desk);
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that has panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Desk {
    /// What is wanted most of what nobody decodes yet; it is busy from now on.
    fn next(&mut self) -> Option<Wanted> {
        let place = self.wanted.iter().position(|wanted| !self.busy.contains(wanted))?;
        let wanted = self.wanted.remove(place);
        self.busy.insert(wanted.clone());
        Some(wanted)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, sender: &Sender<(Wanted, Decoded)>, waker: &Waker) {
        let mut desk = self.lock();
        loop {
            if desk.closing {
                return;
            }
            let Some(wanted) = desk.next() else {
                desk = self.work.wait(desk).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(desk);
            let decoded = decode(&wanted);
            if sender.send((wanted, decoded)).is_err() {
                return;
            }
            waker();
            desk = self.lock();
        }
    }
}

fn decode(wanted: &Wanted) -> Decoded {
    let pixels = match &wanted.form {
        // Paper first: a mean of colours and of opacities apart is none of what is seen.
        Form::Thumbnail => fitted(document::on_white(&open(&wanted.path)?), THUMBNAIL),
        Form::Whole(look) => whole(*look, &wanted.path)?,
        Form::Difference(other, _, look) => difference(whole(*look, &wanted.path)?, &whole(*look, other)?),
    };
    Ok(Ready {
        bitmap: Bitmap::new(&pixels, THUMBNAIL),
        pixels: Arc::new(pixels),
    })
}

fn open(path: &Path) -> Result<RgbaImage, String> {
    document::open_picture(path).map_err(|error| error.to_string())
}

/// The picture of a file, as it is looked at.
fn whole(look: Look, path: &Path) -> Result<RgbImage, String> {
    Ok(fitted(look.of(document::on_white(&open(path)?), path)?, WHOLE))
}

/// The picture in its own proportions, its longer side at most `side`.
pub fn fitted<P: Pixel<Subpixel = u8> + 'static>(picture: ImageBuffer<P, Vec<u8>>, side: u32) -> ImageBuffer<P, Vec<u8>> {
    let small = match shrunk(&picture, side) {
        Cow::Owned(small) => Some(small),
        Cow::Borrowed(_) => None,
    };
    small.unwrap_or(picture)
}

/// The absolute difference of each channel, where the second picture lies: whole, in the middle of the first, which stays as it is around it.
fn difference(mut one: RgbImage, two: &RgbImage) -> RgbImage {
    let (width, height) = one.dimensions();
    let scale = (f64::from(width) / f64::from(two.width())).min(f64::from(height) / f64::from(two.height()));
    let scaled = |length: u32, most: u32| ((f64::from(length) * scale).round() as u32).clamp(1, most);
    let size = (scaled(two.width(), width), scaled(two.height(), height));
    let resized;
    let two = if size == two.dimensions() {
        two
    } else {
        resized = imageops::resize(two, size.0, size.1, FilterType::Triangle);
        &resized
    };
    let (left, top) = ((width - size.0) / 2, (height - size.1) / 2);
    for (x, y, other) in two.enumerate_pixels() {
        let pixel = one.get_pixel_mut(left + x, top + y);
        for (value, other) in pixel.0.iter_mut().zip(other.0) {
            *value = value.abs_diff(other);
        }
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;
    use std::time::{Duration, Instant};

    fn wanted(path: &Path, form: Form) -> Wanted {
        Wanted {
            path: path.to_owned(),
            stamp: Stamp::of(path).unwrap_or_default(),
            form,
        }
    }

    fn picture(folder: &Path, name: &str, size: [u32; 2], value: u8) -> PathBuf {
        let path = folder.join(name);
        RgbaImage::from_pixel(size[0], size[1], Rgba([value, 10, 20, 255]))
            .save(&path)
            .unwrap();
        path
    }

    fn received(decoder: &Decoder, count: usize) -> Vec<(Wanted, Decoded)> {
        let (start, mut found) = (Instant::now(), Vec::new());
        while found.len() < count {
            assert!(start.elapsed() < crate::PATIENCE);
            found.extend(decoder.finished(usize::MAX));
            thread::sleep(Duration::from_millis(1));
        }
        found
    }

    #[test]
    fn pictures_come_in_the_form_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let a = picture(folder.path(), "a.png", [600, 300], 100);
        let b = picture(folder.path(), "b.png", [300, 150], 70);
        let decoder = Decoder::new(&(Arc::new(|| {}) as Waker)).unwrap();
        let difference = Form::Difference(b.clone(), Stamp::of(&b).unwrap(), Look::default());
        let asked = [Form::Thumbnail, Form::Whole(Look::default()), difference].map(|form| wanted(&a, form));
        decoder.want(asked.to_vec());
        let found = received(&decoder, 3);
        let of = |form: &Wanted| {
            let (_, decoded) = found.iter().find(|(wanted, _)| wanted == form).unwrap();
            decoded.as_ref().unwrap()
        };
        let sizes = |ready: &Ready| ready.bitmap.levels.iter().map(|level| level.width).collect::<Vec<_>>();
        assert_eq!(of(&asked[0]).pixels.dimensions(), (256, 128));
        assert_eq!(sizes(of(&asked[0])), [256]);
        assert_eq!(of(&asked[1]).pixels.dimensions(), (600, 300));
        assert_eq!(sizes(of(&asked[1])), [600, 300, 150]);
        assert_eq!(of(&asked[2]).pixels.get_pixel(300, 100).0, [30, 0, 0]);
    }

    #[test]
    fn what_is_transparent_has_no_colour_in_a_thumbnail() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let black_beside_nothing = |x: u32, _: u32| {
            if x.is_multiple_of(2) {
                Rgba([0, 0, 0, 255])
            } else {
                Rgba([200, 0, 0, 0])
            }
        };
        RgbaImage::from_fn(2 * THUMBNAIL, 8, black_beside_nothing)
            .save(&path)
            .unwrap();
        let pixels = decode(&wanted(&path, Form::Thumbnail)).ok().unwrap().pixels;
        let [r, g, b] = pixels.get_pixel(THUMBNAIL / 2, 2).0;
        assert!(r.abs_diff(128) <= 1 && g == r && b == r, "{r} {g} {b}");
    }

    #[test]
    fn a_difference_is_taken_where_the_other_picture_is_drawn() {
        let wide = RgbImage::from_pixel(40, 20, image::Rgb([90; 3]));
        let square = RgbImage::from_pixel(10, 10, image::Rgb([30; 3]));
        let found = difference(wide, &square);
        let at = |x, y| found.get_pixel(x, y).0[0];
        assert_eq!([at(9, 10), at(10, 0), at(29, 19), at(30, 10)], [90, 60, 60, 90]);
    }

    #[test]
    fn what_cannot_be_decoded_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = picture(folder.path(), "a.png", [64, 64], 0);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let decoder = Decoder::new(&(Arc::new(|| {}) as Waker)).unwrap();
        decoder.want(vec![wanted(&path, Form::Thumbnail)]);
        let (_, decoded) = received(&decoder, 1).remove(0);
        assert!(decoded.err().unwrap().contains("a.png"));
    }

    #[test]
    fn what_is_wanted_most_comes_first_and_what_is_no_longer_wanted_not_at_all() {
        let [a, b, c] = ["a", "b", "c"].map(|name| wanted(Path::new(name), Form::Thumbnail));
        let (sender, results) = channel();
        // Without threads: the test does their work.
        let decoder = Decoder {
            shared: Arc::new(Shared {
                desk: Mutex::default(),
                work: Condvar::new(),
            }),
            results,
            threads: Vec::new(),
        };
        let next = || decoder.shared.lock().next();
        decoder.want(vec![b.clone(), a, c.clone()]);
        assert_eq!(next(), Some(b.clone()));
        // Another frame wants the one that is being decoded still, and another one.
        decoder.want(vec![b.clone(), c.clone()]);
        assert_eq!((next(), next()), (Some(c), None));
        sender.send((b.clone(), Err("torn".to_owned()))).unwrap();
        assert_eq!(decoder.finished(1).len(), 1);
        decoder.want(vec![b.clone()]);
        assert_eq!(next(), Some(b), "who asks for it again has let it go");
    }
}
