//! The published files: every name and shape of each layout goes into the networks, and the values with them.

mod texts;

use super::*;

/// Names and shapes.
type Shapes = BTreeMap<String, Vec<usize>>;

/// The tensors of a v1.5 checkpoint.
fn switch() -> Shapes {
    serde_json::from_str(include_str!("../../../../tests/fixtures/published/switch-full-tensors.json")).expect("a list")
}

/// The tensors of OpenCLIP's ViT-H-14.
fn open_clip() -> Shapes {
    serde_json::from_str(include_str!(
        "../../../../tests/fixtures/published/open-clip-vit-h-14-tensors.json"
    ))
    .expect("a list")
}

/// A file of the published size on paper: its header is real, its gigabytes are a hole that is never read.
fn write_hollow(path: &Path, shapes: &Shapes) {
    let mut offset = 0;
    let header: BTreeMap<&String, serde_json::Value> = shapes
        .iter()
        .map(|(name, shape)| {
            let start = offset;
            offset += 2 * shape.iter().product::<usize>();
            let entry = serde_json::json!({ "dtype": "F16", "shape": shape, "data_offsets": [start, offset] });
            (name, entry)
        })
        .collect();
    let header = serde_json::to_vec(&header).expect("JSON");
    let mut start = (header.len() as u64).to_le_bytes().to_vec();
    start.extend(&header);
    fs::write(path, &start).expect("written");
    let file = fs::OpenOptions::new().write(true).open(path).expect("open");
    file.set_len((start.len() + offset) as u64).expect("a hole");
}

/// Opens files of these tensors, and compares them with the networks that follow from their shapes.
fn map(checkpoint: &Shapes, clip: &Shapes, vae: Option<&Shapes>) -> (ModelConfig, Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    write_hollow(&path("checkpoint"), checkpoint);
    write_hollow(&path("clip"), clip);
    if let Some(vae) = vae {
        write_hollow(&path("vae"), vae);
    }
    let vae = vae.map(|_| path("vae"));
    let sources =
        Sources::open(&path("checkpoint"), Some(&path("clip")), vae.as_deref()).unwrap_or_else(|error| panic!("{error}"));
    let config = family::infer("published".to_owned(), &sources).unwrap_or_else(|error| panic!("{error}"));
    // Parameters are lazy: two billion weights are named here and none is made.
    let networks = Colorizer::new(&config, &Device::flex());
    let report = fill::compare(&fill::slots(&networks), &sources).unwrap_or_else(|error| panic!("{error}"));
    (config, report)
}

#[test]
fn the_published_files_map_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let [checkpoint, clip] = ["switch.safetensors", "clip.safetensors"].map(|name| folder.path().join(name));
    write_hollow(&checkpoint, &switch());
    write_hollow(&clip, &open_clip());
    assert!(matches!(
        Sources::open(&checkpoint, None, None),
        Err(WeightsError::NoTower { .. })
    ));

    let sources = Sources::open(&checkpoint, Some(&clip), None).expect("opened");
    let config = family::infer("published".to_owned(), &sources).expect("inferred");
    assert_eq!(config.unet.channel_mult, [1, 2, 4, 4]);
    assert_eq!(config.unet.attention_resolutions, [1, 2, 4]);
    assert_eq!(
        (
            config.unet.model_channels,
            config.unet.num_res_blocks,
            config.unet.context_dim
        ),
        (320, 2, 1024)
    );
    assert_eq!(config.unet.lora.background.of(320, 320), 160);
    assert_eq!(config.sketch_encoder.stem_channels, [16, 16, 32, 32, 96, 96, 256]);
    assert_eq!((config.vae.base_channels, config.vae.num_res_blocks), (128, 2));
    assert_eq!(config.vae.channel_mult, [1, 2, 4, 4]);
    assert_eq!(
        (
            config.clip_vision.layers,
            config.clip_vision.image_size,
            config.clip_vision.head_width
        ),
        (32, 224, 80)
    );
    assert_eq!(
        (config.recovery_transformer.layers, config.recovery_transformer.tokens),
        (6, 256)
    );
    assert_eq!(config.threshold_embedder.embed_dim, 256);

    // Parameters are lazy: two billion weights are named here and none is made.
    let networks = Colorizer::new(&config, &Device::flex());
    let report = fill::compare(&fill::slots(&networks), &sources).unwrap_or_else(|error| panic!("{error}"));
    // 1263 names less 12 schedule vectors, and 392 of the image tower; the text tower has the other 294.
    assert_eq!((report.loaded, report.ignored), (1251 + 392, 12 + 294));
    assert_eq!(report.unused, [""; 0]);
}

