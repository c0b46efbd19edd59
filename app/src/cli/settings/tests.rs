use super::*;
use engine::request::{HintSettings, Inputs};

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    settings: SettingsArguments,
    #[command(flatten)]
    input_settings: InputSettingsArguments,
}

impl Line {
    fn over(&self, base: Settings) -> Settings {
        self.input_settings.over(self.settings.over(base))
    }
}

fn typed_over(base: &Settings, words: &[&str]) -> Settings {
    let words = ["shiage"].iter().chain(words);
    let line = <Line as clap::Parser>::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
    line.over(base.clone())
}

/// Whatever a recipe chooses can be taken back.
#[test]
fn every_choice_of_a_recipe_can_be_undone() {
    let recipe = Settings {
        model: ModelRef::Files {
            checkpoint: "a.ckpt".into(),
            clip: None,
            vae: None,
        },
        size: Some([64, 64]),
        prediction: Some(Prediction::V),
        step_seed: Some(7),
        adapters: vec![parse_adapter("a.safetensors").unwrap()],
        reference_pause: Some([0.2, 0.4]),
        block_strengths: vec![0.5],
        soft_mask: true,
        background_alone: true,
        figure_alone: true,
        hints: HintSettings {
            spread: false,
            ..HintSettings::default()
        },
        prompts: vec!["[target] snow".parse().unwrap()],
        ..Settings::default()
    };
    assert_eq!(typed_over(&recipe, &[]), recipe);
    let words = [
        "--model=built-in",
        "--size=auto",
        "--prediction=auto",
        "--step-seed=own",
        "--no-adapters",
        "--no-reference-pause",
        "--no-block-strengths",
        "--soft-mask=false",
        "--background-alone=false",
        "--figure-alone=false",
        "--hint-exact=false",
        "--no-prompts",
    ];
    assert_eq!(typed_over(&recipe, &words), Settings::default());
}

#[test]
fn names_are_read_without_regard_to_case() {
    let settings = typed_over(
        &Settings::default(),
        &[
            "--sampler",
            "Euler-A",
            "--schedule",
            "KARRAS",
            "--mode",
            "Vanilla",
            "--prediction",
            "V",
        ],
    );
    assert_eq!((settings.sampler, settings.schedule), (Sampler::EulerA, Schedule::Karras));
    assert_eq!((settings.mode, settings.prediction), (Mode::Vanilla, Some(Prediction::V)));
}

#[test]
fn a_seed_is_a_number_or_drawn() {
    assert_eq!(parse_seed("18446744073709551615"), Ok(Seed::chosen(u64::MAX)));
    assert_ne!(parse_seed("random"), parse_seed("random"));
    let drawn = ["--seed=random", "--seed=-1"].map(|word| typed_over(&Settings::default(), &[word]).seed);
    assert_ne!(drawn[0], drawn[1]);
    assert!(parse_seed("-2").unwrap_err().contains("random"));
    let asked_for = |words: &[&str]| {
        let line = <Line as clap::Parser>::try_parse_from(["shiage"].iter().chain(words)).unwrap();
        line.settings.drawn_seed().map(|(option, _)| option)
    };
    assert_eq!(asked_for(&["--seed=random"]), Some("--seed"));
    assert_eq!(asked_for(&["--seed=7", "--step-seed=random"]), Some("--step-seed"));
    assert_eq!(asked_for(&["--seed=7", "--step-seed=own"]), None);
}

