//! Text towers: in OpenCLIP's names, and in those of transformers.

use super::*;
use crate::model::config::ClipTextConfig;

/// What a whole CLIP file gives its text tower.
fn map_text(clip: &Shapes) -> (ClipTextConfig, Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clip");
    write_hollow(&path, clip);
    let sources = Sources::of_tower(&path).unwrap_or_else(|error| panic!("{error}"));
    let config = text::infer(&sources).unwrap_or_else(|error| panic!("{error}"));
    let (_, report) = text::compared(&config, &sources, &Device::flex()).unwrap_or_else(|error| panic!("{error}"));
    (config, report)
}

#[test]
fn a_text_tower_maps_whole_by_either_name() {
    let (config, report) = map_text(&open_clip());
    assert_eq!(
        (
            config.vocabulary.size(),
            config.context_length,
            config.width,
            config.layers,
            config.output_dim
        ),
        (49408, 77, 1024, 24, 1024)
    );
    // All but the image tower's 392 and the one number that scales similarities.
    assert_eq!(report.loaded, open_clip().len() - 392 - 1);
    for fused in [false, true] {
        let clip: Shapes = open_clip()
            .iter()
            .flat_map(|(name, shape)| transformers(name, shape, fused))
            .collect();
        assert_eq!(map_text(&clip), (config.clone(), report.clone()), "{fused}");
    }
}

#[test]
fn a_text_tower_by_the_names_of_transformers_says_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/parity/tiny-open-clip.safetensors"
    ));
    let theirs = folder.path().join("clip.safetensors");
    write(
        &theirs,
        &renamed(read(path).iter().map(|(name, tensor)| (name.as_str(), tensor))),
    );
    let mut config = text::infer(&Sources::of_tower(path).expect("opened")).expect("inferred");
    // The fixture's heads are narrower than those of any published tower.
    config.head_width = config.width / 2;
    let ids: Vec<u32> = (0..config.context_length as u32)
        .map(|at| at % config.vocabulary.size() as u32)
        .collect();
    let [ours, theirs] = [path, &theirs].map(|path| {
        let tower = load_text_with_config(&config, path, &Device::flex()).unwrap_or_else(|error| panic!("{error}"));
        tower.tokens(&[&ids]).try_into_vec_as::<f32>().expect("numbers")
    });
    assert!(ours.iter().any(|value| *value != 0.0));
    assert_eq!(ours, theirs);
}

#[test]
fn a_text_tower_that_the_tokenizer_does_not_write_for_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let [checkpoint, clip] = ["switch.safetensors", "clip.safetensors"].map(|name| folder.path().join(name));
    write_hollow(&checkpoint, &switch());
    let model = ModelRef::Files {
        checkpoint,
        clip: Some(clip.clone()),
        vae: None,
    };
    for (name, axis, length, words) in [
        ("token_embedding.weight", 0, 100, "100 words"),
        ("positional_embedding", 0, 70, "70 places"),
        ("text_projection", 1, 512, "512 features"),
    ] {
        let mut shapes = open_clip();
        shapes.get_mut(name).expect("there")[axis] = length;
        write_hollow(&clip, &shapes);
        let error = load_text(&model, &Device::flex(), &mut to_the_end)
            .expect_err(name)
            .to_string();
        assert!(error.contains(words), "{error}");
    }
}
