//! The list of layers: what each is called, how it shows, and where its channels are.

use super::blend;
use super::bytes::{Bytes, Fault};
use super::header::Header;
use crate::document::blend::Blend;

/// The longest side that a PSD may have.
pub const MAX_SIDE: i64 = 30_000;

/// The channel of a layer's transparency.
pub const ALPHA: i16 = -1;
/// The channel of a layer's mask.
pub const MASK: i16 = -2;

/// A layer, or the beginning or end of a group.
pub struct Record<'a> {
    pub name: String,
    pub area: Area,
    /// Number and packed samples.
    pub channels: Vec<(i16, Bytes<'a>)>,
    pub blend: [u8; 4],
    /// 0..=1: of the layer, times that of its fill.
    pub opacity: f32,
    pub clip: bool,
    pub visible: bool,
    pub locked: bool,
    pub alpha_locked: bool,
    pub part: Part,
    mask: Option<Mask>,
    /// Effects such as shadows and outlines.
    pub effects: bool,
    /// It shows on some tones alone, or shows some of its own alone ("Blend If").
    pub by_tones: bool,
    /// What it is clipped to is an adjustment, which is left out: here it would be clipped to whatever lies below that.
    pub orphan: bool,
}

/// What a record is of a tree that is written as a list, from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Layer,
    /// Without pixels: it changes or fills what lies below.
    Adjustment,
    /// Below a group's layers.
    GroupEnd,
    /// Above them, with the group's name.
    Group {
        folded: bool,
    },
}

/// Where pixels lie on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    pub at: [i32; 2],
    /// `[width, height]`
    pub size: [u32; 2],
}

/// A mask's place, its value elsewhere, and how it counts.
#[derive(Clone, Copy, Debug)]
pub struct Mask {
    pub area: Area,
    pub outside: u8,
    /// How much of what it hides is hidden, in 255ths.
    pub density: u8,
    /// Its edge is softened.
    pub feathered: bool,
}

impl Area {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, Fault> {
        let [top, left, bottom, right] = [bytes.i32()?, bytes.i32()?, bytes.i32()?, bytes.i32()?];
        let [width, height] = [i64::from(right) - i64::from(left), i64::from(bottom) - i64::from(top)];
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(Fault::damaged(&format!("a layer claims to have {width} x {height} pixels")));
        }
        Ok(Self {
            at: [left, top],
            size: [width, height].map(|side| side.max(0) as u32),
        })
    }

    pub fn is_empty(self) -> bool {
        self.size.contains(&0)
    }

    pub fn pixels(self) -> u64 {
        u64::from(self.size[0]) * u64::from(self.size[1])
    }
}

/// The layers in the file's section for them, from the bottom up; none where it has none.
pub fn layers<'a>(section: &mut Bytes<'a>, header: &Header) -> Result<Option<Vec<Record<'a>>>, Fault> {
    if section.0.is_empty() {
        return Ok(None);
    }
    let info = section.section()?;
    if !info.0.is_empty() && header.depth == 1 {
        return read(info).map(Some);
    }
    // With 16 bits the layers stand in a block further on.
    if section.0.len() >= 4 {
        section.section()?;
    }
    while let Some((key, data)) = section.block() {
        if &key == b"Lr16" {
            return read(data).map(Some);
        }
    }
    if info.0.is_empty() { Ok(None) } else { read(info).map(Some) }
}

