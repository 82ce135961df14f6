//! Nodes of Cloud's current editor that have no older equivalent and are stored in its
//! own format beside a fallback. The node is read; the fallback repeats it.

use std::ops::Range;

use super::build::Builder;
use super::flow::{AdfFrame, Bare};
use crate::model::{Block, BlockKind, Inline};

impl Builder<'_> {
    /// Closes a node.
    pub(super) fn close_adf(
        &mut self,
        frame: AdfFrame,
        mut blocks: Vec<Block>,
        mut held: Bare,
        source: Range<usize>,
    ) {
        let inlines = &mut held.inlines;
        let attribute = |key: &str| {
            let found = frame.attributes.iter().find(|(name, _)| name == key);
            found
                .map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty())
        };
        let empty = blocks.is_empty() && inlines.is_empty();
        if empty && let Some(text) = attribute("text").filter(|_| frame.kind.contains("extension"))
        {
            inlines.push(Inline::Text {
                text: text.to_owned(),
            });
        }
        if let Some(key) = attribute("extension-key") {
            let name = key.rsplit('/').next().unwrap_or(key).to_lowercase();
            *self.meta.macros.entry(name).or_default() += 1;
        }
        self.adf_understood = self.adf_understood
            || !(blocks.is_empty() && inlines.is_empty())
            || (frame.kind.contains("extension") && attribute("extension-key").is_some());
        match frame.kind.as_str() {
            "panel" => {
                let panel = format!("adf-{}", attribute("panel-type").unwrap_or("note"));
                blocks.splice(0..0, paragraph(held, &source));
                if !blocks.is_empty() {
                    self.block(
                        BlockKind::Panel {
                            panel,
                            title: Vec::new(),
                            blocks,
                        },
                        source,
                    );
                }
            }
            "decision-item" => {
                let state = attribute("state").unwrap_or("DECIDED").to_owned();
                let bare = paragraph(held, &source);
                self.decision(state, blocks, bare, source);
            }
            kind if !is_known(kind) => {
                self.note_once("unknown_adf_node", kind);
                self.place_adf(frame.inline, blocks, held, &source);
            }
            _ => self.place_adf(frame.inline, blocks, held, &source),
        }
    }

    /// Puts the content of a node that is nothing but its content.
    fn place_adf(
        &mut self,
        inline: bool,
        mut blocks: Vec<Block>,
        held: Bare,
        source: &Range<usize>,
    ) {
        if inline {
            self.append(held.inlines, held.number);
        } else {
            blocks.splice(0..0, paragraph(held, source));
        }
        self.splice(blocks);
    }

    fn decision(
        &mut self,
        state: String,
        blocks: Vec<Block>,
        bare: Option<Block>,
        source: Range<usize>,
    ) {
        let mut blocks = blocks.into_iter().peekable();
        let first = blocks.next_if(|block| matches!(block.kind, BlockKind::Paragraph { .. }));
        if let Some(Block {
            kind: BlockKind::Paragraph { inlines },
            number,
            ..
        }) = first.or(bare)
        {
            self.flush();
            self.move_here(number);
            self.block(BlockKind::Decision { state, inlines }, source);
        }
        self.splice(blocks.collect());
    }
}

fn paragraph(held: Bare, source: &Range<usize>) -> Option<Block> {
    let Bare { inlines, number } = held;
    (!inlines.is_empty()).then(|| Block {
        kind: BlockKind::Paragraph { inlines },
        source: source.clone(),
        number,
        hidden: false,
    })
}

/// Whether more is known of a node than that it has content.
fn is_known(kind: &str) -> bool {
    kind == "decision-list" || kind.contains("extension")
}
