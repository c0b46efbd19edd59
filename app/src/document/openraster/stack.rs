//! `stack.xml`: the layers of an OpenRaster file.

use std::io;

use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::{Reader, Writer, XmlVersion};

/// The layers from the top down, groups flattened into them.
#[derive(Debug, PartialEq)]
pub(super) struct Stack {
    /// `[width, height]` of the canvas.
    pub size: [u32; 2],
    pub layers: Vec<StackLayer>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct StackLayer {
    pub name: String,
    /// The entry that holds the pixels.
    pub src: String,
    /// Where its top left corner lies on the canvas.
    pub at: [i32; 2],
    pub opacity: f32,
    pub visible: bool,
    /// `composite-op`, such as `svg:multiply`.
    pub operator: String,
}

/// What a group does to the layers in it.
#[derive(Clone, Copy)]
struct Group {
    at: [i32; 2],
    opacity: f32,
    visible: bool,
}

impl Stack {
    /// Reads the XML; the error says what is wrong with it.
    pub fn parse(xml: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(xml);
        let mut stack = None;
        let mut groups = vec![Group {
            at: [0; 2],
            opacity: 1.0,
            visible: true,
        }];
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let (element, opens) = match &event {
                Event::Eof => break,
                Event::Start(element) => (element, true),
                Event::Empty(element) => (element, false),
                Event::End(element) => {
                    if element.name().as_ref() == "stack" && groups.len() > 1 {
                        groups.pop();
                    }
                    continue;
                }
                _ => continue,
            };
            let outer = groups[groups.len() - 1];
            match element.name().as_ref() {
                "image" => {
                    let side = |name: &str| Attributes(element).number(name)?.ok_or(format!("the image has no {name}"));
                    stack = Some(Self {
                        size: [side("w")?, side("h")?],
                        layers: Vec::new(),
                    });
                }
                "stack" if opens => groups.push(outer.with(&Attributes(element))?),
                "layer" => {
                    let stack = stack.as_mut().ok_or("a layer stands outside the image")?;
                    stack.layers.push(layer(&Attributes(element), outer)?);
                }
                _ => {}
            }
        }
        stack.ok_or_else(|| "there is no image in it".to_owned())
    }
}

impl Group {
    /// This group with that of `attributes` in it.
    fn with(self, attributes: &Attributes<'_>) -> Result<Self, String> {
        let at = |name, outer: i32| Ok::<_, String>(outer.saturating_add(attributes.number(name)?.unwrap_or(0)));
        Ok(Self {
            at: [at("x", self.at[0])?, at("y", self.at[1])?],
            opacity: self.opacity
                * attributes
                    .number::<f32>("opacity")?
                    .filter(|opacity| !opacity.is_nan())
                    .unwrap_or(1.0)
                    .clamp(0.0, 1.0),
            visible: self.visible && attributes.text("visibility")?.as_deref() != Some("hidden"),
        })
    }
}

fn layer(attributes: &Attributes<'_>, outer: Group) -> Result<StackLayer, String> {
    let Group { at, opacity, visible } = outer.with(attributes)?;
    Ok(StackLayer {
        name: attributes.text("name")?.unwrap_or_default(),
        src: attributes.text("src")?.ok_or("a layer has no src")?,
        at,
        opacity,
        visible,
        operator: attributes.text("composite-op")?.unwrap_or_else(|| "svg:src-over".to_owned()),
    })
}

struct Attributes<'a>(&'a BytesStart<'a>);

impl Attributes<'_> {
    fn text(&self, name: &str) -> Result<Option<String>, String> {
        let Some(attribute) = self.0.try_get_attribute(name).map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        Ok(Some(value.into_owned()))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.trim()
            .parse()
            .map(Some)
            .map_err(|_| format!("{name} is \"{text}\", which is not a number that fits"))
    }
}

