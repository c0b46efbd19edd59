//! Files that are damaged, or made to do harm: a clear refusal each, and never a panic.

use super::pickles::{archive, pickle};
use super::*;
use crate::model::Adapter;
use crate::request::AdapterFile;

fn refused(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    fs::write(&path, bytes).expect("written");
    let error = refusal(&path).to_string();
    assert!(error.contains("model.safetensors"), "{error}");
    error
}

#[test]
fn what_people_have_in_place_of_a_model_is_named() {
    let four_gigabytes = [&(4u64 << 30).to_le_bytes(), b"{\"weight\":".as_slice()].concat();
    let deep = [&4000u64.to_le_bytes(), "[".repeat(4000).as_bytes()].concat();
    for (bytes, words) in [
        (b"<!DOCTYPE html><title>Sign in</title>".as_slice(), "web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0".as_slice(),
            "Git LFS pointer",
        ),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}.".as_slice(), "bare pickle"),
        (&four_gigabytes, "its header claims 4294967296 bytes"),
        (&deep, "no model file"),
        (b"PK\x03\x04 and nothing".as_slice(), "zip archive"),
    ] {
        let error = refused(bytes);
        assert!(error.contains(words), "{error}");
    }
}

/// A file with this header and so many zeros behind it.
fn with_header(header: &str, zeros: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; zeros]].concat()
}

#[test]
fn headers_that_lie_are_refused() {
    for header in [
        // Beyond the end, over another, of another length than the shape's, wrapped around.
        r#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,400]}}"#,
        r#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[2],"data_offsets":[2,6]}}"#,
        r#"{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"F16","shape":[18446744073709551615,2],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[4,0]}}"#,
        r#"{"a":{"dtype":"F7","shape":[2],"data_offsets":[0,4]}}"#,
    ] {
        let bytes = with_header(header, 4);
        assert!(read_all(Path::new("model"), bytes).is_err(), "{header}");
    }
}

#[test]
fn widths_that_overflow_are_refused() {
    let (_folder, path) = saved(Precision::F16);
    change(&path, |tensors| {
        for name in ["input_blocks.0.0.weight", "out.2.weight"] {
            let tensor = tensors.get_mut(&format!("model.diffusion_model.{name}")).expect("there");
            (tensor.1, tensor.2) = (vec![1 << 62, 0, 3, 3], Vec::new());
        }
    });
    let error = read_all(&path, fs::read(&path).expect("a file")).expect_err("refused");
    assert!(error.to_string().contains("as no network has it"), "{error}");
}

#[test]
fn tensors_that_nobody_knows_are_told_and_left_alone() {
    let (_folder, path) = saved(Precision::F16);
    change(&path, |tensors| {
        tensors.insert("something.else".to_owned(), (safetensors::Dtype::I64, vec![1], vec![0; 8]));
        tensors.insert("model_ema.decay".to_owned(), (safetensors::Dtype::F32, vec![], vec![0; 4]));
    });
    let loaded = load_small(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.report.unused, ["something.else"]);
    assert_eq!(loaded.report.ignored, 1);
}

/// A pickle of `names` tensors that are all the same storage, of `count` floats.
fn shared(names: usize, count: u32) -> Vec<u8> {
    let text = |text: &str| [b"X", (text.len() as u32).to_le_bytes().as_slice(), text.as_bytes()].concat();
    let int = [b"J".as_slice(), &count.to_le_bytes()].concat();
    let mut out = b"\x80\x02}(".to_vec();
    for name in 0..names {
        out.extend(text(&format!("weight{name}")));
        out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        out.extend([text("storage"), b"ctorch\nFloatStorage\n".to_vec(), text("0"), text("cpu")].concat());
        out.extend(
            [
                &int,
                b"tQK\x00(".as_slice(),
                &int,
                b"t(K\x01t\x89ccollections\nOrderedDict\n)RtR",
            ]
            .concat(),
        );
    }
    out.extend(b"u.");
    out
}

#[test]
fn a_small_file_whose_tensors_are_all_the_same_numbers_is_refused() {
    let numbers = || Tensors::from([("0".to_owned(), (safetensors::Dtype::F32, vec![4096], vec![0; 4 * 4096]))]);
    let file = |names: usize| archive(&shared(names, 4096), &numbers(), zip::CompressionMethod::Stored);
    // Two names for the same numbers are the words of a language model, in and out.
    let tied = super::super::file::ModelFile::from_bytes(Path::new("tied"), file(2)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(tied.names().count(), 2);
    let error = refused(&file(100));
    assert!(error.contains("share their numbers"), "{error}");
}

#[test]
fn a_pickle_without_end_is_refused() {
    let pickle = [b"\x80\x02".as_slice(), &b"]".repeat(3 << 20), b"."].concat();
    let error = refused(&archive(&pickle, &Tensors::new(), zip::CompressionMethod::Stored));
    assert!(error.contains("instructions"), "{error}");
}

/// What comes of an adapter file whose tensors were changed.
fn with_adapter(edit: impl FnOnce(&mut Tensors)) -> Result<(), WeightsError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("adapter.safetensors");
    let networks = Colorizer::new(&small(), &Device::flex());
    let identity = ModelIdentity {
        name: "small".to_owned(),
        hash: "0".repeat(64),
    };
    save_adapters(&networks, &[Adapter::Foreground], &identity, &path)?;
    let mut tensors = read(&path);
    edit(&mut tensors);
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        let view = safetensors::tensor::TensorView::new(*dtype, shape.clone(), bytes).expect("bytes that fit the shape");
        (name.as_str(), view)
    });
    let about = [
        ("shiage.kind", "adapter 1"),
        ("shiage.model", "small"),
        ("shiage.model.blake3", identity.hash.as_str()),
    ];
    let about = about.map(|(key, value)| (key.to_owned(), value.to_owned()));
    fs::remove_file(&path).expect("removed");
    safetensors::serialize_to_file(views, Some(about.into()), &path).expect("written");
    let adapter = AdapterFile {
        file: path,
        strength: 1.0,
        hash: None,
    };
    adapted(networks, &identity, &[adapter]).map(drop)
}

