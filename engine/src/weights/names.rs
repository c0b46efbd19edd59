//! The key table: where a module's path becomes a published name.

use burn::module::Param;
use burn::tensor::Tensor;

/// Fields whose published name is another than their own: struct, field, published (empty: no segment).
const RENAMED: &[(&str, &str, &str)] = &[
    ("Colorizer", "unet", "model.diffusion_model"),
    ("Colorizer", "sketch_encoder", "control_encoder"),
    ("Colorizer", "vae", "first_stage_model"),
    ("Colorizer", "clip_vision", "cond_stage_model.model.visual"),
    ("Colorizer", "clip_text", "cond_stage_model.model"),
    ("Colorizer", "recovery_transformer", "transformer"),
    ("Colorizer", "threshold_embedder", "thresh_embedder"),
    ("TextTower", "clip_text", "cond_stage_model.model"),
    ("GroupNorm", "gamma", "weight"),
    ("GroupNorm", "beta", "bias"),
    ("LayerNorm", "gamma", "weight"),
    ("LayerNorm", "beta", "bias"),
];

/// Matrices kept as inputs by outputs here, and published as outputs by inputs: struct, field.
const TRANSPOSED: &[(&str, &str)] = &[("Linear", "weight")];

/// Parameters that may stay in half precision, as far as [`Halves`](super::halves::Halves) keeps them: what applies them widens them then. Struct, field.
const HALVABLE: &[(&str, &str)] = &[
    ("Linear", "weight"),
    ("LoraLinear", "weight"),
    ("FusedAttention", "in_proj_weight"),
    ("Conv2d", "weight"),
];

/// The way from the whole model down to a parameter, as a module traversal enters and leaves it.
#[derive(Default)]
pub struct KeyPath {
    published: Vec<String>,
    transposed: bool,
    halvable: bool,
}

impl KeyPath {
    /// `container` is burn's name for what holds the field: `Struct:Linear`, `Enum:Block`, `Vec`.
    pub fn enter(&mut self, field: &str, container: &str) {
        let (kind, owner) = container.split_once(':').unwrap_or(("", container));
        let renamed = RENAMED
            .iter()
            .find(|(struct_name, name, _)| (*struct_name, *name) == (owner, field));
        self.published.push(match renamed {
            Some((_, _, published)) => (*published).to_owned(),
            // Which variant a block is shows in what it holds.
            None if kind == "Enum" => String::new(),
            None => field.to_owned(),
        });
        self.transposed = TRANSPOSED.contains(&(owner, field));
        self.halvable = HALVABLE.contains(&(owner, field));
    }

    pub fn exit(&mut self) {
        self.published.pop();
    }

    /// The published name of the parameter that was entered last.
    pub fn name(&self) -> String {
        let segments: Vec<&str> = self
            .published
            .iter()
            .map(String::as_str)
            .filter(|segment| !segment.is_empty())
            .collect();
        segments.join(".")
    }

    /// Whether that parameter is published with its two axes swapped.
    pub fn is_transposed(&self) -> bool {
        self.transposed
    }

    /// Whether it may stay in half precision.
    pub fn is_halvable(&self) -> bool {
        self.halvable
    }

    /// Its published shape, without making the parameter's values.
    pub fn shape<const D: usize>(&self, param: &Param<Tensor<D>>) -> Vec<usize> {
        let mut shape = param.lazy_shape().to_vec();
        if self.transposed {
            shape.reverse();
        }
        shape
    }
}
