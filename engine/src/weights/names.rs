//! The key table: where a module's path becomes a published name.

use burn::module::Param;
use burn::tensor::Tensor;
use rayon::prelude::*;

/// Fields whose published name is another than their own: struct, field, published (empty: no segment).
const RENAMED: &[(&str, &str, &str)] = &[
    ("Colorizer", "unet", "model.diffusion_model"),
    ("Colorizer", "sketch_encoder", "control_encoder"),
    ("Colorizer", "vae", "first_stage_model"),
    ("Colorizer", "clip_vision", "cond_stage_model.model.visual"),
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

/// The way from the whole model down to a parameter, as a module traversal enters and leaves it.
#[derive(Default)]
pub struct KeyPath {
    published: Vec<String>,
    transposed: bool,
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

    /// Its published shape, without making the parameter's values.
    pub fn shape<const D: usize>(&self, param: &Param<Tensor<D>>) -> Vec<usize> {
        let mut shape = param.lazy_shape().to_vec();
        if self.transposed {
            shape.reverse();
        }
        shape
    }
}

/// A row-major `rows x columns` matrix with its axes swapped.
pub fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    // Tiles keep both sides in the cache.
    const TILE: usize = 16;
    let mut swapped = vec![0.0; values.len()];
    let bands = swapped.par_chunks_mut(TILE * rows.max(1)).enumerate();
    bands.for_each(|(band, swapped)| {
        let left = band * TILE;
        for top in (0..rows).step_by(TILE) {
            for column in left..columns.min(left + TILE) {
                for row in top..rows.min(top + TILE) {
                    swapped[(column - left) * rows + row] = values[row * columns + column];
                }
            }
        }
    });
    swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_transposed_across_tile_borders() {
        let (rows, columns) = (19, 33);
        let values: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
        let swapped = transpose(&values, rows, columns);
        assert_eq!(swapped[1], 33.0);
        assert_eq!(swapped[32 * rows + 18], (18 * columns + 32) as f32);
        assert_eq!(transpose(&swapped, columns, rows), values);
    }
}
