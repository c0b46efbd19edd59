//! A model file of any kind, as it comes from the web: `.safetensors`, or the zip archives of PyTorch.

#![no_main]

use std::path::Path;

use engine::weights;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // A refusal is an answer; a panic, an overflow or a gigabyte is not.
    let _ = weights::read_all(Path::new("fuzz"), bytes.to_vec());
});
