use super::*;

fn packet() -> Packet {
    Packet {
        marks: Marks {
            stars: 3,
            flag: Flag::Pick,
            label: Some(Label::Green),
            note: "hair <too> dark & 髪".to_owned(),
        },
        created: Some("2026-11-25T10:00:00Z".to_owned()),
    }
}

#[test]
fn what_is_written_is_read() {
    let rejected = Packet {
        marks: Marks {
            flag: Flag::Reject,
            ..packet().marks
        },
        created: None,
    };
    for packet in [packet(), rejected, Packet::default()] {
        let xml = write(&packet, None).unwrap();
        assert_eq!(read(&xml).unwrap(), packet, "{xml}");
        let again = write(&packet, Some(&xml)).unwrap();
        assert_eq!(read(&again).unwrap(), packet, "{again}");
        assert_eq!(again.matches("</xmp:Rating>").count(), 1, "{again}");
        assert!(write(&packet, Some(&again)).unwrap().len() <= again.len(), "it does not grow");
    }
}

#[test]
fn a_rejected_picture_is_rated_minus_one_for_the_programs_that_know_only_that() {
    let marks = Marks {
        flag: Flag::Reject,
        ..Marks::default()
    };
    let xml = write(&Packet { marks, created: None }, None).unwrap();
    assert!(xml.contains(">-1</xmp:Rating>"), "{xml}");
}

/// As Lightroom and exiftool write, one with attributes and one with elements and another prefix.
#[test]
fn other_programs_packets_are_read_and_kept() {
    let attributes = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
        xmp:Rating="4" xmp:Label="Blue" exif:UserComment="kept"/></rdf:RDF></x:xmpmeta>"#;
    let found = read(attributes).unwrap();
    assert_eq!((found.marks.stars, found.marks.label.clone()), (4, Some(Label::Blue)));
    let merged = write(&packet(), Some(attributes)).unwrap();
    assert!(merged.contains("exif:UserComment=\"kept\""), "{merged}");
    assert_eq!(read(&merged).unwrap(), packet());

    let elements = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xap="http://ns.adobe.com/xap/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><xap:Rating>-1</xap:Rating><dc:description><rdf:Alt><rdf:li>a &amp; b</rdf:li></rdf:Alt>
        </dc:description><dc:title>kept</dc:title></rdf:Description></rdf:RDF>"#;
    let found = read(elements).unwrap();
    assert_eq!((found.marks.flag, found.marks.note.as_str()), (Flag::Reject, "a & b"));
    let merged = write(&packet(), Some(elements)).unwrap();
    assert!(merged.contains("<dc:title>kept</dc:title>"), "{merged}");
    assert_eq!(read(&merged).unwrap(), packet());
}

#[test]
fn damaged_packets_are_refused() {
    assert!(read("<a><b></a>").is_err());
    assert!(read("<a><b>").is_err(), "it was cut off");
    assert!(write(&packet(), Some("<a><b></a>")).is_err());
}

#[test]
fn a_text_in_several_languages_is_read_in_one_and_stays_until_another_is_written() {
    let old = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="2.5"><dc:description><rdf:Alt>
        <rdf:li xml:lang="ja">髪が暗い</rdf:li>
        <rdf:li xml:lang="x-default">hair &amp; eyes</rdf:li>
        <rdf:li xml:lang="de">Haar</rdf:li>
        </rdf:Alt></dc:description></rdf:Description></rdf:RDF>"#;
    let mut packet = read(old).unwrap();
    assert_eq!((packet.marks.note.as_str(), packet.marks.stars), ("hair & eyes", 2));
    let first = read(&old.replace("x-default", "en")).unwrap();
    assert_eq!(first.marks.note, "髪が暗い", "where there is no default");
    packet.marks.flag = Flag::Pick;
    let picked = write(&packet, Some(old)).unwrap();
    assert_eq!(read(&picked).unwrap(), packet);
    for kept in ["髪が暗い", "hair &amp; eyes", "Haar", "xmp:Rating=\"2.5\""] {
        assert_eq!(picked.matches(kept).count(), 1, "{kept} in {picked}");
    }
    packet.marks.note = "better".to_owned();
    let noted = write(&packet, Some(&picked)).unwrap();
    assert_eq!(read(&noted).unwrap(), packet);
    assert!(!noted.contains("Haar") && !noted.contains("eyes"), "{noted}");
}

#[test]
fn stars_of_a_picture_that_another_program_rejected_are_kept_where_they_are_read() {
    let old = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/" xmp:Rating="3" xmpDM:pick="-1"/></rdf:RDF>"#;
    let mut packet = read(old).unwrap();
    assert_eq!((packet.marks.flag, packet.marks.stars), (Flag::Reject, 3));
    packet.marks.stars = 5;
    assert_eq!(read(&write(&packet, Some(old)).unwrap()).unwrap(), packet);
}
