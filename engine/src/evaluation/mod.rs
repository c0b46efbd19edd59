//! What the paper argues with, in numbers: how right the colours are, how far they leak between figure and background, and how well the
//! lines are kept. Nothing but the scenes' own truth is needed.
//!
//! | module | what it measures |
//! |---|---|
//! | [`ablation`] | the method with and without its parts |
//! | [`case`] | held-out scenes, with references of which one side alone is swapped |
//! | [`regions`] | colour error of every part of a scene: hair, skin, sky |
//! | [`palette`] | the colours of figure and background as a whole, and which of many references they came from |
//! | [`leakage`] | what changes where nothing should |
//! | [`lines`] | edges of the result against the sketch's lines |
//! | [`consistency`] | a part's colour from frame to frame of a shot |
//! | [`fidelity`] | PSNR and MS-SSIM |
//! | [`run`], [`report`] | all of them over a set, as a table, JSON and a sheet |

pub mod ablation;
pub mod case;
pub mod consistency;
pub mod fidelity;
pub mod leakage;
pub mod lines;
pub mod palette;
pub mod regions;
pub mod report;
pub mod run;

pub use ablation::Variant;
pub use case::Case;
pub use consistency::{Consistency, consistency};
pub use report::Summary;
pub use run::evaluate;
