//! The chunks of a PNG around its pixels: read without decoding the picture, and replaced without writing the picture anew.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::read::ZlibDecoder;
use picture::replace_file;

use super::metadata::RECIPE_KEYWORD;

pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Text that is longer than this, packed or unpacked, is no metadata.
pub(super) const MAX_TEXT: u64 = 4 << 20;
/// All texts of a file that are longer than this together are none either: a few bytes unpack to each.
const MAX_TEXTS: u64 = 4 * MAX_TEXT;
/// A keyword has 79 bytes at most, and a zero behind it.
const KEYWORD: u32 = 80;

/// What stands around the pixels.
#[derive(Debug, Default, PartialEq)]
pub struct Surroundings {
    /// `[width, height]`.
    pub size: [u32; 2],
    /// Of every text chunk, in order.
    pub texts: Vec<Text>,
    /// Keywords of those that are damaged, or too long to be metadata.
    pub unread: Vec<String>,
    /// Kinds of the chunks that are no part of the standard.
    pub private: Vec<[u8; 4]>,
}

/// A text chunk that can be read.
#[derive(Debug, PartialEq)]
pub struct Text {
    /// `tEXt`, `zTXt` or `iTXt`.
    kind: [u8; 4],
    keyword: String,
    text: String,
}

impl Surroundings {
    /// The first text under `keyword`.
    pub fn text(&self, keyword: &str) -> Option<&str> {
        self.first(|text| text.keyword == keyword)
    }

    /// As [`Self::text`], in an iTXt chunk alone, where this program writes all of its own.
    pub fn itxt(&self, keyword: &str) -> Option<&str> {
        self.first(|text| text.keyword == keyword && &text.kind == b"iTXt")
    }

    fn first(&self, wanted: impl Fn(&&Text) -> bool) -> Option<&str> {
        self.texts.iter().find(wanted).map(|text| text.text.as_str())
    }
}

/// The data of the first chunk of a kind; none where there is none. The file is one that [`read`] has found whole.
pub fn read_chunk(path: &Path, kind: [u8; 4]) -> io::Result<Option<Vec<u8>>> {
    let mut source = BufReader::new(File::open(path)?);
    let left = source.get_ref().metadata()?.len();
    source.seek(SeekFrom::Start(SIGNATURE.len() as u64))?;
    loop {
        let head = Head::read(&mut source)?;
        if head.kind == kind {
            if u64::from(head.length) > left {
                return Err(broken("is cut off"));
            }
            let mut data = vec![0; head.length as usize];
            source.read_exact(&mut data)?;
            return Ok(Some(data));
        }
        if &head.kind == b"IEND" {
            return Ok(None);
        }
        source.seek_relative(i64::from(head.length) + 4)?;
    }
}

/// Reads everything but the pixels. The error says what is wrong with the file, as [`io::ErrorKind::InvalidData`], or why it cannot be read now; that the
/// pixels decode is not looked at.
pub fn read(path: &Path) -> io::Result<Surroundings> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    // Chunk heads are all that is read of a picture's pixels, so a large buffer would only read what is skipped.
    let mut source = BufReader::with_capacity(1024, file);
    let mut signature = [0; 8];
    source
        .read_exact(&mut signature)
        .map_err(|error| ended(error, "is too short for a PNG"))?;
    if signature != SIGNATURE {
        return Err(broken("is not a PNG"));
    }
    let mut found = Surroundings::default();
    let (mut place, mut left) = (8, MAX_TEXTS);
    loop {
        let head = Head::read(&mut source)?;
        let end = place + 12 + u64::from(head.length);
        if end > length {
            return Err(broken("is cut off"));
        }
        // The second letter is small.
        if head.kind[1].is_ascii_lowercase() {
            found.private.push(head.kind);
        }
        let is_text = matches!(&head.kind, b"tEXt" | b"zTXt" | b"iTXt");
        if is_text || &head.kind == b"IHDR" {
            let most = left.min(MAX_TEXT);
            let is_long = is_text && u64::from(head.length) > most;
            let taken = if is_long { KEYWORD.min(head.length) } else { head.length };
            let mut data = vec![0; taken as usize];
            source.read_exact(&mut data)?;
            if !is_text {
                found.size = size(&data)?;
            } else if let Some(text) = text(&head.kind, &data, most).filter(|_| !is_long) {
                left = left.saturating_sub(text.text.len() as u64);
                found.texts.push(text);
            } else {
                found.unread.extend(split(&data).map(|(keyword, _)| latin1(keyword)));
            }
            source.seek_relative(i64::from(head.length - taken) + 4)?;
        } else {
            source.seek_relative(i64::from(head.length) + 4)?;
        }
        if &head.kind == b"IEND" {
            break;
        }
        place = end;
    }
    match found.size {
        [0, _] | [_, 0] => Err(broken("has no size")),
        _ => Ok(found),
    }
}

