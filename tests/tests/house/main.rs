//! The house of DESIGN.md, kept: who may import whom, and how long a file may be.

mod imports;

use std::fs;
use std::path::{Path, PathBuf};

use imports::imports;

/// What some modules never name.
struct Rule {
    /// The modules, with everything inside them.
    of: &'static [&'static str],
    /// Paths, with everything inside them.
    never: &'static [&'static str],
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        of: &["engine"],
        never: &["app", "egui", "eframe", "egui_wgpu", "winit", "rfd"],
        because: "the engine knows no window",
    },
    Rule {
        of: &["picture"],
        never: &["app", "engine", "burn", "egui", "eframe", "egui_wgpu", "wgpu", "winit"],
        because: "picture files know neither tensors nor documents",
    },
    Rule {
        of: &["app::document", "app::brush"],
        never: &["engine", "egui", "eframe", "egui_wgpu", "wgpu", "winit", "burn"],
        because: "documents and brushes are pure",
    },
    Rule {
        of: &["app::document"],
        never: &["app::brush"],
        because: "documents import nothing of ours",
    },
    Rule {
        of: &["app::brush"],
        never: &["app::document"],
        because: "brushes import nothing of ours",
    },
    Rule {
        of: &["app::document", "app::brush"],
        never: &[
            "app::app",
            "app::canvas",
            "app::cli",
            "app::command",
            "app::gallery",
            "app::generate",
            "app::region",
            "app::tool",
            "app::ui",
        ],
        because: "documents and brushes import nothing of ours",
    },
    Rule {
        of: &[
            "app::board",
            "app::canvas",
            "app::command",
            "app::gallery",
            "app::generate",
            "app::tool",
        ],
        never: &["app::app", "app::cli", "app::ui"],
        because: "the interface imports these, not the other way round",
    },
    Rule {
        of: &["app::region"],
        never: &[
            "app::canvas",
            "app::command",
            "app::generate",
            "app::session",
            "app::tool",
            "app::ui",
            "engine::device",
            "engine::diffusion",
            "engine::event",
            "engine::image",
            "engine::model",
            "engine::pipeline",
            "engine::request",
            "engine::service",
            "engine::training",
            "engine::weights",
            "egui",
        ],
        because: "regions know documents, and planes of pixels that the engine cuts",
    },
    Rule {
        of: &[
            "app::session",
            "app::files",
            "app::models",
            "app::pen::desk",
            "app::pen::curve",
        ],
        never: &["app::app", "app::cli", "app::canvas", "app::ui", "egui", "eframe", "wgpu"],
        because: "what is open knows no window",
    },
    Rule {
        of: &["app::canvas", "app::tool"],
        never: &["engine"],
        because: "only generate and gallery talk to the engine",
    },
    Rule {
        of: &["engine::model"],
        never: &[
            "engine::device",
            "engine::diffusion",
            "engine::error",
            "engine::event",
            "engine::image",
            "engine::noise",
            "engine::parity",
            "engine::pipeline",
            "engine::request",
            "engine::service",
            "engine::training",
            "engine::weights",
            "std::fs",
            "std::io",
            "std::path",
            "std::thread",
            "safetensors",
            "burn_store",
            "memmap2",
        ],
        because: "networks know nothing of files, threads or checkpoints",
    },
    Rule {
        of: &["engine::diffusion", "engine::image", "engine::noise"],
        never: &[
            "engine::parity",
            "engine::pipeline",
            "engine::service",
            "engine::training",
            "engine::weights",
        ],
        because: "the pipeline imports these, not the other way round",
    },
    Rule {
        of: &["engine::weights"],
        never: &[
            "engine::diffusion",
            "engine::parity",
            "engine::pipeline",
            "engine::service",
            "engine::training",
        ],
        because: "weights import the networks alone",
    },
    Rule {
        of: &["engine::pipeline"],
        never: &["engine::parity", "engine::service", "engine::training"],
        because: "the service imports the pipeline, not the other way round",
    },
    Rule {
        of: &["engine::training"],
        never: &["engine::parity", "engine::service"],
        because: "training imports networks and diffusion",
    },
];

