//! An adapter file for a small model, as somebody else trained it.

#![no_main]

use std::cell::RefCell;
use std::path::PathBuf;

use burn::tensor::Device;
use engine::event::ModelIdentity;
use engine::model::Colorizer;
use engine::model::config::ModelConfig;
use engine::request::AdapterFile;
use engine::weights;
use libfuzzer_sys::fuzz_target;

/// The smallest model that training knows, and a file that each input is written to.
struct Desk {
    networks: Colorizer,
    path: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let config: ModelConfig = ron::from_str(include_str!("../../src/training/micro.ron")).expect("the micro model is right");
        Self {
            networks: Colorizer::new(&config, &Device::flex()),
            path: std::env::temp_dir().join(format!("shiage-fuzz-{}.safetensors", std::process::id())),
        }
    }
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::new(Desk::new());
}

fuzz_target!(|bytes: &[u8]| {
    DESK.with_borrow(|desk| {
        std::fs::write(&desk.path, bytes).expect("a file");
        let adapter = AdapterFile {
            file: desk.path.clone(),
            strength: 0.5,
            hash: None,
        };
        // That of the seeds, so that the inputs are taken for adapters of this model.
        let identity = ModelIdentity {
            name: "micro".to_owned(),
            hash: "0".repeat(64),
        };
        let _ = weights::adapted(desk.networks.clone(), &identity, &[adapter]);
    });
});
