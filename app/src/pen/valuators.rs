//! What XInput2 says of a device's axes, and of where they stand.

use std::sync::Arc;
use std::time::Instant;

use x11rb::protocol::xinput::{DeviceClass, DeviceClassData, DeviceType, Fp3232, MotionEvent, XIDeviceInfo};
use x11rb::protocol::xproto::Atom;

use super::{Axes, PenSample};

/// The names that drivers give to the axes of pens, as numbers of the server at hand.
#[derive(Clone, Copy, Debug)]
pub struct Labels {
    pub pressure: Atom,
    /// To the right, and toward the person.
    pub tilt: [Atom; 2],
}

impl Labels {
    pub const PRESSURE: &str = "Abs Pressure";
    pub const TILT: [&str; 2] = ["Abs Tilt X", "Abs Tilt Y"];
}

/// What the ends of a tilt's range stand for, in shares of 90 degrees: drivers announce -64 to 63 degrees.
const FARTHEST: f64 = 64.0 / 90.0;

/// An axis: its number among the device's, and its range.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    number: u16,
    low: f64,
    high: f64,
}

impl Axis {
    /// 0..=1 of the way from one end to the other.
    fn share(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// A pen, with its axes as they stood last: events name only those that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    pub id: u16,
    pub name: Arc<str>,
    pressure: Axis,
    tilt: [Option<Axis>; 2],
    axes: Axes,
}

impl Device {
    /// A pen, if that is what `info` describes: a pointer of its own with an axis for pressure.
    pub fn of(info: &XIDeviceInfo, labels: Labels) -> Option<Self> {
        if info.type_ != DeviceType::SLAVE_POINTER || !info.enabled {
            return None;
        }
        let name = String::from_utf8_lossy(&info.name);
        Some(Self {
            id: info.deviceid,
            name: name.trim().into(),
            pressure: axis(&info.classes, labels.pressure)?,
            tilt: labels.tilt.map(|label| axis(&info.classes, label)),
            axes: Axes::default(),
        })
    }

