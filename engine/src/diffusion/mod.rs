//! From noise to a latent. Schedules make sigmas, samplers are plain functions over a denoiser; nothing else knows either.
//!
//! All samplers work in sigma space, `x = x0 + sigma * noise` (Karras et al., arXiv 2206.00364), with scalar coefficients in
//! f64. A network wants the variance-preserving `x / sqrt(sigma^2 + 1)`; only [`denoiser`] knows that.

pub mod denoiser;
pub mod guidance;
pub mod sampler;
pub mod schedule;