/// A control that a request has and the command line lacks, or reads and forgets, fails here.
#[test]
fn every_setting_can_be_typed() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/models/tiny.safetensors");
    let adapter = format!("{file}:0.5");
    let typed = [
        ["--model", file],
        ["--clip", file],
        ["--vae", file],
        ["--adapter", adapter.as_str()],
        ["--mode", "vanilla"],
        ["--sampler", "lms"],
        ["--schedule", "karras"],
        ["--steps", "3"],
        ["--seed", "4"],
        ["--step-seed", "5"],
        ["--size", "64x128"],
        ["--reference-guidance", "2"],
        ["--sketch-guidance", "3"],
        ["--reference-window", "0.2..0.8"],
        ["--reference-pause", "0.4..0.5"],
        ["--reference-strength", "0.9"],
        ["--encoder-strength", "0.8"],
        ["--color-strength", "0.7"],
        ["--semantics-strength", "0.6"],
        ["--block-strengths", "0.5,0.4"],
        ["--foreground-strength", "0.3"],
        ["--background-strength", "0.2"],
        ["--merge", "0.1"],
        ["--sketch-strength", "2"],
        ["--sketch-mask-threshold", "0.4"],
        ["--reference-mask-threshold", "0.6"],
        ["--reference-padding", "1.5"],
        ["--sketch-preprocess", "line-art"],
        ["--strength", "0.7"],
        ["--injection-fidelity", "0.6"],
        ["--injection-sketch", "1.5"],
        ["--injection-start", "0.1"],
        ["--hint-strength", "0.5"],
        ["--prompt", "[target] snow"],
        ["--prediction", "eps"],
    ];
    let words = [
        "shiage",
        "--soft-mask",
        "--hint-exact",
        "--background-alone",
        "--figure-alone",
    ]
    .into_iter()
    .chain(typed.into_iter().flatten());
    let line = <Line as clap::Parser>::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
    let settings = line.over(Settings::default());
    assert!(
        matches!(
            &settings.model,
            ModelRef::Files {
                clip: Some(_),
                vae: Some(_),
                ..
            }
        ),
        "{:?}",
        settings.model
    );

    /// The names of the values that are the same in both.
    fn alike(a: &serde_json::Value, b: &serde_json::Value, name: &str, names: &mut Vec<String>) {
        match (a, b) {
            (serde_json::Value::Object(a), serde_json::Value::Object(b)) if a.keys().eq(b.keys()) => {
                a.iter()
                    .for_each(|(key, value)| alike(value, &b[key], &format!("{name}.{key}"), names));
            }
            _ if a == b => names.push(name.to_owned()),
            _ => {}
        }
    }
    let [typed, default] = [&settings, &Settings::default()].map(|settings| serde_json::to_value(settings).unwrap());
    // Left out where there are none: the one list that a default does not show.
    assert!(typed["adapters"].is_array());
    let mut names = Vec::new();
    for (key, value) in default.as_object().unwrap() {
        alike(&typed[key], value, key, &mut names);
    }
    assert_eq!(names, [""; 0]);
}

/// What the help says holds where nothing is typed.
#[test]
fn the_help_names_the_defaults() {
    let default = Settings::default();
    let [from, to] = default.reference_window;
    let levels = default.level_strengths;
    let command = <Line as clap::CommandFactory>::command();
    for (option, value) in [
        ("steps", default.steps.to_string()),
        ("sampler", default.sampler.key().to_owned()),
        ("schedule", default.schedule.key().to_owned()),
        ("seed", default.seed.to_string()),
        ("reference-guidance", default.reference_guidance.to_string()),
        ("sketch-guidance", default.sketch_guidance.to_string()),
        ("reference-window", format!("{from}..{to}")),
        ("reference-strength", default.reference_strength.to_string()),
        ("encoder-strength", levels.encoder.to_string()),
        ("color-strength", levels.color.to_string()),
        ("semantics-strength", levels.semantics.to_string()),
        ("foreground-strength", default.foreground_strength.to_string()),
        ("background-strength", default.background_strength.to_string()),
        ("merge", default.merge.to_string()),
        ("sketch-strength", default.sketch_strength.to_string()),
        ("sketch-mask-threshold", default.sketch_mask_threshold.to_string()),
        ("reference-mask-threshold", default.reference_mask_threshold.to_string()),
        ("reference-padding", default.reference_padding.to_string()),
        ("sketch-preprocess", default.sketch_preprocess.key().to_owned()),
        ("strength", default.start_strength.to_string()),
        ("injection-fidelity", default.injection.reference_fidelity.to_string()),
        ("injection-sketch", default.injection.sketch_fidelity.to_string()),
        ("injection-start", default.injection.start.to_string()),
        ("hint-strength", default.hints.strength.to_string()),
    ] {
        let argument = command.get_arguments().find(|argument| argument.get_long() == Some(option));
        let help = argument.and_then(clap::Arg::get_help).expect(option).to_string();
        let named = [']', ','].map(|end| format!("[default: {value}{end}"));
        assert!(named.iter().any(|named| help.contains(named)), "--{option}: {help}");
    }
}

#[test]
fn what_belongs_to_a_picture_is_refused_without_it() {
    let picture = || std::sync::Arc::new(image::RgbImage::new(1, 1));
    let refusal = |words: &[&str], inputs: &Inputs| {
        let line = <Line as clap::Parser>::try_parse_from(["shiage"].iter().chain(words)).unwrap();
        line.input_settings.check(inputs).err().map(|error| error.to_string())
    };
    let bare = Inputs::new(picture(), picture());
    for (option, input) in [
        ("--strength=0.5", "--start"),
        ("--injection-start=0.5", "--injection"),
        ("--hint-exact", "--hints"),
    ] {
        let words = refusal(&[option], &bare).expect(option);
        assert!(words.contains(input), "{words}");
    }
    assert_eq!(refusal(&[], &bare), None);
    let start = Some(picture());
    assert_eq!(refusal(&["--strength=0.5"], &Inputs { start, ..bare }), None);
}
