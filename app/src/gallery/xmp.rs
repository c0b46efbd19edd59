//! Ratings as XMP, in the properties that Lightroom, Bridge, darktable and digiKam read. What others wrote into a packet stays.
//!
//! `xmp:Rating` is 0..=5, or -1 where the picture is rejected; the stars of a rejected picture stand in `shiage:Stars`. A pick is `xmpDM:pick`,
//! the label `xmp:Label`, the note `dc:description`.

use quick_xml::events::{BytesEnd, BytesPI, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer, XmlVersion};

use super::marks::{Flag, Label, Marks};

/// Keyword of the PNG text that holds a packet.
pub const KEYWORD: &str = "XML:com.adobe.xmp";

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const DYNAMIC_MEDIA: &str = "http://ns.adobe.com/xmp/1.0/DynamicMedia/";
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const OWN: &str = "https://github.com/shiage/shiage/ns/1.0/";

/// The properties that marks are written to, by namespace and name.
const WRITTEN: [(&str, &str); 6] = [
    (XMP, "Rating"),
    (XMP, "Label"),
    (XMP, "CreateDate"),
    (DYNAMIC_MEDIA, "pick"),
    (DUBLIN_CORE, "description"),
    (OWN, "Stars"),
];

/// What a packet says that the gallery cares for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packet {
    pub marks: Marks,
    /// When the picture was made, ISO 8601. A file's own time changes when it is rated; this does not.
    pub created: Option<String>,
}

/// Reads a packet; the error says what is wrong with its XML.
pub fn read(xml: &str) -> Result<Packet, String> {
    let mut values: [Option<String>; WRITTEN.len()] = Default::default();
    let mut reader = Reader::from_str(xml);
    let mut names = Namespaces::default();
    // The open elements, each with the property that it is.
    let mut open: Vec<Option<usize>> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match &event {
            Event::Eof => break,
            Event::Start(element) | Event::Empty(element) => {
                names.learn(element)?;
                if names.is(element.name().as_ref(), RDF, "Description") {
                    for attribute in element.attributes() {
                        let attribute = attribute.map_err(|error| error.to_string())?;
                        if let Some(property) = names.property(attribute.key.as_ref()) {
                            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                            values[property] = Some(value.map_err(|error| error.to_string())?.into_owned());
                        }
                    }
                }
                if matches!(event, Event::Start(_)) {
                    open.push(names.property(element.name().as_ref()));
                }
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) => add(&mut values, &open, &text.xml10_content()),
            Event::CData(text) => add(&mut values, &open, &text.xml10_content()),
            Event::GeneralRef(entity) => {
                let escaped = format!("&{};", entity.xml10_content());
                if let Ok(text) = quick_xml::escape::unescape(&escaped) {
                    add(&mut values, &open, &text);
                }
            }
            _ => {}
        }
    }
    let [rating, label, created, pick, note, stars] = values.map(|value| value.map(|text| text.trim().to_owned()));
    let number = |text: Option<String>| {
        text.and_then(|text| text.parse::<f32>().ok())
            .map_or(0, |number| number as i32)
    };
    let (rating, pick) = (number(rating), number(pick));
    let rejected = rating < 0 || pick < 0;
    let stars = if rating < 0 { number(stars) } else { rating };
    Ok(Packet {
        marks: Marks {
            stars: stars.clamp(0, 5) as u8,
            flag: match (rejected, pick > 0) {
                (true, _) => Flag::Reject,
                (false, true) => Flag::Pick,
                (false, false) => Flag::None,
            },
            label: label.and_then(|label| Label::from_text(&label)),
            note: note.unwrap_or_default(),
        },
        created: created.filter(|created| !created.is_empty()),
    })
}

/// Text belongs to the innermost property that is open. Of a text in several languages the first stays.
fn add(values: &mut [Option<String>; WRITTEN.len()], open: &[Option<usize>], text: &str) {
    let Some(property) = open.iter().rev().copied().flatten().next() else {
        return;
    };
    values[property].get_or_insert_default().push_str(text);
}

/// A packet with what `packet` says; everything else that `old` says stays in it.
pub fn write(packet: &Packet, old: Option<&str>) -> Result<String, String> {
    match old {
        Some(old) => merged(packet, old),
        None => fresh(packet),
    }
    .map_err(|error| error.to_string())
}

type Failure = Box<dyn std::error::Error>;

fn fresh(packet: &Packet) -> Result<String, Failure> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::PI(BytesPI::new(
        "xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"",
    )))?;
    let meta = BytesStart::new("x:xmpmeta").with_attributes([("xmlns:x", "adobe:ns:meta/")]);
    let rdf = BytesStart::new("rdf:RDF").with_attributes([("xmlns:rdf", RDF)]);
    writer.write_event(Event::Start(meta.borrow()))?;
    writer.write_event(Event::Start(rdf.borrow()))?;
    description(
        &mut writer,
        BytesStart::new("rdf:Description").with_attributes([("rdf:about", "")]),
        packet,
    )?;
    writer.write_event(Event::End(BytesEnd::new("rdf:Description")))?;
    writer.write_event(Event::End(rdf.to_end()))?;
    writer.write_event(Event::End(meta.to_end()))?;
    writer.write_event(Event::PI(BytesPI::new("xpacket end=\"w\"")))?;
    Ok(String::from_utf8(writer.into_inner())?)
}