/// OpenCLIP's tensor by the names that transformers gives it, with their shapes; `fused` leaves queries, keys and values in one.
fn transformers(name: &str, shape: &[usize], fused: bool) -> Vec<(String, Vec<usize>)> {
    let whole = |name: &str| vec![(name.to_owned(), shape.to_vec())];
    let turned = |name: &str| vec![(name.to_owned(), vec![shape[1], shape[0]])];
    match name {
        "visual.proj" => return turned("visual_projection.weight"),
        "text_projection" => return turned("text_projection.weight"),
        "visual.class_embedding" => return whole("vision_model.embeddings.class_embedding"),
        "visual.positional_embedding" => return whole("vision_model.embeddings.position_embedding.weight"),
        "visual.conv1.weight" => return whole("vision_model.embeddings.patch_embedding.weight"),
        "token_embedding.weight" => return whole("text_model.embeddings.token_embedding.weight"),
        "positional_embedding" => return whole("text_model.embeddings.position_embedding.weight"),
        "logit_scale" => return whole("logit_scale"),
        _ => {}
    }
    let name = [
        ("visual.transformer.resblocks.", "vision_model.encoder.layers."),
        ("transformer.resblocks.", "text_model.encoder.layers."),
        ("visual.ln_pre.", "vision_model.pre_layrnorm."),
        ("visual.ln_post.", "vision_model.post_layernorm."),
        ("ln_final.", "text_model.final_layer_norm."),
        (".ln_1.", ".layer_norm1."),
        (".ln_2.", ".layer_norm2."),
        (".mlp.c_fc.", ".mlp.fc1."),
        (".mlp.c_proj.", ".mlp.fc2."),
        (".attn.", ".self_attn."),
    ]
    .iter()
    .fold(name.to_owned(), |name, (ours, theirs)| name.replace(ours, theirs));
    match name.split_once(".in_proj_") {
        Some((block, leaf)) if fused => vec![(format!("{block}.qkv_proj.{leaf}"), shape.to_vec())],
        Some((block, leaf)) => {
            let mut third = shape.to_vec();
            third[0] /= 3;
            let parts = ["q_proj", "k_proj", "v_proj"];
            parts.map(|part| (format!("{block}.{part}.{leaf}"), third.clone())).to_vec()
        }
        None => vec![(name, shape.to_vec())],
    }
}

#[test]
fn a_tower_by_the_names_of_transformers_maps_whole() {
    let (config, expected) = map(&switch(), &open_clip(), None);
    for fused in [false, true] {
        let mut clip: Shapes = open_clip()
            .iter()
            .flat_map(|(name, shape)| transformers(name, shape, fused))
            .collect();
        clip.insert("vision_model.embeddings.position_ids".to_owned(), vec![1, 257]);
        let (found, report) = map(&switch(), &clip, None);
        assert_eq!(found, config);
        assert_eq!((report.loaded, report.ignored), (expected.loaded, expected.ignored + 1));
        assert_eq!(report.unused, [""; 0]);
    }
}

/// The same tensors by the names of transformers, queries, keys and values apart.
fn renamed<'a>(tensors: impl Iterator<Item = (&'a str, &'a (safetensors::Dtype, Vec<usize>, Vec<u8>))>) -> Tensors {
    let mut renamed = Tensors::new();
    for (name, (dtype, shape, bytes)) in tensors {
        let parts = transformers(name, shape, false);
        if let ("visual.proj" | "text_projection", [(name, turned)]) = (name, parts.as_slice()) {
            let size = dtype.bitsize() / 8;
            let number = |at: usize| &bytes[at * size..][..size];
            let columns = (0..shape[1]).flat_map(|column| (0..shape[0]).map(move |row| row * shape[1] + column));
            let words: Vec<&[u8]> = columns.map(number).collect();
            renamed.insert(name.clone(), (*dtype, turned.clone(), words.concat()));
            continue;
        }
        let pieces = bytes.chunks(bytes.len() / parts.len());
        for ((name, shape), bytes) in parts.into_iter().zip(pieces) {
            renamed.insert(name, (*dtype, shape, bytes.to_vec()));
        }
    }
    renamed
}

