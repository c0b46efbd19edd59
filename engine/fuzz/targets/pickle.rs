//! The pickle inside a PyTorch archive. The archive is written around it here: damage to a zip's own tables hides what is in it.

#![no_main]

use std::io::{Cursor, Write};
use std::path::Path;

use engine::weights;
use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|pickle: &[u8]| {
    let _ = weights::read_all(Path::new("fuzz"), archive(pickle));
});

/// What `torch.save` writes around a pickle whose tensors lie in the storages `0` to `3`.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        archive.start_file(name, options).expect("a name");
        archive.write_all(bytes).expect("memory");
    };
    add("archive/data.pkl", pickle);
    for storage in 0..4 {
        add(&format!("archive/data/{storage}"), &[0; 256]);
    }
    archive.finish().expect("memory").into_inner()
}
