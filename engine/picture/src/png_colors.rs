//! What the colours of a PNG without a profile are, by its other chunks: code points (cICP), or a gamma (gAMA) with primaries (cHRM).

use std::io::Cursor;

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, MatrixCoefficients, ToneReprCurve,
    TransferCharacteristics,
};
use png::{CodingIndependentCodePoints, ScaledFloat, SourceChromaticities};

use crate::profile::{Profile, ProfileError};

/// What a picture in sRGB says, in 100000ths, for programs that do not know sRGB: its gamma, and its white, red, green and blue.
const GAMMA: u32 = 45455;
const PRIMARIES: [u32; 8] = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
/// So far apart numbers are the same, which some programs round.
const NEAR: u32 = 100;

/// The way from the colours of a PNG to sRGB; none where they are in sRGB, or where nothing is said of them.
///
/// # Errors
/// When what is said of them means nothing here.
pub fn profile(bytes: &[u8]) -> Result<Option<Profile>, ProfileError> {
    let Ok(reader) = png::Decoder::new(Cursor::new(bytes)).read_info() else {
        return Ok(None);
    };
    let info = reader.info();
    if let Some(points) = info.coding_independent_code_points {
        return Profile::of(by_code_points(points)?).map(Some);
    }
    let gamma = info.gama_chunk.map(ScaledFloat::into_scaled);
    let primaries = info.chrm_chunk.map(scaled);
    let near = |(number, expected): (u32, u32)| number.abs_diff(expected) <= NEAR;
    let as_srgb = gamma.is_none_or(|gamma| near((gamma, GAMMA)))
        && primaries.is_none_or(|primaries| primaries.into_iter().zip(PRIMARIES).all(near));
    if info.srgb.is_some() || as_srgb {
        return Ok(None);
    }
    let gamma = gamma.ok_or_else(|| ProfileError::Broken("primaries without a gamma".to_owned()))?;
    Profile::of(by_gamma(gamma, primaries.unwrap_or(PRIMARIES))?).map(Some)
}

fn by_code_points(points: CodingIndependentCodePoints) -> Result<ColorProfile, ProfileError> {
    let (primaries, transfer) = (points.color_primaries, points.transfer_function);
    let unknown = || ProfileError::Broken(format!("code points {primaries} and {transfer}"));
    let code = CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).map_err(|_| unknown())?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).map_err(|_| unknown())?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    };
    // What these hold is brighter than white.
    let is_hdr = matches!(
        code.transfer_characteristics,
        TransferCharacteristics::Smpte2084 | TransferCharacteristics::Hlg
    );
    let profile = ColorProfile::new_from_cicp(code);
    match points.is_video_full_range_image && !is_hdr && profile.red_trc.is_some() {
        true => Ok(profile),
        false => Err(unknown()),
    }
}

fn scaled(primaries: SourceChromaticities) -> [u32; 8] {
    let SourceChromaticities { white, red, green, blue } = primaries;
    [white.0, white.1, red.0, red.1, green.0, green.1, blue.0, blue.1].map(ScaledFloat::into_scaled)
}

/// All in 100000ths.
fn by_gamma(gamma: u32, primaries: [u32; 8]) -> Result<ColorProfile, ProfileError> {
    let unit = |scaled: u32| scaled as f32 / ScaledFloat::SCALING;
    let [white, red, green, blue] = [0, 2, 4, 6].map(|at| Chromaticity::new(unit(primaries[at]), unit(primaries[at + 1])));
    let across = (green.x - red.x) * (blue.y - red.y) - (blue.x - red.x) * (green.y - red.y);
    if across.abs() < 1e-4 || [white, red, green, blue].iter().any(|color| color.y <= 0.0) {
        return Err(ProfileError::Broken("primaries that span no colours".to_owned()));
    }
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry(white.to_xyyb(), ColorPrimaries { red, green, blue });
    let curve = ToneReprCurve::Parametric(vec![1.0 / unit(gamma)]);
    (profile.red_trc, profile.green_trc, profile.blue_trc) = (Some(curve.clone()), Some(curve.clone()), Some(curve));
    Ok(profile)
}
