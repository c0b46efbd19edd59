//! The configuration beside a checkpoint: what passes its check describes networks that can be made.

#![no_main]

use burn::tensor::Device;
use engine::model::Colorizer;
use engine::model::config::ModelConfig;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(config) = ron::from_str::<ModelConfig>(text) else {
        return;
    };
    if config.check().is_ok() {
        let _ = Colorizer::new(&config, &Device::flex());
    }
});
