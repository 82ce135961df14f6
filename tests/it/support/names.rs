//! Which modules and crates a source file names, found in its tokens.
//!
//! Tokens instead of a syntax tree, because a tree keeps the arguments of macros as they
//! stand: a path inside `format!(…)` would be missed. One pass over a flat list of
//! tokens, so the cost is linear. What a name may be is decided by the tables of `tidy`.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Something that a file names, and the line where it does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) name: Name,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A module of this crate: `crate::NAME…`.
    Module(String),
    /// The first part of a path, perhaps a foreign crate: `NAME::…`.
    Head(String),
    /// `super::` up to the root of the crate, where it could reach any module.
    Root,
    /// `crate` itself or everything in it, where nobody sees which module is meant.
    Whole,
    /// A macro call or an attribute: `NAME!`, `#[NAME]`.
    Call(String),
}

/// Reads a file. `depth` is how deep its module stands below the root of the crate: 1
/// for `src/ports.rs` and `src/cql/mod.rs`, 2 for `src/cql/eval.rs`.
pub(crate) fn names(source: &str, depth: usize) -> Result<Vec<Named>, String> {
    let stream: TokenStream = source.parse().map_err(|err| format!("{err}"))?;
    Ok(Scan::new(flatten(stream), depth).run())
}

struct Token {
    text: String,
    line: usize,
}

/// All tokens in order, groups opened and closed by their delimiters, `::` as one.
fn flatten(stream: TokenStream) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut joint_colon = false;
    let mut open = vec![(stream.into_iter(), "", 0)];
    while let Some((iter, close, end)) = open.last_mut() {
        let Some(tree) = iter.next() else {
            let (text, line) = ((*close).to_owned(), *end);
            tokens.push(Token { text, line });
            open.pop();
            continue;
        };
        let line = tree.span().start().line;
        let was_joint = std::mem::take(&mut joint_colon);
        match tree {
            TokenTree::Group(group) => {
                let (start, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                let text = start.to_owned();
                tokens.push(Token { text, line });
                let end = group.span_close().start().line;
                open.push((group.stream().into_iter(), close, end));
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && was_joint => {
                if let Some(last) = tokens.last_mut() {
                    "::".clone_into(&mut last.text);
                }
            }
            TokenTree::Punct(punct) => {
                joint_colon = punct.as_char() == ':' && punct.spacing() == Spacing::Joint;
                let text = punct.as_char().to_string();
                tokens.push(Token { text, line });
            }
            other => tokens.push(Token {
                text: other.to_string(),
                line,
            }),
        }
    }
    tokens
}

struct Scan {
    tokens: Vec<Token>,
    depth: usize,
    /// For each open brace, whether it opened a module.
    braces: Vec<bool>,
    found: Vec<Named>,
}

impl Scan {
    fn new(tokens: Vec<Token>, depth: usize) -> Self {
        Self {
            tokens,
            depth,
            braces: Vec::new(),
            found: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<Named> {
        for at in 0..self.tokens.len() {
            match self.text(at) {
                "{" => self.open_brace(at),
                "}" => {
                    if self.braces.pop() == Some(true) {
                        self.depth -= 1;
                    }
                }
                "crate" => self.crate_path(at),
                "super" => self.super_path(at),
                _ => self.head_or_call(at),
            }
        }
        self.found
    }

    /// The text at an index; empty beyond the ends.
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.text(at))
    }

    fn push(&mut self, at: usize, name: Name) {
        let line = self.tokens[at].line;
        self.found.push(Named { line, name });
    }

    fn open_brace(&mut self, at: usize) {
        let module = at >= 2 && self.text(at - 2) == "mod";
        self.depth += usize::from(module);
        self.braces.push(module);
    }

    fn crate_path(&mut self, at: usize) {
        if self.text(at + 1) != "::" {
            // `pub(crate)` and `pub(in crate::x)` name nothing.
            if !(self.before(at) == "(" && self.text(at + 1) == ")") {
                self.push(at, Name::Whole);
            }
            return;
        }
        match self.text(at + 2) {
            "{" => self.crate_group(at + 2),
            "*" => self.push(at, Name::Whole),
            name => {
                let name = Name::Module(name.to_owned());
                self.push(at, name);
            }
        }
    }

    /// `crate::{model, store::{self, x}}`: the first word of each entry.
    fn crate_group(&mut self, open: usize) {
        let mut depth = 0_usize;
        for at in open..self.tokens.len() {
            match self.text(at) {
                "{" => depth += 1,
                "}" => depth -= 1,
                "self" | "*" if depth == 1 => self.push(at, Name::Whole),
                name if depth == 1 && matches!(self.before(at), "{" | ",") => {
                    let name = Name::Module(name.to_owned());
                    self.push(at, name);
                }
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn super_path(&mut self, at: usize) {
        if self.before(at) == "::" && self.text(at.wrapping_sub(2)) == "super" {
            return;
        }
        let steps = (0..self.tokens.len())
            .take_while(|n| self.text(at + 2 * n) == "super" && self.text(at + 2 * n + 1) == "::")
            .count();
        if steps >= self.depth && steps > 0 {
            self.push(at, Name::Root);
        }
    }

    /// Whether a `::` behind this token goes on with a path, as in `a::` and `Vec<T>::`,
    /// but not in `-> ::a`.
    fn ends_path(&self, at: usize) -> bool {
        let text = self.text(at);
        let arrow = text == ">" && matches!(self.before(at), "-" | "=");
        !arrow && text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>')
    }

    fn head_or_call(&mut self, at: usize) {
        let text = self.text(at);
        if !text.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return;
        }
        let attribute = self.before(at) == "[" && self.text(at.wrapping_sub(2)) == "#";
        let call = attribute || self.text(at + 1) == "!";
        let first = self.before(at) != "::" || !self.ends_path(at.wrapping_sub(2));
        let path = self.text(at + 1) == "::";
        let used = self.before(at) == "use" && matches!(self.text(at + 1), ";" | "as");
        let head = first && (path || used);
        let text = text.to_owned();
        if head {
            self.push(at, Name::Head(text));
        } else if call {
            self.push(at, Name::Call(text));
        }
    }
}