#[test]
fn a_tower_without_its_text_half_maps_whole() {
    let clip: Shapes = open_clip()
        .iter()
        .filter(|(name, _)| name.starts_with("visual."))
        .flat_map(|(name, shape)| transformers(name, shape, false))
        .collect();
    let (_, report) = map(&switch(), &clip, None);
    assert_eq!((report.loaded, report.ignored), (1251 + 392, 12));
    assert_eq!(report.unused, [""; 0]);
}

#[test]
fn a_checkpoint_of_the_first_version_maps_whole() {
    let mut checkpoint = switch();
    checkpoint.retain(|name, _| !family::is_regional(name));
    // Three adapted projections in each of 16 blocks have four tensors; the recovery transformer and the threshold embedder have 83.
    assert_eq!(checkpoint.len(), 1263 - 16 * 3 * 4 - 83);
    let (config, report) = map(&checkpoint, &open_clip(), None);
    assert_eq!((report.loaded, report.ignored), (checkpoint.len() - 12 + 392, 12 + 294));
    assert_eq!(report.unused, [""; 0]);
    assert_eq!(config.unet.cross_attentions(), 16);
}

/// Latent diffusion's name of an autoencoder's tensor in diffusers' words, with its shape there.
fn diffusers(name: &str, shape: &[usize]) -> (String, Vec<usize>) {
    let mut name = name.replace("norm_out.", "conv_norm_out.");
    for level in 0..4 {
        let theirs = 3 - level;
        name = name
            .replace(&format!("down.{level}.block."), &format!("down_blocks.{level}.resnets."))
            .replace(&format!("up.{level}.block."), &format!("up_blocks.{theirs}.resnets."))
            .replace(
                &format!("down.{level}.downsample."),
                &format!("down_blocks.{level}.downsamplers.0."),
            )
            .replace(&format!("up.{level}.upsample."), &format!("up_blocks.{theirs}.upsamplers.0."));
    }
    let attention = [
        ("norm.", "group_norm."),
        ("q.", "to_q."),
        ("k.", "to_k."),
        ("v.", "to_v."),
        ("proj_out.", "to_out.0."),
    ];
    if let Some((side, leaf)) = name.split_once("mid.attn_1.") {
        let (ours, theirs) = attention
            .iter()
            .find(|(ours, _)| leaf.starts_with(ours))
            .expect("a layer of the attention");
        let matrix = if shape.len() == 4 { &shape[..2] } else { shape };
        return (
            format!("{side}mid_block.attentions.0.{}", leaf.replacen(ours, theirs, 1)),
            matrix.to_vec(),
        );
    }
    let name = name
        .replace("mid.block_1.", "mid_block.resnets.0.")
        .replace("mid.block_2.", "mid_block.resnets.1.")
        .replace("nin_shortcut.", "conv_shortcut.");
    (name, shape.to_vec())
}

#[test]
fn autoencoders_of_stable_diffusion_map_whole() {
    const VAE: &str = "first_stage_model.";
    let (whole, expected) = map(&switch(), &open_clip(), None);
    let bare: Shapes = switch()
        .iter()
        .filter_map(|(name, shape)| Some((name.strip_prefix(VAE)?.to_owned(), shape.clone())))
        .collect();
    let mut trained = bare.clone();
    trained.insert("loss.discriminator.main.0.weight".to_owned(), vec![64, 3, 4, 4]);
    let mut stable_diffusion: Shapes = bare
        .iter()
        .map(|(name, shape)| (format!("{VAE}{name}"), shape.clone()))
        .collect();
    stable_diffusion.insert("model.diffusion_model.input_blocks.0.0.weight".to_owned(), vec![320, 4, 3, 3]);
    let renamed = bare.iter().map(|(name, shape)| diffusers(name, shape)).collect();
    let mut without = switch();
    without.retain(|name, _| !name.starts_with(VAE));
    for vae in [bare, trained, stable_diffusion, renamed] {
        for checkpoint in [switch(), without.clone()] {
            let (config, report) = map(&checkpoint, &open_clip(), Some(&vae));
            assert_eq!(config, whole);
            assert_eq!(report.loaded, expected.loaded);
            assert_eq!(report.unused, [""; 0]);
        }
    }
}