/// Writes the canvas's layers, and below them a hidden group of the reference side's, each from the top down.
pub(super) fn write(size: [u32; 2], canvas: &[StackLayer], reference: &[StackLayer]) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let [width, height] = size.map(|side| side.to_string());
    let image = writer
        .create_element("image")
        .with_attributes([("version", "0.0.3"), ("w", &width), ("h", &height)]);
    image.write_inner_content(|writer| {
        writer.create_element("stack").write_inner_content(|writer| {
            write_layers(writer, canvas)?;
            if !reference.is_empty() {
                let group = writer
                    .create_element("stack")
                    .with_attributes([("name", "Reference side"), ("visibility", "hidden")]);
                group.write_inner_content(|writer| write_layers(writer, reference))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(writer.into_inner())
}

fn write_layers(writer: &mut Writer<Vec<u8>>, layers: &[StackLayer]) -> io::Result<()> {
    for layer in layers {
        // Control characters are not XML, and a name has no use for them.
        let name = layer.name.replace(char::is_control, " ");
        let ([x, y], opacity) = (layer.at.map(|at| at.to_string()), layer.opacity.to_string());
        let visibility = if layer.visible { "visible" } else { "hidden" };
        let element =
            writer
                .create_element("layer")
                .with_attributes([("name", name.as_str()), ("src", &layer.src), ("x", &x), ("y", &y)]);
        element
            .with_attributes([
                ("opacity", opacity.as_str()),
                ("visibility", visibility),
                ("composite-op", &layer.operator),
            ])
            .write_empty()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_flatten_into_their_layers() {
        let stack = Stack::parse(
            r#"<?xml version='1.0'?><image w="20" h="10"><stack>
                <layer name="&lt;a&gt;" src="data/a.png" opacity="0.5" composite-op="svg:multiply"/>
                <stack x="3" y="-4" opacity="0.5" visibility="hidden"><layer src="data/b.png" x="2" opacity="0.5"></layer><stack/></stack>
                <layer name="c" src="data/c.png"/><text/></stack></image>"#,
        )
        .unwrap();
        assert_eq!(stack.size, [20, 10]);
        let seen: Vec<_> = stack
            .layers
            .iter()
            .map(|l| (l.name.as_str(), l.at, l.opacity, l.visible, l.operator.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("<a>", [0, 0], 0.5, true, "svg:multiply"),
                ("", [5, -4], 0.25, false, "svg:src-over"),
                ("c", [0, 0], 1.0, true, "svg:src-over"),
            ]
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let layer = |name: &str, visible| StackLayer {
            name: name.to_owned(),
            src: format!("data/{visible}.png"),
            at: [256, 0],
            opacity: 0.25,
            visible,
            operator: "svg:multiply".into(),
        };
        let canvas = [layer("線画 \"1\" & <2>", true), layer("b", false)];
        let bytes = write([640, 480], &canvas, &[layer("Reference\u{1}", true)]).unwrap();
        let stack = Stack::parse(std::str::from_utf8(&bytes).unwrap()).unwrap();
        assert_eq!((stack.size, &stack.layers[..2]), ([640, 480], &canvas[..]));
        assert_eq!(
            (stack.layers[2].name.as_str(), stack.layers[2].visible),
            ("Reference ", false)
        );
    }

    #[test]
    fn broken_stacks_are_refused_with_a_reason() {
        let error = |xml| Stack::parse(xml).unwrap_err();
        assert_eq!(error(""), "there is no image in it");
        assert_eq!(error("<image w='8'/>"), "the image has no h");
        assert_eq!(error("<image w='8' h='-1'/>"), "h is \"-1\", which is not a number that fits");
        assert_eq!(error("<layer src='a'/>"), "a layer stands outside the image");
        assert_eq!(error("<image w='8' h='8'><layer/></image>"), "a layer has no src");
        assert!(Stack::parse("<image w='8' h='8'><stack></image>").is_err());
    }
}
