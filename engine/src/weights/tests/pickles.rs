//! Files of PyTorch: those in `tests/fixtures/published` were written by PyTorch itself (`pickles.py` beside them).

use std::io::{Cursor, Write};

use safetensors::Dtype;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::file::ModelFile;
use super::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/published")).join(name)
}

/// The error of a file that must not open.
fn failure(path: &Path) -> WeightsError {
    match ModelFile::open(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[test]
fn what_pytorch_saved_is_read() {
    for name in ["plain.bin", "training.ckpt"] {
        let file = ModelFile::open(&fixture(name)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            file.names().collect::<Vec<_>>(),
            ["brain", "empty", "full", "half", "middle", "scalar", "turned", "whole"]
        );
        let values = |name: &str| file.values(name).unwrap_or_else(|error| panic!("{error}"));
        let grid = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        for name in ["half", "brain", "full"] {
            assert_eq!(values(name), grid);
            assert_eq!(file.info(name).expect("there").shape, [2, 3]);
        }
        assert_eq!(values("turned"), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(values("middle"), [3.0, 4.0, 5.0, 6.0]);
        assert_eq!(values("scalar"), [2.5]);
        assert_eq!(values("empty"), [0.0; 0]);
        assert!(matches!(file.values("whole"), Err(WeightsError::Precision { found, .. }) if found == "I64"));
    }
}

#[test]
fn pickles_without_weights_say_so() {
    let error = failure(&fixture("no_weights.pth"));
    assert!(matches!(error, WeightsError::Torch { .. }), "{error}");
    assert!(error.to_string().contains("holds no names with tensors"), "{error}");
    let error = failure(&fixture("old.pt"));
    assert!(error.to_string().contains("PyTorch before 1.6"), "{error}");
}

/// A pickle of a dictionary of tensors, as `torch.save` writes it, under `holder` if there is one.
pub(super) fn pickle(tensors: &Tensors, holder: Option<&str>) -> Vec<u8> {
    let text = |text: &str| [b"X", (text.len() as u32).to_le_bytes().as_slice(), text.as_bytes()].concat();
    let int = |number: usize| [b"J".as_slice(), &(number as u32).to_le_bytes()].concat();
    let tuple = |numbers: &[usize]| {
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| int(*number)).collect();
        [b"(".as_slice(), &numbers, b"t"].concat()
    };
    let mut out = b"\x80\x02".to_vec();
    if let Some(holder) = holder {
        out.extend([b"}(".as_slice(), &text("epoch"), b"K\x07", &text(holder)].concat());
    }
    out.extend(b"ccollections\nOrderedDict\n)R(");
    for (key, (name, (dtype, shape, bytes))) in tensors.iter().enumerate() {
        let class = match dtype {
            Dtype::F16 => "HalfStorage",
            Dtype::F32 => "FloatStorage",
            _ => "LongStorage",
        };
        let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
        let count = bytes.len() / (dtype.bitsize() / 8);
        out.extend(text(name));
        out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        out.extend(
            [
                text("storage"),
                format!("ctorch\n{class}\n").into_bytes(),
                text(&key.to_string()),
            ]
            .concat(),
        );
        out.extend([text("cpu"), int(count), b"tQK\x00".to_vec(), tuple(shape), tuple(&strides)].concat());
        out.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    out.extend(if holder.is_some() { b"uu.".as_slice() } else { b"u." });
    out
}

/// A zip archive around a pickle and the tensors' bytes.
pub(super) fn archive(pickle: &[u8], tensors: &Tensors, method: CompressionMethod) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(method).with_alignment(64);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        archive.start_file(name, options).expect("started");
        archive.write_all(bytes).expect("written");
    };
    add("archive/data.pkl", pickle);
    for (key, (_, _, bytes)) in tensors.values().enumerate() {
        add(&format!("archive/data/{key}"), bytes);
    }
    archive.finish().expect("finished").into_inner()
}

#[test]
fn a_checkpoint_of_pytorch_is_the_same_model() {
    let (folder, path) = saved(Precision::F16);
    let tensors = read(&path);
    for holder in [None, Some("state_dict")] {
        let checkpoint = folder.path().join("model.ckpt");
        fs::write(
            &checkpoint,
            archive(&pickle(&tensors, holder), &tensors, CompressionMethod::Stored),
        )
        .expect("written");
        let loaded = load_small(&checkpoint).unwrap_or_else(|error| panic!("{error}"));
        let again = folder.path().join("again.safetensors");
        save(&loaded.networks, &again, Precision::F16).expect("saved");
        assert!(
            fs::read(&again).expect("a file") == fs::read(&path).expect("a file"),
            "{holder:?}"
        );
    }
}

#[test]
fn a_damaged_checkpoint_of_pytorch_says_what_is_wrong() {
    let (folder, path) = saved(Precision::F16);
    let tensors: Tensors = read(&path).into_iter().take(3).collect();
    let good = pickle(&tensors, None);
    let whole = archive(&good, &tensors, CompressionMethod::Stored);
    let last = tensors.len() - 1;
    let fewer: Tensors = tensors.clone().into_iter().take(last).collect();
    let shorter: Tensors = tensors
        .iter()
        .map(|(name, (dtype, shape, bytes))| (name.clone(), (*dtype, shape.clone(), bytes[2..].to_vec())))
        .collect();
    for (bytes, reason) in [
        (whole[..whole.len() / 2].to_vec(), "table of contents"),
        (
            archive(&good[..good.len() / 2], &tensors, CompressionMethod::Stored),
            "ends early",
        ),
        (archive(b"import os", &tensors, CompressionMethod::Stored), "cannot be read"),
        (archive(&good, &fewer, CompressionMethod::Stored), "are not in it"),
        (
            archive(&good, &shorter, CompressionMethod::Stored),
            "reaches out of its numbers",
        ),
        (archive(&good, &tensors, CompressionMethod::Deflated), "is compressed"),
    ] {
        let damaged = folder.path().join("model.pth");
        fs::write(&damaged, bytes).expect("written");
        let error = failure(&damaged);
        assert!(matches!(error, WeightsError::Torch { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
        assert!(error.to_string().contains("model.pth"), "{error}");
    }
}
