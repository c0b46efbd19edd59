//! Words through the built program: a prompt that changes a picture, and the map of where it is heeded, on the model in the program with a small text
//! tower beside its own networks.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;
use tests::{said, shiage, workspace};

/// Widths of the tower and of what it says, which is what the image tower says too.
const WIDTH: usize = 64;
const FEATURES: usize = 128;

/// Shapes of the smallest text tower of the published layout, in the order in which they are laid down.
fn tensors() -> Vec<(String, Vec<usize>)> {
    let block = |name: &str| format!("transformer.resblocks.0.{name}");
    let mut tensors = vec![
        ("token_embedding.weight".to_owned(), vec![49408, WIDTH]),
        ("positional_embedding".to_owned(), vec![77, WIDTH]),
        ("text_projection".to_owned(), vec![WIDTH, FEATURES]),
        ("ln_final.weight".to_owned(), vec![WIDTH]),
        ("ln_final.bias".to_owned(), vec![WIDTH]),
    ];
    for name in ["ln_1", "ln_2"] {
        tensors.push((block(&format!("{name}.weight")), vec![WIDTH]));
        tensors.push((block(&format!("{name}.bias")), vec![WIDTH]));
    }
    for (name, outputs, inputs) in [
        ("attn.in_proj_", 3 * WIDTH, WIDTH),
        ("attn.out_proj.", WIDTH, WIDTH),
        ("mlp.c_fc.", 4 * WIDTH, WIDTH),
        ("mlp.c_proj.", WIDTH, 4 * WIDTH),
    ] {
        tensors.push((block(&format!("{name}weight")), vec![outputs, inputs]));
        tensors.push((block(&format!("{name}bias")), vec![outputs]));
    }
    tensors
}

/// The model in the program as a file, and a text tower with random numbers in it.
fn model(folder: &Path) -> PathBuf {
    let models = workspace().join("assets/models");
    let path = folder.join("words.safetensors");
    fs::copy(models.join("tiny.ron"), folder.join("words.ron")).unwrap();
    let bytes = fs::read(models.join("tiny.safetensors")).unwrap();
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header = std::str::from_utf8(&bytes[8..8 + length]).unwrap().trim_end();
    let mut header = header.strip_suffix('}').unwrap().to_owned();
    let mut data = bytes[8 + length..].to_vec();
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for (name, shape) in tensors() {
        let begin = data.len();
        for _ in 0..shape.iter().product() {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            // A half between 1/16 and 1/8, of either sign.
            let half = 0x2c00 | (dice >> 32) as u16 & 0x83ff;
            data.extend(half.to_le_bytes());
        }
        let end = data.len();
        header.push_str(&format!(
            ",\"cond_stage_model.model.{name}\":{{\"dtype\":\"F16\",\"shape\":{shape:?},\"data_offsets\":[{begin},{end}]}}"
        ));
    }
    header.push('}');
    fs::write(
        &path,
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat(),
    )
    .unwrap();
    path
}

fn open(path: &Path) -> RgbImage {
    image::open(path).unwrap().to_rgb8()
}

#[test]
fn a_prompt_changes_the_picture_and_its_map_shows_where() {
    let folder = tempfile::tempdir().unwrap();
    let model = model(folder.path());
    let model = model.to_string_lossy();
    let make = |out: &str, arguments: &[&str]| {
        let fixed = [
            "colorize",
            "--sample",
            "--model",
            &model,
            "--steps",
            "2",
            "--reference-guidance",
            "1",
            "--out",
            out,
        ];
        let output = shiage(folder.path(), &[&fixed, arguments].concat());
        assert!(output.status.success(), "{}", said(&output));
        open(&folder.path().join(out))
    };
    let plain = make("plain.png", &[]);
    let prompted = make("prompted.png", &["--prompt", "[target] blonde hair; [scale] 8"]);
    assert_ne!(prompted, plain);
    assert_ne!(make("other.png", &["--prompt", "[target] snow; [scale] 8"]), prompted);
    // The recipe has the words, and can do without.
    let again = |out: &str, arguments: &[&str]| {
        let output = shiage(
            folder.path(),
            &[&["colorize", "--recipe", "prompted.png", "--out", out], arguments].concat(),
        );
        assert!(output.status.success(), "{}", said(&output));
        open(&folder.path().join(out))
    };
    assert_eq!(again("again.png", &[]), prompted);
    assert_eq!(again("without.png", &["--no-prompts"]), plain);

    let reference = workspace().join("assets/samples/hand/reference.png");
    let reference = reference.to_string_lossy();
    let prompt = "[target] blonde hair; [control] hair";
    let output = shiage(
        folder.path(),
        &[
            "heatmap",
            "--reference",
            &reference,
            "--prompt",
            prompt,
            "--model",
            &model,
            "--out",
            "map.png",
        ],
    );
    assert!(output.status.success(), "{}", said(&output));
    let (map, seen) = (open(&folder.path().join("map.png")), open(Path::new(&*reference)));
    assert_eq!(map.dimensions(), seen.dimensions());
    // Warm where the words are heeded, grey elsewhere.
    let warm = map
        .pixels()
        .filter(|pixel| pixel.0[0] > pixel.0[2].saturating_add(20))
        .count();
    let grey = map.pixels().filter(|pixel| pixel.0[0].abs_diff(pixel.0[2]) < 3).count();
    assert!(warm > 100 && grey > 100, "{warm} warm, {grey} grey");
}
