//! Files that are not what they say: a sentence, never a panic, never memory for what is not there.

use std::path::Path;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

fn fault(file: &File) -> String {
    read(&file.bytes()).err().expect("it is refused").to_string()
}

fn some_layers() -> File {
    let mut masked = Written::layer("masked", [5, 5, 30, 20], [0.1, 0.6, 0.9]);
    masked.channels.push((-2, 0.5));
    masked.mask = Some(([10, 10, 20, 15], 255, 0));
    File::new(vec![
        Written::layer("base", [0, 0, 40, 30], [1.0; 3]),
        Written::group("</Layer group>", 3, b"norm"),
        masked,
        Written::group("group", 1, b"pass"),
    ])
}

#[test]
fn what_cannot_be_opened_says_why_and_what_to_do() {
    let mut file = some_layers();
    for (mode, named) in [(4, "CMYK"), (2, "indexed"), (9, "Lab"), (77, "number 77")] {
        file.mode = mode;
        let text = fault(&file);
        assert!(text.contains(named) && text.contains("convert it"), "{text}");
    }
    let text = fault(&File {
        bits: 32,
        ..some_layers()
    });
    assert!(text.contains("32 bits a channel"), "{text}");
    let text = fault(&File {
        version: 2,
        ..some_layers()
    });
    assert!(text.contains("PSB") && text.contains("OpenRaster"), "{text}");
    for size in [[20_000, 10], [0, 10]] {
        let mut absurd = some_layers();
        absurd.size = [1, 1];
        let mut bytes = absurd.bytes();
        bytes[14..18].copy_from_slice(&u32::to_be_bytes(size[1]));
        bytes[18..22].copy_from_slice(&u32::to_be_bytes(size[0]));
        let text = read(&bytes).err().unwrap().to_string();
        assert!(text.contains(&format!("{} x {}", size[0], size[1])), "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("絵.psd");
    std::fs::write(
        &path,
        File {
            mode: 4,
            ..some_layers()
        }
        .bytes(),
    )
    .unwrap();
    let said = |path: &Path| crate::document::open_psd(path).err().unwrap().to_string();
    assert!(said(&path).contains("絵.psd is in the colour mode CMYK"), "{}", said(&path));
    assert!(said(&folder.path().join("gone.psd")).contains("gone.psd"));
}

#[test]
fn a_file_cut_off_at_any_byte_is_refused() {
    for packing in [Packing::Raw, Packing::Runs, Packing::Zip, Packing::Differences] {
        for bits in [8, 16] {
            let mut file = some_layers();
            (file.packing, file.bits) = (packing, bits);
            let bytes = file.bytes();
            // The merged picture at the end is of no use where there are layers.
            let needed = bytes.len() - file.merged_picture().len();
            for length in (0..needed).step_by(needed.div_ceil(700)) {
                assert!(read(&bytes[..length]).is_err(), "{packing:?} {bits}: {length} of {needed}");
            }
            assert!(read(&bytes[..needed]).is_ok());
            let flat = File {
                layers: Vec::new(),
                ..file
            };
            let bytes = flat.bytes();
            assert!(read(&bytes).is_ok() && read(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}

#[test]
fn layers_that_claim_more_than_there_is_take_no_memory() {
    for packing in [Packing::Raw, Packing::Runs, Packing::Zip] {
        let mut small = File::new(vec![Written::layer("a", [0, 0, 2, 2], [0.5; 3])]);
        small.packing = packing;
        let bytes = small.bytes();
        let corner = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2];
        let at = bytes.windows(16).position(|window| window == corner).unwrap();
        for side in [29_999_u32, 30_001, 0x7FFF_FFFF] {
            let mut huge = bytes.clone();
            huge[at + 8..at + 12].copy_from_slice(&side.to_be_bytes());
            huge[at + 12..at + 16].copy_from_slice(&side.to_be_bytes());
            let text = read(&huge).err().unwrap().to_string();
            assert!(text.contains("is damaged"), "{text}");
        }
    }
    let mut colourless = Written::layer("a", [0, 0, 2, 2], [0.5; 3]);
    colourless.channels.pop();
    assert!(fault(&File::new(vec![colourless])).contains("lacks a colour"));
}

/// Bytes changed, cut out and put in, by a seed.
#[test]
fn damage_of_any_kind_is_survived() {
    let mut seeds = Vec::new();
    for packing in [Packing::Raw, Packing::Runs, Packing::Zip, Packing::Differences] {
        for bits in [8, 16] {
            let mut file = some_layers();
            (file.packing, file.bits) = (packing, bits);
            seeds.push(file.bytes());
        }
    }
    let mut flat = File::new(Vec::new());
    flat.icc = Some(moxcms::ColorProfile::new_display_p3().encode().unwrap());
    seeds.push(flat.bytes());
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut whole = 0;
    for round in 0..900 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..random.random_range(1..5) {
            let at = random.random_range(0..bytes.len());
            match random.random_range(0..5) {
                0 => bytes[at] ^= 1 << random.random_range(0..8),
                1 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][random.random_range(0..5)],
                2 => bytes.insert(at, random.random()),
                3 => {
                    bytes.remove(at);
                }
                _ => {
                    let end = (at + 4).min(bytes.len());
                    random.fill_bytes(&mut bytes[at..end]);
                }
            }
        }
        whole += usize::from(read(&bytes).is_ok());
    }
    assert!(whole > 50, "most damage is in pixels: {whole}");
}