/// Writes the file anew, whole or not at all, with `text` under `keyword` in the place of what was there. Every other chunk stays as it is.
pub fn replace_text(path: &Path, keyword: &str, text: &str) -> io::Result<()> {
    let mut source = BufReader::new(File::open(path)?);
    // The source is moved, and closed before the rename: Windows does not rename over an open file everywhere.
    replace_file(path, move |file| copy_with_text(&mut source, file, keyword, text))
}

/// Copies a PNG with `text` under `keyword` in the place of what was there.
pub fn copy_with_text(source: &mut (impl Read + Seek), file: &mut impl Write, keyword: &str, text: &str) -> io::Result<()> {
    let mut signature = [0; 8];
    source.read_exact(&mut signature)?;
    if signature != SIGNATURE {
        return Err(broken("is not a PNG"));
    }
    file.write_all(&signature)?;
    loop {
        let head = Head::read(source)?;
        let rest = u64::from(head.length) + 4;
        let mut start = Vec::new();
        if matches!(&head.kind, b"tEXt" | b"zTXt" | b"iTXt") {
            source.by_ref().take(rest.min(KEYWORD.into())).read_to_end(&mut start)?;
            if start.split(|byte| *byte == 0).next() == Some(keyword.as_bytes()) {
                source.seek(SeekFrom::Current((rest - start.len() as u64) as i64))?;
                continue;
            }
        }
        file.write_all(&head.length.to_be_bytes())?;
        file.write_all(&head.kind)?;
        file.write_all(&start)?;
        let left = rest - start.len() as u64;
        if io::copy(&mut source.by_ref().take(left), file)? < left {
            return Err(broken("is cut off"));
        }
        match &head.kind {
            // Metadata comes first, so that it is found without reading the pixels.
            b"IHDR" => write_itxt(file, keyword, text)?,
            b"IEND" => return Ok(()),
            _ => {}
        }
    }
}

fn write_itxt(file: &mut impl Write, keyword: &str, text: &str) -> io::Result<()> {
    let mut data = keyword.as_bytes().to_vec();
    // Not packed, no language, no translated keyword: XMP readers look for exactly this.
    data.extend_from_slice(&[0; 5]);
    data.extend_from_slice(text.as_bytes());
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    let mut sum = crc32fast::Hasher::new();
    sum.update(b"iTXt");
    sum.update(&data);
    file.write_all(&length.to_be_bytes())?;
    file.write_all(b"iTXt")?;
    file.write_all(&data)?;
    file.write_all(&sum.finalize().to_be_bytes())
}

struct Head {
    length: u32,
    kind: [u8; 4],
}

impl Head {
    fn read(source: &mut impl Read) -> io::Result<Self> {
        let mut bytes = [0; 8];
        source.read_exact(&mut bytes).map_err(|error| ended(error, "is cut off"))?;
        let [a, b, c, d, kind @ ..] = bytes;
        let length = u32::from_be_bytes([a, b, c, d]);
        match length <= i32::MAX as u32 && kind.iter().all(u8::is_ascii_alphabetic) {
            true => Ok(Self { length, kind }),
            false => Err(broken("is damaged")),
        }
    }
}

fn broken(how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the file {how}"))
}

/// As [`broken`], where the file ends too early; what else goes wrong with reading is not the file's fault.
fn ended(error: io::Error, how: &str) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => broken(how),
        _ => error,
    }
}

fn size(header: &[u8]) -> io::Result<[u32; 2]> {
    let side = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    side(0)
        .zip(side(4))
        .map(Into::into)
        .ok_or_else(|| broken("has a damaged header"))
}

