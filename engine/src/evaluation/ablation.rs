//! The steps of the paper's ablation (section 4.3).

use std::sync::Arc;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;

use crate::image::mask;
use crate::pipeline::DILATION;
use crate::pipeline::cache::Loader;
use crate::request::{ColorizeRequest, Inputs, Mode, Settings};
use crate::weights;

/// The steps of the paper's ablation, each with what the one before it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The whole reference everywhere, no mask, no adapters.
    Vanilla,
    /// Figure and background each look at their own tokens, adapters off; the background's are those of the reference
    /// with its figure painted white.
    SplitAttention,
    /// Both adapter sets on.
    Adapters,
    /// The background's tokens pass through the background transformer: the whole method.
    BackgroundTransformer,
}

impl Variant {
    pub const ALL: [Self; 4] = [
        Self::Vanilla,
        Self::SplitAttention,
        Self::Adapters,
        Self::BackgroundTransformer,
    ];

    /// Opens models as this variant runs them.
    pub fn loader(self) -> Box<Loader> {
        Box::new(move |model, device, observer| {
            let mut loaded = weights::load_observed(model, device, observer)?;
            if self == Self::SplitAttention {
                loaded.networks = loaded.networks.map(&mut WithoutAdapters::default());
            }
            Ok(loaded)
        })
    }
}

/// The settings that `variant` runs with; None: `settings` as they are.
pub fn settings(variant: Option<Variant>, settings: &Settings) -> Settings {
    let mode = match variant {
        None => settings.mode,
        Some(Variant::Vanilla) => Mode::Vanilla,
        Some(_) => Mode::Split,
    };
    let adapters = match variant {
        // What is measured is the method without them, a person's own too.
        Some(Variant::Vanilla | Variant::SplitAttention) => Vec::new(),
        _ => settings.adapters.clone(),
    };
    Settings {
        mode,
        adapters,
        ..settings.clone()
    }
}

/// What colours `inputs`, which have both masks, as `variant` does; None: with `settings` as they are.
pub fn request(variant: Option<Variant>, mut inputs: Inputs, settings: &Settings) -> ColorizeRequest {
    let settings = self::settings(variant, settings);
    if matches!(variant, Some(Variant::SplitAttention | Variant::Adapters))
        && let Some(reference_mask) = &inputs.reference_mask
    {
        // A background picture passes by the transformer, so the bare reference is handed over as one.
        let wide = mask::dilate(&mask::from_bytes(reference_mask), DILATION);
        let bare = mask::whiten(&inputs.reference, &wide, settings.reference_mask_threshold);
        inputs.background = Some(Arc::new(bare));
    }
    ColorizeRequest { inputs, settings }
}

/// Makes every adapter pair silent: its second half becomes zero.
#[derive(Default)]
struct WithoutAdapters {
    path: Vec<String>,
}

impl ModuleMapper for WithoutAdapters {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.path.iter().any(|name| name.starts_with("lora_up_")) {
            param.map(|weight| weight.zeros_like())
        } else {
            param
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::module::ModuleVisitor;
    use burn::tensor::Device;

    use super::*;
    use crate::request::{AdapterFile, ModelRef};

    /// Sums of the absolute values of adapters' second halves, and of everything else.
    #[derive(Default)]
    struct Sums {
        path: Vec<String>,
        adapters: f32,
        others: f32,
    }

    impl ModuleVisitor for Sums {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let sum: f32 = param.val().abs().sum().into_scalar();
            if self.path.iter().any(|name| name.starts_with("lora_up_")) {
                self.adapters += sum;
            } else {
                self.others += sum;
            }
        }
    }

    #[test]
    fn a_persons_own_adapters_are_on_where_the_models_are() {
        let given = Settings {
            adapters: vec![AdapterFile {
                file: "mine.safetensors".into(),
                strength: 1.0,
                hash: None,
            }],
            ..Settings::default()
        };
        let count = |variant| settings(variant, &given).adapters.len();
        assert_eq!(count(None), 1);
        assert_eq!(Variant::ALL.map(|variant| count(Some(variant))), [0, 0, 1, 1]);
    }

    #[test]
    fn only_split_attention_alone_goes_without_adapters() {
        let sums = |variant: Variant| {
            let loaded = variant.loader()(&ModelRef::Embedded, &Device::flex(), &mut weights::to_the_end).unwrap();
            let mut sums = Sums::default();
            loaded.networks.visit(&mut sums);
            (sums.adapters, sums.others)
        };
        let (silent, others) = sums(Variant::SplitAttention);
        let (adapters, same) = sums(Variant::Adapters);
        assert_eq!((silent, others), (0.0, same));
        assert!(adapters > 0.0);
    }
}
