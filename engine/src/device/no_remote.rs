//! Remote devices in a program that is built without them: what to do about it.

use std::net::SocketAddr;

use burn::tensor::Device;

use super::{Choice, DeviceError, Info};

/// # Errors
/// Always.
pub fn connect(_: &str) -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuilt)
}

/// # Errors
/// Always.
pub fn serve(_: Choice, _: SocketAddr, _: impl FnOnce(&Info, SocketAddr)) -> Result<(), DeviceError> {
    Err(DeviceError::NotBuilt)
}
