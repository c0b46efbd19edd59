//! `stack.xml`: the layers and groups of an OpenRaster file.

use std::collections::BTreeSet;
use std::io;

use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::{Reader, Writer, XmlVersion};

use crate::document::arrange;

/// Groups in groups, at most: more is a file made to do harm. A clipped group of ours lies in two that clipping adds, and so does a layer in the innermost.
const MAX_DEPTH: usize = 3 * arrange::MAX_DEPTH + 4;

/// Attributes that are another program's: names and values, in order.
pub(super) type Foreign = Vec<(String, String)>;

/// Attributes of ours and of the format, which are read and written anew.
const KNOWN: [&str; 9] = [
    "name",
    "src",
    "x",
    "y",
    "opacity",
    "visibility",
    "composite-op",
    "edit-locked",
    MARK,
];
const KNOWN_OF_IMAGE: [&str; 3] = ["version", "w", "h"];
const MARK: &str = "shiage";
/// `auto`: what lies below a group shines through it; `isolate`: it is blended as a whole.
pub(super) const ISOLATION: &str = "isolation";
/// The operator of a layer that has none.
pub(super) const NORMAL: &str = "svg:src-over";

/// What the file shows, from the top down.
#[derive(Debug, PartialEq)]
pub(super) struct Stack {
    /// `[width, height]` of the canvas.
    pub size: [u32; 2],
    pub nodes: Vec<Node>,
    pub foreign: Foreign,
    /// Names of elements that are not known, which nothing is made of.
    pub unknown: BTreeSet<String>,
}

/// A layer or a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub name: String,
    /// 0..=1.
    pub opacity: f32,
    pub visible: bool,
    pub locked: bool,
    /// `composite-op`, such as `svg:multiply`.
    pub operator: String,
    /// Our own word on a group (attribute `shiage`), which other programs pass over.
    pub mark: Option<String>,
    pub foreign: Foreign,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Layer {
        /// The entry that holds the pixels.
        src: String,
        /// Where its top left corner lies on the canvas.
        at: [i32; 2],
    },
    /// From the top down.
    Group(Vec<Node>),
}

impl Node {
    /// A visible group that changes nothing.
    pub fn group(name: &str, nodes: Vec<Self>) -> Self {
        Self {
            name: name.to_owned(),
            opacity: 1.0,
            visible: true,
            locked: false,
            operator: NORMAL.to_owned(),
            mark: None,
            foreign: Vec::new(),
            content: Content::Group(nodes),
        }
    }

    /// Calls `visit` for every layer in it with its entry and the groups that it lies in, from the top down. `groups`: those that this one lies in.
    pub fn each_layer<'a>(&'a self, groups: &mut Vec<&'a Self>, visit: &mut dyn FnMut(&'a Self, &'a str, &[&'a Self])) {
        match &self.content {
            Content::Layer { src, .. } => visit(self, src, groups.as_slice()),
            Content::Group(nodes) => {
                groups.push(self);
                for node in nodes {
                    node.each_layer(groups, visit);
                }
                groups.pop();
            }
        }
    }

    fn of(attributes: &Attributes<'_>, content: Content) -> Result<Self, String> {
        let opacity = attributes.number::<f32>("opacity")?.filter(|opacity| !opacity.is_nan());
        Ok(Self {
            name: attributes.text("name")?.unwrap_or_default(),
            opacity: opacity.unwrap_or(1.0).clamp(0.0, 1.0),
            visible: attributes.text("visibility")?.as_deref() != Some("hidden"),
            locked: attributes.text("edit-locked")?.as_deref() == Some("true"),
            operator: attributes.text("composite-op")?.unwrap_or_else(|| NORMAL.to_owned()),
            mark: attributes.text(MARK)?,
            foreign: attributes.others(&KNOWN)?,
            content,
        })
    }
}

/// A group whose end has not been read.
struct Open {
    node: Node,
    at: [i32; 2],
}

