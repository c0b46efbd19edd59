//! The text tower, its tokenizer, and what words do to a reference's tokens.

use std::path::Path;

use burn::tensor::Tensor;

use super::fixture::{Array, Fixture};
use super::{Checks, ParityError, Tolerance};
use crate::model::ClipText;
use crate::pipeline::manipulation::{Words, correlation, global, local, position_shares};
use crate::pipeline::tokenizer;
use crate::request::Prompt;

type TextChecks<'a> = Checks<'a, &'a ClipText>;

const ALTERNATIVE: [f32; 4] = [0.3, 0.45, 0.7, 0.9];

/// `folder` has the picture's tokens in its recording of the stages, where the recording of the words has not.
pub fn check(checks: &mut TextChecks<'_>, folder: &Path) -> Result<(), ParityError> {
    tower(checks)?;
    checks.group("tokenizer", Tolerance::Exact, |checks| {
        let texts: Vec<String> = checks.fixture.list("tokenizer.prompts")?;
        let ids: Vec<f32> = texts
            .iter()
            .flat_map(|text| tokenizer::byte_pairs(text, 77))
            .map(|id| id as f32)
            .collect();
        Ok(vec![("tokenizer.ids", Array::of_shape([texts.len(), 77], ids))])
    })?;
    checks.group("pwv", Tolerance::Stage, |checks| {
        let weights = |thresholds| {
            let (map, change) = (checks.tensor("pwv.scale_map")?, checks.tensor("pwv.dscale")?);
            Array::from_tensor(position_shares(map, thresholds, true) * change)
        };
        Ok(vec![
            ("pwv.default", weights(Prompt::default().thresholds)?),
            ("pwv.alt", weights(ALTERNATIVE)?),
        ])
    })?;
    let tokens: Tensor<3> = match checks.fixture.has("clip.full") {
        true => checks.tensor("clip.full")?,
        false => Fixture::open(&folder.join("stages.safetensors"))?.tensor("clip.full", checks.device)?,
    };
    let count = tokens.dims()[1] - 1;
    let (class, patches) = (tokens.clone().narrow(1, 0, 1), tokens.narrow(1, 1, count));
    correlations(checks, &class, &patches)?;

    // Target, anchor, control, scale, enhance, alternative thresholds.
    let plain = Case("target0", None, "control0", 8.0, false, false);
    let anchor = Case("target0", Some("anchor0"), "control0", 8.0, false, false);
    let second = Case("target1", None, "control1", 3.5, true, true);
    let enhanced = |case: Case| Case(case.0, case.1, case.2, case.3, true, case.5);
    for (name, cases) in [
        ("plain", vec![plain]),
        ("plain_enhance", vec![enhanced(plain)]),
        ("anchor", vec![anchor]),
        ("anchor_enhance", vec![enhanced(anchor)]),
        ("sequence", vec![anchor, second]),
    ] {
        checks.group(&format!("local.{name}"), Tolerance::Stage, |checks| {
            let mut tokens = patches.clone();
            for case in &cases {
                let prompt = case.prompt();
                tokens = local(&class, tokens, &case.words(checks, &prompt)?);
            }
            Ok(vec![(format!("local.{name}"), Array::from_tensor(tokens)?)])
        })?;
        checks.group(&format!("global.{name}"), Tolerance::Stage, |checks| {
            let mut token = class.clone();
            for case in &cases {
                let prompt = case.prompt();
                token = global(token, &case.words(checks, &prompt)?);
            }
            Ok(vec![(format!("global.{name}"), Array::from_tensor(token)?)])
        })?;
    }
    Ok(())
}

fn tower(checks: &mut TextChecks<'_>) -> Result<(), ParityError> {
    for name in ["target0", "target1", "anchor0", "control0", "control1", "empty"] {
        checks.group(&format!("text.{name}"), Tolerance::Stage, |checks| {
            let ids = checks.fixture.array(&format!("text.{name}.ids"))?;
            let ids: Vec<u32> = ids.values.iter().map(|id| *id as u32).collect();
            Ok(vec![
                (
                    format!("text.{name}.feature"),
                    Array::from_tensor(checks.model.feature(&ids))?,
                ),
                (
                    format!("text.{name}.tokens_projected"),
                    Array::from_tensor(checks.model.tokens(&[&ids]))?,
                ),
            ])
        })?;
    }
    Ok(())
}

fn correlations(checks: &mut TextChecks<'_>, class: &Tensor<3>, patches: &Tensor<3>) -> Result<(), ParityError> {
    checks.group("scale", Tolerance::Stage, |checks| {
        let target = checks.tensor("text.target0.feature")?;
        let control = checks.tensor("text.control0.feature")?;
        Ok(vec![
            ("scale.cls_target0", Array::from_tensor(correlation(class, &target))?),
            ("scale.tokens_control0", Array::from_tensor(correlation(patches, &control))?),
        ])
    })?;
    checks.group("heatmap", Tolerance::Exact, |checks| {
        let map = correlation(patches, &checks.tensor("text.control0.feature")?);
        let least = map.clone().min_dim(1);
        let map = (map.clone() - least.clone()) / (map.max_dim(1) - least);
        let step = map.greater_elem(0.5).float() * 0.25;
        Ok(vec![("heatmap.tokens_control0_t0.5", Array::from_tensor(step)?)])
    })
}

/// A recorded prompt: target, anchor, control, scale, whether it enhances, whether its thresholds are the other ones.
#[derive(Clone, Copy)]
struct Case(&'static str, Option<&'static str>, &'static str, f32, bool, bool);

impl Case {
    fn prompt(&self) -> Prompt {
        let usual = Prompt::default();
        Prompt {
            scale: self.3,
            enhance: self.4,
            thresholds: if self.5 { ALTERNATIVE } else { usual.thresholds },
            ..usual
        }
    }

    fn words<'p>(&self, checks: &TextChecks<'_>, prompt: &'p Prompt) -> Result<Words<'p>, ParityError> {
        let feature = |name: &str| checks.tensor(&format!("text.{name}.feature"));
        Ok(Words {
            prompt,
            target: feature(self.0)?,
            anchor: self.1.map(feature).transpose()?,
            control: Some(feature(self.2)?),
            repels: true,
        })
    }
}
