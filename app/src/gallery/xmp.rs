//! Ratings as XMP, in the properties that Lightroom, Bridge, darktable and digiKam read. What others wrote into a packet stays.
//!
//! `xmp:Rating` is 0..=5, or -1 where the picture is rejected; the stars of a rejected picture stand in `shiage:Stars`. A pick is `xmpDM:pick`,
//! the label `xmp:Label`, the note `dc:description`.

#[cfg(test)]
mod tests;

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

/// The properties that marks are written to, by namespace, the prefix that ours is given, and name.
const WRITTEN: [(&str, &str, &str); 6] = [
    (XMP, "xmp", "Rating"),
    (XMP, "xmp", "Label"),
    (XMP, "xmp", "CreateDate"),
    (DYNAMIC_MEDIA, "xmpDM", "pick"),
    (DUBLIN_CORE, "dc", "description"),
    (OWN, "shiage", "Stars"),
];

/// The text of each property in [`WRITTEN`]; none where it is missing.
type Values = [Option<String>; WRITTEN.len()];

/// What a packet says that the gallery cares for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packet {
    pub marks: Marks,
    /// When the picture was made, ISO 8601. A file's own time changes when it is rated; this does not.
    pub created: Option<String>,
}

impl Packet {
    /// What it is written as.
    fn values(&self) -> Values {
        let Marks {
            stars,
            flag,
            label,
            note,
        } = &self.marks;
        let rejected = *flag == Flag::Reject;
        let rating = if rejected { -1 } else { i32::from(*stars) };
        let pick = match flag {
            Flag::None => None,
            Flag::Pick => Some("1".to_owned()),
            Flag::Reject => Some("-1".to_owned()),
        };
        // Control characters are not XML.
        let note = note.replace(|c: char| c.is_control() && c != '\n', " ");
        [
            Some(rating.to_string()),
            label.as_ref().map(|label| label.text().to_owned()),
            self.created.clone(),
            pick,
            Some(note).filter(|note| !note.is_empty()),
            (rejected && *stars > 0).then(|| stars.to_string()),
        ]
    }
}

/// Reads a packet; the error says what is wrong with its XML.
pub fn read(xml: &str) -> Result<Packet, String> {
    let [rating, label, created, pick, note, stars] = values(xml)?;
    let (rating, pick) = (number(rating.as_deref()), number(pick.as_deref()));
    let rejected = rating < 0 || pick < 0;
    let stars = if rating < 0 { number(stars.as_deref()) } else { rating };
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

fn number(text: Option<&str>) -> i32 {
    let number = text.and_then(|text| text.parse::<f32>().ok());
    number.map_or(0, |number| number as i32)
}

/// What a property says, however it is written.
fn meaning(property: usize, text: Option<&str>) -> String {
    match WRITTEN[property] {
        (_, _, "Rating" | "pick" | "Stars") => number(text).to_string(),
        (_, _, "Label") => {
            let label = text.and_then(Label::from_text);
            label.map_or_else(String::new, |label| label.text().to_owned())
        }
        _ => text.unwrap_or_default().trim().to_owned(),
    }
}

/// An open element: the property that it is or lies in, and whether its text is what that says.
#[derive(Clone, Copy, Default)]
struct Open {
    property: Option<usize>,
    counts: bool,
}

/// The properties as they stand in a packet; the error says what is wrong with its XML.
fn values(xml: &str) -> Result<Values, String> {
    let mut values: Values = Default::default();
    let mut reader = Reader::from_str(xml);
    let mut names = Namespaces::default();
    let mut open: Vec<Open> = Vec::new();
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
                    let around = open.last().copied().unwrap_or_default();
                    open.push(opened(element, &names, around, &mut values)?);
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
    match open.is_empty() {
        true => Ok(values.map(|value| value.map(|text| text.trim().to_owned()))),
        false => Err("it ends before its last element does".to_owned()),
    }
}

/// What an element is that opens inside another one. Of a text in several languages the default counts, or the first where there is none.
fn opened(element: &BytesStart<'_>, names: &Namespaces, around: Open, values: &mut Values) -> Result<Open, String> {
    let name = element.name().into_inner();
    if let Some(property) = names.property(name) {
        let counts = values[property].is_none();
        return Ok(Open {
            property: Some(property),
            counts,
        });
    }
    let Some(property) = around.property.filter(|_| around.counts && names.is(name, RDF, "li")) else {
        return Ok(around);
    };
    let language = element.try_get_attribute("xml:lang").map_err(|error| error.to_string())?;
    if language.is_some_and(|language| language.value == "x-default") {
        values[property] = None;
    }
    let counts = values[property].as_ref().is_none_or(|text| text.trim().is_empty());
    Ok(Open { counts, ..around })
}

fn add(values: &mut Values, open: &[Open], text: &str) {
    if let Some(Open {
        property: Some(property),
        counts: true,
    }) = open.last()
    {
        values[*property].get_or_insert_default().push_str(text);
    }
}

/// A packet with what `packet` says; everything else that `old` says stays in it, and so does what says the same already.
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
    let element = BytesStart::new("rdf:Description").with_attributes([("rdf:about", "")]);
    description(&mut writer, element, &packet.values())?;
    writer.write_event(Event::End(BytesEnd::new("rdf:Description")))?;
    writer.write_event(Event::End(rdf.to_end()))?;
    writer.write_event(Event::End(meta.to_end()))?;
    writer.write_event(Event::PI(BytesPI::new("xpacket end=\"w\"")))?;
    Ok(String::from_utf8(writer.into_inner())?)
}