impl Stack {
    /// Reads the XML; the error says what is wrong with it.
    pub fn parse(xml: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(xml);
        let (mut size, mut foreign, mut unknown) = (None, Vec::new(), BTreeSet::new());
        // The outermost stack is a group without attributes that matter.
        let mut open: Vec<Open> = Vec::new();
        let mut nodes = Vec::new();
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let (element, opens) = match &event {
                Event::Eof => break,
                Event::Start(element) => (element, true),
                Event::Empty(element) => (element, false),
                Event::End(element) => {
                    if element.name().as_ref() == "stack"
                        && let Some(Open { node, .. }) = open.pop()
                    {
                        match (open.last_mut(), node) {
                            (Some(outer), node) => outer.push(node),
                            (
                                None,
                                Node {
                                    content: Content::Group(inner),
                                    ..
                                },
                            ) => nodes.extend(inner),
                            (None, layer) => nodes.push(layer),
                        }
                    }
                    continue;
                }
                _ => continue,
            };
            let attributes = Attributes(element);
            let at = attributes.offset(open.last().map_or([0; 2], |outer| outer.at));
            match element.name().as_ref() {
                "image" => {
                    let side = |name: &str| attributes.number(name)?.ok_or(format!("the image has no {name}"));
                    size = Some([side("w")?, side("h")?]);
                    foreign = attributes.others(&KNOWN_OF_IMAGE)?;
                }
                "stack" if opens && open.len() > MAX_DEPTH => return Err("its groups lie too deep in each other".to_owned()),
                "stack" => {
                    let node = Node::of(&attributes, Content::Group(Vec::new()))?;
                    match (opens, open.last_mut()) {
                        (true, _) => open.push(Open { node, at: at? }),
                        (false, Some(outer)) => outer.push(node),
                        (false, None) => {}
                    }
                }
                "layer" => {
                    let src = attributes.text("src")?.ok_or("a layer has no src")?;
                    let node = Node::of(&attributes, Content::Layer { src, at: at? })?;
                    open.last_mut().ok_or("a layer stands outside the image")?.push(node);
                }
                other => {
                    unknown.insert(other.to_owned());
                }
            }
        }
        let size = size.ok_or_else(|| "there is no image in it".to_owned())?;
        Ok(Self {
            size,
            nodes,
            foreign,
            unknown,
        })
    }

    /// See [`Node::each_layer`].
    pub fn each_layer<'a>(&'a self, visit: &mut dyn FnMut(&'a Node, &'a str, &[&'a Node])) {
        for node in &self.nodes {
            node.each_layer(&mut Vec::new(), visit);
        }
    }
}

impl Open {
    fn push(&mut self, node: Node) {
        if let Content::Group(nodes) = &mut self.node.content {
            nodes.push(node);
        }
    }
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

    /// All but those of these names.
    fn others(&self, known: &[&str]) -> Result<Foreign, String> {
        let mut others = Vec::new();
        for attribute in self.0.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = attribute.key.as_ref();
            if !known.contains(&name) {
                let value = attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map_err(|error| error.to_string())?;
                others.push((name.to_owned(), value.into_owned()));
            }
        }
        Ok(others)
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.trim()
            .parse()
            .map(Some)
            .map_err(|_| format!("{name} is \"{text}\", which is not a number that fits"))
    }

    /// Where it lies, in a group that lies at `outer`.
    fn offset(&self, outer: [i32; 2]) -> Result<[i32; 2], String> {
        let at = |name, outer: i32| Ok::<_, String>(outer.saturating_add(self.number(name)?.unwrap_or(0)));
        Ok([at("x", outer[0])?, at("y", outer[1])?])
    }
}

/// Writes the XML of a stack.
pub(super) fn write(stack: &Stack) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let [width, height] = stack.size.map(|side| side.to_string());
    let image = writer
        .create_element("image")
        .with_attributes([("version", "0.0.3"), ("w", &width), ("h", &height)]);
    let foreign = printable(&stack.foreign);
    let image = image.with_attributes(borrowed(&foreign));
    image.write_inner_content(|writer| {
        writer
            .create_element("stack")
            .write_inner_content(|writer| write_nodes(writer, &stack.nodes))?;
        Ok(())
    })?;
    Ok(writer.into_inner())
}

fn write_nodes(writer: &mut Writer<Vec<u8>>, nodes: &[Node]) -> io::Result<()> {
    for node in nodes {
        // Control characters are not XML, and a name has no use for them.
        let name = node.name.replace(char::is_control, " ");
        let foreign = printable(&node.foreign);
        let opacity = node.opacity.to_string();
        let visibility = if node.visible { "visible" } else { "hidden" };
        let mut shared = vec![
            ("opacity", opacity.as_str()),
            ("visibility", visibility),
            ("composite-op", &node.operator),
        ];
        shared.extend(node.locked.then_some(("edit-locked", "true")));
        shared.extend(node.mark.as_deref().map(|mark| (MARK, mark)));
        shared.extend(borrowed(&foreign));
        match &node.content {
            Content::Layer { src, at } => {
                let [x, y] = at.map(|at| at.to_string());
                let element =
                    writer
                        .create_element("layer")
                        .with_attributes([("name", name.as_str()), ("src", src), ("x", &x), ("y", &y)]);
                element.with_attributes(shared).write_empty()?;
            }
            Content::Group(nodes) => {
                let element = writer.create_element("stack").with_attributes([("name", name.as_str())]);
                if !node.foreign.iter().any(|(name, _)| name == ISOLATION) {
                    shared.push((ISOLATION, "isolate"));
                }
                element
                    .with_attributes(shared)
                    .write_inner_content(|writer| write_nodes(writer, nodes))?;
            }
        }
    }
    Ok(())
}

fn printable(foreign: &Foreign) -> Foreign {
    let printable = |(name, value): &(String, String)| (name.clone(), value.replace(char::is_control, " "));
    foreign.iter().map(printable).collect()
}

fn borrowed(foreign: &Foreign) -> impl Iterator<Item = (&str, &str)> {
    foreign.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
