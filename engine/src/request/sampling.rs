//! How noise is taken away: samplers and schedules by the names that the field gives them (spec/model.md, sections 16 and 17).

use serde::{Deserialize, Serialize};

/// A choice that is typed one way and written another.
pub trait Named: Copy {
    /// As it is typed, and as other programs write it.
    fn words(self) -> (&'static str, &'static str);

    /// As it is typed.
    fn key(self) -> &'static str {
        self.words().0
    }

    /// As other programs write it.
    fn name(self) -> &'static str {
        self.words().1
    }
}

/// One way of walking from noise to a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sampler {
    DpmPlusPlus2m,
    DpmPlusPlusSde,
    DpmPlusPlus2mSde,
    DpmPlusPlus2mSdeHeun,
    DpmPlusPlus2sA,
    DpmPlusPlus3mSde,
    EulerA,
    Euler,
    Lms,
    Heun,
    Dpm2,
    Dpm2A,
    /// So many calls of the network as there are steps.
    DpmFast,
    /// As many steps as it finds needful.
    DpmAdaptive,
    /// diffusers' DDIM, eta 0.
    Ddim,
    /// diffusers' DPM-Solver++ 2M: the default of the authors' interface.
    DiffusersDpm,
    /// diffusers' PNDM with its Runge-Kutta warm-up: nine calls of the network more than there are steps.
    Pndm,
    DiffusersLms,
}

impl Sampler {
    pub const ALL: [Self; 18] = [
        Self::DpmPlusPlus2m,
        Self::DpmPlusPlusSde,
        Self::DpmPlusPlus2mSde,
        Self::DpmPlusPlus2mSdeHeun,
        Self::DpmPlusPlus2sA,
        Self::DpmPlusPlus3mSde,
        Self::EulerA,
        Self::Euler,
        Self::Lms,
        Self::Heun,
        Self::Dpm2,
        Self::Dpm2A,
        Self::DpmFast,
        Self::DpmAdaptive,
        Self::Ddim,
        Self::DiffusersDpm,
        Self::Pndm,
        Self::DiffusersLms,
    ];

    /// The spacing that [`Schedule::Automatic`] stands for. diffusers' samplers have one of their own, which no name stands for.
    pub const fn own_schedule(self) -> Schedule {
        match self {
            Self::DpmPlusPlus2m | Self::DpmPlusPlusSde | Self::DpmPlusPlus2sA | Self::Dpm2 | Self::Dpm2A => Schedule::Karras,
            Self::DpmPlusPlus2mSde | Self::DpmPlusPlus2mSdeHeun | Self::DpmPlusPlus3mSde => Schedule::Exponential,
            Self::EulerA | Self::Euler | Self::Lms | Self::Heun | Self::DpmFast | Self::DpmAdaptive => Schedule::Uniform,
            Self::Ddim | Self::DiffusersDpm | Self::Pndm | Self::DiffusersLms => Schedule::Automatic,
        }
    }

    /// Whether noise is laid on in every step, so that another number of steps gives another picture.
    pub const fn adds_noise(self) -> bool {
        matches!(
            self,
            Self::DpmPlusPlusSde
                | Self::DpmPlusPlus2mSde
                | Self::DpmPlusPlus2mSdeHeun
                | Self::DpmPlusPlus2sA
                | Self::DpmPlusPlus3mSde
                | Self::EulerA
                | Self::Dpm2A
                | Self::DpmFast
                | Self::DpmAdaptive
        )
    }
}

impl Named for Sampler {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::DpmPlusPlus2m => ("dpmpp-2m", "DPM++ 2M"),
            Self::DpmPlusPlusSde => ("dpmpp-sde", "DPM++ SDE"),
            Self::DpmPlusPlus2mSde => ("dpmpp-2m-sde", "DPM++ 2M SDE"),
            Self::DpmPlusPlus2mSdeHeun => ("dpmpp-2m-sde-heun", "DPM++ 2M SDE Heun"),
            Self::DpmPlusPlus2sA => ("dpmpp-2s-a", "DPM++ 2S a"),
            Self::DpmPlusPlus3mSde => ("dpmpp-3m-sde", "DPM++ 3M SDE"),
            Self::EulerA => ("euler-a", "Euler a"),
            Self::Euler => ("euler", "Euler"),
            Self::Lms => ("lms", "LMS"),
            Self::Heun => ("heun", "Heun"),
            Self::Dpm2 => ("dpm2", "DPM2"),
            Self::Dpm2A => ("dpm2-a", "DPM2 a"),
            Self::DpmFast => ("dpm-fast", "DPM fast"),
            Self::DpmAdaptive => ("dpm-adaptive", "DPM adaptive"),
            Self::Ddim => ("ddim", "DDIM"),
            Self::DiffusersDpm => ("dpm", "DPM (diffusers)"),
            Self::Pndm => ("pndm", "PNDM"),
            Self::DiffusersLms => ("lms-diffusers", "LMS (diffusers)"),
        }
    }
}

/// How the steps are spread over the noise levels. DPM fast and DPM adaptive spread theirs themselves, and of these diffusers' samplers know
/// only Karras', for DPM and LMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Schedule {
    /// The sampler's own default.
    Automatic,
    Uniform,
    Karras,
    Exponential,
    Polyexponential,
    SgmUniform,
}

impl Schedule {
    pub const ALL: [Self; 6] = [
        Self::Automatic,
        Self::Uniform,
        Self::Karras,
        Self::Exponential,
        Self::Polyexponential,
        Self::SgmUniform,
    ];
}

impl Named for Schedule {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Automatic => ("automatic", "Automatic"),
            Self::Uniform => ("uniform", "Uniform"),
            Self::Karras => ("karras", "Karras"),
            Self::Exponential => ("exponential", "Exponential"),
            Self::Polyexponential => ("polyexponential", "Polyexponential"),
            Self::SgmUniform => ("sgm-uniform", "SGM Uniform"),
        }
    }
}
