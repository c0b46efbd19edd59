//! Where the pictures of takes are: in files, and those that are looked at in memory, too. A long shot against many references is thousands of
//! pictures, of which a window shows a few dozen.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder, RgbImage};
use picture::shrunk;

use super::near::Near;
use crate::document::{DocumentError, open_picture};

/// Longest side of the small picture that every take keeps in memory, in pixels.
pub const SMALL: u32 = 160;
/// Bytes of the pictures of [`Shown`] that may stay in memory.
pub const ROOM: usize = 512 << 20;

const LOCK: &str = "lock";

/// A folder of the program's own, which goes with it.
struct Folder {
    path: PathBuf,
    /// Locked for as long as the program lives, however it ends.
    lock: File,
}

impl Folder {
    fn make(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        for left in fs::read_dir(root)?.flatten() {
            clear_away(&left.path());
        }
        let mut number = 0;
        let path = loop {
            let path = root.join(format!("{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                other => break other.map(|()| path)?,
            }
        };
        let lock = File::create_new(path.join(LOCK))?;
        lock.lock()?;
        Ok(Self { path, lock })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays is cleared away by the next program.
        let _ = self.lock.unlock();
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes what a program left that was killed.
fn clear_away(folder: &Path) {
    let lock = File::options().write(true).open(folder.join(LOCK));
    if lock.is_ok_and(|lock| lock.try_lock().is_ok())
        && let Err(error) = fs::remove_dir_all(folder)
    {
        tracing::warn!("{}: {error}", folder.display());
    }
}

/// Puts pictures into files. Where there is no folder, or it is full, they stay in memory.
#[derive(Default)]
pub struct Shelf {
    /// None: nothing is put into files.
    root: Option<PathBuf>,
    folder: OnceLock<Option<Folder>>,
    next: AtomicU64,
}

impl Shelf {
    /// A shelf in a folder of its own inside `root`, made when it is needed.
    pub fn new(root: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            root: Some(root),
            ..Self::default()
        })
    }

    /// Takes a picture in. Waits for the disk: not for the thread that draws.
    pub fn keep(self: &Arc<Self>, picture: Arc<RgbImage>) -> Kept {
        match self.write(&picture) {
            Some(path) => Kept::File {
                path,
                _shelf: self.clone(),
            },
            None => Kept::Memory(picture),
        }
    }

    fn write(&self, picture: &RgbImage) -> Option<PathBuf> {
        let root = self.root.as_deref()?;
        let made = self.folder.get_or_init(|| {
            let made = Folder::make(root);
            made.inspect_err(|error| tracing::warn!("takes stay in memory, {} cannot be used: {error}", root.display()))
                .ok()
        });
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = made.as_ref()?.path.join(format!("{number}.png"));
        let written = File::create(&path).map_err(image::ImageError::from).and_then(|file| {
            let mut file = BufWriter::new(file);
            let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Sub);
            let (width, height) = picture.dimensions();
            encoder.write_image(picture, width, height, image::ExtendedColorType::Rgb8)?;
            Ok(file.flush()?)
        });
        match written {
            Ok(()) => Some(path),
            Err(error) => {
                tracing::warn!("a take stays in memory, {}: {error}", path.display());
                // Half a file is of no use.
                let _ = fs::remove_file(&path);
                None
            }
        }
    }
}

/// A picture on the shelf.
pub enum Kept {
    File { path: PathBuf, _shelf: Arc<Shelf> },
    Memory(Arc<RgbImage>),
}

impl Kept {
    /// Reads it. Waits for the disk: not for the thread that draws.
    pub fn open(&self) -> Result<Arc<RgbImage>, DocumentError> {
        match self {
            Self::File { path, .. } => Ok(Arc::new(DynamicImage::from(open_picture(path)?).into_rgb8())),
            Self::Memory(picture) => Ok(picture.clone()),
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Self::File { path, .. } = self {
            // The folder goes as a whole in the end.
            let _ = fs::remove_file(path);
        }
    }
}

/// A picture that is shown: small at once, as it is from the moment on that it has been read.
pub struct Shown {
    small: Arc<RgbImage>,
    kept: Kept,
    near: Near,
}

impl Shown {
    /// Waits for the disk: not for the thread that draws.
    pub fn new(shelf: &Arc<Shelf>, picture: Arc<RgbImage>) -> Self {
        Self {
            small: match shrunk(&*picture, SMALL) {
                Cow::Borrowed(_) => picture.clone(),
                Cow::Owned(small) => Arc::new(small),
            },
            kept: shelf.keep(picture.clone()),
            near: Near::with(picture),
        }
    }