    /// Where the pen is after `event`, which is one of its own.
    pub fn moved(&mut self, event: &MotionEvent, when: Instant) -> PenSample {
        for (number, value) in values(&event.valuator_mask, &event.axisvalues) {
            if number == self.pressure.number {
                self.axes.pressure = self.pressure.share(value) as f32;
            }
            for (tilt, axis) in self.axes.tilt.iter_mut().zip(self.tilt) {
                if let Some(axis) = axis.filter(|axis| axis.number == number) {
                    *tilt = ((axis.share(value) * 2.0 - 1.0) * FARTHEST) as f32;
                }
            }
        }
        let fixed = |value: i32| (f64::from(value) / 65536.0) as f32;
        PenSample {
            position: [fixed(event.event_x), fixed(event.event_y)],
            axes: self.axes,
            when,
            device: self.name.clone(),
            // Wacom's driver and libinput make a device of each end, and name it so.
            eraser: self.name.to_lowercase().contains("eraser"),
        }
    }
}

fn axis(classes: &[DeviceClass], label: Atom) -> Option<Axis> {
    classes.iter().find_map(|class| match &class.data {
        DeviceClassData::Valuator(valuator) if valuator.label == label => {
            let (low, high) = (number(valuator.min), number(valuator.max));
            // Some drivers announce an axis that has no range.
            (high > low).then_some(Axis {
                number: valuator.number,
                low,
                high,
            })
        }
        _ => None,
    })
}

fn number(value: Fp3232) -> f64 {
    f64::from(value.integral) + f64::from(value.frac) / 4_294_967_296.0
}

/// The numbers of the axes that an event names, each with its value: a bit for each axis, and a value for each bit that is set.
fn values(mask: &[u32], values: &[Fp3232]) -> impl Iterator<Item = (u16, f64)> {
    let bits = (0..32 * mask.len()).filter(|bit| mask[bit / 32] & (1 << (bit % 32)) != 0);
    bits.map(|bit| bit as u16).zip(values.iter().map(|value| number(*value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use x11rb::protocol::xinput::{DeviceClassDataButton, DeviceClassDataValuator, ValuatorMode};
    use x11rb::x11_utils::{Serialize, TryParse};

    const LABELS: Labels = Labels {
        pressure: 301,
        tilt: [302, 303],
    };

    fn fixed(value: f64) -> Fp3232 {
        Fp3232 {
            integral: value.floor() as i32,
            frac: (value.fract().rem_euclid(1.0) * 4_294_967_296.0) as u32,
        }
    }

    /// `len`: of the whole class, in units of four bytes.
    fn class(len: u16, data: DeviceClassData) -> DeviceClass {
        DeviceClass { len, sourceid: 11, data }
    }

    fn valuator(number: u16, label: Atom, min: f64, max: f64) -> DeviceClass {
        let data = DeviceClassDataValuator {
            number,
            label,
            min: fixed(min),
            max: fixed(max),
            value: fixed(0.0),
            resolution: 1,
            mode: ValuatorMode::ABSOLUTE,
        };
        class(11, DeviceClassData::Valuator(data))
    }

    /// A tablet as the driver of Wacom announces one: position, pressure and tilt, among other things.
    fn tablet() -> XIDeviceInfo {
        let buttons = DeviceClassDataButton {
            state: vec![0],
            labels: vec![1, 2, 3],
        };
        XIDeviceInfo {
            deviceid: 11,
            type_: DeviceType::SLAVE_POINTER,
            attachment: 2,
            enabled: true,
            name: b"Wacom Intuos S Pen stylus".to_vec(),
            classes: vec![
                class(6, DeviceClassData::Button(buttons)),
                valuator(0, 298, 0.0, 15200.0),
                valuator(1, 299, 0.0, 9500.0),
                valuator(2, LABELS.pressure, 0.0, 65536.0),
                valuator(3, LABELS.tilt[0], -64.0, 63.0),
                valuator(4, LABELS.tilt[1], -64.0, 63.0),
                valuator(5, 304, -900.0, 899.0),
            ],
        }
    }

    /// A motion as it comes over the wire, with these axes.
    fn motion(axes: &[(u16, f64)]) -> MotionEvent {
        let mask = axes.iter().fold(0, |mask, (number, _)| mask | 1 << number);
        let event = MotionEvent {
            deviceid: 11,
            sourceid: 11,
            event_x: (120.5 * 65536.0) as i32,
            event_y: (64.25 * 65536.0) as i32,
            valuator_mask: vec![mask],
            axisvalues: axes.iter().map(|(_, value)| fixed(*value)).collect(),
            ..MotionEvent::default()
        };
        let mut bytes = event.serialize();
        // Beyond the first 32 bytes, in units of four.
        let length = (bytes.len() as u32 - 32) / 4;
        bytes[4..8].copy_from_slice(&length.to_ne_bytes());
        MotionEvent::try_parse(&bytes).expect("it is a whole event").0
    }

    #[test]
    fn a_pen_is_told_from_a_mouse_by_its_axes() {
        let (info, _) = XIDeviceInfo::try_parse(&tablet().serialize()).expect("it is a whole description");
        let pen = Device::of(&info, LABELS).expect("it has pressure");
        assert_eq!((pen.id, &*pen.name), (11, "Wacom Intuos S Pen stylus"));
        let without = |number: usize| {
            let mut info = tablet();
            info.classes.remove(number);
            info
        };
        assert_eq!(Device::of(&without(3), LABELS), None, "a mouse");
        assert!(Device::of(&without(4), LABELS).is_some(), "a pen without tilt");
        let master = XIDeviceInfo {
            type_: DeviceType::MASTER_POINTER,
            ..tablet()
        };
        assert_eq!(Device::of(&master, LABELS), None, "it speaks for all pointers at once");
        let mut flat = tablet();
        flat.classes[3] = valuator(2, LABELS.pressure, 0.0, 0.0);
        assert_eq!(Device::of(&flat, LABELS), None, "it announces pressure and has none");
    }

    #[test]
    fn events_change_the_axes_that_they_name_and_no_others() {
        let mut pen = Device::of(&tablet(), LABELS).unwrap();
        let now = Instant::now();
        let first = pen.moved(&motion(&[(0, 7600.0), (1, 4750.5), (2, 16384.0), (3, 63.0), (4, -64.0)]), now);
        assert_eq!(first.position, [120.5, 64.25]);
        assert_eq!(
            (first.axes.pressure, first.axes.tilt),
            (0.25, [FARTHEST as f32, -FARTHEST as f32])
        );
        let harder = pen.moved(&motion(&[(0, 7700.0), (2, 49152.0)]), now);
        assert_eq!((harder.axes.pressure, harder.axes.tilt), (0.75, first.axes.tilt));
        assert_eq!(pen.moved(&motion(&[(1, 1.0), (5, 899.0)]), now).axes, harder.axes);
        let beyond = pen.moved(&motion(&[(2, 70000.0), (3, -0.5)]), now);
        assert_eq!((beyond.axes.pressure, beyond.axes.tilt[0]), (1.0, 0.0));
    }

    #[test]
    fn a_mask_without_values_is_no_change() {
        let mut pen = Device::of(&tablet(), LABELS).unwrap();
        let mut event = motion(&[(2, 16384.0)]);
        event.axisvalues.clear();
        assert_eq!(pen.moved(&event, Instant::now()).axes, Axes::default());
    }
}
