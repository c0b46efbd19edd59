//! A picture file of any kind, with whatever profile is in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picture::Picture;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(picture) = Picture::decode(bytes) {
        let _ = picture.into_mask();
    }
});
