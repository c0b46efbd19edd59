//! Opening our own files and those of other programs.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use picture::pixels;
use zip::ZipArchive;
use zip::result::ZipError;

use super::building::Building;
use super::clipping;
use super::stack::{Content, Node, Stack};
use super::{FOLDED, MERGED, MIMETYPE, OPERATOR, OURS, Ours, STACK, THUMBNAIL, VERSION};
use crate::document::arrange::MAX_DEPTH;
use crate::document::blend::Blend;
use crate::document::document::{Document, ForeignEntry, check_size};
use crate::document::error::DocumentError;
use crate::document::layer::{Layer, LayerId, Pixels, Role};
use crate::document::memory::Kept;

/// Most bytes that a text entry unpacks to.
const MAX_TEXT: u64 = 64 << 20;
/// Most bytes that a picture is stored in.
const MAX_PICTURE: u64 = 2 << 30;
/// Bytes that a pixel takes at most: four channels of floats.
const PIXEL: u64 = 16;
/// Most bytes that a picture has beside its pixels, for profiles and notes.
const MAX_BESIDE: u64 = 64 << 20;
/// A picture says within so many bytes how large it is.
const HEAD: u64 = 64 << 10;
/// Most bytes that all entries we do not know unpack to.
const MAX_FOREIGN: u64 = 1 << 30;

/// A document from a file, and what a person should know of how it was read.
pub struct Opened {
    pub document: Document,
    pub notes: Vec<String>,
    /// Whether the document may be saved over the file: it is of the format that is written, and no layer or group was left out.
    pub may_replace: bool,
}

/// Opens an OpenRaster file.
pub fn open(path: &Path) -> Result<Opened, DocumentError> {
    read_within(buffered(path)?, path, MAX_DEPTH, Kept::new())
}

/// Opens a file that [`read`] reads.
pub fn open_own(path: &Path) -> Result<Opened, DocumentError> {
    read(buffered(path)?, path)
}

/// The mark that [`super::save_marked`] left on a file; empty where there is none. That the layers can be read is not looked at.
pub fn mark_of(path: &Path) -> Result<String, DocumentError> {
    let archive = ZipArchive::new(buffered(path)?).map_err(|error| archive_error(path, &error))?;
    Ok(String::from_utf8_lossy(archive.comment()).into_owned())
}

fn buffered(path: &Path) -> Result<BufReader<File>, DocumentError> {
    let (file, _) = picture::open_regular(path).map_err(|source| DocumentError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(BufReader::new(file))
}

/// Reads an OpenRaster file that this program wrote of a document which was open: what fitted once comes back layer by layer, whatever memory it takes and
/// however deep its groups lie. Errors name `path`.
pub fn read(file: impl Read + Seek, path: &Path) -> Result<Opened, DocumentError> {
    read_within(file, path, usize::MAX, Kept::unbounded())
}

/// `depth`: how many groups may lie in each other.
fn read_within(file: impl Read + Seek, path: &Path, depth: usize, kept: Kept) -> Result<Opened, DocumentError> {
    let archive = ZipArchive::new(file).map_err(|error| archive_error(path, &error))?;
    Source { path, archive, depth }.read(kept)
}

fn archive_error(path: &Path, error: &ZipError) -> DocumentError {
    DocumentError::Archive {
        path: path.to_owned(),
        detail: error.to_string(),
    }
}

fn broken(path: &Path, entry: &str, detail: String) -> DocumentError {
    DocumentError::Entry {
        path: path.to_owned(),
        entry: entry.to_owned(),
        detail,
    }
}

struct Source<'a, R> {
    path: &'a Path,
    archive: ZipArchive<R>,
    depth: usize,
}

