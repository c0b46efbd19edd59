//! One picture of the catalogue, as its file tells.

mod writing;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Local, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::marks::Marks;
use super::{chunks, metadata, recipe_fields, underlay, xmp};
use crate::generate::recipe::Recipe;
use crate::natural::natural;
pub use writing::{change_marks, write_marks};

/// Tells whether a file is still the one that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// Nanoseconds since 1970.
    pub modified: u64,
    pub bytes: u64,
    /// The time of its sidecar; 0 where there is none.
    pub sidecar: u64,
}

impl Stamp {
    /// Of a file, and its sidecar if it has one.
    pub fn of(path: &Path) -> io::Result<Self> {
        let sidecar = sidecar(path).and_then(|path| fs::metadata(path).ok());
        Ok(Self::from(&fs::metadata(path)?).with_sidecar(sidecar.as_ref()))
    }

    pub fn with_sidecar(self, sidecar: Option<&fs::Metadata>) -> Self {
        Self {
            sidecar: sidecar.map_or(0, |metadata| Self::from(metadata).modified),
            ..self
        }
    }

    /// When the file or its sidecar was written last.
    pub fn written(self) -> u64 {
        self.modified.max(self.sidecar)
    }

    fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(self.modified)
    }
}

impl From<&fs::Metadata> for Stamp {
    fn from(metadata: &fs::Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            modified: modified.map_or(0, |time| time.as_nanos() as u64),
            bytes: metadata.len(),
            sidecar: 0,
        }
    }
}

/// A file of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub path: PathBuf,
    pub stamp: Stamp,
    /// What the file tells, or why it cannot be read.
    pub facts: Result<Facts, String>,
    /// See [`Self::is_read`].
    #[serde(skip)]
    unread: bool,
    #[serde(skip)]
    made: Made,
}

/// What is made of an entry once, for all who sort and search. It follows from the rest, so it makes no two entries different.
#[derive(Clone, Debug, Default)]
struct Made {
    natural: OnceLock<Arc<[(String, u64)]>>,
    lowercase: OnceLock<Arc<str>>,
}

impl PartialEq for Made {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What a picture's file tells without its pixels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// `[width, height]`.
    pub size: [u32; 2],
    pub recipe: RecipeKind,
    pub lines: Lines,
    /// Name and value of everything in the recipe, in the order in which a person reads it.
    pub fields: Vec<(String, String)>,
    pub marks: Marks,
    /// When it was made, ISO 8601.
    pub created: String,
    /// The day of it, in local time.
    pub day: String,
}

/// Whose recipe a picture carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipeKind {
    #[default]
    None,
    /// Ours: it can be made again.
    Own,
    /// Another program's `parameters`: it can be read and searched.
    Foreign,
}

/// What is known of the sketch's lines over a picture's colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lines {
    /// No recipe of ours tells.
    #[default]
    Unknown,
    /// They lie over the colour, and what is under them is in the file, too.
    Removable,
    /// They lie over the colour, and what was under them is lost.
    Fixed,
    /// It was made without them.
    Absent,
}

impl Lines {
    fn of(recipe: &Recipe, found: &chunks::Surroundings) -> Self {
        match (recipe.lines, found.private.contains(&underlay::CHUNK)) {
            (false, _) => Self::Absent,
            (true, true) => Self::Removable,
            (true, false) => Self::Fixed,
        }
    }
}

impl Entry {
    /// Reads what the file tells; never fails, a broken file is an entry that says so.
    pub fn read(path: PathBuf, stamp: Stamp) -> Self {
        let facts = Facts::read(&path, stamp);
        let unread = facts.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::InvalidData);
        let facts = facts.map_err(|error| error.to_string());
        Self {
            unread,
            ..Self::new(path, stamp, facts)
        }
    }

    pub fn new(path: PathBuf, stamp: Stamp, facts: Result<Facts, String>) -> Self {
        Self {
            path,
            stamp,
            facts,
            unread: false,
            made: Made::default(),
        }
    }

    /// Whether this is what the file says, be it broken. A disk, a network or a right that failed says nothing of the file, which is to be read again.
    pub fn is_read(&self) -> bool {
        !self.unread
    }

    /// The file is to be read again, whatever it said.
    pub fn doubt(&mut self) {
        self.unread = true;
    }

    /// Makes now what sorting and searching would otherwise make on the thread that draws.
    pub fn prepare(&self) {
        self.natural();
        self.lowercase();
    }

    /// The file's name cut into words and numbers: see [`natural`].
    pub fn natural(&self) -> &[(String, u64)] {
        self.made.natural.get_or_init(|| natural(&self.name()).into())
    }

    /// The file's name and every value of its recipe, in lower case, a line each.
    pub fn lowercase(&self) -> &str {
        self.made.lowercase.get_or_init(|| {
            let fields = self.facts.as_ref().map(|facts| facts.fields.as_slice()).unwrap_or_default();
            let mut text = self.name().to_lowercase();
            for (_, value) in fields {
                text.push('\n');
                text.push_str(&value.to_lowercase());
            }
            text.into()
        })
    }

    pub fn name(&self) -> std::borrow::Cow<'_, str> {
        self.path.file_name().unwrap_or_default().to_string_lossy()
    }

    pub fn marks(&self) -> Option<&Marks> {
        self.facts.as_ref().ok().map(|facts| &facts.marks)
    }

    /// Whether two readings of a file say the same but for what is decided. Writing that changes the file's own time and size.
    pub fn differs_in_marks_alone(&self, other: &Self) -> bool {
        let (Ok(a), Ok(b)) = (&self.facts, &other.facts) else {
            return false;
        };
        let said = |facts: &Facts| (facts.size, facts.recipe, facts.lines);
        self.path == other.path && said(a) == said(b) && (&a.created, &a.day) == (&b.created, &b.day) && a.fields == b.fields
    }

    /// The value of a recipe field; the empty text where it has none.
    pub fn field(&self, name: &str) -> &str {
        let fields = self.facts.as_ref().map(|facts| facts.fields.as_slice()).unwrap_or_default();
        let field = fields.iter().find(|(known, _)| known == name);
        field.map_or("", |(_, value)| value)
    }

    /// What is known of the lines over its colour.
    pub fn lines(&self) -> Lines {
        self.facts.as_ref().map_or(Lines::Unknown, |facts| facts.lines)
    }

    /// The day it was made where the person is, as in 2026-11-25.
    pub fn day(&self) -> &str {
        self.facts.as_ref().map_or("", |facts| facts.day.as_str())
    }
}