#[test]
fn adapters_that_do_not_fit_are_refused() {
    const DOWN: &str = "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_q.lora_down_fg.weight";
    let up = DOWN.replace("down", "up");
    // Two bytes a number.
    let resized = |tensors: &mut Tensors, name: &str, shape: [usize; 2]| {
        let tensor = tensors.get_mut(name).expect("there");
        (tensor.1, tensor.2) = (shape.to_vec(), vec![0; 2 * shape[0] * shape[1]]);
    };
    with_adapter(|_| ()).unwrap_or_else(|error| panic!("{error}"));
    // Another rank is none that the file's own pair may not have.
    with_adapter(|tensors| {
        resized(tensors, DOWN, [3, 16]);
        resized(tensors, &up, [16, 3]);
    })
    .unwrap_or_else(|error| panic!("{error}"));

    let refusals: [(&str, Result<(), WeightsError>); 5] = [
        ("its other half", with_adapter(|tensors| drop(tensors.remove(&up)))),
        ("its rank is", with_adapter(|tensors| resized(tensors, DOWN, [3, 16]))),
        (
            "where the configuration asks for",
            with_adapter(|tensors| resized(tensors, DOWN, [2, 15])),
        ),
        (
            "its shape is",
            with_adapter(|tensors| tensors.get_mut(DOWN).expect("there").1 = vec![2, 16, 1]),
        ),
        (
            "no part of an adapter",
            with_adapter(|tensors| {
                let pair = tensors[DOWN].clone();
                tensors.insert("something".to_owned(), pair);
            }),
        ),
    ];
    for (words, refusal) in refusals {
        let error = refusal.expect_err(words).to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
}

/// Numbers that are the same in every run (xorshift64).
struct XorShift(u64);

impl XorShift {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// A copy with a few bytes changed, taken out, doubled or cut off, most of them within `range`.
fn damaged(bytes: &[u8], range: std::ops::Range<usize>, rng: &mut XorShift) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=rng.below(4) {
        let at = match rng.below(8) {
            0 => rng.below(bytes.len()),
            _ => (range.start + rng.below(range.len())).min(bytes.len().saturating_sub(1)),
        };
        let Some(byte) = bytes.get_mut(at) else { return bytes };
        match rng.below(12) {
            0..=3 => *byte = rng.below(256) as u8,
            4..=6 => *byte ^= 1 << rng.below(8),
            7 => *byte = 0xff,
            8 => *byte = b"0123456789"[rng.below(10)],
            9 => drop(bytes.drain(at..(at + 1 + rng.below(16)).min(bytes.len()))),
            10 => {
                let piece = bytes[at..(at + 1 + rng.below(64)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(bytes.len() - rng.below(bytes.len()) / 8),
        }
    }
    bytes
}

#[test]
fn no_damage_makes_the_readers_panic() {
    const ROUNDS: usize = 1000;
    let (_folder, path) = saved(Precision::F16);
    let safetensors = fs::read(&path).expect("a file");
    let header = u64::from_le_bytes(*safetensors.first_chunk().expect("a length")) as usize;
    let tensors: Tensors = read(&path)
        .into_iter()
        .filter(|(_, (_, _, bytes))| bytes.len() < 2000)
        .collect();
    let inside = pickle(&tensors, Some("state_dict"));
    let torch = archive(&inside, &tensors, zip::CompressionMethod::Stored);
    let contents = torch.len() - 60 * tensors.len()..torch.len();
    let mut rng = XorShift(0x9e37_79b9_7f4a_7c15);
    let mut noticed = 0;
    for (bytes, range) in [
        (&safetensors, 0..header + 8),
        (&torch, 64..64 + inside.len()),
        (&torch, contents),
    ] {
        for _ in 0..ROUNDS {
            let damaged = damaged(bytes, range.clone(), &mut rng);
            // Whole, it is refused for its heads, which are narrower than any that is published.
            let whole = matches!(
                read_all(Path::new("damaged"), damaged),
                Ok(_) | Err(WeightsError::Inference { .. })
            );
            noticed += usize::from(!whole);
        }
    }
    assert!((ROUNDS..3 * ROUNDS).contains(&noticed), "{noticed}");
}