impl<R: Read + Seek> Source<'_, R> {
    fn read(mut self, kept: Kept) -> Result<Opened, DocumentError> {
        self.check_type()?;
        let stack = Stack::parse(&self.text(STACK)?).map_err(|detail| self.broken(STACK, detail))?;
        let mut ours = self.ours()?;
        if let Some(ours) = &mut ours
            && !knows_layers(ours, &stack)
        {
            // Another program has kept our entry and given the layers' entries names of its own.
            ours.layers.clear();
        }
        let mut document = Document::new(stack.size).map_err(|error| error.in_file(self.path))?;
        let mut notes = Vec::new();
        let mut building = Building::new(&stack, ours.as_ref(), kept, &mut document, &mut notes);
        self.build(&mut building, &stack.nodes, &[])?;
        let may_replace = building.left_out.is_empty() && building.deep_groups.is_empty();
        building.tell();
        document.ensure_sketch_mask();
        document.settings = ours.and_then(|ours| ours.settings);
        document.foreign = Arc::new(self.foreign(&stack, &mut notes)?);
        document.foreign_attributes = Arc::new(stack.foreign);
        if !stack.unknown.is_empty() {
            let names: Vec<String> = stack.unknown.into_iter().collect();
            notes.push(format!(
                "Not known here and left out when you save: {} of the file's list of layers.",
                names.join(", ")
            ));
        }
        Ok(Opened {
            document,
            notes,
            may_replace,
        })
    }

    /// Adds the layers of a group, or of the canvas itself, from the bottom up. `around`: that group after those that it lies in.
    fn build(&mut self, building: &mut Building<'_>, nodes: &[Node], around: &[LayerId]) -> Result<(), DocumentError> {
        for (mut node, clip) in clipping::unwrap(nodes).into_iter().rev() {
            let mut layer = match &node.content {
                Content::Group(inner) if around.len() >= self.depth => {
                    building.deep_groups.push(node.name.clone());
                    // What a hidden one holds stays hidden.
                    let held = inner.iter().cloned().map(|held| Node {
                        visible: held.visible && node.visible,
                        ..held
                    });
                    self.build(building, &held.collect::<Vec<_>>(), around)?;
                    continue;
                }
                Content::Group(inner) => {
                    let group = Layer::new(Role::Paint, &node.name, Pixels::Group(building.document.canvas().size()));
                    let before = building.document.canvas().layers().len();
                    self.build(building, inner, &[around, &[group.id]].concat())?;
                    // The layers of the reference side go to their own sheets, and leave no group behind.
                    if !inner.is_empty() && building.document.canvas().layers().len() == before {
                        continue;
                    }
                    building.note_passing(&mut node);
                    Layer {
                        visible: node.visible,
                        folded: node.mark.as_deref() == Some(FOLDED),
                        ..group
                    }
                }
                Content::Layer { src, at } => {
                    let path = self.path;
                    let read = |entry: &str| self.entry(entry, most_of_picture);
                    let picture = building
                        .ahead
                        .picture(src, read, |entry, detail| broken(path, entry, detail))?;
                    let Some(picture) = picture else {
                        building.left_out.push(node.name);
                        continue;
                    };
                    if let Some(warning) = &picture.warning {
                        building
                            .notes
                            .push(format!("The layer \u{201c}{}\u{201d} {warning}.", node.name));
                    }
                    let layer = building.layer(&node, src, *at, picture);
                    building.kept.add(&layer).map_err(|limit| DocumentError::TooMuch {
                        path: path.to_owned(),
                        limit,
                    })?;
                    layer
                }
            };
            layer.opacity = node.opacity;
            layer.locked = node.locked;
            layer.clip = clip;
            layer.blend = building.blend(&node, &layer);
            if Blend::of_operator(&node.operator).is_none() {
                layer.foreign.push((OPERATOR.to_owned(), node.operator.clone()));
            }
            layer.foreign.extend(node.foreign);
            layer.foreign_stamp = layer.stamp();
            layer.parent = around.last().copied().filter(|_| !layer.role.is_aside());
            building.document.add(layer);
        }
        Ok(())
    }

    /// A file may lack its type, but may not be of another one.
    fn check_type(&mut self) -> Result<(), DocumentError> {
        match self.text("mimetype") {
            Ok(text) if text.trim() == MIMETYPE => Ok(()),
            Err(DocumentError::MissingEntry { .. }) => Ok(()),
            Ok(other) => {
                let kind: String = other.trim().chars().filter(|c| !c.is_control()).take(64).collect();
                let detail = format!("it is of type \"{kind}\"; export it as OpenRaster (.ora) from the program that made it");
                Err(DocumentError::Archive {
                    path: self.path.to_owned(),
                    detail,
                })
            }
            Err(error) => Err(error),
        }
    }

    fn ours(&mut self) -> Result<Option<Ours>, DocumentError> {
        let text = match self.text(OURS) {
            Ok(text) => text,
            Err(DocumentError::MissingEntry { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        /// The version alone: a newer file may have a layout that we cannot read.
        #[derive(serde::Deserialize)]
        struct Header {
            version: u32,
        }
        let header: Header = ron::from_str(&text).map_err(|error| self.broken(OURS, error.to_string()))?;
        if header.version > VERSION {
            return Err(DocumentError::Newer {
                path: self.path.to_owned(),
                version: header.version,
            });
        }
        let ours: Ours = ron::from_str(&text).map_err(|error| self.broken(OURS, error.to_string()))?;
        for size in [ours.reference, ours.background].into_iter().flatten() {
            check_size(size).map_err(|error| error.in_file(self.path))?;
        }
        Ok(Some(ours))
    }

    /// Entries that are neither OpenRaster's nor ours nor a layer.
    fn foreign(&mut self, stack: &Stack, notes: &mut Vec<String>) -> Result<Vec<ForeignEntry>, DocumentError> {
        let mut known: HashSet<&str> = HashSet::from(["mimetype", STACK, MERGED, THUMBNAIL, OURS]);
        stack.each_layer(&mut |_, src, _| {
            known.insert(src);
        });
        let names: Result<Vec<String>, ZipError> = self.archive.file_names().map(|name| Ok(name?.into_owned())).collect();
        let names = names.map_err(|error| archive_error(self.path, &error))?;
        let mut left = MAX_FOREIGN;
        let mut foreign = Vec::new();
        for name in names
            .into_iter()
            .filter(|name| !known.contains(name.as_str()) && !name.ends_with('/'))
        {
            if name.starts_with('/') || name.contains('\\') || name.split('/').any(|part| part == "..") {
                notes.push(format!(
                    "The entry \"{name}\" points out of the file and is left out when you save."
                ));
                continue;
            }
            let bytes = self.entry(&name, |_| left)?;
            left -= bytes.len() as u64;
            foreign.push(ForeignEntry { name, bytes });
        }
        Ok(foreign)
    }

    fn text(&mut self, name: &str) -> Result<String, DocumentError> {
        let bytes = self.entry(name, |_| MAX_TEXT)?;
        String::from_utf8(bytes).map_err(|_| self.broken(name, "it is not UTF-8 text".to_owned()))
    }

    /// An entry's bytes, at most as many as `limit` says of the first of them, whatever size it claims to have.
    fn entry(&mut self, name: &str, limit: impl FnOnce(&[u8]) -> u64) -> Result<Vec<u8>, DocumentError> {
        let path = self.path;
        let mut entry = self.archive.by_name(name).map_err(|error| match error {
            ZipError::FileNotFound => DocumentError::MissingEntry {
                path: path.to_owned(),
                entry: name.to_owned(),
            },
            error => DocumentError::Entry {
                path: path.to_owned(),
                entry: name.to_owned(),
                detail: error.to_string(),
            },
        })?;
        let claimed = entry.size();
        let read = || -> io::Result<(Vec<u8>, u64)> {
            let mut bytes = Vec::new();
            (&mut entry).take(HEAD).read_to_end(&mut bytes)?;
            let limit = limit(&bytes);
            if claimed <= limit {
                let rest = (limit + 1).saturating_sub(bytes.len() as u64);
                (&mut entry).take(rest).read_to_end(&mut bytes)?;
            }
            Ok((bytes, limit))
        };
        let read = read();
        drop(entry);
        let (bytes, limit) = read.map_err(|error| self.broken(name, error.to_string()))?;
        match claimed > limit || bytes.len() as u64 > limit {
            true => Err(self.too_large(name, limit)),
            false => Ok(bytes),
        }
    }

    fn broken(&self, entry: &str, detail: String) -> DocumentError {
        broken(self.path, entry, detail)
    }

    fn too_large(&self, entry: &str, limit: u64) -> DocumentError {
        DocumentError::EntryTooLarge {
            path: self.path.to_owned(),
            entry: entry.to_owned(),
            limit,
        }
    }
}

/// Most bytes that a picture is stored in, of which these are the first.
fn most_of_picture(head: &[u8]) -> u64 {
    match pixels(head) {
        0 => MAX_PICTURE,
        count => count.saturating_mul(PIXEL).saturating_add(MAX_BESIDE).min(MAX_PICTURE),
    }
}

/// Whether what we noted is about layers of this stack.
fn knows_layers(ours: &Ours, stack: &Stack) -> bool {
    let mut known = false;
    stack.each_layer(&mut |_, src, _| known |= ours.layers.contains_key(src));
    known
}
