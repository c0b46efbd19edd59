//! A file byte by byte, put together by hand from the specification: what comes back through our own reader may be wrong in both.

use picture::srgb_profile;

use super::super::save;
use crate::document::{Blend, Document, DocumentError, Layer, Pixels, Role, TileGrid};

const SIZE: [u32; 2] = [2, 1];

fn paint(name: &str, pixels: [[u8; 4]; 2]) -> Layer {
    Layer::new(
        Role::Paint,
        name,
        Pixels::Raster(TileGrid::with_pixels(SIZE, [0, 0], 2, &pixels)),
    )
}

/// A folded group of one layer with locks and one that is the group's mask.
fn document() -> Document {
    let mut document = Document::new(SIZE).unwrap();
    let group = Layer {
        folded: true,
        blend: Blend::Screen,
        ..Layer::new(Role::Paint, "g", Pixels::Group(SIZE))
    };
    document.add(Layer {
        parent: Some(group.id),
        locked: true,
        alpha_locked: true,
        opacity: 0.5,
        blend: Blend::Multiply,
        ..paint("影", [[10, 20, 30, 255], [40, 50, 60, 128]])
    });
    document.add(Layer {
        parent: Some(group.id),
        blend: Blend::DstIn,
        ..paint("mask", [[255, 255, 255, 64], [255, 255, 255, 200]])
    });
    document.add(group);
    document
}

#[test]
fn every_byte_is_where_the_specification_has_it() {
    let icc = srgb_profile().unwrap();
    let [icc_length, resources] =
        [icc.len(), 28 + 12 + icc.len().next_multiple_of(2)].map(|length| (length as u32).to_be_bytes());
    let parts: &[&[u8]] = &[
        // Version 1, three channels, one row of two pixels, 8 bits, RGB; no palette.
        b"8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x02\0\x08\0\x03\0\0\0\0",
        &resources,
        // 1005: 72 pixels an inch, shown in inches, across and down.
        b"8BIM\x03\xED\0\0\0\0\0\x10\0\x48\0\0\0\x01\0\x01\0\x48\0\0\0\x01\0\x01",
        // 1039: the colour profile, padded to an even length.
        b"8BIM\x04\x0F\0\0",
        &icc_length,
        &icc,
        &[0][..icc.len() % 2],
        // The section of 484 bytes; in it 476 of layers with their padding; three of them.
        b"\0\0\x01\xE4\0\0\x01\xDC\0\x03",
        // The lower end of the group: nowhere, four channels of two bytes, visible and without pixels of its own; 100 bytes more: no mask, no tones,
        // its name, 14 letters in UTF-16, what it is (3), no locks.
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\0\x04\xFF\xFF\0\0\0\x02\0\0\0\0\0\x02\0\x01\0\0\0\x02\0\x02\0\0\0\x02",
        b"8BIMnorm\xFF\0\x18\0\0\0\0\x64\0\0\0\0\0\0\0\0",
        b"\x0E</Layer group>\0",
        b"8BIMluni\0\0\0\x20\0\0\0\x0E\0<\0/\0L\0a\0y\0e\0r\0 \0g\0r\0o\0u\0p\0>",
        b"8BIMlsct\0\0\0\x04\0\0\0\x03",
        b"8BIMlspf\0\0\0\x04\0\0\0\0",
        // The layer: top, left, bottom, right; four channels of seven bytes; half opaque, its transparency locked; 48 bytes more: its name for
        // programs that know no other letters, U+5F71 padded to four bytes, three locks.
        b"\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x02",
        b"\0\x04\xFF\xFF\0\0\0\x07\0\0\0\0\0\x07\0\x01\0\0\0\x07\0\x02\0\0\0\x07",
        b"8BIMmul \x80\0\x09\0\0\0\0\x30\0\0\0\0\0\0\0\0",
        b"\x01?\0\0",
        b"8BIMluni\0\0\0\x08\0\0\0\x01\x5F\x71\0\0",
        b"8BIMlspf\0\0\0\x04\0\0\0\x07",
        // The group: nowhere, four channels and its mask's (-2); 92 bytes more: 20 of the mask (where, 0 outside, no flags), its name, that it is
        // folded (2) and its mode once more.
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\0\x05\xFF\xFF\0\0\0\x02\0\0\0\0\0\x02\0\x01\0\0\0\x02\0\x02\0\0\0\x02\xFF\xFE\0\0\0\x07",
        b"8BIMscrn\xFF\0\x18\0\0\0\0\x5C",
        b"\0\0\0\x14\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0\0",
        b"\x01g\0\0",
        b"8BIMluni\0\0\0\x08\0\0\0\x01\0g\0\0",
        b"8BIMlsct\0\0\0\x0C\0\0\0\x028BIMscrn",
        b"8BIMlspf\0\0\0\x04\0\0\0\0",
        // The lower end's channels, which are not packed.
        b"\0\0\0\0\0\0\0\0",
        // The layer's in runs: a row of three bytes, two as they are; transparency first.
        b"\0\x01\0\x03\x01\xFF\x80\0\x01\0\x03\x01\x0A\x28\0\x01\0\x03\x01\x14\x32\0\x01\0\x03\x01\x1E\x3C",
        // The group's, and its mask.
        b"\0\0\0\0\0\0\0\0\0\x01\0\x03\x01\x40\xC8",
        // Padded to a multiple of four; no mask for all layers.
        b"\0\0\0\0\0\0\0",
        // The merged picture on white: the rows' lengths of all channels, and the rows.
        b"\0\x01\0\x03\0\x03\0\x03\x01\xE0\xD5\x01\xE2\xD7\x01\xE3\xD9",
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("golden.psd");
    save::<DocumentError>(&document(), &path, || Ok(())).unwrap();
    let (file, expected) = (std::fs::read(path).unwrap(), parts.concat());
    let parting = file.iter().zip(&expected).position(|(byte, expected)| byte != expected);
    assert_eq!(parting, None, "the first byte that differs");
    assert_eq!(file.len(), expected.len());
}
