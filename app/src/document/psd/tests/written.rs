//! PSD files made for tests, in the four ways that channels are packed.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::document::psd::pack::pack;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Raw,
    Runs,
    Zip,
    Differences,
}

/// A layer, or an end of a group.
#[derive(Clone)]
pub struct Written {
    /// Left, top, right, bottom.
    pub area: [i32; 4],
    /// Numbers, and one sample for the whole plane, in 0..=1.
    pub channels: Vec<(i16, f32)>,
    pub blend: &'static [u8; 4],
    pub opacity: u8,
    pub clip: bool,
    pub flags: u8,
    /// Left, top, right, bottom, the value outside, flags.
    pub mask: Option<([i32; 4], u8, u8)>,
    /// What follows a mask's flags.
    pub mask_rest: Vec<u8>,
    /// The tones that blend.
    pub tones: Vec<u8>,
    pub blocks: Vec<(&'static [u8; 4], Vec<u8>)>,
}

impl Written {
    pub fn layer(name: &'static str, area: [i32; 4], color: [f32; 3]) -> Self {
        let [r, g, b] = color;
        Self {
            area,
            channels: vec![(-1, 1.0), (0, r), (1, g), (2, b)],
            blend: b"norm",
            opacity: 255,
            clip: false,
            flags: 0,
            mask: None,
            mask_rest: vec![0, 0],
            tones: Vec::new(),
            blocks: vec![(b"luni", unicode(name))],
        }
    }

    /// What stands above a group's layers (`kind` 1, or 2 for a folded one), or below them (3).
    pub fn group(name: &'static str, kind: u32, blend: &'static [u8; 4]) -> Self {
        let mut divider = kind.to_be_bytes().to_vec();
        divider.extend(b"8BIM");
        divider.extend(blend);
        let mut group = Self::layer(name, [0; 4], [0.0; 3]);
        group.channels = [-1, 0, 1, 2].map(|number| (number, 0.0)).to_vec();
        group.blend = blend;
        group.blocks.push((b"lsct", divider));
        group
    }
}

pub fn unicode(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u32).to_be_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
    bytes
}

/// A file.
#[derive(Clone)]
pub struct File {
    pub size: [u32; 2],
    /// 8 or 16.
    pub bits: u16,
    pub mode: u16,
    pub version: u16,
    pub packing: Packing,
    /// From the bottom up.
    pub layers: Vec<Written>,
    pub icc: Option<Vec<u8>>,
    /// A sample for each plane of the merged picture.
    pub merged: Vec<f32>,
}