/// None where it is damaged or unpacks to more than `most` bytes.
fn text(kind: &[u8; 4], data: &[u8], most: u64) -> Option<Text> {
    let (keyword, rest) = split(data)?;
    let text = match kind {
        b"tEXt" => plain(keyword, rest),
        b"zTXt" => plain(keyword, &unpacked(rest.get(1..)?, most)?),
        _ => {
            let (&packed, rest) = rest.split_first()?;
            let (_language, rest) = split(rest.get(1..)?)?;
            let (_translated, rest) = split(rest)?;
            let bytes = if packed == 0 { rest.to_vec() } else { unpacked(rest, most)? };
            String::from_utf8(bytes).ok()?
        }
    };
    Some(Text {
        kind: *kind,
        keyword: latin1(keyword),
        text,
    })
}

fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == 0)?;
    Some((&data[..end], &data[end + 1..]))
}

/// Text of a kind that is in Latin-1. Our recipe stays in UTF-8 where an editor moves it there.
fn plain(keyword: &[u8], bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if keyword == RECIPE_KEYWORD.as_bytes() => text.to_owned(),
        _ => latin1(bytes),
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn unpacked(bytes: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    ZlibDecoder::new(bytes).take(most + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= most).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn picture(folder: &Path, texts: impl FnOnce(&mut png::Info<'static>)) -> std::path::PathBuf {
        let path = folder.join("a.png");
        let mut info = png::Info::with_size(3, 2);
        info.color_type = png::ColorType::Rgb;
        texts(&mut info);
        let encoder = png::Encoder::with_info(File::create(&path).unwrap(), info).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[7; 18]).unwrap();
        writer.finish().unwrap();
        path
    }

    #[test]
    fn texts_of_every_kind_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = picture(folder.path(), |info| {
            info.uncompressed_latin1_text
                .push(png::text_metadata::TEXtChunk::new("parameters", "Seed: 7, é"));
            let mut packed = png::text_metadata::ITXtChunk::new("note", "線画");
            packed.compress_text().unwrap();
            info.utf8_text.push(packed);
        });
        let found = read(&path).unwrap();
        assert_eq!(found.size, [3, 2]);
        assert_eq!(found.text("parameters"), Some("Seed: 7, é"));
        assert_eq!(found.text("note"), Some("線画"));
    }

    #[test]
    fn texts_that_are_no_metadata_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = picture(folder.path(), |info| {
            let long = "x".repeat(MAX_TEXT as usize + 1);
            let mut packed = png::text_metadata::ITXtChunk::new("packed", long.clone());
            packed.compressed = true;
            packed.compress_text().unwrap();
            info.utf8_text.push(png::text_metadata::ITXtChunk::new("long", long));
            info.utf8_text.push(packed);
            info.utf8_text.push(png::text_metadata::ITXtChunk::new("short", "read"));
        });
        let found = read(&path).unwrap();
        assert_eq!(found.unread, ["long", "packed"]);
        assert_eq!((found.text("short"), found.texts.len()), (Some("read"), 1));
    }

    #[test]
    fn texts_are_read_up_to_a_sum() {
        let folder = tempfile::tempdir().unwrap();
        let path = picture(folder.path(), |info| {
            let mut packed = png::text_metadata::ITXtChunk::new("packed", "x".repeat(MAX_TEXT as usize));
            packed.compressed = true;
            packed.compress_text().unwrap();
            info.utf8_text = vec![packed; 6];
        });
        let found = read(&path).unwrap();
        assert_eq!(found.texts.len() as u64, MAX_TEXTS / MAX_TEXT);
        assert_eq!(found.unread, ["packed"; 2]);
    }

    #[test]
    fn a_text_is_replaced_and_everything_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = picture(folder.path(), |info| {
            info.utf8_text.push(png::text_metadata::ITXtChunk::new("other", "stays"));
        });
        let pixels = image::open(&path).unwrap();
        replace_text(&path, "XML:com.adobe.xmp", "<one/>").unwrap();
        replace_text(&path, "XML:com.adobe.xmp", "<zwei ä/>").unwrap();
        let found = read(&path).unwrap();
        assert_eq!(found.text("XML:com.adobe.xmp"), Some("<zwei ä/>"));
        assert_eq!((found.text("other"), found.texts.len()), (Some("stays"), 2));
        assert_eq!(image::open(&path).unwrap(), pixels, "the checksums hold too");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_broken_is_said_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = picture(folder.path(), |_| {});
        let whole = fs::read(&path).unwrap();
        for (bytes, words) in [
            (&b"hello"[..], "too short"),
            (b"hello, I am text", "not a PNG"),
            (&whole[..whole.len() - 20], "cut off"),
            (&whole[..20], "cut off"),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(replace_text(&path, "k", "t").is_err());
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }
}
