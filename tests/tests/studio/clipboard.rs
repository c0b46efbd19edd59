//! Pictures that are copied, cut and pasted.

use app::command::Command;
use app::document::{Document, Layer, Role, Side};
use egui::{Event, Key, Modifiers};
use tests::desk::Desk;

/// A scene of 256x256 with a painted layer.
fn desk() -> Desk {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    desk.stroke("Canvas");
    desk
}

fn send(desk: &mut Desk, event: Event) {
    desk.harness.event(event);
    desk.harness.run();
}

/// Waits for what the program says.
fn said(desk: &mut Desk, words: &str) {
    desk.wait(words, |app| {
        app.session.notice.as_ref().is_some_and(|notice| notice.text.contains(words))
    });
}

fn named<'a>(document: &'a Document, name: &str) -> Option<&'a Layer> {
    document.canvas().layers().find(|layer| layer.name == name)
}

fn pixels(layer: &Layer) -> Vec<[u8; 4]> {
    layer.raster().unwrap().copy(app::document::Rect::of(layer.size()))
}

#[test]
fn what_is_copied_is_pasted_as_a_layer_and_cutting_takes_it_away() {
    let mut desk = desk();
    let painted = desk.painted();
    assert!(painted > 0);
    send(&mut desk, Event::Copy);
    said(&mut desk, "Copied");
    send(&mut desk, Event::Paste(String::new()));
    desk.wait("the layer", |app| named(app.session.document().unwrap(), "Pasted").is_some());
    let count = |desk: &Desk| {
        let layer = named(desk.document(), "Pasted").unwrap();
        pixels(layer).iter().filter(|pixel| pixel[3] > 0).count()
    };
    assert_eq!(count(&desk), painted);
    assert_eq!(
        desk.harness.state().session.target(Side::Canvas),
        named(desk.document(), "Pasted").map(|layer| layer.id)
    );
    send(&mut desk, Event::Cut);
    assert_eq!(count(&desk), 0);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(count(&desk), painted);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(named(desk.document(), "Pasted").is_none());
}

#[test]
fn what_is_pasted_goes_back_to_where_it_was() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    // Away from the middle of the view.
    desk.drag([0.1, 0.1], [0.3, 0.1]);
    send(&mut desk, Event::Copy);
    said(&mut desk, "Copied");
    send(&mut desk, Event::Paste(String::new()));
    desk.wait("the layer", |app| named(app.session.document().unwrap(), "Pasted").is_some());
    let covers = |name: &str| {
        let pixels = pixels(named(desk.document(), name).unwrap()).into_iter();
        pixels.map(|pixel| pixel[3]).collect::<Vec<_>>()
    };
    assert!(covers("Paint") == covers("Pasted"));
    assert!(covers("Paint").iter().any(|alpha| *alpha > 0));
}

#[test]
fn what_shows_is_pasted_where_one_works() {
    let mut desk = desk();
    let before = desk.document().by_role(Role::Reference).map(Layer::stamp);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
    said(&mut desk, "Copied 256×256");
    let shown = desk.document().composite(app::document::Rect::of([256, 256]));
    // A press on the reference makes it the pane at hand.
    desk.stroke("Reference picture");
    send(&mut desk, Event::Paste(String::new()));
    desk.wait("the reference", |app| {
        app.session.document().unwrap().by_role(Role::Reference).map(Layer::stamp) != before
    });
    let reference = desk.document().by_role(Role::Reference).unwrap();
    assert!(
        pixels(reference) == shown.as_raw().as_chunks().0,
        "the reference is what showed"
    );
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    desk.click("Discard");
    desk.wait("the drawing", |app| app.session.title() == "Pasted");
    assert!(desk.document().by_role(Role::Reference).is_none());
}

#[test]
fn an_empty_clipboard_and_an_empty_layer_say_so() {
    let mut desk = desk();
    send(&mut desk, Event::Paste("words".to_owned()));
    said(&mut desk, "The clipboard holds no picture.");
    desk.harness.state_mut().session.run(Command::Clear);
    send(&mut desk, Event::Copy);
    said(&mut desk, "There is nothing to copy");
}