fn read(mut info: Bytes<'_>) -> Result<Vec<Record<'_>>, Fault> {
    // A negative number says something of the merged picture, which is of no use beside layers.
    let count = info.i16()?;
    let mut heads = Vec::new();
    for _ in 0..count.unsigned_abs() {
        heads.push(record(&mut info)?);
    }
    let records = heads.into_iter().map(|(mut record, lengths)| {
        for (number, length) in lengths {
            record.channels.push((number, info.take(length)?));
        }
        Ok(record)
    });
    let mut records: Vec<Record<'_>> = records.collect::<Result<_, Fault>>()?;
    find_orphans(&mut records);
    Ok(records)
}

fn find_orphans(records: &mut [Record<'_>]) {
    // For the canvas and each group that is open: whether what is clipped there next is an orphan.
    let mut open = vec![false];
    for record in records {
        match record.part {
            Part::GroupEnd => open.push(false),
            Part::Group { .. } if open.len() > 1 => {
                open.pop();
            }
            _ => {}
        }
        let Some(orphans) = open.last_mut().filter(|_| record.part != Part::GroupEnd) else {
            continue;
        };
        match record.clip {
            true => record.orphan = *orphans && record.part != Part::Adjustment,
            false => *orphans = record.part == Part::Adjustment,
        }
    }
}

/// A record, and the numbers and lengths of its channels.
fn record<'a>(info: &mut Bytes<'a>) -> Result<(Record<'a>, Vec<(i16, usize)>), Fault> {
    let area = Area::read(info)?;
    let mut lengths = Vec::new();
    for _ in 0..info.u16()? {
        lengths.push((info.i16()?, info.u32()? as usize));
    }
    if &info.key()? != b"8BIM" {
        return Err(Fault::damaged("its list of layers is torn"));
    }
    let blend = info.key()?;
    let [opacity, clipping, flags, _] = info.key()?;
    let mut extra = info.section()?;
    let mask = mask(extra.section()?)?;
    let tones = extra.section()?;
    let name_length = usize::from(extra.u8()?);
    let short_name = extra.take(name_length)?;
    // Padded to four bytes with its length byte; some programs end here.
    let _ = extra.take((4 - (name_length + 1) % 4) % 4);
    let mut record = Record {
        name: String::from_utf8_lossy(short_name.0).into_owned(),
        area,
        channels: Vec::new(),
        blend,
        opacity: f32::from(opacity) / 255.0,
        clip: clipping != 0,
        visible: flags & 2 == 0,
        locked: false,
        alpha_locked: flags & 1 != 0,
        part: Part::Layer,
        mask,
        effects: false,
        orphan: false,
        // From black to white, of the layer and of what lies below it, of all colours and of each; some programs leave zeros.
        by_tones: (tones.0.as_chunks::<4>().0.iter()).any(|range| !matches!(range, [0, 0, 255, 255] | [0, 0, 0, 0])),
    };
    while let Some((key, data)) = extra.block() {
        // A block that is too short for what it should hold says nothing.
        let _ = record.describe(key, data);
    }
    Ok((record, lengths))
}

impl<'a> Record<'a> {
    /// The packed samples of a channel.
    pub fn channel(&self, number: i16) -> Option<Bytes<'a>> {
        let channel = self.channels.iter().find(|(known, _)| *known == number);
        channel.map(|(_, packed)| *packed)
    }

    /// The mask that counts, and its packed samples.
    pub fn mask(&self) -> Option<(Mask, Bytes<'a>)> {
        self.mask.zip(self.channel(MASK))
    }

    /// Whether it mixes with what lies below in a way of its own.
    pub fn mixes(&self) -> bool {
        blend::of_key(self.blend) != Some(Blend::Normal)
    }

    /// Takes in one of the blocks behind the name.
    fn describe(&mut self, key: [u8; 4], mut data: Bytes<'_>) -> Result<(), Fault> {
        match &key {
            b"luni" => {
                let length = data.u32()? as usize;
                let text = data.take(length.saturating_mul(2))?;
                let units: Vec<u16> = text.0.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
                self.name = String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned();
            }
            b"lsct" | b"lsdk" => {
                self.part = match data.u32()? {
                    1 => Part::Group { folded: false },
                    2 => Part::Group { folded: true },
                    3 => Part::GroupEnd,
                    _ => self.part,
                };
                if data.0.len() >= 8 {
                    data.take(4)?;
                    self.blend = data.key()?;
                }
            }
            b"lspf" => {
                let flags = data.u32()?;
                self.alpha_locked |= flags & 1 != 0;
                self.locked = flags & 2 != 0;
            }
            // What is painted is less opaque, effects are not; those do not show here.
            b"iOpa" => self.opacity *= f32::from(data.u8()?) / 255.0,
            b"lfx2" | b"lrFX" | b"lmfx" => self.effects = true,
            _ if ADJUSTMENTS.contains(&&key) && self.area.is_empty() => self.part = Part::Adjustment,
            _ => {}
        }
        Ok(())
    }
}

/// Blocks that make a layer one that changes or fills what lies below it.
const ADJUSTMENTS: [&[u8; 4]; 21] = [
    b"SoCo", b"GdFl", b"PtFl", b"brit", b"CgEd", b"levl", b"curv", b"expA", b"vibA", b"hue2", b"hue ", b"blnc", b"blwh", b"phfl",
    b"mixr", b"clrL", b"nvrt", b"post", b"thrs", b"grdm", b"selc",
];

/// The mask of a layer; none where there is none, or where it is switched off.
fn mask(mut data: Bytes<'_>) -> Result<Option<Mask>, Fault> {
    const OFF: u8 = 2;
    const ADJUSTED: u8 = 16;
    if data.0.is_empty() {
        return Ok(None);
    }
    let area = Area::read(&mut data)?;
    let (outside, flags) = (data.u8()?, data.u8()?);
    let mut mask = Mask {
        area,
        outside,
        density: u8::MAX,
        feathered: false,
    };
    if flags & ADJUSTED != 0 {
        // What is too short for what it should hold says nothing.
        let _ = mask.adjust(data);
    }
    Ok((flags & OFF == 0).then_some(mask))
}

impl Mask {
    /// Takes in what follows its flags: densities and softened edges, of a painted mask and of one of outlines.
    fn adjust(&mut self, mut data: Bytes<'_>) -> Result<(), Fault> {
        /// Bytes of the mask as it was painted, which stands first where there is one of outlines as well.
        const PAINTED: usize = 18;
        if data.0.len() >= PAINTED {
            data.take(PAINTED)?;
        }
        let given = data.u8()?;
        let has = |bit: u8| given & bit != 0;
        if has(1) {
            self.density = data.u8()?;
        }
        if has(2) {
            self.feathered |= data.f64()? > 0.0;
        }
        if has(4) {
            let of_outlines = data.u8()?;
            self.density = if has(1) { self.density } else { of_outlines };
        }
        if has(8) {
            self.feathered |= data.f64()? > 0.0;
        }
        Ok(())
    }
}
