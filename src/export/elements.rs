//! Cuts a file into its objects, one at a time and bounded in memory.
//!
//! JSON Lines are cut at line ends, so that a broken line costs no other. A document is
//! cut by its brackets alone, without reading what stands between them: an array gives
//! its elements, an object with a `results` array (a REST list) the elements of that,
//! any other value itself. Several values may follow each other.

use std::io::BufRead;

use super::files::Form;
use super::input::Input;

/// Longest object in bytes; a page with pasted spreadsheets reaches 30 MB.
pub(crate) const MAX_ELEMENT: usize = 64 * 1024 * 1024;

/// The bytes of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) bytes: Vec<u8>,
    /// Where it begins, from 1.
    pub(crate) line: u64,
}

impl Cut {
    pub(crate) fn place(&self, name: &str) -> String {
        format!("{name}:{}", self.line)
    }
}

/// Something that could not be cut out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CutError {
    pub(crate) line: u64,
    pub(crate) cause: String,
}

/// The objects of one file.
pub(crate) struct Elements {
    input: Input,
    form: Form,
    line: u64,
    limit: usize,
    splitter: Splitter,
    ended: bool,
}

impl Elements {
    pub(crate) fn new(input: Input, form: Form) -> Self {
        Self::with_limit(input, form, MAX_ELEMENT)
    }

    pub(crate) fn with_limit(input: Input, form: Form, limit: usize) -> Self {
        Self {
            input,
            form,
            line: 1,
            limit,
            splitter: Splitter::default(),
            ended: false,
        }
    }

    fn next_line(&mut self) -> Option<Result<Cut, CutError>> {
        let mut bytes = Vec::new();
        let mut length = 0_usize;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) => return Some(Err(self.cut_off(&error))),
            };
            if chunk.is_empty() {
                self.ended = true;
                return self.line_end(bytes, length, self.line);
            }
            let newline = chunk.iter().position(|byte| *byte == b'\n');
            let text = &chunk[..newline.unwrap_or(chunk.len())];
            length = length.saturating_add(text.len());
            if length <= self.limit {
                bytes.extend_from_slice(text);
            } else {
                bytes = Vec::new();
            }
            let consumed = text.len() + usize::from(newline.is_some());
            self.input.consume(consumed);
            if newline.is_none() {
                continue;
            }
            self.line += 1;
            if let Some(cut) = self.line_end(std::mem::take(&mut bytes), length, self.line - 1) {
                return Some(cut);
            }
            length = 0;
        }
    }

    fn line_end(&self, bytes: Vec<u8>, length: usize, line: u64) -> Option<Result<Cut, CutError>> {
        if length > self.limit {
            return Some(Err(self.too_long(line)));
        }
        let blank = bytes.iter().all(u8::is_ascii_whitespace);
        (!blank).then_some(Ok(Cut { bytes, line }))
    }

    fn next_of_document(&mut self) -> Option<Result<Cut, CutError>> {
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) => return Some(Err(self.cut_off(&error))),
            };
            if chunk.is_empty() {
                self.ended = true;
                return self.document_end();
            }
            let mut done = false;
            let mut consumed = 0;
            for byte in chunk {
                match self.splitter.step(*byte, self.line, self.limit) {
                    Step::More => consumed += 1,
                    Step::DoneBefore => done = true,
                    Step::Done => {
                        consumed += 1;
                        done = true;
                    }
                }
                if done {
                    break;
                }
                self.line += u64::from(*byte == b'\n');
            }
            self.input.consume(consumed);
            if done {
                return Some(self.cut());
            }
        }
    }

    fn cut(&mut self) -> Result<Cut, CutError> {
        let line = self.splitter.line;
        match self.splitter.take(self.limit) {
            Some(bytes) => Ok(Cut { bytes, line }),
            None => Err(self.too_long(line)),
        }
    }

    fn document_end(&mut self) -> Option<Result<Cut, CutError>> {
        let splitter = &self.splitter;
        match splitter.state {
            // A number or word at the end of the file has no end of its own.
            State::Scalar if splitter.base == 0 => Some(self.cut()),
            State::Between if splitter.base == 0 => None,
            State::Between | State::Trailing => {
                let cause = "the document ends before its last bracket closes";
                Some(Err(CutError {
                    line: self.line,
                    cause: cause.to_owned(),
                }))
            }
            _ => Some(Err(CutError {
                line: splitter.line,
                cause: "the document ends within this object".to_owned(),
            })),
        }
    }

    fn too_long(&self, line: u64) -> CutError {
        let cause = format!("longer than {} bytes", self.limit);
        CutError { line, cause }
    }

    fn cut_off(&mut self, error: &std::io::Error) -> CutError {
        self.ended = true;
        CutError {
            line: self.line,
            cause: format!("the file cannot be read further: {error}"),
        }
    }

    fn sniff(&mut self) -> Form {
        let Ok(chunk) = self.input.fill_buf() else {
            return Form::Lines;
        };
        let chunk = chunk.trim_ascii_start();
        match chunk {
            [b'[', ..] => Form::Document,
            // An object that goes on below its first bracket.
            [b'{', rest @ ..] => {
                let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
                let is_open = line.len() < rest.len() && line.trim_ascii().is_empty();
                if is_open { Form::Document } else { Form::Lines }
            }
            _ => Form::Lines,
        }
    }
}

