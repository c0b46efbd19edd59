//! What computes, and what is left of it.

use engine::device::{Choice, Info, Kind, Opened};

use super::*;

/// A GPU that only its name makes one.
fn gpu(index: usize) -> Opened {
    let cpu = engine::device::cpu();
    Opened {
        info: Info {
            choice: Choice::Gpu(Some(index)),
            name: format!("GPU {index}"),
            kind: Kind::Gpu,
            backend: "Vulkan".to_owned(),
        },
        ..cpu
    }
}

#[test]
fn a_lost_device_gives_way_to_the_cpu_and_is_not_chosen_again() {
    let mut session = opened();
    session.compute_on(&gpu(1));
    session.compute_on(&gpu(0));
    assert!(!session.lose_device(&Choice::Gpu(Some(1))), "another one computes");
    assert_eq!(session.device(), "GPU 0");
    assert!(session.lose_device(&Choice::Gpu(Some(0))));
    assert_eq!(session.device(), "CPU");
    session.choose_device(Choice::Gpu(Some(0)));
    assert!(!session.is_changing_device() && session.may_change_device());
    let lost: Vec<_> = (session.devices().iter())
        .map(|info| (info.name.as_str(), session.is_lost(info)))
        .collect();
    assert_eq!(lost, [("GPU 1", true), ("GPU 0", true), ("CPU", false)]);
}
