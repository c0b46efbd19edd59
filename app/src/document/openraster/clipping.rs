//! Clipped layers in words that other programs know. OpenRaster has none for them, so a layer and those that are clipped to it become a group that
//! looks the same everywhere and that we take apart again:
//!
//! | ours | in the file |
//! |---|---|
//! | a layer with others clipped to it | a group `shiage="base"` with its blend mode and opacity |
//! | a clipped layer, Normal | in that group, `svg:src-atop` |
//! | a clipped layer that keeps or erases what lies below | in that group, as it is: it covers nothing itself |
//! | a clipped layer with nothing below it | itself, `shiage="clipped"` |
//! | others clipped above such a one | it is their base: the group is `shiage="clipped base"` |
//! | a mask or hints between a base and what is clipped to it | in that group, `shiage="between"` |
//! | a clipped layer, any other mode | in that group, a group `shiage="clip"` of that mode: the layer, and the base again as a stencil (`svg:dst-in`) |

use super::stack::{Content, NORMAL, Node};

const BASE: &str = "base";
const CLIP: &str = "clip";
const ALONE: &str = "clipped";
const CLIPPED_BASE: &str = "clipped base";
const BETWEEN: &str = "between";
const ATOP: &str = "svg:src-atop";
const KEEP: &str = "svg:dst-in";
const ERASE: &str = "svg:dst-out";

/// What a layer is to those around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Plain,
    Clipped,
    /// It says something about the picture and is no part of it: nothing is clipped to it.
    Remark,
}

/// Siblings from the top down, as the file has them.
pub(super) fn wrap(siblings: Vec<(Node, Part)>) -> Vec<Node> {
    let mut wrapped = Vec::new();
    let mut clipped = Vec::new();
    for (node, part) in siblings {
        match part {
            Part::Clipped => clipped.push(node),
            Part::Remark if !clipped.is_empty() => clipped.push(marked(node, BETWEEN)),
            Part::Plain if !clipped.is_empty() => wrapped.push(base(node, BASE, std::mem::take(&mut clipped))),
            Part::Plain | Part::Remark => wrapped.push(node),
        }
    }
    // Nothing lies below the lowest of these: it shows as it is, and bears the others.
    let lowest = clipped.iter().rposition(|node| !is_between(node));
    let below = lowest.map_or(Vec::new(), |at| clipped.split_off(at));
    let mut below = below.into_iter();
    if let Some(lowest) = below.next() {
        wrapped.push(match clipped.is_empty() {
            true => marked(lowest, ALONE),
            false => base(lowest, CLIPPED_BASE, clipped),
        });
    }
    wrapped.extend(below.map(unmarked));
    wrapped
}

fn marked(node: Node, mark: &str) -> Node {
    Node {
        mark: Some(mark.to_owned()),
        ..node
    }
}

fn unmarked(node: Node) -> Node {
    Node { mark: None, ..node }
}

fn is_between(node: &Node) -> bool {
    node.mark.as_deref() == Some(BETWEEN)
}

fn base(mut base: Node, mark: &str, clipped: Vec<Node>) -> Node {
    let mut whole = Node {
        mark: Some(mark.to_owned()),
        foreign: Vec::new(),
        locked: false,
        content: Content::Group(Vec::new()),
        ..base.clone()
    };
    (base.opacity, base.visible, base.operator) = (1.0, true, NORMAL.to_owned());
    let mut nodes: Vec<Node> = clipped.into_iter().map(|node| clip(node, &base)).collect();
    nodes.push(base);
    whole.content = Content::Group(nodes);
    whole
}

fn clip(mut node: Node, base: &Node) -> Node {
    if is_between(&node) {
        return node;
    }
    match node.operator.as_str() {
        NORMAL => {
            node.operator = ATOP.to_owned();
            return node;
        }
        // Cut to the base as well, it would count twice how transparent that is.
        KEEP | ERASE => return node,
        _ => {}
    }
    let stencil = Node {
        name: format!("{} (stencil)", base.name),
        foreign: Vec::new(),
        operator: KEEP.to_owned(),
        ..base.clone()
    };
    let whole = Node {
        mark: Some(CLIP.to_owned()),
        foreign: Vec::new(),
        locked: false,
        content: Content::Group(Vec::new()),
        ..node.clone()
    };
    (node.opacity, node.visible, node.operator) = (1.0, true, NORMAL.to_owned());
    Node {
        content: Content::Group(vec![stencil, node]),
        ..whole
    }
}

/// What [`wrap`] made of siblings, taken apart: each with whether it is clipped.
pub(super) fn unwrap(nodes: &[Node]) -> Vec<(Node, bool)> {
    nodes.iter().flat_map(unwrap_base).collect()
}

