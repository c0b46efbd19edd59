//! Which modules a Rust source names: its `use` trees and every path written out in its code.

use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// An identifier, or `*`.
    Word(String),
    /// `::`
    Path,
    /// Any other character that is not space.
    Other(char),
}

/// The full paths that the source of a module names, sorted, but for what is compiled for tests alone. `module` is its own path: `engine::model::unet`.
pub fn imports(module: &str, source: &str) -> BTreeSet<String> {
    let tokens = without_tests(tokens(source)).0;
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            Token::Word(word) if word == "use" => {
                at += 1;
                tree(&tokens, &mut at, &[], &mut found);
            }
            Token::Word(_) => {
                let path = path(&tokens, &mut at);
                if path.len() > 1 {
                    found.insert(path);
                }
            }
            _ => at += 1,
        }
    }
    found.iter().filter_map(|path| resolve(module, path)).collect()
}

/// The modules inside a module that have sources of their own and are compiled for tests alone.
pub fn test_modules(module: &str, source: &str) -> Vec<String> {
    let modules = without_tests(tokens(source)).1.into_iter();
    modules.map(|name| format!("{module}::{name}")).collect()
}

/// What `#[cfg(test)]` does not stand before, and of what it does the modules with sources of their own.
fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>) {
    let (mut code, mut modules) = (Vec::new(), Vec::new());
    let mut rest = tokens.as_slice();
    while let [first, others @ ..] = rest {
        let attribute: &[Token] = match rest {
            [Token::Other('#'), Token::Other('['), ..] => &rest[..span(rest, &[']'])],
            _ => &[],
        };
        if !is_of_tests(attribute) {
            code.push(first.clone());
            rest = others;
            continue;
        }
        rest = &rest[attribute.len()..];
        let (item, behind) = rest.split_at(span(rest, &['}', ';']));
        if let [.., Token::Word(kind), Token::Word(name), Token::Other(';')] = item
            && kind == "mod"
        {
            modules.push(name.clone());
        }
        rest = behind;
    }
    (code, modules)
}

/// `#[cfg(test)]`, `#[cfg(all(test, unix))]`.
fn is_of_tests(attribute: &[Token]) -> bool {
    let has = |word: &str| attribute.contains(&Token::Word(word.to_owned()));
    has("cfg") && has("test") && !has("not")
}

/// How many tokens there are up to the first of `ends` that is in no bracket.
fn span(tokens: &[Token], ends: &[char]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Other(mark) = token else { continue };
        match mark {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && ends.contains(mark) {
            return at + 1;
        }
    }
    tokens.len()
}

/// The words from `at` on that `::` joins.
fn path(tokens: &[Token], at: &mut usize) -> Vec<String> {
    let mut words = Vec::new();
    // A path may start at the root: `::image::RgbImage`.
    if tokens.get(*at) == Some(&Token::Path) {
        *at += 1;
    }
    while let Some(Token::Word(word)) = tokens.get(*at) {
        words.push(word.clone());
        *at += 1;
        if tokens.get(*at) == Some(&Token::Path) && matches!(tokens.get(*at + 1), Some(Token::Word(_))) {
            *at += 1;
        } else {
            break;
        }
    }
    words
}

/// A `use` tree: a path, perhaps with branches in braces.
fn tree(tokens: &[Token], at: &mut usize, prefix: &[String], found: &mut BTreeSet<Vec<String>>) {
    let words: Vec<String> = prefix.iter().cloned().chain(path(tokens, at)).collect();
    if tokens.get(*at) == Some(&Token::Path) {
        *at += 1;
    }
    if tokens.get(*at) == Some(&Token::Other('{')) {
        *at += 1;
        while *at < tokens.len() && tokens[*at] != Token::Other('}') {
            tree(tokens, at, &words, found);
            // `as NAME`, and the comma.
            while !matches!(tokens.get(*at), None | Some(Token::Other('}' | ','))) {
                *at += 1;
            }
            if tokens.get(*at) == Some(&Token::Other(',')) {
                *at += 1;
            }
        }
        *at += 1;
    } else {
        found.insert(words);
    }
}

/// From the root of a crate: `crate`, `self` and `super` are replaced.
fn resolve(module: &str, path: &[String]) -> Option<String> {
    let own: Vec<&str> = module.split("::").collect();
    let mut rest = path.iter().map(String::as_str).peekable();
    let mut base = match rest.peek()? {
        &"crate" => own[..1].to_vec(),
        &"self" | &"super" => own,
        _ => Vec::new(),
    };
    while let Some(&("crate" | "self" | "super")) = rest.peek() {
        if rest.next() == Some("super") {
            base.pop();
        }
    }
    base.extend(rest.filter(|word| *word != "self"));
    Some(base.join("::"))
}

/// Words and marks, without comments, strings and characters.
fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' {
            character(rest)
        } else if rest.starts_with("::") {
            tokens.push(Token::Path);
            2
        } else if first.is_alphanumeric() || first == '_' {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..length].to_owned()));
            length
        } else {
            match first {
                '*' => tokens.push(Token::Word("*".to_owned())),
                mark if !mark.is_whitespace() => tokens.push(Token::Other(mark)),
                _ => {}
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of `r"..."`, `r#"..."#` and so on.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    let body = hashes[count..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(count));
    Some(body.find(&end).map_or(text.len(), |at| 2 + count + at + end.len()))
}

/// The length of a literal that begins and ends with `mark`.
fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == mark && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// The length of a character literal; of the mark alone where it begins a lifetime.
fn character(text: &str) -> usize {
    let mut ahead = text.chars().skip(1);
    match (ahead.next(), ahead.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted(text, '\''),
        _ => 1,
    }
}

#[test]
fn trees_and_paths_are_found_and_text_is_not() {
    let source = r##"
        //! use egui::Comment;
        use std::{fs, collections::{BTreeMap as Map, self}};
        use super::super::ui::*;
        pub(crate) use self::inner::Thing;
        fn f<'a>(x: &'a str) -> ::image::RgbImage {
            let _ = ("use wgpu::Text; \" still", r#"eframe::Raw"#, 'x', '\'', "\\");
            crate::weights::load(engine_like::call(x))
        }
        #[cfg(test)]
        const WAIT: [std::time::Duration; 1] = [std::time::Duration::ZERO];
        #[cfg(all(test, unix))]
        pub(super) mod hand;
        #[cfg(not(test))]
        mod tail;
        #[cfg(test)]
        mod tests { use super::Tested; fn f() { if true { crate::tested() } } }
    "##;
    let found: Vec<String> = imports("engine::model::unet", source).into_iter().collect();
    assert_eq!(
        found,
        [
            "engine::model::unet::inner::Thing",
            "engine::ui::*",
            "engine::weights::load",
            "engine_like::call",
            "image::RgbImage",
            "std::collections",
            "std::collections::BTreeMap",
            "std::fs",
        ]
    );
    assert_eq!(test_modules("engine::model::unet", source), ["engine::model::unet::hand"]);
}
