//! What a run computes on.

use burn::tensor::Device;

use crate::device::{self, DeviceError, Kind};

/// The device that holds the weights and takes the steps, and those that work on parts of every batch beside it.
#[derive(Clone, Debug)]
pub struct Hardware {
    /// Without autodiff.
    pub device: Device,
    /// Without autodiff, as [`Self::device`]: other devices, of this machine or of others.
    pub helpers: Vec<Device>,
}

impl Hardware {
    /// The one device.
    pub fn alone(device: Device) -> Self {
        Self {
            device,
            helpers: Vec::new(),
        }
    }

    /// In how many parts a batch is best worked on: on a CPU two halves keep two cores busy.
    pub fn usual_shards(kind: Kind) -> usize {
        if kind == Kind::Cpu { 2 } else { 1 }
    }

    /// Which of the helpers works on part number `index` of a batch; none: the device itself does.
    pub fn helper(&self, index: usize) -> Option<usize> {
        (index % (1 + self.helpers.len())).checked_sub(1)
    }

    /// The device that works on part number `index` of a batch.
    pub fn of_shard(&self, index: usize) -> &Device {
        self.helper(index).map_or(&self.device, |helper| &self.helpers[helper])
    }

    /// What happened to the device that no longer answers, if there is one.
    pub fn lost(&self) -> Option<DeviceError> {
        std::iter::once(&self.device).chain(&self.helpers).find_map(device::lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_go_round_the_devices() {
        let hardware = Hardware {
            helpers: vec![Device::flex(); 2],
            ..Hardware::alone(Device::flex())
        };
        let taken: Vec<_> = (0..4).map(|part| hardware.helper(part)).collect();
        assert_eq!(taken, [None, Some(0), Some(1), None]);
    }
}