fn unwrap_base(whole: &Node) -> Vec<(Node, bool)> {
    let clipped_base = match (whole.mark.as_deref(), &whole.content) {
        (Some(ALONE), _) => return vec![(unmarked(whole.clone()), true)],
        (Some(BASE), Content::Group(_)) => false,
        (Some(CLIPPED_BASE), Content::Group(_)) => true,
        _ => return vec![(whole.clone(), false)],
    };
    let Content::Group(nodes) = &whole.content else {
        return Vec::new();
    };
    let Some((base, clipped)) = nodes.split_last() else {
        return Vec::new();
    };
    let taken = |node: &Node| match is_between(node) {
        true => (unmarked(node.clone()), false),
        false => (unwrap_clip(node), true),
    };
    let mut siblings: Vec<(Node, bool)> = clipped.iter().map(taken).collect();
    siblings.push((laid_as(base, whole), clipped_base));
    siblings
}

fn unwrap_clip(node: &Node) -> Node {
    match (node.mark.as_deref(), &node.content) {
        (Some(CLIP), Content::Group(nodes)) if !nodes.is_empty() => laid_as(&nodes[nodes.len() - 1], node),
        _ if node.operator == ATOP => Node {
            operator: NORMAL.to_owned(),
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
            (layer("plain", NORMAL, 1.0), Part::Plain),
            (layer("light", "svg:screen", 0.5), Part::Clipped),
            (layer("shade", NORMAL, 0.25), Part::Clipped),
            (layer("hole", "svg:dst-out", 0.5), Part::Clipped),
            (layer("base", "svg:multiply", 0.75), Part::Plain),
            (layer("low", NORMAL, 1.0), Part::Plain),
        ];
        let wrapped = wrap(siblings.clone());
        assert_eq!(wrapped.len(), 3);
        let Content::Group(inner) = &wrapped[1].content else {
            panic!("{:?}", wrapped[1])
        };
        assert_eq!((wrapped[1].operator.as_str(), wrapped[1].opacity), ("svg:multiply", 0.75));
        assert_eq!((inner[1].operator.as_str(), inner[1].opacity), (ATOP, 0.25));
        assert_eq!((inner[2].operator.as_str(), inner[2].opacity), ("svg:dst-out", 0.5));
        assert_eq!((inner[3].operator.as_str(), inner[3].opacity), (NORMAL, 1.0));
        let Content::Group(light) = &inner[0].content else {
            panic!("{:?}", inner[0])
        };
        assert_eq!(
            (light[0].operator.as_str(), light[1].operator.as_str()),
            ("svg:dst-in", NORMAL)
        );
        assert_eq!(unwrap(&wrapped), clipped(siblings));
    }

    /// Siblings as they come back.
    fn clipped(siblings: Vec<(Node, Part)>) -> Vec<(Node, bool)> {
        siblings
            .into_iter()
            .map(|(node, part)| (node, part == Part::Clipped))
            .collect()
    }

    #[test]
    fn nothing_is_clipped_to_hints() {
        let siblings = vec![
            (layer("shade", NORMAL, 1.0), Part::Clipped),
            (layer("hints", NORMAL, 1.0), Part::Remark),
            (layer("base", NORMAL, 1.0), Part::Plain),
            (layer("more hints", NORMAL, 1.0), Part::Remark),
        ];
        let wrapped = wrap(siblings.clone());
        assert_eq!((wrapped.len(), wrapped[0].name.as_str()), (2, "base"));
        assert_eq!(unwrap(&wrapped), clipped(siblings));
    }

    #[test]
    fn the_lowest_that_is_clipped_to_nothing_bears_those_above_it() {
        let siblings = vec![
            (layer("light", NORMAL, 1.0), Part::Clipped),
            (layer("hints", NORMAL, 1.0), Part::Remark),
            (layer("shade", "svg:multiply", 0.5), Part::Clipped),
            (layer("low hints", NORMAL, 1.0), Part::Remark),
        ];
        let wrapped = wrap(siblings.clone());
        assert_eq!((wrapped.len(), wrapped[0].name.as_str()), (2, "shade"));
        assert_eq!((wrapped[0].operator.as_str(), wrapped[0].opacity), ("svg:multiply", 0.5));
        assert_eq!(unwrap(&wrapped), clipped(siblings));
    }

    #[test]
    fn clipped_to_nothing_shows_as_it_is_and_stays_clipped() {
        let siblings = vec![(layer("lost", "svg:screen", 1.0), Part::Clipped)];
        let wrapped = wrap(siblings.clone());
        assert_eq!((wrapped.len(), wrapped[0].operator.as_str()), (1, "svg:screen"));
        assert_eq!(unwrap(&wrapped), clipped(siblings));
    }
}