/// Opens an `rdf:Description` and writes properties into it.
fn description(writer: &mut Writer<Vec<u8>>, element: BytesStart<'_>, values: &Values) -> Result<(), Failure> {
    writer.write_event(Event::Start(element))?;
    for ((namespace, prefix, name), value) in WRITTEN.into_iter().zip(values) {
        let Some(value) = value else { continue };
        let declaration = format!("xmlns:{prefix}");
        let property = writer
            .create_element(format!("{prefix}:{name}"))
            .with_attribute((declaration.as_str(), namespace));
        if namespace != DUBLIN_CORE {
            property.write_text_content(BytesText::new(value))?;
            continue;
        }
        property.write_inner_content(|writer| {
            writer.create_element("rdf:Alt").write_inner_content(|writer| {
                let text = writer.create_element("rdf:li").with_attribute(("xml:lang", "x-default"));
                text.write_text_content(BytesText::new(value))?;
                Ok(())
            })?;
            Ok(())
        })?;
    }
    Ok(())
}

/// Copies `old` without those of our properties that say something else now, and puts them into its first description.
fn merged(packet: &Packet, old: &str) -> Result<String, Failure> {
    let (before, mut after) = (values(old)?, packet.values());
    // A note in other languages, too, is lost no sooner than somebody writes another one.
    let mut kept = [false; WRITTEN.len()];
    for (property, value) in after.iter_mut().enumerate() {
        kept[property] = meaning(property, before[property].as_deref()) == meaning(property, value.as_deref());
        value.take_if(|_| kept[property]);
    }
    let goes = |names: &Namespaces, name: &str| names.property(name).is_some_and(|property| !kept[property]);
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
        if goes(&names, name.as_ref()) {
            if !empty {
                reader.read_to_end(name)?;
            }
            removed = true;
        } else if names.is(name.as_ref(), RDF, "Description") {
            let mut copy = BytesStart::new(name.as_ref().to_owned());
            for attribute in element.attributes() {
                let attribute = attribute?;
                if !goes(&names, attribute.key.as_ref()) {
                    copy.push_attribute(attribute);
                }
            }
            let end = copy.to_end().into_owned();
            if written {
                writer.write_event(if empty { Event::Empty(copy) } else { Event::Start(copy) })?;
            } else {
                written = true;
                description(&mut writer, copy, &after)?;
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
        WRITTEN
            .iter()
            .position(|(namespace, _, local)| self.is(name, namespace, local))
    }
}
