//! A file for the tiles that history holds beyond its share of memory, written and read by a thread of its own.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::away::{AnyTile, Away};
use crate::document::tile::{Pixel, TILE, Tile};

/// Bytes of the largest file. What comes after is forgotten, the oldest first.
const MAX_BYTES: u64 = 16 << 30;

/// Where in the file a tile lies, packed by LZ4.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    offset: u64,
    length: u32,
    colour: bool,
}

enum Work {
    Write(u64, Vec<AnyTile>),
    Read(u64, Vec<Away>),
}

/// What the thread has done; the number is that of the task.
pub(super) enum Done {
    Written(u64, io::Result<Vec<Spot>>),
    Read(u64, io::Result<Vec<AnyTile>>),
}

/// The way to the thread. The file is made when it is first needed, and is gone with the history, however the program ends.
pub(super) struct Spill {
    work: Sender<Work>,
    done: Receiver<Done>,
}

impl Spill {
    /// Writes into a file in `folder`; `waker` is called whenever something is done.
    pub fn new(folder: PathBuf, waker: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (work, todo) = channel();
        let (sender, done) = channel();
        thread::Builder::new().name("shiage history".to_owned()).spawn(move || {
            let mut file = None;
            for work in todo {
                let done = match work {
                    Work::Write(task, tiles) => Done::Written(task, write(&mut file, &folder, &tiles)),
                    Work::Read(task, away) => Done::Read(task, read(&mut file, &away)),
                };
                if sender.send(done).is_err() {
                    return;
                }
                waker();
            }
        })?;
        Ok(Self { work, done })
    }

    pub fn write(&self, task: u64, tiles: Vec<AnyTile>) {
        // Fails only where the thread is gone: nothing is ever done then, and the tiles stay where they are.
        let _ = self.work.send(Work::Write(task, tiles));
    }

    pub fn read(&self, task: u64, away: Vec<Away>) {
        let _ = self.work.send(Work::Read(task, away));
    }

    pub fn done(&self) -> impl Iterator<Item = Done> {
        self.done.try_iter()
    }
}

/// A file that nobody else sees, and that the system takes away when it is closed.
fn create(folder: &Path) -> io::Result<File> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    fs::create_dir_all(folder)?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("{}-{number}.tiles", std::process::id()));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    #[cfg(windows)]
    {
        /// `FILE_FLAG_DELETE_ON_CLOSE` of the Windows API.
        const DELETE_ON_CLOSE: u32 = 0x0400_0000;
        std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, DELETE_ON_CLOSE);
    }
    let file = options.open(&path)?;
    #[cfg(unix)]
    fs::remove_file(&path)?;
    Ok(file)
}

fn write(file: &mut Option<File>, folder: &Path, tiles: &[AnyTile]) -> io::Result<Vec<Spot>> {
    let file = match file {
        Some(file) => file,
        None => file.insert(create(folder)?),
    };
    let mut offset = file.seek(SeekFrom::End(0))?;
    let mut spots = Vec::with_capacity(tiles.len());
    for tile in tiles {
        let (packed, colour) = match tile {
            AnyTile::Colour(tile) => (lz4_flex::block::compress(bytemuck::cast_slice(tile.pixels())), true),
            AnyTile::Cover(tile) => (lz4_flex::block::compress(tile.pixels()), false),
        };
        if offset + packed.len() as u64 > MAX_BYTES {
            return Err(io::Error::other("there are 16 GB of it"));
        }
        file.write_all(&packed)?;
        spots.push(Spot {
            offset,
            length: packed.len() as u32,
            colour,
        });
        offset += packed.len() as u64;
    }
    Ok(spots)
}

fn read(file: &mut Option<File>, away: &[Away]) -> io::Result<Vec<AnyTile>> {
    let file = file.as_mut().ok_or(io::ErrorKind::NotFound)?;
    let mut tile = |away: &Away| -> io::Result<AnyTile> {
        let Spot { offset, length, colour } = away.spot;
        file.seek(SeekFrom::Start(offset))?;
        let mut packed = vec![0; length as usize];
        file.read_exact(&mut packed)?;
        let revision = away.place.revision();
        Ok(match colour {
            true => AnyTile::Colour(unpacked(revision, &packed)?),
            false => AnyTile::Cover(unpacked(revision, &packed)?),
        })
    };
    away.iter().map(&mut tile).collect()
}

fn unpacked<P: Pixel + bytemuck::Pod>(revision: u64, packed: &[u8]) -> io::Result<Arc<Tile<P>>> {
    let broken = || io::Error::other("it is not what was written");
    let size = (TILE * TILE) as usize * size_of::<P>();
    let bytes = lz4_flex::block::decompress(packed, size).map_err(|_| broken())?;
    let pixels: &[P] = bytemuck::try_cast_slice(&bytes).map_err(|_| broken())?;
    Tile::again(revision, pixels.into()).map(Arc::new).ok_or_else(broken)
}