/// Opens an `rdf:Description` and writes our properties into it.
fn description(writer: &mut Writer<Vec<u8>>, element: BytesStart<'_>, packet: &Packet) -> Result<(), Failure> {
    let Packet { marks, created } = packet;
    writer.write_event(Event::Start(element))?;
    let mut property = |name: &str, namespace: &str, text: &str| -> Result<(), Failure> {
        let prefix = name.split(':').next().unwrap_or_default();
        writer
            .create_element(name)
            .with_attribute((format!("xmlns:{prefix}").as_str(), namespace))
            .write_text_content(BytesText::new(text))?;
        Ok(())
    };
    let rejected = marks.flag == Flag::Reject;
    let rating = if rejected { -1 } else { i32::from(marks.stars) };
    property("xmp:Rating", XMP, &rating.to_string())?;
    if let Some(label) = &marks.label {
        property("xmp:Label", XMP, label.text())?;
    }
    if let Some(created) = created {
        property("xmp:CreateDate", XMP, created)?;
    }
    match marks.flag {
        Flag::None => {}
        Flag::Pick => property("xmpDM:pick", DYNAMIC_MEDIA, "1")?,
        Flag::Reject => property("xmpDM:pick", DYNAMIC_MEDIA, "-1")?,
    }
    if rejected && marks.stars > 0 {
        property("shiage:Stars", OWN, &marks.stars.to_string())?;
    }
    if !marks.note.is_empty() {
        // Control characters are not XML.
        let note = marks.note.replace(|c: char| c.is_control() && c != '\n', " ");
        let element = writer
            .create_element("dc:description")
            .with_attribute(("xmlns:dc", DUBLIN_CORE));
        element.write_inner_content(|writer| {
            writer.create_element("rdf:Alt").write_inner_content(|writer| {
                let text = writer.create_element("rdf:li").with_attribute(("xml:lang", "x-default"));
                text.write_text_content(BytesText::new(&note))?;
                Ok(())
            })?;
            Ok(())
        })?;
    }
    Ok(())
}

/// Copies `old` without our properties, and puts them into its first description.
fn merged(packet: &Packet, old: &str) -> Result<String, Failure> {
    let mut reader = Reader::from_str(old);
    let mut writer = Writer::new(Vec::new());
    let mut names = Namespaces::default();
    let (mut written, mut removed) = (false, false);
    loop {
        let event = reader.read_event()?;
        // The line break behind what is taken out goes with it, or a packet would grow with every rating.
        if std::mem::take(&mut removed) && matches!(&event, Event::Text(text) if text.trim().is_empty()) {
            continue;
        }
        let (element, empty) = match &event {
            Event::Eof => break,
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            _ => {
                writer.write_event(event)?;
                continue;
            }
        };
        names.learn(element)?;
        let name = element.name();
        if names.property(name.as_ref()).is_some() {
            if !empty {
                reader.read_to_end(name)?;
            }
            removed = true;
        } else if names.is(name.as_ref(), RDF, "Description") {
            let mut kept = BytesStart::new(name.as_ref().to_owned());
            for attribute in element.attributes() {
                let attribute = attribute?;
                if names.property(attribute.key.as_ref()).is_none() {
                    kept.push_attribute(attribute);
                }
            }
            let end = kept.to_end().into_owned();
            if written {
                writer.write_event(if empty { Event::Empty(kept) } else { Event::Start(kept) })?;
            } else {
                written = true;
                description(&mut writer, kept, packet)?;
                if empty {
                    writer.write_event(Event::End(end))?;
                }
            }
        } else {
            writer.write_event(event)?;
        }
    }
    match written {
        true => Ok(String::from_utf8(writer.into_inner())?),
        false => fresh(packet),
    }
}

/// The prefixes that a packet declares. Packets declare each prefix once, at its top or where it is used, so one table serves all of it.
#[derive(Default)]
struct Namespaces(Vec<(String, String)>);

impl Namespaces {
    fn learn(&mut self, element: &BytesStart<'_>) -> Result<(), String> {
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if let Some(prefix) = attribute.key.as_ref().strip_prefix("xmlns:") {
                self.0.push((prefix.to_owned(), attribute.value.to_string()));
            }
        }
        Ok(())
    }

    fn is(&self, name: &str, namespace: &str, local: &str) -> bool {
        name.split_once(':').is_some_and(|(prefix, own)| {
            own == local
                && self
                    .0
                    .iter()
                    .rev()
                    .find(|(known, _)| known == prefix)
                    .is_some_and(|(_, uri)| uri == namespace)
        })
    }

    /// The place in [`WRITTEN`] of the property of that name.
    fn property(&self, name: &str) -> Option<usize> {
        WRITTEN.iter().position(|(namespace, local)| self.is(name, namespace, local))
    }
}

#[cfg(test)]
mod tests {
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
        assert!(write(&packet(), Some("<a><b></a>")).is_err());
    }
}