/// Where the runtime below burn may be named: the one reads a tensor's buffer, the other sets how much a software adapter is tuned.
const CUBECL: &[&str] = &["engine::interop", "engine::device"];

/// Whether `path` is `root` or inside it.
fn within(path: &str, root: &str) -> bool {
    path.strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// What a module names against the rules, a sentence each.
fn violations(module: &str, source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for import in imports(module, source) {
        for rule in RULES {
            if rule.of.iter().any(|of| within(module, of)) && rule.never.iter().any(|never| within(&import, never)) {
                found.push(format!("{module} names {import}: {}", rule.because));
            }
        }
        if import.starts_with("cubecl") && !CUBECL.iter().any(|of| within(module, of)) {
            found.push(format!("{module} names {import}: only {} may", CUBECL.join(" and ")));
        }
    }
    found
}

/// Every source file that the rules are for, with its module path.
fn all_sources() -> impl Iterator<Item = (String, PathBuf)> {
    ["engine", "engine/picture", "app"].into_iter().flat_map(sources)
}

/// Every source file of a member with its module path.
fn sources(member: &str) -> Vec<(String, PathBuf)> {
    fn walk(folder: &Path, module: &str, found: &mut Vec<(String, PathBuf)>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("an entry").path())
            .collect();
        entries.sort();
        for path in entries {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                walk(&path, &format!("{module}::{name}"), found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let own = match name.as_str() {
                    "lib" | "main" | "mod" => module.to_owned(),
                    _ => format!("{module}::{name}"),
                };
                found.push((own, path));
            }
        }
    }
    let mut found = Vec::new();
    let name = member.rsplit('/').next().unwrap_or(member);
    walk(&tests::workspace().join(member).join("src"), name, &mut found);
    assert!(!found.is_empty(), "{member} has no sources");
    found
}

#[test]
fn imports_run_the_right_way() {
    let mut found = Vec::new();
    for (module, path) in all_sources() {
        let source = fs::read_to_string(&path).expect("a source file");
        found.extend(violations(&module, &source));
    }
    assert!(found.is_empty(), "against DESIGN.md:\n{}", found.join("\n"));
}

#[test]
fn an_import_against_the_house_is_caught() {
    for (module, source) in [
        ("engine::pipeline::preview", "use egui::Color32;"),
        ("engine::model::unet", "use super::super::weights;"),
        ("engine::model::unet", "fn f() { std::fs::read(p) }"),
        ("engine::model::unet", "use std::{fmt, fs::File};"),
        ("engine::weights", "use crate::pipeline;"),
        ("engine::image", "use cubecl_runtime::config;"),
        ("app::document::tile", "use crate::{canvas::Atlas};"),
        ("app::brush::dab", "fn f(x: egui::Pos2) {}"),
        ("app::tool::brush", "use engine::request::Mode;"),
        ("app::canvas::view", "use crate::ui::theme;"),
        ("picture::decode", "use engine::image;"),
    ] {
        assert_eq!(violations(module, source).len(), 1, "{module}: {source}");
    }
    for (module, source) in [
        (
            "app::ui::studio",
            "use crate::{canvas, command::Command, document::Document};",
        ),
        (
            "engine::weights::fill",
            "use super::names::KeyPath; use crate::model::Colorizer;",
        ),
        ("engine::device", "use cubecl_runtime::config;"),
        ("engine::model::unet", "/// See crate::weights.\nuse super::attention;"),
    ] {
        assert_eq!(violations(module, source), [""; 0], "{module}: {source}");
    }
}

#[test]
fn files_stay_short_and_have_a_name_of_their_own() {
    let mut found = Vec::new();
    for (module, path) in all_sources() {
        let lines = fs::read_to_string(&path).expect("a source file").lines().count();
        if lines > 600 {
            found.push(format!("{module} has {lines} lines; 600 is the limit"));
        }
        if ["utils", "helpers", "manager"]
            .iter()
            .any(|name| module.split("::").any(|part| part == *name))
        {
            found.push(format!("{module} says nothing by its name"));
        }
    }
    assert!(found.is_empty(), "against DESIGN.md:\n{}", found.join("\n"));
}
