//! Roles for the layers of a file that another program wrote, by the names that we give.

use super::layer::Role;

/// A role for each layer, from the top down: its name, and whether it shows. The sketch is the topmost with "sketch" or "line" in its name, or else
/// the topmost that shows; a layer that is called as one of ours is one of ours.
pub(super) fn by_names(layers: &[(&str, bool)]) -> Vec<Role> {
    let mut roles: Vec<Role> = layers.iter().map(|(name, _)| by_name(name)).collect();
    let paint = |index: &usize| roles[*index] == Role::Paint;
    let all = || 0..layers.len();
    let named = all().filter(paint).find(|index| {
        let name = layers[*index].0.to_lowercase();
        ["sketch", "line", "線画"].iter().any(|word| name.contains(word))
    });
    let sketch = named
        .or_else(|| all().filter(paint).find(|index| layers[*index].1))
        .or_else(|| all().find(paint));
    if let Some(sketch) = sketch {
        roles[sketch] = Role::Sketch;
    }
    // A mask of a reference that is not there is a layer like others.
    if !roles.contains(&Role::Reference) {
        roles
            .iter_mut()
            .filter(|role| **role == Role::ReferenceMask)
            .for_each(|role| *role = Role::Paint);
    }
    roles
}

/// The names that we give, as they come back from a program that dropped what is ours.
fn by_name(name: &str) -> Role {
    match name {
        "Sketch mask" => Role::SketchMask,
        "Reference" => Role::Reference,
        "Reference mask" => Role::ReferenceMask,
        "Background reference" => Role::Background,
        "Hints" => Role::Hints,
        _ if is_numbered(name, "Take") => Role::Take,
        _ if is_numbered(name, "Hints") => Role::Hints,
        _ => Role::Paint,
    }
}

/// Whether a name is this one with a number after it.
fn is_numbered(name: &str, stem: &str) -> bool {
    let number = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix(' '));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}
