//! A whole dump, when `HEADWATER_CORPUS` names the folder that holds `corpus/`.
#![expect(clippy::print_stderr, reason = "says that it was skipped")]

use super::*;

#[test]
fn every_item_of_a_dump_is_read() {
    let Some(root) = std::env::var_os("HEADWATER_CORPUS") else {
        eprintln!("skipped: HEADWATER_CORPUS is not set");
        return;
    };
    let path = Path::new(&root).join("corpus/docs-2k.jsonl.gz");
    let mut source = open(&path, None).unwrap();
    let mut kept = Kept::default();
    let completeness = source.read(&mut kept).unwrap();
    assert_eq!(kept.failures, []);
    assert_eq!(kept.items.len(), 2_000);
    assert_eq!(completeness, Completeness::Complete);
    assert_eq!(kept.progress.last().copied(), source.size_hint());
    for item in &kept.items {
        let SourceItem::Content { content, body } = item else {
            panic!("{item:?}");
        };
        assert!(body.is_some() && content.url.is_some(), "{}", content.id);
        assert!(content.created.is_some() && content.version.when.is_some());
        assert!(content.space_key.is_some() && content.creator.is_some());
    }
}
