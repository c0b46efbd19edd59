//! Who may import whom.

/// The modules at the top of the engine, each with those that it may name.
const ENGINE: &[[&str; 2]] = &[
    ["panic", ""],
    ["machine", ""],
    ["extract", ""],
    ["device", "panic"],
    ["kernel", "device"],
    ["model", "kernel"],
    ["request", "model"],
    ["diffusion", "model request"],
    ["noise", "diffusion"],
    ["weights", "device kernel machine model noise request"],
    ["error", "device model request weights"],
    ["event", "error request weights"],
    ["image", "error model request"],
    [
        "pipeline",
        "device diffusion error event extract image kernel model noise panic request weights",
    ],
    ["service", "device error event pipeline request weights"],
    ["parity", "diffusion image model noise pipeline request weights"],
    [
        "training",
        "device diffusion error extract image machine model noise panic pipeline request weights",
    ],
    ["evaluation", "error image pipeline request training weights"],
];

/// The modules at the top of the program, each with those of its own that it may name, and those of the engine.
const APP: &[[&str; 3]] = &[
    ["document", "", "machine"],
    ["brush", "", ""],
    ["command", "", ""],
    ["natural", "", ""],
    ["samples", "", ""],
    ["typeface", "", ""],
    ["palette", "", ""],
    ["files", "", "panic"],
    ["training", "", "training"],
    ["models", "", "request weights"],
    ["region", "document", "extract"],
    ["pen", "files", ""],
    ["canvas", "command document", ""],
    ["tool", "brush document region", ""],
    [
        "generate",
        "document natural palette region samples",
        "error event extract image model pipeline request service weights",
    ],
    ["board", "document generate region samples", "error event image request"],
    [
        "gallery",
        "board document files generate natural samples typeface",
        "image request",
    ],
    [
        "session",
        "board brush command document files gallery generate models palette pen region samples tool training",
        "device error event image model pipeline request service training weights",
    ],
    [
        "ui",
        "board brush canvas command document files gallery generate models palette pen session tool training typeface",
        "device image model pipeline request training",
    ],
    [
        "app",
        "canvas command document files gallery generate palette pen session ui window",
        "device service",
    ],
    ["window", "app", "device"],
    [
        "cli",
        "board document files gallery generate models palette samples session training window",
        "device error evaluation event image machine model pipeline request service training weights",
    ],
];

/// What a module at the top of its crate may name besides itself; None where it is in neither list.
pub fn allowed(top: &str) -> Option<Vec<String>> {
    let (house, name) = top.split_once("::")?;
    match house {
        "engine" => {
            let [_, own] = ENGINE.iter().find(|[of, _]| *of == name)?;
            Some(paths("engine", own))
        }
        "app" => {
            let [_, own, engine] = APP.iter().find(|[of, ..]| *of == name)?;
            Some([paths("app", own), paths("engine", engine)].concat())
        }
        _ => None,
    }
}

fn paths(house: &str, names: &str) -> Vec<String> {
    names.split_whitespace().map(|name| format!("{house}::{name}")).collect()
}

/// What some modules have nothing to do with.
pub struct Rule {
    /// The modules, with everything inside them.
    pub of: &'static [&'static str],
    /// Paths outside of the two crates, with everything inside them.
    pub never: &'static [&'static str],
    /// Whether they do not reach it through other modules either.
    pub through: bool,
    pub because: &'static str,
}

pub const RULES: &[Rule] = &[
    Rule {
        of: &["engine"],
        never: &["app", "egui", "eframe", "egui_wgpu", "winit", "rfd", "arboard"],
        through: true,
        because: "the engine knows no window",
    },
    Rule {
        of: &["picture"],
        never: &["app", "engine", "burn", "egui", "eframe", "egui_wgpu", "wgpu", "winit"],
        through: false,
        because: "picture files know neither tensors nor documents",
    },
    Rule {
        of: &["app::document", "app::brush"],
        never: &["egui", "eframe", "egui_wgpu", "winit", "rfd", "arboard", "wgpu", "burn"],
        through: true,
        because: "documents and brushes are pure",
    },
    Rule {
        of: &[
            "app::board",
            "app::generate",
            "app::models",
            "app::palette",
            "app::region",
            "app::tool",
            "app::training",
        ],
        never: &["egui", "eframe", "egui_wgpu", "winit", "rfd", "arboard"],
        through: true,
        because: "what is painted and what is made know no window",
    },
    Rule {
        of: &["app::session", "app::files", "app::pen::desk", "app::pen::curve"],
        never: &["egui", "eframe", "egui_wgpu", "winit", "wgpu"],
        through: false,
        because: "what is open knows no window",
    },
    Rule {
        of: &["engine::model"],
        never: &["std::fs", "std::path", "std::thread", "safetensors", "burn_store", "memmap2"],
        through: true,
        because: "networks know nothing of files, threads or checkpoints",
    },
    Rule {
        of: &["engine::model"],
        never: &["std::io"],
        through: false,
        because: "networks read and write nothing",
    },
];

/// The one module that names the runtime below burn: it sets how much a software adapter is tuned.
pub const CUBECL: &str = "engine::device";