    /// No larger than [`SMALL`].
    pub fn small(&self) -> &Arc<RgbImage> {
        &self.small
    }

    /// As it is, if it is in memory. If not, it is asked for.
    pub fn near(&self) -> Option<Arc<RgbImage>> {
        self.near.get()
    }

    /// As it is, or small until it has been read.
    pub fn get(&self) -> Arc<RgbImage> {
        self.near().unwrap_or_else(|| self.small.clone())
    }

    /// Reads it, wherever it is. Waits for the disk: not for the thread that draws.
    pub fn open(&self) -> Result<Arc<RgbImage>, DocumentError> {
        let near = self.near.place().clone();
        near.map_or_else(|| self.kept.open(), Ok)
    }

    /// Brings it into memory. Waits for the disk: not for the thread that draws.
    pub fn fetch(&self) -> Result<(), DocumentError> {
        self.near.put(self.kept.open()?);
        Ok(())
    }

    /// Notes at `now` whether it was asked for since the last call; whether it is to be fetched now.
    pub fn used(&self, now: u64) -> bool {
        self.near.used(now) && self.near.begin()
    }

    /// When it was looked at last, and its bytes, if it is in memory and in a file, too.
    pub fn movable(&self) -> Option<(u64, usize)> {
        let is_file = matches!(self.kept, Kept::File { .. });
        self.near.held().filter(|_| is_file)
    }

    /// Leaves memory.
    pub fn leave(&self) {
        self.near.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn picture(side: u32) -> Arc<RgbImage> {
        Arc::new(RgbImage::from_fn(side, side / 2, |x, y| Rgb([x as u8, y as u8, 9])))
    }

    fn files(root: &Path) -> usize {
        let folders = fs::read_dir(root).unwrap().flatten();
        folders.map(|folder| fs::read_dir(folder.path()).unwrap().count()).sum()
    }

    #[test]
    fn a_picture_leaves_memory_and_comes_back_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(root.path().join("board"));
        let shown = Shown::new(&shelf, picture(400));
        assert_eq!(shown.small().dimensions(), (160, 80));
        assert_eq!((shown.used(3), shown.movable()), (false, Some((3, 400 * 200 * 3))));
        shown.leave();
        assert_eq!((shown.movable(), shown.used(4)), (None, false), "nobody asks for it");
        assert!(Arc::ptr_eq(&shown.get(), shown.small()));
        assert!(shown.used(5) && !shown.used(6), "it is fetched once");
        shown.get();
        assert!(!shown.used(7), "it is under way");
        shown.fetch().unwrap();
        assert_eq!((&*shown.get(), &*shown.open().unwrap()), (&*picture(400), &*picture(400)));
        drop(shown);
        assert_eq!(files(&root.path().join("board")), 1, "the lock alone");
        drop(shelf);
        assert_eq!(fs::read_dir(root.path().join("board")).unwrap().count(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_picture_that_the_disk_has_no_room_for_stays_in_memory() {
        let root = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(root.path().to_owned());
        let first = shelf.keep(picture(8));
        let Kept::File { path, .. } = &first else {
            panic!("there is room for the first");
        };
        // Where the second would be, a disk that is full.
        std::os::unix::fs::symlink("/dev/full", path.with_file_name("1.png")).unwrap();
        let second = shelf.keep(picture(8));
        assert!(matches!(second, Kept::Memory(_)));
        assert_eq!(*second.open().unwrap(), *picture(8));
    }

    #[test]
    fn what_a_killed_program_left_is_cleared_away_and_what_lives_is_not() {
        let root = tempfile::tempdir().unwrap();
        let left = root.path().join("1-0");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let living = Shelf::new(root.path().to_owned());
        let kept = living.keep(picture(8));
        assert!(!left.exists());
        let other = Shelf::new(root.path().to_owned());
        let _other = other.keep(picture(8));
        assert_eq!(*kept.open().unwrap(), *picture(8));
    }

    #[test]
    fn without_a_folder_pictures_stay_in_memory() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        for shelf in [Arc::new(Shelf::default()), Shelf::new(file.join("under it"))] {
            let shown = Shown::new(&shelf, picture(200));
            assert_eq!((shown.movable(), shown.get().width()), (None, 200));
            assert_eq!(*shelf.keep(picture(8)).open().unwrap(), *picture(8));
        }
    }
}
