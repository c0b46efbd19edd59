//! The house, kept: who may import whom, and how long a file may be.
//!
//! - Every module at the top of `engine` and of `app` is in a list of [`rules`] with the modules that it may name, in both crates. What it reaches through
//!   those is what their own places in the list allow. One that is not listed is refused.
//! - No circle is among the engine's modules; in `app` there is one, of the window and what runs in it.
//! - What some modules have nothing to do with outside of the two crates, such as a window or files, most of them do not reach through others either.
//!
//! All of it is read from the sources, so that a path in code counts like one in a `use`. What is compiled for tests alone is free.

mod imports;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use imports::{imports, test_modules};
use rules::{CUBECL, RULES, Rule, allowed};

/// What modules name, by the path of each.
struct House(BTreeMap<String, BTreeSet<String>>);

impl House {
    /// Of modules and their sources.
    fn new(sources: &[(String, String)]) -> Self {
        let tests: BTreeSet<String> = sources
            .iter()
            .flat_map(|(module, source)| test_modules(module, source))
            .collect();
        let mut names = BTreeMap::<String, BTreeSet<String>>::new();
        for (module, source) in sources {
            if !tests.iter().any(|test| within(module, test)) {
                names.entry(module.clone()).or_default().extend(imports(module, source));
            }
        }
        Self(names)
    }

    /// The module at the top of `engine` or `app` that a path leads into.
    fn top(&self, path: &str) -> Option<String> {
        let mut parts = path.split("::");
        let (house, name) = (parts.next()?, parts.next()?);
        if !["engine", "app"].contains(&house) {
            return None;
        }
        // What the root of a crate exports belongs to the module that it is from: `engine::EngineError`.
        let mut exports = self
            .0
            .get(house)
            .into_iter()
            .flatten()
            .filter_map(|path| path.split_once("::"));
        let from = exports.find(|(_, last)| *last == name);
        Some(format!("{house}::{}", from.map_or(name, |(from, _)| from)))
    }

    /// The modules at the top that each of them names, besides itself.
    fn edges(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut edges = BTreeMap::<String, BTreeSet<String>>::new();
        for (module, names) in &self.0 {
            if let Some(top) = self.top(module) {
                let others = names.iter().filter_map(|name| self.top(name)).filter(|other| *other != top);
                edges.entry(top.clone()).or_default().extend(others);
            }
        }
        edges
    }

    /// The modules at the top of a crate that reach themselves through others.
    fn circles(&self, house: &str) -> Vec<String> {
        let edges = self.edges();
        let tops = edges.keys().filter(|top| within(top, house));
        tops.filter(|top| reached(&edges, top).contains(*top)).cloned().collect()
    }

    /// What is against the rules, a sentence each.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (module, names) in &self.0 {
            for name in names.iter().filter(|name| name.starts_with("cubecl")) {
                if !within(module, CUBECL) {
                    faults.push(format!("{module} names {name}: only {CUBECL} may"));
                }
            }
            let Some(top) = self.top(module) else { continue };
            let Some(allowed) = allowed(&top) else {
                faults.push(format!("{top} has no place in the list of modules"));
                continue;
            };
            for name in names {
                if self.top(name).is_some_and(|other| other != top && !allowed.contains(&other)) {
                    faults.push(format!("{module} names {name}: that is not among what {top} may name"));
                }
            }
        }
        let edges = self.edges();
        faults.extend(RULES.iter().flat_map(|rule| self.broken(rule, &edges)));
        faults
    }

    fn broken(&self, rule: &Rule, edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
        let mut faults = Vec::new();
        let mut tops = BTreeSet::new();
        let is_kept_from = |name: &&String| rule.never.iter().any(|never| within(name, never));
        for (module, names) in &self.0 {
            if rule.of.iter().any(|of| within(module, of)) {
                let named = names.iter().filter(is_kept_from);
                faults.extend(named.map(|name| format!("{module} names {name}: {}", rule.because)));
                tops.extend(self.top(module).filter(|_| rule.through));
            }
        }
        for top in &tops {
            for other in reached(edges, top).difference(&tops) {
                let inside = self.0.iter().filter(|(module, _)| self.top(module).as_ref() == Some(other));
                for (module, names) in inside {
                    let named = names.iter().filter(is_kept_from);
                    faults.extend(named.map(|name| format!("{top} reaches {name} through {module}: {}", rule.because)));
                }
            }
        }
        faults
    }
}

/// Everything that can be gone to from `start`: itself only where a circle leads back.
fn reached(edges: &BTreeMap<String, BTreeSet<String>>, start: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(next) = open.pop() {
        for other in edges.get(next).into_iter().flatten() {
            if found.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    found
}

/// Whether `path` is `root` or inside it.
fn within(path: &str, root: &str) -> bool {
    path.strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
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

/// The house as it stands.
fn house() -> House {
    let read = |(module, path): (String, PathBuf)| (module, fs::read_to_string(path).expect("a source file"));
    House::new(&all_sources().map(read).collect::<Vec<_>>())
}

#[test]
fn imports_run_the_right_way() {
    let faults = house().faults();
    assert!(faults.is_empty(), "against the rules of the house:\n{}", faults.join("\n"));
}

#[test]
fn modules_do_not_import_each_other_in_a_circle() {
    let house = house();
    assert_eq!(house.circles("engine"), [""; 0]);
    assert_eq!(house.circles("app"), ["app::app", "app::window"]);
}

/// A house of some modules.
fn built(sources: &[(&str, &str)]) -> House {
    let owned = |(module, source): &(&str, &str)| ((*module).to_owned(), (*source).to_owned());
    House::new(&sources.iter().map(owned).collect::<Vec<_>>())
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
        ("engine::utilities", ""),
        ("app::document::tile", "use crate::{canvas::Atlas};"),
        ("app::document::tile", "use crate::natural::order;"),
        ("app::brush::dab", "fn f(x: egui::Pos2) {}"),
        ("app::tool::brush", "use engine::request::Mode;"),
        ("app::canvas::view", "use crate::ui::theme;"),
        ("picture::decode", "use engine::image;"),
    ] {
        let faults = built(&[(module, source)]).faults();
        assert_eq!(faults.len(), 1, "{module}: {source}: {faults:?}");
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
        (
            "engine::kernel::matrix",
            "#[cfg(test)]\nmod tests { use crate::noise::normal; }",
        ),
    ] {
        assert_eq!(built(&[(module, source)]).faults(), [""; 0], "{module}: {source}");
    }
}

#[test]
fn what_is_reached_through_others_is_caught() {
    let house = built(&[
        ("engine::model::unet", "use crate::kernel;"),
        ("engine::kernel::widening", "use crate::device::halves;"),
        ("engine::device", "use std::{fs, net};"),
    ]);
    let wanted = "engine::model reaches std::fs through engine::device: networks know nothing of files, threads or checkpoints";
    assert_eq!(house.faults(), [wanted]);
}

#[test]
fn a_circle_is_caught_through_exports_of_the_root_and_not_through_tests() {
    let house = built(&[
        ("engine", "pub use error::EngineError;"),
        ("engine::error", "use crate::device::DeviceError;"),
        ("engine::device", "mod choice;"),
        ("engine::device::choice", "use crate::EngineError;"),
        ("engine::noise", "use crate::device; #[cfg(test)] pub(super) mod trial;"),
        ("engine::noise::trial", "use crate::event;"),
        ("engine::event", "use crate::noise;"),
    ]);
    assert_eq!(house.circles("engine"), ["engine::device", "engine::error"]);
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
