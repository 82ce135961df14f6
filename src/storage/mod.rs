//! Stand-in until the converter is merged.
use crate::model::*;
pub(crate) struct Context<'a> {
    pub(crate) title: &'a str,
    pub(crate) space_key: Option<&'a str>,
}
pub(crate) trait Names {
    fn user(&self, id: &str) -> Option<&str>;
}
pub(crate) struct Nobody;
impl Names for Nobody {
    fn user(&self, _: &str) -> Option<&str> {
        None
    }
}
pub(crate) fn convert(body: &RawBody, _c: &Context<'_>, _n: &dyn Names) -> Converted {
    let mut out = Converted::default();
    let mut text = String::new();
    let mut inside = false;
    for c in body.value.chars() {
        match c {
            '<' => {
                inside = true;
                text.push('\n');
            }
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let start = out.markdown.len();
        out.markdown.push_str(line);
        let r = start..out.markdown.len();
        out.markdown.push('\n');
        out.segments.push(Segment {
            kind: SegmentKind::Paragraph,
            markdown: r.clone(),
            text: r,
            source: 0..0,
            heading: None,
            group: start as u32,
        });
    }
    out.text = out.markdown.clone();
    out
}
