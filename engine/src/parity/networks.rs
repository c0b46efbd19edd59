//! The networks around the UNet.

use burn::tensor::Tensor;

use super::fixture::Array;
use super::preprocessing::every;
use super::{Checks, ParityError, Tolerance};
use crate::image;
use crate::model::embedding::sinusoid;
use crate::model::vae::Decoder;

pub fn check(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    clip_vision(checks)?;
    vae_encoder(checks)?;
    vae_decoder(checks)?;
    sketch_encoder(checks)?;
    embeddings(checks)?;
    checks.group("cluster", Tolerance::Stage, |checks| {
        let tokens = checks
            .model
            .networks
            .recovery_transformer
            .forward(checks.tensor("cluster.in")?);
        Ok(vec![("cluster.out", Array::from_tensor(tokens)?)])
    })
}

fn clip_vision(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    checks.group("clip", Tolerance::Stage, |checks| {
        let tower = &checks.model.networks.clip_vision;
        let pixels = checks.tensor::<4>("clip_pre.a.out")?;
        let full = tower.forward(pixels.clone());
        Ok(vec![
            ("clip.tokens_after_ln_pre", Array::from_tensor(tower.embed(pixels))?),
            ("clip.cls", Array::from_tensor(full.clone().narrow(1, 0, 1))?),
            ("clip.full", Array::from_tensor(full)?),
        ])
    })
}

fn vae_encoder(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    let picture =
        |checks: &Checks<'_>| Ok::<_, ParityError>(image::to_tensor(&checks.fixture.picture("vae.image_u8")?, checks.device));
    checks.group("vae.encode", Tolerance::Stage, |checks| {
        let posterior = checks.model.networks.vae.encode(picture(checks)?);
        let moments = Tensor::cat(vec![posterior.mean.clone(), posterior.log_variance.clone()], 1);
        let scale = checks.model.config.latent_scale;
        let sample = posterior.clone().sample(checks.tensor("vae.sample_noise")?) * scale;
        Ok(vec![
            ("vae.moments", Array::from_tensor(moments)?),
            ("vae.mode_scaled", Array::from_tensor(posterior.mode() * scale)?),
            ("vae.sample_scaled", Array::from_tensor(sample)?),
        ])
    })?;
    checks.group("vae.enc", Tolerance::Stage, |checks| {
        let encoder = &checks.model.networks.vae.encoder;
        let level = encoder
            .down
            .first()
            .ok_or_else(|| checks.fixture.error("the VAE has no levels".to_owned()))?;
        let hidden = encoder.conv_in.forward(picture(checks)?);
        let blocks = level.block.iter().fold(hidden, |hidden, block| block.forward(hidden));
        let mut results = vec![("vae.enc.after_down0_blocks", Array::from_tensor(every(blocks.clone(), 1, 8))?)];
        if let Some(downsample) = &level.downsample {
            let halved = every(downsample.conv.forward(blocks), 1, 8);
            results.push(("vae.enc.after_down0_downsample", Array::from_tensor(halved)?));
        }
        Ok(results)
    })
}

fn vae_decoder(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    checks.group("vae.decode", Tolerance::Stage, |checks| {
        let latent = checks.tensor::<4>("vae.decode_in")? / checks.model.config.latent_scale;
        Ok(vec![(
            "vae.decode_out",
            Array::from_tensor(checks.model.networks.vae.decode(latent))?,
        )])
    })?;
    checks.group("vae.dec", Tolerance::Stage, |checks| {
        let vae = &checks.model.networks.vae;
        let latent = checks.tensor::<4>("vae.decode_in")? / checks.model.config.latent_scale;
        let Decoder { conv_in, mid, .. } = &vae.decoder;
        let block = mid.block_1.forward(conv_in.forward(vae.post_quant_conv.forward(latent)));
        let attended = mid.attn_1.forward(block.clone());
        Ok(vec![
            ("vae.dec.mid_block1", Array::from_tensor(every(block, 1, 8))?),
            ("vae.dec.mid_attn", Array::from_tensor(every(attended, 1, 8))?),
        ])
    })
}

fn sketch_encoder(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    for case in ["sq", "ns", "blank"] {
        checks.group(&format!("control.{case}"), Tolerance::Stage, |checks| {
            let shape = if case == "blank" { "sq" } else { case };
            let scan = image::to_tensor(&checks.fixture.picture(&format!("control.{shape}.sketch_u8"))?, checks.device);
            let sketch = if case == "blank" { scan.full_like(-1.0) } else { scan.neg() };
            let maps = checks.model.networks.sketch_encoder.forward(sketch);
            let named = maps
                .into_iter()
                .enumerate()
                .map(|(i, map)| Ok((format!("control.{case}.out{i}"), Array::from_tensor(map)?)));
            named.collect()
        })?;
    }
    Ok(())
}

fn embeddings(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    checks.group("time", Tolerance::Stage, |checks| {
        let time = checks.tensor::<1>("time.t")?;
        let width = checks.model.config.unet.model_channels;
        Ok(vec![
            ("time.sinusoid", Array::from_tensor(sinusoid(time.clone(), width))?),
            ("time.embed", Array::from_tensor(checks.model.networks.unet.embed_time(time))?),
        ])
    })?;
    checks.group("thresh", Tolerance::Stage, |checks| {
        let threshold = checks.tensor::<1>("thresh.in")?;
        let width = checks.model.config.threshold_embedder.embed_dim;
        Ok(vec![
            ("thresh.sinusoid", Array::from_tensor(sinusoid(threshold.clone(), width))?),
            (
                "thresh.out",
                Array::from_tensor(checks.model.networks.threshold_embedder.forward(threshold))?,
            ),
        ])
    })
}