impl Iterator for Elements {
    type Item = Result<Cut, CutError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        if self.form == Form::Unknown {
            self.form = self.sniff();
        }
        match self.form {
            Form::Lines => self.next_line(),
            Form::Document | Form::Unknown => self.next_of_document(),
        }
    }
}

/// Where in a document the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Between elements.
    #[default]
    Between,
    /// In an element that brackets enclose.
    Nested,
    /// In a number, a word, or something that is no JSON.
    Scalar,
    /// In a string that is an element itself.
    Text,
    /// After the `results` of a list, up to the list's own end.
    Trailing,
}

enum Step {
    More,
    /// The byte ended the element.
    Done,
    /// The element ended before the byte, which is to be looked at again.
    DoneBefore,
}

/// How far a `"results": [` has been seen at the top of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum ListKey {
    #[default]
    No,
    Name,
    Colon,
}

#[derive(Default)]
struct Splitter {
    state: State,
    /// Open brackets.
    depth: usize,
    /// Open brackets around elements: 0 at the top, 1 in an array, 2 in a list.
    base: usize,
    in_string: bool,
    escaped: bool,
    /// Where the current string begins in `bytes`, after its quote.
    string_start: usize,
    list_key: ListKey,
    bytes: Vec<u8>,
    length: usize,
    line: u64,
}

impl Splitter {
    fn step(&mut self, byte: u8, line: u64, limit: usize) -> Step {
        match self.state {
            State::Between => self.begin(byte, line),
            State::Scalar => {
                let ends = if self.base == 0 {
                    byte == b'\n'
                } else {
                    matches!(byte, b',' | b']') || byte.is_ascii_whitespace()
                };
                if ends {
                    return Step::DoneBefore;
                }
                self.keep(byte, limit);
                Step::More
            }
            State::Text | State::Nested => {
                self.keep(byte, limit);
                self.inside(byte)
            }
            State::Trailing => {
                self.inside(byte);
                if self.depth == 0 {
                    self.state = State::Between;
                    self.base = 0;
                }
                Step::More
            }
        }
    }

    fn begin(&mut self, byte: u8, line: u64) -> Step {
        if byte.is_ascii_whitespace() || byte == b',' {
            return Step::More;
        }
        if byte == b']' && self.base > 0 {
            self.depth = self.base - 1;
            self.state = match self.base {
                2 => State::Trailing,
                _ => State::Between,
            };
            self.base = 0;
            return Step::More;
        }
        if byte == b'[' && self.base == 0 {
            self.base = 1;
            self.depth = 1;
            return Step::More;
        }
        self.line = line;
        self.bytes.push(byte);
        self.length = 1;
        self.list_key = ListKey::No;
        self.state = match byte {
            b'{' | b'[' => {
                self.depth = self.base + 1;
                State::Nested
            }
            b'"' => {
                self.in_string = true;
                State::Text
            }
            _ => State::Scalar,
        };
        Step::More
    }

    /// A byte within an element or after a list.
    fn inside(&mut self, byte: u8) -> Step {
        if self.in_string {
            return self.in_string(byte);
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.string_start = self.bytes.len();
            }
            b'{' | b'[' => {
                if byte == b'[' && self.list_key == ListKey::Colon {
                    return self.begin_list();
                }
                self.depth += 1;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth <= self.base && self.state == State::Nested {
                    return Step::Done;
                }
            }
            _ => {}
        }
        self.list_key = match (self.list_key, byte) {
            (key, byte) if byte.is_ascii_whitespace() => key,
            (ListKey::Name, b':') => ListKey::Colon,
            _ => ListKey::No,
        };
        Step::More
    }

    fn in_string(&mut self, byte: u8) -> Step {
        if self.escaped {
            self.escaped = false;
            return Step::More;
        }
        match byte {
            b'\\' => self.escaped = true,
            b'"' => {
                self.in_string = false;
                if self.state == State::Text {
                    return Step::Done;
                }
                let end = self.bytes.len().saturating_sub(1);
                let text = self.bytes.get(self.string_start..end);
                let at_top = self.base == 0 && self.depth == 1 && self.state == State::Nested;
                self.list_key = match text {
                    Some(b"results") if at_top => ListKey::Name,
                    _ => ListKey::No,
                };
            }
            _ => {}
        }
        Step::More
    }

    fn begin_list(&mut self) -> Step {
        self.bytes.clear();
        self.length = 0;
        self.list_key = ListKey::No;
        self.state = State::Between;
        self.base = 2;
        self.depth = 2;
        Step::More
    }

    fn keep(&mut self, byte: u8, limit: usize) {
        self.length = self.length.saturating_add(1);
        if self.length <= limit {
            self.bytes.push(byte);
        } else if !self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
    }

    /// The finished element, unless it was too long.
    fn take(&mut self, limit: usize) -> Option<Vec<u8>> {
        self.state = State::Between;
        self.in_string = false;
        self.depth = self.base;
        let length = std::mem::take(&mut self.length);
        let bytes = std::mem::take(&mut self.bytes);
        (length <= limit).then_some(bytes)
    }
}