/// The networks of the files, saved again as one.
fn resaved(folder: &Path, checkpoint: &Path, clip: Option<&Path>, vae: Option<&Path>) -> Vec<u8> {
    let sources = Sources::open(checkpoint, clip, vae).unwrap_or_else(|error| panic!("{error}"));
    let loaded = assemble(small(), &sources, true, Halves::None, [&Device::flex(); 2], &mut to_the_end)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.report.unused, [""; 0]);
    let again = folder.join("again.safetensors");
    save(&loaded.networks, &again, Precision::F32).expect("saved");
    fs::read(again).expect("a file")
}

#[test]
fn values_come_through_every_layout() {
    const TOWER: &str = "cond_stage_model.model.";
    let (folder, path) = saved(Precision::F32);
    let tensors = read(&path);
    let whole = fs::read(&path).expect("a file");

    let tower = renamed(
        tensors
            .iter()
            .filter_map(|(name, tensor)| Some((name.strip_prefix(TOWER)?, tensor))),
    );
    let vae: Tensors = tensors
        .iter()
        .filter_map(|(name, (dtype, shape, bytes))| {
            let (name, shape) = diffusers(name.strip_prefix("first_stage_model.")?, shape);
            Some((name, (*dtype, shape, bytes.clone())))
        })
        .collect();
    let rest: Tensors = tensors
        .iter()
        .filter(|(name, _)| !name.starts_with(TOWER) && !name.starts_with("first_stage_model."))
        .map(|(name, tensor)| (name.clone(), tensor.clone()))
        .collect();
    let [tower_path, vae_path, rest_path] = [("tower", tower), ("vae", vae), ("rest", rest)].map(|(name, tensors)| {
        let path = folder.path().join(name);
        write(&path, &tensors);
        path
    });
    assert!(resaved(folder.path(), &rest_path, Some(&tower_path), Some(&vae_path)) == whole);
    // Parts are taken from whole files too.
    assert!(resaved(folder.path(), &rest_path, Some(&path), Some(&path)) == whole);
    assert!(matches!(
        Sources::open(&rest_path, Some(&tower_path), None),
        Err(WeightsError::NoAutoencoder { .. })
    ));
    assert!(matches!(
        Sources::open(&path, None, Some(&tower_path)),
        Err(WeightsError::NotAutoencoder { .. })
    ));
    assert!(matches!(
        Sources::open(&vae_path, None, None),
        Err(WeightsError::OnlyAutoencoder { .. })
    ));
}

#[test]
fn adapters_that_are_not_there_change_nothing() {
    let (_folder, path) = saved(Precision::F16);
    let whole = load_small(&path).expect("loaded");
    assert!(whole.regions);
    change(&path, |tensors| tensors.retain(|name, _| !family::is_regional(name)));
    let loaded = load_small(&path).unwrap_or_else(|error| panic!("{error}"));
    assert!(!loaded.regions);
    assert_eq!(loaded.report.unused, [""; 0]);
    let adapter = &loaded.networks.unet.middle_block.1.transformer_blocks[0].attn2.to_q;
    let sum: f32 = adapter.lora_down_bg.weight.val().abs().sum().into_scalar();
    assert_eq!(sum, 0.0);
}

#[test]
fn a_configuration_follows_from_shapes_and_a_trial() {
    let mut config = small();
    config.native_size = 512;
    config.prediction = crate::model::config::Prediction::V;
    config.unet.model_channels = 64;
    config.unet.head_channels = 64;
    config.unet.context_dim = 64;
    config.unet.norm_groups = 32;
    config.sketch_encoder.model_channels = 64;
    config.vae.base_channels = 32;
    config.vae.norm_groups = 32;
    config.clip_vision.width = 64;
    config.clip_vision.head_width = 64;
    config.clip_vision.output_dim = 64;
    config.recovery_transformer.dim = 64;
    config.recovery_transformer.head_width = 64;
    config.threshold_embedder.out_dim = 64;
    config.name = "model".to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = folder.path().join("model.safetensors");
    save(&Colorizer::new(&config, &Device::flex()), &checkpoint, Precision::F16).expect("saved");
    let model = ModelRef::Files {
        checkpoint,
        clip: None,
        vae: None,
    };
    let loaded = load(&model, &Device::flex()).unwrap_or_else(|error| panic!("{error}"));
    // A network that was never trained gives zeros, which do not follow the noise: not what "small" says of itself.
    assert_eq!(loaded.config, config);
}
