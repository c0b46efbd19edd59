//! One step of the text tower: a part's name must point where its tokens are, a colour's where tokens go that take it on.

use std::ops::Range;

use burn::tensor::{Device, Tensor};
use rand::{Rng, RngExt};

use super::{Lesson, local_tokens};
use crate::model::Colorizer;
use crate::pipeline::tokenizer;
use crate::training::dataset;
use crate::training::loss::{self, Losses};
use crate::training::words::{self, COLORS, PARTS, Repaint};

/// Share of the repaints that are spoken of by the colour alone.
const COLOR_ALONE: f64 = 0.25;

/// Repaints as tensors without autodiff.
#[derive(Clone, Debug)]
pub struct Repaints {
    /// `[B,3,S,S]`, the image tower's input.
    reference: Tensor<4>,
    repainted: Tensor<4>,
    /// `[B,N,P]`: 1 where a token is of a part, for each of [`PARTS`].
    parts: Tensor<3>,
    /// What was repainted how, of [`PARTS`] and [`COLORS`].
    paints: Vec<(usize, usize)>,
}

impl Repaints {
    pub fn new(repaints: &[Repaint], device: &Device) -> Self {
        let tokens: Vec<Vec<u8>> = repaints.iter().map(|repaint| repaint.tokens.clone()).collect();
        Self {
            reference: dataset::stacked(repaints.iter().map(|repaint| &repaint.reference), device),
            repainted: dataset::stacked(repaints.iter().map(|repaint| &repaint.repainted), device),
            parts: words::shares(&tokens, device),
            paints: repaints.iter().map(|repaint| (repaint.part, repaint.color)).collect(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.paints.len()
    }

    /// Those in `range`, on another device.
    pub fn part(&self, range: Range<usize>, device: &Device) -> Self {
        let cut = |tensor: &Tensor<4>| tensor.clone().slice_dim(0, range.clone()).to_device(device);
        Self {
            reference: cut(&self.reference),
            repainted: cut(&self.repainted),
            parts: self.parts.clone().slice_dim(0, range.clone()).to_device(device),
            paints: self.paints[range].to_vec(),
        }
    }
}

impl Lesson<'_> {
    /// `frozen`: the image tower, without autodiff.
    pub fn text(&self, student: &Colorizer, frozen: &Colorizer, batch: &Repaints, rng: &mut impl Rng) -> Losses {
        let before = local_tokens(frozen, batch.reference.clone());
        let after = local_tokens(frozen, batch.repainted.clone());
        let names: Vec<String> = PARTS.iter().map(|part| part.said(rng)).collect();
        let found = loss::agreement(before.clone().matmul(self.directions(student, &names)), batch.parts.clone());

        let paints: Vec<String> = batch
            .paints
            .iter()
            .map(|(part, color)| {
                let part = (!rng.random_bool(COLOR_ALONE)).then(|| &PARTS[*part]);
                COLORS[*color].said(part, rng)
            })
            .collect();
        let chosen = batch.paints.iter().enumerate().map(|(row, (part, _))| {
            let of_row = batch.parts.clone().narrow(0, row, 1);
            of_row.narrow(2, *part, 1)
        });
        let chosen = Tensor::cat(chosen.collect(), 0);
        let moved = ((after - before) * chosen).sum_dim(1);
        let moved = moved.clone() / moved.square().sum_dim(2).sqrt().clamp_min(1e-6);
        // `[1,C,B]` to `[B,1,C]`.
        let wanted = self.directions(student, &paints).swap_dims(1, 2).swap_dims(0, 1);
        let pushed = (moved * wanted).sum_dim(2).mean();
        let (found, pushed) = (found.neg() + 1.0, pushed.neg() + 1.0);
        Losses {
            total: found.clone() + pushed.clone(),
            terms: vec![("map", found), ("push", pushed)],
        }
    }

    /// What the text tower says of phrases: `[1,C,P]`, each of length 1.
    pub fn directions(&self, networks: &Colorizer, phrases: &[String]) -> Tensor<3> {
        let parts = self.model.clip_text.as_ref().zip(networks.clip_text.as_ref());
        let (config, tower) = parts.expect("a run without a text tower is refused");
        let ids = phrases.iter().map(|phrase| tokenizer::ids(phrase, config));
        let ids: Vec<Vec<u32>> = ids
            .collect::<Result<_, _>>()
            .expect("a run whose model lacks a word is refused");
        let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
        tower.features(&ids).swap_dims(0, 1).swap_dims(1, 2)
    }
}