impl Facts {
    fn read(path: &Path, stamp: Stamp) -> io::Result<Self> {
        let found = chunks::read(path)?;
        let packet = packet(path, &found).unwrap_or_default();
        let parameters = found.text(metadata::PARAMETERS_KEYWORD);
        let own = found
            .text(metadata::RECIPE_KEYWORD)
            .and_then(|text| ron::from_str::<Recipe>(text).ok());
        let lines = own.as_ref().map_or(Lines::Unknown, |recipe| Lines::of(recipe, &found));
        let (recipe, fields) = match (own, parameters) {
            (Some(recipe), _) => (RecipeKind::Own, recipe_fields::of(&recipe)),
            (None, Some(text)) => (RecipeKind::Foreign, recipe_fields::of_parameters(text)),
            (None, None) => (RecipeKind::None, Vec::new()),
        };
        let created = packet.created.unwrap_or_else(|| iso_8601(stamp.time()));
        Ok(Self {
            size: found.size,
            recipe,
            lines,
            fields,
            marks: packet.marks,
            day: local_day(&created),
            created,
        })
    }
}

/// The packet of a picture: that of its sidecar goes before the one inside. A damaged one counts as none.
fn packet(path: &Path, found: &chunks::Surroundings) -> Option<xmp::Packet> {
    let beside = sidecar(path).and_then(|path| read_sidecar(&path).ok());
    let beside = beside.and_then(|xml| xmp::read(&xml).ok());
    beside.or_else(|| inside(found))
}

/// The packet inside a picture.
fn inside(found: &chunks::Surroundings) -> Option<xmp::Packet> {
    xmp::read(found.text(xmp::KEYWORD)?).ok()
}

/// The sidecar that there is: `a.xmp` as Lightroom writes, or `a.png.xmp` as darktable does.
pub fn sidecar(path: &Path) -> Option<PathBuf> {
    sidecars(path).into_iter().find(|path| path.exists())
}

/// A sidecar's text. One that is longer than metadata is none, and a pipe never ends.
fn read_sidecar(path: &Path) -> io::Result<String> {
    let xml = picture::read_regular(path, chunks::MAX_TEXT)?;
    String::from_utf8(xml).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Where a picture's sidecar may lie; the first is where ours is written.
pub fn sidecars(path: &Path) -> [PathBuf; 2] {
    let mut longer = path.as_os_str().to_owned();
    longer.push(".xmp");
    [path.with_extension("xmp"), longer.into()]
}

/// A time as in 2026-11-25T10:00:00Z.
fn iso_8601(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The day of a time, where the person is; a time without a zone is of that place already.
fn local_day(created: &str) -> String {
    match DateTime::parse_from_rfc3339(created) {
        Ok(time) => time.with_timezone(&Local).date_naive().to_string(),
        Err(_) => created.get(..10).unwrap_or(created).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{FixedOffset, TimeZone};

    #[test]
    fn what_is_broken_was_read_and_what_cannot_be_opened_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, "no picture at all").unwrap();
        let mut entry = Entry::read(path.clone(), Stamp::of(&path).unwrap());
        assert_eq!(entry.facts, Err("the file is not a PNG".to_owned()));
        assert!(entry.is_read());
        entry.doubt();
        assert!(!entry.is_read());
        let gone = Entry::read(folder.path().join("b.png"), Stamp::default());
        assert!(gone.facts.is_err() && !gone.is_read());
    }

    #[test]
    fn days_are_those_of_the_place() {
        let time = UNIX_EPOCH + Duration::from_secs(1_795_613_715);
        assert_eq!(iso_8601(time), "2026-11-25T13:35:15Z");
        let noon = Local.with_ymd_and_hms(2026, 11, 25, 12, 0, 0).unwrap();
        // Whatever the zone that a program wrote, and whatever the zone here.
        for zone in [-11, 0, 14] {
            let zone = FixedOffset::east_opt(zone * 3600).unwrap();
            assert_eq!(local_day(&noon.with_timezone(&zone).to_rfc3339()), "2026-11-25");
        }
        assert_eq!(local_day("2026-11-25T23:59:59"), "2026-11-25");
        assert_eq!(local_day("last winter"), "last winte");
    }
}
