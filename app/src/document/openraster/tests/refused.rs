//! Files that are not what they say, and saves that fail.

use super::*;

fn error(path: &Path) -> DocumentError {
    open(path).err().expect("it is broken")
}

#[test]
fn broken_files_are_refused_by_name() {
    let folder = Folder::new();
    let path = folder.path("broken.ora");
    assert!(matches!(error(&path), DocumentError::Read { .. }));
    fs::write(&path, b"this is no zip").unwrap();
    assert!(matches!(error(&path), DocumentError::Archive { .. }));
    save(&full_document(), &path).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in [0, 20, whole.len() / 2, whole.len() - 3] {
        fs::write(&path, &whole[..length]).unwrap();
        let text = error(&path).to_string();
        assert!(
            text.contains("broken.ora is damaged or is not an OpenRaster file"),
            "{length}: {text}"
        );
    }
    // A flipped byte in the pixels is found by the check sum.
    let mut flipped = whole;
    flipped[200] ^= 0xFF;
    fs::write(&path, &flipped).unwrap();
    assert!(matches!(error(&path), DocumentError::Entry { entry, .. } if entry.starts_with("data/shiage-")));
}

#[test]
fn wrong_contents_are_refused_by_entry() {
    let folder = Folder::new();
    let stack = br#"<image w="8" h="8"><stack><layer src="data/a.png"/></stack></image>"#;
    let refused = |entries: &[(&str, &[u8])]| error(&folder.zip(entries));
    let text = refused(&[("mimetype", b"application/x-krita")]).to_string();
    assert!(
        text.contains("it is of type \"application/x-krita\"; export it as OpenRaster (.ora)"),
        "{text}"
    );
    assert!(
        matches!(refused(&[("mimetype", b"image/openraster")]), DocumentError::MissingEntry { entry, .. } if entry == "stack.xml")
    );
    assert!(matches!(refused(&[("stack.xml", stack)]), DocumentError::MissingEntry { entry, .. } if entry == "data/a.png"));
    assert!(matches!(refused(&[("stack.xml", b"<image")]), DocumentError::Entry { entry, .. } if entry == "stack.xml"));
    let broken = refused(&[("stack.xml", stack), ("data/a.png", b"\x89PNG\r\n\x1a\n....")]);
    assert!(matches!(broken, DocumentError::Entry { entry, .. } if entry == "data/a.png"));
    let huge = refused(&[("stack.xml", br#"<image w="16385" h="8"><stack/></image>"#)]).to_string();
    assert!(huge.contains("made.ora") && huge.contains("16385 x 8"), "{huge}");
    let newer: [(&str, &[u8]); 2] = [
        ("stack.xml", br#"<image w="8" h="8"/>"#),
        ("shiage/document.ron", b"(version: 9, planets: 3)"),
    ];
    assert!(matches!(refused(&newer), DocumentError::Newer { version: 9, .. }));
    let groups = |count: usize| {
        let [open, close] = ["<stack>", "</stack>"].map(|tag| tag.repeat(count + 1));
        format!("<image w=\"8\" h=\"8\">{open}{close}</image>")
    };
    assert!(open(&folder.zip(&[("stack.xml", groups(MAX_DEPTH).as_bytes())])).is_ok());
    let deep = refused(&[("stack.xml", groups(1000).as_bytes())]);
    assert!(matches!(deep, DocumentError::Entry { entry, .. } if entry == "stack.xml"));
    let sizes: [(&str, &[u8]); 2] = [
        newer[0],
        ("shiage/document.ron", b"(version: 1, reference: Some((99999, 1)))"),
    ];
    assert!(matches!(refused(&sizes), DocumentError::In { .. }));
}

#[test]
fn an_entry_that_unpacks_to_too_much_is_refused() {
    let folder = Folder::new();
    let zeros = vec![0; (64 << 20) + 1];
    let bomb = folder.zip(&[("stack.xml", &zeros)]);
    assert!(fs::metadata(&bomb).unwrap().len() < 1 << 20);
    assert!(matches!(error(&bomb), DocumentError::EntryTooLarge { entry, limit: 67_108_864, .. } if entry == "stack.xml"));
}

#[test]
fn a_picture_takes_no_more_than_its_pixels_can() {
    let folder = Folder::new();
    let stack = br#"<image w="8" h="8"><stack><layer src="data/a.png"/></stack></image>"#;
    let mut picture = png(&RgbaImage::from_pixel(1, 1, Rgba([9; 4])));
    let small = folder.zip(&[("stack.xml", stack), ("data/a.png", &picture)]);
    assert!(open(&small).is_ok());
    picture.resize(picture.len() + (65 << 20), 0);
    let bomb = folder.zip(&[("stack.xml", stack), ("data/a.png", &picture)]);
    assert!(fs::metadata(&bomb).unwrap().len() < 1 << 20);
    assert!(matches!(error(&bomb), DocumentError::EntryTooLarge { entry, .. } if entry == "data/a.png"));
}

#[test]
fn a_failed_save_names_the_file_and_leaves_the_old_one() {
    let folder = Folder::new();
    let text = save(&full_document(), &folder.path("no/such/folder.ora"))
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("cannot write") && text.contains("no/such/folder.ora") && text.contains("Nothing was changed"),
        "{text}"
    );
}