impl File {
    pub fn new(layers: Vec<Written>) -> Self {
        Self {
            size: [40, 30],
            bits: 8,
            mode: 3,
            version: 1,
            packing: Packing::Runs,
            layers,
            icc: None,
            merged: vec![1.0, 0.5, 0.0],
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut file = b"8BPS".to_vec();
        put(&mut file, &self.version.to_be_bytes());
        put(&mut file, &[0; 6]);
        put(&mut file, &(self.merged.len() as u16).to_be_bytes());
        put(&mut file, &self.size[1].to_be_bytes());
        put(&mut file, &self.size[0].to_be_bytes());
        put(&mut file, &self.bits.to_be_bytes());
        put(&mut file, &self.mode.to_be_bytes());
        section(&mut file, &[]);
        let mut resources = Vec::new();
        // One with a name, and of odd length, before it.
        put(&mut resources, b"8BIM\x03\xE9\x02ab\0\0\0\0\x03xyz\0");
        // One of ImageReady's, with the number that a profile has among Photoshop's.
        put(&mut resources, b"MeSa\x04\x0F\0\0\0\0\0\x01x\0");
        if let Some(icc) = &self.icc {
            put(&mut resources, b"8BIM\x04\x0F\0\0");
            section(&mut resources, icc);
            put(&mut resources, &vec![0; icc.len() % 2]);
        }
        section(&mut file, &resources);
        let layers = if self.layers.is_empty() {
            Vec::new()
        } else {
            self.layer_section()
        };
        section(&mut file, &layers);
        put(&mut file, &self.merged_picture());
        file
    }

    pub fn merged_picture(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let planes: Vec<Vec<u8>> = self.merged.iter().map(|value| self.plane(self.size, *value)).collect();
        match self.packing {
            Packing::Runs => {
                put(&mut file, &[0, 1]);
                let row = self.size[0] as usize * usize::from(self.bits / 8);
                let rows: Vec<Vec<u8>> = planes.iter().flat_map(|plane| plane.chunks_exact(row)).map(runs).collect();
                rows.iter().for_each(|row| put(&mut file, &(row.len() as u16).to_be_bytes()));
                put(&mut file, &rows.concat());
            }
            _ => {
                put(&mut file, &[0, 0]);
                put(&mut file, &planes.concat());
            }
        }
        file
    }

    fn layer_section(&self) -> Vec<u8> {
        let mut records = Vec::new();
        let mut pixels = Vec::new();
        // As Photoshop writes it where the merged picture has transparency.
        let count = -(self.layers.len() as i16);
        put(&mut records, &count.to_be_bytes());
        for layer in &self.layers {
            let mut channels: Vec<(i16, Vec<u8>)> = Vec::new();
            let size = |[left, top, right, bottom]: [i32; 4]| [(right - left) as u32, (bottom - top) as u32];
            for (number, value) in &layer.channels {
                let area = layer.mask.filter(|_| *number == -2).map_or(layer.area, |(area, ..)| area);
                channels.push((*number, self.channel(size(area), *value)));
            }
            rectangle(&mut records, layer.area);
            put(&mut records, &(channels.len() as u16).to_be_bytes());
            for (number, packed) in &channels {
                put(&mut records, &number.to_be_bytes());
                put(&mut records, &(packed.len() as u32).to_be_bytes());
                put(&mut pixels, packed);
            }
            put(&mut records, b"8BIM");
            put(&mut records, layer.blend);
            put(&mut records, &[layer.opacity, u8::from(layer.clip), layer.flags, 0]);
            let mut extra = Vec::new();
            let mut mask = Vec::new();
            if let Some((area, outside, flags)) = layer.mask {
                rectangle(&mut mask, area);
                put(&mut mask, &[outside, flags]);
                put(&mut mask, &layer.mask_rest);
            }
            section(&mut extra, &mask);
            section(&mut extra, &layer.tones);
            // The short name is for programs that know no other.
            put(&mut extra, b"\x03old");
            for (key, data) in &layer.blocks {
                put(&mut extra, b"8BIM");
                put(&mut extra, *key);
                section(&mut extra, data);
                put(&mut extra, &vec![0; data.len() % 2]);
            }
            section(&mut records, &extra);
        }
        let info = [records, pixels].concat();
        let mut whole = Vec::new();
        if self.bits == 16 {
            section(&mut whole, &[]);
            section(&mut whole, &[]);
            put(&mut whole, b"8BIMLr16");
            section(&mut whole, &info);
        } else {
            section(&mut whole, &info);
            section(&mut whole, &[]);
        }
        whole
    }

    fn plane(&self, size: [u32; 2], value: f32) -> Vec<u8> {
        let count = size[0] as usize * size[1] as usize;
        match self.bits {
            16 => ((value * 65535.0).round() as u16).to_be_bytes().repeat(count),
            _ => vec![(value * 255.0).round() as u8; count],
        }
    }

    fn channel(&self, size: [u32; 2], value: f32) -> Vec<u8> {
        let plane = self.plane(size, value);
        let row = (size[0] as usize * usize::from(self.bits / 8)).max(1);
        let zip = |samples: &[u8]| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(samples).unwrap();
            encoder.finish().unwrap()
        };
        match self.packing {
            Packing::Raw => [vec![0, 0], plane].concat(),
            Packing::Runs => {
                let rows: Vec<Vec<u8>> = plane.chunks_exact(row).map(runs).collect();
                let lengths = rows.iter().flat_map(|row| (row.len() as u16).to_be_bytes());
                [vec![0, 1], lengths.collect(), rows.concat()].concat()
            }
            Packing::Zip => [vec![0, 2], zip(&plane)].concat(),
            Packing::Differences => {
                let unit = usize::from(self.bits / 8);
                // A plane of one value: the first sample of each row, and no differences.
                let rows = plane.chunks_exact(row).flat_map(|row| {
                    let (first, rest) = row.split_at(unit);
                    [first.to_vec(), vec![0; rest.len()]].concat()
                });
                [vec![0, 3], zip(&rows.collect::<Vec<u8>>())].concat()
            }
        }
    }
}

fn put(file: &mut Vec<u8>, bytes: &[u8]) {
    file.extend_from_slice(bytes);
}

fn section(file: &mut Vec<u8>, bytes: &[u8]) {
    put(file, &(bytes.len() as u32).to_be_bytes());
    put(file, bytes);
}

fn rectangle(file: &mut Vec<u8>, [left, top, right, bottom]: [i32; 4]) {
    [top, left, bottom, right]
        .iter()
        .for_each(|side| put(file, &side.to_be_bytes()));
}

fn runs(row: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    pack(row, &mut packed);
    packed
}
