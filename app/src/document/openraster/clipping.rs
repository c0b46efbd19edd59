//! Clipped layers in words that other programs know. OpenRaster has none for them, so a layer and those that are clipped to it become a group that
//! looks the same everywhere and that we take apart again:
//!
//! | ours | in the file |
//! |---|---|
//! | a layer with others clipped to it | a group `shiage="base"` with its blend mode and opacity |
//! | a clipped layer, Normal | in that group, `svg:src-atop` |
//! | a clipped layer with nothing below it | itself, `shiage="clipped"` |
//! | a clipped layer, any other mode | in that group, a group `shiage="clip"` of that mode: the layer, and the base again as a stencil (`svg:dst-in`) |

use super::stack::{Content, Node};

const BASE: &str = "base";
const CLIP: &str = "clip";
const ALONE: &str = "clipped";
const OVER: &str = "svg:src-over";
const ATOP: &str = "svg:src-atop";

/// Siblings from the top down, each with whether it is clipped, as the file has them.
pub(super) fn wrap(siblings: Vec<(Node, bool)>) -> Vec<Node> {
    let mut wrapped = Vec::new();
    let mut clipped = Vec::new();
    for (node, clip) in siblings {
        if clip {
            clipped.push(node);
        } else if clipped.is_empty() {
            wrapped.push(node);
        } else {
            wrapped.push(base(node, std::mem::take(&mut clipped)));
        }
    }
    // Nothing lies below these: they show as they are.
    let alone = |node| Node {
        mark: Some(ALONE.to_owned()),
        ..node
    };
    wrapped.extend(clipped.into_iter().map(alone));
    wrapped
}

fn base(mut base: Node, clipped: Vec<Node>) -> Node {
    let mut whole = Node {
        mark: Some(BASE.to_owned()),
        foreign: Vec::new(),
        locked: false,
        content: Content::Group(Vec::new()),
        ..base.clone()
    };
    (base.opacity, base.visible, base.operator) = (1.0, true, OVER.to_owned());
    let mut nodes: Vec<Node> = clipped.into_iter().map(|node| clip(node, &base)).collect();
    nodes.push(base);
    whole.content = Content::Group(nodes);
    whole
}

fn clip(mut node: Node, base: &Node) -> Node {
    if node.operator == OVER {
        node.operator = ATOP.to_owned();
        return node;
    }
    let stencil = Node {
        name: format!("{} (stencil)", base.name),
        foreign: Vec::new(),
        operator: "svg:dst-in".to_owned(),
        ..base.clone()
    };
    let whole = Node {
        mark: Some(CLIP.to_owned()),
        foreign: Vec::new(),
        locked: false,
        content: Content::Group(Vec::new()),
        ..node.clone()
    };
    (node.opacity, node.visible, node.operator) = (1.0, true, OVER.to_owned());
    Node {
        content: Content::Group(vec![stencil, node]),
        ..whole
    }
}

/// What [`wrap`] made of siblings, taken apart.
pub(super) fn unwrap(nodes: &[Node]) -> Vec<(Node, bool)> {
    nodes.iter().flat_map(unwrap_base).collect()
}

fn unwrap_base(whole: &Node) -> Vec<(Node, bool)> {
    if whole.mark.as_deref() == Some(ALONE) {
        let node = Node {
            mark: None,
            ..whole.clone()
        };
        return vec![(node, true)];
    }
    let (Some(BASE), Content::Group(nodes)) = (whole.mark.as_deref(), &whole.content) else {
        return vec![(whole.clone(), false)];
    };
    let Some((base, clipped)) = nodes.split_last() else {
        return Vec::new();
    };
    let mut siblings: Vec<(Node, bool)> = clipped.iter().map(|node| (unwrap_clip(node), true)).collect();
    siblings.push((laid_as(base, whole), false));
    siblings
}

fn unwrap_clip(node: &Node) -> Node {
    match (node.mark.as_deref(), &node.content) {
        (Some(CLIP), Content::Group(nodes)) if !nodes.is_empty() => laid_as(&nodes[nodes.len() - 1], node),
        _ if node.operator == ATOP => Node {
            operator: OVER.to_owned(),
            ..node.clone()
        },
        _ => node.clone(),
    }
}

fn laid_as(node: &Node, whole: &Node) -> Node {
    Node {
        opacity: whole.opacity,
        visible: whole.visible,
        operator: whole.operator.clone(),
        ..node.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str, operator: &str, opacity: f32) -> Node {
        Node {
            operator: operator.to_owned(),
            opacity,
            content: Content::Layer {
                src: format!("{name}.png"),
                at: [0, 0],
            },
            ..Node::group(name, Vec::new())
        }
    }

    #[test]
    fn what_is_wrapped_comes_back() {
        let siblings = vec![
            (layer("plain", OVER, 1.0), false),
            (layer("light", "svg:screen", 0.5), true),
            (layer("shade", OVER, 0.25), true),
            (layer("base", "svg:multiply", 0.75), false),
            (layer("low", OVER, 1.0), false),
        ];
        let wrapped = wrap(siblings.clone());
        assert_eq!(wrapped.len(), 3);
        let Content::Group(inner) = &wrapped[1].content else {
            panic!("{:?}", wrapped[1])
        };
        assert_eq!((wrapped[1].operator.as_str(), wrapped[1].opacity), ("svg:multiply", 0.75));
        assert_eq!((inner[1].operator.as_str(), inner[1].opacity), (ATOP, 0.25));
        assert_eq!((inner[2].operator.as_str(), inner[2].opacity), (OVER, 1.0));
        let Content::Group(light) = &inner[0].content else {
            panic!("{:?}", inner[0])
        };
        assert_eq!((light[0].operator.as_str(), light[1].operator.as_str()), ("svg:dst-in", OVER));
        assert_eq!(unwrap(&wrapped), siblings);
    }

    #[test]
    fn clipped_to_nothing_shows_as_it_is_and_stays_clipped() {
        let siblings = vec![(layer("above", OVER, 0.5), true), (layer("lost", "svg:screen", 1.0), true)];
        let wrapped = wrap(siblings.clone());
        assert_eq!(
            wrapped.iter().map(|node| node.operator.as_str()).collect::<Vec<_>>(),
            [OVER, "svg:screen"]
        );
        assert_eq!(unwrap(&wrapped), siblings);
    }
}
