//! Writing a model with the published names.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use half::f16;
use safetensors::Dtype;
use safetensors::tensor::View;

use super::error::WeightsError;
use super::names::KeyPath;
use crate::kernel;
use crate::model::Colorizer;

/// How weights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Half the size; for a finished model.
    F16,
    /// Exact; to train on.
    F32,
}

/// Writes all networks to one `.safetensors` file with the published names, the image tower under
/// `cond_stage_model.model.visual`.
///
/// The file appears whole or not at all: it is written beside `path`, synced, and renamed. One tensor at a time is read back from
/// the device.
pub fn save(networks: &Colorizer, path: &Path, precision: Precision) -> Result<(), WeightsError> {
    save_part(networks, path, precision, &|_| true, None)
}

/// Writes the tensors whose published names are `wanted`, likewise, with `about` in the file's header.
pub fn save_part(
    networks: &Colorizer,
    path: &Path,
    precision: Precision,
    wanted: &dyn Fn(&str) -> bool,
    about: Option<HashMap<String, String>>,
) -> Result<(), WeightsError> {
    struct Collector<'a> {
        path: KeyPath,
        precision: Precision,
        wanted: &'a dyn Fn(&str) -> bool,
        unsaveable: &'a RefCell<Option<String>>,
        tensors: Vec<(String, Saved<'a>)>,
    }
    impl ModuleVisitor for Collector<'_> {
        fn enter_module(&mut self, name: &str, container_type: &str) {
            self.path.enter(name, container_type);
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.exit();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let name = self.path.name();
            if !(self.wanted)(&name) {
                return;
            }
            let shape = self.path.shape(param);
            let tensor = param.val();
            let swap = self.path.is_transposed().then(|| (shape[1], shape[0]));
            let read = move || {
                let values: Vec<f32> = tensor.to_data().convert::<f32>().iter::<f32>().collect();
                match swap {
                    Some((rows, columns)) => kernel::transpose(&values, rows, columns),
                    None => values,
                }
            };
            self.tensors.push((
                name.clone(),
                Saved {
                    name,
                    shape,
                    precision: self.precision,
                    read: Box::new(read),
                    unsaveable: self.unsaveable,
                },
            ));
        }
    }

    let unsaveable = RefCell::new(None);
    let mut collector = Collector {
        path: KeyPath::default(),
        precision,
        wanted,
        unsaveable: &unsaveable,
        tensors: Vec::new(),
    };
    networks.visit(&mut collector);

    let failed = |reason: String| WeightsError::Write {
        path: path.to_owned(),
        reason,
    };
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    // The serializer makes its file readable for its owner alone; a finished one is for whom any new file is for.
    let permissions = File::create(partial)
        .and_then(|file| Ok(file.metadata()?.permissions()))
        .map_err(|error| failed(error.to_string()))?;
    let written = safetensors::serialize_to_file(collector.tensors, about, partial).map_err(|error| failed(error.to_string()));
    let checked = match unsaveable.take() {
        Some(name) => Err(WeightsError::Unsaveable {
            path: path.to_owned(),
            name,
        }),
        None => written,
    };
    let finished = checked.and_then(|()| {
        // Windows changes and syncs only what is open for writing.
        File::options()
            .write(true)
            .open(partial)
            .and_then(|file| {
                file.set_permissions(permissions)?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(partial, path))
            .map_err(|error| failed(error.to_string()))
    });
    if finished.is_err() {
        // Best effort: what went wrong before is what matters.
        let _ = std::fs::remove_file(partial);
    }
    finished
}

/// One tensor that is read back when its turn comes.
struct Saved<'a> {
    name: String,
    shape: Vec<usize>,
    precision: Precision,
    read: Box<dyn Fn() -> Vec<f32>>,
    /// `View` has no way to fail: the first name whose values do not fit is left here.
    unsaveable: &'a RefCell<Option<String>>,
}

impl View for Saved<'_> {
    fn dtype(&self) -> Dtype {
        match self.precision {
            Precision::F16 => Dtype::F16,
            Precision::F32 => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let values = (self.read)();
        let (finite, bytes): (bool, Vec<u8>) = match self.precision {
            Precision::F16 => {
                let halves: Vec<f16> = values.into_iter().map(f16::from_f32).collect();
                (
                    halves.iter().all(|half| half.is_finite()),
                    halves.into_iter().flat_map(f16::to_le_bytes).collect(),
                )
            }
            Precision::F32 => (
                values.iter().all(|value| value.is_finite()),
                values.into_iter().flat_map(f32::to_le_bytes).collect(),
            ),
        };
        if !finite {
            self.unsaveable.borrow_mut().get_or_insert_with(|| self.name.clone());
        }
        bytes.into()
    }

    fn data_len(&self) -> usize {
        self.shape.iter().product::<usize>() * self.dtype().bitsize() / 8
    }
}
