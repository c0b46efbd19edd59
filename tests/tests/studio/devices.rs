//! What computes: chosen in the window, and lost.

use std::sync::Arc;

use app::command::Command;
use egui_kittest::kittest::Queryable;
use engine::device::DeviceError;
use engine::event::Event;
use tests::desk::{Desk, JOB};

#[test]
fn a_lost_server_is_named_and_the_cpu_goes_on() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.start();
    let lost = DeviceError::Lost {
        address: "render-2:7300".to_owned(),
        reason: "its machine is off".to_owned(),
    };
    desk.say(Event::Failed {
        job: JOB,
        error: Arc::new(lost.into()),
    });
    desk.harness
        .get_by_label_contains("The device at render-2:7300 is gone (its machine is off).");
    desk.harness.get_by_label_contains("Pictures are made on the CPU");
    assert!(!desk.harness.state().session.is_coloring());
    desk.click("Colorize");
    desk.wait("a step of the new engine", |app| app.session.job().is_some());
    assert_eq!(
        desk.engine.with(|script| script.submitted.len()),
        1,
        "the lost one is asked no more"
    );
}

#[test]
fn another_device_is_chosen_on_the_bar() {
    let mut desk = Desk::new();
    desk.open_scene();
    let name = format!("Device: {}", desk.harness.state().session.device());
    desk.click(&name);
    desk.wait("the devices", |app| !app.session.devices().is_empty());
    desk.click("CPU");
    desk.wait("the CPU", |app| {
        app.session.device() == "CPU" && app.session.current_device().is_some()
    });
    assert_eq!(desk.harness.state().session.device(), "CPU");
    desk.harness.get_by_label_contains("CPU makes the pictures from now on");
    // The real one does.
    desk.harness.state_mut().session.run(Command::Colorize);
    desk.wait("its picture", |app| app.session.takes().len() == 1);
}
